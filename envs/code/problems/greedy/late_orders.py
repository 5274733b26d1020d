"""The most jobs in time on one machine: drop the longest when late (Moore and Hodgson)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import product
from typing import TYPE_CHECKING

from whetstone.envs.code.blueprint import Blueprint
from whetstone.envs.code.reader import Reader
from whetstone.envs.code.sandbox.types import Limits, Program

if TYPE_CHECKING:
    from numpy.random import Generator as Rng

N, HOURS, END = 10_000, 100_000, 1_000_000_000


def text(orders: Iterable[tuple[int, int]]) -> str:
    lines = [f"{h} {e}\n" for h, e in orders]
    return f"{len(lines)}\n" + "".join(lines)


def orders(rng: Rng, n: int, longest: int, strain: float) -> str:
    hours = rng.integers(1, longest + 1, size=n)
    ends = rng.integers(1, 2 + int(strain * n * longest), size=n).clip(max=END)
    return text(zip(hours.tolist(), ends.tolist(), strict=True))


class LateOrders(Blueprint):
    title = "The bell founder's orders"
    statement = (
        "A bell founder has n orders and one furnace. Order i needs the furnace for h hours without a break and must "
        "be finished at hour e at the latest; the furnace is free from hour 0 on and takes one order at a time. How "
        "many orders can be finished in time if the founder chooses the orders and their sequence well?"
    )
    input_format = (
        "The first line holds the integer n (1 <= n <= 10000). Each of the next n lines holds the integers h and e of "
        "an order (1 <= h <= 100000, 1 <= e <= 1000000000)."
    )
    output_format = "The largest number of orders that are finished in time."
    samples = ("4\n3 4\n2 5\n2 6\n9 20\n", "2\n5 4\n1 1\n")
    limits = Limits(cpu=1.0)
    topics = ("greedy", "scheduling", "heaps")
    level = 6

    reference = """
import sys
from heapq import heappop, heappush

data = list(map(int, sys.stdin.buffer.read().split()))
now = 0
chosen = []
for end, hours in sorted(zip(data[2::2], data[1::2])):
    heappush(chosen, -hours)
    now += hours
    if now > end:
        now += heappop(chosen)
print(len(chosen))
"""
    brute = """
from itertools import permutations

n = int(input())
orders = [tuple(map(int, input().split())) for _ in range(n)]
best = 0
for sequence in permutations(orders):
    now = done = 0
    for hours, end in sequence:
        if now + hours > end:
            break
        now += hours
        done += 1
    best = max(best, done)
print(best)
"""
    right = {
        "least time for every number of orders": Program(
            "python",
            """
import bisect
# least[k]: the least furnace time in which k of the orders seen so far can be done; its steps are convex,
# so the steps are kept sorted, and an order that comes late takes the place of the longest.
n = int(input())
rows = []
for _ in range(n):
    h, e = map(int, input().split())
    rows.append((e, h))
rows.sort()
steps, total = [], 0
for e, h in rows:
    if total + h <= e:
        bisect.insort(steps, h)
        total += h
    elif steps and steps[-1] > h:
        total += h - steps.pop()
        bisect.insort(steps, h)
print(len(steps))
""",
        ),
        "Moore and Hodgson in C++": Program(
            "cpp",
            """
#include <bits/stdc++.h>
int main() {
    int n;
    std::cin >> n;
    std::vector<std::pair<long long, long long>> a(n);
    for (auto& [e, h] : a) std::cin >> h >> e;
    std::sort(a.begin(), a.end());
    std::multiset<long long> chosen;
    long long now = 0;
    for (auto [e, h] : a) {
        chosen.insert(h);
        now += h;
        if (now > e) now -= *chosen.rbegin(), chosen.erase(std::prev(chosen.end()));
    }
    std::cout << chosen.size() << std::endl;
}
""",
        ),
    }
    wrong = {
        "by the end, skips what is late": """
