"""Training by a recipe: stage after stage, each step logged, the run resumable from its last checkpoint.

Equal recipes on equal machines give equal numbers, and a run that was stopped and resumed ends where the undisturbed
one ends: everything random is keyed or part of a checkpoint's state.
"""

from __future__ import annotations

import signal
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict
from functools import partial
from pathlib import Path
from typing import Any, Protocol

import torch
from accelerate import Accelerator
from accelerate.utils import broadcast_object_list, gather_object
from rich.console import Console

from whetstone.curriculum.difficulty import LearnabilitySettings
from whetstone.curriculum.mixture import Mixture
from whetstone.curriculum.rules import controllers
from whetstone.envs import load
from whetstone.policy.batch import Row
from whetstone.policy.checkpoint import load_policy, load_state, save_policy, save_state
from whetstone.policy.config import zaya_config
from whetstone.policy.loss import LossSettings
from whetstone.policy.model import ZayaPolicy, initialise
from whetstone.policy.optimizer import adamw, muon_and_adamw, schedule
from whetstone.policy.router import Balancer
from whetstone.policy.tokenizer import TextTokenizer
from whetstone.policy.trainer import GrpoSettings, Learner, grpo_step, sft_step
from whetstone.progress import Progress
from whetstone.questions import Demonstrations, Questions
from whetstone.rollout.engine import Engine
from whetstone.rollout.types import Sampling
from whetstone.rundir import RunDir
from whetstone.settings import GrpoStage, Recipe, SftStage

ROWS = 512  # sequences that the sampler runs at once
TEXTS = 30  # problems of each task and level whose text trains the tokenizer


class Stage(Protocol):
    """A stage at work: `step` does one step and returns what to log; the state makes it resumable."""

    learner: Learner

    def step(self, step: int) -> dict[str, Any]: ...

    def state_dict(self) -> dict[str, Any]: ...

    def load_state_dict(self, state: dict[str, Any]) -> None: ...


class Sft:
    """Imitate worked solutions of the easy levels; the routers are balanced."""

    def __init__(self, settings: SftStage, recipe: Recipe, policy: ZayaPolicy, tokenizer: TextTokenizer) -> None:
        self.settings, self.tokenizer = settings, tokenizer
        self.demonstrations = Demonstrations(recipe.tasks, settings.levels, recipe.seed)
        balancer = Balancer(policy.routers, settings.balance_lr) if settings.balance_lr else None
        optimizers = muon_and_adamw(policy, settings.muon_lr, settings.adamw_lr)
        self.learner = Learner(policy, optimizers, grad_clip=settings.grad_clip, balancer=balancer)

    def step(self, step: int) -> dict[str, Any]:
        started = time.perf_counter()
        rows = [
            Row(self.tokenizer.encode(problem.prompt), self.tokenizer.encode_completion(problem.target))
            for problem in self.learner.share(self.demonstrations.draw(self.settings.batch))
        ]
        factor = schedule(step, self.settings.steps, self.settings.warmup, self.settings.decay)
        metrics = sft_step(self.learner, rows, factor)
        (tokens,) = self.learner.total(sum(map(len, rows)))
        return metrics | {"tokens_per_second": tokens / (time.perf_counter() - started)}

    def state_dict(self) -> dict[str, Any]:
        return {"learner": self.learner.state_dict(), "demonstrations": self.demonstrations.state_dict()}

    def load_state_dict(self, state: dict[str, Any]) -> None:
        self.learner.load_state_dict(state["learner"])
        self.demonstrations.load_state_dict(state["demonstrations"])


class Grpo:
    """Learn from rewards at a difficulty that follows the policy; balancing biases stay as they are.

    Frozen biases and replayed routes keep the sampler's and the trainer's experts the same.
    """

    def __init__(self, settings: GrpoStage, recipe: Recipe, policy: ZayaPolicy, tokenizer: TextTokenizer) -> None:
        frontier = settings.frontier
        levels = LearnabilitySettings(
            start=frontier.start_level,
            top=frontier.max_level,
            promote_at=frontier.promote_at,
            promote_groups=frontier.promote_groups,
            memory=frontier.memory,
            weight=frontier.weight,
            floor=frontier.floor,
        )
        self.settings = settings
        rules = controllers(
            frontier.rule, recipe.tasks, learnability=levels, samples=settings.samples, seed=recipe.seed
        )
        self.mixture = Mixture(rules, recipe.seed)
        self.questions = Questions(self.mixture, settings.reward, gather_object)
        self.learner = Learner(policy, adamw(policy, settings.lr), grad_clip=settings.grad_clip)
        self.engine = Engine(policy, tokenizer, stop=tokenizer.eos, rows=ROWS)
        self.grpo = GrpoSettings(
            prompts=settings.prompts,
            samples=settings.samples,
            sampling=Sampling(max_tokens=settings.max_tokens, temperature=settings.temperature),
            advantage=settings.advantage,
            loss=LossSettings(settings.clip_low, settings.clip_high, settings.entropy),
        )

    def step(self, step: int) -> dict[str, Any]:
        factor = schedule(step, self.settings.steps, self.settings.warmup, self.settings.decay)
        seed = int(self.mixture.rng.integers(1 << 62))
        metrics = grpo_step(self.learner, self.engine, self.questions, self.grpo, factor, seed)
        self.engine.version += 1
        return metrics | self.questions.metrics()

    def state_dict(self) -> dict[str, Any]:
        return {
            "learner": self.learner.state_dict(),
            "mixture": self.mixture.state_dict(),
            "version": self.engine.version,
        }

    def load_state_dict(self, state: dict[str, Any]) -> None:
        self.learner.load_state_dict(state["learner"])
        self.mixture.load_state_dict(state["mixture"])
        self.engine.version = state["version"]


