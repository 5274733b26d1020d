"""The MLP router of MoE++: which experts each token takes, and with what weight (ZAYA1, arXiv 2605.05365).

Shapes: N tokens, M model width, R router width, C classes (the experts, then skip), K choices of a token.
"""

from typing import NamedTuple

import torch
from torch import Tensor

from whetstone.kernels import dispatch, vendor
from whetstone.kernels.router import reference

__all__ = ["RouterWeights", "Routes", "router"]

DTYPES = (torch.float32, torch.bfloat16, torch.float64)


class RouterWeights(NamedTuple):
    """What a router learns, in one dtype. Matrices are (out, in), as in `nn.Linear`."""

    down_RM: Tensor
    down_bias_R: Tensor
    scale_R: Tensor | None  # of the previous layer's state; None in the first layer
    norm_R: Tensor
    fc1_RR: Tensor
    fc1_bias_R: Tensor
    fc2_RR: Tensor
    fc2_bias_R: Tensor
    out_CR: Tensor


class Routes(NamedTuple):
    """Where each token goes. `weight` and `state` have gradients."""

    choice_NK: Tensor  # int64 classes, best first
    weight_NK: Tensor  # their probabilities, 0 for skip; dtype of x
    state_NR: Tensor  # for the next layer; dtype of x
    counts_C: Tensor  # int64: how many choices fell on each class


def router(
    x_NM: Tensor,
    weights: RouterWeights,
    biases_C: Tensor,
    previous_NR: Tensor | None = None,
    replay_NK: Tensor | None = None,
    top_k: int = 1,
    eps: float = 1e-5,
) -> Routes:
    """Choose `top_k` classes for each token by a small network's probabilities plus `biases`.

        state = down(x) + previous * scale                          (EDA: an average over layers)
        p     = softmax(out(gelu(fc2(gelu(fc1(rms_norm(state)))))))   (exact GELU; softmax in fp32)

    The biases (fp32, without gradient) steer the choice, never the weight, so gradients reach the network through the
    probabilities of the chosen classes alone. `replay` gives the choices instead of making them.

    x and the weights are fp32 or bf16 alike; under autocast they are cast to its dtype, as `F.linear` does. fp64 stays
    fp64. The reference is taken for that, for R > 256, and for fp32 on CUDA (`vendor.router_fits` says why).

    Raises TypeError for such dtypes and ValueError for shapes that do not fit, a `previous` without a scale (or the
    reverse), and a top_k outside 1..C.
    """
    device = x_NM.device.type
    if torch.is_autocast_enabled(device):
        dtype = torch.get_autocast_dtype(device)
        x_NM, previous_NR = x_NM.to(dtype), None if previous_NR is None else previous_NR.to(dtype)
        weights = RouterWeights(*(None if w is None else w.to(dtype) for w in weights))
        with torch.autocast(device, enabled=False):
            return router(x_NM, weights, biases_C, previous_NR, replay_NK, top_k, eps)
    _validate(x_NM, weights, biases_C, previous_NR, replay_NK, top_k)
    arguments = x_NM, weights, biases_C, previous_NR, replay_NK, top_k, eps
    if dispatch.use_triton(x_NM) and x_NM.dtype != torch.float64 and x_NM.numel():
        from whetstone.kernels.router import triton

        with torch.cuda.device_of(x_NM):  # Triton launches on the current device
            if vendor.router_fits(vendor.backend(), x_NM.dtype, len(weights.norm_R)):
                return Routes(*triton.router(*arguments))
    return Routes(*reference.router(*arguments))


def _validate(
    x: Tensor, weights: RouterWeights, biases: Tensor, previous: Tensor | None, replay: Tensor | None, top_k: int
) -> None:
    given = [x, *(w for w in (*weights, previous) if w is not None)]
    if x.dtype not in DTYPES or any(t.dtype != x.dtype for t in given):
        raise TypeError(
            "x, the weights and previous must have one dtype of float32, bfloat16, float64; "
            f"got {', '.join(sorted({str(t.dtype) for t in given}))}"
        )
    if biases.dtype != torch.float32 or (replay is not None and replay.dtype not in (torch.int64, torch.int32)):
        replayed = None if replay is None else replay.dtype
        raise TypeError(f"biases must be float32 and replay int64 or int32; got {biases.dtype}, {replayed}")
    if (previous is None) != (weights.scale_R is None):
        raise ValueError(
            "a previous state and a scale belong together: the first layer has neither, every other both; "
            f"got {'no' if previous is None else 'a'} previous, {'no' if weights.scale_R is None else 'a'} scale"
        )
    (N, M), (C, R) = x.shape, weights.out_CR.shape
    expected = RouterWeights((R, M), (R,), (R,), (R,), (R, R), (R,), (R, R), (R,), (C, R))  # type: ignore[arg-type]
    pairs = [*zip(weights, expected, strict=True), (biases, (C,)), (previous, (N, R)), (replay, (N, top_k))]
    if any(t is not None and t.shape != shape for t, shape in pairs):
        found = [None if t is None else tuple(t.shape) for t, _ in pairs]
        raise ValueError(f"expected for x {(N, M)}, {C} classes and top {top_k} {[s for _, s in pairs]}; got {found}")
    if not 1 <= top_k <= C:
        raise ValueError(f"top_k must be 1 to {C}, the number of classes; got {top_k}")
