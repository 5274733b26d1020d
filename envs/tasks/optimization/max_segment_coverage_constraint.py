"""Segments under capacities: keep as many segments as points can bear."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple, Self

import numpy as np

from whetstone.envs.answers import Integers
from whetstone.envs.core import Rng, Task, Verdict, graded, invalid
from whetstone.envs.scoring import at_most
from whetstone.envs.tasks.optimization._line import bearable_segments
from whetstone.envs.tasks.optimization.lib import different, frozen, numbered


@dataclass(frozen=True)
class MaxSegmentCoverageConstraint(Task[list[int]]):
    """
    >>> MaxSegmentCoverageConstraint(((1, 3), (2, 4), (4, 5)), ((2, 1),)).grade("<answer>0 2</answer>").score
    1.0
    """

    segments: tuple[tuple[int, int], ...]  # (left, right)
    limits: tuple[tuple[int, int], ...]  # (point, how many chosen segments it may lie in)

    answer = Integers()

    class Size(NamedTuple):
        segments: int

        @classmethod
        def at(cls, level: int) -> Self:
            return cls(segments=3 + level)

    @classmethod
    def sample(cls, rng: Rng, size: Size) -> Self:
        n = size.segments
        ends = np.sort(rng.integers(1, 2 * n, size=(n, 2), endpoint=True), axis=1)
        points = np.sort(1 + rng.permutation(2 * n)[: n // 2 + 1])
        return cls(frozen(ends), frozen(np.stack([points, rng.integers(1, 3 + n // 12, size=len(points))], axis=1)))

    def statement(self) -> str:
        segments = numbered("segment {}: {} to {}", self.segments, first=0)
        limits = "\n".join(f"point {point}: at most {most}" for point, most in self.limits)
        return (
            f"Segments on a line, which contain both of their ends:\n{segments}\nSome points may lie in only so many "
            f"of the chosen segments:\n{limits}\nChoose as many segments as possible and list their numbers."
        )

    def solve(self) -> list[int]:
        return bearable_segments(self.segments, self.limits)

    def check(self, answer: list[int]) -> Verdict:
        if not different(answer, len(self.segments)):
            return invalid(f"expected different segments from 0 to {len(self.segments) - 1}")
        chosen = [self.segments[i] for i in answer]
        if any(sum(left <= point <= right for left, right in chosen) > most for point, most in self.limits):
            return invalid("some point lies in too many of the segments")
        return graded(at_most(len(answer), len(self.solution), power=3))
