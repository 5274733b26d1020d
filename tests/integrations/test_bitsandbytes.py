"""Linear layers in 4 bits by the package bitsandbytes itself; run by `.ci/peers`, in an environment of its own.

On the GPU where there is one, else on the CPU: the same weights, the same checks.
"""

# pyright: reportMissingImports=false
# bitsandbytes is installed in an environment of its own, see .ci/peers.

from __future__ import annotations

from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
import torch
from tokenizers import Tokenizer, models, pre_tokenizers
from torch import Tensor, nn
from transformers import LlamaConfig, LlamaForCausalLM, PreTrainedTokenizerFast
from typer.testing import CliRunner

from whetstone.cli import app
from whetstone.huggingface import HuggingFace, four_bits
from whetstone.rollout.types import Request, Sampling

pytestmark = pytest.mark.bitsandbytes
WORDS = ["<pad>", "<eos>", *"abcdefghij"]
BLOCK, BLOCKS = 64, 256  # weights with a scale of one byte; scales with a scale of four bytes (QLoRA, section 3)
CHAT = "{% for message in messages %}{{ message['content'] }} {% endfor %}"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("model")
    words = Tokenizer(models.WordLevel({word: i for i, word in enumerate(WORDS)}, unk_token="<pad>"))
    words.pre_tokenizer = pre_tokenizers.WhitespaceSplit()  # type: ignore[assignment]
    tokenizer = PreTrainedTokenizerFast(tokenizer_object=words, pad_token="<pad>", eos_token="<eos>")
    tokenizer.chat_template = CHAT
    tokenizer.save_pretrained(folder)
    torch.manual_seed(0)
    config = LlamaConfig(
        vocab_size=len(WORDS), hidden_size=256, intermediate_size=256, num_hidden_layers=2, num_attention_heads=4,
        num_key_value_heads=4, max_position_embeddings=1024, eos_token_id=1, pad_token_id=0, bos_token_id=None,
        initializer_range=0.2,
    )  # fmt: skip
    LlamaForCausalLM(config).save_pretrained(folder)
    return folder


def linear(model: Any) -> dict[str, Any]:
    """The linear layers of the decoder, by their names."""
    return {name: each for name, each in model.model.named_modules() if isinstance(each, nn.Linear)}


def widened(weight: Any) -> Tensor:
    """The matrix that a quantized weight stands for."""
    from bitsandbytes.functional import dequantize_4bit

    return dequantize_4bit(weight.data, weight.quant_state).float().cpu()


