"""The longest rising subsequence and how many there are."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import product
from typing import TYPE_CHECKING

from whetstone.envs.code.blueprint import Blueprint
from whetstone.envs.code.reader import Reader
from whetstone.envs.code.sandbox.types import Limits, Program

if TYPE_CHECKING:
    from numpy.random import Generator as Rng

N, HEIGHT = 15_000, 1_000_000_000


def text(heights: Sequence[int]) -> str:
    return f"{len(heights)}\n{' '.join(map(str, heights))}\n"


class SummitChains(Blueprint):
    title = "Chains of summits"
    statement = (
        "A traveller passes n summits from west to east and knows their heights. A chain is a choice of at least one "
        "summit in which, going east, every summit chosen is strictly higher than the one chosen before it. How many "
        "summits does the longest chain have, and how many chains have that many? Two chains are different if they "
        "are made of different summits, even if the heights are the same. Give the second number modulo 1000000007."
    )
    input_format = (
        "The first line holds the integer n (1 <= n <= 15000). The second line holds n integers from 0 to 1000000000: "
        "the heights from west to east."
    )
    output_format = (
        "Two integers: the number of summits in the longest chain, and the number of such chains modulo 1000000007."
    )
    samples = ("6\n2 1 4 3 3 5\n", "3\n7 7 7\n")
    limits = Limits(cpu=1.0)
    topics = ("dynamic programming", "subsequences", "binary search")
    level = 7

    reference = """
from bisect import bisect_left

n = int(input())
# For every length of a chain: the heights of the last summits as they came (never rising), negated, and the sums of
# the numbers of chains.
ends, sums = [[]], [[0, 1]]
tops = []
for height in map(int, input().split()):
    k = bisect_left(tops, height)
    if k == len(tops):
        tops.append(height)
        ends.append([])
        sums.append([0])
    tops[k] = height
    lower = bisect_left(ends[k], 1 - height)
    ways = sums[k][-1] - sums[k][lower]
    ends[k + 1].append(-height)
    sums[k + 1].append((sums[k + 1][-1] + ways) % 1000000007)
print(len(tops), sums[-1][-1])
"""
    brute = """
from itertools import combinations

n = int(input())
heights = [int(x) for x in input().split()]
for length in range(n, 0, -1):
    chains = sum(all(x < y for x, y in zip(some, some[1:])) for some in combinations(heights, length))
    if chains:
        print(length, chains % 1000000007)
        break
"""
    right = {
        "Fenwick tree of lengths and numbers": Program(
            "python",
            """
import sys

def main():
    MOD = 10 ** 9 + 7
    n, *a = map(int, sys.stdin.read().split())
    rank = {x: i for i, x in enumerate(sorted(set(a)), 1)}
    size = len(rank)
    long, many = [0] * (size + 1), [0] * (size + 1)
    best, total = 0, 0
    for x in a:
        i = rank[x] - 1
        length, count = 0, 1
        while i:
            if long[i] > length:
                length, count = long[i], many[i]
            elif long[i] == length and length:
                count += many[i]
            i &= i - 1
        length, count = length + 1, count % MOD
        i = rank[x]
        while i <= size:
            if long[i] < length:
                long[i], many[i] = length, count
            elif long[i] == length:
                many[i] += count
            i += i & -i
        if length > best:
            best, total = length, 0
        if length == best:
            total += count
    print(best, total % MOD)

main()
""",
        ),
        "all pairs in C++": Program(
            "cpp",
            """
#include <bits/stdc++.h>
using namespace std;
int main() {
    int n;
    cin >> n;
    vector<int> a(n), l(n, 1);
    vector<long long> w(n, 1);
    for (int& x : a) cin >> x;
    map<int, long long> total;
    for (int i = 0; i < n; i++) {
        for (int j = 0; j < i; j++)
            if (a[j] < a[i]) {
                if (l[j] + 1 > l[i]) l[i] = l[j] + 1, w[i] = 0;
                if (l[j] + 1 == l[i]) w[i] += w[j];
            }
        w[i] %= 1000000007;
        total[l[i]] += w[i];
    }
    cout << total.rbegin()->first << " " << total.rbegin()->second % 1000000007 << endl;
}
""",
        ),
    }
    slow = """
