"""What a policy is asked in training, and what its answers are worth: tasks, mixture and judge behind two methods."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np

from whetstone.curriculum.cascade import task as load
from whetstone.curriculum.mixture import Mixture
from whetstone.envs import Task
from whetstone.envs.catalog import CODE
from whetstone.rollout.types import Completion
from whetstone.rows import Key, Problem, Row, judge

SEEDS = 1 << 62
ABREAST = 8  # groups that are judged at a time where judging runs programs
Groups = list[list[Row]]
Reward = Literal["exact", "score"]


@dataclass(frozen=True, slots=True)
class Asked:
    """A problem of the train split, with its key.

    `source` is its place among a stage's sources; an aggregation's prompt, which shows earlier attempts, is `shown`.
    """

    key: Key
    problem: Problem
    source: int = 0
    shown: str = ""

    @property
    def prompt(self) -> str:
        """What the policy reads."""
        return self.shown or self.problem.prompt


class Questions:
    """A `policy.trainer.Curriculum` over tasks: the mixture says which task and level, the task draws and judges.

    An answer whose judging crashes is a fault of the task, not of the policy: its reward is NaN, which takes it out
    of the batch, and it is counted as `crashed`. `rows` holds the judged answers of the last step. With several
    processes `gather` gives the groups that all of them judged, in one order, so that their mixtures stay alike.
    """

    def __init__(self, mixture: Mixture, reward: Reward, gather: Callable[[Groups], Groups] = list) -> None:
        self.mixture, self.gather = mixture, gather
        self.reward: Reward = reward
        self.tasks = {task: load(task) for task in mixture.controllers}
        self.rows: list[Row] = []

    def propose(self, count: int) -> list[Asked]:
        """`count` problems of the train split."""
        seeds = self.mixture.rng.integers(SEEDS, size=count).tolist()
        return [
            Asked(Key(task, level, seed), self.tasks[task].draw(level, seed))
            for (task, level), seed in zip(self.mixture.propose(count), seeds, strict=True)
        ]

    def restore(self, key: Key) -> Asked:
        """The question with this key."""
        return Asked(key, self.tasks[key.task].draw(key.level, key.seed))

    def observe(self, questions: Sequence[Asked], answers: Sequence[Sequence[Completion]]) -> np.ndarray:
        """The reward of each answer, (questions, samples); the mixture hears of each group's exact accuracy."""
        judged = judge_all(questions, answers)
        self.rows = []
        for group in self.gather(judged):
            self.learn(group)
            self.rows += group
        return rewards(judged, self.reward)

    def learn(self, group: Sequence[Row]) -> None:
        """Tell the mixture of one group's exact accuracy."""
        correct = [row.correct for row in group if row.score is not None]
        if correct:
            self.mixture.observe(group[0].task, group[0].level, float(np.mean(correct)), len(correct))

    def frontier(self) -> dict[str, float]:
        """The level that the policy is believed to have reached in each task."""
        return {task: values["frontier"] for task, values in self.mixture.metrics().items()}

    def metrics(self) -> dict[str, Any]:
        """Exact accuracy and kinds of the last step's answers, and each task's frontier."""
        frontier = self.frontier()
        return outcome(self.rows) | {"frontier": frontier, "mean_frontier": float(np.mean(list(frontier.values())))}

    def state_dict(self) -> dict[str, Any]:
        return self.mixture.state_dict()

    def load_state_dict(self, state: dict[str, Any]) -> None:
        self.mixture.load_state_dict(state)


def judge_all(questions: Sequence[Asked], answers: Sequence[Sequence[Completion]]) -> Groups:
    """Every answer as a judged row; those that wait for a sandbox wait together."""
    pairs = list(zip(questions, answers, strict=True))

    def judged(pair: tuple[Asked, Sequence[Completion]]) -> list[Row]:
        asked, group = pair
        return [judge(asked.key, asked.problem, answer) for answer in group]

    if not any(asked.key.task in CODE for asked in questions):
        return [judged(pair) for pair in pairs]
    with ThreadPoolExecutor(min(ABREAST, os.cpu_count() or 1), "judge") as pool:
        return list(pool.map(judged, pairs))


def rewards(groups: Groups, kind: Reward) -> np.ndarray:
    """What each row is worth, (questions, samples); NaN where nothing can be said."""

    def worth(row: Row) -> float:
        if row.score is None:
            return float("nan")
        return float(row.correct) if kind == "exact" else row.score

    return np.array([[worth(row) for row in group] for group in groups])


def outcome(rows: Sequence[Row]) -> dict[str, Any]:
    """Exact accuracy of the rows that could be judged, and the kinds of all."""
    judged = [row.correct for row in rows if row.score is not None]
    kinds = Counter(row.kind for row in rows)
    return {"accuracy": float(np.mean(judged)) if judged else 0.0, "kinds": dict(kinds)}


class Demonstrations:
    """Solved problems of the easy levels, for a supervised warm start.

    Only tasks that offer `worked()` take part; `bare` lets in the others, with their answers alone.
    """

    def __init__(self, tasks: Sequence[str], levels: Sequence[int], seed: int, bare: bool = False) -> None:
        loaded = [load(task) for task in tasks]
        self.tasks = [task for task in loaded if bare or task.draw(levels[0], 0).worked() is not None]
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

    def sibling(self, problem: Task) -> Task:
        """Another problem of the same task."""
        level = self.levels[self.rng.integers(len(self.levels))]
        return type(problem).draw(level, int(self.rng.integers(SEEDS)))

    def state_dict(self) -> dict[str, Any]:
        return {"rng": self.rng.bit_generator.state}

    def load_state_dict(self, state: dict[str, Any]) -> None:
        self.rng.bit_generator.state = state["rng"]
