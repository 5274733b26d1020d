"""`residual_norm` in Triton, for CUDA and ROCm.

Forward and backward are one launch each, in which a program walks over every P-th row with the vectors in registers.
Backward adds up the vectors' gradients on its way and stores one part a program; the parts are summed in PyTorch, so
there are no atomics and the results are the same bits on every call. The number of programs is fixed for that reason.

Shapes: N tokens, M model width, P programs.
"""

import functools
from collections.abc import Callable, Iterator
from typing import Any

import torch
import triton
import triton.language as tl
from torch import Tensor
from torch.autograd.function import once_differentiable

from whetstone.kernels import dispatch, vendor

PROGRAMS = 512  # a few for each multiprocessor of any of the chips


@triton.jit(do_not_specialize=["N"])
def forward_kernel(
    x_NM, residual_NM, x_scale_M, x_bias_M, residual_scale_M, residual_bias_M, weight_M,
    stream_NM, normed_NM, inverse_N, N, eps, M: tl.constexpr, BLOCK_M: tl.constexpr,
):  # fmt: skip
    """Rows p, p + P, ... of stream, normed and 1 / rms."""
    cols = tl.arange(0, BLOCK_M)
    inside = cols < M
    x_scale = tl.load(x_scale_M + cols, inside, 0.0).to(tl.float32)
    x_bias = tl.load(x_bias_M + cols, inside, 0.0).to(tl.float32)
    residual_scale = tl.load(residual_scale_M + cols, inside, 0.0).to(tl.float32)
    residual_bias = tl.load(residual_bias_M + cols, inside, 0.0).to(tl.float32)
    weight = tl.load(weight_M + cols, inside, 0.0).to(tl.float32)
    for row in range(tl.program_id(0), N, tl.num_programs(0)):
        at = tl.cast(row, tl.int64) * M + cols
        x = tl.load(x_NM + at, inside, 0.0).to(tl.float32)
        residual = tl.load(residual_NM + at, inside, 0.0).to(tl.float32)
        stream = (x + x_bias) * x_scale + (residual + residual_bias) * residual_scale
        inverse = tl.rsqrt(tl.sum(stream * stream, 0) / M + eps)
        tl.store(stream_NM + at, stream, inside)
        tl.store(normed_NM + at, (stream * inverse * weight).to(normed_NM.dtype.element_ty), inside)
        tl.store(inverse_N + row, inverse)


@triton.jit(do_not_specialize=["N"])
def backward_kernel(
    dstream_NM, dnormed_NM, stream_NM, inverse_N, x_NM, residual_NM,
    x_scale_M, x_bias_M, residual_scale_M, residual_bias_M, weight_M,
    dx_NM, dresidual_NM, parts_P4M, N, M: tl.constexpr, BLOCK_M: tl.constexpr,
):  # fmt: skip
    """Rows p, p + P, ... of the gradients of x and residual, and their part of the vectors' gradients.

    The parts: of the sum of x and residual, of x_scale, of residual_scale, of weight.
    """
    cols = tl.arange(0, BLOCK_M)
    inside = cols < M
    x_scale = tl.load(x_scale_M + cols, inside, 0.0).to(tl.float32)
    x_bias = tl.load(x_bias_M + cols, inside, 0.0).to(tl.float32)
    residual_scale = tl.load(residual_scale_M + cols, inside, 0.0).to(tl.float32)
    residual_bias = tl.load(residual_bias_M + cols, inside, 0.0).to(tl.float32)
    weight = tl.load(weight_M + cols, inside, 0.0).to(tl.float32)
    sum_d = tl.zeros((BLOCK_M,), dtype=tl.float32)
    sum_x = tl.zeros((BLOCK_M,), dtype=tl.float32)
    sum_residual = tl.zeros((BLOCK_M,), dtype=tl.float32)
    sum_weight = tl.zeros((BLOCK_M,), dtype=tl.float32)
    for row in range(tl.program_id(0), N, tl.num_programs(0)):
        at = tl.cast(row, tl.int64) * M + cols
        inverse = tl.load(inverse_N + row)
        unit = tl.load(stream_NM + at, inside, 0.0) * inverse
        dnormed = tl.load(dnormed_NM + at, inside, 0.0).to(tl.float32)
        dunit = dnormed * weight
        d = tl.load(dstream_NM + at, inside, 0.0) + (dunit - unit * (tl.sum(dunit * unit, 0) / M)) * inverse
        tl.store(dx_NM + at, (d * x_scale).to(dx_NM.dtype.element_ty), inside)
        tl.store(dresidual_NM + at, (d * residual_scale).to(dresidual_NM.dtype.element_ty), inside)
        sum_d += d
        sum_x += d * (tl.load(x_NM + at, inside, 0.0).to(tl.float32) + x_bias)
        sum_residual += d * (tl.load(residual_NM + at, inside, 0.0).to(tl.float32) + residual_bias)
        sum_weight += dnormed * unit
    part = parts_P4M + tl.program_id(0) * (4 * M) + cols
    tl.store(part, sum_d, inside)
    tl.store(part + M, sum_x, inside)
    tl.store(part + 2 * M, sum_residual, inside)
    tl.store(part + 3 * M, sum_weight, inside)


