"""A stage of reinforcement learning with all that can go along: resumed, stopped by a canary, kept from a bad batch."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest
import torch
from rich.console import Console
from typer.testing import CliRunner

from whetstone.cli import app
from whetstone.policy.checkpoint import load_policy, load_state
from whetstone.policy.presets import PRESETS
from whetstone.recipes import RecipeError, parse_recipe, to_toml
from whetstone.rundir import RunDir
from whetstone.settings import GrpoStage
from whetstone.train import train

HEAD = """
name = "tiny"
tasks = ["sequences/sorting", "strings/minimal_cyclic_shift"]
[model]
hidden_size = 32
layers = 1
head_dim = 8
experts = 4
expert_size = 32
router_size = 16
vocab_size = 300
max_positions = 512
[eval]
levels = "0"
"""
WARM = """
[[stages]]
name = "sft"
kind = "sft"
steps = 30
batch = 24
levels = "0"
warmup = 2
"""
TEXT = (
    HEAD
    + """
[[stages]]
name = "grpo"
kind = "grpo"
steps = 6
prompts = 4
samples = 4
max_tokens = 24
lr = 1e-3
reward = "score"
checkpoint_every = 2
frontier = {start_level = 0, max_level = 1}
"""
)
EVERYTHING = [
    "grpo.loss=dppo",
    "grpo.optimizer=muon",
    "grpo.kl={weight = 0.01, to = 'start'}",
    "grpo.average=0.9",
    "grpo.old=trainer",
    "grpo.correction={kind = 'truncate'}",
    "grpo.refill=1",
    "grpo.updates=2",
    "grpo.truncated=mask",
    "grpo.chunk=12",
    "grpo.carry=4",
    "grpo.length={longest = 20}",
    "grpo.canaries={length = 1.01, window = 2}",
    "grpo.attempts={shown = 2, tail = 8}",
    "grpo.data=[{kind = 'tasks', include = ['sequences/sorting', 'strings/minimal_cyclic_shift'], aggregate = 0.5}]",
]
TIMES = ("time", "tokens_per_second", "seconds_sampling", "seconds_judging", "seconds_learning")


class Killed(BaseException):
    """The process dies here."""


def begin(folder: Path, overrides: list[str], text: str = TEXT) -> None:
    with RunDir.create(folder, parse_recipe(text, overrides)) as run:
        train(run.recipe(), run, Console(quiet=True))


def resume(folder: Path) -> None:
    with RunDir.resume(folder) as run:
        train(run.recipe(), run, Console(quiet=True))


def outcome(folder: Path) -> tuple[list[dict[str, Any]], dict[str, torch.Tensor], dict[str, torch.Tensor]]:
    run = RunDir.open(folder)
    latest = run.latest()
    assert latest is not None
    metrics = [{name: x for name, x in record.items() if name not in TIMES} for record in run.metrics()]
    policy, average = (load_policy(path)[0].state_dict() for path in (latest.path, latest.path / "average"))
    return metrics, policy, average


@pytest.fixture(scope="module")
def start(tmp_path_factory: pytest.TempPathFactory) -> str:
    """The override that starts a run from a policy that knows how to answer."""
    folder = tmp_path_factory.mktemp("warm") / "run"
    begin(folder, [], HEAD + WARM)
    return f"start='{folder}'"


@pytest.mark.slow
def test_everything_at_once_is_resumed_to_the_same_numbers(start: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    begin(tmp_path / "straight", [start, *EVERYTHING])
    log, deaths = RunDir.log, [1, 3, 6]

    def log_and_die(self: RunDir, record: dict[str, Any]) -> None:
        log(self, record)
        if deaths and record["step"] == deaths[0]:
            deaths.pop(0)
            raise Killed

    monkeypatch.setattr(RunDir, "log", log_and_die)
    with pytest.raises(Killed):
        begin(tmp_path / "killed", [start, *EVERYTHING])
    while deaths:
        with pytest.raises(Killed):
            resume(tmp_path / "killed")
    resume(tmp_path / "killed")
    expected, found = outcome(tmp_path / "straight"), outcome(tmp_path / "killed")
    assert found[0] == expected[0]
    for ours, theirs in zip(found[1:], expected[1:], strict=True):
        assert all(torch.equal(x, theirs[name]) for name, x in ours.items())
    # What was asked for has happened.
    records = [record for record in expected[0] if record["stage"] == "grpo"]
    assert any(record["aggregated"] for record in records)
    assert any("reference_kl" in record and "last_kl" in record for record in records)
    assert any(record["rounds"] == 2 for record in records)
    assert all(record["sampler_gap"] < 1e-4 for record in records if "sampler_gap" in record)
    assert any("length is" in alarm for record in records for alarm in record.get("alarms", ()))
    weights, average = expected[1:]
    assert any(not torch.equal(x, average[name]) for name, x in weights.items())


def test_a_canary_stops_the_run_with_a_checkpoint(start: str, tmp_path: Path):
    (tmp_path / "tiny.toml").write_text(TEXT)
    canary = "grpo.canaries={entropy = 100.0, entropy_action = 'stop'}"
    arguments = ["train", str(tmp_path / "tiny.toml"), "--out", str(tmp_path / "run"), "--set", canary, "--set", start]
    result = CliRunner().invoke(app, arguments, prog_name="whetstone")
    assert result.exit_code == 1
    assert "grpo was stopped after 1 steps by a canary, entropy: entropy is" in result.stderr
    assert "Traceback" not in result.stderr
    run = RunDir.open(tmp_path / "run")
    latest = run.latest()
    assert latest is not None and latest.step == 1
    record = list(run.metrics())[-1]
    assert record["skipped_steps"] == 1 and "under 100 (stop)" in record["alarms"][0]


def test_a_batch_at_fault_is_in_the_run_and_can_be_replayed(
    start: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    from whetstone.policy import trainer

    kernel, calls = trainer.grpo_loss, []

    def explode(batch, settings):
        calls.append(len(calls))
        loss, metrics = kernel(batch, settings)
        return (loss * torch.inf if calls[-1] == 0 else loss), metrics

    monkeypatch.setattr(trainer, "grpo_loss", explode)
    begin(tmp_path / "run", [start])
    monkeypatch.undo()
    records = [record for record in RunDir.open(tmp_path / "run").metrics() if record.get("nonfinite_steps")]
    assert len(records) == 1
    folder = tmp_path / "run" / "faults" / f"grpo-{records[0]['step']:06d}"
    result = CliRunner().invoke(app, ["replay", str(folder), "--most", "2"], prog_name="whetstone")
    assert result.exit_code == 0, result.output
    assert result.stdout.startswith(f"0 of {records[0]['rows']:.0f} rows have a loss or a gradient that is not finite")
    assert result.stdout.count("\nrow ") == 2
    result = CliRunner().invoke(app, ["replay", str(tmp_path)], prog_name="whetstone")
    assert result.exit_code == 2 and "batch.pt is missing or damaged" in result.stderr


def test_a_checkpoint_from_before_there_were_companions_still_resumes(start: str, tmp_path: Path):
    begin(tmp_path / "run", [start, "grpo.steps=2"])
    latest = RunDir.open(tmp_path / "run").latest()
    assert latest is not None
    state = load_state(latest.path)["state"]
    assert state.pop("companions")["canaries"]["length"]["seen"] == 2
    from whetstone.grpo import Grpo

    recipe = parse_recipe(TEXT)
    stage = recipe.stages[0]
    assert isinstance(stage, GrpoStage)
    Grpo(stage, recipe, *load_policy(latest.path)).load_state_dict(state)


# -- settings ---------------------------------------------------------------------------------------------------------


def stage_of(*overrides: str) -> GrpoStage:
    stage = parse_recipe(TEXT, overrides).stages[0]
    assert isinstance(stage, GrpoStage)
    return stage


@pytest.mark.parametrize("name", PRESETS)
def test_a_preset_decides_and_may_be_overruled(name: str):
    stage = stage_of(f"grpo.loss={name}")
    preset = PRESETS[name]
    assert {key: getattr(stage, key) for key in preset.settings()} == preset.settings()
    changed = parse_recipe(TEXT, [f"grpo.loss={name}", "grpo.clip_high=0.17", "grpo.advantage=batch"])
    assert (changed.stages[0].clip_high, changed.stages[0].advantage) == (0.17, "batch")  # type: ignore[union-attr]
    assert parse_recipe(to_toml(changed)) == changed


def test_the_default_is_dapo():
    assert stage_of() == stage_of("grpo.loss=dapo")


@pytest.mark.parametrize(
    ("overrides", "sentence"),
    [
        (["grpo.loss=ppo"], "grpo.loss: expected 'grpo', 'dr_grpo', 'dapo',"),
        (["grpo.ratio=sequence", "grpo.rule=mask"], "the ratio of a whole sequence is clipped (GSPO)"),
        (["grpo.correction.kind=mask"], 'set old = "trainer"'),
        (["grpo.correction.high=0.5"], "grpo.correction.high: expected a value greater than or equal to 1, got 0.5"),
        (["grpo.updates=10"], "10 updates on a batch need a staleness of 9, not 8"),
        (["grpo.momentum=0.9"], "momentum is Muon's; set optimizer = 'muon'"),
        (["grpo.advantage=maxrl", "grpo.soft_overlong=4"], "the mean reward, which must not fall below 0"),
        (["grpo.kl={weight = 0.1, estimator = 'k1'}"], "k1 in the loss has a gradient of zero on average"),
        (["grpo.kl={weight = 0.1, to = 'average'}"], "set average, such as 0.99"),
        (["grpo.soft_overlong=25"], "soft_overlong is a part of max_tokens (24), so 25 is too much"),
        (["grpo.chunk=8"], "expected carry < chunk < max_tokens (24), got 0 and 8"),
        (["grpo.reward=exact", "grpo.canaries.hacking_action=warn"], "set reward = 'score' for it"),
        (["grpo.canaries.length_action=halt"], "expected 'off', 'warn', 'skip' or 'stop', got 'halt'"),
    ],
)
def test_a_wrong_combination_gets_a_sentence(overrides: list[str], sentence: str):
    with pytest.raises(RecipeError) as caught:
        parse_recipe(TEXT, overrides)
    assert sentence in str(caught.value)


# -- before training starts -------------------------------------------------------------------------------------------


def test_a_place_that_cannot_be_written_is_an_error_before_training(tmp_path: Path):
    (tmp_path / "tiny.toml").write_text(TEXT)
    (tmp_path / "file").write_text("no folder")
    arguments = ["train", str(tmp_path / "tiny.toml"), "--out", str(tmp_path / "file" / "run")]
    result = CliRunner().invoke(app, arguments, prog_name="whetstone")
    assert result.exit_code == 1
    assert str(tmp_path / "file" / "run") in result.stderr
    assert "Traceback" not in result.stderr and "parameters" not in result.stdout


def test_a_full_disk_is_an_error_before_training(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    (tmp_path / "tiny.toml").write_text(TEXT)
    usage = os.statvfs(tmp_path)
    monkeypatch.setattr("shutil.disk_usage", lambda path: type("Usage", (), {"free": usage.f_frsize})())
    arguments = ["train", str(tmp_path / "tiny.toml"), "--out", str(tmp_path / "run")]
    result = CliRunner().invoke(app, arguments, prog_name="whetstone")
    assert result.exit_code == 1 and "MiB free for" in result.stderr
    assert "parameters" not in result.stdout
    assert not list(tmp_path.glob("run/checkpoints"))
