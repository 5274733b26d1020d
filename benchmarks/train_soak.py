"""A run that is struck again and again, and resumed each time, ends where the undisturbed one ends.

300 steps of a very small recipe (imitation, then GRPO with a Bayesian curriculum, aggregations, refilled groups and a
moving average), once in peace and once with faults at random steps: SIGKILL at a random instant, a judge that dies, a
sampler that dies, and a disk that becomes full while something is written. Each fault must end the process as it should
(a full disk with a sentence), and `whetstone train --resume` goes on from the last checkpoint. In the end metrics,
rollouts and weights are compared.

The disk is a tmpfs in a mount namespace of our own, which needs `unshare` and user namespaces, but no privileges.

    python benchmarks/train_soak.py [--faults 12] [--seed 0] [--out benchmarks/results/train_soak.json]
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping
from pathlib import Path
from threading import Timer
from typing import Any, NoReturn

import numpy as np

RECIPE = """
name = "soak"
tasks = ["sequences/sorting", "strings/minimal_cyclic_shift"]
[model]
hidden_size = 32
layers = 1
head_dim = 8
experts = 4
expert_size = 32
router_size = 16
vocab_size = 300
max_positions = 256
[[stages]]
name = "sft"
kind = "sft"
steps = 60
batch = 24
levels = "0-1"
warmup = 2
checkpoint_every = 10
[[stages]]
name = "grpo"
kind = "grpo"
steps = 240
prompts = 4
samples = 4
max_tokens = 24
lr = 1e-3
reward = "score"
optimizer = "muon"
refill = 1
average = 0.9
checkpoint_every = 10
frontier = {rule = "bayes", max_level = 3}
attempts = {shown = 2, tail = 8}
[[stages.data]]
kind = "tasks"
name = "both"
include = ["sequences/sorting", "strings/minimal_cyclic_shift"]
aggregate = 0.3
[eval]
levels = "0-1"
"""
STEPS = 300
KINDS = ("kill", "judge", "kill", "sampler", "kill", "disk")  # in turn
TIMES = ("time", "tokens_per_second", "seconds_sampling", "seconds_judging", "seconds_learning")
SIZE = "512m"  # of the disk; a run wants 200 MiB free before it starts
LEFT = 400_000  # most bytes that a disk keeps free when it becomes full: a checkpoint takes more
LATE = 0.3  # most seconds from a step to its SIGKILL
EXACT = 1e-6  # largest difference of a weight that counts as none


# -- the struck process -----------------------------------------------------------------------------------------------


class Died(RuntimeError):
    """What the judge or the sampler dies of."""


def strike(kind: str, disk: Path, rng: np.random.Generator) -> None:
    """Do what the fault does."""
    from whetstone.blend import Blend
    from whetstone.rollout.engine import Engine

    def die(*_: object) -> NoReturn:
        raise Died(f"the {kind} died")

    match kind:
        case "kill":
            Timer(rng.uniform(0, LATE), os.kill, (os.getpid(), signal.SIGKILL)).start()
        case "judge":
            Blend._judge = die  # type: ignore[method-assign]
        case "sampler":
            Engine.generate = die  # type: ignore[method-assign]
        case "disk":
            resize(disk, f"{shutil.disk_usage(disk).used + int(rng.integers(LEFT))}")


def struck(run: Path, kind: str, at: int, seed: int) -> None:
    """The run through the command line, gone on with where there is one; the fault strikes when step `at` is logged."""
    from whetstone.cli import main
    from whetstone.rundir import RunDir

    log = RunDir.log

    def log_and_strike(self: RunDir, record: Mapping[str, Any]) -> None:
        log(self, record)
        if record["step"] == at:
            strike(kind, run.parent, np.random.default_rng(seed))

    RunDir.log = log_and_strike  # type: ignore[method-assign]
    recipe = run.parent / "soak.toml"
    recipe.write_text(RECIPE)
    resumed = (run / "config.toml").exists()
    sys.argv = ["whetstone", "train", *(["--resume", str(run)] if resumed else [str(recipe), "--out", str(run)])]
    main()


# -- who strikes ------------------------------------------------------------------------------------------------------


def resize(disk: Path, size: str) -> None:
    """Make the disk as large as this."""
    subprocess.run(["mount", "-o", f"remount,size={size}", str(disk)], check=True)


def start(run: Path, kind: str = "", at: int = 0, seed: int = 0) -> subprocess.CompletedProcess[str]:
    """The run in a process of its own, until the fault or the end."""
    command = [sys.executable, __file__, "--run", str(run), "--fault", kind, "--at", str(at), "--seed", str(seed)]
    return subprocess.run(command, capture_output=True, text=True, check=False)


def as_it_should(kind: str, done: subprocess.CompletedProcess[str]) -> bool:
    """Whether the process ended as this fault should end it."""
    if kind == "kill":
        return done.returncode == -signal.SIGKILL
    if kind == "disk":
        return done.returncode == 1 and "disk full while writing" in done.stderr and "Traceback" not in done.stderr
    return done.returncode != 0 and f"the {kind} died" in done.stderr


def disturbed(disk: Path, faults: int, seed: int) -> tuple[Path, list[dict[str, Any]]]:
    """The run with its faults, each at a random step after the checkpoint before it; and what they did."""
    from whetstone.rundir import RunDir

    run, rng, record = disk / "run", np.random.default_rng(seed), []
    for i in range(faults):
        kind = KINDS[i % len(KINDS)]
        before = _reached(run)
        at = min(before + int(rng.integers(1, 2 * STEPS // faults)), STEPS - 1)
        began = time.perf_counter()
        done = start(run, kind, at, int(rng.integers(1 << 31)))
        if kind == "disk":
            refused = start(run)  # there is no room to begin with
            assert refused.returncode == 1 and "MiB free" in refused.stderr, refused.stderr
            resize(disk, SIZE)
        logged = max((r["step"] for r in RunDir.open(run).metrics()), default=0)
        fine = as_it_should(kind, done)
        record.append({"fault": kind, "step": at, "logged": logged, "resumes": _reached(run), "as_it_should": fine})
        print(f"{record[-1]}, {time.perf_counter() - began:.0f} s", flush=True)
        if not fine:
            print(done.returncode, done.stderr[-2000:])
    done = start(run)
    assert done.returncode == 0, done.stderr
    return run, record


def _reached(run: Path) -> int:
    """The step of the last checkpoint."""
    from whetstone.rundir import RunDir

    latest = RunDir.open(run).latest() if (run / "config.toml").exists() else None
    return latest.step if latest else 0


# -- what is compared -------------------------------------------------------------------------------------------------


def compare(one: Path, other: Path) -> dict[str, Any]:
    """How far two finished runs are apart."""
    from whetstone.policy.checkpoint import load_policy
    from whetstone.rundir import RunDir

    runs = [RunDir.open(folder) for folder in (one, other)]
    metrics = [[{k: v for k, v in r.items() if k not in TIMES} for r in run.metrics()] for run in runs]
    tables = [run.rollouts("grpo") for run in runs]
    rollouts = [table.drop_columns("seconds").to_pylist() for table in tables if table is not None]
    found: dict[str, Any] = {
        "steps": [len(records) for records in metrics],
        "metrics_equal": metrics[0] == metrics[1],
        "rollouts": len(rollouts[0]),
        "rollouts_equal": rollouts[0] == rollouts[1],
    }
    for name in ("", "average"):
        weights = []
        for run in runs:
            latest = run.latest()
            assert latest is not None
            weights.append(load_policy(latest.path / name)[0].state_dict())
        gaps = [float((x - weights[1][key]).abs().max()) for key, x in weights[0].items()]
        found[f"largest_difference_of_{name or 'weights'}"] = max(gaps)
    return found


def soak(disk: Path, faults: int, seed: int, out: Path) -> None:
    """Both runs, and the verdict."""
    began = time.perf_counter()
    with tempfile.TemporaryDirectory() as folder:
        peaceful = Path(folder) / "run"
        done = start(peaceful)
        assert done.returncode == 0, done.stderr
        seconds = time.perf_counter() - began
        print(f"undisturbed: {seconds:.0f} s", flush=True)
        run, record = disturbed(disk, faults, seed)
        found = compare(peaceful, run)
    equal = found["metrics_equal"] and found["rollouts_equal"] and found["steps"] == [STEPS, STEPS]
    close = all(gap <= EXACT for name, gap in found.items() if name.startswith("largest"))
    again = sum(fault["logged"] - fault["resumes"] for fault in record)
    result = {
        "command": f"python benchmarks/train_soak.py --faults {faults} --seed {seed}",
        "passed": bool(equal and close and all(fault["as_it_should"] for fault in record)),
        **found,
        "steps_done_again": again,
        "minutes": [round(seconds / 60, 2), round((time.perf_counter() - began - seconds) / 60, 2)],
        "faults": record,
    }
    out.write_text(json.dumps(result, indent=1) + "\n")
    print(json.dumps({name: value for name, value in result.items() if name != "faults"}, indent=1))
    if not result["passed"]:
        raise SystemExit(f"the disturbed run is not the undisturbed one; see {out}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--faults", type=int, default=12)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--out", type=Path, default=Path("benchmarks/results/train_soak.json"))
    parser.add_argument("--disk", type=Path, help=argparse.SUPPRESS)
    for inner, kind in (("--run", Path), ("--fault", str), ("--at", int)):
        parser.add_argument(inner, type=kind, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.run:
        struck(options.run, options.fault, options.at, options.seed)
    elif options.disk:
        subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={SIZE}", "tmpfs", str(options.disk)], check=True)
        soak(options.disk, options.faults, options.seed, options.out)
    else:
        with tempfile.TemporaryDirectory() as disk:
            again = [sys.executable, __file__, *sys.argv[1:], "--disk", disk]
            raise SystemExit(subprocess.run(["unshare", "--user", "--map-root-user", "--mount", *again]).returncode)


if __name__ == "__main__":
    main()