n = int(input())
orders = sorted((tuple(map(int, input().split())) for _ in range(n)), key=lambda order: order[1])
now = count = 0
for h, e in orders:
    if now + h <= e:
        now += h
        count += 1
print(count)
""",
        "the shortest first": """
n = int(input())
now = count = 0
for h, e in sorted(tuple(map(int, input().split())) for _ in range(n)):
    if now + h <= e:
        now += h
        count += 1
print(count)
""",
        "by the latest start": """
n = int(input())
now = count = 0
for h, e in sorted((tuple(map(int, input().split())) for _ in range(n)), key=lambda order: order[1] - order[0]):
    if now + h <= e:
        now += h
        count += 1
print(count)
""",
        "must end before the hour": reference.replace("now > end", "now >= end"),
        "drops the shortest": reference.replace("-hours", "hours").replace("now += heappop", "now -= heappop"),
        "replaces the longest even by a longer one": """
import heapq

n = int(input())
orders = sorted((tuple(map(int, input().split())) for _ in range(n)), key=lambda order: order[1])
now, heap = 0, []
for h, e in orders:
    if now + h <= e:
        now += h
        heapq.heappush(heap, -h)
    elif heap:
        now += h + heapq.heapreplace(heap, -h)
print(len(heap))
""",
        "too slow: a table of order and number": """
n = int(input())
orders = sorted((tuple(map(int, input().split())) for _ in range(n)), key=lambda order: order[1])
least = [0]
for h, e in orders:
    for k in range(len(least), 0, -1):
        time = least[k - 1] + h
        if time <= e:
            if k == len(least):
                least.append(time)
            elif time < least[k]:
                least[k] = time
print(len(least) - 1)
""",
    }

    @classmethod
    def validate(cls, text: str) -> None:
        reader = Reader(text)
        n = reader.integer(1, N, "n")
        reader.line()
        for _ in range(n):
            reader.integer(1, HOURS, "h")
            reader.integer(1, END, "e")
            reader.line()
        reader.end()

    @classmethod
    def small(cls) -> Iterator[str]:
        for h, e in product((1, 2, 3), repeat=2):
            yield text([(h, e)])
        for rows in product(product((1, 2, 3), (1, 3, 5)), repeat=2):
            yield text(rows)
        for ends in product((2, 3, 4, 5), repeat=3):
            yield text(zip((1, 3, 2), ends, strict=True))

    @classmethod
    def random(cls, rng: Rng, size: int) -> str:
        n = int(rng.integers(3, 4 + size)) if size <= 3 else min(N, 3**size // 3)
        return orders(rng, n, int(rng.choice([3, 9, HOURS])), float(rng.choice([0.2, 0.5, 1])))

    @classmethod
    def worst(cls, rng: Rng) -> Iterator[str]:
        yield text((i % 7 + 1, END) for i in range(N))
        yield orders(rng, N, HOURS, 0.6)
        yield orders(rng, N, 5, 0.3)
        yield text((HOURS - i, (i + 1) * HOURS // 2) for i in range(N))

    @classmethod
    def hack(cls, rng: Rng, idea: str) -> str:
        if idea.startswith("too slow"):
            return orders(rng, N, HOURS, 1.0)
        k, h = int(rng.integers(2, 20)), int(rng.integers(2, 1000))
        if idea in ("by the end, skips what is late", "by the latest start"):  # one long order first
            rows = [(k * h, k * h)] + [(h, k * h + i) for i in range(1, k)]
        elif idea == "the shortest first":  # a short order with time takes that of one without
            rows = [(h, END), *((h + 1, (i + 1) * (h + 1)) for i in range(k))]
        elif idea == "drops the shortest":
            rows = [(1, k), (h * k, h * k), *((1, h * k + 1 + i // 2) for i in range(k + 1))]
        elif idea.startswith("replaces"):  # the long order comes late, after the short ones
            rows = [(1, 1), (h + k, h + k), *[(1, h + k + 1)] * k]
        else:
            rows = [(h, (i + 1) * h) for i in range(k)]
        return text(rows[i] for i in rng.permutation(len(rows)))
