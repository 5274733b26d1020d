"""Paths of growing numbers of which neighbours share no bit."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import NamedTuple, Self

from whetstone.envs.answers import Integer
from whetstone.envs.core import Rng, Task, Verdict, graded
from whetstone.envs.scoring import exact
from whetstone.envs.tasks.counting._digits import spaced_words
from whetstone.envs.tasks.counting.lib import modulo


@dataclass(frozen=True)
class BitandZeroPathCounting(Task[int]):
    """
    >>> BitandZeroPathCounting(start=1, goal=4).grade("<answer>2</answer>").score  # 1 4 and 1 2 4
    1.0
    """

    start: int
    goal: int

    answer = Integer()

    class Size(NamedTuple):
        bits: int  # of the goal; the start has at most half as many

        @classmethod
        def at(cls, level: int) -> Self:
            return cls(bits=3 + level)

    @classmethod
    def sample(cls, rng: Rng, size: Size) -> Self:
        start = int(rng.integers(2 ** int(rng.integers(1, size.bits // 2, endpoint=True))))
        return cls(start, int(rng.integers(2 ** (size.bits - 1), 2**size.bits)))

    def statement(self) -> str:
        return (
            f"In binary, S = {self.start:b} and T = {self.goal:b}. How many sequences of integers begin with S, end "
            "with T and have these two properties: each number is larger than the one before it, and no two "
            f"neighbours have a 1 at the same binary place? {modulo(10000)}"
        )

    def solve(self) -> int:
        # A larger number without a common bit is longer: from the highest place down, count the numbers that reach it.
        ways = {1: 1}  # by how many numbers after the first are longer than the current place is high
        for place in reversed(range(self.goal.bit_length() - 1)):
            first, last, after = self.start >> place & 1, self.goal >> place & 1, Counter[int]()
            for longer, count in ways.items():
                after[longer] += count * spaced_words(first, last, longer)
                if place >= self.start.bit_length():  # one more number may have its highest bit here
                    after[longer + 1] += count * spaced_words(1, last, longer)
            ways = after
        return sum(ways.values()) % 10000

    def check(self, answer: int) -> Verdict:
        return graded(exact(answer, self.solution))
