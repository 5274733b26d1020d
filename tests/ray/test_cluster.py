"""A cluster on this machine: the losses of the local engine, whoever is killed; what hangs; evaluation and export."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from collections import Counter
from contextlib import suppress
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
    return ray.get(actor.__ray_call__.remote(lambda actor: os.getpid()), timeout=120)  # by value: no import there


def test_one_sampler_gives_the_losses_of_the_local_engine(ray, start: str, local, tmp_path: Path) -> None:
    found = begin(tmp_path / "run", [start, "engine=ray"])
    assert_alike(found, local)
    assert all(record["requeued"] == 0 for record in found)


@pytest.mark.soak
def test_workers_killed_at_any_instant_change_no_number(
    ray, start: str, local, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A sampler or a judge is killed in each of three steps, and in the fourth the judge stands still."""
    from whetstone.grpo import Grpo

    step, rng, killed, stopped = Grpo.step, random.Random(1), Counter(), []

    def step_and_kill(self: Grpo, number: int) -> dict[str, Any]:
        assert self.remote is not None
        fleet = (self.remote.engine.fleet, self.remote.judges.fleet)[number % 2 or number // 4]
        while number and all(member.born is not None for member in fleet.members):
            fleet.poll(1.0)  # until one is up
        if number in (1, 2, 3):
            actor = rng.choice([member for member in fleet.members if member.born is None]).actor
            timer = Timer(0.1 * rng.random(), os.kill, (pid_of(ray, actor), signal.SIGKILL))
            timer.start()
            killed[fleet.kind] += 1
        if number == 4:
            stopped.append(pid_of(ray, fleet.members[0].actor))
            os.kill(stopped[0], signal.SIGSTOP)
        return step(self, number)

    monkeypatch.setattr(Grpo, "step", step_and_kill)
    try:
        found = begin(tmp_path / "run", [start, "engine=ray", "ray.samplers=2", "ray.judge_seconds=40.0"])
    finally:
        for pid in stopped:
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
    assert_alike(found, local)
    assert (killed["sampler"], killed["judge"]) == (1, 2)
    assert sum(record["lost_samplers"] for record in found) == 1
    assert sum(record["hung_judges"] for record in found) >= 1
    assert set(groups_of(tmp_path / "run", by_step=True).values()) == {4}
    assert len(groups_of(tmp_path / "run", by_step=True)) == 5 * 4


def groups_of(folder: Path, by_step: bool = False) -> Counter[tuple]:
    """The rows of each group that was learnt from."""
    rows = RunDir.open(folder).rollouts("grpo")
    assert rows is not None
    names = ("step", "task", "level", "seed")[0 if by_step else 1 :]
    return Counter(tuple(row[name] for name in names) for row in rows.to_pylist())


@pytest.mark.soak
@pytest.mark.timeout(900)
@pytest.mark.parametrize("staleness", [0, 1])
def test_a_driver_killed_at_any_instant_resumes(ray, start: str, local, tmp_path: Path, staleness: int) -> None:
    folder, recipe = tmp_path / "run", tmp_path / "recipe.toml"
    recipe.write_text(f"{start}\n{HEAD}{GRPO}")
    more = ["--set", "engine=ray", "--set", f"grpo.max_staleness={staleness}"]
    address = {"RAY_ADDRESS": ray.get_runtime_context().gcs_address}
    command = [sys.executable, "-m", "whetstone", "train", str(recipe), "--out", str(folder), *more]
    driver = subprocess.Popen(command, env=os.environ | address, stdout=subprocess.DEVNULL)
    last = random.choice([2, 3])  # a checkpoint is written after two
    while driver.poll() is None and (not (folder / "metrics.jsonl").exists() or len(logged(folder)) < last):
        time.sleep(0.02)
    time.sleep(random.uniform(0.0, 0.15))  # anywhere in a step, or while the checkpoint is written
    driver.kill()
    assert driver.wait() == -signal.SIGKILL
    assert len(logged(folder)) < 5
    with RunDir.resume(folder) as run:
        train(run.recipe(), run, Console(quiet=True))
    records = logged(folder)
    assert [record["step"] for record in records] == [1, 2, 3, 4, 5]
    if not staleness:
        assert_alike(records, local)
    else:
        assert all(0 <= record["staleness"] <= 1 for record in records)
        assert any(record["staleness"] > 0 for record in records)
    groups = groups_of(folder)
    assert set(groups.values()) == {4} and len(groups) == 5 * 4  # over all steps none twice, and none lost


def logged(folder: Path) -> list[dict[str, Any]]:
    return list(RunDir.open(folder).metrics())


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
