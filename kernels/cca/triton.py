"""`cca` in Triton, for CUDA and ROCm.

Forward is one launch: a program takes a block of tokens and one head (or one block of value channels). Its rows and
those of their predecessors pass the head's matrix, tap by tap, into one accumulator, which is finished in registers:
mean, norm, rotation. Backward is three: the gradient of the vectors before the norm; that of the projected rows, which
gathers from each token's descendants; and that of the kernel, in a part for each of some ranges of tokens, summed in
PyTorch. No atomics: results are the same bits on every call with the same tiles, which are tuned per shape by timing.
Nothing waits for the device. Decoding is one launch, and its tiles are fixed, for it changes its inputs.

Shapes: as in `whetstone.kernels.cca`; S ranges of tokens, B blocks of tokens.
"""

import functools
from collections.abc import Callable, Iterator
from typing import Any

import torch
import triton
from torch import Tensor
from torch.autograd.function import once_differentiable

from whetstone.kernels import dispatch, vendor
from whetstone.kernels.cca import programs
from whetstone.kernels.cca.order import Order

BLOCK_B = 64  # tokens of a block of the pointwise backward kernel
PROGRAMS = 512  # of the kernel's gradient: enough to fill any of the chips a few times over
MIN_RANGE = 256  # tokens: fewer, and the parts cost more than the products


@dispatch.uncompiled
def cca(
    projected_NP: Tensor,
    kernel_hYD: Tensor,
    offset_hD: Tensor,
    temperature_K: Tensor,
    cos_NR: Tensor,
    sin_NR: Tensor,
    order: Order,
) -> tuple[Tensor, Tensor, Tensor]:
    """As `whetstone.kernels.cca.cca`, for N > 0 tokens of fp32 or bf16."""
    rows_NP = projected_NP if projected_NP.stride(1) == 1 else projected_NP.contiguous()
    inputs = rows_NP, *(tensor.contiguous() for tensor in (kernel_hYD, offset_hD, temperature_K))
    keep = torch.is_grad_enabled() and any(tensor.requires_grad for tensor in inputs)
    return _CCA.apply(*inputs, cos_NR.contiguous(), sin_NR.contiguous(), order, keep)


@dispatch.uncompiled
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
    """As `whetstone.kernels.cca.cca_decode`, for A > 0 tokens of fp32 or bf16."""
    rows_AP = projected_AP if projected_AP.stride(1) == 1 else projected_AP.contiguous()
    for state, inner in ((qk_AdC, (qk_AdC.shape[2], 1)), (value_AX, (1,))):
        if state.numel() and state.stride()[1:] != inner:
            raise ValueError(f"a state must be contiguous but for its rows; got strides {state.stride()}")
    sizes, A = _sizes(kernel_hYD, temperature_K, cos_AR), len(rows_AP)
    q_AHD, k_AKD, v_AKD = _results(rows_AP, sizes)
    tile = vendor.cca_decode_config(vendor.backend(), rows_AP.dtype, A)
    kernel: Any = programs.decode_kernel
    kernel[_blocks(A, tile.kwargs["BLOCK_N"]), sizes["H"] + 2 * sizes["K"]](
        rows_AP, qk_AdC, value_AX, kernel_hYD.contiguous(), offset_hD.contiguous(), temperature_K.contiguous(),
        cos_AR.contiguous(), sin_AR.contiguous(), q_AHD, k_AKD, v_AKD,
        A, rows_AP.stride(0), qk_AdC.stride(0), value_AX.stride(0), **sizes,
        PRECISION=vendor.dot_precision(vendor.backend()), BLOCK_D=_block(sizes["D"]), **tile.all_kwargs(),
    )  # fmt: skip
    return q_AHD, k_AKD, v_AKD


