"""A table that only grows, on disk: what `append` was given is there after kill -9, once and whole.

    part-00000.parquet, part-00001.parquet   rows that are done with, compressed
    part-00002.jsonl                         the newest rows, one line an `append`

A line is handed to the system in one write. Reopening drops a torn last line. When the journal has grown to a part's
size it becomes Parquet under the same number, by renaming; whoever finds both trusts the Parquet file.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from whetstone.files import disk_errors, write_atomically

PART_ROWS = 4096


class Parts:
    """Rows of one schema in a folder. One process writes; any number may read meanwhile."""

    def __init__(self, folder: Path, schema: pa.Schema, part_rows: int = PART_ROWS) -> None:
        self.folder, self.schema, self.part_rows = folder, schema, part_rows
        self._journal: int | None = None
        self._number, self._waiting = 0, 0

    # -- writing ------------------------------------------------------------------------------------------------------

    def open(self) -> None:
        """Make ready to append, rid of what a killed process left half done."""
        with disk_errors(self.folder):
            self.folder.mkdir(parents=True, exist_ok=True)
        for draft in self.folder.glob(".*.tmp"):
            draft.unlink()
        journals = sorted(self.folder.glob("part-*.jsonl"))
        for journal in journals:
            if journal.with_suffix(".parquet").exists():
                journal.unlink()
        numbers = [_number(file) for file in self.folder.glob("part-*.parquet")]
        self._number = max(numbers, default=-1) + 1
        file = self._file
        if file.exists():
            data = file.read_bytes()
            os.truncate(file, data.rfind(b"\n") + 1)
        self._waiting = sum(len(rows) for rows in _lines(file))

    def append(self, rows: Sequence[Mapping[str, Any]]) -> None:
        """Keep these rows, all or none; they are with the system when this returns.

        Half a surrogate pair, which no text file can hold, becomes a question mark.
        """
        if not rows:
            return
        line = json.dumps(list(rows), ensure_ascii=False, separators=(",", ":")).encode("utf-8", "replace") + b"\n"
        with disk_errors(self._file):
            if self._journal is None:
                self._journal = os.open(self._file, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o644)
            written = os.write(self._journal, line)
            while written < len(line):
                written += os.write(self._journal, line[written:])
        self._waiting += len(rows)
        if self._waiting >= self.part_rows:
            self.seal()

    def seal(self) -> None:
        """Turn the journal into a Parquet part."""
        self.close()
        rows = [row for line in _lines(self._file) for row in line]
        if rows:
            table = pa.Table.from_pylist(rows, self.schema)
            part, journal = self._file.with_suffix(".parquet"), self._file
            write_atomically(part, lambda file: pq.write_table(table, file, compression="zstd"))
            journal.unlink()
            self._number, self._waiting = self._number + 1, 0

    def close(self) -> None:
        """Let go of the journal; `append` takes it up again."""
        if self._journal is not None:
            os.close(self._journal)
            self._journal = None

    @property
    def _file(self) -> Path:
        return self.folder / f"part-{self._number:05d}.jsonl"

    # -- reading ------------------------------------------------------------------------------------------------------

    def tables(self) -> Iterator[pa.Table]:
        """The parts so far, in order; a line that is just being written is left out."""
        names = {file.stem for file in self.folder.glob("part-*") if file.suffix in (".parquet", ".jsonl")}
        for name in sorted(names):
            table = self._part(name)
            if table is not None:
                yield table

    def _part(self, name: str) -> pa.Table | None:
        part, journal = self.folder / f"{name}.parquet", self.folder / f"{name}.jsonl"
        if not part.exists():
            try:
                return pa.Table.from_pylist([row for line in _lines(journal) for row in line], self.schema)
            except FileNotFoundError:  # sealed since we looked
                pass
        return pq.read_table(part, schema=None).select(self.schema.names) if part.exists() else None

    def rows(self) -> Iterator[dict[str, Any]]:
        """Every row so far as plain values."""
        for table in self.tables():
            yield from table.to_pylist()


def _number(file: Path) -> int:
    return int(file.stem.removeprefix("part-"))


def _lines(file: Path) -> Iterator[list[dict[str, Any]]]:
    if file.exists():
        with file.open("rb") as lines:
            for line in lines:
                if line.endswith(b"\n"):
                    yield json.loads(line)
