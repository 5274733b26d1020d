"""Modular inverse: solve a x = 1 modulo b."""

from __future__ import annotations

from dataclasses import dataclass
from math import gcd
from typing import NamedTuple, Self

from whetstone.envs.answers import Integer
from whetstone.envs.core import Rng, Task, Verdict, graded


@dataclass(frozen=True)
class CongruentEquation(Task[int]):
    """
    >>> CongruentEquation(a=3, modulus=7).grade("<answer>5</answer>").score
    1.0
    """

    a: int
    modulus: int

    answer = Integer()

    class Size(NamedTuple):
        bound: int  # the modulus is drawn from bound/2..bound

        @classmethod
        def at(cls, level: int) -> Self:
            return cls(bound=6 + 4 * level + level**3)

    @classmethod
    def sample(cls, rng: Rng, size: Size) -> Self:
        modulus = int(rng.integers(size.bound // 2, size.bound, endpoint=True))
        a = int(rng.integers(2, modulus))
        while gcd(a, modulus) > 1:  # ends at modulus - 1 at the latest
            a += 1
        return cls(a, modulus)

    def statement(self) -> str:
        return f"Find the smallest positive integer x for which {self.a} * x leaves remainder 1 modulo {self.modulus}."

    def solve(self) -> int:
        return pow(self.a, -1, self.modulus)

    def check(self, answer: int) -> Verdict:
        return graded(float(0 < answer < self.modulus and self.a * answer % self.modulus == 1))
