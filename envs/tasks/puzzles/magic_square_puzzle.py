"""Magic square: complete a square whose rows, columns and diagonals have one sum."""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import chain
from typing import NamedTuple, Self

from whetstone.envs.answers import Rows
from whetstone.envs.core import Rng, Task, Verdict, graded, invalid
from whetstone.envs.scoring import share
from whetstone.envs.tasks.puzzles.lib import Grid, blanked, completes, magic_square, shown


@dataclass(frozen=True)
class MagicSquarePuzzle(Task[list[list[int]]]):
    """
    >>> square = (2, 7, -1), (9, 5, 1), (-1, 3, 8)
    >>> MagicSquarePuzzle(square, square).grade("<answer>2 7 6\\n9 5 1\\n4 3 8</answer>").score
    1.0
    """

    grid: Grid  # -1 is a blank
    planted: Grid = field(repr=False, compare=False)  # one solution

    answer = Rows()

    class Size(NamedTuple):
        order: int  # 3 or a multiple of 4
        blanks: int

        @classmethod
        def at(cls, level: int) -> Self:
            order = 3 if level <= 10 else 4 * ((level + 17) // 16)
            return cls(order, blanks=min(level + 1, order**2 - 2))

    @classmethod
    def sample(cls, rng: Rng, size: Size) -> Self:
        planted = magic_square(rng, size.order)
        return cls(blanked(rng, planted, size.blanks), planted)

    def statement(self) -> str:
        n = len(self.grid)
        total = n * (n * n + 1) // 2
        return f"Fill each . with 1 to {n * n}, each once. Rows, columns, diagonals sum to {total}:\n{shown(self.grid)}"

    def solve(self) -> list[list[int]]:
        return list(map(list, self.planted))

    def check(self, answer: list[list[int]]) -> Verdict:
        n = len(self.grid)
        if not completes(answer, self.grid) or sorted(chain(*answer)) != list(range(1, n * n + 1)):
            return invalid(f"expected each of 1 to {n * n} once, the given ones unchanged")
        diagonals = [[answer[i][i] for i in range(n)], [answer[i][-1 - i] for i in range(n)]]
        lines = [*answer, *zip(*answer, strict=True), *diagonals]
        return graded(share(2 * sum(line) == n * (n * n + 1) for line in lines))

    def worked(self) -> str:
        return ""
