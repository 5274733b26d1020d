"""What the optimisation tasks share."""

from __future__ import annotations

from bisect import bisect_right
from collections import deque
from collections.abc import Callable, Iterable, Sequence
from fractions import Fraction
from functools import cache
from heapq import heappop, heappush
from itertools import accumulate, combinations, count, pairwise
from math import gcd
from typing import Any, TypeVar

import numpy as np

T = TypeVar("T")


def listed(values: Iterable[object]) -> str:
    """Values in a row, separated by spaces."""
    return " ".join(map(str, values))


def table(rows: Iterable[Iterable[object]]) -> str:
    """Rows of values, one a line."""
    return "\n".join(map(listed, rows))


def numbered(line: str, rows: Iterable[Iterable[object]], first: int = 1) -> str:
    """Rows of values, one a line, in the form of `line`, whose first gap is for the number of the row.

    >>> numbered("job {}: {} and {}", [(3, 4), (1, 2)])
    'job 1: 3 and 4\\njob 2: 1 and 2'
    """
    return "\n".join(line.format(number, *row) for number, row in enumerate(rows, first))


def frozen(matrix: np.ndarray) -> tuple[Any, ...]:
    """A matrix as the field of a task."""
    return tuple(map(tuple, matrix.tolist()))


def different(answer: Sequence[int], count: int, first: int = 0) -> bool:
    """Whether `answer` holds different integers, each of them one of the `count` from `first` on."""
    return len(answer) == len(set(answer)) and all(first <= i < first + count for i in answer)


def batches(values: Sequence[T], ends: Sequence[int]) -> list[Sequence[T]]:
    """The consecutive batches of `values` with these ends, counted from 1; [] unless the ends rise to the last value.

    >>> batches([5, 6, 7], [1, 3])
    [[5], [6, 7]]
    >>> batches([5, 6, 7], [3, 3])
    []
    """
    if not ends or ends[-1] != len(values) or ends[0] < 1 or any(a >= b for a, b in pairwise(ends)):
        return []
    return [values[a:b] for a, b in pairwise([0, *ends])]


def distance(left: Iterable[int], right: Iterable[int]) -> int:
    """The sum of the absolute differences of two lists of one length."""
    return sum(abs(a - b) for a, b in zip(left, right, strict=True))


def cheapest_rising(numbers: Sequence[int]) -> list[int]:
    """The never falling list of the smallest sum of absolute differences from `numbers` (>= 1 of them).

    Some optimum uses only values of `numbers`; among those of one sum the lexicographically smallest is returned.
    """
    values = sorted(set(numbers))
    ends: list[tuple[int, list[int]]] = [(0, []) for _ in values]  # for each last value, the cost and the list so far
    for number in numbers:
        cheapest = accumulate(ends, min)  # that ends at or below each value
        ends = [(cost + abs(number - v), [*chosen, v]) for (cost, chosen), v in zip(cheapest, values, strict=True)]
    return min(ends)[1]


def longest_rising(numbers: Iterable[int]) -> int:
    """The length of the longest subsequence that never falls.

    >>> longest_rising([3, 1, 2, 2])
    3
    """
    lasts: list[int] = []  # the smallest last element of a subsequence of each length
    for number in numbers:
        place = bisect_right(lasts, number)
        lasts[place : place + 1] = [number]
    return len(lasts)


def cheapest_split(count: int, cost: Callable[[int, int], int]) -> list[int]:
    """The ends of the cheapest split of `count` elements into batches: those from a to b - 1 together cost(a, b)."""
    best: list[tuple[int, int]] = [(0, 0)]  # of the first b elements: the cost, and the start of the last batch
    for b in range(1, count + 1):
        best.append(min((best[a][0] + cost(a, b), a) for a in range(b)))
    ends = [count]
    while start := best[ends[-1]][1]:
        ends.append(start)
    return ends[::-1]


def cheapest_chains(
    stops: Sequence[int], length: int, cost: Callable[[int, int], int]
) -> dict[int, tuple[int, list[int]]]:
    """The cheapest rising chain of `length` of the `stops` (rising, above 0) by its last stop: cost and chain.

    The first step is from 0, and a step from a to b costs cost(a, b).
    """
    cost = cache(cost)
    best = {b: (cost(0, b), [b]) for b in stops}
    for done in range(1, length):
        steps = {
            b: min((best[a][0] + cost(a, b), a) for a in stops[done - 1 : i]) for i, b in enumerate(stops) if i >= done
        }
        best = {b: (total, [*best[a][1], b]) for b, (total, a) in steps.items()}
    return best


