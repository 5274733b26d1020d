"""Zyphra's own checkpoints to Transformers' names: 80 alternating layers become 40.

Unusual here: an even layer of the old format is attention, an odd one experts, and each stores the scaling of the
residual stream that *enters* it. Transformers stores it where the stream is merged, at the end of the half before; so
an attention layer's scaling moves to the layer before, and the model's last one to the last layer. Experts lie one by
one there and in one stack here. The facts: Transformers' converter for Zaya and Zyphra/ZAYA1-8B-legacy.

Weights pass file by file of the result; the host never holds more than one of them.
"""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Mapping
from functools import partial
from pathlib import Path
from typing import Any

import torch
from huggingface_hub.errors import StrictDataclassError
from torch import Tensor
from transformers import ZayaConfig

from whetstone.policy.checkpoint import TIED, check, empty_policy
from whetstone.policy.weights import INDEX, SHARD, CheckpointError, Source, Stored, find, write

LAYER = re.compile(r"model\.layers\.(\d+)\.(.+)")
EXPERT = re.compile(r"zaya_block\.experts\.local_experts\.(\d+)\.linear_fc([12])\.weight")
OUTSIDE = {"model.embed_tokens.": "model.embed_tokens.", "model.final_norm.": "model.norm.", "lm_head.": "lm_head."}
ATTENTION = {
    "input_norm.": "input_layernorm.",
    "self_attn.qkv.linear_q.": "self_attn.qkv_proj.q_proj.",
    "self_attn.qkv.linear_k.": "self_attn.qkv_proj.k_proj.",
    "self_attn.qkv.val_proj1.": "self_attn.qkv_proj.v_proj_current.",
    "self_attn.qkv.val_proj2.": "self_attn.qkv_proj.v_proj_delayed.",
    "self_attn.qkv.conv_qk.0.": "self_attn.qkv_proj.conv_qk_depthwise.",
    "self_attn.qkv.conv_qk.1.": "self_attn.qkv_proj.conv_qk_grouped.",
    "self_attn.qkv.temp": "self_attn.qk_norm.temp",
    "self_attn.o_proj.": "self_attn.o_proj.",
}
EXPERTS = {
    "input_norm.": "post_attention_layernorm.",
    "res_scale.": "post_attention_residual_scale.",
    "zaya_block.router.rmsnorm_eda.": "mlp.gate.router_mlp.norm.",
    "zaya_block.router.router_mlp.0.": "mlp.gate.router_mlp.fc1.",
    "zaya_block.router.router_mlp.2.": "mlp.gate.router_mlp.fc2.",
    "zaya_block.router.router_mlp.4.": "mlp.gate.router_mlp.out_proj.",
    "zaya_block.router.": "mlp.gate.",
}
SETTINGS = {  # ours: theirs, the first that is there
    "num_key_value_heads": ("num_key_value_heads", "num_query_groups"),
    "head_dim": ("head_dim", "kv_channels"),
    "rms_norm_eps": ("rms_norm_eps", "norm_epsilon"),
    "router_hidden_size": ("router_hidden_size", "zaya_mlp_expansion"),
    "num_experts_per_tok": ("num_experts_per_tok", "moe_router_topk"),
}
KINDS = {"full_attention": "hybrid", "sliding_attention": "hybrid_sliding"}


def convert(legacy: Path, out: Path, dtype: torch.dtype | None = None, shard: int = SHARD) -> ZayaConfig:
    """Write the checkpoint in `legacy` into the folder `out` under Transformers' names; its configuration.

    Weights keep their dtype unless another is asked for; balancing biases become fp32. Tokenizer files are copied.
    Raises `CheckpointError` before anything is written where a tensor is missing, unknown or of another shape.
    """
    old = _read_config(legacy)
    config = new_config(old, legacy)
    parts = _plan(find(legacy), config.num_hidden_layers)
    check({name: _stacked(name, sources) for name, sources in parts.items()}, empty_policy(config))
    out.mkdir(parents=True, exist_ok=True)
    sources = []
    for name, stored in parts.items():
        if name == TIED and config.tie_word_embeddings:
            continue
        wanted = torch.float32 if name.endswith("balancing_biases") else dtype or stored[0].dtype
        size = sum(part.end - part.start for part in stored) // stored[0].dtype.itemsize * wanted.itemsize
        clamped = name.endswith("qk_norm.temp") and bool(old.get("clamp_temp"))
        sources.append(Source(name, size, partial(_make, stored, wanted, clamped)))
    write(sources, out, shard)
    kept = dtype or parts["model.embed_tokens.weight"][0].dtype
    config.dtype = str(kept).removeprefix("torch.")
    config.save_pretrained(out)
    for file in legacy.iterdir():
        if file.name not in ("config.json", INDEX) and file.suffix in (".json", ".jinja", ".model", ".txt", ".md"):
            shutil.copyfile(file, out / file.name)
    return config


