"""Maximum complete colouring: many colours, every two of which meet on some edge."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import combinations
from typing import NamedTuple, Self

from whetstone.envs.answers import Integers
from whetstone.envs.core import Rng, Task, Verdict, graded, invalid
from whetstone.envs.scoring import at_most
from whetstone.envs.tasks.graphs._vertices import numbered
from whetstone.envs.tasks.graphs.lib import Edge, described, divisions, neighbours, proper, random_graph


@dataclass(frozen=True)
class MaximumAchromaticNumber(Task[list[int]]):
    """
    >>> MaximumAchromaticNumber(4, ((0, 1), (1, 2), (2, 3))).grade("<answer>1 2 3 1</answer>").score
    1.0
    """

    vertices: int
    edges: tuple[Edge, ...]

    answer = Integers()

    class Size(NamedTuple):
        vertices: int

        @classmethod
        def at(cls, level: int) -> Self:
            return cls(vertices=4 + (level + 1) // 4)

    @classmethod
    def sample(cls, rng: Rng, size: Size) -> Self:
        return cls(size.vertices, random_graph(rng, size.vertices, size.vertices * (size.vertices - 1) // 4))

    def statement(self) -> str:
        return (
            f"{described(self.vertices, self.edges)}\nGive every vertex a colour, written as an integer, such that the "
            "two ends of every edge differ, and such that for every two colours in use some edge has these two "
            "colours at its ends. Use as many different colours as possible. List the colours of the vertices 0 to "
            f"{self.vertices - 1}."
        )

    def solve(self) -> list[int]:
        by_size = sorted(divisions(neighbours(self.vertices, self.edges)), key=len, reverse=True)
        return next(colours for classes in by_size if self._complete(colours := numbered(classes)))

    def check(self, answer: list[int]) -> Verdict:
        if len(answer) != self.vertices or not proper(answer, self.edges):
            return invalid(f"expected {self.vertices} colours, different at the ends of every edge")
        if not self._complete(answer):
            return invalid("expected every two colours to meet on some edge")
        return graded(at_most(len(set(answer)), len(set(self.solution)), power=3))

    def _complete(self, colours: list[int]) -> bool:
        met = {frozenset((colours[u], colours[v])) for u, v in self.edges}
        return all(frozenset(two) in met for two in combinations(set(colours), 2))
