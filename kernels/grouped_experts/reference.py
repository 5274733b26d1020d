"""The reference of `grouped_experts`: plain PyTorch, on any device.

Three forms of the same formula. `loop` is the formula, expert by expert, for any dtype and shape. `grouped` hands the
loop to `F.grouped_mm`, which is faster where it can be had: fp32 or bf16, rows of whole 16 bytes. `dense` lets every
expert see every token: without gradients, for a few tokens, two large products cost less than many small ones.

Shapes: N tokens, M model width, E experts, I expert width, X = 2 I, K choices of a token, A choices that are not skip.
"""

import torch
import torch.nn.functional as F
from torch import Tensor

# Forward and backward, fp32, top-1, one thread of a shared CPU, the fastest of the rounds of one run; in ms:
#   tokens x width x experts   300 x 96 x 8   1200 x 96 x 8   4000 x 96 x 8   600 x 512 x 16
#   loop                           2.58           9.08            12.81            138
#   grouped                        1.89           8.56            12.18             97
# A form with a backward pass of its own, in place of autograd's, was no faster than `grouped`.
DENSE_WORK = 300_000  # N x M x I, up to which `dense` is the fastest without gradients on a CPU
ALIGN = 16  # bytes: what F.grouped_mm asks of strides, and up to PyTorch 2.10 of addresses


def grouped_experts(
    x_NM: Tensor, gate_up_EXM: Tensor, down_EMI: Tensor, choice_NK: Tensor, weight_NK: Tensor
) -> Tensor:
    """As `whetstone.kernels.grouped_experts.grouped_experts`; a negative choice raises an error of PyTorch's."""
    inner = down_EMI.shape[2]
    if not torch.is_grad_enabled() and x_NM.numel() * inner <= DENSE_WORK and not x_NM.is_cuda:
        return dense(x_NM, gate_up_EXM, down_EMI, choice_NK, weight_NK)
    experts, K = len(gate_up_EXM), choice_NK.shape[1]
    choice_A = choice_NK.flatten().clamp(max=experts)
    counts_E = torch.bincount(choice_A, minlength=experts + 1)[:-1]
    order_A = choice_A.argsort(stable=True)[: int(counts_E.sum())]
    token_A = order_A // K if K > 1 else order_A
    x_AM, weight_A = x_NM.index_select(0, token_A), weight_NK.flatten().index_select(0, order_A)
    at = x_NM.shape[1] * x_NM.element_size(), inner * x_NM.element_size(), gate_up_EXM.data_ptr(), down_EMI.data_ptr()
    aligned = all(offset % ALIGN == 0 for offset in at)
    form = grouped if aligned and len(order_A) and x_NM.dtype != torch.float64 else loop
    y_AM = form(x_AM, gate_up_EXM, down_EMI, counts_E) * weight_A[:, None]
    return torch.zeros_like(x_NM).index_add(0, token_A, y_AM.to(x_NM.dtype))


def loop(x_AM: Tensor, gate_up_EXM: Tensor, down_EMI: Tensor, counts_E: Tensor) -> Tensor:
    """down(silu(gate) * up) for rows that lie sorted by expert, `counts` rows each."""
    # Slices of one matrix, and weights unbound once: indexing `w[e]` would make autograd build a full-size zero
    # gradient for every expert (2-3 times slower on a CPU).
    parts = zip(x_AM.split(counts_E.tolist()), gate_up_EXM.unbind(0), down_EMI.unbind(0), strict=True)
    return torch.cat([F.linear(swiglu(F.linear(part, gate_up)), down) for part, gate_up, down in parts])


def grouped(x_AM: Tensor, gate_up_EXM: Tensor, down_EMI: Tensor, counts_E: Tensor) -> Tensor:
    """The same through `F.grouped_mm`; A > 0."""
    ends_E = counts_E.cumsum(0, dtype=torch.int32)
    inner_AI = swiglu(F.grouped_mm(x_AM, gate_up_EXM.transpose(1, 2), offs=ends_E))
    return F.grouped_mm(inner_AI, down_EMI.transpose(1, 2), offs=ends_E)


def dense(x_NM: Tensor, gate_up_EXM: Tensor, down_EMI: Tensor, choice_NK: Tensor, weight_NK: Tensor) -> Tensor:
    """The same by every expert for every token, weighted 0 where it was not chosen."""
    E, X, M = gate_up_EXM.shape
    experts_E11 = torch.arange(E, device=x_NM.device)[:, None, None]
    weight_ENK = torch.where(choice_NK == experts_E11, weight_NK, 0.0)
    weight_EN1 = weight_ENK if choice_NK.shape[1] == 1 else weight_ENK.sum(-1, keepdim=True)
    gate_up_ENX = F.linear(x_NM, gate_up_EXM.reshape(E * X, M)).view(-1, E, X).transpose(0, 1)
    inner_ENI = (swiglu(gate_up_ENX) * weight_EN1).to(x_NM.dtype)
    return torch.bmm(inner_ENI, down_EMI.transpose(1, 2)).sum(0)


def swiglu(gate_up: Tensor) -> Tensor:
    """silu(first half) * second half of the last dimension."""
    gate, up = gate_up.chunk(2, dim=-1)
    return F.silu(gate) * up
