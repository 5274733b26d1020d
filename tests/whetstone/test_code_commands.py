"""`whetstone judge`: rows of programs, and one program on one problem."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner

from whetstone.code_commands import codes
from whetstone.judge_rows import HONEST, adding_up, read_rows

app = typer.Typer()
app.add_typer(codes)
app.callback()(lambda: None)


def run(*arguments: object) -> tuple[int, str]:
    done = CliRunner().invoke(app, ["judge", *map(str, arguments)])
    if isinstance(done.exception, Exception):
        raise done.exception
    return done.exit_code, done.output


def rows(path: Path, *rows: dict[str, object]) -> Path:
    path.write_text("\n".join(json.dumps(row) for row in rows) + "\n", encoding="utf-8")
    return path


def row(name: str, snippet: str | None, expected: str, language: str = "python") -> dict[str, object]:
    return {"id": name, "language": language, "snippet": snippet, "expected_verdict": expected, "invariant": ""}


def test_rows_as_expected(tmp_path: Path) -> None:
    path = rows(tmp_path / "rows.jsonl", row("right", HONEST.source, "AC"), row("six", "print(6)\u2028", "RE|WA"))
    assert run("--rows", path)[0] == 0
    assert run("--rows", path)[1].startswith("2/2 as expected (tier ")


def test_rows_that_are_not_as_expected_are_named(tmp_path: Path) -> None:
    data = row("text", "an input", "accepted", "text"), row("none", None, "AC")
    path = rows(tmp_path / "rows.jsonl", row("six", "print(6)", "AC"), row("right", HONEST.source, "AC"), *data)
    status, output = run("--rows", path)
    assert status == 1
    first, second, last = output.splitlines()
    assert first == "six: expected AC, got WA (token 1 is '6', which is wrong)"
    assert second == "2 data rows, not programs: text, none"
    assert last.startswith("1/2 as expected (tier ")
    status, output = run("--rows", path, "--json", "--tier", "C")
    found = json.loads(output)
    assert (status, found["as_expected"], found["programs"], found["tier"]) == (1, 1, 2, "C")
    assert [row["verdict"] for row in found["rows"]] == ["WA", "AC"]
    assert found["data_rows"] == ["text", "none"]


@pytest.mark.parametrize("line", ["{", "[1]", "7", '{"id": 1}', json.dumps(row("x", "print(6)", "accepted")), "\x00"])
def test_a_bad_row_is_named(tmp_path: Path, line: str) -> None:
    path = tmp_path / "rows.jsonl"
    path.write_text(json.dumps(row("x", "y", "AC")) + "\n\n" + line + "\n", encoding="utf-8")
    with pytest.raises(ValueError, match="line 3: expected"):
        read_rows(path)


def test_one_program_on_one_problem(tmp_path: Path) -> None:
    problem, program = tmp_path / "sum.json", tmp_path / "program.py"
    problem.write_text(adding_up().to_json(), encoding="utf-8")
    program.write_text(HONEST.source, encoding="utf-8")
    status, output = run(problem, program)
    assert status == 0 and "AC (accepted): 2 tests" in output
    program.write_text("print(6)", encoding="utf-8")
    status, output = run(problem, program)
    assert status == 1 and "WA (wrong answer) on test 2: token 1 is '6', which is wrong" in output
    found = json.loads(run(problem, program, "--json")[1])
    assert (found["verdict"], [test["verdict"] for test in found["tests"]]) == ("WA", ["AC", "WA"])


def test_bad_input_is_a_sentence(tmp_path: Path) -> None:
    problem, program = tmp_path / "sum.json", tmp_path / "program.py"
    problem.write_text(adding_up().to_json(), encoding="utf-8")
    program.write_bytes(b"\xff")
    with pytest.raises(ValueError, match="expected a program in UTF-8"):
        run(problem, program)
    with pytest.raises(ValueError, match=r"expected a program in \.py, \.cpp"):
        run(problem, tmp_path / "program.rb")
    with pytest.raises(ValueError, match="there is no problem 'no/such'"):
        run("no/such", program)
    with pytest.raises(ValueError, match="expected the JSON of a programming problem"):
        run(rows(tmp_path / "bad.json", {"id": 1}), program)
    with pytest.raises(ValueError, match="expected PROBLEM and FILE, or --rows"):
        run(problem)
    with pytest.raises(ValueError, match="no PROBLEM and no FILE"):
        run(problem, program, "--rows", problem)
    with pytest.raises(ValueError, match="expected A, B or C"):
        run(problem, program, "--tier", "Z")
    with pytest.raises(FileNotFoundError):
        run("--rows", tmp_path / "none.jsonl")
