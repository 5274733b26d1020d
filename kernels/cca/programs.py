"""The Triton kernels of `cca`; `triton.py` beside this file launches them and says how they work together.

Shapes: as in `whetstone.kernels.cca`; G = H / K, S ranges of tokens, B blocks of tokens.
"""

import torch
import triton
import triton.language as tl
from triton import knobs

# The interpreter keeps bf16 as bit patterns, and a dot of those is garbage without an error.
UPCAST_DOT = tl.constexpr(bool(knobs.runtime.interpret))
EPS = tl.constexpr(torch.finfo(torch.float32).eps)  # least norm


@triton.jit
def product(x, w, acc, PRECISION: tl.constexpr):
    """acc + x @ w."""
    if UPCAST_DOT:
        x = x.to(tl.float32)
        w = w.to(tl.float32)
    return tl.dot(x, w.to(x.dtype), acc, input_precision=PRECISION)


@triton.jit
def head_rows(rows_NP, rows, head, cols, N, stride, D: tl.constexpr):
    """Channels `cols` of a head of `rows`, fp32, 0 outside."""
    mask = ((rows >= 0) & (rows < N))[:, None] & (cols < D)[None, :]
    return tl.load(rows_NP + rows[:, None].to(tl.int64) * stride + head * D + cols[None, :], mask, 0.0).to(tl.float32)


