"""A stock `GRPOTrainer` trains on what `whetstone export` wrote, with `whetstone.envs.trl.reward` and nothing else."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

pytest.importorskip("trl")

from datasets import Dataset, load_dataset
from transformers import Qwen2Config, Qwen2ForCausalLM
from trl.trainer.grpo_config import GRPOConfig
from trl.trainer.grpo_trainer import GRPOTrainer

from whetstone.envs.trl import exact_reward, reward
from whetstone.export import export
from whetstone.policy.tokenizer import TextTokenizer

TEMPLATE = "{% for message in messages %}{{ message['content'] }}\n{% endfor %}"


@pytest.mark.slow
def test_a_stock_trainer_takes_a_step(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, qwen: Callable[[TextTokenizer, int], Qwen2Config]
) -> None:
    monkeypatch.setenv("TRL_EXPERIMENTAL_SILENCE", "1")
    file = tmp_path / "data.parquet"
    export(["sequences/sorting", "puzzles/sudoku"], range(2), 20, "train", file)
    data = load_dataset("parquet", data_files=str(file), split="train", cache_dir=str(tmp_path / "cache"))
    assert isinstance(data, Dataset)
    tokenizer = TextTokenizer.train((row["prompt"][0]["content"] for row in data), 400)  # type: ignore[index,call-overload]
    tokenizer.hf.chat_template = TEMPLATE
    tokenizer.hf.padding_side = "left"
    model = Qwen2ForCausalLM(qwen(tokenizer, 512))
    settings = GRPOConfig(
        str(tmp_path / "run"),
        per_device_train_batch_size=4,
        num_generations=2,
        max_completion_length=6,
        max_steps=1,
        use_cpu=True,
        bf16=False,
        report_to=[],
        disable_tqdm=True,
        logging_steps=1,
    )
    trainer = GRPOTrainer(
        model=model,
        reward_funcs=[reward, exact_reward],
        args=settings,
        train_dataset=data,
        processing_class=tokenizer.hf,
    )
    trainer.train()
    logged = trainer.state.log_history[0]
    assert logged["rewards/reward/mean"] == logged["rewards/exact_reward/mean"] == 0.0  # an untrained policy
