"""Calm weather: the longest stretch with a small range, by two monotone queues."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import product
from typing import TYPE_CHECKING

from whetstone.envs.code.blueprint import Blueprint
from whetstone.envs.code.reader import Reader
from whetstone.envs.code.sandbox.types import Limits, Program

if TYPE_CHECKING:
    from numpy.random import Generator as Rng

MOST = 20_000
HIGH = 10**6


def written(d: int, a: Sequence[int]) -> str:
    """The input for the allowed range and the readings."""
    return f"{len(a)} {d}\n{' '.join(map(str, a))}\n"


class CalmWeather(Blueprint):
    """Sliding minimum and maximum; length and number of the longest windows."""

    title = "Calm weather"
    statement = """\
A weather station measured the air pressure once an hour for n hours. A stretch of consecutive hours is calm when any
two readings in it differ by at most d. Find the largest number of hours of a calm stretch, and how many calm stretches
of that length there are (stretches may overlap; they are different when they begin at different hours)."""
    input_format = """\
The first line holds two integers n and d (1 <= n <= 20000, 0 <= d <= 10^6). The second line holds the n readings
(integers from 0 to 10^6)."""
    output_format = (
        "Two integers separated by a space: the length of a longest calm stretch and the number of such stretches."
    )
    samples = ("6 2\n3 4 6 5 4 1\n", "5 0\n1 2 3 4 5\n", "1 7\n9\n")
    limits = Limits(cpu=1.0)
    topics = ("arrays", "sliding window", "monotone queue")
    level = 5

    reference = """\
from collections import deque

n, d = map(int, input().split())
a = list(map(int, input().split()))
low, high = deque(), deque()  # values that rise and that fall, in the order of the window
length = count = 0  # of the window: it never gets shorter
for i, x in enumerate(a):
    while low and low[-1] > x:
        low.pop()
    while high and high[-1] < x:
        high.pop()
    low.append(x)
    high.append(x)
    if high[0] - low[0] > d:
        old = a[i - length]
        if low[0] == old:
            low.popleft()
        if high[0] == old:
            high.popleft()
        count += high[0] - low[0] <= d
    else:
        length += 1
        count = 1
print(length, count)
"""
    brute = """\
n, d = map(int, input().split())
a = list(map(int, input().split()))
for length in range(n, 0, -1):
    calm = [i for i in range(n - length + 1) if max(a[i : i + length]) - min(a[i : i + length]) <= d]
    if calm:
        print(length, len(calm))
        break
"""
    right = {
        "heaps with late removal": Program(
            "python",
            """\
import sys
from heapq import heappush, heappop

data = list(map(int, sys.stdin.read().split()))
n, d, a = data[0], data[1], data[2:]
low, high = [], []
left = 0
lengths = {}
for right, x in enumerate(a):
    heappush(low, (x, right))
    heappush(high, (-x, right))
    while -high[0][0] - low[0][0] > d:
        left += 1
        while low[0][1] < left:
            heappop(low)
        while high[0][1] < left:
            heappop(high)
    size = right - left + 1
    lengths[size] = lengths.get(size, 0) + 1
best = max(lengths)
print(best, lengths[best])
""",
        ),
        "multiset": Program(
            "cpp",
            """\
#include <bits/stdc++.h>
using namespace std;
int main() {
    int n, d, best = 0, count = 0;
    cin >> n >> d;
    vector<int> a(n);
    multiset<int> window;
    for (int i = 0, left = 0; i < n; i++) {
        cin >> a[i];
        window.insert(a[i]);
        while (*window.rbegin() - *window.begin() > d) window.erase(window.find(a[left++]));
        int size = window.size();
        if (size > best) best = size, count = 0;
        if (size == best) count++;
    }
    cout << best << ' ' << count << '\\n';
}
""",
        ),
    }
    wrong = {
        "compares neighbours only": """\
n, d = map(int, input().split())
a = list(map(int, input().split()))
best = count = run = 0
for i in range(n):
    run = run + 1 if i and abs(a[i] - a[i - 1]) <= d else 1
    if run > best:
        best, count = run, 0
    count += run == best
print(best, count)
""",
        "compares with the first reading only": """\
n, d = map(int, input().split())
a = list(map(int, input().split()))
best = count = left = 0
for i in range(n):
    while abs(a[i] - a[left]) > d:
        left += 1
    if i - left + 1 > best:
        best, count = i - left + 1, 0
    count += i - left + 1 == best
print(best, count)
""",
        "begins again at the reading that does not fit": """\
n, d = map(int, input().split())
a = list(map(int, input().split()))
best = count = left = 0
low = high = a[0]
for i in range(n):
    low, high = min(low, a[i]), max(high, a[i])
    if high - low > d:
        left, low, high = i, a[i], a[i]
    if i - left + 1 > best:
        best, count = i - left + 1, 0
    count += i - left + 1 == best
