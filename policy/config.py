"""The shape of a policy: `transformers.ZayaConfig`, filled from a handful of sizes or by the name of a preset."""

from __future__ import annotations

from typing import Any

from huggingface_hub.dataclasses import strict
from transformers import ZayaConfig

SLIDING_THETA = 10_000.0  # rotary base of sliding layers, whatever that of the others is


@strict
class TopKZayaConfig(ZayaConfig):
    """Zaya with several experts a token. Transformers' own class, and so its model, refuses more than one."""

    def validate_architecture(self) -> None:
        classes = self.num_experts + 1
        if not 1 <= self.num_experts_per_tok <= classes:
            raise ValueError(f"num_experts_per_tok must lie in 1..{classes}; got {self.num_experts_per_tok}")
        single = self.num_experts_per_tok
        self.num_experts_per_tok = 1
        try:
            super().validate_architecture()
        finally:
            self.num_experts_per_tok = single


def zaya_config(
    *,
    vocab_size: int,
    hidden_size: int = 96,
    layers: int = 3,
    heads: int = 4,
    kv_heads: int = 2,
    head_dim: int = 32,
    experts: int = 8,
    expert_size: int = 96,
    router_size: int = 32,
    top_k: int = 1,
    max_positions: int = 1024,
    rope_theta: float = 10_000.0,
    rotary: float = 0.5,
    pad: int = 0,
    bos: int = 1,
    eos: int = 2,
) -> ZayaConfig:
    """A Zaya configuration with full attention in every layer and half-rotary positions.

    The defaults are the quickstart's policy: 0.9 M parameters with a vocabulary of 512. `head_dim` is at least 32
    because vLLM's CPU attention takes no smaller one. `top_k` above 1 gives a `TopKZayaConfig`.
    """
    kind = ZayaConfig if top_k == 1 else TopKZayaConfig
    return kind(
        vocab_size=vocab_size,
        hidden_size=hidden_size,
        num_hidden_layers=layers,
        num_attention_heads=heads,
        num_key_value_heads=kv_heads,
        head_dim=head_dim,
        num_experts=experts,
        num_experts_per_tok=top_k,
        moe_intermediate_size=expert_size,
        router_hidden_size=router_size,
        max_position_embeddings=max_positions,
        rope_parameters={
            "hybrid": {"rope_type": "default", "rope_theta": rope_theta, "partial_rotary_factor": rotary},
            "hybrid_sliding": {"rope_type": "default", "rope_theta": SLIDING_THETA, "partial_rotary_factor": rotary},
        },
        pad_token_id=pad,
        bos_token_id=bos,
        eos_token_id=eos,
        architectures=["ZayaForCausalLM"],
    )


PRESETS: dict[str, dict[str, Any]] = {
    # 0.88 M parameters: the quickstart's policy, learns in minutes on a laptop's CPU.
    "tiny": {"vocab_size": 512},
    # 4.8 M parameters, ZAYA1's sixteen experts.
    "small": {
        "vocab_size": 4096,
        "hidden_size": 192,
        "layers": 4,
        "experts": 16,
        "expert_size": 96,
        "router_size": 64,
        "max_positions": 4096,
    },
    # 102 M parameters, 15 M of them and the embedding active for a token.
    "100m": {
        "vocab_size": 32_768,
        "hidden_size": 512,
        "layers": 12,
        "heads": 8,
        "head_dim": 64,
        "experts": 16,
        "expert_size": 256,
        "router_size": 128,
        "max_positions": 8192,
    },
    # ZAYA1-8B (arXiv 2605.05365): 8,840,488,784 parameters, 0.75 G of them and the embedding active for a token.
    "zaya1-8b": {
        "vocab_size": 262_272,
        "hidden_size": 2048,
        "layers": 40,
        "heads": 8,
        "head_dim": 128,
        "experts": 16,
        "expert_size": 2048,
        "router_size": 256,
        "max_positions": 131_072,
        "rope_theta": 5_000_000.0,
        "bos": 2,
        "eos": 106,
    },
}


def preset(name: str, **changes: Any) -> ZayaConfig:
    """The configuration of that name in `PRESETS`; `changes` are arguments of `zaya_config`.

    Raises ValueError for an unknown name.
    """
    if name not in PRESETS:
        raise ValueError(f"there is no preset {name!r}; choose one of {', '.join(PRESETS)}")
    return zaya_config(**(PRESETS[name] | changes))


def read_config(folder: str) -> ZayaConfig:
    """The configuration in `folder/config.json`, whatever its number of experts a token."""
    config = TopKZayaConfig.from_pretrained(folder)
    return config if config.num_experts_per_tok > 1 else ZayaConfig.from_dict(config.to_dict())


def require_supported(config: ZayaConfig) -> None:
    """Raise ValueError, naming the field, where Transformers' model would do something that ours does not."""
    wanted = {"hidden_act": "silu", "attention_dropout": 0.0}
    for field, value in wanted.items():
        if getattr(config, field) != value:
            raise ValueError(f"{field} is {getattr(config, field)!r}; this policy knows only {value!r}")
    for kind in sorted(set(config.layer_types or ())):
        scaling = config.rope_parameters[kind].get("rope_type", "default")  # type: ignore[index]
        if scaling != "default":
            raise ValueError(f"rope_parameters of {kind} has rope_type {scaling!r}; this policy knows only 'default'")
