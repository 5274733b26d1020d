"""Two heaps: which desks are free, and which becomes free next."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import product
from typing import TYPE_CHECKING

from whetstone.envs.code.blueprint import Blueprint
from whetstone.envs.code.reader import Reader
from whetstone.envs.code.sandbox.types import Limits, Program

if TYPE_CHECKING:
    from numpy.random import Generator as Rng

N, TIME = 10_000, 1_000_000_000


def text(k: int, guests: Sequence[tuple[int, int]]) -> str:
    return f"{len(guests)} {k}\n" + "".join(f"{t} {d}\n" for t, d in guests)


def guests(rng: Rng, n: int, k: int, gap: int, longest: int) -> str:
    arrivals = rng.integers(gap + 1, size=n).cumsum().clip(max=TIME).tolist()
    return text(k, list(zip(arrivals, rng.integers(1, longest + 1, size=n).tolist(), strict=True)))


class TicketDesks(Blueprint):
    title = "Ticket desks"
    statement = (
        "A station has k ticket desks, numbered from 1 to k, all free at first. n guests arrive one after the other; "
        "guests of the same second arrive in the given order. A guest who arrives while some desk is free goes at "
        "once to the free desk with the smallest number. If no desk is free, he waits; those who wait are served in "
        "the order of arrival, each as soon as there is a free desk for him. A guest who goes to a desk in second s "
        "and needs d seconds occupies it up to second s + d, in which it is free again for another guest. If several "
        "desks become free in the same second, the guest whose turn it is takes the one with the smallest number. At "
        "which desk and in which second is each guest served?"
    )
    input_format = (
        "The first line holds the integers n and k (1 <= n, k <= 10000). Each of the next n lines holds the integers t "
        "and d of a guest (0 <= t <= 1000000000, 1 <= d <= 1000000): he arrives in second t and needs d seconds at the "
        "desk. The numbers t do not fall from line to line."
    )
    output_format = (
        "For each of the last 20 guests (for all, if there are fewer), in the given order, a line with his desk and "
        "the second in which he goes to it."
    )
    samples = ("5 2\n0 10\n1 3\n4 9\n5 1\n6 2\n", "3 3\n2 1\n2 1\n3 1\n")
    limits = Limits(cpu=1.0)
    topics = ("data structures", "heaps", "simulation")
    level = 5

    reference = """
import sys
from heapq import heappop, heappush

data = list(map(int, sys.stdin.buffer.read().split()))
k = data[1]
free = list(range(1, k + 1))
busy = []
served = []
now = 0
for time, needs in zip(data[2::2], data[3::2]):
    now = max(now, time)
    if not free:
        now = max(now, busy[0][0])
    while busy and busy[0][0] <= now:
        heappush(free, heappop(busy)[1])
    desk = heappop(free)
    served.append((desk, now))
    heappush(busy, (now + needs, desk))
for desk, now in served[-20:]:
    print(desk, now)
"""
    equivalent = {"line 10: 0 -> -1": "no guest comes before second 0"}
    brute = """
n, k = map(int, input().split())
guests = [tuple(map(int, input().split())) for _ in range(n)]
until = [0] * k
served = []
second = guests[0][0]
while len(served) < n:
    while len(served) < n and guests[len(served)][0] <= second:
        free = [i for i in range(k) if until[i] <= second]
        if not free:
            break
        until[free[0]] = second + guests[len(served)][1]
        served.append((free[0] + 1, second))
    second += 1
for desk, start in served[-20:]:
    print(desk, start)
"""
    right = {
        "events": Program(
            "python",
            """
import heapq
from collections import deque

def main():
    n, k = map(int, input().split())
    events = []
    for i in range(n):
        t, d = map(int, input().split())
        # at one second: first the desks become free, then the guests come
        events.append((t, 1, i, d))
    heapq.heapify(events)
    desks, queue, out = list(range(1, k + 1)), deque(), [None] * n
    while events:
        t, kind, who, d = heapq.heappop(events)
        if kind == 0:
            heapq.heappush(desks, who)
        else:
            queue.append((who, d))
        if events and events[0][0] == t and events[0][1] == 0:
            continue
        while queue and desks:
            who, d = queue.popleft()
            desk = heapq.heappop(desks)
            out[who] = desk, t
            heapq.heappush(events, (t + d, 0, desk, 0))
    for desk, t in out[-20:]:
        print(desk, t)

main()
""",
        ),
        "sets in C++": Program(
            "cpp",
            """
