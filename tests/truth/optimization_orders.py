"""Optimisation by trying all orders, assignments and splits."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from itertools import combinations, pairwise, permutations
from math import prod
from typing import Any

from whetstone.envs.truth import truth


def judge(problem: Any, answers: Iterable[Any], value: Callable[[Any], Any], best: Callable = min) -> None:
    """Of these answers, those of the best value are correct and those without a value (None) invalid."""
    values = [(list(answer), value(answer)) for answer in answers]
    top = best(v for _, v in values if v is not None)
    for answer, v in values:
        verdict = problem.check(answer)
        assert (verdict.kind == "invalid") == (v is None), (answer, v, verdict)
        assert verdict.correct == (v is not None and v == top), (answer, v, top, verdict)
    assert value(problem.solution) == top


def refuses(problem: Any, *answers: Any) -> None:
    for answer in answers:
        assert problem.check(answer).kind == "invalid", answer


def judge_orders(problem: Any, count: int, value: Callable[[Sequence[int]], Any], best: Callable = min) -> None:
    """Of items 1 to `count`."""
    judge(problem, permutations(range(1, count + 1)), value, best)
    right = problem.solution
    refuses(problem, right[1:], [*right, right[0]], [right[1], *right[1:]], [0, *range(1, count)])


def splits(count: int) -> list[list[int]]:
    """The ends, counted from 1, of all splits of so many elements."""
    cuts = [cut for size in range(count) for cut in combinations(range(1, count), size)]
    return [[*cut, count] for cut in cuts]


def parts(values: Any, ends: Sequence[int]) -> list[Any]:
    return [values[a:b] for a, b in pairwise([0, *ends])]


def judge_splits(problem: Any, values: Sequence[Any], value: Callable[[list], Any], best: Callable = min) -> None:
    count = len(values)
    judge(problem, splits(count), lambda ends: value(parts(values, ends)), best)
    refuses(problem, [], [count - 1], [count, count], [0, count], [count + 1], [2, 1, count])


# -- orders ---------------------------------------------------------------------------------------------------------


@truth("optimization/king_sorting", levels=(0, 1, 2), seeds=20)
def king_sorting(problem: Any) -> None:
    def value(order: Sequence[int]) -> int:
        line = [(problem.king, 1), *(problem.people[i - 1] for i in order)]
        return max(prod(left for left, _ in line[:at]) // line[at][1] for at in range(1, len(line)))

    judge_orders(problem, len(problem.people), value)


@truth("optimization/max_tree_constrained_permutation_weight", levels=(0, 1, 2), seeds=20)
def max_tree_constrained_permutation_weight(problem: Any) -> None:
    def value(order: Sequence[int]) -> int | None:
        for element, before in enumerate(problem.predecessors, 1):
            if before and order.index(before) > order.index(element):
                return None
        return sum(at * problem.weights[element - 1] for at, element in enumerate(order, 1))

    judge_orders(problem, len(problem.weights), value, max)


@truth("optimization/pipeline_arrangement", levels=(0, 1, 2), seeds=20)
def pipeline_arrangement(problem: Any) -> None:
    def value(order: Sequence[int]) -> int:
        """The longest chain of work: some first jobs on A, then that last one of them and all others on B."""
        jobs = [problem.jobs[i - 1] for i in order]
        return max(sum(a for a, _ in jobs[: k + 1]) + sum(b for _, b in jobs[k:]) for k in range(len(jobs)))

    judge_orders(problem, len(problem.jobs), value)


@truth("optimization/protecting_flowers", levels=(0, 1, 2), seeds=20)
def protecting_flowers(problem: Any) -> None:
    def value(order: Sequence[int]) -> int:
        cows = [problem.cows[i - 1] for i in order]
        return sum(cows[late][1] * cows[early][0] for early, late in combinations(range(len(cows)), 2))

    judge_orders(problem, len(problem.cows), value)


# -- assignments ----------------------------------------------------------------------------------------------------


def judge_assignments(problem: Any, count: int, value: Callable[[Sequence[int]], Any], best: Callable = min) -> None:
    judge(problem, permutations(range(count)), value, best)
    right = problem.solution
    refuses(problem, right[1:], [*right, right[0]], [right[1], *right[1:]], [count, *range(1, count)])


@truth("optimization/fractional_programming_bipartite_graph_matching", levels=(0, 2, 4), seeds=20)
def fractional_programming_bipartite_graph_matching(problem: Any) -> None:
    def value(columns: Sequence[int]) -> float:
        return sum(problem.gains[i][j] for i, j in enumerate(columns)) / sum(
            problem.costs[i][j] for i, j in enumerate(columns)
        )

    judge_assignments(problem, len(problem.gains), value, max)


@truth("optimization/min_pairsum_multiplication_permutation", levels=(0, 3, 6), seeds=20)
def min_pairsum_multiplication_permutation(problem: Any) -> None:
    def value(columns: Sequence[int]) -> int:
        return sum(problem.left[i][j] for i, j in enumerate(columns)) * sum(
            problem.right[i][j] for i, j in enumerate(columns)
        )

    judge_assignments(problem, len(problem.left), value)


@truth("optimization/minimum_unconflicted_grid_kmax", sizes=[(2, 3), (3, 3), (4, 5)], seeds=20)
def minimum_unconflicted_grid_kmax(drawn: Any) -> None:
    for k in range(1, len(drawn.grid) + 1):
        problem = type(drawn)(drawn.grid, k)
        height, width = len(problem.grid), len(problem.grid[0])

        def value(columns: Sequence[int], problem: Any = problem) -> int:
            return sorted(problem.grid[i][j - 1] for i, j in enumerate(columns))[-problem.k]

        judge(problem, permutations(range(1, width + 1), height), value)
        refuses(
            problem, problem.solution[1:], [1] * height, [0, *range(2, height + 1)], [width + 1, *range(2, height + 1)]
        )


# -- splits ---------------------------------------------------------------------------------------------------------


@truth("optimization/cleaning_up", sizes=[(5, 2), (6, 3), (7, 3)], seeds=30)
def cleaning_up(problem: Any) -> None:
    judge_splits(problem, problem.numbers, lambda batches: sum(len(set(batch)) ** 2 for batch in batches))


@truth("optimization/min_division_sum_xor", levels=(0, 1, 3, 4), seeds=16)
def min_division_sum_xor(problem: Any) -> None:
    def value(batches: list) -> int | None:
        union = 0
        for batch in batches:
            union |= sum(batch)
        return union if len(batches) <= problem.most else None

    judge_splits(problem, problem.numbers, value)


@truth("optimization/quadratic_function_segmentation", levels=(0, 1, 3), seeds=20)
def quadratic_function_segmentation(problem: Any) -> None:
    def value(batches: list) -> int:
        return sum(problem.a * sum(batch) ** 2 + problem.b * sum(batch) + problem.c for batch in batches)

    judge_splits(problem, problem.numbers, value, max)


@truth("optimization/task_arrangement", levels=(0, 1, 3), seeds=20)
def task_arrangement(problem: Any) -> None:
    def value(batches: list) -> int:
        cost, clock = 0, 0
        for batch in batches:
            clock += problem.startup
            for time, _ in batch:
                clock += time
            for _, weight in batch:
                cost += weight * clock
        return cost

    judge_splits(problem, problem.tasks, value)


@truth("optimization/minimum_max_slicer", levels=(0, 1, 3, 4), seeds=16)
def minimum_max_slicer(problem: Any) -> None:
    count = len(problem.numbers)

    def value(lasts: Sequence[int]) -> int | None:
        batches = parts(problem.numbers, [last + 1 for last in lasts])
        return max(map(sum, batches)) if len(batches) == problem.parts else None

    judge(problem, ([end - 1 for end in ends] for ends in splits(count)), value)
    refuses(
        problem, [], [count - 1] * problem.parts, [*range(problem.parts - 1), count], [-1, *range(1, problem.parts)]
    )


@truth("optimization/minimum_max_abs_slicer", levels=(0, 1, 3, 4), seeds=16)
def minimum_max_abs_slicer(problem: Any) -> None:
    count = len(problem.labels)

    def value(labels: Sequence[int]) -> tuple[int, list[int]] | None:
        ends = [problem.labels.index(label) + 1 for label in labels]
        worst = max(abs(sum(batch)) for batch in parts(problem.signs, ends))
        return (worst, list(labels)) if len(ends) == problem.parts else None

    judge(problem, ([problem.labels[end - 1] for end in ends] for ends in splits(count)), value)
    right = problem.solution
    refuses(problem, [], right[::-1], right[:-1], [0, *right[1:]], [*right, right[-1]], [right[-1]] * problem.parts)


@truth("optimization/max_different_group_pair_division", levels=(0, 1, 3, 4), seeds=16)
def max_different_group_pair_division(problem: Any) -> None:
    def value(cuts: Sequence[int]) -> int:
        blocks, gain = [list(enumerate(problem.numbers))], 0
        for cut in cuts:
            [block] = [block for block in blocks if block[0][0] <= cut < block[-1][0]]
            left, right = [x for x in block if x[0] <= cut], [x for x in block if x[0] > cut]
            gain += sum(x for _, x in left) * sum(x for _, x in right)
            blocks = [each for each in blocks if each != block] + [left, right]
        return gain

    judge(problem, permutations(range(len(problem.numbers) - 1), problem.cuts), value, max)
    refuses(problem, [], [0] * (problem.cuts + 1), [-1] * problem.cuts, [len(problem.numbers) - 1] * problem.cuts)


@truth("optimization/max_mult_split", levels=(0, 2, 4, 6), seeds=16)
def max_mult_split(problem: Any) -> None:
    def value(numbers: Sequence[int]) -> int | None:
        return prod(numbers) if len(numbers) == problem.cuts + 1 else None

    answers = [[int(part) for part in parts(problem.digits, ends)] for ends in splits(len(problem.digits))]
    judge(problem, answers, value, max)
    right = problem.solution
    refuses(problem, [-right[0], *right[1:]], [right[0] + 1, *right[1:]], [int(problem.digits)], [])


@truth("optimization/land_acquisition", sizes=[(3,), (4,), (5,)], seeds=20)
def land_acquisition(problem: Any) -> None:
    def value(groups: Sequence[Sequence[int]]) -> int:
        plots = [[problem.plots[i - 1] for i in group] for group in groups]
        return sum(max(width for width, _ in group) * max(length for _, length in group) for group in plots)

    judge(problem, _partitions(len(problem.plots)), value)
    right = problem.solution
    refuses(problem, right[1:], [*right, [1]], [[0], *right], [[len(problem.plots) + 1], *right], [])


def _partitions(count: int) -> list[list[list[int]]]:
    """All divisions of 1 to `count` into groups."""
    if not count:
        return [[]]
    found = []
    for groups in _partitions(count - 1):
        found += [[*groups[:i], [*groups[i], count], *groups[i + 1 :]] for i in range(len(groups))]
        found.append([*groups, [count]])
    return found
