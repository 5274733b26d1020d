"""Our GRPO trainer beside TRL's `GRPOTrainer` with its own generation: learning curves, rollouts a second, and where
the time of a step goes.

Both start from one checkpoint (the quickstart's policy after a short imitation), and are asked the same problems in
the same order with the same loss, clipping, optimizer, learning rate, temperature and lengths, on as many threads. TRL
runs the policy as a `ZayaForCausalLM` with the experts' implementation that is fastest here of those that Transformers
has, in fp32, without gradient checkpointing, the whole batch at once. Their steps alternate in one process, so that a
busy machine slows both; times are also given in CPU seconds, which hardly depend on that. Seeds that the file has from
before, with the same settings, are kept.

    python benchmarks/train.py [--steps 30] [--seeds 0 1 2] [--out benchmarks/results/train.json]
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import torch
import transformers
import trl
from rich.console import Console
from transformers import TrainerCallback, ZayaForCausalLM
from trl.trainer.grpo_config import GRPOConfig
from trl.trainer.grpo_trainer import GRPOTrainer

from whetstone.curriculum.mixture import Mixture
from whetstone.integrations.trl import Problems
from whetstone.policy.checkpoint import load_policy
from whetstone.policy.loss import LossSettings
from whetstone.policy.optimizer import adamw
from whetstone.policy.tokenizer import TextTokenizer
from whetstone.policy.trainer import GrpoSettings, Learner, grpo_step
from whetstone.questions import Asked, Questions
from whetstone.recipes import load_recipe
from whetstone.rollout.engine import Engine
from whetstone.rollout.types import Completion, Sampling
from whetstone.settings import Recipe
from whetstone.train import ROWS

sys.path.append(str(Path(__file__).parent))  # behind all else, since `math.py` there has taken the folder off the path
from _imitated import RECIPE, accuracy, imitated

sys.path.pop()

NAMES = ("ours", "trl")
PARTS = ("sampling", "judging", "log-probabilities", "update", "overhead")
EXPERTS = ("eager", "grouped_mm")  # "batched_mm" copies the weights for every token: ten times slower here
LEVELS = range(4)  # of the problems, evenly
WINDOWS = 3  # parts of a learning curve
SETTINGS = ("steps", "prompts", "samples", "max_tokens", "lr", "threads", "problems")
SKIPPED = 2  # steps that are not timed
CLIP = (0.2, 0.28)


class Even:
    """A controller that learns nothing: every level as often, so that both trainers are asked the same."""

    signal = 1.0

    def propose(self, rng: np.random.Generator) -> int:
        return int(rng.choice(LEVELS))

    def observe(self, level: int, accuracy: float, samples: int = 1) -> None: ...

    def metrics(self) -> dict[str, float]:
        return {"frontier": float(LEVELS[-1])}

    def state_dict(self) -> dict[str, Any]:
        return {}

    def load_state_dict(self, state: dict[str, Any]) -> None: ...


class Clock:
    """Wall and CPU seconds of every step, by part; what no part accounts for is overhead."""

    def __init__(self) -> None:
        self.steps: list[dict[str, list[float]]] = []
        self._parts: dict[str, list[float]] = {}
        self._began = [0.0, 0.0]

    @staticmethod
    def now() -> list[float]:
        return [time.perf_counter(), time.process_time()]

    def begin(self) -> None:
        """A step begins."""
        self._parts, self._began = {part: [0.0, 0.0] for part in PARTS}, self.now()

    def end(self) -> None:
        """The step is over."""
        total = np.subtract(self.now(), self._began)
        self._parts["overhead"] = (total - np.sum(list(self._parts.values()), axis=0)).tolist()
        self.steps.append(self._parts)

    @contextmanager
    def part(self, name: str) -> Iterator[None]:
        """What the block takes belongs to the part `name`."""
        began = self.now()
        yield
        self._parts[name] = np.add(self._parts[name], np.subtract(self.now(), began)).tolist()

    def time(self, owner: Any, method: str, name: str) -> None:
        """What `owner.method` takes belongs to the part `name`; parts do not call each other."""
        inner: Callable[..., Any] = getattr(owner, method)

        def timed(*args: Any, **kwargs: Any) -> Any:
            with self.part(name):
                return inner(*args, **kwargs)

        setattr(owner, method, timed)

    def means(self, skipped: int) -> dict[str, list[float]]:
        """Mean [wall, CPU] seconds of a step by part, without the first steps."""
        return {part: np.mean([step[part] for step in self.steps[skipped:]], axis=0).tolist() for part in PARTS}


class OneByOne:
    """Our curriculum, asked one question at a time as TRL asks its dataset: the same stream of problems."""

    def __init__(self, questions: Questions) -> None:
        self.questions = questions

    def propose(self, count: int) -> list[Asked]:
        return [self.questions.propose(1)[0] for _ in range(count)]

    def observe(self, questions: Sequence[Asked], answers: Sequence[Sequence[Completion]]) -> np.ndarray:
        return self.questions.observe(questions, answers)


def mixture(recipe: Recipe, seed: int) -> Mixture:
    """The recipe's tasks at the levels, all as often."""
    return Mixture({task: Even() for task in recipe.tasks}, seed, floor=1.0)


