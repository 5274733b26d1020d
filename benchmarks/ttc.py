"""Accuracy against tokens spent, for every strategy; and whether training on aggregation prompts makes rounds pay.

    python benchmarks/ttc.py curves runs/quickstart      # benchmarks/results/ttc.json, docs/ttc.svg
    python benchmarks/ttc.py train runs/quickstart       # benchmarks/results/ttc_training.json

Both look first for what the policy half solves: tasks and levels where single samples are right 0.25 to 0.75 of the
time, found on problems that are not measured afterwards. `train` goes on from a checkpoint twice, with equally many
steps and prompts: once on bare questions alone, once with half of them shown together with tails of earlier attempts;
then Markovian RSA is measured round by round. Intervals are 95 %, by bootstrap over problems.
"""

from __future__ import annotations

import argparse
import json
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch

from whetstone.blend import Blend, Part
from whetstone.curriculum.difficulty import Learnability, LearnabilitySettings
from whetstone.curriculum.mixture import Mixture
from whetstone.curriculum.traces import Pool
from whetstone.envs import Task, load
from whetstone.policy.batch import Row
from whetstone.policy.checkpoint import load_policy
from whetstone.policy.loss import LossSettings
from whetstone.policy.model import ZayaPolicy
from whetstone.policy.optimizer import adamw, muon_and_adamw, schedule
from whetstone.policy.tokenizer import TextTokenizer
from whetstone.policy.trainer import GrpoSettings, Learner, grpo_step, sft_step
from whetstone.questions import Demonstrations, Questions
from whetstone.rollout.engine import Engine
from whetstone.rollout.strategies import MarkovianRSA, Planned, Template, drive, parse_strategy
from whetstone.rollout.types import Completion, Request, Sampling
from whetstone.rundir import RunDir
from whetstone.statistics import cluster_bootstrap

RESULTS = Path(__file__).parent / "results"
PLOT = Path(__file__).parents[1] / "docs" / "ttc.svg"
TEMPLATE = Template("{question}\n{attempts}", "{tail}", "\n")  # short words for a small policy
HALF = (0.25, 0.75)
SCREEN, MEASURE = 900_000, 910_000  # first seeds of the problems on which cells are chosen, and measured
CURVES = (
    "single:n=1",
    *(f"{name}:n={n}" for name in ("majority", "best-of-n") for n in (2, 4, 8, 16)),
    *(f"markovian-rsa:n=8,c={c},rounds={t},tail=16" for c in (2, 4) for t in (1, 2, 4)),
    *(f"delethink:n=8,rounds={t},tail=16" for t in (1, 2, 4)),
    *(f"rsa:n=8,c=4,rounds={t}" for t in (1, 2, 4)),
)
Cell = tuple[str, int]


@dataclass(frozen=True)
class Point:
    """A strategy's accuracy with its interval, and the tokens it wrote and read for a problem on average."""

    strategy: str
    accuracy: float
    low: float
    high: float
    written: float
    read: float


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    commands = parser.add_subparsers(required=True)
    curves = commands.add_parser("curves")
    curves.set_defaults(do=run_curves)
    train = commands.add_parser("train")
    train.set_defaults(do=run_train)
    for command in (curves, train):
        command.add_argument("run", type=Path)
        command.add_argument("--checkpoint", help="a checkpoint's folder name; the last one unless given")
        command.add_argument("--cells", type=int, default=6)
        command.add_argument("--problems", type=int, default=32, help="of each cell")
        command.add_argument("--out", type=Path, default=RESULTS)
        command.add_argument("--threads", type=int, default=1)
    curves.add_argument("--plot", type=Path, default=PLOT)
    train.add_argument("--sft-steps", type=int, default=60)
    train.add_argument("--grpo-steps", type=int, default=120)
    train.add_argument("--prompts", type=int, default=32)
    train.add_argument("--seeds", type=int, nargs="+", default=[0, 1, 2])
    options = parser.parse_args()
    torch.set_num_threads(options.threads)
    options.do(options)


