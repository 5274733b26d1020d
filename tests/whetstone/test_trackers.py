"""Metrics elsewhere: what a tracker is told, and that its failures cost a sentence."""

from __future__ import annotations

import io
from pathlib import Path
from types import SimpleNamespace
from typing import Any, ClassVar

import pytest
from rich.console import Console

from whetstone.files import RunError
from whetstone.recipes import RecipeError, parse_recipe
from whetstone.rundir import RunDir
from whetstone.trackers import numbers, open_trackers, reporting

TEXT = """
name = "small"
report_to = ["wandb"]
tasks = ["sequences/sorting"]

[[stages]]
kind = "sft"
name = "warm"
steps = 5
"""


class Fake:
    """What Accelerate does with one tracker, in memory; it fails when it is told to."""

    made: ClassVar[list[Fake]] = []

    def __init__(self, cpu: bool, log_with: list[str], project_dir: Path) -> None:
        self.trackers = [SimpleNamespace(name=name) for name in log_with if name != "trackio"]
        self.folder, self.logged, self.ended = project_dir, [], False
        Fake.made.append(self)

    def init_trackers(self, project_name: str, config: dict[str, Any], init_kwargs: dict[str, Any]) -> None:
        self.project, self.config, self.more = project_name, config, init_kwargs

    def log(self, values: dict[str, Any], step: int) -> None:
        if "explode" in values:
            raise ConnectionError("no network")
        self.logged.append((step, values))

    def end_training(self) -> None:
        self.ended = True


@pytest.fixture
def fake(monkeypatch: pytest.MonkeyPatch) -> type[Fake]:
    Fake.made.clear()
    monkeypatch.setattr("accelerate.Accelerator", Fake)
    return Fake


def test_every_record_is_told_with_its_step_and_kept(tmp_path, fake):
    recipe = parse_recipe(TEXT)
    record = {"stage": "warm", "step": 3, "time": 1.0, "loss": 0.5, "kinds": {"graded": 2}, "stopped": True}
    with RunDir.create(tmp_path / "run", recipe) as run:
        with reporting(recipe, run, Console(file=io.StringIO())):
            run.log(record)
        run.log({**record, "step": 4})  # nobody listens any more
        assert [r["step"] for r in run.metrics()] == [3, 4]
    (tracker,) = fake.made
    assert tracker.logged == [(3, {"loss": 0.5, "kinds/graded": 2})] and tracker.ended
    assert tracker.project == "small" and tracker.more["wandb"]["dir"] == tmp_path / "run"
    assert tracker.config["model/layers"] == 3 and tracker.config["name"] == "small"


def test_a_tracker_that_fails_costs_a_sentence_and_not_the_run(tmp_path, fake):
    recipe, said = parse_recipe(TEXT), io.StringIO()
    with RunDir.create(tmp_path / "run", recipe) as run, reporting(recipe, run, Console(file=said)):
        for step, name in enumerate(["loss", "explode", "loss"], start=1):
            run.log({"step": step, name: 1.0})
    assert [step for step, _ in fake.made[0].logged] == [1]
    assert said.getvalue().count("report_to failed, the run goes on without it: no network") == 1
    assert len(list(run.metrics())) == 3


def test_what_cannot_be_opened_is_said_before_anything_is_trained(tmp_path, fake, monkeypatch):
    recipe = parse_recipe(TEXT)
    with RunDir.create(tmp_path / "run", recipe) as run:
        with pytest.raises(RunError, match="trackio is not installed; pip install trackio"):
            open_trackers(recipe.model_copy(update={"report_to": ("wandb", "trackio")}), run)
        monkeypatch.setattr(fake, "init_trackers", lambda *_, **__: 1 / 0)
        with pytest.raises(RunError, match=r"report_to = \['wandb'\] cannot be opened .*pip install wandb"):
            open_trackers(recipe, run)


def test_curves_of_a_resumed_run_go_on_where_its_metrics_end(tmp_path, fake):
    recipe = parse_recipe(TEXT)
    with RunDir.create(tmp_path / "run", recipe) as run:
        for step in (1, 2):
            open_trackers(recipe, run)
            run.log({"step": step})
    assert [made.more["tensorboard"] for made in fake.made] == [{}, {"purge_step": 2}]


def test_nothing_is_opened_unless_asked_for(tmp_path, fake):
    recipe = parse_recipe(TEXT, ["report_to=[]"])
    with RunDir.create(tmp_path / "run", recipe) as run, reporting(recipe, run, Console(file=io.StringIO())):
        run.log({"step": 1, "loss": 1.0})
    assert not fake.made
    with pytest.raises(RecipeError, match="report_to"):
        parse_recipe(TEXT, ['report_to=["paper"]'])


def test_numbers_of_nested_data():
    assert numbers({"a": {"b": {"c": 1}}, "d": "x", "e": True}) == {"a/b/c": 1}
    assert numbers({"a": {"b": None}, "d": ["x"], "e": 2}, text=True) == {"a/b": "None", "d": "['x']", "e": 2}
