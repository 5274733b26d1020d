"""What others offer for the same work. Each function gives its forms by name; none where the library is not installed.

A form takes the operator's own arguments, so that all contenders run on the same tensors. Where a library does less
than the operator, its name says so.
"""

# pyright: reportMissingImports=false

from __future__ import annotations

import importlib.util
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor

Form = Callable[..., Any]

FLASH_PAGE = 256  # positions of a page that FlashAttention 2 takes: a multiple of it
ROW = 1024  # tokens of a row of the rectangles that Liger's policy loss takes


def swiglu(gate_up: Tensor) -> Tensor:
    gate, up = gate_up.chunk(2, dim=-1)
    return F.silu(gate) * up


def liger_cross_entropy() -> dict[str, Form]:
    """No entropy and no log-probabilities: the mean of these alone. It makes the gradients in its forward pass."""
    if not importlib.util.find_spec("liger_kernel"):
        return {}
    from liger_kernel.transformers import LigerFusedLinearCrossEntropyLoss

    loss = LigerFusedLinearCrossEntropyLoss()
    return {"Liger, mean loss alone": lambda hidden, weight, target: (loss(weight, hidden, target),)}


def row_length(tokens: int) -> int:
    """Of the rows of equal length into which `tokens` are laid: `ROW` where that divides them, else all in one."""
    return ROW if tokens % ROW == 0 else tokens


def liger_grpo(region: Any) -> dict[str, Form]:
    """The same loss, without entropy."""
    if not importlib.util.find_spec("liger_kernel"):
        return {}
    from liger_kernel.chunked_loss import LigerFusedLinearGRPOLoss

    loss = LigerFusedLinearGRPOLoss(
        beta=0.0, use_ref_model=False, epsilon_low=region.low, epsilon_high=region.high, loss_type="bnpo"
    )

    def form(hidden: Tensor, weight: Tensor, target: Tensor, sampled: Tensor, advantage: Tensor) -> tuple[Tensor]:
        row = row_length(len(target))
        hidden_BTH, target_BT, sampled_BT = (x.unflatten(0, (-1, row)) for x in (hidden, target, sampled))
        mask_BT = torch.ones_like(sampled_BT)
        return loss(hidden_BTH, weight, target_BT, mask_BT, advantage[::row], old_per_token_logps=sampled_BT)[:1]

    return {"Liger, no entropy": form}


def liger_norm() -> dict[str, Form]:
    """PyTorch scales and shifts, Liger adds and normalises."""
    if not importlib.util.find_spec("liger_kernel"):
        return {}
    from liger_kernel.ops.fused_add_rms_norm import LigerFusedAddRMSNormFunction

    def form(
        x: Tensor, residual: Tensor, x_scale: Tensor, x_bias: Tensor, residual_scale: Tensor, residual_bias: Tensor,
        weight: Tensor, eps: float,
    ) -> tuple[Tensor, Tensor]:  # fmt: skip
        own = (x.float() + x_bias) * x_scale
        before = (residual + residual_bias) * residual_scale
        normed, stream = LigerFusedAddRMSNormFunction.apply(own, before, weight, eps)
        return stream, normed.to(weight.dtype)

    return {"Liger's sum and norm": form}


def transformers_experts(name: str, experts: int) -> Form:
    """Transformers' own implementation; as under its expert parallelism, a choice of `experts` means none."""
    from transformers.integrations import moe

    def form(x: Tensor, gate_up: Tensor, down: Tensor, choice: Tensor, weight: Tensor) -> Tensor:
        module = SimpleNamespace(
            num_experts=experts, gate_up_proj=gate_up, down_proj=down, has_gate=True, has_bias=False,
            is_transposed=False, has_post_expert_norm=False, _is_expert_parallel=True, _apply_gate=swiglu,
        )  # fmt: skip
        return getattr(moe, f"{name}_experts_forward")(module, x, choice, weight)

    return form


def fla_convolution(channels: int, weight_C2: Tensor) -> dict[str, Form]:
    """The depthwise convolution of queries and keys, a small part of `cca`: what the rest may cost at most."""
    if not importlib.util.find_spec("fla"):
        return {}
    from fla.modules.convolution import causal_conv1d

    def form(rows: Tensor, *_: Any) -> tuple[Tensor]:
        return (causal_conv1d(rows[None, :, :channels], weight_C2)[0][0],)

    return {"fla, depthwise convolution alone": form}


def dense_attention(keys: Tensor, values: Tensor, pages: Tensor) -> dict[str, Form]:
    """PyTorch's attention over a cache that is not paged: all positions of a sequence lie together."""
    k, v = (t[pages].transpose(1, 2).flatten(2, 3).contiguous() for t in (keys, values))

    def form(q: Tensor, *_: Any) -> Tensor:
        return F.scaled_dot_product_attention(q[:, :, None], k, v, enable_gqa=True).squeeze(2)

    return {"SDPA, dense cache": form}


def flash_attention(keys: Tensor, values: Tensor, pages: Tensor, lengths: Tensor) -> dict[str, Form]:
    """FlashAttention over its own pages, which are larger and have the heads inside."""
    if not importlib.util.find_spec("flash_attn"):
        return {}
    from flash_attn import flash_attn_with_kvcache

    sequences = len(pages)
    k, v = (t[pages].transpose(2, 3).flatten(1, 2).unflatten(1, (-1, FLASH_PAGE)).flatten(0, 1) for t in (keys, values))
    table = torch.arange(len(k), dtype=torch.int32, device=k.device).view(sequences, -1)
    seen = lengths.int()

    def form(q: Tensor, *_: Any) -> Tensor:
        return flash_attn_with_kvcache(q[:, None], k, v, cache_seqlens=seen, block_table=table, causal=True).squeeze(1)

    return {"FlashAttention, paged": form}
