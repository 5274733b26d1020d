"""A small run whose parts are timed: what the driver costs, and how well `_scale_model` foretells a step.

The engine is "local" or "ray"; on Ray one sampler and one judge are actors beside the learner.
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import asdict, replace
from statistics import median
from typing import Any

import numpy as np
from _scale_model import Costs, Simulation, Work, Workers
from rich.console import Console

from whetstone.grpo import Grpo
from whetstone.policy.batch import Row
from whetstone.policy.trainer import objective_of
from whetstone.questions import judge_all
from whetstone.recipes import parse_recipe
from whetstone.rollout.types import Completion, Request, Sampling
from whetstone.settings import GrpoStage
from whetstone.train import begin

SAMPLES, LONGEST = 8, 28  # rollouts of a group, tokens of a rollout
RECIPE = f"""
name = "scale"
tasks = ["algebra/division", "sequences/sorting", "puzzles/numbrix"]
[[stages]]
kind = "grpo"
name = "grpo"
steps = 1000
warmup = 0
samples = {SAMPLES}
max_tokens = {LONGEST}
lr = 1e-6
"""


class Small:
    """A stage of GRPO whose parts are timed. Rewards are drawn, so that every group teaches as much as any other."""

    def __init__(self, engine: str, prompts: int, staleness: int = 0) -> None:
        settings = [f"engine={engine}", f"grpo.prompts={prompts}", f"grpo.max_staleness={staleness}"]
        self.recipe, self.staleness = parse_recipe(RECIPE, settings), staleness
        stage = self.recipe.stages[0]
        assert isinstance(stage, GrpoStage)
        policy, tokenizer = begin(self.recipe, Console(quiet=True))
        self.stage = Grpo(stage, self.recipe, policy, tokenizer)
        self.learning = self.learning_cpu = 0.0
        self.questions: Sequence[Any] = ()
        self.answers: list[list[Completion]] = []
        self._number = 0
        rng, curriculum, update = np.random.default_rng(0), self.stage.curriculum, self.stage.learner.update
        observe = curriculum.observe

        def rewards(questions: Sequence[Any], answers: Sequence[Sequence[Completion]]) -> np.ndarray:
            self.questions, self.answers = questions, [list(group) for group in answers]
            return rng.random(np.shape(observe(questions, answers)))

        def learn(*arguments: Any, **named: Any) -> Any:
            started, cpu = time.perf_counter(), time.process_time()
            found = update(*arguments, **named)
            self.learning += time.perf_counter() - started
            self.learning_cpu += time.process_time() - cpu
            return found

        curriculum.observe = rewards  # type: ignore[method-assign]
        self.stage.learner.update = learn  # type: ignore[method-assign]

    def step(self, prompts: int | None = None) -> dict[str, float]:
        """One step's seconds by part; `driver` is the rest. On Ray `cpu` is this process's without learning."""
        if prompts is not None:
            self.stage.grpo = replace(self.stage.grpo, prompts=prompts)
        self.learning = self.learning_cpu = 0.0
        before = self._engine()
        started, cpu = time.perf_counter(), time.process_time()
        self.stage.step(self._number)
        whole, cpu = time.perf_counter() - started, time.process_time() - cpu
        self._number += 1
        sampling, model = (after - earlier for after, earlier in zip(self._engine(), before, strict=True))
        started = time.perf_counter()
        judge_all(self.questions, self.answers)  # what it takes a judge, wherever it is
        judging = time.perf_counter() - started
        parts = {
            "step": whole,
            "learning": self.learning,
            "judging": judging,
            "model": model,
            "driver": whole - self.learning - judging - model,
            "around the engine": whole - self.learning - judging - sampling,
        }
        return parts | ({"cpu": cpu - self.learning_cpu} if self.stage.remote else {})

    def _engine(self) -> tuple[float, float]:
        """Seconds of the engine's steps so far, and of the model in them."""
        if self.stage.remote is None:
            found = self.stage.engine.metrics()  # type: ignore[union-attr]
        else:
            import ray

            (member,) = self.stage.remote.engine.fleet.members
            found = ray.get(member.actor.__ray_call__.remote(lambda actor: actor.sampler.metrics()))
        return found["seconds"], found["seconds_model"]


def middle(rows: Sequence[dict[str, float]]) -> dict[str, float]:
    return {name: median(row[name] for row in rows) for name in rows[0]}


def measure(engines: Sequence[str], steps: int, prompts: int = 48) -> dict[str, Any]:
    """The median step of each engine, after two that warm up; their steps in turn."""
    smalls = {engine: Small(engine, prompts) for engine in engines}
    rows: dict[str, list[dict[str, float]]] = {engine: [] for engine in engines}
    for _ in range(steps + 2):
        for engine, small in smalls.items():
            rows[engine].append(small.step())
            print(f"{engine}: a step of {rows[engine][-1]['step']:.2f} s", flush=True)
    for small in smalls.values():
        small.stage.close()
    return {engine: _costs(rows[engine][2:], prompts) for engine in engines}


def _costs(rows: Sequence[dict[str, float]], prompts: int) -> dict[str, Any]:
    found, rollouts = middle(rows), prompts * SAMPLES
    return {
        "prompts": prompts,
        "rollouts": rollouts,
        "seconds": found,
        "slowest_step": max(row["step"] for row in rows),
        "driver_milliseconds_a_step": 1e3 * found["driver"],
        "driver_milliseconds_a_rollout": 1e3 * found["driver"] / rollouts,
        "driver_share": found["driver"] / found["step"],
    } | ({"driver_cpu_milliseconds_a_rollout": 1e3 * found["cpu"] / rollouts} if "cpu" in found else {})


