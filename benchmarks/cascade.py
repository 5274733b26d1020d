"""What every stage of the cascade does to every stage's own measure: train, evaluate each checkpoint, tabulate.

A stage's measure is exact accuracy on problems of the eval split that its sources make, of four samples at temperature
1, as rollouts are drawn, and in a second table of the greedy answer. A row is the policy after a stage, a column a
measure; the diagonal should rise against the row above, and nothing else fall by more than five points. A stage's gain
has the standard error of the mean difference over problems. Each stage is a run of its own, from the checkpoint of the
stage before, which ends as it does in the cascade as a whole; what was trained before with the same settings is only
measured. Results are kept by seed.

    python benchmarks/cascade.py [--recipe recipes/cascade.toml] [--seeds 0 1 2] [--runs runs] [--problems 200]
        [--scale 1.0] [--ablations] [--out benchmarks/results/cascade.json]

With `--ablations` the trained seeds' stages are run again with one thing changed, from the checkpoints that are there.
"""

from __future__ import annotations

import argparse
import json
import time
from collections.abc import Iterator, Sequence
from itertools import pairwise
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from rich.console import Console

from whetstone.evaluate import Attempts, Unit, ask
from whetstone.exam import Item
from whetstone.policy.checkpoint import load_policy
from whetstone.recipes import alone, load_recipe
from whetstone.rollout.engine import Engine
from whetstone.rollout.types import Sampling
from whetstone.rows import Key, Row
from whetstone.rundir import RunDir
from whetstone.settings import GrpoStage, Recipe
from whetstone.stage_data import heldout
from whetstone.train import fresh_policy, open_sampler, train

LOST = 0.05  # accuracy that an earlier measure may lose
READ = ("informative", "accuracy", "aggregated_accuracy", "sampler_kl", "sampler_max_ratio", "routing_entropy")
WAYS = {"sampled": (4, 1.0), "greedy": (1, 0.0)}  # samples of a problem, and their temperature
Table = list[dict[str, Any]]
Scores = dict[str, dict[str, np.ndarray]]  # by way of asking and by measure, of each problem


class Ablation(NamedTuple):
    """A stage that is run again with one thing changed."""

    name: str
    stage: str
    sets: tuple[str, ...]


ABLATIONS = (
    Ablation("fixed difficulty", "rlve", ("rlve.data.all.rows=4000", "rlve.data.all.levels=0-10")),
    Ablation("no aggregation prompts", "code_1", ("code_1.data.math.aggregate=0.0",)),
    Ablation("no router replay", "warmup", ("warmup.replay=false",)),
    Ablation("no balancing", "sft", ("sft.balance_lr=0.0",)),
)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--recipe", type=Path, default=Path("recipes/cascade.toml"))
    parser.add_argument("--seeds", type=int, nargs="+", default=[0])
    parser.add_argument("--runs", type=Path, default=Path("runs"))
    parser.add_argument("--problems", type=int, default=200, help="problems of each measure")
    parser.add_argument("--scale", type=float, default=1.0, help="share of each stage's steps and listed problems")
    parser.add_argument("--ablations", action="store_true", help="what single parts of the recipe are worth")
    parser.add_argument("--out", type=Path, default=Path("benchmarks/results/cascade.json"))
    options = parser.parse_args()
    for seed in options.seeds:
        sets = [f"seed={seed}", *scaled(load_recipe(options.recipe), options.scale)]
        cascade = Cascade(options.recipe, sets, options.runs / f"{options.recipe.stem}-seed-{seed}")
        cascade.train()
        if options.ablations:
            for ablation in ABLATIONS:
                keep(options.out, "ablations", ablated(cascade, ablation, options.problems))
        else:
            print(markdown(keep(options.out, "cascades", measured(cascade, options.problems))), flush=True)


