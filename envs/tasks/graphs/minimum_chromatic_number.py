"""Minimum colouring: colour a graph with as few colours as possible."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple, Self

from whetstone.envs.answers import Integers
from whetstone.envs.core import Rng, Task, Verdict, graded, invalid
from whetstone.envs.scoring import at_least
from whetstone.envs.tasks.graphs._vertices import least_colouring
from whetstone.envs.tasks.graphs.lib import Edge, described, neighbours, proper, random_graph


@dataclass(frozen=True)
class MinimumChromaticNumber(Task[list[int]]):
    """
    >>> MinimumChromaticNumber(4, ((0, 1), (1, 2), (2, 3))).grade("<answer>1 2 1 2</answer>").score
    1.0
    """

    vertices: int
    edges: tuple[Edge, ...]

    answer = Integers()

    class Size(NamedTuple):
        vertices: int

        @classmethod
        def at(cls, level: int) -> Self:
            return cls(vertices=4 + 2 * level // 3)

    @classmethod
    def sample(cls, rng: Rng, size: Size) -> Self:
        return cls(size.vertices, random_graph(rng, size.vertices, size.vertices * (size.vertices - 1) // 4))

    def statement(self) -> str:
        return (
            f"{described(self.vertices, self.edges)}\nGive every vertex a colour, written as an integer, such that the "
            "two ends of every edge have different colours. Use as few different colours as possible. List the "
            f"colours of the vertices 0 to {self.vertices - 1}."
        )

    def solve(self) -> list[int]:
        return least_colouring(neighbours(self.vertices, self.edges))

    def check(self, answer: list[int]) -> Verdict:
        if len(answer) != self.vertices or not proper(answer, self.edges):
            return invalid(f"expected {self.vertices} colours, different at the ends of every edge")
        return graded(at_least(len(set(answer)), len(set(self.solution)), power=3))
