"""Numeric proofs: two expressions are equal when they agree at random points, however precisely one looks.

A difference is computed to 60 digits and, where it is small, twice again, with as many digits more as the numbers on
the way are long. What rounding leaves changes with the precision, a difference that is there stays. So e^-99 is not
e^-98, and e^1000 + 1 is not e^1000. Real points are tried first, where both sides are real; complex ones where there
are none.
"""

from __future__ import annotations

import math
import operator
import random
from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from functools import reduce
from hashlib import blake2b
from typing import Any

from mpmath import mp

from whetstone.envs.math.compare import names
from whetstone.envs.math.exact import Undecided, evaluate
from whetstone.envs.math.guard import Limit
from whetstone.envs.math.syntax import Tree

POINTS = 4  # at which two expressions must agree
DRAWS = 40  # points that are tried to find them
DIGITS = 60
SHRINKS = 30  # digits by which a difference is smaller than the numbers on the way before it is looked at again
SPREAD = 20_000  # bits of the exponent of any number on the way


class Undefined(ValueError):
    """The expression has no value (no real value, where one is asked for) at a point."""


@dataclass(slots=True)
class Point:
    """Values of names, and how large or small numbers on the way became: `spread` bits."""

    values: dict[str, Any]
    real: bool
    spread: int = 0

    def value(self, tree: Tree) -> Any:
        """The value of a tree here, at the working precision of mpmath; raises `Undefined` or `Limit`."""
        if isinstance(tree, int):
            return self._seen(mp.mpf(tree))
        if isinstance(tree, Fraction):
            return self._seen(mp.mpf(tree.numerator) / tree.denominator)
        if isinstance(tree, str):
            return self._name(tree)
        name, *operands = tree
        if name in ("^", "root"):
            return self._seen(self._power(name, *operands))
        if name not in FUNCTIONS:
            raise ValueError(f"expected a known function, found {name}")
        arguments = [self.value(operand) for operand in operands]
        try:
            return self._seen(FUNCTIONS[name](*arguments))
        except ZeroDivisionError as error:
            raise Undefined("division by zero") from error
        except (TypeError, OverflowError, mp.NoConvergence) as error:
            raise Undefined(f"no value of {name}") from error

    def _seen(self, value: Any) -> Any:
        if not mp.isfinite(value):
            raise Undefined("an infinite value")
        if isinstance(value, mp.mpc):
            if self.real and abs(value.imag) > abs(value) * mp.mpf(10) ** (10 - DIGITS):
                raise Undefined("a complex value")
            value = value.real if self.real else value
        if value != 0:
            self.spread = max(self.spread, abs(int(mp.mag(value))))
            if self.spread > SPREAD:
                raise Limit(f"expected numbers of at most {SPREAD} bits")
        return value

    def _name(self, name: str) -> Any:
        if name == "i":
            if self.real:
                raise Undefined("a complex value")
            return mp.mpc(0, 1)
        if name == "\\pi":
            return +mp.pi
        if name == "e":
            return +mp.e
        if name not in self.values:
            raise Undefined(f"no value of {name}")
        value = self.values[name]
        return mp.mpf(value.numerator) / value.denominator

    def _power(self, operator: str, base_tree: Tree, exponent_tree: Tree) -> Any:
        base = self.value(base_tree)
        exponent = self.value(exponent_tree)
        if operator == "root":
            if exponent == 0:
                raise Undefined("a root of degree zero")
            exponent = 1 / exponent
        if base == 0:
            if mp.re(exponent) <= 0:
                raise Undefined("zero to a power that is not positive")
            return mp.mpf(0)
        if abs(exponent) * (abs(mp.mag(base)) + 1) > SPREAD:
            raise Limit(f"expected numbers of at most {SPREAD} bits")
        if base.imag == 0 and base.real < 0 and (odd := _odd_root(operator, exponent_tree)) is not None:
            return -((-base.real) ** exponent) if odd else (-base.real) ** exponent
        return base**exponent


def _odd_root(operator: str, exponent: Tree) -> bool | None:
    """Of a real power of a negative number: whether it is negative; None where it is not an odd root."""
    try:
        value = evaluate(exponent).rational()
    except (ValueError, ZeroDivisionError):
        return None
    if value is None or value == 0:
        return None
    value = 1 / value if operator == "root" else value
    return value.numerator % 2 == 1 if value.denominator % 2 == 1 and value.denominator > 1 else None


def _factorial(value: Any) -> Any:
    _bounded(value)
    return mp.factorial(value)


def _bounded(value: Any) -> None:
    if abs(value) > SPREAD:
        raise Limit(f"expected arguments of at most {SPREAD}")


def _on_bounded(function: Callable[..., Any]) -> Callable[..., Any]:
    def bounded(*values: Any) -> Any:
        for value in values:
            _bounded(value)
        return function(*values)

    return bounded


def _on_integers(function: Callable[..., int]) -> Callable[..., Any]:
    """A function of integers, given numbers that must be ones."""

    def applied(*values: Any) -> Any:
        if any(value != int(value) for value in map(mp.re, values)):
            raise Undefined("a number that is no integer")
        return mp.mpf(function(*(int(mp.re(value)) for value in values)))

    return applied


