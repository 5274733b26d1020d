"""Tasting menu: the k-th smallest sum of a pair, by bisection with two pointers."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import product
from typing import TYPE_CHECKING

from whetstone.envs.code.blueprint import Blueprint
from whetstone.envs.code.reader import Reader
from whetstone.envs.code.sandbox.types import Limits, Program

if TYPE_CHECKING:
    from numpy.random import Generator as Rng

MOST = 5000
DEAR = 10**6


def written(k: int, a: Sequence[int], b: Sequence[int]) -> str:
    """The input for the place and the two lists of prices."""
    return f"{len(a)} {len(b)} {k}\n{' '.join(map(str, a))}\n{' '.join(map(str, b))}\n"


class TastingMenu(Blueprint):
    """Bisection on the sum; counting pairs by two pointers."""

    title = "The k-th cheapest menu"
    statement = """\
A restaurant offers n starters and m main courses; starter i costs a_i and main course j costs b_j. A menu is one
starter and one main course, so there are n * m menus. All menus are listed from the cheapest to the dearest; menus of
equal price stand one after another, each on a line of its own. What does the menu on line k of the list cost? Lines
are counted from 1."""
    input_format = """\
The first line holds three integers n, m and k (1 <= n, m <= 5000, 1 <= k <= n * m). The second line holds the n prices
of the starters, the third line the m prices of the main courses (integers from 0 to 10^6)."""
    output_format = "One integer: the price of the menu on line k."
    samples = ("2 3 4\n1 5\n2 2 7\n", "1 1 1\n0\n9\n", "3 3 9\n1 2 3\n30 20 10\n")
    limits = Limits(cpu=1.0)
    topics = ("binary search", "two pointers", "selection")
    level = 6

    reference = """\
n, m, k = map(int, input().split())
a = sorted(map(int, input().split()))
b = sorted(map(int, input().split()), reverse=True)

def menus(price):
    # the number of menus that cost less
    count = i = 0
    for main in b:
        while i < n and a[i] + main < price:
            i += 1
        count += i
    return count

# fewer than k menus cost less than `low`, at least k cost less than `high`
low, high = 0, a[-1] + b[0] + 1
while high - low > 1:
    middle = (low + high) // 2
    if menus(middle) < k:
        low = middle
    else:
        high = middle
print(low)
"""
    brute = """\
n, m, k = map(int, input().split())
a = list(map(int, input().split()))
b = list(map(int, input().split()))
menus = [x + y for x in a for y in b]
for _ in range(k - 1):
    menus.remove(min(menus))
print(min(menus))
"""
    right = {
        "bisection with bisect": Program(
            "python",
            """\
import sys
from bisect import bisect_right

lines = sys.stdin.read().splitlines()
n, m, k = map(int, lines[0].split())
a = sorted(map(int, lines[1].split()))
b = sorted(map(int, lines[2].split()))
if n > m:
    a, b = b, a
low, high = a[0] + b[0], a[-1] + b[-1]
while low < high:
    middle = (low + high) // 2
    if sum(bisect_right(b, middle - x) for x in a) >= k:
        high = middle
    else:
        low = middle + 1
print(low)
""",
        ),
        "nth_element on all sums": Program(
            "cpp",
            """\
#include <bits/stdc++.h>
using namespace std;
int main() {
    int n, m, k;
    cin >> n >> m >> k;
    vector<int> a(n), b(m), count(2000001);
    for (int &x : a) cin >> x;
    for (int &x : b) cin >> x;
    for (int x : a)
        for (int y : b) count[x + y]++;
    int price = 0;
    while (k > count[price]) k -= count[price++];
    cout << price << endl;
}
""",
        ),
    }
    wrong = {
        "counts lines from 0": """\
n, m, k = map(int, input().split())
a = sorted(map(int, input().split()))
b = sorted(map(int, input().split()))
menus = sorted(x + y for x in a[:1500] for y in b[:1500])
print(menus[min(k, len(menus) - 1)])
""",
        "each price once": """\
n, m, k = map(int, input().split())
a = sorted(map(int, input().split()))
b = sorted(map(int, input().split()))
menus = sorted({x + y for x in a[:1500] for y in b[:1500]})
print(menus[min(k, len(menus)) - 1])
""",
        "the cheapest main course with every starter first": """\
