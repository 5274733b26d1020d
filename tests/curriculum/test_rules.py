"""Every difficulty controller, by name: what all of them owe a mixture, and each one's own rule by hand."""

import json

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from whetstone.curriculum.bayes import MU, RHO, Bayes, BayesSettings, Prior, alike_chance, log_likelihood
from whetstone.curriculum.difficulty import LearnabilitySettings
from whetstone.curriculum.mixture import Controller, Mixture
from whetstone.curriculum.rules import Rule, controllers
from whetstone.curriculum.staircase import Staircase, StaircaseSettings
from whetstone.curriculum.window import Window, WindowSettings

RULES: list[Rule] = ["learnability", "window", "staircase", "bayes"]
TASKS = ["a", "b", "c"]


def made(rule: Rule, top: int = 30, seed: int = 0) -> dict[str, Controller]:
    return controllers(rule, TASKS, learnability=LearnabilitySettings(start=1, top=top), samples=8, seed=seed)


def simulate(mixture: Mixture, skill: dict[str, float], steps: int, rng: np.random.Generator) -> list[tuple]:
    """Ask a policy that does not learn; (task, level, accuracy) of every group."""
    groups = []
    for _ in range(steps):
        for task, level in mixture.propose(12):
            accuracy = float((rng.random(8) < 1 / (1 + np.exp(min(level - skill[task], 50)))).mean())
            groups.append((task, level, accuracy))
            mixture.observe(task, level, accuracy, 8)
    return groups


@pytest.mark.parametrize("rule", RULES)
@settings(deadline=None, max_examples=30)  # a busy machine takes its time
@given(outcomes=st.lists(st.sampled_from([0.0, 0.25, 0.5, 0.875, 1.0]), max_size=40), top=st.integers(0, 12))
def test_levels_stay_in_range_and_signals_are_finite(rule: Rule, outcomes: list[float], top: int) -> None:
    one, rng = made(rule, top)["a"], np.random.default_rng(1)
    for accuracy in outcomes:
        level = one.propose(rng)
        assert isinstance(level, int) and 0 <= level <= top
        one.observe(level, accuracy, 8)
        assert np.isfinite(one.signal) and one.signal >= 0
        assert one.metrics()["frontier"] <= top


@pytest.mark.parametrize("rule", RULES)
def test_a_resumed_mixture_asks_the_same(rule: Rule) -> None:
    skill = {"a": 2.0, "b": 6.0, "c": -50.0}
    whole = Mixture(made(rule), seed=1)
    simulate(whole, skill, 6, np.random.default_rng(2))
    resumed = Mixture(made(rule, seed=7), seed=9)
    resumed.load_state_dict(json.loads(json.dumps(whole.state_dict())))
    goes_on = [simulate(mixture, skill, 6, np.random.default_rng(3)) for mixture in (whole, resumed)]
    assert goes_on[0] == goes_on[1]


@pytest.mark.parametrize("rule", RULES)
def test_no_task_is_left_unvisited(rule: Rule) -> None:
    asked = {task for task, _, _ in simulate(Mixture(made(rule), 0), dict.fromkeys(TASKS, -50.0), 20, rng())}
    assert asked == set(TASKS)


def rng() -> np.random.Generator:
    return np.random.default_rng(4)


def wasted(rule: Rule) -> float:
    """The share of groups without variance, asked of a policy at level 5 on every task, after a start."""
    groups = simulate(Mixture(made(rule), 0), dict.fromkeys(TASKS, 5.0), 80, rng())
    return float(np.mean([accuracy in (0.0, 1.0) for _, _, accuracy in groups[240:]]))


def test_ours_wastes_less_than_half_of_what_the_window_does() -> None:
    assert wasted("bayes") < 0.5 * wasted("window")


# -- RLVE's window ----------------------------------------------------------------------------------------------------


def test_the_window_moves_after_128_good_answers_at_its_top() -> None:
    window = Window(WindowSettings())
    for _ in range(15):
        window.observe(0, 1.0, 8)
    assert window.frontier == 0
    window.observe(0, 0.0, 8)  # 120 of 128: 0.9375
    assert window.frontier == 1
    for _ in range(16):
        window.observe(1, 0.875, 8)  # below 0.9
    assert window.frontier == 1
    for _ in range(100):
        window.observe(0, 1.0, 8)  # below the top: counts for nothing
    assert window.frontier == 1


def test_the_window_is_four_levels_wide() -> None:
    window = Window(WindowSettings())
    window.frontier = 7
    assert {window.propose(rng) for rng in map(np.random.default_rng, range(60))} == {4, 5, 6, 7}


# -- ZAYA1's staircase ------------------------------------------------------------------------------------------------


