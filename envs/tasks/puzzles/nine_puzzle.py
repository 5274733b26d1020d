"""Shifted lines: reach an order of the tiles by turning rows and columns round."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import NamedTuple, Self

from whetstone.envs.core import Rng, Task, Verdict, graded, invalid
from whetstone.envs.tasks.puzzles._moves import Shift, Shifts, progress, random_shifts, shifted, tiles
from whetstone.envs.tasks.puzzles.lib import Grid, shown


@dataclass(frozen=True)
class NinePuzzle(Task[list[Shift]]):
    """
    >>> NinePuzzle(((0, 1), (2, 3)), ((1, 0), (2, 3)), (1, 1), ()).grade("<answer>row 0 -1</answer>").score
    1.0
    """

    start: Grid
    goal: Grid
    limits: tuple[int, int]  # of the shift of a row, of a column
    planted: tuple[Shift, ...] = field(repr=False, compare=False)  # operations that will do

    answer = Shifts()

    class Size(NamedTuple):
        height: int
        width: int
        operations: int

        @classmethod
        def at(cls, level: int) -> Self:
            return cls(height=3 + level // 8, width=3 + (level + 4) // 8, operations=1 + (level + 1) // 2)

    @classmethod
    def sample(cls, rng: Rng, size: Size) -> Self:
        start = tiles(rng, size.height, size.width)
        limits = (int(rng.integers(1, size.width)), int(rng.integers(1, size.height)))
        planted = random_shifts(rng, start, limits, size.operations)
        return cls(start, shifted(start, planted), limits, planted)

    def statement(self) -> str:
        return (
            f'{shown(self.start)}\nAn operation "row i s" moves all numbers in row i s places to the right, "column '
            'j s" all numbers in column j s places down; what leaves the grid comes in again at the other end. A '
            f"negative s moves to the left or up. s is from -{self.limits[0]} to {self.limits[0]} for rows, from "
            f"-{self.limits[1]} to {self.limits[1]} for columns; i and j count from 0, at the top and at the left. "
            f"Reach this grid, in any number of operations:\n{shown(self.goal)}"
        )

    def solve(self) -> list[Shift]:
        return list(self.planted)

    def check(self, answer: list[Shift]) -> Verdict:
        bounds = {"row": (len(self.start), self.limits[0]), "column": (len(self.start[0]), self.limits[1])}
        if not all(0 <= i < bounds[word][0] and abs(shift) <= bounds[word][1] for word, i, shift in answer):
            return invalid("expected rows, columns and shifts within their limits")
        return graded(progress(self.start, shifted(self.start, answer), self.goal))