#include <bits/stdc++.h>
using namespace std;
int main() {
    int n, k;
    scanf("%d %d", &n, &k);
    set<int> free;
    set<pair<long long, int>> busy;
    for (int i = 1; i <= k; i++) free.insert(i);
    long long now = 0, t, d;
    while (n--) {
        scanf("%lld %lld", &t, &d);
        now = max(now, t);
        if (free.empty()) now = max(now, busy.begin()->first);
        while (!busy.empty() && busy.begin()->first <= now) {
            free.insert(busy.begin()->second);
            busy.erase(busy.begin());
        }
        int desk = *free.begin();
        free.erase(desk);
        busy.insert({now + d, desk});
        if (n < 20) printf("%d %lld\\n", desk, now);
    }
}
""",
        ),
    }
    wrong = {
        "the desk that has been free longest": """
import heapq

n, k = map(int, input().split())
desks = [(0, i) for i in range(1, k + 1)]
now = 0
for i in range(n):
    t, d = map(int, input().split())
    until, desk = heapq.heappop(desks)
    now = max(now, t, until)
    if i >= n - 20:
        print(desk, now)
    heapq.heappush(desks, (now + d, desk))
""",
        "a desk is free one second later": reference.replace("busy[0][0] <= now", "busy[0][0] < now").replace(
            "max(now, busy[0][0])", "max(now, busy[0][0] + 1)"
        ),
        "occupied from the arrival on": reference.replace("(now + needs, desk)", "(time + needs, desk)"),
        "only one desk becomes free at a time": reference.replace("while busy and", "if busy and"),
        "prints the arrival": reference.replace("append((desk, now))", "append((desk, time))"),
        "takes the largest number": reference.replace("range(1, k + 1)", "range(-k, 0)").replace(
            "print(desk, now)", "print(-desk, now)"
        ),
        "too slow: looks through all desks": """
n, k = map(int, input().split())
until = [0] * k
now = 0
for i in range(n):
    t, d = map(int, input().split())
    now = max(now, t)
    soon = min(until)
    now = max(now, soon)
    for desk in range(k):
        if until[desk] <= now:
            break
    if i >= n - 20:
        print(desk + 1, now)
    until[desk] = now + d
""",
    }

    @classmethod
    def validate(cls, text: str) -> None:
        reader = Reader(text)
        n = reader.integer(1, N, "n")
        reader.integer(1, N, "k")
        reader.line()
        last = 0
        for _ in range(n):
            last = reader.integer(last, TIME, "t")
            reader.integer(1, 1_000_000, "d")
            reader.line()
        reader.end()

    @classmethod
    def small(cls) -> Iterator[str]:
        yield from (text(1, [(5, 3)]), text(3, [(0, 1)]))
        for k in (1, 2, 3):
            for gaps in product((0, 1, 2), repeat=3):
                times = [gaps[0], gaps[0] + gaps[1], sum(gaps), sum(gaps)]
                yield text(k, list(zip(times, (3, 2, 1, 1), strict=True)))
                yield text(k, list(zip(times, (1, 4, 2, 3), strict=True)))

    @classmethod
    def random(cls, rng: Rng, size: int) -> str:
        n = int(rng.integers(4, 7 + 2 * size)) if size <= 3 else min(N, 3**size // 4)
        k = int(rng.integers(1, 5)) if size <= 3 else int(rng.choice([1, 2, 10, n // 3, n]))
        gap = int(rng.integers(4))
        return guests(rng, n, k, gap, int(rng.choice([3, 1 + k * (gap + 1), 8 if size <= 3 else 1_000_000])))

    @classmethod
    def worst(cls, rng: Rng) -> Iterator[str]:
        yield text(N, [(0, 1_000_000)] * N)
        yield text(N // 2, [(i, 1_000_000) for i in range(N // 2)] + [(TIME, 1)] * (N // 2))
        yield guests(rng, N, N // 2, 1, N)
        yield guests(rng, N, N // 2, 0, 1_000_000)
        yield guests(rng, N, 1, 3, 1_000_000)

    @classmethod
    def hack(cls, rng: Rng, idea: str) -> str:
        k = int(rng.integers(2, 9))
        if idea.startswith("too slow"):
            return guests(rng, N, N - k, 0, 1_000_000)
        if idea.startswith("occupied") or idea.startswith("prints"):
            return text(k, [(0, 5)] * (4 * k))
        if idea == "a desk is free one second later":
            return text(k, [(5 * i, 5) for i in range(2 * k)])
        # All desks are taken and become free from the last to the first, before the next guests come.
        return text(k, [(0, 2 * k - i) for i in range(k)] + [(2 * k, 3)] * k + [(3 * k, 1)] * k)
