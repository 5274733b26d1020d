"""Problems of a suite as verifiers' tasks: the data crosses processes as JSON, the judge is the task's own."""

# pyright: reportMissingImports=false, reportMissingModuleSource=false
# verifiers is installed in an environment of its own, see .ci/peers.

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from functools import cached_property
from typing import Literal

import verifiers.v1 as vf
from verifiers.v1.harnesses.null import NullHarness

from whetstone.envs import from_json
from whetstone.envs.core import Task, Verdict
from whetstone.envs.suites import load_suite, parse_levels
from whetstone.export import problems


class WhetstoneData(vf.TaskData):
    """A problem, whole: `whetstone.envs.from_json(problem)` is what judges an answer, now or a year later."""

    problem: str


class WhetstoneTask(vf.Task[WhetstoneData]):
    """One problem."""

    @property
    def key(self) -> str:
        """`task:level:seed`, which stays the same when a suite changes."""
        return self.data.id or self.hash

    @cached_property
    def _problem(self) -> Task:
        return from_json(self.data.problem)

    async def _verdict(self, trace: vf.Trace) -> Verdict:
        return await asyncio.to_thread(self._problem.grade, trace.last_reply)  # code is judged by running it

    @vf.reward(weight=1.0)
    async def graded(self, trace: vf.Trace) -> float:
        """The task's score in [0, 1]."""
        return (await self._verdict(trace)).score

    @vf.metric
    async def correct(self, trace: vf.Trace) -> float:
        """1 for an exactly right answer."""
        return float((await self._verdict(trace)).correct)

    @vf.metric
    async def readable(self, trace: vf.Trace) -> float:
        """1 for an answer of the asked form, right or wrong."""
        return float((await self._verdict(trace)).kind != "unreadable")

    async def validate(self, runtime: vf.Runtime) -> bool:
        """Whether the reference solution is right and silence is not."""
        del runtime
        solved = await asyncio.to_thread(self._problem.grade, self._problem.target)
        return solved.correct and not self._problem.grade("").correct


class WhetstoneConfig(vf.TasksetConfig):
    """Which problems."""

    suite: str = "quick"
    """A suite, a family, or a TOML file."""
    levels: str | None = None
    """Such as "0-5"; the suite's own unless given."""
    split: Literal["train", "eval"] = "eval"
    """Problems of one split are never in the other."""
    problems: int = 1000
    """How many there are at most; they come in turn over tasks and levels."""


class WhetstoneTaskset(vf.Taskset[WhetstoneTask, WhetstoneConfig]):
    """The problems of a suite, the same in every process."""

    def load(self) -> Iterator[WhetstoneTask]:
        """Raises `LookupError` for an unknown suite and `ValueError` for levels that are none."""
        config = self.config
        suite = load_suite(config.suite)
        levels = suite.levels if config.levels is None else parse_levels(config.levels)
        for level, seed, problem in problems(suite.tasks, levels, config.problems, config.split):
            data = WhetstoneData(
                id=f"{problem.id()}:{level}:{seed}",
                name=problem.id(),
                prompt=problem.prompt,
                problem=problem.to_json(),
            )
            yield WhetstoneTask(data, config.task)


class WhetstoneChat(NullHarness):
    """What the problems need: a chat without tools. A package's own harness is what verifiers runs by default."""
