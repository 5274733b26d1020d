"""Training as a whole, on a tiny recipe: a run that was stopped at any instant ends where the undisturbed one ends."""

from __future__ import annotations

import importlib
import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pytest
import torch
from rich.console import Console
from torch import Tensor
from typer.testing import CliRunner, Result

from whetstone.cli import app
from whetstone.curriculum.difficulty import Learnability, LearnabilitySettings
from whetstone.curriculum.mixture import Mixture
from whetstone.envs import catalog
from whetstone.policy.checkpoint import load_policy
from whetstone.questions import Demonstrations, Questions
from whetstone.recipes import parse_recipe
from whetstone.rollout.types import Completion
from whetstone.rundir import RunDir
from whetstone.train import train

TASKS = ("sequences/sorting", "strings/minimal_cyclic_shift")
TEXT = """
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
[[stages]]
name = "sft"
kind = "sft"
steps = 30
batch = 24
levels = "0"
warmup = 2
checkpoint_every = 10
[[stages]]
name = "grpo"
kind = "grpo"
steps = 8
prompts = 4
samples = 4
max_tokens = 24
lr = 1e-3
reward = "score"
checkpoint_every = 3
frontier = {start_level = 0, max_level = 1}
[eval]
levels = "0"
"""
STEPS = 38
TIMES = ("time", "tokens_per_second", "seconds_sampling", "seconds_judging", "seconds_learning")


class Outcome(NamedTuple):
    """What a finished run leaves behind, without its times."""

    metrics: list[dict[str, Any]]
    rollouts: list[dict[str, Any]]
    weights: dict[str, Tensor]


class Killed(BaseException):
    """The process dies here."""


def outcome(folder: Path) -> Outcome:
    run = RunDir.open(folder)
    metrics = [{name: x for name, x in record.items() if name not in TIMES} for record in run.metrics()]
    rollouts, latest = run.rollouts("grpo"), run.latest()
    assert rollouts is not None
    assert latest is not None
    rows = rollouts.drop_columns("seconds").to_pylist()
    return Outcome(metrics, rows, load_policy(latest.path)[0].state_dict())


def assert_equal(found: Outcome, expected: Outcome) -> None:
    assert [record["step"] for record in found.metrics] == list(range(1, STEPS + 1))
    assert found.metrics == expected.metrics
    assert found.rollouts == expected.rollouts
    assert all(torch.equal(x, expected.weights[name]) for name, x in found.weights.items())


def begin(folder: Path) -> None:
    with RunDir.create(folder, parse_recipe(TEXT)) as run:
        train(run.recipe(), run, Console(quiet=True))


def resume(folder: Path) -> None:
    with RunDir.resume(folder) as run:
        train(run.recipe(), run, Console(quiet=True))


def whetstone(*arguments: str | Path) -> Result:
    return CliRunner().invoke(app, [str(argument) for argument in arguments], prog_name="whetstone")


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("runs") / "undisturbed"
    begin(folder)
    return folder


@pytest.fixture
def finished(undisturbed: Path, tmp_path: Path) -> Path:
    """A finished run to be damaged."""
    return shutil.copytree(undisturbed, tmp_path / "finished")


# -- stopped and resumed ----------------------------------------------------------------------------------------------


def test_the_tiny_run_learns_and_leaves_everything(undisturbed: Path):
    found = outcome(undisturbed)
    losses = [record["loss"] for record in found.metrics[:30]]
    assert losses[-1] < 0.4 * losses[0]
    assert {record["stage"] for record in found.metrics[30:]} == {"grpo"}
    assert any(record["reward"] > 0 for record in found.metrics[30:])  # so that there is something to lose
    assert any("loss" in record for record in found.metrics[30:])
    assert len(found.rollouts) == 8 * 4 * 4
    names = [checkpoint.path.name for checkpoint in RunDir.open(undisturbed).checkpoints()]
    assert names == ["sft-000020", "sft-000030", "grpo-000036", "grpo-000038"]


def test_killed_six_times_and_resumed_is_undisturbed(undisturbed: Path, tmp_path: Path, monkeypatch):
    log, deaths = RunDir.log, [1, 17, 30, 31, 35, 38]  # 30 and 38: the stage is done, its checkpoint is not

    def log_and_die(self: RunDir, record: dict[str, Any]) -> None:
        log(self, record)
        if deaths and record["step"] == deaths[0]:
            deaths.pop(0)
            raise Killed

    monkeypatch.setattr(RunDir, "log", log_and_die)
    with pytest.raises(Killed):
        begin(tmp_path / "run")
    while deaths:
        with pytest.raises(Killed):
            resume(tmp_path / "run")
    resume(tmp_path / "run")
    assert_equal(outcome(tmp_path / "run"), outcome(undisturbed))