class _CCA(torch.autograd.Function):
    @staticmethod
    def forward(ctx, rows_NP, kernel_hYD, offset_hD, temperature_K, cos_NR, sin_NR, order, keep):
        sizes, N = _sizes(kernel_hYD, temperature_K, cos_NR), len(rows_NP)
        outputs = _results(rows_NP, sizes)
        z_NhD = rows_NP.new_empty((N if keep else 0, *offset_hD.shape))
        ancestors_LN = order.ancestors(max(sizes["L"], 2))  # the values look one token back
        _launch(
            programs.forward_kernel, N, sizes["H"] + 2 * sizes["K"],
            (rows_NP, ancestors_LN, kernel_hYD, offset_hD, temperature_K, cos_NR, sin_NR, *outputs, z_NhD),
            (N, rows_NP.stride(0)), {**sizes, "KEEP": keep},
        )  # fmt: skip
        ctx.save_for_backward(rows_NP, kernel_hYD, offset_hD, temperature_K, cos_NR, sin_NR, z_NhD)
        ctx.order, ctx.sizes = order, sizes
        return outputs

    @staticmethod
    @once_differentiable
    def backward(ctx, dq_NHD, dk_NKD, dv_NKD):  # pyright: ignore[reportIncompatibleMethodOverride]
        rows_NP, kernel_hYD, offset_hD, temperature_K, cos_NR, sin_NR, z_NhD = ctx.saved_tensors
        sizes, N = ctx.sizes, len(rows_NP)
        dq_NHD, dk_NKD, dv_NKD = (d.contiguous() for d in (dq_NHD, dk_NKD, dv_NKD))
        dz_NhD = torch.empty_like(z_NhD)
        blocks = _blocks(N, BLOCK_B)
        dtemperature_BK = rows_NP.new_empty((blocks, sizes["K"]), dtype=torch.float32)
        pointwise = {name: value for name, value in sizes.items() if name != "L"}
        kernel: Any = programs.norm_backward_kernel
        kernel[blocks, sizes["H"] + sizes["K"]](
            dq_NHD, dk_NKD, z_NhD, temperature_K, cos_NR, sin_NR, dz_NhD, dtemperature_BK, N, **pointwise,
            BLOCK_N=BLOCK_B, BLOCK_D=_block(sizes["D"]), num_warps=8,
        )  # fmt: skip
        drows_NP = _rows_gradient(dz_NhD, dv_NKD, kernel_hYD, ctx.order, sizes) if ctx.needs_input_grad[0] else None
        dkernel_hYD = doffset_hD = None
        if ctx.needs_input_grad[1] or ctx.needs_input_grad[2]:
            dkernel, doffset = _kernel_gradient(rows_NP, dz_NhD, ctx.order, sizes)
            dkernel_hYD, doffset_hD = dkernel.to(kernel_hYD.dtype), doffset.to(offset_hD.dtype)
        dtemperature_K = dtemperature_BK.sum(0).to(temperature_K.dtype)
        return drows_NP, dkernel_hYD, doffset_hD, dtemperature_K, None, None, None, None


def _rows_gradient(dz_NhD: Tensor, dv_NKD: Tensor, kernel_hYD: Tensor, order: Order, sizes: dict[str, int]) -> Tensor:
    first_LM, rows_LN = order.descendants(max(sizes["L"], 2))
    N, h, D = dz_NhD.shape
    drows_NP = dz_NhD.new_empty((N, (h + sizes["K"]) * D))
    forward = {name: value for name, value in sizes.items() if name != "R"}
    _launch(
        programs.rows_backward_kernel, N, h + sizes["K"],
        (dz_NhD, dv_NKD, first_LM, rows_LN, kernel_hYD, drows_NP), (N,), {**forward, "BRANCHES": not order.adjacent},
    )  # fmt: skip
    return drows_NP


