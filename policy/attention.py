"""Compressed convolutional attention (CCA, arXiv 2510.04476) as ZAYA1 runs it.

Unusual here: queries and keys are projected to a narrow width and pass two short causal convolutions; a mean of query
and key is added back; half of the value heads carry the *previous* token's value; queries and keys are L2-normalised,
keys times a learned temperature; only the first half of each head is rotated.

Legend: N tokens, M model width, H query heads, K key-value heads, G = H / K, D head size, C = (H + K) * D channels.
"""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor, nn
from transformers import ZayaConfig

from whetstone.policy.context import Context


class Rotary(nn.Module):
    """Rotary positions on the first part of each head (rotate-half form)."""

    def __init__(self, config: ZayaConfig, layer_type: str) -> None:
        super().__init__()
        rope = config.rope_parameters[layer_type]  # type: ignore[index]
        width = int(config.head_dim * rope.get("partial_rotary_factor", 1.0))
        frequencies = rope["rope_theta"] ** -(torch.arange(0, width, 2, dtype=torch.float32) / width)
        self.frequencies: Tensor
        self.register_buffer("frequencies", frequencies, persistent=False)

    def forward(self, positions_N: Tensor) -> tuple[Tensor, Tensor]:
        angles = positions_N[:, None].float() * self.frequencies
        return angles.cos()[:, None], angles.sin()[:, None]


def rotate(x_NHD: Tensor, cos_sin: tuple[Tensor, Tensor]) -> Tensor:
    """Rotate the leading dimensions of each head; the others pass."""
    cos, sin = (part.to(x_NHD.dtype) for part in cos_sin)
    half = cos.shape[-1]
    a, b, rest = x_NHD[..., :half], x_NHD[..., half : 2 * half], x_NHD[..., 2 * half :]
    return torch.cat((a * cos - b * sin, b * cos + a * sin, rest), dim=-1)


