"""Rope pieces: k equal pieces as long as possible; real output."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import combinations_with_replacement
from typing import TYPE_CHECKING

from whetstone.envs.code.blueprint import Blueprint
from whetstone.envs.code.problem import Comparison
from whetstone.envs.code.reader import Reader
from whetstone.envs.code.sandbox.types import Limits, Program

if TYPE_CHECKING:
    from numpy.random import Generator as Rng

MOST = 5000
LONG = 10**6
SHORT = 100
PIECES = 100_000


def written(k: int, ropes: Sequence[int]) -> str:
    """The input for the number of pieces and the ropes."""
    return f"{len(ropes)} {k}\n{' '.join(map(str, ropes))}\n"


class RopePieces(Blueprint):
    """The k-th largest of all quotients rope / count."""

    title = "Pieces of rope"
    statement = """\
A climbing school has n ropes, the i-th of them r_i centimetres long. For a course it needs k pieces of exactly equal
length. Ropes can be cut anywhere but not joined, and what is left over is of no use. How long can the pieces be at
most? The length need not be a whole number of centimetres."""
    input_format = """\
The first line holds two integers n and k (1 <= n <= 5000, 1 <= k <= 100000). The second line holds n integers
r_1 ... r_n, the lengths of the ropes in centimetres (100 <= r_i <= 10^6)."""
    output_format = """\
One number: the largest possible length of a piece in centimetres, with a decimal point. An absolute or relative error
of at most 10^-6 is accepted."""
    samples = ("3 4\n250 400 130\n", "1 3\n100\n", "2 1\n500 700\n")
    limits = Limits(cpu=1.0)
    topics = ("binary search", "priority queue", "floating point")
    level = 4
    comparison = Comparison("floats", absolute=1e-6, relative=1e-6)

    reference = """\
from heapq import heapify, heapreplace

