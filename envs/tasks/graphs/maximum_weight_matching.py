"""Maximum-weight matching: the heaviest edges without a common end."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple, Self

from whetstone.envs.answers import Rows
from whetstone.envs.core import Rng, Task, Verdict, graded, invalid
from whetstone.envs.scoring import at_most
from whetstone.envs.tasks.graphs._vertices import heaviest_matching
from whetstone.envs.tasks.graphs.lib import Weighted, described, named, random_graph, weighted


@dataclass(frozen=True)
class MaximumWeightMatching(Task[list[list[int]]]):
    """
    >>> MaximumWeightMatching(4, ((0, 1, 3), (1, 2, 5), (2, 3, 3))).grade("<answer>0 1\\n3 2</answer>").score
    1.0
    """

    vertices: int
    edges: tuple[Weighted, ...]

    answer = Rows(width=2)

    class Size(NamedTuple):
        vertices: int

        @classmethod
        def at(cls, level: int) -> Self:
            return cls(vertices=4 + 2 * level // 3)

    @classmethod
    def sample(cls, rng: Rng, size: Size) -> Self:
        n = size.vertices
        return cls(n, weighted(rng, random_graph(rng, n, edges=2 * n - 3), bound=5 + n))

    def statement(self) -> str:
        return (
            f"{described(self.vertices, self.edges)}\nChoose edges of the largest total weight such that no vertex is "
            "an end of more than one of them. Write the two ends of one chosen edge on each line."
        )

    def solve(self) -> list[list[int]]:
        return list(map(list, heaviest_matching(self.vertices, self.edges)))

    def check(self, answer: list[list[int]]) -> Verdict:
        chosen = named(answer, self.edges)
        if chosen is None or len({v for edge in chosen for v in edge[:2]}) < 2 * len(chosen):
            return invalid("expected edges of the graph without a common end")
        best = named(self.solution, self.edges) or []
        return graded(at_most(sum(w for *_, w in chosen), sum(w for *_, w in best), power=3))
