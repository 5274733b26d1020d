"""Exact arithmetic without sympy: quotients of polynomials over Q whose letters are names, π, e, i and roots of primes.

A polynomial is a dictionary from a monomial, the sorted pairs of an atom and its power, to its coefficient. Atoms are
names, of any rational power, and prime numbers, of powers strictly between 0 and 1. Products of such roots of different
primes are linearly independent over Q (Besicovitch 1940), so that a polynomial is 0 just when it has no terms and two
quotients are equal just when their cross products are: √8 = 2√2, (x²-1)/(x-1) = x+1 and 1/(1+√2) = √2-1 by counting.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache, reduce
from typing import TypeAlias

from whetstone.envs.math.guard import EXPONENT, FACTORIAL, TERMS, Limit, check_bits
from whetstone.envs.math.syntax import Tree

Monomial: TypeAlias = "tuple[tuple[str | int, int | Fraction], ...]"
Polynomial: TypeAlias = "dict[Monomial, int | Fraction]"

ONE: Polynomial = {(): 1}
TRIED = 1000  # trial division up to here; what is left must be a prime below its square, or one power of such a prime
PLAIN = re.compile(
    r"\s*(\$)?\s*([+-]?)\s*(?:"
    r"\\[dt]?frac\s*\{\s*([+-]?\d{1,200})\s*\}\s*\{\s*(\d{1,200})\s*\}"
    r"|(\d{1,3}(?:,\d{3})+(?!\d)|\d{1,200})(?:\.(\d{0,200}))?(?:\s*/\s*(\d{1,200}))?|\.(\d{1,200}))\s*\.?\s*(?(1)\$)\s*"
)


INFINITE: tuple[Tree, ...] = ("\\infty", ("neg", "\\infty"))


class Undecided(ValueError):
    """The tree is outside exact arithmetic, as far as it goes."""


def number(text: str) -> Fraction | None:
    """The value of a plainly written integer, decimal or fraction; None where the text is anything else.

    >>> number("-1,200.50"), number(r"\\frac{3}{6}"), number("1/0"), number("x")
    (Fraction(-2401, 2), Fraction(1, 2), None, None)
    """
    match = PLAIN.fullmatch(text)
    if match is None:
        return None
    _, sign, top, under, whole, part, over, point = match.groups()
    if top is not None:
        value = _ratio(int(top), int(under))
    elif point is not None:
        value = Fraction(int(point), 10 ** len(point))
    else:
        digits = whole.replace(",", "") if "," in whole else whole
        under = int(over) if over else 1
        value = _ratio(int(digits + part), under * 10 ** len(part)) if part else _ratio(int(digits), under)
    return -value if value is not None and sign == "-" else value


def _ratio(top: int, under: int) -> Fraction | None:
    return Fraction(top, under) if under else None


@dataclass(frozen=True, slots=True)
class Quotient:
    """`top / bottom`; `bottom` is not zero."""

    top: Polynomial
    bottom: Polynomial

    def rational(self) -> Fraction | None:
        """The value where it is a rational number."""
        if self.bottom != ONE or len(self.top) > 1:
            return None
        return Fraction(self.top.get((), 0)) if not self.top or () in self.top else None

    def __add__(self, other: Quotient) -> Quotient:
        if self.bottom == other.bottom:
            return Quotient(plus(self.top, other.top), self.bottom)
        left, right = times(self.top, other.bottom), times(other.top, self.bottom)
        return Quotient(plus(left, right), times(self.bottom, other.bottom))

    def __mul__(self, other: Quotient) -> Quotient:
        return Quotient(times(self.top, other.top), times(self.bottom, other.bottom))

    def __neg__(self) -> Quotient:
        return Quotient(scaled(self.top, -1), self.bottom)

    def inverse(self) -> Quotient:
        """Raises `ZeroDivisionError` for 0. A single term moves to the top, so that numbers keep the bottom 1."""
        if not self.top:
            raise ZeroDivisionError("division by zero")
        if len(self.top) == 1:
            ((monomial, coefficient),) = self.top.items()
            return Quotient(times(self.bottom, _inverted(monomial, coefficient)), ONE)
        return Quotient(self.bottom, self.top)


def constant(value: int | Fraction) -> Quotient:
    """A rational number as a quotient."""
    return Quotient({(): value} if value else {}, ONE)


def equal(a: Quotient, b: Quotient) -> bool:
    """Whether two quotients are the same wherever both are defined."""
    if a.bottom == b.bottom:
        return a.top == b.top
    return times(a.top, b.bottom) == times(b.top, a.bottom)


def proportion(a: Polynomial, b: Polynomial) -> Fraction | None:
    """The rational c with a = c·b, or None; raises `Undecided` where c may be irrational."""
    if a.keys() != b.keys() or not a:
        if _irrational(a) or _irrational(b):
            raise Undecided("two equations with roots in them")
        return None
    ratios = {Fraction(a[monomial]) / b[monomial] for monomial in a}
    if len(ratios) > 1 and (_irrational(a) or _irrational(b)):
        raise Undecided("two equations with roots in them")
    return ratios.pop() if len(ratios) == 1 else None


def cleared(a: Polynomial) -> Polynomial:
    """Times the powers of names that leave none of them below a stroke: y - 1/x becomes xy - 1."""
    lowest: dict[str | int, int | Fraction] = {}
    for monomial in a:
        for atom, part in monomial:
            if part < lowest.get(atom, 0):
                lowest[atom] = part
    return times(a, {_merged(tuple((atom, -part) for atom, part in lowest.items()))[0]: 1}) if lowest else a


def _irrational(polynomial: Polynomial) -> bool:
    return any(isinstance(atom, int) or atom in ("\\pi", "e", "i") for term in polynomial for atom, _ in term)


def plus(a: Polynomial, b: Polynomial) -> Polynomial:
    """The sum of two polynomials."""
    total = dict(a)
    for monomial, coefficient in b.items():
        if value := total.get(monomial, 0) + coefficient:
            total[monomial] = value
        else:
            total.pop(monomial, None)
    return total


def scaled(a: Polynomial, factor: int | Fraction) -> Polynomial:
    """A polynomial times a rational number."""
    return {monomial: coefficient * factor for monomial, coefficient in a.items()}


def times(a: Polynomial, b: Polynomial) -> Polynomial:
    """The product; raises `Undecided` where it would have too many terms."""
    if b is ONE or a is ONE:
        return a if b is ONE else b
    if len(a) * len(b) > 10 * TERMS:
        raise Undecided("a long product")
    total: Polynomial = {}
    for left, x in a.items():
        for right, y in b.items():
            monomial, factor = (left or right, 1) if not left or not right else _merged((*left, *right))
            if value := total.get(monomial, 0) + x * y * factor:
                check_bits(value.numerator.bit_length())
                total[monomial] = value
            else:
                del total[monomial]
    if len(total) > TERMS:
        raise Undecided("a long polynomial")
    return total


def _merged(pairs: tuple[tuple[str | int, int | Fraction], ...]) -> tuple[Monomial, int | Fraction]:
    """The monomial of a product of powers, and the rational factor that whole powers of primes and i² = -1 leave."""
    powers: dict[str | int, int | Fraction] = {}
    for atom, power in pairs:
        powers[atom] = powers.get(atom, 0) + power
    factor: int | Fraction = 1
    for atom, power in list(powers.items()):
        if isinstance(atom, int):
            whole = math.floor(power)
            factor *= Fraction(atom) ** whole
            powers[atom] = power - whole
        elif atom == "i":
            factor *= -1 if power % 4 >= 2 else 1
            powers[atom] = power % 2
    return tuple(sorted(((a, p) for a, p in powers.items() if p), key=_by_name)), factor


def _by_name(pair: tuple[str | int, int | Fraction]) -> str:
    return str(pair[0])


def _inverted(monomial: Monomial, coefficient: int | Fraction) -> Polynomial:
    inverse, factor = _merged(tuple((atom, -power) for atom, power in monomial))
    return {inverse: factor / Fraction(coefficient)}


def power(base: Quotient, exponent: Fraction) -> Quotient:
    """A rational power; raises `Undecided` where it is no quotient of polynomials, or too long a one."""
    if exponent.denominator == 1:
        return _whole_power(base, int(exponent))
    if base.bottom != ONE or len(base.top) != 1:
        raise Undecided("a root of a sum")
    ((monomial, coefficient),) = base.top.items()
    odd = exponent.denominator % 2 == 1
    sign: list[tuple[str | int, int | Fraction]] = []
    if coefficient < 0:
        if not odd and exponent.denominator != 2:
            raise Undecided("a complex root")
        # Of an odd root the real value is meant: ∛(-8) = -2.
        sign = [(-1, exponent.numerator % 2)] if odd else [("i", exponent.numerator % 4)]
    pairs = [(atom, part * exponent) for atom, part in monomial]
    if any(_branches(atom, part, odd) for atom, part in monomial):
        raise Undecided("a root with branches")
    for prime, times_in in _factors(Fraction(abs(coefficient))).items():
        pairs.append((prime, times_in * exponent))
    roots, factor = _merged((*pairs, *(pair for pair in sign if pair[0] == "i")))
    if sign and sign[0] == (-1, 1):
        factor = -factor
    return Quotient({roots: factor}, ONE)


def _branches(atom: str | int, part: int | Fraction, odd: bool) -> bool:
    """Whether a root of a power of an atom is more than the power of the root: √(x²) is |x|, but ∛(x³) is x."""
    if isinstance(atom, int) or atom in ("\\pi", "e"):
        return False
    return atom == "i" or (part != 1 and not (odd and part.denominator == 1))


def _whole_power(base: Quotient, exponent: int) -> Quotient:
    if exponent < 0:
        return _whole_power(base.inverse(), -exponent)
    size = max((c.numerator.bit_length() + c.denominator.bit_length() for c in base.top.values()), default=0)
    if len(base.top) <= 1 and base.bottom == ONE:
        if size > 2 or exponent > 10 * EXPONENT:  # 1 and -1 cost nothing
            check_bits(size * exponent)
        return Quotient(_term_power(base.top, exponent), ONE)
    if exponent > EXPONENT // 20:
        raise Undecided("a high power of a sum")
    result = constant(1)
    for _ in range(exponent):
        result = result * base
    return result


def _term_power(term: Polynomial, exponent: int) -> Polynomial:
    if exponent == 0:
        return ONE
    if not term:
        return {}
    ((monomial, coefficient),) = term.items()
    check_bits(sum(atom.bit_length() * exponent for atom, _ in monomial if isinstance(atom, int)))
    merged, factor = _merged(tuple((atom, part * exponent) for atom, part in monomial))
    return {merged: factor * coefficient**exponent}


@lru_cache(maxsize=4096)
def _factors(value: Fraction) -> dict[int, int]:
    """The primes of a positive rational with their powers; raises `Undecided` where trial division does not end."""
    found: dict[int, int] = {}
    for left, sign in ((value.numerator, 1), (value.denominator, -1)):
        check_bits(left.bit_length() * 10)
        for prime in _primes():
            if prime * prime > left:
                break
            while left % prime == 0:
                found[prime] = found.get(prime, 0) + sign
                left //= prime
        root = math.isqrt(left)
        if left > 1 and root * root == left:
            left, sign = root, 2 * sign
        if left >= TRIED * TRIED:
            raise Undecided("a root of a number with large primes")
        if left > 1:
            found[left] = found.get(left, 0) + sign
    return found


@lru_cache(maxsize=1)
def _primes() -> tuple[int, ...]:
    return tuple(n for n in range(2, TRIED) if all(n % d for d in range(2, math.isqrt(n) + 1)))


def evaluate(tree: Tree) -> Quotient:
    """The value of a tree; raises `Undecided`, `Limit` or `ZeroDivisionError`."""
    if isinstance(tree, int | Fraction):
        return constant(tree)
    if isinstance(tree, str):
        return Quotient({((tree, 1),): 1}, ONE)
    operator, *operands = tree
    if operator not in OPERATORS:
        raise Undecided(f"the function {operator}")
    if operator != "neg" and any(operand in INFINITE for operand in operands):
        raise Undecided("arithmetic on infinity")
    return OPERATORS[operator](*map(evaluate, operands))


def _rational(value: Quotient) -> Fraction:
    found = value.rational()
    if found is None:
        raise Undecided("a number that is not rational")
    return found


def _power(base: Quotient, exponent: Quotient) -> Quotient:
    return power(base, _rational(exponent))


def _root(base: Quotient, degree: Quotient) -> Quotient:
    return power(base, 1 / _rational(degree))


def _natural(value: Quotient) -> int:
    found = _rational(value)
    if found.denominator != 1 or found < 0:
        raise Undecided("a number that is not natural")
    if found > FACTORIAL:
        raise Limit(f"expected factorials of at most {FACTORIAL}")
    return int(found)


def _on_rationals(function: Callable[..., int | Fraction]) -> Callable[..., Quotient]:
    return lambda *values: constant(function(*map(_rational, values)))


def _on_naturals(function: Callable[..., int]) -> Callable[..., Quotient]:
    return lambda *values: constant(function(*map(_natural, values)))


OPERATORS: dict[str, Callable[..., Quotient]] = {
    "+": lambda *terms: reduce(Quotient.__add__, terms),
    "*": lambda *factors: reduce(Quotient.__mul__, factors),
    "/": lambda a, b: a * b.inverse(),
    "neg": Quotient.__neg__,
    "^": _power,
    "root": _root,
    "deg": lambda a: a * Quotient({(("\\pi", 1),): Fraction(1, 180)}, ONE),
    "percent": lambda a: a * constant(Fraction(1, 100)),
    "!": _on_naturals(math.factorial),
    "!!": _on_naturals(lambda n: math.prod(range(n, 0, -2))),
    "binom": _on_naturals(math.comb),
    "gcd": _on_naturals(math.gcd),
    "lcm": _on_naturals(math.lcm),
    "abs": _on_rationals(Fraction.__abs__),
    "floor": _on_rationals(math.floor),
    "ceil": _on_rationals(math.ceil),
    "max": _on_rationals(max),
    "min": _on_rationals(min),
}


def approximate(value: Quotient) -> float:
    """A number as a float, by which endpoints are put in order; raises `Undecided` for what has no size."""
    top, bottom = _float(value.top), _float(value.bottom)
    if bottom == 0 or not math.isfinite(top):
        raise Undecided("a number without a size")
    return top / bottom


def _float(polynomial: Polynomial) -> float:
    total = 0.0
    for monomial, coefficient in polynomial.items():
        try:
            bases = [(atom if isinstance(atom, int) else KNOWN[atom], float(part)) for atom, part in monomial]
            total += math.prod((base**part for base, part in bases), start=float(coefficient))
        except (KeyError, OverflowError) as error:
            raise Undecided("a number without a size") from error
    return total


KNOWN = {"\\pi": math.pi, "e": math.e}
