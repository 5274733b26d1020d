"""Constructions against all candidates where they can be listed, and against near misses where one is planted."""

from __future__ import annotations

from collections import Counter
from functools import cache
from itertools import combinations, permutations, product
from typing import Any

from whetstone.envs.truth import truth


@truth("construction/bez_minimalist_security", sizes=[(3, 4), (4, 4), (5, 3)])
def bez_minimalist_security(problem: Any) -> None:
    totals = []
    for values in product(*(range(bound + 1) for bound in problem.bounds)):
        feasible = all(values[u] + values[v] == w for u, v, w in problem.equations)
        totals += [sum(values)] if feasible else []
        assert (problem.check(list(values)).kind == "graded") == feasible
    best = max(totals) if problem.largest else min(totals)
    assert sum(problem.solution) == best
    for values in product(*(range(bound + 1) for bound in problem.bounds)):
        feasible = all(values[u] + values[v] == w for u, v, w in problem.equations)
        assert problem.check(list(values)).correct == (feasible and sum(values) == best)
    assert problem.check([bound + 1 for bound in problem.bounds]).kind == "invalid"
    assert problem.check([*problem.solution, 0]).kind == "invalid"


@truth("construction/construct_hack_interval", levels=(0, 1), seeds=40)
def construct_hack_interval(problem: Any) -> None:
    low, high = problem.low, problem.low + 10 * problem.modulus
    for left in range(low - 1, low + 6):
        digits = 0
        for right in range(left, min(left + 20, high + 2)):
            digits += sum(int(c) for c in str(right))
            inside = low <= left and right <= high
            assert problem.check([left, right]).correct == (inside and digits % problem.modulus == 0)
    assert problem.check([low + 1, low]).kind == problem.check([low, high + 1]).kind == "invalid"


@truth("construction/difference_constraint_system", levels=(0, 1, 3))
def difference_constraint_system(problem: Any) -> None:
    def held(values: list[int]) -> float:
        lines = problem.statement().splitlines()[:-1]
        names = {f"x{i}": value for i, value in enumerate(values)}
        return sum(eval(line, names) for line in lines) / len(lines)

    assert held(problem.solution) == 1
    for i, change in product(range(problem.variables), (-7, -1, 1, 7)):
        near = list(problem.solution)
        near[i] += change
        assert abs(problem.check(near).score - held(near) ** 4) < 1e-9
        assert problem.check(near).correct == (held(near) == 1)
    assert problem.check([0] * (problem.variables + 1)).kind == "invalid"


@truth("construction/difference_constraint_system_dag", sizes=[(3, 2), (3, 4), (4, 5)])
def difference_constraint_system_dag(problem: Any) -> None:
    totals = {}
    for values in product(range(1, problem.variables + 1), repeat=problem.variables):
        names = {f"x{i}": value for i, value in enumerate(values)}
        lines = [line.replace(" = ", " == ") for line in problem.statement().splitlines()[:-1]]
        if all(eval(line, names) for line in lines):
            totals[values] = sum(values)
        else:
            assert problem.check(list(values)).kind == "invalid"
    assert sum(problem.solution) == min(totals.values())
    for values, total in totals.items():
        assert problem.check(list(values)).correct == (total == min(totals.values()))
    assert problem.check([x - 1 for x in problem.solution]).kind == "invalid"


@truth("construction/different_color_pairing", levels=(1, 2, 4), seeds=30)
def different_color_pairing(problem: Any) -> None:
    pairs, colours = problem.solution, len(problem.counts)
    assert all(a != b for a, b in pairs)
    assert Counter(c for pair in pairs for c in pair) == dict(enumerate(problem.counts, start=1))
    for i, colour in product(range(len(pairs)), range(colours + 2)):
        near = [list(pair) for pair in pairs]
        near[i][0] = colour
        verdict = problem.check(near)
        if colour == pairs[i][1] or not 1 <= colour <= colours:
            assert verdict.kind == "invalid"
        else:  # one pearl of the wrong colour
            share = 1 if colour == pairs[i][0] else 1 - 1 / (2 * len(pairs))
            assert abs(verdict.score - share**4) < 1e-9
    assert 0 < problem.check(pairs[1:]).score < 1 and problem.check([]).score == 0
    assert problem.check([*pairs, pairs[0]]).score < 1