def opened(options: argparse.Namespace) -> tuple[Any, Any, Path, Sampling]:
    """The recipe, the checkpoint's policy in an engine, its folder, and how it samples."""
    run = RunDir.open(options.run)
    found = {c.path.name: c.path for c in run.checkpoints()}
    folder = found[options.checkpoint] if options.checkpoint else list(found.values())[-1]
    recipe = run.recipe()
    return recipe, engine_of(*load_policy(folder)), folder, Sampling(max_tokens=recipe.eval.max_tokens)


def engine_of(policy: ZayaPolicy, tokenizer: TextTokenizer) -> Engine:
    return Engine(policy, tokenizer, stop=tokenizer.eos, rows=256)


def problems_of(cells: Sequence[Cell], first: int, count: int) -> list[tuple[Cell, Task]]:
    return [((task, level), load(task).draw(level, first + i, "eval")) for task, level in cells for i in range(count)]


def right(problem: Task, completion: Completion) -> float:
    return float(problem.grade(completion.text).correct)


def half_solved(engine: Engine, recipe: Any, sampling: Sampling, most: int) -> dict[Cell, float]:
    """The cells whose accuracy is nearest one half, with that accuracy: 8 problems of each, 4 samples of each."""
    asked = problems_of([(task, level) for task in recipe.tasks for level in recipe.eval.levels], SCREEN, 8)
    groups = engine.generate([Request(problem.prompt, sampling, 4, i) for i, (_, problem) in enumerate(asked)])
    found: dict[Cell, list[float]] = {}
    for (cell, problem), group in zip(asked, groups, strict=True):
        found.setdefault(cell, []).extend(right(problem, completion) for completion in group)
    accuracy = {cell: float(np.mean(values)) for cell, values in found.items()}
    within = [cell for cell in accuracy if HALF[0] <= accuracy[cell] <= HALF[1]]
    return {cell: accuracy[cell] for cell in sorted(within, key=lambda cell: abs(accuracy[cell] - 0.5))[:most]}


# -- curves -----------------------------------------------------------------------------------------------------------


def run_curves(options: argparse.Namespace) -> None:
    recipe, engine, folder, sampling = opened(options)
    found = begun(
        options.out / "ttc.json", folder, options, lambda: half_solved(engine, recipe, sampling, options.cells)
    )
    asked = problems_of([(cell["task"], cell["level"]) for cell in found["cells"]], MEASURE, options.problems)
    points = [Point(**point) for point in found["points"]]
    for spec in CURVES:
        if any(point.strategy == spec for point in points):
            continue
        started = time.perf_counter()
        strategy = parse_strategy(spec).build(engine.tokenizer, sampling, TEMPLATE)
        points.append(measured(spec, engine, strategy, asked))
        p = points[-1]
        print(f"{spec:45} {p.accuracy:.3f} [{p.low:.3f}, {p.high:.3f}] {p.written:8.1f} tokens written "
              f"{p.read:8.1f} read {time.perf_counter() - started:6.1f} s", flush=True)  # fmt: skip
        found["points"] = [asdict(point) for point in points]
        (options.out / "ttc.json").write_text(json.dumps(found, indent=1) + "\n")
    options.plot.write_text(plot(points))


def begun(
    file: Path, folder: Path, options: argparse.Namespace, choose: Callable[[], dict[Cell, float]]
) -> dict[str, Any]:
    """What an interrupted measurement of the same checkpoint and size has left, or the beginning of one."""
    same = {"checkpoint": folder.name, "problems": options.problems}
    if file.exists():
        found = json.loads(file.read_text())
        if {name: found[name] for name in same} == same:
            return found
    cells = choose()
    if not cells:
        raise SystemExit("no task and level is half solved by this policy")
    print("half solved:", ", ".join(f"{task} {level} ({a:.2f})" for (task, level), a in cells.items()), flush=True)
    file.parent.mkdir(parents=True, exist_ok=True)
    chosen = [{"task": task, "level": level, "screened": accuracy} for (task, level), accuracy in cells.items()]
    found = {**same, "cells": chosen, "points": []}
    file.write_text(json.dumps(found, indent=1) + "\n")
    return found


