"""Our tasks, rewards, curriculum and, if wanted, our sampler in TRL's `GRPOTrainer` (trl 1.16).

    python -m whetstone.integrations.trl --steps 4

trains a fresh tiny policy for four steps; `--checkpoint` takes a folder that `policy.checkpoint.save_policy` wrote, and
`Problems` serves any causal language model. What TRL cannot express (refilled groups, rows that vary in number,
replayed routes) is in `policy.trainer`; docs/decisions.md says why there are two.
"""

from __future__ import annotations

import argparse
import tempfile
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from itertools import groupby
from pathlib import Path
from typing import Any, Literal

import numpy as np
import torch
from accelerate.utils import gather_object
from datasets import IterableDataset
from transformers import PreTrainedModel, ZayaConfig, ZayaForCausalLM
from trl.trainer.grpo_config import GRPOConfig
from trl.trainer.grpo_trainer import GRPOTrainer

from whetstone.curriculum.difficulty import Learnability, LearnabilitySettings
from whetstone.curriculum.mixture import Mixture
from whetstone.envs import from_json
from whetstone.evaluate import Key, judge
from whetstone.policy.checkpoint import save_policy
from whetstone.policy.model import ZayaPolicy
from whetstone.policy.tokenizer import BOS, TextTokenizer
from whetstone.questions import Questions
from whetstone.recipes import parse_recipe
from whetstone.rollout.engine import Engine
from whetstone.rollout.types import Completion, Request, Sampling
from whetstone.train import fresh_policy, train_tokenizer


def as_trained(prompt: str) -> str:
    """A prompt as `policy.tokenizer.TextTokenizer.encode` writes it; for policies of ours."""
    return f"{BOS}{prompt}\n"


def as_chat(prompt: str) -> list[dict[str, str]]:
    """A prompt as a user's message; for models with a chat template."""
    return [{"role": "user", "content": prompt}]


class Problems:
    """An endless dataset that a mixture draws, and the reward function that tells the mixture how the answers fared.

    `ask` turns a task's prompt into what TRL is given. The dataset's columns are prompt, task, level, seed and problem
    (its JSON, from which alone the reward function grades). TRL draws a batch before it has judged the last one, so
    the mixture lags by one batch.
    """

    def __init__(
        self, mixture: Mixture, ask: Callable[[str], Any] = as_trained, reward: Literal["exact", "score"] = "exact"
    ) -> None:
        self.mixture, self.ask, self.exact = mixture, ask, reward == "exact"
        self.questions = Questions(mixture, reward)

    def dataset(self) -> IterableDataset:
        """What to give as `train_dataset`; every process iterates an equal copy of it."""
        return IterableDataset.from_generator(self._records)

    def _records(self) -> Iterator[dict[str, Any]]:
        while True:
            for asked in self.questions.propose(1):
                yield {"prompt": self.ask(asked.prompt), **asked.key._asdict(), "problem": asked.problem.to_json()}

    def reward(
        self,
        completions: Sequence[Any],
        problem: Sequence[str],
        task: Sequence[str],
        level: Sequence[int],
        seed: Sequence[int],
        **_: Any,
    ) -> list[float | None]:
        """The reward of each completion; None, which TRL leaves out of the batch, where the task's judge crashed."""
        answers = [Completion(_text(completion), (), (), "stop") for completion in completions]
        keys = map(Key, task, level, seed)
        rows = [judge(k, from_json(p), answer) for k, p, answer in zip(keys, problem, answers, strict=True)]
        self._observe([((r.task, r.level, r.seed), r.correct) for r in rows if r.score is not None])
        return [float(row.correct) if self.exact and row.score is not None else row.score for row in rows]

    def _observe(self, judged: list[tuple[tuple[str, int, int], bool]]) -> None:
        """Every process hears of all answers, in one order: their mixtures go on drawing the same problems."""
        groups: dict[tuple[str, int, int], list[bool]] = defaultdict(list)
        for key, correct in gather_object(judged):
            groups[key].append(correct)
        for (task, level, _), correct in groups.items():
            self.mixture.observe(task, level, float(np.mean(correct)))


def _text(completion: Any) -> str:
    return completion if isinstance(completion, str) else completion[-1]["content"]


class Rollouts:
    """TRL's `rollout_func` over our sampler, for a trainer whose model is a `ZayaForCausalLM`.

    Before each call the trainer's weights are copied (parameters have the same names), so sampling is on-policy. The
    model must be whole in every process: one process or DDP, not FSDP.
    """

    def __init__(
        self, config: ZayaConfig, tokenizer: TextTokenizer, sampling: Sampling, seed: int = 0, rows: int = 256
    ) -> None:
        self.policy, self.sampling, self.seed = ZayaPolicy(config), sampling, seed
        self.engine = Engine(self.policy, _AsWritten(tokenizer.hf), stop=tokenizer.eos, rows=rows)

    def __call__(self, prompts: list[str], trainer: GRPOTrainer) -> dict[str, list]:
        accelerator = trainer.accelerator
        self.policy.to(accelerator.device).load_state_dict(accelerator.unwrap_model(trainer.model).state_dict())
        runs = [(prompt, len(list(same))) for prompt, same in groupby(prompts)]
        rng = np.random.default_rng((self.seed, trainer.state.global_step, accelerator.process_index))
        seeds = rng.integers(1 << 62, size=len(runs)).tolist()
        requests = [Request(prompt, self.sampling, n, seed) for (prompt, n), seed in zip(runs, seeds, strict=True)]
        done = [answer for answers in self.engine.generate(requests) for answer in answers]
        return {
            "prompt_ids": [list(answer.prompt_tokens) for answer in done],
            "completion_ids": [list(answer.tokens) for answer in done],
            "logprobs": [list(answer.logprobs) for answer in done],
        }