@truth("construction/hungry_rabbit", levels=(1, 2, 5), seeds=25)
def hungry_rabbit(problem: Any) -> None:
    def good_days(days: list[list[int]]) -> int:
        good = 0
        for i, day in enumerate(days):
            new = [x for x in day if i and x not in days[i - 1]]
            good += len(new) <= problem.changes and not any(x in problem.forbidden[i] for x in day)
        return good

    days = problem.solution
    assert good_days(days) == len(problem.forbidden)
    for i, j, x in product(range(len(days)), range(problem.chosen), range(-1, problem.numbers + 1)):
        near = [list(day) for day in days]
        near[i][j] = x
        if (x in days[i] and x != days[i][j]) or not 0 <= x < problem.numbers:
            assert problem.check(near).kind == "invalid"
        else:
            assert abs(problem.check(near).score - (good_days(near) / len(days)) ** 2) < 1e-9
    for wrong in (days[1:], [*days, days[-1]], [day[1:] for day in days], []):
        assert problem.check(wrong).kind == "invalid"


@truth("construction/k_partition", levels=(0, 1, 2, 4), seeds=20)
def k_partition(problem: Any) -> None:
    lines, width = problem.solution, len(problem.planted[0])
    assert sorted(x for line in lines for x in line) == sorted(problem.numbers)
    if len(problem.numbers) <= 6:  # all orders of the numbers, cut into lines
        for order in set(permutations(problem.numbers)):
            cut = [list(order[i : i + width]) for i in range(0, len(order), width)]
            assert problem.check(cut).correct == (len({sum(line) for line in cut}) == 1)
    for i, j in combinations(range(len(lines)), 2):
        near = [list(line) for line in lines]
        near[i][0], near[j][0] = near[j][0], near[i][0]
        assert problem.check(near).correct == (lines[i][0] == lines[j][0])
    merged = [lines[0] + lines[1], *lines[2:]]
    changed = [[lines[0][0] + 1, *lines[0][1:]], *lines[1:]]
    assert problem.check(merged).kind == problem.check(changed).kind == problem.check(lines[1:]).kind == "invalid"


def orders_are_checked(problem: Any, rows: int, columns: int, expected: Any) -> None:
    """All (or, for larger matrices, neighbouring) orders of rows and columns score as expected."""
    if rows <= 3 and columns <= 4:
        answers = product(permutations(range(rows)), permutations(range(columns)))
    else:
        a, b = problem.solution
        swaps = [(i, j) for i, j in combinations(range(min(rows, columns)), 2)]
        answers = [pair for i, j in swaps for pair in ((swapped(a, i, j), b), (a, swapped(b, i, j)))]
    for a, b in answers:
        assert abs(problem.check([list(a), list(b)]).score - expected(a, b)) < 1e-9
    a, b = problem.solution
    for wrong in ([a], [a, b, a], [a[:-1], b], [a, [*b[:-1], b[0]]], [[*a[:-1], rows], b], [a, [-1, *b[1:]]], []):
        assert problem.check(wrong).kind == "invalid"


def swapped(order: list[int], i: int, j: int) -> list[int]:
    order = list(order)
    order[i], order[j] = order[j], order[i]
    return order


@truth("construction/matrix_permutation_both_diagonal_one", levels=(0, 2, 4), seeds=25)
def matrix_permutation_both_diagonal_one(problem: Any) -> None:
    n = len(problem.matrix)

    def expected(a: list[int], b: list[int]) -> float:
        reordered = [[problem.matrix[r][c] for c in b] for r in a]
        cells = [reordered[i][i] for i in range(n)] + [reordered[i][n - 1 - i] for i in range(n)]
        return (cells.count("1") / (2 * n)) ** 4

    orders_are_checked(problem, n, n, expected)


