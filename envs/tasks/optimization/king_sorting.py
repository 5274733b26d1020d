"""King's game: line people up so that the largest reward is small."""

from __future__ import annotations

from dataclasses import dataclass
from math import prod
from typing import NamedTuple, Self

from whetstone.envs.answers import Integers
from whetstone.envs.core import Rng, Task, Verdict, graded, invalid
from whetstone.envs.scoring import at_least
from whetstone.envs.tasks.optimization.lib import different, frozen, numbered


@dataclass(frozen=True)
class KingSorting(Task[list[int]]):
    """
    >>> KingSorting(2, ((3, 1), (2, 4))).grade("<answer>1 2</answer>").score
    1.0
    """

    king: int
    people: tuple[tuple[int, int], ...]  # the numbers in the left and in the right hand

    answer = Integers()

    class Size(NamedTuple):
        people: int

        @classmethod
        def at(cls, level: int) -> Self:
            return cls(people=3 + level)

    @classmethod
    def sample(cls, rng: Rng, size: Size) -> Self:
        people = rng.integers(1, 10 + size.people // 2, size=(size.people, 2))
        return cls(int(rng.integers(2, 10)), frozen(people))

    def statement(self) -> str:
        people = numbered("person {}: left {}, right {}", self.people)
        return (
            f"A king has the number {self.king} in his left hand, each person one in either hand:\n{people}\nAll "
            "people line up behind the king. A person's reward is the product of the left-hand numbers of all in "
            "front, the king included, divided by the person's right-hand number and rounded down. Make the largest "
            "reward as small as possible; list all people from front to back."
        )

    def solve(self) -> list[int]:  # by exchange of neighbours
        return sorted(range(1, len(self.people) + 1), key=lambda i: prod(self.people[i - 1]))

    def check(self, answer: list[int]) -> Verdict:
        if len(answer) != len(self.people) or not different(answer, len(self.people), first=1):
            return invalid(f"expected each person from 1 to {len(self.people)} once")
        return graded(at_least(self._largest_reward(answer), self._largest_reward(self.solution), power=4))

    def _largest_reward(self, order: list[int]) -> int:
        product, largest = self.king, 0
        for left, right in (self.people[i - 1] for i in order):
            largest, product = max(largest, product // right), product * left
        return largest