def test_the_staircase_goes_up_and_down_by_one() -> None:
    stairs = Staircase(StaircaseSettings(probes=0), np.random.default_rng(0))
    levels = []
    for level, accuracy in [(0, 0.75), (0, 1.0), (1, 0.7), (1, 0.75), (2, 0.0), (1, 0.125), (1, 0.0), (0, 0.0)]:
        stairs.observe(level, accuracy, 8)
        levels.append(stairs.level)
    assert levels == [1, 1, 1, 2, 1, 1, 0, 0]  # the second group was asked at a level that had been left


def test_the_probes_find_the_first_level() -> None:
    found = []
    for seed in range(20):
        draws = np.random.default_rng(seed)
        stairs = Staircase(StaircaseSettings(probes=12), np.random.default_rng(100 + seed))
        while stairs.probing:
            level = stairs.propose(draws)
            stairs.observe(level, float((draws.random(16) < 1 / (1 + np.exp(level - 9.0))).mean()), 16)
        found.append(stairs.level)
    assert np.mean(np.abs(np.array(found) - 9)) < 1


# -- Bayes ------------------------------------------------------------------------------------------------------------


def bayes(**changes) -> Bayes:
    settings = BayesSettings(**changes)
    return Bayes(settings, Prior(settings), 0)


def test_the_likelihood_by_hand() -> None:
    half, third = np.array(0.5), np.array(1 / 3)  # a = b = 1: every pass rate is as likely
    assert log_likelihood(1, 2, half, third) == pytest.approx(np.log(1 / 6))  # the integral of x (1 - x)
    assert log_likelihood(2, 2, half, third) == pytest.approx(np.log(1 / 3))
    assert log_likelihood(6, 8, half, np.array(1e-9)) == pytest.approx(8 * np.log(0.5))  # independent answers
    assert alike_chance(2, half, third) == pytest.approx(2 / 3)
    assert alike_chance(8, half, third) == pytest.approx(2 / 9)
    assert alike_chance(8, np.array(0.25), np.array(1e-9)) == pytest.approx(0.25**8 + 0.75**8)


def test_what_a_group_shows_is_worth_less_with_every_later_one() -> None:
    one = bayes(lapse=1e-12, memory=0.5)
    at = int(np.flatnonzero(MU == 3.0)[0]), 2, 1  # mu 3, s 1
    one.observe(3, 0.75, 8)
    first = log_likelihood(6, 8, np.array(0.5), RHO[1])
    assert one.log_likelihood[at] == pytest.approx(first)
    one.observe(2, 1.0, 8)
    assert one.log_likelihood[at] == pytest.approx(
        first / 2 + log_likelihood(8, 8, np.array(1 / (1 + np.exp(-1))), RHO[1])
    )


def test_problems_that_are_always_solved_or_never_have_less_signal() -> None:
    uneven, even = bayes(), bayes()
    for i in range(20):
        uneven.observe(2, float(i % 2), 8)
        even.observe(2, 0.5, 8)
    assert uneven.metrics()["frontier"] == pytest.approx(even.metrics()["frontier"], abs=1)
    assert uneven.metrics()["alike"] > 0.5 > 0.1 > even.metrics()["alike"]
    assert uneven.signal < 0.6 * even.signal


def test_the_shared_prior_does_not_depend_on_who_told_first() -> None:
    settings = BayesSettings()
    priors = [Prior(settings), Prior(settings)]
    found = {
        owner: np.random.default_rng(owner).normal(size=Bayes(settings, priors[0], 0).log_likelihood.shape)
        for owner in range(7)
    }
    for prior, order in zip(priors, (range(7), reversed(range(7))), strict=True):
        for owner in order:
            prior.tell(owner, found[owner])
    assert all(np.array_equal(priors[0].of(owner), priors[1].of(owner)) for owner in range(8))


def test_it_finds_the_level_at_which_half_is_right_and_follows_when_that_moves() -> None:
    one, draws = bayes(), np.random.default_rng(0)
    for middle in (4.0, 9.0, 6.0):
        for _ in range(60):
            level = one.propose(draws)
            one.observe(level, float((draws.random(8) < 1 / (1 + np.exp(level - middle))).mean()), 8)
        assert one.metrics()["frontier"] == pytest.approx(middle, abs=1.0)


def test_hopeless_and_mastered_tasks_have_little_signal() -> None:
    hopeless, mastered, edge = bayes(), bayes(top=3), bayes()
    for _ in range(20):
        hopeless.observe(0, 0.0, 8)
        mastered.observe(3, 1.0, 8)
        edge.observe(2, 0.5, 8)
    assert hopeless.signal < 0.3 and mastered.signal < 0.3 < 0.9 < edge.signal


def test_a_new_task_starts_where_the_others_are() -> None:
    settings = BayesSettings()
    prior = Prior(settings)
    old, new = Bayes(settings, prior, 0), Bayes(settings, prior, 1)
    before = new.metrics()["frontier"]
    for _ in range(20):
        old.observe(12, 0.5, 8)
    assert before < new.metrics()["frontier"] < 12.5
    assert Bayes(settings, prior, 0).prior.of(0) == pytest.approx(prior.flat)  # nothing comes back to its teller