@truth("construction/matrix_permutation_equivalence", levels=(0, 2, 5), seeds=25)
def matrix_permutation_equivalence(problem: Any) -> None:
    rows, columns = len(problem.given), len(problem.given[0])

    def expected(a: list[int], b: list[int]) -> float:
        reordered = [[problem.given[r][c] for c in b] for r in a]
        agree = sum(reordered[i][j] == problem.wanted[i][j] for i in range(rows) for j in range(columns))
        return (agree / (rows * columns)) ** 6

    orders_are_checked(problem, rows, columns, expected)


@truth("construction/matrix_permutation_main_diagonal_one", levels=(0, 2, 4), seeds=25)
def matrix_permutation_main_diagonal_one(problem: Any) -> None:
    n = len(problem.matrix)

    def expected(a: list[int], b: list[int]) -> float:
        reordered = [[problem.matrix[r][c] for c in b] for r in a]
        return (sum(reordered[i][i] == "1" for i in range(n)) / n) ** 2

    orders_are_checked(problem, n, n, expected)


@truth("construction/prefix_product_mod_distinct_permutation", sizes=[(3,), (5,)], seeds=30)
def prefix_product_mod_distinct_permutation(problem: Any) -> None:
    n = len(problem.numbers)
    for order in permutations(problem.numbers):
        products = []
        for x in order:
            products.append(x * (products[-1] if products else 1))
        assert abs(problem.check(list(order)).score - (len({p % n for p in products}) / n) ** 6) < 1e-9
    assert problem.check(problem.solution[1:]).kind == "invalid"
    assert problem.check([problem.solution[0] + n, *problem.solution[1:]]).kind == "invalid"


@truth("construction/prefix_sum_mod_distinct_permutation", sizes=[(2,), (3,)], seeds=30)
def prefix_sum_mod_distinct_permutation(problem: Any) -> None:
    n = len(problem.numbers)
    for order in permutations(problem.numbers):
        remainders = {sum(order[: i + 1]) % n for i in range(n)}
        assert abs(problem.check(list(order)).score - (len(remainders) / n) ** 6) < 1e-9
    assert problem.check(problem.solution[1:]).kind == "invalid"
    assert problem.check([problem.solution[0] + n, *problem.solution[1:]]).kind == "invalid"


@cache
def neighbourly(length: int) -> set[str]:
    """The sequences whose neighbours are 0 and 1, 1 and 2, or 0 and 3."""
    pairs = ("01", "10", "12", "21", "03", "30")
    words = map("".join, product("0123", repeat=length))
    return {word for word in words if all(word[i : i + 2] in pairs for i in range(length - 1))}


@truth("construction/range_four_sequence_construction", sizes=[(5, 3), (6, 4), (7, 5)], seeds=25)
def range_four_sequence_construction(problem: Any) -> None:
    n = len(problem.solution)
    for word in neighbourly(n):
        held = [all(word[i] != word[j] for i, j in combinations(group, 2)) for group in problem.groups]
        assert abs(problem.check([int(c) for c in word]).score - (sum(held) / len(held)) ** 4) < 1e-9
    for i, symbol in product(range(n), range(-1, 5)):
        near = [*problem.solution[:i], symbol, *problem.solution[i + 1 :]]
        assert (problem.check(near).kind == "graded") == ("".join(map(str, near)) in neighbourly(n))
    assert problem.check([*problem.solution, 0]).kind == problem.check(problem.solution[1:]).kind == "invalid"


@truth("construction/recursive_sequence_sum_construction", levels=(0, 3, 6), seeds=20)
def recursive_sequence_sum_construction(problem: Any) -> None:
    terms = [problem.first]
    while len(terms) <= problem.terms:
        terms.append(problem.factor * terms[-1] + problem.addend)
    for size in range(problem.terms + 1):
        for chosen in combinations(range(1, problem.terms + 1), size):
            assert problem.check(list(chosen)).correct == (sum(terms[n] for n in chosen) == problem.total)
    for wrong in ([0], [problem.terms + 1], [1, 1], [-1]):
        assert problem.check(wrong).kind == "invalid"


