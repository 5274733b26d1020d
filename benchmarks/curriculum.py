"""Which difficulty controller wastes fewest groups and climbs fastest? A simulation with synthetic learners.

A learner has a skill for each task; its pass rate at a level is a logistic curve around that skill. A group of answers
teaches in proportion to how much they differ (p (1 - p)), most at the task itself, a little at the others, and what is
not asked is slowly forgotten. The scenarios: plain; noisy (a tenth of all verdicts is wrong); a third of the tasks
cannot be learned; fast forgetting; tasks whose skills start far apart; uneven problems, some of a level easy and some
hard, so that the answers to one are mostly alike. Every controller meets the same learners.

    python benchmarks/curriculum.py [--steps 300] [--seeds 10] [--out benchmarks/results/curriculum.json]

With `--real` it is no simulation: the quickstart's policy is trained by each rule (`_curriculum_real`).

    python benchmarks/curriculum.py --real [--steps 120] [--seeds 2] [--out benchmarks/results/curriculum_real.json]
"""

from __future__ import annotations

import argparse
import json
import platform
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import NamedTuple

import numpy as np
from rich.console import Console
from rich.table import Table

from whetstone.curriculum.bayes import Bayes, BayesSettings, Prior
from whetstone.curriculum.difficulty import Learnability, LearnabilitySettings
from whetstone.curriculum.mixture import Controller, Mixture
from whetstone.curriculum.staircase import Staircase, StaircaseSettings
from whetstone.curriculum.unsettled import Unsettled, UnsettledSettings
from whetstone.curriculum.window import Window, WindowSettings

sys.path.append(str(Path(__file__).parent))  # behind all else, since `math.py` there has taken the folder off the path
from _curriculum_real import WAYS, measure, share, table

sys.path.pop()

TASKS, PROMPTS, SAMPLES = 24, 48, 8
PROBLEMS = 10  # of each task and level, by which a real run is measured


@dataclass(frozen=True)
class Scenario:
    """A kind of learner."""

    name: str
    rate: float = 0.02  # levels gained by a group of which half is right
    transfer: float = 0.01  # share of that gained by every other task
    forgetting: float = 0.0005  # levels lost by every task a step
    noise: float = 0.0  # share of verdicts that are wrong
    hopeless: float = 0.0  # share of tasks that cannot be learned
    luck: float = 0.0  # standard deviation of a problem's own difficulty, in levels
    spread: float = 1.5  # standard deviation of the skills at the start, in levels


SCENARIOS = (
    Scenario("plain"),
    Scenario("noisy", noise=0.1),
    Scenario("a third hopeless", hopeless=1 / 3),
    Scenario("forgetful", forgetting=0.005),
    Scenario("far apart", spread=6.0),
    Scenario("uneven problems", luck=2.5),
)


class Problem(NamedTuple):
    """A problem, and how much harder it is than its level."""

    task: int
    level: int
    luck: float


class Learner:
    """Skills that grow where answers differ."""

    def __init__(self, scenario: Scenario, seed: int) -> None:
        self.scenario = scenario
        self.rng = np.random.default_rng(seed)
        self.skill = np.maximum(self.rng.normal(1.0, scenario.spread, TASKS), 0.2)
        self.slope = np.exp(self.rng.normal(0.0, 0.4, TASKS))
        self.hopeless = self.rng.permutation(TASKS) < scenario.hopeless * TASKS
        self.start = self.skill.copy()

    def problem(self, task: int, level: int) -> Problem:
        """A new problem of a level."""
        return Problem(task, level, self.rng.normal(0, self.scenario.luck) if self.scenario.luck else 0.0)

    def answer(self, problem: Problem) -> float:
        """The share of a group's answers that is judged right; the learner learns from it."""
        task, hard = problem.task, problem.level + problem.luck
        p = 0.0 if self.hopeless[task] else 1 / (1 + np.exp(min((hard - self.skill[task]) / self.slope[task], 50.0)))
        right = self.rng.random(SAMPLES) < p
        if self.scenario.noise:
            right ^= self.rng.random(SAMPLES) < self.scenario.noise
        accuracy = float(right.mean())
        if not self.hopeless[task]:
            gain = self.scenario.rate * 4 * p * (1 - p) * (0 < accuracy < 1)
            self.skill += self.scenario.transfer * gain * ~self.hopeless
            self.skill[task] += gain * (1 - self.scenario.transfer)
        return accuracy

    def forget(self) -> None:
        self.skill = np.maximum(self.skill - self.scenario.forgetting, self.start)

    @property
    def frontier(self) -> float:
        """The mean skill over the tasks that can be learned."""
        return float(self.skill[~self.hopeless].mean())


