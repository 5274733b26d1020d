"""`grouped_experts` for CPUs in fp32 and fp64, with gradients: the formula with a backward pass of its own.

On a CPU a pass over cold memory costs as much as the products of many tokens, so there are few of them: products write
where their result is read, the weight of a choice multiplies the narrow side, and rows are put back in their order by
one lookup. With s = silu(gate) up, a row's weight w, and y = (w s) down^T:

    d(w s) = dy down        dw = <d(w s), s>        ds = w d(w s)
    ddown  = dy^T (w s)     dgate_up = [ds up silu'(gate) | ds silu(gate)]

Shapes: as in `whetstone.kernels.grouped_experts`; A choices that are not skip, sorted by expert.
"""

from collections.abc import Sequence
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor
from torch.autograd.function import once_differentiable


def grouped_experts(
    x_NM: Tensor, gate_up_EXM: Tensor, down_EMI: Tensor, choice_NK: Tensor, weight_NK: Tensor
) -> Tensor:
    """As `whetstone.kernels.grouped_experts.grouped_experts`; a negative choice raises an error of PyTorch's."""
    experts, K = len(gate_up_EXM), choice_NK.shape[1]
    choice_A = choice_NK.flatten().clamp(max=experts)
    *counts, _ = torch.bincount(choice_A, minlength=experts + 1).tolist()
    order_A = choice_A.argsort(stable=True)[: sum(counts)]
    return _Experts.apply(x_NM, gate_up_EXM, down_EMI, weight_NK, _Rows(order_A, len(x_NM), K), counts)  # type: ignore[return-value]


class _Rows:
    """Which token each choice belongs to, and the way back."""

    def __init__(self, order_A: Tensor, tokens: int, K: int) -> None:
        self.order_A, self.tokens = order_A, tokens
        self.token_A = order_A // K if K > 1 else order_A
        self.place_N = None  # of each token's one choice, where each has one that is not skip
        if K == 1 and len(order_A) == tokens:
            self.place_N = torch.empty_like(order_A)
            self.place_N[order_A] = torch.arange(tokens)

    def gathered(self, x_NM: Tensor) -> Tensor:
        return x_NM.index_select(0, self.token_A)

    def summed(self, x_AM: Tensor) -> Tensor:
        """The sum of each token's rows, (N, M)."""
        if self.place_N is not None:
            return x_AM.index_select(0, self.place_N)
        return x_AM.new_zeros(self.tokens, x_AM.shape[1]).index_add_(0, self.token_A, x_AM)


class _Experts(torch.autograd.Function):
    @staticmethod
    def forward(
        ctx: Any,
        x_NM: Tensor,
        gate_up_EXM: Tensor,
        down_EMI: Tensor,
        weight_NK: Tensor,
        rows: _Rows,
        counts: Sequence[int],
    ) -> Tensor:  # pyright: ignore[reportIncompatibleMethodOverride]
        x_AM = rows.gathered(x_NM)
        gate_up_AX = x_AM.new_empty(len(x_AM), gate_up_EXM.shape[1])
        for x, matrix, out in _experts(counts, x_AM, gate_up_EXM.transpose(1, 2), gate_up_AX):
            torch.mm(x, matrix, out=out)
        weight_A1 = weight_NK.flatten().index_select(0, rows.order_A).unsqueeze(1)
        inner_AI = _swiglu(gate_up_AX).mul_(weight_A1)
        y_AM = torch.empty_like(x_AM)
        for inner, matrix, out in _experts(counts, inner_AI, down_EMI.transpose(1, 2), y_AM):
            torch.mm(inner, matrix, out=out)
        ctx.save_for_backward(x_AM, gate_up_EXM, down_EMI, weight_A1, gate_up_AX)
        ctx.rows, ctx.counts, ctx.choices = rows, counts, weight_NK.shape
        return rows.summed(y_AM)

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, dy_NM: Tensor):  # pyright: ignore[reportIncompatibleMethodOverride]
        x_AM, gate_up_EXM, down_EMI, weight_A1, gate_up_AX = ctx.saved_tensors
        rows, counts = ctx.rows, ctx.counts
        inner = gate_up_AX.shape[1] // 2
        gate_AI, up_AI = gate_up_AX.split(inner, dim=1)
        silu_AI = F.silu(gate_AI)
        weighted_AI = (silu_AI * up_AI).mul_(weight_A1)
        dy_AM = rows.gathered(dy_NM)
        dweighted_AI = torch.empty_like(weighted_AI)
        for dy, matrix, out in _experts(counts, dy_AM, down_EMI, dweighted_AI):
            torch.mm(dy, matrix, out=out)
        _, needs_gate_up, needs_down, *_ = ctx.needs_input_grad  # the matrices may be frozen, under adapters
        ddown_EMI = _outer_products(counts, dy_AM, weighted_AI) if needs_down else None
        dgate_up_AX = torch.empty_like(gate_up_AX)
        dgate_AI, dup_AI = dgate_up_AX.split(inner, dim=1)
        torch.mul(dweighted_AI, silu_AI, out=dup_AI)
        dweight_A = torch.linalg.vecdot(dup_AI, up_AI)
        dup_AI.mul_(weight_A1)
        dsilu_AI = dweighted_AI.mul_(up_AI).mul_(weight_A1)
        torch.ops.aten.silu_backward.grad_input(dsilu_AI, gate_AI, grad_input=dgate_AI)
        dgate_up_EXM = _outer_products(counts, dgate_up_AX, x_AM) if needs_gate_up else None
        dx_AM = dy_AM  # which is not read any more
        for dgate_up, matrix, out in _experts(counts, dgate_up_AX, gate_up_EXM, dx_AM):
            torch.mm(dgate_up, matrix, out=out)
        dweight_NK = dweight_A.new_zeros(ctx.choices.numel()).index_copy_(0, rows.order_A, dweight_A).view(ctx.choices)
        return rows.summed(dx_AM), dgate_up_EXM, ddown_EMI, dweight_NK, None, None


def _experts(counts: Sequence[int], rows: Tensor, matrices: Tensor, out: Tensor) -> list[tuple[Tensor, Tensor, Tensor]]:
    """Of each expert with tokens: its rows, its matrix, its rows of the result."""
    parts = zip(rows.split(counts), matrices.unbind(0), out.split(counts), strict=True)
    return [(part, matrix, result) for part, matrix, result in parts if len(part)]


def _outer_products(counts: Sequence[int], left: Tensor, right: Tensor) -> Tensor:
    """left^T right of each expert's rows; zeros where it has none."""
    products = left.new_empty(len(counts), left.shape[1], right.shape[1])
    for a, b, out in zip(left.split(counts), right.split(counts), products.unbind(0), strict=True):
        torch.mm(a.T, b, out=out)
    return products


def _swiglu(gate_up: Tensor) -> Tensor:
    gate, up = gate_up.chunk(2, dim=-1)
    return F.silu(gate).mul_(up)
