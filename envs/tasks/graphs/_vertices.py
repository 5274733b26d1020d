"""Searches through sets of vertices, which are bits of an integer."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import cache
from math import isqrt

import numpy as np

from whetstone.envs.tasks.graphs.lib import Edge, Weighted, bits


def heaviest_independent_set(adjacent: Sequence[int], weights: Sequence[int]) -> int:
    """A set of pairwise non-adjacent vertices with the largest total of positive weights.

    >>> heaviest_independent_set([0b010, 0b101, 0b010], [2, 3, 2])
    5
    """

    @cache
    def best(free: int) -> tuple[int, int]:
        degree, v = max(((adjacent[u] & free).bit_count(), u) for u in bits(free)) if free else (0, 0)
        if degree == 0:
            return sum(weights[u] for u in bits(free)), free
        value, chosen = best(free & ~adjacent[v] & ~(1 << v))
        return max((value + weights[v], chosen | 1 << v), best(free & ~(1 << v)))

    return best((1 << len(adjacent)) - 1)[1]


def heaviest_matching(vertices: int, edges: Iterable[Weighted]) -> tuple[Edge, ...]:
    """Edges without a common end, of the largest total weight.

    >>> heaviest_matching(4, [(0, 1, 3), (1, 2, 5), (2, 3, 3)])
    ((0, 1), (2, 3))
    """
    up: list[list[Edge]] = [[] for _ in range(vertices)]
    for u, v, w in edges:
        up[u].append((v, w))

    @cache
    def best(free: int) -> tuple[int, tuple[Edge, ...]]:
        if not free:
            return 0, ()
        u, rest = (free & -free).bit_length() - 1, free & (free - 1)
        options = [best(rest)]
        for v, w in up[u]:
            if rest >> v & 1:
                weight, chosen = best(rest ^ 1 << v)
                options.append((weight + w, ((u, v), *chosen)))
        return max(options)

    return best((1 << vertices) - 1)[1]


def lightest_cover(sets: Sequence[int], costs: Sequence[int]) -> list[int]:
    """The places of sets of the smallest total cost that together cover what all of them cover.

    >>> lightest_cover([0b011, 0b110, 0b101, 0b111], [1, 1, 1, 3])
    [0, 1]
    """
    everything = 0
    for each in sets:
        everything |= each
    holders = {e: sum(1 << i for i, each in enumerate(sets) if each >> e & 1) for e in bits(everything)}
    cheapest = min(cost / each.bit_count() for each, cost in zip(sets, costs, strict=True))
    best, found = sum(costs) + 1, []

    def search(missing: int, allowed: int, cost: int, chosen: list[int]) -> None:
        nonlocal best, found
        if cost + cheapest * missing.bit_count() > best - 1 + 1e-9:  # costs are integers
            return
        if not missing:
            best, found = cost, chosen
            return
        options = min((holders[e] & allowed for e in bits(missing)), key=int.bit_count)
        for i in sorted(bits(options), key=lambda i: costs[i] / (sets[i] & missing).bit_count()):
            search(missing & ~sets[i], allowed, cost + costs[i], [*chosen, i])
            allowed &= ~(1 << i)

    search(everything, (1 << len(sets)) - 1, 0, [])
    return found


def least_colouring(adjacent: Sequence[int]) -> list[int]:
    """A proper colouring with the fewest colours: ever more are tried, always on the most constrained vertex."""

    def extended(rest: int, classes: list[int], limit: int) -> list[int] | None:
        if not rest:
            return classes
        _, _, v = max((sum(adjacent[v] & c > 0 for c in classes), adjacent[v].bit_count(), v) for v in bits(rest))
        for i, members in enumerate([*classes, 0][:limit]):
            if not adjacent[v] & members:
                found = extended(rest ^ 1 << v, [*classes[:i], members | 1 << v, *classes[i + 1 :]], limit)
                if found:
                    return found
        return None

    limit = 1
    while not (classes := extended((1 << len(adjacent)) - 1, [], limit)):
        limit += 1
    return numbered(classes)


@cache
def is_prime(n: int) -> bool:
    """Whether n is a prime, by trial division."""
    return n > 1 and all(n % d for d in range(2, isqrt(n) + 1))


def numbered(classes: Sequence[int]) -> list[int]:
    """For every vertex the place of the set that holds it.

    >>> numbered([0b101, 0b010])
    [0, 1, 0]
    """
    return [place for _, place in sorted((v, place) for place, members in enumerate(classes) for v in bits(members))]


def harmonious(adjacent: Sequence[int]) -> list[int]:
    """A proper colouring with the fewest colours in which any two colours meet on at most one edge.

    >>> harmonious([0b0010, 0b0101, 0b1010, 0b0100])
    [2, 0, 1, 2]
    """
    order = sorted(range(len(adjacent)), key=lambda v: -adjacent[v].bit_count())
    colours: dict[int, int] = {}

    def extended(met: list[int], limit: int) -> bool:
        """Whether the colouring can be completed; `met` are the colours that each colour used meets already."""
        if len(colours) == len(order):
            return True
        v = order[len(colours)]
        around = [colours[u] for u in bits(adjacent[v]) if u in colours]
        beside = sum(1 << c for c in set(around))
        if beside.bit_count() < len(around):
            return False
        for colour, known in enumerate([*met, 0][:limit]):
            if not (known | 1 << colour) & beside:
                more = [m | (beside >> c & 1) << colour for c, m in enumerate([*met, 0])]
                more[colour] |= beside
                colours[v] = colour
                if extended(more[: max(len(met), colour + 1)], limit):
                    return True
                del colours[v]
        return False

    limit = 1
    while not extended([], limit):
        limit += 1
    return [colours[v] for v in range(len(adjacent))]


def independent_sets(adjacent: Sequence[int]) -> int:
    """How many sets of vertices, the empty one included, have no two adjacent vertices.

    >>> independent_sets([0b010, 0b101, 0b010])
    5
    """

    @cache
    def count(free: int) -> int:
        if not free:
            return 1
        component, fresh = 0, free & -free
        while fresh:
            component |= fresh & -fresh
            fresh = (fresh | adjacent[(fresh & -fresh).bit_length() - 1]) & free & ~component
        if component != free:
            return count(component) * count(free ^ component)
        v = max(bits(free), key=lambda v: (adjacent[v] & free).bit_count())
        return count(free & ~(1 << v)) + count(free & ~(1 << v) & ~adjacent[v])

    return count((1 << len(adjacent)) - 1)


def least_cut(adjacent: Sequence[int], sets: int) -> list[int]:
    """For every vertex one of `sets` sets, none empty, with the fewest edges between different sets.

    >>> least_cut([0b0010, 0b1101, 0b1010, 0b0110], 2)
    [1, 0, 0, 0]
    """
    order, rest, placed = [], set(range(len(adjacent))), 0
    while rest:  # those with many neighbours before them come early: a wrong set shows at once
        v = max(rest, key=lambda v: ((adjacent[v] & placed).bit_count(), adjacent[v].bit_count()))
        order.append(v)
        rest.remove(v)
        placed |= 1 << v
    best, found = placed.bit_count() ** 2, []

    def place(i: int, done: int, groups: list[int], crossing: int) -> None:
        nonlocal best, found
        if crossing >= best or len(order) - i < sets - len(groups):
            return
        if i == len(order):
            best, found = crossing, groups
            return
        near, v = adjacent[order[i]] & done, 1 << order[i]
        options = [((near & ~members).bit_count(), at) for at, members in enumerate([*groups, 0][:sets])]
        for more, at in sorted(options):
            members = (groups[at] if at < len(groups) else 0) | v
            place(i + 1, done | v, [*groups[:at], members, *groups[at + 1 :]], crossing + more)

    place(0, 0, [], 0)
    return numbered(found)


def routes(vertices: int, edges: Sequence[Weighted]) -> list[list[tuple[int, int]]]:
    """The length and the edges (as bits) of a shortest path between any two vertices of a connected graph."""
    far = sum(w for *_, w in edges) + 1
    table = [[(0, 0) if u == v else (far, 0) for v in range(vertices)] for u in range(vertices)]
    for i, (u, v, w) in enumerate(edges):
        table[u][v] = table[v][u] = (w, 1 << i)
    for k, middle in enumerate(table):
        for i, row in enumerate(table):
            first, left = row[k]
            if i != k and first < far:
                for j, (second, right) in enumerate(middle):
                    if first + second < row[j][0]:
                        row[j] = (first + second, left | right)
    return table


def steiner_tree(vertices: int, edges: Sequence[Weighted], terminals: Sequence[int]) -> list[int]:
    """The places of the lightest edges that connect the terminals (Dreyfus and Wagner)."""
    table = routes(vertices, edges)
    best = {1 << i: table[terminal] for i, terminal in enumerate(terminals)}  # by group and one more vertex to reach
    for group in range(1, 1 << len(terminals)):
        if group not in best:
            parts = [part for part in range(1, group) if part & group == part and part > group ^ part]
            met = [
                min((best[p][v][0] + best[group ^ p][v][0], best[p][v][1] | best[group ^ p][v][1]) for p in parts)
                for v in range(vertices)
            ]
            best[group] = [
                min((met[u][0] + row[u][0], met[u][1] | row[u][1]) for u in range(vertices)) for row in table
            ]
    return bits(min(best[(1 << len(terminals)) - 1])[1])


def layered_tree(vertices: int, edges: Iterable[Weighted]) -> list[list[int]]:
    """The root, then the edges of a spanning tree with the smallest sum of weight times depth of the lower end.

    >>> layered_tree(3, [(0, 1, 1), (0, 2, 4), (1, 2, 2)])
    [[1], [1, 0], [1, 2]]
    """
    far = 10**9
    weight = np.full((vertices, vertices), far)
    for u, v, w in edges:
        weight[u, v] = weight[v, u] = w
    depths, everything = np.arange(1, vertices)[:, None], (1 << vertices) - 1
    cost = np.full((vertices, everything + 1), far)  # of the tree so far, by its depth and its vertices
    cost[0, 1 << np.arange(vertices)] = 0
    without = np.zeros(cost.shape, dtype=int)  # the last layer
    for inside in range(1, everything):
        layer, added = np.zeros(1, dtype=int), np.zeros(1, dtype=int)  # every set of vertices outside, and its weight
        for v in bits(everything ^ inside):
            nearest = weight[bits(inside), v].min()
            layer, added = np.concatenate([layer, layer | 1 << v]), np.concatenate([added, added + nearest])
        options, grown = cost[:-1, inside, None] + depths * added[1:], inside | layer[1:]
        better = options < cost[1:, grown]
        cost[1:, grown] = np.where(better, options, cost[1:, grown])
        without[1:, grown] = np.where(better, inside, without[1:, grown])
    inside, tree = everything, []
    for depth in range(int(cost[:, everything].argmin()), 0, -1):
        before = int(without[depth, inside])
        tree += [[min((weight[u, v], u) for u in bits(before))[1], v] for v in bits(inside ^ before)]
        inside = before
    return [bits(inside), *tree]
