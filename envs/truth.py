"""Independent truth: a second opinion on a task, written from its statement and not from its solver.

A truth is a function of one small problem that asserts what must hold of it, by trying everything. Truths stand in
the tests of whoever owns the tasks (here `tests/truth`), are run by pytest, and are counted by `whetstone check`.
"""

from __future__ import annotations

import importlib.util
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from whetstone.envs.catalog import load
from whetstone.envs.core import Task
from whetstone.envs.stream import stream

ENOUGH = 50  # different problems on which task and truth must agree


@dataclass(frozen=True)
class Truth:
    """A truth and the problems it is held against: those of `levels`, or of `sizes` where levels grow too fast."""

    task: str
    assert_on: Callable[[Any], None]
    levels: Sequence[int]
    sizes: Sequence[tuple]
    seeds: int

    def problems(self) -> list[Task]:
        """The different problems among the draws, in order."""
        kind = load(self.task)
        drawn = [kind.draw(level, seed) for level in self.levels for seed in range(self.seeds)]
        for words in self.sizes:
            size = kind.Size(*words)  # type: ignore[call-arg]
            drawn += [kind.sample(stream(self.task, "train", 0, seed), size) for seed in range(self.seeds)]
        return list(dict.fromkeys(drawn))

    def hold(self, at_most: int | None = None) -> int:
        """The number of problems on which task and truth agree; raises `AssertionError` naming one that differs.

        `at_most` bounds how many are tried.
        """
        problems = self.problems()
        if len(problems) < ENOUGH:
            raise AssertionError(f"{self.task}: a truth needs {ENOUGH} different problems, there are {len(problems)}")
        for problem in problems[:at_most]:
            verdict = problem.check(problem.solution)
            if not verdict.correct:
                raise AssertionError(f"{problem}: its own solution {problem.solution} is refused: {verdict.reason}")
            try:
                self.assert_on(problem)
            except AssertionError as error:
                error.add_note(f"the truth differs on {problem}, solved as {problem.solution}")
                raise
        return len(problems[:at_most])


def truth(
    task: str, *, levels: Iterable[int] = (), sizes: Iterable[tuple] = (), seeds: int = 20
) -> Callable[[Callable[[Any], None]], Truth]:
    """Make a function of one problem the truth of `task`; it raises `AssertionError` where they differ."""
    return lambda assert_on: Truth(task, assert_on, tuple(levels), tuple(sizes), seeds)


def load_truths(folder: Path) -> dict[str, Truth]:
    """Every truth in the modules of a folder, by task. Raises `ValueError` when two claim one task."""
    found: dict[str, Truth] = {}
    for file in sorted(folder.glob("*.py")):
        if file.stem.startswith(("_", "test_", "conftest")):
            continue
        spec = importlib.util.spec_from_file_location(f"whetstone_truths.{file.stem}", file)
        assert spec and spec.loader
        module = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
        for each in vars(module).values():
            if isinstance(each, Truth):
                if each.task in found:
                    raise ValueError(f"{file}: {each.task} has a truth already; keep one")
                found[each.task] = each
    return found
