"""A cluster on this machine: the losses of the local engine, whoever is killed; what hangs; evaluation and export."""

from __future__ import annotations

import os
import random
import signal
import time
from collections import Counter
from functools import partial
from pathlib import Path
from threading import Timer
from typing import Any

import pytest
from rich.console import Console
from typer.testing import CliRunner

from whetstone.cli import app
from whetstone.recipes import parse_recipe
from whetstone.rundir import RunDir
from whetstone.train import train

pytestmark = pytest.mark.slow

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
max_positions = 128
[eval]
levels = "0"
problems = 3
[ray]
sampler_cpus = 0.25
judge_cpus = 0.25
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
GRPO = """
[[stages]]
name = "grpo"
kind = "grpo"
steps = 5
prompts = 4
samples = 4
max_tokens = 24
lr = 1e-3
reward = "score"
checkpoint_every = 2
frontier = {start_level = 0, max_level = 1}
"""
MEASURED = ("loss", "reward", "accuracy", "entropy", "grad_norm", "length", "rows", "sampler_gap")


def begin(folder: Path, overrides: list[str], text: str = HEAD + GRPO) -> list[dict[str, Any]]:
    with RunDir.create(folder, parse_recipe(text, overrides)) as run:
        train(run.recipe(), run, Console(quiet=True))
        return list(run.metrics())


@pytest.fixture(scope="module")
def start(tmp_path_factory: pytest.TempPathFactory) -> str:
    """The override that starts a run from a policy that knows how to answer."""
    folder = tmp_path_factory.mktemp("warm") / "run"
    begin(folder, [], HEAD + WARM)
    return f"start='{folder}'"


@pytest.fixture(scope="module")
def local(start: str, tmp_path_factory: pytest.TempPathFactory) -> list[dict[str, Any]]:
    """What the local engine logs."""
    return begin(tmp_path_factory.mktemp("local") / "run", [start])


def assert_alike(found: list[dict[str, Any]], expected: list[dict[str, Any]]) -> None:
    assert len(found) == len(expected) and any("loss" in record for record in expected)
    for ours, theirs in zip(found, expected, strict=True):
        for name in MEASURED:
            assert (name in ours) == (name in theirs)
            if name in ours:
                assert ours[name] == pytest.approx(theirs[name], abs=1e-5), (name, ours["step"])
        assert ours["kinds"] == theirs["kinds"]


def pid_of(ray: Any, actor: Any) -> int:
    return ray.get(actor.__ray_call__.remote(_pid), timeout=120)


def _pid(actor: Any) -> int:
    del actor
    return os.getpid()


def test_one_sampler_gives_the_losses_of_the_local_engine(ray, start: str, local, tmp_path: Path) -> None:
    found = begin(tmp_path / "run", [start, "engine=ray"])
    assert_alike(found, local)
    assert all(record["asked_again"] == 0 for record in found)


