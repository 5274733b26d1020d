"""Which tasks there are. The file system is the registry: `tasks/<family>/<name>.py` is the task `family/name`.

Other packages add tasks through the entry-point group `whetstone.tasks`: each entry names a package whose modules are
tasks, and that package's name is their family. Listing imports no task; loading one imports only it.
"""

from __future__ import annotations

import difflib
import importlib
import importlib.util
import inspect
import json
import warnings
from collections.abc import Iterator
from functools import cache
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING

from whetstone.envs.core import Task

if TYPE_CHECKING:
    from importlib.metadata import EntryPoint

GROUP = "whetstone.tasks"
CODE = tuple(f"code/{name}" for name in ("falsify", "predict_input", "predict_output", "reconstruct", "write"))
"""The tasks about programming problems, which `envs/code/families` makes: they need a sandbox to be judged."""


class UnknownTask(LookupError):
    """No task has this id."""


class BrokenTask(ImportError):
    """A task's module cannot be imported, or does not hold exactly one task."""


@cache
def _modules() -> dict[str, list[str]]:
    """The modules that claim each id: one, unless two packages chose the same family and name."""
    from importlib.metadata import entry_points  # slow to import

    found: dict[str, list[str]] = {}
    own = _tasks_in((Path(__file__).parent / "tasks").glob("*/*.py"), "whetstone.envs.tasks")
    for task, module in chain(own, *map(_tasks_of, entry_points(group=GROUP))):
        found.setdefault(task, []).append(module)
    return dict(sorted(found.items()))


def _tasks_of(entry: EntryPoint) -> Iterator[tuple[str, str]]:
    try:
        spec = importlib.util.find_spec(entry.value)
    except Exception as error:  # a broken package of somebody else's must not hide the others
        warnings.warn(f"{GROUP}: {entry.value} cannot be imported, its tasks are left out: {error}", stacklevel=2)
        return
    for folder in (spec.submodule_search_locations or ()) if spec else ():
        yield from _tasks_in(Path(folder).glob("*.py"), entry.value.rpartition(".")[0])


def _tasks_in(files: Iterator[Path], package: str) -> Iterator[tuple[str, str]]:
    for file in files:
        if file.stem != "lib" and not file.stem.startswith("_"):
            family = file.parent.name
            yield f"{family}/{file.stem}", ".".join(filter(None, (package, family, file.stem)))


def ids(family: str | None = None) -> list[str]:
    """The ids of all procedural tasks, or of one family, in alphabetical order.

    The families `code` (`CODE`) and `reasoning_gym` (its data sets, where it is installed) are listed by name only.
    """
    if family == "code":
        return list(CODE)
    if family == "reasoning_gym":
        from whetstone.envs.reasoning_gym import names  # a package that need not be there

        return names()
    return [task for task in _modules() if family in (None, task.partition("/")[0])]


def load(task: str) -> type[Task]:
    """The task with this id. Raises `UnknownTask` (with near names) or `BrokenTask` (with the cause)."""
    if task in CODE:
        from whetstone.envs.code.families import family  # only those who ask for code pay for it

        return family(task)
    if task.startswith("reasoning_gym:"):
        from whetstone.envs.reasoning_gym import borrowed

        return borrowed(task)
    if task not in _modules():
        near = difflib.get_close_matches(task, [*_modules(), *CODE], n=3, cutoff=0.5)
        hint = f"; did you mean {' or '.join(near)}?" if near else "; `whetstone list` shows all tasks"
        raise UnknownTask(f"there is no task {task!r}{hint}")
    name, *others = _modules()[task]
    if others:
        raise BrokenTask(f"task {task} is defined more than once, in {name} and {', '.join(others)}; rename one")
    try:
        module = importlib.import_module(name)
    except Exception as error:  # whatever an author's module raises, the others must go on
        raise BrokenTask(f"task {task} cannot be imported: {type(error).__name__}: {error} (in {name})") from error
    tasks = [c for _, c in inspect.getmembers(module, inspect.isclass) if c.__module__ == name and issubclass(c, Task)]
    if len(tasks) != 1:
        raise BrokenTask(f"{name} must define exactly one Task, it defines {len(tasks)}")
    return tasks[0]


def title(task: str) -> str:
    """The first line of the task's module docstring."""
    return (inspect.getdoc(inspect.getmodule(load(task))) or "").partition("\n")[0]


def from_json(text: str) -> Task:
    """Any task's problem, from the JSON that `Task.to_json` wrote."""
    try:
        task = json.loads(text)["task"]
    except (json.JSONDecodeError, KeyError, TypeError) as error:
        raise ValueError(f"expected a JSON object with a 'task' field, got {text[:80]!r}") from error
    if not isinstance(task, str):
        raise ValueError(f"expected the task's id as a string, got {task!r}")
    return load(task).from_json(text)
