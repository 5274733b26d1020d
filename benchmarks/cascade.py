"""What every stage of the cascade does to every stage's own measure: train, evaluate each checkpoint, tabulate.

A stage's measure is exact accuracy, greedily, on problems of the eval split that its sources make. A row of the table
is the policy after a stage, a column a measure; the diagonal should rise against the row above, and nothing else fall
by more than five points. A seed that was trained before is only measured.

    python benchmarks/cascade.py [--recipe recipes/cascade.toml] [--seeds 0 1 2] [--runs runs] [--problems 200]
        [--scale 1.0] [--out benchmarks/results/cascade.json]
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import time
from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np

from whetstone.evaluate import Attempts, ask
from whetstone.exam import Item
from whetstone.recipes import load_recipe
from whetstone.rollout.types import Sampling
from whetstone.rows import Row
from whetstone.rundir import RunDir
from whetstone.settings import GrpoStage, Recipe
from whetstone.stage_data import heldout
from whetstone.train import open_sampler

LOST = 0.05  # accuracy that an earlier measure may lose
Table = list[dict[str, Any]]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--recipe", type=Path, default=Path("recipes/cascade.toml"))
    parser.add_argument("--seeds", type=int, nargs="+", default=[0])
    parser.add_argument("--runs", type=Path, default=Path("runs"))
    parser.add_argument("--problems", type=int, default=200, help="problems of each measure")
    parser.add_argument("--scale", type=float, default=1.0, help="share of each stage's steps and listed problems")
    parser.add_argument("--out", type=Path, default=Path("benchmarks/results/cascade.json"))
    options = parser.parse_args()
    results = []
    for seed in options.seeds:
        run = options.runs / f"{options.recipe.stem}-seed-{seed}"
        train(options.recipe, seed, run, options.scale)
        results.append(measured(run, options.problems))
        print(markdown(results[-1]), flush=True)
    options.out.parent.mkdir(parents=True, exist_ok=True)
    options.out.write_text(json.dumps(results, indent=1) + "\n")


def train(recipe: Path, seed: int, run: Path, scale: float) -> None:
    """The run through the command line, from where it was stopped if it was."""
    command = [sys.executable, "-m", "whetstone", "train"]
    if (run / "config.toml").exists():
        subprocess.run([*command, "--resume", str(run)], check=True)
        return
    changes = [f"seed={seed}"]
    if scale != 1:
        for stage in load_recipe(recipe).stages:
            changes.append(f"{stage.name}.steps={max(2, round(stage.steps * scale))}")
            listed = [source for source in stage.data if getattr(source, "rows", 0)]
            changes += [f"{stage.name}.data.{s.label}.rows={max(16, round(s.rows * scale))}" for s in listed]  # type: ignore[union-attr]
    sets = [argument for change in changes for argument in ("--set", change)]
    subprocess.run([*command, str(recipe), *sets, "--out", str(run)], check=True)


def measured(run: Path, problems: int) -> dict[str, Any]:
    """The table of one run: after each stage, the accuracy on every stage's measure."""
    folder = RunDir.open(run)
    recipe = folder.recipe()
    records = list(folder.metrics())
    measures = {stage.name: some(heldout(stage, recipe, per_cell(problems)), problems) for stage in recipe.stages}
    table: Table = []
    for stage in recipe.stages:
        latest = folder.latest(stage.name)
        assert latest is not None, f"{run} has no checkpoint of {stage.name}"
        sampler = open_sampler(latest.path, recipe.threads)
        accuracy = {}
        for name, items in measures.items():
            rows = asked(sampler, items, longest(recipe, name))
            judged = [row.correct for row in rows if row.score is not None]
            accuracy[name] = [float(np.mean(judged)), len(judged)]
        seconds = [r["time"] for r in records if r["stage"] == stage.name]
        minutes = (max(seconds) - min(seconds)) / 60
        table.append({"after": stage.name, "steps": len(seconds), "minutes": minutes, "accuracy": accuracy})
    return {"run": str(run), "seed": recipe.seed, "measured": time.strftime("%Y-%m-%d"), "table": table}


def per_cell(problems: int) -> int:
    """Problems of a task and level, before some are chosen."""
    return max(1, problems // 20)


def some(items: Sequence[Item], count: int) -> list[Item]:
    """`count` of the items, spread evenly over tasks and levels."""
    if len(items) <= count:
        return list(items)
    return [items[i] for i in np.linspace(0, len(items) - 1, count).round().astype(int)]


def longest(recipe: Recipe, stage: str) -> int:
    """New tokens that an answer to a stage's problems may have."""
    settings = next(each for each in recipe.stages if each.name == stage)
    return settings.max_tokens if isinstance(settings, GrpoStage) else recipe.eval.max_tokens


def asked(sampler: Any, items: Sequence[Item], max_tokens: int) -> list[Row]:
    """A greedy answer to each problem, judged."""
    found: list[Row] = []
    attempts = Attempts.independent(1, Sampling(max_tokens=max_tokens, temperature=0.0))
    ask(sampler, items, attempts, lambda unit, problem, rows: found.extend(rows))
    return found


def markdown(result: dict[str, Any]) -> str:
    """The table, and what it says of the two promises."""
    table: Table = result["table"]
    names = [row["after"] for row in table]
    lines = [
        "| after | steps | minutes | " + " | ".join(names) + " |",
        "|---|---:|---:|" + "---:|" * len(names),
    ]
    for row in table:
        cells = [f"{row['accuracy'][name][0]:.3f}" for name in names]
        cells = [f"**{cell}**" if name == row["after"] else cell for name, cell in zip(names, cells, strict=True)]
        lines.append(f"| {row['after']} | {row['steps']} | {row['minutes']:.1f} | " + " | ".join(cells) + " |")
    lines += ["", f"seed {result['seed']}, {table[0]['accuracy'][names[0]][1]} problems a measure"]
    for before, row in pairwise(table):
        own = row["accuracy"][row["after"]][0] - before["accuracy"][row["after"]][0]
        lost = [n for n in names if row["accuracy"][n][0] < before["accuracy"][n][0] - LOST]
        lines.append(f"{row['after']}: its own measure {own:+.3f}{', lost ' + ', '.join(lost) if lost else ''}")
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    main()
