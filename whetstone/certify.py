"""A task's certificate: what a person wants to know before training on it, measured here and now."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import asdict, dataclass, field
from functools import cache, partial
from pathlib import Path
from statistics import mean, median
from typing import Any, ClassVar

from whetstone.conformance import CHECKS, Drawn, fingerprint, guess
from whetstone.envs import catalog
from whetstone.envs.core import Task
from whetstone.envs.truth import Truth, load_truths

OWN_TRUTHS = Path(__file__).resolve().parent.parent / "tests" / "truth"
SECONDS = {10: 0.05, 30: 0.5}  # most to draw and solve at a level, median


@dataclass
class Certificate:
    """What was found wrong with a task (nothing, if `findings` is empty), and its figures."""

    task: str
    title: str = ""
    findings: list[str] = field(default_factory=list)
    problems: int = 0  # held against the contract
    truth: int | None = None  # problems on which an independent brute force agrees; None without one
    guessed: float | None = None  # score of the best answer that ignores the problem, at level 10
    guessable: str = ""  # why that may be more than a fifth
    characters: dict[int, int] = field(default_factory=dict)  # of a prompt, mean, per level
    milliseconds: dict[int, float] = field(default_factory=dict)  # to draw and solve, median, per level
    fingerprint: str = ""  # of problems and answers: another one is another task

    COLUMNS: ClassVar[tuple[str, ...]] = ("problems", "truth", "guessed", "chars@10", "ms@10", "ms@30")

    @property
    def passed(self) -> bool:
        """Whether nothing was found wrong."""
        return not self.findings

    def row(self) -> list[str]:
        """The figures as text, one for each of `COLUMNS`."""
        times = [f"{self.milliseconds[level]:.2g}" if level in self.milliseconds else "-" for level in SECONDS]
        truth = "-" if self.truth is None else str(self.truth)
        guessed = "-" if self.guessed is None else f"{self.guessed:.2f}"
        return [str(self.problems), truth, guessed, str(self.characters.get(10, "-")), *times]

    def to_dict(self) -> dict[str, Any]:
        """Plain data, for JSON."""
        return {"passed": self.passed, **asdict(self)}


def certify(
    tasks: Sequence[str], truths: Path | None = None, quick: bool = False, processes: int = 1
) -> Iterator[Certificate]:
    """One certificate a task, in order; a task's own errors become findings. Raises `UnknownTask`.

    `truths` is a folder of truths (`envs.truth`); `quick` looks at fewer problems and leaves out what needs many of
    them (guesses, truths, times).
    """
    known = set(catalog.ids())
    for task in tasks:
        if task in catalog.CODE:
            raise ValueError(f"{task} is made of problems that have proofs of their own: `whetstone problems check`")
        if task not in known:
            catalog.load(task)  # raises, with the nearest names
    elsewhere = fingerprints_elsewhere(tasks)
    examine = partial(_examine, truths=truths and truths.resolve(), quick=quick)  # a folder has one name
    if processes < 2 or len(tasks) < 2:
        yield from map(examine, tasks, [elsewhere.get(task) for task in tasks])
        return
    with ProcessPoolExecutor(processes) as pool:
        yield from pool.map(examine, tasks, [elsewhere.get(task) for task in tasks])


def _examine(task: str, elsewhere: str | None, truths: Path | None, quick: bool) -> Certificate:
    certificate = Certificate(task)
    try:
        kind = catalog.load(task)
        certificate.title = catalog.title(task)
        conform(kind, certificate, quick)
        if certificate.fingerprint != elsewhere:
            certificate.findings.append("another process with another PYTHONHASHSEED draws or solves differently")
        if not quick:
            _compare(certificate, truths)
            _time(kind, certificate)
    except Exception as error:  # a supervisor: whatever a task raises is a finding about that task
        said = "; ".join(filter(None, [str(error), *getattr(error, "__notes__", ())]))
        certificate.findings.append(f"{type(error).__name__}: {said}")
    return certificate


def conform(kind: type[Task], certificate: Certificate, quick: bool = False) -> None:
    """Hold a task against its contract, and fill in what that shows."""
    drawn = Drawn(kind, quick)
    for check in CHECKS:
        certificate.findings += check(drawn)
    certificate.problems = sum(map(len, drawn.at.values()))
    certificate.guessable = kind.guessable
    if not quick:
        certificate.guessed = round(guess(drawn)[0], 3)
    certificate.characters = {level: round(mean(len(p.prompt) for p in drawn.at[level])) for level in (0, 10)}
    certificate.fingerprint = fingerprint(kind)


def _compare(certificate: Certificate, truths: Path | None) -> None:
    """Hold a task against its truth. A task of our own must have one."""
    if truths is None:
        return
    if truth := _truths(truths).get(certificate.task):
        certificate.truth = truth.hold()
    elif truths == OWN_TRUTHS:
        certificate.findings.append(f"there is no truth about it in {truths}")


@cache
def _truths(folder: Path) -> dict[str, Truth]:
    return load_truths(folder)


def _time(kind: type[Task], certificate: Certificate) -> None:
    for level, limit in SECONDS.items():
        taken = median(_seconds(kind, level, seed) for seed in range(100, 120))
        certificate.milliseconds[level] = round(1e3 * taken, 2)
        if taken > limit:
            certificate.findings.append(f"level {level} takes {taken:.3f} s to draw and solve, more than {limit} s")


def _seconds(kind: type[Task], level: int, seed: int) -> float:
    begin = time.perf_counter()
    kind.draw(level, seed).solve()
    return time.perf_counter() - begin


def fingerprints_elsewhere(tasks: Sequence[str]) -> dict[str, str]:
    """The fingerprints that a new process with another hash seed computes; a task that raises there has none."""
    seed = str((int(os.environ.get("PYTHONHASHSEED", "0").replace("random", "0")) + 1) % 2**32)
    result = subprocess.run(
        [sys.executable, "-m", "whetstone.certify"],
        input=json.dumps(list(tasks)),
        env={**os.environ, "PYTHONHASHSEED": seed},
        capture_output=True,
        text=True,
        check=False,
    )
    return json.loads(result.stdout) if result.returncode == 0 else {}


def _main() -> None:
    found = {}
    for task in json.load(sys.stdin):
        try:
            found[task] = fingerprint(catalog.load(task))
        except Exception:
            continue
    json.dump(found, sys.stdout)


if __name__ == "__main__":
    _main()
