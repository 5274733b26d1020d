"""What there is to report about in a folder: training curves, evaluations, rollouts. Nothing of it is required."""

from __future__ import annotations

import json
import math
import tomllib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pyarrow as pa

from whetstone.evaldir import ASKED, Asked, EvalDir
from whetstone.files import RunError
from whetstone.rows import Row
from whetstone.stored_rollouts import Source, read_source, source_of
from whetstone.summary import SUMMARY, Summary, read_summary, summarise

PARTS = ("config.toml", "environment.json", "metrics.jsonl", "rollouts", "evals", ASKED)
Curves = dict[str, dict[str, dict[int, float]]]
"""stage -> name (dotted for nested values: `frontier.family/task`) -> step -> value."""


class NotARun(RunError):
    """The directory holds none of the parts of a run."""


@dataclass(frozen=True)
class Evaluated:
    """An evaluation: its label, its numbers, and what was asked, where that is known; `over` once it has ended."""

    label: str
    summary: Summary
    asked: Asked | None = None
    rows: Sequence[Row] = ()
    over: bool = True


@dataclass
class Found:
    """The parts of one or several runs; `notes` say what could not be read."""

    curves: Curves = field(default_factory=dict)
    evaluations: list[Evaluated] = field(default_factory=list)
    sources: list[Source] = field(default_factory=list)
    settings: list[tuple[str, Any]] = field(default_factory=list)
    environment: list[tuple[str, Any]] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)


def find(runs: Sequence[Path]) -> Found:
    """Everything in these folders. Raises `NotARun` for one that holds nothing of a run."""
    found = Found()
    for run in runs:
        if not any((run / part).exists() for part in PARTS):
            raise NotARun(f"{run} is no run: expected a folder that `whetstone train` or `whetstone eval` wrote")
        _add(found, run, f"{run.resolve().name}/" if len(runs) > 1 else "")
    return found


def _add(found: Found, run: Path, prefix: str) -> None:
    if (run / ASKED).exists():
        evaluated = read_evaluation(run, run.resolve().name, found.notes)
        evaluations = [evaluated] if evaluated else []
    else:
        curves = read_curves(run / "metrics.jsonl", found.notes)
        found.curves |= {f"{prefix}{stage}": series for stage, series in curves.items()}
        found.sources += read_training(run / "rollouts", list(curves), prefix, found.notes)
        evaluations = read_evaluations(run / "evals", list(curves), prefix, found.notes)
        named = [(f"{prefix}{name}", value) for name, value in read_settings(run / "config.toml", found.notes)]
        found.settings += named
    found.evaluations += evaluations
    found.sources += [source_of(f"evaluation: {e.label}", e.rows) for e in evaluations if e.rows]
    environment = read_environment(run / "environment.json", found.notes)
    found.environment += [(f"{prefix}{name}", value) for name, value in environment]


# -- evaluations ------------------------------------------------------------------------------------------------------


def read_evaluations(folder: Path, stages: Sequence[str], prefix: str, notes: list[str]) -> list[Evaluated]:
    """The evaluations of a run: those named after a stage in the order of training, then the others by name."""
    order = [*stages, *(stage for stage in ("sft", "grpo") if stage not in stages)]
    labels = [path.name for path in folder.iterdir() if path.is_dir()] if folder.is_dir() else []
    ordered = sorted(labels, key=lambda name: (order.index(name) if name in order else len(order), name))
    read = [read_evaluation(folder / label, f"{prefix}{label}", notes) for label in ordered]
    return [evaluated for evaluated in read if evaluated]


def read_evaluation(folder: Path, label: str, notes: list[str]) -> Evaluated | None:
    """One evaluation; the numbers of one that still runs are those of its rows so far. None where there is nothing."""
    asked, rows = None, []
    try:
        if (folder / ASKED).is_file():
            evaluation = EvalDir.open(folder)
            asked, rows = evaluation.asked(), evaluation.rows()
    except (RunError, pa.ArrowException, OSError, TypeError, KeyError) as error:
        notes.append(f"{label}: its rollouts cannot be read, left out ({str(error).splitlines()[0]})")
    try:
        return Evaluated(label, read_summary(folder), asked, rows)
    except ValueError as error:
        notes.append(f"{label}/{SUMMARY}: {error}")
    except FileNotFoundError:
        pass
    if not rows:
        return None
    notes.append(f"{label} has not ended: {len(rows):,} rollouts so far")
    return Evaluated(label, summarise(rows), asked, rows, over=False)


# -- training ---------------------------------------------------------------------------------------------------------


def read_curves(path: Path, notes: list[str]) -> Curves:
    """Every finite number of `metrics.jsonl`. A step written twice, as after a resume, counts as written last."""
    curves: Curves = {}
    torn = 0
    for line in path.read_text(encoding="utf-8", errors="replace").splitlines() if path.is_file() else ():
        try:
            record = json.loads(line)
            stage, step = str(record["stage"]), int(record["step"])
        except (ValueError, KeyError, TypeError):  # the last line of a run that was killed may be cut short
            torn += 1
            continue
        for name, value in flat(record):
            if name != "step" and isinstance(value, (int, float)) and math.isfinite(value):
                curves.setdefault(stage, {}).setdefault(name, {})[step] = float(value)
    if torn:
        notes.append(f"metrics.jsonl: {torn} line{'s' * (torn > 1)} cut short, left out")
    return curves


def read_training(folder: Path, stages: Sequence[str], prefix: str, notes: list[str]) -> list[Source]:
    """The rollouts of every training stage."""
    there = {path.name for path in folder.iterdir() if path.is_dir()} if folder.is_dir() else set()
    ordered = [*(s for s in stages if s in there), *sorted(there - set(stages))]
    read = [read_source(f"training: {prefix}{s}", sorted((folder / s).glob("*.parquet")), notes) for s in ordered]
    return [source for source in read if source.total]


def read_settings(path: Path, notes: list[str]) -> list[tuple[str, Any]]:
    """The settings as (dotted name, value) pairs."""
    if not path.is_file():
        return []
    try:
        return list(flat(tomllib.loads(path.read_text(encoding="utf-8"))))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        notes.append(f"config.toml: {error}")
        return []


def read_environment(path: Path, notes: list[str]) -> list[tuple[str, Any]]:
    """Versions and hardware of the last start as (dotted name, value) pairs."""
    if not path.is_file():
        return []
    try:
        record = json.loads(path.read_text(encoding="utf-8"))
        starts = [record, *record.get("resumed", [])]
        last = {name: value for name, value in starts[-1].items() if name != "resumed"}
        return [("starts", len(starts)), *flat(last)]
    except (ValueError, AttributeError, TypeError) as error:
        notes.append(f"environment.json: {error}")
        return []


def flat(record: Any, prefix: str = "") -> Iterable[tuple[str, Any]]:
    """Nested dictionaries as (dotted name, value) pairs; a list of named dictionaries nests by their names."""
    for name, value in record.items():
        if isinstance(value, list) and value and all(isinstance(v, dict) and "name" in v for v in value):
            value = {v["name"]: v for v in value}
        if isinstance(value, dict):
            yield from flat(value, f"{prefix}{name}.")
        else:
            yield f"{prefix}{name}", value
