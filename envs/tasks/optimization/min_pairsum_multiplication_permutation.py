"""Product assignment: a permutation of the smallest product of two sums."""

from __future__ import annotations

from dataclasses import dataclass
from math import prod
from typing import NamedTuple, Self

from whetstone.envs.answers import Integers
from whetstone.envs.core import Rng, Task, Verdict, graded, invalid
from whetstone.envs.scoring import at_least
from whetstone.envs.tasks.optimization._matrices import assignment, least_product, picked
from whetstone.envs.tasks.optimization.lib import different, frozen, table


@dataclass(frozen=True)
class MinPairsumMultiplicationPermutation(Task[list[int]]):
    """
    >>> problem = MinPairsumMultiplicationPermutation(((1, 4), (4, 2)), ((1, 5), (5, 3)))
    >>> problem.grade("<answer>0 1</answer>").score
    1.0
    """

    left: tuple[tuple[int, ...], ...]
    right: tuple[tuple[int, ...], ...]

    answer = Integers()

    class Size(NamedTuple):
        side: int
        bound: int  # of the elements, which are drawn from 1..bound

        @classmethod
        def at(cls, level: int) -> Self:
            return cls(side=3 + level // 3, bound=9 + 2 * level)

    @classmethod
    def sample(cls, rng: Rng, size: Size) -> Self:
        left, right = rng.integers(1, size.bound, size=(2, size.side, size.side), endpoint=True)
        return cls(frozen(left), frozen(right))

    def statement(self) -> str:
        return (
            f"Matrix A:\n{table(self.left)}\nMatrix B:\n{table(self.right)}\nChoose a column for each row (columns are "
            "counted from 0), no column twice, so that the sum of the chosen elements of A times the sum of the "
            "elements of B in the same places is as small as possible. Give the columns of the rows in order."
        )

    def solve(self) -> list[int]:
        both = [list(zip(*rows, strict=True)) for rows in zip(self.left, self.right, strict=True)]
        return least_product(self._sums, lambda p, q: assignment([[p * a + q * b for a, b in row] for row in both]))

    def check(self, answer: list[int]) -> Verdict:
        if len(answer) != len(self.left) or not different(answer, len(self.left)):
            return invalid(f"expected each column from 0 to {len(self.left) - 1} once")
        return graded(at_least(prod(self._sums(answer)), prod(self._sums(self.solution)), power=3))

    def _sums(self, columns: list[int]) -> tuple[int, int]:
        return picked(self.left, columns), picked(self.right, columns)
