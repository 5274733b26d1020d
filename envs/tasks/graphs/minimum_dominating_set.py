"""Minimum-weight dominating set: choose cheap vertices next to all others."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple, Self

from whetstone.envs.answers import Integers
from whetstone.envs.core import Rng, Task, Verdict, graded, invalid
from whetstone.envs.scoring import at_least
from whetstone.envs.tasks.graphs._vertices import lightest_cover
from whetstone.envs.tasks.graphs.lib import Edge, described, different, neighbours, random_graph


@dataclass(frozen=True)
class MinimumDominatingSet(Task[list[int]]):
    """
    >>> MinimumDominatingSet(4, ((0, 1), (1, 2), (2, 3)), costs=(1, 5, 2, 2)).grade("<answer>0 2</answer>").score
    1.0
    """

    vertices: int
    edges: tuple[Edge, ...]
    costs: tuple[int, ...]

    answer = Integers()

    class Size(NamedTuple):
        vertices: int

        @classmethod
        def at(cls, level: int) -> Self:
            return cls(vertices=4 + 2 * level // 3)

    @classmethod
    def sample(cls, rng: Rng, size: Size) -> Self:
        n = size.vertices
        return cls(n, random_graph(rng, n, edges=3 * n // 2 - 1), tuple(rng.integers(1, 10 + n, size=n).tolist()))

    def statement(self) -> str:
        costs = ", ".join(f"{v}: {cost}" for v, cost in enumerate(self.costs))
        return (
            f"{described(self.vertices, self.edges)}\nThe costs of the vertices: {costs}.\nName different vertices of "
            "the smallest total cost such that every vertex is named or joined by an edge to one that is named."
        )

    def solve(self) -> list[int]:
        near = neighbours(self.vertices, self.edges)
        return sorted(lightest_cover([near[v] | 1 << v for v in range(self.vertices)], self.costs))

    def check(self, answer: list[int]) -> Verdict:
        if not different(answer, self.vertices):
            return invalid(f"expected different vertices from 0 to {self.vertices - 1}")
        reached = set(answer) | {v for edge in self.edges if not set(edge).isdisjoint(answer) for v in edge}
        if len(reached) < self.vertices:
            return invalid("some vertex is neither named nor joined to one that is")
        return graded(at_least(*(sum(self.costs[v] for v in chosen) for chosen in (answer, self.solution)), power=4))
