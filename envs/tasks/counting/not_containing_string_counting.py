"""Avoided pattern: count the binary strings without it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple, Self

from whetstone.envs.answers import Integer
from whetstone.envs.core import Rng, Task, Verdict, graded
from whetstone.envs.scoring import exact
from whetstone.envs.tasks.counting._digits import matched_after
from whetstone.envs.tasks.counting.lib import modulo, modulus


@dataclass(frozen=True)
class NotContainingStringCounting(Task[int]):
    """
    >>> NotContainingStringCounting(length=3, pattern="11", modulus=100).grade("<answer>5</answer>").score
    1.0
    """

    length: int
    pattern: str
    modulus: int

    answer = Integer()

    class Size(NamedTuple):
        length: int
        pattern: int

        @classmethod
        def at(cls, level: int) -> Self:
            return cls(length=4 + 2 * level, pattern=2 + level // 3)

    @classmethod
    def sample(cls, rng: Rng, size: Size) -> Self:
        length = size.length + int(rng.integers(3))
        return cls(length, "".join(map(str, rng.integers(2, size=size.pattern).tolist())), modulus(rng))

    def statement(self) -> str:
        return (
            f"How many strings of {self.length} digits 0 or 1 do not contain {self.pattern} as a contiguous part? "
            f"{modulo(self.modulus)}"
        )

    def solve(self) -> int:
        ways = [1] + [0] * len(self.pattern)  # by how much of the pattern the string ends with
        after = matched_after(self.pattern)
        for _ in range(self.length):
            grown = [0] * len(ways)
            for count, (zero, one) in zip(ways[:-1], after, strict=True):
                grown[zero] += count
                grown[one] += count
            ways = grown
        return sum(ways[:-1]) % self.modulus

    def check(self, answer: int) -> Verdict:
        return graded(exact(answer, self.solution))
