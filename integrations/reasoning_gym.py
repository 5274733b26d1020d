"""Our tasks as data sets of reasoning-gym (0.1.25), so that its experiments, curricula and trainers can use them.

    register()
    data = reasoning_gym.create_dataset("whetstone:sequences/sorting", level=3, seed=42, size=500)
    score = data.score_answer("1 2 3", data[0])

Each has a curriculum of one attribute, `level`. The other direction is `whetstone.envs.reasoning_gym`.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from random import Random
from typing import Any, ClassVar

from reasoning_gym.coaching import BaseCurriculum, ScalarAttributeDefinition
from reasoning_gym.dataset import ProceduralDataset
from reasoning_gym.factory import DATASETS, register_dataset

from whetstone.envs import catalog
from whetstone.envs.core import CLOSE, OPEN, SPLITS, Split

PREFIX = "whetstone:"
LEVELS = 31  # how far a curriculum climbs: levels 0 to 30
INDICES = 2**31  # entries that a data set can have: those of two seeds never share a key


@dataclass
class TaskConfig:
    """Settings of a data set: a level >= 0, a split (train or eval), a seed, and the number of entries."""

    level: int = 0
    split: Split = "train"
    seed: int | None = None
    size: int = 500

    def validate(self) -> None:
        """Raises `AssertionError`, as reasoning-gym's own settings do."""
        assert self.level >= 0, "level must be >= 0"
        assert self.split in SPLITS, f"split must be one of {', '.join(SPLITS)}"
        assert 0 < self.size <= INDICES, f"size must be between 1 and {INDICES}"


class TaskDataset(ProceduralDataset):
    """Problems of one task at one level; a subclass for each task is made by `register`."""

    task: ClassVar[str]

    def __init__(self, config: TaskConfig) -> None:
        seed = Random().getrandbits(31) if config.seed is None else config.seed
        super().__init__(config=config, seed=seed, size=config.size)

    @property
    def category(self) -> str:
        """The task's family."""
        return self.task.partition("/")[0]

    def __getitem__(self, idx: int) -> dict[str, Any]:
        """The entry at `idx`: question, answer and metadata; raises `IndexError` beyond the size."""
        if not 0 <= idx < self.size:
            raise IndexError(f"{PREFIX}{self.task} has {self.size} entries, there is no number {idx}")
        problem = catalog.load(self.task).draw(self.config.level, self.seed * INDICES + idx, self.config.split)
        return {
            "question": problem.prompt,
            "answer": problem.answer.show(problem.solution),
            "metadata": {
                "source_dataset": PREFIX + self.task,
                "source_index": idx,
                "problem": problem.to_json(),
                "difficulty": {"level": self.config.level},
            },
        }

    def score_answer(self, answer: str | None, entry: dict[str, Any]) -> float:
        """The task's score in [0, 1]; the answer may stand between its tags or alone, and None scores 0."""
        if answer is None:
            return 0.0
        tagged = answer if OPEN in answer else f"{OPEN}{answer}{CLOSE}"
        return catalog.from_json(entry["metadata"]["problem"]).grade(tagged).score


class LevelCurriculum(BaseCurriculum):
    """One attribute, the level."""

    def __init__(self) -> None:
        super().__init__(LevelCurriculum.__name__, TaskConfig)
        levels = list(range(LEVELS))
        self._define_attributes(
            ScalarAttributeDefinition(name="level", levels=levels, description="difficulty", field_name="level")  # pyright: ignore[reportArgumentType]
        )


@cache
def dataset_of(task: str) -> type[TaskDataset]:
    """The data set of a task."""
    return type(f"Whetstone_{task.replace('/', '_')}", (TaskDataset,), {"task": task, "__doc__": catalog.title(task)})


def register(tasks: Iterable[str] | None = None) -> list[str]:
    """Make tasks (all of them by default) known to reasoning-gym in this process; returns their names there."""
    names = []
    for task in catalog.ids() if tasks is None else tasks:
        names.append(PREFIX + task)
        if names[-1] not in DATASETS:
            register_dataset(names[-1], dataset_of(task), TaskConfig, LevelCurriculum)  # pyright: ignore[reportArgumentType]
    return names
