"""Twiddle: reach an order of the tiles by rotating squares."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import NamedTuple, Self

from whetstone.envs.answers import Rows
from whetstone.envs.core import Rng, Task, Verdict, graded, invalid
from whetstone.envs.tasks.puzzles._moves import progress, random_corners, rotated, tiles
from whetstone.envs.tasks.puzzles.lib import Grid, shown


@dataclass(frozen=True)
class TwiddlePuzzle(Task[list[list[int]]]):
    """
    >>> TwiddlePuzzle(((0, 1), (2, 3)), ((1, 3), (0, 2)), 2, ((0, 0),)).grade("<answer>0 0</answer>").score
    1.0
    """

    start: Grid
    goal: Grid
    side: int  # of a square
    planted: Grid = field(repr=False, compare=False)  # rotations that will do

    answer = Rows(width=2)

    class Size(NamedTuple):
        height: int
        width: int
        rotations: int

        @classmethod
        def at(cls, level: int) -> Self:
            return cls(height=3 + level // 8, width=3 + (level + 4) // 8, rotations=1 + (level + 1) // 2)

    @classmethod
    def sample(cls, rng: Rng, size: Size) -> Self:
        start, side = tiles(rng, size.height, size.width), int(rng.integers(2, min(4, size.height)))
        planted = random_corners(rng, start, side, size.rotations)
        return cls(start, rotated(start, planted, side), side, planted)

    def statement(self) -> str:
        return (
            f'{shown(self.start)}\nAn operation "i j" rotates a square of {self.side} x {self.side} cells by 90 '
            "degrees counterclockwise: its top row, read from the left, becomes its left column, read from the bottom. "
            "The square's top left cell is in row i and column j, counted from 0, at the top and at the left. Reach "
            f"this grid, in any number of operations:\n{shown(self.goal)}\nWrite one operation a line."
        )

    def solve(self) -> list[list[int]]:
        return list(map(list, self.planted))

    def check(self, answer: list[list[int]]) -> Verdict:
        height, width = len(self.start) - self.side, len(self.start[0]) - self.side
        if not all(0 <= i <= height and 0 <= j <= width for i, j in answer):
            return invalid(f"expected rows from 0 to {height} and columns from 0 to {width}")
        return graded(progress(self.start, rotated(self.start, answer, self.side), self.goal))
