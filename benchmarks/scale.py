"""Past one machine: what the driver costs here, and where a run on 8 to 1,024 GPUs meets its limits.

Three parts, each of which keeps the others' results:

- `measure`: steps of GRPO with a small policy on this machine, engine "local" (and "ray" with `--ray`). The driver's
  overhead is what is left of a step's wall time without the model, the judges and the learner.
- `check`: the simulation of `_scale_model`, given service times measured apart, against the real steps of another size.
- `simulate`: ZAYA1-8B at published settings on 8 to 1,024 GPUs, each resource made twice as fast in turn. What helps
  most is the bottleneck.

    python benchmarks/scale.py [measure check simulate] [--ray] [--out benchmarks/results/scale.json]

Writes docs/scale.svg too. Parameters are stated below, with their sources; docs/scale.md says what came out.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, replace
from pathlib import Path
from statistics import median
from typing import Any

import numpy as np
import torch
from rich.console import Console

from whetstone.grpo import Grpo
from whetstone.policy.batch import Row
from whetstone.policy.trainer import objective_of
from whetstone.recipes import parse_recipe
from whetstone.rollout.types import Completion, Request, Sampling
from whetstone.settings import GrpoStage, Recipe
from whetstone.train import begin

sys.path.append(str(Path(__file__).parent))  # behind all else, since `math.py` there has taken the folder off the path

from _scale_model import Costs, Found, Simulation, Work, Workers, lognormal

sys.path.pop()

ROOT = Path(__file__).parents[1]
PARTS = ("measure", "check", "simulate")

# -- a small run ------------------------------------------------------------------------------------------------------

RECIPE = """
name = "scale"
tasks = ["algebra/division", "sequences/sorting", "puzzles/numbrix"]
engine = "{engine}"
[[stages]]
kind = "grpo"
name = "grpo"
steps = 1000
warmup = 0
prompts = {prompts}
samples = 8
max_tokens = 28
lr = 1e-6
"""


class Small:
    """A stage of GRPO whose parts are timed. Rewards are drawn, so that every group teaches as much as any other."""

    def __init__(self, engine: str, prompts: int) -> None:
        self.recipe: Recipe = parse_recipe(RECIPE.format(engine=engine, prompts=prompts))
        self.settings = self.recipe.stages[0]
        assert isinstance(self.settings, GrpoStage)
        policy, tokenizer = begin(self.recipe, Console(quiet=True))
        self.stage = Grpo(self.settings, self.recipe, policy, tokenizer)
        self.seconds: dict[str, float] = {}
        self.answers: list[Completion] = []
        rng, curriculum = np.random.default_rng(0), self.stage.curriculum
        observe = curriculum.observe

        def rewards(questions: Sequence[Any], answers: Sequence[Sequence[Completion]]) -> np.ndarray:
            self.answers = [answer for group in answers for answer in group]
            return rng.random(np.shape(observe(questions, answers)))

        curriculum.observe = self._timed("judging", rewards)  # type: ignore[method-assign]
        self.stage.learner.update = self._timed("learning", self.stage.learner.update)  # type: ignore[method-assign]

    def _timed(self, name: str, function: Callable[..., Any]) -> Callable[..., Any]:
        def timed(*arguments: Any, **named: Any) -> Any:
            started = time.perf_counter()
            found = function(*arguments, **named)
            self.seconds[name] = self.seconds.get(name, 0.0) + time.perf_counter() - started
            return found

        return timed

    def step(self, number: int) -> dict[str, float]:
        """One step's seconds by part; `driver` is the rest."""
        self.seconds = {}
        before = self._model()
        started = time.perf_counter()
        self.stage.step(number)
        whole = time.perf_counter() - started
        parts = {**self.seconds, "model": self._model() - before}
        return {**parts, "driver": whole - sum(parts.values()), "step": whole}

    def _model(self) -> float:
        metrics = getattr(self.stage.engine, "metrics", None)
        return metrics()["seconds_model"] if metrics and self.recipe.engine == "local" else 0.0


def middle(rows: Sequence[dict[str, float]]) -> dict[str, float]:
    return {name: median(row[name] for row in rows) for name in rows[0]}


def measure(engine: str, prompts: int = 48, steps: int = 12) -> dict[str, Any]:
    """The median step, after two that warm up."""
    small = Small(engine, prompts)
    rows = [small.step(i) for i in range(steps + 2)][2:]
    small.stage.close()
    found, rollouts = middle(rows), prompts * 8
    return {
        "prompts": prompts,
        "rollouts": rollouts,
        "seconds": found,
        "slowest_step": max(row["step"] for row in rows),
        "driver_milliseconds_a_step": 1e3 * found["driver"],
        "driver_milliseconds_a_rollout": 1e3 * found["driver"] / rollouts,
        "driver_share": found["driver"] / found["step"],
    }


# -- the simulation against it ----------------------------------------------------------------------------------------


def best(function: Callable[[], Any], repeats: int = 5) -> float:
    """The median of several times, after one that is not taken."""
    times = []
    for _ in range(repeats + 1):
        started = time.perf_counter()
        function()
        times.append(time.perf_counter() - started)
    return median(times[1:])


