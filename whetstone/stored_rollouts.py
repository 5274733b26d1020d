"""Stored rollouts as the report shows them: exact counts of every verdict, and rows to read, packed to be searched."""

from __future__ import annotations

import gzip
import json
import math
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from whetstone.rows import Row

VERDICTS = ("correct", "partial", "wrong", "invalid", "unreadable", "truncated", "overlong", "crashed", "lost")
COLUMNS = ("step", "task", "level", "seed", "prompt", "completion", "kind", "score", "reason", "tokens", "sample")
PROMPT, COMPLETION, REASON = (COLUMNS.index(name) for name in ("prompt", "completion", "reason"))
CAP = 100_000  # rollouts of one source that a page holds
EACH = 50  # of every verdict that it holds at least, if there are so many: rare failures are what one looks for
HEAD, TAIL = 6000, 6000  # characters kept of a longer text
BUDGET = 150_000_000  # characters of text of one source
CHUNK = 500  # rollouts that are packed together: a fraction of a megabyte, unpacked in a few milliseconds


@dataclass
class Source:
    """The rollouts of one stage or evaluation: how many, how they were judged, and the `rows` that are shown."""

    name: str
    total: int = 0
    counts: Counter[str] = field(default_factory=Counter)
    rows: list[list[Any]] = field(default_factory=list)


def verdict(kind: str, score: float | None) -> str:
    """One of `VERDICTS`: a graded answer by its score, anything else by its kind."""
    if kind != "graded" or score is None:
        return kind
    return "correct" if score == 1.0 else "partial" if score > 0 else "wrong"


def read_source(name: str, files: Sequence[Path], notes: list[str]) -> Source:
    """Counts all rows of the Parquet files and keeps an even sample; a file cut short is left out, with a note."""
    readable: list[tuple[Path, int]] = []
    verdicts: list[str] = []
    for file in files:
        try:
            judged = pq.read_table(file, columns=["kind", "score"])
        except (pa.ArrowException, OSError) as error:
            notes.append(f"{file.parent.name}/{file.name}: cannot be read, left out ({str(error).splitlines()[0]})")
            continue
        readable.append((file, judged.num_rows))
        verdicts += map(verdict, judged["kind"].to_pylist(), judged["score"].to_pylist())
    source, start = Source(name, len(verdicts), Counter(verdicts)), 0
    wanted = _wanted(verdicts)
    for file, rows in readable:
        here = [i - start for i in range(start, start + rows) if i in wanted]
        start += rows
        if here:
            source.rows += _read_rows(file, here)
    return _within_budget(source)


def source_of(name: str, rows: Sequence[Row]) -> Source:
    """The same of an evaluation's rows."""
    verdicts = [verdict(row.kind, row.score) for row in rows]
    wanted = _wanted(verdicts)
    kept = [_shown(None, *_values(rows[i])) for i in sorted(wanted)]
    return _within_budget(Source(name, len(rows), Counter(verdicts), kept))


def _values(row: Row) -> tuple[Any, ...]:
    return tuple(getattr(row, name) for name in COLUMNS[1:])


def _wanted(verdicts: Sequence[str]) -> set[int]:
    wanted = set(spread(range(len(verdicts)), CAP))
    if len(wanted) < len(verdicts):
        for kind in set(verdicts):
            wanted |= set(spread([i for i, found in enumerate(verdicts) if found == kind], EACH))
    return wanted


def _within_budget(source: Source) -> Source:
    size = sum(len(row[PROMPT]) + len(row[COMPLETION]) for row in source.rows)
    source.rows = source.rows[:: max(1, math.ceil(size / BUDGET))]
    return source


def spread(indices: Sequence[int], most: int) -> list[int]:
    """At most `most` of `indices`: one from each of as many equal stretches, at random (with a fixed seed) within it.

    Every n-th would see one member of each group only, wherever n and the size of a group have a common factor.
    """
    n = len(indices)
    if n <= most:
        return list(indices)
    inside = np.random.default_rng(0).random(most)
    return [indices[min(n - 1, int((i + u) * n / most))] for i, u in enumerate(inside)]


def _read_rows(file: Path, indices: Sequence[int]) -> list[list[Any]]:
    """Rows as lists in the order of `COLUMNS`, with the verdict in place of kind; a column may be missing."""
    table = pq.read_table(file).take(list(indices))
    present = [table[c].to_pylist() if c in table.column_names else [None] * len(indices) for c in COLUMNS]
    return [_shown(*values) for values in zip(*present, strict=True)]


def _shown(*values: Any) -> list[Any]:
    step, task, level, seed, prompt, completion, kind, score, reason, tokens, sample = values
    finite = score if score is not None and math.isfinite(score) else None
    texts = clipped(prompt or ""), clipped(completion or "")
    return [step, task, level, seed, *texts, verdict(kind, finite), finite, reason or "", tokens, sample]


def clipped(text: str) -> str:
    """The beginning and the end of a long text, and how much is missing between."""
    left_out = len(text) - HEAD - TAIL
    if left_out <= 0:
        return text
    return f"{text[:HEAD]}\n[… {left_out} characters left out …]\n{text[-TAIL:]}"


# -- packed for the page ----------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Packed:
    """All sources' rows, gzipped: an index of what can be filtered, and chunks of `CHUNK` rows' texts."""

    rows: int
    index: bytes
    chunks: list[bytes]


def packed(sources: Sequence[Source]) -> Packed:
    """The rows of all sources, in their order. The page unpacks a chunk when it shows or searches it."""
    rows = [(place, row) for place, source in enumerate(sources) for row in source.rows]
    tasks = list(dict.fromkeys(row[1] for _, row in rows))
    task_at = {task: i for i, task in enumerate(tasks)}
    index = {
        "chunk": CHUNK,
        "sources": [source.name for source in sources],
        "tasks": tasks,
        "verdicts": VERDICTS,
        "source": [place for place, _ in rows],
        "task": [task_at[row[1]] for _, row in rows],
        "verdict": [VERDICTS.index(row[6]) for _, row in rows],
        **{name: [row[COLUMNS.index(name)] for _, row in rows] for name in ("step", "level", "seed", "score")},
        **{name: [row[COLUMNS.index(name)] for _, row in rows] for name in ("tokens", "sample")},
    }
    return Packed(len(rows), _gzipped(index), [_gzipped(_texts(chunk)) for chunk in _chunks([row for _, row in rows])])


def _chunks(rows: Sequence[list[Any]]) -> Iterator[Sequence[list[Any]]]:
    for start in range(0, len(rows), CHUNK):
        yield rows[start : start + CHUNK]


def _texts(rows: Iterable[list[Any]]) -> dict[str, Any]:
    """Prompts once each, and for every row the place of its prompt, its completion and the reason of its verdict."""
    prompts: dict[str, int] = {}
    texts = [[prompts.setdefault(row[PROMPT], len(prompts)), row[COMPLETION], row[REASON]] for row in rows]
    return {"prompts": list(prompts), "rows": texts}


def _gzipped(data: Any) -> bytes:
    text = json.dumps(data, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    return gzip.compress(text.encode("utf-8", "replace"), compresslevel=6, mtime=0)
