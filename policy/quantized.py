"""Experts in 8 or 4 bits, for sampling: nine tenths of a MoE's weights in a half or a quarter of bf16's memory.

Weights are stored small and widened, for the experts that a batch has chosen, just before they are used; products are
those of `Experts`. Errors of a weight w, which the tests hold:

- `fp8`: e4m3 with a scale per output channel, 8 bits. At most |w| / 16, or 1/458,752 of the channel's largest weight
  where that is more; of normally distributed weights the root mean square is 2.6 % of the weights'.
- `int4`: integers from -7 to 7 with a scale per 32 weights of a channel, 4.5 bits. At most a 13.9th of the largest of
  the 32; of normally distributed weights the root mean square is 10 % of the weights'.

Legend: N tokens, M model width, E experts, U experts in use, K choices of a token; weights are stacks (E, O, I) of
matrices from I to O.
"""

from __future__ import annotations

from typing import Literal

import torch
from torch import Tensor, nn

from whetstone.kernels.grouped_experts import grouped_experts
from whetstone.policy.experts import Experts
from whetstone.policy.model import ZayaPolicy

Storage = Literal["fp8", "int4"]
GROUP = 32  # weights that share a scale in int4
FP8_MAX = torch.finfo(torch.float8_e4m3fn).max  # 448
INT4_MAX = 7


class Fp8Stack(nn.Module):
    """Matrices in e4m3, each row (output channel) with a scale in fp32.

    Codes and scales are kept as integers of their bits, so that casting the policy does not cast them.
    """

    def __init__(self, weight_EOI: Tensor) -> None:
        super().__init__()
        scale_EO1 = weight_EOI.abs().amax(-1, keepdim=True).float() / FP8_MAX
        codes = (weight_EOI / scale_EO1.where(scale_EO1 > 0, 1.0)).to(torch.float8_e4m3fn)
        self.codes: Tensor
        self.scales: Tensor
        self.register_buffer("codes", codes.view(torch.uint8))
        self.register_buffer("scales", scale_EO1.view(torch.int32))

    def widened(self, experts_U: Tensor, dtype: torch.dtype) -> Tensor:
        """The matrices of these experts, (U, O, I)."""
        codes = self.codes[experts_U].view(torch.float8_e4m3fn)
        return (codes.float() * self.scales[experts_U].view(torch.float32)).to(dtype)


class Int4Stack(nn.Module):
    """Matrices in integers of four bits, two a byte, each `GROUP` along a row with a scale in bf16.

    Raises `ValueError` where rows are no multiple of `GROUP` long.
    """

    def __init__(self, weight_EOI: Tensor) -> None:
        super().__init__()
        if weight_EOI.shape[-1] % GROUP:
            raise ValueError(f"int4 needs rows of a multiple of {GROUP} weights, got {weight_EOI.shape[-1]}")
        groups = weight_EOI.float().unflatten(-1, (-1, GROUP))
        scale = (groups.abs().amax(-1, keepdim=True) / INT4_MAX).bfloat16()
        steps = groups / scale.where(scale > 0, 1.0).float()
        codes = (steps.round().clamp(-INT4_MAX, INT4_MAX) + 8).to(torch.uint8).flatten(-2)
        self.codes: Tensor
        self.scales: Tensor
        self.register_buffer("codes", codes[..., ::2] | codes[..., 1::2] << 4)
        self.register_buffer("scales", scale.squeeze(-1).view(torch.int16))

    def widened(self, experts_U: Tensor, dtype: torch.dtype) -> Tensor:
        """The matrices of these experts, (U, O, I)."""
        pairs = self.codes[experts_U]
        codes = torch.stack((pairs & 15, pairs >> 4), dim=-1).flatten(-2).unflatten(-1, (-1, GROUP))
        scales = self.scales[experts_U].view(torch.bfloat16).float()
        return ((codes.float() - 8) * scales[..., None]).flatten(-2).to(dtype)


STACKS: dict[Storage, type[Fp8Stack | Int4Stack]] = {"fp8": Fp8Stack, "int4": Int4Stack}


class QuantizedExperts(nn.Module):
    """Takes the place of an `Experts` where nothing is trained."""

    def __init__(self, experts: Experts, storage: Storage) -> None:
        super().__init__()
        self.gate_up_proj = STACKS[storage](experts.gate_up_proj.detach())
        self.down_proj = STACKS[storage](experts.down_proj.detach())

    def forward(self, x_NM: Tensor, choice_NK: Tensor, weight_NK: Tensor) -> Tensor:
        """Sum of weight * expert[choice](x), zero where choice is E (skip); (N, M)."""
        if torch.is_grad_enabled():
            raise RuntimeError("quantized experts only sample (under no_grad); train the policy they were made from")
        count = len(self.gate_up_proj.codes)
        experts_U = choice_NK.unique()
        experts_U = experts_U[experts_U < count]
        if not len(experts_U):
            return torch.zeros_like(x_NM)
        places = torch.full((count + 1,), len(experts_U), device=x_NM.device)
        places[experts_U] = torch.arange(len(experts_U), device=x_NM.device)
        gate_up, down = (stack.widened(experts_U, x_NM.dtype) for stack in (self.gate_up_proj, self.down_proj))
        return grouped_experts(x_NM, gate_up, down, places[choice_NK.clamp(max=count)], weight_NK)


def quantize_experts(policy: ZayaPolicy, storage: Storage) -> ZayaPolicy:
    """Replace the policy's experts, layer by layer, by quantized ones; the policy then samples only.

    Raises `ValueError` for another storage, or sizes that it does not take, and then has replaced none.
    """
    if storage not in STACKS:
        raise ValueError(f"expected a storage of {', '.join(STACKS)}, got {storage!r}")
    if storage == "int4" and (policy.config.hidden_size % GROUP or policy.config.moe_intermediate_size % GROUP):
        sizes = f"{policy.config.hidden_size} and {policy.config.moe_intermediate_size}"
        raise ValueError(f"int4 needs model and expert widths that are multiples of {GROUP}, got {sizes}")
    for layer in policy.model.layers:
        layer.mlp.experts = QuantizedExperts(layer.mlp.experts, storage)  # type: ignore[union-attr,arg-type]
    return policy
