"""K-th largest of an assignment: keep it small."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple, Self

from whetstone.envs.answers import Integers
from whetstone.envs.core import Rng, Task, Verdict, graded, invalid
from whetstone.envs.scoring import at_least
from whetstone.envs.tasks.optimization._matrices import capped_matching
from whetstone.envs.tasks.optimization.lib import different, frozen, table


@dataclass(frozen=True)
class MinimumUnconflictedGridKmax(Task[list[int]]):
    """
    >>> MinimumUnconflictedGridKmax(((5, 1), (1, 5)), 1).grade("<answer>2 1</answer>").score
    1.0
    """

    grid: tuple[tuple[int, ...], ...]  # no fewer columns than rows
    k: int

    answer = Integers()

    class Size(NamedTuple):
        rows: int
        columns: int

        @classmethod
        def at(cls, level: int) -> Self:
            return cls(rows=3 + level // 2, columns=3 + (level + 1) // 2)

    @classmethod
    def sample(cls, rng: Rng, size: Size) -> Self:
        grid = rng.integers(1, 8 * size.rows, size=(size.rows, size.columns))
        return cls(frozen(grid), k=(size.rows + 1) // 3)

    def statement(self) -> str:
        return (
            f"A grid:\n{table(self.grid)}\nRows and columns are counted from 1. Choose one number from each row, no "
            f"two in the same column. Sort the chosen numbers from large to small: make the one in place {self.k} (1 "
            "is the largest) as small as possible. Give the columns of the chosen numbers, from the first row to the "
            "last."
        )

    def solve(self) -> list[int]:
        """All rows but k - 1 can be matched to columns where they have at most the wanted number."""
        column = capped_matching(self.grid, len(self.grid) - self.k + 1)
        spare = [j for j in range(len(self.grid[0])) if j not in column.values()]
        return [column[i] + 1 if i in column else spare.pop() + 1 for i in range(len(self.grid))]

    def check(self, answer: list[int]) -> Verdict:
        if len(answer) != len(self.grid) or not different(answer, len(self.grid[0]), first=1):
            return invalid(f"expected {len(self.grid)} different columns from 1 to {len(self.grid[0])}")
        return graded(at_least(self._kth(answer), self._kth(self.solution), power=2))

    def _kth(self, columns: list[int]) -> int:
        return sorted((row[j - 1] for row, j in zip(self.grid, columns, strict=True)), reverse=True)[self.k - 1]
