"""Answers that hold nothing but expressions: one expression or word, the two ends of an interval."""

from __future__ import annotations

from whetstone.envs.math.names import speaks
from whetstone.envs.math.numerals import spelled
from whetstone.envs.math.shape import Interval, Scalar, Words
from whetstone.envs.math.split import split
from whetstone.envs.math.syntax import Tree, Unsupported, parse
from whetstone.envs.math.text import words
from whetstone.envs.math.units import split_unit


def leaf(text: str) -> Scalar | Words:
    """One expression, with its unit, or words."""
    text = text.strip()
    if not text:
        raise ValueError("expected an expression, found nothing")
    if text == "\\dots":
        return Words(text)
    if speaks(text):
        plain = words(text)
        number = spelled(plain)
        return Words(plain) if number is None else Scalar(plain, number)
    source, unit = split_unit(text)
    product = _tree(text) if unit and "\\" not in text else None
    return Scalar(source, _tree(source), unit, product)


def _tree(source: str) -> Tree | None:
    try:
        return parse(source)
    except Unsupported:
        return None


def ends(inside: str, low_in: bool, high_in: bool) -> Interval:
    """The interval between two ends; raises `ValueError` where there are not two numbers."""
    parts = [leaf(part) for part in split(inside, (",", ";"))]
    match parts:
        case [Scalar() as low, Scalar() as high]:
            return Interval(low, high, low_in, high_in)
    raise ValueError(f"expected the two ends of an interval, found {inside[:40]!r}")
