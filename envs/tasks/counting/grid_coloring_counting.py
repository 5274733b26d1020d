"""Colour cells of a grid so that no row or column sees two colours."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple, Self

from whetstone.envs.answers import Integer
from whetstone.envs.core import Rng, Task, Verdict, graded
from whetstone.envs.scoring import exact
from whetstone.envs.tasks.counting._grids import line_colourings
from whetstone.envs.tasks.counting.lib import modulo, prime


@dataclass(frozen=True)
class GridColoringCounting(Task[int]):
    """
    >>> GridColoringCounting(rows=2, columns=2, cells=(1, 1), modulus=101).grade("<answer>4</answer>").score
    1.0
    """

    rows: int
    columns: int
    cells: tuple[int, ...]  # of each colour
    modulus: int  # prime: the count has factorials in it

    answer = Integer()

    class Size(NamedTuple):
        side: int  # at most
        colours: int

        @classmethod
        def at(cls, level: int) -> Self:
            return cls(3 + level // 3, 2 + level // 16)

    @classmethod
    def sample(cls, rng: Rng, size: Size) -> Self:
        rows, columns = rng.integers(1 + size.side // 2, size.side, size=2, endpoint=True).tolist()
        room = (rows // size.colours) * (columns // size.colours)
        return cls(rows, columns, tuple(rng.integers(1, room, size=size.colours, endpoint=True).tolist()), prime(rng))

    def statement(self) -> str:
        return (
            f"A grid has {self.rows} rows and {self.columns} columns. Some cells are coloured, the others stay blank; "
            "no row and no column contains two different colours. Numbers of cells to have colour 1, 2, ...: "
            f"{' '.join(map(str, self.cells))}. In how many ways can this be done? {modulo(self.modulus)}"
        )

    def solve(self) -> int:
        return line_colourings(self.rows, self.columns, self.cells) % self.modulus

    def check(self, answer: int) -> Verdict:
        return graded(exact(answer, self.solution))
