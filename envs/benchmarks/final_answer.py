"""Questions with a final answer of mathematics, judged exactly (`envs.math`)."""

from __future__ import annotations

from dataclasses import dataclass, field

from whetstone.envs.benchmarks.question import Question
from whetstone.envs.core import CORRECT, Verdict, graded, invalid, unreadable
from whetstone.envs.math.problems import MathProblem
from whetstone.envs.math.sources import Source, column


@dataclass(frozen=True)
class FinalAnswer(Question):
    """A question whose gold answer is typed when it is read. Raises `ValueError` where that cannot be done."""

    source: Source
    problem: MathProblem = field(init=False)

    def __post_init__(self) -> None:
        row, source = self.row, self.source
        name = column(source.identity)(row) if source.identity else str(self.number)
        problem = MathProblem(name, source.question(row), source.answer(row), source.policy(row))
        object.__setattr__(self, "problem", problem)

    @property
    def prompt(self) -> str:
        return self.problem.prompt

    @property
    def target(self) -> str:
        return f"<answer>{self.problem.answer}</answer>"

    def grade(self, completion: str) -> Verdict:
        """As `Question.grade`; an answer that the judge could not settle is invalid, with the limit it reached."""
        found = self.problem.judge(completion)
        if found.kind == "correct":
            return CORRECT
        if found.kind == "wrong":
            return graded(0.0, found.reason)
        if found.kind == "unreadable":
            return unreadable(found.reason)
        return invalid(f"not settled: {found.reason}")
