"""Antiderivative: integrate an elementary function."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import NamedTuple, Self

from whetstone.envs.core import Rng, Task, Verdict, graded
from whetstone.envs.tasks.algebra._derivatives import FUNCTIONS, agree, duals, random_function
from whetstone.envs.tasks.algebra.lib import Formula


@dataclass(frozen=True)
class Integral(Task[str]):
    """
    >>> Integral("2*x", "x**2").grade("<answer>x**2 + 7</answer>").score
    1.0
    """

    function: str
    planted: str = field(repr=False, compare=False)  # one antiderivative

    answer = Formula(tuple(FUNCTIONS), "x")

    class Size(NamedTuple):
        nodes: int  # operations and leaves of the antiderivative

        @classmethod
        def at(cls, level: int) -> Self:
            return cls(nodes=2 + 2 * level // 3)

    @classmethod
    def sample(cls, rng: Rng, size: Size) -> Self:
        planted, function = random_function(rng, size.nodes)
        return cls(function, planted)

    def statement(self) -> str:
        return (
            f"Give an antiderivative F(x), so a function whose derivative with respect to x is {self.function}\nWrite "
            "it with numbers, x, + - * / ** (power), brackets and the functions sin, cos, exp and log (natural "
            "logarithm; write log(u), not the log of |u|). Write every * and the brackets of every function. Any "
            "constant of integration will do."
        )

    def solve(self) -> str:
        return self.planted

    def check(self, answer: str) -> Verdict:
        slopes, values = [each.slope for each in duals(answer)], [each.value for each in duals(self.function)]
        return graded(float(agree(slopes, values)))
