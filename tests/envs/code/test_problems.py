"""The shipped problems. Their whole certification, which takes ten minutes, is `make problems`."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from whetstone.envs.code import catalog
from whetstone.envs.code.stored import Stored

ALL = catalog.problem_ids()
SIZE = 5 << 20  # bytes of all problems together


@pytest.mark.parametrize("problem", ALL)
def test_what_is_shipped_is_not_stale(problem: str, tmp_path: Path) -> None:
    stored = catalog.stored(problem)
    assert 10 <= len(stored.tests) <= 30
    certificate = stored.certificate
    assert (certificate.tpr, certificate.tnr, certificate.score) == (1.0, 1.0, 1.0)
    assert certificate.audit_tnr >= 0.95
    shipped = catalog.stored_file(problem)
    data = json.loads(shipped.read_text(encoding="utf-8"))
    assert len(data["tests"]) == len(stored.tests)


def test_there_are_sixty_problems_of_all_levels_and_many_topics() -> None:
    blueprints = [catalog.blueprint(problem) for problem in ALL]
    assert len(ALL) >= 60
    assert len({problem.partition("/")[0] for problem in ALL}) >= 10
    assert {blueprint.level for blueprint in blueprints} >= set(range(9))
    assert len({blueprint.title for blueprint in blueprints}) == len(ALL)


def test_all_of_them_are_small() -> None:
    assert sum(catalog.stored_file(problem).stat().st_size for problem in ALL) < SIZE


def test_unknown_problems_are_answered_with_near_ids() -> None:
    with pytest.raises(catalog.UnknownProblem, match="did you mean arrays/maximum_subarray"):
        catalog.problem("arrays/maximum_subarrays")
    assert catalog.problem_ids("no such topic") == []


def test_a_broken_problem_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "broken_problem_module.py").write_text("x = 1\n")
    monkeypatch.syspath_prepend(str(tmp_path))
    monkeypatch.setattr(
        catalog,
        "_modules",
        lambda: {"a/b": [("broken_problem_module", tmp_path)], "a/c": [("x", tmp_path), ("y", tmp_path)]},
    )
    with pytest.raises(catalog.BrokenProblem, match="exactly one Blueprint, it defines 0"):
        catalog.blueprint("a/b")
    with pytest.raises(catalog.BrokenProblem, match="more than once"):
        catalog.blueprint("a/c")


def test_entry_points_add_problems(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from importlib.metadata import EntryPoint

    package = tmp_path / "my_problems_for_a_test" / "puzzles"
    package.mkdir(parents=True)
    for name in ("__init__", "sums", "_parts"):
        (package / f"{name}.py").write_text("")
    (package.parent / "__init__.py").write_text("")
    monkeypatch.syspath_prepend(str(tmp_path))
    entry = EntryPoint("mine", "my_problems_for_a_test.puzzles", catalog.GROUP)
    assert [found[:2] for found in catalog._problems_of(entry)] == [
        ("puzzles/sums", "my_problems_for_a_test.puzzles.sums")
    ]
    with pytest.warns(UserWarning, match="cannot be imported"):
        assert not list(catalog._problems_of(EntryPoint("gone", "no_such_package.puzzles", catalog.GROUP)))


def test_a_stored_file_is_read_as_it_was_written(tmp_path: Path) -> None:
    problem = ALL[0]
    source = tmp_path / catalog.source_file(problem).name
    source.write_bytes(catalog.source_file(problem).read_bytes())
    stored = catalog.stored(problem)
    full = [
        (test if key is None else whole, key)
        for (test, key), whole in zip(stored.tests, catalog.problem(problem).tests, strict=True)
    ]
    Stored(stored.digest, stored.certificate, stored.samples, tuple(full)).write(source.with_suffix(".json"))
    assert Stored.read(source.with_suffix(".json"), source).problem(
        problem, catalog.blueprint(problem)
    ) == catalog.problem(problem)
