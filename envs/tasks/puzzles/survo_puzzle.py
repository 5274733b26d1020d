"""Survo: complete a grid of different numbers with given sums."""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import chain
from typing import NamedTuple, Self

from whetstone.envs.answers import Rows
from whetstone.envs.core import Rng, Task, Verdict, graded, invalid
from whetstone.envs.scoring import share
from whetstone.envs.tasks.puzzles._moves import tiles
from whetstone.envs.tasks.puzzles.lib import Grid, blanked, by_side, completes, ones, shown


@dataclass(frozen=True)
class SurvoPuzzle(Task[list[list[int]]]):
    """
    >>> SurvoPuzzle(((0, -1), (-1, 3)), (1, 5, 2, 4), ((0, 1), (2, 3))).grade("<answer>0 1\\n2 3</answer>").score
    1.0
    """

    grid: Grid  # -1 is a blank
    sums: tuple[int, ...]  # of each row, then of each column
    planted: Grid = field(repr=False, compare=False)  # one solution

    answer = Rows()

    class Size(NamedTuple):
        height: int
        width: int
        blanks: int

        @classmethod
        def at(cls, level: int) -> Self:
            height, width = 3 + level // 6, 3 + (level + 3) // 6
            return cls(height, width, blanks=min(3 + level, 4 * height * width // 5))

    @classmethod
    def sample(cls, rng: Rng, size: Size) -> Self:
        planted = tiles(rng, size.height, size.width)
        return cls(blanked(rng, planted, size.blanks), ones(planted), planted)

    def statement(self) -> str:
        rows, columns = by_side(self.sums, len(self.grid))
        return (
            f"{shown(self.grid)}\nFill each . so that the grid has each of 0 to "
            f"{len(self.grid) * len(self.grid[0]) - 1} once, the sums of the rows are {rows} (from the top) and the "
            f"sums of the columns are {columns} (from the left). Write the filled grid."
        )

    def solve(self) -> list[list[int]]:
        return list(map(list, self.planted))

    def check(self, answer: list[list[int]]) -> Verdict:
        size = len(self.grid) * len(self.grid[0])
        if not completes(answer, self.grid) or sorted(chain(*answer)) != list(range(size)):
            return invalid(f"expected each of 0 to {size - 1} once, the given ones unchanged")
        return graded(share(a == b for a, b in zip(ones(answer), self.sums, strict=True)))