class _AsWritten(TextTokenizer):
    """The tokenizer as TRL uses it: nothing is added to a prompt."""

    def encode(self, text: str) -> list[int]:
        return self.hf.encode(text, add_special_tokens=False)


class Trainer(GRPOTrainer):
    """`GRPOTrainer` that uses the sampler's log-probabilities and spends nothing on rows without an advantage.

    TRL records a `rollout_func`'s log-probabilities but leaves them out of the ratio. Rows without an advantage have
    no gradient (but for an entropy bonus) under a loss that divides by `num_items_in_batch`, which stays that of the
    whole batch; under other losses, or with several steps a generation, they are kept.
    """

    args: GRPOConfig
    model: PreTrainedModel

    def _generate_and_score_completions(self, inputs: list[dict[str, Any]]) -> dict[str, Any]:
        out = super()._generate_and_score_completions(inputs)
        if "sampling_per_token_logps" in out:
            out["old_per_token_logps"] = out["sampling_per_token_logps"]
        if self.model.training and self.args.steps_per_generation == 1 and self.loss_type in ("dapo", "cispo"):
            keep_B = out["advantages"] != 0
            keep_B[0] = True  # a batch needs a row
            out = {name: x[keep_B] if torch.is_tensor(x) and x.dim() else x for name, x in out.items()}
        return out


def arguments(folder: Path, *, steps: int, prompts: int, samples: int, max_tokens: int, lr: float) -> GRPOConfig:
    """TRL's settings for an endless dataset whose problems follow the policy; on a CPU, fp32 without checkpointing."""
    cpu = not torch.cuda.is_available()
    return GRPOConfig(
        output_dir=str(folder),
        max_steps=steps,
        per_device_train_batch_size=prompts * samples,
        num_generations=samples,
        max_completion_length=max_tokens,
        steps_per_generation=1,
        learning_rate=lr,
        loss_type="dapo",
        epsilon_high=0.28,
        entropy_coef=0.01,
        shuffle_dataset=False,  # its buffer would draw a thousand problems ahead of the curriculum
        ignore_data_skip=True,  # the generator cannot be rewound
        use_cpu=cpu,
        bf16=not cpu,
        gradient_checkpointing=False,
        dataloader_pin_memory=not cpu,
        logging_steps=1,
        save_strategy="no",
        report_to="none",
    )


def build(
    checkpoint: Path,
    mixture: Mixture,
    settings: GRPOConfig,
    reward: Literal["exact", "score"] = "exact",
    own_sampler: bool = True,
) -> Trainer:
    """A trainer for the policy in `checkpoint` on the problems of `mixture`."""
    model = ZayaForCausalLM.from_pretrained(str(checkpoint))
    tokenizer = TextTokenizer.load(checkpoint)
    sampling = Sampling(settings.max_completion_length or 256, settings.temperature)
    problems = Problems(mixture, reward=reward)
    return Trainer(
        model=model,
        args=settings,
        processing_class=tokenizer.hf,
        train_dataset=problems.dataset(),
        reward_funcs=problems.reward,
        rollout_func=Rollouts(model.config, tokenizer, sampling, settings.seed) if own_sampler else None,
    )


EXAMPLE = """
name = "trl"
tasks = ["sequences/sorting", "strings/minimal_cyclic_shift"]
stages = [{kind = "grpo", name = "grpo", steps = 4}]
[model]
hidden_size = 32
layers = 2
head_dim = 16
"""


def main() -> None:
    """The example of the module's docstring."""
    parser = argparse.ArgumentParser(prog="python -m whetstone.integrations.trl", description="GRPO by TRL on tasks.")
    parser.add_argument("--checkpoint", type=Path, help="a checkpoint's folder; a fresh tiny policy unless given")
    parser.add_argument("--steps", type=int, default=4)
    parser.add_argument("--out", type=Path, default=Path("runs/trl"), help="where the trained model is written")
    given = parser.parse_args()
    recipe = parse_recipe(EXAMPLE)
    with tempfile.TemporaryDirectory() as folder:
        if given.checkpoint is None:
            tokenizer = train_tokenizer(recipe)
            save_policy(fresh_policy(recipe, tokenizer), tokenizer, Path(folder))
        settings = arguments(given.out, steps=given.steps, prompts=8, samples=8, max_tokens=16, lr=3e-4)
        mixture = Mixture({task: Learnability(LearnabilitySettings()) for task in recipe.tasks}, recipe.seed)
        trainer = build(given.checkpoint or Path(folder), mixture, settings, "score")
        trainer.train()
        trainer.save_model()
    print(f"Trained. The policy is in {given.out}")


if __name__ == "__main__":
    main()
