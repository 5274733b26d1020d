"""Writing a program in several turns: what a policy is told of an attempt that failed.

It is the first failing test's number and verdict; for a crash the last line of standard error, for a compile error the
compiler's message, both cut. Input, expected output and its own output are shown of a test that is a sample, and of no
other. A program can repeat the input it got in its error message, so these lines can give away that much of a hidden
input, and never anything of an expected output.
"""

from __future__ import annotations

from dataclasses import replace
from functools import lru_cache

from whetstone.envs.code import catalog
from whetstone.envs.code.default import default_judge, default_sandbox
from whetstone.envs.code.judge import MEANING, Judgement
from whetstone.envs.code.page import fenced
from whetstone.envs.code.problem import Problem
from whetstone.envs.code.sandbox.types import Program

SHOWN = 600  # characters of a sample or of the program's output that are repeated
MESSAGE = 200  # characters of an error message
COMPILER = 1000  # characters of a compiler's message


@lru_cache(catalog.KEPT)
def with_samples(problem: str) -> Problem:
    """A problem of the catalogue that is also tested on its samples, and on them first."""
    known = catalog.problem(problem)
    return replace(known, tests=(*known.samples, *(test for test in known.tests if test not in known.samples)))


def attempt(problem: str, program: Program) -> tuple[Judgement, str]:
    """A judgement and what the policy is told of it. Raises `JudgeError` where there is no verdict."""
    known = with_samples(problem)
    judgement = default_judge().judge(known, program)
    judgement.as_verdict()  # raises for a judge error
    return judgement, told(known, program, judgement)


def told(problem: Problem, program: Program, judgement: Judgement) -> str:
    """The words about a judgement."""
    meaning = MEANING[judgement.verdict]
    if judgement.test is None or judgement.verdict == "CE":
        return f"{meaning}: {judgement.reason[:COMPILER]}" if judgement.verdict == "CE" else meaning
    message = f"{meaning} on test {judgement.test + 1}"
    if judgement.verdict == "RE":
        message += f": {judgement.reason[:MESSAGE]}"
    if judgement.test >= len(problem.samples):
        return message
    sample = problem.samples[judgement.test]
    message += f", which is sample {judgement.test + 1}.\n\n"
    shown = [("Its input", sample.input), ("A right output", sample.output)]
    if judgement.verdict == "WA":
        stdout = default_sandbox().run(program, sample.input.encode(), problem.limits).stdout
        shown.append(("Your output", stdout[: 4 * SHOWN].decode("utf-8", "replace")))
    return message + "\n".join(f"{name}:\n{fenced(cut(text))}" for name, text in shown)


def cut(text: str) -> str:
    """The beginning of a text."""
    return text if len(text) <= SHOWN else f"{text[:SHOWN]} ..."
