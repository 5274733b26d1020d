"""Training by a recipe: stage after stage, each step logged, the run resumable from its last checkpoint.

Equal recipes on equal machines give equal numbers, and a run that was stopped and resumed ends where the undisturbed
one ends: everything random is keyed or part of a checkpoint's state.
"""

from __future__ import annotations

import signal
import threading
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import asdict
from itertools import chain, product
from pathlib import Path
from typing import Any, Protocol

import torch
from accelerate import Accelerator
from accelerate.utils import broadcast_object_list, gather_object
from rich.console import Console

from whetstone.chatting import Chatting
from whetstone.curriculum.cascade import Exit
from whetstone.curriculum.cascade import task as load
from whetstone.data_settings import TaskData
from whetstone.files import RunError, disk_errors
from whetstone.grpo import ROWS, Grpo
from whetstone.policy.chat import use_chat
from whetstone.policy.checkpoint import load_policy, load_state, save_policy, save_state
from whetstone.policy.config import zaya_config
from whetstone.policy.faults import save_batch
from whetstone.policy.model import ZayaPolicy, initialise
from whetstone.policy.optimizer import muon_and_adamw, schedule
from whetstone.policy.router import Balancer
from whetstone.policy.tokenizer import TextTokenizer
from whetstone.policy.trainer import Learner, sft_step
from whetstone.prior import refilter
from whetstone.progress import Progress
from whetstone.rollout.engine import Engine
from whetstone.rundir import RunDir
from whetstone.settings import GrpoStage, Recipe, SftStage
from whetstone.stage_data import lessons

FAULTS = 3  # batches without a finite gradient that are kept, each with the weights it met
TEXTS = 30  # problems of each task and level whose text trains the tokenizer
LEVELS, FEW = 3, 4  # levels of the tasks that only stages name, and problems of each


class Stage(Protocol):
    """A stage at work: `step` does one step and returns what to log; the state makes it resumable."""

    learner: Learner

    def step(self, step: int) -> dict[str, Any]: ...

    def state_dict(self) -> dict[str, Any]: ...

    def load_state_dict(self, state: dict[str, Any]) -> None: ...

    def close(self) -> None: ...


class Sft:
    """Imitate worked solutions and examples; the routers are balanced."""

    def __init__(self, settings: SftStage, recipe: Recipe, policy: ZayaPolicy, tokenizer: TextTokenizer) -> None:
        self.settings = settings
        self.lessons = lessons(settings, recipe, tokenizer, policy.config.max_position_embeddings)
        balancer = Balancer(policy.routers, settings.balance_lr) if settings.balance_lr else None
        optimizers = muon_and_adamw(policy, settings.muon_lr, settings.adamw_lr)
        spread = recipe.learner.model_dump()
        self.learner = Learner(policy, optimizers, grad_clip=settings.grad_clip, balancer=balancer, **spread)

    def step(self, step: int) -> dict[str, Any]:
        started = time.perf_counter()
        rows = self.learner.share(self.lessons.draw(self.settings.batch))
        factor = schedule(step, self.settings.steps, self.settings.warmup, self.settings.decay)
        metrics = sft_step(self.learner, rows, factor)
        (tokens,) = self.learner.total(sum(map(len, rows)))
        return metrics | {"tokens_per_second": tokens / (time.perf_counter() - started)}

    def state_dict(self) -> dict[str, Any]:
        return {"learner": self.learner.state_dict(), "demonstrations": self.lessons.state_dict()}

    def load_state_dict(self, state: dict[str, Any]) -> None:
        self.learner.load_state_dict(state["learner"])
        self.lessons.load_state_dict(state["demonstrations"])

    def close(self) -> None:
        """Nothing runs elsewhere."""


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
        policy, tokenizer = begin(recipe, console)
        state = None
    policy.to(device)
    if run:
        run.truncate(latest.step if latest else 0)
    first = 0  # steps of the stages before, as many as they took
    for index, settings in enumerate(recipe.stages):
        there = state if state is not None and index == state["stage"] else None
        if state is not None and index < state["stage"]:
            first += settings.steps  # as long as no state says better
            continue
        if there is not None:
            first = there.get("first", first)
        stage = open_stage(settings, recipe, policy, tokenizer)
        with closing(stage):
            first += _Run(settings, stage, index, first, policy, tokenizer, run, console).go(there)


def begin(recipe: Recipe, console: Console) -> tuple[ZayaPolicy, TextTokenizer]:
    """The policy that the first stage starts from: that of the recipe's `start`, or a fresh one."""
    if recipe.start:
        folder = started_from(recipe.start)
        console.print(f"starting from {folder}", highlight=False, soft_wrap=True)
        policy, tokenizer = load_policy(folder)
    else:
        tokenizer = train_tokenizer(recipe)
        policy = fresh_policy(recipe, tokenizer)
    size = sum(parameter.numel() for parameter in policy.parameters())
    console.print(f"{size:,} parameters, {len(tokenizer)} tokens in the vocabulary", highlight=False)
    return policy, use_chat(tokenizer) if recipe.chat else tokenizer


def started_from(text: str) -> Path:
    """The folder of a checkpoint, or of the last one of a run. Raises `RunError`."""
    folder = Path(text)
    if (folder / "config.json").is_file():
        return folder
    latest = RunDir.open(folder).latest() if (folder / "config.toml").is_file() else None
    if latest is None:
        raise RunError(f"start: there is no checkpoint in {folder}; expected a run, or a folder with config.json")
    return latest.path