print(best, count)
""",
        "strictly less than d": """\
n, d = map(int, input().split())
a = list(map(int, input().split()))
best = count = left = 0
for i in range(n):
    while left < i and max(a[left:i + 1]) - min(a[left:i + 1]) >= d:
        left += 1
    if i - left + 1 > best:
        best, count = i - left + 1, 0
    count += i - left + 1 == best
print(best, count)
""",
        "counts stretches that do not overlap": """\
n, d = map(int, input().split())
a = list(map(int, input().split()))
left = 0
found = []
for i in range(n):
    while max(a[left:i + 1]) - min(a[left:i + 1]) > d:
        left += 1
    found.append((i - left + 1, left, i))
best = max(found)[0]
count, end = 0, -1
for size, first, last in found:
    if size == best and first > end:
        count, end = count + 1, last
print(best, count)
""",
        "a reading removed by value although an equal one stays": """\
from collections import deque

n, d = map(int, input().split())
a = list(map(int, input().split()))
low, high = deque(), deque()
best = count = left = 0
for i, x in enumerate(a):
    while low and low[-1] >= x:
        low.pop()
    while high and high[-1] <= x:
        high.pop()
    low.append(x)
    high.append(x)
    while high[0] - low[0] > d:
        if low[0] == a[left]:
            low.popleft()
        if high[0] == a[left]:
            high.popleft()
        left += 1
    if i - left + 1 > best:
        best, count = i - left + 1, 0
    count += i - left + 1 == best
print(best, count)
""",
        "too slow: every start anew": """\
n, d = map(int, input().split())
a = list(map(int, input().split()))
best = count = 0
for left in range(n):
    low = high = a[left]
    right = left
    while right < n:
        x = a[right]
        if x < low:
            low = x
        if x > high:
            high = x
        if high - low > d:
            break
        right += 1
    if right - left > best:
        best, count = right - left, 0
    count += right - left == best
print(best, count)
""",
    }

    @classmethod
    def validate(cls, text: str) -> None:
        reader = Reader(text)
        n = reader.integer(1, MOST, "n")
        reader.integer(0, HIGH, "d")
        reader.line()
        reader.integers(n, 0, HIGH, "a")
        reader.line()
        reader.end()

    @classmethod
    def small(cls) -> Iterator[str]:
        for n in range(1, 5):
            for a in product((0, 1, 3), repeat=n):
                for d in (0, 2) if n == 4 else (0, 1, 2):
                    yield written(d, a)
        yield written(HIGH, [0, HIGH])
        yield written(HIGH - 1, [0, HIGH, 1])

    @classmethod
    def random(cls, rng: Rng, size: int) -> str:
        n = int(rng.integers(1, 10 * size + 1)) if size < 4 else min(MOST, int(rng.integers(1, 3 * size**4)))
        high = int(rng.integers(1, 3 * size + 1)) if size < 4 or rng.integers(3) == 0 else HIGH
        kind = int(rng.integers(3))
        if kind == 0:
            a = rng.integers(0, high + 1, size=n)
        elif kind == 1:  # a walk
            step = max(1, high // 10)
            a = (rng.integers(-step, step + 1, size=n).cumsum() + high // 2).clip(0, high)
        else:  # slow waves
            period = int(rng.integers(2, n + 2))
            a = abs(rng.integers(0, 2, size=n) + [i % period - period // 2 for i in range(n)]).clip(0, high)
        return written(int(rng.integers(0, high // int(rng.integers(1, 5)) + 1)), a.tolist())

    @classmethod
    def worst(cls, rng: Rng) -> Iterator[str]:
        yield written(HIGH, rng.integers(0, HIGH + 1, size=MOST).tolist())
        yield written(0, [HIGH] * MOST)
        yield written(MOST // 2, list(range(MOST)))
        yield written(MOST // 2, list(range(MOST, 0, -1)))
        yield written(MOST // 3, [i if i % 2 else MOST - i for i in range(MOST)])

    @classmethod
    def hack(cls, rng: Rng, idea: str) -> str:
        d, n = int(rng.integers(2, 50)), int(rng.integers(2, 9))
        if idea.startswith("too slow"):
            return written(HIGH, rng.integers(0, HIGH + 1, size=MOST).tolist())
        if idea.startswith("compares neighbours"):
            return written(d, [i * d for i in range(n + 1)])
        if idea.startswith("compares with"):
            return written(d, [d] * n + [2 * d, 0] * n)
        if idea.startswith("begins"):
            return written(d, [0] + [d] * n + [d + 1] * n)
        if idea.startswith("a reading"):
            return written(d, [0, 0] + [d] * n + [d + 1, d, 0, 0] * n + [2 * d + 1])
        if idea.startswith("counts"):
            return written(d, list(range(d + n)))
        return written(d, [0, d] * n + [2 * d + 1])
