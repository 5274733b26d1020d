"""The data sets of reasoning-gym as tasks: `load("reasoning_gym:gcd")`. Needs the package `reasoning-gym`.

A level sets every attribute of a data set's curriculum to that level, or to its last one; a data set without a
curriculum has one difficulty. Where the package refuses the settings of a level, the nearest easier level that it
accepts is asked. Its scores are taken as they are, partial credit included; what its scorer raises for an answer that
it cannot read (`ValueError`) is an unreadable answer. Some of its data sets draw other problems in another process;
a problem that was drawn keeps its text and its solution.
"""

from __future__ import annotations

import ast
import copy
import difflib
from dataclasses import dataclass, replace
from functools import cache
from typing import Any, ClassVar, NamedTuple, Self

from whetstone.envs.catalog import UnknownTask, from_json
from whetstone.envs.core import Rng, Task, Verdict, graded, unreadable

PREFIX = "reasoning_gym:"
ATTRIBUTES = (str, int, float, bool, type(None))
UNANSWERED = ("boxnet", "graph_color", "propositional_logic", "rubiks_cube", "rush_hour")
"""Data sets whose problems come without a solution: they can be trained on, but neither demonstrated nor certified."""


DRAWN_AT_ONCE = ("acre", "gsm_symbolic", "list_functions")
"""Data sets that choose all their problems when they are made."""


@dataclass(frozen=True)
class AsWritten:
    """Any text; white space around it is ignored."""

    instruction: str = "Write it as <answer>the answer</answer>."

    def parse(self, text: str) -> str:
        return text.strip()

    def show(self, answer: str) -> str:
        return answer


@dataclass(frozen=True)
class Borrowed(Task[str]):
    """One entry of a data set; a subclass for each data set is made by `borrowed`."""

    level: int
    question: str
    gold: str | None
    metadata: str  # a Python literal, which keeps what JSON does not: tuples, sets, keys that are no strings

    name: ClassVar[str]
    answer = AsWritten()

    class Size(NamedTuple):
        """The level is all that their curricula know."""

        level: int

        @classmethod
        def at(cls, level: int) -> Self:
            return cls(level)

    @classmethod
    def id(cls) -> str:
        return PREFIX + cls.name

    @classmethod
    def sample(cls, rng: Rng, size: Any) -> Self:
        # An own data set for each problem: theirs of seeds n and n + 1 share all problems but one.
        entry = _dataset(cls.name, size.level, int(rng.integers(2**31)))[0]
        return cls(size.level, entry["question"], entry["answer"], repr(_literal(entry["metadata"])))

    def __reduce__(self) -> tuple[Any, ...]:
        return from_json, (self.to_json(),)  # the class is made on demand and cannot be pickled

    def statement(self) -> str:
        return self.question

    def solve(self) -> str:
        if self.gold is None:
            raise LookupError(f"reasoning-gym gives no solution for {self.name}; it can only be judged")
        return self.gold

    def check(self, answer: str) -> Verdict:
        entry = {"question": self.question, "answer": self.gold, "metadata": ast.literal_eval(self.metadata)}
        try:
            return graded(float(_judge(self.name, self.level).score_answer(answer, entry)))
        except ValueError as error:
            return unreadable(f"reasoning-gym cannot read the answer: {error}")


def names() -> list[str]:
    """The ids of the data sets whose problems come with a solution, in alphabetical order."""
    return sorted(PREFIX + name for name in _registry() if name not in UNANSWERED)


@cache
def borrowed(task: str) -> type[Borrowed]:
    """The task `reasoning_gym:NAME`. Raises `UnknownTask`, with near names, where there is no such data set."""
    name = task.removeprefix(PREFIX)
    if name not in _registry():
        near = difflib.get_close_matches(name, _registry(), n=3, cutoff=0.5)
        raise UnknownTask(f"reasoning-gym has no data set {name!r}; it has {', '.join(near or sorted(_registry()))}")
    doc = (_registry()[name][0].__doc__ or name).strip()
    body = {"name": name, "__module__": __name__, "__doc__": f"{name} of reasoning-gym: {doc}"}
    return dataclass(frozen=True)(type(name, (Borrowed,), body))


@cache
def _registry() -> dict[str, tuple[type, type]]:
    """Data sets and their settings by name; `composite` is a mixture, which a curriculum of ours makes itself."""
    from reasoning_gym.factory import DATASETS

    return {name: kinds for name, kinds in DATASETS.items() if name != "composite" and ":" not in name}


@cache
def _settings(name: str, level: int) -> Any:
    """The settings of a level, or of the nearest easier one that the data set accepts."""
    from reasoning_gym.factory import CURRICULA

    kind = _registry()[name][1]
    if name not in CURRICULA:
        return kind()
    curriculum: Any = CURRICULA[name]()
    last = max(len(attribute.levels) for attribute in curriculum.attributes.values()) - 1
    for easier in range(min(level, last), -1, -1):
        curriculum.set_global_level(easier)
        settings = curriculum.generate_configuration()
        if _accepted(settings):
            return settings
    return kind()


def _accepted(settings: Any) -> bool:
    try:
        if hasattr(settings, "validate"):
            settings.validate()
    except AssertionError:
        return False
    return True


@cache
def _judge(name: str, level: int) -> Any:
    """The data set of a level; it is only read, by all threads."""
    return _registry()[name][0](replace(_settings(name, level), seed=0, size=1))


def _dataset(name: str, level: int, seed: int) -> Any:
    settings = replace(_settings(name, level), seed=seed, size=1)
    if name in DRAWN_AT_ONCE:
        return _registry()[name][0](settings)
    again = copy.copy(_judge(name, level))  # some read a second's worth of files when they are made
    again.seed, again.config = seed, settings
    return again


def _literal(value: Any) -> Any:
    """`value` with whatever Python cannot write as a literal put into words."""
    if isinstance(value, dict):
        return {_literal(key): _literal(each) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return type(value)(map(_literal, value)) if type(value) in (list, tuple) else tuple(map(_literal, value))
    if isinstance(value, set | frozenset):
        return set(map(_literal, value))
    return value if type(value) in ATTRIBUTES else str(value)
