"""Pythagorean independent sets: count the sets without two legs of a primitive right triangle."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import combinations
from math import gcd, hypot
from typing import NamedTuple, Self

import numpy as np

from whetstone.envs.answers import Integer
from whetstone.envs.core import Rng, Task, Verdict, graded
from whetstone.envs.scoring import exact
from whetstone.envs.tasks.graphs._vertices import independent_sets
from whetstone.envs.tasks.graphs.lib import neighbours

LEGS = np.array([3, 4, 5, 12, 8, 15, 7, 24, 20, 21, 12, 35, 9, 40, 28, 45, 11, 60, 16, 63, 33, 56, 48, 55, 13, 84])
MODULUS = 10007


@dataclass(frozen=True)
class PythagoreanGraphIndependentSetCounting(Task[int]):
    """
    >>> PythagoreanGraphIndependentSetCounting((3, 4, 6, 8)).grade("<answer>11</answer>").score
    1.0
    """

    values: tuple[int, ...]

    answer = Integer()

    class Size(NamedTuple):
        length: int
        legs: int  # the values are drawn from the first of LEGS, and some are doubled

        @classmethod
        def at(cls, level: int) -> Self:
            return cls(length=3 + level, legs=min(len(LEGS), 4 + level // 2))

    @classmethod
    def sample(cls, rng: Rng, size: Size) -> Self:
        doubled = 1 + (rng.random(size.length) < 0.2)
        return cls(tuple((LEGS[rng.integers(size.legs, size=size.length)] * doubled).tolist()))

    def statement(self) -> str:
        return (
            f"A list of {len(self.values)} numbers: {' '.join(map(str, self.values))}\nTwo places of the list conflict "
            "if their numbers a and b have no common divisor above 1 and a*a + b*b is the square of an integer. How "
            "many non-empty sets of places hold no two that conflict? (Equal numbers stand in different places.) Give "
            f"the number modulo {MODULUS}."
        )

    def solve(self) -> int:
        pairs = combinations(enumerate(self.values), 2)
        conflicts = [(i, j) for (i, a), (j, b) in pairs if gcd(a, b) == 1 and hypot(a, b).is_integer()]
        return (independent_sets(neighbours(len(self.values), conflicts)) - 1) % MODULUS

    def check(self, answer: int) -> Verdict:
        return graded(exact(answer, self.solution))