@pytest.mark.soak
def test_workers_killed_at_any_instant_change_no_number(
    ray, start: str, local, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from whetstone.grpo import Grpo

    step, rng, killed = Grpo.step, random.Random(1), Counter()

    def step_and_kill(self: Grpo, number: int) -> dict[str, Any]:
        assert self.remote is not None
        fleet = (self.remote.engine.fleet, self.remote.judges.fleet)[number % 2]
        up = [member for member in fleet.members if member.born is None]
        if number in (1, 2, 3) and up:
            pid = pid_of(ray, rng.choice(up).actor)
            timer = Timer(0.1 * rng.random(), os.kill, (pid, signal.SIGKILL))
            timer.start()
            killed[fleet.kind] += 1
        return step(self, number)

    monkeypatch.setattr(Grpo, "step", step_and_kill)
    found = begin(tmp_path / "run", [start, "engine=ray", "ray.samplers=2"])
    assert_alike(found, local)
    assert killed["sampler"] and killed["judge"]
    assert sum(record["lost_samplers"] for record in found) == killed["sampler"]
    rows = RunDir.open(tmp_path / "run").rollouts("grpo")
    assert rows is not None
    groups = Counter((row["step"], row["task"], row["level"], row["seed"]) for row in rows.to_pylist())
    assert set(groups.values()) == {4} and len(groups) == 5 * 4


@pytest.mark.soak
def test_asking_ahead_is_bounded_and_resumes(ray, start: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    class Killed(BaseException):
        pass

    log, deaths = RunDir.log, [3]

    def log_and_die(self: RunDir, record: dict[str, Any]) -> None:
        log(self, record)
        if deaths and record["step"] == deaths[0]:
            deaths.pop(0)
            raise Killed

    monkeypatch.setattr(RunDir, "log", log_and_die)
    with pytest.raises(Killed):
        begin(tmp_path / "run", [start, "engine=ray", "grpo.max_staleness=1"])
    with RunDir.resume(tmp_path / "run") as run:
        assert run.latest().step == 2  # type: ignore[union-attr]
        train(run.recipe(), run, Console(quiet=True))
        records = list(run.metrics())
    assert [record["step"] for record in records] == [1, 2, 3, 4, 5]
    assert all(0 <= record["staleness"] <= 1 for record in records)
    assert any(record["staleness"] > 0 for record in records)
    rows = RunDir.open(tmp_path / "run").rollouts("grpo")
    assert rows is not None
    groups = Counter((row["task"], row["level"], row["seed"]) for row in rows.to_pylist())
    assert set(groups.values()) == {4} and len(groups) == 5 * 4  # also over the steps, none twice


@pytest.mark.soak
def test_a_judge_that_hangs_is_killed_and_its_group_judged_again(ray, tmp_path: Path) -> None:
    from whetstone.ray_judges import workers
    from whetstone.ray_settings import RaySettings

    marker = tmp_path / "marker"

    def slow_once() -> str:  # inside, so that it travels by value and a worker need not import this module
        if not marker.exists():
            marker.touch()
            time.sleep(3600)
        return "judged"

    fleet = workers(RaySettings(judge_cpus=0.25, judge_seconds=10.0))
    try:
        fleet.submit({"x": slow_once, "y": partial(str.upper, "y")})
        found: dict[Any, Any] = {}
        while fleet.unfinished:
            found |= dict(fleet.poll(1.0))
    finally:
        fleet.close()
    assert found == {"x": "judged", "y": "Y"} and fleet.hung == 1


def whetstone(*arguments: str | Path) -> Any:
    result = CliRunner().invoke(app, [str(argument) for argument in arguments], prog_name="whetstone")
    assert result.exit_code == 0, result.output
    return result


def test_an_evaluation_by_ray_has_the_numbers_of_one_here(ray, start: str, tmp_path: Path) -> None:
    from whetstone.evaldir import EvalDir

    run = Path(start.removeprefix("start='").removesuffix("'"))
    whetstone("eval", run, "--out", tmp_path / "here")
    whetstone("eval", run, "--out", tmp_path / "there", "--engine", "ray", "--samplers", "1", "--judges", "1")
    rows = [
        sorted((row.key, row.sample, row.completion, row.kind, row.score) for row in EvalDir.open(folder).rows())
        for folder in (tmp_path / "here", tmp_path / "there")
    ]
    assert rows[0] == rows[1] and len(rows[0]) == 2 * 3


def test_an_export_by_ray_is_the_same_file(ray, tmp_path: Path) -> None:
    arguments = ["export", "--suite", "sequences", "--levels", "0-1", "-n", "120"]
    whetstone(*arguments, "--out", tmp_path / "here.jsonl")
    whetstone(*arguments, "--out", tmp_path / "there.jsonl", "--engine", "ray", "--workers", "2")
    assert (tmp_path / "here.jsonl").read_bytes() == (tmp_path / "there.jsonl").read_bytes()
