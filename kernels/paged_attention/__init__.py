"""Attention of one new token of each sequence over a paged cache of keys and values, for decoding.

Shapes: A running sequences, H query heads, K key-value heads, G = H / K, D head size, P pages of T positions, B pages
of the longest sequence.
"""

import torch
from torch import Tensor

from whetstone.kernels import dispatch

__all__ = ["paged_attention"]

DTYPES = (torch.float32, torch.bfloat16, torch.float64)


@torch.no_grad()
def paged_attention(
    q_AHD: Tensor,
    keys_PKTD: Tensor,
    values_PKTD: Tensor,
    pages_AB: Tensor,
    lengths_A: Tensor,
    window: int | None = None,
) -> Tensor:
    """softmax(q . k / sqrt(D)) @ v over the first `lengths_A` positions of each sequence, the last `window` of those.

    Position t of sequence a is row t % T of page `pages_AB[a, t // T]`; the new token's own key and value are already
    there, and counted in the length. Entries of the table beyond a sequence's pages may hold anything, and so may the
    rows beyond its length. G query heads share a key-value head. A sequence of length 0 gets zeros. The result
    (A, H, D) has the dtype of `q_AHD`; no gradients.

    A cache with one row of T positions a sequence is the case P = A, B = 1.

    Raises TypeError for dtypes other than one of fp32, bf16, fp64 for all three, ValueError for shapes that do not fit
    or a window below 1.
    """
    if q_AHD.dtype not in DTYPES or {keys_PKTD.dtype, values_PKTD.dtype} != {q_AHD.dtype}:
        raise TypeError(
            "q, keys and values must have one dtype of float32, bfloat16, float64; "
            f"got {q_AHD.dtype}, {keys_PKTD.dtype}, {values_PKTD.dtype}"
        )
    if pages_AB.dtype not in (torch.int32, torch.int64) or lengths_A.dtype not in (torch.int32, torch.int64):
        raise TypeError(f"pages and lengths must hold int32 or int64; got {pages_AB.dtype}, {lengths_A.dtype}")
    q, keys, pages = q_AHD.shape, keys_PKTD.shape, pages_AB.shape
    fit = q_AHD.ndim == 3 and keys_PKTD.ndim == 4 and pages_AB.ndim == 2 and values_PKTD.shape == keys
    if not (fit and keys[3] == q[2] and q[1] % keys[1] == 0 and pages[0] == q[0] and lengths_A.shape == q[:1]):
        raise ValueError(
            "expected q (A, H, D), keys and values (P, K, T, D) with H a multiple of K, pages (A, B), lengths (A,); "
            f"got {[tuple(t.shape) for t in (q_AHD, keys_PKTD, values_PKTD, pages_AB, lengths_A)]}"
        )
    if window is not None and window < 1:
        raise ValueError(f"window must be at least 1, or None for all positions; got {window}")
    if dispatch.use_triton(q_AHD) and q_AHD.dtype != torch.float64 and q_AHD.numel() and pages_AB.numel():
        from whetstone.kernels.paged_attention import triton as implementation
    else:
        from whetstone.kernels.paged_attention import reference as implementation
    with torch.autocast(q_AHD.device.type, enabled=False), torch.cuda.device_of(q_AHD):
        return implementation.paged_attention(q_AHD, keys_PKTD, values_PKTD, pages_AB, lengths_A, window)
