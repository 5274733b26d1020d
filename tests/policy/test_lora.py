"""LoRA: nothing changes before training, only adapters are trained, and Transformers with PEFT computes the same."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
import torch
from peft import PeftModel
from safetensors.torch import load_file, save_file
from torch import Tensor
from transformers import AutoModelForCausalLM

from whetstone.policy.batch import Row
from whetstone.policy.checkpoint import load_policy, save_policy
from whetstone.policy.lora import ATTENTION, LoraSettings, attach, load_adapter, merge, save_adapter
from whetstone.policy.model import ZayaPolicy
from whetstone.policy.optimizer import adamw
from whetstone.policy.tokenizer import TextTokenizer
from whetstone.policy.trainer import Learner, sft_step
from whetstone.policy.weights import CheckpointError

ROUTER = ("gate.down_proj", "fc1", "fc2", "out_proj")
SETTINGS = {
    "attention": LoraSettings(rank=3, alpha=6.0),
    "router": LoraSettings(rank=2, alpha=6.0, layers=(*ATTENTION, *ROUTER)),
    "experts": LoraSettings(rank=2, alpha=6.0, experts=True),
}
TOKENS = torch.arange(3, 33) % 37 + 3


@pytest.fixture(scope="module")
def tokenizer() -> TextTokenizer:
    return TextTokenizer.train(["Sort: 3 1 2"], 270)


@pytest.fixture
def policy(make_policy, tokenizer: TextTokenizer) -> ZayaPolicy:
    policy = make_policy(3, vocab_size=len(tokenizer))
    for router in policy.routers:
        router.balancing_biases[-1] = -1.0  # Transformers 5.19 puts it back there when it loads
    return policy


@torch.no_grad()
def logits(policy: ZayaPolicy) -> Tensor:
    return policy.logits(policy(TOKENS, policy.packed([len(TOKENS)]))[0])


def train(policy: ZayaPolicy, steps: int = 8) -> list[float]:
    rng = np.random.default_rng(0)
    rows = [Row(rng.integers(3, 40, 4).tolist(), rng.integers(3, 40, 6).tolist()) for _ in range(4)]
    learner = Learner(policy, adamw(policy, 2e-2))
    return [sft_step(learner, rows, 1.0)["loss"] for _ in range(steps)]


@pytest.mark.parametrize("which", SETTINGS)
def test_a_fresh_adapter_changes_nothing_and_only_it_is_trained(which: str, policy: ZayaPolicy):
    before, exact = {name: x.clone() for name, x in policy.state_dict().items()}, logits(policy)
    model = attach(policy, SETTINGS[which])
    assert model.base_model.model is policy
    torch.testing.assert_close(logits(policy), exact, atol=0, rtol=0)
    losses = train(policy)
    assert losses[-1] < 0.9 * losses[0]
    trained = {name: x for name, x in policy.named_parameters() if x.requires_grad}
    assert trained
    assert all("lora_" in name for name in trained)
    assert all(
        float(x.detach().abs().max()) > 0 for name, x in trained.items() if "lora_B" in name
    )  # each had a gradient
    for name, x in policy.state_dict().items():
        if "lora_" not in name:
            assert torch.equal(x, before[name.replace("base_layer.", "")]), name


@pytest.mark.parametrize("which", SETTINGS)
def test_transformers_with_peft_computes_the_same(
    which: str, policy: ZayaPolicy, tokenizer: TextTokenizer, tmp_path: Path
):
    save_policy(policy, tokenizer, tmp_path / "base")
    model = attach(policy, SETTINGS[which])
    untrained = logits(policy)
    train(policy)
    save_adapter(model, tmp_path / "adapter", base=str(tmp_path / "base"))
    written = json.loads((tmp_path / "adapter" / "adapter_config.json").read_text())
    assert (written["task_type"], written["base_model_name_or_path"]) == ("CAUSAL_LM", str(tmp_path / "base"))
    assert sorted(file.name for file in (tmp_path / "adapter").iterdir()) == [
        "README.md",
        "adapter_config.json",
        "adapter_model.safetensors",
    ]
    base = AutoModelForCausalLM.from_pretrained(str(tmp_path / "base")).eval()
    theirs = PeftModel.from_pretrained(base, str(tmp_path / "adapter")).eval()
    with torch.no_grad():
        found = theirs(input_ids=TOKENS[None]).logits[0]
    assert float((found - untrained).abs().max()) > 0.1
    torch.testing.assert_close(found, logits(policy), atol=2e-5, rtol=0)


@pytest.mark.parametrize("which", SETTINGS)
def test_it_comes_back_and_merges(which: str, policy: ZayaPolicy, tokenizer: TextTokenizer, tmp_path: Path):
    save_policy(policy, tokenizer, tmp_path / "base")
    model = attach(policy, SETTINGS[which])
    train(policy)
    save_adapter(model, tmp_path / "adapter")
    expected = logits(policy)
    again, _ = load_policy(tmp_path / "base")
    loaded = load_adapter(again, tmp_path / "adapter")
    torch.testing.assert_close(logits(again), expected, atol=0, rtol=0)
    assert not any(x.requires_grad for x in again.parameters())
    names = load_policy(tmp_path / "base")[0].state_dict().keys()
    merged = merge(loaded)
    assert merged.state_dict().keys() == names
    assert all(x.requires_grad for x in merged.parameters())
    torch.testing.assert_close(logits(merged), expected, atol=1e-5, rtol=0)
    save_policy(merged, tokenizer, tmp_path / "merged")
    torch.testing.assert_close(logits(load_policy(tmp_path / "merged")[0]), expected, atol=1e-5, rtol=0)


def test_training_goes_on_from_a_saved_adapter(policy: ZayaPolicy, tokenizer: TextTokenizer, tmp_path: Path):
    save_policy(policy, tokenizer, tmp_path / "base")
    model = attach(policy, SETTINGS["attention"])
    first = train(policy)
    save_adapter(model, tmp_path / "adapter")
    again, _ = load_policy(tmp_path / "base")
    load_adapter(again, tmp_path / "adapter", trainable=True)
    assert train(again, 1)[0] < first[-1]


def test_switched_off_it_is_the_policy_of_before(policy: ZayaPolicy):
    before = logits(policy)
    model = attach(policy, SETTINGS["experts"])
    train(policy)
    after = logits(policy)
    with model.disable_adapter():
        torch.testing.assert_close(logits(policy), before, atol=0, rtol=0)
    torch.testing.assert_close(logits(policy), after, atol=0, rtol=0)


def test_equal_seeds_give_equal_adapters_and_no_random_state_moves(make_policy):
    first, second, other = make_policy(), make_policy(), make_policy()
    state = torch.get_rng_state()
    for policy, seed in ((first, 1), (second, 1), (other, 2)):
        attach(policy, SETTINGS["attention"], seed)
    name = "model.layers.0.self_attn.o_proj.lora_A.default.weight"
    assert torch.equal(first.state_dict()[name], second.state_dict()[name])
    assert not torch.equal(first.state_dict()[name], other.state_dict()[name])
    assert torch.equal(torch.get_rng_state(), state)


def test_in_bf16_the_effective_weight_keeps_its_dtype(policy: ZayaPolicy):
    attach(policy.bfloat16(), SETTINGS["attention"])
    train(policy, 2)
    assert policy.model.layers[0].self_attn.qkv_proj.q_proj.weight.dtype == torch.bfloat16  # type: ignore[union-attr]


def test_what_does_not_fit_is_named_and_changes_nothing(policy: ZayaPolicy, make_policy, tmp_path: Path):
    with pytest.raises(ValueError, match="no_such_layer"):
        attach(make_policy(), LoraSettings(layers=("no_such_layer",)))
    save_adapter(attach(policy, SETTINGS["attention"]), tmp_path)
    file, tensor = (
        tmp_path / "adapter_model.safetensors",
        "base_model.model.model.layers.1.self_attn.o_proj.lora_A.weight",
    )
    tensors = load_file(file)

    def refused(policy: ZayaPolicy) -> str:
        names = list(policy.state_dict())
        with pytest.raises(CheckpointError) as error:
            load_adapter(policy, tmp_path)
        assert list(policy.state_dict()) == names
        assert all(parameter.requires_grad for parameter in policy.parameters())
        return str(error.value)

    other = make_policy(3)
    assert f"{file}: " in (found := refused(make_policy(3, hidden_size=32)))
    assert "o_proj.lora_B.weight has shape (24, 3), expected (32, 3)" in found
    save_file({name: x for name, x in tensors.items() if name != tensor}, file)
    assert f"{file}: 1 tensors are missing, the first is {tensor}" in refused(other)
    save_file(tensors | {"base_model.model.more": torch.zeros(1)}, file)
    assert f"{file} has the tensor base_model.model.more" in refused(other)
    save_file(tensors, file)
    file.write_bytes(file.read_bytes()[:-1])
    assert f"{file} is damaged or cut off: " in refused(other)
    file.unlink()
    assert f"{tmp_path} holds no adapter_model.safetensors" in refused(other)
    (tmp_path / "adapter_config.json").unlink()
    assert f"{tmp_path} holds no adapter_config.json" in refused(other)
