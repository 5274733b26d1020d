"""A certificate finds what is wrong with a task, and a task's own errors end only that task's examination."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from whetstone import certify
from whetstone.catalogue import read_certificates, write_certificates
from whetstone.certify import Certificate
from whetstone.cli import app
from whetstone.envs import Verdict, catalog
from whetstone.envs.core import graded, invalid
from whetstone.envs.tasks.sequences.sorting import Sorting

ID = "sequences/sorting"


@dataclass(frozen=True)
class AcceptsAnything(Sorting):
    """Takes any readable answer."""

    def check(self, answer: list[int]) -> Verdict:
        return graded(1.0)


@dataclass(frozen=True)
class RefusesItsOwn(Sorting):
    """Takes no answer."""

    def check(self, answer: list[int]) -> Verdict:
        return invalid("not today")


@dataclass(frozen=True)
class Raises(Sorting):
    """Cannot be solved."""

    def solve(self) -> list[int]:
        raise ZeroDivisionError("by the author")


@dataclass(frozen=True)
class Stumbles(Sorting):
    """Cannot judge."""

    def check(self, answer: list[int]) -> Verdict:
        return graded(answer[0] / len(self.numbers[:0]))


def examine(kind: type[Sorting], monkeypatch: pytest.MonkeyPatch, **options: Any) -> Certificate:
    monkeypatch.setattr(catalog, "load", lambda _: kind)
    monkeypatch.setattr(certify, "fingerprints_elsewhere", lambda tasks: {})
    return next(certify.certify([ID], **options))


def test_a_task_that_can_be_guessed_fails(monkeypatch: pytest.MonkeyPatch):
    certificate = examine(AcceptsAnything, monkeypatch)
    assert certificate.guessed == 1.0
    assert "level 0: many numbers is taken to be correct" in certificate.findings
    assert any(f.startswith("answering ") and "earns 1.00 on average at level 10" in f for f in certificate.findings)


def test_a_reference_that_is_refused_fails(monkeypatch: pytest.MonkeyPatch):
    findings = examine(RefusesItsOwn, monkeypatch, quick=True).findings
    assert "level 10, seed 2: the reference answer is not correct: not today" in findings


def test_problems_that_differ_in_another_process_fail(monkeypatch: pytest.MonkeyPatch):
    different = "another process with another PYTHONHASHSEED draws or solves differently"
    assert different in examine(Sorting, monkeypatch, quick=True).findings


def test_an_error_of_the_task_is_a_finding(monkeypatch: pytest.MonkeyPatch):
    certificate = examine(Raises, monkeypatch)
    assert certificate.findings[-1] == "ZeroDivisionError: by the author"
    assert not certificate.passed


def test_an_error_of_the_judge_names_problem_and_answer(monkeypatch: pytest.MonkeyPatch):
    finding = examine(Stumbles, monkeypatch).findings[-1]
    assert finding.startswith("ZeroDivisionError: division by zero; judging '<answer>")
    assert "on Stumbles(numbers=(" in finding


def test_a_truth_that_differs_is_a_finding(tmp_path: Path):
    (tmp_path / "sequences.py").write_text(
        "from whetstone.envs.truth import truth\n"
        f"@truth({ID!r}, levels=(1, 2), seeds=30)\n"
        "def sorting(problem):\n"
        "    assert problem.solution == sorted(problem.numbers, reverse=True)\n"
    )
    (found,) = certify.certify([ID], truths=tmp_path)
    assert found.truth is None
    assert found.findings[-1].startswith("AssertionError: the truth differs on Sorting(numbers=")


def test_certificates_of_several_processes_are_those_of_one():
    tasks = [ID, "graphs/minimum_spanning_tree", "puzzles/sudoku"]
    alone, together = (list(certify.certify(tasks, quick=True, processes=n)) for n in (1, 2))
    assert alone == together
    assert [certificate.task for certificate in alone] == tasks
    with pytest.raises(catalog.UnknownTask):
        next(certify.certify(["no/such"]))


def test_a_checked_task_renews_its_own_certificate_only(tmp_path: Path):
    file = tmp_path / "certificates.json"
    write_certificates([{"task": "a/last"}, {"task": ID, "passed": False}, {"task": "z/first"}], file)
    assert CliRunner().invoke(app, ["check", ID, "--out", str(file)]).exit_code == 0
    stored = read_certificates(file)
    assert list(stored) == ["a/last", ID, "z/first"]
    assert stored["a/last"] == {"task": "a/last"} and stored[ID]["passed"] and stored[ID]["truth"] >= 50
    result = CliRunner().invoke(app, ["check", ID, "--quick", "--out", str(file)])
    assert result.exit_code == 2 and "give --out or --quick, not both" in result.stderr


def test_truths_belong_to_the_folder_not_to_its_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """A relative name means another folder after a change of directory."""
    (tmp_path / "tests" / "truth").mkdir(parents=True)
    held = []
    for place in (tmp_path, certify.OWN_TRUTHS.parent.parent):
        monkeypatch.chdir(place)
        (found,) = certify.certify([ID], truths=Path("tests/truth"))
        held.append(found.truth)
    assert held[0] is None and held[1] is not None and held[1] >= 50
