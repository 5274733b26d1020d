"""Counting on grids."""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable, Iterable, Sequence
from functools import cache
from math import comb


@cache
def covering_cells(rows: int, columns: int, count: int) -> int:
    """The ways to choose `count` cells of a grid so that no row and no column stays empty.

    >>> covering_cells(2, 2, 2)
    2
    """
    if not max(rows, columns) <= count <= rows * columns:
        return 0
    return sum(
        (-1) ** (rows - r + columns - c) * comb(rows, r) * comb(columns, c) * comb(r * c, count)
        for r in range(rows + 1)
        for c in range(columns + 1)
    )


def line_colourings(rows: int, columns: int, cells: Sequence[int]) -> int:
    """The ways to give so many cells of a grid each colour, none of its rows and columns two of them.

    >>> line_colourings(2, 2, (2, 1))
    0
    """

    @cache
    def ways(rows: int, columns: int, colour: int) -> int:
        """For this colour and the later ones, on rows and columns without another."""
        if colour == len(cells):
            return 1
        return sum(
            comb(rows, r) * comb(columns, c) * first * ways(rows - r, columns - c, colour + 1)
            for r in range(1, rows + 1)
            for c in range(1, columns + 1)
            if (first := covering_cells(r, c, cells[colour]))
        )

    return ways(rows, columns, 0)


def with_maxima(places: Iterable[Hashable], top: int, parts: Sequence[tuple[frozenset, int]]) -> int:
    """The ways to fill places with numbers from 1 to `top` so that each part, a set of places, has its maximum.

    >>> with_maxima("abc", 2, [(frozenset("a"), 2), (frozenset("ab"), 2)])
    4
    """
    limits = dict.fromkeys(places, top)
    for part, most in parts:
        limits |= {place: min(most, limits[place]) for place in part}
    total = 1
    for limit in range(1, top + 1):  # parts of this maximum can have it only in places of this limit
        own = frozenset(place for place in limits if limits[place] == limit)
        missed = Counter({frozenset(): 1})  # by places below the limit: parts without it, an even less an odd number
        for part in (part & own for part, most in parts if most == limit):
            for below, count in list(missed.items()):
                missed[below | part] -= count
        total *= sum(n * (limit - 1) ** len(each) * limit ** len(own - each) for each, n in missed.items())
    return total


def spaced_staircase(limit: int) -> int:
    """The sets of numbers 2^i 3^j up to a limit in which none is twice or three times another.

    >>> spaced_staircase(3)
    5
    """
    widths = []  # of the rows: numbers with the same power of 3
    while limit:
        widths.append(limit.bit_length())
        limit //= 3
    return _spaced_rows(tuple(widths))


@cache
def _spaced_rows(widths: Sequence[int]) -> int:
    """The ways to choose cells in rows of falling widths, none of them next to or below another."""
    ways = {0: 1}  # by the cells of the last row
    for width in widths:
        masks = [mask for mask in range(1 << width) if not mask & mask >> 1]
        ways = {mask: sum(count for above, count in ways.items() if not mask & above) for mask in masks}
    return sum(ways.values())
