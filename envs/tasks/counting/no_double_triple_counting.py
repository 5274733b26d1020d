"""No double, no triple: count sets without a number and its double or triple."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple, Self

from whetstone.envs.answers import Integer
from whetstone.envs.core import Rng, Task, Verdict, graded
from whetstone.envs.scoring import exact
from whetstone.envs.tasks.counting._grids import spaced_staircase
from whetstone.envs.tasks.counting.lib import modulo, prime


@dataclass(frozen=True)
class NoDoubleTripleCounting(Task[int]):
    """
    >>> NoDoubleTripleCounting(bound=3, modulus=100).grade("<answer>5</answer>").score  # {}, 1, 2, 3, 2 3
    1.0
    """

    bound: int
    modulus: int

    answer = Integer()

    class Size(NamedTuple):
        bound: int  # at most; at least half of it

        @classmethod
        def at(cls, level: int) -> Self:
            return cls(bound=8 + 6 * level)

    @classmethod
    def sample(cls, rng: Rng, size: Size) -> Self:
        return cls(int(rng.integers(size.bound // 2, size.bound, endpoint=True)), prime(rng))

    def statement(self) -> str:
        return (
            f"How many subsets of the set of integers from 1 to {self.bound}, the empty one included, contain no two "
            f"numbers of which one is twice or three times the other? {modulo(self.modulus)}"
        )

    def solve(self) -> int:
        # The numbers m 2^i 3^j, for each m without factors 2 and 3, form a staircase in which no neighbours are chosen.
        total = 1
        for m in range(1, self.bound + 1):
            if m % 2 and m % 3:
                total = total * spaced_staircase(self.bound // m) % self.modulus
        return total

    def check(self, answer: int) -> Verdict:
        return graded(exact(answer, self.solution))
