"""What faults cost: a run on several raylets, a random worker of which is killed every few steps.

Samplers and judges are killed (SIGKILL) at a random instant of a step; now and then a whole node goes, and another
comes. In step with the learner (`max_staleness = 0`) the disturbed run should have the undisturbed one's losses for as
long as rounding lets it; ahead of it, the order in which rollouts end decides what is learnt when. In either the
curve should end within the noise between undisturbed runs. Groups are counted: each step learns from as many whole
groups as it should, none is learnt from twice, and asked = taken + dropped + on their way.

    python benchmarks/ray_faults.py [--steps 200] [--every 10] [--nodes 3] [--start CHECKPOINT]
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
from collections.abc import Callable
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
prompts = 4
samples = 4
max_tokens = 24
lr = 1e-3
reward = "score"
frontier = {start_level = 1, max_level = 1}
"""
STORE = 80 << 20  # bytes of each node's object store
NODE_EVERY = 4  # of so many kills one is a whole node
BLOCK = 10  # steps whose mean is one observation of a curve
COUNTED = ("lost_samplers", "lost_judges", "hung_judges", "requeued")


@dataclass
class Outcome:
    """What a run measured."""

    losses: list[float | None] = field(default_factory=list)
    rewards: list[float] = field(default_factory=list)
    seconds: float = 0.0
    killed: Counter[str] = field(default_factory=Counter)
    counted: Counter[str] = field(default_factory=Counter)

    def __post_init__(self) -> None:
        self.killed, self.counted = Counter(self.killed), Counter(self.counted)  # also of what was read from a file

    def end(self) -> tuple[float, float]:
        """Mean reward over the last quarter, and its standard error by blocks."""
        last = self.rewards[-max(BLOCK, len(self.rewards) // 4) :]
        means = [float(part.mean()) for part in np.array_split(np.array(last), max(2, len(last) // BLOCK))]
        return float(np.mean(last)), float(np.std(means, ddof=1) / len(means) ** 0.5)

    def blocks(self) -> np.ndarray:
        """Mean reward of every few steps: the curve."""
        return np.array([np.mean(self.rewards[i : i + BLOCK]) for i in range(0, len(self.rewards), BLOCK)])


class Killer:
    """Kills something at a random instant of a step. `rest` waits until it is dead, and replaces a node."""

    def __init__(self, cluster: Cluster, nodes: list[Any], seed: int) -> None:
        self.cluster, self.nodes, self.rng, self.count = cluster, nodes, random.Random(seed), 0
        self.timer: Timer | None = None

    def strike(self, stage: Grpo, within: float) -> str:
        """Have a worker, or now and then a node, killed within so many seconds; what it is."""
        assert stage.remote is not None
        self.count += 1
        instant = self.rng.uniform(0.0, within)
        if self.nodes and self.count % NODE_EVERY == 0:
            node = self.nodes.pop(self.rng.randrange(len(self.nodes)))
            self._later(instant, self.cluster.remove_node, node, False)
            return "node"
        fleets = (stage.remote.engine.fleet, stage.remote.judges.fleet)
        up = [(f.kind, m.actor) for f in fleets for m in f.members if m.born is None]
        if not up:
            return "nothing"
        kind, actor = self.rng.choice(up)
        self._later(instant, _kill, ray.get(actor.__ray_call__.remote(_pid), timeout=120))
        return kind

    def _later(self, seconds: float, what: Callable[..., None], *arguments: Any) -> None:
        self.timer = Timer(seconds, what, arguments)
        self.timer.start()

    def rest(self, nodes: int) -> None:
        """A raylet dies with the thread that started it, so that a new one is started here, if not now then later."""
        if self.timer is not None:
            self.timer.join()
            self.timer = None
        if len(self.nodes) < nodes - 1:
            self.nodes += raylet(self.cluster)


def raylet(cluster: Cluster) -> list[Any]:
    """One more node, or none where the machine is so busy that Ray, which waits half a minute, gives it up."""
    try:
        return [cluster.add_node(num_cpus=1, object_store_memory=STORE, include_dashboard=False)]
    except Exception as error:  # Ray raises that very class
        if "timed out during startup" not in str(error):
            raise
        return []


def _pid(actor: Any) -> int:
    del actor
    return os.getpid()


def _kill(pid: int) -> None:
    try:
        os.kill(pid, signal.SIGKILL)
    except ProcessLookupError:  # it went with its node
        return


def learn(
    warm: Path, seed: int, staleness: int, given: argparse.Namespace, killer: Killer | None, say: Callable[[str], None]
) -> Outcome:
    """A run, and what was killed in it."""
    overrides = ["engine=ray", f"seed={seed}", f"grpo.max_staleness={staleness}", f"grpo.steps={given.steps}"]
    recipe = parse_recipe(HEAD + GRPO, overrides)
    settings = recipe.stages[0]
    assert isinstance(settings, GrpoStage)
    policy, tokenizer = load_policy(warm)
    stage, found = Grpo(settings, recipe, policy, tokenizer), Outcome()
    groups: Counter[tuple] = Counter()
    started = took = time.perf_counter()
    try:
        for step in range(given.steps):
            if killer is not None and step and step % given.every == given.every // 2:
                try:
                    found.killed[killer.strike(stage, took)] += 1
                except (ray.exceptions.RayError, TimeoutError):  # it is dying already
                    found.killed["dead already"] += 1
            began = time.perf_counter()
            metrics = stage.step(step)
            took = time.perf_counter() - began
            if killer is not None:
                killer.rest(given.nodes)
            found.losses.append(metrics.get("loss"))
            found.rewards.append(metrics.get("reward", float("nan")))
            groups.update((step, row.task, row.level, row.seed, row.prompt) for row in stage.questions.rows)
            found.counted.update({name: int(metrics[name]) for name in COUNTED})
            if not step:
                started = time.perf_counter()  # everything is up
            if (step + 1) % BLOCK == 0:
                say(f"step {step + 1}: reward {np.mean(found.rewards[-BLOCK:]):.3f}, {dict(found.killed)}")
        found.seconds = time.perf_counter() - started
        _count(stage, groups, settings, found)
    finally:
        stage.close()
    return found


def _count(stage: Grpo, groups: Counter[tuple], settings: GrpoStage, found: Outcome) -> None:
    """Groups by what became of them; of `groups` each has the number of its rows."""
    assert stage.remote is not None
    if (ahead := stage.remote.ahead) is not None:
        found.counted.update({name: ahead.counts[name] for name in ("asked", "taken", "dropped")})
        found.counted["on their way"] = len(ahead.groups)
    found.counted["learnt from"] = len(groups)
    found.counted["twice"] = len(groups) - len({group[1:] for group in groups})
    found.counted["twice"] += sum(rows > settings.samples for rows in groups.values())
    found.counted["incomplete"] = sum(rows < settings.samples for rows in groups.values())


def all_counted(run: Outcome, steps: int, prompts: int) -> bool:
    """Whether every step learnt from as many whole groups as it should, none twice, and what was asked is known."""
    counted = run.counted
    whole = counted["learnt from"] == steps * prompts and not counted["twice"] and not counted["incomplete"]
    known = counted["asked"] == counted["taken"] + counted["dropped"] + counted["on their way"]
    return whole and known and counted["taken"] in (0, steps * prompts)


def compare(runs: dict[str, Outcome], staleness: int, given: argparse.Namespace) -> dict[str, Any]:
    """The disturbed run against the undisturbed ones."""
    calm, struck = runs["undisturbed"], runs["disturbed"]
    prompts = parse_recipe(HEAD + GRPO).stages[0].prompts  # type: ignore[union-attr]
    found: dict[str, Any] = {
        "every group counted once": {name: all_counted(run, given.steps, prompts) for name, run in runs.items()},
        "reward at the end": {name: run.end() for name, run in runs.items()},
    }
    if staleness == 0:
        found["steps with equal losses"] = _equal_steps(calm.losses, struck.losses)
    other = runs["another seed"]
    (mean, error), (mean_other, _), (mean_struck, error_struck) = calm.end(), other.end(), struck.end()
    noise = max(abs(mean - mean_other), 2 * (error**2 + error_struck**2) ** 0.5)
    return found | {
        "difference at the end": mean_struck - mean,
        "noise at the end": noise,
        "curves apart, undisturbed": _apart(calm, other),
        "curves apart, disturbed": [_apart(calm, struck), _apart(other, struck)],
        "inside the noise": bool(abs(mean_struck - mean) <= noise),
    }


def _equal_steps(one: list[float | None], other: list[float | None]) -> int:
    """Steps until the first whose losses differ by more than 1e-5.

    A sampler that takes over has the rest of a group in another batch, whose logits differ in the last bit; a draw that
    falls on such a difference is another token, and from there on the runs are two.
    """
    same = (a == b or (a is not None and b is not None and abs(a - b) <= 1e-5) for a, b in zip(one, other, strict=True))
    return next((step for step, equal in enumerate(same) if not equal), len(one))


def _apart(one: Outcome, other: Outcome) -> float:
    """The root mean square of what lies between two curves."""
    return float(np.sqrt(np.mean((one.blocks() - other.blocks()) ** 2)))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--steps", type=int, default=200)
    parser.add_argument("--every", type=int, default=10, help="steps between kills")
    parser.add_argument("--nodes", type=int, default=3, help="raylets, the head's among them")
    parser.add_argument("--staleness", type=int, nargs="+", default=[0, 1])
    parser.add_argument("--start", type=Path, help="a checkpoint to begin with; without, one is trained first")
    parser.add_argument("--out", type=Path, default=Path("benchmarks/results/ray_faults.json"))
    given = parser.parse_args()
    os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")
    os.environ.setdefault("RAY_ACCEL_ENV_VAR_OVERRIDE_ON_ZERO", "0")
    # Workers take the path over, and `code.py` in this folder would hide Python's own.
    sys.path[:] = [entry for entry in sys.path if Path(entry).resolve() != Path(__file__).resolve().parent]
    about = {
        "command": " ".join(["python", *sys.argv]),
        "steps": given.steps,
        "every": given.every,
        "raylets": given.nodes,
        "python": platform.python_version(),
        "ray": ray.__version__,
        "torch": torch.__version__,
        "cpus": os.cpu_count(),
    }
    report = json.loads(given.out.read_text()) if given.out.exists() else {}
    if any(report.get("about", {}).get(name) != about[name] for name in ("steps", "every", "raylets")):
        report = {"runs": {}}
    report["about"] = about
    with tempfile.TemporaryDirectory() as folder:
        warm = given.start or warmed(Path(folder) / "warm")
        cluster = Cluster()
        try:
            nodes: list[Any] = []
            while len(nodes) < given.nodes:
                nodes += raylet(cluster)
            ray.init(address=cluster.address, log_to_driver=False)
            for staleness in given.staleness:
                _case(cluster, nodes[1:], warm, staleness, given, report)
        finally:
            ray.shutdown()
            cluster.shutdown()


def warmed(folder: Path) -> Path:
    """A checkpoint of a policy that knows how to answer."""
    with RunDir.create(folder, parse_recipe(HEAD + WARM)) as run:
        train(run.recipe(), run, Console(quiet=True))
        latest = run.latest()
    assert latest is not None
    return latest.path


def _case(
    cluster: Cluster, nodes: list[Any], warm: Path, staleness: int, given: argparse.Namespace, report: dict[str, Any]
) -> None:
    """The runs that the report does not have yet, each written when it is over, and what they show together."""
    console = Console()

    def say(text: str) -> None:
        console.print(f"max_staleness {staleness}, {text}", highlight=False, soft_wrap=True)

    runs, killer, there = {}, Killer(cluster, nodes, 7), report["runs"]
    cases = [("disturbed", 0, killer), ("undisturbed", 0, None), ("another seed", 1, None)]
    for name, seed, strikes in cases:
        key = f"max_staleness {staleness}, {name}"
        if key not in there:
            run = learn(warm, seed, staleness, given, strikes, lambda text, name=name: say(f"{name}, {text}"))
            there[key] = vars(run)
            _write(report, given.out)
        runs[name] = run = Outcome(**there[key])
        mean, error = run.end()
        say(f"{name}: reward {mean:.3f} +- {error:.3f}, {run.seconds:.0f} s, {dict(run.killed)}, {dict(run.counted)}")
    found = compare(runs, staleness, given)
    report.setdefault("results", {})[f"max_staleness {staleness}"] = found
    _write(report, given.out)
    say(str(found))


def _write(report: dict[str, Any], out: Path) -> None:
    out.write_text(json.dumps(report, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
