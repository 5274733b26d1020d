"""Derivatives of formulas, and whether two formulas agree."""

from __future__ import annotations

import cmath
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from whetstone.envs.core import Rng
from whetstone.envs.tasks.algebra.lib import REAL, Term, evaluate, postfix


@dataclass(frozen=True, slots=True)
class Dual:
    """A value and its slope, in complex numbers or in terms: arithmetic with the rules of differentiation."""

    value: Any
    slope: Any

    def __add__(self, other: Dual) -> Dual:
        return Dual(self.value + other.value, self.slope + other.slope)

    def __sub__(self, other: Dual) -> Dual:
        return Dual(self.value - other.value, self.slope - other.slope)

    def __neg__(self) -> Dual:
        return Dual(-self.value, -self.slope)

    def __mul__(self, other: Dual) -> Dual:
        return Dual(self.value * other.value, self.slope * other.value + self.value * other.slope)

    def __truediv__(self, other: Dual) -> Dual:
        slope = (self.slope * other.value - self.value * other.slope) / other.value**2
        return Dual(self.value / other.value, slope)

    def __pow__(self, other: Dual) -> Dual:
        if other.slope in (0, Term("0")):
            return Dual(self.value**other.value, other.value * self.value ** (other.value - 1) * self.slope)
        return FUNCTIONS["exp"](other * FUNCTIONS["log"](self))


LARGEST = 50.0  # argument of a function: beyond it, rounding errors could tell equal formulas apart


def _apply(name: str, value: Any) -> Any:
    if isinstance(value, Term):
        return Term(f"{name}({value.text})")
    if abs(value) > LARGEST:
        raise OverflowError(f"{name} of a large number")
    return getattr(cmath, name)(value)


FUNCTIONS: dict[str, Callable[[Dual], Dual]] = {
    "sin": lambda u: Dual(_apply("sin", u.value), _apply("cos", u.value) * u.slope),
    "cos": lambda u: Dual(_apply("cos", u.value), -_apply("sin", u.value) * u.slope),
    "exp": lambda u: Dual(_apply("exp", u.value), _apply("exp", u.value) * u.slope),
    "log": lambda u: Dual(_apply("log", u.value), u.slope / u.value),
}
POINTS = (0.3 + 0.1j, 0.7 + 0.2j, 1.1 - 0.15j, 1.5 - 0.2j, 1.9 + 0.1j, 0.5 + 0.25j)  # where formulas are compared


def derivative(formula: str) -> str:
    """The derivative of a formula in x.

    >>> derivative("x**2*sin(x)")
    '2*x*sin(x) + x**2*cos(x)'
    """
    x, zero = Dual(Term("x"), Term("1")), Term("0")
    tokens = postfix(formula, FUNCTIONS, "x")
    return evaluate(tokens, lambda t: x if t == "x" else Dual(Term(t), zero), REAL, FUNCTIONS).slope.text


def duals(formula: str, points: Iterable[complex] = POINTS) -> list[Dual]:
    """Value and slope of a formula in x at each point; not a number where it is not defined or too large."""
    found = []
    tokens = postfix(formula, FUNCTIONS, "x")
    for point in points:
        x = Dual(point, 1)
        try:
            found.append(
                evaluate(tokens, lambda t, x=x: x if t == "x" else Dual(complex(float(t)), 0), REAL, FUNCTIONS)
            )
        except (ArithmeticError, ValueError):
            found.append(Dual(cmath.nan, cmath.nan))
    return found


def agree(left: Sequence[complex], right: Sequence[complex]) -> bool:
    """Whether two lists agree up to rounding wherever both are finite, which must be half of the places."""
    both = [(a, b) for a, b in zip(left, right, strict=True) if cmath.isfinite(a) and cmath.isfinite(b)]
    return 2 * len(both) >= len(left) and all(abs(a - b) <= 1e-6 * max(abs(a), abs(b), 1e-6) for a, b in both)


def random_function(rng: Rng, nodes: int) -> tuple[str, str]:
    """A formula of about `nodes` operations and leaves, and its derivative: both defined near the positive axis."""
    x = Dual(Term("x"), Term("1"))

    def grow(nodes: int) -> Dual:
        kind, pick = next(words)
        if nodes == 1:
            return x
        number = Dual(Term(str(2 + pick % 8)), Term("0"))
        if nodes == 2 or kind < 4:
            inner = grow(nodes - 1)
            name = ("sin", "cos", "exp", "log", "power", "power")[pick % 6]
            return inner ** Dual(Term(str(2 + pick // 6 % 2)), Term("0")) if name == "power" else FUNCTIONS[name](inner)
        left = pick // 8 % (nodes - 2) + 1
        a, b = (grow(nodes - 2), number) if nodes == 3 or kind < 7 else (grow(left), grow(nodes - 1 - left))
        sign = "*" if a == b else "+-*/"[pick // 64 % 4]
        return REAL[sign](*((a, b) if pick % 3 else (b, a)))

    for _ in range(8):
        words = iter(rng.integers((10, 1 << 20), size=(2 * nodes, 2)).tolist())
        function = grow(nodes)
        numbers = duals(function.value.text, POINTS[:3])
        if all(1e-3 < abs(number.slope) < 1e6 for number in numbers):
            return function.value.text, function.slope.text
    factor = Term(str(rng.integers(2, 100)))  # the redraws did not help
    return f"sin({factor.text}*x)", f"{factor.text}*cos({factor.text}*x)"
