"""SwiGLU experts: each token passes those it was routed to; a skipped one passes none and costs nothing.

Legend: N tokens, M model width, E experts, I expert width, K choices of a token.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn
from transformers import ZayaConfig

from whetstone.kernels.grouped_experts import grouped_experts


class Experts(nn.Module):
    """All experts of a layer in two stacked matrices, in Transformers' layout."""

    def __init__(self, config: ZayaConfig) -> None:
        super().__init__()
        experts, width, inner = config.num_experts, config.hidden_size, config.moe_intermediate_size
        self.gate_up_proj = nn.Parameter(torch.empty(experts, 2 * inner, width))
        self.down_proj = nn.Parameter(torch.empty(experts, width, inner))

    @torch.compiler.disable  # how many tokens an expert has is known only when they are counted: no static shapes
    def forward(  # pyright: ignore[reportIncompatibleMethodOverride]
        self, x_NM: Tensor, choice_NK: Tensor, weight_NK: Tensor
    ) -> Tensor:
        """Sum of weight * expert[choice](x), zero where choice is E (skip); (N, M)."""
        return grouped_experts(x_NM, self.gate_up_proj, self.down_proj, choice_NK, weight_NK)
