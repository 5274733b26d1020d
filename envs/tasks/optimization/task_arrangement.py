"""Batch scheduling: group tasks that share a start-up time."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import accumulate
from typing import NamedTuple, Self

from whetstone.envs.answers import Integers
from whetstone.envs.core import Rng, Task, Verdict, graded, invalid
from whetstone.envs.scoring import at_least
from whetstone.envs.tasks.optimization._batches import batch_costs
from whetstone.envs.tasks.optimization.lib import batches, cheapest_split, frozen, numbered


@dataclass(frozen=True)
class TaskArrangement(Task[list[int]]):
    """
    >>> TaskArrangement(((1, 1), (3, 2)), 2).grade("<answer>2</answer>").score
    1.0
    """

    tasks: tuple[tuple[int, int], ...]  # (time, weight)
    startup: int

    answer = Integers()

    class Size(NamedTuple):
        tasks: int

        @classmethod
        def at(cls, level: int) -> Self:
            return cls(tasks=4 + level)

    @classmethod
    def sample(cls, rng: Rng, size: Size) -> Self:
        tasks = frozen(rng.integers(1, 8 + size.tasks // 2, size=(size.tasks, 2)))
        return cls(tasks, startup=int(rng.integers(1, 16 + size.tasks)))

    def statement(self) -> str:
        tasks = numbered("task {}: time {}, weight {}", self.tasks)
        return (
            f"A machine does these tasks in the order given, starting at time 0:\n{tasks}\nCut the list into "
            "consecutive non-empty batches (or leave it in one). A batch begins when the one before is finished, "
            f"takes {self.startup} to start up plus the times of its tasks, and finishes all of them when it ends. A "
            "task costs its weight times the time at which it is finished. Make the total cost as small as possible. "
            f"Give the last task of each batch, in order (so {len(self.tasks)} in the end)."
        )

    def solve(self) -> list[int]:
        t, w = ([0, *accumulate(column)] for column in zip(*self.tasks, strict=True))
        return cheapest_split(len(t) - 1, lambda a, b: t[b] * (w[b] - w[a]) + self.startup * (w[-1] - w[a]))

    def check(self, answer: list[int]) -> Verdict:
        if not batches(self.tasks, answer):
            return invalid(f"expected rising tasks from 1 on, the last of them {len(self.tasks)}")
        return graded(at_least(*(batch_costs(self.tasks, self.startup, x) for x in (answer, self.solution)), power=15))
