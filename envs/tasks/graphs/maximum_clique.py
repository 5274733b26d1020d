"""Maximum clique: the most vertices that are pairwise joined."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import combinations
from typing import NamedTuple, Self

from whetstone.envs.answers import Integers
from whetstone.envs.core import Rng, Task, Verdict, graded, invalid
from whetstone.envs.scoring import at_most
from whetstone.envs.tasks.graphs import _vertices, lib


@dataclass(frozen=True)
class MaximumClique(Task[list[int]]):
    """
    >>> MaximumClique(4, ((0, 1), (0, 2), (1, 2), (2, 3))).grade("<answer>2 0 1</answer>").score
    1.0
    """

    vertices: int
    edges: tuple[lib.Edge, ...]

    answer = Integers()

    class Size(NamedTuple):
        vertices: int

        @classmethod
        def at(cls, level: int) -> Self:
            return cls(vertices=4 + level)

    @classmethod
    def sample(cls, rng: Rng, size: Size) -> Self:
        return cls(size.vertices, lib.random_graph(rng, size.vertices, size.vertices * (size.vertices - 1) // 4))

    def statement(self) -> str:
        return (
            f"{lib.described(self.vertices, self.edges)}\nName as many different vertices as possible such that every "
            "two of them are joined by an edge."
        )

    def solve(self) -> list[int]:
        strangers = [pair for pair in lib.pairs(self.vertices) if pair not in set(self.edges)]
        apart = lib.neighbours(self.vertices, strangers)
        return lib.bits(_vertices.heaviest_independent_set(apart, [1] * self.vertices))

    def check(self, answer: list[int]) -> Verdict:
        joined = set(self.edges)
        if not lib.different(answer, self.vertices) or not joined.issuperset(combinations(sorted(answer), 2)):
            return invalid("expected different vertices that are pairwise joined by edges")
        return graded(at_most(len(answer), len(self.solution), power=3))
