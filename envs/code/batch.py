"""Many trusted programs over many inputs in few confined processes, for certification.

One process for each program and input is what a policy's program gets; for the thousands of runs that prove a problem,
that would take minutes. Here a program runs over all inputs in one process, with `stdin` and `stdout` replaced, and
every loop and call counts a tick, so that a mutant that hangs is told by a number which is the same on every machine.
"""

from __future__ import annotations

import ast
import json
import os
import sys
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path

from whetstone.envs.code.compare import compare
from whetstone.envs.code.judge import JudgeError
from whetstone.envs.code.problem import Comparison
from whetstone.envs.code.sandbox import Limits, Program, Sandbox

CHILD = Path(__file__).with_name("batch_child.py")
BUDGET = 20_000_000
"""Ticks that a program may take on an input, where the reference's are not known."""
LIMITS = Limits(cpu=20.0, wall=600.0, memory=2 << 30, output=256 << 20)
TOKENS = Comparison()
HANGS = 2  # inputs on which a program runs out of its ticks, before the rest is left out
CORES = len(os.sched_getaffinity(0))
CHUNKS = 2  # pieces of work for each core, as they are not of one length


@dataclass(frozen=True, slots=True)
class Run:
    """What a program did on every input of a batch."""

    codes: str
    """A letter an input: `.` accepted, W wrong, R error, T out of ticks or the process died,
    C the checker failed, `-` not run."""
    outputs: tuple[str, ...] = ()
    """On every input, or nothing where they were not asked for; accepted ones are empty if there were answers."""
    ticks: tuple[int, ...] = ()

    def killed(self, index: int) -> bool:
        return self.codes[index] in "WRT"

    @property
    def refuted(self) -> list[int]:
        """The inputs on which the program was wrong or failed, whatever time it may take."""
        return [index for index, code in enumerate(self.codes) if code in "WR"]

    @property
    def failures(self) -> int:
        """The number of inputs on which the program failed."""
        return sum(map(self.killed, range(len(self.codes))))


class _Ticks(ast.NodeTransformer):
    """Puts `_tick()`, which returns None, into every loop, function and comprehension."""

    def _visit_body(self, node: ast.For | ast.While | ast.FunctionDef) -> ast.AST:
        self.generic_visit(node)
        node.body.insert(0, ast.Expr(_tick()))
        return node

    visit_For = visit_While = visit_FunctionDef = _visit_body

    def visit_comprehension(self, node: ast.comprehension) -> ast.AST:
        self.generic_visit(node)
        node.ifs.insert(0, ast.Compare(_tick(), [ast.Is()], [ast.Constant(None)]))
        return node


def _tick() -> ast.Call:
    return ast.Call(ast.Name("_tick"), [], [])


@lru_cache(1024)
def ticking(source: str) -> str:
    """The program with its loops counted; a program that is none stays as it is, and fails when it runs."""
    try:
        return ast.unparse(_Ticks().visit(ast.parse(source)))
    except SyntaxError:
        return source


def run_batch(
    sandbox: Sandbox,
    sources: Sequence[str],
    inputs: Sequence[str],
    answers: Sequence[str] | None = None,
    *,
    comparison: Comparison = TOKENS,
    budgets: Sequence[int] | None = None,
    outputs: bool = False,
    enough: int = sys.maxsize,
    hangs: int = HANGS,
) -> list[Run]:
    """Runs Python programs over inputs, in their order; with `answers`, outputs are compared with them.

    `budgets` are the ticks that a program may take on each input. After `enough` failures a program's rest is not run,
    nor after `hangs` that were out of ticks.
    A process that dies (out of memory, out of CPU time) is a T for its program on all inputs; the programs after it
    run in another. Raises `JudgeError` when the sandbox itself fails.
    """
    if not sources or not inputs:
        return [Run("") for _ in sources]
    floats = comparison.kind == "floats" and answers is not None
    shared = {
        "inputs": list(inputs),
        "answers": answers and list(answers),
        "checker": comparison.checker,
        "budgets": list(budgets or [BUDGET] * len(inputs)),
        "outputs": outputs or floats,
        "enough": sys.maxsize if floats else enough,
        "hangs": hangs,
    }
    pieces = min(len(sources), CHUNKS * CORES)
    work = [list(sources[i::pieces]) for i in range(pieces)]
    with ThreadPoolExecutor(pieces) as pool:
        done = list(pool.map(lambda some: _run(sandbox, some, shared, len(inputs)), work))
    runs = [done[i % pieces][i // pieces] for i in range(len(sources))]
    return [_close(run, comparison, answers) for run in runs] if floats and answers else runs


def _run(sandbox: Sandbox, sources: list[str], shared: dict[str, object], size: int) -> list[Run]:
    runs: list[Run] = []
    child = Program("python", CHILD.read_text(encoding="utf-8"))
    while len(runs) < len(sources):
        jobs = [ticking(source) for source in sources[len(runs) :]]
        execution = sandbox.run(child, json.dumps({**shared, "jobs": jobs}).encode(), LIMITS)
        if execution.outcome in ("failed", "compile"):
            raise JudgeError(f"a batch of programs did not run: {execution.detail}")
        lines = execution.stdout.decode().split("\n")[:-1]  # a line that was cut off has no end
        if execution.outcome == "exit" and len(lines) < len(jobs):
            raise JudgeError(f"a batch of programs ended with {execution.stderr.decode(errors='replace')[-500:]}")
        for line in lines:
            data = json.loads(line)
            runs.append(Run(data["codes"], tuple(data["outputs"]), tuple(data["ticks"])))
        if len(lines) < len(jobs):
            runs.append(Run("T" * size, ("",) * size, (0,) * size))
    return runs


def _close(run: Run, comparison: Comparison, answers: Sequence[str]) -> Run:
    """The run with those outputs accepted that are within the tolerance."""
    codes = "".join(
        "." if code == "W" and compare(comparison, "", output.encode(), answer) is None else code
        for code, output, answer in zip(run.codes, run.outputs, answers, strict=True)
    )
    return replace(run, codes=codes)
