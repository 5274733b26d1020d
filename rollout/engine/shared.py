"""What running sequences have in common, so that a step of decoding reads it once.

The samples of a prompt begin with the same keys and values: copies of what one sequence, its run, has computed. Their
queries read them together, in one product; each then reads the rest, its own, and the two meet by their log-sum-exps.

Legend: A decoding sequences, B members of a group, K key-value heads, G queries of one, X = B G, D head size,
S positions that are shared.
"""

from __future__ import annotations

import itertools
from collections import defaultdict
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import torch
from torch import Tensor

from whetstone.rollout.engine.cache import Cache

Runs = Sequence[tuple[object, int]]  # whose keys and values a sequence begins with, and for how many positions
WORTHWHILE = 1000  # positions that a further segment or a group has to save, for the operations it costs a layer


class Group(NamedTuple):
    """Rows whose first `length` positions are the same; they are read in the first of them."""

    rows: list[int]
    length: int


class Segment(NamedTuple):
    """Rows first .. last - 1 are read together, from position `start` to `end` - 1."""

    first: int
    last: int
    start: int
    end: int


def groups(runs: Sequence[Runs]) -> list[Group]:
    """The groups worth reading once, the one that saves most first: all that begin with a run, and are in no other."""
    members: dict[object, list[tuple[int, int]]] = defaultdict(list)
    for row, begins in enumerate(runs):
        for run, positions in begins:
            members[run].append((row, positions))
    found, taken = [], set()
    several = [rows for rows in members.values() if len(rows) > 1]
    for rows in sorted(several, key=_saved, reverse=True):
        left = [(row, positions) for row, positions in rows if row not in taken]
        if _saved(left) >= WORTHWHILE:
            found.append(Group([row for row, _ in left], min(positions for _, positions in left)))
            taken.update(found[-1].rows)
    return found


def _saved(rows: list[tuple[int, int]]) -> int:
    return (len(rows) - 1) * min((positions for _, positions in rows), default=0)


def segments(lengths: Sequence[int], starts: Sequence[int] | None = None) -> list[Segment]:
    """Sequences of so many positions and one more are read together, but not much beyond either end of their own.

    A row need not be read before its `starts`. Long ones tend to stand first, as new ones come in behind.
    """
    found: list[Segment] = []
    for first, last, start in _stretches(starts or [0] * len(lengths)):
        found += [Segment(first + a, first + b, start, end) for a, b, end in _spans(lengths[first:last])]
    return found


def _stretches(starts: Sequence[int]) -> list[tuple[int, int, int]]:
    """(first row, last row + 1, least start): neighbours go together while that reads little more."""
    found: list[tuple[int, int, int]] = []
    row = 0
    for start, rows in itertools.groupby(starts):
        count = len(list(rows))
        first, last, before = found[-1] if found else (0, 0, start)
        least = min(before, start)
        if found and (before - least) * (last - first) + (start - least) * count < WORTHWHILE:
            found[-1] = (first, row + count, least)
        else:
            found.append((row, row + count, start))
        row += count
    return found


def _spans(lengths: Sequence[int]) -> list[tuple[int, int, int]]:
    """(first row, last row + 1, positions to read)."""
    most_A = np.maximum.accumulate(np.array(lengths)[::-1])[::-1] + 1  # of this sequence and all behind it
    found, first, total = [], 0, len(lengths)
    while True:
        saved_A = (most_A[first] - most_A[first:]) * (total - np.arange(first, total))
        best = int(saved_A.argmax())
        if saved_A[best] < WORTHWHILE:
            return [*found, (first, total, int(most_A[first]))]
        found.append((first, first + best, int(most_A[first])))
        first += best


class Common:
    """The attention of every group over what it shares."""

    def __init__(self, cache: Cache, found: Sequence[Group], count: int) -> None:
        self.rows = [torch.tensor(group.rows) for group in found]
        self.memory = [
            [[x[group.rows[0], :, : group.length] for x in cache.read(layer)] for group in found]
            for layer in range(len(cache.keys))
        ]
        self.all = len(found) == 1 and found[0].rows == list(range(count))

    def attend(self, layer: int, q_AHD: Tensor) -> tuple[Tensor, Tensor]:
        """Log-sum-exps of the scores (A, K, G, 1), fp32 at least, and results (A, K, G, D); of no group, anything."""
        memory = self.memory[layer]
        if self.all:
            return _attend(q_AHD, *memory[0])
        shape, wide = (len(q_AHD), len(memory[0][0]), -1), torch.promote_types(q_AHD.dtype, torch.float32)
        out_AKGD = torch.empty_like(q_AHD, memory_format=torch.contiguous_format).unflatten(1, shape[1:])
        lse_AKG1 = torch.empty((*out_AKGD.shape[:3], 1), dtype=wide)
        for rows_B, (keys_KSD, values_KSD) in zip(self.rows, memory, strict=True):
            lse_BKG1, out_BKGD = _attend(q_AHD[rows_B], keys_KSD, values_KSD)
            lse_AKG1.index_copy_(0, rows_B, lse_BKG1)
            out_AKGD.index_copy_(0, rows_B, out_BKGD)
        return lse_AKG1, out_AKGD


def _attend(q_BHD: Tensor, keys_KSD: Tensor, values_KSD: Tensor) -> tuple[Tensor, Tensor]:
    """All members' queries of a key-value head stand in one matrix."""
    q_KXD = q_BHD.transpose(0, 1).reshape(len(keys_KSD), -1, q_BHD.shape[-1])
    out_KXD, lse_KX = _flash(q_KXD, keys_KSD, values_KSD)
    members = (-1, len(q_BHD))
    lse_BKG1 = lse_KX.unflatten(1, members).permute(2, 0, 1).unsqueeze(-1)
    return lse_BKG1, out_KXD.unflatten(1, members).permute(2, 0, 1, 3)


def _flash(q_KXD: Tensor, keys_KSD: Tensor, values_KSD: Tensor) -> tuple[Tensor, Tensor]:
    """Attention, and the log-sum-exp of its scores, fp32 at least."""
    # What PyTorch's attention calls on a CPU; this way it tells the log-sum-exp too. It is not public, so it may go.
    flash = getattr(torch.ops.aten, "_scaled_dot_product_flash_attention_for_cpu", None)
    if flash is None:
        return _products(q_KXD, keys_KSD, values_KSD)
    out_1KXD, lse_1KX = flash(*(x.unsqueeze(0) for x in (q_KXD, keys_KSD, values_KSD)))
    return out_1KXD[0], lse_1KX[0]


def _products(q_KXD: Tensor, keys_KSD: Tensor, values_KSD: Tensor) -> tuple[Tensor, Tensor]:
    """The same in public operations, in 1.7 times the time."""
    wide = torch.promote_types(q_KXD.dtype, torch.float32)
    scores_KXS = torch.bmm(q_KXD, keys_KSD.transpose(1, 2)).to(wide) * q_KXD.shape[-1] ** -0.5
    return torch.bmm(scores_KXS.softmax(-1).to(q_KXD.dtype), values_KSD), scores_KXS.logsumexp(-1)