def scaled(recipe: Recipe, scale: float) -> Iterator[str]:
    """The overrides that make every stage shorter."""
    for stage in recipe.stages if scale != 1 else ():
        yield f"{stage.name}.steps={max(2, round(stage.steps * scale))}"
        for source in stage.data:
            if rows := getattr(source, "rows", 0):
                yield f"{stage.name}.data.{source.label}.rows={max(16, round(rows * scale))}"


def keep(file: Path, kind: str, result: dict[str, Any]) -> dict[str, Any]:
    """Write a result down, in the place of an older one of the same seed and name."""
    known = json.loads(file.read_text()) if file.exists() else {"cascades": [], "ablations": []}
    key = (result["seed"], result.get("name"))
    known[kind] = [each for each in known[kind] if (each["seed"], each.get("name")) != key] + [result]
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(json.dumps(known, indent=1) + "\n")
    return result


# -- training ---------------------------------------------------------------------------------------------------------


class Cascade:
    """A recipe with changes, and a folder with a run for each of its stages."""

    def __init__(self, recipe: Path, sets: Sequence[str], folder: Path) -> None:
        self.path, self.sets, self.folder = recipe, list(sets), folder
        self.recipe = load_recipe(recipe, self.sets)
        self.names = [stage.name for stage in self.recipe.stages]

    def train(self) -> None:
        """Train what was not, or not so, or after another stage that was."""
        anew = False
        for name in self.names:
            anew |= not self.is_done(name)
            if anew:
                self.run(name, self.folder / name)

    def is_done(self, name: str) -> bool:
        """Whether a stage was trained to its end, with these settings."""
        folder = self.folder / name
        if not (folder / "config.toml").exists():
            return False
        run, wanted = RunDir.open(folder), alone(self.recipe, name, self.before(name))
        latest = run.latest()
        return run.recipe() == wanted and latest is not None and latest.step == wanted.stages[0].steps

    def before(self, name: str) -> str | None:
        """The checkpoint that a stage starts from; None for the first."""
        place = self.names.index(name)
        return str(self.checkpoint(self.names[place - 1])) if place else None

    def checkpoint(self, name: str) -> Path:
        """The folder of a stage's last checkpoint."""
        latest = RunDir.open(self.folder / name).latest()
        assert latest is not None, f"{self.folder / name} has no checkpoint"
        return latest.path

    def run(self, name: str, out: Path, changes: Sequence[str] = ()) -> None:
        """One stage, in the place of what was in its folder."""
        recipe = alone(load_recipe(self.path, [*self.sets, *changes]), name, self.before(name))
        with RunDir.create(out, recipe, "overwrite") as run:
            train(run.recipe(), run, Console())


# -- measuring --------------------------------------------------------------------------------------------------------


def measured(cascade: Cascade, problems: int) -> dict[str, Any]:
    """The table of one seed: before and after each stage, the accuracy on every stage's measure."""
    recipe = cascade.recipe
    measures = {name: asked_of(cascade, name, problems) for name in cascade.names}
    _, tokenizer = load_policy(cascade.checkpoint(cascade.names[0]))
    before = scores(Engine(fresh_policy(recipe, tokenizer), tokenizer, stop=tokenizer.eos), measures, recipe)
    table: Table = [{"after": "nothing", "steps": 0, "minutes": 0.0} | means(before)]
    for name in cascade.names:
        now = scores(open_sampler(cascade.checkpoint(name), recipe.threads), measures, recipe)
        times = [record["time"] for record in RunDir.open(cascade.folder / name).metrics()]
        row = {"after": name, "steps": len(times), "minutes": (max(times) - min(times)) / 60, "gain": {}}
        for way in WAYS:
            gains = now[way][name] - before[way][name]
            row["gain"][way] = (float(gains.mean()), float(gains.std(ddof=1) / len(gains) ** 0.5))
        table.append(row | means(now))
        before = now
    count = {name: len(items) for name, items in measures.items()}
    return {"seed": recipe.seed, "measured": time.strftime("%Y-%m-%d"), "problems": count, "table": table}


