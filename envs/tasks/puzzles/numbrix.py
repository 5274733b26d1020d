"""Numbrix: complete a grid in which every number is next to its successor."""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import pairwise
from typing import NamedTuple, Self

from whetstone.envs.answers import Rows
from whetstone.envs.core import Rng, Task, Verdict, graded, invalid
from whetstone.envs.scoring import share
from whetstone.envs.tasks.puzzles.lib import Grid, blanked, completes, hamiltonian_path, shown


@dataclass(frozen=True)
class Numbrix(Task[list[list[int]]]):
    """
    >>> Numbrix(((0, -1), (3, -1)), ((0, 1), (3, 2))).grade("<answer>0 1\\n3 2</answer>").score
    1.0
    """

    grid: Grid  # -1 is a blank
    planted: Grid = field(repr=False, compare=False)  # one solution

    answer = Rows()

    class Size(NamedTuple):
        height: int
        width: int
        blanks: int

        @classmethod
        def at(cls, level: int) -> Self:
            height, width = 3 + max(0, level - 9) // 4, 3 + max(0, level - 6) // 3
            return cls(height, width, blanks=min(level + 1, height * width - 1))

    @classmethod
    def sample(cls, rng: Rng, size: Size) -> Self:
        number = {cell: i for i, cell in enumerate(hamiltonian_path(rng, size.height, size.width))}
        planted = tuple(tuple(number[i, j] for j in range(size.width)) for i in range(size.height))
        return cls(blanked(rng, planted, size.blanks), planted)

    def statement(self) -> str:
        last = len(self.grid) * len(self.grid[0]) - 1
        rule = f"Fill each . so that 0 to {last} occur once, each next to its successor (beside, above or below)"
        return f"{rule}:\n{shown(self.grid)}"

    def solve(self) -> list[list[int]]:
        return list(map(list, self.planted))

    def check(self, answer: list[list[int]]) -> Verdict:
        size = len(self.grid) * len(self.grid[0])
        place = {entry: (i, j) for i, row in enumerate(answer) for j, entry in enumerate(row)}
        if not completes(answer, self.grid) or set(place) != set(range(size)):
            return invalid(f"expected each of 0 to {size - 1} once, the given ones unchanged")
        steps = pairwise(place[number] for number in range(size))
        return graded(share(abs(i - k) + abs(j - m) == 1 for (i, j), (k, m) in steps))

    def worked(self) -> str:
        return ""
