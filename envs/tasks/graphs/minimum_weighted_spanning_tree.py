"""Depth-weighted spanning tree: an edge costs more the deeper it lies."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple, Self

from whetstone.envs.answers import WRITE, Rows
from whetstone.envs.core import Rng, Task, Verdict, graded, invalid
from whetstone.envs.scoring import at_least
from whetstone.envs.tasks.graphs import _vertices, lib


@dataclass(frozen=True)
class MinimumWeightedSpanningTree(Task[list[list[int]]]):
    """
    >>> MinimumWeightedSpanningTree(3, ((0, 1, 1), (0, 2, 4), (1, 2, 2))).grade("<answer>1\\n0 1\\n2 1</answer>").score
    1.0
    """

    vertices: int
    edges: tuple[lib.Weighted, ...]

    answer = Rows(instruction=WRITE.format("root on the first line, then the two ends of one edge on each line"))

    class Size(NamedTuple):
        vertices: int
        bound: int  # weights are drawn from 1..bound

        @classmethod
        def at(cls, level: int) -> Self:
            return cls(vertices=3 + (level + 8) // 6, bound=9 + level)

    @classmethod
    def sample(cls, rng: Rng, size: Size) -> Self:
        n = size.vertices
        return cls(n, lib.weighted(rng, lib.connected_graph(rng, n, edges=2 * n - 3), bound=size.bound))

    def statement(self) -> str:
        return (
            f"{lib.described(self.vertices, self.edges)}\nChoose a root and {self.vertices - 1} edges that connect all "
            "vertices. A chosen edge of weight w costs w x d, where d is the number of chosen edges on the way from "
            "the root to the far end of the edge, itself included. Make the total cost as small as possible."
        )

    def solve(self) -> list[list[int]]:
        return _vertices.layered_tree(self.vertices, self.edges)

    def check(self, answer: list[list[int]]) -> Verdict:
        tree = lib.named(answer[1:], self.edges)
        if tree is None or not lib.is_tree(self.vertices, tree) or answer[0] not in [[v] for v in range(self.vertices)]:
            return invalid(f"expected a root and {self.vertices - 1} edges of the graph that connect all vertices")
        return graded(at_least(self._cost(answer), self._cost(self.solution), power=4))

    def _cost(self, answer: list[list[int]]) -> int:
        depth, tree = {answer[0][0]: 0}, lib.named(answer[1:], self.edges) or []
        while len(depth) < self.vertices:
            for u, v in ((a, b) for edge in tree for a, b in (edge[:2], edge[1::-1]) if a in depth):
                depth.setdefault(v, depth[u] + 1)
        return sum(w * max(depth[u], depth[v]) for u, v, w in tree)
