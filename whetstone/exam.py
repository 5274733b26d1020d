"""An exam: the problems that an evaluation asks, each with the key that names it.

Tasks draw theirs by key, so equal arguments ask equal problems. Benchmarks are lists: level 0, and the place in the
list as seed.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from whetstone.envs import benchmarks, catalog, load
from whetstone.envs.core import Split
from whetstone.envs.suites import LEVELS, UnknownSuite, load_suite, parse_levels
from whetstone.rows import Key, Problem

STRIDE = 1_000_000  # the seeds of one evaluation are seed * STRIDE + 0, 1, 2, …: other seeds share no problem


@dataclass(frozen=True, slots=True)
class Item:
    """A problem that is drawn when it is asked."""

    key: Key
    draw: Callable[[], Problem]


def keys(tasks: Sequence[str], levels: Sequence[int], problems: int, seed: int = 0) -> list[Key]:
    """The names of the problems of an evaluation: `problems` at every level of every task."""
    if problems < 1 or problems > STRIDE:
        raise ValueError(f"problems must lie in 1..{STRIDE}, not {problems}")
    return [Key(t, level, seed * STRIDE + i) for t in tasks for level in levels for i in range(problems)]


def drawn(
    tasks: Sequence[str], levels: Sequence[int], problems: int, seed: int = 0, split: Split = "eval"
) -> list[Item]:
    """The items of tasks; raises `UnknownTask` or `BrokenTask`."""
    classes = {task: load(task) for task in tasks}
    return [
        Item(key, partial(classes[key.task].draw, key.level, key.seed, split))
        for key in keys(tasks, levels, problems, seed)
    ]


def listed(names: Sequence[str], problems: int | None, seed: int = 0) -> list[Item]:
    """The items of benchmarks: `name`, or `name=file` for a file of the same columns.

    `problems` takes that many of each, spread by `seed`; all unless told.
    """
    items = []
    for name in names:
        name, _, file = name.partition("=")
        found = benchmarks.read(name, Path(file)) if file else benchmarks.fetch(name)
        places = benchmarks.chosen(len(found), problems, seed)
        items += [Item(Key(f"benchmarks/{name}", 0, place), partial(found.__getitem__, place)) for place in places]
    return items


@dataclass(frozen=True)
class Scope:
    """What a suite's names stand for: tasks with their levels, and benchmarks."""

    tasks: tuple[str, ...]
    levels: tuple[int, ...]
    benchmarks: tuple[str, ...]


def scope(names: Sequence[str], levels: Sequence[int] | None = None) -> Scope:
    """The tasks and benchmarks of suites, families, ids, TOML files and benchmarks.

    Raises `UnknownSuite` (with near names).
    """
    tasks: dict[str, None] = {}
    lists: dict[str, None] = {}
    spans: set[int] = set()
    for name in names:
        bare = name.partition("=")[0]
        if bare in benchmarks.GROUPS:
            lists |= dict.fromkeys(benchmarks.GROUPS[bare])
        elif bare in benchmarks.NAMES:
            lists[name] = None
        elif "/" in name and name in (*catalog.ids(), *catalog.CODE):
            tasks[name] = None
            spans |= set(LEVELS)
        else:
            try:
                suite = load_suite(name)
            except UnknownSuite as error:
                raise UnknownSuite(f"{error}; benchmarks are {', '.join(benchmarks.NAMES)}") from None
            tasks |= dict.fromkeys(suite.tasks)
            spans |= set(suite.levels)
    return Scope(tuple(tasks), tuple(sorted(spans) if levels is None else levels), tuple(lists))


def parse_level_list(text: str) -> tuple[int, ...]:
    """Levels from `0-10`, `3` or `0,5,10`, in ascending order; raises `ValueError` for anything else."""
    found = {level for part in text.split(",") for level in parse_levels(part.strip())}
    return tuple(sorted(found))


def restore(text: str) -> Problem:
    """The problem that `Problem.to_json` wrote; raises `ValueError` or `UnknownTask`."""
    try:
        is_benchmark = "benchmark" in json.loads(text)
    except (json.JSONDecodeError, TypeError) as error:
        raise ValueError(f"expected a problem as JSON, got {text[:80]!r}") from error
    return benchmarks.from_json(text) if is_benchmark else catalog.from_json(text)


def problems_of(items: Sequence[Item]) -> Iterator[Problem]:
    """The problems; one that cannot be drawn is left out (asking it is what tells)."""
    for item in items:
        try:
            yield item.draw()
        except Exception:  # supervised where it is asked: the row names the error
            continue
