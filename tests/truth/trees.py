"""Trees by trying everything: all growths, all choices of vertices, all trees."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import combinations, combinations_with_replacement, islice, pairwise, permutations, product
from math import ceil
from typing import Any

from whetstone.envs.truth import truth

FAR = 10**6


def table(edges: Iterable[Sequence[int]], vertices: int) -> list[list[int]]:
    """All distances (Floyd and Warshall), edges of two numbers being of length 1."""
    far = [[FAR * (u != v) for v in range(vertices)] for u in range(vertices)]
    for u, v, *length in edges:
        far[u][v] = far[v][u] = min(far[u][v], length[0] if length else 1)
    for k, u, v in product(range(vertices), repeat=3):
        far[u][v] = min(far[u][v], far[u][k] + far[k][v])
    return far


def subsets(things: Iterable[int]) -> list[list[int]]:
    pool = list(things)
    return [list(chosen) for size in range(len(pool) + 1) for chosen in combinations(pool, size)]


def between(far: list[list[int]], u: int, v: int) -> frozenset[int]:
    """The vertices on the path from u to v."""
    return frozenset(x for x in range(len(far)) if far[u][x] + far[x][v] == far[u][v])


@truth("trees/banyan_heart", levels=(0, 1, 2, 3), seeds=25)
def banyan_heart(problem: Any) -> None:
    n = len(problem.edges) + 1
    far = table(problem.edges, n)
    states, ends = [(frozenset([0]), 0)], set()
    seen = set(states)
    for present, heart in states:
        if len(present) == n:
            ends.add(heart)
        for new in range(n):
            if new not in present and any(far[new][old] == 1 for old in present):
                step = next(v for v in range(n) if far[heart][v] == 1 and far[v][new] == far[heart][new] - 1)
                if (state := (present | {new}, step)) not in seen:
                    seen.add(state)
                    states.append(state)
    right = "".join("T" if v in ends else "F" for v in range(n))
    assert problem.solution == right and problem.check("T" * n).score == problem.check("F" * n).score == 0
    for v in range(n):
        assert problem.check(right[:v] + ("F" if right[v] == "T" else "T") + right[v + 1 :]).score < 1


@truth("trees/dyn_dynamite", sizes=[(3, 1), (5, 2), (7, 2), (8, 3)], seeds=20)
def dyn_dynamite(problem: Any) -> None:
    n = len(problem.edges) + 1
    far = table(problem.edges, n)
    radius = {
        chosen: max(min(far[key][centre] for centre in chosen) for key in problem.keys)
        for chosen in combinations(range(n), problem.centres)
    }
    for chosen, value in radius.items():
        assert problem.check(list(chosen)).correct == (value == min(radius.values()))
    assert problem.check([0] * (problem.centres + 1)).kind == "invalid"


@truth("trees/gas_fire_extinguishers", sizes=[(3,), (5,), (7,), (8,)], seeds=18)
def gas_fire_extinguishers(problem: Any) -> None:
    n = len(problem.edges) + 1
    far = table(problem.edges, n)

    def suffices(stations: Sequence[int]) -> bool:
        """Whether all vertices find a place at these stations, moving others to other places where needed."""
        places = [v for v in stations for _ in range(problem.served)]
        taken: dict[int, int] = {}

        def seated(u: int, tried: set[int]) -> bool:
            for place, v in enumerate(places):
                if far[u][v] <= problem.reach and place not in tried:
                    tried.add(place)
                    if place not in taken or seated(taken[place], tried):
                        taken[place] = u
                        return True
            return False

        return all(seated(u, set()) for u in range(n))

    def cost(picks: Sequence[int]) -> int:
        return sum(ceil(picks.count(v) / problem.served) for v in range(n))

    counts = (t for t in range(1, n + 1) if any(map(suffices, combinations_with_replacement(range(n), t))))
    assert cost(problem.solution) == (best := next(counts))
    near = [[v for v in range(n) if far[u][v] <= problem.reach] for u in range(n)]
    for i in range(20):
        picks = [each[i * (u + 1) // 3 % len(each)] for u, each in enumerate(near)]
        assert problem.check(picks).correct == (cost(picks) == best)
    for u, v in permutations(range(n), 2):
        if far[u][v] > problem.reach:
            assert problem.check([v if x == u else x for x in range(n)]).kind == "invalid"


@truth("trees/link_beads", sizes=[(3, 9), (4, 9), (5, 9), (6, 9)], seeds=18)
def link_beads(problem: Any) -> None:
    pairs = [frozenset(edge[:2]) for edge in problem.edges]

    def grows(colour: dict[frozenset[int], str]) -> bool:
        """Whether these edges can be undone, step by step, until one vertex is left."""
        if not colour:
            return True
        for v in {v for pair in colour for v in pair}:
            around = [pair for pair in colour if v in pair]
            rest = {pair: c for pair, c in colour.items() if v not in pair}
            if [colour[pair] for pair in around] == ["red"] and grows(rest):
                return True
            if [colour[pair] for pair in around] == ["blue", "blue"]:
                rest[around[0] ^ around[1]] = "red"
                if grows(rest):
                    return True
        return False

    best = 0
    for blue in subsets(range(len(pairs))):
        value = sum(problem.edges[i][2] for i in blue)
        if value > best and grows({pair: "blue" if i in blue else "red" for i, pair in enumerate(pairs)}):
            best = value
    assert problem.solution == best


@truth("trees/max_tree_k_path_coverage", sizes=[(4, 6, 1), (5, 7, 2)], seeds=35)
def max_tree_k_path_coverage(problem: Any) -> None:
    n = len(problem.edges) + 1
    far = table(problem.edges, n)
    paths = {between(far, u, v) for u, v in combinations(range(n), 2)}
    covers = {frozenset[int]()}
    for _ in range(problem.paths):
        covers = {cover | way for cover in covers for way in paths}
    assert problem.solution == max(map(len, covers))


@truth("trees/max_tree_xor_path", sizes=[(4, 3), (6, 4), (8, 4)], seeds=20)
def max_tree_xor_path(problem: Any) -> None:
    n = len(problem.edges) + 1
    far = table([edge[:2] for edge in problem.edges], n)
    value = {}
    for u, v in product(range(n), repeat=2):
        value[u, v] = 0
        for x, y, number in problem.edges:
            value[u, v] ^= number * ({x, y} <= between(far, u, v))
    for (u, v), found in value.items():
        assert problem.check([u, v]).correct == (found == max(value.values()))
    assert problem.check([0, n]).kind == "invalid"


@truth("trees/maximum_independent_set_tree", levels=(0, 2, 4), seeds=20)
def maximum_independent_set_tree(problem: Any) -> None:
    free = {}
    for chosen in subsets(range(len(problem.weights))):
        if any(u in chosen and v in chosen for u, v in problem.edges):
            assert problem.check(chosen).kind == "invalid"
        else:
            free[tuple(chosen)] = sum(problem.weights[v] for v in chosen)
    for chosen, weight in free.items():
        assert problem.check(list(chosen)).correct == (weight == max(free.values()))


@truth("trees/min_cost_tree_coverage", sizes=[(3, 1), (5, 2), (7, 3)], seeds=20)
def min_cost_tree_coverage(problem: Any) -> None:
    n = len(problem.costs)
    far = table(problem.edges, n)
    covers = {}
    for chosen in subsets(range(n)):
        if all(any(far[u][v] <= problem.reach for v in chosen) for u in problem.required):
            covers[tuple(chosen)] = sum(problem.costs[v] for v in chosen)
        else:
            assert problem.check(chosen).kind == "invalid"
    for chosen, cost in covers.items():
        assert problem.check(list(chosen)).correct == (cost == min(covers.values()))


@truth("trees/mitter_transportation", sizes=[(3,), (5,), (7,)], seeds=25)
def mitter_transportation(problem: Any) -> None:
    n = len(problem.values)
    children = [[child for parent, child in problem.edges if parent == v] for v in range(n)]

    def possible(kept: list[int]) -> bool:
        """Whether what follows from the kept values, one after the other, is free of contradiction."""
        value = {v: float(problem.values[v]) for v in kept}
        for _ in range(n):
            for v in range(n):
                known = {round(value[child], 6) for child in children[v] if child in value}
                if v in value and children[v]:
                    known.add(round(value[v] / len(children[v]), 6))
                if len(known) > 1:
                    return False
                if known:
                    value |= dict.fromkeys(children[v], next(iter(known)))
                    value[v] = next(iter(known)) * len(children[v])
        return True

    assert problem.solution == n - max(len(kept) for kept in subsets(range(n)) if possible(kept))


@truth("trees/most_component_tree_removing_two_paths", sizes=[(4, 6), (5, 8)], seeds=35)
def most_component_tree_removing_two_paths(problem: Any) -> None:
    n = len(problem.edges) + 1
    far = table(problem.edges, n)
    paths = {between(far, u, v) for u in range(n) for v in range(n)}
    inner = {way: {edge for edge in problem.edges if way.issuperset(edge)} for way in paths}
    gone = {a | b for a in paths for b in paths if not inner[a] & inner[b]}

    def components(left: set[int]) -> int:
        count = 0
        while left:
            count, stack = count + 1, [left.pop()]
            while stack:
                u = stack.pop()
                near = {v for v in left if far[u][v] == 1}
                left -= near
                stack += near
        return count

    assert problem.solution == max(components(set(range(n)) - each) for each in gone)


@truth("trees/multidrink", levels=(0, 1, 2), seeds=25)
def multidrink(problem: Any) -> None:
    n = len(problem.edges) + 1
    far = table(problem.edges, n)
    for order in permutations(range(n)):
        assert problem.check(list(order)).correct == all(far[u][v] <= 2 for u, v in pairwise(order))
    assert problem.check([*problem.solution[1:], problem.solution[1]]).kind == "invalid"


@truth("trees/patrol", sizes=[(4,), (5,), (6,)], seeds=20)
def patrol(problem: Any) -> None:
    # A closed walk uses each edge a number of times such that all degrees are even: once or twice those of the tree.
    n = len(problem.edges) + 1
    ends = lambda u, v: (1 << u) ^ (1 << v)  # noqa: E731
    cheapest: dict[int, int] = {}
    for times in product((1, 2), repeat=n - 1):
        odd = 0
        for (u, v), each in zip(problem.edges, times, strict=True):
            odd ^= ends(u, v) * (each % 2)
        cheapest[odd] = min(cheapest.get(odd, FAR), sum(times))
    new = [ends(u, v) for u in range(n) for v in range(u, n)]
    if problem.roads == 2:
        new = [a ^ b for a in new for b in new]
    assert problem.solution == problem.roads + min(cheapest[odd] for odd in new)


@truth("trees/pol_polarization", sizes=[(4,), (5,), (6,)], seeds=25)
def pol_polarization(problem: Any) -> None:
    n, best = len(problem.edges) + 1, 0
    for turned in product((False, True), repeat=n - 1):
        after: list[set[int]] = [set() for _ in range(n)]
        for (u, v), turn in zip(problem.edges, turned, strict=True):
            after[v if turn else u].add(u if turn else v)
        for _ in range(n):
            after = [each.union(*(after[v] for v in each)) for each in after]
        best = max(best, sum(map(len, after)))
    assert problem.solution == best


@truth("trees/tree_add_one_edge_diameter", sizes=[(4,), (5,), (6,)], seeds=20)
def tree_add_one_edge_diameter(problem: Any) -> None:
    n = len(problem.edges) + 1
    widest = {}
    for x, y in combinations(range(n), 2):
        widest[x, y] = max(map(max, table([*problem.edges, (x, y, problem.length)], n)))
    for (x, y), value in widest.items():
        assert problem.check([y, x]).correct == (value == min(widest.values()))
    assert problem.check([1, 1]).kind == "invalid"


@truth("trees/tree_center", levels=(0, 2, 4), seeds=20)
def tree_center(problem: Any) -> None:
    n = len(problem.people)
    far = table(problem.edges, n)
    total = [sum(far[place][v] * problem.people[v] for v in range(n)) for place in range(n)]
    for place in range(n):
        assert problem.check(place).correct == (total[place] == min(total))
    assert problem.check(n).kind == problem.check(-1).kind == "invalid"


@truth("trees/tree_change_one_edge_diameter", levels=(0, 1, 2), seeds=20)
def tree_change_one_edge_diameter(problem: Any) -> None:
    n = len(problem.edges) + 1
    found = {}
    for edge in problem.edges:
        for new in combinations(range(n), 2):
            diameter = max(map(max, table([*(set(problem.edges) - {edge}), new], n)))
            if diameter < FAR:
                found[*edge, *new] = diameter
            else:
                assert problem.check([*edge, *new]).kind == "invalid"
    best = max(found.values()) if problem.longest else min(found.values())
    for move, diameter in found.items():
        assert problem.check(list(move)).correct == (diameter == best)


@truth("trees/tree_coloring", sizes=[(3, 9), (5, 9), (7, 9)], seeds=20)
def tree_coloring(problem: Any) -> None:
    n = len(problem.edges) + 1
    far = table(problem.edges, n)
    value = {}
    for black in combinations(range(n), problem.count):
        white = set(range(n)) - set(black)
        value[black] = sum(far[u][v] for colour in (black, white) for u, v in combinations(colour, 2))
    for black, found in value.items():
        assert problem.check(list(black)).correct == (found == max(value.values()))


@truth("trees/tree_distance_equal_triad_counting", levels=(2, 4, 6), seeds=20)
def tree_distance_equal_triad_counting(problem: Any) -> None:
    n = len(problem.edges) + 1
    far = table(problem.edges, n)
    assert problem.solution == sum(far[a][b] == far[b][c] == far[a][c] for a, b, c in combinations(range(n), 3))


@truth("trees/tree_dynamic_xor_zero_path", levels=(0, 2, 4), seeds=20)
def tree_dynamic_xor_zero_path(problem: Any) -> None:
    n, counts = len(problem.edges) + 1, []
    for gone in range(n):
        left = problem.edges[gone:]
        far = table([edge[:2] for edge in left], n)
        count = 0
        for u, v in combinations(range(n), 2):
            if far[u][v] < FAR:
                numbers, fold = [w for x, y, w in left if {x, y} <= between(far, u, v)], 0
                for number in numbers:
                    fold ^= number
                count += fold == 0
        counts.append(count)
    assert problem.solution == counts and problem.check(counts).correct
    assert not problem.check([counts[0] + 1, *counts[1:]]).correct


@truth("trees/tree_even_partitioning", sizes=[(2, 2), (3, 2), (2, 3), (2, 4)], seeds=20)
def tree_even_partitioning(problem: Any) -> None:
    n, size = len(problem.edges) + 1, problem.size

    def connected(group: Sequence[int]) -> bool:
        far = table([edge for edge in problem.edges if set(edge) <= set(group)], n)
        return all(far[group[0]][v] < FAR for v in group)

    good = {group for group in combinations(range(n), size) if connected(group)}
    for order in [tuple(v for group in problem.solution for v in group), *islice(permutations(range(n)), 0, 4000, 211)]:
        groups = [list(order[i : i + size]) for i in range(0, n, size)]
        assert problem.check(groups).score == sum(tuple(sorted(group)) in good for group in groups) / len(groups)
    assert problem.check([*problem.solution[1:], problem.solution[1]]).kind == "invalid"
    assert problem.check(problem.solution[1:]).kind == "invalid"


@truth("trees/tree_maximum_visited_vertex", sizes=[(3,), (4,), (5,)], seeds=30)
def tree_maximum_visited_vertex(problem: Any) -> None:
    n = len(problem.edges) + 1
    far = table(problem.edges, n)
    walks = [[0]]
    for _ in range(problem.steps):
        walks = [[*way, v] for way in walks for v in range(n) if far[way[-1]][v] == 1]
    most = max(len(set(way)) for way in walks)
    for way in [problem.solution, *walks[:: len(walks) // 100 + 1]]:
        assert problem.check(way).correct == (len(set(way)) == most)
        assert problem.check(way[:-1]).kind == problem.check([*way[:-1], way[-2]]).kind == "invalid"
