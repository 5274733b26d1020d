"""TRL's supervised trainer on our rows: the loss is ours, and its adapter runs on our policy."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import torch

pytest.importorskip("trl")

from whetstone.integrations.trl_sft import settings, trainer
from whetstone.policy.batch import MicroBatch, Scorer
from whetstone.policy.chat import use_chat
from whetstone.policy.checkpoint import load_policy, save_policy
from whetstone.policy.config import zaya_config
from whetstone.policy.lora import LoraSettings, load_adapter
from whetstone.policy.model import ZayaPolicy, initialise
from whetstone.policy.sft import DataError, read_rows
from whetstone.policy.tokenizer import TextTokenizer

THOUGHT = {"role": "assistant", "content": "1 2", "reasoning_content": "One is least."}
DATA = [
    {"messages": [{"role": "user", "content": "2 1"}, THOUGHT]},
    *({"prompt": f"Sort: {n} 1", "completion": f"1 {n}"} for n in range(2, 5)),
]
LORA = LoraSettings(rank=2, alpha=8.0)


@pytest.fixture(scope="module")
def checkpoint(tmp_path_factory: pytest.TempPathFactory) -> Path:
    tokenizer = use_chat(TextTokenizer.train(["Sort: 3 1 2"], 270))
    sizes = {"hidden_size": 24, "layers": 2, "head_dim": 8, "experts": 4, "expert_size": 16, "router_size": 12}
    policy = initialise(ZayaPolicy(zaya_config(vocab_size=len(tokenizer), **sizes)), seed=0)
    folder = tmp_path_factory.mktemp("policy")
    save_policy(policy, tokenizer, folder)
    return folder


@pytest.mark.parametrize("loss", ["answer", "full"])
def test_the_first_loss_is_ours_and_its_adapter_runs_on_our_policy(loss, checkpoint: Path, tmp_path: Path):
    changes = {"max_steps": 6, "per_device_train_batch_size": 4, "learning_rate": 0.05, "logging_steps": 1}
    built: Any = trainer(checkpoint, DATA, settings(tmp_path, disable_tqdm=True, **changes), LORA, loss)
    built.train()
    found = [entry["loss"] for entry in built.state.log_history if "loss" in entry]
    policy, tokenizer = load_policy(checkpoint)
    rows = read_rows(DATA, tokenizer, loss)
    scorer = Scorer(policy)

    @torch.no_grad()
    def ours() -> float:
        return -float(torch.cat([scorer(MicroBatch.of([row]))[0] for row in rows]).mean())

    assert found[0] == pytest.approx(ours(), abs=1e-4)
    assert found[-1] < 0.9 * found[0]
    built.save_model()
    load_adapter(policy, tmp_path)
    with torch.no_grad():
        batch = built.data_collator([dict(row) for row in built.train_dataset])
        labels, inputs = batch["labels"], {name: batch[name] for name in ("input_ids", "attention_mask")}
        logits = built.model.eval()(**inputs).logits
    theirs = float(torch.nn.functional.cross_entropy(logits[:, :-1].flatten(0, 1), labels[:, 1:].flatten()))
    assert ours() == pytest.approx(theirs, abs=1e-4)


def test_bad_examples_are_named(checkpoint: Path, tmp_path: Path):
    with pytest.raises(DataError, match="example 4: expected the columns"):
        trainer(checkpoint, [*DATA, {"text": "x"}], settings(tmp_path))


@pytest.mark.parametrize("name", ["packing", "padding_free", "eval_packing", "router_aux_loss_coef"])
def test_what_would_train_zaya_wrongly_is_refused(name: str, tmp_path: Path):
    with pytest.raises(ValueError, match=f"{name}: .*use policy.sft"):
        settings(tmp_path, **{name: True})
