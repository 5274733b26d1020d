"""Whether two shapes say the same. Structure is compared here, single expressions by an `Oracle`.

`same` is symmetric: every rule below treats its two sides alike.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Literal, Protocol

from whetstone.envs.math.exact import INFINITE
from whetstone.envs.math.region import regions_agree
from whetstone.envs.math.shape import (
    Choice,
    Group,
    Interval,
    Matrix,
    Named,
    Region,
    Relation,
    Residue,
    Scalar,
    Shape,
    Words,
)
from whetstone.envs.math.syntax import Tree
from whetstone.envs.math.units import ratio


class Oracle(Protocol):
    """What is known of single expressions; every method raises where it cannot tell."""

    def tree(self, scalar: Scalar) -> Tree:
        """The tree of an expression."""
        ...

    def equal(self, a: Tree, b: Tree) -> bool:
        """Whether two expressions have the same value, wherever both have one."""
        ...

    def below(self, a: Tree, b: Tree) -> bool:
        """Whether one number is less than another one, which it does not equal."""
        ...

    def near(self, a: Tree, b: Tree, tolerance: Fraction) -> bool:
        """Whether two numbers differ by at most `tolerance`."""
        ...

    def whole(self, a: Tree) -> bool:
        """Whether a number is an integer."""
        ...

    def proportion(self, a: Tree, b: Tree, *, cleared: bool) -> int:
        """The sign of the number c ≠ 0 with a = c·b, or 0 where there is none; `cleared` drops denominators."""
        ...


@dataclass(frozen=True, slots=True)
class Rules:
    """What a gold leaves open.

    `tolerance`: how far apart two numbers may be (absolute). `percent`: 25% is 0.25 (`exact`), or 25 as well
    (`either`). `units`: may be left out (`optional`), must stand on both sides or on neither (`required`), or count for
    nothing (`ignored`). `order`: round brackets keep it (`auto`), everything does (`kept`), nothing does (`free`).
    """

    tolerance: Fraction | None = None
    percent: Literal["exact", "either"] = "exact"
    units: Literal["optional", "required", "ignored"] = "optional"
    order: Literal["auto", "kept", "free"] = "auto"


def same(a: Shape, b: Shape, rules: Rules, oracle: Oracle) -> bool:
    """Whether two shapes are the same answer; raises what the oracle raises."""
    return a == b or Comparison(rules, oracle).same(a, b)


@dataclass(frozen=True, slots=True)
class Comparison:
    """One comparison, under the rules of a gold and by what an oracle knows."""

    rules: Rules
    oracle: Oracle

    def same(self, a: Shape, b: Shape) -> bool:
        """Whether two shapes are the same answer."""
        match a, b:
            case (Scalar(), Scalar()):
                return self._scalars(a, b)
            case (Choice(), _) | (_, Choice()):
                return self._choices(a, b)
            case (Named(), Named()):
                return self._named(a, b)
            case (Named(), _):
                return self._one_named(a, b)
            case (_, Named()):
                return self._one_named(b, a)
            case (Relation(), Relation()):
                return self._relations(a, b)
            case (Relation(), _):
                return self._chain(a, b)
            case (_, Relation()):
                return self._chain(b, a)
        return self._values(a, b)

    def _values(self, a: Shape, b: Shape) -> bool:
        match a, b:
            case (Interval() | Region(), _) | (_, Interval() | Region()):
                return regions_agree(a, b, self.oracle, self._equal)
            case (Group(), Group()):
                return self._groups(a, b)
            case (Matrix(), Matrix()):
                return len(a.rows) == len(b.rows) and all(map(self._in_order, a.rows, b.rows))
            case (Matrix(), Group()):
                return self._vector(a, b)
            case (Group(), Matrix()):
                return self._vector(b, a)
            case (Group("ratio", (Scalar() as top, Scalar() as under)), Scalar() as quotient) | (
                Scalar() as quotient,
                Group("ratio", (Scalar() as top, Scalar() as under)),
            ):
                return not _is_clock(under) and self._quotient(top, under, quotient)
            case (Residue(), Residue()):
                return self._residues(a, b)
            case (Words(), Words()):
                return a.text == b.text
        return False

    def _scalars(self, a: Scalar, b: Scalar) -> bool:
        left, right = self.oracle.tree(a), self.oracle.tree(b)
        if self.rules.units != "ignored" and (a.unit or b.unit):
            if a.unit and b.unit:
                times = ratio(a.unit, b.unit)
                return times is not None and self._equal(("*", left, times), right)
            product, other = (a.product, right) if a.unit else (b.product, left)
            if product is not None and names(other):  # 3 m beside 3m
                return self._equal(product, other)
            if self.rules.units == "required":
                return False
        return self._equal(left, right) or any(
            self._equal(*pair) for mark in self._marks() if (pair := _one_marked(mark, left, right))
        )

    def _marks(self) -> list[str]:
        """The signs that may be left out: of degrees like units, of percent only where the gold says so."""
        marks = ["percent"] if self.rules.percent == "either" else []
        return marks if self.rules.units == "required" else [*marks, "deg"]

    def _equal(self, a: Tree, b: Tree) -> bool:
        if self.rules.tolerance is not None and not (names(a) or names(b) or {a, b} & {*INFINITE}):
            return self.oracle.near(a, b, self.rules.tolerance)
        folded = _folded(a, b)
        return self.oracle.equal(*folded)

    def _choices(self, a: Shape, b: Shape) -> bool:
        if isinstance(a, Choice) and isinstance(b, Choice):
            return a.letter == b.letter
        choice, other = (a, b) if isinstance(a, Choice) else (b, a)
        assert isinstance(choice, Choice)
        if isinstance(other, Scalar) and isinstance(other.tree, str) and other.tree.upper() == choice.letter:
            return True
        return self.same(choice.content, other)

    def _named(self, a: Named, b: Named) -> bool:
        if _names_agree(a.name, b.name) and self.same(a.value, b.value):
            return True
        return a.equation is not None and b.equation is not None and self._relations(a.equation, b.equation)

    def _one_named(self, named: Named, other: Shape) -> bool:
        if isinstance(other, Relation) and named.equation is not None:
            return self._relations(named.equation, other)
        return self.same(named.value, other)

    def _chain(self, chain: Relation, other: Shape) -> bool:
        """A chain a = b = c is worth what every side of it is worth."""
        return set(chain.signs) == {"="} and all(self.same(side, other) for side in chain.sides)

    def _relations(self, a: Relation, b: Relation) -> bool:
        if len(a.signs) > 1 or len(b.signs) > 1:
            return a.signs == b.signs and self._in_order(a.sides, b.sides)
        if not all(isinstance(side, Scalar) for side in (*a.sides, *b.sides)):
            return a.signs == b.signs and self._in_order(a.sides, b.sides)
        (left, sign), (right, other) = (self._difference(relation) for relation in (a, b))
        if sign != other:
            return False
        found = self.oracle.proportion(*_folded(left, right), cleared=sign in ("=", "!="))
        return found > 0 or (found < 0 and sign in ("=", "!="))

    def _difference(self, relation: Relation) -> tuple[Tree, str]:
        """`d` and a sign among =, !=, <, <= such that the relation says `d sign 0`."""
        left, right = (self.oracle.tree(side) for side in relation.sides if isinstance(side, Scalar))
        (sign,) = relation.signs
        if sign[0] == ">":
            left, right, sign = right, left, sign.replace(">", "<")
        return ("+", left, ("neg", right)), sign

    def _groups(self, a: Group, b: Group) -> bool:
        kinds = {a.bracket, b.bracket}
        if "ratio" in kinds:
            return len(kinds) == 1 and self._ratios(a, b)
        dots = any(item == Words("\\dots") for item in (*a.items, *b.items))
        if self.rules.order == "kept" or dots or (self.rules.order == "auto" and "tuple" in kinds):
            return (kinds != {"tuple", "set"} or self.rules.order == "kept") and self._in_order(a.items, b.items)
        if "set" in kinds:
            return self._covered(a.items, b.items) and self._covered(b.items, a.items)
        return self._paired(a.items, b.items)

    def _in_order(self, a: Sequence[Shape], b: Sequence[Shape]) -> bool:
        return len(a) == len(b) and all(map(self.same, a, b))

    def _covered(self, a: Sequence[Shape], b: Sequence[Shape]) -> bool:
        return all(any(self.same(x, y) for y in b) for x in a)

    def _paired(self, a: Sequence[Shape], b: Sequence[Shape]) -> bool:
        """Whether the items can be paired off, each as often as it stands there."""
        if len(a) != len(b):
            return False
        left = list(b)
        for x in a:
            partner = next((at for at, y in enumerate(left) if self.same(x, y)), None)
            if partner is None:
                return False
            del left[partner]
        return True

    def _ratios(self, a: Group, b: Group) -> bool:
        """1:2 is 2:4, but a time of day, whose minutes have two digits, is only itself."""
        if self._in_order(a.items, b.items):
            return True
        scalars = [[item for item in group.items if isinstance(item, Scalar)] for group in (a, b)]
        clock = all(_is_clock(item) for items in scalars for item in items[1:])
        if clock or {len(items) for items in scalars} != {len(a.items)} or len(a.items) != len(b.items):
            return False
        left, right = ([self.oracle.tree(item) for item in items] for items in scalars)
        return all(self.oracle.equal(("*", left[0], y), ("*", right[0], x)) for x, y in zip(left, right, strict=True))

    def _quotient(self, top: Scalar, under: Scalar, quotient: Scalar) -> bool:
        left, right, value = (self.oracle.tree(scalar) for scalar in (top, under, quotient))
        return self.oracle.equal(("/", left, right), value)

    def _vector(self, matrix: Matrix, group: Group) -> bool:
        """A row or a column is the tuple of its entries."""
        if group.bracket != "tuple" or (len(matrix.rows) > 1 and len(matrix.rows[0]) > 1):
            return False
        return self._in_order([cell for row in matrix.rows for cell in row], group.items)

    def _residues(self, a: Residue, b: Residue) -> bool:
        start, step = self.oracle.tree(a.value), self.oracle.tree(a.modulus)
        other, stride = self.oracle.tree(b.value), self.oracle.tree(b.modulus)
        if not self.oracle.equal(("*", step, step), ("*", stride, stride)):
            return False
        return self.oracle.whole(("/", ("+", start, ("neg", other)), step))


def _is_clock(minutes: Scalar) -> bool:
    return re.fullmatch(r"[0-5]\d", minutes.source) is not None


def _one_marked(mark: str, a: Tree, b: Tree) -> tuple[Tree, Tree] | None:
    """Two trees of which just one has a mark, without it; a mark may be left out only beside a number."""
    marked = [isinstance(tree, tuple) and tree[0] == mark for tree in (a, b)]
    if marked == [True, False] and not names(b) and isinstance(a, tuple):
        return a[1], b
    if marked == [False, True] and not names(a) and isinstance(b, tuple):
        return a, b[1]
    return None


def names(tree: Tree) -> set[str]:
    """The variables in a tree."""
    if isinstance(tree, tuple):
        return set().union(*map(names, tree[1:]))
    return {tree} - {"\\pi", "e", "i", "\\infty"} if isinstance(tree, str) else set()


def _folded(a: Tree, b: Tree) -> tuple[Tree, Tree]:
    """Both trees with names in lower case, where they only differ by it and no two names become one."""
    left, right = names(a), names(b)
    if left == right:
        return a, b
    low = [{name: name.lower() for name in found} for found in (left, right)]
    if set(low[0].values()) != set(low[1].values()) or any(len(set(m.values())) < len(m) for m in low):
        return a, b
    return _renamed(a, low[0]), _renamed(b, low[1])


def _renamed(tree: Tree, new: dict[str, str]) -> Tree:
    if isinstance(tree, tuple):
        return (tree[0], *(_renamed(part, new) for part in tree[1:]))
    return new.get(tree, tree) if isinstance(tree, str) else tree


def _names_agree(a: str, b: str) -> bool:
    """Whether two values may have these names: the same, f(x) and y, or the capital name of a set or a matrix."""
    if a.lower() == b.lower() or (a.isupper() and b.isupper() and len(a) == len(b) == 1):
        return True
    return any(x == "y" and re.fullmatch(r"[a-zA-Z]\([a-z]\)", y) for x, y in ((a, b), (b, a)))
