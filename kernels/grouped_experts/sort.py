"""Sorts assignments (token, k) by expert on the device: a stable counting sort, without waiting for it.

One launch up to one chunk of assignments (decoding); otherwise two and a cumulative sum. No atomics: the order is the
same on every call.

Shapes: A assignments, C chunks of them, E experts, F = E + 1 groups (one for each expert, then skip).
"""

import torch
import triton
import triton.language as tl
from torch import Tensor

CHUNK = 16384  # assignments x groups that one program holds in registers


@triton.jit
def members(choice_A, A, E, BLOCK_A: tl.constexpr, BLOCK_F: tl.constexpr):
    """1 where an assignment of this program's chunk belongs to a group, (BLOCK_A, BLOCK_F); the assignments."""
    a = tl.program_id(0) * BLOCK_A + tl.arange(0, BLOCK_A)
    f = tl.arange(0, BLOCK_F)
    group = tl.minimum(tl.load(choice_A + a, mask=a < A, other=0).to(tl.int32), E)
    return ((group[:, None] == f[None, :]) & (a < A)[:, None]).to(tl.int32), a


@triton.jit(do_not_specialize=["A"])
def count_kernel(choice_A, count_CF, A, E, BLOCK_A: tl.constexpr, BLOCK_F: tl.constexpr):
    """How many assignments of each chunk belong to each group."""
    member, _ = members(choice_A, A, E, BLOCK_A, BLOCK_F)
    f = tl.arange(0, BLOCK_F)
    tl.store(count_CF + tl.program_id(0) * (E + 1) + f, tl.sum(member, 0), mask=f <= E)


@triton.jit(do_not_specialize=["A", "chunks"])
def place_kernel(
    choice_A, through_CF, order_A, ends_F, A, E, chunks,
    SINGLE: tl.constexpr, BLOCK_A: tl.constexpr, BLOCK_F: tl.constexpr,
):  # fmt: skip
    """Puts the assignments of a chunk in their places; `through` counts a chunk and all before it."""
    chunk = tl.program_id(0)
    member, a = members(choice_A, A, E, BLOCK_A, BLOCK_F)
    f = tl.arange(0, BLOCK_F)
    own = tl.sum(member, 0)
    if SINGLE:
        before = tl.zeros_like(own)
        total = own
    else:
        before = tl.load(through_CF + chunk * (E + 1) + f, mask=f <= E, other=0).to(tl.int32) - own
        total = tl.load(through_CF + (chunks - 1) * (E + 1) + f, mask=f <= E, other=0).to(tl.int32)
    ends = tl.cumsum(total, 0)
    if chunk == 0:
        tl.store(ends_F + f, ends, mask=f <= E)
    place = (ends - total + before)[None, :] + tl.cumsum(member, 0) - 1
    tl.store(order_A + tl.sum(place * member, 1), a, mask=a < A)


def sort(choice_NK: Tensor, experts: int) -> tuple[Tensor, Tensor]:
    """(order, ends): the assignments group by group, and where each group ends among them; both int32.

    Assignment a is choice k of token n with a = n K + k. Choices of `experts` or more form the last group.
    """
    choice_A = choice_NK.contiguous()
    assignments = choice_A.numel()
    block_f = triton.next_power_of_2(experts + 1)
    block_a = min(max(CHUNK // block_f, 16), 1024, max(16, triton.next_power_of_2(assignments)))
    chunks = triton.cdiv(assignments, block_a)
    order_A = torch.empty(assignments, dtype=torch.int32, device=choice_NK.device)
    ends_F = torch.empty(experts + 1, dtype=torch.int32, device=choice_NK.device)
    through_CF = ends_F  # not read where there is one chunk
    blocks = {"BLOCK_A": block_a, "BLOCK_F": block_f}
    if chunks > 1:
        through_CF = torch.empty((chunks, experts + 1), dtype=torch.int32, device=choice_NK.device)
        count_kernel[(chunks,)](choice_A, through_CF, assignments, experts, **blocks)
        through_CF = through_CF.cumsum(0, dtype=torch.int32)
    place_kernel[(chunks,)](
        choice_A, through_CF, order_A, ends_F, assignments, experts, chunks, SINGLE=chunks == 1, **blocks
    )
    return order_A, ends_F
