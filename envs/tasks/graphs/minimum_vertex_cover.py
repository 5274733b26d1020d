"""Minimum-weight vertex cover: choose cheap vertices that touch every edge."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple, Self

from whetstone.envs.answers import Integers
from whetstone.envs.core import Rng, Task, Verdict, graded, invalid
from whetstone.envs.scoring import at_least
from whetstone.envs.tasks.graphs import _vertices, lib


@dataclass(frozen=True)
class MinimumVertexCover(Task[list[int]]):
    """
    >>> MinimumVertexCover(4, ((0, 1), (1, 2), (2, 3)), costs=(1, 5, 2, 2)).grade("<answer>2 0</answer>").score
    1.0
    """

    vertices: int
    edges: tuple[lib.Edge, ...]
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
        return cls(n, lib.random_graph(rng, n, edges=2 * n - 3), tuple(rng.integers(1, 10 + n, size=n).tolist()))

    def statement(self) -> str:
        costs = ", ".join(f"{v}: {cost}" for v, cost in enumerate(self.costs))
        return (
            f"{lib.described(self.vertices, self.edges)}\nThe costs of the vertices: {costs}.\nName different vertices "
            "of the smallest total cost such that every edge has at least one end among them."
        )

    def solve(self) -> list[int]:
        left = _vertices.heaviest_independent_set(lib.neighbours(self.vertices, self.edges), self.costs)
        return [v for v in range(self.vertices) if not left >> v & 1]

    def check(self, answer: list[int]) -> Verdict:
        if not lib.different(answer, self.vertices):
            return invalid(f"expected different vertices from 0 to {self.vertices - 1}")
        if any(set(edge).isdisjoint(answer) for edge in self.edges):
            return invalid("some edge has no end among the vertices")
        return graded(at_least(*(sum(self.costs[v] for v in chosen) for chosen in (answer, self.solution)), power=4))
