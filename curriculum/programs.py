"""Programs of a few lines: what they print, and for which input they print it (CodeI/O, arXiv 2502.07316).

What they print is reckoned from their steps, so that no program is run. They are for policies that are too small for
the catalogue's `code/predict_output` and `code/predict_input`, whose programs are whole solutions of problems.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from itertools import accumulate
from typing import ClassVar, NamedTuple, Self

from whetstone.envs.answers import Integer
from whetstone.envs.core import CORRECT, Rng, Task, Verdict, graded

Step = tuple[str, int]


class Kind(NamedTuple):
    """A kind of step: its line, given the step's number, and what it makes of x."""

    line: str
    effect: Callable[[int, int], int]


KINDS = {  # from easy to hard; the first three can be undone
    "add": Kind("x = x + {}", lambda x, n: x + n),
    "take": Kind("x = x - {}", lambda x, n: x - n),
    "loop": Kind("for i in range({}): x = x + i", lambda x, n: x + n * (n - 1) // 2),
    "least": Kind("x = max(x, {})", max),
    "rest": Kind("x = x % {}", lambda x, n: x % n),
}


def values(x: int, steps: tuple[Step, ...]) -> list[int]:
    """x after each step."""
    return list(accumulate(steps, lambda x, step: KINDS[step[0]].effect(x, step[1]), initial=x))[1:]


@dataclass(frozen=True)
class Program(Task[int]):
    """A program that changes x step by step, and its input."""

    given: int
    steps: tuple[Step, ...]

    answer = Integer()
    name: ClassVar[str]
    kinds: ClassVar[int] = len(KINDS)  # of the kinds above

    class Size(NamedTuple):
        """Steps, how many kinds they are drawn from, and the largest number in them."""

        steps: int
        kinds: int
        bound: int

        @classmethod
        def at(cls, level: int) -> Self:
            return cls(steps=1 + level, kinds=2 + level, bound=4 + level)

    @classmethod
    def id(cls) -> str:
        return f"code/{cls.name}"

    @classmethod
    def sample(cls, rng: Rng, size: Size) -> Self:
        names = list(KINDS)[: min(size.kinds, cls.kinds)]
        chosen = rng.integers(len(names), size=size.steps).tolist()
        numbers = rng.integers(1, size.bound, size=size.steps, endpoint=True).tolist()
        return cls(int(rng.integers(2, 20)), tuple((names[i], n) for i, n in zip(chosen, numbers, strict=True)))

    @property
    def text(self) -> str:
        """The program."""
        return "\n".join(["x = int(input())", *(KINDS[kind].line.format(n) for kind, n in self.steps), "print(x)"])


class PrintedOutput(Program):
    """
    >>> PrintedOutput(7, (("add", 3), ("loop", 3))).grade("<answer>13</answer>").score
    1.0
    """

    name = "printed_output"

    def statement(self) -> str:
        return f"{self.text}\nWhat does this program print for the input {self.given}?"

    def solve(self) -> int:
        return values(self.given, self.steps)[-1]

    def check(self, answer: int) -> Verdict:
        printed = values(self.given, self.steps)[-1]
        return CORRECT if answer == printed else graded(0.0, f"it prints {printed}")

    def worked(self) -> str:
        """x after each step."""
        return " ".join(map(str, values(self.given, self.steps)))


class FoundInput(Program):
    """
    >>> FoundInput(7, (("add", 3), ("loop", 3))).grade("<answer>7</answer>").score
    1.0
    """

    name, kinds = "found_input", 3

    def statement(self) -> str:
        return f"{self.text}\nFor which input does this program print {values(self.given, self.steps)[-1]}?"

    def solve(self) -> int:
        return self.given

    def check(self, answer: int) -> Verdict:
        wanted, printed = (values(x, self.steps)[-1] for x in (self.given, answer))
        return CORRECT if printed == wanted else graded(0.0, f"for {answer} it prints {printed}")

    def worked(self) -> str:
        """x before each step, from the last to the first."""
        return " ".join(map(str, [self.given, *values(self.given, self.steps)[:-1]][::-1]))
