"""Programming problems of public sets: from files, or from the Hugging Face hub by name.

    records = Records.load("code_contests", split="valid")            # needs the package datasets and the network
    records = Records.read("taco.parquet", "taco")                    # JSON Lines or Parquet, the set's own columns
    records[0].problem, records[0].right, records[0].wrong
    synthesis.certify_record(records[0], sandbox)                     # a certified problem, or why not

Rows that cannot be judged as their authors meant are left out, and listed with their number and the reason.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Self, overload

from whetstone.envs.code.columns import Row
from whetstone.envs.code.formats import Format, Record, format_of


@dataclass(frozen=True, slots=True)
class Rejected:
    """A row that holds no problem: its number, the first being 1, and why."""

    row: int
    reason: str


def read_rows(rows: Iterable[Row], format: Format) -> Iterator[Record | Rejected]:
    """Every row in turn; sets are large, so that none is kept here."""
    for number, row in enumerate(rows, start=1):
        try:
            yield format.read(row, number)
        except (ValueError, KeyError, TypeError) as error:  # columns of other types than the set's card says
            named = type(error) is not ValueError
            yield Rejected(number, f"{type(error).__name__}: {error}" if named else str(error))


@dataclass(frozen=True)
class Records(Sequence[Record]):
    """The usable rows of a set, in its order; `rejected` are the others."""

    name: str
    records: tuple[Record, ...]
    rejected: tuple[Rejected, ...] = ()

    @classmethod
    def load(cls, name: str, split: str | None = None, *, limit: int | None = None) -> Self:
        """A published set, one of `formats.FORMATS`; the first `limit` rows where one is given.

        Raises `ValueError` for an unknown set or split, `ImportError` without the package `datasets`.
        """
        from whetstone.envs.math.sources import hub_rows

        format = format_of(name)
        split = split or format.splits[0]
        if split not in format.splits:
            raise ValueError(f"{format.path} has the splits {', '.join(format.splits)}, not {split!r}")
        return cls.of_rows(hub_rows(format.path, split, format.config), name, limit=limit)

    @classmethod
    def read(cls, file: str | Path, format: str, *, limit: int | None = None) -> Self:
        """A .jsonl or .parquet file with the columns of a known set. Raises `ValueError` if it cannot be read."""
        from whetstone.envs.math.sources import file_rows

        return cls.of_rows(file_rows(Path(file)), format, limit=limit)

    @classmethod
    def of_rows(cls, rows: Iterable[Row], format: str, *, limit: int | None = None) -> Self:
        """The problems in rows of a format. Raises `ValueError` if there are none."""
        found: list[Record] = []
        rejected: list[Rejected] = []
        for each in read_rows(islice(rows, limit), format_of(format)):
            if isinstance(each, Record):
                found.append(each)
            else:
                rejected.append(each)
        if not found:
            why = f"; row {rejected[0].row}: {rejected[0].reason}" if rejected else ""
            raise ValueError(f"{format}: there are no problems in {len(rejected)} rows{why}")
        return cls(format, tuple(found), tuple(rejected))

    @overload
    def __getitem__(self, index: int) -> Record: ...
    @overload
    def __getitem__(self, index: slice) -> tuple[Record, ...]: ...
    def __getitem__(self, index: int | slice) -> Record | tuple[Record, ...]:
        return self.records[index]

    def __len__(self) -> int:
        return len(self.records)
