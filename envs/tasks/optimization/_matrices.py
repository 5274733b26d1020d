"""Choosing rows and columns of matrices."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Sequence
from itertools import combinations, pairwise
from math import prod

from whetstone.envs.tasks.optimization.lib import cheapest_chains


def assignment(costs: Sequence[Sequence[int]]) -> list[int]:
    """The column of each row of a square matrix in the cheapest assignment (Hungarian method).

    >>> assignment([[4, 1], [2, 3]])
    [1, 0]
    """
    n = len(costs)
    rows, columns = [0] * n, [0] * (n + 1)  # the potentials: rows[i] + columns[j] <= costs[i][j]
    owner = [-1] * (n + 1)  # the row of each column; the last column is where a new row enters
    for row in range(n):
        owner[n], column = row, n
        slack, previous, seen = [float("inf")] * n, [n] * n, {n}
        while owner[column] >= 0:
            here = owner[column]
            free = [j for j in range(n) if j not in seen]
            for j in free:
                if (gap := costs[here][j] - rows[here] - columns[j]) < slack[j]:
                    slack[j], previous[j] = gap, column
            column = min(free, key=slack.__getitem__)
            step = int(slack[column])
            for j in seen:
                rows[owner[j]] += step
                columns[j] -= step
            for j in free:
                slack[j] -= step
            seen.add(column)
        while column != n:
            owner[column] = owner[previous[column]]
            column = previous[column]
    return [owner.index(row) for row in range(n)]


def matching(options: Sequence[Sequence[int]]) -> dict[int, int]:
    """A largest matching of rows to columns: the row of each used column, `options` being the columns for each row."""
    owner: dict[int, int] = {}

    def seated(row: int, seen: set[int]) -> bool:
        for column in options[row]:
            if column not in seen:
                seen.add(column)
                if column not in owner or seated(owner[column], seen):
                    owner[column] = row
                    return True
        return False

    for row in range(len(options)):
        seated(row, set())
    return owner


def least_product(sums: Callable[[list[int]], tuple[int, int]], best: Callable[[int, int], list[int]]) -> list[int]:
    """The choice of the smallest product of its two positive sums; best(p, q) makes p * first + q * second smallest.

    It is a corner of the lower hull of all pairs of sums, and further corners are found between two known ones.
    """
    choices, gaps = [best(1, 0), best(0, 1)], [(0, 1)]
    while gaps:
        left, right = gaps.pop()
        (a, b), (c, d) = sums(choices[left]), sums(choices[right])
        corner = best(b - d, c - a)
        x, y = sums(corner)
        if (b - d) * x + (c - a) * y < (b - d) * a + (c - a) * b:
            gaps += [(left, len(choices)), (len(choices), right)]
            choices.append(corner)
    return min(choices, key=lambda choice: prod(sums(choice)))


def picked(matrix: Sequence[Sequence[int]], columns: Sequence[int]) -> int:
    """The sum of one element of each row, in these columns."""
    return sum(row[j] for row, j in zip(matrix, columns, strict=True))


def smooth_submatrix(matrix: Sequence[Sequence[int]], rows: int, columns: int) -> list[list[int]]:
    """So many rows and columns with the least sum of differences between elements that become neighbours.

    All choices of rows are tried, so they should be few.
    """

    def smoothest(chosen: tuple[int, ...]) -> tuple[int, list[int]]:
        lines = [matrix[i] for i in chosen]
        inside = [sum(abs(b - a) for a, b in pairwise(column)) for column in zip(*lines, strict=True)]

        def added(before: int, column: int) -> int:  # columns count from 1
            return inside[column - 1] + sum(abs(line[column - 1] - line[before - 1]) for line in lines if before)

        return min(cheapest_chains(range(1, len(inside) + 1), columns, added).values())

    best = min((*smoothest(chosen), chosen) for chosen in combinations(range(len(matrix)), rows))
    return [list(best[2]), [column - 1 for column in best[1]]]


def capped_matching(grid: Sequence[Sequence[int]], enough: int) -> dict[int, int]:
    """The columns of at least `enough` rows, all different, such that the largest number chosen is smallest."""

    def matched(most: int) -> dict[int, int]:
        return matching([[j for j, number in enumerate(row) if number <= most] for row in grid])

    numbers = sorted(number for row in grid for number in row)
    least = bisect_left(numbers, True, key=lambda most: len(matched(most)) >= enough)
    return {row: column for column, row in matched(numbers[least]).items()}


def roughness(matrix: Sequence[Sequence[int]], rows: Sequence[int], columns: Sequence[int]) -> int:
    """The sum of the differences between neighbours in these rows and columns of a matrix."""
    small = [[matrix[i][j] for j in columns] for i in rows]
    return sum(abs(b - a) for line in (*small, *zip(*small, strict=True)) for a, b in pairwise(line))
