"""Two learners that Ray Train places: the losses of one, also when one of them is killed at any instant."""

from __future__ import annotations

import json
import os
import random
import signal
import threading
import time
from pathlib import Path
from typing import Any

import pytest
import torch
from rich.console import Console

from tests.ray.test_cluster import GRPO, HEAD, assert_alike, begin, start  # noqa: F401
from whetstone.policy.checkpoint import load_policy
from whetstone.ray_learners import learn
from whetstone.recipes import parse_recipe
from whetstone.rundir import RunDir

pytestmark = [
    pytest.mark.slow,
    pytest.mark.soak,
    pytest.mark.timeout(1200),
    pytest.mark.filterwarnings("ignore:`use_:DeprecationWarning"),  # Ray Data's own settings
]

SPREAD = ["engine=ray", "ray.learners=2", "ray.samplers=2", "ray.judges=2", "ray.learner_cpus=0.25"]


def run(folder: Path, overrides: list[str]) -> list[dict[str, Any]]:
    """What two learners log whose weights are spread by FSDP2."""
    recipe = parse_recipe(HEAD + GRPO, [*overrides, *SPREAD, "learner.parallel=fsdp"])
    RunDir.create(folder, recipe).close()
    learn(folder, recipe.ray, Console(quiet=True))
    return list(RunDir.open(folder).metrics())


def starts(folder: Path) -> int:
    """How often the learners were started."""
    return len(json.loads((folder / "environment.json").read_text())["resumed"])


def weights(folder: Path) -> dict[str, torch.Tensor]:
    latest = RunDir.open(folder).latest()
    assert latest is not None and latest.step == 5
    return load_policy(latest.path)[0].state_dict()


def kill_a_learner(folder: Path, killed: list[int]) -> None:
    """Kill one of the learners at a random instant of the third or fourth step; a checkpoint is written after two."""
    from ray._private.state import actors

    last = random.choice([2, 3])
    while not folder.joinpath("metrics.jsonl").exists() or len(list(RunDir.open(folder).metrics())) < last:
        time.sleep(0.02)
    time.sleep(random.uniform(0.0, 0.15))
    learners = [
        a["Pid"] for a in actors().values() if a["ActorClassName"] == "RayTrainWorker" and a["State"] == "ALIVE"
    ]
    killed.append(random.choice(learners))
    os.kill(killed[0], signal.SIGKILL)


def test_a_learner_killed_at_any_instant_changes_no_number(ray, start: str, tmp_path: Path) -> None:  # noqa: F811
    alone = begin(tmp_path / "alone", [start])
    undisturbed = run(tmp_path / "undisturbed", [start])
    assert_alike(undisturbed, alone)
    assert starts(tmp_path / "undisturbed") == 1
    killed: list[int] = []
    killer = threading.Thread(target=kill_a_learner, args=(tmp_path / "disturbed", killed))
    killer.start()
    disturbed = run(tmp_path / "disturbed", [start])
    killer.join()
    assert killed and starts(tmp_path / "disturbed") > 1
    assert_alike(disturbed, undisturbed)
    ours, theirs = weights(tmp_path / "disturbed"), weights(tmp_path / "undisturbed")
    assert all(torch.allclose(ours[name], theirs[name], atol=1e-5) for name in theirs)
