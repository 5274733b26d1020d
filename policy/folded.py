"""A small policy's step on a CPU, in few operations.

A step of a few tokens costs there what its operations cost to start, not what they compute. So whatever depends on
the weights alone is worked into them once, and what is left has half the operations of `model.Layer`: norm weights
and residual scales go into the products around them, the mean of query and key becomes rows of the projection, the
convolution's offset its bias, the two channels of a rotated pair become neighbours, GELU's constants go into the maps
before and behind it. It is the same function, up to rounding; the tests hold the two together. Gradients, other
devices, other dtypes and large policies take the layers as they are: there the work counts, and a second copy of the
weights would.

Legend: N tokens, M model width, H query heads, K key-value heads, h = H + K, D head size, C = h D, J = D / 2,
X half of the values, E experts, I expert width, W router width.
"""

from __future__ import annotations

import math
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor

from whetstone.kernels import dispatch
from whetstone.policy.context import Context, Ordered
from whetstone.policy.experts import Experts
from whetstone.policy.norm import ResidualScale

LARGEST = 1 << 25  # parameters of a policy that is folded: above, its weights cost more time than its operations
EPS = torch.finfo(torch.float32).eps


def folded(backbone: Any, context: Context) -> Folded | None:
    """The backbone folded, made once for as long as its weights stand still; None where it is better not."""
    if torch.is_grad_enabled() or isinstance(context, Ordered):
        return None
    return context.once(0, "folded", lambda: Folded(backbone) if _foldable(backbone) else None)


def _foldable(backbone: Any) -> bool:
    weight, config = backbone.embed_tokens.weight, backbone.config
    wide = config.hidden_size % 4 == 0 and config.moe_intermediate_size % 4 == 0  # rows of whole 16 bytes
    return (
        weight.dtype == torch.float32
        and dispatch.use_cpu(weight)
        and (config.num_experts_per_tok, config.attention_bias, wide, config.head_dim % 2) == (1, False, True, 0)
        and sum(parameter.numel() for parameter in backbone.parameters()) <= LARGEST
        and all(type(layer.mlp.experts) is Experts for layer in backbone.layers)
    )


class Folded:
    """The backbone's function: token ids and a context to hidden states and routes."""

    def __init__(self, backbone: Any) -> None:
        scale, bias = backbone.input_hidden_states_scale, backbone.input_hidden_states_bias
        self.table_VM = (backbone.embed_tokens.weight + bias) * scale
        width = backbone.config.head_dim
        self.rotations = {kind: _Rotation(rotary, width) for kind, rotary in backbone.rotary_emb.items()}
        self.layers = [FoldedLayer(layer, self.rotations[layer.self_attn.layer_type]) for layer in backbone.layers]
        self.norm = _Norm(backbone.config.hidden_size, backbone.norm.eps)
        self.norm_weight_M = backbone.norm.weight

    def __call__(self, tokens_N: Tensor, context: Context) -> tuple[Tensor, Tensor]:
        rotations = {kind: rotation(context.positions_N) for kind, rotation in self.rotations.items()}
        stream_NM, state_NW, routes = F.embedding(tokens_N, self.table_VM), None, []
        for layer in self.layers:
            stream_NM, state_NW, choice_N1 = layer(stream_NM, state_NW, rotations, context)
            routes.append(choice_N1)
        return self.norm(stream_NM).mul_(self.norm_weight_M), torch.cat(routes, dim=1)


class _Norm:
    """x / sqrt(mean of squares + eps) over the last dimension."""

    def __init__(self, width: int, eps: float) -> None:
        self.share, self.eps = 1 / width, torch.tensor(eps)

    def __call__(self, x_NM: Tensor) -> Tensor:
        norm_N1 = torch.linalg.vector_norm(x_NM, dim=-1, keepdim=True)
        return x_NM * torch.addcmul(self.eps, norm_N1, norm_N1, value=self.share).rsqrt_()


