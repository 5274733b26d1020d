"""Cornfield: raise stretches of a list to lengthen its longest rising subsequence."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple, Self

from whetstone.envs.answers import WRITE, Rows
from whetstone.envs.core import Rng, Task, Verdict, graded, invalid
from whetstone.envs.scoring import at_most
from whetstone.envs.tasks.optimization._line import raising_starts
from whetstone.envs.tasks.optimization.lib import listed, longest_rising


@dataclass(frozen=True)
class Cornfield(Task[list[list[int]]]):
    """
    >>> Cornfield((2, 1, 3), 1).grade("<answer>1 2</answer>").score
    1.0
    """

    heights: tuple[int, ...]
    raises: int

    answer = Rows(width=2, instruction=WRITE.format("lines, each an interval: L R"))

    class Size(NamedTuple):
        length: int
        bound: int  # heights are drawn from 1..bound

        @classmethod
        def at(cls, level: int) -> Self:
            return cls(length=3 + level, bound=5 + level)

    @classmethod
    def sample(cls, rng: Rng, size: Size) -> Self:
        heights = rng.integers(1, size.bound, size=size.length, endpoint=True)
        return cls(tuple(heights.tolist()), raises=1 + size.length // 3)

    def statement(self) -> str:
        return (
            f"Corn stalks 0 to {len(self.heights) - 1} have these heights: {listed(self.heights)}\nExactly "
            f"{self.raises} times, choose an interval L R (0 <= L <= R <= {len(self.heights) - 1}, perhaps the same "
            "one again) and raise every stalk from L to R, both included, by 1. Then some stalks are pulled out so "
            "that the heights of those that stay never fall from left to right. Choose intervals for which as many as "
            "possible can stay."
        )

    def solve(self) -> list[list[int]]:
        """An interval that goes on to the end is as good as a shorter one."""
        starts = raising_starts(self.heights, self.raises)
        return [[start, len(self.heights) - 1] for start in [0] * (self.raises - len(starts)) + starts]

    def check(self, answer: list[list[int]]) -> Verdict:
        if len(answer) != self.raises or not all(0 <= left <= right < len(self.heights) for left, right in answer):
            return invalid(f"expected {self.raises} intervals L R, 0 <= L <= R <= {len(self.heights) - 1}")
        return graded(at_most(self._staying(answer), self._staying(self.solution), power=8))

    def _staying(self, raises: list[list[int]]) -> int:
        return longest_rising(h + sum(a <= i <= b for a, b in raises) for i, h in enumerate(self.heights))