def new_name(name: str, layers: int) -> tuple[str, int | None] | None:
    """The new name of a tensor in a model of `layers` new layers, and its place in a stack; None for an unknown one.

    >>> new_name("model.layers.6.self_attn.qkv.linear_q.weight", 40)
    ('model.layers.3.self_attn.qkv_proj.q_proj.weight', None)
    >>> new_name("model.layers.6.res_scale.residual_bias", 40)
    ('model.layers.2.post_mlp_residual_scale.residual_bias', None)
    >>> new_name("model.layers.7.zaya_block.experts.local_experts.5.linear_fc1.weight", 40)
    ('model.layers.3.mlp.experts.gate_up_proj', 5)
    """
    inside = LAYER.fullmatch(name)
    if inside is None:
        if name.startswith("model.res_scale."):
            return _merged(layers - 1, name.removeprefix("model.res_scale.")), None
        return _renamed(name, OUTSIDE, "")
    index, rest = int(inside[1]), inside[2]
    prefix = f"model.layers.{index // 2}."
    if index % 2 == 0:
        if rest.startswith("res_scale."):
            return _merged(index // 2 - 1, rest.removeprefix("res_scale.")), None
        return _renamed(rest, ATTENTION, prefix)
    expert = EXPERT.fullmatch(rest)
    if expert:
        return f"{prefix}mlp.experts.{'gate_up_proj' if expert[2] == '1' else 'down_proj'}", int(expert[1])
    return _renamed(rest, EXPERTS, prefix)


def _merged(layer: int, vector: str) -> str:
    return f"model.layers.{layer}.post_mlp_residual_scale.{vector}" if layer >= 0 else f"model.input_{vector}"


def _renamed(rest: str, names: Mapping[str, str], prefix: str) -> tuple[str, None] | None:
    for old, new in names.items():
        if rest.startswith(old):
            return f"{prefix}{new}{rest.removeprefix(old)}", None
    return None


def _plan(found: Mapping[str, Stored], layers: int) -> dict[str, list[Stored]]:
    """The sources of each new tensor, the experts in their order."""
    parts: dict[str, dict[int | None, Stored]] = {}
    for stored in found.values():
        place = new_name(stored.name, layers)
        if place is None:
            raise CheckpointError(f"{stored.file} has the tensor {stored.name}, which no checkpoint of Zyphra's has")
        parts.setdefault(place[0], {})[place[1]] = stored
    return {name: [sources[key] for key in sorted(sources, key=lambda k: k or 0)] for name, sources in parts.items()}


def _stacked(name: str, parts: list[Stored]) -> Stored:
    """What the parts make together, as if it were stored."""
    first = parts[0]
    for part in parts:
        if (part.shape, part.dtype) != (first.shape, first.dtype):
            raise CheckpointError(
                f"{part.file}: {part.name} is {part.dtype} of shape {part.shape}, {first.name} is {first.dtype} of "
                f"shape {first.shape}"
            )
    shape = (len(parts), *first.shape) if EXPERT.search(first.name) else first.shape
    return first._replace(name=name, shape=shape)


def _make(parts: list[Stored], dtype: torch.dtype, clamped: bool) -> Tensor:
    if EXPERT.search(parts[0].name):
        tensor = torch.empty((len(parts), *parts[0].shape), dtype=dtype)
        for part, target in zip(parts, tensor, strict=True):
            part.read_into(target)
        return tensor
    tensor = torch.empty(parts[0].shape, dtype=dtype)
    parts[0].read_into(tensor)
    if clamped:  # such models multiplied keys by exp(clamp(temp))
        tensor = tensor.float().clamp(1e-7, 2.0).exp().to(dtype)
    return tensor


# -- configuration ----------------------------------------------------------------------------------------------------


def _read_config(folder: Path) -> dict[str, Any]:
    file = folder / "config.json"
    try:
        config = json.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise CheckpointError(f"{folder} holds no readable config.json: {error}") from error
    if not isinstance(config, dict) or not isinstance(config.get("num_hidden_layers"), int):
        raise CheckpointError(f"{file} says no num_hidden_layers; expected a configuration of Zyphra's")
    return config


def new_config(old: Mapping[str, Any], folder: Path) -> ZayaConfig:
    """The configuration of the converted model. Raises `CheckpointError` for what is none of Zyphra's."""
    count = old["num_hidden_layers"]
    if count % 2:
        raise CheckpointError(f"{folder / 'config.json'}: expected an even number of alternating layers, got {count}")
    layers = count // 2
    known = ZayaConfig().to_dict()
    own = ("layer_types", "rope_parameters")
    kept: dict[str, Any] = {key: value for key, value in old.items() if key in known and key not in own}
    for ours, theirs in SETTINGS.items():
        kept.update([(ours, old[key]) for key in theirs if key in old][:1])
    inner = old.get("intermediate_size", old.get("ffn_hidden_size"))
    if inner is not None:  # it counts gate and up
        kept["moe_intermediate_size"] = inner // 2
    kinds = _layer_types(old, layers, folder)
    windows = [int(window) for window in old.get("swa_layers") or () if int(window) > 0]
    if "sliding_window" not in kept and windows:
        kept["sliding_window"] = max(windows) + 1  # theirs counts the tokens before, Transformers' the token itself too
    bases = {"hybrid": old.get("rope_theta", 5e6), "hybrid_sliding": old.get("swa_rotary_base", 1e4)}
    rope = {kind: {"rope_type": "default", "rope_theta": bases[kind], "partial_rotary_factor": 0.5} for kind in bases}
    kept |= {"num_hidden_layers": layers, "layer_types": kinds, "rope_parameters": rope}
    kept["architectures"] = ["ZayaForCausalLM"]
    try:
        return ZayaConfig(**kept)
    except (ValueError, TypeError, StrictDataclassError) as error:
        raise CheckpointError(f"{folder / 'config.json'} is no configuration of Zyphra's: {error}") from error


def _layer_types(old: Mapping[str, Any], layers: int, folder: Path) -> list[str]:
    if old.get("layer_types") is not None:
        kinds = [str(KINDS.get(kind, kind)) for kind in old["layer_types"]]
    else:
        kinds = ["hybrid_sliding" if int(window) else "hybrid" for window in old.get("swa_layers") or [0] * layers]
    kinds = kinds[::2] if len(kinds) == 2 * layers else kinds
    if len(kinds) != layers:
        raise CheckpointError(f"{folder / 'config.json'} describes {len(kinds)} layers, expected {layers}")
    return kinds