def _kernel_gradient(rows_NP: Tensor, dz_NhD: Tensor, order: Order, sizes: dict[str, int]) -> tuple[Tensor, Tensor]:
    (N, h, D), L = dz_NhD.shape, sizes["L"]
    part = max(MIN_RANGE, _blocks(N, max(1, PROGRAMS // (h * L))))
    part = _blocks(part, MIN_RANGE) * MIN_RANGE
    ranges = _blocks(N, part)
    dkernel_ShYD = dz_NhD.new_empty((ranges, h, L * D, D), dtype=torch.float32)
    doffset_ShD = dz_NhD.new_empty((ranges, h, D), dtype=torch.float32)
    backend = vendor.backend()
    tile = vendor.cca_kernel_config(backend, rows_NP.dtype)
    forward = {name: value for name, value in sizes.items() if name != "R"}
    kernel: Any = programs.kernel_backward_kernel
    kernel[ranges, h * L](
        rows_NP, dz_NhD, order.ancestors(max(L, 2)), dkernel_ShYD, doffset_ShD, N, rows_NP.stride(0), part, **forward,
        PRECISION=vendor.dot_precision(backend), BLOCK_D=_block(D), **tile.all_kwargs(),
    )  # fmt: skip
    return dkernel_ShYD.sum(0), doffset_ShD.sum(0)


def _launch(kernel: Any, N: int, heads: int, tensors: tuple, scalars: tuple[int, ...], sizes: dict[str, int]) -> None:
    """Run `kernel` on every block of tokens and every head."""
    backend = vendor.backend()
    _tuned(kernel, backend, tensors[0].dtype)[lambda meta: (_blocks(N, meta["BLOCK_N"]), heads)](
        *tensors, *scalars, **sizes, PRECISION=vendor.dot_precision(backend), BLOCK_D=_block(sizes["D"])
    )


@functools.cache
def _tuned(kernel: Any, backend: str, dtype: torch.dtype) -> Any:
    """`kernel` with the tiles of one vendor and dtype; the fastest is found once for each shape of heads."""
    key = [name for name in ("H", "K", "D", "L", "KEEP", "BRANCHES") if name in kernel.arg_names]
    return triton.autotune(vendor.cca_configs(backend, dtype), key=key)(kernel)


def _sizes(kernel_hYD: Tensor, temperature_K: Tensor, cos_NR: Tensor) -> dict[str, int]:
    h, Y, D = kernel_hYD.shape
    K = len(temperature_K)
    return {"H": h - K, "K": K, "D": D, "R": cos_NR.shape[1], "L": Y // D}


def _results(rows_NP: Tensor, sizes: dict[str, int]) -> tuple[Tensor, Tensor, Tensor]:
    shapes = ((len(rows_NP), sizes[heads], sizes["D"]) for heads in ("H", "K", "K"))
    q_NHD, k_NKD, v_NKD = (rows_NP.new_empty(shape) for shape in shapes)
    return q_NHD, k_NKD, v_NKD


def _blocks(amount: int, size: int) -> int:
    """How many blocks of `size` cover `amount`."""
    return -(-amount // size)


def _block(D: int) -> int:
    """Columns of a tile that holds a head: a power of two, and no fewer than a matrix instruction takes."""
    return max(16, 1 << (D - 1).bit_length())


def launches(device: str) -> Iterator[tuple[str, Callable[[], None]]]:
    """Every form in which the operator is compiled, by name, for the check without a GPU."""
    yield "bfloat16, packed", functools.partial(_call, torch.bfloat16, True, device)
    yield "bfloat16, branching", functools.partial(_call, torch.bfloat16, False, device)
    yield "float32, packed", functools.partial(_call, torch.float32, True, device)
    yield "bfloat16, decode 1", functools.partial(_decode, torch.bfloat16, 1, device)
    for dtype in (torch.bfloat16, torch.float32):
        yield f"{str(dtype).removeprefix('torch.')}, decode 64", functools.partial(_decode, dtype, 64, device)


def _weights(dtype: torch.dtype, device: str) -> tuple[Tensor, Tensor, Tensor]:
    """Of ZAYA1-8B: 8 query and 2 key-value heads of 128."""
    zeros = functools.partial(torch.zeros, dtype=dtype, device=device, requires_grad=True)
    return zeros(10, 3 * 128, 128), zeros(10, 128), zeros(2)


def _call(dtype: torch.dtype, packed: bool, device: str) -> None:
    rows_NP = torch.zeros(64, 12 * 128, dtype=dtype, device=device, requires_grad=True)
    positions_N = torch.arange(64, device=device)
    cos_NR, sin_NR = torch.zeros(2, 64, 32, device=device)
    order = Order.packed(positions_N) if packed else Order(positions_N - 1)
    inputs = rows_NP, *_weights(dtype, device), cos_NR, sin_NR, order
    with torch.no_grad():
        cca(*inputs)
    outputs = cca(*inputs)
    torch.autograd.backward(outputs, [torch.zeros_like(output) for output in outputs])


def _decode(dtype: torch.dtype, rows: int, device: str) -> None:
    zeros = functools.partial(torch.zeros, dtype=dtype, device=device)
    cos_AR, sin_AR = torch.zeros(2, rows, 32, device=device)
    weights = (weight.detach() for weight in _weights(dtype, device))
    state = zeros(rows, 2, 1280), zeros(rows, 128)
    cca_decode(zeros(rows, 12 * 128), *state, *weights, cos_AR=cos_AR, sin_AR=sin_AR)
