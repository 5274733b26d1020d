"""What the rows of an evaluation add up to: accuracies, frontiers and failures, each with its interval.

Problems are the clusters, not samples: eight completions of one problem are no eight problems.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from statistics import fmean

import numpy as np
from pydantic import TypeAdapter, ValidationError

from whetstone.rows import JUDGED, Row
from whetstone.statistics import Bootstrap, Estimate, effective_trials, frontier, pass_all_k, pass_at_k, wilson

SUMMARY = "summary.json"


@dataclass(frozen=True)
class Cell:
    """One task at one level: counts of completions, accuracy and its Wilson interval (None without trials)."""

    task: str
    level: int
    correct: int
    trials: int
    accuracy: Estimate | None
    problems: int = 0


@dataclass(frozen=True)
class TaskSummary:
    """One task, or family: accuracy averaged over the levels, and the level at which it crosses one half."""

    task: str
    accuracy: Estimate | None
    frontier: Estimate | None


@dataclass(frozen=True)
class Summary:
    """An evaluation in numbers.

    `overall` averages over tasks and levels alike, `families` gives each family's average, and `by_family` averages
    over those. `pass_at[k]` is the probability that one of k samples is right, `pass_all[k]` that all are.
    `failures` counts rows by kind, `tokens` are those written for a problem, on average.
    """

    overall: Estimate | None
    tasks: list[TaskSummary]
    cells: list[Cell]
    failures: dict[str, int]
    rows: int
    problems: int = 0
    tokens: float = 0.0
    families: list[TaskSummary] = field(default_factory=list)
    by_family: Estimate | None = None
    pass_at: dict[int, Estimate] = field(default_factory=dict)
    pass_all: dict[int, Estimate] = field(default_factory=dict)

    def to_json(self) -> str:
        """The summary as indented JSON."""
        return _SUMMARY.dump_json(self, indent=2).decode()

    @classmethod
    def from_json(cls, text: str) -> Summary:
        """The summary that `to_json` wrote; raises `ValueError` when `text` holds something else."""
        try:
            return _SUMMARY.validate_json(text)
        except ValidationError as error:
            raise ValueError(f"expected the summary of an evaluation: {error.errors()[0]['msg']}") from error


_SUMMARY = TypeAdapter(Summary)


@dataclass(frozen=True, slots=True)
class Tally:
    """One problem's judged completions: how many, how many right, and the tokens that were written for all."""

    task: str
    level: int
    seed: int
    trials: int
    correct: int
    spent: int

    @property
    def cell(self) -> tuple[str, int]:
        return self.task, self.level


def tallies(rows: Iterable[Row]) -> list[Tally]:
    """The judged completions of each problem, in the order of the rows; problems without any are left out."""
    counts: dict[tuple[str, int, int], list[int]] = {}
    for row in rows:
        if row.kind in JUDGED:
            count = counts.setdefault((row.task, row.level, row.seed), [0, 0, 0])
            count[0] += 1
            count[1] += row.correct
            count[2] += row.spent
    return [Tally(*key, *count) for key, count in counts.items()]


def summarise(rows: Iterable[Row]) -> Summary:
    """Counts, accuracies, frontiers and intervals of an evaluation."""
    rows = list(rows)
    tasks = list(dict.fromkeys(row.task for row in rows))
    place = {task: i for i, task in enumerate(tasks)}
    judged = tallies(rows)
    by_cell: dict[tuple[str, int], list[Tally]] = defaultdict(list)
    for tally in judged:
        by_cell[tally.cell].append(tally)
    asked = sorted({(row.task, row.level) for row in rows}, key=lambda cell: (place[cell[0]], cell[1]))
    cells = [_cell(*cell, by_cell[cell]) for cell in asked]
    failures = Counter(row.kind if row.kind != "graded" else "wrong" for row in rows if not row.correct)
    counts = dict(sorted(failures.items()))
    if not judged:
        none = [TaskSummary(task, None, None) for task in tasks]
        return Summary(None, none, cells, counts, len(rows))
    macro = Macro(judged)
    levels_of = {task: [cell for cell in cells if cell.task == task and cell.trials] for task in tasks}
    by_task = [TaskSummary(task, macro.of([task]), _crossing(levels_of[task])) for task in tasks]
    return Summary(
        macro.whole(),
        by_task,
        cells,
        counts,
        len(rows),
        problems=len(judged),
        tokens=fmean(tally.spent for tally in judged),
        families=macro.families(by_task),
        by_family=macro.by_family(),
        pass_at={k: macro.whole(1 + i) for i, k in enumerate(macro.ks)},
        pass_all={k: macro.whole(1 + len(macro.ks) + i) for i, k in enumerate(macro.ks)},
    )


