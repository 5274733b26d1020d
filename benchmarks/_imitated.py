"""The quickstart's policy after its imitation, from which other benchmarks start, and how right a policy is."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from rich.console import Console

from whetstone.evaluate import Attempts, ask
from whetstone.exam import drawn
from whetstone.recipes import alone
from whetstone.rollout.types import Sampler, Sampling
from whetstone.rows import Row
from whetstone.rundir import RunDir
from whetstone.settings import Recipe
from whetstone.train import train

RECIPE = Path("recipes/quickstart.toml")


def imitated(recipe: Recipe, folder: Path, console: Console) -> Path:
    """The checkpoint that the recipe's supervised stage leaves in `folder`."""
    return last(finished(alone(recipe, "sft"), folder, console))


def finished(recipe: Recipe, folder: Path, console: Console) -> RunDir:
    """The recipe's run, gone on with where it was stopped."""
    there = (folder / "config.toml").exists()
    with RunDir.resume(folder) if there else RunDir.create(folder, recipe) as run:
        train(run.recipe(), run, console)
    return RunDir.open(folder)


def last(run: RunDir) -> Path:
    """The folder of the run's last checkpoint."""
    latest = run.latest()
    assert latest is not None, f"{run.path} has no checkpoint"
    return latest.path


def accuracy(sampler: Sampler, recipe: Recipe, levels: Sequence[int], problems: int) -> dict[str, float]:
    """Greedy exact accuracy on the eval split, `problems` a task and level: of each level, and of all together."""
    found: list[Row] = []
    attempts = Attempts.independent(1, Sampling(max_tokens=recipe.eval.max_tokens, temperature=0.0))
    items = drawn(recipe.tasks, levels, problems, recipe.seed)
    ask(sampler, items, attempts, lambda unit, problem, rows: found.extend(rows))
    right = {str(level): [row.correct for row in found if row.level == level] for level in levels}
    everything = [row.correct for row in found]
    return {name: float(np.mean(each)) for name, each in {**right, "all": everything}.items()}
