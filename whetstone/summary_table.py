"""Evaluations as a table for a terminal: a line a task, or a line an evaluation where there are many."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from rich.box import SIMPLE_HEAD
from rich.console import Group, RenderableType
from rich.table import Table

from whetstone.compare import MANY, compare_table
from whetstone.statistics import Estimate
from whetstone.summary import Summary, mean_frontier, read_summary


def overview(folders: Sequence[Path]) -> RenderableType:
    """What was measured: the stages of a run against each other, or one evaluation by family (or task, if few)."""
    summaries = {folder.name: read_summary(folder) for folder in folders}
    first, *_, last = [*summaries, *summaries]
    if first != last:
        return compare_table(summaries[first], summaries[last], f"before ({first}) and after ({last})")
    return Group(table(summaries[first], first), *(f"{line}" for line in facts(summaries[first])))


def table(summary: Summary, title: str) -> Table:
    """A line a task, or a family where there are many tasks, and one for all of them."""
    caption = "exact accuracy over all levels; frontier: the level at which it is one half; in brackets 95 % intervals"
    result = Table(title=title, caption=caption, box=SIMPLE_HEAD, padding=(0, 1, 0, 0))
    lines = summary.tasks if len(summary.tasks) <= MANY else summary.families
    result.add_column("task" if lines is summary.tasks else "family")
    for name in ("accuracy", "frontier"):
        result.add_column(name, justify="right")
    for line in lines:
        result.add_row(line.task, shown(line.accuracy, 3), shown(line.frontier, 1))
    result.add_section()
    result.add_row("all tasks", shown(summary.overall, 3), shown(mean_frontier(summary.tasks), 1), style="bold")
    return result


def facts(summary: Summary) -> list[str]:
    """What the table has no column for."""
    lines = [f"{summary.rows} rollouts of {summary.problems} problems, {summary.tokens:,.0f} tokens a problem"]
    if summary.by_family is not None and len(summary.families) > 1:
        lines.append(f"mean over {len(summary.families)} families: {shown(summary.by_family, 3)}")
    for name, found in (("pass@", summary.pass_at), ("pass^", summary.pass_all)):
        if found:
            lines.append(", ".join(f"{name}{k} {e.value:.3f}" for k, e in found.items()))
    if summary.failures:
        lines.append("not right: " + ", ".join(f"{kind} {count}" for kind, count in summary.failures.items()))
    return lines


def shown(estimate: Estimate | None, digits: int) -> str:
    """A value with both ends of its interval."""
    if estimate is None:
        return "-"
    return f"{estimate.value:.{digits}f} ({estimate.low:.{digits}f} to {estimate.high:.{digits}f})"
