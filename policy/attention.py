"""Compressed convolutional attention (CCA, arXiv 2510.04476) as ZAYA1 runs it.

Unusual here: queries and keys are projected to a narrow width and pass two short causal convolutions; a mean of query
and key is added back; half of the value heads carry the *previous* token's value; queries and keys are L2-normalised,
keys times a learned temperature; only the first half of each head is rotated. What stands between the projections and
the attention is one operator, `kernels.cca`, over each token's own predecessors.

Legend: N tokens, M model width, H query heads, K key-value heads, h = H + K, D head size, R rotated pairs of a head,
Y inputs of a head's convolution, C channels of queries and keys, X of half of the values, P = C + 2 X.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor, nn
from transformers import ZayaConfig

from whetstone.kernels.cca import cca, cca_decode, compose
from whetstone.kernels.cca.reference import queries_and_keys, split
from whetstone.policy.context import Context, Ordered


class Rotary(nn.Module):
    """Cosines and sines of the rotary angles, (N, R) each, fp32."""

    def __init__(self, config: ZayaConfig, layer_type: str) -> None:
        super().__init__()
        rope = config.rope_parameters[layer_type]  # type: ignore[index]
        width = int(config.head_dim * rope.get("partial_rotary_factor", 1.0))
        frequencies = rope["rope_theta"] ** -(torch.arange(0, width, 2, dtype=torch.float32) / width)
        self.frequencies: Tensor
        self.register_buffer("frequencies", frequencies, persistent=False)

    def forward(self, positions_N: Tensor) -> tuple[Tensor, Tensor]:
        angles_NR = positions_N[:, None].float() * self.frequencies
        return angles_NR.cos(), angles_NR.sin()

    def _apply(self, fn: Callable[[Tensor], Tensor], recurse: bool = True) -> Any:
        """Casting the policy moves the frequencies along but leaves them fp32: far positions need every digit."""
        frequencies = self.frequencies
        super()._apply(fn, recurse)
        if self.frequencies.dtype != frequencies.dtype:
            self.frequencies = frequencies.to(self.frequencies.device)
        return self


class CCAProjection(nn.Module):
    """The four projections and the two convolutions: their weights, and what `kernels.cca` takes of them."""

    def __init__(self, config: ZayaConfig) -> None:
        super().__init__()
        heads, kv_heads, head_dim = config.num_attention_heads, config.num_key_value_heads, config.head_dim
        width, bias = config.hidden_size, config.attention_bias
        channels = (heads + kv_heads) * head_dim
        self.q_proj = nn.Linear(width, heads * head_dim, bias=bias)
        self.k_proj = nn.Linear(width, kv_heads * head_dim, bias=bias)
        self.v_proj_current = nn.Linear(width, kv_heads * head_dim // 2, bias=bias)
        self.v_proj_delayed = nn.Linear(width, kv_heads * head_dim // 2, bias=bias)
        self.conv_qk_depthwise = nn.Conv1d(channels, channels, config.cca_time0, groups=channels)
        self.conv_qk_grouped = nn.Conv1d(channels, channels, config.cca_time1, groups=heads + kv_heads)

    def stacked(self) -> tuple[Tensor, Tensor | None]:
        """The four projections as one: a product of matrices costs most of its time before its first flop here.

        The delayed values get no bias yet: a sequence's first token sees v_proj_delayed(0), which is the bias alone.
        """
        parts = (self.q_proj, self.k_proj, self.v_proj_current, self.v_proj_delayed)
        weight = torch.cat([part.weight for part in parts])
        if self.q_proj.bias is None:
            return weight, None
        return weight, torch.cat([*(part.bias for part in parts[:3]), torch.zeros_like(parts[3].bias)])

    def composed(self, dtype: torch.dtype) -> tuple[Tensor, Tensor]:
        """Both convolutions as one, made in fp32 at least: a kernel (h, Y, D) in `dtype`, and an offset (h, D)."""
        depthwise, grouped = self.conv_qk_depthwise, self.conv_qk_grouped
        parameters = (depthwise.weight.squeeze(1), depthwise.bias, grouped.weight, grouped.bias)
        wide = [x.to(torch.promote_types(x.dtype, torch.float32)) for x in parameters]  # type: ignore[union-attr]
        kernel_hYD, offset_hD = compose(*wide)
        return kernel_hYD.to(dtype), offset_hD


class QKNorm(nn.Module):
    """The learned temperature of each key head; 1 at the start."""

    def __init__(self, config: ZayaConfig) -> None:
        super().__init__()
        self.temp = nn.Parameter(torch.ones(config.num_key_value_heads))


class Attention(nn.Module):
    """CCA: compressed projections, convolutions, normalisation, rotation, causal attention, output projection."""

    def __init__(self, config: ZayaConfig, layer: int) -> None:
        super().__init__()
        self.layer = layer
        self.layer_type = config.layer_types[layer]  # type: ignore[index]
        self.window = config.sliding_window if self.layer_type == "hybrid_sliding" else None
        self.qkv_proj = CCAProjection(config)
        self.qk_norm = QKNorm(config)
        width = config.num_attention_heads * config.head_dim
        self.o_proj = nn.Linear(width, config.hidden_size, bias=config.attention_bias)

    def forward(self, x_NM: Tensor, cos_sin: tuple[Tensor, Tensor], context: Context) -> Tensor:
        part = self.qkv_proj
        weight, bias = context.once(self.layer, "projection", part.stacked)
        projected_NP = F.linear(x_NM, weight, bias)
        convolution = context.once(self.layer, "convolution", lambda: part.composed(projected_NP.dtype))
        mix = partial(cca, order=context.order) if isinstance(context, Ordered) else partial(self._remembered, context)
        q, k, v = mix(projected_NP, *convolution, self.qk_norm.temp, *cos_sin)
        delayed_bias = part.v_proj_delayed.bias
        if delayed_bias is not None:
            v = v + F.pad(delayed_bias, (len(delayed_bias), 0)).view(v.shape[1:]).to(v.dtype)
        return self.o_proj(context.attend(self.layer, q, k, v, self.window).flatten(1))

    def _remembered(
        self,
        context: Context,
        projected_NP: Tensor,
        kernel_hYD: Tensor,
        offset_hD: Tensor,
        temperature_K: Tensor,
        cos_NR: Tensor,
        sin_NR: Tensor,
    ) -> tuple[Tensor, Tensor, Tensor]:
        """`kernels.cca` where predecessors are in the context's memory."""
        qk_NdC, value_N1X = context.memory(self.layer, "qk"), context.memory(self.layer, "value")
        if qk_NdC is not None and value_N1X is not None:
            weights = kernel_hYD, offset_hD, temperature_K
            return cca_decode(projected_NP, qk_NdC, value_N1X.squeeze(1), *weights, cos_NR, sin_NR)
        qk_NC, now_NX, next_NX = split(projected_NP, offset_hD.numel())
        taps = kernel_hYD.shape[1] // kernel_hYD.shape[2]
        rows = [qk_NC, *context.history(self.layer, "qk", qk_NC, taps - 1)]
        q_NHD, k_NKD = queries_and_keys(rows, kernel_hYD, offset_hD, temperature_K, cos_NR, sin_NR)
        v_NX = torch.cat((now_NX, *context.history(self.layer, "value", next_NX, 1)), dim=-1)
        return q_NHD, k_NKD, v_NX.view(k_NKD.shape)