class Ours:
    """Our trainer, step by step."""

    def __init__(self, checkpoint: Path, recipe: Recipe, options: argparse.Namespace, seed: int) -> None:
        self.clock, self.rewards, self.asked = Clock(), list[float](), list[tuple]()
        self.policy, tokenizer = load_policy(checkpoint)
        self.learner = Learner(self.policy, adamw(self.policy, options.lr))
        self.engine = Engine(self.policy, tokenizer, stop=tokenizer.eos, rows=ROWS)
        self.curriculum = OneByOne(Questions(mixture(recipe, seed), "exact"))
        sampling = Sampling(max_tokens=options.max_tokens, temperature=1.0)
        self.settings = GrpoSettings(options.prompts, options.samples, sampling, loss=LossSettings(*CLIP))
        self.rng = np.random.default_rng(seed)
        for owner, method, part in (
            (self.engine, "generate", "sampling"),
            (self.curriculum, "observe", "judging"),
            (self.learner.scorer, "forward", "log-probabilities"),
            (self.learner.accelerator, "backward", "update"),
            (self.learner, "_step", "update"),
        ):
            self.clock.time(owner, method, part)

    def step(self) -> None:
        """One step of GRPO."""
        self.clock.begin()
        seed = int(self.rng.integers(1 << 62))
        found = grpo_step(self.learner, self.engine, self.curriculum, self.settings, 1.0, seed)
        self.engine.version += 1
        self.clock.end()
        self.rewards.append(found["reward"])
        self.asked += [tuple(row.key) for row in self.curriculum.questions.rows]


class Stock(TrainerCallback):
    """TRL's trainer; after each of its steps, while its clock stands still, `between` is called."""

    def __init__(
        self,
        checkpoint: Path,
        recipe: Recipe,
        options: argparse.Namespace,
        seed: int,
        experts: str,
        steps: int,
        between: Callable[[], None],
    ) -> None:
        self.clock, self.rewards, self.between = Clock(), list[float](), between
        self.asked: list[tuple] = []
        self.model = ZayaForCausalLM.from_pretrained(
            str(checkpoint), dtype=torch.float32, experts_implementation=experts
        )
        problems = Problems(mixture(recipe, seed))

        def reward(**given: Any) -> list[float | None]:
            found = problems.reward(**{name: value for name, value in given.items() if name != "prompts"})
            self.rewards.append(float(np.mean([value for value in found if value is not None])))
            self.asked += zip(given["task"], given["level"], given["seed"], strict=True)
            return found

        self.trainer = GRPOTrainer(
            model=self.model,
            args=arguments(options, steps, seed),
            processing_class=TextTokenizer.load(checkpoint).hf,
            train_dataset=problems.dataset(),
            reward_funcs=reward,
            callbacks=[self],
        )
        for owner, method, part in (
            (self.trainer, "_generate", "sampling"),
            (self.trainer, "_calculate_rewards", "judging"),
            (self.trainer, "_get_per_token_logps_and_entropies", "log-probabilities"),
            (self.trainer.accelerator, "backward", "update"),
            (self.trainer.accelerator, "clip_grad_norm_", "update"),
        ):
            self.clock.time(owner, method, part)
        self._stepping: Any = None

    def train(self) -> None:
        """All steps."""
        self.trainer.train()

    def on_train_begin(self, args: Any, state: Any, control: Any, **_: Any) -> None:
        self.clock.begin()

    def on_pre_optimizer_step(self, args: Any, state: Any, control: Any, **_: Any) -> None:
        self._stepping = self.clock.part("update")
        self._stepping.__enter__()

    def on_optimizer_step(self, args: Any, state: Any, control: Any, **_: Any) -> None:
        self._stepping.__exit__(None, None, None)

    def on_step_end(self, args: Any, state: Any, control: Any, **_: Any) -> None:
        self.clock.end()
        self.between()
        self.clock.begin()


