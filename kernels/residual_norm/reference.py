"""The reference of `residual_norm`: plain PyTorch, on any device.

Shapes: N tokens, M model width.
"""

import functools

import torch
from torch import Tensor


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
    """As `whetstone.kernels.residual_norm.residual_norm`."""
    stream_NM = residual(x_NM, residual_NM, x_scale_M, x_bias_M, residual_scale_M, residual_bias_M)
    return stream_NM, rms_norm(stream_NM, weight_M, eps)


def residual(
    x_NM: Tensor,
    residual_NM: Tensor,
    x_scale_M: Tensor,
    x_bias_M: Tensor,
    residual_scale_M: Tensor,
    residual_bias_M: Tensor,
) -> Tensor:
    """As `whetstone.kernels.residual_norm.residual`."""
    vectors = x_scale_M, x_bias_M, residual_scale_M, residual_bias_M
    dtype = functools.reduce(torch.promote_types, (t.dtype for t in (x_NM, residual_NM, *vectors)), torch.float32)
    x_scale, x_bias, residual_scale, residual_bias = (vector.to(dtype) for vector in vectors)
    # Two passes over the rows, not four: what does not depend on them is one vector.
    constant_M = torch.addcmul(x_bias * x_scale, residual_bias, residual_scale)
    stream_NM = torch.addcmul(constant_M, residual_NM.to(dtype), residual_scale)
    return stream_NM.addcmul_(x_NM.to(dtype), x_scale)


def rms_norm(x: Tensor, weight_M: Tensor, eps: float) -> Tensor:
    """As `whetstone.kernels.residual_norm.rms_norm`."""
    full = x.to(torch.promote_types(x.dtype, torch.float32))
    norm = torch.linalg.vector_norm(full, dim=-1, keepdim=True)
    return (full * torch.rsqrt(norm * norm / x.shape[-1] + eps) * weight_M).to(weight_M.dtype)
