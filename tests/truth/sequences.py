"""Sequences by trying all candidates."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from functools import cache
from heapq import heappop, heappush
from itertools import combinations, pairwise, permutations, product
from typing import Any

from whetstone.envs.truth import truth


def holds(
    problem: Any, candidates: Iterable[Sequence], value: Callable[[Any], int | None], best: Callable = max
) -> None:
    """Among all candidates, those without a value are invalid, and the ones of the best value alone are correct."""
    values = [(list(candidate), value(candidate)) for candidate in candidates]
    optimum = best(each for _, each in values if each is not None)
    for answer, each in values:
        verdict = problem.check(answer)
        assert verdict.kind == ("invalid" if each is None else "graded"), answer
        assert verdict.correct == (each == optimum), answer


def subsets(length: int) -> list[tuple[int, ...]]:
    return [chosen for size in range(length + 1) for chosen in combinations(range(length), size)]


def stretches(numbers: Sequence) -> list[Sequence]:
    return [numbers[i:j] for i, j in combinations(range(len(numbers) + 1), 2)]


def swapped(values: Sequence, i: int, j: int) -> tuple:
    changed = list(values)
    changed[i], changed[j] = values[j], values[i]
    return tuple(changed)


def distances(start: Any, steps: Callable[[Any], Iterable[tuple[Any, int]]]) -> dict[Any, int]:
    """The smallest cost of every state that can be reached."""
    found: dict[Any, int] = {}
    queue = [(0, start)]
    while queue:
        cost, state = heappop(queue)
        if state in found:
            continue
        found[state] = cost
        for following, price in steps(state):
            if following not in found:
                heappush(queue, (cost + price, following))
    return found


def longest_rising(numbers: Sequence[int]) -> int:
    """Of the non-decreasing subsequences."""
    lengths: list[int] = []
    for i, number in enumerate(numbers):
        lengths.append(1 + max((lengths[j] for j in range(i) if numbers[j] <= number), default=0))
    return max(lengths)


@truth("sequences/distinct_array_permutation", levels=(0, 3, 5))
def distinct_array_permutation(problem: Any) -> None:
    parts = subsets(len(problem.numbers))[1:-1]
    for order in permutations(problem.numbers):
        changes = [a - b for a, b in zip(order, problem.numbers, strict=True)]
        assert problem.check(list(order)).correct == all(sum(changes[i] for i in part) for part in parts)
    assert problem.check([*problem.numbers[1:], problem.numbers[1]]).kind == "invalid"


@truth("sequences/baj_bytecomputer", sizes=[(3,), (5,), (6,)], seeds=25)
def baj_bytecomputer(problem: Any) -> None:
    def additions(state: tuple) -> Iterable[tuple]:
        for i, (a, b) in enumerate(pairwise(state)):
            if -2 <= a + b <= 2:
                yield (*state[: i + 1], a + b, *state[i + 2 :]), 1

    costs = distances(problem.numbers, additions)
    assert problem.solution == min(cost for state, cost in costs.items() if list(state) == sorted(state))


@truth("sequences/binary_alternation", levels=(1, 2), seeds=40)
def binary_alternation(problem: Any) -> None:
    places = list(combinations(range(len(problem.word)), 2))
    costs = distances(tuple(problem.word), lambda word: [(swapped(word, i, j), 1) for i, j in places])
    assert len(problem.solution) == min(cost for word, cost in costs.items() if all(a != b for a, b in pairwise(word)))
    for i, j in places:
        after = swapped(problem.word, i, j)
        alternates = all(a != b for a, b in pairwise(after))
        assert problem.check([[i, j]]).correct == alternates
        assert problem.check([[i, j]]).kind == ("graded" if alternates else "invalid")
    assert 0 < problem.check([*problem.solution, [1, 1]]).score < 1
    assert problem.check([[0, len(problem.word)]]).kind == problem.check([]).kind == "invalid"


@truth("sequences/bounded_mean_subarray_counting", levels=(0, 3, 6))
def bounded_mean_subarray_counting(problem: Any) -> None:
    assert problem.solution == sum(sum(part) / len(part) >= problem.mean for part in stretches(problem.numbers))


@truth("sequences/bounded_subarray_counting", levels=(0, 3, 5))
def bounded_subarray_counting(problem: Any) -> None:
    assert problem.solution == sum(sum(part) <= problem.limit for part in stretches(problem.numbers * problem.copies))


@truth("sequences/campfire_party", sizes=[(4,), (5,), (6,), (7,)], seeds=30)
def campfire_party(problem: Any) -> None:
    assert sum(map(len, problem.solution)) == reseating_costs(len(problem.wishes))[problem.wishes]
    assert 0 < problem.check([*problem.solution, [0], [1, 2], [2, 1]]).score < 1
    for order in ([], [[0, 0]], [[len(problem.wishes)]], problem.solution[1:]):
        assert problem.check(order).kind == "invalid"


@cache
def reseating_costs(count: int) -> dict[tuple, int]:
    """By the neighbours that everybody wants."""
    moves = [o for size in range(1, count + 1) for o in permutations(range(count), size) if o[0] == min(o)]

    def operations(seats: tuple) -> Iterable[tuple]:
        for order in moves:
            after = dict(zip(seats, range(count), strict=True))
            after |= {a: after[b] for a, b in zip(order, (*order[1:], order[0]), strict=True)}
            yield tuple(sorted(after, key=after.__getitem__)), len(order)

    if count < 6:
        costs = distances(tuple(range(count)), operations)
    else:  # the smaller circles show that everybody who moves costs 1
        costs = {seats: sum(a != b for a, b in enumerate(seats)) for seats in permutations(range(count))}
    least: dict[tuple, int] = {}
    for seats, cost in costs.items():
        beside = {each: sorted((seats[i - 1], seats[(i + 1) % count])) for i, each in enumerate(seats)}
        wishes = tuple(tuple(beside[each]) for each in range(count))
        least[wishes] = min(cost, least.get(wishes, cost))
    return least


@truth("sequences/face_right_way", sizes=[(4, 2), (6, 2), (7, 3), (8, 3)], seeds=35)
def face_right_way(problem: Any) -> None:
    length = len(problem.bits)
    ways = []
    for width in range(1, length + 1):
        for starts in subsets(length - width + 1):
            after = [bit + sum(start <= i < start + width for start in starts) for i, bit in enumerate(problem.bits)]
            if all(bit % 2 == 0 for bit in after):
                ways.append((len(starts), width, starts))
            elif width > 2:
                assert problem.check([[start + 1, start + width] for start in starts]).kind == "invalid"
    best = min(ways)[:2]
    for flips, width, starts in ways:
        assert problem.check([[start + 1, start + width] for start in starts]).correct == ((flips, width) == best)
    assert problem.check([[1, 1], [1, 2]]).kind == problem.check([[0, 1]]).kind == "invalid"


@truth("sequences/inversion_pair", sizes=[(3, 9), (4, 9)], seeds=30)
def inversion_pair(problem: Any) -> None:
    def swaps(state: tuple) -> Iterable[tuple]:
        first, second = state
        for i in range(len(first) - 1):
            yield (swapped(first, i, i + 1), second), 1
            yield (first, swapped(second, i, i + 1)), 1

    costs = distances((problem.first, problem.second), swaps)
    away = {state: sum((a - b) ** 2 for a, b in zip(*state, strict=True)) for state in costs}
    assert problem.solution == min(costs[state] for state in costs if away[state] == min(away.values()))


@truth("sequences/klo_blocks", sizes=[(2,), (3,), (5,)], seeds=25)
def klo_blocks(problem: Any) -> None:
    if len(problem.stacks) > 3:  # lower stacks, for fewer states
        problem = type(problem)(tuple(stack // 3 for stack in problem.stacks), problem.height // 3)

    def moves(state: tuple) -> Iterable[tuple]:
        for i in range(len(state)):
            for j in (i - 1, i + 1):
                if 0 <= j < len(state) and state[i] > problem.height:
                    yield tuple(stack - (k == i) + (k == j) for k, stack in enumerate(state)), 1

    longest = 0
    for state in distances(problem.stacks, moves):
        longest = max([longest, *(len(part) for part in stretches(state) if min(part) >= problem.height)])
    assert problem.solution == longest


@truth("sequences/lis_lds_concatenation", levels=(0, 1, 2))
def lis_lds_concatenation(problem: Any) -> None:
    def value(places: tuple) -> int | None:
        chosen = [problem.numbers[i] for i in places]
        for top in range(len(chosen)):
            rises = all(a < b for a, b in pairwise(chosen[: top + 1]))
            if rises and all(a > b for a, b in pairwise(chosen[top:])):
                return len(chosen)
        return None

    holds(problem, subsets(len(problem.numbers)), value)
    assert problem.check(problem.solution[::-1]).kind == "invalid"


@truth("sequences/longest_matching_subsequence", levels=(1, 2, 4), seeds=25)
def longest_matching_subsequence(problem: Any) -> None:
    def value(places: tuple) -> int | None:
        return sum(problem.numbers[i] == j + 1 for j, i in enumerate(places)) if places else None

    holds(problem, subsets(len(problem.numbers)), value)
    assert problem.check([1, 0]).kind == problem.check([0, 0]).kind == "invalid"


@truth("sequences/longest_maxdiff_bounded_interval", levels=(0, 2, 4))
def longest_maxdiff_bounded_interval(problem: Any) -> None:
    def value(pair: tuple) -> int | None:
        part = problem.numbers[pair[0] : pair[1] + 1]
        inside = 0 <= pair[0] <= pair[1] < len(problem.numbers)
        return len(part) if inside and all(abs(a - b) <= problem.limit for a in part for b in part) else None

    holds(problem, product(range(-1, len(problem.numbers) + 1), repeat=2), value)


@truth("sequences/max_permutation", levels=(0, 1, 2))
def max_permutation(problem: Any) -> None:
    holds(problem, permutations(range(len(problem.pieces))), lambda o: int("".join(problem.pieces[i] for i in o)))
    assert problem.check([0] * len(problem.pieces)).kind == "invalid"


@cache
def profiles(length: int) -> dict[tuple[int, ...], list[tuple[tuple[int, ...], int]]]:
    """The permutations of 1 to length by their rising lengths, each with the sum of its falling lengths."""
    found: dict[tuple[int, ...], list] = {}
    for order in permutations(range(1, length + 1)):
        rising, falling = [], []
        for i, number in enumerate(order):
            rising.append(1 + max((rising[j] for j in range(i) if order[j] < number), default=0))
        for i, number in enumerate(order[::-1]):
            falling.append(1 + max((falling[j] for j in range(i) if order[::-1][j] < number), default=0))
        found.setdefault(tuple(rising), []).append((order, sum(falling)))
    return found


@truth("sequences/max_sum_lds", levels=(1, 2, 3), seeds=30)
def max_sum_lds(problem: Any) -> None:
    values = dict(profiles(len(problem.rising))[problem.rising])
    assert values[tuple(problem.solution)] == max(values.values())
    for order in (*next(iter(profiles(len(problem.rising)).values())), *list(values.items())[:60]):
        verdict = problem.check(list(order[0]))
        assert verdict.correct == (values.get(order[0]) == max(values.values()))
        assert verdict.kind == ("graded" if order[0] in values else "invalid")


@truth("sequences/maximum_divisor", levels=(0, 1, 2))
def maximum_divisor(problem: Any) -> None:
    feasible = set()
    for length in range(1, max(problem.rods) + 1):
        if sum(len(range(length, rod + 1, length)) for rod in problem.rods) >= problem.pieces:
            feasible.add(length)
    for length in range(-1, max(problem.rods) + 2):
        verdict = problem.check(length)
        assert verdict.kind == ("graded" if length in feasible else "invalid")
        assert verdict.correct == (length == max(feasible))


@truth("sequences/maximum_subsequence_num", sizes=[(2, 2, 2), (4, 2, 3), (4, 3, 3)], seeds=40)
def maximum_subsequence_num(problem: Any) -> None:
    def value(extra: tuple) -> int:
        whole = (*problem.start, *extra)
        return len({tuple(whole[i] for i in places) for places in subsets(len(whole))})

    holds(problem, product(range(problem.symbols), repeat=problem.extra), value)
    assert problem.check([0] * (problem.extra + 1)).kind == "invalid"
    assert problem.check([problem.symbols] * problem.extra).kind == "invalid"


@truth("sequences/repeat_sequence_lnds", levels=(0, 1, 2))
def repeat_sequence_lnds(problem: Any) -> None:
    assert problem.solution == longest_rising(problem.numbers * problem.times)


@truth("sequences/segment_tree_sorting_counting", sizes=[(2, 1), (3, 1), (3, 2)], seeds=40)
def segment_tree_sorting_counting(problem: Any) -> None:
    size = len(problem.numbers)
    kinds = [2**t for t in range(size.bit_length() - 1)]

    def ways(numbers: list[int], left: tuple[int, ...]) -> int:
        count = int(numbers == sorted(numbers))
        for length in left:
            for i, j in combinations(range(0, size, length), 2):
                moved = numbers.copy()
                moved[i : i + length], moved[j : j + length] = numbers[j : j + length], numbers[i : i + length]
                count += ways(moved, tuple(other for other in left if other != length))
        return count

    assert problem.solution == ways(list(problem.numbers), tuple(kinds))


@truth("sequences/slo_elephants", sizes=[(3, 9), (4, 20), (5, 40)], seeds=25)
def slo_elephants(problem: Any) -> None:
    pairs = list(combinations(range(len(problem.weights)), 2))

    def swaps(row: tuple) -> Iterable[tuple]:
        for a, b in pairs:
            yield swapped(row, row.index(a), row.index(b)), problem.weights[a] + problem.weights[b]

    least = distances(problem.before, swaps)[problem.after]
    assert least == sum(problem.weights[i] for swap in problem.solution for i in swap)
    for a, b in pairs:
        verdict = problem.check([[a, b]])
        reaches = swapped(problem.before, problem.before.index(a), problem.before.index(b)) == problem.after
        assert verdict.kind == ("graded" if reaches else "invalid")
        assert 0 < problem.check([*problem.solution, [a, b], [b, a]]).score < 1
    assert problem.check([]).kind == problem.check([[0, -1]]).kind == "invalid"


@truth("sequences/subsequence_reversal_lnds", sizes=[(5, 5), (6, 9), (7, 9)], seeds=25)
def subsequence_reversal_lnds(problem: Any) -> None:
    longest = 0
    for places in subsets(len(problem.numbers)):
        after = list(problem.numbers)
        for i, j in zip(places, places[::-1], strict=True):
            after[i] = problem.numbers[j]
        longest = max(longest, longest_rising(after))
    assert problem.solution == longest


@truth("sequences/weighted_lis", levels=(0, 2, 4))
def weighted_lis(problem: Any) -> None:
    def value(places: tuple) -> int | None:
        kept = [problem.numbers[i] for i in places]
        return sum(problem.weights[i] for i in places) if kept and kept == sorted(kept) else None

    holds(problem, subsets(len(problem.numbers)), value)


@truth("sequences/wil", levels=(0, 1, 2))
def wil(problem: Any) -> None:
    def value(places: tuple) -> int | None:
        a, b, first, last = places
        if not (a <= b and first <= last and b - a + 1 <= problem.erase):
            return None
        left = [0 if a <= i <= b else number for i, number in enumerate(problem.numbers, 1)]
        return last - first + 1 if sum(left[first - 1 : last]) <= problem.limit else None

    holds(problem, product(range(1, len(problem.numbers) + 1), repeat=4), value)
    assert problem.check([0, 0, 1, 1]).kind == problem.check([1, 1, 1, 99]).kind == "invalid"
