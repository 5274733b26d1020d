"""Numbers whose digits have a longest rising subsequence of a given length."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple, Self

from whetstone.envs.answers import Integer
from whetstone.envs.core import Rng, Task, Verdict, graded
from whetstone.envs.scoring import exact
from whetstone.envs.tasks.counting._digits import by_tails, rising_tails


@dataclass(frozen=True)
class DigitLisCounting(Task[int]):
    """
    >>> DigitLisCounting(low=10, high=14, length=2).grade("<answer>3</answer>").score  # 12 13 14
    1.0
    """

    low: int
    high: int
    length: int

    answer = Integer()

    class Size(NamedTuple):
        digits: int

        @classmethod
        def at(cls, level: int) -> Self:
            return cls(digits=2 + 2 * level // 5)

    @classmethod
    def sample(cls, rng: Rng, size: Size) -> Self:
        low, between, high = sorted(rng.integers(1, 10**size.digits, size=3).tolist())
        return cls(low, high, rising_tails(map(int, str(between))).bit_count())

    def statement(self) -> str:
        return (
            f"How many integers from {self.low} to {self.high} (both included) have exactly {self.length} as the "
            "length of a longest strictly rising subsequence of their decimal digits? (A subsequence is what is left "
            "after deleting any digits.)"
        )

    def solve(self) -> int:
        below = by_tails(self.low, self.high)
        return sum(count for tails, count in below.items() if tails.bit_count() == self.length)

    def check(self, answer: int) -> Verdict:
        return graded(exact(answer, self.solution))
