"""The layers of ZAYA1 over flat tokens, as vLLM runs them (see `policy` for the same architecture as it is trained).

Unusual here, for vLLM: one decoder layer holds a convolution state and an attention cache; routers hand their state to
the next layer; the residual stream is fp32. Nothing in these lines depends on the data or on the step, so they compile
as one graph that is split only at the state and at attention.

Legend: N tokens, M model width, H query heads, K key-value heads, G = H / K, D head size, C = (H + K) * D channels,
V = K * D / 2 delayed values, R router width, E experts.
"""

# pyright: reportMissingImports=false, reportAttributeAccessIssue=false
# (vLLM lives in an environment of its own, see docs/vllm.md)

from __future__ import annotations

import copy

import torch
import torch.nn.functional as F
from torch import Tensor, nn
from transformers import ZayaConfig
from vllm.config import VllmConfig
from vllm.model_executor.layers.attention import Attention
from vllm.model_executor.utils import set_weight_attrs

from whetstone.rollout.vllm.experts import Experts
from whetstone.rollout.vllm.history import History


class RMSNorm(nn.Module):
    """Root-mean-square normalisation with statistics in fp32."""

    def __init__(self, width: int, eps: float) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.ones(width))
        self.eps = eps

    def forward(self, x: Tensor) -> Tensor:
        full = x.float()
        return (full * torch.rsqrt(full.square().mean(-1, keepdim=True) + self.eps)).to(self.weight.dtype) * self.weight