# -- the simulation against it ----------------------------------------------------------------------------------------


def check(engine: str, steps: int, calibrated: int = 16, predicted: int = 48) -> dict[str, Any]:
    """Service times taken apart, with steps of `calibrated` prompts at most; then steps of `predicted`, real or not."""
    small = Small(engine, calibrated)
    for _ in range(2):
        small.step()
    few, many = (middle([small.step(n) for _ in range(steps)]) for n in (calibrated // 4, calibrated))
    costs = service_times(small, few, many, calibrated)
    found: dict[str, Any] = {"calibrated_at": calibrated, "costs": asdict(costs)}
    found["lengths"] = Counter(str(len(answer.tokens)) for group in small.answers for answer in group)
    seen = [small.step(predicted)["step"] for _ in range(steps + 1)][1:]
    small.stage.close()
    return found | compared(found, predicted, 0, seen)


def ahead(calibrated: dict[str, Any], steps: int, predicted: int = 48) -> dict[str, Any]:
    """The same with samplers a step ahead on Ray, by the service times of a run in step."""
    large = Small("ray", predicted, staleness=1)
    rows = [large.step() for _ in range(steps + 2)][2:]
    large.stage.close()
    found = compared(calibrated, predicted, 1, [row["step"] for row in rows])
    return found | {"learning_seconds": median(row["learning"] for row in rows)}


def lessons(small: Small) -> list[Row]:
    """Rows of the last step's answers, right and wrong in turn."""
    answers = [answer for group in small.answers for answer in group]
    return [
        Row(answer.prompt_tokens, answer.tokens, 1.0 if i % 2 else -1.0, answer.logprobs, answer.experts)
        for i, answer in enumerate(answers)
    ]


def compared(calibrated: dict[str, Any], prompts: int, staleness: int, seen: Sequence[float]) -> dict[str, Any]:
    """What the simulation foretells of steps, and what was seen."""
    lengths, counts = map(int, calibrated["lengths"]), calibrated["lengths"].values()
    drawn = [length for length, count in zip(lengths, counts, strict=True) for _ in range(count)]
    work = Work(prompts, SAMPLES, lambda rng: rng.choice(drawn), staleness)
    expected = Simulation(Workers(1, 1, 1), Costs(**calibrated["costs"]), work).run(12, 2)
    return {
        "prompts": prompts,
        "max_staleness": staleness,
        "measured_step_seconds": median(seen),
        "fastest": min(seen),
        "slowest": max(seen),
        "predicted_step_seconds": expected.step_seconds,
        "predicted_is": expected.step_seconds / median(seen),
    }


def best(function: Callable[[], Any], repeats: int = 3) -> float:
    """The median of several times, after one that is not taken."""
    times = []
    for _ in range(repeats + 1):
        started = time.perf_counter()
        function()
        times.append(time.perf_counter() - started)
    return median(times[1:])


def service_times(small: Small, few: dict[str, float], many: dict[str, float], prompts: int) -> Costs:
    """What each part takes for itself: two loads of each, and the line through them.

    `few` and `many` are steps of a quarter of the `prompts` and of all, whose rest is the driver's.
    """
    engine, learner = small.stage.engine, small.stage.learner
    prompt = small.stage.questions.propose(1)[0].prompt

    def sample(groups: int, longest: int, renew: bool = True) -> None:
        if renew:
            engine.version += 1  # and nothing is reused of the last time
        sampling = Sampling(max_tokens=longest)
        engine.generate([Request(prompt, sampling, SAMPLES, seed) for seed in range(groups)])

    ones = {n: best(lambda n=n: sample(n, 1)) for n in (2, 32)}
    short, long = (best(lambda n=n: sample(n, LONGEST)) - ones[n] for n in (2, 32))
    each = max(0.0, (long - short) / (LONGEST - 1) / (30 * SAMPLES))
    start = max(0.0, short / (LONGEST - 1) - 2 * SAMPLES * each)
    renewal = max(0.0, ones[2] - best(lambda: sample(2, 1, renew=False))) if small.stage.remote else 0.0
    rows = lessons(small)
    objective = objective_of(small.stage.grpo)
    half = len(rows) // 4
    whole, part = (best(lambda n=n: learner.update(rows[:n], objective, 0.0)) for n in (len(rows), half))
    learnt = sum(len(row.completion) for row in rows[half:]) / max(1e-9, whole - part)
    fixed = max(0.0, part - sum(len(row.completion) for row in rows[:half]) / learnt)
    own = [step["around the engine"] - renewal for step in (few, many)]
    group = max(0.0, (own[1] - own[0]) / (prompts - prompts // 4))
    return Costs(
        step_seconds=start,
        token_seconds=each,
        slots=512,
        group_seconds=max(0.0, (ones[32] - ones[2]) / 30),
        learnt_tokens=learnt,
        micro_tokens=1 << 40,
        update_seconds=fixed,
        judge_seconds=many["judging"] / len(rows),
        weights_seconds=renewal,
        swap_seconds=0.0,
        driver_group_seconds=group,
        driver_step_seconds=max(0.0, own[1] - group * prompts),
    )
