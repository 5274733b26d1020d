"""What graph tasks share: drawing, describing and reading graphs, and exact algorithms that several solvers use.

Edges are tuples (u, v) or (u, v, weight) with u < v. Sets of vertices inside solvers are the bits of an integer.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from itertools import combinations

import numpy as np

from whetstone.envs.core import Rng

Edge = tuple[int, int]
Weighted = tuple[int, int, int]

# -- drawing ------------------------------------------------------------------------------------------------------


@cache
def pairs(vertices: int) -> tuple[Edge, ...]:
    """Every pair u < v of vertices, in order."""
    return tuple(combinations(range(vertices), 2))


def random_graph(rng: Rng, vertices: int, edges: int) -> tuple[Edge, ...]:
    """This many random edges (all, where there are fewer), in order."""
    possible = pairs(vertices)
    return tuple(possible[i] for i in sorted(rng.permutation(len(possible))[:edges].tolist()))


def random_edges(rng: Rng, vertices: int, chances: np.ndarray) -> tuple[Edge, ...]:
    """Each of `pairs(vertices)` with its own chance."""
    possible = pairs(vertices)
    return tuple(possible[i] for i in np.flatnonzero(rng.random(len(possible)) < chances).tolist())


def random_tree(rng: Rng, vertices: int) -> list[Edge]:
    """A tree in which each vertex, in a random order, hangs on a random earlier one: edges in no order."""
    order = rng.permutation(vertices).tolist()
    above = (rng.random(vertices - 1) * np.arange(1, vertices)).astype(int).tolist()
    return [(order[a], v) for a, v in zip(above, order[1:], strict=True)]


def enlarged(rng: Rng, vertices: int, tree: Iterable[Edge], edges: int) -> tuple[Edge, ...]:
    """The edges of `tree` and random others, this many in all, in order."""
    possible, known = pairs(vertices), {(u, v) if u < v else (v, u) for u, v in tree}
    others = (possible[i] for i in rng.permutation(len(possible)).tolist() if possible[i] not in known)
    return tuple(sorted([*known, *(edge for edge, _ in zip(others, range(edges - len(known)), strict=False))]))


def connected_graph(rng: Rng, vertices: int, edges: int) -> tuple[Edge, ...]:
    """A connected graph with this many edges, in order."""
    return enlarged(rng, vertices, random_tree(rng, vertices), edges)


def weighted(rng: Rng, edges: Sequence[Edge], bound: int) -> tuple[Weighted, ...]:
    """The edges with weights drawn from 1..bound."""
    weights = rng.integers(1, bound, size=len(edges), endpoint=True).tolist()
    return tuple((u, v, w) for (u, v), w in zip(edges, weights, strict=True))


# -- describing and reading ---------------------------------------------------------------------------------------


def listed(edges: Iterable[Sequence[int]]) -> str:
    """Edges in one line.

    >>> listed([(0, 1), (1, 2)]), listed([(0, 1, 7)])
    ('0-1, 1-2', '0-1:7')
    """
    return ", ".join(f"{e[0]}-{e[1]}" + "".join(f":{w}" for w in e[2:]) for e in edges) or "none"


def described(vertices: int, edges: Sequence[Sequence[int]], directed: bool = False) -> str:
    """The sentence that gives a graph."""
    kind = "A directed" if directed else "An undirected"
    ends = "from-to" if directed else "end-end"
    form = f" ({ends}:weight)" if len(edges) and len(edges[0]) == 3 else ""
    return f"{kind} graph has the vertices 0 to {vertices - 1} and these edges{form}: {listed(edges)}"


def named(answer: Iterable[Sequence[int]], edges: Iterable[Sequence[int]]) -> list[Sequence[int]] | None:
    """The edges that an answer names by their ends, in either order; None unless they are different edges."""
    by_ends = {frozenset(edge[:2]): edge for edge in edges}
    found = [by_ends[ends] for pair in answer if (ends := frozenset(pair)) in by_ends]
    return found if len(set(found)) == len(list(answer)) else None


def different(answer: Sequence[int], vertices: int) -> bool:
    """Whether an answer names different vertices of 0 to `vertices` - 1."""
    return len(answer) == len(set(answer) & set(range(vertices)))


def proper(colours: Sequence[int], edges: Iterable[Sequence[int]]) -> bool:
    """Whether the ends of every edge have different colours."""
    return all(colours[u] != colours[v] for u, v, *_ in edges)


# -- components and trees -----------------------------------------------------------------------------------------


def components(vertices: int, edges: Iterable[Sequence[int]]) -> list[int]:
    """For every vertex the smallest one in its component."""
    component = list(range(vertices))
    for u, v, *_ in edges:
        if component[u] != component[v]:
            low, high = sorted((component[u], component[v]))
            component = [low if c == high else c for c in component]
    return component


def forest(vertices: int, edges: Iterable[Sequence[int]]) -> list[list[int]]:
    """The ends of the edges, taken in order, that join two components: a spanning forest."""
    component, joined = list(range(vertices)), []
    for u, v, *_ in edges:
        if component[u] != component[v]:
            component = [component[v] if c == component[u] else c for c in component]
            joined.append([u, v])
    return joined


def is_tree(vertices: int, edges: Sequence[Sequence[int]]) -> bool:
    """Whether these edges of a graph connect all its vertices without a cycle."""
    return len(edges) == vertices - 1 == len(forest(vertices, edges))


def spanning_trees(vertices: Sequence[int], edges: Iterable[Sequence[int]]) -> int:
    """The number of spanning trees of a multigraph: a determinant (matrix-tree theorem), without fractions.

    >>> spanning_trees([5, 6, 7], [(5, 6), (5, 6), (6, 7), (5, 7)])
    5
    """
    place = {v: i for i, v in enumerate(vertices)}
    laplacian = [[0] * len(place) for _ in place]
    for u, v, *_ in edges:
        i, j = place[u], place[v]
        if i != j:
            laplacian[i][i] += 1
            laplacian[j][j] += 1
            laplacian[i][j] -= 1
            laplacian[j][i] -= 1
    last, matrix = 1, [row[1:] for row in laplacian[1:]]
    while matrix:  # Bareiss; a zero pivot means determinant zero, because the matrix is positive semidefinite
        (pivot, *top), *rest = matrix
        if pivot == 0:
            return 0
        matrix = [[(pivot * a - row[0] * b) // last for a, b in zip(row[1:], top, strict=True)] for row in rest]
        last = pivot
    return last


def arborescence(root: int, edges: Sequence[tuple]) -> list[tuple]:
    """The lightest of the edges (from, to, weight, ...) that lead from `root` to every vertex (Edmonds)."""
    lightest: dict[int, tuple] = {}
    for edge in edges:
        if edge[1] != root and (edge[1] not in lightest or edge[2] < lightest[edge[1]][2]):
            lightest[edge[1]] = edge
    for start in lightest:
        walk = [start]
        while (v := lightest[walk[-1]][0]) in lightest and v not in walk:
            walk.append(v)
        if v in walk:
            cycle = set(walk[walk.index(v) :])
            break
    else:
        return list(lightest.values())
    # The cycle becomes one vertex, start of its first; an edge into it costs what it costs more than the one it ousts.
    contracted = []
    for edge in edges:
        s, t, w = edge[:3]
        if not (s in cycle and t in cycle):
            extra = w - lightest[t][2] if t in cycle else w
            contracted.append((v if s in cycle else s, v if t in cycle else t, extra, edge))
    chosen = [edge[3] for edge in arborescence(root, contracted)]
    entered = {edge[1] for edge in chosen}
    return chosen + [lightest[t] for t in cycle if t not in entered]


# -- sets of vertices as bits -------------------------------------------------------------------------------------


def bits(mask: int) -> list[int]:
    """The places of the ones.

    >>> bits(0b1101)
    [0, 2, 3]
    """
    found = []
    while mask:
        found.append((mask & -mask).bit_length() - 1)
        mask &= mask - 1
    return found


def neighbours(vertices: int, edges: Iterable[Sequence[int]]) -> list[int]:
    """For every vertex the set of its neighbours."""
    adjacent = [0] * vertices
    for u, v, *_ in edges:
        adjacent[u] |= 1 << v
        adjacent[v] |= 1 << u
    return adjacent


def divisions(adjacent: Sequence[int]) -> list[tuple[int, ...]]:
    """Every division of the vertices into independent sets, these in the order of their smallest vertices.

    >>> divisions([0b010, 0b101, 0b010])
    [(5, 2), (1, 2, 4)]
    """
    found: list[tuple[int, ...]] = [()]
    for v, near in enumerate(adjacent):
        found = [
            (*sets[:i], members | 1 << v, *sets[i + 1 :])
            for sets in found
            for i, members in enumerate((*sets, 0))
            if not members & near
        ]
    return found


# -- each vertex with one target ----------------------------------------------------------------------------------


def trail(targets: Mapping[int, int], start: int) -> list[int]:
    """The vertices from `start` along the targets, to where there is none or a vertex comes again."""
    walk, seen = [start], {start}
    while (v := targets.get(walk[-1], start)) not in seen:
        walk.append(v)
        seen.add(v)
    return walk


def cheapest_cycle(sources: Sequence[int], weights: Sequence[int]) -> list[int]:
    """From what to enter each vertex to go round all in one cycle, where i weighs nothing if entered from `sources[i]`.

    The edges that are kept are the heaviest that form paths, which are then joined in any order.

    >>> cheapest_cycle([1, 0, 1], [5, 2, 4])
    [2, 0, 1]
    """
    heaviest = sorted(range(len(sources)), key=lambda i: -weights[i])
    groups = [[i for i in heaviest if sources[i] == u] for u in range(len(sources))]
    loss = [sum(weights[i] for i in group[:1]) - sum(weights[i] for i in group[1:2]) for group in groups]
    kept = {u: group[0] for u, group in enumerate(groups) if group}
    for start in range(len(sources)):
        walk = trail(kept, start)
        if kept.get(walk[-1]) == start and len(walk) < len(sources):  # a cycle: the second best edge goes elsewhere
            u = min(walk, key=loss.__getitem__)
            del kept[u]
            if len(groups[u]) > 1:
                kept[u] = groups[u][1]
    starts = sorted(set(range(len(sources))) - set(kept.values())) or [0]
    order = [v for start in starts for v in trail(kept, start)]
    before = dict(zip(order, order[-1:] + order, strict=False))
    return [before[v] for v in range(len(sources))]


def least_swaps(first: Sequence[int], second: Sequence[int]) -> list[int]:
    """The fewest columns to swap such that neither row holds a number twice, where the two rows hold each twice.

    >>> least_swaps([1, 2, 2], [3, 1, 3])
    [2]
    """
    rows, places = (first, second), {}
    for place in ((row, column) for row in (0, 1) for column in range(len(first))):
        places.setdefault(rows[place[0]][place[1]], []).append(place)
    seen: set[int] = set()
    swapped = []
    for start in range(len(first)):
        row, column = 0, start
        sides: tuple[list[int], list[int]] = ([], [])  # of the columns in a round, those on one side must be swapped
        while column not in seen:
            seen.add(column)
            sides[row].append(column)  # its number in `row` shall be above; so must the other copy of the one below
            copies = places[rows[1 - row][column]]
            row, column = copies[copies[0] == (1 - row, column)]
        swapped += min(sides, key=len)
    return sorted(swapped)


def deadliest(targets: Sequence[int]) -> list[int]:
    """An order of acting in which the living kill their targets and as many as possible die.

    Whoever acts after the target can still be killed by a hunter who acts later, so only those without a hunter
    survive, and one on each cycle of two or more that nobody outside hunts.

    >>> deadliest([1, 2, 2])
    [1, 0, 2]
    """
    on_cycles = set(range(len(targets)))
    for _ in targets:
        on_cycles = {targets[v] for v in on_cycles}
    hunters: list[list[int]] = [[] for _ in targets]
    for v, target in enumerate(targets):
        if v not in on_cycles:
            hunters[target].append(v)
    order, last, later = [], [], sorted(on_cycles)
    for start in sorted(on_cycles, key=lambda v: not hunters[v]):
        if start not in order and start not in last:
            cycle = [start]
            while targets[cycle[-1]] != start:
                cycle.append(targets[cycle[-1]])
            order += cycle[-2::-1]
            last.append(cycle[-1])
    for v in later:
        later += hunters[v]
    return order + later[len(on_cycles) :] + last


def killed(targets: Sequence[int], order: Iterable[int]) -> int:
    """How many are dead after all have acted in this order."""
    dead: set[int] = set()
    for v in order:
        if v not in dead:
            dead.add(targets[v])
    return len(dead)


def mildest(targets: Sequence[int]) -> list[int]:
    """An order of acting in which the living kill their targets and as few as possible die.

    Those without a living hunter act first: they survive in any case, and their targets harm nobody.

    >>> mildest([1, 2, 2])
    [0, 2, 1]
    """
    hunters = [0] * len(targets)
    for target in targets:
        hunters[target] += 1
    order: list[int] = []
    dead: set[int] = set()
    for start in sorted(range(len(targets)), key=hunters.__getitem__):  # in the end only cycles are left
        v = start
        while v not in dead and v not in order and (v == start or not hunters[v]):
            order.append(v)
            victim = targets[v]
            if victim not in dead:
                dead.add(victim)
                v = targets[victim]
                hunters[v] -= 1
    return order + sorted(dead - set(order))
