"""Questions that ask for a program, judged on hidden tests in the sandbox (`envs.code`)."""

from __future__ import annotations

from dataclasses import dataclass, field

from whetstone.envs.benchmarks.question import Question, said
from whetstone.envs.code.default import default_judge
from whetstone.envs.code.formats import Format
from whetstone.envs.code.page import page
from whetstone.envs.code.problem import Problem
from whetstone.envs.code.submission import ProgramAnswer
from whetstone.envs.core import Verdict, unreadable

ANSWER = ProgramAnswer()


@dataclass(frozen=True)
class WriteProgram(Question):
    """A programming problem. Raises `ValueError` where the row cannot be judged as its authors meant."""

    format: Format
    problem: Problem = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "problem", self.format.read(self.row, self.number).problem)

    @property
    def prompt(self) -> str:
        return f"Write a program that solves this problem.\n\n{page(self.problem)}\n\n{ANSWER.instruction}"

    def grade(self, completion: str) -> Verdict:
        """As `Question.grade`; raises `JudgeError` when nothing can be said about the answer."""
        try:
            program = ANSWER.parse(said(completion))
        except ValueError as error:
            return unreadable(str(error))
        return default_judge().judge(self.problem, program).as_verdict()
