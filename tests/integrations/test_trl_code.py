"""Programming in several turns under TRL: its trainer calls our environment as a tool and takes its reward."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("trl")

from datasets import Dataset
from transformers import Qwen2Config, Qwen2ForCausalLM
from trl import chat_template_utils
from trl.trainer.grpo_config import GRPOConfig
from trl.trainer.grpo_trainer import GRPOTrainer

from whetstone.envs import load
from whetstone.envs.code.gym import DebugEnv
from whetstone.envs.code.judge import JudgeError
from whetstone.integrations.trl_code import Debugging, rows
from whetstone.policy.tokenizer import TextTokenizer

WRONG = "print()"


def right(row: dict[str, Any]) -> str:
    """The reference program of a row's problem, without its fence."""
    target = load("code/write").draw(row["level"], row["seed"], row["split"]).target
    return target.partition("```python\n")[2].partition("```")[0]


def test_rows_are_the_problems_that_the_environment_asks() -> None:
    for row in rows(range(2), 4, turns=2):
        problem = load("code/write").draw(row["level"], row["seed"], "train")
        assert row["prompt"][0]["content"].startswith(problem.prompt)
        assert "You have 2 attempts" in row["prompt"][0]["content"]


@pytest.mark.slow
def test_an_episode_by_its_tool() -> None:
    (row,) = rows([0], 1)
    env = Debugging()
    assert env.reset(**row) is None and env.get_reward() == 0.0
    told = env.submit(WRONG)
    assert "Attempt 1" in told and "Attempts left: 2" in told and env.get_reward() == 0.0
    env.submit(right(row))
    assert env.get_reward() == 1.0
    assert env.submit(WRONG) == "There are no attempts left." and env.get_reward() == 1.0
    env.reset(**row)
    for _ in range(4):
        env.submit(WRONG)
    assert env.get_reward() == 0.0


def test_no_verdict_is_no_reward(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object) -> None:
        raise JudgeError("lost")

    (row,) = rows([0], 1)
    env = Debugging()
    env.reset(**row)
    monkeypatch.setattr(DebugEnv, "step", fail)
    assert "judge failed" in env.submit(WRONG) and env.get_reward() is None
    monkeypatch.undo()
    env.reset(**row)
    assert env.get_reward() == 0.0


@pytest.mark.slow
def test_the_trainer_runs_the_programs_and_learns_from_the_verdicts(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, qwen: Callable[[TextTokenizer, int], Qwen2Config]
) -> None:
    """A tiny model takes a step; what it says is given, since it would never write a tool call itself."""
    monkeypatch.setenv("TRL_EXPERIMENTAL_SILENCE", "1")
    (row,) = rows([0], 1)
    tokenizer = TextTokenizer.train([row["prompt"][0]["content"]], 400)
    tokenizer.hf.chat_template = chat_template_utils.qwen3_chat_template
    tokenizer.hf.padding_side = "left"
    model = Qwen2ForCausalLM(qwen(tokenizer, 4096))
    settings = GRPOConfig(
        str(tmp_path),
        per_device_train_batch_size=2,
        num_generations=2,
        max_completion_length=3000,
        max_steps=1,
        max_tool_calling_iterations=2,
        use_cpu=True,
        bf16=False,
        report_to=[],
        disable_tqdm=True,
        logging_steps=1,
    )
    trainer: Any = GRPOTrainer(
        model,
        args=settings,
        train_dataset=Dataset.from_list([row]),
        processing_class=tokenizer.hf,
        environment_factory=Debugging,
    )
    calls = [{"name": "submit", "arguments": {"program": program}} for program in (right(row), WRONG)]
    said = [[f"<tool_call>\n{json.dumps(call)}\n</tool_call>" for call in calls], ["Done.", "Given up."]]

    def spoken(prompt_ids: list[list[int]], *_: object, **__: object) -> tuple[list[list[int]], None]:
        return [tokenizer.hf.encode(f"{text}<|im_end|>") for text in said.pop(0)], None

    monkeypatch.setattr(trainer, "_generate_single_turn", spoken)
    trainer.train()
    logged = trainer.state.log_history[0]
    assert said == [] and logged["tools/call_frequency"] == 1.0 and logged["tools/failure_frequency"] == 0.0
    assert logged["rewards/Debugging/mean"] == 0.5
    assert trainer.environments[0].get_reward() == 1.0 and trainer.environments[1].get_reward() == 0.0
