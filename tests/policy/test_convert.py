"""Zyphra's names to ours: a checkpoint of ours, taken apart into the old format, comes back bit for bit."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors.torch import save_file
from torch import Tensor
from typer.testing import CliRunner

from whetstone.cli import app
from whetstone.policy.checkpoint import load_policy
from whetstone.policy.convert import convert
from whetstone.policy.model import ZayaPolicy
from whetstone.policy.tokenizer import TextTokenizer
from whetstone.policy.weights import INDEX, WEIGHTS, CheckpointError, find

ATTENTION = {
    "input_layernorm.weight": "input_norm.weight",
    "self_attn.qkv_proj.q_proj.weight": "self_attn.qkv.linear_q.weight",
    "self_attn.qkv_proj.k_proj.weight": "self_attn.qkv.linear_k.weight",
    "self_attn.qkv_proj.v_proj_current.weight": "self_attn.qkv.val_proj1.weight",
    "self_attn.qkv_proj.v_proj_delayed.weight": "self_attn.qkv.val_proj2.weight",
    "self_attn.qkv_proj.conv_qk_depthwise.weight": "self_attn.qkv.conv_qk.0.weight",
    "self_attn.qkv_proj.conv_qk_depthwise.bias": "self_attn.qkv.conv_qk.0.bias",
    "self_attn.qkv_proj.conv_qk_grouped.weight": "self_attn.qkv.conv_qk.1.weight",
    "self_attn.qkv_proj.conv_qk_grouped.bias": "self_attn.qkv.conv_qk.1.bias",
    "self_attn.qk_norm.temp": "self_attn.qkv.temp",
    "self_attn.o_proj.weight": "self_attn.o_proj.weight",
}
ROUTER = {
    "post_attention_layernorm.weight": "input_norm.weight",
    "mlp.gate.down_proj.weight": "zaya_block.router.down_proj.weight",
    "mlp.gate.down_proj.bias": "zaya_block.router.down_proj.bias",
    "mlp.gate.router_states_scale": "zaya_block.router.router_states_scale",
    "mlp.gate.balancing_biases": "zaya_block.router.balancing_biases",
    "mlp.gate.router_mlp.norm.weight": "zaya_block.router.rmsnorm_eda.weight",
    "mlp.gate.router_mlp.fc1.weight": "zaya_block.router.router_mlp.0.weight",
    "mlp.gate.router_mlp.fc1.bias": "zaya_block.router.router_mlp.0.bias",
    "mlp.gate.router_mlp.fc2.weight": "zaya_block.router.router_mlp.2.weight",
    "mlp.gate.router_mlp.fc2.bias": "zaya_block.router.router_mlp.2.bias",
    "mlp.gate.router_mlp.out_proj.weight": "zaya_block.router.router_mlp.4.weight",
}
VECTORS = ("hidden_states_scale", "hidden_states_bias", "residual_scale", "residual_bias")
LAYERS = 3


def legacy_tensors(policy: ZayaPolicy) -> dict[str, Tensor]:
    """The policy's tensors under the old names, written down layer by layer as the old model runs them."""
    new = {name: tensor.detach().clone() for name, tensor in policy.state_dict().items()}
    old = {
        "model.embed_tokens.weight": new["model.embed_tokens.weight"],
        "model.final_norm.weight": new["model.norm.weight"],
        # The embedding enters the first layer by its own scaling; there is no residual stream yet.
        "model.layers.0.res_scale.hidden_states_scale": new["model.input_hidden_states_scale"],
        "model.layers.0.res_scale.hidden_states_bias": new["model.input_hidden_states_bias"],
    }
    for layer in range(LAYERS):
        here, attention, experts = (
            f"model.layers.{layer}.",
            f"model.layers.{2 * layer}.",
            f"model.layers.{2 * layer + 1}.",
        )
        old |= {attention + theirs: new[here + ours] for ours, theirs in ATTENTION.items()}
        old |= {experts + theirs: new[here + ours] for ours, theirs in ROUTER.items() if here + ours in new}
        after = f"model.layers.{2 * layer + 2}." if layer < LAYERS - 1 else "model."
        for vector in VECTORS:
            old[f"{experts}res_scale.{vector}"] = new[f"{here}post_attention_residual_scale.{vector}"]
            old[f"{after}res_scale.{vector}"] = new[f"{here}post_mlp_residual_scale.{vector}"]
        for expert in range(policy.config.num_experts):
            place = f"{experts}zaya_block.experts.local_experts.{expert}."
            old[f"{place}linear_fc1.weight"] = new[f"{here}mlp.experts.gate_up_proj"][expert].clone()
            old[f"{place}linear_fc2.weight"] = new[f"{here}mlp.experts.down_proj"][expert].clone()
    return old


