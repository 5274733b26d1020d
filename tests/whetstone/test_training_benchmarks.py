"""What `benchmarks/train_soak.py` and the real runs of `benchmarks/curriculum.py` say of a run, by hand."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path
from subprocess import CompletedProcess
from types import ModuleType
from typing import Any

import pytest

from whetstone.recipes import parse_recipe

FOLDER = Path(__file__).parents[2] / "benchmarks"


def loaded(name: str, monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    """A file of the folder, which is no package, as a module that is forgotten after the test."""
    spec = importlib.util.spec_from_file_location(name, FOLDER / f"{name}.py")
    assert spec and spec.loader
    module = importlib.util.module_from_spec(spec)
    monkeypatch.setitem(sys.modules, name, module)
    spec.loader.exec_module(module)
    return module


def test_the_soak_is_as_long_as_it_says(monkeypatch: pytest.MonkeyPatch) -> None:
    soak = loaded("train_soak", monkeypatch)
    assert sum(stage.steps for stage in parse_recipe(soak.RECIPE).stages) == soak.STEPS


@pytest.mark.parametrize(
    ("kind", "code", "errors", "fine"),
    [
        ("kill", -9, "", True),
        ("kill", 0, "", False),  # it ended before it was struck
        ("disk", 1, "whetstone: disk full while writing x; free some space, then continue", True),
        ("disk", 1, "Traceback\ndisk full while writing x", False),
        ("judge", 1, "Died: the judge died", True),
        ("judge", 1, "Died: the sampler died", False),
    ],
)
def test_how_a_fault_ends_the_process(
    kind: str, code: int, errors: str, fine: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    done = CompletedProcess([], code, "", errors)
    assert loaded("train_soak", monkeypatch).as_it_should(kind, done) is fine


def test_wasted_groups_by_hand(monkeypatch: pytest.MonkeyPatch) -> None:
    loaded("_imitated", monkeypatch)
    real = loaded("_curriculum_real", monkeypatch)

    def group(step: int, task: str, seed: int, *answers: bool) -> list[dict[str, Any]]:
        return [{"step": step, "task": task, "level": 0, "seed": seed, "correct": right} for right in answers]

    rows = [
        *group(11, "a", 1, True, True),
        *group(11, "b", 1, False, False),
        *group(12, "a", 2, True, False),
        *group(13, "b", 3, True, True),
    ]
    found = real.wasted(rows, steps=3)
    assert found["all"] == {"groups": 4, "right": 0.5, "wrong": 0.25}
    assert found["a"] == {"groups": 2, "right": 0.5, "wrong": 0.0}
    assert [found[f"part {i}"]["groups"] for i in (1, 2, 3)] == [2, 1, 1]
    assert [real.share({"asked": found}, f"part {i}") for i in (1, 2, 3)] == [1.0, 0.0, 1.0]
