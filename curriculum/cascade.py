"""A cascade: which tasks a stage trains on, how its sources share a batch, and when it is left."""

from __future__ import annotations

import difflib
from collections import deque
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import Any

import numpy as np

from whetstone.curriculum.instructions import Instructions
from whetstone.curriculum.programs import FoundInput, PrintedOutput
from whetstone.envs import Task, catalog, load, suites

GENERATED: dict[str, type[Task]] = {task.id(): task for task in (Instructions, PrintedOutput, FoundInput)}
"""Tasks of the curriculum's own, which are in no catalogue."""


# -- which tasks ------------------------------------------------------------------------------------------------------


def known() -> list[str]:
    """The ids of all tasks that can be trained on."""
    return [*catalog.ids(), *catalog.CODE, *GENERATED]


def task(name: str) -> type[Task]:
    """The task with this id. Raises what `envs.load` raises."""
    return GENERATED[name] if name in GENERATED else load(name)


def chosen(patterns: Iterable[str]) -> tuple[str, ...]:
    """The tasks that ids, patterns of ids (`graphs/*`), families and suites stand for, each once, in that order.

    Raises `ValueError`, with a near name, for one that stands for nothing.
    """
    every, found = known(), dict[str, None]()
    for pattern in patterns:
        if pattern in every:
            found[pattern] = None
            continue
        matching = [name for name in every if fnmatchcase(name, pattern)] or _suite(pattern)
        if not matching:
            names = [*suites.names(), *{name.partition("/")[0] for name in every}, *every]
            near = difflib.get_close_matches(pattern, names, n=1, cutoff=0.5)
            hint = f"did you mean {near[0]!r}?" if near else "`whetstone list` shows all tasks"
            raise ValueError(f"there is no task {pattern!r}; {hint}")
        found |= dict.fromkeys(matching)
    return tuple(found)


def _suite(name: str) -> tuple[str, ...]:
    try:
        return suites.load_suite(name.removeprefix("suite:")).tasks
    except suites.UnknownSuite:
        return ()


# -- how sources share a batch ----------------------------------------------------------------------------------------


def shares(weights: Sequence[float], count: int, rng: np.random.Generator) -> list[int]:
    """How many of `count` places each source gets: its share by weight, and chance only decides what that leaves over.

    So no batch is without a source whose share is a place or more. Nothing is drawn where there is one source.
    """
    if len(weights) == 1:
        return [count]
    exact = count * np.asarray(weights, dtype=float) / sum(weights)
    whole = np.floor(exact + 1e-9).astype(int)
    left = count - int(whole.sum())
    if left:
        rest = np.maximum(exact - whole, 0.0)
        whole += rng.multinomial(left, rest / rest.sum())
    return whole.tolist()


# -- when a stage is left ---------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class ExitSettings:
    """When a stage is over before its last step; 0 turns a rule off. All numbers are means over `window` steps."""

    target: float = 0.0  # reached: the stage is over
    plateau: int = 0  # steps without a gain: the stage is over
    gain: float = 0.01  # the least improvement that counts
    window: int = 20
    falling: bool = False  # whether the measure improves by falling, as a loss does


class Exit:
    """Watches one measure, a value a step, and says why the stage is over once it is; None until then.

    >>> rule = Exit(ExitSettings(target=0.9, window=2))
    >>> [rule.observe(value) for value in (1.0, 0.5, 1.0, 0.9)]
    [None, None, None, 'the mean of 2 steps reached 0.95, the target is 0.9']
    """

    def __init__(self, settings: ExitSettings) -> None:
        self.settings = settings
        self.recent: deque[float] = deque(maxlen=settings.window)
        self.best: float | None = None
        self.since = 0  # steps since the best mean was last improved on
        self.reason: str | None = None

    def observe(self, value: float) -> str | None:
        """Learn of one step."""
        self.recent.append(-value if self.settings.falling else value)
        if self.reason is None and len(self.recent) == self.settings.window:
            self._judge(sum(self.recent) / len(self.recent))
        return self.reason

    def _judge(self, mean: float) -> None:
        settings = self.settings
        sign = -1 if settings.falling else 1
        shown = f"{sign * mean:.4g}"
        if settings.target and mean >= sign * settings.target:
            self.reason = f"the mean of {settings.window} steps reached {shown}, the target is {settings.target:g}"
        if self.best is None or mean >= self.best + settings.gain:
            self.best, self.since = mean, 0
            return
        self.since += 1
        if settings.plateau and self.since >= settings.plateau and self.reason is None:
            self.reason = f"no gain of {settings.gain:g} in {self.since} steps, the mean is {shown}"

    def state_dict(self) -> dict[str, Any]:
        return {"recent": list(self.recent), "best": self.best, "since": self.since, "reason": self.reason}

    def load_state_dict(self, state: dict[str, Any]) -> None:
        self.recent = deque(state["recent"], maxlen=self.settings.window)
        self.best, self.since, self.reason = state["best"], state["since"], state["reason"]
