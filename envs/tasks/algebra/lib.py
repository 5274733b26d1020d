"""What the arithmetic tasks share."""

from __future__ import annotations

import operator
import re
from collections.abc import Callable, Container, Iterable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise
from typing import Any, TypeVar

import numpy as np

from whetstone.envs.answers import WRITE
from whetstone.envs.core import Rng

Number = TypeVar("Number", int, Fraction)


def random_number(rng: Rng, digits: int) -> int:
    """A uniform number of exactly `digits` decimal digits, of any length; a single digit may be 0."""
    first = rng.integers(0 if digits == 1 else 1, 10)
    return int("".join(map(str, (first, *rng.integers(10, size=digits - 1)))))


@dataclass(frozen=True)
class Real:
    """A decimal number, read exactly; it is shown with six decimals.

    >>> Real().parse("-2.50")
    Fraction(-5, 2)
    """

    instruction: str = WRITE.format("decimal number")

    def parse(self, text: str) -> Fraction:
        word = text.strip().removesuffix(".")
        if not re.fullmatch(r"[+-]?[0-9]{1,30}(\.[0-9]{1,30})?", word):
            raise ValueError(f"expected a decimal number of up to 30 digits, found {word[:40]!r}")
        return Fraction(word)

    def show(self, answer: Fraction) -> str:
        return f"{float(answer):.6f}"


def polynomial(coefficients: Sequence[int]) -> str:
    """A polynomial in x, given from its constant term up and written from its highest power down.

    >>> polynomial((2, -3, 0, 1))
    'x^3 - 3x + 2'
    """
    terms = []
    for power, number in reversed(list(enumerate(coefficients))):
        if number:
            factor = "" if abs(number) == 1 and power else str(abs(number))
            terms += ["-" if number < 0 else "+", factor + ("", "x", f"x^{power}")[min(power, 2)]]
    sign, *rest = terms or ["+", "0"]
    return " ".join(rest) if sign == "+" else "-" + " ".join(rest)


def polynomial_value(coefficients: Sequence[int], x: Number) -> Number:
    """The value at x of a polynomial given from its constant term up.

    >>> polynomial_value((2, -3, 1), 5)
    12
    """
    value = 0 * x
    for coefficient in reversed(coefficients):
        value = value * x + coefficient
    return value


TOKEN = re.compile(r"[0-9]{1,50}(?:\.[0-9]{1,50})?|\*\*|[-+*/()]|[A-Za-z]+")
RANK = {"+": 1, "-": 1, "*": 2, "/": 2, "neg": 3, "**": 4}
TOKENS = 5_000  # of a formula, at most


def postfix(text: str, functions: Container[str] = (), variable: str = "") -> list[str]:
    """The tokens of a formula in postfix order, with a unary minus as "neg". Raises `ValueError` where it is none.

    Powers bind strongest and from the right, then signs, then * and /, then + and -.

    >>> postfix("-x**2 + 3", variable="x")
    ['x', '2', '**', 'neg', '3', '+']
    """
    text = text.replace("^", "**")
    tokens = TOKEN.findall(text)
    if not 0 < len(tokens) <= TOKENS or "".join(tokens) != "".join(text.split()):
        raise ValueError(f"expected a formula, found {text.strip()[:40]!r}")
    output: list[str] = []
    waiting: list[str] = []  # operators and brackets
    operand = True  # comes next
    for token, following in pairwise([*tokens, ""]):
        if operand and (token == "(" or (token in functions and following == "(")):
            waiting.append(token)
        elif operand and token in ("+", "-"):
            waiting += ["neg"] * (token == "-")
        elif operand and (token[0].isdigit() or token == variable):
            output.append(token)
            operand = False
        elif not operand and token == ")" and "(" in waiting:
            while (last := waiting.pop()) != "(":
                output.append(last)
            if waiting and waiting[-1] in functions:
                output.append(waiting.pop())
        elif not operand and token in RANK:
            while waiting and RANK.get(waiting[-1], 0) >= RANK[token] + (token == "**"):
                output.append(waiting.pop())
            waiting.append(token)
            operand = True
        else:
            raise ValueError(f"expected a formula, found {token[:40]!r} in a wrong place")
    if operand or "(" in waiting:
        raise ValueError("expected a complete formula with its brackets closed")
    return output + waiting[::-1]


