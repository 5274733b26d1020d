"""What an author writes of a programming problem; tests, certificate and environments are made from it.

A blueprint is one file, `envs/code/problems/<topic>/<name>.py`, with one subclass of `Blueprint`. Its programs are
text: complete programs that read standard input, as a policy would write them.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, ClassVar

from whetstone.envs.code.problem import Comparison
from whetstone.envs.code.sandbox.types import Limits, Program

if TYPE_CHECKING:
    from numpy.random import Generator as Rng

SIZES = range(1, 11)  # of random inputs: 1 to 3 within the reach of the brute force, 10 close to the limits


class Blueprint(ABC):
    """A problem with everything that proves it. Nothing here is shown to a policy but the first six fields."""

    title: ClassVar[str]
    statement: ClassVar[str]
    """The story and the task, complete: every bound, tie-break and index base."""
    input_format: ClassVar[str]
    output_format: ClassVar[str]
    samples: ClassVar[tuple[str, ...]]
    """One to three small inputs that are shown; the outputs are the reference's."""
    limits: ClassVar[Limits] = Limits()

    topics: ClassVar[tuple[str, ...]]
    level: ClassVar[int]
    """0 (read and print) to 10 (hard for a frontier model)."""
    comparison: ClassVar[Comparison] = Comparison()

    reference: ClassVar[str]
    """A right Python program that takes at most a fifth of the CPU limit on every test."""
    brute: ClassVar[str]
    """A right Python program by another idea, straight from the statement, for inputs of sizes 1 to 3."""
    right: ClassVar[Mapping[str, Program]]
    """Right programs by other ideas or in another style or language, at least one: idea -> program."""
    wrong: ClassVar[Mapping[str, str]]
    """At least four wrong Python programs, as a policy would err (overflow has no meaning here; off by one, greedy,
    wrong tie, missed empty case, wrong start, too slow do): idea -> program."""
    equivalent: ClassVar[Mapping[str, str]] = {}
    """Mutants of the reference that no input can tell from it: the mutant's name -> why."""

    @classmethod
    @abstractmethod
    def validate(cls, text: str) -> None:
        """Check an input against the statement's promises with a `Reader`; raises `ValueError` naming the place."""

    @classmethod
    @abstractmethod
    def small(cls) -> Iterator[str]:
        """Edge cases and small inputs in a fixed order (all of them up to some size, where they are few)."""

    @classmethod
    @abstractmethod
    def random(cls, rng: Rng, size: int) -> str:
        """A random input; `size` is one of `SIZES`. Varies in shape, not only in numbers."""

    @classmethod
    @abstractmethod
    def worst(cls, rng: Rng) -> Iterator[str]:
        """Inputs at the limits, on which a program that is too slow takes too long."""

    @classmethod
    @abstractmethod
    def hack(cls, rng: Rng, idea: str) -> str:
        """An input on which `wrong[idea]` tends to fail."""
