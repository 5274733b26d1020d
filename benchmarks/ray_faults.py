"""What faults cost: a run on several raylets, a random worker of which is killed every few steps.

Samplers and judges are killed (SIGKILL) at a random instant of a step; now and then a whole node goes, and another
comes. In step with the learner (`max_staleness = 0`) the disturbed run should have the losses of the undisturbed one;
ahead of it, the order in which rollouts end decides what is learnt when, and the curve should lie within the noise
between undisturbed runs. Groups are counted: asked = taken + dropped + on their way, and none taken twice.

    python benchmarks/ray_faults.py [--steps 200] [--every 10] [--nodes 3] [--out benchmarks/results/ray_faults.json]
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import random
import signal
import sys
import tempfile
import time
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from threading import Timer
from typing import Any

import numpy as np
import ray
import torch
from ray.cluster_utils import Cluster
from rich.console import Console

from whetstone.grpo import Grpo
from whetstone.policy.checkpoint import load_policy
from whetstone.recipes import parse_recipe
from whetstone.rundir import RunDir
from whetstone.settings import GrpoStage
from whetstone.train import train

HEAD = """
name = "faults"
tasks = ["sequences/sorting", "strings/minimal_cyclic_shift"]
[model]
hidden_size = 48
layers = 2
head_dim = 12
experts = 4
expert_size = 48
router_size = 16
vocab_size = 320
max_positions = 160
[ray]
samplers = 2
judges = 2
sampler_cpus = 0.25
judge_cpus = 0.25
judge_seconds = 60.0
"""
WARM = """
[[stages]]
name = "sft"
kind = "sft"
steps = 120
batch = 32
levels = "0-1"
"""
GRPO = """
[[stages]]
name = "grpo"
kind = "grpo"
steps = 200
prompts = 8
samples = 8
max_tokens = 24
lr = 1e-3
reward = "score"
frontier = {start_level = 1, max_level = 1}
"""
STORE = 80 << 20  # bytes of each node's object store
NODE_EVERY = 5  # of so many kills one is a whole node
BLOCK = 10  # steps whose mean is one observation of a curve


@dataclass
class Outcome:
    """What a run measured."""

    losses: list[float | None] = field(default_factory=list)
    rewards: list[float] = field(default_factory=list)
    seconds: float = 0.0
    killed: Counter[str] = field(default_factory=Counter)
    counted: Counter[str] = field(default_factory=Counter)

    def end(self) -> tuple[float, float]:
        """Mean reward over the last quarter, and its standard error by blocks."""
        last = np.array(self.rewards[-max(BLOCK, len(self.rewards) // 4) :])
        blocks = [part.mean() for part in np.array_split(last, max(2, len(last) // BLOCK))]
        return float(last.mean()), float(np.std(blocks, ddof=1) / len(blocks) ** 0.5)


class Killer:
    """Kills something at a random instant."""

    def __init__(self, cluster: Cluster, nodes: list[Any], seed: int) -> None:
        self.cluster, self.nodes, self.rng, self.count = cluster, nodes, random.Random(seed), 0

    def strike(self, stage: Grpo, within: float) -> str:
        """Kill a worker within so many seconds, or a node at once; what it was."""
        assert stage.remote is not None
        self.count += 1
        if self.nodes and self.count % NODE_EVERY == 0:
            node = self.nodes.pop(self.rng.randrange(len(self.nodes)))
            self.cluster.remove_node(node, allow_graceful=False)
            self.nodes.append(self.cluster.add_node(num_cpus=1, object_store_memory=STORE))
            return "node"
        fleets = (stage.remote.engine.fleet, stage.remote.judges.fleet)
        up = [(f.kind, m.actor) for f in fleets for m in f.members if m.born is None]
        if not up:
            return "nothing"
        kind, actor = self.rng.choice(up)
        pid = ray.get(actor.__ray_call__.remote(_pid), timeout=60)
        timer = Timer(self.rng.uniform(0.0, within), _kill, (pid,))
        timer.daemon = True
        timer.start()
        return kind


def _pid(actor: Any) -> int:
    del actor
    return os.getpid()


def _kill(pid: int) -> None:
    try:
        os.kill(pid, signal.SIGKILL)
    except ProcessLookupError:  # it went with its node
        return


def learn(warm: Path, seed: int, staleness: int, steps: int, every: int, killer: Killer | None) -> Outcome:
    """A run, and what was killed in it."""
    overrides = ["engine=ray", f"seed={seed}", f"grpo.max_staleness={staleness}", f"grpo.steps={steps}"]
    recipe = parse_recipe(HEAD + GRPO, overrides)
    settings = recipe.stages[0]
    assert isinstance(settings, GrpoStage)
    policy, tokenizer = load_policy(warm)
    stage, found = Grpo(settings, recipe, policy, tokenizer), Outcome()
    groups: Counter[tuple] = Counter()
    try:
        found.rewards.append(stage.step(0)["reward"])  # everything is up from here
        found.losses.append(None)
        started = took = time.perf_counter()
        for step in range(1, steps):
            if killer is not None and step % every == every // 2:
                try:
                    found.killed[killer.strike(stage, 2 * (time.perf_counter() - took))] += 1
                except (ray.exceptions.RayError, TimeoutError):  # it is dying already
                    found.killed["dead already"] += 1
            took = time.perf_counter()
            metrics = stage.step(step)
            found.losses.append(metrics.get("loss"))
            found.rewards.append(metrics.get("reward", float("nan")))
            groups.update((row.task, row.level, row.seed, row.prompt) for row in stage.questions.rows)
            found.counted.update(
                {name: int(metrics[name]) for name in ("lost_samplers", "lost_judges", "hung_judges", "asked_again")}
            )
        found.seconds = time.perf_counter() - started
        _count(stage, groups, steps, settings, found)
    finally:
        stage.close()
    return found


def _count(stage: Grpo, groups: Counter[tuple], steps: int, settings: GrpoStage, found: Outcome) -> None:
    """Groups by what became of them."""
    assert stage.remote is not None
    ahead = stage.remote.ahead
    if ahead is None:
        found.counted["asked"] = found.counted["taken"] = steps * settings.prompts
    else:
        found.counted.update({name: ahead.counts[name] for name in ("asked", "taken", "dropped")})
        found.counted["on their way"] = len(ahead.groups)
    found.counted["learnt from"] = len(groups) + settings.prompts  # those of the first step are not in `groups`
    found.counted["twice"] = sum(rows > settings.samples for rows in groups.values())
    found.counted["incomplete"] = sum(rows < settings.samples for rows in groups.values())


def compare(runs: dict[str, Outcome], staleness: int) -> dict[str, Any]:
    """The disturbed run against the undisturbed ones."""
    calm, other, struck = runs["undisturbed"], runs["another seed"], runs["disturbed"]
    pairs = [abs(a - b) for a, b in zip(calm.losses, struck.losses, strict=True) if a is not None and b is not None]
    (mean, error), (mean_other, _), (mean_struck, error_struck) = calm.end(), other.end(), struck.end()
    noise = max(abs(mean - mean_other), 2 * (error**2 + error_struck**2) ** 0.5)
    return {
        "max_staleness": staleness,
        "largest difference of a loss": max(pairs, default=0.0) if staleness == 0 else None,
        "reward at the end": {name: run.end() for name, run in runs.items()},
        "difference": mean_struck - mean,
        "noise": noise,
        "inside the noise": bool(abs(mean_struck - mean) <= noise),
        "killed": dict(struck.killed),
        "counted": {name: dict(run.counted) for name, run in runs.items()},
        "seconds": {name: run.seconds for name, run in runs.items()},
        "rewards": {name: [round(x, 4) for x in run.rewards] for name, run in runs.items()},
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--steps", type=int, default=200)
    parser.add_argument("--every", type=int, default=10, help="steps between kills")
    parser.add_argument("--nodes", type=int, default=3, help="raylets, the head's among them")
    parser.add_argument("--staleness", type=int, nargs="+", default=[0, 1])
    parser.add_argument("--out", type=Path, default=Path("benchmarks/results/ray_faults.json"))
    given = parser.parse_args()
    os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")
    os.environ.setdefault("RAY_ACCEL_ENV_VAR_OVERRIDE_ON_ZERO", "0")
    # Workers take the path over, and `code.py` in this folder would hide Python's own.
    sys.path[:] = [entry for entry in sys.path if Path(entry).resolve() != Path(__file__).resolve().parent]
    console, args = Console(), {"num_cpus": 1, "object_store_memory": STORE}
    cluster = Cluster(initialize_head=True, head_node_args={**args, "include_dashboard": False})
    try:
        nodes = [cluster.add_node(**args) for _ in range(given.nodes - 1)]
        ray.init(address=cluster.address, log_to_driver=False)
        with tempfile.TemporaryDirectory() as folder:
            results = [_case(cluster, nodes, Path(folder), s, given, console) for s in given.staleness]
    finally:
        ray.shutdown()
        cluster.shutdown()
    about = {
        "steps": given.steps,
        "every": given.every,
        "raylets": given.nodes,
        "python": platform.python_version(),
        "ray": ray.__version__,
        "torch": torch.__version__,
        "cpus": os.cpu_count(),
    }
    given.out.write_text(json.dumps({"about": about, "results": results}, indent=1) + "\n", encoding="utf-8")
    console.print(f"written to {given.out}", highlight=False)


def _case(
    cluster: Cluster, nodes: list[Any], folder: Path, staleness: int, given: argparse.Namespace, console: Console
) -> dict[str, Any]:
    warm = folder / "warm"
    if not warm.exists():
        with RunDir.create(warm, parse_recipe(HEAD + WARM)) as run:
            train(run.recipe(), run, Console(quiet=True))
    latest = RunDir.open(warm).latest()
    assert latest is not None
    runs = {}
    for name, seed, killer in (
        ("undisturbed", 0, None),
        ("another seed", 1, None),
        ("disturbed", 0, Killer(cluster, nodes, 7)),
    ):
        runs[name] = learn(latest.path, seed, staleness, given.steps, given.every, killer)
        mean, error = runs[name].end()
        console.print(
            f"max_staleness {staleness}, {name}: reward {mean:.3f} +- {error:.3f}, {runs[name].seconds:.0f} s, "
            f"killed {dict(runs[name].killed)}, {dict(runs[name].counted)}",
            highlight=False,
            soft_wrap=True,
        )
    found = compare(runs, staleness)
    shown = {name: found[name] for name in ("largest difference of a loss", "difference", "noise", "inside the noise")}
    console.print(f"max_staleness {staleness}: {shown}", highlight=False, soft_wrap=True)
    return found


if __name__ == "__main__":
    main()
