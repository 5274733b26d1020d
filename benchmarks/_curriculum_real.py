"""The difficulty controllers in real training: the quickstart's policy after its imitation, then each rule's problems.

A seed has one supervised checkpoint, from which every rule trains for as many steps; nothing is refilled, so that each
rule pays for the groups that it wastes. Runs that are complete in the folder are only read again.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from _imitated import RECIPE, accuracy, finished, imitated, last
from rich.console import Console
from rich.table import Table

from whetstone.curriculum.rules import Rule
from whetstone.data_settings import TaskData
from whetstone.recipes import alone, load_recipe
from whetstone.settings import Frontier, GrpoStage
from whetstone.train import open_sampler


class Way(NamedTuple):
    """A rule for levels, with the mixture's floor, and the share of problems asked again, each some `times` at most."""

    title: str
    rule: Rule
    floor: float
    again: float = 0.0
    times: int = 3


WAYS = {
    "window": Way("RLVE's window", "window", 1.0),  # draws its tasks evenly
    "staircase": Way("ZAYA1's staircase", "staircase", 0.0),
    "learnability": Way("learnability", "learnability", 0.25),
    "bayes": Way("Bayes", "bayes", 0.25),
    "once": Way("Bayes, half asked once more", "bayes", 0.25, 0.5, 1),
    "ours": Way("Bayes, half asked again (ours)", "bayes", 0.25, 0.5),
    "often": Way("Bayes, asked again to 5 times", "bayes", 0.25, 0.75, 5),
}
SHARES = 3  # parts of a run that are told apart


def measure(name: str, seed: int, steps: int, problems: int, runs: Path, console: Console) -> dict[str, Any]:
    """Train in one way from the seed's supervised checkpoint; what was wasted, and what was learnt."""
    recipe = load_recipe(RECIPE, [f"seed={seed}", f"grpo.steps={steps}"])
    start = imitated(recipe, runs / f"imitated-{seed}", console)
    recipe = alone(recipe, "grpo", str(start))
    stage = recipe.stages[0]
    assert isinstance(stage, GrpoStage)
    way = WAYS[name]
    source = TaskData(include=recipe.tasks, floor=way.floor, again=way.again, again_times=way.times)
    frontier = Frontier(rule=way.rule, max_level=stage.frontier.max_level)
    stage = stage.model_copy(update={"data": (source,), "frontier": frontier})
    folder = finished(recipe.model_copy(update={"stages": (stage,)}), runs / f"curriculum-{name}-{seed}", console)
    levels, rollouts, records = recipe.eval.levels, folder.rollouts("grpo"), list(folder.metrics())
    assert rollouts is not None
    seconds = sum(
        record[part] for record in records for part in ("seconds_sampling", "seconds_judging", "seconds_learning")
    )
    return {
        "way": name,
        "seed": seed,
        "steps": steps,
        "seconds": seconds,
        "asked": wasted(rollouts.to_pylist(), steps),
        "accuracy_before": accuracy(open_sampler(start), recipe, levels, problems),
        "accuracy": accuracy(open_sampler(last(folder)), recipe, levels, problems),
    }


def wasted(rows: Sequence[dict[str, Any]], steps: int) -> dict[str, Any]:
    """Shares of groups whose answers are all right, or all wrong: of the whole run, of its parts, and of each task."""
    groups: dict[tuple[int, str, int, int], list[bool]] = defaultdict(list)
    for row in rows:
        groups[row["step"], row["task"], row["level"], row["seed"]].append(row["correct"])
    first = min(step for step, *_ in groups)
    parts: dict[str, list[list[bool]]] = defaultdict(list)
    for (step, task, _, _), answers in groups.items():
        for part in ("all", f"part {1 + (step - first) * SHARES // steps}", task):
            parts[part].append(answers)
    return {
        part: {
            "groups": len(each),
            "right": float(np.mean([all(answers) for answers in each])),
            "wrong": float(np.mean([not any(answers) for answers in each])),
        }
        for part, each in sorted(parts.items())
    }


def share(result: dict[str, Any], part: str = "all") -> float:
    """The share of groups of a part of a run that taught nothing."""
    return result["asked"][part]["right"] + result["asked"][part]["wrong"]


def table(results: Sequence[dict[str, Any]]) -> Table:
    """A way a row: means over seeds, with the standard deviation."""
    seeds = sorted({result["seed"] for result in results})
    shown = Table(title=f"{results[0]['steps']} steps from one supervised checkpoint a seed, seeds {seeds}")
    parts = [f"part {i + 1}" for i in range(SHARES)]
    levels = ["0", "2", "4", "6", "8", "10", "all"]
    for column in ("way", "groups wasted", "all right", "all wrong", *parts, *(f"level {x}" for x in levels)):
        shown.add_column(column, justify="left" if column == "way" else "right")
    before = [[result["accuracy_before"][level] for result in results] for level in levels]
    shown.add_row("before", *[""] * (3 + SHARES), *(f"{np.mean(x):.3f}" for x in before))
    for name in dict.fromkeys(result["way"] for result in results):
        mine = [result for result in results if result["way"] == name]
        cells = [[share(result) for result in mine]]
        cells += [[result["asked"]["all"][kind] for result in mine] for kind in ("right", "wrong")]
        cells += [[share(result, part) for result in mine] for part in parts]
        cells += [[result["accuracy"][level] for result in mine] for level in levels]
        shown.add_row(WAYS[name].title, *(f"{np.mean(x):.3f}±{np.std(x):.3f}" for x in cells))
    return shown
