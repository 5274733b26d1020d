"""Derivative: differentiate an elementary function."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple, Self

from whetstone.envs.core import Rng, Task, Verdict, graded
from whetstone.envs.tasks.algebra._derivatives import FUNCTIONS, agree, derivative, duals, random_function
from whetstone.envs.tasks.algebra.lib import Formula


@dataclass(frozen=True)
class Differentiate(Task[str]):
    """
    >>> Differentiate("sin(x)*x").grade("<answer>x*cos(x) + sin(x)</answer>").score
    1.0
    """

    function: str

    answer = Formula(tuple(FUNCTIONS), "x")

    class Size(NamedTuple):
        nodes: int  # operations and leaves of the function

        @classmethod
        def at(cls, level: int) -> Self:
            return cls(nodes=2 + 2 * level // 3)

    @classmethod
    def sample(cls, rng: Rng, size: Size) -> Self:
        return cls(random_function(rng, size.nodes)[0])

    def statement(self) -> str:
        return (
            f"Give the derivative with respect to x of F(x) = {self.function}\nWrite it with numbers, x, + - * / ** "
            "(power), brackets and the functions sin, cos, exp and log (natural logarithm). Write every * and the "
            "brackets of every function. It need not be simplified."
        )

    def solve(self) -> str:
        return derivative(self.function)

    def check(self, answer: str) -> Verdict:
        slopes, values = [each.slope for each in duals(self.function)], [each.value for each in duals(answer)]
        return graded(float(agree(slopes, values)))
