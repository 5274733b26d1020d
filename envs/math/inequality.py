"""Inequalities that bound one variable, or its distance from a number, as sets of reals."""

from __future__ import annotations

import re

from whetstone.envs.math.leaf import leaf
from whetstone.envs.math.names import FUNCTION, VARIABLE, canonical, letters
from whetstone.envs.math.shape import ALL_REALS, Group, Interval, Named, Region, Relation, Scalar
from whetstone.envs.math.syntax import Tree

FLIPPED = {"<": ">", ">": "<", "<=": ">=", ">=": "<=", "!=": "!="}
DISTANCE = re.compile(rf"\|\s*(?P<name>{VARIABLE})\s*(?:(?P<sign>[+-])\s*(?P<shift>[^|]+?))?\s*\|")
IMAGINARY = re.compile(r"(?<![A-Za-z\\])i(?![A-Za-z])")


def solved(sides: list[str], chain: Relation) -> Named | None:
    """The set of the variable that stands alone in an inequality, or as |x - a|; None where there is none such.

    `sides` are the texts of the sides of `chain`.
    """
    at = _alone(sides)
    if at is None:
        return None
    bounds = [side for place, side in enumerate(chain.sides) if place != at]
    if not all(isinstance(bound, Scalar) for bound in bounds):
        return None
    found = _bounded(at, chain.signs, *bounds)  # type: ignore[arg-type]
    if found is None or not (distance := DISTANCE.fullmatch(sides[at])):
        return found and Named(canonical(sides[at]), found, chain)
    region = _around(distance, found) if isinstance(found, Interval) else None
    return region and Named(canonical(distance["name"]), region, chain)


def _alone(sides: list[str]) -> int | None:
    """The place of the variable that an inequality bounds: one of two sides, or the middle of three."""
    places = {2: (0, 1), 3: (1,)}.get(len(sides), ())
    found = [at for at in places if any(re.fullmatch(form, sides[at]) for form in (VARIABLE, FUNCTION, DISTANCE))]
    if len(found) != 1:
        return None
    others = [side for at, side in enumerate(sides) if at != found[0]]
    return None if any(letters(other) & letters(sides[found[0]]) for other in others) else found[0]


def _bounded(at: int, signs: tuple[str, ...], *bounds: Scalar) -> Interval | Region | None:
    """The reals on side `at` of a chain, between the bounds on its other sides."""
    if len(bounds) == 2:
        return _between(bounds[0], signs, bounds[1])
    return _ray(signs[0] if at == 0 else FLIPPED[signs[0]], bounds[0])


def _ray(sign: str, bound: Scalar) -> Interval | Region:
    """The reals x with `x sign bound`."""
    if sign == "!=":
        return Region("difference", (ALL_REALS, Group("set", (bound,))))
    if sign[0] == "<":
        return Interval(ALL_REALS.low, bound, False, sign == "<=")
    return Interval(bound, ALL_REALS.high, sign == ">=", False)


def _between(left: Scalar, signs: tuple[str, ...], right: Scalar) -> Interval | None:
    """The reals x with `left sign x sign right`, where both signs point the same way."""
    if {sign[0] for sign in signs} == {"<"}:
        return Interval(left, right, signs[0] == "<=", signs[1] == "<=")
    if {sign[0] for sign in signs} == {">"}:
        return Interval(right, left, signs[1] == ">=", signs[0] == ">=")
    return None


def _around(distance: re.Match[str], allowed: Interval) -> Interval | Region | None:
    """The reals whose distance from a number is in `allowed`; None where that number or an end is not a plain one."""
    shift = distance["shift"]
    centre = leaf(shift) if shift else None
    ends = [end for end in (allowed.low, allowed.high) if end not in (ALL_REALS.low, ALL_REALS.high)]
    plain = [end for end in (centre, *ends) if end is not None]
    if any(
        not isinstance(end, Scalar) or end.tree is None or letters(end.source) or IMAGINARY.search(end.source)
        for end in plain
    ):
        return None
    middle: Tree = 0 if not isinstance(centre, Scalar) or centre.tree is None else centre.tree
    if distance["sign"] == "+":
        middle = ("neg", middle)
    low, high = allowed.low, allowed.high
    if low == ALL_REALS.low:
        return Interval(_moved(middle, high, -1), _moved(middle, high, 1), allowed.high_in, allowed.high_in)
    below = Interval(_moved(middle, high, -1), _moved(middle, low, -1), allowed.high_in, allowed.low_in)
    above = Interval(_moved(middle, low, 1), _moved(middle, high, 1), allowed.low_in, allowed.high_in)
    return Region("union", (below, above))


def _moved(middle: Tree, by: Scalar, side: int) -> Scalar:
    """The number that is `by` above or below the middle."""
    if by == ALL_REALS.high:
        return by if side > 0 else ALL_REALS.low
    tree = by.tree if side > 0 else ("neg", by.tree)
    return Scalar(by.source, tree if middle == 0 else ("+", middle, tree))
