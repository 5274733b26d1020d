"""`grouped_experts` in Triton, for CUDA and ROCm.

The assignments (token, k) are sorted by expert on the device; a tile of rows belongs to one expert. Only the device
knows how many tiles there are, so the grid is the most there can be, and programs beyond the last tile return at once.
Nothing waits for the device.

Forward, two products: rows of x are gathered as they are loaded, SwiGLU is applied to the accumulators, and the second
product is weighted and written to the rows it belongs to. Skipped assignments form the last group: its tiles only write
zeros. Backward, four products; the gradient of the weights falls out of the first of them, since
<dy, down act> = <down^T dy, act>. No atomics: results are the same bits on every call with the same tiles; the tiles
are tuned by timing, so two processes may differ in the last bits.

Shapes: N tokens, M model width, E experts, F = E + 1 groups, I expert width, X = 2 I, K choices of a token, A = N K
assignments, Z slots of partial sums. S is A in the order of the experts.
"""

import functools
from collections.abc import Callable, Iterator
from typing import Any

import torch
import triton
import triton.language as tl
from torch import Tensor
from torch.autograd.function import once_differentiable
from triton import knobs

from whetstone.kernels import dispatch, vendor
from whetstone.kernels.grouped_experts.sort import sort

# The interpreter keeps bf16 as bit patterns, and a dot of those is garbage without an error.
UPCAST_DOT = tl.constexpr(bool(knobs.runtime.interpret))
SLOT = tl.constexpr(32)  # columns of one partial sum of d weight: no tile is narrower
BAND = tl.constexpr(8)  # tiles of rows that share a tile of columns while both are in the cache


@triton.jit
def product(a, b, acc, PRECISION: tl.constexpr):
    """acc + a @ b."""
    if UPCAST_DOT:
        a = a.to(tl.float32)
        b = b.to(tl.float32)
    return tl.dot(a, b, acc, input_precision=PRECISION)


@triton.jit
def find_tile(ends_F, E, A, columns, BLOCK_R: tl.constexpr, BLOCK_C: tl.constexpr, BLOCK_F: tl.constexpr):
    """This program's group (more than E: none), its first row among the sorted ones, the group's end, its columns.

    Programs walk down a band of tiles of rows before they go to the next tile of columns.
    """
    tiles = (A + tl.minimum(E + 1, A) * (BLOCK_R - 1)) // BLOCK_R  # as in Rows.tiles
    band_size = BAND * tl.cdiv(columns, BLOCK_C)
    band = tl.program_id(0) // band_size
    height = tl.minimum(tiles - band * BAND, BAND)
    within = tl.program_id(0) % band_size
    tile = band * BAND + within % height
    f = tl.arange(0, BLOCK_F)
    ends = tl.load(ends_F + f, mask=f <= E, other=0)
    starts = tl.load(ends_F + f - 1, mask=(f > 0) & (f <= E), other=0)
    sizes = (ends - starts + BLOCK_R - 1) // BLOCK_R
    through = tl.cumsum(sizes, 0)
    group = tl.sum((through <= tile).to(tl.int32), 0)
    mine = f == group
    row = tl.sum(tl.where(mine, starts + (tile - through + sizes) * BLOCK_R, 0), 0)
    return group, row, tl.sum(tl.where(mine, ends, 0), 0), within // height * BLOCK_C + tl.arange(0, BLOCK_C)


