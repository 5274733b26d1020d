"""Beacon spacing: the largest smallest gap, by bisection on the answer."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import combinations
from typing import TYPE_CHECKING

from whetstone.envs.code.blueprint import Blueprint
from whetstone.envs.code.reader import Reader
from whetstone.envs.code.sandbox.types import Limits, Program

if TYPE_CHECKING:
    from numpy.random import Generator as Rng

MOST = 10_000
FAR = 10**9


def written(k: int, rocks: Sequence[int]) -> str:
    """The input for k beacons and the places of the rocks."""
    return f"{len(rocks)} {k}\n{' '.join(map(str, rocks))}\n"


def spread(rng: Rng, n: int, far: int) -> list[int]:
    """`n` different places up to `far` in a random order; n is at most half of `far`."""
    places: dict[int, None] = {}
    while len(places) < n:
        places.update(dict.fromkeys(rng.integers(far + 1, size=n - len(places)).tolist()))
    return list(places)


class BeaconSpacing(Blueprint):
    """Bisection on the gap with a greedy count."""

    title = "Spacing of beacons"
    statement = """\
Along a straight coast lie n rocks, rock i at x_i metres from the harbour. On k of the rocks a radio beacon is to be
built, at most one on each rock. Beacons that are close to each other disturb each other, so the smallest distance
between any two of them should be as large as possible. How large can it be?"""
    input_format = """\
The first line holds two integers n and k (2 <= k <= n <= 10000). The second line holds n different integers
x_1 ... x_n in no particular order (0 <= x_i <= 10^9)."""
    output_format = "One integer: the largest possible smallest distance between two beacons."
    samples = ("5 3\n9 1 2 8 4\n", "4 4\n10 30 15 40\n", "2 2\n1000000000 0\n")
    limits = Limits(cpu=1.0)
    topics = ("binary search", "greedy", "sorting")
    level = 4

    reference = """\
from bisect import bisect_left

n, k = map(int, input().split())
x = sorted(map(int, input().split()))

def fits(gap):
    i = 0
    for _ in range(k - 1):
        i = bisect_left(x, x[i] + gap)
        if i == n:
            return False
    return True

# `low` fits, `high` does not
low, high = 1, x[-1] + 1
while high - low > 1:
    middle = (low + high) // 2
    if fits(middle):
        low = middle
    else:
        high = middle
print(low)
"""
    brute = """\
from itertools import combinations

n, k = map(int, input().split())
x = sorted(map(int, input().split()))
print(max(min(b - a for a, b in zip(c, c[1:])) for c in combinations(x, k)))
"""
    right = {
        "binary jumps of the gap, one scan each": Program(
            "python",
            """\
import sys

def main():
    n, k, *x = map(int, sys.stdin.read().split())
    x.sort()
    gap, step = 0, 1 << 30
    while step:
        trial = gap + step
        count, last = 0, -trial
        for p in x:
            if p - last >= trial:
                count += 1
                last = p
        if count >= k:
            gap = trial
        step >>= 1
    print(gap)

main()
""",
        ),
        "bisection in C++": Program(
            "cpp",
            """\
#include <bits/stdc++.h>
using namespace std;
int main() {
    int n, k;
    scanf("%d%d", &n, &k);
    vector<int> x(n);
    for (int &p : x) scanf("%d", &p);
    sort(x.begin(), x.end());
    int low = 1, high = (x[n - 1] - x[0]) / (k - 1);
    while (low < high) {
        int middle = low + (high - low + 1) / 2, count = 1, last = x[0];
        for (int p : x)
            if (p - last >= middle) count++, last = p;
        if (count >= k) low = middle; else high = middle - 1;
    }
    printf("%d\\n", low);
}
""",
        ),
    }
    wrong = {
        "equal shares of the coast": """\
