"""Advantages of small groups, by hand."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from whetstone.policy.advantage import advantages, differs

KINDS = ["grpo", "dr_grpo", "maxrl", "batch"]

# Interleaved: group 7 has 1, 0, 0, 1 (mean 1/2, std 1/2), group 3 has 0, 0, 0, 2 (mean 1/2, std sqrt(3)/2).
REWARDS = np.array([1.0, 0.0, 0.0, 0.0, 0.0, 1.0, 0.0, 2.0])
GROUPS = np.array([7, 3, 7, 3, 7, 7, 3, 3])


def test_grpo_by_hand():
    a, b, c = 0.5 / 0.5001, -0.5 / (0.75**0.5 + 1e-4), 1.5 / (0.75**0.5 + 1e-4)
    assert advantages(REWARDS, GROUPS, "grpo") == pytest.approx([a, b, -a, b, -a, a, b, c])


def test_dr_grpo_by_hand():
    assert advantages(REWARDS, GROUPS, "dr_grpo") == pytest.approx([0.5, -0.5, -0.5, -0.5, -0.5, 0.5, -0.5, 1.5])


def test_maxrl_by_hand():
    assert advantages(REWARDS, GROUPS, "maxrl") == pytest.approx([1, -1, -1, -1, -1, 1, -1, 3])


@pytest.mark.parametrize("kind", KINDS)
def test_a_flat_group_is_exactly_zero(kind):
    rewards = np.array([0.1 + 0.2, 0.3, 0.3, 0.0, 0.0, 1.0, 1.0, 1.0])  # 0.1 + 0.2 != 0.3 in floats
    assert advantages(rewards, np.array([0, 0, 0, 1, 1, 2, 2, 3]), kind).tolist() == [0.0] * 8


def test_no_rows():
    assert advantages(np.array([]), np.array([]), "grpo").tolist() == []


rows = st.lists(st.tuples(st.integers(0, 3), st.integers(0, 4)), min_size=1, max_size=20)


@given(rows, st.sampled_from(KINDS))
def test_each_group_sums_to_zero_and_integers_work(found, kind):
    groups, rewards = np.array(found).T
    result = advantages(rewards, groups, kind)
    for group in np.unique(groups):
        assert result[groups == group].sum() == pytest.approx(0, abs=1e-9)


def test_batch_by_hand():
    spread = (sum((REWARDS - 0.5) ** 2) / 8) ** 0.5  # of all eight rewards, whose mean is 1/2
    expected = np.array([0.5, -0.5, -0.5, -0.5, -0.5, 0.5, -0.5, 1.5]) / (spread + 1e-4)
    assert advantages(REWARDS, GROUPS, "batch") == pytest.approx(expected)
    part = GROUPS == 7  # where the rest of the batch is with other processes
    assert advantages(REWARDS[part], GROUPS[part], "batch", spread=spread) == pytest.approx(expected[part])


def test_a_bonus_is_added_to_the_numerator_alone():
    rewards, bonus = np.array([1.0, 1.0, 0.0, 0.0, 1.0, 1.0]), np.array([0.2, -0.1, 0.0, 0.0, 0.3, -0.3])
    found = advantages(rewards, np.array([0, 0, 0, 0, 1, 1]), "maxrl", bonus_R=bonus)
    assert found == pytest.approx([1.4, 0.8, -1, -1, 0, 0])  # the second group is flat and stays out


def test_maxrl_refuses_negative_rewards():
    with pytest.raises(ValueError, match="needs rewards >= 0, not -1"):
        advantages(np.array([-1.0, 1.0]), np.zeros(2), "maxrl")


@pytest.mark.parametrize(
    ("rewards", "expected"),
    [
        ([1, 0], True),
        ([1, 1], False),
        ([0.1 + 0.2, 0.3], False),
        ([np.nan, 1, 0], True),
        ([np.nan, 1], False),
        ([], False),
    ],
)
def test_which_groups_differ(rewards, expected):
    assert differs(np.array(rewards, dtype=float)) is expected
