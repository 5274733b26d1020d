"""`paged_attention` in Triton, for CUDA and ROCm.

A program takes one sequence, one key-value head with all its query heads, and one of S equal parts of the positions
that are seen; it walks over them with an online softmax. A second kernel merges the parts. Without it, a few long
sequences would keep a few multiprocessors busy and leave the others idle. The number of parts follows from shapes
alone, so nothing waits for the device, and results are the same bits on every call.

Shapes: as in `whetstone.kernels.paged_attention`; S parts.
"""

import functools
from collections.abc import Callable, Iterator
from typing import Any

import torch
import triton
import triton.language as tl
from torch import Tensor
from triton import knobs

from whetstone.kernels import dispatch, vendor

# The interpreter keeps bf16 as bit patterns, and a dot of those is garbage without an error.
UPCAST_DOT = tl.constexpr(bool(knobs.runtime.interpret))
LOWEST = tl.constexpr(-1.0e38)  # stands for -inf, but LOWEST - LOWEST is 0

PROGRAMS = 512  # enough to fill any of the chips a few times over
MIN_PART = 256  # positions: fewer, and merging costs more than it saves
MAX_PARTS = 64  # which the merging kernel holds in registers


@triton.jit(do_not_specialize=["table_stride"])
def attention_kernel(
    q_AHD, keys_PKTD, values_PKTD, pages_AB, lengths_A, part_AHSD, max_AHS, sum_AHS,
    page_stride, head_stride, row_stride, table_stride, window, scale,
    H: tl.constexpr, K: tl.constexpr, D: tl.constexpr, T: tl.constexpr, WINDOW: tl.constexpr,
    PRECISION: tl.constexpr, BLOCK_G: tl.constexpr, BLOCK_S: tl.constexpr, BLOCK_D: tl.constexpr,
):  # fmt: skip
    """One part of one sequence, for the query heads of one key-value head: max m, sum e^(z-m), sum e^(z-m) v."""
    a = tl.program_id(0)
    head = tl.program_id(1)
    part = tl.program_id(2)
    parts = tl.num_programs(2)
    g = tl.arange(0, BLOCK_G)
    cols = tl.arange(0, BLOCK_D)
    heads = head * (H // K) + g
    query = (g < H // K)[:, None] & (cols < D)[None, :]
    q = tl.load(q_AHD + (a * H + heads[:, None]) * D + cols[None, :], query, 0.0)
    if UPCAST_DOT:
        q = q.to(tl.float32)
    length = tl.load(lengths_A + a).to(tl.int32)
    begin = tl.maximum(length - window, 0) if WINDOW else 0
    size = tl.cdiv(tl.cdiv(length - begin, parts), BLOCK_S) * BLOCK_S
    begin += part * size
    end = tl.minimum(begin + size, length)
    m = tl.full((BLOCK_G,), LOWEST, dtype=tl.float32)
    total = tl.zeros((BLOCK_G,), dtype=tl.float32)
    acc = tl.zeros((BLOCK_G, BLOCK_D), dtype=tl.float32)
    for start in range(begin, end, BLOCK_S):
        t = start + tl.arange(0, BLOCK_S)
        page = tl.load(pages_AB + a.to(tl.int64) * table_stride + t // T, t < end, 0).to(tl.int64)
        row = page * page_stride + head * head_stride + (t % T) * row_stride
        k = tl.load(keys_PKTD + row[None, :] + cols[:, None], (t < end)[None, :] & (cols < D)[:, None], 0.0)
        v = tl.load(values_PKTD + row[:, None] + cols[None, :], (t < end)[:, None] & (cols < D)[None, :], 0.0)
        if UPCAST_DOT:
            k = k.to(tl.float32)
            v = v.to(tl.float32)
        z = tl.where((t < end)[None, :], tl.dot(q, k, input_precision=PRECISION) * scale, LOWEST)
        new_m = tl.maximum(m, tl.max(z, 1))
        e = tl.exp(z - new_m[:, None])
        kept = tl.exp(m - new_m)
        total = total * kept + tl.sum(e, 1)
        acc = tl.dot(e.to(v.dtype), v, acc * kept[:, None], input_precision=PRECISION)
        m = new_m
    at = (a * H + heads) * parts + part
    tl.store(max_AHS + at, m, g < H // K)
    tl.store(sum_AHS + at, total, g < H // K)
    tl.store(part_AHSD + at[:, None].to(tl.int64) * D + cols[None, :], acc, query)


@triton.jit(do_not_specialize=["S"])
def merge_kernel(
    part_AHSD, max_AHS, sum_AHS, out_AHD, S, D: tl.constexpr, BLOCK_S: tl.constexpr, BLOCK_D: tl.constexpr,
):  # fmt: skip
    """The parts of one head of one sequence into its result; zeros where nothing is seen."""
    at = tl.program_id(0).to(tl.int64)
    s = tl.arange(0, BLOCK_S)
    cols = tl.arange(0, BLOCK_D)
    m = tl.load(max_AHS + at * S + s, s < S, LOWEST)
    weight = tl.exp(m - tl.max(m, 0))
    total = tl.sum(tl.load(sum_AHS + at * S + s, s < S, 0.0) * weight, 0)
    parts = tl.load(part_AHSD + (at * S + s[:, None]) * D + cols[None, :], (s < S)[:, None] & (cols < D)[None, :], 0.0)
    out = tl.sum(parts * weight[:, None], 0) / tl.where(total > 0, total, 1.0)
    tl.store(out_AHD + at * D + cols, out.to(out_AHD.dtype.element_ty), cols < D)


@dispatch.uncompiled
def paged_attention(
    q_AHD: Tensor,
    keys_PKTD: Tensor,
    values_PKTD: Tensor,
    pages_AB: Tensor,
    lengths_A: Tensor,
    window: int | None = None,
) -> Tensor:
    """As `whetstone.kernels.paged_attention.paged_attention`, for A > 0 sequences of fp32 or bf16."""
    if keys_PKTD.stride() != values_PKTD.stride() or keys_PKTD.stride(3) != 1:
        keys_PKTD, values_PKTD = keys_PKTD.contiguous(), values_PKTD.contiguous()
    (A, H, D), (K, T), B = q_AHD.shape, keys_PKTD.shape[1:3], pages_AB.shape[1]
    backend = vendor.backend()
    tile = vendor.paged_attention_config(backend, q_AHD.dtype)
    seen = min(window or B * T, B * T)
    S = max(1, min(-(-seen // MIN_PART), PROGRAMS // (A * K), MAX_PARTS))
    part_AHSD = q_AHD.new_empty((A, H, S, D), dtype=torch.float32)
    max_AHS, sum_AHS = q_AHD.new_empty((2, A, H, S), dtype=torch.float32)
    BLOCK_D = max(16, _power(D))
    attend: Any = attention_kernel
    attend[A, K, S](
        q_AHD.contiguous(), keys_PKTD, values_PKTD, pages_AB.contiguous(), lengths_A.contiguous(),
        part_AHSD, max_AHS, sum_AHS, *keys_PKTD.stride()[:3], B, window or 0, D**-0.5,
        H=H, K=K, D=D, T=T, WINDOW=window is not None, PRECISION=vendor.dot_precision(backend),
        BLOCK_G=max(16, _power(H // K)), BLOCK_D=BLOCK_D, **tile.all_kwargs(),
    )  # fmt: skip
    out_AHD = torch.empty_like(q_AHD, memory_format=torch.contiguous_format)
    merge: Any = merge_kernel
    merge[A * H,](part_AHSD, max_AHS, sum_AHS, out_AHD, S, D=D, BLOCK_S=_power(S), BLOCK_D=BLOCK_D)
    return out_AHD


def _power(size: int) -> int:
    """The least power of two that is not less."""
    return 1 << (size - 1).bit_length()


def launches(device: str) -> Iterator[tuple[str, Callable[[], None]]]:
    """Every form in which the operator is compiled, by name, for the check without a GPU."""
    yield "bfloat16", functools.partial(_call, torch.bfloat16, None, device)
    yield "float32", functools.partial(_call, torch.float32, None, device)
    yield "bfloat16, window", functools.partial(_call, torch.bfloat16, 4096, device)


def _call(dtype: torch.dtype, window: int | None, device: str) -> None:
    """Of ZAYA1-8B: 8 query and 2 key-value heads of 128; pages of 16 positions."""
    q_AHD = torch.zeros(2, 8, 128, dtype=dtype, device=device)
    cache_PKTD = torch.zeros(4, 2, 16, 128, dtype=dtype, device=device)
    pages_AB = torch.zeros(2, 1024, dtype=torch.int32, device=device)
    paged_attention(q_AHD, cache_PKTD, cache_PKTD, pages_AB, pages_AB[:, 0].clone(), window)
