"""Judging by Ray actors: a group of answers at a time, each group judged once."""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any, TypeVar

from whetstone.questions import Asked, Groups, judge_all
from whetstone.ray_cluster import place
from whetstone.ray_fleet import Abandoned, Fleet
from whetstone.ray_settings import RaySettings
from whetstone.ray_worker import Name, Worker
from whetstone.rollout.types import Completion
from whetstone.rows import Row, crashed

Result = TypeVar("Result")
Work = Callable[[], Any]
WAITING = 2048  # groups of an evaluation that may wait for a judge


def workers(settings: RaySettings, count: int | None = None) -> Fleet[Work]:
    """The judges: a fleet whose jobs are functions, given from one process to another."""
    make = place(Worker, settings.judge_cpus)
    return Fleet(
        "judge", make, _send, count or settings.judges, limit=settings.judge_seconds, patience=settings.patience
    )


def _send(actor: Any, jobs: Mapping[Name, Work]) -> dict[Name, Any]:
    return {name: actor.run.remote(work) for name, work in jobs.items()}


class RayJudges:
    """Judges groups of answers, as `questions.judge_all` does, or one after another as they come.

    A group that no judge came back from is nobody's fault but the task's: its rows are `crashed`.
    """

    def __init__(self, fleet: Fleet[Work]) -> None:
        self.fleet = fleet
        self._numbers = itertools.count()
        self._asked: dict[Name, tuple[Asked, Sequence[Completion]]] = {}

    def submit(self, name: Name, question: Asked, answers: Sequence[Completion]) -> None:
        """Have a group judged; `finished` gives its rows."""
        self._asked[name] = question, answers
        self.fleet.submit({name: partial(judge_all, [question], [answers])})

    def finished(self, timeout: float) -> list[tuple[Any, list[Row]]]:
        """The names of groups that are judged, with their rows; waits at most `timeout` seconds."""
        found = []
        for name, result in self.fleet.poll(timeout):
            question, answers = self._asked.pop(name)
            if isinstance(result, Abandoned):
                error = TimeoutError(result.reason)
                found.append((name, [crashed(question.key, question.prompt, each, error) for each in answers]))
            else:
                found.append((name, result[0]))
        return found

    def __call__(self, questions: Sequence[Asked], answers: Sequence[Sequence[Completion]]) -> Groups:
        """Every answer as a judged row."""
        names = [f"group {next(self._numbers)}" for _ in questions]
        for name, question, group in zip(names, questions, answers, strict=True):
            self.submit(name, question, group)
        rows: dict[Name, list[Row]] = {}
        while len(rows) < len(names):
            rows |= self.finished(math.inf)
        return [rows[name] for name in names]
