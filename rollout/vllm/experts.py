"""The experts of a layer on vLLM's own kernels: grouped products in C++ on CPUs, in Triton on CUDA and ROCm.

Legend: N tokens, M model width, E experts, I expert width.
"""

# pyright: reportMissingImports=false, reportAttributeAccessIssue=false
# (vLLM lives in an environment of its own, see docs/vllm.md)

from __future__ import annotations

import torch
from torch import Tensor, nn
from transformers import ZayaConfig
from vllm import _custom_ops as ops
from vllm.platforms import current_platform

ALIGNMENT = 32  # both widths of an expert must be a multiple of it for vLLM's CPU kernel


class Experts(nn.Module):
    """All experts in two stacked matrices, in Transformers' layout and under its names."""

    def __init__(self, config: ZayaConfig) -> None:
        super().__init__()
        experts, width, inner = config.num_experts, config.hidden_size, config.moe_intermediate_size
        self.gate_up_proj = nn.Parameter(torch.empty(experts, 2 * inner, width), requires_grad=False)
        self.down_proj = nn.Parameter(torch.empty(experts, width, inner), requires_grad=False)
        self.packed: tuple[Tensor, Tensor] | None = None
        if current_platform.is_cpu() and (width % ALIGNMENT or inner % ALIGNMENT):
            raise ValueError(
                f"vLLM's CPU kernel for experts takes widths that are multiples of {ALIGNMENT}; this model has "
                f"hidden_size={width} and moe_intermediate_size={inner}"
            )
        amx = self.gate_up_proj.dtype == torch.bfloat16 and torch.cpu._is_amx_tile_supported()
        self.isa = "amx" if amx else "vec"

    def pack(self) -> None:
        """Bring the weights into the kernel's order; to be called after every change of them (CPU only).

        In place once packed, because compiled graphs hold on to the tensors.
        """
        if not current_platform.is_cpu():
            return
        packed = tuple(ops.cpu_prepack_moe_weight(w.data, self.isa) for w in (self.gate_up_proj, self.down_proj))
        if self.packed is None:
            self.packed = packed  # type: ignore[assignment]
        else:
            for old, new in zip(self.packed, packed, strict=True):
                old.copy_(new)

    def forward(self, x_NM: Tensor, expert_N: Tensor, weight_N: Tensor) -> Tensor:
        """weight * expert(x), (N, M). A skipped token comes as expert 0 with weight 0."""
        weights_N1, ids_N1 = weight_N.float()[:, None], expert_N.to(torch.int32)[:, None]
        if current_platform.is_cpu():
            assert self.packed is not None, "load_weights has not been called"
            return torch.ops.whetstone.cpu_experts(x_NM, *self.packed, weights_N1, ids_N1, self.isa)
        from vllm.model_executor.layers.fused_moe import fused_experts  # exists only where there is Triton

        return fused_experts(x_NM, self.gate_up_proj, self.down_proj, weights_N1, ids_N1)


@torch.library.custom_op("whetstone::cpu_experts", mutates_args=())
def _cpu_experts(x_NM: Tensor, w13: Tensor, w2: Tensor, weights_N1: Tensor, ids_N1: Tensor, isa: str) -> Tensor:
    output = torch.empty_like(x_NM)
    ops.cpu_fused_moe(output, x_NM.contiguous(), w13, w2, None, None, weights_N1, ids_N1, "silu", isa)
    return output


@_cpu_experts.register_fake
def _(x_NM: Tensor, w13: Tensor, w2: Tensor, weights_N1: Tensor, ids_N1: Tensor, isa: str) -> Tensor:
    return torch.empty_like(x_NM)
