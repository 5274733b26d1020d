"""How near an answer is to the best one, as a number in [0, 1]. Exactly 1 always means exactly right."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Hashable, Iterable, Sequence
from operator import eq


def exact(answer: object, truth: object) -> float:
    """1 when equal, else 0."""
    return float(answer == truth)


def in_place(answer: Sequence[object], truth: Sequence[object]) -> float:
    """The share of positions that agree; a missing or surplus position counts as wrong.

    >>> in_place([1, 2, 3], [1, 2, 4])
    0.6666666666666666
    """
    length = max(len(answer), len(truth))
    return sum(map(eq, answer, truth)) / length if length else 1.0


def overlap(answer: Iterable[Hashable], truth: Iterable[Hashable]) -> float:
    """The share of elements in common as multisets, order ignored: |A ∩ B| / max(|A|, |B|).

    >>> overlap([1, 1, 2], [2, 1])
    0.6666666666666666
    """
    a, b = Counter(answer), Counter(truth)
    size = max(a.total(), b.total())
    return (a & b).total() / size if size else 1.0


def share(satisfied: Iterable[bool]) -> float:
    """The share of conditions that hold (1 when there are none).

    >>> share([True, False, True, True])
    0.75
    """
    conditions = list(satisfied)
    return sum(conditions) / len(conditions) if conditions else 1.0


def at_most(value: float, best: float, power: float = 1.0) -> float:
    """Maximisation: (value / best) ** power for a feasible value >= 0.

    Raises `AssertionError` when the value beats the reference: a bug in the solver or the checker was found.

    >>> at_most(3, 4, power=2)
    0.5625
    """
    if value > best:
        raise AssertionError(f"a feasible answer of value {value} beats the reference optimum {best}")
    return 1.0 if value == best else _below_one(value / best, power)


def at_least(value: float, best: float, power: float = 1.0) -> float:
    """Minimisation: (best / value) ** power for a feasible value >= 0; raises like `at_most`.

    >>> at_least(4, 2)
    0.5
    """
    if value < best:
        raise AssertionError(f"a feasible answer of value {value} beats the reference optimum {best}")
    return 1.0 if value == best else _below_one(best / value, power)


def _below_one(ratio: float, power: float) -> float:
    """Rounding must not make a near miss exact."""
    return min(max(0.0, ratio) ** power, math.nextafter(1.0, 0.0))
