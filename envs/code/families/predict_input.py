"""Predict an input of a program from its output: every valid input that gives this output is right."""

from __future__ import annotations

from dataclasses import dataclass

from whetstone.envs.code.families.predict import Prediction
from whetstone.envs.code.families.weights import weights
from whetstone.envs.code.page import comparison, fenced
from whetstone.envs.code.runs import STRICT, checked, output
from whetstone.envs.code.submission import TextAnswer
from whetstone.envs.core import Verdict, graded, invalid


@dataclass(frozen=True)
class PredictInput(Prediction):
    """
    >>> PredictInput("arrays/maximum_subarray", "reference", "2\\n-1 5\\n", "5\\n").grade("<answer>5</answer>").kind
    'invalid'
    """

    answer = TextAnswer("input")

    @classmethod
    def easy(cls, problem: str) -> frozenset[str]:
        """Also what the samples and the smallest inputs give: anybody tries those."""
        return weights(problem).common | weights(problem).simple

    def statement(self) -> str:
        return (
            "Find an input on which this Python program prints a given output.\n\n"
            f"{fenced(self.text.source.strip(), 'python')}\n\nInput: {self.blueprint.input_format} {STRICT}\n\n"
            f"The output:\n{fenced(self.output)}\n\n{comparison(self.exactness)} Any input that gives it is right.\n"
        )

    def solve(self) -> str:
        return self.input

    def check(self, answer: str) -> Verdict:
        try:
            checked(self.problem, answer)
        except ValueError as error:
            return invalid(f"the input breaks the rules: {error}")
        printed = output(self.text, answer, self.blueprint.limits)
        if printed is None:
            return graded(0.0, "the program does not end well on this input")
        wrong = self.differs(printed)
        return graded(1.0) if wrong is None else graded(0.0, f"the output on this input is another one: {wrong}")
