"""`linear_logprob` in Triton, for CUDA and ROCm.

Forward: a block of rows walks over one split of the vocabulary, tile by tile, with an online softmax that also carries
the first moment of the logits; the splits are merged in PyTorch. Backward: the logits of one range of columns are
computed again and turned into their gradient in one kernel, then two library GEMMs take that buffer of N x C to the
gradients of hidden and weight. Ranges of columns, not of rows, so that the large gradient (weight, V x H) is written
once. No atomics: results are the same bits on every call with the same tiles; the tiles are tuned per shape of the
weight by timing, so two processes may differ in the last bits. Nothing waits for the device.

Shapes: N rows, H hidden width, V vocabulary, S splits, C columns of a range.
"""

import functools
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any

import torch
import triton
import triton.language as tl
from torch import Tensor
from torch.autograd.function import once_differentiable
from triton import knobs

from whetstone.kernels import dispatch, vendor

# The interpreter keeps bf16 as bit patterns, and a dot of those is garbage without an error.
UPCAST_DOT = tl.constexpr(bool(knobs.runtime.interpret))
LOWEST = tl.constexpr(-1.0e38)  # stands for -inf, but 0 x LOWEST is 0

BUFFER_BYTES = 128 << 20  # of the gradient of one range of logits
MIN_COLUMNS = 4096  # of a range: fewer, and accumulating the gradient of hidden costs more than its GEMM
PROGRAMS = 512  # blocks of 128 rows that fill any of the chips a few times over
ALIGN = 256  # of splits and ranges: a multiple of every BLOCK_V, and of the 16 bytes of a vector load


@triton.jit
def logits_tile(
    hidden_NH, weight_VH, bias_V, rows, cols, N, V, H, scale,
    HAS_BIAS: tl.constexpr, PRECISION: tl.constexpr,
    BLOCK_N: tl.constexpr, BLOCK_V: tl.constexpr, BLOCK_K: tl.constexpr,
):  # fmt: skip
    """(hidden @ weight.T + bias) * scale for `rows` x `cols`, in fp32; 0 outside the matrix."""
    hidden_rows = hidden_NH + rows[:, None].to(tl.int64) * H
    weight_cols = weight_VH + cols[None, :].to(tl.int64) * H
    acc = tl.zeros((BLOCK_N, BLOCK_V), dtype=tl.float32)
    for start in range(0, H, BLOCK_K):
        k = start + tl.arange(0, BLOCK_K)
        h = tl.load(hidden_rows + k[None, :], mask=(rows < N)[:, None] & (k < H)[None, :], other=0.0)
        w = tl.load(weight_cols + k[:, None], mask=(cols < V)[None, :] & (k < H)[:, None], other=0.0)
        if UPCAST_DOT:
            h = h.to(tl.float32)
            w = w.to(tl.float32)
        acc = tl.dot(h, w, acc, input_precision=PRECISION)
    if HAS_BIAS:
        acc += tl.load(bias_V + cols, mask=cols < V, other=0.0).to(tl.float32)[None, :]
    return acc * scale


@triton.jit
def inverse(temperature_N, inv_temperature, rows, N, PER_ROW: tl.constexpr):
    """What the logits of `rows` are multiplied by: one number, or a column of them."""
    if PER_ROW:
        inv_temperature = 1.0 / tl.load(temperature_N + rows, mask=rows < N, other=1.0)[:, None]
    return inv_temperature


@triton.jit(do_not_specialize=["N"])
def forward_kernel(
    hidden_NH, weight_VH, bias_V, target_N, temperature_N, max_SN, sum_SN, moment_SN, picked_SN,
    N, V, H, split_columns, inv_temperature,
    HAS_BIAS: tl.constexpr, PER_ROW: tl.constexpr, PRECISION: tl.constexpr,
    BLOCK_N: tl.constexpr, BLOCK_V: tl.constexpr, BLOCK_K: tl.constexpr,
):  # fmt: skip
    """For each row and split: m = max z, sum e^(z-m), sum e^(z-m) (z-m), and z of the target (0 if elsewhere)."""
    rows = tl.program_id(0) * BLOCK_N + tl.arange(0, BLOCK_N)
    split = tl.program_id(1)
    target = tl.load(target_N + rows, mask=rows < N, other=-1)
    scale = inverse(temperature_N, inv_temperature, rows, N, PER_ROW)
    m = tl.full((BLOCK_N,), LOWEST, dtype=tl.float32)
    total = tl.zeros((BLOCK_N,), dtype=tl.float32)
    moment = tl.zeros((BLOCK_N,), dtype=tl.float32)
    picked = tl.zeros((BLOCK_N,), dtype=tl.float32)
    first = split * split_columns
    for start in range(first, tl.minimum(first + split_columns, V), BLOCK_V):
        cols = start + tl.arange(0, BLOCK_V)
        z = logits_tile(hidden_NH, weight_VH, bias_V, rows, cols, N, V, H, scale,
                        HAS_BIAS, PRECISION, BLOCK_N, BLOCK_V, BLOCK_K)  # fmt: skip
        picked += tl.sum(tl.where(cols[None, :] == target[:, None], z, 0.0), 1)
        z = tl.where((cols < V)[None, :], z, LOWEST)
        new_m = tl.maximum(m, tl.max(z, 1))
        z -= new_m[:, None]
        e = tl.exp(z)
        kept = tl.exp(m - new_m)
        moment = kept * (moment + (m - new_m) * total) + tl.sum(e * z, 1)
        total = kept * total + tl.sum(e, 1)
        m = new_m
    out = split.to(tl.int64) * N + rows
    tl.store(max_SN + out, m, mask=rows < N)
    tl.store(sum_SN + out, total, mask=rows < N)
    tl.store(moment_SN + out, moment, mask=rows < N)
    tl.store(picked_SN + out, picked, mask=rows < N)