def cheapest_parts(count: int, parts: int, cost: Callable[[int, int], int]) -> list[int]:
    """Like `cheapest_split`, into exactly `parts` batches."""
    return cheapest_chains(range(1, count + 1), parts, cost)[count][1]


def cheapest_flow(nodes: int, edges: Sequence[tuple[int, int, int, int]], source: int, sink: int) -> list[int]:
    """The flow on each edge (tail, head, capacity, cost >= 0) in the cheapest of the largest flows."""
    arcs = [arc for u, v, room, cost in edges for arc in ((u, v, cost), (v, u, -cost))]  # arc ^ 1 is the reverse
    room = [space for edge in edges for space in (edge[2], 0)]
    leaving: list[list[int]] = [[] for _ in range(nodes)]
    for arc, (tail, _, _) in enumerate(arcs):
        leaving[tail].append(arc)
    while True:
        price, entry = {source: 0}, {}
        queue = deque([source])
        while queue:
            node = queue.popleft()
            for arc in leaving[node]:
                _, head, cost = arcs[arc]
                if room[arc] and (head not in price or price[node] + cost < price[head]):
                    price[head], entry[head] = price[node] + cost, arc
                    queue.append(head)
        if sink not in price:
            return room[1::2]
        path, node = [], sink
        while node != source:
            path.append(entry[node])
            node = arcs[entry[node]][0]
        amount = min(room[arc] for arc in path)
        for arc in path:
            room[arc] -= amount
            room[arc ^ 1] += amount


def cheapest_cut(nodes: int, edges: Sequence[tuple[int, int, int]], source: int, sink: int) -> set[int]:
    """The nodes on the side of the source in a cheapest cut of the edges (tail, head, capacity)."""
    flows = cheapest_flow(nodes, [(*edge, 0) for edge in edges], source, sink)
    side, reached = set(), {source}
    while reached > side:
        side = set(reached)
        for (u, v, capacity), flow in zip(edges, flows, strict=True):
            reached |= ({v} if u in side and flow < capacity else set()) | ({u} if v in side and flow else set())
    return side


def best_ratio(sums: Callable[[list[int]], tuple[int, int]], best: Callable[[int, int], list[int]]) -> list[int]:
    """The choice of the largest ratio p / q of its two positive sums, by Dinkelbach's method.

    best(p, q) is a choice for which q times its first sum less p times its second one is largest.
    """
    choice = best(0, 1)
    while True:
        p, q = sums(choice)
        better = best(p, q)
        a, b = sums(better)
        if a * q <= p * b:
            return choice
        choice = better


def covering_boxes(cells: Sequence[Sequence[int]], side: int) -> list[list[int]]:
    """Boxes x1 x2 y1 y2 z1 z2 in a cube that hold all cells, of the least sum of shortest sides.

    A box can be replaced by whole layers one cell thick at the same cost.
    """

    def layers(cells: Sequence[Sequence[int]], most: int) -> list[list[int]] | None:
        if not cells or not most:
            return None if cells else []
        for axis, place in enumerate(cells[0]):
            rest = layers([cell for cell in cells if cell[axis] != place], most - 1)
            if rest is not None:
                return [[0, side] * axis + [place, place + 1] + [0, side] * (2 - axis), *rest]
        return None

    return next(boxes for most in count() if (boxes := layers(cells, most)) is not None)


def highest_lift(numbers: Sequence[int], intervals: Sequence[tuple[int, int]], added: int, most: int) -> list[int]:
    """The `most` intervals that lift the smallest number as high as possible; each adds `added` to its numbers.

    For each height, a number that is too low takes the interval that reaches furthest right. Places and intervals
    count from 1.
    """

    def lift(target: int) -> list[int] | None:
        chosen: list[int] = []
        for place, number in enumerate(numbers, 1):
            lifted = number + added * sum(intervals[i - 1][1] >= place for i in chosen)
            while lifted < target:
                spans = enumerate(intervals, 1)
                useful = [(last, i) for i, (first, last) in spans if first <= place <= last and i not in chosen]
                if not useful or len(chosen) == most:
                    return None
                chosen.append(max(useful)[1])
                lifted += added
        return chosen

    chosen: list[int] = []
    for target in count(min(numbers) + 1):
        if (found := lift(target)) is None:
            break
        chosen = found
    return [*chosen, *(i for i in range(1, len(intervals) + 1) if i not in chosen)][:most]


