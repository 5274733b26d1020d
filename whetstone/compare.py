"""Two evaluations of the same problems side by side: what a training stage changed, task by task."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from rich.box import SIMPLE_HEAD
from rich.table import Table

from whetstone.statistics import Estimate
from whetstone.summary import Summary, TaskSummary, mean_frontier

MANY = 30  # tasks, beyond which a terminal shows families
HEADER = ("task", "accuracy before", "after", "change", "frontier before", "after", "change")


@dataclass(frozen=True)
class Change:
    """One quantity before and after; None where it was not measured."""

    before: Estimate | None
    after: Estimate | None

    @property
    def difference(self) -> float | None:
        """After minus before, or None."""
        return None if self.before is None or self.after is None else self.after.value - self.before.value


@dataclass(frozen=True)
class TaskChange:
    """Accuracy (averaged over levels) and frontier level of one task, or of all of them (`task` is "all tasks")."""

    task: str
    accuracy: Change
    frontier: Change


def compare(before: Summary, after: Summary) -> list[TaskChange]:
    """A line for every task of either evaluation, and a last one for all tasks (frontier: the mean over tasks)."""
    return [*_changes(before.tasks, after.tasks), _total(before, after)]


def _changes(before: Sequence[TaskSummary], after: Sequence[TaskSummary]) -> list[TaskChange]:
    old, new = ({line.task: line for line in lines} for lines in (before, after))
    pairs = {name: (old.get(name), new.get(name)) for name in dict.fromkeys([*old, *new])}
    return [
        TaskChange(name, Change(a and a.accuracy, b and b.accuracy), Change(a and a.frontier, b and b.frontier))
        for name, (a, b) in pairs.items()
    ]


def _total(before: Summary, after: Summary) -> TaskChange:
    frontiers = Change(mean_frontier(before.tasks), mean_frontier(after.tasks))
    return TaskChange("all tasks", Change(before.overall, after.overall), frontiers)


def compare_table(before: Summary, after: Summary, title: str = "before and after") -> Table:
    """The comparison for a terminal of 80 columns: by task, or by family where there are many tasks."""
    caption = "exact accuracy over all levels; frontier: the level at which it is one half; ±: half a 95 % interval"
    table = Table(title=title, caption=caption, box=SIMPLE_HEAD, padding=(0, 1, 0, 0))
    for i, name in enumerate(HEADER):
        table.add_column(name.replace(" ", "\n"), justify="right" if i else "left", no_wrap=i > 0, vertical="bottom")
    tasks = _changes(before.tasks, after.tasks)
    for line in tasks if len(tasks) <= MANY else _changes(before.families, after.families):
        table.add_row(*_cells(line, _short))
    table.add_section()
    table.add_row(*_cells(_total(before, after), _short), style="bold")
    return table


def compare_markdown(before: Summary, after: Summary) -> str:
    """The same table in Markdown with both ends of the 95 % intervals, ending with a newline."""
    *tasks, total = compare(before, after)
    lines = ["| " + " | ".join(HEADER) + " |", "|---" + "|---:" * (len(HEADER) - 1) + "|"]
    lines += ["| " + " | ".join(_cells(line, _long)) + " |" for line in tasks]
    lines.append("| " + " | ".join(f"**{cell}**" for cell in _cells(total, _long)) + " |")
    return "\n".join(lines) + "\n"


def _short(e: Estimate, digits: int) -> str:
    return f"{e.value:.{digits}f}±{(e.high - e.low) / 2:.{digits}f}"


def _long(e: Estimate, digits: int) -> str:
    return f"{e.value:.{digits}f} [{e.low:.{digits}f}, {e.high:.{digits}f}]"


def _cells(line: TaskChange, show: Callable[[Estimate, int], str]) -> list[str]:
    cells = [line.task]
    for change, digits in ((line.accuracy, 2), (line.frontier, 1)):
        cells += ["-" if e is None else show(e, digits) for e in (change.before, change.after)]
        cells.append("-" if change.difference is None else f"{change.difference:+.{digits}f}")
    return cells
