"""Generated programs: what is reckoned of them is what Python does."""

from __future__ import annotations

import contextlib
import io

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from whetstone.curriculum.programs import FoundInput, PrintedOutput, Program

TASKS = [PrintedOutput, FoundInput]


def printed(program: Program, given: int) -> str:
    """What Python prints."""
    found = io.StringIO()
    with contextlib.redirect_stdout(found):
        exec(program.text, {"input": lambda: str(given)})
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
        assert str(problem.solution) == output
        assert str(problem.given) in problem.prompt
    else:
        assert f"print {output}?" in problem.prompt


def test_by_hand():
    steps = (("add", 3), ("loop", 4), ("least", 20), ("rest", 6), ("take", 5))
    problem = PrintedOutput(7, steps)
    assert problem.worked() == "10 16 20 2 -3"
    assert problem.text == (
        "x = int(input())\nx = x + 3\nfor i in range(4): x = x + i\nx = max(x, 20)\nx = x % 6\nx = x - 5\nprint(x)"
    )
    assert problem.grade("<answer>3</answer>").reason == "it prints -3"
    found = FoundInput(7, steps[:2])
    assert found.prompt.startswith("x = int(input())\nx = x + 3\nfor i in range(4): x = x + i\nprint(x)\nFor which")
    assert found.worked() == "10 7"
    assert found.grade("<answer>7</answer>").correct
    assert found.grade("<answer>8</answer>").reason == "for 8 it prints 17"


@pytest.mark.parametrize("task", TASKS)
def test_a_constant_is_seldom_right(task: type[Program]):
    drawn = [task.draw(level, seed) for level in range(4) for seed in range(100)]
    for constant in range(25):
        assert sum(problem.grade(f"<answer>{constant}</answer>").correct for problem in drawn) < 60


def test_an_input_is_looked_for_among_steps_that_can_be_undone():
    kinds = {kind for seed in range(100) for kind, _ in FoundInput.draw(8, seed).steps}
    assert kinds == {"add", "take", "loop"}
    assert {kind for seed in range(100) for kind, _ in PrintedOutput.draw(8, seed).steps} > kinds
