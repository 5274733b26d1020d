"""What running sequences have in common, so that a step of decoding reads it once.

The samples of a prompt begin with the same keys and values: copies of what one sequence, its run, has computed. Their
queries read them together, in one product; each then reads the rest, its own, and the sums of both are added. They are
sums of exp(score), not less the largest score, so this is for a policy whose scores are bounded: see `bounded`.

Legend: A decoding sequences, B members of a group, K key-value heads, G queries of one, X = B G, D head size,
S positions that are shared, R = rows * K, T positions.
"""

from __future__ import annotations

import itertools
import math
from collections import defaultdict
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import torch
from torch import Tensor

from whetstone.rollout.engine.cache import Cache

Runs = Sequence[tuple[object, int]]  # whose keys and values a sequence begins with, and for how many positions
WORTHWHILE = 1000  # positions that a further segment or a group has to save, for the operations it costs a layer


def bounded(score: float, positions: int, dtype: torch.dtype) -> bool:
    """Whether so many exp(x), |x| <= score, can be added with half of the exponents of `dtype` to spare."""
    return score + math.log(positions) <= math.log(torch.finfo(dtype).max) / 2


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
        """Sums over what is shared of exp(score), (A, K, G, 1), and of exp(score) value, (A, K, G, D).

        Of a row in no group, anything.
        """
        memory = self.memory[layer]
        if self.all:
            return _attend(q_AHD, *memory[0])
        shape = (len(q_AHD), len(memory[0][0]), -1)
        sum_AKGD = torch.empty_like(q_AHD, memory_format=torch.contiguous_format).view(*shape, q_AHD.shape[-1])
        mass_AKG1 = torch.empty_like(sum_AKGD[..., :1])
        for rows_B, (keys_KSD, values_KSD) in zip(self.rows, memory, strict=True):
            mass_BKG1, sum_BKGD = _attend(q_AHD[rows_B], keys_KSD, values_KSD)
            mass_AKG1.index_copy_(0, rows_B, mass_BKG1)
            sum_AKGD.index_copy_(0, rows_B, sum_BKGD)
        return mass_AKG1, sum_AKGD


def _attend(q_BHD: Tensor, keys_KSD: Tensor, values_KSD: Tensor) -> tuple[Tensor, Tensor]:
    """All members' queries of a key-value head stand in one matrix."""
    members, size = len(q_BHD), q_BHD.shape[-1]
    q_KXD = q_BHD.transpose(0, 1).reshape(len(keys_KSD), -1, size)
    weight_KXS = scores(q_KXD, keys_KSD.transpose(1, 2)).exp_()
    mass_KX1, sum_KXD = weight_KXS.sum(-1, keepdim=True), torch.bmm(weight_KXS, values_KSD)
    mass_BKG1, sum_BKGD = (x.view(len(x), -1, members, x.shape[-1]).permute(2, 0, 1, 3) for x in (mass_KX1, sum_KXD))
    return mass_BKG1, sum_BKGD


def scores(q_RGD: Tensor, keys_RDT: Tensor, mask_R1T: Tensor | None = None) -> Tensor:
    """mask + q keys / sqrt(D), (R, G, T)."""
    mask, beta = (q_RGD.new_empty(()), 0) if mask_R1T is None else (mask_R1T, 1)
    return torch.baddbmm(mask, q_RGD, keys_RDT, beta=beta, alpha=q_RGD.shape[-1] ** -0.5)