class ResidualScale(nn.Module):
    """(x + b1) * s1 + (residual + b2) * s2, in fp32."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.hidden_states_scale = nn.Parameter(torch.ones(width))
        self.hidden_states_bias = nn.Parameter(torch.zeros(width))
        self.residual_scale = nn.Parameter(torch.ones(width))
        self.residual_bias = nn.Parameter(torch.zeros(width))

    def forward(self, x_NM: Tensor, residual_NM: Tensor) -> Tensor:
        x_NM = (x_NM + self.hidden_states_bias) * self.hidden_states_scale
        return x_NM + (residual_NM + self.residual_bias) * self.residual_scale


class Stacked(nn.Linear):
    """Several of a checkpoint's linear maps as one product; `load(parameter, tensor, name)` fills one's rows."""

    def __init__(self, width: int, sizes: dict[str, int], bias: bool) -> None:
        super().__init__(width, sum(sizes.values()), bias=bias)
        self.sizes = sizes
        for parameter in self.parameters():
            set_weight_attrs(parameter, {"weight_loader": self.load})

    def load(self, param: nn.Parameter, loaded_weight: Tensor, name: str) -> None:
        rows = torch.arange(len(param)).split(list(self.sizes.values()))[list(self.sizes).index(name)]
        target = param.data[int(rows[0]) : int(rows[-1]) + 1]
        if target.shape != loaded_weight.shape:
            raise ValueError(f"{name} has shape {tuple(loaded_weight.shape)}, expected {tuple(target.shape)}")
        target.copy_(loaded_weight)


class CCAProjection(nn.Module):
    """Hidden states to queries and keys (N, H + K, D), before normalisation, and values (N, K, D)."""

    def __init__(self, config: ZayaConfig, vllm_config: VllmConfig, prefix: str) -> None:
        super().__init__()
        self.heads, self.kv_heads, self.head_dim = (
            config.num_attention_heads,
            config.num_key_value_heads,
            config.head_dim,
        )
        self.queries, keys = self.heads * self.head_dim, self.kv_heads * self.head_dim
        self.channels, self.delayed = self.queries + keys, keys // 2
        sizes = {"q_proj": self.queries, "k_proj": keys, "v_proj_delayed": self.delayed, "v_proj_current": self.delayed}
        self.stacked = Stacked(config.hidden_size, sizes, config.attention_bias)
        self.conv_qk_depthwise = nn.Conv1d(self.channels, self.channels, config.cca_time0, groups=self.channels)
        self.conv_qk_grouped = nn.Conv1d(
            self.channels, self.channels, config.cca_time1, groups=self.heads + self.kv_heads
        )
        depth = config.cca_time0 + config.cca_time1 - 2
        self.history = History(max(depth, 1), self.channels + self.delayed, vllm_config, f"{prefix}.history")

    def forward(self, x_NM: Tensor) -> tuple[Tensor, Tensor]:
        inputs_NX, now_NV = self.stacked(x_NM).split((self.channels + self.delayed, self.delayed), dim=-1)
        bias = self.stacked.bias
        bias_V = None if bias is None else bias[self.channels : self.channels + self.delayed]
        if bias_V is not None:  # before a sequence's start the value is v_proj(0), the bias
            inputs_NX = torch.cat((inputs_NX[:, : self.channels], inputs_NX[:, self.channels :] - bias_V), dim=-1)
        before_NDX = self.history(inputs_NX.contiguous())
        qk_NC = inputs_NX[:, : self.channels]
        mixed_NhD = self._convolve(torch.cat((qk_NC.unsqueeze(1), before_NDX[..., : self.channels]), dim=1))

        qk_NhD = qk_NC.unflatten(-1, (-1, self.head_dim))
        q_NKGD = qk_NhD[:, : self.heads].unflatten(1, (self.kv_heads, -1))
        mean_NKGD = (q_NKGD + qk_NhD[:, self.heads :].unsqueeze(2)) * 0.5
        mixed_NhD = mixed_NhD + torch.cat((mean_NKGD.flatten(1, 2), mean_NKGD.mean(dim=2)), dim=1)

        previous_NV = before_NDX[:, 0, self.channels :]
        if bias_V is not None:
            previous_NV = previous_NV + bias_V
        return mixed_NhD, torch.cat((now_NV, previous_NV), dim=-1).unflatten(-1, (self.kv_heads, self.head_dim))

    def _convolve(self, window_NWC: Tensor) -> Tensor:
        """Depthwise, then one D x D filter per head and tap, on the last t0 + t1 - 1 inputs, newest first."""
        t0, t1 = self.conv_qk_depthwise.kernel_size[0], self.conv_qk_grouped.kernel_size[0]
        taps_aC = self.conv_qk_depthwise.weight.squeeze(1).flip(-1).T  # newest first
        inner = [
            (window_NWC[:, lag : lag + t0] * taps_aC).sum(1) + self.conv_qk_depthwise.bias
            for lag in reversed(range(t1))  # oldest first, as the grouped filter stores its taps
        ]
        heads = self.heads + self.kv_heads
        x_hNX = torch.stack(inner, dim=-1).unflatten(1, (heads, self.head_dim)).flatten(2).transpose(0, 1)
        weight_hXD = self.conv_qk_grouped.weight.reshape(heads, self.head_dim, self.head_dim * t1).transpose(1, 2)
        assert self.conv_qk_grouped.bias is not None
        offset_hD = self.conv_qk_grouped.bias.view(heads, self.head_dim)
        return torch.bmm(x_hNX, weight_hXD).transpose(0, 1) + offset_hD


class QKNorm(nn.Module):
    """L2-normalise each head to length sqrt(D); keys times a learned temperature per head."""

    def __init__(self, config: ZayaConfig) -> None:
        super().__init__()
        self.temp = nn.Parameter(torch.ones(config.num_key_value_heads))
        self.queries = config.num_attention_heads

    def forward(self, qk_NhD: Tensor) -> Tensor:
        norm_Nh1 = torch.linalg.vector_norm(qk_NhD, dim=-1, keepdim=True).clamp_min(torch.finfo(qk_NhD.dtype).eps)
        qk_NhD = qk_NhD * (qk_NhD.shape[-1] ** 0.5 / norm_Nh1)
        return qk_NhD * torch.cat((self.temp.new_ones(self.queries), self.temp))[:, None]


def rotate(x_NhD: Tensor, cos_sin: tuple[Tensor, Tensor]) -> Tensor:
    """Rotate the leading dimensions of each head (rotate-half form); the others pass."""
    cos, sin = (part.to(x_NhD.dtype) for part in cos_sin)
    half = cos.shape[-1]
    a, b, rest = x_NhD[..., :half], x_NhD[..., half : 2 * half], x_NhD[..., 2 * half :]
    return torch.cat((a * cos - b * sin, b * cos + a * sin, rest), dim=-1)


class CCA(nn.Module):
    """Compressed convolutional attention: projection, normalisation, rotation, vLLM's attention, output projection."""

    def __init__(self, config: ZayaConfig, layer: int, vllm_config: VllmConfig, prefix: str) -> None:
        super().__init__()
        assert config.layer_types is not None
        self.layer_type = config.layer_types[layer]
        self.qkv_proj = CCAProjection(config, vllm_config, f"{prefix}.qkv_proj")
        self.qk_norm = QKNorm(config)
        self.o_proj = nn.Linear(self.qkv_proj.queries, config.hidden_size, bias=config.attention_bias)
        # vLLM reads `sliding_window` as the whole model's; here it belongs to the layers of one type only.
        cache_config = copy.copy(vllm_config.cache_config)
        cache_config.sliding_window = None
        self.attn = Attention(
            config.num_attention_heads,
            config.head_dim,
            config.head_dim**-0.5,
            num_kv_heads=config.num_key_value_heads,
            cache_config=cache_config,
            per_layer_sliding_window=config.sliding_window if self.layer_type == "hybrid_sliding" else None,
            prefix=f"{prefix}.attn",
        )

    def forward(self, x_NM: Tensor, cos_sin: tuple[Tensor, Tensor]) -> Tensor:
        qk_NhD, v_NKD = self.qkv_proj(x_NM)
        qk_NhD = rotate(self.qk_norm(qk_NhD), cos_sin)
        heads = self.qkv_proj.heads
        q, k = qk_NhD[:, :heads].flatten(1), qk_NhD[:, heads:].flatten(1)
        return self.o_proj(self.attn(q, k, v_NKD.flatten(1)))


