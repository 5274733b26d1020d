"""Pairs of neighbours after sorting."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import combinations_with_replacement
from typing import TYPE_CHECKING

from whetstone.envs.code.blueprint import Blueprint
from whetstone.envs.code.reader import Reader
from whetstone.envs.code.sandbox.types import Limits, Program

if TYPE_CHECKING:
    from numpy.random import Generator as Rng

N, SIZE = 10_000, 1_000_000


def text(d: int, sizes: Sequence[int]) -> str:
    return f"{len(sizes)} {d}\n{' '.join(map(str, sizes))}\n"


class ShoePairs(Blueprint):
    title = "A basket of odd shoes"
    statement = (
        "A shoemaker has a basket of n single shoes and knows the length of each. Two shoes can be sold as a pair if "
        "their lengths differ by at most d. How many pairs can he sell at most? Each shoe belongs to one pair at most."
    )
    input_format = (
        "The first line holds the integers n and d (1 <= n <= 10000, 0 <= d <= 1000000). The second line holds n "
        "integers from 1 to 1000000: the lengths."
    )
    output_format = "The largest number of pairs."
    samples = ("5 2\n1 7 3 5 8\n", "3 0\n4 5 6\n")
    limits = Limits(cpu=1.0)
    topics = ("greedy", "sorting")
    level = 2

    reference = """
n, d = map(int, input().split())
pairs = 0
single = None
for length in sorted(map(int, input().split())):
    if single is not None and length - single <= d:
        pairs += 1
        single = None
    else:
        single = length
print(pairs)
"""
    brute = """
n, d = map(int, input().split())
shoes = tuple(map(int, input().split()))


def most(shoes):
    if not shoes:
        return 0
    first, rest = shoes[0], shoes[1:]
    best = most(rest)
    for i in range(len(rest)):
        if abs(rest[i] - first) <= d:
            best = max(best, 1 + most(rest[:i] + rest[i + 1:]))
    return best


print(most(shoes))
"""
    right = {
        "from the longest down": Program(
            "python",
            """
n, d = map(int, input().split())
a = sorted(map(int, input().split()))
i, count = n - 1, 0
while i > 0:
    if a[i] - a[i - 1] <= d:
        count, i = count + 1, i - 2
    else:
        i -= 1
print(count)
""",
        ),
        "table over the sorted shoes in C++": Program(
            "cpp",
            """
#include <bits/stdc++.h>
using namespace std;
int main() {
    int n, d;
    cin >> n >> d;
    vector<int> a(n), best(n + 1);
    for (int& x : a) cin >> x;
    sort(a.begin(), a.end());
    for (int i = 2; i <= n; i++) {
        best[i] = best[i - 1];
        if (a[i - 1] - a[i - 2] <= d) best[i] = max(best[i], best[i - 2] + 1);
    }
    cout << best[n] << endl;
}
""",
        ),
    }
    wrong = {
        "in the given order": reference.replace(
            "sorted(map(int, input().split()))", "map(int, input().split())"
        ).replace("length - single", "abs(length - single)"),
        "strictly less than d": reference.replace("<= d", "< d"),
        "a shoe in two pairs": reference.replace("        single = None\n", "        single = length\n"),
        "first with second, third with fourth": """
n, d = map(int, input().split())
a = sorted(map(int, input().split()))
print(sum(a[i + 1] - a[i] <= d for i in range(0, n - 1, 2)))
""",
        "the longest shoe that fits": """
from bisect import bisect_right

n, d = map(int, input().split())
a = sorted(map(int, input().split()))
count = 0
while a:
    first = a.pop(0)
    i = bisect_right(a, first + d) - 1
    if i >= 0:
        a.pop(i)
        count += 1
print(count)
""",
        "too slow: looks for a partner among all": """
n, d = map(int, input().split())
a = sorted(map(int, input().split()))
used = [False] * n
count = 0
for i in range(n):
    if used[i]:
        continue
    partner = None
    for j in range(n):
        if j != i and not used[j] and abs(a[j] - a[i]) <= d:
            if partner is None or a[j] < a[partner]:
                partner = j
    if partner is not None:
        used[i] = used[partner] = True
        count += 1
print(count)
""",
    }

    @classmethod
    def validate(cls, text: str) -> None:
        reader = Reader(text)
        n = reader.integer(1, N, "n")
        reader.integer(0, SIZE, "d")
        reader.line()
        reader.integers(n, 1, SIZE, "length")
        reader.line()
        reader.end()

    @classmethod
    def small(cls) -> Iterator[str]:
        for n in (1, 2, 3, 4):
            for sizes in combinations_with_replacement(range(1, 6), n):
                for d in (0, 1, 2):
                    yield text(d, sizes[::-1] if sum(sizes) % 2 else sizes)

    @classmethod
    def random(cls, rng: Rng, size: int) -> str:
        n = int(rng.integers(1, 4 + size)) if size <= 3 else min(N, 3**size // 2)
        high = int(rng.choice([10, 3 * n, SIZE]))
        d = int(rng.integers(max(1, min(SIZE, 2 * high // n)) + 1))
        return text(d, rng.integers(1, high + 1, size=n).tolist())

    @classmethod
    def worst(cls, rng: Rng) -> Iterator[str]:
        yield text(0, (1 + rng.permutation(N)).tolist())
        yield text(1, (1 + 3 * rng.permutation(N)).tolist())
        yield text(SIZE, rng.integers(1, SIZE + 1, size=N).tolist())

    @classmethod
    def hack(cls, rng: Rng, idea: str) -> str:
        if idea.startswith("too slow"):
            return text(1, (1 + 3 * rng.permutation(N - int(rng.integers(9)))).tolist())
        k, d = int(rng.integers(2, 20)), int(rng.integers(1, 1000))
        if idea == "the longest shoe that fits":  # runs of four, each d from the next
            return text(3 * d, [x for i in range(k) for x in (1 + 20 * d * i + step * d for step in (0, 2, 3, 6))])
        if idea.startswith("first with second"):
            return text(d, [1, *(4 * d * i + step for i in range(1, k) for step in (0, d))])
        sizes = [4 * d * i + step for i in range(1, k) for step in (0, d)]
        if idea == "a shoe in two pairs":
            sizes = [x for i in range(1, k) for x in (5 * d * i, 5 * d * i + d, 5 * d * i + 2 * d)]
        return text(d, rng.permutation(sizes).tolist() if idea != "in the given order" else sizes[::2] + sizes[1::2])