class CCAProjection(nn.Module):
    """Hidden states to queries and keys (N, H + K, D), before normalisation, and values (N, K, D)."""

    def __init__(self, config: ZayaConfig) -> None:
        super().__init__()
        self.heads, self.kv_heads, self.head_dim = (
            config.num_attention_heads,
            config.num_key_value_heads,
            config.head_dim,
        )
        width, bias = config.hidden_size, config.attention_bias
        q_width, kv_width = self.heads * self.head_dim, self.kv_heads * self.head_dim
        channels = q_width + kv_width
        self.q_proj = nn.Linear(width, q_width, bias=bias)
        self.k_proj = nn.Linear(width, kv_width, bias=bias)
        self.v_proj_current = nn.Linear(width, kv_width // 2, bias=bias)
        self.v_proj_delayed = nn.Linear(width, kv_width // 2, bias=bias)
        self.conv_qk_depthwise = nn.Conv1d(channels, channels, config.cca_time0, groups=channels)
        self.conv_qk_grouped = nn.Conv1d(channels, channels, config.cca_time1, groups=self.heads + self.kv_heads)

    def forward(self, x_NM: Tensor, layer: int, context: Context) -> tuple[Tensor, Tensor]:
        heads = self.heads + self.kv_heads
        weight, bias = context.once(layer, "projection", self._stacked)
        value = self.kv_heads * self.head_dim // 2
        qk_NC, now, delayed = F.linear(x_NM, weight, bias).split((heads * self.head_dim, value, value), dim=-1)

        mixed_NhD = self._convolve(qk_NC, layer, context)
        q_NKGD, k_NKD = qk_NC.unflatten(-1, (heads, self.head_dim)).split((self.heads, self.kv_heads), dim=1)
        q_NKGD = q_NKGD.unflatten(1, (self.kv_heads, -1))
        mean_NKGD = (q_NKGD + k_NKD.unsqueeze(2)) * 0.5
        qk_NhD = mixed_NhD + torch.cat((mean_NKGD.flatten(1, 2), mean_NKGD.mean(dim=2)), dim=1)

        before = self._previous(delayed, layer, context)
        v = torch.cat((now, before), dim=-1).unflatten(-1, (self.kv_heads, self.head_dim))
        return qk_NhD, v

    def _stacked(self) -> tuple[Tensor, Tensor | None]:
        """The four projections as one: a product of matrices costs most of its time before its first flop here."""
        parts = (self.q_proj, self.k_proj, self.v_proj_current, self.v_proj_delayed)
        bias = None if self.q_proj.bias is None else torch.cat([part.bias for part in parts])
        return torch.cat([part.weight for part in parts]), bias

    def _convolve(self, qk_NC: Tensor, layer: int, context: Context) -> Tensor:
        """Both convolutions as one: nothing stands between them, so their composition is again a convolution.

        It is applied once per head to the last t0 + t1 - 1 inputs: (N, heads, D). The inputs before a sequence's start
        are zero, once and up front.
        """
        kernel_hXO, offset_hO = context.once(layer, "convolution", self._composed)
        depth = self.conv_qk_depthwise.kernel_size[0] + self.conv_qk_grouped.kernel_size[0] - 2
        inputs = [qk_NC, *context.history(layer, "qk", qk_NC, depth)]
        stacked_hNX = torch.cat([x.unflatten(-1, (-1, self.head_dim)) for x in inputs], dim=-1).transpose(0, 1)
        return torch.baddbmm(offset_hO.unsqueeze(1), stacked_hNX, kernel_hXO).transpose(0, 1)

    def _composed(self) -> tuple[Tensor, Tensor]:
        """Both convolutions in weight space, K_j = sum over a + b = j of G_b diag(d_a): newest tap first, and bias."""
        depthwise_Ca = self.conv_qk_depthwise.weight.squeeze(1)
        heads = self.heads + self.kv_heads
        grouped_hOIb = self.conv_qk_grouped.weight.unflatten(0, (heads, self.head_dim))
        bias_hI = self.conv_qk_depthwise.bias.view(heads, self.head_dim)  # type: ignore[union-attr]
        per_head = depthwise_Ca.view(heads, 1, self.head_dim, -1)
        t0, t1 = depthwise_Ca.shape[-1], grouped_hOIb.shape[-1]
        taps = [
            torch.stack(
                [
                    grouped_hOIb[..., t1 - 1 - b] * per_head[..., t0 - 1 - a]
                    for a in range(t0)
                    for b in range(t1)
                    if a + b == lag
                ]
            ).sum(0)
            for lag in range(t0 + t1 - 1)
        ]
        offset_hO = torch.einsum("hoib,hi->ho", grouped_hOIb, bias_hI)
        offset_hO = offset_hO + self.conv_qk_grouped.bias.view(heads, self.head_dim)  # type: ignore[union-attr]
        return torch.cat(taps, dim=2).transpose(1, 2), offset_hO

    def _previous(self, delayed_NX: Tensor, layer: int, context: Context) -> Tensor:
        bias = self.v_proj_delayed.bias
        if bias is None:
            return context.history(layer, "value", delayed_NX, 1)[0]
        return context.history(layer, "value", delayed_NX - bias, 1)[0] + bias  # the first token sees v_proj(0)


class QKNorm(nn.Module):
    """L2-normalise each head to length sqrt(D); keys times a learned temperature per head."""

    def __init__(self, config: ZayaConfig) -> None:
        super().__init__()
        self.temp = nn.Parameter(torch.ones(config.num_key_value_heads))

    def forward(self, qk_NhD: Tensor, layer: int, context: Context) -> Tensor:
        """Queries and keys, (N, H + K, D), in one go."""
        length_h1 = context.once(layer, "length", lambda: self._lengths(qk_NhD.shape[1:]))
        norm = torch.linalg.vector_norm(qk_NhD, dim=-1, keepdim=True).clamp_min(torch.finfo(qk_NhD.dtype).eps)
        return qk_NhD * (length_h1 / norm)

    def _lengths(self, shape: torch.Size) -> Tensor:
        queries = self.temp.new_ones(shape[0] - len(self.temp))
        return torch.cat((queries, self.temp))[:, None] * shape[1] ** 0.5


class Attention(nn.Module):
    """CCA: compressed projections, normalisation, rotation, causal attention, output projection."""

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
        qk_NhD, v = self.qkv_proj(x_NM, self.layer, context)
        qk_NhD = rotate(self.qk_norm(qk_NhD, self.layer, context), cos_sin)
        q, k = qk_NhD.split((self.qkv_proj.heads, self.qkv_proj.kv_heads), dim=1)
        out_NHD = context.attend(self.layer, q, k, v, self.window)
        return self.o_proj(out_NHD.flatten(1))
