"""Minimal cyclic shift: the least rotation of a binary string."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple, Self

from whetstone.envs.answers import Text
from whetstone.envs.core import Rng, Task, Verdict, graded
from whetstone.envs.scoring import in_place


@dataclass(frozen=True)
class MinimalCyclicShift(Task[str]):
    """
    >>> MinimalCyclicShift("10010").grade("<answer>00101</answer>").score
    1.0
    """

    word: str

    answer = Text("01")

    class Size(NamedTuple):
        length: int
        runs: int  # stretches of one digit

        @classmethod
        def at(cls, level: int) -> Self:
            return cls(length=6 + 2 * level, runs=2 + level)

    @classmethod
    def sample(cls, rng: Rng, size: Size) -> Self:
        starts = set((rng.permutation(size.length - 1)[: size.runs - 1] + 1).tolist())
        first = int(rng.integers(2))
        return cls("".join(str((first + sum(i >= start for start in starts)) % 2) for i in range(size.length)))

    def statement(self) -> str:
        rotation = "rotation (some digits from its front moved to its end)"
        return f"Write the lexicographically smallest {rotation} of {self.word}"

    def solve(self) -> str:
        return min(self.word[i:] + self.word[:i] for i in range(len(self.word)))

    def check(self, answer: str) -> Verdict:
        return graded(in_place(answer, self.solution) ** 4)  # as the word itself has half of its digits in place

    def worked(self) -> str:
        return ""
