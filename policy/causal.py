"""Causal attention of a rectangle of sequences.

PyTorch's operator never stores the probabilities; for sequences of a few hundred tokens on a CPU it is quicker to keep
them, and to let all heads of all sequences be a few batched products. With e = exp(scores - their highest), hidden
scores being 0, t their sum, o = e v / t, and d = do / t:

    dv = e^T d        dscores = e (d v^T - <d, o>)        dq = dscores k        dk = dscores^T q

Legend: B sequences, T tokens of each, H query heads, K key-value heads, G = H / K, D head size; X = B K pairs, and Y =
T G queries of a pair, a token's side by side; S keys that some query of a block sees.
"""

from __future__ import annotations

import math
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor
from torch.autograd.function import once_differentiable

from whetstone.kernels import dispatch

SHORT = 256  # tokens up to which probabilities are kept; they take 4 T bytes a token and head
BLOCK = 64  # tokens whose queries are one product: keys after the last of them are left out
LN2 = math.log(2)


def causal(q_BHTD: Tensor, k_BKTD: Tensor, v_BKTD: Tensor, window: int | None) -> Tensor:
    """softmax(q k^T / sqrt(D)) v over a token's own past, the last `window` tokens of it when given; (B, H, T, D)."""
    grouped = q_BHTD.shape[1] != k_BKTD.shape[1]
    if window is not None and window < q_BHTD.shape[2]:
        t = torch.arange(q_BHTD.shape[2], device=q_BHTD.device)
        near_TT = near(t[:, None], t, window)
        return F.scaled_dot_product_attention(q_BHTD, k_BKTD, v_BKTD, attn_mask=near_TT, enable_gqa=grouped)
    if q_BHTD.shape[2] <= SHORT and torch.is_grad_enabled() and dispatch.use_cpu(q_BHTD, k_BKTD, v_BKTD):
        return _Short.apply(q_BHTD, k_BKTD, v_BKTD)  # type: ignore[return-value]
    return F.scaled_dot_product_attention(q_BHTD, k_BKTD, v_BKTD, is_causal=True, enable_gqa=grouped)


def near(query: Tensor, key: Tensor, window: int | None) -> Tensor:
    """Whether a query at one place sees a key at another."""
    return (key <= query) if window is None else (key <= query) & (query - key < window)


class _Short(torch.autograd.Function):
    @staticmethod
    def forward(ctx: Any, q_BHTD: Tensor, k_BKTD: Tensor, v_BKTD: Tensor) -> Tensor:  # pyright: ignore[reportIncompatibleMethodOverride]
        (B, H, T, D), K = q_BHTD.shape, k_BKTD.shape[1]
        k_XTD, v_XTD = _rows(k_BKTD, K), _rows(v_BKTD, K)
        hidden_YS = q_BHTD.new_full((BLOCK, BLOCK), -torch.inf).triu_(1).repeat_interleave(H // K, dim=0)
        o_BTHD = q_BHTD.new_empty(B, T, H, D)
        blocks = []
        for start in range(0, T, BLOCK):
            t = slice(start, min(start + BLOCK, T))
            # Scores in bits: PyTorch raises 2 to them in half the time that powers of e take on a CPU.
            q_XYD = _rows(q_BHTD[:, :, t], K, 1 / (LN2 * D**0.5))
            e_XYS = torch.bmm(q_XYD, k_XTD[:, : t.stop].transpose(1, 2))
            e_XYS[:, :, start:] += hidden_YS[: q_XYD.shape[1], : t.stop - start]
            e_XYS.sub_(e_XYS.amax(-1, keepdim=True)).exp2_()
            share_XY1 = e_XYS.sum(-1, keepdim=True).reciprocal_()
            o_XYD = torch.bmm(e_XYS, v_XTD[:, : t.stop]).mul_(share_XY1)
            _heads(o_BTHD[:, t], K).copy_(o_XYD.view(B, K, -1, H // K, D))
            blocks += (q_XYD, e_XYS, share_XY1)
        ctx.save_for_backward(k_XTD, v_XTD, o_BTHD, *blocks)
        return o_BTHD.transpose(1, 2)

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, do_BHTD: Tensor):  # pyright: ignore[reportIncompatibleMethodOverride]
        k_XTD, v_XTD, o_BTHD, *blocks = ctx.saved_tensors
        (B, T, H, D), K = o_BTHD.shape, len(k_XTD) // len(o_BTHD)
        along_BHT1 = torch.linalg.vecdot(do_BHTD, o_BTHD.transpose(1, 2)).unsqueeze(-1)
        dq_BTHD = torch.empty_like(o_BTHD)
        dk_XTD, dv_XTD = torch.zeros_like(k_XTD), torch.zeros_like(v_XTD)
        for start in range(0, T, BLOCK):
            t = slice(start, min(start + BLOCK, T))
            q_XYD, e_XYS, share_XY1, *blocks = blocks
            d_XYD = _rows(do_BHTD[:, :, t], K).mul_(share_XY1)
            along_XY1 = _rows(along_BHT1[:, :, t], K).mul_(share_XY1)
            dv_XTD[:, : t.stop] += torch.bmm(e_XYS.transpose(1, 2), d_XYD)
            dscores_XYS = torch.bmm(d_XYD, v_XTD[:, : t.stop].transpose(1, 2)).sub_(along_XY1).mul_(e_XYS)
            dk_XTD[:, : t.stop] += torch.bmm(dscores_XYS.transpose(1, 2), q_XYD)
            dq_XYD = torch.bmm(dscores_XYS, k_XTD[:, : t.stop]).mul_(D**-0.5)
            _heads(dq_BTHD[:, t], K).copy_(dq_XYD.view(B, K, -1, H // K, D))
        return dq_BTHD.transpose(1, 2), dk_XTD.mul_(LN2).unflatten(0, (B, K)), dv_XTD.unflatten(0, (B, K))


def _heads(x_BTHD: Tensor, K: int) -> Tensor:
    """A view of x, (B, K, T, G, D)."""
    return x_BTHD.unflatten(2, (K, -1)).transpose(1, 2)


def _rows(x_BHTD: Tensor, K: int, factor: float = 1.0) -> Tensor:
    """`factor` times x with a pair's queries in one matrix, (X, Y, D), in memory of its own."""
    B, H, T, D = x_BHTD.shape
    x_XYD = x_BHTD.new_empty(B * K, T * (H // K), D)
    torch.mul(_heads(x_BHTD.transpose(1, 2), K), factor, out=x_XYD.view(B, K, T, H // K, D))
    return x_XYD