def legacy_config(policy: ZayaPolicy) -> dict[str, Any]:
    new = policy.config
    return {
        "architectures": ["ZayaForCausalLM"],
        "model_type": "zaya",
        "num_hidden_layers": 2 * LAYERS,
        "hidden_size": new.hidden_size,
        "vocab_size": new.vocab_size,
        "num_attention_heads": new.num_attention_heads,
        "num_query_groups": new.num_key_value_heads,
        "kv_channels": new.head_dim,
        "num_experts": new.num_experts,
        "ffn_hidden_size": 2 * new.moe_intermediate_size,
        "moe_router_topk": 1,
        "norm_epsilon": new.rms_norm_eps,
        "zaya_mlp_expansion": new.router_hidden_size,
        "max_position_embeddings": new.max_position_embeddings,
        "rope_theta": 10_000.0,
        "pad_token_id": 0,
        "bos_token_id": 1,
        "eos_token_id": 2,
        "clamp_temp": False,
        "zaya_use_mod": True,
        "residual_in_fp32": True,
    }


@pytest.fixture(scope="module")
def tokenizer() -> TextTokenizer:
    return TextTokenizer.train(["Sort: 3 1 2"], 270)


@pytest.fixture
def policy(make_policy, tokenizer: TextTokenizer) -> ZayaPolicy:
    return make_policy(3, vocab_size=len(tokenizer), layers=LAYERS)


def write_legacy(folder: Path, tensors: dict[str, Tensor], config: dict[str, Any], tokenizer: TextTokenizer) -> None:
    """Two files, every expert in the file that the next one is not in."""
    tokenizer.save(folder)
    files = {name: f"model-{1 + i % 2:05d}-of-00002.safetensors" for i, name in enumerate(sorted(tensors))}
    for file in sorted(set(files.values())):
        save_file({name: x.contiguous() for name, x in tensors.items() if files[name] == file}, folder / file)
    (folder / INDEX).write_text(json.dumps({"weight_map": files}))
    (folder / "config.json").write_text(json.dumps(config))


@pytest.fixture
def legacy(policy: ZayaPolicy, tokenizer: TextTokenizer, tmp_path: Path) -> Path:
    write_legacy(tmp_path / "legacy", legacy_tensors(policy), legacy_config(policy), tokenizer)
    return tmp_path / "legacy"


@pytest.mark.parametrize("shard", [3000, 1 << 30])
def test_the_old_format_comes_back_bit_for_bit(shard: int, policy: ZayaPolicy, legacy: Path, tmp_path: Path):
    convert(legacy, tmp_path / "new", shard=shard)
    converted, tokenizer = load_policy(tmp_path / "new")
    assert converted.state_dict().keys() == policy.state_dict().keys()
    for name, tensor in converted.state_dict().items():
        assert torch.equal(tensor, policy.state_dict()[name]), name
    tokens = torch.arange(3, 40)
    with torch.no_grad():
        ours, theirs = (p.logits(p(tokens, p.packed([len(tokens)]))[0]) for p in (policy, converted))
    assert torch.equal(ours, theirs)
    assert tokenizer.decode(tokenizer.encode("Sort: 3 1 2")) == "Sort: 3 1 2\n"
    fields = ("hidden_size", "num_hidden_layers", "num_key_value_heads", "head_dim", "moe_intermediate_size")
    for field in (*fields, "router_hidden_size", "layer_types", "rope_parameters", "rms_norm_eps", "eos_token_id"):
        assert getattr(converted.config, field) == getattr(policy.config, field), field


def test_weights_keep_their_dtype_or_take_another_and_biases_are_fp32(
    policy: ZayaPolicy, tokenizer: TextTokenizer, tmp_path: Path
):
    tensors = {name: tensor.bfloat16() for name, tensor in legacy_tensors(policy).items()}
    write_legacy(tmp_path / "legacy", tensors, legacy_config(policy), tokenizer)
    for dtype in (None, torch.float16):
        convert(tmp_path / "legacy", tmp_path / str(dtype), dtype)
        for name, stored in find(tmp_path / str(dtype)).items():
            wanted = torch.float32 if name.endswith("balancing_biases") else dtype or torch.bfloat16
            assert stored.dtype == wanted, name
        assert load_policy(tmp_path / str(dtype))[0].lm_head.weight.dtype == (dtype or torch.bfloat16)