def test_a_weight_takes_four_bits_and_an_eighth(folder: Path) -> None:
    from bitsandbytes.nn import Linear4bit

    whole, held = HuggingFace(str(folder)), HuggingFace(str(folder), quantize=True)
    layers = linear(held.model)
    assert len(layers) == 14 and all(isinstance(layer, Linear4bit) for layer in layers.values())
    assert type(held.model.lm_head) is nn.Linear  # what is no linear layer of the decoder stays
    for layer in layers.values():
        weight = layer.weight
        state, number = weight.quant_state, 256 * 256
        assert (state.quant_type, state.blocksize, state.state2.blocksize) == ("nf4", BLOCK, BLOCKS)
        parts = weight.nbytes, state.absmax.nbytes, state.state2.absmax.nbytes
        assert parts == (number // 2, number // BLOCK, 4 * number // BLOCK // BLOCKS)
        assert 8 * sum(parts) / number == pytest.approx(4.127, abs=1e-3)
    saved = whole.model.get_memory_footprint() - held.model.get_memory_footprint()
    assert saved == 14 * 256 * 256 * 3.5  # fp32 before: three and a half bytes a weight


def test_each_weight_is_the_nearest_of_sixteen(folder: Path) -> None:
    """NF4's values (QLoRA, appendix E) times the block's scale, which is itself held in 8 bits, to a twentieth."""
    whole, held = HuggingFace(str(folder), device="cpu"), HuggingFace(str(folder), quantize=True)
    name = "layers.0.mlp.up_proj"
    true_NB = linear(whole.model)[name].weight.detach().float().view(-1, BLOCK)
    held_NB = widened(linear(held.model)[name].weight).view(-1, BLOCK)
    scale_N1 = held_NB.abs().amax(dim=1, keepdim=True)
    assert torch.allclose(scale_N1, true_NB.abs().amax(dim=1, keepdim=True), rtol=0.05)
    values = sorted((held_NB / scale_N1).mul(1e3).round().div(1e3).unique().tolist())
    assert len(values) == 16 and (values[0], values[7], values[-1]) == (-1.0, 0.0, 1.0)
    widest = max(b - a for a, b in pairwise(values))
    assert ((true_NB - held_NB).abs() <= (widest / 2 + 0.05) * scale_N1).all()


def test_it_says_what_the_widened_model_says(folder: Path) -> None:
    """Sampling from the 4-bit weights is sampling from the matrices that they stand for, up to products in bf16."""
    whole, held = HuggingFace(str(folder)), HuggingFace(str(folder), quantize=True)
    asked = [Request("a b c", Sampling(8), 4, 7), Request("d e", Sampling(8, 0.0), 1, 1)]
    before = whole.generate(asked)
    matrices = {name: widened(layer.weight) for name, layer in linear(held.model).items()}
    for name, layer in linear(whole.model).items():
        layer.weight.data.copy_(matrices[name])
    for true, expected, got in zip(before, whole.generate(asked), held.generate(asked), strict=True):
        for unlike, a, b in zip(true, expected, got, strict=True):
            assert a.tokens[0] == b.tokens[0]
            assert a.logprobs[0] == pytest.approx(b.logprobs[0], abs=0.05)
            assert unlike.logprobs != pytest.approx(b.logprobs, abs=1e-3)


def test_the_command_measures_a_model_that_is_held_so(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    command = ["eval", f"hf-4bit:{folder}", "--suite", "sequences/sorting", "--levels", "0", "--problems", "2"]
    said = CliRunner().invoke(app, [*command, "--max-tokens", "4"])
    assert said.exit_code == 0, said.output
    (run,) = (tmp_path / "runs" / "evals").iterdir()
    assert run.name == f"{folder.name}-4bit-sorting"


def test_lora_learns_on_weights_that_stay(folder: Path, tmp_path: Path) -> None:
    """QLoRA by TRL, as docs/training-a-real-model.md has it."""
    from datasets import Dataset
    from peft import LoraConfig
    from trl.trainer.grpo_config import GRPOConfig
    from trl.trainer.grpo_trainer import GRPOTrainer

    asked = [[{"role": "user", "content": "a b c"}]] * 8
    trainer = GRPOTrainer(
        model=str(folder),
        args=GRPOConfig(
            output_dir=str(tmp_path), max_steps=2, num_generations=4, per_device_train_batch_size=4,
            max_completion_length=8, learning_rate=1e-2, report_to="none", save_strategy="no",
            use_cpu=not torch.cuda.is_available(), bf16=torch.cuda.is_available(),
        ),
        train_dataset=Dataset.from_dict({"prompt": asked}),
        reward_funcs=lambda completions, **_: [float(i % 2) for i in range(len(completions))],
        quantization_config=four_bits(),
        peft_config=LoraConfig(r=4, lora_alpha=8, target_modules="all-linear"),
    )  # fmt: skip
    model: Any = trainer.model
    names = {name for name, each in model.named_parameters() if each.requires_grad}
    assert names and all("lora_" in name for name in names)
    before = {name: each.detach().clone() for name, each in model.named_parameters()}
    trainer.train()
    after = dict(model.named_parameters())
    assert {name for name, each in before.items() if not torch.equal(each, after[name])} & names
    assert all(torch.equal(each, after[name]) for name, each in before.items() if name not in names)