n, k = map(int, input().split())
x = list(map(int, input().split()))
print((max(x) - min(x)) // (k - 1))
""",
        "does not sort": """\
n, k = map(int, input().split())
x = list(map(int, input().split()))
low, high = 1, 10**9
while low < high:
    middle = (low + high + 1) // 2
    count, last = 1, x[0]
    for p in x:
        if p - last >= middle:
            count, last = count + 1, p
    if count >= k:
        low = middle
    else:
        high = middle - 1
print(low)
""",
        "strictly more than the gap": """\
n, k = map(int, input().split())
x = sorted(map(int, input().split()))
low, high = 1, 10**9
while low < high:
    middle = (low + high + 1) // 2
    count, last = 1, x[0]
    for p in x:
        if p - last > middle:
            count, last = count + 1, p
    if count >= k:
        low = middle
    else:
        high = middle - 1
print(low)
""",
        "the rocks nearest to evenly spaced points": """\
n, k = map(int, input().split())
x = sorted(map(int, input().split()))
chosen = []
for i in range(k):
    ideal = x[0] + (x[-1] - x[0]) * i / (k - 1)
    chosen.append(min((p for p in x if p not in chosen), key=lambda p: abs(p - ideal)))
chosen.sort()
print(min(b - a for a, b in zip(chosen, chosen[1:])))
""",
        "every so many rocks": """\
n, k = map(int, input().split())
x = sorted(map(int, input().split()))
chosen = [x[i * (n - 1) // (k - 1)] for i in range(k)]
print(min(b - a for a, b in zip(chosen, chosen[1:])))
""",
        "one beacon too few": """\
n, k = map(int, input().split())
x = sorted(map(int, input().split()))
low, high = 1, 10**9
while low < high:
    middle = (low + high + 1) // 2
    count, last = 1, x[0]
    for p in x:
        if p - last >= middle:
            count, last = count + 1, p
    if count > k:
        low = middle
    else:
        high = middle - 1
print(low)
""",
        "too slow: tries the gaps one after another": """\
n, k = map(int, input().split())
x = sorted(map(int, input().split()))
gap = 0
while True:
    count, last = 0, -(10**10)
    for p in x:
        if p - last > gap:
            count, last = count + 1, p
    if count < k:
        break
    gap += 1
print(gap)
""",
    }

    equivalent = {
        "line 15: (1, x[-1] + 1) -> (0, x[-1] + 1)": "a looser lower end of the bisection",
        "line 15: x[-1] + 1 -> x[-1] + 2": "a looser upper end of the bisection",
    }

    @classmethod
    def validate(cls, text: str) -> None:
        reader = Reader(text)
        n = reader.integer(2, MOST, "n")
        reader.integer(2, n, "k")
        reader.line()
        places = reader.integers(n, 0, FAR, "x")
        if len(set(places)) < n:
            raise ValueError("expected different places")
        reader.line()
        reader.end()

    @classmethod
    def small(cls) -> Iterator[str]:
        yield written(2, [0, FAR])
        yield written(2, [FAR - 1, FAR])
        for n in (2, 3, 4, 5):
            for rocks in combinations((0, 1, 2, 4, 7, 9), n):
                for k in range(2, n + 1):
                    yield written(k, rocks[::-1] if k % 2 else rocks[1:] + rocks[:1])

    @classmethod
    def random(cls, rng: Rng, size: int) -> str:
        n = int(rng.integers(2, 2 * size + 5)) if size < 4 else min(MOST, int(rng.integers(2, 10 * size**3)))
        far = int(rng.choice([2 * n, 10 * n, FAR]))
        rocks = spread(rng, n, far)
        if rng.integers(4) == 0:
            rocks = sorted({p // 10**6 * 10**6 + p % 50 for p in rocks} if far == FAR else rocks)
        n = len(rocks)
        k = n if n < 3 else int(rng.integers(2, min(n, int(rng.choice([4, n]))) + 1))
        return written(k, rocks)

    @classmethod
    def worst(cls, rng: Rng) -> Iterator[str]:
        yield written(MOST // 2, spread(rng, MOST, FAR))
        yield written(MOST, spread(rng, MOST, FAR))
        yield written(2, spread(rng, MOST, FAR))
        yield written(MOST // 3, [i * (FAR // MOST) for i in range(MOST)])

    @classmethod
    def hack(cls, rng: Rng, idea: str) -> str:
        if idea.startswith("too slow"):
            return written(int(rng.integers(2, 9)), spread(rng, MOST, FAR))
        n = int(rng.integers(6, 30))
        rocks = spread(rng, n, 40 * n)
        if idea.startswith("does not"):
            return written(3, sorted(rocks, reverse=True))
        return written(int(rng.integers(3, n)), rocks)