def check(calibrated: int = 16, predicted: int = 64, steps: int = 6) -> dict[str, Any]:
    """Service times taken apart and the driver's at `calibrated` prompts; then steps of `predicted`, real and not."""
    small = Small("local", calibrated)
    rows = [small.step(i) for i in range(steps + 2)][2:]
    lengths = [len(answer.tokens) for answer in small.answers]
    costs = service_times(small, middle(rows))
    work = Work(predicted, 8, lambda rng: rng.choice(lengths), staleness=0)
    expected = Simulation(Workers(1, 1, 1), costs, work).run(12, 2)
    large = Small("local", predicted)
    seen = [large.step(i)["step"] for i in range(steps + 2)][2:]
    measured = median(seen)
    return {
        "calibrated_at": calibrated,
        "prompts": predicted,
        "costs": asdict(costs),
        "measured_step_seconds": measured,
        "fastest": min(seen),
        "slowest": max(seen),
        "predicted_step_seconds": expected.step_seconds,
        "predicted_is": expected.step_seconds / measured,
    }


def service_times(small: Small, step: dict[str, float]) -> Costs:
    """What each part takes for itself: two loads of each, and the line through them."""
    engine, learner, tokens = small.stage.engine, small.stage.learner, 28
    prompt = small.stage.questions.propose(1)[0].prompt

    def sample(groups: int, longest: int) -> None:
        engine.version += 1  # nothing is reused of the last time
        sampling = Sampling(max_tokens=longest)
        engine.generate([Request(prompt, sampling, 8, seed) for seed in range(groups)])

    few, many = (best(lambda n=n: sample(n, tokens)) - best(lambda n=n: sample(n, 1)) for n in (2, 32))
    each = max(0.0, (many - few) / (tokens - 1) / (256 - 16))
    start = max(0.0, few / (tokens - 1) - 16 * each)
    group = max(0.0, (best(lambda: sample(32, 1)) - best(lambda: sample(2, 1))) / 30)
    rows = [
        Row(answer.prompt_tokens, answer.tokens, 1.0 if i % 2 else -1.0, answer.logprobs, answer.experts)
        for i, answer in enumerate(small.answers)
    ]
    objective = objective_of(small.stage.grpo)
    half = len(rows) // 4
    whole, part = (best(lambda n=n: learner.update(rows[:n], objective, 0.0)) for n in (len(rows), half))
    learnt = sum(len(row.completion) for row in rows[half:]) / max(1e-9, whole - part)
    fixed = max(0.0, part - sum(len(row.completion) for row in rows[:half]) / learnt)
    return Costs(
        step_seconds=start,
        token_seconds=each,
        slots=512,
        group_seconds=group,
        learnt_tokens=learnt,
        micro_tokens=1 << 40,
        update_seconds=fixed,
        judge_seconds=step["judging"] / len(rows),
        weights_seconds=0.0,
        swap_seconds=0.0,
        driver_group_seconds=step["driver"] / len(rows) * 8,
    )


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

WIDTH, HEIGHT, LEFT, BOTTOM, TOP = 640, 320, 60, 60, 14
COLORS = {"published": "#1b6ca8", "grown": "#7fb069", "linear": "#bbbbbb"}
LABELS = {"published": "128 prompts a step", "grown": "2 prompts a GPU, above 64", "linear": "in proportion"}


def chart(rows: Sequence[dict[str, Any]]) -> str:
    """Tokens a second against GPUs, both in powers, and under each size what holds it back."""
    published = {row["gpus"]: row["tokens_per_second"] for row in rows if row["prompts"] == WORK.prompts}
    grown = published | {row["gpus"]: row["tokens_per_second"] for row in rows if row["prompts"] != WORK.prompts}
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
        parts.append(f'<text x="{LEFT + 20}" y="{TOP + 16 + 15 * i}" fill="{COLORS[name]}">{LABELS[name]}</text>')
    parts.append(f'<text x="{WIDTH - 8}" y="{HEIGHT - 6}" text-anchor="end">GPUs, and the bottleneck; ')
    parts.append("up: tokens learnt a second</text></svg>")
    return "".join(parts) + "\n"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("parts", nargs="*", metavar="PART", help=f"of {', '.join(PARTS)}; all unless given")
    parser.add_argument("--ray", action="store_true", help="measure the engine `ray` too")
    parser.add_argument("--out", type=Path, default=ROOT / "benchmarks" / "results" / "scale.json")
    arguments = parser.parse_args()
    torch.set_num_threads(1)
    parts = arguments.parts or PARTS
    report: dict[str, Any] = json.loads(arguments.out.read_text()) if arguments.out.exists() else {}
    if "measure" in parts:
        report["measured"] = {name: measure(name) for name in ("local", *(["ray"] if arguments.ray else []))}
        print(json.dumps(report["measured"], indent=1))
    if "check" in parts:
        report["check"] = check()
        print(json.dumps(report["check"], indent=1))
    if "simulate" in parts:
        driver = 1e-3 * report["measured"]["local"]["driver_milliseconds_a_rollout"]
        report["simulated"] = simulate(driver, lambda line: print(line, flush=True))
        report["parameters"] = {**asdict(COSTS), "judges_a_gpu": JUDGES, "learning": LEARN, "prompts": WORK.prompts}
        (ROOT / "docs" / "scale.svg").write_text(chart(report["simulated"]))
    report["command"] = " ".join(["python", *sys.argv])
    arguments.out.write_text(json.dumps(report, indent=1) + "\n")


if __name__ == "__main__":
    main()
