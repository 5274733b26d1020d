"""The command about judging programs: judge."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

if TYPE_CHECKING:
    from whetstone.envs.code.judge import Judgement
    from whetstone.envs.code.problem import Problem
    from whetstone.envs.code.sandbox import Sandbox

codes = typer.Typer()
SUFFIXES: dict[str, Literal["python", "cpp"]] = {".py": "python", ".cpp": "cpp", ".cc": "cpp", ".cxx": "cpp"}


@codes.command()
def judge(
    problem: Annotated[str | None, typer.Argument(metavar="PROBLEM", help="A problem's id, or its JSON file.")] = None,
    file: Annotated[Path | None, typer.Argument(metavar="FILE", help="A program: FILE.py or FILE.cpp.")] = None,
    rows: Annotated[
        Path | None, typer.Option(help="A JSONL file of programs and the verdicts they should get.")
    ] = None,
    tier: Annotated[str | None, typer.Option(help="Confinement: A, B or C; the best there is unless given.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
) -> None:
    """Judge a program on a problem, or the programs of a file on adding numbers up. Status 1: not as it should be.

    A row has `id`, `language`, `snippet` and `expected_verdict`, which may name alternatives: `AC|RE`. After each of
    them, what it left behind is looked for, and an honest program must still be accepted.

    Examples: `whetstone judge arrays/inversions solution.py`, `whetstone judge --rows rows.jsonl --tier B`
    """
    if tier not in (None, "A", "B", "C"):
        raise ValueError(f"--tier: expected A, B or C, got {tier!r}")
    if rows is not None:
        if problem is not None or file is not None:
            raise ValueError("--rows judges its own programs: no PROBLEM and no FILE with it")
        as_expected = judge_rows(rows, tier, as_json)
    elif problem is not None and file is not None:
        as_expected = judge_file(problem, file, tier, as_json)
    else:
        raise ValueError("expected PROBLEM and FILE, or --rows with a JSONL file of programs")
    if not as_expected:
        raise typer.Exit(1)


def open_sandbox(tier: Any) -> Sandbox:
    """A sandbox of one worker; raises `ValueError` where this tier is not to be had."""
    from whetstone.envs.code.sandbox import Sandbox, SandboxError

    try:
        return Sandbox(workers=1, tier=tier)
    except SandboxError as error:
        raise ValueError(str(error)) from error


# -- one program ------------------------------------------------------------------------------------------------------


def judge_file(name: str, file: Path, tier: Any, as_json: bool) -> bool:
    """Judge one program test by test and print a table; whether it is accepted."""
    from whetstone.envs.code.judge import Judge
    from whetstone.envs.code.sandbox import Program

    problem = load_problem(name)
    if file.suffix not in SUFFIXES:
        raise ValueError(f"{file}: expected a program in {', '.join(SUFFIXES)}")
    try:
        program = Program(SUFFIXES[file.suffix], file.read_text(encoding="utf-8"))
    except UnicodeDecodeError as error:
        raise ValueError(f"{file}: expected a program in UTF-8: {error}") from error
    judged: list[Judgement] = []
    with open_sandbox(tier) as sandbox:
        for index in range(len(problem.tests)):
            judged.append(Judge(sandbox).judge_test(problem, program, index))
            if judged[-1].verdict != "AC":
                break
    if not judged:
        raise ValueError(f"{name} has no tests")
    print_tests(problem, judged, as_json)
    return judged[-1].verdict == "AC"


def load_problem(name: str) -> Problem:
    """A problem of the catalogue, or of a JSON file."""
    from whetstone.envs.code import catalog
    from whetstone.envs.code.problem import Problem

    path = Path(name)
    if path.suffix == ".json" or path.is_file():
        return Problem.from_json(path.read_text(encoding="utf-8"))
    try:
        return catalog.problem(name)
    except (catalog.UnknownProblem, catalog.BrokenProblem) as error:
        raise ValueError(str(error)) from error


def print_tests(problem: Problem, judged: list[Judgement], as_json: bool) -> None:
    """The tests that were run, and the verdict of the last."""
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    from whetstone.envs.code.judge import MEANING

    last = judged[-1]
    if as_json:
        tests = [as_row(judgement) for judgement in judged]
        print(json.dumps({"problem": problem.id, "verdict": last.verdict, "reason": last.reason, "tests": tests}))
        return
    table = Table("test", "kind", "verdict", "CPU s", "MiB", box=None, header_style="dim")
    for index, judgement in enumerate(judged):
        style = "green" if judgement.verdict == "AC" else "red"
        verdict = Text(judgement.verdict, style)
        numbers = f"{judgement.cpu:.3f}", f"{judgement.memory / (1 << 20):.0f}"
        table.add_row(str(index + 1), problem.tests[index].kind, verdict, *numbers)
    console = Console(highlight=False)
    console.print(table)
    rest = f" on test {len(judged)}: {last.reason}" if last.verdict != "AC" else f": {len(judged)} tests"
    console.print(f"\n{last.verdict} ({MEANING[last.verdict]}){rest} [tier {last.tier}]", markup=False, soft_wrap=True)


def as_row(judgement: Judgement) -> dict[str, Any]:
    """A judgement as JSON."""
    return {
        "verdict": judgement.verdict,
        "test": judgement.test,
        "reason": judgement.reason,
        "cpu": round(judgement.cpu, 4),
        "memory": judgement.memory,
        "tier": judgement.tier,
    }


# -- rows of programs -------------------------------------------------------------------------------------------------


def judge_rows(path: Path, tier: Any, as_json: bool) -> bool:
    """Judge each program of a JSONL file and print what is not as expected; whether all is."""
    from whetstone.judge_rows import Trial, adding_up, read_rows

    rows, data = read_rows(path)
    results = []
    with open_sandbox(tier) as sandbox, Trial(sandbox, adding_up(), rows) as trial:
        for row in rows:
            judgement, faults = trial.run(row)
            fine = judgement.verdict in row.expected and not faults
            seen = {"as_expected": fine, **as_row(judgement), "faults": faults}
            results.append({"id": row.id, "expected": "|".join(row.expected), **seen})
        tier = sandbox.tier
    good = sum(result["as_expected"] for result in results)
    if as_json:
        counts = {"as_expected": good, "programs": len(results), "tier": tier}
        print(json.dumps({**counts, "data_rows": data, "rows": results}))
        return good == len(results)
    for result in results:
        if not result["as_expected"]:
            print(f"{result['id']}: expected {result['expected']}, got {result['verdict']} ({result['reason']})")
            for fault in result["faults"]:
                print(f"{result['id']}: {fault}")
    if data:
        print(f"{len(data)} data rows, not programs: {', '.join(data)}")
    print(f"{good}/{len(results)} as expected (tier {tier})")
    return good == len(results)
