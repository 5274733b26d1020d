"""Packing: nothing lost, no bin over its capacity, and never far from the fewest bins."""

from __future__ import annotations

import math

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from whetstone.policy.batch import Row, Scorer
from whetstone.policy.packing import best_fit_decreasing, packed_batches

SIZES = st.lists(st.integers(0, 50), max_size=60)


def test_by_hand():
    # 7 opens a bin; 5 another; 4 fits best beside 5 (1 left, against none that 7 leaves); 3 fills up 7; 1 fills up 9
    assert best_fit_decreasing([3, 7, 4, 5, 1], 10) == [[1, 0], [3, 2, 4]]
    # the fullest bin that takes it, not the first: 6 | 5, then 4 goes to 6, 3 to 5, and 2 fills up the latter
    assert best_fit_decreasing([6, 5, 4, 3, 2], 10) == [[0, 2], [1, 3, 4]]
    assert best_fit_decreasing([], 10) == []
    assert best_fit_decreasing([2, 2, 2], 2) == [[0], [1], [2]]


@settings(max_examples=200, deadline=None)
@given(SIZES, st.integers(50, 120))
def test_nothing_is_lost_and_no_bin_overflows(sizes: list[int], capacity: int):
    bins = best_fit_decreasing(sizes, capacity)
    assert sorted(index for indices in bins for index in indices) == list(range(len(sizes)))
    assert all(sum(sizes[i] for i in indices) <= capacity for indices in bins)
    assert all(bins)


@settings(max_examples=200, deadline=None)
@given(SIZES, st.integers(50, 120))
def test_no_two_bins_could_be_one(sizes: list[int], capacity: int):
    sizes = [size for size in sizes if size]
    loads = sorted(sum(sizes[i] for i in indices) for indices in best_fit_decreasing(sizes, capacity))
    assert len(loads) < 2 or loads[0] + loads[1] > capacity


@settings(max_examples=100, deadline=None)
@given(st.lists(st.lists(st.integers(1, 40), min_size=1, max_size=6), min_size=1, max_size=8))
def test_at_most_eleven_ninths_of_the_fewest(groups: list[list[int]]):
    """Bins are filled to the brim by hand, so that the fewest are known; then their content is shuffled."""
    capacity = max(map(sum, groups))
    sizes = [size for group in groups for size in [*group, capacity - sum(group)] if size]
    order = np.random.default_rng(len(sizes)).permutation(len(sizes))
    bins = best_fit_decreasing([sizes[i] for i in order], capacity)
    assert len(groups) == math.ceil(sum(sizes) / capacity)
    assert 9 * len(bins) <= 11 * len(groups) + 36


def test_lengths_of_text_leave_hardly_any_room():
    """Log-normal lengths, as samples have: within one bin of the bound that no packing can pass."""
    rng = np.random.default_rng(0)
    sizes = np.clip(rng.lognormal(6.5, 1.0, 5000), 8, 8192).astype(int).tolist()
    bins = best_fit_decreasing(sizes, 8192)
    assert len(bins) <= math.ceil(sum(sizes) / 8192) + 1


def test_what_is_too_long_is_named():
    with pytest.raises(ValueError, match="item 2 has size 11, but a bin takes 10 at most"):
        best_fit_decreasing([1, 2, 11], 10)


def test_packed_rows_score_as_rows_alone(make_policy):
    policy, rng = make_policy(1), np.random.default_rng(0)
    rows = [Row(rng.integers(3, 40, 1 + i % 4).tolist(), rng.integers(3, 40, 2 + 3 * i % 7).tolist()) for i in range(9)]
    batches = list(packed_batches(rows, 16))
    assert len(batches) < len(rows)
    assert all(len(batch.tokens_N) <= 16 for batch in batches)
    with torch.no_grad():
        packed = {
            tuple(row.completion): part
            for batch in batches
            for row, part in zip(
                batch.rows, Scorer(policy)(batch)[0].split(batch.completion_lengths.tolist()), strict=True
            )
        }
        for row in rows:
            (alone,) = packed_batches([row], 16)
            torch.testing.assert_close(packed[tuple(row.completion)], Scorer(policy)(alone)[0], atol=1e-5, rtol=0)
