"""Stored rollouts judged again with today's verifiers: what was stored, what is said now, and why."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.markup import escape
from rich.progress import track
from rich.table import Table

from whetstone.evaldir import EvalDir
from whetstone.exam import restore
from whetstone.rollout.types import Completion, Finish
from whetstone.rows import Key, Problem, Row, as_record, judge

SHOWN = 12  # changed rollouts that are printed one by one


def rejudge(row: Row, problem: Problem | Exception) -> Row:
    """The row as it would be judged now; what it cost stays. Where there is no answer, there is nothing to judge."""
    if row.kind in ("lost", "overlong"):
        return row
    finish: Finish = "length" if row.finish == "length" else "stop"
    done = Completion(row.completion, (0,) * row.tokens, (), finish)
    if isinstance(problem, Exception):
        reason = f"the problem cannot be read: {problem}"
        return _with(row, kind="crashed", score=None, correct=False, reason=reason)
    new = judge(row.key, problem, done)
    return _with(row, kind=new.kind, score=new.score, correct=new.correct, reason=new.reason)


def _with(row: Row, **changes: object) -> Row:
    return Row(**{**as_record(row), **changes})  # type: ignore[arg-type]


def judged_again(evaluation: EvalDir, threads: int = 4) -> Iterator[tuple[Row, Row]]:
    """Every rollout as it was stored and as it would be judged now, in order."""
    texts = evaluation.problem_texts()
    problems: dict[Key, Problem | Exception] = {}
    for key, text in texts.items():
        try:
            problems[key] = restore(text)
        except Exception as error:  # one broken task must not keep the others from being judged
            problems[key] = error
    missing = LookupError("it was never drawn")
    with ThreadPoolExecutor(threads) as pool:
        rows = evaluation.rows()
        again = pool.map(lambda row: rejudge(row, problems.get(row.key, missing)), rows)
        yield from zip(rows, again, strict=True)


def reverify(folder: Path, console: Console, write: bool = False) -> int:
    """Print what changed, keep it where asked to, and return how many rollouts changed their verdict."""
    evaluation = EvalDir.open(folder)
    total = len(evaluation.rows())
    pairs = list(track(judged_again(evaluation), "judging again", total=total, console=console, transient=True))
    changed = [(old, new) for old, new in pairs if verdict(old) != verdict(new)]
    console.print(f"{folder}: {len(pairs)} rollouts judged again, {len(changed)} changed", highlight=False)
    if changed:
        console.print(counts(changed))
        console.print(examples(changed))
        before, after = (sum(pair[i].correct for pair in pairs) for i in (0, 1))
        console.print(f"right: {before} before, {after} now, of {total}", highlight=False)
    if write and changed:
        asked = evaluation.asked()
        with EvalDir.create(folder, asked, "resume") as writing:
            writing.rollouts.append([as_record(new) for _, new in changed])
            writing.finish()
        console.print(f"kept in {folder}; the rows as they were stand before the new ones", highlight=False)
    return len(changed)


def verdict(row: Row) -> tuple[str, float | None]:
    """What counts as a change: the kind and the score; a reason may be worded anew."""
    return row.kind, row.score


def counts(changed: Sequence[tuple[Row, Row]]) -> Table:
    """How many went from which verdict to which, by task."""
    moves = Counter((old.task, _named(old), _named(new)) for old, new in changed)
    table = Table("task", "stored", "now", "rollouts", box=SIMPLE_HEAD)
    for (task, old, new), count in moves.most_common():
        table.add_row(task, old, new, str(count))
    return table


def examples(changed: Sequence[tuple[Row, Row]]) -> Table:
    """Some of the changed rollouts, with the reasons."""
    table = Table("problem", "stored", "now", box=SIMPLE_HEAD)
    for old, new in changed[:SHOWN]:
        name = f"{old.task} level {old.level} seed {old.seed} sample {old.sample}"
        table.add_row(name, *(f"{_named(row)}: {escape(row.reason[:160])}" for row in (old, new)))
    return table


def _named(row: Row) -> str:
    return row.kind if row.score is None or row.kind != "graded" else f"graded {row.score:g}"
