"""Matrix maxima: count matrices whose parts have given maxima."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple, Self

from whetstone.envs.answers import Integer
from whetstone.envs.core import Rng, Task, Verdict, graded
from whetstone.envs.scoring import exact
from whetstone.envs.tasks.counting._grids import with_maxima
from whetstone.envs.tasks.counting.lib import cells, modulo, modulus


@dataclass(frozen=True)
class MatrixRmqCounting(Task[int]):
    """
    >>> MatrixRmqCounting(1, 2, 3, ((1, 1, 1, 2, 2),), 100).grade("<answer>3</answer>").score  # 1 2, 2 1, 2 2
    1.0
    """

    rows: int
    columns: int
    top: int
    parts: tuple[tuple[int, int, int, int, int], ...]  # first and last row, first and last column, maximum
    modulus: int

    answer = Integer()

    class Size(NamedTuple):
        side: int  # at most
        top: int
        parts: int

        @classmethod
        def at(cls, level: int) -> Self:
            return cls(side=2 + level // 4, top=3 + level // 3, parts=2 + level // 3)

    @classmethod
    def sample(cls, rng: Rng, size: Size) -> Self:
        rows, columns = rng.integers(2, size.side, size=2, endpoint=True).tolist()
        matrix = rng.integers(1, size.top, size=(rows, columns), endpoint=True)
        ends = rng.integers(1, ((rows,), (columns,)), size=(size.parts, 2, 2), endpoint=True)
        ends.sort()
        parts = {(a, b, c, d, int(matrix[a - 1 : b, c - 1 : d].max())) for (a, b), (c, d) in ends.tolist()}
        return cls(rows, columns, size.top, tuple(sorted(parts)), modulus(rng))

    def statement(self) -> str:
        parts = "\n".join(f"rows {a} to {b}, columns {c} to {d}: {most}" for a, b, c, d, most in self.parts)
        return (
            f"How many matrices of {self.rows} rows and {self.columns} columns, with integer entries from 1 to "
            f"{self.top}, have exactly these maxima in these parts?\n{parts}\n{modulo(self.modulus)}"
        )

    def solve(self) -> int:
        parts = [(cells(*part[:4]), part[4]) for part in self.parts]
        return with_maxima(cells(1, self.rows, 1, self.columns), self.top, parts) % self.modulus

    def check(self, answer: int) -> Verdict:
        return graded(exact(answer, self.solution))
