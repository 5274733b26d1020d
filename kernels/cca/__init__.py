"""Everything between CCA's projections and its attention, in one pass (arXiv 2510.04476, as ZAYA1 runs it).

Shapes: N tokens, H query heads, K key-value heads, h = H + K, D head size, R rotated pairs of a head; C = h D channels
of queries and keys, X = K D / 2 of either half of the values, P = C + 2 X of a projected row; L = t0 + t1 - 1 taps of
both convolutions together, Y = L D. A running sequences, each with a state of d = L - 1 rows.
"""

from types import ModuleType

import torch
from torch import Tensor

from whetstone.kernels import dispatch
from whetstone.kernels.cca import cpu
from whetstone.kernels.cca.compose import compose
from whetstone.kernels.cca.order import Order

__all__ = ["Order", "cca", "cca_decode", "cca_state", "compose"]

DTYPES = (torch.float32, torch.bfloat16, torch.float64)


def cca(
    projected_NP: Tensor,
    kernel_hYD: Tensor,
    offset_hD: Tensor,
    temperature_K: Tensor,
    cos_NR: Tensor,
    sin_NR: Tensor,
    order: Order,
) -> tuple[Tensor, Tensor, Tensor]:
    """Queries (N, H, D), keys (N, K, D) and values (N, K, D), ready for attention.

    A row of `projected_NP` is [queries | keys | values of now | values for the next token]. In turn:
    - both causal convolutions, composed (`compose`): the last L rows of each head times `kernel_hYD`, plus `offset_hD`;
      rows before a sequence's start are zero;
    - the mean of each query and its key, taken before the convolution, is added to the query, and the mean of those
      over a group of queries to their key;
    - each head is scaled to length sqrt(D), keys then times `temperature_K`;
    - the first 2 R channels of each head are rotated (rotate-half form) by the angles whose cosine and sine are given;
    - the second half of the value channels is that of the previous token, zero at a sequence's start.

    `order` says which token each token follows. Means, norms and rotation are computed in fp32 at least. Gradients go
    to the first four arguments. Results have the dtype of `projected_NP`: fp32, bf16, or fp64 (always the reference);
    `kernel_hYD` has the same.

    Raises TypeError for other dtypes and ValueError for shapes that do not fit.
    """
    _validate(projected_NP, kernel_hYD, offset_hD, temperature_K, cos_NR, sin_NR)
    if len(order.previous_N) != len(projected_NP):
        raise ValueError(f"the order is of {len(order.previous_N)} tokens, the rows are {len(projected_NP)}")
    implementation = cpu if dispatch.use_cpu(projected_NP) else _implementation(projected_NP)
    with torch.autocast(projected_NP.device.type, enabled=False), torch.cuda.device_of(projected_NP):
        return implementation.cca(projected_NP, kernel_hYD, offset_hD, temperature_K, cos_NR, sin_NR, order)


@torch.no_grad()
def cca_decode(
    projected_AP: Tensor,
    qk_AdC: Tensor,
    value_AX: Tensor,
    kernel_hYD: Tensor,
    offset_hD: Tensor,
    temperature_K: Tensor,
    cos_AR: Tensor,
    sin_AR: Tensor,
) -> tuple[Tensor, Tensor, Tensor]:
    """As `cca` for one new token of each of A sequences, whose predecessors are in a state; no gradients.

    The state is `qk_AdC`, the last d rows of queries and keys, newest first, and `value_AX`, the last token's values
    for the next; both are advanced in place, and may have a dtype of their own. Zeros are the state before a start;
    `cca_state` gives the one after a prompt.

    Raises TypeError and ValueError as `cca`.
    """
    _validate(projected_AP, kernel_hYD, offset_hD, temperature_K, cos_AR, sin_AR)
    rows, heads, size = len(projected_AP), *offset_hD.shape
    states = tuple(qk_AdC.shape), tuple(value_AX.shape)
    expected = (rows, kernel_hYD.shape[1] // size - 1, heads * size), (rows, len(temperature_K) * size // 2)
    if states != expected:
        raise ValueError(f"expected a state of shapes {expected[0]} and {expected[1]}; got {states[0]} and {states[1]}")
    implementation = _implementation(projected_AP)
    with torch.autocast(projected_AP.device.type, enabled=False), torch.cuda.device_of(projected_AP):
        return implementation.cca_decode(
            projected_AP, qk_AdC, value_AX, kernel_hYD, offset_hD, temperature_K, cos_AR, sin_AR
        )


@torch.no_grad()
def cca_state(projected_NP: Tensor, channels: int, depth: int, order: Order, last_B: Tensor) -> tuple[Tensor, Tensor]:
    """The state of `cca_decode` after the tokens `last_B`: (B, depth, C) of the first `channels` C, and (B, X)."""
    half = (projected_NP.shape[1] - channels) // 2
    rows_BL = order.ancestors(depth + 1)[:depth, last_B].T
    qk_BdC = projected_NP[:, :channels][rows_BL].masked_fill((rows_BL < 0)[:, :, None], 0.0)
    return qk_BdC, projected_NP[last_B, channels + half :]


def _implementation(projected: Tensor) -> ModuleType:
    if dispatch.use_triton(projected) and projected.dtype != torch.float64 and projected.numel():
        from whetstone.kernels.cca import triton as implementation
    else:
        from whetstone.kernels.cca import reference as implementation
    return implementation


def _validate(projected: Tensor, kernel: Tensor, offset: Tensor, temperature: Tensor, cos: Tensor, sin: Tensor) -> None:
    if projected.dtype not in DTYPES or kernel.dtype != projected.dtype:
        raise TypeError(
            f"rows and kernel must have one dtype of float32, bfloat16, float64; got {projected.dtype}, {kernel.dtype}"
        )
    shapes = [tuple(t.shape) for t in (projected, kernel, offset, temperature, cos, sin)]
    fit = [t.ndim for t in (projected, kernel, offset, temperature, cos, sin)] == [2, 3, 2, 1, 2, 2]
    if fit:
        (rows, width), (heads, size), groups = projected.shape, offset.shape, len(temperature)
        fit = (
            kernel.shape == (heads, kernel.shape[1], size)
            and kernel.shape[1] % size == 0 < kernel.shape[1]
            and 0 < groups < heads
            and heads % groups == 0 == groups * size % 2
            and width == (heads + groups) * size
            and cos.shape == sin.shape == (rows, cos.shape[1])
            and 2 * cos.shape[1] <= size
        )
    if not fit:
        raise ValueError(
            "expected rows (N, (h + K) D), kernel (h, L D, D), offset (h, D), temperature (K,), cosine and sine (N, R) "
            f"with h a multiple of K, K D even and 2 R <= D; got {shapes}"
        )