@triton.jit(do_not_specialize=["N"])
def backward_kernel(
    hidden_NH, weight_VH, bias_V, target_N, temperature_N, lse_N, entropy_N, dlogp_N, dentropy_N, dlogits_NC,
    N, V, H, first, last, inv_temperature,
    HAS_BIAS: tl.constexpr, PER_ROW: tl.constexpr, PRECISION: tl.constexpr,
    BLOCK_N: tl.constexpr, BLOCK_V: tl.constexpr, BLOCK_K: tl.constexpr,
):  # fmt: skip
    """The gradient of the logits of columns first..last, from the saved log-sum-exp and entropy."""
    rows = tl.program_id(0) * BLOCK_N + tl.arange(0, BLOCK_N)
    cols = first + tl.program_id(1) * BLOCK_V + tl.arange(0, BLOCK_V)
    scale = inverse(temperature_N, inv_temperature, rows, N, PER_ROW)
    z = logits_tile(hidden_NH, weight_VH, bias_V, rows, cols, N, last, H, scale,
                    HAS_BIAS, PRECISION, BLOCK_N, BLOCK_V, BLOCK_K)  # fmt: skip
    target = tl.load(target_N + rows, mask=rows < N, other=-1)
    dlogp = tl.load(dlogp_N + rows, mask=(rows < N) & (target >= 0), other=0.0)[:, None]
    dentropy = tl.load(dentropy_N + rows, mask=rows < N, other=0.0)[:, None]
    entropy = tl.load(entropy_N + rows, mask=rows < N, other=0.0)[:, None]
    logp = z - tl.load(lse_N + rows, mask=rows < N, other=0.0)[:, None]
    dz = tl.where(cols[None, :] == target[:, None], dlogp, 0.0) - tl.exp(logp) * (dlogp + dentropy * (logp + entropy))
    out = dlogits_NC + rows[:, None].to(tl.int64) * (last - first) + (cols - first)[None, :]
    dlogits = (dz * scale).to(dlogits_NC.dtype.element_ty)
    tl.store(out, dlogits, mask=(rows < N)[:, None] & (cols < last)[None, :])


