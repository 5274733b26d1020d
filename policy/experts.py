"""SwiGLU experts: each token passes the one it was routed to; skipped tokens pass none and cost nothing.

Legend: N tokens, M model width, E experts, I expert width.
"""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor, nn
from transformers import ZayaConfig

FEW = 300_000  # tokens x width x expert width, up to which sampling on a CPU is quicker by all experts at once


class Experts(nn.Module):
    """All experts of a layer in two stacked matrices, in Transformers' layout."""

    def __init__(self, config: ZayaConfig) -> None:
        super().__init__()
        experts, width, inner = config.num_experts, config.hidden_size, config.moe_intermediate_size
        self.gate_up_proj = nn.Parameter(torch.empty(experts, 2 * inner, width))
        self.down_proj = nn.Parameter(torch.empty(experts, width, inner))

    def forward(self, x_NM: Tensor, choice_N: Tensor, weight_N: Tensor) -> Tensor:
        """weight * expert[choice](x), zero where choice is E (skip); (N, M)."""
        if not torch.is_grad_enabled() and x_NM.numel() * self.down_proj.shape[-1] <= FEW and not x_NM.is_cuda:
            return self._all(x_NM, choice_N, weight_N)
        order_N = choice_N.argsort(stable=True)
        counts = torch.bincount(choice_N, minlength=len(self.gate_up_proj) + 1)[:-1].tolist()
        sizes = [*counts, len(x_NM) - sum(counts)]
        # Slices of one gathered matrix, and weights unbound once: indexing `w[e]` would make autograd build a
        # full-size zero gradient for every expert (2-3x slower on CPU).
        parts = x_NM[order_N].split(sizes)
        gate_up, down = self.gate_up_proj.unbind(0), self.down_proj.unbind(0)
        trained = torch.is_grad_enabled()  # an expert without tokens must still get its gradient of zero
        outputs = [
            self._expert(part, w1, w2)
            for part, w1, w2 in zip(parts, gate_up, down, strict=False)
            if trained or len(part)
        ]
        outputs.append(torch.zeros_like(parts[-1]))
        inverse_N = torch.empty_like(order_N).scatter_(0, order_N, torch.arange(len(order_N), device=order_N.device))
        return torch.cat(outputs)[inverse_N] * weight_N[:, None]

    def _all(self, x_NM: Tensor, choice_N: Tensor, weight_N: Tensor) -> Tensor:
        """The same by every expert for every token: for a few tokens, two large products cost less than many small."""
        gate_ENX, up_ENX = (x_NM @ self.gate_up_proj.transpose(1, 2)).chunk(2, dim=-1)
        experts_E1 = torch.arange(len(self.gate_up_proj), device=x_NM.device)[:, None]
        weight_EN = torch.where(choice_N == experts_E1, weight_N, 0.0)
        inner_ENX = F.silu(gate_ENX) * up_ENX * weight_EN[..., None]
        return torch.bmm(inner_ENX, self.down_proj.transpose(1, 2)).sum(0)

    @staticmethod
    def _expert(x_nM: Tensor, gate_up_XM: Tensor, down_MI: Tensor) -> Tensor:
        gate, up = F.linear(x_nM, gate_up_XM).chunk(2, dim=-1)
        return F.linear(F.silu(gate) * up, down_MI)