def arguments(options: argparse.Namespace, steps: int, seed: int) -> GRPOConfig:
    """TRL's settings: ours, and what costs it least on a CPU."""
    return GRPOConfig(
        output_dir=str(options.runs / "trl"),
        seed=seed,
        max_steps=steps,
        per_device_train_batch_size=options.prompts * options.samples,
        num_generations=options.samples,
        steps_per_generation=1,
        max_completion_length=options.max_tokens,
        temperature=1.0,
        top_p=1.0,
        top_k=0,
        loss_type="dapo",
        epsilon=CLIP[0],
        epsilon_high=CLIP[1],
        beta=0.0,
        learning_rate=options.lr,
        lr_scheduler_type="constant",
        adam_beta1=0.9,
        adam_beta2=0.95,
        weight_decay=0.0,
        max_grad_norm=1.0,
        shuffle_dataset=False,
        use_cpu=True,
        bf16=False,
        gradient_checkpointing=False,
        dataloader_pin_memory=False,
        logging_strategy="no",
        save_strategy="no",
        report_to="none",
        disable_tqdm=True,
    )


# -- runs -------------------------------------------------------------------------------------------------------------


def fastest(checkpoint: Path, recipe: Recipe, options: argparse.Namespace) -> dict[str, float]:
    """CPU seconds of TRL's second step with each implementation of the experts that Transformers has."""
    found = {}
    for experts in EXPERTS:
        stock = Stock(checkpoint, recipe, options, 0, experts, 2, lambda: None)
        stock.train()
        found[experts] = float(np.sum([cpu for _, cpu in stock.clock.steps[-1].values()]))
        print(f"TRL with {experts} experts: {found[experts]:.2f} CPU s a step", flush=True)
    return found


def side_by_side(
    checkpoint: Path, recipe: Recipe, options: argparse.Namespace, seed: int, experts: str
) -> dict[str, Any]:
    """Both trainers, a step of one and then a step of the other; what they cost and what they learnt."""
    ours = Ours(checkpoint, recipe, options, seed)
    stock = Stock(checkpoint, recipe, options, seed, experts, options.steps, ours.step)
    stock.train()
    assert sorted(ours.asked) == sorted(stock.asked), "the trainers were asked different problems"
    theirs, tokenizer = load_policy(checkpoint)
    theirs.load_state_dict(stock.model.state_dict())
    result: dict[str, Any] = {"seed": seed}
    for name, side, policy in (("ours", ours, ours.policy), ("trl", stock, theirs)):
        sampler = Engine(policy, tokenizer, stop=tokenizer.eos, rows=ROWS)
        result[name] = {
            "seconds": side.clock.means(SKIPPED),
            "rewards": side.rewards,
            "accuracy": accuracy(sampler, recipe, LEVELS, options.problems)["all"],
        }
    return result


# -- what is shown ----------------------------------------------------------------------------------------------------


