"""Flow shop: order jobs for two machines in a row."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple, Self

from whetstone.envs.answers import Integers
from whetstone.envs.core import Rng, Task, Verdict, graded, invalid
from whetstone.envs.scoring import at_least
from whetstone.envs.tasks.optimization.lib import different, frozen, numbered


@dataclass(frozen=True)
class PipelineArrangement(Task[list[int]]):
    """
    >>> PipelineArrangement(((3, 1), (2, 4))).grade("<answer>2 1</answer>").score
    1.0
    """

    jobs: tuple[tuple[int, int], ...]  # (time on machine A, time on machine B)

    answer = Integers()

    class Size(NamedTuple):
        jobs: int

        @classmethod
        def at(cls, level: int) -> Self:
            return cls(jobs=3 + level)

    @classmethod
    def sample(cls, rng: Rng, size: Size) -> Self:
        return cls(frozen(rng.integers(1, 7 + size.jobs, size=(size.jobs, 2))))

    def statement(self) -> str:
        jobs = numbered("job {}: {} on A, {} on B", self.jobs)
        return (
            f"Jobs and the time that each takes on machine A and on machine B:\n{jobs}\nEvery job is done on A first, "
            "then on B. Each machine does one job at a time, both in the same order, and A starts at time 0. Choose "
            "the order in which the last job is finished on B as early as possible; list all jobs in it."
        )

    def solve(self) -> list[int]:
        """Johnson's rule: jobs quicker on A come first, shortest first; then the others, longest on B first."""
        rank = [(a >= b, a if a < b else -b) for a, b in self.jobs]
        return sorted(range(1, len(rank) + 1), key=lambda job: rank[job - 1])

    def check(self, answer: list[int]) -> Verdict:
        if len(answer) != len(self.jobs) or not different(answer, len(self.jobs), first=1):
            return invalid(f"expected each job from 1 to {len(self.jobs)} once")
        busy = sum(b for _, b in self.jobs)  # in any order: what tells orders apart is for how long B waits
        return graded(at_least(self._finish(answer) - busy, self._finish(self.solution) - busy, power=3))

    def _finish(self, order: list[int]) -> int:
        free_a = free_b = 0
        for a, b in (self.jobs[i - 1] for i in order):
            free_a += a
            free_b = max(free_a, free_b) + b
        return free_b
