"""The mixture over tasks, by hand."""

import json
from collections import Counter

import numpy as np
import pytest

from whetstone.curriculum.difficulty import Learnability, LearnabilitySettings
from whetstone.curriculum.mixture import Mixture

TASKS = ["sequences.sorting", "algebra.division"]


def mixture(seed: int = 0, **changes) -> Mixture[Learnability]:
    return Mixture({task: Learnability(LearnabilitySettings(start=1)) for task in TASKS}, seed, **changes)


def test_weights_by_hand():
    tasks = mixture(floor=0.4)
    assert tasks.weights() == pytest.approx([0.5, 0.5])
    tasks.controllers["sequences.sorting"].pass_rate = [1.0, 1.0]  # level weights 0.1 + 0.1
    tasks.controllers["algebra.division"].pass_rate = [0.5, 0.5]  # 0.27 + 0.27
    # 0.6 * (0.2, 0.54) / 0.74 + 0.4 / 2
    assert tasks.weights() == pytest.approx([0.36216, 0.63784], abs=1e-5)
    assert mixture(floor=1.0).weights() == pytest.approx([0.5, 0.5])


def test_proposals_follow_the_weights_and_the_frontier():
    tasks = mixture()
    tasks.controllers["sequences.sorting"].pass_rate = [1.0, 1.0]
    drawn = tasks.propose(4000)
    counts = Counter(task for task, _ in drawn)
    assert counts["sequences.sorting"] / 4000 == pytest.approx(tasks.weights()[0], abs=0.03)
    assert {level for _, level in drawn} == {0, 1}
    assert tasks.propose(0) == []


def test_an_observation_reaches_its_task_alone():
    tasks = mixture()
    for _ in range(3):
        tasks.observe("algebra.division", 1, 1.0)
    assert tasks.metrics()["algebra.division"]["frontier"] == 2
    assert tasks.metrics()["sequences.sorting"] == {"frontier": 1, "pass_rate": 0.5}


def test_a_resumed_mixture_asks_the_same():
    whole = mixture(seed=5)
    for task, level in whole.propose(30):
        whole.observe(task, level, 0.9)
    saved = json.dumps(whole.state_dict())
    resumed = mixture(seed=99)
    resumed.load_state_dict(json.loads(saved))
    for _ in range(5):
        asked = whole.propose(20)
        assert resumed.propose(20) == asked
        for task, level in asked:
            whole.observe(task, level, 0.7)
            resumed.observe(task, level, 0.7)
    assert resumed.state_dict() == whole.state_dict()


def test_the_seed_decides():
    assert mixture(seed=1).propose(50) == mixture(seed=1).propose(50)
    assert mixture(seed=1).propose(50) != mixture(seed=2).propose(50)
    assert np.isclose(mixture().weights().sum(), 1)


def test_a_mixture_needs_a_task():
    with pytest.raises(ValueError, match="at least one task"):
        Mixture({}, seed=0)