def total(result: dict[str, Any], name: str, kind: int) -> float:
    """Seconds of a step: wall (0) or CPU (1)."""
    return float(sum(seconds[kind] for seconds in result[name]["seconds"].values()))


def markdown(results: Sequence[dict[str, Any]], options: argparse.Namespace) -> str:
    """Where the time goes, how fast either is, and whether their curves differ."""
    rollouts = options.prompts * options.samples
    lines = ["| CPU ms a step | ours | TRL |", "|---|---:|---:|"]
    for part in PARTS:
        cells = [1000 * np.mean([r[name]["seconds"][part][1] for r in results]) for name in NAMES]
        lines.append(f"| {part} | {cells[0]:.0f} | {cells[1]:.0f} |")
    for title, kind in (("rollouts a second", 0), ("rollouts a CPU second", 1)):
        each = {name: [rollouts / total(r, name, kind) for r in results] for name in NAMES}
        ratios = np.divide(each["ours"], each["trl"])
        cells = " | ".join(f"{np.mean(x):.1f}" for x in each.values())
        lines.append(f"| **{title}** | {cells} ({ratios.min():.2f} to {ratios.max():.2f} times) |")
    lines += ["", "| mean reward in steps | ours | TRL | difference |", "|---|---:|---:|---:|"]
    windows = np.array_split(np.arange(options.steps), WINDOWS)
    spans = [
        (f"{w[0] + 1} to {w[-1] + 1}", [[float(np.mean(np.take(r[n]["rewards"], w))) for r in results] for n in NAMES])
        for w in windows
    ]
    spans.append(("held out, after", [[r[name]["accuracy"] for r in results] for name in NAMES]))
    for title, (ours, theirs) in spans:
        gap = np.subtract(ours, theirs)
        error = np.std(gap, ddof=1) / len(gap) ** 0.5 if len(gap) > 1 else 0.0
        cells = [f"{np.mean(x):.3f} ± {np.std(x):.3f}" for x in (ours, theirs)]
        lines.append(f"| {title} | {cells[0]} | {cells[1]} | {gap.mean():+.3f} ± {error:.3f} |")
    return "\n".join(lines) + "\n"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--steps", type=int, default=30)
    parser.add_argument("--seeds", type=int, nargs="+", default=[0, 1, 2])
    parser.add_argument("--prompts", type=int, default=16)
    parser.add_argument("--samples", type=int, default=8)
    parser.add_argument("--max-tokens", type=int, default=28)
    parser.add_argument("--lr", type=float, default=5e-4)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--problems", type=int, default=20, help="held-out problems of a task and level")
    parser.add_argument("--runs", type=Path, default=Path("runs"))
    parser.add_argument("--out", type=Path, default=Path("benchmarks/results/train.json"))
    options = parser.parse_args()
    torch.set_num_threads(options.threads)
    recipe = load_recipe(RECIPE)
    checkpoint = imitated(recipe, options.runs / "imitated-0", Console())
    settings = {name: getattr(options, name) for name in SETTINGS}
    before = json.loads(options.out.read_text()) if options.out.exists() else {}
    before = before if before.get("settings") == settings else {}
    choices = before.get("experts") or fastest(checkpoint, recipe, options)
    experts = min(choices, key=lambda name: choices[name])
    results = [result for result in before.get("results", []) if result["seed"] not in options.seeds]
    for seed in options.seeds:
        results.append(side_by_side(checkpoint, recipe, options, seed, experts))
        results.sort(key=lambda result: result["seed"])
        written = {
            "command": f"python benchmarks/train.py --steps {options.steps} --prompts {options.prompts} "
            f"--problems {options.problems} --seeds {' '.join(str(result['seed']) for result in results)}",
            "settings": settings,
            "versions": {"torch": torch.__version__, "transformers": transformers.__version__, "trl": trl.__version__},
            "machine": {"cores": os.cpu_count(), "processor": platform.machine()},
            "experts": choices,
            "results": results,
        }
        options.out.write_text(json.dumps(written, indent=1) + "\n")
        print(markdown(results, options), flush=True)


if __name__ == "__main__":
    main()