@dataclass(frozen=True)
class Formula:
    """An expression of numbers with + - * / and brackets; with a variable, also of signs, powers and functions.

    >>> Formula().parse("(1 + 2)*3 ")
    '(1 + 2)*3'
    """

    functions: tuple[str, ...] = ()
    variable: str = ""
    instruction: str = WRITE.format("expression")

    def parse(self, text: str) -> str:
        tokens = postfix(text, self.functions, self.variable)
        if not self.variable and not {"neg", "**"}.isdisjoint(tokens):
            raise ValueError("expected only numbers, + - * / and brackets")
        return text.strip()

    def show(self, answer: str) -> str:
        return answer


def evaluate(
    tokens: Iterable[str],
    leaf: Callable[[str], Any],
    operations: Mapping[str, Callable[[Any, Any], Any]],
    functions: Mapping[str, Callable[[Any], Any]] | None = None,
) -> Any:
    """The value of a formula in postfix order, in any kind of number: `leaf` makes one of a token.

    >>> evaluate(["1", "2", "+", "3", "*"], int, WHOLE)
    9
    """
    stack: list[Any] = []
    for token in tokens:
        if token in operations:
            right = stack.pop()
            stack[-1] = operations[token](stack[-1], right)
        elif token == "neg":
            stack[-1] = -stack[-1]
        elif functions and token in functions:
            stack[-1] = functions[token](stack[-1])
        else:
            stack.append(leaf(token))
    return stack[0]


def _difference(a: int, b: int) -> int:
    if a <= b:
        raise ValueError(f"{a} - {b} is not positive")
    return a - b


def _quotient(a: int, b: int) -> int:
    if a % b:
        raise ValueError(f"{a} / {b} is not an integer")
    return a // b


REAL: dict[str, Callable[[Any, Any], Any]] = {
    "+": operator.add, "-": operator.sub, "*": operator.mul, "/": operator.truediv, "**": operator.pow
}  # fmt: skip
WHOLE = {"+": operator.add, "-": _difference, "*": operator.mul, "/": _quotient}  # in positive integers throughout


def uses_once(tokens: Iterable[str], numbers: Iterable[int]) -> bool:
    """Whether the numbers of a formula are these, in any order."""
    return sorted(token for token in tokens if token not in RANK) == sorted(map(str, numbers))


