"""What a final answer is: the structures that `read` takes a text apart into.

Everything but single expressions is compared by structure, so that an open interval is never a closed one and a set is
never a superset, whatever the expressions in them are worth.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, TypeAlias

from whetstone.envs.math.syntax import Tree
from whetstone.envs.math.units import Unit


@dataclass(frozen=True, slots=True)
class Scalar:
    """One expression. `tree` is None for LaTeX that only the parser in the workers may read (sums, integrals, …).

    `product` is the tree where the letters of a unit in plain text (`3 m`) are names after all.
    """

    source: str
    tree: Tree | None
    unit: Unit | None = None
    product: Tree | None = None


@dataclass(frozen=True, slots=True)
class Group:
    """Several things: `tuple` in round brackets, `set` in braces, `list` without any, or the terms of a `ratio`."""

    bracket: Literal["tuple", "set", "list", "ratio"]
    items: tuple[Shape, ...]


@dataclass(frozen=True, slots=True)
class Interval:
    """The reals between two expressions; an end belongs to it where `low_in` or `high_in` says so."""

    low: Scalar
    high: Scalar
    low_in: bool
    high_in: bool


@dataclass(frozen=True, slots=True)
class Region:
    """A set of reals made of others; `listed` ones hold together, or where that is impossible, one of them."""

    operation: Literal["union", "intersection", "difference", "listed"]
    parts: tuple[Shape, ...]


@dataclass(frozen=True, slots=True)
class Named:
    """A value with a name, x = 5 or f(x) = x²; `equation` is the same as an equation."""

    name: str
    value: Shape
    equation: Relation | None = None


@dataclass(frozen=True, slots=True)
class Relation:
    """A chain such as a = b = c or a < b: one sign between two sides."""

    sides: tuple[Shape, ...]
    signs: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Matrix:
    """Rows of equal length; a vector has one row or one column."""

    rows: tuple[tuple[Scalar, ...], ...]


@dataclass(frozen=True, slots=True)
class Residue:
    """All `value + k · modulus` for integers k."""

    value: Scalar
    modulus: Scalar


@dataclass(frozen=True, slots=True)
class Words:
    """Words in lower case, compared letter by letter."""

    text: str


@dataclass(frozen=True, slots=True)
class Choice:
    """A lettered option with what stands behind the letter."""

    letter: str
    content: Shape


Shape: TypeAlias = Scalar | Group | Interval | Region | Named | Relation | Matrix | Residue | Words | Choice

EMPTY = Group("set", ())
ALL_REALS = Interval(Scalar("-\\infty", ("neg", "\\infty")), Scalar("\\infty", "\\infty"), False, False)


def scalars(shape: Shape) -> list[Scalar]:
    """Every expression in a shape."""
    match shape:
        case Scalar():
            return [shape]
        case Group(_, parts) | Region(_, parts) | Relation(parts, _):
            return [scalar for part in parts for scalar in scalars(part)]
        case Interval(low, high):
            return [low, high]
        case Named(_, value, _) | Choice(_, value):
            return scalars(value)
        case Matrix(rows):
            return [scalar for row in rows for scalar in row]
        case Residue(value, modulus):
            return [value, modulus]
    return []