Maker = Callable[[int], Mapping[str, Controller]]


def rlve(seed: int) -> Mapping[str, Controller]:
    return {str(task): Window(WindowSettings()) for task in range(TASKS)}


def zaya1(seed: int) -> Mapping[str, Controller]:
    rngs = np.random.default_rng(seed).spawn(TASKS)
    return {str(task): Staircase(StaircaseSettings(), rng) for task, rng in enumerate(rngs)}


def learnability(seed: int) -> Mapping[str, Controller]:
    return {str(task): Learnability(LearnabilitySettings()) for task in range(TASKS)}


def bayes(seed: int) -> Mapping[str, Controller]:
    settings = BayesSettings(group=SAMPLES)
    prior = Prior(settings)
    return {str(task): Bayes(settings, prior, task) for task in range(TASKS)}


class Choice(NamedTuple):
    """Controllers, the mixture's floor, and the share of problems asked again, each so many times at most."""

    make: Maker
    floor: float
    again: float = 0.0
    times: int = 3


CONTROLLERS = {
    "RLVE's window": Choice(rlve, 1.0),  # draws its tasks evenly
    "ZAYA1's staircase": Choice(zaya1, 0.0),
    "learnability": Choice(learnability, 0.25),
    "Bayes": Choice(bayes, 0.25),
    "Bayes, half asked again (ours)": Choice(bayes, 0.25, 0.5),
    "Bayes, asked again to 5 times": Choice(bayes, 0.25, 0.75, 5),
}


@dataclass(frozen=True)
class Outcome:
    """What a run came to."""

    scenario: str
    controller: str
    wasted: float  # share of groups whose answers are all alike
    frontier: float  # mean skill at the end, in levels
    steps: float  # steps to the frontier that RLVE's window reaches at the end; NaN if not reached
    least: int  # groups of the task that was asked least


def run(scenario: Scenario, controller: str, steps: int, seed: int) -> tuple[Outcome, list[float]]:
    """One controller with one learner; the frontier after every step."""
    learner = Learner(scenario, seed)
    choice = CONTROLLERS[controller]
    mixture = Mixture(choice.make(seed), seed, choice.floor)
    unsettled = Unsettled(UnsettledSettings(SAMPLES, choice.times))
    wasted, curve, asked = 0, [], np.zeros(TASKS, dtype=int)
    for _ in range(steps):
        again = [Problem(*name) for name in unsettled.best(round(PROMPTS * choice.again))]
        new = [learner.problem(int(task), level) for task, level in mixture.propose(PROMPTS - len(again))]
        for place, problem in enumerate([*again, *new]):
            accuracy = learner.answer(problem)
            wasted += accuracy in (0.0, 1.0)
            asked[problem.task] += 1
            unsettled.tell(tuple(problem), round(accuracy * SAMPLES), SAMPLES)
            if place >= len(again):  # as in training, difficulty follows what is asked for the first time
                mixture.observe(str(problem.task), problem.level, accuracy, SAMPLES)
        learner.forget()
        unsettled.advance()
        curve.append(learner.frontier)
    share = wasted / (steps * PROMPTS)
    return Outcome(scenario.name, controller, share, curve[-1], float("nan"), int(asked.min())), curve


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--steps", type=int, help="300 simulated ones, or 120 real ones, unless given")
    parser.add_argument("--seeds", type=int, help="10 simulated ones, or 2 real ones, unless given")
    parser.add_argument("--out", type=Path)
    parser.add_argument("--real", action="store_true", help="train a policy instead of simulating learners")
    parser.add_argument("--ways", nargs="+", choices=list(WAYS), default=list(WAYS), help="of a real run")
    parser.add_argument("--runs", type=Path, default=Path("runs"), help="where real runs are, and are found again")
    args = parser.parse_args()
    if args.real:
        train_all(args.ways, args.steps or 120, args.seeds or 2, args.runs, args.out)
    else:
        simulate_all(args.steps or 300, args.seeds or 10, args.out)


