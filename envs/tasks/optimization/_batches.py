"""What batches and groups cost, and the best of them."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from itertools import accumulate

from whetstone.envs.tasks.optimization.lib import batches, cheapest_split


def balanced_groups(labels: Sequence[int], signs: Sequence[int], parts: int) -> list[int]:
    """The labels at the ends of `parts` groups of the least largest imbalance, lexicographically smallest."""
    n = len(signs)
    before = [0, *accumulate(signs)]
    for bound in range(n + 1):
        step = [{b for b in range(a + 1, n + 1) if abs(before[b] - before[a]) <= bound} for a in range(n)]
        starts = [{n}]  # for 0, 1, ... groups: the places from which they can be formed to the end
        for _ in range(parts):
            starts.append({a for a in range(n) if step[a] & starts[-1]})
        if 0 in starts[-1]:
            ends = [0]
            for places in reversed(starts[:-1]):
                ends.append(min(step[ends[-1]] & places, key=lambda b: labels[b - 1]))
            return [labels[b - 1] for b in ends[1:]]
    raise AssertionError("no group is less balanced than its length")


def bounding_groups(plots: Sequence[tuple[int, int]]) -> list[list[int]]:
    """The groups of plots 1, 2, ... with the least sum of largest width times largest length.

    Plots that fit into no other one are grouped in order of width; the others go with one they fit into.
    """
    order = sorted(plots, reverse=True)
    rim = [plot for i, plot in enumerate(order) if all(plot[1] > length for _, length in order[:i])]
    ends = cheapest_split(len(rim), lambda a, b: rim[a][0] * rim[b - 1][1])
    groups: list[list[int]] = [[] for _ in ends]
    for i, (width, length) in enumerate(plots, 1):
        place = next(at for at, plot in enumerate(rim) if width <= plot[0] and length <= plot[1])
        groups[bisect_right(ends, place)].append(i)
    return groups


def cutting_gain(numbers: Sequence[int], places: Sequence[int]) -> int:
    """What cuts behind these places gain: each the product of the sums of the two parts of the block it cuts."""
    gain, borders = 0, [0, len(numbers)]
    for cut in (place + 1 for place in places):
        at = bisect_left(borders, cut)
        gain += sum(numbers[borders[at - 1] : cut]) * sum(numbers[cut : borders[at]])
        borders.insert(at, cut)
    return gain


def imbalance(labels: Sequence[int], signs: Sequence[int], lasts: Sequence[int], parts: int) -> int:
    """The largest sum of signs, without its sign, of groups that end with these labels; -1 unless they are `parts`."""
    ends = [labels.index(label) + 1 for label in lasts if label in labels]
    groups = batches(signs, ends) if len(lasts) == len(ends) == parts else []
    return max((abs(sum(group)) for group in groups), default=-1)


def batch_costs(tasks: Sequence[tuple[int, int]], startup: int, ends: Sequence[int]) -> int:
    """The sum over tasks (time, weight) of the weight times the time at which their batch is finished."""
    clock = cost = 0
    for batch in batches(tasks, ends):
        clock += startup + sum(time for time, _ in batch)
        cost += clock * sum(weight for _, weight in batch)
    return cost
