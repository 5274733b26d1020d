"""A small cluster on this machine, and a micro policy."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import pytest
import torch

from whetstone.policy.config import zaya_config
from whetstone.policy.model import ZayaPolicy, initialise


class Numbers:
    """`3 4 5` is the tokens 3, 4, 5."""

    eos = 2

    def encode(self, text: str) -> list[int]:
        return [int(word) for word in text.split()]

    def decode(self, tokens: Sequence[int]) -> str:
        return " ".join(map(str, tokens))


@pytest.fixture
def make_policy() -> Callable[[int], ZayaPolicy]:
    """Policies of one small shape, each with weights of its own."""
    torch.set_num_threads(1)

    def make(seed: int) -> ZayaPolicy:
        config = zaya_config(
            vocab_size=40,
            hidden_size=32,
            layers=1,
            heads=4,
            kv_heads=2,
            head_dim=8,
            experts=4,
            expert_size=32,
            router_size=16,
            rotary=0.5,
            max_positions=128,
            pad=0,
            bos=1,
            eos=2,
        )
        return initialise(ZayaPolicy(config), seed).eval()

    return make