def train_all(ways: Sequence[str], steps: int, seeds: int, runs: Path, out: Path | None) -> None:
    """Every way in every seed, in real training."""
    results = []
    for seed in range(seeds):
        for way in ways:
            results.append(measure(way, seed, steps, PROBLEMS, runs, Console()))
            print(f"{way}, seed {seed}: {share(results[-1]):.3f} of the groups wasted", flush=True)
            if out:
                command = (
                    f"python benchmarks/curriculum.py --real --steps {steps} --seeds {seeds} --ways {' '.join(ways)}"
                )
                written = {"command": command, "versions": versions(), "results": results}
                out.write_text(json.dumps(written, indent=1) + "\n")
    Console(width=200).print(table(results))


def versions() -> dict[str, str]:
    """What the numbers hang on."""
    return {"python": platform.python_version(), "numpy": np.__version__}


def simulate_all(steps: int, seeds: int, out: Path | None) -> None:
    """Every controller with every learner."""
    outcomes: list[Outcome] = []
    for scenario in SCENARIOS:
        for seed in range(seeds):
            runs = {name: run(scenario, name, steps, seed) for name in CONTROLLERS}
            goal = runs["RLVE's window"][1][-1]
            for outcome, curve in runs.values():
                reached = next((step for step, skill in enumerate(curve, 1) if skill >= goal), float("nan"))
                outcomes.append(replace(outcome, steps=reached))
    shown = Table(title=f"{seeds} seeds x {steps} steps of {PROMPTS} groups of {SAMPLES} (mean ± s.d.)")
    for column in (
        "learner",
        "controller",
        "groups wasted",
        "frontier at the end",
        "steps to RLVE's end",
        "least asked",
    ):
        shown.add_column(column, justify="left" if column in ("learner", "controller") else "right")
    for scenario in SCENARIOS:
        for name in CONTROLLERS:
            rows = [o for o in outcomes if (o.scenario, o.controller) == (scenario.name, name)]
            cells = [
                f"{np.mean(values):.{digits}f} ± {np.std(values):.{digits}f}" + missed
                for values, digits, missed in (
                    ([o.wasted for o in rows], 3, ""),
                    ([o.frontier for o in rows], 1, ""),
                    _reached([o.steps for o in rows]),
                    ([o.least for o in rows], 0, ""),
                )
            ]
            shown.add_row(scenario.name if name == "RLVE's window" else "", name, *cells)
    Console(width=140).print(shown)
    if out:
        command = f"python benchmarks/curriculum.py --steps {steps} --seeds {seeds} --out {out}"
        rows = [{**asdict(o), "steps": None if np.isnan(o.steps) else o.steps} for o in outcomes]
        out.write_text(json.dumps({"command": command, "versions": versions(), "outcomes": rows}, indent=1) + "\n")


def _reached(steps: list[float]) -> tuple[list[float], int, str]:
    """Those that got there, and how many did not."""
    found = [s for s in steps if not np.isnan(s)]
    missed = len(steps) - len(found)
    return found or [float("nan")], 0, f" ({missed} never)" if missed else ""


if __name__ == "__main__":
    main()
