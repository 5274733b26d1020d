"""Generated requests: however many constraints are combined, the planted reply meets them all."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from whetstone.curriculum.instructions import RULES, Instructions
from whetstone.envs.chat.ifeval import CONSTRAINTS


def test_there_is_a_rule_for_every_constraint_of_ifeval():
    assert set(RULES) == set(CONSTRAINTS)
    drawn = [Instructions.draw(4, seed) for seed in range(150)]
    assert {name for problem in drawn for name, _, _ in problem.constraints} == set(RULES)


@given(st.integers(0, 12), st.integers(0, 10**9), st.sampled_from(["train", "eval"]))
def test_the_planted_reply_meets_every_constraint(level: int, seed: int, split):
    problem = Instructions.draw(level, seed, split)
    assert problem.split == split
    assert problem.grade(problem.target).correct
    assert problem.grade(f"<think>I, too, think.</think>\n{problem.target}").correct
    assert Instructions.from_json(problem.to_json()) == problem
    assert Instructions.draw(level, seed, split) == problem
    assert 1 <= len(problem.constraints) <= level + 1
    assert len({name for name, _, _ in problem.constraints}) == len(problem.constraints)
    assert all(phrase in problem.prompt for _, _, phrase in problem.constraints)


def test_a_verdict_by_hand():
    values = json.dumps({"end_phrase": "The end."})
    constraints = (
        ("punctuation:no_comma", "{}", "Use no comma."),
        ("startend:end_checker", values, "End with: The end."),
    )
    problem = Instructions("Write about the boat.", constraints, "It is. The end.")
    assert problem.prompt == "Write about the boat. Use no comma. End with: The end."
    assert problem.grade("Old boat. The end.").correct
    half = problem.grade("Old, wet boat. The end.")
    assert (half.score, half.reason) == (0.5, "breaks punctuation:no_comma")
    assert problem.grade("Old, wet boat").score == 0
    assert problem.grade("  <think>only thought</think> ").kind == "unreadable"


@pytest.mark.parametrize("constant", ["", "a", "My answer is yes.", "The boat is old.", "{}"])
def test_what_ignores_the_request_seldom_meets_several_constraints(constant: str):
    found = [Instructions.draw(3, seed).grade(constant).correct for seed in range(150)]
    assert sum(found) / len(found) < 0.05


def test_higher_levels_ask_for_more():
    means = [sum(len(Instructions.draw(level, s).constraints) for s in range(40)) / 40 for level in (0, 2, 4, 8)]
    assert means == sorted(means)
    assert means[0] == 1
    assert means[-1] > 8
