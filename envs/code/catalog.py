"""Which programming problems there are. The file system is the registry: `problems/<topic>/<name>.py` is `topic/name`.

Other packages add problems through the entry-point group `whetstone.problems`: each entry names a package whose modules
are problems, and that package's name is their topic. Listing imports no problem; loading one imports only it, and runs
nothing: its tests lie beside it in a JSON file that `whetstone problems build` wrote.
"""

from __future__ import annotations

import difflib
import importlib
import importlib.util
import inspect
import warnings
from collections.abc import Iterator
from functools import cache, lru_cache
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING

from whetstone.envs.catalog import BrokenTask, UnknownTask
from whetstone.envs.code.blueprint import Blueprint
from whetstone.envs.code.stored import Stored

if TYPE_CHECKING:
    from importlib.metadata import EntryPoint

    from whetstone.envs.code.problem import Problem

GROUP = "whetstone.problems"
KEPT = 64  # problems whose tests stay in memory: a few have some megabytes, and making them takes half a second


class UnknownProblem(UnknownTask):
    """No problem has this id."""


class BrokenProblem(BrokenTask):
    """A problem's module cannot be imported, or does not hold exactly one blueprint."""


@cache
def _modules() -> dict[str, list[tuple[str, Path]]]:
    """The module and file that claim each id: one, unless two packages chose the same topic and name."""
    from importlib.metadata import entry_points  # slow to import

    found: dict[str, list[tuple[str, Path]]] = {}
    own = _problems_in((Path(__file__).parent / "problems").glob("*/*.py"), "whetstone.envs.code.problems")
    for problem, module, file in chain(own, *map(_problems_of, entry_points(group=GROUP))):
        found.setdefault(problem, []).append((module, file))
    return dict(sorted(found.items()))


def _problems_of(entry: EntryPoint) -> Iterator[tuple[str, str, Path]]:
    try:
        spec = importlib.util.find_spec(entry.value)
    except Exception as error:  # a broken package of somebody else's must not hide the others
        warnings.warn(f"{GROUP}: {entry.value} cannot be imported, its problems are left out: {error}", stacklevel=2)
        return
    for folder in (spec.submodule_search_locations or ()) if spec else ():
        yield from _problems_in(Path(folder).glob("*.py"), entry.value.rpartition(".")[0])


def _problems_in(files: Iterator[Path], package: str) -> Iterator[tuple[str, str, Path]]:
    for file in files:
        if not file.stem.startswith("_"):
            topic = file.parent.name
            yield f"{topic}/{file.stem}", ".".join(filter(None, (package, topic, file.stem))), file


def problem_ids(topic: str | None = None) -> list[str]:
    """The ids of all problems, or of one topic, in alphabetical order."""
    return [problem for problem in _modules() if topic in (None, problem.partition("/")[0])]


def source_file(problem: str) -> Path:
    """The file in which a problem is written. Raises `UnknownProblem` (with near ids) or `BrokenProblem`."""
    return _module(problem)[1]


def stored_file(problem: str) -> Path:
    """The file that holds a problem's tests and certificate, whether it is there or not."""
    return source_file(problem).with_suffix(".json")


def blueprint(problem: str) -> type[Blueprint]:
    """What its author wrote. Raises `UnknownProblem` (with near ids) or `BrokenProblem` (with the cause)."""
    name, _ = _module(problem)
    try:
        module = importlib.import_module(name)
    except Exception as error:  # whatever an author's module raises, the others must go on
        raise BrokenProblem(f"problem {problem} cannot be imported: {type(error).__name__}: {error}") from error
    classes = [c for _, c in inspect.getmembers(module, inspect.isclass) if c.__module__ == name]
    blueprints = [c for c in classes if issubclass(c, Blueprint)]
    if len(blueprints) != 1:
        raise BrokenProblem(f"{name} must define exactly one Blueprint, it defines {len(blueprints)}")
    return blueprints[0]


def stored(problem: str) -> Stored:
    """Its tests as they are stored, and its certificate. Raises `ValueError` if they are missing or stale."""
    return Stored.read(stored_file(problem), source_file(problem))


@lru_cache(KEPT)
def problem(problem: str) -> Problem:
    """A certified problem, ready to be judged by. Raises as `blueprint` and `stored` do."""
    return stored(problem).problem(problem, blueprint(problem))


def _module(problem: str) -> tuple[str, Path]:
    if problem not in _modules():
        near = difflib.get_close_matches(problem, _modules(), n=3, cutoff=0.5)
        hint = f"; did you mean {' or '.join(near)}?" if near else "; `whetstone problems` shows all problems"
        raise UnknownProblem(f"there is no problem {problem!r}{hint}")
    found, *others = _modules()[problem]
    if others:
        names = ", ".join(name for name, _ in others)
        raise BrokenProblem(f"problem {problem} is defined more than once, in {found[0]} and {names}; rename one")
    return found
