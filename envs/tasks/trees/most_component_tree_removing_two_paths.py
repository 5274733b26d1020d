"""Two removed paths: break a tree into as many parts as possible by deleting two paths."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple, Self

from whetstone.envs.answers import Integer
from whetstone.envs.core import Rng, Task, Verdict, graded
from whetstone.envs.scoring import exact
from whetstone.envs.tasks.trees.lib import Edge, described, most_components, random_tree


@dataclass(frozen=True)
class MostComponentTreeRemovingTwoPaths(Task[int]):
    """
    >>> star = (0, 1), (0, 2), (0, 3), (0, 4)
    >>> MostComponentTreeRemovingTwoPaths(star).grade("<answer>4</answer>").score
    1.0
    """

    edges: tuple[Edge, ...]

    answer = Integer()

    class Size(NamedTuple):
        fewest: int
        most: int  # vertices

        @classmethod
        def at(cls, level: int) -> Self:
            return cls(fewest=4 + level, most=4 + 4 * level)

    @classmethod
    def sample(cls, rng: Rng, size: Size) -> Self:
        return cls(random_tree(rng, int(rng.integers(size.fewest, size.most + 1))))

    def statement(self) -> str:
        return (
            f"{described(self.edges)}Choose two paths that have no edge in common; they may share a vertex, and a path "
            "may be a single vertex without edges. All vertices of both paths are deleted with their edges. What is "
            "the largest possible number of connected components that remain?"
        )

    def solve(self) -> int:
        return most_components(self.edges)

    def check(self, answer: int) -> Verdict:
        return graded(exact(answer, self.solution))
