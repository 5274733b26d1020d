"""Arcs around a circle: the fewest that add up to given numbers."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import product
from typing import TYPE_CHECKING

from whetstone.envs.code.blueprint import Blueprint
from whetstone.envs.code.reader import Reader
from whetstone.envs.code.sandbox.types import Limits, Program

if TYPE_CHECKING:
    from numpy.random import Generator as Rng

N, CANS = 30_000, 1_000_000_000


def text(cans: Sequence[int]) -> str:
    return f"{len(cans)}\n{' '.join(map(str, cans))}\n"


class CarouselWatering(Blueprint):
    title = "Watering the carousel"
    statement = (
        "n tubs of flowers stand in a circle, numbered from 1 to n clockwise; after tub n comes tub 1 again. Tub i "
        "must get exactly a_i cans of water. In one run the gardener chooses a tub to begin with and walks clockwise "
        "past some tubs, at least one and at most n, and gives one can to each tub that he passes, the first one "
        "included. What is the least number of runs after which every tub has got exactly its cans?"
    )
    input_format = (
        "The first line holds the integer n (1 <= n <= 30000). The second line holds the n integers a_1 to a_n "
        "(0 <= a_i <= 1000000000)."
    )
    output_format = "The least number of runs."
    samples = ("4\n2 1 0 1\n", "3\n5 5 5\n", "5\n0 3 1 2 0\n")
    limits = Limits(cpu=1.0)
    topics = ("greedy", "circles", "differences")
    level = 8

    reference = """
n = int(input())
cans = list(map(int, input().split()))
rises = sum(max(0, cans[i] - cans[i - 1]) for i in range(n))
print(max(rises, max(cans)))
"""
    brute = """
n = int(input())
goal = tuple(map(int, input().split()))
reached = {goal}
runs = 0
while (0,) * n not in reached:
    runs += 1
    after = set()
    for cans in reached:
        for start in range(n):
            left = list(cans)
            for i in range(start, start + n):
                left[i % n] -= 1
                if left[i % n] < 0:
                    break
                after.add(tuple(left))
    reached = after
print(runs)
"""
    right = {
        "cut open at the smallest": Program(
            "python",
            """
n = int(input())
a = list(map(int, input().split()))
k = a.index(min(a))
a = a[k:] + a[:k]
# As in a row, a[0] runs begin at the cut and as many end there. Some of those that end may go on as those that
# begin, each at most once round: all but as many as are needed for the largest tub.
row = a[0] + sum(y - x for x, y in zip(a, a[1:]) if y > x)
print(max(row - a[0], max(a)))
""",
        ),
        "falls instead of rises, in C++": Program(
            "cpp",
            """
#include <bits/stdc++.h>
int main() {
    int n;
    std::cin >> n;
    std::vector<long long> a(n);
    for (auto& x : a) std::cin >> x;
    long long falls = 0, top = 0;
    for (int i = 0; i < n; i++) {
        falls += std::max(0LL, a[i] - a[(i + 1) % n]);
        top = std::max(top, a[i]);
    }
    std::cout << std::max(falls, top) << std::endl;
}
""",
        ),
    }
    wrong = {
        "in a row, not in a circle": """
n = int(input())
runs = last = 0
for x in map(int, input().split()):
    runs += max(0, x - last)
    last = x
print(runs)
""",
        "rises around the circle alone": reference.replace("max(rises, max(cans))", "rises"),
        "whole rounds first, then the rises": reference.replace("max(rises, max(cans))", "rises + min(cans)"),
        "the largest tub alone": reference.replace("max(rises, max(cans))", "max(cans)"),
        "forgets the step from the last tub to the first": reference.replace(
            "for i in range(n))", "for i in range(1, n))"
        ),
        "in a row from the smallest tub": """
n = int(input())
cans = list(map(int, input().split()))
k = cans.index(min(cans))
runs = last = 0
for x in cans[k:] + cans[:k]:
    runs += max(0, x - last)
    last = x
print(runs)
""",
        "too slow: run by run": """
n = int(input())
cans = list(map(int, input().split()))
runs = 0
while any(cans):
    if all(cans):
        # a whole round, or what saves more: begin after the last of the largest
        top = max(cans)
        rises = sum(max(0, cans[i] - cans[i - 1]) for i in range(n))
        if rises <= top:
            cans = [x - 1 for x in cans]
            runs += 1
            continue
        start = next(i for i in range(n) if cans[i] > cans[i - 1])
        length = next(j for j in range(1, n + 1) if cans[(start + j) % n] < cans[(start + j - 1) % n])
    else:
        start = next(i for i in range(n) if cans[i] and not cans[i - 1])
        length = next(j for j in range(1, n + 1) if not cans[(start + j) % n])
    for j in range(start, start + length):
        cans[j % n] -= 1
    runs += 1
print(runs)
""",
    }

    @classmethod
    def validate(cls, text: str) -> None:
        reader = Reader(text)
        n = reader.integer(1, N, "n")
        reader.line()
        reader.integers(n, 0, CANS, "a")
        reader.line()
        reader.end()

    @classmethod
    def small(cls) -> Iterator[str]:
        yield from (text([x]) for x in range(4))
        yield from (text(cans) for n in (2, 3) for cans in product(range(4), repeat=n))
        yield from (text(cans) for cans in product(range(4), repeat=4))
        yield from (text(cans) for cans in product(range(2), repeat=6))

    @classmethod
    def random(cls, rng: Rng, size: int) -> str:
        if size <= 3:
            n = int(rng.integers(3, 4 + size))
            return text(rng.integers(4 if n < 5 else 3, size=n).tolist())
        n = min(N, 3**size // 2)
        high = int(rng.choice([5, n, CANS // n]))
        steps = rng.integers(-high, high + 1, size=n).cumsum()
        steps = abs(steps) if rng.random() < 0.5 else steps - steps.min()
        if rng.random() < 0.5:  # little to climb over a high floor
            steps = steps // n + rng.integers(1, 1000)
        return text(steps.clip(max=CANS).tolist())

    @classmethod
    def worst(cls, rng: Rng) -> Iterator[str]:
        yield text([CANS] * N)
        yield text([CANS, 0] * (N // 2))
        yield text(rng.integers(CANS + 1, size=N).tolist())
        yield text([CANS - i for i in range(N)])

    @classmethod
    def hack(cls, rng: Rng, idea: str) -> str:
        n, floor = int(rng.integers(3, 20)), int(rng.integers(1, 1000))
        if idea.startswith("too slow"):
            return text(rng.integers(CANS, size=1000).tolist())
        if idea in ("in a row, not in a circle", "the largest tub alone"):  # several hills; tub 1 is on one
            return text([3 * floor, floor] * n)
        if idea.startswith("whole rounds") or idea.startswith("in a row from"):
            return text([*[floor, floor + 2] * n, floor + 1])
        if idea.startswith("rises"):
            return text([floor] * n + [floor + 1])
        return text([2 * floor, 0] * n + [floor])
