"""`whetstone problems`: list, show, check, build."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from whetstone.envs.code import catalog
from whetstone.problem_commands import problems

EASY = "arrays/maximum_subarray"


def run(*arguments: str) -> Result:
    return CliRunner().invoke(problems, list(arguments))


def test_the_list_names_every_problem_with_its_figures() -> None:
    done = run()
    assert done.exit_code == 0
    assert all(problem in done.output for problem in catalog.problem_ids())
    rows = [json.loads(line) for line in run("--topic", "graphs", "--json").output.splitlines()]
    assert [row["id"] for row in rows] == catalog.problem_ids("graphs")
    assert all(row["tests"] >= 10 and row["mutation_score"] == 1.0 for row in rows)
    assert set(rows[0]) == {"id", "title", "level", "topics", "tests", "mutation_score"}


def test_an_unknown_topic_is_answered_with_those_there_are() -> None:
    done = run("--topic", "weather")
    assert isinstance(done.exception, ValueError)
    assert "arrays" in str(done.exception)


def test_a_problem_is_shown_without_its_hidden_tests() -> None:
    done = run("show", EASY)
    assert done.exit_code == 0
    assert "The best season" in done.output
    assert "Sample output 2:\n-2" in done.output
    problem = catalog.problem(EASY)
    assert not any(test.input in done.output for test in problem.tests if len(test.input) > 30)


@pytest.mark.parametrize("command", ["check", "build"])
def test_one_problem_or_all_must_be_named(command: str) -> None:
    assert "--all" in str(run(command).exception)
    assert "--all" in str(run(command, EASY, "--all").exception)


@pytest.mark.slow
def test_a_problem_is_built_and_checked_and_a_stale_one_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    source = tmp_path / "arrays" / "maximum_subarray.py"
    source.parent.mkdir()
    shutil.copy(catalog.source_file(EASY), source)
    shipped = catalog.stored_file(EASY).read_bytes()
    monkeypatch.setattr(catalog, "source_file", lambda problem: source)
    catalog.problem.cache_clear()
    missing = run("check", EASY)
    assert missing.exit_code == 1
    assert "has no tests yet" in missing.output
    built = run("build", EASY)
    assert built.exit_code == 0, built.output
    assert source.with_suffix(".json").read_bytes() == shipped  # the same bytes, whoever builds it
    checked = run("check", EASY, "--json")
    assert checked.exit_code == 0
    assert json.loads(checked.output)["passed"]
    source.write_text(source.read_text() + "\n")
    catalog.problem.cache_clear()
    stale = run("check", EASY, "--json")
    assert stale.exit_code == 1
    assert "was changed after" in json.loads(stale.output)["reason"]
    catalog.problem.cache_clear()
