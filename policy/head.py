"""The head: hidden states to scores, and to the loss of the next token. Products are accumulated and kept in fp32.

Legend: N tokens, M model width, V vocabulary, C tokens of a chunk.
"""

from __future__ import annotations

import math

import torch
import torch.nn.functional as F
from torch import Tensor
from torch.autograd.function import once_differentiable

from whetstone.kernels.linear_logprob import linear_logprob

CHUNK_LOGITS = 1 << 21  # 8 MiB, which a CPU's cache holds through the passes over a chunk
CHUNK_ROWS = 256  # fewer read the weight, and pass over its gradient, too often
CACHED_LOGITS = 1 << 16  # 256 KiB, half of a core's own cache
PADDING = 16  # numbers after each row of scores: rows a power of two apart share too few lines of a cache
LN2 = math.log(2)


def scores(hidden_NM: Tensor, weight_VM: Tensor, bias_V: Tensor | None = None) -> Tensor:
    """hidden @ weight.T + bias, (N, V), in fp32 at least: two bf16 numbers have a product that fp32 holds exactly."""
    wide = torch.promote_types(hidden_NM.dtype, torch.float32)
    with torch.autocast(hidden_NM.device.type, enabled=False):
        if hidden_NM.is_cuda and hidden_NM.dtype == weight_VM.dtype != wide and not torch.is_grad_enabled():
            scores_NV = torch.mm(hidden_NM, weight_VM.T, out_dtype=wide)  # no copy of the weight; CUDA only
            return scores_NV if bias_V is None else scores_NV + bias_V
        return F.linear(hidden_NM.to(wide), weight_VM.to(wide), None if bias_V is None else bias_V.to(wide))


def next_token_loss(
    hidden_NM: Tensor, weight_VM: Tensor, target_N: Tensor, share_N: Tensor, bias_V: Tensor | None = None
) -> Tensor:
    """- sum over n of share_n log softmax(scores_n)[target_n], a scalar; N x V numbers never stand in memory.

    On a CPU the gradients are made together with the loss, chunk by chunk, because the shares are known: three products
    of matrices where `linear_logprob`, which learns of its gradient later, needs four. They go to hidden, weight and
    bias, not to the shares. Elsewhere this is `linear_logprob`.
    """
    if hidden_NM.is_cuda:
        logprob_N, _ = linear_logprob(hidden_NM, weight_VM, target_N, 1.0, bias_V)
        return -(logprob_N * share_N).sum()
    return _NextTokenLoss.apply(hidden_NM, weight_VM, target_N, share_N, bias_V)  # type: ignore[return-value]


class _NextTokenLoss(torch.autograd.Function):
    @staticmethod
    def forward(ctx, hidden_NM, weight_VM, target_N, share_N, bias_V):
        with torch.autocast(hidden_NM.device.type, enabled=False):
            wide = torch.promote_types(hidden_NM.dtype, torch.float32)
            hidden, weight, share_N = hidden_NM.to(wide), weight_VM.to(wide), share_N.to(wide)
            bias = None if bias_V is None else bias_V.to(wide)
            loss = hidden.new_zeros(())
            gradients = _Gradients(hidden, weight, bias) if any(ctx.needs_input_grad) else None
            chunks = max(1, math.ceil(len(hidden) / max(CHUNK_ROWS, CHUNK_LOGITS // len(weight))))
            rows = math.ceil(len(hidden) / chunks)
            cached = max(1, CACHED_LOGITS // len(weight))
            bias_bits = None if bias is None else bias / LN2
            # Of every chunk: fresh memory costs as much as its use.
            memory_CV = hidden.new_empty(rows, len(weight) + PADDING)[:, : len(weight)]
            for start in range(0, len(hidden), max(1, rows)):
                c = slice(start, start + rows)
                # Scores in bits: PyTorch raises 2 to them in half the time that powers of e take on a CPU.
                scores_CV = torch.mm(hidden[c] / LN2, weight.T, out=memory_CV[: len(hidden) - start])
                if bias_bits is not None:
                    scores_CV += bias_bits
                target_C1 = target_N[c, None]
                chosen_C1, total_C1 = scores_CV.gather(1, target_C1), hidden.new_empty(len(scores_CV), 1)
                for part in range(0, len(scores_CV), cached):  # a few rows, which a core's cache holds through it all
                    r = slice(part, part + cached)
                    highest_R1 = scores_CV[r].amax(dim=-1, keepdim=True)
                    torch.sum(scores_CV[r].sub_(highest_R1).exp2_(), dim=-1, keepdim=True, out=total_C1[r])
                    torch.sub(highest_R1, chosen_C1[r], out=chosen_C1[r])
                loss += share_N[c] @ (total_C1.log2() + chosen_C1).squeeze(1) * LN2
                if gradients:
                    gradients.add(c, scores_CV, total_C1, target_C1, share_N[c, None])
        if gradients:
            dtypes = (hidden_NM.dtype, weight_VM.dtype, None if bias_V is None else bias_V.dtype)
            ctx.gradients = gradients.cast(*dtypes)
        return loss

    @staticmethod
    @once_differentiable
    def backward(ctx, dloss):  # pyright: ignore[reportIncompatibleMethodOverride]
        if ctx.gradients is None:
            raise RuntimeError("the gradients of this loss were used up; compute the loss again")
        (dhidden_NM, dweight_VM, dbias_V), ctx.gradients = ctx.gradients, None
        if dloss != 1:  # where the loss ends the graph it is 1, and a pass over all of the weight's gradient is saved
            for gradient in (dhidden_NM, dweight_VM, dbias_V):
                if gradient is not None:
                    gradient.mul_(dloss)
        return dhidden_NM, dweight_VM, None, None, dbias_V


class _Gradients:
    """Of the loss with respect to hidden states, weight and bias, gathered chunk by chunk."""

    def __init__(self, hidden_NM: Tensor, weight_VM: Tensor, bias_V: Tensor | None) -> None:
        self.hidden_NM, self.weight_VM = hidden_NM, weight_VM
        self.dhidden_NM = torch.empty_like(hidden_NM)
        self.dweight_VM = torch.empty_like(weight_VM) if len(hidden_NM) else torch.zeros_like(weight_VM)
        self.dbias_V = None if bias_V is None else torch.zeros_like(bias_V)

    def add(self, chunk: slice, e_CV: Tensor, total_C1: Tensor, target_C1: Tensor, share_C1: Tensor) -> None:
        """With p = e / total and dscores = share (p - 1[target]); `e_CV` is overwritten.

        share / total multiplies the narrow side of each product: the wide one is not passed over again.
        """
        e_CV.scatter_add_(1, target_C1, -total_C1)
        share_C1 = share_C1 / total_C1
        torch.mm(e_CV, self.weight_VM, out=self.dhidden_NM[chunk]).mul_(share_C1)
        # The first chunk writes where the others add: a gradient as large as the weight is not filled with zeros first.
        self.dweight_VM.addmm_(e_CV.T, self.hidden_NM[chunk] * share_C1, beta=int(chunk.start > 0))
        if self.dbias_V is not None:
            self.dbias_V += share_C1.squeeze(1) @ e_CV

    def cast(self, hidden: torch.dtype, weight: torch.dtype, bias: torch.dtype | None) -> tuple:
        """All three in the dtypes of what they belong to."""
        dbias = None if self.dbias_V is None else self.dbias_V.to(bias)
        return self.dhidden_NM.to(hidden), self.dweight_VM.to(weight), dbias
