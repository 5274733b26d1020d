"""Sets and colourings of vertices, found by trying everything."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from itertools import combinations, product
from typing import Any

from whetstone.envs.truth import truth


def judged(problem: Any, answers: Iterable[Any], value: Callable[[Any], int | None], best: Callable = min) -> None:
    """Of these answers exactly those of the best value are correct, and those without a value are invalid."""
    values = [(answer, value(answer)) for answer in answers]
    optimum = best(v for _, v in values if v is not None)
    assert value(problem.solution) == optimum
    for answer, v in values:
        verdict = problem.check(answer)
        assert (verdict.kind == "graded") == (v is not None), answer
        assert verdict.correct == (v == optimum), answer


def subsets(count: int) -> Iterator[list[int]]:
    return (list(chosen) for size in range(count + 1) for chosen in combinations(range(count), size))


def colourings(count: int) -> Iterator[list[int]]:
    """One for each way to group things: every colour is used before the next."""

    def grow(colours: list[int]) -> Iterator[list[int]]:
        if len(colours) == count:
            yield colours
        else:
            for colour in range(max(colours, default=-1) + 2):
                yield from grow([*colours, colour])

    return grow([])


def refuses_bad_sets(problem: Any, count: int) -> None:
    for wrong in ([0, 0], [-1], [count], list(range(count)) * 2):
        assert problem.check(wrong).kind == "invalid"


def refuses_bad_colourings(problem: Any) -> None:
    assert problem.check(problem.solution[1:]).kind == problem.check([*problem.solution, 0]).kind == "invalid"
    assert problem.check([10**30 - colour for colour in problem.solution]).correct


@truth("graphs/maximum_clique", levels=(0, 1, 3), seeds=30)
def maximum_clique(problem: Any) -> None:
    clique = lambda chosen: len(chosen) if all(pair in problem.edges for pair in combinations(chosen, 2)) else None  # noqa: E731
    judged(problem, subsets(problem.vertices), clique, max)
    refuses_bad_sets(problem, problem.vertices)


@truth("graphs/minimum_vertex_cover", levels=(0, 2, 4), seeds=20)
def minimum_vertex_cover(problem: Any) -> None:
    def cost(chosen: list[int]) -> int | None:
        covered = all(u in chosen or v in chosen for u, v in problem.edges)
        return sum(problem.costs[v] for v in chosen) if covered else None

    judged(problem, subsets(problem.vertices), cost)
    refuses_bad_sets(problem, problem.vertices)


@truth("graphs/minimum_dominating_set", levels=(0, 2, 4), seeds=20)
def minimum_dominating_set(problem: Any) -> None:
    def cost(chosen: list[int]) -> int | None:
        for v in range(problem.vertices):
            if v not in chosen and not any((min(u, v), max(u, v)) in problem.edges for u in chosen):
                return None
        return sum(problem.costs[v] for v in chosen)

    judged(problem, subsets(problem.vertices), cost)
    refuses_bad_sets(problem, problem.vertices)


@truth("graphs/vertex_k_center", sizes=[(4, 1), (5, 2), (6, 3)], seeds=20)
def vertex_k_center(problem: Any) -> None:
    def distance(start: int, goals: list[int]) -> int:
        lengths = {start: 0}
        while True:
            steps = [(lengths[a] + w, b) for u, v, w in problem.edges for a, b in ((u, v), (v, u)) if a in lengths]
            shorter = {b: length for length, b in sorted(steps, reverse=True) if length < lengths.get(b, 10**9)}
            if not shorter:
                return min(lengths[goal] for goal in goals)
            lengths |= shorter

    everywhere = {(u, v): distance(u, [v]) for u in range(problem.vertices) for v in range(problem.vertices)}

    def radius(chosen: list[int]) -> int | None:
        if len(chosen) != problem.centers:
            return None
        return max(min(everywhere[u, v] for v in chosen) for u in range(problem.vertices))

    judged(problem, subsets(problem.vertices), radius)
    refuses_bad_sets(problem, problem.vertices)


@truth("graphs/imp_party", sizes=[(2,), (3,)], seeds=30)
def imp_party(problem: Any) -> None:
    wanted, edges = problem.vertices // 3, set(problem.edges)
    cliques = (c for c in combinations(range(problem.vertices), 2 * wanted) if edges.issuperset(combinations(c, 2)))
    assert next(cliques), "the statement promises a large clique"
    for chosen in combinations(range(problem.vertices), wanted):
        joined = [pair in edges for pair in combinations(chosen, 2)]
        verdict = problem.check(list(chosen[::-1]))
        assert verdict.correct == all(joined) and verdict.score <= sum(joined) / len(joined)
    refuses_bad_sets(problem, problem.vertices)
    assert problem.check(problem.solution[1:]).kind == "invalid"


@truth("graphs/even_degree_graph_partitioning", levels=(0, 1, 2, 4), seeds=20)
def even_degree_graph_partitioning(problem: Any) -> None:
    for labels in product((1, 2), repeat=problem.vertices):
        alike = [{u, v} for u, v in problem.edges if labels[u] == labels[v]]
        even = [sum(v in edge for edge in alike) % 2 == 0 for v in range(problem.vertices)]
        verdict = problem.check(list(labels))
        assert verdict.correct == all(even) and verdict.score <= sum(even) / len(even)
    for wrong in (problem.solution[1:], [0] * problem.vertices, [3, *problem.solution[1:]]):
        assert problem.check(wrong).kind == "invalid"


@truth("graphs/minimum_chromatic_number", levels=(0, 2, 3), seeds=25)
def minimum_chromatic_number(problem: Any) -> None:
    def used(colours: list[int]) -> int | None:
        return None if any(colours[u] == colours[v] for u, v in problem.edges) else len(set(colours))

    judged(problem, colourings(problem.vertices), used)
    refuses_bad_colourings(problem)


@truth("graphs/minimum_harmonious_chromatic_number", levels=(0, 2, 3), seeds=25)
def minimum_harmonious_chromatic_number(problem: Any) -> None:
    def used(colours: list[int]) -> int | None:
        pairs = [{colours[u], colours[v]} for u, v in problem.edges]
        fine = all(len(pair) == 2 and pairs.count(pair) == 1 for pair in pairs)
        return len(set(colours)) if fine else None

    judged(problem, colourings(problem.vertices), used)
    refuses_bad_colourings(problem)


@truth("graphs/maximum_achromatic_number", sizes=[(4,), (5,), (6,)], seeds=25)
def maximum_achromatic_number(problem: Any) -> None:
    def used(colours: list[int]) -> int | None:
        pairs = [{colours[u], colours[v]} for u, v in problem.edges]
        fine = all(len(pair) == 2 for pair in pairs) and all(set(two) in pairs for two in combinations(set(colours), 2))
        return len(set(colours)) if fine else None

    judged(problem, colourings(problem.vertices), used, max)
    refuses_bad_colourings(problem)


@truth("graphs/minimum_chromatic_number_segment_overlap", levels=(0, 1, 2, 3), seeds=20)
def minimum_chromatic_number_segment_overlap(problem: Any) -> None:
    points = [set(range(left, right + 1)) for left, right in problem.segments]

    def used(colours: list[int]) -> int | None:
        places = range(len(colours))
        clash = any(colours[i] == colours[j] and points[i] & points[j] for i, j in combinations(places, 2))
        return None if clash else len(set(colours))

    judged(problem, colourings(len(points)), used)
    refuses_bad_colourings(problem)


@truth("graphs/prime_graph_minimum_chromatic_number", levels=(0, 1, 2), seeds=25)
def prime_graph_minimum_chromatic_number(problem: Any) -> None:
    def used(colours: list[int]) -> int | None:
        for (a, x), (b, y) in combinations(zip(problem.numbers, colours, strict=True), 2):
            if x == y and b - a > 1 and all((b - a) % d for d in range(2, b - a)):
                return None
        return len(set(colours))

    judged(problem, colourings(len(problem.numbers)), used)
    refuses_bad_colourings(problem)


@truth("graphs/minimum_crossing_edges_graph_partition", sizes=[(4, 2), (5, 2), (5, 3)], seeds=25)
def minimum_crossing_edges_graph_partition(problem: Any) -> None:
    def crossing(numbers: list[int]) -> int | None:
        if len(set(numbers)) < problem.sets:
            return None
        return sum(numbers[u] != numbers[v] for u, v in problem.edges)

    judged(problem, map(list, product(range(problem.sets), repeat=problem.vertices)), crossing)
    assert problem.check(problem.solution[1:]).kind == "invalid"
    assert problem.check([number + 1 for number in problem.solution]).kind == "invalid"
