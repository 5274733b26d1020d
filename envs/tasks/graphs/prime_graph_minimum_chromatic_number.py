"""Prime-difference colouring: numbers that differ by a prime get different colours."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import combinations
from typing import NamedTuple, Self

from whetstone.envs.answers import Integers
from whetstone.envs.core import Rng, Task, Verdict, graded, invalid
from whetstone.envs.scoring import at_least
from whetstone.envs.tasks.graphs._vertices import is_prime, least_colouring
from whetstone.envs.tasks.graphs.lib import Edge, neighbours, proper


@dataclass(frozen=True)
class PrimeGraphMinimumChromaticNumber(Task[list[int]]):
    """
    >>> PrimeGraphMinimumChromaticNumber((1, 3, 5, 6)).grade("<answer>1 2 1 3</answer>").score
    1.0
    """

    numbers: tuple[int, ...]  # ascending

    answer = Integers()

    class Size(NamedTuple):
        length: int
        bound: int  # the numbers are drawn from 1..bound

        @classmethod
        def at(cls, level: int) -> Self:
            return cls(length=4 + level, bound=10 + 4 * level)

    @classmethod
    def sample(cls, rng: Rng, size: Size) -> Self:
        return cls(tuple(sorted((1 + rng.permutation(size.bound)[: size.length]).tolist())))

    def statement(self) -> str:
        return (
            "Give each of these numbers a colour, an integer, such that two numbers whose difference is a prime (2, "
            f"3, 5, 7, 11, ...) have different colours: {' '.join(map(str, self.numbers))}\nUse as few different "
            "colours as possible. List the colours in the order of the numbers."
        )

    def solve(self) -> list[int]:
        return least_colouring(neighbours(len(self.numbers), self._conflicts()))

    def check(self, answer: list[int]) -> Verdict:
        if len(answer) != len(self.numbers) or not proper(answer, self._conflicts()):
            return invalid(f"expected {len(self.numbers)} colours, different where numbers differ by a prime")
        return graded(at_least(len(set(answer)), len(set(self.solution)), power=3))

    def _conflicts(self) -> list[Edge]:
        return [(i, j) for (i, a), (j, b) in combinations(enumerate(self.numbers), 2) if is_prime(b - a)]
