"""SwiGLU experts: each token passes through the experts it was routed to, and a skipped one through none.

Shapes: N tokens, M model width, E experts, I expert width, X = 2 I (gate rows, then up rows), K choices of a token.
"""

import torch
from torch import Tensor

from whetstone.kernels import dispatch
from whetstone.kernels.grouped_experts import reference

__all__ = ["grouped_experts"]

DTYPES = (torch.float32, torch.bfloat16, torch.float64)


def grouped_experts(
    x_NM: Tensor, gate_up_EXM: Tensor, down_EMI: Tensor, choice_NK: Tensor, weight_NK: Tensor
) -> Tensor:
    """Sum over k of weight * down(silu(gate(x)) * up(x)) by expert `choice`, in the dtype of x; (N, M).

    Experts lie as in Transformers (a gate and an up matrix stacked, then a down matrix, no biases). A choice of E or
    more means skip: it contributes zero and costs nothing. x, gate_up, down and weight have gradients; the weight of a
    skipped choice gets 0, and so do the matrices of an expert without tokens.

    x, gate_up and down are fp32 or bf16 alike; under autocast they are cast to its dtype, as `F.linear` does. fp64
    stays fp64 and always takes the reference. Products are accumulated in fp32. weight may have any floating dtype.

    Raises TypeError for such dtypes and ValueError for shapes that do not fit. Values of choice are not looked at,
    which on a GPU would wait for the device; a negative one is an error of the caller.
    """
    device = x_NM.device.type
    if torch.is_autocast_enabled(device):
        dtype = torch.get_autocast_dtype(device)
        x_NM, gate_up_EXM, down_EMI = x_NM.to(dtype), gate_up_EXM.to(dtype), down_EMI.to(dtype)
        with torch.autocast(device, enabled=False):
            return grouped_experts(x_NM, gate_up_EXM, down_EMI, choice_NK, weight_NK)
    _validate(x_NM, gate_up_EXM, down_EMI, choice_NK, weight_NK)
    if not (dispatch.use_triton(x_NM) and x_NM.dtype != torch.float64 and x_NM.numel()):
        return reference.grouped_experts(x_NM, gate_up_EXM, down_EMI, choice_NK, weight_NK)
    from whetstone.kernels.grouped_experts import triton

    with torch.cuda.device_of(x_NM):  # Triton launches on the current device
        return triton.grouped_experts(x_NM, gate_up_EXM, down_EMI, choice_NK, weight_NK)


def _validate(x: Tensor, gate_up: Tensor, down: Tensor, choice: Tensor, weight: Tensor) -> None:
    if x.dtype not in DTYPES or not x.dtype == gate_up.dtype == down.dtype:
        raise TypeError(
            "x, gate_up and down must have one dtype of float32, bfloat16, float64; "
            f"got {x.dtype}, {gate_up.dtype}, {down.dtype}"
        )
    if choice.dtype not in (torch.int64, torch.int32) or not weight.is_floating_point():
        raise TypeError(f"choice must be int64 or int32 and weight floating; got {choice.dtype}, {weight.dtype}")
    if x.ndim == choice.ndim == 2 and down.ndim == 3:
        (N, M), (E, _, inner), K = x.shape, down.shape, choice.shape[1]
        shapes = gate_up.shape, down.shape, choice.shape, weight.shape
        if E and K and shapes == ((E, 2 * inner, M), (E, M, inner), (N, K), (N, K)):
            return
    found = [tuple(t.shape) for t in (x, gate_up, down, choice, weight)]
    raise ValueError(f"expected x (N, M), gate_up (E, 2 I, M), down (E, M, I), choice and weight (N, K); got {found}")
