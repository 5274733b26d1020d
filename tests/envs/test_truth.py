"""Truths are held against enough different problems, and name the one that differs."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from whetstone.envs.truth import ENOUGH, load_truths, truth

MODULE = """
from whetstone.envs.truth import truth

@truth("sequences/sorting", levels=(0, 1), seeds=30)
def sorting(problem):
    assert problem.solution == sorted(problem.numbers)
"""


def test_a_truth_that_holds_counts_its_problems() -> None:
    @truth("sequences/sorting", levels=(1, 2), seeds=30)
    def sorting(problem: Any) -> None:
        assert problem.solution == sorted(problem.numbers)

    assert sorting.hold() == len(set(sorting.problems())) >= ENOUGH


def test_a_truth_that_differs_names_the_problem() -> None:
    @truth("sequences/sorting", levels=(1, 2), seeds=30)
    def sorting(problem: Any) -> None:
        assert problem.solution == sorted(problem.numbers, reverse=True)

    with pytest.raises(AssertionError) as caught:
        sorting.hold()
    assert "the truth differs on Sorting(numbers=" in caught.value.__notes__[0]


def test_too_few_problems_are_no_truth() -> None:
    @truth("sequences/sorting", levels=(1,), seeds=ENOUGH - 1)
    def sorting(problem: Any) -> None:
        pass

    with pytest.raises(AssertionError, match="a truth needs 50 different problems"):
        sorting.hold()


def test_truths_are_found_by_file_and_claimed_once(tmp_path: Path) -> None:
    (tmp_path / "sequences.py").write_text(MODULE)
    (tmp_path / "test_other.py").write_text("raise RuntimeError('a test is no truth')")
    found = load_truths(tmp_path)
    assert list(found) == ["sequences/sorting"]
    assert found["sequences/sorting"].hold() >= ENOUGH
    (tmp_path / "zzz.py").write_text(MODULE)
    with pytest.raises(ValueError, match="has a truth already"):
        load_truths(tmp_path)
