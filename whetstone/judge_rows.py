"""Rows of programs and the verdicts they should get, judged one after another on one small problem.

After each, what it left behind is looked for, and an honest program must still be accepted.
"""

from __future__ import annotations

import json
import secrets
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple, Self

from whetstone.envs.code.judge import MEANING, Judge, Judgement
from whetstone.envs.code.problem import Problem, Test
from whetstone.envs.code.residue import Watch
from whetstone.envs.code.sandbox import MIB, Limits, Program, Sandbox

HONEST = Program("python", "n = int(input())\nprint(sum(map(int, input().split())))\n")
LIMITS = Limits(cpu=1.0, wall=10.0, memory=512 * MIB)
ROOM = Limits(cpu=10.0, wall=30.0, memory=512 * MIB)
"""For a program that must run out of memory: a machine whose host gives it pages one by one may take seconds to."""


class Row(NamedTuple):
    """A program and the verdicts that it may get."""

    id: str
    expected: tuple[str, ...]
    program: Program


def adding_up(limits: Limits = LIMITS) -> Problem:
    """The problem: read n, then n integers, print their sum."""
    tests = Test("3\n1 2 3\n", "6\n"), Test("2\n10 20\n", "30\n")
    return Problem("sum", "Sum", "Add up n integers.", "n, then n integers", "their sum", (), tests, limits)


class Trial:
    """Judges rows in turn, in a sandbox of one worker that nobody else uses."""

    def __init__(self, sandbox: Sandbox, problem: Problem, rows: Sequence[Row]) -> None:
        self.judge, self.problem = Judge(sandbox), problem
        self.languages = {row.program.language for row in rows}
        self.watch = Watch()

    def __enter__(self) -> Self:
        self.judge.judge(self.problem, HONEST)  # so that the workers are there before the watch is
        if "cpp" in self.languages:  # the compiler's too: what was compiled before starts none
            self.judge.judge(self.problem, Program("cpp", f"int main() {{}}  // {secrets.token_hex()}"))
        self.watch.__enter__()
        return self

    def __exit__(self, *_: object) -> None:
        self.watch.__exit__()

    def run(self, row: Row) -> tuple[Judgement, list[str]]:
        """The judgement of a row; what it left behind, and whether the next verdict was wrong."""
        grows = "MLE" in row.expected and "TLE" not in row.expected
        problem = replace(self.problem, limits=ROOM) if grows else self.problem
        judgement = self.judge.judge(problem, row.program)
        faults = [f"left behind: {thing}" for thing in self.watch.left()]
        after = self.judge.judge(self.problem, HONEST)
        if after.verdict != "AC":
            faults.append(f"an honest program after it: {after.verdict} ({after.reason})")
        if faults:
            self.watch.renew()  # so that what one program left is not held against the next
        return judgement, faults


def read_rows(path: Path) -> tuple[list[Row], list[str]]:
    """The programs of a JSONL file, and the ids of its rows that are none. Raises `ValueError` naming a bad line."""
    rows, data = [], []
    for number, line in enumerate(path.read_text(encoding="utf-8").split("\n"), 1):
        if not line.strip():
            continue
        try:
            read = json.loads(line)
            name, language, snippet = str(read["id"]), read["language"], read.get("snippet")
            expected = tuple(str(read["expected_verdict"]).split("|"))
        except (ValueError, TypeError, KeyError, AttributeError) as error:
            fields = "id, language, snippet, expected_verdict"
            raise ValueError(f"{path}, line {number}: expected a JSON object with {fields}: {error!r}") from error
        if not isinstance(snippet, str) or language not in ("python", "cpp"):
            data.append(name)
        elif not set(expected) <= set(MEANING):
            raise ValueError(f"{path}, line {number}: expected verdicts of {', '.join(MEANING)}, got {expected}")
        else:
            rows.append(Row(name, expected, Program(language, snippet)))
    return rows, data
