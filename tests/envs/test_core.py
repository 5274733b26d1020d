"""The contract of a task (`whetstone.envs.core`): keys, draws, verdicts, grading, JSON."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import Any, NamedTuple, Self

import pytest
from hypothesis import given
from hypothesis import strategies as st

from whetstone.envs import from_json, load
from whetstone.envs.answers import Integer
from whetstone.envs.core import ATTEMPTS, Rng, Task, Verdict, graded, invalid, unreadable
from whetstone.envs.stream import stream

Sorting: Any = load("sequences/sorting")


def numbers(*key: object) -> list[int]:
    return stream(*key).integers(2**32, size=500).tolist()  # type: ignore[arg-type]


@dataclass(frozen=True)
class Coin(Task[int]):
    """A task with two problems only."""

    side: int
    answer = Integer()

    class Size(NamedTuple):
        sides: int

        @classmethod
        def at(cls, level: int) -> Self:
            return cls(2)

    @classmethod
    def sample(cls, rng: Rng, size: Size) -> Self:
        return cls(int(rng.integers(size.sides)))

    def statement(self) -> str:
        return f"Repeat {self.side}"

    def solve(self) -> int:
        return self.side

    def check(self, answer: int) -> Verdict:
        return graded(Fraction(3, 2) if answer == 99 else float(1 // (answer - self.side + 1)))  # type: ignore[arg-type]


# -- keys -----------------------------------------------------------------------------------------------------------


def test_a_key_fixes_the_stream_for_good() -> None:
    """Data sets and reported results name problems by their keys: these numbers must never change."""
    assert stream("sequences/sorting", "train", 3, 42).integers(1000, size=5).tolist() == [829, 90, 732, 605, 633]
    assert numbers("a/b", "train", 3, 42) == numbers("a/b", "train", 3, 42)


def test_every_word_of_the_key_matters() -> None:
    key = ("a/b", "train", 3, 42)
    others = [("a/c", *key[1:]), ("a/b", "eval", 3, 42), ("a/b", "train", 4, 42), ("a/b", "train", 3, 43)]
    streams = [set(numbers(*each)) for each in [key, *others, ("a/b", "train", 42, 3)]]
    for i, one in enumerate(streams):
        for other in streams[:i]:
            assert len(one & other) <= 1  # 500 x 500 pairs of 32-bit numbers meet by chance 0.00006 times


@given(st.integers(0, 2**128), st.integers(0, 2**70))
def test_levels_and_seeds_of_any_size(seed: int, level: int) -> None:
    assert 0 <= stream("a/b", "eval", level, seed).random() < 1


def test_draw_names_its_mistakes() -> None:
    with pytest.raises(ValueError, match=r"split must be one of train, eval, not 'test'"):
        Sorting.draw(0, 0, "test")  # type: ignore[arg-type]
    with pytest.raises(ValueError, match=r"level=-1, seed=0"):
        Sorting.draw(-1, 0)
    with pytest.raises(ValueError, match=r"level=0, seed=-5"):
        Sorting.draw(0, -5)


def test_a_space_too_small_to_divide_is_shared() -> None:
    drawn = {split: [Coin.draw(0, seed, split).side for seed in range(20)] for split in ("train", "eval")}  # type: ignore[arg-type]
    assert {Coin(0).split, Coin(1).split} <= {"train", "eval"}
    for split, sides in drawn.items():
        members = [side for side in (0, 1) if Coin(side).split == split]
        assert set(sides) == set(members or (0, 1))
    assert ATTEMPTS >= 64  # a quarter of all problems are for evaluation: (3/4) ** 64 = 1e-8


# -- verdicts -------------------------------------------------------------------------------------------------------


def test_only_a_score_of_exactly_1_is_correct() -> None:
    assert graded(1.0) == Verdict("graded", 1.0, "correct") and graded(1.0).correct
    assert graded(0.25) == Verdict("graded", 0.25, "scored 0.250") and not graded(0.25).correct
    assert not graded(1 - 2**-53).correct
    assert graded(0, "why") == Verdict("graded", 0.0, "why")
    assert invalid("twice the same") == Verdict("invalid", 0.0, "twice the same") and not invalid("").correct
    assert unreadable("nothing there") == Verdict("unreadable", 0.0, "nothing there")


@pytest.mark.parametrize("score", [-0.001, 1.0000001, float("nan"), float("inf")])
def test_a_score_outside_0_and_1_is_a_bug(score: float) -> None:
    with pytest.raises(AssertionError, match=r"\[0, 1\]"):
        graded(score)


# -- grading --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("completion", "score"),
    [
        ("<answer>1 2 3</answer>", 1.0),
        ("Let me think. <answer>1 2 3</answer> Done.", 1.0),
        ("<answer>3 2 1</answer>, no: <answer>1 2 3</answer>", 1.0),
        ("<answer>1 2 3</answer>, no: <answer>3 2 1</answer>", 1 / 9),
        ("<answer>\n1\n2\n3\n</answer>", 1.0),
        ("<answer>3 <answer>1 2 3</answer>", 1.0),
        ("<answer>1 2 3</answer></answer>", 1.0),
        ("<answer>1 2 3</answer> <answer>3 2", 1.0),
    ],
)
def test_the_last_finished_answer_counts(completion: str, score: float) -> None:
    assert Sorting((3, 1, 2)).grade(completion).score == pytest.approx(score)


@pytest.mark.parametrize("completion", ["", "1 2 3", "<answer>1 2 3", "1 2 3</answer>", "<ANSWER>1 2 3</ANSWER>"])
def test_without_tags_there_is_no_answer(completion: str) -> None:
    verdict = Sorting((3, 1, 2)).grade(completion)
    assert verdict == unreadable("expected an answer between <answer> and </answer>, found none")


def test_the_parser_says_what_it_cannot_read() -> None:
    verdict = Sorting((3, 1, 2)).grade("<answer>1 two 3</answer>")
    assert verdict == unreadable("expected an integer, found 'two'")


def test_bugs_of_a_task_are_not_answers() -> None:
    assert Coin(1).grade("<answer>1</answer>").correct
    with pytest.raises(ZeroDivisionError):
        Coin(1).grade("<answer>0</answer>")
    with pytest.raises(AssertionError):
        Coin(1).grade("<answer>99</answer>")


# -- JSON -----------------------------------------------------------------------------------------------------------


def test_json_of_a_problem() -> None:
    text = Sorting((3, 1, 2)).to_json()
    assert text == '{"task":"sequences/sorting","numbers":[3,1,2]}'
    assert from_json(text) == Sorting((3, 1, 2))


@pytest.mark.parametrize("text", ["", "[]", "3", "{}", '{"numbers":[1]}', "{"])
def test_json_of_something_else(text: str) -> None:
    for read in (from_json, Sorting.from_json):
        with pytest.raises(ValueError, match=r"expected a JSON object with a 'task' field"):
            read(text)


@pytest.mark.parametrize(
    "text", ['{"task":"sequences/sorting"}', '{"task":"a/b","numbers":[]}', '{"task":"sequences/sorting","n":1}']
)
def test_json_with_other_fields(text: str) -> None:
    with pytest.raises(ValueError, match=r"expected sequences/sorting with fields \['numbers'\]"):
        Sorting.from_json(text)
