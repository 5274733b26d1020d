"""The examples of docs/checkpoints.md and docs/sft.md print what they say, with the measured figures."""

from __future__ import annotations

import doctest
import json
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


@pytest.mark.parametrize(("page", "least"), [("checkpoints.md", 20), ("sft.md", 15)])
def test_the_examples_hold(page: str, least: int) -> None:
    failed, tried = doctest.testfile(str(ROOT / "docs" / page), module_relative=False)
    assert failed == 0 and tried > least


def test_the_memory_of_loading_is_the_measured_one() -> None:
    found = json.loads((ROOT / "benchmarks" / "results" / "checkpoint.json").read_text())["ways"]
    page = (ROOT / "docs" / "checkpoints.md").read_text()
    for way, row in found.items():
        cells = f"| {way} | {row['model_bytes'] / 1e9:.2f} | {row['memory_over_model']:.2f} | {row['seconds']:.1f} |"
        assert cells in page
    assert max(found[way]["memory_over_model"] for way in ("load", "load, widened to fp32")) < 1.2
