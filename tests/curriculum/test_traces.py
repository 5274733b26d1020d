"""Trimming as the report states it, and aggregation prompts from a pool of attempts."""

import itertools

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from whetstone.curriculum.traces import Attempt, Pool, PoolSettings, Turn, aggregate, trim

OPEN, CLOSE = (-1,), (-2,)


def turn(asked: int, reasoning: int, answer: int, name: int = 0) -> Turn:
    """Tokens that say where they come from: 100 a turn, 30 a part."""
    start = 100 * name
    return Turn(
        tuple(range(start, start + asked)),
        OPEN,
        tuple(range(start + 30, start + 30 + reasoning)),
        CLOSE,
        tuple(range(start + 60, start + 60 + answer)),
    )


# -- trimming ---------------------------------------------------------------------------------------------------------


def test_what_fits_stays():
    turns = [turn(2, 5, 3)]
    assert len(turns[0]) == 2 + 1 + 5 + 1 + 3
    assert trim(turns, 12) == turns
    assert trim([], 0) == []


def test_the_end_of_the_last_reasoning_is_cut():
    (cut,) = trim([turn(2, 5, 3)], 9) or []
    assert cut.tokens == (0, 1, -1, 30, 31, -2, 60, 61, 62)  # three tokens too many: 32, 33, 34 go


def test_all_of_the_reasoning_may_go_but_not_the_answer():
    (cut,) = trim([turn(2, 5, 3)], 7) or []
    assert cut.tokens == (0, 1, -1, -2, 60, 61, 62)
    assert trim([turn(2, 5, 3)], 6) is None


def test_earlier_reasoning_stays_as_long_as_the_last_one_can_give():
    turns = [turn(2, 4, 3), turn(2, 5, 3, 1)]  # 11 and 12 tokens
    cut = trim(turns, 18)
    assert cut is not None
    assert cut[0] == turns[0]
    assert cut[1].reasoning == ()


def test_then_earlier_reasoning_goes_first_and_the_last_is_cut_anew():
    turns = [turn(2, 4, 3), turn(2, 5, 3, 1)]
    cut = trim(turns, 17)  # 18 with the first turn whole; without its block of 6 there is room again
    assert cut is not None
    assert cut[0].tokens == (0, 1, 60, 61, 62)
    assert cut[1] == turns[1]
    assert trim(turns, 15) == [cut[0], Turn(turns[1].asked, OPEN, (130, 131, 132), CLOSE, turns[1].answer)]
    assert trim(turns, 12) == [cut[0], Turn(turns[1].asked, OPEN, (), CLOSE, turns[1].answer)]
    assert trim(turns, 11) is None


TURNS = st.lists(st.tuples(st.integers(0, 5), st.integers(0, 9), st.integers(0, 5)), min_size=1, max_size=4).map(
    lambda sizes: [turn(*size, name) for name, size in enumerate(sizes)]
)


@given(TURNS, st.integers(0, 60))
def test_trimming_keeps_answers_whole_and_the_budget(turns: list[Turn], budget: int):
    cut = trim(turns, budget)
    least = sum(len(t.asked) + len(t.answer) for t in turns) + len(OPEN) + len(CLOSE)
    assert (cut is None) == (least > budget)
    if cut is None:
        return
    assert sum(map(len, cut)) <= budget
    assert [(t.asked, t.answer) for t in cut] == [(t.asked, t.answer) for t in turns]
    assert cut[-1].reasoning == turns[-1].reasoning[: len(cut[-1].reasoning)]  # its start is what stays
    blocks = [t.reasoning + t.closing for t in cut[:-1]]
    assert blocks in ([t.reasoning + t.closing for t in turns[:-1]], [()] * (len(turns) - 1))  # all or none
    if cut != turns:
        assert sum(map(len, cut)) == budget or cut[-1] == turns[-1]  # no more was cut than had to be
    if sum(map(len, turns)) <= budget:
        assert cut == turns
    assert trim(cut, budget) == cut