def _trigonometric() -> dict[str, Callable[..., Any]]:
    found: dict[str, Callable[..., Any]] = {}
    for name in ("sin", "cos", "tan", "cot", "sec", "csc", "sinh", "cosh", "tanh", "coth"):
        found[name] = _on_bounded(getattr(mp, name))
        inverse = "a" + name
        if hasattr(mp, inverse):
            found["arc" + name] = getattr(mp, inverse)
    return found


FUNCTIONS: dict[str, Callable[..., Any]] = {
    "+": lambda *terms: reduce(operator.add, terms),
    "*": lambda *factors: reduce(operator.mul, factors),
    "/": lambda a, b: a / b,
    "neg": lambda a: -a,
    "deg": lambda a: a * mp.pi / 180,
    "percent": lambda a: a / 100,
    "abs": abs,
    "ln": mp.log,
    "log": lambda a, b: mp.log(a) / mp.log(b),
    "!": _factorial,
    "!!": _on_bounded(mp.fac2),
    "binom": _on_bounded(mp.binomial),
    "gamma": _on_bounded(mp.gamma),
    "floor": mp.floor,
    "ceil": mp.ceil,
    "max": max,
    "min": min,
    "gcd": _on_integers(math.gcd),
    "lcm": _on_integers(math.lcm),
    **{name: _on_bounded(getattr(mp, name)) for name in ("erf", "erfc", "erfi", "zeta", "ei", "si", "ci", "li")},
    **_trigonometric(),
}


def equal(a: Tree, b: Tree) -> bool:
    """Whether two expressions agree wherever both have a value; raises `Limit` or `Undefined` where none is found."""
    return all(_vanishes(lambda here: (here.value(a), here.value(b)), point) for point in _points(a, b))


def proportion(a: Tree, b: Tree) -> int:
    """The sign of the number c with a = c·b at every point, or 0."""
    points = _points(a, b)
    first = points[0]
    for point in points[1:]:

        def crossed(here: Point, values: dict[str, Any] = first.values) -> tuple[Any, Any]:
            there = Point(values, here.real, here.spread)
            products = here.value(a) * there.value(b), here.value(b) * there.value(a)
            here.spread = max(here.spread, there.spread)
            return products

        if not _vanishes(crossed, point):
            return 0
    with mp.workdps(DIGITS):
        left, right = first.value(a), first.value(b)
        if left == 0 or right == 0:
            return 0
        return 1 if mp.re(left / right) > 0 else -1


def real(tree: Tree) -> Any:
    """The value of a number to 50 digits; raises `Undefined` for what is no real number."""
    with mp.workdps(DIGITS):
        return Point({}, real=True).value(tree)


def _vanishes(pair: Callable[[Point], tuple[Any, Any]], point: Point) -> bool:
    """Whether the two values of `pair` are equal: their difference is not the same number at two high precisions."""
    with mp.workdps(DIGITS):
        left, right = pair(point)
        if abs(left - right) > mp.ldexp(mp.mpf(10) ** -SHRINKS, point.spread):  # beyond all that rounding can leave
            return False
    differences = []
    for digits in (2 * DIGITS, 3 * DIGITS):
        with mp.workdps(digits + int(0.7 * point.spread)):
            left, right = pair(point)
            differences.append(left - right)
    coarse, fine = differences
    return bool(fine == 0 or abs(coarse - fine) > abs(fine) / 2)


def _points(a: Tree, b: Tree) -> list[Point]:
    """Points at which both trees have values: real ones, or complex ones where no real ones are found."""
    letters = sorted(names(a) | names(b))
    whole = _integers(a) | _integers(b)
    wanted = POINTS if letters else 1
    seed = blake2b(repr(sorted((repr(a), repr(b)))).encode(), digest_size=8).digest()
    for kind in (True, False):
        generator = random.Random(seed)
        found: list[Point] = []
        for _ in range(DRAWS if letters else 1):
            values = {name: _drawn(generator, name in whole) for name in letters}
            point = Point(values, kind)
            try:
                with mp.workdps(DIGITS):
                    point.value(("+", a, b))
            except Undefined:
                continue
            found.append(point)
            if len(found) == wanted:
                return found
    raise Undefined("the expression has no value")


def _drawn(generator: random.Random, whole: bool) -> Fraction:
    if whole:
        return Fraction(generator.randint(1, 12))
    return Fraction(generator.choice((-1, 1)) * generator.randint(2**18, 3 * 2**20), 2**20)


def _integers(tree: Tree) -> set[str]:
    """The names that only integers make sense for: under a factorial, in the exponent of a negative number."""
    if not isinstance(tree, tuple):
        return set()
    operator, *operands = tree
    found = set().union(*map(_integers, operands))
    if operator in ("!", "!!", "binom", "floor", "ceil", "gcd", "lcm"):
        return found.union(*map(names, operands))
    if operator == "^" and not names(operands[0]):
        try:
            base = evaluate(operands[0]).rational()
        except (Undecided, Limit, ZeroDivisionError):
            return found
        return found | names(operands[1]) if base is not None and base < 0 else found
    return found
