"""What a policy is asked in training, and what its answers are worth: tasks, mixture and judge behind two methods."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np

from whetstone.curriculum.mixture import Mixture
from whetstone.envs import Task, load
from whetstone.rollout.types import Completion
from whetstone.rows import Key, Row, judge

SEEDS = 1 << 62
Groups = list[list[Row]]


@dataclass(frozen=True, slots=True)
class Asked:
    """A problem of the train split, with its key."""

    key: Key
    problem: Task

    @property
    def prompt(self) -> str:
        """What the policy reads."""
        return self.problem.prompt


class Questions:
    """A `policy.trainer.Curriculum` over tasks: the mixture says which task and level, the task draws and judges.

    An answer whose judging crashes is a fault of the task, not of the policy: its reward is NaN, which takes it out
    of the batch, and it is counted as `crashed`. `rows` holds the judged answers of the last step. With several
    processes `gather` gives the groups that all of them judged, in one order, so that their mixtures stay alike.
    """

    def __init__(
        self, mixture: Mixture, reward: Literal["exact", "score"], gather: Callable[[Groups], Groups] = list
    ) -> None:
        self.mixture, self.reward, self.gather = mixture, reward, gather
        self.tasks = {task: load(task) for task in mixture.controllers}
        self.rows: list[Row] = []

    def propose(self, count: int) -> list[Asked]:
        """`count` problems of the train split."""
        seeds = self.mixture.rng.integers(SEEDS, size=count).tolist()
        return [
            Asked(Key(task, level, seed), self.tasks[task].draw(level, seed))
            for (task, level), seed in zip(self.mixture.propose(count), seeds, strict=True)
        ]

    def observe(self, questions: Sequence[Asked], answers: Sequence[Sequence[Completion]]) -> np.ndarray:
        """The reward of each answer, (questions, samples); the mixture hears of each group's exact accuracy."""
        judged = [
            [judge(asked.key, asked.problem, answer) for answer in group]
            for asked, group in zip(questions, answers, strict=True)
        ]
        self.rows = []
        for group in self.gather(judged):
            correct = [row.correct for row in group if row.score is not None]
            if correct:
                self.mixture.observe(group[0].task, group[0].level, float(np.mean(correct)), len(correct))
            self.rows += group
        return np.array([[self._reward(row) for row in group] for group in judged])

    def _reward(self, row: Row) -> float:
        if row.score is None:
            return float("nan")
        return float(row.correct) if self.reward == "exact" else row.score

    def metrics(self) -> dict[str, Any]:
        """Exact accuracy and kinds of the last step's answers, and each task's frontier."""
        kinds = Counter(row.kind for row in self.rows)
        judged = [row.correct for row in self.rows if row.score is not None]
        frontier = {task: values["frontier"] for task, values in self.mixture.metrics().items()}
        return {
            "accuracy": float(np.mean(judged)) if judged else 0.0,
            "kinds": dict(kinds),
            "frontier": frontier,
            "mean_frontier": float(np.mean(list(frontier.values()))),
        }


class Demonstrations:
    """Solved problems of the easy levels, for a supervised warm start; only tasks that offer `worked()` take part."""

    def __init__(self, tasks: Sequence[str], levels: Sequence[int], seed: int) -> None:
        loaded = [load(task) for task in tasks]
        self.tasks = [task for task in loaded if task.draw(levels[0], 0).worked() is not None]
        if not self.tasks:
            raise ValueError(f"none of {', '.join(tasks)} offers worked solutions, so there is nothing to imitate")
        self.levels = list(levels)
        self.rng = np.random.default_rng(seed)

    def draw(self, count: int) -> list[Task]:
        """`count` problems of the train split, tasks and levels equally often."""
        tasks = self.rng.integers(len(self.tasks), size=count).tolist()
        levels = self.rng.integers(len(self.levels), size=count).tolist()
        seeds = self.rng.integers(SEEDS, size=count).tolist()
        return [self.tasks[t].draw(self.levels[i], s) for t, i, s in zip(tasks, levels, seeds, strict=True)]

    def state_dict(self) -> dict[str, Any]:
        return {"rng": self.rng.bit_generator.state}

    def load_state_dict(self, state: dict[str, Any]) -> None:
        self.rng.bit_generator.state = state["rng"]
