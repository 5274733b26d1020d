"""Our supervised data in TRL's `SFTTrainer` (trl 1.16), with LoRA by PEFT: for GPUs, where its trainer is enough.

    built = trainer(checkpoint, data, settings(out, max_steps=100, bf16=True), lora=LoraSettings())
    built.train()
    built.save_model()

Rows are tokenized by `policy.sft`, so that both trainers learn the same tokens and bad examples are named alike; a LoRA
adapter that TRL saved loads with `policy.lora.load_adapter`. What TRL cannot do with Zaya is in `policy.trainer`:
packing (Transformers' convolutions run across the border of two packed sequences), balanced routing, Muon.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any

import torch
from datasets import Dataset
from peft import LoraConfig
from transformers import AutoModelForCausalLM
from trl.trainer.sft_config import SFTConfig
from trl.trainer.sft_trainer import SFTTrainer

from whetstone.policy.checkpoint import read_tokenizer
from whetstone.policy.lora import LoraSettings, lora_config
from whetstone.policy.sft import LossOn, read_rows

LEAKING = ("packing", "padding_free", "eval_packing")


def settings(out: Path, **changes: Any) -> SFTConfig:
    """TRL's settings for Zaya: nothing packed, no load-balancing loss (it has a class too few); fp32 on a CPU.

    Raises `ValueError` for changes that would train Zaya wrongly.
    """
    leaking = [name for name in LEAKING if changes.get(name)]
    if leaking:
        raise ValueError(
            f"{leaking[0]}: Transformers' Zaya leaks across packed sequences; leave it out or use policy.sft"
        )
    if changes.get("router_aux_loss_coef"):
        raise ValueError(
            "router_aux_loss_coef: TRL's loss does not know Zaya's skip class; use policy.sft, which balances"
        )
    cpu = not torch.cuda.is_available()
    ours: dict[str, Any] = {
        "use_cpu": cpu,
        "bf16": not cpu,
        "gradient_checkpointing": not cpu,
        "dataloader_pin_memory": not cpu,
        "router_aux_loss_coef": 0.0,
        "max_length": None,  # rows are whole: cutting one would cut off its answer
        "save_strategy": "no",
        "report_to": "none",
    }
    return SFTConfig(output_dir=str(out), **(ours | changes))


def trainer(
    checkpoint: Path,
    data: Iterable[Any],
    settings: SFTConfig,
    lora: LoraSettings | None = None,
    loss: LossOn = "answer",
    longest: int | None = None,
) -> SFTTrainer:
    """A trainer of the model in `checkpoint` on `data` (columns as in `policy.sft`), all of it or a LoRA adapter.

    Raises `policy.sft.DataError` for bad examples and `policy.weights.CheckpointError` for a bad checkpoint.
    """
    tokenizer = read_tokenizer(checkpoint)
    rows = [(list(row.prompt), list(row.completion)) for row in read_rows(data, tokenizer, loss, longest)]
    dataset = Dataset.from_dict(
        {
            "input_ids": [prompt + completion for prompt, completion in rows],
            "labels": [[-100] * len(prompt) + completion for prompt, completion in rows],
        }
    )
    config: LoraConfig | None = None
    if lora is not None:
        config = lora_config(lora)
        config.task_type = "CAUSAL_LM"
    model = AutoModelForCausalLM.from_pretrained(str(checkpoint))
    return SFTTrainer(
        model=model, args=settings, processing_class=tokenizer.hf, train_dataset=dataset, peft_config=config
    )
