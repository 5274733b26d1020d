"""Tasks about the numbers of a row against their definitions."""

from __future__ import annotations

from collections import Counter
from itertools import combinations, pairwise, permutations, product
from typing import Any

from whetstone.envs.truth import truth


@truth("sequences/sorting", levels=(0, 3, 9))
def sorting(problem: Any) -> None:
    assert all(a <= b for a, b in pairwise(problem.solution))
    small = type(problem)(problem.numbers[:5])
    for order in permutations(small.numbers):
        ascending = all(a <= b for a, b in pairwise(order))
        assert small.check(list(order)).correct == ascending
    assert not small.check(small.solution[1:]).correct


@truth("sequences/bucket_sorting", levels=(0, 3, 6))
def bucket_sorting(problem: Any) -> None:
    times = {n: sum(n == other for other in problem.numbers) for n in range(-1, 40)}
    for n in times:
        assert problem.check(n).correct == (times[n] == max(times.values()))


@truth("sequences/sliding_window", levels=(0, 3, 9))
def sliding_window(problem: Any) -> None:
    starts = range(len(problem.numbers) - problem.window + 1)
    minima = [sorted(problem.numbers[i] for i in range(start, start + problem.window))[0] for start in starts]
    assert problem.solution == minima and problem.check(minima).correct
    assert not problem.check([*minima, 0]).correct and not problem.check([minima[0] + 1, *minima[1:]]).correct


@truth("sequences/maximum_lexicographical_order_subsequence", levels=(0, 3, 6))
def maximum_lexicographical_order_subsequence(problem: Any) -> None:
    candidates = [list(chosen) for chosen in combinations(problem.numbers, problem.keep)]
    for chosen in candidates:
        assert problem.check(chosen).correct == (chosen == max(candidates))


@truth("sequences/liz_lollipop", levels=(2, 3, 4), seeds=30)
def liz_lollipop(problem: Any) -> None:
    last = len(problem.numbers) - 1
    for s, row in enumerate(problem.solution):
        places = {(i, j) for j in range(last + 1) for i in range(j + 1) if sum(problem.numbers[i : j + 1]) == s + 1}
        assert tuple(row) in (places or {(-1, -1)})
        for other in product((-1, 0, 1, last, last + 1), repeat=2):
            answer = [*problem.solution[:s], list(other), *problem.solution[s + 1 :]]
            assert problem.check(answer).correct == (other in (places or {(-1, -1)}))
    assert problem.check(problem.solution[1:]).kind == "invalid"


@truth("sequences/monotonic_stack", levels=(0, 2, 5))
def monotonic_stack(problem: Any) -> None:
    row = problem.heights
    pairs = combinations(range(len(row)), 2)
    assert problem.solution == sum(all(between < row[i] for between in row[i + 1 : j + 1]) for i, j in pairs)


@truth("sequences/quad_magic_items", sizes=[(5, 12), (6, 14), (8, 13), (10, 25)])
def quad_magic_items(problem: Any) -> None:
    x = problem.values
    found: Counter = Counter()
    for a, b, c, d in permutations(range(len(x)), 4):
        if x[a] < x[b] < x[c] < x[d] and x[b] - x[a] == 2 * (x[d] - x[c]) and x[b] - x[a] < (x[c] - x[b]) / 3:
            found.update([(a, 0), (b, 1), (c, 2), (d, 3)])
    assert problem.solution == [[found[item, role] for role in range(4)] for item in range(len(x))]
    assert problem.check([[0] * 4] * len(x)).score == 0 and problem.check([[0] * 4]).kind == "invalid"
    assert 0 < problem.check([[*problem.solution[0][:3], 99], *problem.solution[1:]]).score < 1


@truth("sequences/salesman_fatigue", levels=(0, 2, 4))
def salesman_fatigue(problem: Any) -> None:
    best = []
    for k in range(1, len(problem.houses) + 1):
        visits = combinations(problem.houses, k)
        best.append(max(2 * max(d for d, _ in houses) + sum(f for _, f in houses) for houses in visits))
    assert problem.solution == best
    assert 0 < problem.check([*best[:-1], best[-1] + 1]).score < 1
