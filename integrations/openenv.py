"""A suite as an OpenEnv server (openenv 0.10): one session a WebSocket, one problem an episode.

    whetstone serve-env quick --port 8000

    with GenericEnvClient(base_url="http://127.0.0.1:8000").sync() as env:
        asked = env.reset(seed=7)                  # asked.observation["prompt"]
        judged = env.step({"text": completion})    # judged.reward, judged.observation["reason"]

A seed is a place in an endless order over the suite's tasks and levels, so all sessions of a group that are given one
seed get one problem. `reset` also takes `split`, `task` and `level`.
"""

# pyright: reportMissingImports=false, reportMissingModuleSource=false
# openenv is installed in an environment of its own, see .ci/peers.

from __future__ import annotations

import secrets
from functools import partial
from typing import TYPE_CHECKING, Any

from openenv.core.env_server import Action, Environment, Observation, State, create_fastapi_app
from openenv.core.env_server.types import EnvironmentMetadata

import whetstone
from whetstone.envs import load
from whetstone.envs.core import SPLITS, Split, Task
from whetstone.envs.suites import Suite

if TYPE_CHECKING:
    from fastapi import FastAPI

SEEDS = 2**31  # a client that gives none gets one below this
PREVIEW = 1000  # entries that `list_tasks` shows of an endless split


class Completion(Action):
    """What the policy wrote, with its answer between <answer> and </answer>."""

    text: str


class Asked(Observation):
    """A problem and, after the answer, its verdict; `reward` is the score in [0, 1]."""

    prompt: str
    task: str
    level: int
    kind: str | None = None
    correct: bool | None = None
    reason: str | None = None


class Place(State):
    """Which problem is asked."""

    task: str | None = None
    level: int | None = None
    split: str | None = None
    seed: int | None = None


class SuiteEnvironment(Environment[Completion, Asked, Place]):
    """Problems of a suite, one an episode."""

    SUPPORTS_CONCURRENT_SESSIONS = True

    def __init__(self, suite: Suite, split: Split = "train") -> None:
        super().__init__()
        self.suite, self.split = suite, split
        self.problem: Task[Any] | None = None
        self._place = Place()

    def reset(
        self,
        seed: int | None = None,
        episode_id: str | None = None,
        split: Split | None = None,
        task: str | None = None,
        level: int | None = None,
        index: int | None = None,
        **kwargs: Any,
    ) -> Asked:
        """The problem at place `seed` (or `index`, OpenEnv's word in its Task API), of this task and level if given.

        Raises `ValueError` for arguments that are not known, a seed or level below 0 and an unknown split, and
        `LookupError` for an unknown task.
        """
        if kwargs:
            raise ValueError(f"expected seed, split, task or level, got {', '.join(sorted(kwargs))}")
        place = next((given for given in (seed, index) if given is not None), None)
        chosen = secrets.randbelow(SEEDS) if place is None else place
        at = self._at(chosen)
        at |= {name: value for name, value in (("task", task), ("level", level)) if value is not None}
        if task is not None or level is not None:
            at["seed"] = chosen
        at["split"] = split or self.split
        self.problem = load(at["task"]).draw(at["level"], at["seed"], at["split"])
        self._place = Place(episode_id=episode_id or _name(at), step_count=0, **at)
        return Asked(prompt=self.problem.prompt, task=at["task"], level=at["level"])

    def step(self, action: Completion, timeout_s: float | None = None, **kwargs: Any) -> Asked:
        """The verdict; raises `ValueError` before a reset and after an answer."""
        del timeout_s, kwargs
        if self.problem is None or self._place.step_count:
            raise ValueError(
                "each problem takes one answer: reset() for the next one, in a session of its own "
                "(POST /step has none; use the WebSocket, as OpenEnv's clients do)"
            )
        verdict = self.problem.grade(action.text)
        self._place.step_count = 1
        return Asked(
            prompt=self.problem.prompt,
            task=self._place.task or "",
            level=self._place.level or 0,
            done=True,
            reward=verdict.score,
            kind=verdict.kind,
            correct=verdict.correct,
            reason=verdict.reason,
        )

    @property
    def state(self) -> Place:
        """Which problem is asked, and whether it was answered."""
        return self._place

    def get_metadata(self) -> EnvironmentMetadata:
        """Name, description and version."""
        tasks, levels = len(self.suite.tasks), self.suite.levels
        asked = f"{tasks} verifiable tasks at levels {levels[0]} to {levels[-1]}, one problem an episode"
        return EnvironmentMetadata(name="whetstone", description=asked, version=whetstone.__version__)

    # -- OpenEnv's Task API -------------------------------------------------------------------------------------------

    def list_splits(self) -> list[dict[str, str]]:
        """The two splits, which share no problem."""
        kinds = {"train": "train", "eval": "test"}
        return [{"name": split, "type": kinds[split]} for split in SPLITS]

    def num_tasks(self, split: str) -> int:
        """The number of places that a client may be given; the order itself has no end."""
        del split
        return SEEDS

    def get_task(self, split: str, index: int) -> dict[str, Any]:
        """What is asked at a place; raises `IndexError` outside the order."""
        if not 0 <= index < SEEDS:
            raise IndexError(index)
        at = self._at(index) | {"split": split}
        return {"id": _name(at), "index": index, **at}

    def get_task_range(self, split: str, start: int | None = None, stop: int | None = None) -> list[dict[str, Any]]:
        """What is asked from `start` to before `stop`."""
        return [self.get_task(split, index) for index in range(*slice(start, stop).indices(SEEDS))[:PREVIEW]]

    def list_tasks(self, split: str) -> list[dict[str, Any]]:
        """The first of an endless order."""
        return self.get_task_range(split)

    def _at(self, place: int) -> dict[str, Any]:
        """Task, level and seed: in turn over tasks, then over levels, then on to the next seed."""
        tasks, levels = self.suite.tasks, self.suite.levels
        if place < 0:
            raise ValueError(f"seed must be an integer >= 0, not {place}")
        rest, task = divmod(place, len(tasks))
        seed, level = divmod(rest, len(levels))
        return {"task": tasks[task], "level": levels[level], "seed": seed}


def _name(at: dict[str, Any]) -> str:
    return f"{at['task']}:{at['level']}:{at['split']}:{at['seed']}"


def application(suite: Suite, split: Split = "train", sessions: int = 256) -> FastAPI:
    """OpenEnv's own server, with at most `sessions` episodes at a time."""
    factory = partial(SuiteEnvironment, suite, split)
    return create_fastapi_app(factory, Completion, Asked, sessions, env_name="whetstone", state_cls=Place)
