"""Block splitting: cut a list into blocks for the largest gain."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple, Self

from whetstone.envs.answers import Integers
from whetstone.envs.core import Rng, Task, Verdict, graded, invalid
from whetstone.envs.scoring import at_most
from whetstone.envs.tasks.optimization._batches import cutting_gain
from whetstone.envs.tasks.optimization.lib import cheapest_parts, different, listed


@dataclass(frozen=True)
class MaxDifferentGroupPairDivision(Task[list[int]]):
    """
    >>> MaxDifferentGroupPairDivision((1, 2, 3), 1).grade("<answer>1</answer>").score
    1.0
    """

    numbers: tuple[int, ...]
    cuts: int

    answer = Integers()

    class Size(NamedTuple):
        length: int

        @classmethod
        def at(cls, level: int) -> Self:
            return cls(length=4 + level)

    @classmethod
    def sample(cls, rng: Rng, size: Size) -> Self:
        numbers = rng.integers(6 + size.length, size=size.length)
        return cls(tuple(numbers.tolist()), cuts=size.length // 3)

    def statement(self) -> str:
        return (
            f"Numbers 0 to {len(self.numbers) - 1} of a list: {listed(self.numbers)}\nAt first the list is one block. "
            "A cut divides a block between two of its numbers, i and i + 1, and gains the sum of the block's left part "
            f"times the sum of its right part. The number of cuts must be {self.cuts}. Make the total gain as large as "
            "possible; give the places i in the order of cutting."
        )

    def solve(self) -> list[int]:
        # All orders gain alike: half of (the square of the total - the squares of the final blocks' sums).
        ends = cheapest_parts(len(self.numbers), self.cuts + 1, lambda a, b: sum(self.numbers[a:b]) ** 2)
        return [end - 1 for end in ends[:-1]]

    def check(self, answer: list[int]) -> Verdict:
        if len(answer) != self.cuts or not different(answer, len(self.numbers) - 1):
            return invalid(f"expected {self.cuts} different places from 0 to {len(self.numbers) - 2}")
        return graded(at_most(*(cutting_gain(self.numbers, cuts) for cuts in (answer, self.solution)), power=24))