@truth("construction/round_robin", sizes=[(3,), (4,)], seeds=40)
def round_robin(problem: Any) -> None:
    n = len(problem.points)
    pairs = list(combinations(range(n), 2))
    first = problem.solution[0][1] if n > 3 else "012"  # of four players, with the first game as it is
    for results in product(first, *["012"] * (len(pairs) - 1)):
        table = [["0"] * n for _ in range(n)]
        points = [0] * n
        for (i, j), result in zip(pairs, results, strict=True):
            table[i][j], table[j][i] = result, str(2 - int(result))
            points[i] += (0, 1, 3)[int(result)]
            points[j] += (3, 1, 0)[int(result)]
        right = sum(a == b for a, b in zip(points, problem.points, strict=True))
        assert abs(problem.check(["".join(row) for row in table]).score - (right / n) ** 2) < 1e-9
    top = problem.solution[0]
    for row in ("1" + top[1:], top[:-1] + str((int(top[-1]) + 1) % 3), top[1:]):
        assert problem.check([row, *problem.solution[1:]]).kind == "invalid"
    assert problem.check([]).kind == problem.check(["0" * n] * n).kind == "invalid"


@truth("construction/roundtable_assignment", levels=(0, 1, 2), seeds=30)
def roundtable_assignment(problem: Any) -> None:
    tables = range(len(problem.capacities))
    for lines in product(*(combinations(tables, size) for size in problem.groups)):
        people = [sum(table in line for line in lines) for table in tables]
        fitting = sum(people[table] <= problem.capacities[table] for table in tables)
        assert abs(problem.check([list(line) for line in lines]).score - (fitting / len(tables)) ** 5) < 1e-9
    first, *others = problem.solution
    for wrong in (first[1:], [*first, first[0]], [len(tables), *first[1:]], [-1, *first[1:]]):
        assert problem.check([wrong, *others]).kind == "invalid"
    assert problem.check(others).kind == "invalid"


@truth("construction/shortest_path_count_construction", levels=(0, 2, 5), seeds=40)
def shortest_path_count_construction(problem: Any) -> None:
    def shortest(edges: list[list[int]]) -> int:
        paths = [[0]]
        while paths and not any(path[-1] == 1 for path in paths):
            seen = {path[-1] for path in paths}
            steps = {(a, b) for u, v in edges for a, b in ((u, v), (v, u))}
            steps = {(a, b) for a, b in steps if a in seen}
            paths = [[*path, b] for path in paths for a, b in steps if path[-1] == a and b not in path]
        return sum(path[-1] == 1 for path in paths)

    edges, limit = problem.solution, 3 * len(bin(problem.paths)[2:]) - 1
    assert max(max(edge) for edge in edges) < limit
    assert f"at most {limit} vertices" in problem.statement()
    if problem.paths < 40:
        for i in range(len(edges)):
            near = edges[:i] + edges[i + 1 :]
            found = shortest(near)
            ratio = min(found, problem.paths) / max(found, problem.paths)
            assert abs(problem.check(near).score - ratio**10) < 1e-9
    assert problem.check([edge[::-1] for edge in edges] + edges).correct  # twice is once
    for wrong in ([0, 0], [0, limit], [-1, 0]):
        assert problem.check([*edges, wrong]).kind == "invalid"
    assert problem.check([]).score == 0


@truth("construction/squ_squarks", levels=(0, 2, 4), seeds=25)
def squ_squarks(problem: Any) -> None:
    def expected(numbers: list[int]) -> float:
        common, left = 0, list(problem.sums)
        for i, j in combinations(range(len(numbers)), 2):
            if numbers[i] + numbers[j] in left:
                left.remove(numbers[i] + numbers[j])
                common += 1
        return (common / len(problem.sums)) ** 2

    numbers = problem.solution
    assert expected(numbers) == 1
    for i, change in product(range(len(numbers)), (-2, -1, 1, 2)):
        near = list(numbers)
        near[i] += change
        if len(set(near)) < len(near) or min(near) < 1:
            assert problem.check(near).kind == "invalid"
        else:
            assert abs(problem.check(near).score - expected(near)) < 1e-9
    assert problem.check(numbers[::-1]).correct and problem.check(numbers[1:]).kind == "invalid"