def nearest_formula(numbers: Sequence[int], goal: int) -> str:
    """A formula that uses each number once, stays in positive integers, and comes as near to the goal as possible."""
    full = (1 << len(numbers)) - 1
    values = {1 << i: np.array([number]) for i, number in enumerate(numbers)}  # of each subset of the numbers

    def splits(subset: int) -> list[int]:
        return [part for part in range(1, subset) if part & subset == part and part > subset ^ part]

    def results(part: int, rest: int) -> np.ndarray:
        """Of the four operations, larger number first; 0 where a result is not allowed."""
        left, right = values[part][:, None], values[rest][None, :]
        large, small = np.maximum(left, right), np.minimum(left, right)
        return np.stack([left + right, left * right, large - small, np.where(large % small, 0, large // small)])

    def formula(subset: int, value: int) -> str:
        if subset.bit_count() == 1:
            return str(value)
        for part in splits(subset):
            hits = np.argwhere(results(part, subset ^ part) == value)
            if len(hits):
                sign, i, j = hits[0].tolist()
                sides = [(int(values[part][i]), part), (int(values[subset ^ part][j]), subset ^ part)]
                (a, left), (b, right) = sorted(sides, key=lambda side: side[0], reverse=True)
                return f"({formula(left, a)} {'+*-/'[sign]} {formula(right, b)})"
        raise AssertionError(f"{value} is no result")

    for subset in range(1, full):
        if subset not in values:
            found = np.unique(np.concatenate([results(part, subset ^ part).ravel() for part in splits(subset)]))
            values[subset] = found[found > 0]
    final = np.concatenate([results(part, full ^ part).ravel() for part in splits(full)])
    final = final[final > 0]
    return formula(full, int(final[np.abs(final - goal).argmin()]))[1:-1]


@dataclass(frozen=True, slots=True)
class Term:
    """The text of a formula, with the rank of its outermost operation: 1 for sums and signs, then * /, **, atoms.

    >>> (Term("x") + Term("1")) * Term("2")
    Term(text='(x + 1)*2', rank=2)
    """

    text: str
    rank: int = 4

    def _within(self, rank: int) -> str:
        return self.text if self.rank >= rank else f"({self.text})"

    def _number(self) -> int | None:
        return int(self.text) if self.text.lstrip("-").isdigit() else None

    @classmethod
    def of(cls, value: Term | int) -> Term:
        """A term as it is; an integer as a term."""
        return value if isinstance(value, Term) else cls(str(value), 4 if value >= 0 else 1)

    def __add__(self, other: Term | int) -> Term:
        other = Term.of(other)
        a, b = self._number(), other._number()
        if a is not None and b is not None:
            return Term.of(a + b)
        if a == 0 or b == 0:
            return other if a == 0 else self
        return Term(f"{self.text} + {other._within(2) if other.text[0] == '-' else other.text}", 1)

    def __sub__(self, other: Term | int) -> Term:
        other = Term.of(other)
        a, b = self._number(), other._number()
        if a is not None and b is not None:
            return Term.of(a - b)
        if a == 0 or b == 0:
            return -other if a == 0 else self
        return Term(f"{self.text} - {other._within(2)}", 1)

    def __neg__(self) -> Term:
        a = self._number()
        return Term(f"-{self._within(2)}", 1) if a is None else Term.of(-a)

    def __mul__(self, other: Term | int) -> Term:
        other = Term.of(other)
        a, b = self._number(), other._number()
        if a is not None and b is not None:
            return Term.of(a * b)
        if a in (0, 1) or b in (0, 1):
            return other if a == 1 or b == 0 else self
        return Term(f"{self._within(2)}*{other._within(2)}", 2)

    def __truediv__(self, other: Term | int) -> Term:
        other = Term.of(other)
        if self._number() == 0 or other._number() == 1:
            return self
        return Term(f"{self._within(2)}/{other._within(3)}", 2)

    def __pow__(self, other: Term | int) -> Term:
        other = Term.of(other)
        if other._number() in (0, 1):
            return self if other._number() else Term("1")
        return Term(f"{self._within(4)}**{other._within(4)}", 3)


def random_formula(rng: Rng, numbers: Sequence[int]) -> tuple[int, str]:
    """The value of a random formula in positive integers that uses each number once, and the formula."""
    pool = [(number, str(number)) for number in numbers]
    for first, second, pick in rng.integers(1 << 20, size=(len(numbers) - 1, 3)).tolist():
        (a, left), (b, right) = pool.pop(first % len(pool)), pool.pop(second % len(pool))
        options = [(a + b, "+"), (a - b, "-"), (a * b * (a * b < 1000), "*"), (a // b * (a % b == 0 < b - 1), "/")]
        allowed = [option for option in options if option[0] > 0]
        value, sign = allowed[pick % len(allowed)]
        pool.append((value, f"({left} {sign} {right})"))
    return pool[0][0], pool[0][1][1:-1]


def passengers(first: int, second: int, stations: int) -> list[int]:
    """On the Fibonacci train after each station but the last, from the numbers that board at stations 1 and 2."""
    boarding, aboard = [first, second], [first, first]
    for _ in range(stations - 3):
        aboard.append(aboard[-1] + boarding[-2])
        boarding.append(boarding[-1] + boarding[-2])
    return aboard