@triton.jit(do_not_specialize=["A"])
def up_kernel(
    x_NM, gate_up_EXM, order_S, ends_F, gate_up_SX, act_SI, A, M, inner, E, K,
    KEEP: tl.constexpr, PRECISION: tl.constexpr, BLOCK_F: tl.constexpr,
    BLOCK_R: tl.constexpr, BLOCK_C: tl.constexpr, BLOCK_K: tl.constexpr,
):  # fmt: skip
    """act = silu(gate) * up, and gate and up themselves if KEEP, of sorted rows."""
    group, row, end, cols = find_tile(ends_F, E, A, inner, BLOCK_R, BLOCK_C, BLOCK_F)  # type: ignore[misc]
    if group >= E:
        return
    r = tl.arange(0, BLOCK_R)
    rows = row + r
    token = tl.load(order_S + rows, mask=rows < end, other=0) // K
    x_rows = x_NM + token[:, None].to(tl.int64) * M
    w_rows = gate_up_EXM + group.to(tl.int64) * 2 * inner * M + cols[None, :] * M
    gate = tl.zeros((BLOCK_R, BLOCK_C), dtype=tl.float32)
    up = tl.zeros((BLOCK_R, BLOCK_C), dtype=tl.float32)
    for first in range(0, M, BLOCK_K):
        m = first + tl.arange(0, BLOCK_K)
        x = tl.load(x_rows + m[None, :], mask=(m < M)[None, :], other=0.0)
        mask = (m < M)[:, None] & (cols < inner)[None, :]
        gate = product(x, tl.load(w_rows + m[:, None], mask=mask, other=0.0), gate, PRECISION)
        up = product(x, tl.load(w_rows + inner * M + m[:, None], mask=mask, other=0.0), up, PRECISION)
    inside = (rows < end)[:, None] & (cols < inner)[None, :]
    dtype = act_SI.dtype.element_ty
    at = r[:, None] * inner + cols[None, :]
    tl.store(act_SI + row.to(tl.int64) * inner + at, (gate * tl.sigmoid(gate) * up).to(dtype), mask=inside)
    if KEEP:
        at = gate_up_SX + row.to(tl.int64) * 2 * inner + (r[:, None] * 2 * inner + cols[None, :])
        tl.store(at, gate.to(dtype), mask=inside)
        tl.store(at + inner, up.to(dtype), mask=inside)


@triton.jit(do_not_specialize=["A"])
def scatter_kernel(
    rows_SP, matrix_EPC, weight_A, order_S, ends_F, out_AC, A, P, C, E, stride_p, stride_c,
    WEIGHTED: tl.constexpr, PRECISION: tl.constexpr, BLOCK_F: tl.constexpr,
    BLOCK_R: tl.constexpr, BLOCK_C: tl.constexpr, BLOCK_K: tl.constexpr,
):  # fmt: skip
    """out[assignment] = (weight *) row @ matrix[expert], and 0 for the skipped."""
    group, row, end, cols = find_tile(ends_F, E, A, C, BLOCK_R, BLOCK_C, BLOCK_F)  # type: ignore[misc]
    if group > E:
        return
    r = tl.arange(0, BLOCK_R)
    rows = row + r
    a_rows = rows_SP + tl.minimum(rows, end - 1)[:, None].to(tl.int64) * P
    b_cols = matrix_EPC + tl.minimum(group, E - 1).to(tl.int64) * P * C + cols[None, :] * stride_c
    acc = tl.zeros((BLOCK_R, BLOCK_C), dtype=tl.float32)
    for first in range(0, tl.where(group < E, P, 0), BLOCK_K):
        p = first + tl.arange(0, BLOCK_K)
        a = tl.load(a_rows + p[None, :], mask=(p < P)[None, :], other=0.0)
        b = tl.load(b_cols + p[:, None] * stride_p, mask=(p < P)[:, None] & (cols < C)[None, :], other=0.0)
        acc = product(a, b, acc, PRECISION)
    assignment = tl.load(order_S + rows, mask=rows < end, other=0)
    if WEIGHTED:
        acc *= tl.load(weight_A + assignment, mask=rows < end, other=0.0).to(tl.float32)[:, None]
        acc = tl.where(group < E, acc, 0.0)  # a skipped weight may be anything, NaN as well
    out = out_AC + assignment[:, None].to(tl.int64) * C + cols[None, :]
    tl.store(out, acc.to(out_AC.dtype.element_ty), mask=(rows < end)[:, None] & (cols < C)[None, :])