def measured(spec: str, engine: Engine, strategy: Planned, asked: Sequence[tuple[Cell, Task]]) -> Point:
    solved = drive(engine, [strategy.plan(problem.prompt, i) for i, (_, problem) in enumerate(asked)])
    values, clusters, groups = [], [], []
    for i, ((cell, problem), one) in enumerate(zip(asked, solved, strict=True)):
        for completion in one.outcome.final:
            values.append(right(problem, completion))
            clusters.append(i)
            groups.append(cell)
    found = cluster_bootstrap(values, clusters, groups)
    written, read = (float(np.mean([getattr(one.cost, name) for one in solved])) for name in ("written", "read"))
    return Point(spec, found.value, found.low, found.high, written, read)


COLOURS = {
    "single": "#333333",
    "majority": "#0072b2",
    "best-of-n": "#e69f00",
    "markovian-rsa": "#d55e00",
    "delethink": "#009e73",
    "rsa": "#cc79a7",
}


def plot(points: Sequence[Point]) -> str:
    """Accuracy over tokens written (logarithmic) as SVG; a line a strategy, a bar an interval."""
    width, height, left, bottom, top = 760, 440, 60, 50, 20
    least, most = (np.log2(f(p.written for p in points)) for f in (min, max))
    spread = max(1e-9, most - least)
    low, high = max(0.0, min(p.low for p in points) - 0.02), min(1.0, max(p.high for p in points) + 0.02)

    def at(written: float, accuracy: float) -> tuple[float, float]:
        x = left + 20 + (width - left - 190) * (np.log2(written) - least) / spread
        return round(float(x), 1), round(float(top + (height - top - bottom) * (high - accuracy) / (high - low)), 1)

    parts = [f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" font-family="sans-serif" '
             f'font-size="12"><rect width="{width}" height="{height}" fill="white"/>']  # fmt: skip
    for tick in np.arange(np.ceil(low * 20) / 20, high, 0.05):
        y = at(points[0].written, tick)[1]
        parts.append(f'<path d="M{left} {y}H{width - 150}" stroke="#ddd"/>')
        parts.append(f'<text x="{left - 8}" y="{y + 4}" text-anchor="end">{tick:.2f}</text>')
    for power in range(int(np.ceil(least)), int(most) + 1):
        x = at(2.0**power, low)[0]
        parts.append(f'<text x="{x}" y="{height - bottom + 18}" text-anchor="middle">{2**power}</text>')
    parts.append(
        f'<text x="{(width - 100) / 2}" y="{height - 10}" text-anchor="middle">tokens written for a problem</text>'
    )
    series: dict[str, list[Point]] = {}
    for point in points:
        name, _, numbers = point.strategy.partition(":")
        label = f"{name}, c=2" if "c=2" in numbers else name
        series.setdefault(label, []).append(point)
    for i, (label, own) in enumerate(series.items()):
        colour = COLOURS[label.partition(",")[0]]
        dash = ' stroke-dasharray="5 3"' if "c=2" in label else ""
        own = sorted(own, key=lambda p: p.written)
        line = " ".join(f"{x},{y}" for x, y in (at(p.written, p.accuracy) for p in own))
        parts.append(f'<polyline points="{line}" fill="none" stroke="{colour}" stroke-width="2"{dash}/>')
        for p in own:
            (x, y), y1, y2 = at(p.written, p.accuracy), at(p.written, p.low)[1], at(p.written, p.high)[1]
            parts.append(f'<path d="M{x} {y1}V{y2}" stroke="{colour}" opacity="0.4"/>')
            parts.append(f'<circle cx="{x}" cy="{y}" r="3.5" fill="{colour}"/>')
        parts.append(f'<text x="{width - 145}" y="{top + 15 + 18 * i}" fill="{colour}">{label}</text>')
    return "\n".join([*parts, "</svg>"]) + "\n"


# -- training ---------------------------------------------------------------------------------------------------------


