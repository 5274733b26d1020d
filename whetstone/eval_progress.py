"""What a person sees while an evaluation runs: how far it is, how good, how fast, and what went wrong."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Sequence
from types import TracebackType
from typing import Self

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from whetstone.rows import JUDGED, Row
from whetstone.statistics import wilson

LINES = 20  # lines of progress when there is no terminal


class EvalProgress:
    """Shows done/total, accuracy with its interval, tokens per second, time left and failures by kind."""

    def __init__(self, console: Console, title: str, total: int, before: Sequence[Row] = ()) -> None:
        self.console, self.title, self.total = console, title, total
        self.kinds = Counter(_kind(row) for row in before)
        self.done, self.first, self.tokens = len(before), len(before), 0
        self.started = time.monotonic()
        columns = (TextColumn(title), BarColumn(bar_width=20), MofNCompleteColumn(), TextColumn("{task.fields[text]}"))
        self.bar = Progress(*columns, TimeRemainingColumn(), console=console) if console.is_terminal else None
        self.task = self.bar.add_task("", total=total, completed=self.done, text="") if self.bar else None

    def __enter__(self) -> Self:
        if self.bar:
            self.bar.__enter__()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None):
        if self.bar:
            self.bar.__exit__(kind, error, trace)

    def add(self, rows: Sequence[Row]) -> None:
        """Count new rows."""
        before, self.done = self.done, self.done + len(rows)
        self.kinds.update(map(_kind, rows))
        self.tokens += sum(row.spent for row in rows)
        if self.bar is not None and self.task is not None:
            self.bar.update(self.task, completed=self.done, text=self.text())
        elif self.done * LINES // self.total > before * LINES // self.total:
            line = f"{self.title} {self.done}/{self.total}: {self.text()}"
            self.console.print(line, highlight=False, soft_wrap=True, markup=False)

    def text(self) -> str:
        """Accuracy so far with its interval (of the rows, as if independent), speed, failures."""
        correct = self.kinds["correct"]
        judged = correct + sum(self.kinds[kind] for kind in (*JUDGED, "wrong"))
        low, high = wilson(correct, judged)
        parts = [f"right {correct / max(1, judged):.3f} ({low:.3f} to {high:.3f})"]
        seconds = time.monotonic() - self.started
        if self.tokens and seconds > 0:
            parts.append(f"{self.tokens / seconds:,.0f} tokens/s")
        parts += [f"{kind} {count}" for kind, count in sorted(self.kinds.items()) if kind not in ("correct", "wrong")]
        return ", ".join(parts)


def _kind(row: Row) -> str:
    if row.kind == "graded":
        return "correct" if row.correct else "wrong"
    return row.kind
