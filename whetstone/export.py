"""A suite's problems as a file that `datasets` and every trainer reads: Parquet, or JSON lines."""

from __future__ import annotations

import importlib
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import count, islice
from math import lcm
from pathlib import Path
from typing import Any, Protocol

import pyarrow as pa
import pyarrow.parquet as pq

from whetstone.envs import catalog
from whetstone.envs.core import Split, Task
from whetstone.files import RunError, write_atomically

SCHEMA = pa.schema(
    {
        "prompt": pa.list_(pa.struct({"role": pa.string(), "content": pa.string()})),
        "task": pa.string(),
        "level": pa.int32(),
        "seed": pa.int64(),
        "split": pa.string(),
        "problem": pa.string(),
        "solution": pa.string(),
    }
)
ROWS = 1000  # of a row group
FORMATS = ("trl", "verl", "slime", "openrlhf")
"""Whose columns a file can have; `trl` is ours as well, the others are `row` of `whetstone.integrations.NAME`."""
Row = Callable[[Mapping[str, Any], int], dict[str, Any]]
REPEATS = 50  # seeds in a row that give nothing new, after which a task has no more problems at a level


class Draw(Protocol):
    """Where problems come from."""

    def __call__(self, task: str, level: int, split: Split) -> Iterator[Any]:
        """The problems with seeds 0, 1, 2, …; what `record` reads of each is all that it need have."""
        ...


def draw_here(task: str, level: int, split: Split) -> Iterator[Task]:
    """The problems, drawn in this process."""
    kind = catalog.load(task)
    return (kind.draw(level, seed, split) for seed in count())


def problems(
    tasks: Sequence[str], levels: Sequence[int], number: int, split: Split, draw: Draw = draw_here
) -> Iterator[tuple[int, int, Any]]:
    """(level, seed, problem), `number` of them in all, in turn over tasks and over levels, and no prompt twice.

    Fewer when every task and level has run out of problems.
    """
    seen: dict[str, set[str]] = {task: set() for task in tasks}
    period = lcm(len(tasks), len(levels))  # steps after which both come round at once, so the levels shift by one
    pairs = [(tasks[k % len(tasks)], levels[(k + k // period) % len(levels)]) for k in range(len(tasks) * len(levels))]
    cells = [_different(level, draw(task, level, split), seen[task]) for task, level in pairs]
    while cells and number:
        for cell in cells[:]:
            found = next(cell, None)
            if found is None:
                cells.remove(cell)
                continue
            yield found
            number -= 1
            if not number:
                return


def _different(level: int, drawn: Iterator[Any], seen: set[str]) -> Iterator[tuple[int, int, Any]]:
    stale = 0
    for seed, problem in enumerate(drawn):
        if problem.prompt not in seen:
            seen.add(problem.prompt)
            stale = 0
            yield level, seed, problem
        elif (stale := stale + 1) == REPEATS:
            return


def record(level: int, seed: int, split: Split, problem: Any) -> dict[str, Any]:
    """One row: `problem` alone is enough to judge an answer later, `solution` is a completion that scores 1."""
    return {
        "prompt": [{"role": "user", "content": problem.prompt}],
        "task": problem.id(),
        "level": level,
        "seed": seed,
        "split": split,
        "problem": problem.to_json(),
        "solution": problem.target,
    }


def rows_for(trainer: str) -> Row:
    """The function that gives a record, the n-th of a file, the columns of one of `FORMATS`; else `ValueError`."""
    if trainer not in FORMATS:
        raise ValueError(f"expected a format among {', '.join(FORMATS)}, got {trainer!r}")
    if trainer == "trl":
        return lambda record, index: dict(record)
    return importlib.import_module(f"whetstone.integrations.{trainer}").row


def export(
    tasks: Sequence[str],
    levels: Sequence[int],
    number: int,
    split: Split,
    out: Path,
    trainer: str = "trl",
    draw: Draw = draw_here,
) -> int:
    """Write the problems to `out`, whole or not at all, and return how many there are; `.jsonl` means JSON lines.

    Raises `RunError` when the folder does not exist or the disk is full.
    """
    if not out.parent.is_dir():
        raise RunError(f"{out.parent} is no folder; make it, or choose another --out")
    shaped, written = rows_for(trainer), 0
    found = problems(tasks, levels, number, split, draw)
    rows = (shaped(record(*each[:2], split, each[2]), index) for index, each in enumerate(found))

    def write_lines(draft: Path) -> None:
        nonlocal written
        with draft.open("w", encoding="utf-8") as lines:
            for row in rows:
                lines.write(json.dumps(row, ensure_ascii=False) + "\n")
                written += 1

    def write_table(draft: Path) -> None:
        nonlocal written
        first = list(islice(rows, ROWS))
        schema = SCHEMA if trainer == "trl" else pa.Table.from_pylist(first).schema
        with pq.ParquetWriter(draft, schema, compression="zstd") as writer:
            while first:
                writer.write_table(pa.Table.from_pylist(first, schema))
                written += len(first)
                first = list(islice(rows, ROWS))

    write_atomically(out, write_lines if out.suffix == ".jsonl" else write_table)
    return written