def open_stage(settings: SftStage | GrpoStage, recipe: Recipe, policy: ZayaPolicy, tokenizer: TextTokenizer) -> Stage:
    """A stage, ready for its first step."""
    asked = Chatting(tokenizer.hf) if recipe.chat else tokenizer
    if isinstance(settings, SftStage):
        return Sft(settings, recipe, policy, asked)
    return Grpo(settings, recipe, policy, asked)


class _Run:
    """One stage from its first step, or from where it was stopped, to its end."""

    def __init__(
        self,
        settings: SftStage | GrpoStage,
        stage: Stage,
        index: int,
        first: int,
        policy: ZayaPolicy,
        tokenizer: TextTokenizer,
        run: RunDir | None,
        console: Console,
    ) -> None:
        self.settings, self.stage, self.index, self.first = settings, stage, index, first
        self.policy, self.tokenizer, self.run, self.console = policy, tokenizer, run, console
        self.exit = Exit(settings.until.rule)

    def go(self, state: dict[str, Any] | None) -> int:
        """Do the steps that are left after `state`; how many the stage took in all."""
        self._refilter()
        done = 0
        if state is not None:
            self.stage.load_state_dict(state["state"])
            self.exit.load_state_dict(state.get("exit", self.exit.state_dict()))
            done = state["steps"]
        name, steps = self.settings.name, self.settings.steps
        with _finishing_steps() as interrupted, Progress(self.console, name, done, steps) as progress:
            while done < steps and not self.exit.reason:
                metrics = self._step(done)
                progress.update(done, metrics)
                done += 1
                stop, over = self.stage.learner.total(interrupted.is_set(), bool(self.exit.reason))
                wrong = self.stage.companions.canaries.stop if isinstance(self.stage, Grpo) else None
                if over or stop or wrong or done % self.settings.checkpoint_every == 0 or done == steps:
                    self._save(done)
                if wrong:
                    raise RunError(f"{name} was stopped after {done} steps by a canary, {wrong}")
                if stop:
                    raise KeyboardInterrupt
        if self.exit.reason:
            self.console.print(
                f"{name} is over after {done} steps: {self.exit.reason}", highlight=False, soft_wrap=True
            )
        return done

    def _refilter(self) -> None:
        """Leave out of the stage's lists what the policy solves too often, as it is before the stage."""
        if not isinstance(self.stage, Grpo):
            return
        name, stage = self.settings.name, self.stage
        share = stage.learner.share
        for line in refilter(stage.questions, stage.engine, stage.grpo.sampling, name, self.run, share, gather_object):
            self.console.print(f"{name}: {line}", highlight=False, soft_wrap=True)

    def _step(self, step: int) -> dict[str, Any]:
        metrics = self.stage.step(step)
        number, name = self.first + step + 1, self.settings.name
        if self.run:
            self.run.log({"stage": name, "step": number, "time": time.time(), **metrics})
            if isinstance(self.stage, Grpo):
                self.run.add_rollouts(name, [{"step": number, **asdict(row)} for row in self.stage.questions.rows])
                self._keep_faulty(self.stage, number)
        for alarm in metrics.get("alarms", ()):
            self.console.print(f"{name}, step {number}: {alarm}", highlight=False, soft_wrap=True)
        if self.settings.until.measure in metrics:
            self.exit.observe(float(metrics[self.settings.until.measure]))
        return metrics

    def _keep_faulty(self, stage: Grpo, number: int) -> None:
        """Write a batch whose gradient was not finite, with the weights it met, for `whetstone replay`."""
        assert self.run is not None
        rows, kept = stage.companions.faulty, len(list(self.run.path.glob("faults/*")))
        folder = self.run.path / "faults" / f"{self.settings.name}-{number:06d}"
        if rows and kept < FAULTS:
            with disk_errors(folder):
                save_batch(folder, rows, stage.grpo, self.policy, self.tokenizer)
        if rows:
            where = f"its batch is in {folder}" if kept < FAULTS else f"{kept} such batches are kept already"
            self.console.print(f"step {number} was skipped: its gradient is not finite; {where}", soft_wrap=True)

    def _save(self, done: int) -> None:
        state = self.stage.state_dict()  # on every process: what is spread over them comes together here
        if self.run is None:
            return
        with self.run.checkpoint(self.settings.name, self.first + done) as folder:
            save_policy(self.policy, self.tokenizer, folder)
            if isinstance(self.stage, Grpo) and self.stage.companions.average:
                save_policy(self.stage.companions.average.policy, self.tokenizer, folder / "average")
            place = {"stage": self.index, "first": self.first, "steps": done, "exit": self.exit.state_dict()}
            save_state({**place, "state": state}, folder)


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
    """A tokenizer for the recipe's tasks: their prompts and solutions at all levels that are measured.

    Of the tasks that only its stages name there is a little text, at the levels that the policy begins with.
    """
    sources = [source for stage in recipe.stages for source in stage.data if isinstance(source, TaskData)]
    named = dict.fromkeys(task for source in sources for task in recipe.trained(source))
    others = [task for task in named if task not in recipe.tasks]
    keys = chain(product(recipe.tasks, recipe.eval.levels, range(TEXTS)), product(others, range(LEVELS), range(FEW)))
    problems = (load(task).draw(level, seed) for task, level, seed in keys)
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
