"""Programming in several turns in TRL's `GRPOTrainer` (trl 1.16): the policy submits, is told what failed, tries again.

    data = Dataset.from_list(rows(levels=range(3), n=1000))
    GRPOTrainer(model, environment_factory=Debugging, train_dataset=data, args=GRPOConfig(...)).train()

The model needs a chat template with tools that TRL knows (Qwen3's, for one); `python -m whetstone.integrations.trl_code
--model Qwen/Qwen3-0.6B` runs the example. The environment owns the reward, so no `reward_funcs` are needed. Programs
run in the sandbox of `whetstone.envs.code`, one a process.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from whetstone.envs.code import trl as questions
from whetstone.envs.code.gym import DebugEnv
from whetstone.envs.code.judge import JudgeError
from whetstone.envs.core import Split

TURNS = 3
ASK = "\nYou have {turns} attempts: send each by calling `submit`, which says what failed first."


def rows(
    levels: Iterable[int], n: int, seed: int = 0, *, split: Split = "train", turns: int = TURNS
) -> list[dict[str, Any]]:
    """`n` problems as a data set: prompt (a conversation), and level, seed, split and turns, which `reset` is given."""
    found = questions.rows(levels, n, seed, split=split, tasks=["code/write"])
    asked = [row["prompt"][-1]["content"] + ASK.format(turns=turns) for row in found]
    keys = [{name: row[name] for name in ("level", "seed", "split")} for row in found]
    return [
        {"prompt": [{"role": "user", "content": text}], **key, "turns": turns}
        for text, key in zip(asked, keys, strict=True)
    ]


class Debugging:
    """One episode at a time of `whetstone/code.debug-v0`. TRL makes as many as it has samples, and uses them again.

    Its public methods are the policy's tools, and their docstrings are what the policy reads.
    """

    def __init__(self) -> None:
        self._env = DebugEnv()
        self._over = self._failed = False
        self._reward = 0.0

    def reset(self, level: int, seed: int, split: Split, turns: int = TURNS, **_: Any) -> None:
        """Begin with the problem of a row; its prompt says all that there is to say."""
        self._env = DebugEnv(level, split, turns)
        self._env.reset(seed=seed)
        self._over = self._failed = False
        self._reward = 0.0

    def submit(self, program: str) -> str:
        """Run a whole program on the problem's tests.

        Args:
            program: The source code in Python.

        Returns:
            What failed first, or that the program is right.
        """
        if self._over:
            return "There are no attempts left."
        try:
            told, self._reward, right, out_of_turns, _ = self._env.step(f"```python\n{program}\n```")
        except JudgeError:
            self._over = self._failed = True  # no verdict: no fault of the policy's
            return "The judge failed. Stop here."
        self._over = right or out_of_turns
        return told

    def get_reward(self) -> float | None:
        """1 if an attempt was right, else 0; None, which TRL leaves out, if there was no verdict."""
        return None if self._failed else self._reward


def main() -> None:
    """The example of the module's docstring."""
    from datasets import Dataset
    from trl.trainer.grpo_config import GRPOConfig
    from trl.trainer.grpo_trainer import GRPOTrainer

    parser = argparse.ArgumentParser(prog="python -m whetstone.integrations.trl_code", description="GRPO on debugging.")
    parser.add_argument("--model", default="Qwen/Qwen3-0.6B", help="a model whose chat template has tools")
    parser.add_argument("--steps", type=int, default=100)
    parser.add_argument("--out", type=Path, default=Path("runs/trl-code"), help="where the trained model is written")
    given = parser.parse_args()
    settings = GRPOConfig(
        str(given.out),
        max_steps=given.steps,
        num_generations=8,
        per_device_train_batch_size=8,
        max_completion_length=4096,
        max_tool_calling_iterations=TURNS,
        report_to="none",
    )
    data = Dataset.from_list(rows(levels=range(3), n=8 * given.steps))
    trainer = GRPOTrainer(given.model, environment_factory=Debugging, train_dataset=data, args=settings)
    trainer.train()
    trainer.save_model()
    print(f"Trained. The policy is in {given.out}")


if __name__ == "__main__":
    main()
