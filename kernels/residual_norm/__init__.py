"""A merge into the residual stream and the norm that reads it, in one pass; and either alone.

Shapes: N tokens, M model width.
"""

import torch
import torch.nn.functional as F
from torch import Tensor

from whetstone.kernels import dispatch
from whetstone.kernels.residual_norm import cpu, reference

__all__ = ["residual", "residual_norm", "rms_norm"]

DTYPES = (torch.float32, torch.bfloat16, torch.float64)


def residual_norm(
    x_NM: Tensor,
    residual_NM: Tensor,
    x_scale_M: Tensor,
    x_bias_M: Tensor,
    residual_scale_M: Tensor,
    residual_bias_M: Tensor,
    weight_M: Tensor,
    eps: float,
) -> tuple[Tensor, Tensor]:
    """stream = (x + x_bias) * x_scale + (residual + residual_bias) * residual_scale, and stream / rms(stream) * weight.

    The scaled residual of ZAYA1 (arXiv 2605.05365) and a root-mean-square norm (arXiv 1910.07467) with
    rms = sqrt(mean of squares + `eps`). All is computed in fp32 at least; the stream (N, M) is fp32, the normed stream
    (N, M) has the dtype of `weight_M`. Both have gradients with respect to all tensors.

    Inputs are fp32 or bf16, each as it likes; fp64 anywhere gives an fp64 stream, by the reference. Raises TypeError
    for other dtypes and ValueError for shapes that do not fit.
    """
    tensors = (x_NM, residual_NM, x_scale_M, x_bias_M, residual_scale_M, residual_bias_M, weight_M)
    _validate(*tensors)
    wide = any(tensor.dtype == torch.float64 for tensor in tensors)
    if dispatch.use_triton(x_NM) and not wide and x_NM.numel():
        from whetstone.kernels.residual_norm import triton as implementation
    else:
        implementation = cpu if dispatch.use_cpu(*tensors) else reference
    with torch.autocast(x_NM.device.type, enabled=False), torch.cuda.device_of(x_NM):
        return implementation.residual_norm(*tensors, eps=eps)


def residual(
    x_NM: Tensor,
    residual_NM: Tensor,
    x_scale_M: Tensor,
    x_bias_M: Tensor,
    residual_scale_M: Tensor,
    residual_bias_M: Tensor,
) -> Tensor:
    """The stream of `residual_norm` alone, in plain PyTorch on every device.

    Raises TypeError and ValueError as `residual_norm`.
    """
    tensors = (x_NM, residual_NM, x_scale_M, x_bias_M, residual_scale_M, residual_bias_M)
    _validate(*tensors)
    with torch.autocast(x_NM.device.type, enabled=False):
        return reference.residual(*tensors)


def rms_norm(x: Tensor, weight_M: Tensor, eps: float) -> Tensor:
    """x / sqrt(mean of squares + eps) * weight over the last dimension, computed in fp32 at least (arXiv 1910.07467).

    The result has the dtype of the weight. There is no Triton form: on a GPU this is `F.rms_norm`.
    """
    if x.is_cuda:
        wide = torch.promote_types(x.dtype, torch.float32)
        return (F.rms_norm(x.to(wide), weight_M.shape, eps=eps) * weight_M).to(weight_M.dtype)
    implementation = cpu if x.ndim == 2 and dispatch.use_cpu(x, weight_M) else reference
    with torch.autocast(x.device.type, enabled=False):
        return implementation.rms_norm(x, weight_M, eps)


def _validate(x_NM: Tensor, *others: Tensor) -> None:
    tensors = (x_NM, *others)
    if any(tensor.dtype not in DTYPES for tensor in tensors):
        raise TypeError(f"expected float32, bfloat16 or float64; got {', '.join(str(t.dtype) for t in tensors)}")
    shapes = [tuple(tensor.shape) for tensor in tensors]
    if x_NM.ndim != 2 or shapes != [shapes[0]] * 2 + [shapes[0][1:]] * (len(shapes) - 2):
        raise ValueError(f"expected x and residual (N, M), then {len(shapes) - 2} vectors (M,); got {shapes}")