class _Rotation:
    """The turn of every position: a complex factor for every two neighbouring channels, (N, J), 1 where none turns.

    `order_D` are a head's channels with the two of each turning pair side by side. Scores do not depend on the order,
    as queries and keys have the same.
    """

    def __init__(self, rotary: Any, width: int) -> None:
        pairs = len(rotary.frequencies)
        turning = torch.arange(2 * pairs).view(2, pairs).T.flatten()
        self.order_D = torch.cat((turning, torch.arange(2 * pairs, width)))
        self.frequency_J, self.one = F.pad(rotary.frequencies, (0, width // 2 - pairs)), torch.ones(())

    def __call__(self, positions_N: Tensor) -> Tensor:
        return torch.polar(self.one, positions_N[:, None].float() * self.frequency_J)


class _Residual:
    """A scaled merge into the stream, apart from the product that it follows."""

    def __init__(self, scale: ResidualScale) -> None:
        self.scale_M, self.residual_scale_M = scale.hidden_states_scale, scale.residual_scale
        self.constant_M = scale.hidden_states_bias * self.scale_M + scale.residual_bias * self.residual_scale_M

    def __call__(self, stream_NM: Tensor) -> Tensor:
        return torch.addcmul(self.constant_M, stream_NM, self.residual_scale_M)


class FoldedLayer:
    """`model.Layer`, folded."""

    def __init__(self, layer: Any, rotation: _Rotation) -> None:
        self.attention = _Attention(layer, rotation)
        self.router = _Router(layer.mlp.gate, layer.post_attention_layernorm)
        self.experts = _Experts(layer)

    def __call__(
        self, stream_NM: Tensor, before_NW: Tensor | None, rotations: dict[str, Tensor], context: Context
    ) -> tuple[Tensor, Tensor, Tensor]:
        stream_NM = self.attention(stream_NM, rotations, context)
        x_NM = self.experts.norm(stream_NM)
        probs_NE, choice_N1, state_NW = self.router(x_NM, before_NW)
        return self.experts(x_NM, stream_NM, probs_NE, choice_N1), state_NW, choice_N1


class _Attention:
    def __init__(self, layer: Any, rotation: _Rotation) -> None:
        part, attention = layer.self_attn.qkv_proj, layer.self_attn
        self.layer, self.layer_type, self.window = attention.layer, attention.layer_type, attention.window
        weight_PM, _ = part.stacked()
        self.kernel_hYD, offset_hD = (x[..., rotation.order_D] for x in part.composed(torch.float32))
        (self.h, self.D), temperature_K = offset_hD.shape, attention.qk_norm.temp
        K, channels = len(temperature_K), offset_hD.numel()
        self.H, self.taps = self.h - K, self.kernel_hYD.shape[1] // self.D
        mean_hh = _mean(self.H, K).to(weight_PM.dtype)
        mean_hDM = (mean_hh @ weight_PM[:channels].view(self.h, -1)).view(self.h, self.D, -1)
        mean_CM = mean_hDM[:, rotation.order_D].flatten(0, 1)
        self.weight_MP = (torch.cat((weight_PM, mean_CM)) * layer.input_layernorm.weight).T.contiguous()
        self.bias_P = torch.cat((offset_hD.new_zeros(len(weight_PM)), offset_hD.flatten()))
        half = (len(weight_PM) - channels) // 2
        self.sizes, self.qk_sizes = (channels, half, half, channels), (self.H, K)
        lengths_h = torch.cat((temperature_K.new_ones(self.H), temperature_K)) * self.D**0.5
        self.length_h11 = lengths_h[:, None, None]
        self.norm = _Norm(weight_PM.shape[1], layer.input_layernorm.eps)
        self.residual = _Residual(layer.post_attention_residual_scale)
        self.output_OM = (attention.o_proj.weight * self.residual.scale_M[:, None]).T.contiguous()

    def __call__(self, stream_NM: Tensor, rotations: dict[str, Tensor], context: Context) -> Tensor:
        heads = (-1, self.h, self.D)
        projected_NP = torch.addmm(self.bias_P, self.norm(stream_NM), self.weight_MP)
        qk_NC, now_NX, next_NX, mean_NC = projected_NP.split_with_sizes(self.sizes, -1)
        rows = [qk_NC, *context.history(self.layer, "qk", qk_NC, self.taps - 1)]
        stacked_NhY = torch.cat([x.view(heads) for x in rows], dim=-1)
        mean_hND = mean_NC.view(heads).transpose(0, 1)
        z_hND = torch.baddbmm(mean_hND, stacked_NhY.transpose(0, 1), self.kernel_hYD)

        norm_hN1 = torch.linalg.vector_norm(z_hND, dim=-1, keepdim=True).clamp_min_(EPS)
        z_hND.mul_(self.length_h11 / norm_hN1)
        torch.view_as_complex(z_hND.view(self.h, -1, self.D // 2, 2)).mul_(rotations[self.layer_type])
        q_NHD, k_NKD = z_hND.transpose(0, 1).split_with_sizes(self.qk_sizes, 1)
        v_NX = torch.cat((now_NX, *context.history(self.layer, "value", next_NX, 1)), dim=-1)
        read_NHD = context.attend(self.layer, q_NHD, k_NKD, v_NX.view(k_NKD.shape), self.window)
        return torch.addmm(self.residual(stream_NM), read_NHD.flatten(1), self.output_OM)


def _mean(H: int, K: int) -> Tensor:
    """(h, h): half of a query head and half of its key head; for a key head the mean over its query heads."""
    query_HH, group_HK = torch.eye(H), torch.eye(K).repeat_interleave(H // K, dim=0)
    above = torch.cat((query_HH, group_HK), dim=1)
    below = torch.cat((group_HK.T * (K / H), torch.eye(K)), dim=1)
    return 0.5 * torch.cat((above, below))


class _Router:
    """GELU(x) = u (1 + erf u) / sqrt 2 with u = x / sqrt 2: the constants go into the maps on both sides."""

    def __init__(self, router: Any, norm: Any) -> None:
        mlp = router.router_mlp
        self.down_MW = (router.down_proj.weight * norm.weight).T.contiguous()
        self.down_bias_W, self.scale_W = router.down_proj.bias, router.router_states_scale
        root = math.sqrt(0.5)
        self.first_WW, self.first_bias_W = (mlp.fc1.weight * mlp.norm.weight * root).T.contiguous(), mlp.fc1.bias * root
        self.second_WW, self.second_bias_W = (mlp.fc2.weight * 0.5).T.contiguous(), mlp.fc2.bias * root
        self.out_WE = (mlp.out_proj.weight * root).T.contiguous()
        self.biases_E = router.balancing_biases
        self.norm = _Norm(len(self.down_bias_W), mlp.norm.eps)

    def __call__(self, x_NM: Tensor, before_NW: Tensor | None) -> tuple[Tensor, Tensor, Tensor]:
        state_NW = torch.addmm(self.down_bias_W, x_NM, self.down_MW)
        if before_NW is not None:
            state_NW = torch.addcmul(state_NW, before_NW, self.scale_W)
        u_NW = torch.addmm(self.first_bias_W, self.norm(state_NW), self.first_WW)
        u_NW = torch.addmm(self.second_bias_W, torch.addcmul(u_NW, u_NW, u_NW.erf()), self.second_WW)
        probs_NE = torch.mm(torch.addcmul(u_NW, u_NW, u_NW.erf()), self.out_WE).softmax(-1)
        return probs_NE, (probs_NE + self.biases_E).argmax(-1, keepdim=True), state_NW


class _Experts:
    def __init__(self, layer: Any) -> None:
        experts, norm = layer.mlp.experts, layer.post_attention_layernorm
        self.norm, self.residual = _Norm(len(norm.weight), norm.eps), _Residual(layer.post_mlp_residual_scale)
        gate_up_EXM = experts.gate_up_proj * norm.weight
        self.gate_up_EMX = gate_up_EXM.transpose(1, 2).contiguous()
        self.down_EIM = (experts.down_proj * self.residual.scale_M[:, None]).transpose(1, 2).contiguous()
        self.classes_E = torch.arange(len(experts.down_proj))

    def __call__(self, x_NM: Tensor, stream_NM: Tensor, probs_NE: Tensor, choice_N1: Tensor) -> Tensor:
        """The stream behind the experts; the last class is skip, of which nothing comes."""
        residual_NM = self.residual(stream_NM)
        choice_N, order_N = choice_N1.squeeze(1).sort()
        ends_E = torch.searchsorted(choice_N, self.classes_E, right=True, out_int32=True)
        taken = int(ends_E[-1])  # the others skip
        if not taken:
            return residual_NM
        order_A = order_N[:taken]
        weight_A1 = probs_NE.gather(1, choice_N1).index_select(0, order_A)
        gate_AI, up_AI = F.grouped_mm(x_NM.index_select(0, order_A), self.gate_up_EMX, offs=ends_E).chunk(2, dim=1)
        inner_AI = F.silu(gate_AI).mul_(up_AI).mul_(weight_A1)
        return residual_NM.index_add_(0, order_A, F.grouped_mm(inner_AI, self.down_EIM, offs=ends_E))