n, k = map(int, input().split())
ropes = list(map(int, input().split()))
total = sum(ropes)
# pieces are not longer than total / k; so many strictly longer ones the ropes hold in all:
counts = [(rope * k - 1) // total for rope in ropes]
heap = [(-rope / (count + 1), rope, count + 1) for rope, count in zip(ropes, counts)]
heapify(heap)
for _ in range(k - sum(counts) - 1):
    length, rope, count = heap[0]
    heapreplace(heap, (-rope / (count + 1), rope, count + 1))
print(f"{-heap[0][0]:.9f}")
"""
    brute = """\
from fractions import Fraction

n, k = map(int, input().split())
ropes = list(map(int, input().split()))
lengths = {Fraction(rope, pieces) for rope in ropes for pieces in range(1, k + 1)}
for length in sorted(lengths, reverse=True):
    if sum(rope // length for rope in ropes) >= k:
        print(format(float(length), ".12f"))
        break
"""
    right = {
        "bisection": Program(
            "python",
            """\
import sys

def main():
    n, k, *ropes = map(int, sys.stdin.read().split())
    low, high = 0.0, sum(ropes) / k + 1
    for _ in range(52):
        middle = (low + high) / 2
        if sum([rope // middle for rope in ropes]) >= k:
            low = middle
        else:
            high = middle
    print(repr(low))

main()
""",
        ),
        "bisection in long double": Program(
            "cpp",
            """\
#include <bits/stdc++.h>
using namespace std;
int main() {
    int n, k;
    cin >> n >> k;
    vector<long double> ropes(n);
    for (auto &rope : ropes) cin >> rope;
    long double low = 1e-3, high = 1e6 + 1;
    for (int i = 0; i < 70; i++) {
        long double middle = (low + high) / 2;
        long long pieces = 0;
        for (auto rope : ropes) pieces += (long long)(rope / middle);
        (pieces >= k ? low : high) = middle;
    }
    printf("%.10Lf\\n", low);
}
""",
        ),
    }
    wrong = {
        "all ropes as one": """\
n, k = map(int, input().split())
print(sum(map(int, input().split())) / k)
""",
        "whole centimetres": """\
n, k = map(int, input().split())
ropes = list(map(int, input().split()))
low, high = 0, 10**6
while low < high:
    middle = (low + high + 1) // 2
    if sum(rope // middle for rope in ropes) >= k:
        low = middle
    else:
        high = middle - 1
print(f"{low:.6f}")
""",
        "two decimals": """\
n, k = map(int, input().split())
ropes = list(map(int, input().split()))
low, high = 0.0, 2e6
for _ in range(50):
    middle = (low + high) / 2
    if sum(rope // middle for rope in ropes) >= k:
        low = middle
    else:
        high = middle
print(f"{low:.2f}")
""",
        "bisection that stops too early": """\
n, k = map(int, input().split())
ropes = list(map(int, input().split()))
low, high = 0.0, 2e6
while high - low > 1e-2:
    middle = (low + high) / 2
    if sum(rope // middle for rope in ropes) >= k:
        low = middle
    else:
        high = middle
print(low)
""",
        "every rope is used": """\
n, k = map(int, input().split())
ropes = list(map(int, input().split()))
low, high = 0.0, float(min(ropes))
for _ in range(60):
    middle = (low + high) / 2
    if sum(rope // middle for rope in ropes) >= k:
        low = middle
    else:
        high = middle
print(low)
""",
        "more than k pieces": """\
n, k = map(int, input().split())
ropes = list(map(int, input().split()))
low, high = 0.0, 2e6
for _ in range(60):
    middle = (low + high) / 2
    if sum(rope // middle for rope in ropes) > k:
        low = middle
    else:
        high = middle
print(low)
""",
        "halves the longest piece": """\
from heapq import heapify, heappop, heappush
n, k = map(int, input().split())
heap = [-float(rope) for rope in map(int, input().split())]
heapify(heap)
while len(heap) < k:
    rope = heappop(heap)
    heappush(heap, rope / 2)
    heappush(heap, rope / 2)
print(-sorted(heap)[k - 1])
""",
        "too slow: one piece more at a time": """\
n, k = map(int, input().split())
ropes = list(map(int, input().split()))
count = [1] * n
for _ in range(k):
    best = 0
    for i in range(1, n):
        if ropes[i] * count[best] > ropes[best] * count[i]:
            best = i
    count[best] += 1
print(ropes[best] / (count[best] - 1))
""",
    }

    equivalent = {
        "line 7: rope * k - 1 -> rope * k - 2": "begins with fewer pieces at times; the queue adds the same ones",
    }

    @classmethod
    def validate(cls, text: str) -> None:
        reader = Reader(text)
        n = reader.integer(1, MOST, "n")
        reader.integer(1, PIECES, "k")
        reader.line()
        reader.integers(n, SHORT, LONG, "r")
        reader.line()
        reader.end()

    @classmethod
    def small(cls) -> Iterator[str]:
        for n in (1, 2, 3):
            for ropes in combinations_with_replacement((100, 150, 220, 301), n):
                for k in range(1, 8):
                    yield written(k, ropes)
        yield written(50, [LONG])
        yield written(50, [LONG, SHORT])

    @classmethod
    def random(cls, rng: Rng, size: int) -> str:
        n = int(rng.integers(1, size + 3)) if size < 4 else min(MOST, int(rng.integers(1, size**4)))
        k = int(rng.integers(1, 8 * size)) if size < 4 else min(PIECES, int(rng.integers(1, 10 * size**4)))
        long = int(rng.choice([SHORT + 9, 1000, LONG]))
        ropes = rng.integers(SHORT, long + 1, size=n).tolist()
        if rng.integers(4) == 0:
            ropes[0] = LONG
        if rng.integers(4) == 0:
            ropes = [ropes[0]] * n
        return written(k, ropes)

    @classmethod
    def worst(cls, rng: Rng) -> Iterator[str]:
        yield written(PIECES, rng.integers(SHORT, LONG + 1, size=MOST).tolist())
        yield written(PIECES, [LONG] * MOST)
        yield written(PIECES, [SHORT] * MOST)
        yield written(PIECES - 1, [*[SHORT] * (MOST - 1), LONG])
        yield written(1, rng.integers(SHORT, LONG + 1, size=MOST).tolist())

    @classmethod
    def hack(cls, rng: Rng, idea: str) -> str:
        if idea.startswith("too slow"):
            return written(PIECES - int(rng.integers(99)), rng.integers(SHORT, LONG + 1, size=MOST).tolist())
        n = int(rng.integers(2, 30))
        ropes = rng.integers(SHORT, 50 * SHORT, size=n).tolist()
        if idea.startswith("every"):
            return written(2, [*ropes, 200 * SHORT + 1])
        return written(7 * n, [*ropes, 50 * SHORT + 1])
