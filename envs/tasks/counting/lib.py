"""What the counting tasks share: a modulus for counts that would be long, and the words for it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Sequence
from functools import cache
from itertools import chain, combinations, product
from math import comb, isqrt, prod

import numpy as np

from whetstone.envs.core import Rng

PRIMES = tuple(p for p in range(101, 1000) if all(p % d for d in range(2, 32)))


def modulus(rng: Rng) -> int:
    """A number of three digits."""
    return int(rng.integers(100, 1000))


def prime(rng: Rng) -> int:
    """A prime of three digits: for counts that are multiples of factorials, which a composite one would soon divide."""
    return PRIMES[int(rng.integers(len(PRIMES)))]


def modulo(m: int) -> str:
    """The last sentence of a statement whose answer is reduced modulo m."""
    return f"Give the remainder of this number when divided by {m}."


def subset_walks(start: Sequence[int], end: Sequence[int]) -> int:
    """The walks from point to point whose steps each add bits to one coordinate; 0 when bits would have to go.

    >>> subset_walks((0, 0), (3, 0))  # at once, or one bit first
    3
    """
    if any(a & ~b for a, b in zip(start, end, strict=True)):
        return 0
    return _walks(*sorted((a ^ b).bit_count() for a, b in zip(start, end, strict=True)))


@cache
def _walks(*bits: int) -> int:
    """The ways to add so many bits to each coordinate."""
    total = int(not any(bits))
    for i, missing in enumerate(bits):
        for added in range(1, missing + 1):
            total += comb(missing, added) * _walks(*sorted((*bits[:i], missing - added, *bits[i + 1 :])))
    return total


def generated(shuffles: Sequence[Sequence[int]], n: int) -> set[tuple[int, ...]]:
    """The group of permutations of 1 to n that the shuffles generate."""
    group = {tuple(range(1, n + 1))}
    found = list(group)
    for places in found:  # grows meanwhile
        for shuffle in shuffles:
            after = tuple(shuffle[place - 1] for place in places)
            if after not in group:
                group.add(after)
                found.append(after)
    return group


def cycle_lengths(permutation: Sequence[int]) -> tuple[int, ...]:
    """The lengths of the cycles of a permutation of 1 to n, in order.

    >>> cycle_lengths((2, 1, 3))
    (1, 2)
    """
    lengths, seen = [], set()
    for place in permutation:
        length = 0
        while place not in seen:
            seen.add(place)
            place = permutation[place - 1]
            length += 1
        lengths += [length] * (length > 0)
    return tuple(sorted(lengths))


def even_colourings(lengths: Iterable[int], colours: Sequence[int]) -> int:
    """The ways to give each cycle one of three colours, so many cards to each colour.

    >>> even_colourings((1, 2, 3), (3, 3, 0))
    2
    """
    ways = Counter({(0, 0): 1})  # by cards of the first and the second colour
    for length in lengths:
        grown = ways.copy()  # a cycle of the third
        for (first, second), count in ways.items():
            grown[first + length, second] += count
            grown[first, second + length] += count
        ways = grown
    return ways[colours[0], colours[1]]


def rising_submasks(masks: Sequence[int], bits: int) -> int:
    """The sequences that never fall and whose i-th member is a submask of the i-th mask.

    >>> rising_submasks((1, 3), bits=2)  # 0 and any, or 1 and 1 or 2 or 3
    7
    """
    n = len(masks)
    ways = [[1] * (n + 1) for _ in range(n + 1)]  # [i][j]: for masks[i:j], of the bits below the current one
    for bit in range(bits):  # it is 0 up to some place and 1 from there on, where no mask may lack it
        ones = [max((i + 1 for i in range(j) if not masks[i] >> bit & 1), default=0) for j in range(n + 1)]
        ways = [
            [sum(ways[i][k] * ways[k][j] for k in range(max(i, ones[j]), j + 1)) for j in range(n + 1)]
            for i in range(n + 1)
        ]
    return ways[0][n]


def bounded_orders(length: int, reach: int, first: int) -> int:
    """The permutations of 1 to `length` that begin with `first` and whose neighbours differ by at most `reach`.

    >>> bounded_orders(4, reach=1, first=1)
    1
    """
    # Numbers join in the order 1, 2, ...: a state is whether the row's last number is still to come, and the pieces of
    # the row that can grow, each end with its other end (0 for an end of the row itself).
    states = Counter({(True, ()): 1})
    for number in range(1, length + 1):
        old, grown = number - reach - 1, Counter[tuple]()
        for (to_come, pieces), count in states.items():
            ends = dict(pieces)
            if other := ends.pop(old, None):  # out of reach: it must be the row's last number
                ends[other] = 0
            if other in (0, old) or (other and not to_come):
                continue
            for neighbours in chain.from_iterable(combinations(ends, k) for k in (0, 1, 2)):
                if (joined := _join(ends, number, neighbours, number == first)) is not None:
                    grown[to_come and not other, tuple(sorted(joined.items()))] += count
        states = grown
    return sum(n for (to_come, ends), n in states.items() if [other for _, other in ends] == [0] * to_come)


def _join(ends: dict[int, int], number: int, neighbours: Iterable[int], first: bool) -> dict[int, int] | None:
    """The pieces once `number` stands next to the `neighbours`; None when it cannot."""
    ends = ends | {number: 0 if first else number}
    for neighbour in neighbours:
        if number not in ends or ends[neighbour] == number:
            return None
        a, b = ends.pop(neighbour), ends.pop(number)
        ends |= {end: other for end, other in ((a, b), (b, a)) if end}
    return ends


def partitions(n: int, largest: int | None = None) -> Iterator[tuple[int, ...]]:
    """The ways to write n as a sum of falling positive integers.

    >>> list(partitions(3))
    [(3,), (2, 1), (1, 1, 1)]
    """
    if n == 0:
        yield ()
    for part in range(min(n, largest or n), 0, -1):
        for rest in partitions(n - part, part):
            yield (part, *rest)


def coverings(things: int, sizes: Sequence[int]) -> int:
    """The ways to choose sets of these sizes that together cover all things.

    >>> coverings(2, (1, 1))
    2
    """
    return sum((-1) ** i * comb(things, i) * prod(comb(things - i, n) for n in sizes) for i in range(things + 1))


def marks_around(top: int, not_above: int, above: int) -> int:
    """The ways to draw a number from 1 to top, so many others that are not above it and so many that are.

    >>> marks_around(2, not_above=1, above=1)  # 1, 1 and 2
    1
    """
    return sum(mark**not_above * (top - mark) ** above for mark in range(1, top + 1))


def local_minima(grid: np.ndarray) -> np.ndarray:
    """Which cells of a grid of different numbers are smaller than all that touch them at a side or a corner."""
    framed = np.pad(grid, 1, constant_values=grid.size)
    return np.lib.stride_tricks.sliding_window_view(framed, (3, 3)).min((2, 3)) == grid


def beside(i: int, j: int) -> frozenset[tuple[int, int]]:
    """A cell and those that touch it at a side or a corner."""
    return frozenset((k, m) for k in (i - 1, i, i + 1) for m in (j - 1, j, j + 1))


def fillings_with_minima(cells: Sequence[tuple[int, int]], minima: Collection[tuple[int, int]]) -> int:
    """The ways to number the cells from 1 on so that each of the minima is less than all beside it.

    >>> fillings_with_minima([(0, 0), (0, 1), (0, 2)], [(0, 1)])
    2
    """
    bits = {cell: 1 << k for k, cell in enumerate(minima)}
    needed = [sum(bits.get(other, 0) for other in beside(*cell)) for cell in cells if cell not in bits]
    free = [sum(need & placed == need for need in needed) for placed in range(1 << len(bits))]
    ways = {0: 1}  # by the minima that hold a number; they come before all that is beside them
    for number in range(len(cells)):
        after = Counter[int]()
        for placed, count in ways.items():
            if (room := free[placed] - (number - placed.bit_count())) > 0:
                after[placed] += count * room
            for bit in bits.values():
                if not placed & bit:
                    after[placed | bit] += count
        ways = after
    return sum(ways.values())


def ballots(more: int, fewer: int) -> int:
    """The orders of so many ups and downs, never more downs than ups so far, with more >= fewer.

    >>> ballots(2, 1)
    2
    """
    return comb(more + fewer, fewer) * (more - fewer + 1) // (more + 1)


def cells(top: int, bottom: int, left: int, right: int) -> frozenset[tuple[int, int]]:
    """The (row, column) pairs of a part of a matrix, first and last ones included."""
    return frozenset(product(range(top, bottom + 1), range(left, right + 1)))


def with_range_maxima(length: int, top: int, ranges: Sequence[tuple[int, int, int]]) -> int:
    """The lists of integers from 1 to `top` whose ranges, first to last place from 1 on, have their maxima.

    >>> with_range_maxima(3, 2, [(1, 1, 2), (1, 2, 2)])
    4
    """
    limits = [min((most for a, b, most in ranges if a <= i <= b), default=top) for i in range(1, length + 1)]
    total = 1
    for limit in set(limits):
        # By the last place that holds the limit itself: no range of this maximum may lie between two such places.
        ways = {0: 1}
        for i in [*(i for i, each in enumerate(limits, 1) if each == limit), length + 1]:
            start = max((a for a, b, most in ranges if most == limit and b < i), default=0)
            reached = sum(count for last, count in ways.items() if last >= start)
            ways = {last: count * (limit - 1) for last, count in ways.items()} | {i: reached}
        total *= ways[length + 1]
    return total


def quiet_rows(columns: int) -> dict[int, list[int]]:
    """The rows of kings, as bits, that do not attack each other, each with the rows that may be next to it."""
    rows = [row for row in range(1 << columns) if not row & row >> 1]
    return {row: [other for other in rows if not other & (row | row << 1 | row >> 1)] for row in rows}


@cache
def asymmetric_trees(most: int = 30) -> tuple[int, ...]:
    """How many trees of 0, 1, 2, ... vertices have no symmetry.

    >>> asymmetric_trees()[:11]
    (0, 1, 0, 0, 0, 0, 0, 1, 1, 3, 6)
    """
    rooted, forests = [0], [1] + [0] * most  # a rooted tree is a root and a set of different rooted trees
    for n in range(most):
        rooted.append(forests[n])
        size, kinds = n + 1, forests[n]
        forests = [
            sum(comb(kinds, k) * forests[total - k * size] for k in range(total // size + 1))
            for total in range(most + 1)
        ]
    # Each tree has one more vertex than it has edges, and as many rooted forms, without symmetry, at each.
    edges = [sum(rooted[i] * rooted[n - i] for i in range(n + 1)) for n in range(most + 1)]
    return tuple(rooted[n] - (edges[n] + (0 if n % 2 else rooted[n // 2])) // 2 for n in range(most + 1))


def merging_counts(vertices: int, edges: int) -> list[int]:
    """How many sequences the numbers of strongly connected components form while 0, 1, 2, ... edges are added.

    >>> merging_counts(3, 4)
    [1, 1, 2, 4, 7]
    """
    ways, counts = Counter({(vertices, 0): 1}), [1]  # by components, and merges so far
    for edge in range(1, edges + 1):
        grown = Counter[tuple[int, int]]()
        for (components, merges), count in ways.items():
            for fewer in range(1, components + 1):
                again = merges + (fewer < components)
                # The vertices of a component hang together by edges that merge nothing, and each merge takes one more.
                enough = fewer == components or edge >= vertices - fewer + again
                if enough and edge <= comb(vertices, 2) + comb(vertices - fewer + 1, 2):
                    grown[fewer, again] += count
        ways = grown
        counts.append(ways.total())
    return counts


def by_large_factor(numbers: Sequence[int]) -> list[list[int]]:
    """The small prime factors of numbers, as bits, in groups of those that share a large one.

    Small are those up to the root of the largest number; numbers that have no other factor are alone.

    >>> by_large_factor([6, 4, 7, 14])  # 2 and 3 are small
    [[3], [1], [0, 1]]
    """
    primes = [p for p in range(2, isqrt(max(numbers)) + 1) if all(p % d for d in range(2, p))]
    groups: dict[int, list[int]] = {}
    for number in numbers:
        large = number
        for p in primes:
            while large % p == 0:
                large //= p
        mask = sum(1 << i for i, p in enumerate(primes) if number % p == 0)
        groups.setdefault(large if large > 1 else -number, []).append(mask)
    return list(groups.values())


def coloured(ways: Counter, factors: Iterable[int], side: int) -> Counter:
    """The ways after numbers with these factors joined one side or none; `ways` go by the factors of both sides."""
    for mask in factors:
        grown = ways.copy()
        for sides, count in ways.items():
            if not mask & sides[1 - side]:
                joined = sides[side] | mask
                grown[(sides[0], joined) if side else (joined, sides[1])] += count
        ways = grown
    return ways
