"""Statistics: numbers worked out by hand, and properties that any data must keep."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from whetstone.statistics import (
    Bootstrap,
    cluster_bootstrap,
    effective_trials,
    frontier,
    pass_all_k,
    pass_at_k,
    sign_test,
    wilson,
)


def test_wilson_of_five_in_ten_is_the_textbook_interval():
    # centre 1/2; half = 1.96 / 1.38416 * sqrt(0.025 + 3.8416 / 400) = 0.26341
    assert wilson(5, 10) == pytest.approx((0.23659, 0.76341), abs=1e-5)


def test_wilson_at_the_ends_keeps_a_width():
    # k = 0: high = (z2 / n) / (1 + z2 / n) with z2 = 3.8416, n = 10
    assert wilson(0, 10) == (0.0, pytest.approx(0.38416 / 1.38416))
    assert wilson(10, 10) == (pytest.approx(1 / 1.38416), 1.0)
    assert wilson(0, 0) == (0.0, 1.0)


@given(st.integers(0, 500).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n))))
def test_wilson_holds_the_proportion(counts):
    successes, trials = counts
    low, high = wilson(successes, trials)
    assert 0 <= low <= (successes / trials if trials else 0.5) <= high <= 1


@pytest.mark.parametrize("successes, trials", [(-1, 3), (4, 3)])
def test_wilson_refuses_impossible_counts(successes, trials):
    with pytest.raises(ValueError, match="successes <= trials"):
        wilson(successes, trials)


def test_pass_at_k_by_counting_subsets():
    assert pass_at_k(4, 1, 1) == 0.25
    assert pass_at_k(4, 1, 2) == 0.5  # 3 of the 6 pairs hold the right one
    assert pass_at_k(4, 2, 2) == pytest.approx(5 / 6)
    assert pass_at_k(4, 3, 2) == 1.0
    assert pass_at_k(4, 0, 4) == 0.0
    with pytest.raises(ValueError, match=r"1\.\.4"):
        pass_at_k(4, 2, 5)


def test_frontier_of_a_symmetric_fall_is_its_middle():
    found = frontier([0, 1, 2, 3, 4], [20, 18, 10, 2, 0], [20] * 5)
    assert found.value == pytest.approx(2.0, abs=0.011)
    assert 1.4 < found.low < found.value < found.high < 2.6


def test_frontier_recovers_a_logistic():
    levels, n = range(11), 400
    right = [round(n / (1 + math.exp(-0.8 * (6.3 - x)))) for x in levels]
    assert frontier(list(levels), right, [n] * 11).value == pytest.approx(6.3, abs=0.05)


def test_frontier_of_all_wrong_and_all_right_are_the_ends():
    none, every = frontier([0, 5, 10], [0, 0, 0], [20] * 3), frontier([0, 5, 10], [20] * 3, [20] * 3)
    assert (none.value, none.low) == (-1, -1)
    assert (every.value, every.high) == (11, 11)
    assert none.high < 0 and every.low > 10


def test_frontier_never_rises_with_level_and_narrows_with_data():
    odd = frontier([0, 1, 2, 3], [0, 0, 10, 10], [10] * 4)  # right only where it is hard: no fall to be found
    assert odd.high - odd.low > 2
    few, many = frontier([0, 1, 2, 3], [4, 4, 2, 0], [4] * 4), frontier([0, 1, 2, 3], [400, 400, 200, 0], [400] * 4)
    assert many.high - many.low < few.high - few.low


def test_frontier_wants_trials():
    with pytest.raises(ValueError, match="at least one trial"):
        frontier([0, 1], [0, 0], [0, 0])
    with pytest.raises(ValueError, match="one length"):
        frontier([0, 1], [0], [1, 1])


@settings(max_examples=25, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 6), st.integers(0, 6)), min_size=1, max_size=5))
def test_frontier_stays_in_bounds(counts):
    levels = list(range(len(counts)))
    trials = [a + b + 1 for a, b in counts]
    found = frontier(levels, [a for a, _ in counts], trials)
    assert -1 <= found.low <= found.value <= found.high <= len(counts)


def test_bootstrap_mean_is_over_groups_then_clusters():
    # group a: clusters 1 (0, 1) and 2 (1) -> (0.5 + 1) / 2 = 0.75; group b: 0.25 -> macro 0.5
    found = cluster_bootstrap([0, 1, 1, 0.25, 0.25], [1, 1, 2, 1, 2], ["a", "a", "a", "b", "b"])
    assert found.value == 0.5
    assert found.low <= 0.5 <= found.high


def test_bootstrap_counts_clusters_and_not_samples():
    values = np.random.default_rng(0).integers(2, size=100).astype(float)
    apart = cluster_bootstrap(list(values), range(100))
    repeated = cluster_bootstrap(list(np.repeat(values, 8)), list(np.repeat(np.arange(100), 8)))
    assert (apart.low, apart.high) == (repeated.low, repeated.high)
    # a mean of 100 coins: 1.96 * 0.5 / 10 to either side
    assert apart.high - apart.low == pytest.approx(0.196, abs=0.03)


def test_bootstrap_of_single_problems_still_has_a_width():
    found = cluster_bootstrap([0, 1, 0, 1], [0, 1, 2, 3], ["a", "b", "c", "d"])
    assert found.value == 0.5 and found.high - found.low > 0.5


def test_bootstrap_is_a_function_of_its_seed():
    data = ([0.0, 1.0, 1.0], [0, 1, 2])
    assert cluster_bootstrap(*data, seed=3) == cluster_bootstrap(*data, seed=3)
    with pytest.raises(ValueError, match="at least one"):
        cluster_bootstrap([], [])


def test_pass_all_k_by_counting_subsets():
    assert pass_all_k(4, 3, 1) == 0.75
    assert pass_all_k(4, 3, 2) == 0.5  # 3 of the 6 pairs leave out the wrong one
    assert pass_all_k(4, 3, 4) == 0.0
    assert pass_all_k(4, 4, 4) == 1.0
    with pytest.raises(ValueError, match=r"1\.\.4"):
        pass_all_k(4, 2, 0)


def test_effective_trials_lie_between_problems_and_samples():
    assert effective_trials([4, 4], [4, 4]) == 2.0  # all right: nothing tells samples apart from problems
    assert effective_trials([4, 0], [4, 4]) == 2.0  # a problem's samples agree: two trials, not eight
    assert effective_trials([2, 2, 2], [4, 4, 4]) == 12.0  # problems agree: every sample counts
    # p = 1/2, residuals +-1 of 4: variance = 4/3 * 4 / 16^2 = 1/48, so (1/4) / (1/48) = 12 of the 16 samples
    assert effective_trials([3, 1, 3, 1], [4, 4, 4, 4]) == pytest.approx(12.0)
    assert effective_trials([], []) == 0.0
    assert effective_trials([3], [4]) == 1.0


@given(st.lists(st.integers(0, 5), min_size=1, max_size=12))
def test_effective_trials_are_never_more_than_samples_nor_fewer_than_problems(right):
    assert len(right) <= effective_trials(right, [5] * len(right)) <= 5 * len(right)


def test_sign_test_by_hand():
    assert sign_test(0, 0) == 1.0
    assert sign_test(5, 0) == 2 / 32
    assert sign_test(4, 1) == pytest.approx(2 * (1 + 5) / 32)
    assert sign_test(2, 2) == 1.0


def test_bootstrap_weighs_groups_and_columns_as_told():
    boot = Bootstrap([[1, 10], [3, 30], [5, 50], [7, 70]], [0, 1, 0, 1], ["a", "a", "b", "b"])
    assert boot.mean().value == 4.0 and boot.mean(column=1).value == 40.0
    assert boot.mean({"a": 0.25, "b": 0.75}).value == 5.0
    only = boot.mean({"a": 1.0})
    assert (only.value, only.low, only.high) == (2.0, 1.0, 3.0)