def heavy_last(weights: Sequence[int], predecessors: Sequence[int]) -> list[int]:
    """The order of elements 1, 2, ... after their predecessors (0: none) with the largest sum of place times weight.

    The block of the least average weight follows at once on the block of its predecessor: merge the two.
    """
    blocks = [[i] for i in range(len(weights) + 1)]  # block 0 is the order so far
    home = list(range(len(blocks)))  # the block of each element
    waiting = set(home[1:])
    while waiting:
        least = min(waiting, key=lambda b: Fraction(sum(weights[i - 1] for i in blocks[b]), len(blocks[b])))
        target = home[predecessors[blocks[least][0] - 1]]
        for element in blocks[least]:
            home[element] = target
        blocks[target] += blocks[least]
        waiting.remove(least)
    return blocks[0][1:]


def rise_breakers(numbers: Sequence[int], costs: Sequence[int]) -> list[int]:
    """The cheapest elements that all longest rising subsequences have one of.

    A cheapest cut: element i is the edge from node i to node n + i, at its cost; other edges cannot be cut.
    """
    n, free = len(numbers), sum(costs) + 1
    depth: list[int] = []  # the length of the longest rising subsequence that ends at each element
    for i, number in enumerate(numbers):
        depth.append(1 + max((depth[j] for j in range(i) if numbers[j] <= number), default=0))
    edges = [(i, n + i, cost) for i, cost in enumerate(costs)]
    edges += [(2 * n, i, free) for i in range(n) if depth[i] == 1]
    edges += [(n + i, 2 * n + 1, free) for i in range(n) if depth[i] == max(depth)]
    rises = [(i, j) for i, j in combinations(range(n), 2) if numbers[i] <= numbers[j] and depth[j] == depth[i] + 1]
    side = cheapest_cut(2 * n + 2, edges + [(n + i, j, free) for i, j in rises], 2 * n, 2 * n + 1)
    return [i for i in range(n) if i in side and n + i not in side]


def fewest_batches(numbers: Sequence[int], barred: int) -> list[int]:
    """The ends of the fewest batches whose sums have none of the `barred` bits; [] where there are none."""
    before = [0, *accumulate(numbers)]
    best: dict[int, list[int]] = {0: []}
    for b in range(1, len(before)):
        if starts := [ends for a, ends in best.items() if not before[b] - before[a] & barred]:
            best[b] = [*min(starts, key=len), b]
    return best.get(len(numbers), [])


def multicover(needs: Sequence[int], intervals: Sequence[tuple[int, int, int]]) -> list[int]:
    """How often to buy each interval (first, last, cost) so that points 1, 2, ... are covered as often as needed.

    A flow from needs that rise to needs that fall: an interval carries it from its first point to behind its last, and
    what covers a point too often runs back by one.
    """
    n, free = len(needs), sum(needs)
    edges = [(first, last + 1, free, cost) for first, last, cost in intervals]
    edges += [(i + 1, i, free, 0) for i in range(1, n + 1)]
    for i, (before, need) in enumerate(pairwise((0, *needs, 0)), 1):
        edges.append((0, i, need - before, 0) if need > before else (i, n + 2, before - need, 0))
    return cheapest_flow(n + 3, edges, 0, n + 2)[: len(intervals)]


