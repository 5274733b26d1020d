"""The folder of an evaluation: what was asked, and every answer with its verdict, whatever interrupts it.

evaluation.json                what decides the numbers: policy, problems, strategy, sampling
environment.json               versions, device, command, git commit; under `resumed` those of later starts
problems/part-NNNNN.*          one row a problem: its key, its prompt and the problem itself as JSON
rollouts/part-NNNNN.*          one row a rollout (see `parts` for how they grow)
summary.json                   the numbers, written when the evaluation ends
lock                           held (flock) by the process that writes
"""

from __future__ import annotations

import json
import os
import shutil
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import pyarrow as pa

from whetstone.environment import environment
from whetstone.evaluate import Unit
from whetstone.files import RunError, write_atomically
from whetstone.parts import Parts
from whetstone.rollout.types import Sampling
from whetstone.rows import SCHEMA, Key, Problem, Row, as_record, from_records
from whetstone.rundir import LOCK, Existing, hold, require_space
from whetstone.summary import SUMMARY, Summary, summarise

ASKED = "evaluation.json"
PROBLEMS = pa.schema([(name, SCHEMA.field(name).type) for name in ("task", "level", "seed", "prompt")])
PROBLEMS = PROBLEMS.append(pa.field("problem", pa.string()))


class EvaluationExists(RunError):
    """The folder already holds an evaluation, and nothing was said about it."""


@dataclass(frozen=True)
class Asked:
    """Everything that decides the numbers of an evaluation.

    `suite` are the names as they were given; `tasks` and `benchmarks` what they stood for, `levels` those of the
    tasks. `problems` counts those of each task and level, None takes whole benchmarks. `samples` counts attempts, each
    of `size` rows. `policy` and `strategy` are as the command line has them.
    """

    policy: str
    suite: tuple[str, ...]
    tasks: tuple[str, ...]
    levels: tuple[int, ...]
    benchmarks: tuple[str, ...]
    problems: int | None
    samples: int
    strategy: str
    sampling: Sampling
    seed: int
    split: str
    size: int = 1

    def to_json(self) -> str:
        """Indented JSON."""
        return json.dumps(asdict(self), indent=1) + "\n"

    @classmethod
    def from_json(cls, text: str) -> Self:
        """What `to_json` wrote; raises `ValueError` for anything else."""
        try:
            data = json.loads(text)
            lists = ("suite", "tasks", "levels", "benchmarks")
            data |= {name: tuple(data[name]) for name in lists}
            given: dict[str, Any] = data["sampling"]
            given = {name: tuple(value) if isinstance(value, list) else value for name, value in given.items()}
            return cls(**{**data, "sampling": Sampling(**given)})
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise ValueError(f"expected what an evaluation asked, as `whetstone eval` writes it: {error}") from error

    def differences(self, other: Asked) -> list[str]:
        """The fields that differ, each with both values."""
        names = [field.name for field in fields(self) if getattr(self, field.name) != getattr(other, field.name)]
        return [f"{name} (was {getattr(self, name)!r}, now {getattr(other, name)!r})" for name in names]


