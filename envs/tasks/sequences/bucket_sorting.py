"""Bucket sorting: a most frequent value."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple, Self

from whetstone.envs.answers import Integer
from whetstone.envs.core import Rng, Task, Verdict, graded


@dataclass(frozen=True)
class BucketSorting(Task[int]):
    """
    >>> BucketSorting((4, 1, 4, 1, 2)).grade("<answer>1</answer>").score
    1.0
    """

    numbers: tuple[int, ...]

    answer = Integer()

    class Size(NamedTuple):
        length: int
        distinct: int  # at most so many different values occur, so that few of them are most frequent
        bound: int  # values are drawn from 0..bound

        @classmethod
        def at(cls, level: int) -> Self:
            return cls(length=5 + level, distinct=3 + level // 2, bound=9 + 4 * level)

    @classmethod
    def sample(cls, rng: Rng, size: Size) -> Self:
        values = rng.choice(size.bound + 1, size=size.distinct, replace=False)
        return cls(tuple(rng.choice(values, size=size.length).tolist()))

    def statement(self) -> str:
        return f"Which number occurs most often? Any one of them is right in a tie: {' '.join(map(str, self.numbers))}"

    def solve(self) -> int:
        return max(self.numbers, key=self.numbers.count)

    def check(self, answer: int) -> Verdict:
        most = max(map(self.numbers.count, self.numbers))
        return graded(float(self.numbers.count(answer) == most))