def run_train(options: argparse.Namespace) -> None:
    recipe, engine, folder, sampling = opened(options)
    file = options.out / "ttc_training.json"
    found = begun(file, folder, options, lambda: half_solved(engine, recipe, sampling, options.cells))
    asked = problems_of([(cell["task"], cell["level"]) for cell in found["cells"]], MEASURE, options.problems)
    for seed in options.seeds:
        for share in (0.0, 0.5):
            if any((point["seed"], point["share"]) == (seed, share) for point in found["points"]):
                continue
            started = time.perf_counter()
            trained = train(folder, recipe, sampling, share, seed, options)
            rounds = by_round(trained, sampling, asked)
            minutes = (time.perf_counter() - started) / 60
            found["points"].append({"seed": seed, "share": share, "minutes": minutes, **rounds})
            print(json.dumps(found["points"][-1]), flush=True)
            file.write_text(json.dumps(found, indent=1) + "\n")


def aggregator(engine: Engine, sampling: Sampling) -> MarkovianRSA:
    return MarkovianRSA(engine.tokenizer, sampling, n=8, c=2, rounds=2, tail=16, template=TEMPLATE)


def train(
    folder: Path, recipe: Any, sampling: Sampling, share: float, seed: int, options: argparse.Namespace
) -> Engine:
    """Go on from a checkpoint with a share of aggregation prompts: first imitating solutions, then for rewards."""
    policy, tokenizer = load_policy(folder)
    engine = engine_of(policy, tokenizer)
    strategy, rng = aggregator(engine, sampling), np.random.default_rng(seed)
    levels = range(max(recipe.eval.levels) // 2 + 1)
    demonstrations = Demonstrations(recipe.tasks, levels, seed)
    learner = Learner(policy, muon_and_adamw(policy, 0.005, 1e-3))
    for step in range(options.sft_steps):
        problems = demonstrations.draw(options.prompts)
        prompts = [problem.prompt for problem in problems]
        shown = np.flatnonzero(rng.random(len(prompts)) < share).tolist()
        requests = [Request(prompts[i], sampling, strategy.c, int(rng.integers(1 << 31))) for i in shown]
        for i, group in zip(shown, engine.generate(requests), strict=True):
            prompts[i] = TEMPLATE.render(prompts[i], [strategy.tail_of(completion) for completion in group])
        rows = [
            Row(tokenizer.encode(prompt), tokenizer.encode_completion(problem.target))
            for prompt, problem in zip(prompts, problems, strict=True)
        ]
        sft_step(learner, rows, schedule(step, options.sft_steps, 5, 0.4))
        engine.version += 1
    top = max(recipe.eval.levels)
    difficulty = LearnabilitySettings(start=min(5, top), top=top, weight=0.04)
    questions = Questions(Mixture({task: Learnability(difficulty) for task in recipe.tasks}, seed), "exact")
    part = Part("questions", questions, aggregate=share, pool=Pool() if share else None)
    curriculum = Blend([part], np.random.default_rng(seed), "exact", lambda _: True, strategy)
    learner = Learner(policy, adamw(policy, 3e-4))
    settings = GrpoSettings(options.prompts, 8, sampling, loss=LossSettings(0.2, 0.28, 0.01))
    for step in range(options.grpo_steps):
        factor = schedule(step, options.grpo_steps, 10, 0.3)
        grpo_step(learner, engine, curriculum, settings, factor, int(rng.integers(1 << 62)))
        curriculum.metrics()  # ends the step, so that the attempts age
        engine.version += 1
    return engine


def by_round(engine: Engine, sampling: Sampling, asked: Sequence[tuple[Cell, Task]]) -> dict[str, Any]:
    """Accuracy of every round of Markovian RSA, and what the last one gains over the first, on the same problems."""
    strategy = aggregator(engine, sampling)
    traces = strategy.trace(engine, [problem.prompt for _, problem in asked], seed=0)
    accuracy_RP = np.array(
        [
            [np.mean([right(problem, candidate.completion) for candidate in population]) for population in trace]
            for (_, problem), trace in zip(asked, traces, strict=True)
        ]
    ).T
    groups = [cell for cell, _ in asked]
    places = list(range(len(asked)))
    rounds = [cluster_bootstrap(row.tolist(), places, groups) for row in accuracy_RP]
    gain = cluster_bootstrap((accuracy_RP[-1] - accuracy_RP[0]).tolist(), places, groups)
    return {"rounds": [asdict(found) for found in rounds], "gain": asdict(gain)}


if __name__ == "__main__":
    main()
