"""Palindromes inside: count numbers with a palindrome among their digits."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple, Self

from whetstone.envs.answers import Integer
from whetstone.envs.core import Rng, Task, Verdict, graded
from whetstone.envs.scoring import exact
from whetstone.envs.tasks.counting._digits import palindrome_free


@dataclass(frozen=True)
class PalindromicSubstringNumberCounting(Task[int]):
    """
    >>> PalindromicSubstringNumberCounting(low=98, high=112).grade("<answer>6</answer>").score
    1.0
    """

    low: int
    high: int

    answer = Integer()

    class Size(NamedTuple):
        bound: int

        @classmethod
        def at(cls, level: int) -> Self:
            return cls(bound=50 * (1 + level) ** 4)

    @classmethod
    def sample(cls, rng: Rng, size: Size) -> Self:
        return cls(*sorted(rng.integers(1, size.bound, size=2, endpoint=True).tolist()))

    def statement(self) -> str:
        return (
            f"How many integers from {self.low} to {self.high} (both included) contain a palindrome of at least two "
            "contiguous digits? A palindrome reads the same in both directions, like 55, 101 or 1221; inside a number "
            "it may start with 0, like 00 in 2001."
        )

    def solve(self) -> int:
        return self.high - self.low + 1 - palindrome_free(self.high + 1) + palindrome_free(self.low)

    def check(self, answer: int) -> Verdict:
        return graded(exact(answer, self.solution))
