"""Fractional assignment: a permutation of the best ratio of sums."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple, Self

from whetstone.envs.answers import Integers
from whetstone.envs.core import Rng, Task, Verdict, graded, invalid
from whetstone.envs.scoring import at_most
from whetstone.envs.tasks.optimization._matrices import assignment, picked
from whetstone.envs.tasks.optimization.lib import best_ratio, different, frozen, table


@dataclass(frozen=True)
class FractionalProgrammingBipartiteGraphMatching(Task[list[int]]):
    """
    >>> problem = FractionalProgrammingBipartiteGraphMatching(((1, 5), (4, 1)), ((1, 2), (2, 1)))
    >>> problem.grade("<answer>1 0</answer>").score
    1.0
    """

    gains: tuple[tuple[int, ...], ...]
    costs: tuple[tuple[int, ...], ...]

    answer = Integers()

    class Size(NamedTuple):
        side: int
        bound: int  # of the elements, which are drawn from 1..bound

        @classmethod
        def at(cls, level: int) -> Self:
            return cls(side=3 + level // 2, bound=9 + 2 * level)

    @classmethod
    def sample(cls, rng: Rng, size: Size) -> Self:
        gains, costs = rng.integers(1, size.bound, size=(2, size.side, size.side), endpoint=True)
        return cls(frozen(gains), frozen(costs))

    def statement(self) -> str:
        return (
            f"Matrix A:\n{table(self.gains)}\nMatrix B:\n{table(self.costs)}\nChoose a column for each row (columns "
            "are counted from 0), no column twice, so that the sum of the chosen elements of A divided by the sum of "
            "the elements of B in the same places is as large as possible. Give the columns of the rows in order."
        )

    def solve(self) -> list[int]:
        both = [list(zip(*rows, strict=True)) for rows in zip(self.gains, self.costs, strict=True)]
        return best_ratio(self._sums, lambda p, q: assignment([[p * b - q * a for a, b in row] for row in both]))

    def check(self, answer: list[int]) -> Verdict:
        if len(answer) != len(self.gains) or not different(answer, len(self.gains)):
            return invalid(f"expected each column from 0 to {len(self.gains) - 1} once")
        (gain, cost), (most, least) = self._sums(answer), self._sums(self.solution)
        return graded(at_most(gain * least, most * cost, power=3))

    def _sums(self, columns: list[int]) -> tuple[int, int]:
        return picked(self.gains, columns), picked(self.costs, columns)
