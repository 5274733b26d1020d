"""Packing: rows of different lengths into few bins of one capacity, whole (ZAYA1's SFT, arXiv 2605.05365).

Best-fit decreasing: the longest first, each into the fullest bin that still takes it. It needs at most 11/9 of the
fewest bins there can be, and four more (Johnson et al. 1974, SIAM J. Comput. 3); on texts, hardly one more.
"""

from __future__ import annotations

from bisect import bisect_left, insort
from collections.abc import Iterator, Sequence

import torch

from whetstone.policy.batch import MicroBatch, Row


def best_fit_decreasing(sizes: Sequence[int], capacity: int) -> list[list[int]]:
    """Indices of `sizes` in bins whose sizes add up to at most `capacity`; O(n log n) comparisons.

    Raises `ValueError` for a size that no bin can take. Equal sizes keep their order, so equal inputs pack alike.

    >>> best_fit_decreasing([3, 7, 4, 5, 1], 10)
    [[1, 0], [3, 2, 4]]
    """
    bins: list[list[int]] = []
    room: list[tuple[int, int]] = []  # (what is left, bin), ascending
    for index in sorted(range(len(sizes)), key=lambda i: -sizes[i]):
        size = sizes[index]
        if size > capacity:
            raise ValueError(f"item {index} has size {size}, but a bin takes {capacity} at most")
        at = bisect_left(room, (size, -1))
        if at < len(room):
            left, number = room.pop(at)
        else:
            left, number = capacity, len(bins)
            bins.append([])
        bins[number].append(index)
        insort(room, (left - size, number))
    return bins


def packed_batches(rows: Sequence[Row], tokens: int, device: torch.device | str = "cpu") -> Iterator[MicroBatch]:
    """Rows in as few micro-batches of at most `tokens` tokens as best-fit decreasing finds.

    For rows whose prompts differ, as in SFT. `batch.micro_batches` keeps rows that share a prompt together instead.
    """
    for indices in best_fit_decreasing([len(row) for row in rows], tokens):
        yield MicroBatch.of([rows[i] for i in indices], device)
