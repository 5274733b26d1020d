"""The random stream of a problem: a pure function of its key."""

from __future__ import annotations

import hashlib
from typing import Any

import numpy as np
from numpy.random.bit_generator import ISeedSequence


class Digest(ISeedSequence):
    """Seeds a bit generator with a digest as it is: hashing it once more would take most of the time of a draw."""

    def __init__(self, digest: bytes) -> None:
        self.words = np.frombuffer(digest, "<u8")

    def generate_state(self, n_words: int, dtype: Any = np.uint32) -> np.ndarray:
        """The digest's words of 64 bits, of which PCG64 asks for four."""
        assert dtype is np.uint64 and n_words == len(self.words)
        return self.words


def stream(task: str, split: str, level: int, seed: int) -> np.random.Generator:
    """PCG64, seeded with the BLAKE2b digest of the four words of the key.

    Neighbouring keys share nothing, and a key gives the same numbers in every process and on every machine.
    """
    key = f"{task} {split} {level} {seed}".encode()
    words = Digest(hashlib.blake2b(key, digest_size=32).digest())
    return np.random.Generator(np.random.PCG64(words))  # pyright: ignore[reportArgumentType]  (NumPy's stubs lag)
