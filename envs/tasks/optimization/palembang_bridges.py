"""Bridges: place crossings that keep all ways short."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple, Self

from whetstone.envs.answers import Integers
from whetstone.envs.core import Rng, Task, Verdict, graded, invalid
from whetstone.envs.scoring import at_least
from whetstone.envs.tasks.optimization._line import best_bridges, walked
from whetstone.envs.tasks.optimization.lib import frozen, table


@dataclass(frozen=True)
class PalembangBridges(Task[list[int]]):
    """
    >>> PalembangBridges(((0, 4), (2, 2)), 1).grade("<answer>2</answer>").score
    1.0
    """

    ways: tuple[tuple[int, int], ...]  # (start on one bank, end on the other)
    bridges: int  # 1 or 2

    answer = Integers()

    class Size(NamedTuple):
        people: int
        bridges: int

        @classmethod
        def at(cls, level: int) -> Self:
            return cls(people=3 + level, bridges=1 + min(1, level))

    @classmethod
    def sample(cls, rng: Rng, size: Size) -> Self:
        n, near = size.people, 3 * size.people
        ways = rng.integers((0, -near), (9 * n, near), size=(n, 2))
        ways[:, 1] = (ways[:, 0] + ways[:, 1]).clip(0)
        return cls(frozen(ways), size.bridges)

    def statement(self) -> str:
        return (
            "These people walk from a position on one bank of a straight river to a position on the other, one person "
            f"a line, as start and end:\n{table(self.ways)}\nThere will be {self.bridges} bridge(s), at integer "
            "positions. A person who crosses at position P walks |start - P| + |P - end|, and takes the bridge for "
            "which that is least. Make the sum over all people as small as possible. Give the position of each bridge."
        )

    def solve(self) -> list[int]:
        return best_bridges(self.ways, self.bridges)

    def check(self, answer: list[int]) -> Verdict:
        if len(answer) != self.bridges:
            return invalid(f"expected {self.bridges} positions")
        return graded(at_least(*(walked(self.ways, bridges) for bridges in (answer, self.solution)), power=12))