@dispatch.uncompiled
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
    """As `whetstone.kernels.residual_norm.residual_norm`, for N > 0 tokens of fp32 or bf16."""
    tensors = (x_NM, residual_NM, x_scale_M, x_bias_M, residual_scale_M, residual_bias_M, weight_M)
    return _ResidualNorm.apply(eps, *(tensor.contiguous() for tensor in tensors))


class _ResidualNorm(torch.autograd.Function):
    @staticmethod
    def forward(ctx, eps, x_NM, residual_NM, *vectors):
        N, M = x_NM.shape
        stream_NM = torch.empty_like(x_NM, dtype=torch.float32)
        normed_NM = torch.empty_like(x_NM, dtype=vectors[-1].dtype)
        inverse_N = x_NM.new_empty(N, dtype=torch.float32)
        tensors = (x_NM, residual_NM, *vectors, stream_NM, normed_NM, inverse_N)
        _launch(forward_kernel, min(N, PROGRAMS), *tensors, N, eps, **_sizes(M, 8))
        ctx.save_for_backward(x_NM, residual_NM, *vectors, stream_NM, inverse_N)
        return stream_NM, normed_NM

    @staticmethod
    @once_differentiable
    def backward(ctx, dstream_NM, dnormed_NM):  # pyright: ignore[reportIncompatibleMethodOverride]
        x_NM, residual_NM, *vectors, stream_NM, inverse_N = ctx.saved_tensors
        N, M = x_NM.shape
        dx_NM, dresidual_NM = torch.empty_like(x_NM), torch.empty_like(residual_NM)
        parts_P4M = x_NM.new_empty((min(N, PROGRAMS), 4, M), dtype=torch.float32)
        gradients = dstream_NM.contiguous(), dnormed_NM.contiguous()
        tensors = (*gradients, stream_NM, inverse_N, x_NM, residual_NM, *vectors, dx_NM, dresidual_NM, parts_P4M)
        _launch(backward_kernel, len(parts_P4M), *tensors, N, **_sizes(M, 4))
        sum_M, dx_scale_M, dresidual_scale_M, dweight_M = parts_P4M.sum(0)
        x_scale_M, _, residual_scale_M, _, _ = vectors
        gradients = dx_scale_M, sum_M * x_scale_M, dresidual_scale_M, sum_M * residual_scale_M, dweight_M
        return None, dx_NM, dresidual_NM, *(d.to(v.dtype) for d, v in zip(gradients, vectors, strict=True))


def _launch(kernel: Any, programs: int, *arguments: Any, **options: Any) -> None:
    kernel[programs,](*arguments, **options)


def _sizes(M: int, values: int) -> dict[str, Any]:
    """`values` a thread: more leave fewer threads to wait for, fewer keep the registers from spilling."""
    block = 1 << (M - 1).bit_length()
    return {"M": M, "BLOCK_M": block, "num_warps": vendor.row_warps(vendor.backend(), block, values)}


def launches(device: str) -> Iterator[tuple[str, Callable[[], None]]]:
    """Every form in which the operator is compiled, by name, for the check without a GPU."""
    for dtype in (torch.bfloat16, torch.float32):
        yield str(dtype).removeprefix("torch."), functools.partial(_call, dtype, device)


def _call(dtype: torch.dtype, device: str) -> None:
    """Of ZAYA1-8B: width 2048."""
    x_NM = torch.zeros(4, 2048, dtype=dtype, device=device, requires_grad=True)
    residual_NM = torch.zeros(4, 2048, device=device, requires_grad=True)
    vectors = torch.zeros(5, 2048, dtype=dtype, device=device, requires_grad=True).unbind()
    outputs = residual_norm(x_NM, residual_NM, *vectors, eps=1e-5)
    torch.autograd.backward(outputs, [torch.zeros_like(output) for output in outputs])
