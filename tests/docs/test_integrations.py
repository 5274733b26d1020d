"""The examples of docs/integrations.md print what the page says, and what it names exists."""

from __future__ import annotations

import doctest
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from reasoning_gym.factory import CURRICULA, DATASETS

PAGE = Path(__file__).parents[2] / "docs" / "integrations.md"


@pytest.fixture
def unregistered() -> Iterator[None]:
    """What the page registers is gone afterwards."""
    tables: list[dict[str, Any]] = [DATASETS, CURRICULA]
    before = [(table, dict(table)) for table in tables]
    yield
    for table, content in before:
        table.clear()
        table.update(content)


@pytest.mark.usefixtures("unregistered")
def test_the_examples_hold() -> None:
    failed, tried = doctest.testfile(str(PAGE), module_relative=False)
    assert failed == 0 and tried > 12


def test_the_adapters_are_there() -> None:
    named = set(re.findall(r"whetstone\.integrations\.([a-z_]+)", PAGE.read_text()))
    assert named >= {"trl", "trl_code", "trl_sft", "reasoning_gym", "verl", "slime", "openrlhf"}
    for name in named:
        assert (PAGE.parents[1] / "integrations" / f"{name}.py").is_file(), name
