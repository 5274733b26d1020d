"""Which tasks patterns stand for, how sources share a batch, and when a stage is left."""

from __future__ import annotations

import json

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from whetstone.curriculum.cascade import Exit, ExitSettings, chosen, known, shares, task
from whetstone.curriculum.instructions import Instructions
from whetstone.envs import catalog
from whetstone.envs.suites import load_suite

# -- which tasks ------------------------------------------------------------------------------------------------------


def test_patterns_stand_for_tasks_once_and_in_order():
    assert chosen(["sequences/sorting", "algebra/division"]) == ("sequences/sorting", "algebra/division")
    assert chosen(["puzzles"]) == tuple(catalog.ids("puzzles"))
    assert chosen(["sequences/sorting", "sequences"]).count("sequences/sorting") == 1
    assert chosen(["code"]) == catalog.CODE
    assert set(chosen(["heldout"])) == set(chosen(["suite:heldout"])) == set(load_suite("heldout").tasks)
    assert not set(chosen(["train"])) & set(chosen(["heldout"]))
    assert chosen(["chat/instr*"]) == ("chat/instructions",)
    assert task("chat/instructions") is Instructions
    assert set(chosen(["*"])) == set(known())


@pytest.mark.parametrize(("wrong", "near"), [("trian", "train"), ("sequences/sortin", "sequences/sorting")])
def test_what_stands_for_nothing_is_an_error_with_a_near_name(wrong: str, near: str):
    with pytest.raises(ValueError, match=f"there is no task '{wrong}'; did you mean '{near}'"):
        chosen(["puzzles", wrong])


# -- how sources share a batch ----------------------------------------------------------------------------------------


def test_shares_by_hand():
    rng = np.random.default_rng(0)
    before = rng.bit_generator.state
    assert shares([3.0], 7, rng) == [7]
    assert shares([1.0, 1.0], 8, rng) == [4, 4]
    assert shares([0.2, 0.3, 0.5], 10, rng) == [2, 3, 5]
    assert rng.bit_generator.state == before  # nothing was left to chance
    assert sorted(shares([1.0, 1.0], 9, rng)) == [4, 5]


@given(st.lists(st.floats(0.01, 100), min_size=1, max_size=6), st.integers(0, 200), st.integers(0, 99))
def test_no_source_is_short_of_its_share(weights: list[float], count: int, seed: int):
    found = shares(weights, count, np.random.default_rng(seed))
    assert sum(found) == count
    for weight, each in zip(weights, found, strict=True):
        assert each >= np.floor(count * weight / sum(weights))


def test_what_is_left_over_goes_by_share():
    rng = np.random.default_rng(0)
    drawn = np.mean([shares([0.45, 0.35, 0.2], 3, rng) for _ in range(4000)], axis=0)
    assert np.abs(drawn - [1.35, 1.05, 0.6]).max() < 0.04


# -- when a stage is left ---------------------------------------------------------------------------------------------


def reasons(settings: ExitSettings, values: list[float]) -> list[str | None]:
    rule = Exit(settings)
    return [rule.observe(value) for value in values]


def test_without_a_rule_a_stage_goes_on():
    assert reasons(ExitSettings(window=1), [0.0, 1.0, 1.0, 1.0]) == [None] * 4


def test_a_plateau_by_hand():
    found = reasons(ExitSettings(plateau=3, gain=0.1, window=1), [0.1, 0.3, 0.35, 0.39, 0.2, 0.9])
    # 0.3 is the best; 0.35, 0.39 and 0.2 gain less than 0.1 on it
    assert found[:4] == [None] * 4
    assert found[4:] == ["no gain of 0.1 in 3 steps, the mean is 0.2"] * 2  # and stays so


def test_a_gain_starts_the_plateau_anew():
    assert reasons(ExitSettings(plateau=2, gain=0.125, window=1), [0.125, 0.125, 0.25, 0.3, 0.375, 0.5]) == [None] * 6


def test_a_loss_improves_by_falling():
    assert reasons(ExitSettings(target=0.5, window=2, falling=True), [0.9, 0.6, 0.3]) == [
        None,
        None,
        "the mean of 2 steps reached 0.45, the target is 0.5",
    ]
    assert reasons(ExitSettings(plateau=1, gain=0.1, window=1, falling=True), [0.9, 0.6, 0.6])[-1] is not None


@given(st.lists(st.floats(0, 1), min_size=1, max_size=40), st.integers(0, 39))
def test_a_rule_goes_on_from_its_state(values: list[float], cut: int):
    settings = ExitSettings(target=0.9, plateau=5, gain=0.05, window=3)
    whole, first, second = Exit(settings), Exit(settings), Exit(settings)
    for value in values[:cut]:
        first.observe(value)
    second.load_state_dict(json.loads(json.dumps(first.state_dict())))
    for value in values:
        whole.observe(value)
    for value in values[cut:]:
        second.observe(value)
    assert second.state_dict() == whole.state_dict()