def asked_of(cascade: Cascade, name: str, count: int) -> list[Item]:
    """A stage's measure: `count` of its problems, chosen by chance, the same in every run."""
    stage = next(stage for stage in cascade.recipe.stages if stage.name == name)
    items = heldout(stage, cascade.recipe, max(1, count // 8))
    chosen = np.random.default_rng(0).permutation(len(items))[:count]
    return [items[i] for i in sorted(chosen.tolist())]


def scores(sampler: Any, measures: dict[str, list[Item]], recipe: Recipe) -> Scores:
    """In each way of asking, the accuracy on every problem of each measure."""
    found: Scores = {way: {} for way in WAYS}
    for way, (samples, temperature) in WAYS.items():
        for name, items in measures.items():
            attempts = Attempts.independent(samples, Sampling(longest(recipe, name), temperature))
            right: dict[Key, float] = {}

            def keep(unit: Unit, problem: object, rows: Sequence[Row], right: dict[Key, float] = right) -> None:
                right[unit.key] = float(np.mean([row.correct for row in rows]))

            ask(sampler, items, attempts, keep)
            found[way][name] = np.array([right[item.key] for item in items])
    return found


def means(scores: Scores) -> dict[str, dict[str, float]]:
    """The mean of each measure in each way of asking."""
    return {way: {name: float(each.mean()) for name, each in found.items()} for way, found in scores.items()}


def longest(recipe: Recipe, stage: str) -> int:
    """New tokens that an answer to a stage's problems may have."""
    settings = next(each for each in recipe.stages if each.name == stage)
    return settings.max_tokens if isinstance(settings, GrpoStage) else recipe.eval.max_tokens


def ablated(cascade: Cascade, ablation: Ablation, problems: int) -> dict[str, Any]:
    """A stage with one thing changed beside the stage as it is: its own measure, and means over its steps."""
    folder = cascade.folder / ablation.name.replace(" ", "-")
    cascade.run(ablation.stage, folder, ablation.sets)
    measures = {ablation.stage: asked_of(cascade, ablation.stage, problems)}
    result: dict[str, Any] = {"name": ablation.name, "stage": ablation.stage, "seed": cascade.recipe.seed}
    for arm, run in (("with", cascade.folder / ablation.stage), ("without", folder)):
        latest = RunDir.open(run).latest()
        assert latest is not None, f"{run} has no checkpoint"
        sampler = open_sampler(latest.path, cascade.recipe.threads)
        records = list(RunDir.open(run).metrics())
        logged = {key: float(np.mean([r[key] for r in records if key in r])) for key in READ if key in records[-1]}
        result[arm] = means(scores(sampler, measures, cascade.recipe)) | {"logged": logged}
    print(json.dumps(result), flush=True)
    return result


def markdown(result: dict[str, Any]) -> str:
    """The tables, and what they say of the two promises."""
    table: Table = result["table"]
    names, lines = list(result["problems"]), [f"seed {result['seed']}, problems: {result['problems']}"]
    for way in WAYS:
        lines += ["", f"{way}:", "", "| after | steps | minutes | " + " | ".join(names) + " | gain |"]
        lines.append("|---|---:|---:|" + "---:|" * (len(names) + 1))
        for before, row in pairwise([table[0], *table]):
            cells = [f"**{row[way][name]:.3f}**" if name == row["after"] else f"{row[way][name]:.3f}" for name in names]
            cells.append("{:+.3f} ± {:.3f}".format(*row["gain"][way]) if "gain" in row else "")
            lines.append(f"| {row['after']} | {row['steps']} | {row['minutes']:.1f} | " + " | ".join(cells) + " |")
            earlier = names[: names.index(row["after"])] if row["after"] in names else []
            if lost := [name for name in earlier if row[way][name] < before[way][name] - LOST]:
                lines[-1] += f" lost {', '.join(lost)}"
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    main()