n, m, k = map(int, input().split())
a = sorted(map(int, input().split()))
b = sorted(map(int, input().split()))
print(a[(k - 1) % n] + b[(k - 1) // n])
""",
        "moves along one list or the other": """\
n, m, k = map(int, input().split())
a = sorted(map(int, input().split()))
b = sorted(map(int, input().split()))
i = j = 0
for _ in range(k - 1):
    if i + 1 < n and (j + 1 == m or a[i + 1] + b[j] <= a[i] + b[j + 1]):
        i += 1
    elif j + 1 < m:
        j += 1
print(a[i] + b[j])
""",
        "only the k cheapest of each list that fit together": """\
n, m, k = map(int, input().split())
a = sorted(map(int, input().split()))
b = sorted(map(int, input().split()))
r = 1
while r * r < k:
    r += 1
menus = sorted(x + y for x in a[: min(r, 1500)] for y in b[: min(r, 1500)])
print(menus[min(k, len(menus)) - 1])
""",
        "the k-th dearest": """\
n, m, k = map(int, input().split())
a = sorted(map(int, input().split()))
b = sorted(map(int, input().split()))
menus = sorted((x + y for x in a[-1500:] for y in b[-1500:]), reverse=True)
print(menus[min(k, len(menus)) - 1])
""",
        "too slow: takes the menus off a heap": """\
from heapq import heapify, heapreplace
n, m, k = map(int, input().split())
a = sorted(map(int, input().split()))
b = sorted(map(int, input().split()))
b.append(10**9)
heap = [(x + b[0], x, 0) for x in a]
heapify(heap)
for _ in range(k - 1):
    price, x, j = heap[0]
    heapreplace(heap, (x + b[j + 1], x, j + 1))
print(heap[0][0])
""",
    }

    equivalent = {
        "line 15: (0, a[-1] + b[0] + 1) -> (-1, a[-1] + b[0] + 1)": "a looser lower end of the bisection",
        "line 15: a[-1] + b[0] + 1 -> a[-1] + b[0] + 2": "a looser upper end of the bisection",
    }

    @classmethod
    def validate(cls, text: str) -> None:
        reader = Reader(text)
        n, m = reader.integer(1, MOST, "n"), reader.integer(1, MOST, "m")
        reader.integer(1, n * m, "k")
        reader.line()
        reader.integers(n, 0, DEAR, "a")
        reader.line()
        reader.integers(m, 0, DEAR, "b")
        reader.line()
        reader.end()

    @classmethod
    def small(cls) -> Iterator[str]:
        yield written(1, [0], [0])
        yield written(1, [DEAR], [DEAR])
        for a in product((0, 2, 5), repeat=2):
            for b in product((1, 3), repeat=2):
                for k in range(1, 5):
                    yield written(k, a, b)
        for k in range(1, 13):
            yield written(k, [0, 1, 2], [0, 10, 20, 30])
            yield written(k, [4, 4, 4, 4], [1, 0, 1])
            yield written(k, [7], list(range(12)))
            yield written(k, list(range(0, 36, 3)), [7])

    @classmethod
    def random(cls, rng: Rng, size: int) -> str:
        longest = 2 * size + 2 if size < 4 else min(MOST, 6 * size**3)
        n, m = rng.integers(1, longest + 1, size=2)
        dear = int(rng.choice([3, 50, DEAR]))
        a, b = rng.integers(dear + 1, size=n), rng.integers(dear + 1, size=m)
        if rng.integers(3) == 0:  # gaps much larger in one list
            b = b // (dear // 3 + 1) * (dear // 3)
            a = a % (dear // 4 + 1)
        k = int(rng.integers(1, n * m + 1)) if rng.integers(4) else int(rng.choice([1, n * m, (n * m + 1) // 2]))
        return written(k, a.tolist(), b.tolist())

    @classmethod
    def worst(cls, rng: Rng) -> Iterator[str]:
        a, b = rng.integers(DEAR + 1, size=MOST).tolist(), rng.integers(DEAR + 1, size=MOST).tolist()
        yield written(MOST * MOST // 2, a, b)
        yield written(MOST * MOST, a, b)
        yield written(MOST * MOST - 7, [DEAR] * MOST, [DEAR] * MOST)
        yield written(MOST * MOST // 3, [0] * MOST, b)

    @classmethod
    def hack(cls, rng: Rng, idea: str) -> str:
        if idea.startswith("too slow"):
            k = MOST * MOST - int(rng.integers(1000))
            return written(k, rng.integers(DEAR + 1, size=MOST).tolist(), rng.integers(DEAR + 1, size=MOST).tolist())
        n, m = (int(x) for x in rng.integers(4, 20, size=2))
        a, b = rng.integers(5 * n, size=n).tolist(), rng.integers(5 * m, size=m).tolist()
        if idea.startswith("each"):
            return written(n * m // 2, [x // 5 for x in a], b)
        if idea.startswith("only"):
            return written(n, [x * 100 for x in a], [1] * m) if rng.integers(2) else written(m, [3] * n, b)
        return written(n * m // 2, a, b)
