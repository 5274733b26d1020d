"""Programs of a few lines: what they print, and for which input they print it (CodeI/O, arXiv 2502.07316).

They move the digits of a list about. What they print is reckoned from their steps, so that no program is run. They are
for policies that are too small for the catalogue's `code/predict_output` and `code/predict_input`, whose programs are
whole solutions of problems.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from itertools import accumulate
from typing import ClassVar, NamedTuple, Self

from whetstone.envs.answers import Integers
from whetstone.envs.core import CORRECT, Rng, Task, Verdict, graded, invalid
from whetstone.envs.scoring import in_place

Digits = tuple[int, ...]
Step = tuple[str, int]


class Kind(NamedTuple):
    """A kind of step: its line, given the step's number, and what it makes of x."""

    line: str
    effect: Callable[[Digits, int], Digits]


KINDS = {  # from easy to hard; the first six can be undone
    "reverse": Kind("x.reverse()", lambda x, n: x[::-1]),
    "append": Kind("x.append({})", lambda x, n: (*x, n)),
    "left": Kind("x = x[1:] + x[:1]", lambda x, n: x[1:] + x[:1]),
    "insert": Kind("x.insert(0, {})", lambda x, n: (n, *x)),
    "right": Kind("x = x[-1:] + x[:-1]", lambda x, n: x[-1:] + x[:-1]),
    "swap": Kind("x[0], x[-1] = x[-1], x[0]", lambda x, n: (x[-1], *x[1:-1], x[0])),
    "cut": Kind("x = x[:3]", lambda x, n: x[:3]),
    "sort": Kind("x.sort()", lambda x, n: tuple(sorted(x))),
}


def values(x: Digits, steps: tuple[Step, ...]) -> list[Digits]:
    """x after each step."""
    return list(accumulate(steps, lambda x, step: KINDS[step[0]].effect(x, step[1]), initial=x))[1:]


def shown(x: Digits) -> str:
    """x as the program reads and prints it."""
    return " ".join(map(str, x))


@dataclass(frozen=True)
class Program(Task[list[int]]):
    """A program that changes a list of at least two digits step by step, and its input."""

    given: Digits
    steps: tuple[Step, ...]

    answer = Integers()
    name: ClassVar[str]
    kinds: ClassVar[int] = len(KINDS)  # of the kinds above

    class Size(NamedTuple):
        """Steps, how many kinds they are drawn from, and digits of the input."""

        steps: int
        kinds: int
        digits: int

        @classmethod
        def at(cls, level: int) -> Self:
            return cls(steps=1 + level, kinds=4 + level // 2, digits=3 + level // 4)

    @classmethod
    def id(cls) -> str:
        return f"code/{cls.name}"

    @classmethod
    def sample(cls, rng: Rng, size: Size) -> Self:
        names = list(KINDS)[: min(size.kinds, cls.kinds)]
        chosen = rng.integers(len(names), size=size.steps).tolist()
        numbers = rng.integers(10, size=size.steps).tolist()
        given = tuple(rng.integers(10, size=size.digits).tolist())
        return cls(given, tuple((names[i], n) for i, n in zip(chosen, numbers, strict=True)))

    @property
    def text(self) -> str:
        """The program."""
        lines = [KINDS[kind].line.format(n) for kind, n in self.steps]
        return "\n".join(["x = list(map(int, input().split()))", *lines, "print(*x)"])


class PrintedOutput(Program):
    """
    >>> PrintedOutput((7, 3, 5), (("reverse", 0), ("append", 2))).grade("<answer>5 3 7 2</answer>").score
    1.0
    """

    name = "printed_output"

    def statement(self) -> str:
        return f"{self.text}\nWhat does this program print for the input {shown(self.given)}?"

    def solve(self) -> list[int]:
        return list(values(self.given, self.steps)[-1])

    def check(self, answer: list[int]) -> Verdict:
        printed = values(self.given, self.steps)[-1]
        return CORRECT if tuple(answer) == printed else graded(in_place(answer, printed), f"it prints {shown(printed)}")

    def worked(self) -> str:
        """x after each step."""
        return "\n".join(map(shown, values(self.given, self.steps)))


class FoundInput(Program):
    """
    >>> FoundInput((7, 3, 5), (("left", 0),)).grade("<answer>7 3 5</answer>").score
    1.0
    """

    name, kinds = "found_input", 6

    def statement(self) -> str:
        return f"{self.text}\nFor which input does this program print {shown(values(self.given, self.steps)[-1])}?"

    def solve(self) -> list[int]:
        return list(self.given)

    def check(self, answer: list[int]) -> Verdict:
        if len(answer) < 2:
            return invalid("the input has two numbers or more")
        wanted, printed = (values(x, self.steps)[-1] for x in (self.given, tuple(answer)))
        if printed == wanted:
            return CORRECT
        return graded(in_place(printed, wanted), f"for {shown(tuple(answer))} it prints {shown(printed)}")

    def worked(self) -> str:
        """x before each step, from the last to the first."""
        return "\n".join(map(shown, [self.given, *values(self.given, self.steps)[:-1]][::-1]))
