"""Minimum harmonious colouring: every two colours meet on at most one edge."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple, Self

from whetstone.envs.answers import Integers
from whetstone.envs.core import Rng, Task, Verdict, graded, invalid
from whetstone.envs.scoring import at_least
from whetstone.envs.tasks.graphs._vertices import harmonious
from whetstone.envs.tasks.graphs.lib import Edge, described, neighbours, proper, random_graph


@dataclass(frozen=True)
class MinimumHarmoniousChromaticNumber(Task[list[int]]):
    """
    >>> MinimumHarmoniousChromaticNumber(4, ((0, 1), (1, 2), (2, 3))).grade("<answer>1 2 3 1</answer>").score
    1.0
    """

    vertices: int
    edges: tuple[Edge, ...]

    answer = Integers()

    class Size(NamedTuple):
        vertices: int

        @classmethod
        def at(cls, level: int) -> Self:
            return cls(vertices=5 + 2 * level // 5)

    @classmethod
    def sample(cls, rng: Rng, size: Size) -> Self:
        return cls(size.vertices, random_graph(rng, size.vertices, edges=size.vertices - 1))

    def statement(self) -> str:
        return (
            f"{described(self.vertices, self.edges)}\nGive every vertex a colour, an integer, such that the ends of "
            "every edge differ in colour and no two edges have the same pair of colours at their ends. Use as few "
            f"different colours as possible. List the colours of the vertices 0 to {self.vertices - 1}."
        )

    def solve(self) -> list[int]:
        return harmonious(neighbours(self.vertices, self.edges))

    def check(self, answer: list[int]) -> Verdict:
        if len(answer) != self.vertices or not proper(answer, self.edges):
            return invalid(f"expected {self.vertices} colours, different at the ends of every edge")
        if len({frozenset((answer[u], answer[v])) for u, v in self.edges}) < len(self.edges):
            return invalid("expected no two edges with the same two colours")
        return graded(at_least(len(set(answer)), len(set(self.solution)), power=4))
