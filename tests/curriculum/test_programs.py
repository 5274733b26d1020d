"""Generated programs: what is reckoned of them is what Python does."""

from __future__ import annotations

import contextlib
import io

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from whetstone.curriculum.programs import Digits, FoundInput, PrintedOutput, Program, shown
from whetstone.envs.core import Verdict

TASKS = [PrintedOutput, FoundInput]


def printed(program: Program, given: Digits) -> str:
    """What Python prints."""
    found = io.StringIO()
    with contextlib.redirect_stdout(found):
        exec(program.text, {"input": lambda: shown(given)})
    return found.getvalue().strip()


@settings(deadline=None)
@given(st.sampled_from(TASKS), st.integers(0, 12), st.integers(0, 10**9), st.sampled_from(["train", "eval"]))
def test_a_program_does_what_is_said_of_it(task: type[Program], level: int, seed: int, split):
    problem = task.draw(level, seed, split)
    assert problem.split == split
    assert len(problem.steps) == level + 1
    assert problem.grade(problem.target).correct
    assert task.from_json(problem.to_json()) == problem
    assert task.draw(level, seed, split) == problem
    output = printed(problem, problem.given)
    assert problem.text in problem.prompt
    if task is PrintedOutput:
        assert shown(tuple(problem.solution)) == output
        assert f"input {shown(problem.given)}?" in problem.prompt
    else:
        assert f"print {output}?" in problem.prompt


def test_by_hand():
    steps = (("reverse", 0), ("append", 4), ("left", 0), ("swap", 0), ("cut", 0), ("sort", 0), ("insert", 8))
    problem = PrintedOutput((7, 3, 5), steps)
    assert problem.worked() == "5 3 7\n5 3 7 4\n3 7 4 5\n5 7 4 3\n5 7 4\n4 5 7\n8 4 5 7"
    assert problem.text.splitlines() == [
        "x = list(map(int, input().split()))",
        "x.reverse()",
        "x.append(4)",
        "x = x[1:] + x[:1]",
        "x[0], x[-1] = x[-1], x[0]",
        "x = x[:3]",
        "x.sort()",
        "x.insert(0, 8)",
        "print(*x)",
    ]
    assert problem.grade("<answer>8 4 7 5</answer>") == Verdict("graded", 0.5, "it prints 8 4 5 7")
    found = FoundInput((7, 3, 5), steps[:2])
    assert found.prompt.startswith(
        "x = list(map(int, input().split()))\nx.reverse()\nx.append(4)\nprint(*x)\nFor which"
    )
    assert found.worked() == "5 3 7\n7 3 5"
    assert found.grade("<answer>7 3 5</answer>").correct
    assert found.grade("<answer>7 5 3</answer>").reason == "for 7 5 3 it prints 3 5 7 4"
    assert found.grade("<answer>7</answer>").kind == "invalid"


@settings(deadline=None)
@given(st.integers(0, 12), st.integers(0, 10**9), st.lists(st.integers(0, 9), min_size=2, max_size=8))
def test_an_input_is_right_if_python_prints_the_same(level: int, seed: int, answer: list[int]):
    problem = FoundInput.draw(level, seed)
    same = printed(problem, tuple(answer)) == printed(problem, problem.given)
    assert problem.grade(f"<answer>{shown(tuple(answer))}</answer>").correct == same


@pytest.mark.parametrize("task", TASKS)
def test_a_constant_is_seldom_right(task: type[Program]):
    drawn = [task.draw(level, seed) for level in range(4) for seed in range(100)]
    for constant in ("1 2 3", "3 2 1", "1 2 3 4", "0 0 0 0", "9 9 9"):
        assert sum(problem.grade(f"<answer>{constant}</answer>").correct for problem in drawn) < 10


def test_an_input_is_looked_for_among_steps_that_can_be_undone():
    kinds = {kind for seed in range(100) for kind, _ in FoundInput.draw(8, seed).steps}
    assert kinds == {"reverse", "append", "left", "insert", "right", "swap"}
    assert {kind for seed in range(100) for kind, _ in PrintedOutput.draw(8, seed).steps} > kinds