def family(task: str) -> str:
    """The folder of a task's id."""
    return task.partition("/")[0]


def _cell(task: str, level: int, held: Sequence[Tally]) -> Cell:
    right, total = sum(t.correct for t in held), sum(t.trials for t in held)
    if not total:
        return Cell(task, level, 0, 0, None)
    worth = effective_trials([t.correct for t in held], [t.trials for t in held])
    accuracy = Estimate(right / total, *wilson(min(1.0, right / total) * worth, worth))
    return Cell(task, level, right, total, accuracy, len(held))


def _crossing(cells: Sequence[Cell]) -> Estimate | None:
    """The frontier of a task; a problem counts as one trial however often it was sampled."""
    if not cells:
        return None
    rate = [cell.correct / cell.trials * cell.problems for cell in cells]
    return frontier([cell.level for cell in cells], rate, [cell.problems for cell in cells])


class Macro:
    """Averages over tasks and levels of accuracy (column 0), pass@k and pass^k (the columns after it, by `ks`)."""

    def __init__(self, judged: Sequence[Tally]) -> None:
        fewest = min(tally.trials for tally in judged)
        self.ks = [k for k in (1 << i for i in range(20)) if k <= fewest] if fewest > 1 else []
        columns = [
            [
                tally.correct / tally.trials,
                *(pass_at_k(tally.trials, tally.correct, k) for k in self.ks),
                *(pass_all_k(tally.trials, tally.correct, k) for k in self.ks),
            ]
            for tally in judged
        ]
        cells: list[Hashable] = [tally.cell for tally in judged]
        self.bootstrap = Bootstrap(np.array(columns), [tally.seed for tally in judged], cells)
        self.problems = Counter(tally.cell for tally in judged)
        self.cells: dict[str, list[tuple[str, int]]] = defaultdict(list)
        for cell in self.problems:
            self.cells[cell[0]].append(cell)

    def whole(self, column: int = 0) -> Estimate:
        """The mean over all cells."""
        return self._mean(dict.fromkeys(self.problems, 1 / len(self.problems)), column)

    def of(self, tasks: Iterable[str]) -> Estimate | None:
        """The mean over the cells of these tasks, None where there are none."""
        cells = [cell for task in tasks for cell in self.cells.get(task, ())]
        return self._mean(dict.fromkeys(cells, 1 / len(cells)), 0) if cells else None

    def families(self, tasks: Sequence[TaskSummary]) -> list[TaskSummary]:
        """Each family: its cells' mean accuracy, and the mean frontier of its tasks."""
        members: dict[str, list[str]] = defaultdict(list)
        for line in tasks:
            members[family(line.task)].append(line.task)
        return [TaskSummary(name, self.of(held), mean_frontier(tasks, name)) for name, held in members.items()]

    def by_family(self) -> Estimate | None:
        """The mean over families of each one's mean over cells."""
        members = Counter(family(task) for task, _ in self.problems)
        return self._mean({cell: 1 / len(members) / members[family(cell[0])] for cell in self.problems}, 0)

    def _mean(self, weights: Mapping[tuple[str, int], float], column: int) -> Estimate:
        alike = {float(self.bootstrap.means[cell][column]) for cell in weights}
        if alike in ({0.0}, {1.0}):  # resampling equal values shows no doubt; few problems leave some all the same
            (value,), problems = alike, sum(self.problems[cell] for cell in weights)
            return Estimate(value, *wilson(value * problems, problems))
        return self.bootstrap.mean(weights, column)


def mean_frontier(tasks: Sequence[TaskSummary], name: str | None = None) -> Estimate | None:
    """The mean over tasks (of a family); deviations to either side add in squares, as those of independent tasks do."""
    found = [line.frontier for line in tasks if line.frontier is not None and name in (None, family(line.task))]
    if not found:
        return None
    n = len(found)
    value = sum(f.value for f in found) / n
    down = sum((f.value - f.low) ** 2 for f in found) ** 0.5 / n
    up = sum((f.high - f.value) ** 2 for f in found) ** 0.5 / n
    return Estimate(value, value - down, value + up)


def read_summary(folder: Path) -> Summary:
    """The summary in `run/evals/label`; raises `FileNotFoundError` or `ValueError`, each saying what was expected."""
    path = folder / SUMMARY
    if not path.is_file():
        raise FileNotFoundError(f"expected an evaluation in {folder}, found no {SUMMARY}; run `whetstone eval`")
    return Summary.from_json(path.read_text(encoding="utf-8"))
