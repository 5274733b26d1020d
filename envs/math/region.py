"""Sets of reals: whether two of them are the same, by cutting the line at every end that occurs in either.

With n ends there are 2n+1 cells, the open gaps and the ends themselves. A set is the cells that it covers.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cmp_to_key
from typing import TYPE_CHECKING

from whetstone.envs.math.exact import INFINITE
from whetstone.envs.math.shape import Group, Interval, Named, Region, Scalar, Shape
from whetstone.envs.math.syntax import Tree

if TYPE_CHECKING:
    from whetstone.envs.math.compare import Oracle


def regions_agree(a: Shape, b: Shape, oracle: Oracle, equal: Callable[[Tree, Tree], bool]) -> bool:
    """Whether two shapes are the same set of reals, where `equal` ends are one; False where one is no set of reals."""
    if not _is_region(a) or not _is_region(b):
        return False
    one, other = _interval(a), _interval(b)
    if one and other:
        return (one.low_in, one.high_in) == (other.low_in, other.high_in) and all(
            equal(oracle.tree(x), oracle.tree(y)) for x, y in ((one.low, other.low), (one.high, other.high))
        )
    ranks = _ranks(_ends(a) + _ends(b), oracle, equal)
    return _cells(a, ranks, oracle) == _cells(b, ranks, oracle)


def _is_region(shape: Shape) -> bool:
    match shape:
        case Interval():
            return True
        case Region(_, parts):
            return all(map(_is_region, parts))
        case Group("tuple", (Scalar(), Scalar())):
            return True
        case Group("set", items):
            return all(isinstance(item, Scalar) for item in items)
        case Group("list", items):
            return all(isinstance(item, Interval | Region) or _interval(item) is not None for item in items)
    return False


def _interval(shape: Shape) -> Interval | None:
    """A shape as one interval: (a, b) may be meant as an open one."""
    match shape:
        case Interval():
            return shape
        case Group("tuple", (Scalar() as low, Scalar() as high)):
            return Interval(low, high, False, False)
    return None


def _ends(shape: Shape) -> list[Scalar]:
    match shape:
        case Interval(low, high):
            return [low, high]
        case Region(_, parts) | Group(_, parts):
            return [end for part in parts for end in _ends(part)]
        case Named(_, value, _):
            return _ends(value)
        case Scalar():
            return [shape]
    return []


def _ranks(ends: list[Scalar], oracle: Oracle, equal: Callable[[Tree, Tree], bool]) -> dict[Tree, int]:
    """The place of every finite end on the line, from 0 on; equal ends share one."""

    def order(a: Tree, b: Tree) -> int:
        return 0 if equal(a, b) else -1 if oracle.below(a, b) else 1

    trees = {oracle.tree(end) for end in ends} - set(INFINITE)
    ranks: dict[Tree, int] = {}
    last: Tree | None = None
    for tree in sorted(trees, key=cmp_to_key(order)):
        if last is None or not equal(last, tree):
            ranks[tree] = ranks[last] + 1 if last is not None else 0
        else:
            ranks[tree] = ranks[last]
        last = tree
    return ranks


def _cells(shape: Shape, ranks: dict[Tree, int], oracle: Oracle) -> frozenset[int]:
    """The cells of a set: 2k is the gap before the end of rank k, 2k+1 that end."""
    match shape:
        case Interval(low, high, low_in, high_in):
            bottom, top = oracle.tree(low), oracle.tree(high)
            everything = 2 * (max(ranks.values(), default=-1) + 1) + 1
            start = (
                0 if bottom == INFINITE[1] else everything if bottom == INFINITE[0] else 2 * ranks[bottom] + 2 - low_in
            )
            stop = everything if top == INFINITE[0] else 0 if top == INFINITE[1] else 2 * ranks[top] + 1 + high_in
            return frozenset(range(start, stop))
        case Group("tuple", _):
            interval = _interval(shape)
            return _cells(interval, ranks, oracle) if interval else frozenset()
        case Group("set", items):
            return frozenset(2 * ranks[oracle.tree(item)] + 1 for item in items if isinstance(item, Scalar))
        case Group(_, parts):
            return frozenset().union(*(_cells(part, ranks, oracle) for part in parts))
        case Region(operation, parts):
            sets = [_cells(part, ranks, oracle) for part in parts]
            return COMBINED[operation](sets)
    return frozenset()


COMBINED: dict[str, Callable[[list[frozenset[int]]], frozenset[int]]] = {
    "union": lambda sets: frozenset().union(*sets),
    "intersection": lambda sets: sets[0].intersection(*sets[1:]),
    "difference": lambda sets: sets[0].difference(*sets[1:]),
    "listed": lambda sets: sets[0].intersection(*sets[1:]) or frozenset().union(*sets),
}
