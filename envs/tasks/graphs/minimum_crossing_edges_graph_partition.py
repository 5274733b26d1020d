"""Minimum K-cut: divide the vertices into K sets with few edges between them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple, Self

import numpy as np

from whetstone.envs.answers import Integers
from whetstone.envs.core import Rng, Task, Verdict, graded, invalid
from whetstone.envs.scoring import at_least
from whetstone.envs.tasks.graphs._vertices import least_cut
from whetstone.envs.tasks.graphs.lib import Edge, described, neighbours, pairs, random_edges


@dataclass(frozen=True)
class MinimumCrossingEdgesGraphPartition(Task[list[int]]):
    """
    >>> edges = ((0, 1), (1, 2), (2, 3), (1, 3))
    >>> MinimumCrossingEdgesGraphPartition(4, edges, 2).grade("<answer>1 0 0 0</answer>").score
    1.0
    """

    vertices: int
    edges: tuple[Edge, ...]
    sets: int

    answer = Integers()

    class Size(NamedTuple):
        vertices: int
        sets: int

        @classmethod
        def at(cls, level: int) -> Self:
            return cls(vertices=4 + level // 2, sets=2 + (level + 2) // 12)

    @classmethod
    def sample(cls, rng: Rng, size: Size) -> Self:
        n, group = size.vertices, rng.permutation(size.vertices) % size.sets  # dense within groups, thin between them
        u, v = np.array(pairs(n)).T
        return cls(n, random_edges(rng, n, np.where(group[u] == group[v], 0.9, 0.2)), size.sets)

    def statement(self) -> str:
        return (
            f"{described(self.vertices, self.edges)}\nDivide the vertices into {self.sets} non-empty sets, numbered 0 "
            f"to {self.sets - 1}, with as few edges as possible between vertices of different sets. For the vertices 0 "
            f"to {self.vertices - 1} in order, write the number of the set."
        )

    def solve(self) -> list[int]:
        return least_cut(neighbours(self.vertices, self.edges), self.sets)

    def check(self, answer: list[int]) -> Verdict:
        if len(answer) != self.vertices or set(answer) != set(range(self.sets)):
            return invalid(f"expected {self.vertices} numbers that include each of 0 to {self.sets - 1} and no other")
        return graded(at_least(*(sum(s[u] != s[v] for u, v in self.edges) for s in (answer, self.solution)), power=3))
