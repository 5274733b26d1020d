"""A recipe whose learner is spread over processes: as `torchrun` starts them, and as Ray Train does."""

from __future__ import annotations

import json
import multiprocessing
import os
import socket
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console

from whetstone.recipes import RecipeError, parse_recipe
from whetstone.rundir import RunDir
from whetstone.settings import Recipe

RECIPE = """
name = "spread"
tasks = ["sequences/sorting"]
[model]
hidden_size = 32
layers = 2
heads = 2
kv_heads = 2
head_dim = 8
experts = 4
expert_size = 16
router_size = 8
vocab_size = 300
[[stages]]
kind = "sft"
name = "sft"
steps = 3
batch = 8
warmup = 1
[[stages]]
kind = "grpo"
name = "grpo"
steps = 2
prompts = 4
samples = 4
max_tokens = 8
reward = "score"
"""
SPREAD = ["learner.parallel=fsdp", "learner.expert_parallel=2"]


def recipe(*changes: str) -> Recipe:
    return parse_recipe(RECIPE, changes)


def imitation(settings: Recipe) -> Recipe:
    """Its first stage alone."""
    return settings.model_copy(update={"stages": settings.stages[:1]})


def metrics(folder: Path) -> list[dict[str, Any]]:
    kept = ("step", "loss", "grad_norm", "reward", "length", "entropy")
    lines = map(json.loads, (folder / "metrics.jsonl").read_text().splitlines())
    return [{name: line[name] for name in kept if name in line} for line in lines]


# -- in the processes -------------------------------------------------------------------------------------------------


def process(rank: int, port: int, folder: Path) -> None:
    from whetstone.train import train

    places = {"RANK": rank, "LOCAL_RANK": rank, "WORLD_SIZE": 2, "LOCAL_WORLD_SIZE": 2, "MASTER_PORT": port}
    os.environ.update({name: str(value) for name, value in places.items()} | {"MASTER_ADDR": "127.0.0.1"})
    for name, changes in (("ddp", []), ("fsdp", SPREAD)):
        settings = recipe(*changes)
        run = None if rank else RunDir.create(folder / name, settings)
        train(settings, run, Console(quiet=True))
        if run:
            run.close()


def by_torchrun(folder: Path) -> None:
    import whetstone.train  # once, before there are two

    assert whetstone.train
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    fork = multiprocessing.get_context("fork")
    processes = [fork.Process(target=process, args=(rank, port, folder)) for rank in range(2)]
    for each in processes:
        each.start()
    for each in processes:
        each.join()
    sys.exit(any(each.exitcode for each in processes))


def by_ray(folder: Path) -> None:
    import ray

    from whetstone.ray_learners import learn

    ray.init("local", num_cpus=4, include_dashboard=False, log_to_driver=False)
    settings = imitation(recipe(*SPREAD, "engine=ray", "ray.learners=2"))
    RunDir.create(folder / "ray", settings).close()
    learn(folder / "ray", settings.ray, Console(quiet=True))


def run(part: str, folder: Path) -> None:
    """In a process of its own, which forks, or has Ray's threads."""
    environment = {**os.environ, "OMP_NUM_THREADS": "1"}
    done = subprocess.run(
        [sys.executable, __file__, part, str(folder)], env=environment, stderr=subprocess.PIPE, text=True
    )
    assert done.returncode == 0, done.stderr


# -- tests ------------------------------------------------------------------------------------------------------------


@pytest.mark.slow
def test_a_recipe_learns_alike_however_its_weights_lie(tmp_path: Path):
    run("torchrun", tmp_path)
    whole, spread = metrics(tmp_path / "ddp"), metrics(tmp_path / "fsdp")
    assert [line["step"] for line in spread] == [1, 2, 3, 4, 5]
    for one, other in zip(spread, whole, strict=True):
        assert one == pytest.approx(other, abs=1e-5, rel=1e-5)
    assert [checkpoint.step for checkpoint in RunDir.open(tmp_path / "fsdp").checkpoints()] == [3, 5]


@pytest.mark.soak
def test_ray_places_learners(tmp_path: Path):
    run("ray", tmp_path)
    assert [line["step"] for line in metrics(tmp_path / "ray")] == [1, 2, 3]
    assert [checkpoint.step for checkpoint in RunDir.open(tmp_path / "ray").checkpoints()] == [3]
    assert not (tmp_path / "ray" / "ray").exists()


def test_experts_are_spread_with_fsdp_only():
    assert recipe("learner.parallel=fsdp", "learner.expert_parallel=4").learner.expert_parallel == 4
    with pytest.raises(RecipeError, match=r"learner: expert_parallel spreads weights.*parallel = 'fsdp'"):
        recipe("learner.expert_parallel=2")


if __name__ == "__main__":
    {"torchrun": by_torchrun, "ray": by_ray}[sys.argv[1]](Path(sys.argv[2]))