def test_resuming_a_finished_run_changes_nothing(undisturbed: Path, finished: Path):
    resume(finished)
    assert_equal(outcome(finished), outcome(undisturbed))


def start(folder: Path, until: int) -> subprocess.Popen[str]:
    """`whetstone train` in a process of its own, which has logged `until` steps when this returns."""
    file = folder.parent / "tiny.toml"
    file.write_text(TEXT)
    command = [sys.executable, "-m", "whetstone", "train", str(file), "--out", str(folder)]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    deadline = time.monotonic() + 120
    while len(list(RunDir.open(folder).metrics()) if (folder / "config.toml").exists() else ()) < until:
        assert process.poll() is None, process.communicate()[1]
        assert time.monotonic() < deadline
        time.sleep(0.005)
    return process


@pytest.mark.slow
def test_ctrl_c_ends_the_step_saves_it_and_says_how_to_go_on(undisturbed: Path, tmp_path: Path):
    process = start(tmp_path / "run", until=12)
    process.send_signal(signal.SIGINT)
    _, errors = process.communicate(timeout=60)
    assert process.returncode == 130
    assert f"interrupted\nwhetstone: results so far are in {tmp_path / 'run'}; continue with" in errors
    assert "Traceback" not in errors
    run = RunDir.open(tmp_path / "run")
    latest = run.latest()
    assert latest is not None
    assert latest.step == len(list(run.metrics())) < STEPS
    resume(tmp_path / "run")
    assert_equal(outcome(tmp_path / "run"), outcome(undisturbed))


@pytest.mark.slow
def test_sigkill_at_any_instant_loses_nothing(undisturbed: Path, tmp_path: Path):
    rng = np.random.default_rng()
    delay = rng.uniform(0, 0.3)
    process = start(tmp_path / "run", until=int(rng.integers(1, STEPS - 4)))
    time.sleep(delay)
    process.kill()
    process.communicate(timeout=60)
    resume(tmp_path / "run")
    assert_equal(outcome(tmp_path / "run"), outcome(undisturbed))


