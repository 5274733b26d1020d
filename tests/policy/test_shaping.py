"""Penalties and rewards for length, and the compression that gives repetition away, by hand."""

import numpy as np
import pytest

from whetstone.policy.advantage import advantages
from whetstone.policy.shaping import LengthReward, LengthSettings, compression, soft_overlong, solve_rate


def test_soft_overlong_by_hand():
    lengths = np.array([[10, 80, 81], [90, 100, 120]])
    assert soft_overlong(lengths, 100, 20).tolist() == [[0, 0, -0.05], [-0.5, -1, -1]]


# -- the ZAYA1 report's length reward ---------------------------------------------------------------------------------

RATES = {"sums": 0.5, "words": 0.75}
REWARDS = np.array([[1.0, 1.0, 0.0, 0.0], [1.0, 1.0, 1.0, np.nan]])
LENGTHS = np.array([[20, 60, 10, 90], [30, 30, 120, 5]])


def test_the_length_reward_by_hand():
    reward = LengthReward(LengthSettings(longest=100, start=0.2, ramp=4))
    found = reward(REWARDS, LENGTHS, ["sums", "words"], RATES)
    # c = 0.2. First group: p = 1/2, l_min = 20: lam 1/2, and 1/2 - 40/80 = 0. Second: p = 1 of those that were judged,
    # l_min = 30: 1/2 twice, and beyond l_max 1/2 - 1.
    assert found == pytest.approx(np.array([[0.05, 0, 0, 0], [0.1, 0.1, -0.1, 0]]))
    found = reward(REWARDS, LENGTHS, ["sums", "words"], RATES)  # c = 0.2 + 0.8 / 4
    assert found == pytest.approx(np.array([[0.1, 0, 0, 0], [0.2, 0.2, -0.2, 0]]))
    for _ in range(5):
        found = reward(REWARDS, LENGTHS, ["sums", "words"], RATES)
    assert found[1] == pytest.approx([0.5, 0.5, -0.5, 0])  # c has reached 1


def test_slack_costs_nothing():
    reward = LengthReward(LengthSettings(longest=100, slack=40, start=1.0))
    assert reward(REWARDS, LENGTHS, ["sums", "words"], RATES)[0] == pytest.approx([0.25, 0.25, 0, 0])


def test_length_counts_only_where_accuracy_does_not_suffer():
    settings = LengthSettings(longest=100, tolerance=0.1, start=1.0)
    reward = LengthReward(settings)
    reward(REWARDS, LENGTHS, ["sums", "words"], {"sums": 0.65, "words": 0.5})
    found = reward(REWARDS, LENGTHS, ["sums", "words"], {"sums": 0.3, "words": 0.5})
    assert not found[0].any()  # the group solves 1/2, its source has been at 0.65
    assert found[1].any()
    lone = np.array([[1.0, 0.0, 0.0, 0.0]])
    assert not LengthReward(settings)(lone, LENGTHS[:1], ["sums"], {"sums": 0.25}).any()  # p is not above 1 / 4
    none = np.zeros((1, 4))
    assert not LengthReward(settings)(none, LENGTHS[:1], ["sums"], {"sums": 0.0}).any()


def test_the_length_reward_goes_on_from_its_state():
    first, second = (LengthReward(LengthSettings(longest=100)) for _ in range(2))
    first(REWARDS, LENGTHS, ["sums", "words"], RATES)
    second.load_state_dict(first.state_dict())
    ours, theirs = (r(REWARDS, LENGTHS, ["sums", "words"], {"sums": 0.1, "words": 0.1}) for r in (first, second))
    assert np.array_equal(ours, theirs)


def test_the_bonus_leaves_the_mean_alone():
    bonus = LengthReward(LengthSettings(longest=100, start=1.0))(REWARDS, LENGTHS, ["sums", "words"], RATES)
    found = advantages(REWARDS[0], np.zeros(4), "maxrl", bonus_R=bonus[0])
    assert found == pytest.approx([(0.5 + 0.25) / 0.5, 1, -1, -1])


def test_solve_rates():
    assert solve_rate(np.array([1.0, 0.5, np.nan])) == 0.5
    assert solve_rate(np.array([np.nan])) == 0


# -- repetition -------------------------------------------------------------------------------------------------------


def test_a_loop_compresses_and_text_does_not():
    rng = np.random.default_rng(0)
    text = rng.integers(50_000, size=2000).tolist()
    assert compression(text) > 0.5
    assert compression([7, 8, 9] * 400) < 0.05
    assert compression(text + [7] * 1500) < 0.05  # one bad chunk is enough
    assert compression([]) == 1
    assert compression([5]) == 1


def test_short_loops_are_no_loops():
    assert compression([7] * 30) > 0.05
