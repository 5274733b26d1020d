"""Equal stretch: subarrays with a given sum, by counting prefix sums."""

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
STEP = 1000


def written(s: int, a: Sequence[int]) -> str:
    """The input for a height difference and the steps."""
    return f"{len(a)} {s}\n{' '.join(map(str, a))}\n"


class EqualStretch(Blueprint):
    """Pairs of prefix sums that differ by s."""

    title = "Stretches of a trail"
    statement = """\
A trail consists of n sections in a row. Section i rises by a_i metres; a negative number means that it goes down. A
stretch is one section or several consecutive ones. How many stretches rise by exactly s metres in total? Stretches with
different first or last sections count separately."""
    input_format = """\
The first line holds two integers n and s (1 <= n <= 20000, -10^9 <= s <= 10^9). The second line holds n integers
a_1 ... a_n (-1000 <= a_i <= 1000)."""
    output_format = "One integer: the number of stretches that rise by exactly s metres."
    samples = ("5 3\n1 2 -2 2 3\n", "4 0\n0 0 5 -5\n", "2 7\n1 2\n")
    limits = Limits(cpu=1.0)
    topics = ("arrays", "prefix sums", "hashing")
    level = 3

    reference = """\
n, s = map(int, input().split())
seen = {0: 1}
height = total = 0
for a in map(int, input().split()):
    height += a
    total += seen.get(height - s, 0)
    seen[height] = seen.get(height, 0) + 1
print(total)
"""
    brute = """\
n, s = map(int, input().split())
a = list(map(int, input().split()))
print(sum(sum(a[i:j]) == s for i in range(n) for j in range(i + 1, n + 1)))
"""
    right = {
        "sorted prefix sums with bisection": Program(
            "python",
            """\
import sys
from bisect import bisect_left
from itertools import accumulate

data = list(map(int, sys.stdin.buffer.read().split()))
n, s = data[0], data[1]
prefix = [0] + list(accumulate(data[2:]))
keys = sorted((p, i) for i, p in enumerate(prefix))
total = 0
for i, p in enumerate(prefix):
    # earlier prefixes with the sum p - s
    total += bisect_left(keys, (p - s, i)) - bisect_left(keys, (p - s, -1))
print(total)
""",
        ),
        "hash map": Program(
            "cpp",
            """\
#include <bits/stdc++.h>
using namespace std;
int main() {
    long long n, s, height = 0, total = 0, a;
    cin >> n >> s;
    unordered_map<long long, long long> seen;
    seen[0]++;
    while (n--) {
        cin >> a;
        height += a;
        auto it = seen.find(height - s);
        if (it != seen.end()) total += it->second;
        seen[height]++;
    }
    cout << total << endl;
}
""",
        ),
    }
    wrong = {
        "a window that shrinks when the sum is too large": """\
n, s = map(int, input().split())
a = list(map(int, input().split()))
left = total = height = 0
for right in range(n):
    height += a[right]
    while left < right and height > s:
        height -= a[left]
        left += 1
    total += height == s
print(total)
""",
        "forgets the empty prefix": """\
n, s = map(int, input().split())
seen = {}
height = total = 0
for a in map(int, input().split()):
    height += a
    total += seen.get(height - s, 0)
    seen[height] = seen.get(height, 0) + 1
print(total)
""",
        "remembers that a prefix sum was seen, not how often": """\
n, s = map(int, input().split())
seen = {0}
height = total = 0
for a in map(int, input().split()):
    height += a
    total += height - s in seen
    seen.add(height)
print(total)
""",
        "counts empty stretches": """\
n, s = map(int, input().split())
seen = {0: 1}
height = total = 0
for a in map(int, input().split()):
    height += a
    seen[height] = seen.get(height, 0) + 1
    total += seen.get(height - s, 0)
print(total)
""",
        "looks for the sum with the wrong sign": """\
n, s = map(int, input().split())
seen = {0: 1}
height = total = 0
for a in map(int, input().split()):
    height += a
    total += seen.get(height + s, 0)
    seen[height] = seen.get(height, 0) + 1
print(total)
""",
        "too slow: all pairs of ends": """\
n, s = map(int, input().split())
a = list(map(int, input().split()))
total = 0
for i in range(n):
    height = 0
    for j in range(i, n):
        height += a[j]
        if height == s:
            total += 1
print(total)
""",
    }

    @classmethod
    def validate(cls, text: str) -> None:
        reader = Reader(text)
        n = reader.integer(1, MOST, "n")
        reader.integer(-(10**9), 10**9, "s")
        reader.line()
        reader.integers(n, -STEP, STEP, "a")
        reader.line()
        reader.end()

    @classmethod
    def small(cls) -> Iterator[str]:
        for n in (1, 2, 3):
            for a in product((-1, 0, 1, 2), repeat=n):
                for s in (0, 1, -1):
                    yield written(s, a)
        for s in (-(10**9), 10**9, STEP, -STEP):
            yield written(s, [STEP])
            yield written(s, [STEP, -STEP, STEP])

    @classmethod
    def random(cls, rng: Rng, size: int) -> str:
        n = int(rng.integers(1, 5 * size + 1)) if size < 4 else min(MOST, int(rng.integers(1, 4 * size**4)))
        top = int(rng.choice([1, 3, STEP]))
        a = rng.integers(0 if rng.integers(4) == 0 else -top, top + 1, size=n)
        i, j = sorted(int(k) for k in rng.integers(n, size=2))
        s = int(a[i : j + 1].sum()) if rng.integers(4) else int(rng.integers(-top, top + 1))
        return written(s, a.tolist())

    @classmethod
    def worst(cls, rng: Rng) -> Iterator[str]:
        yield written(0, [0] * MOST)
        yield written(STEP * MOST // 2, [STEP] * MOST)
        yield written(0, rng.integers(-STEP, STEP + 1, size=MOST).tolist())
        yield written(5, rng.integers(-1, 2, size=MOST).tolist())
        yield written(-(10**9), [-STEP] * MOST)

    @classmethod
    def hack(cls, rng: Rng, idea: str) -> str:
        n = int(rng.integers(5, 40))
        a = rng.integers(-3, 4, size=n).tolist()
        if idea.startswith("too slow"):
            return written(int(rng.integers(-9, 10)), rng.integers(-STEP, STEP + 1, size=MOST).tolist())
        if idea.startswith("forgets"):
            return written(sum(a), a)
        if idea.startswith("counts empty"):
            return written(0, a)
        if idea.startswith("remembers"):
            return written(int(rng.integers(1, 4)), [1, -1] * n + [1, 2, 3])
        return written(int(rng.integers(1, 4)), [3, -2, 2, *a])