n = int(input())
a = list(map(int, input().split()))
length, ways = [], []
for i in range(n):
    best, count = 0, 1
    for j in range(i):
        if a[j] < a[i]:
            if length[j] > best:
                best, count = length[j], ways[j]
            elif length[j] == best:
                count += ways[j]
    length.append(best + 1)
    ways.append(count % 1000000007)
top = max(length)
print(top, sum(w for l, w in zip(length, ways) if l == top) % 1000000007)
"""
    wrong = {
        "equal heights may follow": slow.replace("a[j] < a[i]", "a[j] <= a[i]"),
        "different heights, not different summits": """
n = int(input())
a = list(map(int, input().split()))
chains = {}
for i, x in enumerate(a):
    best = {()}
    for j in range(i):
        if a[j] < x:
            size = len(next(iter(best)))
            other = len(next(iter(chains[j])))
            if other > size:
                best = set(chains[j])
            elif other == size:
                best |= chains[j]
    chains[i] = {(*chain, x) for chain in list(best)[:200]}
top = max(len(next(iter(c))) for c in chains.values())
print(top, len({chain for c in chains.values() for chain in c if len(chain) == top}))
""",
        "chains that end at one best summit only": slow.replace(
            "sum(w for l, w in zip(length, ways) if l == top)", "ways[length.index(top)]"
        ),
        "forgets the earlier equals": slow.replace("count += ways[j]", "count = ways[j]"),
        "neighbouring summits only": """
n = int(input())
a = list(map(int, input().split()))
runs = [1]
for x, y in zip(a, a[1:]):
    runs.append(runs[-1] + 1 if x < y else 1)
print(max(runs), runs.count(max(runs)))
""",
        "no remainder": slow.replace(" % 1000000007", ""),
        "too slow: all pairs": slow,
    }

    @classmethod
    def validate(cls, text: str) -> None:
        reader = Reader(text)
        n = reader.integer(1, N, "n")
        reader.line()
        reader.integers(n, 0, HEIGHT, "height")
        reader.line()
        reader.end()

    @classmethod
    def small(cls) -> Iterator[str]:
        for n in (1, 2, 3, 4):
            yield from (text(heights) for heights in product(range(min(n, 3) + 1), repeat=n))
        yield text([5, 6, 3, 4, 1, 2])
        yield text([1, 2, 1, 2, 1, 2, 1, 2])

    @classmethod
    def random(cls, rng: Rng, size: int) -> str:
        n = int(rng.integers(4, 7 + size)) if size <= 3 else min(N, 3**size // 4)
        high = int(rng.choice([3, 6, n, HEIGHT]))
        heights = rng.integers(high + 1, size=n)
        if rng.random() < 0.3:  # on the whole rising
            heights = (heights // 2 + rng.integers(0, 1 + high // 2, size=n).cumsum() // n).clip(max=HEIGHT)
        return text(heights.tolist())

    @classmethod
    def worst(cls, rng: Rng) -> Iterator[str]:
        yield text([i ^ 1 for i in range(N)])
        yield text(list(range(N, 0, -1)))
        yield text(rng.integers(HEIGHT + 1, size=N).tolist())
        yield text([i % 100 * 100 + i // 100 % 3 for i in range(N)])

    @classmethod
    def hack(cls, rng: Rng, idea: str) -> str:
        if idea.startswith("too slow"):
            return text((rng.permutation(N) // 3).tolist())
        if idea == "no remainder":
            return text([i ^ 1 for i in range(2 * int(rng.integers(31, 60)))])
        k = int(rng.integers(2, 7))
        return text([x for i in range(k) for x in (3 * i + 1, 3 * i, 3 * i)])
