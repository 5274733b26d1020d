"""docs/catalogue.md: every task with two of its problems and its certificate, made from the tasks themselves.

`make catalogue` certifies all tasks and writes it anew; a test fails when it is stale. After a change of one task,
`whetstone check TASK --out docs/certificates.json` and `python -m whetstone.catalogue` bring it up to date.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from itertools import groupby
from pathlib import Path
from typing import Any

from whetstone.envs import catalog

DOCS = Path(__file__).parent.parent / "docs"
CERTIFICATES = DOCS / "certificates.json"
CATALOGUE = DOCS / "catalogue.md"
LEVELS = (0, 5)
INTRODUCTION = """\
# Catalogue

{total} tasks in {families} families, each with a problem of level 0 and one of level 5 and their answers. The figures
are those of its certificate (`whetstone check TASK`): on how many problems an independent brute force agrees, what the
best answer that ignores the problem earns at level 10, and how long drawing and solving take there.

Written by `make catalogue`.

| family | tasks |
|---|---:|
{table}
"""


def read_certificates(file: Path = CERTIFICATES) -> dict[str, dict[str, Any]]:
    """The stored certificates by task."""
    return {entry["task"]: entry for entry in json.loads(file.read_text())}


def write_certificates(certificates: list[dict[str, Any]], file: Path = CERTIFICATES, keep: bool = False) -> None:
    """One certificate a line, so that a changed task is a changed line; `keep` leaves those of other tasks there."""
    stored = read_certificates(file) if keep and file.is_file() else {}
    stored |= {certificate["task"]: certificate for certificate in certificates}
    lines = ",\n".join(json.dumps(stored[task]) for task in sorted(stored))
    file.write_text(f"[\n{lines}\n]\n")


def catalogue(certificates: dict[str, dict[str, Any]]) -> str:
    """The catalogue as Markdown."""
    tasks = catalog.ids()
    count = Counter(family_of(task) for task in tasks)
    table = "\n".join(f"| [{family}](#{family}) | {number} |" for family, number in sorted(count.items()))
    parts = [INTRODUCTION.format(total=len(tasks), families=len(count), table=table)]
    for family, members in groupby(tasks, family_of):
        parts.append(f"## {family}\n")
        parts += ["\n".join(_entry(task, certificates[task])) for task in members]
    return "\n".join(parts)


def family_of(task: str) -> str:
    """The part of an id before the slash."""
    return task.partition("/")[0]


def _entry(task: str, certificate: dict[str, Any]) -> Iterator[str]:
    yield f"### {task}\n"
    yield f"{certificate['title']}\n"
    figures = [
        f"truth agrees on {certificate['truth']} problems",
        f"guessing earns {certificate['guessed']:.2f}",
        f"level 10 in {certificate['milliseconds']['10']:.2g} ms",
    ]
    if certificate["guessable"]:
        figures.append(f"guessable: {certificate['guessable']}")
    yield "; ".join(figures) + "\n"
    for level in LEVELS:
        problem = catalog.load(task).draw(level, seed=0)
        answer = problem.answer.show(problem.solution)
        yield f"Level {level}\n\n```text\n{problem.prompt}\n```\n\nAnswer\n\n```text\n{answer}\n```\n"


def main() -> None:
    """Write the catalogue from the stored certificates."""
    CATALOGUE.write_text(catalogue(read_certificates()))
    print(f"wrote {CATALOGUE}")


if __name__ == "__main__":
    main()
