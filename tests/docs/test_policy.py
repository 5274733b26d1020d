"""The examples of docs/policy.md print what the page says, and its charts are there."""

from __future__ import annotations

import doctest
from pathlib import Path

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs" / "policy.md"


def test_the_examples_hold() -> None:
    failed, tried = doctest.testfile(str(PAGE), module_relative=False)
    assert failed == 0 and tried > 10


def test_the_charts_are_there() -> None:
    page = PAGE.read_text()
    for name in ("pretrain-loss.svg", "pretrain-entropy.svg"):
        assert f"({name})" in page
        assert (ROOT / "docs" / name).read_text().startswith("<svg")
