"""Sliding tiles: bring the tiles of a board into a given order."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import NamedTuple, Self

from whetstone.envs.answers import Text
from whetstone.envs.core import Rng, Task, Verdict, graded, invalid
from whetstone.envs.tasks.puzzles._moves import moved, progress, random_moves, tiles
from whetstone.envs.tasks.puzzles.lib import Grid, shown


@dataclass(frozen=True)
class EightDigitPuzzle(Task[str]):
    """
    >>> EightDigitPuzzle(((1, 0), (3, 2)), ((1, 2), (3, 0)), "D").grade("<answer>D</answer>").score
    1.0
    """

    start: Grid
    goal: Grid
    planted: str = field(repr=False, compare=False)  # moves that will do

    answer = Text("UDLR")

    class Size(NamedTuple):
        height: int
        width: int
        moves: int

        @classmethod
        def at(cls, level: int) -> Self:
            return cls(height=3 + level // 8, width=3 + (level + 4) // 8, moves=2 + level)

    @classmethod
    def sample(cls, rng: Rng, size: Size) -> Self:
        start = tiles(rng, size.height, size.width)
        moves = random_moves(rng, start, size.moves)
        return cls(start, moved(start, moves) or start, moves)

    def statement(self) -> str:
        return (
            f"Tiles lie on a board; 0 is the empty place:\n{shown(self.start)}\nA move exchanges 0 with the tile above "
            "it (U), below it (D), on its left (L) or on its right (R). Reach this board, in any number of "
            f"moves:\n{shown(self.goal)}\nWrite the letters of the moves in order, without anything between them."
        )

    def solve(self) -> str:
        return self.planted

    def check(self, answer: str) -> Verdict:
        reached = moved(self.start, answer)
        return (
            graded(progress(self.start, reached, self.goal)) if reached else invalid("expected 0 to stay on the board")
        )