# -- what bad input gets ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["model.safetensors", "state.pt"])
def test_a_corrupt_checkpoint_is_a_sentence(name: str, finished: Path):
    file = finished / "checkpoints" / "grpo-000038" / name
    data = bytearray(file.read_bytes())
    data[len(data) // 2] ^= 1
    file.write_bytes(data)
    for command in (["train", "--resume"], ["eval"]):
        result = whetstone(*command, finished)
        assert result.exit_code == 1
        assert f"checkpoint file {file} does not match its checksum; remove the folder" in result.stderr
    shutil.rmtree(file.parent)
    assert whetstone("train", "--resume", finished).exit_code == 0


def test_two_runs_in_one_directory_are_refused(finished: Path, tmp_path: Path):
    (tmp_path / "tiny.toml").write_text(TEXT)
    result = whetstone("train", tmp_path / "tiny.toml", "--out", finished)
    assert result.exit_code == 1
    assert "already holds a run" in result.stderr
    with RunDir.resume(finished):
        for arguments in (["--resume", finished], [tmp_path / "tiny.toml", "--out", finished, "--overwrite"]):
            result = whetstone("train", *arguments)
            assert result.exit_code == 1
            assert f"{finished} is in use by process {os.getpid()}" in result.stderr


@pytest.fixture
def broken(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """The id of an installed task whose module raises."""
    (tmp_path / "oddities").mkdir()
    (tmp_path / "oddities" / "raises.py").write_text("1 / 0\n")
    info = tmp_path / "oddities-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: oddities\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text("[whetstone.tasks]\noddities = oddities\n")
    monkeypatch.syspath_prepend(tmp_path)
    importlib.invalidate_caches()
    catalog._modules.cache_clear()
    yield "oddities/raises"
    catalog._modules.cache_clear()


def test_a_task_that_cannot_be_imported_is_named(broken: str, tmp_path: Path):
    (tmp_path / "tiny.toml").write_text(TEXT.replace(TASKS[1], broken))
    result = whetstone("train", tmp_path / "tiny.toml", "--out", tmp_path / "run")
    assert result.exit_code == 1
    assert f"task {broken} cannot be imported: ZeroDivisionError" in result.stderr


# -- a task's own bugs ------------------------------------------------------------------------------------------------


@pytest.fixture
def crash(monkeypatch: pytest.MonkeyPatch) -> Callable[[str], None]:
    def break_check(task: str) -> None:
        def check(*_: object) -> None:
            raise ZeroDivisionError("a bug")

        monkeypatch.setattr(catalog.load(task), "check", check)

    return break_check


def test_a_task_that_raises_in_training_is_counted_and_the_run_goes_on(crash, undisturbed: Path, tmp_path: Path):
    for task in TASKS:
        crash(task)
    begin(tmp_path / "run")
    found, expected = outcome(tmp_path / "run"), outcome(undisturbed)
    assert found.metrics[:30] == expected.metrics[:30]
    first, same = found.metrics[30], expected.metrics[30]
    assert first["kinds"]["crashed"] == same["kinds"]["graded"] > 0
    assert "graded" not in first["kinds"]
    row = next(row for row in found.rollouts if row["kind"] == "crashed")
    assert (row["score"], row["reason"]) == (None, "the task raised ZeroDivisionError: a bug")


def test_rewards_by_hand(crash):
    def completions(*texts: str) -> list[Completion]:
        return [Completion(text, (1,), (0.0,), "stop") for text in texts]

    mixture = Mixture({task: Learnability(LearnabilitySettings(start=0, memory=0.5)) for task in TASKS}, seed=0)
    exact, partial = Questions(mixture, "exact"), Questions(mixture, "score")
    asked = next(a for a in exact.propose(20) if a.key.task == TASKS[0])
    ascending = sorted(asked.problem.numbers)  # type: ignore[attr-defined]
    wrong = f"<answer>{' '.join(map(str, [*ascending[:-1], ascending[-1] + 1]))}</answer>"
    answers = completions(asked.problem.target, wrong, "7", asked.problem.target)
    assert exact.observe([asked], [answers]).tolist() == [[1.0, 0.0, 0.0, 1.0]]
    assert mixture.controllers[TASKS[0]].pass_rate == [0.5]
    assert exact.metrics()["accuracy"] == 0.5
    assert exact.metrics()["kinds"] == {"graded": 3, "unreadable": 1}
    scores = partial.observe([asked], [answers])[0]
    assert scores[[0, 2, 3]].tolist() == [1.0, 0.0, 1.0]
    assert 0 < scores[1] < 1
    crash(TASKS[0])
    before = mixture.state_dict()
    rewards = exact.observe([asked], [completions(asked.problem.target, wrong)])
    assert np.isnan(rewards).all()
    assert mixture.state_dict()["controllers"] == before["controllers"]
    assert exact.metrics()["kinds"] == {"crashed": 2}


def test_demonstrations_go_on_from_their_state():
    first = Demonstrations(TASKS, range(2), seed=3)
    first.draw(4)
    state = json.loads(json.dumps(first.state_dict()))
    second = Demonstrations(TASKS, range(2), seed=4)
    second.load_state_dict(state)
    assert second.draw(4) == first.draw(4)


@pytest.mark.slow
def test_two_processes_share_every_batch_and_keep_one_run(tmp_path: Path) -> None:
    recipe = tmp_path / "tiny.toml"
    recipe.write_text(TEXT)
    command = ["train", str(recipe), "--out", str(tmp_path / "run"), "--set", "sft.steps=3", "--set", "grpo.steps=3"]
    launch = [sys.executable, "-m", "torch.distributed.run", "--nproc-per-node=2", "--standalone"]
    log = tmp_path / "log"
    # Into a file: a pipe would stay open in the workers if the launcher were killed, and the test would wait for them.
    with log.open("w") as output:
        status = subprocess.run(
            [*launch, "-m", "whetstone", *command],
            stdout=output,
            stderr=subprocess.STDOUT,
            timeout=300,
            env={**os.environ, "ACCELERATE_USE_CPU": "true", "OMP_NUM_THREADS": "1"},
        ).returncode
    assert status == 0, log.read_text()[-3000:]
    run = RunDir.open(tmp_path / "run")
    records = list(run.metrics())
    assert [record["step"] for record in records] == [1, 2, 3, 4, 5, 6]
    assert all(record["rows"] == 24 for record in records[:3])  # of SFT, over both processes
    rollouts = run.rollouts("grpo")
    assert rollouts is not None
    assert rollouts.num_rows == 3 * 4 * 4  # steps x prompts x samples
