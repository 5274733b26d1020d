"""Balanced batches: split signs evenly, with the first ends in order."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple, Self

from whetstone.envs.answers import Integers
from whetstone.envs.core import Rng, Task, Verdict, graded, invalid
from whetstone.envs.scoring import at_least
from whetstone.envs.tasks.optimization._batches import balanced_groups, imbalance
from whetstone.envs.tasks.optimization.lib import listed


@dataclass(frozen=True)
class MinimumMaxAbsSlicer(Task[list[int]]):
    """
    >>> MinimumMaxAbsSlicer((3, 1, 4, 2), (1, -1, 1, 1), 2).grade("<answer>3 2</answer>").score
    1.0
    """

    labels: tuple[int, ...]  # a permutation
    signs: tuple[int, ...]
    parts: int

    answer = Integers()

    class Size(NamedTuple):
        length: int

        @classmethod
        def at(cls, level: int) -> Self:
            return cls(length=4 + level)

    @classmethod
    def sample(cls, rng: Rng, size: Size) -> Self:
        labels, signs = 1 + rng.permutation(size.length), 2 * rng.integers(2, size=size.length) - 1
        return cls(tuple(labels.tolist()), tuple(signs.tolist()), parts=1 + size.length // 4)

    def statement(self) -> str:
        people = listed(f"{label}{'- +'[sign + 1]}" for label, sign in zip(self.labels, self.signs, strict=True))
        return (
            f"People stand in a row, with a label and, behind it, a sign: {people}\nCut the row into exactly "
            f"{self.parts} consecutive non-empty groups. The imbalance of a group is how many more signs of one kind "
            "it has than of the other. First, make the largest imbalance as small as possible. Of all ways to do "
            "that, take the one with the lexicographically smallest list of the labels of the last person of each "
            "group, in the order of the row. Give that list."
        )

    def solve(self) -> list[int]:
        return balanced_groups(self.labels, self.signs, self.parts)

    def check(self, answer: list[int]) -> Verdict:
        worst, best = (imbalance(self.labels, self.signs, labels, self.parts) for labels in (answer, self.solution))
        if worst < 0:
            return invalid(f"expected {self.parts} labels in the order of the row, the last one {self.labels[-1]}")
        if (worst, answer) < (best, self.solution):
            raise AssertionError(f"{answer} comes before the reference {self.solution}")
        return graded(1.0 if answer == self.solution else at_least(worst + 1, best + 1) / 2)