def ceil_div(amount: int, size: int) -> int:
    """How many blocks of `size` cover `amount`."""
    return -(-amount // size)


@functools.cache
def tuned(kernel: Any, backend: str, dtype: torch.dtype) -> Any:
    """`kernel` with the tiles of one vendor and dtype; the fastest is found once for each V x H."""
    return triton.autotune(vendor.matmul_configs(backend, dtype), key=["V", "H"])(kernel)


def launch(
    kernel: Any,
    blocks: Callable[[int], int],
    inputs: Sequence[Any],
    tensors: Iterable[Tensor],
    columns: tuple[int, ...],
    temperature: float | Tensor,
) -> None:
    """Run `kernel` over all blocks of rows, and as many blocks of columns as `blocks` makes of a BLOCK_V."""
    hidden_NH, weight_VH, bias_V, _ = inputs
    temperature_N, number = (temperature, 1.0) if isinstance(temperature, Tensor) else (None, temperature)
    (N, H), V = hidden_NH.shape, weight_VH.shape[0]
    backend = vendor.backend()
    tuned(kernel, backend, hidden_NH.dtype)[lambda meta: (ceil_div(N, meta["BLOCK_N"]), blocks(meta["BLOCK_V"]))](
        *inputs, temperature_N, *tensors, N, V, H, *columns, 1.0 / number,
        HAS_BIAS=bias_V is not None, PER_ROW=temperature_N is not None, PRECISION=vendor.dot_precision(backend),
    )  # fmt: skip


@dispatch.uncompiled
def linear_logprob(
    hidden_NH: Tensor,
    weight_VH: Tensor,
    target_N: Tensor,
    temperature: float | Tensor = 1.0,
    bias_V: Tensor | None = None,
) -> tuple[Tensor, Tensor]:
    """As `whetstone.kernels.linear_logprob.linear_logprob`, for N > 0 rows of fp32 or bf16."""
    hidden_NH, weight_VH, target_N = hidden_NH.contiguous(), weight_VH.contiguous(), target_N.contiguous()
    bias_V = None if bias_V is None else bias_V.contiguous()
    if isinstance(temperature, Tensor):
        temperature = temperature.float().contiguous()
    return _LinearLogprob.apply(hidden_NH, weight_VH, target_N, temperature, bias_V)


class _LinearLogprob(torch.autograd.Function):
    @staticmethod
    def forward(ctx, hidden_NH, weight_VH, target_N, temperature, bias_V):
        N, V = hidden_NH.shape[0], weight_VH.shape[0]
        columns = ceil_div(V, max(1, PROGRAMS // ceil_div(N, 128)))
        columns = ceil_div(columns, ALIGN) * ALIGN
        splits = ceil_div(V, columns)
        partial_4SN = hidden_NH.new_empty((4, splits, N), dtype=torch.float32)
        inputs = hidden_NH, weight_VH, bias_V, target_N
        launch(forward_kernel, lambda block: splits, inputs, partial_4SN, (columns,), temperature)
        logp_N, entropy_N, lse_N = merge(*partial_4SN)
        logp_N = logp_N.masked_fill(target_N < 0, 0.0).masked_fill(target_N >= V, torch.nan)
        ctx.save_for_backward(*inputs, lse_N, entropy_N)
        ctx.temperature = temperature
        return logp_N, entropy_N

    @staticmethod
    @once_differentiable
    def backward(ctx, grad_logp_N, grad_entropy_N):  # pyright: ignore[reportIncompatibleMethodOverride]
        *inputs, lse_N, entropy_N = ctx.saved_tensors
        hidden_NH, weight_VH, _, _ = inputs
        needs_hidden, needs_weight, _, _, needs_bias = ctx.needs_input_grad
        N, V = hidden_NH.shape[0], weight_VH.shape[0]
        dhidden_NH = torch.zeros_like(hidden_NH, dtype=torch.float32) if needs_hidden else None
        dweight_VH = torch.empty_like(weight_VH) if needs_weight else None
        dbias_V = weight_VH.new_empty(V, dtype=torch.float32) if needs_bias else None
        columns = max(MIN_COLUMNS, BUFFER_BYTES // (N * hidden_NH.element_size()) // ALIGN * ALIGN)
        dlogp_N, dentropy_N = grad_logp_N.contiguous(), grad_entropy_N.contiguous()
        for first in range(0, V, columns):
            last = min(first + columns, V)
            dlogits_NC = hidden_NH.new_empty((N, last - first))
            tensors = lse_N, entropy_N, dlogp_N, dentropy_N, dlogits_NC
            blocks = functools.partial(ceil_div, last - first)
            launch(backward_kernel, blocks, inputs, tensors, (first, last), ctx.temperature)
            if dhidden_NH is not None:
                dhidden_NH += dlogits_NC @ weight_VH[first:last]
            if dweight_VH is not None:
                torch.mm(dlogits_NC.T, hidden_NH, out=dweight_VH[first:last])
            if dbias_V is not None:
                dbias_V[first:last] = dlogits_NC.sum(0, dtype=torch.float32)
        dhidden = None if dhidden_NH is None else dhidden_NH.to(hidden_NH.dtype)
        dbias = None if dbias_V is None else dbias_V.to(inputs[2].dtype)
        return dhidden, dweight_VH, None, None, dbias


def merge(max_SN: Tensor, sum_SN: Tensor, moment_SN: Tensor, picked_SN: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    """The splits' partial sums -> (log-probability, entropy, log-sum-exp), relative to the overall maximum M.

    log p_t = (z_t - M) - log L and H = log L - E[z - M], so large logits do not cancel.
    """
    max_N = max_SN.amax(0)
    shift_SN = max_SN - max_N
    scale_SN = shift_SN.exp()
    total_N = (scale_SN * sum_SN).sum(0)
    moment_N = (scale_SN * (moment_SN + shift_SN * sum_SN)).sum(0)
    log_total_N = total_N.log()
    return picked_SN.sum(0) - max_N - log_total_N, log_total_N - moment_N / total_N, max_N + log_total_N


def launches(device: str) -> Iterator[tuple[str, Callable[[], None]]]:
    """Every form in which the operator is compiled, by name, for the check without a GPU."""
    yield "bfloat16", functools.partial(_call, torch.bfloat16, device)
    for dtype in (torch.bfloat16, torch.float32):  # the form that needs the most registers
        name = f"{str(dtype).removeprefix('torch.')}, bias and temperatures"
        yield name, functools.partial(_call, dtype, device, per_row=True)


def _call(dtype: torch.dtype, device: str, per_row: bool = False) -> None:
    hidden_NH, weight_VH = (torch.zeros(n, 64, dtype=dtype, device=device, requires_grad=True) for n in (32, 512))
    bias_V = torch.zeros(512, dtype=dtype, device=device, requires_grad=True) if per_row else None
    target_N = torch.zeros(32, dtype=torch.int64, device=device)
    temperature = torch.ones(32, device=device) if per_row else 1.0
    logp_N, entropy_N = linear_logprob(hidden_NH, weight_VH, target_N, temperature, bias_V)
    (logp_N.sum() + entropy_N.sum()).backward()