def test_windows_and_the_clamped_temperature_are_carried_over(
    policy: ZayaPolicy, tokenizer: TextTokenizer, tmp_path: Path
):
    config = legacy_config(policy) | {"swa_layers": [0, 0, 7, 7, 0, 0], "swa_rotary_base": 500.0, "clamp_temp": True}
    tensors = legacy_tensors(policy)
    tensors["model.layers.2.self_attn.qkv.temp"] = torch.tensor([-1.0, 3.0])
    write_legacy(tmp_path / "legacy", tensors, config, tokenizer)
    convert(tmp_path / "legacy", tmp_path / "new")
    converted, _ = load_policy(tmp_path / "new")
    assert converted.config.layer_types == ["hybrid", "hybrid_sliding", "hybrid"]
    assert converted.config.sliding_window == 8  # the token itself and the seven before it
    rope: Any = converted.config.rope_parameters
    assert rope["hybrid_sliding"]["rope_theta"] == 500.0
    # exp of the temperature between 1e-7 and 2
    temperature = converted.state_dict()["model.layers.1.self_attn.qk_norm.temp"]
    torch.testing.assert_close(temperature, torch.tensor([1.0000001, 7.3890561]))


Q = "model.layers.2.self_attn.qkv.linear_q.weight"
EXPERT = "model.layers.3.zaya_block.experts.local_experts.1.linear_fc2.weight"


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({Q: None}, "1 tensors are missing, the first is model.layers.1.self_attn.qkv_proj.q_proj.weight"),
        ({Q: torch.zeros(3, 3)}, "model.layers.1.self_attn.qkv_proj.q_proj.weight has shape (3, 3), expected (32, 24)"),
        ({EXPERT: None}, "model.layers.1.mlp.experts.down_proj has shape (3, 24, 16), expected (4, 24, 16)"),
        ({EXPERT: torch.zeros(24, 15)}, f"{EXPERT} is torch.float32 of shape (24, 15), "),
        (
            {"model.layers.2.odd.weight": torch.zeros(2)},
            "has the tensor model.layers.2.odd.weight, which no checkpoint",
        ),
        ({"model.layers.6.input_norm.weight": torch.zeros(24)}, "has the tensor model.layers.3.input_layernorm.weight"),
    ],
)
def test_what_does_not_fit_is_named_and_nothing_is_written(
    changes: dict[str, Tensor | None], sentence: str, policy: ZayaPolicy, tokenizer: TextTokenizer, tmp_path: Path
):
    tensors = {name: x for name, x in (legacy_tensors(policy) | changes).items() if x is not None}
    write_legacy(tmp_path / "legacy", tensors, legacy_config(policy), tokenizer)
    with pytest.raises(CheckpointError) as error:
        convert(tmp_path / "legacy", tmp_path / "new")
    assert sentence in str(error.value)
    assert not (tmp_path / "new").exists()


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"num_hidden_layers": 5}, "expected an even number of alternating layers, got 5"),
        ({"num_hidden_layers": None}, "says no num_hidden_layers"),
        ({"swa_layers": [0, 4]}, "describes 2 layers, expected 3"),
        ({"hidden_size": "wide"}, "is no configuration of Zyphra's"),
    ],
)
def test_a_configuration_that_is_none_gets_a_sentence(changes: dict[str, Any], sentence: str, policy, legacy: Path):
    (legacy / "config.json").write_text(json.dumps(legacy_config(policy) | changes))
    with pytest.raises(CheckpointError, match=sentence):
        convert(legacy, legacy.parent / "new")


# -- the command ------------------------------------------------------------------------------------------------------


def test_the_command_converts_and_its_folder_is_whole_or_absent(policy: ZayaPolicy, legacy: Path):
    out = legacy.parent / "made" / "new"
    result = CliRunner().invoke(app, ["convert", str(legacy), str(out), "--dtype", "bfloat16", "--shard", "0.001"])
    assert (result.exit_code, result.output) == (0, f"Converted: 3 layers, bfloat16. Its folder: {out}\n")
    assert load_policy(out)[0].lm_head.weight.dtype == torch.bfloat16
    assert [child.name for child in out.parent.iterdir()] == ["new"]
    for arguments, said in (
        ([str(legacy), str(out)], "exists already"),
        ([str(legacy), str(out) + "2", "--dtype", "int4"], "--dtype: expected one of float32"),
        ([str(legacy / "none"), str(out) + "2"], "holds no readable config.json"),
        ([str(out), str(out) + "2"], "expected an even number of alternating layers, got 3"),
    ):
        result = CliRunner().invoke(app, ["convert", *arguments])
        assert result.exit_code == 2
        assert said in result.output
        assert "Traceback" not in result.output
    assert [child.name for child in out.parent.iterdir()] == ["new"]


def test_one_file_is_read_as_well(policy: ZayaPolicy, tokenizer: TextTokenizer, tmp_path: Path):
    tokenizer.save(tmp_path)
    save_file(legacy_tensors(policy), tmp_path / WEIGHTS)
    (tmp_path / "config.json").write_text(json.dumps(legacy_config(policy)))
    convert(tmp_path, tmp_path / "new")
    converted, _ = load_policy(tmp_path / "new")
    assert all(torch.equal(x, policy.state_dict()[name]) for name, x in converted.state_dict().items())
