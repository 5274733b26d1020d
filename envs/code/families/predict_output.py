"""Predict the output of a program on an input."""

from __future__ import annotations

from dataclasses import dataclass

from whetstone.envs.code.families.predict import Prediction
from whetstone.envs.code.page import comparison, fenced
from whetstone.envs.code.submission import TextAnswer
from whetstone.envs.core import Verdict, graded


@dataclass(frozen=True)
class PredictOutput(Prediction):
    """
    >>> PredictOutput("arrays/maximum_subarray", "reference", "2\\n-1 5\\n", "5\\n").grade("<answer>5</answer>").score
    1.0
    """

    answer = TextAnswer("output")

    def statement(self) -> str:
        return (
            f"What does this Python program print?\n\n{fenced(self.text.source.strip(), 'python')}\n\n"
            f"Its standard input:\n{fenced(self.input)}\n\n{comparison(self.exactness)}\n"
        )

    def solve(self) -> str:
        return self.output

    def check(self, answer: str) -> Verdict:
        wrong = self.differs(answer)
        return graded(1.0) if wrong is None else graded(0.0, wrong)
