"""Minimum Steiner tree: connect some of the vertices by the lightest edges."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple, Self

from whetstone.envs.answers import Rows
from whetstone.envs.core import Rng, Task, Verdict, graded, invalid
from whetstone.envs.scoring import at_least
from whetstone.envs.tasks.graphs import _vertices, lib


@dataclass(frozen=True)
class MinimumSteinerTree(Task[list[list[int]]]):
    """
    >>> star = ((0, 1, 4), (0, 3, 2), (1, 2, 5), (1, 3, 1), (2, 3, 3))
    >>> MinimumSteinerTree(4, star, terminals=(0, 1, 2)).grade("<answer>0 3\\n1 3\\n2 3</answer>").score
    1.0
    """

    vertices: int
    edges: tuple[lib.Weighted, ...]
    terminals: tuple[int, ...]

    answer = Rows(width=2)

    class Size(NamedTuple):
        vertices: int
        terminals: int

        @classmethod
        def at(cls, level: int) -> Self:
            return cls(vertices=4 + 2 * level // 3, terminals=2 + (level + 2) // 6)

    @classmethod
    def sample(cls, rng: Rng, size: Size) -> Self:
        n = size.vertices
        edges = lib.weighted(rng, lib.connected_graph(rng, n, edges=2 * n - 3), bound=9 + n)
        return cls(n, edges, tuple(sorted(rng.permutation(n)[: size.terminals].tolist())))

    def statement(self) -> str:
        terminals = ", ".join(map(str, self.terminals))
        return (
            f"{lib.described(self.vertices, self.edges)}\nChoose edges of the smallest total weight that form one "
            f"connected piece with the vertices {terminals} in it. Write the two ends of one chosen edge on each line."
        )

    def solve(self) -> list[list[int]]:
        return [list(self.edges[i][:2]) for i in _vertices.steiner_tree(self.vertices, self.edges, self.terminals)]

    def check(self, answer: list[list[int]]) -> Verdict:
        chosen = lib.named(answer, self.edges)
        if not chosen:
            return invalid("expected different edges of the graph")
        component = lib.components(self.vertices, chosen)
        if len({component[v] for v in (*self.terminals, *(edge[0] for edge in chosen))}) > 1:
            return invalid("the edges are not connected, or some of the vertices do not occur")
        best = lib.named(self.solution, self.edges) or []
        return graded(at_least(sum(edge[2] for edge in chosen), sum(edge[2] for edge in best), power=3))
