"""Vertex K-center: place K centres so that no vertex is far from the nearest."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple, Self

from whetstone.envs.answers import Integers
from whetstone.envs.core import Rng, Task, Verdict, graded, invalid
from whetstone.envs.scoring import at_least
from whetstone.envs.tasks.graphs import _vertices, lib


@dataclass(frozen=True)
class VertexKCenter(Task[list[int]]):
    """
    >>> path = ((0, 1, 3), (1, 2, 2), (2, 3, 5))
    >>> VertexKCenter(4, path, centers=2).grade("<answer>1 3</answer>").score
    1.0
    """

    vertices: int
    edges: tuple[lib.Weighted, ...]
    centers: int

    answer = Integers()

    class Size(NamedTuple):
        vertices: int
        centers: int

        @classmethod
        def at(cls, level: int) -> Self:
            return cls(vertices=4 + 2 * level // 3, centers=1 + (level + 5) // 6)

    @classmethod
    def sample(cls, rng: Rng, size: Size) -> Self:
        n = size.vertices
        return cls(n, lib.weighted(rng, lib.connected_graph(rng, n, edges=3 * n // 2 - 1), bound=9 + n), size.centers)

    def statement(self) -> str:
        return (
            f"{lib.described(self.vertices, self.edges)}\nWeights are lengths. Name {self.centers} of the vertices so "
            "that the largest distance (along edges) of any vertex from the nearest of them is as small as can be."
        )

    def solve(self) -> list[int]:
        table = _vertices.routes(self.vertices, self.edges)
        radii = sorted({length for row in table for length, _ in row})
        within = ([sum(1 << v for v, (length, _) in enumerate(row) if length <= r) for row in table] for r in radii)
        covers = (_vertices.lightest_cover(sets, [1] * self.vertices) for sets in within)
        found = next(cover for cover in covers if len(cover) <= self.centers)
        return found + [v for v in range(self.vertices) if v not in found][: self.centers - len(found)]

    def check(self, answer: list[int]) -> Verdict:
        if len(answer) != self.centers or not lib.different(answer, self.vertices):
            return invalid(f"expected {self.centers} different vertices from 0 to {self.vertices - 1}")
        table = _vertices.routes(self.vertices, self.edges)
        radii = (max(min(row[c][0] for c in centers) for row in table) for centers in (answer, self.solution))
        return graded(at_least(*radii, power=8))