class RouterMLP(nn.Module):
    """Norm and three linear maps with exact GELU between: router state to class logits."""

    def __init__(self, width: int, classes: int, eps: float) -> None:
        super().__init__()
        self.norm = RMSNorm(width, eps)
        self.fc1 = nn.Linear(width, width)
        self.fc2 = nn.Linear(width, width)
        self.out_proj = nn.Linear(width, classes, bias=False)

    def forward(self, state_NR: Tensor) -> Tensor:
        return self.out_proj(F.gelu(self.fc2(F.gelu(self.fc1(self.norm(state_NR))))))


class Router(nn.Module):
    """Chooses a class for each token, E meaning skip: (class, weight, state for the next layer)."""

    def __init__(self, config: ZayaConfig, layer: int) -> None:
        super().__init__()
        self.skip, width = config.num_experts, config.router_hidden_size
        self.down_proj = nn.Linear(config.hidden_size, width)
        if layer:
            self.router_states_scale = nn.Parameter(torch.ones(width))
        self.router_mlp = RouterMLP(width, config.num_experts + 1, config.rms_norm_eps)
        self.balancing_biases: Tensor
        self.register_buffer("balancing_biases", torch.zeros(config.num_experts + 1, dtype=torch.float32))

    def forward(self, x_NM: Tensor, previous_NR: Tensor | None) -> tuple[Tensor, Tensor, Tensor]:
        state_NR = self.down_proj(x_NM)
        if previous_NR is not None:
            state_NR = state_NR + previous_NR * self.router_states_scale
        probs_NE = self.router_mlp(state_NR).float().softmax(-1)
        choice_N = (probs_NE + self.balancing_biases).argmax(-1)
        weight_N = probs_NE.gather(-1, choice_N[:, None]).squeeze(-1)
        return choice_N, weight_N.masked_fill(choice_N == self.skip, 0.0), state_NR


class MoE(nn.Module):
    """Router and experts."""

    def __init__(self, config: ZayaConfig, layer: int) -> None:
        super().__init__()
        self.gate = Router(config, layer)
        self.experts = Experts(config)

    def forward(self, x_NM: Tensor, previous_NR: Tensor | None) -> tuple[Tensor, Tensor, Tensor]:
        choice_N, weight_N, state_NR = self.gate(x_NM, previous_NR)
        expert_N = choice_N.masked_fill(choice_N == self.gate.skip, 0)
        return self.experts(x_NM, expert_N, weight_N), state_NR, choice_N


class Layer(nn.Module):
    """Attention, then experts, each behind a norm and merged into the residual stream."""

    def __init__(self, config: ZayaConfig, layer: int, vllm_config: VllmConfig, prefix: str) -> None:
        super().__init__()
        width, eps = config.hidden_size, config.rms_norm_eps
        self.self_attn = CCA(config, layer, vllm_config, f"{prefix}.self_attn")
        self.mlp = MoE(config, layer)
        self.input_layernorm = RMSNorm(width, eps)
        self.post_attention_layernorm = RMSNorm(width, eps)
        self.post_attention_residual_scale = ResidualScale(width)
        self.post_mlp_residual_scale = ResidualScale(width)

    def forward(
        self, stream_NM: Tensor, router_NR: Tensor | None, rotations: dict[str, tuple[Tensor, Tensor]]
    ) -> tuple[Tensor, Tensor, Tensor]:
        dtype = self.input_layernorm.weight.dtype
        x_NM = self.self_attn(self.input_layernorm(stream_NM.to(dtype)), rotations[self.self_attn.layer_type])
        stream_NM = self.post_attention_residual_scale(x_NM, stream_NM)
        x_NM, state_NR, choice_N = self.mlp(self.post_attention_layernorm(stream_NM.to(dtype)), router_NR)
        return self.post_mlp_residual_scale(x_NM, stream_NM), state_NR, choice_N
