"""Past one machine: what the driver costs here, and where a run on 8 to 1,024 GPUs meets its limits.

Four parts, each of which keeps the others' results:

- `measure`: steps of GRPO with a small policy on this machine, engine "local" (and "ray" in turn with `--ray`). The
  driver's overhead is what is left of a step's wall time without the model, the judges and the learner.
- `check`: the simulation of `_scale_model`, given service times measured apart, against the real steps of another size;
  with `--ray` on a cluster of one sampler, one judge and the learner.
- `ahead`: the same on Ray with the samplers a step ahead, by the service times that `check --ray` found.
- `simulate`: ZAYA1-8B at published settings on 8 to 1,024 GPUs, each resource made twice as fast in turn. What helps
  most is the bottleneck.

    python benchmarks/scale.py [measure check ahead simulate] [--ray] [--steps N] [--out benchmarks/results/scale.json]

Writes docs/scale.svg too. Parameters are stated below, with their sources; docs/scale.md says what came out.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
from collections.abc import Callable, Sequence
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import numpy as np
import torch

sys.path.append(str(Path(__file__).parent))  # behind all else, since `math.py` there has taken the folder off the path

from _scale_model import Costs, Found, Simulation, Work, Workers, lognormal
from _scale_run import ahead, check, measure

sys.path.pop()

ROOT = Path(__file__).parents[1]
PARTS = ("measure", "check", "ahead", "simulate")

# -- ZAYA1-8B on a cluster --------------------------------------------------------------------------------------------

GPUS = (8, 16, 32, 64, 128, 256, 512, 1024)
LEARN = 3 / 8  # of the GPUs of a node; the others sample. The report has 2 to 5 sampling for each that learns
BYTES = 17.7e9  # 8.84e9 weights in bf16
NETWORK = 50e9  # bytes a second into a GPU from another node: 400 Gb/s
COSTS = Costs(
    step_seconds=0.015,  # a decoding step of one sequence is bound by its launches: 2,400 of about 6 us
    token_seconds=0.0002,  # 10,000 tokens of 40 KiB of cache, at half of 4.33 TB/s (MI300X)
    slots=160,  # caches of 20,000 tokens beside the weights, in 192 GB
    group_seconds=0.1,  # a prompt of 1,000 tokens, once for its group
    learnt_tokens=4900.0,  # 6,550 in pretraining on 1,024 MI300X (4096 x 4096 in 2.5 s), less a forward pass more
    micro_tokens=131072,  # packed, as reported
    update_seconds=1.0,  # the optimizer, and the gathering of the whole weights
    judge_seconds=0.8,  # 40 % programs at 20 tests of 0.1 s, the rest mathematics at 10 ms
    weights_seconds=0.0,  # by `broadcast`
    swap_seconds=0.3,  # copies into place
)
JUDGES = 8  # processor cores that judge, for each GPU
WORK = Work(128, 16, lognormal(17_600, 30_000, 81_920), staleness=2)  # warm-up stage: median, p90, cut-off as reported
STEPS, SKIPPED = 10, 4
FASTER: dict[str, Callable[[Workers, Costs, Work], tuple[Workers, Costs, Work]]] = {
    "learner": lambda w, c, k: (
        w,
        replace(c, learnt_tokens=2 * c.learnt_tokens, update_seconds=c.update_seconds / 2),
        k,
    ),
    "broadcast": lambda w, c, k: (
        w,
        replace(c, weights_seconds=c.weights_seconds / 2, swap_seconds=c.swap_seconds / 2),
        k,
    ),
    "samplers": lambda w, c, k: (replace(w, samplers=2 * w.samplers), c, k),
    "decoding latency": lambda w, c, k: (w, replace(c, step_seconds=c.step_seconds / 2), k),
    "judges": lambda w, c, k: (replace(w, judges=2 * w.judges), replace(c, judge_seconds=c.judge_seconds / 2), k),
    "staleness": lambda w, c, k: (w, c, replace(k, staleness=2 * k.staleness)),
}


def broadcast(gpus: int) -> float:
    """Seconds until all samplers have the weights: one pipelined pass over the network, and a little a hop."""
    return BYTES / NETWORK + 0.02 * np.log2(gpus)


def stored(gpus: int) -> float:
    """The same through an object store: to the host at 5 GB/s, from node to node at 12.5 GB/s, and in at 20 GB/s."""
    return BYTES / 5e9 + BYTES / 12.5e9 * np.ceil(np.log2(gpus / 8 + 1)) + BYTES / 20e9


def cluster(
    gpus: int, weights: Callable[[int], float], batch: int = 1, driver: float = 0.0
) -> tuple[Workers, Costs, Work]:
    """A run on so many GPUs; `batch` multiplies the problems of a step, `driver` is seconds for each rollout."""
    learners = round(LEARN * gpus)
    workers = Workers(gpus - learners, learners, JUDGES * gpus)
    costs = replace(COSTS, weights_seconds=float(weights(gpus)), driver_group_seconds=driver * WORK.samples)
    return workers, costs, replace(WORK, prompts=batch * WORK.prompts)


def simulated(workers: Workers, costs: Costs, work: Work) -> Found:
    return Simulation(workers, costs, work).run(STEPS, SKIPPED)


def simulate(driver: float, say: Callable[[str], None]) -> list[dict[str, Any]]:
    """Every size, at the published batch and at one that grows with the cluster."""
    found = []
    for gpus in GPUS:
        for batch in sorted({1, max(1, gpus // 64)}):
            run = cluster(gpus, broadcast, batch, driver)
            base = simulated(*run)
            row: dict[str, Any] = {"gpus": gpus, "prompts": batch * WORK.prompts, **base._asdict(), "gains": {}}
            if batch == 1:
                row["gains"] = {
                    name: simulated(*faster(*run)).tokens_per_second / base.tokens_per_second - 1
                    for name, faster in FASTER.items()
                }
                row["bottleneck"] = max(row["gains"], key=row["gains"].__getitem__)
                by_store = simulated(*cluster(gpus, stored, batch, driver))
                row["object_store_is"] = by_store.tokens_per_second / base.tokens_per_second
            found.append(row)
            say(f"{gpus} GPUs, {row['prompts']} prompts: {base.tokens_per_second:,.0f} tokens/s, {row['gains']}")
    return found


# -- the chart --------------------------------------------------------------------------------------------------------

WIDTH, HEIGHT, LEFT, BOTTOM, TOP = 640, 320, 70, 60, 14
COLORS = {"published": "#1b6ca8", "grown": "#7fb069", "linear": "#999999"}
LABELS = {"published": "128 prompts a step", "grown": "2 prompts a GPU, above 64", "linear": "in proportion"}


def chart(rows: Sequence[dict[str, Any]]) -> str:
    """Tokens a second against GPUs, both in powers, and under each size what holds it back."""
    published = {row["gpus"]: row["tokens_per_second"] for row in rows if row["prompts"] == WORK.prompts}
    grown = {row["gpus"]: row["tokens_per_second"] for row in rows if row["prompts"] != WORK.prompts}
    grown[64] = published[64]  # where it leaves the other
    first = published[GPUS[0]]
    curves = {"linear": {g: first * g / GPUS[0] for g in GPUS}, "published": published, "grown": grown}
    low, high = np.log10(first) - 0.2, np.log10(curves["linear"][GPUS[-1]]) + 0.1

    def at(gpus: float, value: float) -> tuple[float, float]:
        across = (np.log2(gpus) - np.log2(GPUS[0])) / (np.log2(GPUS[-1]) - np.log2(GPUS[0]))
        x = LEFT + 30 + (WIDTH - LEFT - 70) * across
        return x, TOP + (HEIGHT - TOP - BOTTOM) * (high - np.log10(value)) / (high - low)

    parts = [f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" font-family="sans-serif"']
    parts[0] += f' font-size="11"><rect width="{WIDTH}" height="{HEIGHT}" fill="white"/>'
    for value in (10**p * m for p in range(3, 8) for m in (1, 3)):
        if low < np.log10(value) < high:
            _, y = at(GPUS[0], value)
            parts.append(f'<path d="M{LEFT},{y:.1f}H{WIDTH - 8}" stroke="#ddd"/>')
            parts.append(f'<text x="{LEFT - 6}" y="{y:.1f}" text-anchor="end">{value:,}</text>')
    for row in rows:
        if row["gains"]:
            x, _ = at(row["gpus"], first)
            words = f'<tspan x="{x:.1f}">{row["gpus"]}</tspan>'
            words += "".join(f'<tspan x="{x:.1f}" dy="13">{word}</tspan>' for word in row["bottleneck"].split())
            parts.append(f'<text y="{HEIGHT - BOTTOM + 16}" text-anchor="middle">{words}</text>')
    for i, (name, curve) in enumerate(curves.items()):
        points = " ".join("{:.1f},{:.1f}".format(*at(gpus, value)) for gpus, value in sorted(curve.items()))
        parts.append(f'<polyline points="{points}" fill="none" stroke="{COLORS[name]}" stroke-width="1.8"/>')
        y = HEIGHT - BOTTOM - 46 + 15 * i
        parts.append(f'<text x="{WIDTH - 170}" y="{y}" fill="{COLORS[name]}">{LABELS[name]}</text>')
    parts.append(f'<text x="{WIDTH - 8}" y="{HEIGHT - 6}" text-anchor="end">GPUs, and the bottleneck; ')
    parts.append("up: tokens learnt a second</text></svg>")
    return "".join(parts) + "\n"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("parts", nargs="*", metavar="PART", help=f"of {', '.join(PARTS)}; all unless given")
    parser.add_argument("--ray", action="store_true", help="measure the engine `ray` too")
    parser.add_argument("--steps", type=int, default=12, help="steps that are measured, after two that warm up")
    parser.add_argument("--out", type=Path, default=ROOT / "benchmarks" / "results" / "scale.json")
    arguments = parser.parse_args()
    torch.set_num_threads(1)
    parts = arguments.parts or [part for part in PARTS if arguments.ray or part != "ahead"]
    report: dict[str, Any] = json.loads(arguments.out.read_text()) if arguments.out.exists() else {}
    os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")
    os.environ.setdefault("RAY_ACCEL_ENV_VAR_OVERRIDE_ON_ZERO", "0")
    # Workers take the path over, and `code.py` in this folder would hide Python's own.
    sys.path[:] = [entry for entry in sys.path if Path(entry).resolve() != Path(__file__).resolve().parent]
    if arguments.ray or "ahead" in parts:
        import ray

        ray.init(address="local", num_cpus=2, include_dashboard=False, log_to_driver=False)
    if "measure" in parts:
        report["measured"] = measure(["local", *(["ray"] if arguments.ray else [])], arguments.steps)
        print(json.dumps(report["measured"], indent=1))
    if "check" in parts:
        engine = "ray" if arguments.ray else "local"
        report.setdefault("checks", {})[engine] = check(engine, arguments.steps)
        print(json.dumps(report["checks"][engine], indent=1))
    if "ahead" in parts:
        report["checks"]["ray, ahead"] = ahead(report["checks"]["ray"], arguments.steps)
        print(json.dumps(report["checks"]["ray, ahead"], indent=1))
    if "simulate" in parts:
        driver = 1e-3 * report["measured"]["local"]["driver_milliseconds_a_rollout"]
        report["simulated"] = simulate(driver, lambda line: print(line, flush=True))
        report["parameters"] = {**asdict(COSTS), "judges_a_gpu": JUDGES, "learning": LEARN, "prompts": WORK.prompts}
    if "simulated" in report:
        (ROOT / "docs" / "scale.svg").write_text(chart(report["simulated"]))
    report["command"] = " ".join(["python", *sys.argv])
    arguments.out.write_text(json.dumps(report, indent=1) + "\n")


if __name__ == "__main__":
    main()
