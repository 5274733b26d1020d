"""Test-time compute curves, on numbers worked out by hand."""

import pytest

from whetstone.compute import Point, budget_curve, voting_curve
from whetstone.rows import Row, RowKind


def row(seed: int, sample: int, answer: str, tokens: int, level: int = 0, kind: RowKind = "graded") -> Row:
    right = answer == "7" and kind == "graded"
    return Row(
        "f/a", level, seed, "p", f"<answer>{answer}</answer>", kind, float(right), right, "", tokens, "stop", sample
    )


def test_a_shorter_budget_keeps_what_was_shorter():
    rows = [row(0, 0, "7", 10), row(1, 0, "7", 40), row(2, 0, "3", 20), row(3, 0, "7", 80)]
    curve = {point.tokens: point.accuracy for point in budget_curve(rows)}
    assert curve[10] == 0.25 and curve[80] == 0.75
    assert next(accuracy for tokens, accuracy in sorted(curve.items()) if 41 <= tokens < 80) == 0.5
    assert budget_curve([row(0, 0, "7", 0)]) == [] and budget_curve([]) == []


def test_budgets_weigh_levels_alike():
    rows = [row(0, 0, "7", 10), *(row(seed, 0, "3", 10, level=1) for seed in range(9))]
    assert budget_curve(rows)[-1] == Point(10, 0.5)


def test_votes_of_one_and_of_all():
    # problem 0: 7 wins two to one; problem 1: 3 wins two to one; four samples each, one of them lost
    rows = [row(0, i, answer, 6) for i, answer in enumerate("7735")] + [row(1, i, a, 2) for i, a in enumerate("3375")]
    one, two, four = voting_curve(rows)
    assert (one.tokens, one.accuracy) == (4.0, pytest.approx((2 / 4 + 1 / 4) / 2))
    assert four == Point(16.0, 0.5)
    assert two.tokens == 8.0 and 0.2 < two.accuracy < 0.6
    assert voting_curve(rows) == voting_curve(rows)
    assert voting_curve(rows[:1]) == []


def test_of_equally_frequent_answers_the_first_wins_and_silence_does_not_vote():
    tie = [row(0, 0, "7", 1), row(0, 1, "3", 1)]
    assert voting_curve(tie)[-1].accuracy == 1.0
    silent = [Row("f/a", 0, 0, "p", "", "unreadable", 0.0, False, "", 1, "stop", i) for i in range(3)]
    assert voting_curve([*silent, row(0, 3, "7", 1)])[-1].accuracy == 1.0