@triton.jit(do_not_specialize=["A"])
def inner_kernel(
    dout_NM, down_EMI, gate_up_SX, weight_A, order_S, ends_F, dgate_up_SX, act_SI, dweight_ZA, A, M, inner, E, K,
    PRECISION: tl.constexpr, BLOCK_F: tl.constexpr,
    BLOCK_R: tl.constexpr, BLOCK_C: tl.constexpr, BLOCK_K: tl.constexpr,
):  # fmt: skip
    """From d out to d gate and d up, with act * weight for d down, and the partial sums of d weight."""
    group, row, end, cols = find_tile(ends_F, E, A, inner, BLOCK_R, BLOCK_C, BLOCK_F)  # type: ignore[misc]
    if group > E:
        return
    r = tl.arange(0, BLOCK_R)
    rows = row + r
    assignment = tl.load(order_S + rows, mask=rows < end, other=0)
    d_rows = dout_NM + (assignment // K)[:, None].to(tl.int64) * M
    w_cols = down_EMI + tl.minimum(group, E - 1).to(tl.int64) * M * inner + cols[None, :]
    acc = tl.zeros((BLOCK_R, BLOCK_C), dtype=tl.float32)
    for first in range(0, tl.where(group < E, M, 0), BLOCK_K):
        m = first + tl.arange(0, BLOCK_K)
        d = tl.load(d_rows + m[None, :], mask=(m < M)[None, :], other=0.0)
        w = tl.load(w_cols + m[:, None] * inner, mask=(m < M)[:, None] & (cols < inner)[None, :], other=0.0)
        acc = product(d, w, acc, PRECISION)
    inside = (rows < tl.where(group < E, end, 0))[:, None] & (cols < inner)[None, :]
    first_row = row.to(tl.int64) * inner
    at = r[:, None] * 2 * inner + cols[None, :]
    gate = tl.load(gate_up_SX + 2 * first_row + at, mask=inside, other=0.0).to(tl.float32)
    up = tl.load(gate_up_SX + 2 * first_row + inner + at, mask=inside, other=0.0).to(tl.float32)
    sigmoid = tl.sigmoid(gate)
    silu = gate * sigmoid
    partial = tl.sum(tl.where(inside, acc * silu * up, 0.0), 1)
    slot = tl.arange(0, BLOCK_C // SLOT)  # the sum goes to the first of the tile's slots, 0 to the others
    z = tl.min(cols, 0) // SLOT + slot
    to = dweight_ZA + z[None, :].to(tl.int64) * A + assignment[:, None]
    mask = (rows < end)[:, None] & (z < tl.cdiv(inner, SLOT))[None, :]
    tl.store(to, tl.where(slot[None, :] == 0, partial[:, None], 0.0), mask=mask)
    weight = tl.load(weight_A + assignment, mask=rows < end, other=0.0).to(tl.float32)[:, None]
    dtype = dgate_up_SX.dtype.element_ty
    tl.store(act_SI + first_row + (r[:, None] * inner + cols[None, :]), (weight * silu * up).to(dtype), mask=inside)
    acc *= weight
    dgate = acc * up * (sigmoid + silu * (1 - sigmoid))
    tl.store(dgate_up_SX + 2 * first_row + at, dgate.to(dtype), mask=inside)
    tl.store(dgate_up_SX + 2 * first_row + inner + at, (acc * silu).to(dtype), mask=inside)


@triton.jit
def matrix_kernel(
    sorted_SP, tokens_NC, order_S, ends_F, out_EPC, P, C, K, stride_p, stride_c,
    PRECISION: tl.constexpr, BLOCK_R: tl.constexpr, BLOCK_C: tl.constexpr, BLOCK_K: tl.constexpr,
):  # fmt: skip
    """out[expert] = sum over its rows of sorted^T tokens: the gradient of an expert's matrix, 0 without rows."""
    expert = tl.program_id(1)
    start = tl.load(ends_F + expert - 1, mask=expert > 0, other=0)
    end = tl.load(ends_F + expert)
    p = tl.program_id(0) // tl.cdiv(C, BLOCK_C) * BLOCK_R + tl.arange(0, BLOCK_R)
    c = tl.program_id(0) % tl.cdiv(C, BLOCK_C) * BLOCK_C + tl.arange(0, BLOCK_C)
    acc = tl.zeros((BLOCK_R, BLOCK_C), dtype=tl.float32)
    for first in range(start, end, BLOCK_K):
        row = first + tl.arange(0, BLOCK_K)
        token = tl.load(order_S + row, mask=row < end, other=0) // K
        a = tl.load(sorted_SP + row[None, :].to(tl.int64) * P + p[:, None],
                    mask=(row < end)[None, :] & (p < P)[:, None], other=0.0)  # fmt: skip
        b = tl.load(tokens_NC + token[:, None].to(tl.int64) * C + c[None, :],
                    mask=(row < end)[:, None] & (c < C)[None, :], other=0.0)  # fmt: skip
        acc = product(a, b, acc, PRECISION)
    out = out_EPC + expert.to(tl.int64) * P * C + p[:, None] * stride_p + c[None, :] * stride_c
    tl.store(out, acc.to(out_EPC.dtype.element_ty), mask=(p < P)[:, None] & (c < C)[None, :])


def ceil_div(amount: int, size: int) -> int:
    """How many blocks of `size` cover `amount`."""
    return -(-amount // size)


@functools.cache
def tuned(kernel: Any, backend: str, dtype: torch.dtype, rows: int) -> Any:
    """`kernel` with the tiles for about `rows` rows an expert; the fastest is found once for each size of matrix."""
    if kernel is matrix_kernel:
        configs = vendor.matrix_gradient_configs(backend, dtype)
    else:
        held = {scatter_kernel: 1, up_kernel: 2, inner_kernel: 4}[kernel]
        configs = vendor.grouped_configs(backend, dtype, rows, held)
    return triton.autotune(configs, key=["M", "inner"] if kernel in (up_kernel, inner_kernel) else ["P", "C"])(kernel)


class Rows:
    """The assignments of one call, sorted by expert, and the launches over them."""

    def __init__(self, choice_NK: Tensor, gate_up_EXM: Tensor):
        self.A, self.K = choice_NK.numel(), choice_NK.shape[1]
        self.E, X, self.M = gate_up_EXM.shape
        self.I = X // 2
        self.order_S, self.ends_F = sort(choice_NK, self.E)
        backend = vendor.backend()
        rows = next((rows for rows in (16, 64) if rows * self.E >= self.A), 128)
        self.tuned = functools.partial(tuned, backend=backend, dtype=gate_up_EXM.dtype, rows=rows)
        self.precision = vendor.dot_precision(backend)

    def over_tiles(self, kernel: Any, columns: int, *arguments: Any, **options: bool) -> None:
        """Run a kernel over all tiles of rows and columns: each group may end in a tile of one row."""

        def grid(meta: dict[str, Any]) -> tuple[int]:
            tiles = (self.A + min(self.E + 1, self.A) * (meta["BLOCK_R"] - 1)) // meta["BLOCK_R"]
            return (tiles * ceil_div(columns, meta["BLOCK_C"]),)

        block_f = triton.next_power_of_2(self.E + 1)
        self.tuned(kernel)[grid](*arguments, **options, PRECISION=self.precision, BLOCK_F=block_f)

    def up(self, x_NM: Tensor, gate_up_EXM: Tensor, keep: bool) -> tuple[Tensor, Tensor]:
        """(act, gate and up), the latter empty unless `keep`."""
        act_SI = x_NM.new_empty((self.A, self.I))
        gate_up_SX = x_NM.new_empty((self.A if keep else 0, 2 * self.I))
        self.over_tiles(
            up_kernel, self.I, x_NM, gate_up_EXM, self.order_S, self.ends_F, gate_up_SX, act_SI,
            self.A, self.M, self.I, self.E, self.K, KEEP=keep,
        )  # fmt: skip
        return act_SI, gate_up_SX

    def scatter(self, rows_SP: Tensor, matrix_EPC: Tensor, weight_NK: Tensor | None) -> Tensor:
        """(Weighted) rows @ matrix of their expert, back in the order of the tokens and summed over their choices."""
        _, P, C = matrix_EPC.shape
        out_AC = rows_SP.new_empty((self.A, C))
        weight_A = rows_SP if weight_NK is None else weight_NK
        self.over_tiles(
            scatter_kernel, C, rows_SP, matrix_EPC, weight_A, self.order_S, self.ends_F, out_AC,
            self.A, P, C, self.E, *matrix_EPC.stride()[1:], WEIGHTED=weight_NK is not None,
        )  # fmt: skip
        return out_AC if self.K == 1 else out_AC.view(-1, self.K, C).sum(1)

    def inner(
        self, dout_NM: Tensor, down_EMI: Tensor, gate_up_SX: Tensor, weight_NK: Tensor
    ) -> tuple[Tensor, Tensor, Tensor]:
        """(d gate and d up, weight * act, d weight)."""
        dgate_up_SX, act_SI = torch.empty_like(gate_up_SX), gate_up_SX.new_empty((self.A, self.I))
        dweight_ZA = gate_up_SX.new_empty((ceil_div(self.I, SLOT.value), self.A), dtype=torch.float32)
        self.over_tiles(
            inner_kernel, self.I, dout_NM, down_EMI, gate_up_SX, weight_NK, self.order_S, self.ends_F,
            dgate_up_SX, act_SI, dweight_ZA, self.A, self.M, self.I, self.E, self.K,
        )  # fmt: skip
        return dgate_up_SX, act_SI, dweight_ZA.sum(0).view_as(weight_NK).to(weight_NK.dtype)

    def matrix(self, sorted_SP: Tensor, tokens_NC: Tensor, out_EPC: Tensor) -> None:
        """Write the gradient of every expert's matrix to `out`."""
        _, P, C = out_EPC.shape
        self.tuned(matrix_kernel)[
            lambda meta: (ceil_div(P, meta["BLOCK_R"]) * ceil_div(C, meta["BLOCK_C"]), self.E)
        ](
            sorted_SP, tokens_NC, self.order_S, self.ends_F, out_EPC,
            P, C, self.K, *out_EPC.stride()[1:], PRECISION=self.precision,
        )  # fmt: skip


@dispatch.uncompiled
def grouped_experts(
    x_NM: Tensor, gate_up_EXM: Tensor, down_EMI: Tensor, choice_NK: Tensor, weight_NK: Tensor
) -> Tensor:
    """As `whetstone.kernels.grouped_experts.grouped_experts`, for N > 0 tokens of fp32 or bf16."""
    inputs = tuple(t.contiguous() for t in (x_NM, gate_up_EXM, down_EMI, choice_NK, weight_NK))
    keep = torch.is_grad_enabled() and any(t.requires_grad for t in inputs)
    return _GroupedExperts.apply(*inputs, keep)


class _GroupedExperts(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x_NM, gate_up_EXM, down_EMI, choice_NK, weight_NK, keep):
        ctx.rows = Rows(choice_NK, gate_up_EXM)
        act_SI, gate_up_SX = ctx.rows.up(x_NM, gate_up_EXM, keep)
        ctx.save_for_backward(x_NM, gate_up_EXM, down_EMI, weight_NK, gate_up_SX)
        return ctx.rows.scatter(act_SI, down_EMI.transpose(1, 2), weight_NK)

    @staticmethod
    @once_differentiable
    def backward(ctx, dout_NM):  # pyright: ignore[reportIncompatibleMethodOverride]
        x_NM, gate_up_EXM, down_EMI, weight_NK, gate_up_SX = ctx.saved_tensors
        needs_x, needs_gate_up, needs_down, *_ = ctx.needs_input_grad
        rows, dout_NM = ctx.rows, dout_NM.contiguous()
        dgate_up_SX, act_SI, dweight_NK = rows.inner(dout_NM, down_EMI, gate_up_SX, weight_NK)
        dx_NM = rows.scatter(dgate_up_SX, gate_up_EXM, None) if needs_x else None
        dgate_up_EXM = torch.empty_like(gate_up_EXM) if needs_gate_up else None
        if dgate_up_EXM is not None:
            rows.matrix(dgate_up_SX, x_NM, dgate_up_EXM)
        ddown_EMI = torch.empty_like(down_EMI) if needs_down else None
        if ddown_EMI is not None:
            rows.matrix(act_SI, dout_NM, ddown_EMI.transpose(1, 2))
        return dx_NM, dgate_up_EXM, ddown_EMI, None, dweight_NK, None


def launches(device: str) -> Iterator[tuple[str, Callable[[], None]]]:
    """Every form in which the operator is compiled, by name, for the check without a GPU."""
    for dtype in (torch.bfloat16, torch.float32):
        for tokens, top, rows in ((8, 1, 16), (128, 2, 64), (2048, 1, 128)):
            name = f"{str(dtype).removeprefix('torch.')}, top-{top}, {rows} rows"
            yield name, functools.partial(_call, dtype, tokens, top, device)


def _call(dtype: torch.dtype, tokens: int, top: int, device: str) -> None:
    shapes = (tokens, 64), (4, 256, 64), (4, 64, 128), (tokens, top)
    x_NM, gate_up_EXM, down_EMI, weight_NK = (
        torch.zeros(shape, dtype=dtype, device=device, requires_grad=True) for shape in shapes
    )
    choice_NK = torch.zeros((tokens, top), dtype=torch.int64, device=device)
    with torch.no_grad():
        grouped_experts(x_NM, gate_up_EXM, down_EMI, choice_NK, weight_NK)
    grouped_experts(x_NM, gate_up_EXM, down_EMI, choice_NK, weight_NK).sum().backward()