class EvalDir:
    """One evaluation on disk. `create` locks it for writing; `open` only looks."""

    def __init__(self, path: Path, lock: int | None = None) -> None:
        self.path, self._lock = path, lock
        self.rollouts = Parts(path / "rollouts", SCHEMA)
        self.problems = Parts(path / "problems", PROBLEMS, part_rows=1024)
        self._known: set[Key] = set()

    # -- opening ------------------------------------------------------------------------------------------------------

    @classmethod
    def create(cls, path: Path, asked: Asked, exist: Existing = "refuse") -> Self:
        """A folder, locked for writing, that holds `asked`.

        A folder that exists is an error (`EvaluationExists`), emptied (`"overwrite"`) or gone on with (`"resume"`, if
        the same was asked). Raises `RunError` also when it is in use, is no evaluation, or the disk is nearly full.
        """
        occupied = path.exists() and any(child.name != LOCK for child in path.iterdir())
        if occupied and not (path / ASKED).is_file():
            raise RunError(f"{path} exists and is no evaluation (it has no {ASKED}); choose another folder with --out")
        if occupied and exist == "refuse":
            raise EvaluationExists(
                f"{path} already holds an evaluation; continue it with --resume, replace it with --overwrite, "
                f"or choose another folder with --out"
            )
        if occupied and exist == "resume" and (changed := cls.open(path).asked().differences(asked)):
            raise RunError(f"{path} asked something else: {'; '.join(changed)}; resume as it was started")
        path.mkdir(parents=True, exist_ok=True)
        require_space(path)
        evaluation = cls(path, hold(path))
        if occupied and exist == "overwrite":
            evaluation._empty()
        if not (path / ASKED).exists():
            write_atomically(path / ASKED, lambda file: file.write_text(asked.to_json(), encoding="utf-8"))
        evaluation.rollouts.open()
        evaluation.problems.open()
        evaluation._known = {_key(record) for record in evaluation.problems.rows()}
        return evaluation

    @classmethod
    def open(cls, path: Path) -> Self:
        """An evaluation to read from, also while another process writes. Raises `RunError` where there is none."""
        if not (path / ASKED).is_file():
            raise RunError(f"there is no evaluation in {path} (no {ASKED}); `whetstone eval` makes one")
        return cls(path)

    def close(self) -> None:
        """Let go of the files and let other processes in."""
        self.rollouts.close()
        self.problems.close()
        if self._lock is not None:
            os.close(self._lock)
            self._lock = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None):
        self.close()

    def asked(self) -> Asked:
        """What was asked."""
        try:
            return Asked.from_json((self.path / ASKED).read_text(encoding="utf-8"))
        except ValueError as error:
            raise RunError(f"{self.path / ASKED}: {error}") from error

    def _empty(self) -> None:
        """What was asked goes last, so that a half emptied folder is still known as an evaluation."""
        for child in sorted(self.path.iterdir(), key=lambda child: child.name == ASKED):
            if child.name != LOCK:
                shutil.rmtree(child) if child.is_dir() and not child.is_symlink() else child.unlink()

    def record_device(self, device: str) -> None:
        """Note what this start depends on besides what was asked."""
        file = self.path / "environment.json"
        now = environment(threads=1, device=device)
        first = json.loads(file.read_text(encoding="utf-8")) if file.exists() else None
        record = {**now, "resumed": []} if first is None else {**first, "resumed": [*first["resumed"], now]}
        text = json.dumps(record, indent=1) + "\n"
        write_atomically(file, lambda draft: draft.write_text(text, encoding="utf-8"))

    # -- rows ---------------------------------------------------------------------------------------------------------

    def add(self, problem: Problem | None, rows: Sequence[Row]) -> None:
        """Keep the rows of a unit, and its problem where it is new."""
        key = rows[0].key
        if problem is not None and key not in self._known:
            record = {**key._asdict(), "prompt": problem.prompt, "problem": problem.to_json()}
            self.problems.append([record])
            self._known.add(key)
        self.rollouts.append([as_record(row) for row in rows])

    def rows(self) -> list[Row]:
        """The rollouts so far."""
        return from_records(self.rollouts.rows())

    def done(self, asked: Asked, again: Iterable[str] = ("lost",)) -> set[Unit]:
        """The units that need not be asked again: whole, and without a row of the kinds in `again`."""
        counts = Counter(Unit(row.key, row.sample // asked.size) for row in self.rows() if row.kind not in set(again))
        per_unit = asked.size
        return {unit for unit, count in counts.items() if count == per_unit}

    def problem_texts(self) -> dict[Key, str]:
        """The problems as JSON, by key."""
        return {_key(record): record["problem"] for record in self.problems.rows()}

    def finish(self) -> Summary:
        """Turn what is left of the journals into Parquet, and write the summary."""
        self.rollouts.seal()
        self.problems.seal()
        summary = summarise(in_order(self.rows()))
        text = summary.to_json() + "\n"
        write_atomically(self.path / SUMMARY, lambda file: file.write_text(text, encoding="utf-8"))
        return summary


def in_order(rows: Iterable[Row]) -> list[Row]:
    """Rows by problem and sample, so that numbers do not depend on the order in which answers came."""
    return sorted(rows, key=lambda row: (*row.key, row.sample))


def _key(record: Mapping[str, Any]) -> Key:
    return Key(record["task"], record["level"], record["seed"])
