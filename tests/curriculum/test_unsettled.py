"""Problems to ask again: chances by hand, who comes first, and when a problem is let go."""

from __future__ import annotations

import json

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from whetstone.curriculum.unsettled import Unsettled, UnsettledSettings


def test_the_chance_that_two_answers_differ_by_hand() -> None:
    unsettled = Unsettled(UnsettledSettings(group=2, least=0.0))
    unsettled.tell(("a",), 1, 2)  # Beta(3/2, 3/2): 2 ab / ((a + b)(a + b + 1)) = 2 * 9/4 / 12
    unsettled.tell(("b",), 1, 8)  # Beta(3/2, 15/2): 2 * 45/4 / 90
    assert unsettled.chances().tolist() == pytest.approx([3 / 8, 1 / 4])
    assert unsettled.best(1) == [("a",)]
    assert unsettled.best(5) == [("a",), ("b",)]


def test_a_problem_that_hardly_differs_is_not_asked_again() -> None:
    unsettled = Unsettled()
    unsettled.tell(("hard",), 1, 8)
    unsettled.tell(("even",), 3, 8)
    assert unsettled.chances()[0] == pytest.approx(0.65, abs=0.01)
    assert unsettled.best(2) == [("even",)]


def test_of_equal_problems_the_newest_comes_first() -> None:
    unsettled = Unsettled()
    for name in "abc":
        unsettled.tell((name,), 4, 8)
    assert unsettled.best(2) == [("c",), ("b",)]


def test_what_is_settled_or_asked_often_enough_is_let_go() -> None:
    unsettled = Unsettled(UnsettledSettings(times=2))
    unsettled.tell(("right",), 8, 8)
    unsettled.tell(("wrong",), 0, 8)
    assert len(unsettled) == 0
    assert unsettled.best(3) == []
    unsettled.tell(("a",), 3, 8)
    unsettled.tell(("a",), 4, 8)  # asked again once
    assert unsettled.names == [("a",)]
    unsettled.tell(("a",), 4, 8)  # and twice
    assert len(unsettled) == 0
    unsettled.tell(("b",), 3, 8)
    unsettled.tell(("b",), 8, 8)  # its answers agree now
    assert len(unsettled) == 0


def test_what_is_old_is_forgotten() -> None:
    unsettled = Unsettled(UnsettledSettings(staleness=2))
    unsettled.tell(("a",), 3, 8)
    unsettled.advance()
    unsettled.tell(("b",), 3, 8)
    unsettled.advance()
    assert unsettled.names == [("a",), ("b",)]
    unsettled.advance()
    assert unsettled.names == [("b",)]


@settings(deadline=None)
@given(st.lists(st.tuples(st.integers(0, 5), st.integers(0, 8)), max_size=40))
def test_the_state_is_all_there_is(told: list[tuple[int, int]]) -> None:
    unsettled = Unsettled(UnsettledSettings(staleness=3))
    for name, right in told:
        unsettled.tell(("task", name, 0), right, 8)
        unsettled.advance()
        assert ((unsettled.chances() > 0) & (unsettled.chances() < 1)).all()
    copy = Unsettled(UnsettledSettings(staleness=3))
    copy.load_state_dict(json.loads(json.dumps(unsettled.state_dict())))
    assert copy.best(9) == unsettled.best(9)
    assert copy.state_dict() == unsettled.state_dict()
    assert np.array_equal(copy.chances(), unsettled.chances())