def train(recipe: Recipe, run: RunDir | None, console: Console) -> None:
    """Do what the recipe says, from the run's last checkpoint where it has one.

    With several processes (`torchrun`, `accelerate launch`) each asks and learns its share of every batch; only the
    first has the run directory, the others pass None.
    """
    torch.set_num_threads(recipe.threads)
    device = Accelerator(cpu=not torch.cuda.is_available()).device
    latest = broadcast_object_list([run.latest() if run else None])[0]
    if latest:
        policy, tokenizer = load_policy(latest.path)
        state = load_state(latest.path)
        console.print(f"resuming after step {latest.step} ({latest.stage})", highlight=False)
    else:
        tokenizer = train_tokenizer(recipe)
        policy, state = fresh_policy(recipe, tokenizer), None
        size = sum(parameter.numel() for parameter in policy.parameters())
        console.print(f"{size:,} parameters, {len(tokenizer)} tokens in the vocabulary", highlight=False)
    policy.to(device)
    if run:
        run.truncate(latest.step if latest else 0)
    first_step = 0  # of the stage, counted over the whole run
    for index, settings in enumerate(recipe.stages):
        begin = 0
        if state is None or index >= state["stage"]:
            stage: Stage = (Sft if isinstance(settings, SftStage) else Grpo)(settings, recipe, policy, tokenizer)  # type: ignore[arg-type]
            if state is not None and index == state["stage"]:
                stage.load_state_dict(state["state"])
                begin = state["steps"]

            save = partial(_save, run, policy, tokenizer, stage, index, settings.name, first_step) if run else None
            _run_stage(settings, stage, run, console, first_step, begin, save)
        first_step += settings.steps


def _run_stage(
    settings: SftStage | GrpoStage,
    stage: Stage,
    run: RunDir | None,
    console: Console,
    first_step: int,
    begin: int,
    save: Callable[[int], None] | None,
) -> None:
    with _finishing_steps() as interrupted, Progress(console, settings.name, begin, settings.steps) as progress:
        for step in range(begin, settings.steps):
            metrics = stage.step(step)
            number, done = first_step + step + 1, step + 1
            if run:
                run.log({"stage": settings.name, "step": number, "time": time.time(), **metrics})
                if isinstance(stage, Grpo):
                    run.add_rollouts(settings.name, [{"step": number, **asdict(row)} for row in stage.questions.rows])
            progress.update(step, metrics)
            (stop,) = stage.learner.total(interrupted.is_set())
            if save and (done % settings.checkpoint_every == 0 or done == settings.steps or stop):
                save(done)
            if stop:
                raise KeyboardInterrupt


def _save(
    run: RunDir,
    policy: ZayaPolicy,
    tokenizer: TextTokenizer,
    stage: Stage,
    index: int,
    name: str,
    first: int,
    done: int,
) -> None:
    with run.checkpoint(name, first + done) as folder:
        save_policy(policy, tokenizer, folder)
        save_state({"stage": index, "steps": done, "state": stage.state_dict()}, folder)


@contextmanager
def _finishing_steps() -> Iterator[threading.Event]:
    """The first Ctrl-C lets the running step end and be saved; a second one stops at once."""
    interrupted = threading.Event()

    def on_interrupt(number: int, frame: object) -> None:
        interrupted.set()
        signal.signal(signal.SIGINT, before)

    before = signal.getsignal(signal.SIGINT)
    if threading.current_thread() is not threading.main_thread():
        yield interrupted
        return
    signal.signal(signal.SIGINT, on_interrupt)
    try:
        yield interrupted
    finally:
        signal.signal(signal.SIGINT, before)


def train_tokenizer(recipe: Recipe) -> TextTokenizer:
    """A tokenizer for the recipe's tasks: their prompts and solutions at all levels that are measured."""
    problems = (
        load(task).draw(level, seed) for task in recipe.tasks for level in recipe.eval.levels for seed in range(TEXTS)
    )
    return TextTokenizer.train((f"{p.prompt}\n{p.target}" for p in problems), recipe.model.vocab_size)


def fresh_policy(recipe: Recipe, tokenizer: TextTokenizer) -> ZayaPolicy:
    """A policy of the recipe's shape with weights that the recipe's seed decides."""
    sizes = recipe.model.model_dump() | {"vocab_size": len(tokenizer)}
    config = zaya_config(**sizes, pad=tokenizer.pad, bos=tokenizer.bos, eos=tokenizer.eos)
    return initialise(ZayaPolicy(config), recipe.seed)


def open_sampler(checkpoint: Path, threads: int = 1) -> Engine:
    """The in-process sampler over a checkpoint."""
    torch.set_num_threads(threads)
    policy, tokenizer = load_policy(checkpoint)
    policy.to(Accelerator(cpu=not torch.cuda.is_available()).device)
    return Engine(policy, tokenizer, stop=tokenizer.eos, rows=ROWS)
