"""Smooth submatrix: choose rows and columns of similar numbers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple, Self

from whetstone.envs.answers import WRITE, Rows
from whetstone.envs.core import Rng, Task, Verdict, graded, invalid
from whetstone.envs.scoring import at_least
from whetstone.envs.tasks.optimization._matrices import roughness, smooth_submatrix
from whetstone.envs.tasks.optimization.lib import different, frozen, table


@dataclass(frozen=True)
class MinimumSumDifferenceSubmatrix(Task[list[list[int]]]):
    """
    >>> problem = MinimumSumDifferenceSubmatrix(((1, 9, 2), (5, 0, 5), (1, 8, 2)), 2, 2)
    >>> problem.grade("<answer>0 2\\n0 2</answer>").score
    1.0
    """

    matrix: tuple[tuple[int, ...], ...]
    rows: int  # to choose
    columns: int

    answer = Rows(instruction=WRITE.format("two lines: the rows, the columns"))

    class Size(NamedTuple):
        height: int
        width: int

        @classmethod
        def at(cls, level: int) -> Self:
            return cls(height=4 + level // 8, width=4 + level // 3)

    @classmethod
    def sample(cls, rng: Rng, size: Size) -> Self:
        matrix = rng.integers(1, 3 * size.width, size=(size.height, size.width))
        return cls(frozen(matrix), size.height // 2, size.width // 2)

    def statement(self) -> str:
        return (
            f"A matrix:\n{table(self.matrix)}\nChoose {self.rows} of its rows and {self.columns} of its columns (both "
            "counted from 0), which leaves a smaller matrix. Add up the absolute differences of all pairs of elements "
            "next to each other in a row or a column of the smaller matrix; make this sum as small as possible. Give "
            "the rows in increasing order on the first line, the columns in increasing order on the second."
        )

    def solve(self) -> list[list[int]]:
        return smooth_submatrix(self.matrix, self.rows, self.columns)

    def check(self, answer: list[list[int]]) -> Verdict:
        rising = answer == [sorted(set(line)) for line in answer]
        if not rising or [len(line) for line in answer] != [self.rows, self.columns]:
            return invalid(f"expected {self.rows} rows and {self.columns} columns, each in increasing order")
        if not (different(answer[0], len(self.matrix)) and different(answer[1], len(self.matrix[0]))):
            return invalid("expected rows and columns of the matrix")
        return graded(at_least(*(roughness(self.matrix, *lines) + 1 for lines in (answer, self.solution)), power=2))