@given(TURNS, st.integers(0, 60), st.integers(0, 60))
def test_a_larger_budget_never_keeps_less(turns: list[Turn], one: int, other: int):
    small, large = trim(turns, min(one, other)), trim(turns, max(one, other))
    if small is not None:
        assert large is not None
        kept = [sum(len(t.reasoning) for t in cut[:-1]) for cut in (small, large)]
        assert kept[0] <= kept[1]
        if kept[0] == kept[1]:
            assert len(small[-1].reasoning) <= len(large[-1].reasoning)


# -- aggregation prompts ----------------------------------------------------------------------------------------------


def render(question: str, tails) -> str:
    return f"{question}?{'+'.join(tails)}"


ATTEMPTS = [Attempt(letter, version) for version, letter in enumerate("abcdef")]


def test_prompts_show_attempts_without_replacement():
    made = aggregate("q", ATTEMPTS, 3, 50, render, np.random.default_rng(0))
    assert len(made) == 50
    for one in made:
        assert len(set(one.attempts)) == 3
        assert one.prompt == f"q?{'+'.join(a.tail for a in one.attempts)}"
        assert one.stalest == min(a.version for a in one.attempts)
    assert aggregate("q", ATTEMPTS, 3, 50, render, np.random.default_rng(0)) == made


def test_every_ordered_choice_is_as_likely():
    made = aggregate("q", ATTEMPTS[:3], 2, 6000, render, np.random.default_rng(1))
    for pair in itertools.permutations("abc", 2):
        count = sum(one.prompt == f"q?{'+'.join(pair)}" for one in made)
        assert abs(count - 1000) < 4 * 29  # standard deviation sqrt(6000 / 6 * 5 / 6)


@pytest.mark.parametrize("c", [0, 7])
def test_more_attempts_than_there_are_cannot_be_shown(c: int):
    with pytest.raises(ValueError, match=r"c must lie in 1\.\.6"):
        aggregate("q", ATTEMPTS, c, 1, render, np.random.default_rng(0))


def test_a_pool_forgets_the_oldest():
    pool = Pool(PoolSettings(problems=2, attempts=3, staleness=2))
    pool.add("p", ["1", "2"])
    pool.add("q", ["3", "  ", ""])
    pool.add("p", ["4", "5"])
    assert [a.tail for a in pool.attempts("p")] == ["2", "4", "5"]
    assert [a.tail for a in pool.attempts("q")] == ["3"]
    assert list(pool.ready(2)) == ["p"]
    pool.add("r", ["6"])
    assert len(pool) == 2 and not pool.attempts("q")  # the one written to longest ago


def test_own_attempts_age_and_experts_do_not():
    pool = Pool(PoolSettings(staleness=2))
    pool.add("p", ["old"])
    pool.add("p", ["wise"], "expert")
    pool.advance(2)
    pool.add("p", ["new"])
    assert [(a.tail, a.version) for a in pool.attempts("p", "own")] == [("old", 0), ("new", 2)]
    assert pool.metrics() == {"problems": 1.0, "attempts": 3.0, "age": 1.0}
    pool.advance(3)
    assert [a.tail for a in pool.attempts("p")] == ["wise", "new"]
    assert [a.tail for a in pool.attempts("p", "expert")] == ["wise"]
    with pytest.raises(ValueError, match="versions only rise"):
        pool.advance(2)


@given(
    st.lists(st.tuples(st.sampled_from("pqr"), st.lists(st.text(max_size=3), max_size=5), st.booleans()), max_size=20)
)
def test_a_pool_never_holds_more_than_it_may_and_survives_saving(steps):
    settings = PoolSettings(problems=2, attempts=4, staleness=3)
    pool = Pool(settings)
    for step, (problem, tails, expert) in enumerate(steps):
        pool.advance(step)
        pool.add(problem, tails, "expert" if expert else "own")
        assert len(pool) <= 2
        for held in map(pool.attempts, "pqr"):
            assert len(held) <= 4
            assert all(a.tail.strip() and (a.source == "expert" or step - a.version <= 3) for a in held)
    copy = Pool(settings)
    copy.load_state_dict(pool.state_dict())
    assert copy.state_dict() == pool.state_dict()
    assert [copy.attempts(p) for p in "pqr"] == [pool.attempts(p) for p in "pqr"]