@triton.jit
def with_mean(mixed, rows_NP, rows, head, cols, N, stride, H: tl.constexpr, K: tl.constexpr, D: tl.constexpr):
    """The convolution's result plus the mean of query and key before it."""
    own = head_rows(rows_NP, rows, head, cols, N, stride, D)
    if head < H:
        other = head_rows(rows_NP, rows, H + head // (H // K), cols, N, stride, D)
    else:
        other = tl.zeros_like(own)
        for g in range(H // K):
            other += head_rows(rows_NP, rows, (head - H) * (H // K) + g, cols, N, stride, D)
        other *= K / H
    return mixed + (own + other) * 0.5


@triton.jit
def head_length(temperature_K, head, H: tl.constexpr, D: tl.constexpr):
    """To which a head is scaled: sqrt(D), for a key times its temperature."""
    temperature = tl.load(temperature_K + tl.maximum(head - H, 0)).to(tl.float32)
    return tl.where(head < H, 1.0, temperature) * D**0.5


@triton.jit
def rotation(cos_NR, sin_NR, rows, cols, N, R: tl.constexpr):
    """(cosine, sine, partner) of each channel: rotated, it is its value x cosine + its partner's x sine."""
    mask = (rows < N)[:, None] & (cols < 2 * R)[None, :]
    at = rows[:, None].to(tl.int64) * R + (cols % R)[None, :]
    cos = tl.load(cos_NR + at, mask, 1.0).to(tl.float32)
    sin = tl.load(sin_NR + at, mask, 0.0).to(tl.float32)
    partner = tl.where(cols < R, cols + R, tl.where(cols < 2 * R, cols - R, cols))
    return cos, tl.where((cols < R)[None, :], -sin, sin), partner


@triton.jit
def finish(
    z, temperature_K, cos_NR, sin_NR, q_NHD, k_NKD, rows, head, cols, N,
    H: tl.constexpr, K: tl.constexpr, D: tl.constexpr, R: tl.constexpr,
):  # fmt: skip
    """Scale each row of z to its head's length, rotate it, and store it as a query or a key."""
    norm = tl.maximum(tl.sqrt(tl.sum(z * z, 1)), EPS)
    y = z * (head_length(temperature_K, head, H, D) / norm)[:, None]
    if R > 0:
        cos, sin, partner = rotation(cos_NR, sin_NR, rows, cols, N, R)
        y = y * cos + tl.gather(y, tl.broadcast_to(partner[None, :], y.shape), 1) * sin
    mask = (rows < N)[:, None] & (cols < D)[None, :]
    y = y.to(q_NHD.dtype.element_ty)
    if head < H:
        tl.store(q_NHD + rows[:, None].to(tl.int64) * (H * D) + head * D + cols[None, :], y, mask)
    else:
        tl.store(k_NKD + rows[:, None].to(tl.int64) * (K * D) + (head - H) * D + cols[None, :], y, mask)


@triton.jit(do_not_specialize=["N"])
def forward_kernel(
    rows_NP, ancestors_LN, kernel_hYD, offset_hD, temperature_K, cos_NR, sin_NR, q_NHD, k_NKD, v_NKD, z_NhD,
    N, stride,
    H: tl.constexpr, K: tl.constexpr, D: tl.constexpr, R: tl.constexpr, L: tl.constexpr, KEEP: tl.constexpr,
    PRECISION: tl.constexpr, BLOCK_N: tl.constexpr, BLOCK_D: tl.constexpr, BLOCK_K: tl.constexpr,
):  # fmt: skip
    """One head of a block of tokens, z too if KEEP; heads beyond the last are blocks of value channels."""
    rows = tl.program_id(0) * BLOCK_N + tl.arange(0, BLOCK_N)
    head = tl.program_id(1)
    cols = tl.arange(0, BLOCK_D)
    if head < H + K:
        acc = tl.zeros((BLOCK_N, BLOCK_D), dtype=tl.float32)
        for lag in range(L):
            before = tl.load(ancestors_LN + lag * N + rows, mask=rows < N, other=-1)
            source = rows_NP + before[:, None] * stride + head * D
            for start in range(0, D, BLOCK_K):
                i = start + tl.arange(0, BLOCK_K)
                x = tl.load(source + i[None, :], (before >= 0)[:, None] & (i < D)[None, :], 0.0)
                w = tl.load(
                    kernel_hYD + ((head * L + lag) * D + i[:, None]) * D + cols[None, :],
                    (i < D)[:, None] & (cols < D)[None, :],
                    0.0,
                )
                acc = product(x, w, acc, PRECISION)
        acc += tl.load(offset_hD + head * D + cols, cols < D, 0.0).to(tl.float32)[None, :]
        z = with_mean(acc, rows_NP, rows, head, cols, N, stride, H, K, D)
        if KEEP:
            mask = (rows < N)[:, None] & (cols < D)[None, :]
            to = z_NhD + rows[:, None].to(tl.int64) * ((H + K) * D) + head * D + cols[None, :]
            tl.store(to, z.to(z_NhD.dtype.element_ty), mask)
        finish(z, temperature_K, cos_NR, sin_NR, q_NHD, k_NKD, rows, head, cols, N, H, K, D, R)
    else:
        channels = (head - H - K) * D + cols
        before = tl.load(ancestors_LN + N + rows, mask=rows < N, other=-1)
        source = tl.where((channels < K * D // 2)[None, :], rows[:, None], before[:, None]).to(tl.int64)
        mask = (rows < N)[:, None] & (cols < D)[None, :]
        v = tl.load(rows_NP + source * stride + (H + K) * D + channels[None, :], mask & (source >= 0), 0.0)
        tl.store(v_NKD + rows[:, None].to(tl.int64) * (K * D) + channels[None, :], v, mask)


@triton.jit(do_not_specialize=["A"])
def decode_kernel(
    rows_AP, qk_AdC, value_AX, kernel_hYD, offset_hD, temperature_K, cos_AR, sin_AR, q_AHD, k_AKD, v_AKD,
    A, stride, qk_stride, value_stride,
    H: tl.constexpr, K: tl.constexpr, D: tl.constexpr, R: tl.constexpr, L: tl.constexpr,
    PRECISION: tl.constexpr, BLOCK_N: tl.constexpr, BLOCK_D: tl.constexpr, BLOCK_K: tl.constexpr,
):  # fmt: skip
    """As `forward_kernel`, with the predecessors in a state, which it advances: each program its own channels."""
    rows = tl.program_id(0) * BLOCK_N + tl.arange(0, BLOCK_N)
    head = tl.program_id(1)
    cols = tl.arange(0, BLOCK_D)
    mask = (rows < A)[:, None] & (cols < D)[None, :]
    C: tl.constexpr = (H + K) * D
    source = rows_AP + rows[:, None].to(tl.int64) * stride
    if head < H + K:
        state = qk_AdC + rows[:, None].to(tl.int64) * qk_stride + head * D
        acc = tl.zeros((BLOCK_N, BLOCK_D), dtype=tl.float32)
        for start in range(0, D, BLOCK_K):
            i = start + tl.arange(0, BLOCK_K)
            inside = (rows < A)[:, None] & (i < D)[None, :]
            weights = kernel_hYD + (head * L * D + i[:, None]) * D + cols[None, :]
            x = tl.load(source + head * D + i[None, :], inside, 0.0)
            acc = product(x, tl.load(weights, (i < D)[:, None] & (cols < D)[None, :], 0.0), acc, PRECISION)
            for lag in range(1, L):
                x = tl.load(state + (lag - 1) * C + i[None, :], inside, 0.0).to(tl.float32).to(rows_AP.dtype.element_ty)
                w = tl.load(weights + lag * D * D, (i < D)[:, None] & (cols < D)[None, :], 0.0)
                acc = product(x, w, acc, PRECISION)
        acc += tl.load(offset_hD + head * D + cols, cols < D, 0.0).to(tl.float32)[None, :]
        z = with_mean(acc, rows_AP, rows, head, cols, A, stride, H, K, D)
        finish(z, temperature_K, cos_AR, sin_AR, q_AHD, k_AKD, rows, head, cols, A, H, K, D, R)
        # The compiler may give a load and the store to the same place to different threads: none writes before all have
        # read what it overwrites.
        for back in range(1, L - 1):
            place = L - 1 - back
            moved = tl.load(state + (place - 1) * C + cols[None, :], mask, 0.0)
            tl.debug_barrier()
            tl.store(state + place * C + cols[None, :], moved, mask)
        if L > 1:
            new = tl.load(source + head * D + cols[None, :], mask, 0.0).to(tl.float32)
            tl.debug_barrier()
            tl.store(state + cols[None, :], new.to(qk_AdC.dtype.element_ty), mask)
    else:
        channels = ((head - H - K) * D + cols)[None, :]
        half: tl.constexpr = K * D // 2
        new = tl.load(source + C + channels, mask, 0.0).to(tl.float32)
        delayed = mask & (channels >= half)
        kept = value_AX + rows[:, None].to(tl.int64) * value_stride + channels - half
        v = tl.where(channels < half, new, tl.load(kept, delayed, 0.0).to(tl.float32))
        tl.store(v_AKD + rows[:, None].to(tl.int64) * (K * D) + channels, v.to(v_AKD.dtype.element_ty), mask)
        tl.debug_barrier()
        tl.store(kept, new.to(value_AX.dtype.element_ty), delayed)


@triton.jit(do_not_specialize=["N"])
def norm_backward_kernel(
    dq_NHD, dk_NKD, z_NhD, temperature_K, cos_NR, sin_NR, dz_NhD, dtemperature_BK, N,
    H: tl.constexpr, K: tl.constexpr, D: tl.constexpr, R: tl.constexpr,
    BLOCK_N: tl.constexpr, BLOCK_D: tl.constexpr,
):  # fmt: skip
    """The gradient of z, the vectors before the norm, and a block's part of the temperatures'."""
    rows = tl.program_id(0) * BLOCK_N + tl.arange(0, BLOCK_N)
    head = tl.program_id(1)
    cols = tl.arange(0, BLOCK_D)
    dy_NhD = dq_NHD if head < H else dk_NKD
    place = head if head < H else head - H
    width = D * (H if head < H else K)
    dy = head_rows(dy_NhD, rows, place, cols, N, width, D)
    if R > 0:
        cos, sin, partner = rotation(cos_NR, sin_NR, rows, cols, N, R)
        dy = dy * cos - head_rows(dy_NhD, rows, place, partner, N, width, D) * sin
    z = head_rows(z_NhD, rows, head, cols, N, (H + K) * D, D)
    norm = tl.sqrt(tl.sum(z * z, 1))
    scale = 1.0 / tl.maximum(norm, EPS)
    unit = z * scale[:, None]
    along = tl.sum(dy * unit, 1)
    length = head_length(temperature_K, head, H, D)
    dz = (dy - unit * tl.where(norm >= EPS, along, 0.0)[:, None]) * (length * scale)[:, None]
    to = dz_NhD + rows[:, None].to(tl.int64) * ((H + K) * D) + head * D + cols[None, :]
    tl.store(to, dz.to(dz_NhD.dtype.element_ty), (rows < N)[:, None] & (cols < D)[None, :])
    if head >= H:
        tl.store(dtemperature_BK + tl.program_id(0) * K + head - H, tl.sum(along, 0) * D**0.5)


@triton.jit
def descendants_sum(
    d_NC, first_LM, rows_LN, lag, rows, first_col, cols, inside, N, stride, BRANCHES: tl.constexpr,
):  # fmt: skip
    """The sum over the tokens `lag` places after each of `rows`, in fp32."""
    first = tl.load(first_LM + lag * (N + 1) + rows, mask=rows < N, other=0)
    count = tl.load(first_LM + lag * (N + 1) + rows + 1, mask=rows < N, other=0) - first
    after = tl.load(rows_LN + lag * N + first, mask=count > 0, other=0)
    columns = d_NC + first_col + cols[None, :]
    total = tl.load(columns + after[:, None] * stride, (count > 0)[:, None] & inside, 0.0).to(tl.float32)
    if BRANCHES:
        for c in range(1, tl.max(count)):
            after = tl.load(rows_LN + lag * N + first + c, mask=count > c, other=0)
            total += tl.load(columns + after[:, None] * stride, (count > c)[:, None] & inside, 0.0).to(tl.float32)
    return total


@triton.jit(do_not_specialize=["N"])
def rows_backward_kernel(
    dz_NhD, dv_NKD, first_LM, rows_LN, kernel_hYD, drows_NP, N,
    H: tl.constexpr, K: tl.constexpr, D: tl.constexpr, L: tl.constexpr, BRANCHES: tl.constexpr,
    PRECISION: tl.constexpr, BLOCK_N: tl.constexpr, BLOCK_D: tl.constexpr, BLOCK_K: tl.constexpr,
):  # fmt: skip
    """The gradient of the projected rows: through the convolution, the mean, and the values."""
    rows = tl.program_id(0) * BLOCK_N + tl.arange(0, BLOCK_N)
    head = tl.program_id(1)
    cols = tl.arange(0, BLOCK_D)
    C: tl.constexpr = (H + K) * D
    mask = (rows < N)[:, None] & (cols < D)[None, :]
    to = drows_NP + rows[:, None].to(tl.int64) * (C + K * D) + head * D + cols[None, :]
    if head < H + K:
        acc = tl.zeros((BLOCK_N, BLOCK_D), dtype=tl.float32)
        for lag in range(L):
            for start in range(0, D, BLOCK_K):
                o = start + tl.arange(0, BLOCK_K)
                inside = (o < D)[None, :]
                dz = descendants_sum(dz_NhD, first_LM, rows_LN, lag, rows, head * D, o, inside, N, C, BRANCHES)
                w = tl.load(
                    kernel_hYD + ((head * L + lag) * D + cols[None, :]) * D + o[:, None],
                    (o < D)[:, None] & (cols < D)[None, :],
                    0.0,
                )
                acc = product(dz.to(w.dtype), w, acc, PRECISION)
        own = head_rows(dz_NhD, rows, head, cols, N, C, D)
        if head < H:
            other = head_rows(dz_NhD, rows, H + head // (H // K), cols, N, C, D) * (K / H)
        else:
            other = tl.zeros_like(own)
            for g in range(H // K):
                other += head_rows(dz_NhD, rows, (head - H) * (H // K) + g, cols, N, C, D)
        tl.store(to, (acc + (own + other) * 0.5).to(drows_NP.dtype.element_ty), mask)
    else:
        channels = (head - H - K) * D + cols
        late = (channels >= K * D // 2)[None, :]
        moved = descendants_sum(dv_NKD, first_LM, rows_LN, 1, rows, 0, channels, late & mask, N, K * D, BRANCHES)
        own = head_rows(dv_NKD, rows, head - H - K, cols, N, K * D, D)
        tl.store(to, tl.where(late, moved, own).to(drows_NP.dtype.element_ty), mask)


@triton.jit(do_not_specialize=["N", "part"])
def kernel_backward_kernel(
    rows_NP, dz_NhD, ancestors_LN, dkernel_ShYD, doffset_ShD, N, stride, part,
    H: tl.constexpr, K: tl.constexpr, D: tl.constexpr, L: tl.constexpr,
    PRECISION: tl.constexpr, BLOCK_N: tl.constexpr, BLOCK_D: tl.constexpr,
):  # fmt: skip
    """One range's part of the gradient of one tap of one head, and of its offset."""
    split = tl.program_id(0)
    head = tl.program_id(1) // L
    lag = tl.program_id(1) % L
    cols = tl.arange(0, BLOCK_D)
    acc = tl.zeros((BLOCK_D, BLOCK_D), dtype=tl.float32)
    offset = tl.zeros((BLOCK_D,), dtype=tl.float32)
    for start in range(split * part, tl.minimum(split * part + part, N), BLOCK_N):
        rows = start + tl.arange(0, BLOCK_N)
        before = tl.load(ancestors_LN + lag * N + rows, mask=rows < N, other=-1)
        x = tl.load(
            rows_NP + before[None, :] * stride + head * D + cols[:, None],
            (before >= 0)[None, :] & (cols < D)[:, None],
            0.0,
        )
        dz = tl.load(
            dz_NhD + rows[:, None].to(tl.int64) * ((H + K) * D) + head * D + cols[None, :],
            (rows < N)[:, None] & (cols < D)[None, :],
            0.0,
        )
        acc = product(x, dz, acc, PRECISION)
        offset += tl.sum(dz.to(tl.float32), 0)
    at = (split.to(tl.int64) * (H + K) + head) * L + lag
    mask = (cols < D)[:, None] & (cols < D)[None, :]
    tl.store(dkernel_ShYD + (at * D + cols[:, None]) * D + cols[None, :], acc, mask)
    if lag == 0:
        tl.store(doffset_ShD + (split * (H + K) + head) * D + cols, offset, cols < D)
