"""Meals for neighbours: choose so that nobody would rather have chosen differently."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple, Self

from whetstone.envs.answers import Integers
from whetstone.envs.core import Rng, Task, Verdict, graded, invalid
from whetstone.envs.scoring import share
from whetstone.envs.tasks.games.lib import content_with, other_meal


@dataclass(frozen=True)
class Las(Task[list[int]]):
    """
    >>> Las((5, 1, 1)).grade("<answer>1 2 1</answer>").score
    1.0
    """

    calories: tuple[int, ...]

    answer = Integers()

    class Size(NamedTuple):
        people: int

        @classmethod
        def at(cls, level: int) -> Self:
            return cls(people=3 + level)

    @classmethod
    def sample(cls, rng: Rng, size: Size) -> Self:
        return cls(tuple((2 ** (1 + 6 * rng.random(size.people))).astype(int).tolist()))

    def statement(self) -> str:
        n = len(self.calories)
        return (
            f"Meals 1 to {n} have these calories: {' '.join(map(str, self.calories))}\n"
            f"People 1 to {n} choose: person i takes meal i or meal i + 1, person {n} takes meal {n} or meal 1. Two "
            "people who take the same meal get half of its calories each. Choose for everybody so that nobody would "
            "get more by changing their own choice alone. Write the meals that person 1, person 2, ... take; the "
            "score falls with the share of people who would rather change."
        )

    def solve(self) -> list[int]:
        meals = list(range(1, len(self.calories) + 1))
        while False in (content := content_with(meals, self.calories)):
            i = content.index(False)  # to change raises the sum of C for every eaten meal plus C / 2 for a shared one
            meals[i] = other_meal(i, meals[i], len(meals))
        return meals

    def check(self, answer: list[int]) -> Verdict:
        n = len(self.calories)
        if len(answer) != n or any(meal not in (i + 1, (i + 1) % n + 1) for i, meal in enumerate(answer)):
            return invalid(f"expected one meal for each of {n} people, the one with its number or the next")
        return graded(share(content_with(answer, self.calories)) ** 5)