def best_prices(shops: int, customers: Sequence[tuple[int, int, int]]) -> list[int]:
    """The prices of shops 1, 2, ... of the largest income from customers (first shop, last shop, budget).

    By the cheapest shop of each interval of shops: who passes it pays there, the others stay on one side of it.
    """
    prices = sorted({budget for _, _, budget in customers})
    best = {(a, a - 1): [(0, 0, 0)] * len(prices) for a in range(1, shops + 2)}  # (income, cheapest shop, its price)
    for width in range(shops):
        for a in range(1, shops - width + 1):
            inside = [customer for customer in customers if a <= customer[0] and customer[1] <= a + width]
            row = [(-1, 0, 0)]  # for each least price that is allowed, from the highest on
            for p in reversed(range(len(prices))):
                paying = [(x, y) for x, y, budget in inside if budget >= prices[p]]
                options = [row[-1]]
                for shop in range(a, a + width + 1):
                    income = prices[p] * sum(x <= shop <= y for x, y in paying)
                    sides = best[a, shop - 1][p][0] + best[shop + 1, a + width][p][0]
                    options.append((income + sides, shop, p))
                row.append(max(options))
            best[a, a + width] = row[:0:-1]
    chosen, left = [0] * shops, [(1, shops, 0)]
    while left:
        a, b, p = left.pop()
        if a <= b:
            _, shop, p = best[a, b][p]
            chosen[shop - 1] = prices[p]
            left += [(a, shop - 1, p), (shop + 1, b, p)]
    return chosen


def fewest_additions(heights: Sequence[int], a: int, b: int) -> int:
    """How many additions of a, -a, b or -b to stretches make all heights 0, which must be possible.

    Each addition changes two differences of neighbours by opposite amounts. So every difference is split into
    x * a + y * b, where the x of all differences sum to 0, and the y too.
    """

    def size(pair: tuple[int, int]) -> int:
        return abs(pair[0]) + abs(pair[1])

    common = gcd(a, b)
    a, b = a // common, b // common
    pairs: list[tuple[int, int]] = []
    for low, high in pairwise((0, *heights, 0)):
        step = (high - low) // common
        x = step * pow(a, -1, b) % b
        y = (step - a * x) // b
        pairs.append(min(((x + t * b, y - t * a) for t in (0, -1, y // a, y // a + 1)), key=size))
    excess = sum(x for x, _ in pairs) // b  # turn as many x into y, or back, where it costs least
    sign = 1 if excess > 0 else -1
    for _ in range(abs(excess)):
        turned = [(x - sign * b, y + sign * a) for x, y in pairs]
        i = min(range(len(pairs)), key=lambda i: size(turned[i]) - size(pairs[i]))
        pairs[i] = turned[i]
    return sum(map(size, pairs)) // 2


def filled_batches(numbers: Sequence[int], limit: int, parts: int) -> list[int]:
    """The ends of batches of sums up to the limit; where `parts` are enough, of exactly so many.

    Each is filled up, or less where each number left has to be a batch of its own.
    """
    ends: list[int] = []
    total = 0
    for i, number in enumerate(numbers):
        if i and (total + number > limit or len(numbers) - i == parts - len(ends) - 1):
            ends.append(i)
            total = 0
        total += number
    return [*ends, len(numbers)]


def covered(intervals: Sequence[Sequence[int]], count: int, times: Sequence[int] | None = None) -> list[int]:
    """How often each of the points 1 to `count` lies in an interval (first, last, ...), each counted `times` times."""
    steps = [0] * (count + 2)
    for (first, last, *_), amount in zip(intervals, times or [1] * len(intervals), strict=True):
        steps[first] += amount
        steps[last + 1] -= amount
    return list(accumulate(steps))[1:-1]


def cheapest_points(intervals: Sequence[tuple[int, int, int]], chosen: int) -> list[int]:
    """So many points in intervals (first, last, cost) such that those with a chosen point cost least.

    From left to right, a new point adds the intervals that contain it and begin after the last one.
    """
    inside = sorted({point for first, last, _ in intervals for point in range(first, last + 1)})
    chains = cheapest_chains(
        inside, chosen, lambda a, b: sum(c for first, last, c in intervals if a < first <= b <= last)
    )
    return min(chains.values())[1]


def most_served(days: Sequence[tuple[int, int]]) -> list[int]:
    """The days on which to serve customers, given what arrives and what is wanted: as many as possible.

    Serve everybody; when the stock does not suffice, send away the largest customer so far after all.
    """
    stock, served = 0, []
    for day, (arrive, wanted) in enumerate(days, 1):
        stock += arrive - wanted
        heappush(served, (-wanted, day))
        if stock < 0:
            stock -= heappop(served)[0]
    return sorted(day for _, day in served)


def lowest(numbers: Sequence[int], intervals: Sequence[tuple[int, int]], added: int) -> int:
    """The smallest number after `added` has been added to all numbers of each interval; places count from 1."""
    cover = covered(intervals, len(numbers))
    return min(number + added * times for number, times in zip(numbers, cover, strict=True))
