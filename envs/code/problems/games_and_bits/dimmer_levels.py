"""A basis of bit vectors: the k-th smallest xor of some of the given numbers."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import product
from typing import TYPE_CHECKING

from whetstone.envs.code.blueprint import Blueprint
from whetstone.envs.code.reader import Reader
from whetstone.envs.code.sandbox.types import Limits, Program

if TYPE_CHECKING:
    from numpy.random import Generator as Rng

N, Q, BITS = 5_000, 300, 40


def text(switches: Sequence[int], asked: Sequence[int]) -> str:
    return f"{len(switches)} {len(asked)}\n{' '.join(map(str, switches))}\n{' '.join(map(str, asked))}\n"


def panel(rng: Rng, n: int, q: int, rank: int) -> str:
    """Switches made from `rank` random ones; questions about the levels that there are, and a few beyond."""
    basis = (
        rng.integers(2**BITS, size=rank).tolist()
        if rng.random() < 0.7
        else [1 << int(i) for i in rng.integers(BITS, size=rank)]
    )
    switches = []
    for choice in rng.integers(2, size=(n, rank)).tolist():
        x = 0
        for take, y in zip(choice, basis, strict=True):
            x ^= y * take
        switches.append(x)
    top = min(2 ** min(rank, n), 2**BITS - 1)
    return text(switches, [1, top - 1, top, top + 1, *rng.integers(1, top + 2, size=q).tolist()][:q])


class DimmerLevels(Blueprint):
    title = "Levels of a dimmer"
    statement = (
        "A stage lamp has a register of 40 bits, at first all 0, and n switches. Switch i has a number a_i, and when "
        "it is pressed the register becomes its exclusive or (xor) with a_i. The lighting engineer presses one or more "
        "switches, each at most once. The levels of the lamp are the different numbers that the register can then "
        "hold, in rising order; the smallest is level 1. Answer q questions: which number is level k?"
    )
    input_format = (
        "The first line holds the integers n and q (1 <= n <= 5000, 1 <= q <= 300). The second line holds the n "
        "integers a_1 to a_n (0 <= a_i < 1099511627776). The third line holds q integers: the levels k asked for "
        "(1 <= k <= 1099511627776)."
    )
    output_format = "For each question a line with the number that is level k, or -1 if there are fewer than k levels."
    samples = ("2 4\n5 6\n1 2 3 4\n", "3 4\n1 2 3\n1 2 4 5\n")
    limits = Limits(cpu=1.0)
    topics = ("bits", "linear algebra")
    level = 8

    reference = """
n, q = map(int, input().split())
# Each number of the basis has a leading bit that no other one has.
basis = []
for x in map(int, input().split()):
    for b in basis:
        x = min(x, x ^ b)
    if x:
        basis = [min(b, b ^ x) for b in basis]
        basis.append(x)
        basis.sort(reverse=True)
free = len(basis) == n
for k in map(int, input().split()):
    k -= not free
    if k >> len(basis):
        print(-1)
        continue
    level = 0
    for i, b in enumerate(reversed(basis)):
        if k >> i & 1:
            level ^= b
    print(level)
"""
    brute = """
n, q = map(int, input().split())
a = list(map(int, input().split()))
levels = set()
for mask in range(1, 1 << n):
    x = 0
    for i in range(n):
        if mask >> i & 1:
            x ^= a[i]
    levels.add(x)
levels = sorted(levels)
for k in map(int, input().split()):
    print(levels[k - 1] if k <= len(levels) else -1)
"""
    right = {
        "bit by bit from the top": Program(
            "python",
            """
import sys

def main():
    n, q, *rest = map(int, sys.stdin.read().split())
    top = [0] * 40  # a number by its leading bit
    zero = False
    for x in rest[:n]:
        while x and top[x.bit_length() - 1]:
            x ^= top[x.bit_length() - 1]
        if x:
            top[x.bit_length() - 1] = x
        else:
            zero = True
    rank = sum(1 for x in top if x)
    out = []
    for k in rest[n:]:
        if zero:
            k -= 1
        if k >= 2 ** rank:
            out.append(-1)
            continue
        value, left = 0, rank
        for bit in range(39, -1, -1):
            if top[bit]:
                left -= 1
                if (value >> bit & 1) != (k >> left & 1):
                    value ^= top[bit]
        out.append(value)
    print(*out, sep="\\n")

main()
""",
        ),
        "Gauss in C++": Program(
            "cpp",
            """
#include <bits/stdc++.h>
using namespace std;
int main() {
    int n, q;
    cin >> n >> q;
    vector<long long> a(n);
    for (auto& x : a) cin >> x;
    int rank = 0;
    for (int bit = 39; bit >= 0; bit--) {
        int pivot = rank;
        while (pivot < n && !(a[pivot] >> bit & 1)) pivot++;
        if (pivot == n) continue;
        swap(a[rank], a[pivot]);
        for (int i = 0; i < n; i++)
            if (i != rank && (a[i] >> bit & 1)) a[i] ^= a[rank];
        rank++;
    }
    while (q--) {
        long long k, x = 0;
        cin >> k;
        if (rank < n) k--;
        if (k >> rank) { cout << "-1\\n"; continue; }
        for (int i = 0; i < rank; i++)
            if (k >> (rank - 1 - i) & 1) x ^= a[i];
        cout << x << "\\n";
    }
}
""",
        ),
    }
    wrong = {
        "0 is always level 1": reference.replace("k -= not free", "k -= 1"),
        "0 is never a level": reference.replace("    k -= not free\n", ""),
        "a basis that is not reduced": reference.replace("        basis = [min(b, b ^ x) for b in basis]\n", ""),
        "numbers the levels from 0": reference.replace("k -= not free", "k -= not free\n    k += 1"),
        "no end of the levels": reference.replace("k >> len(basis):", "k >> 40:"),
        "the basis in the order in which it was found": reference.replace("        basis.sort(reverse=True)\n", ""),
        "one or two switches": """
n, q = map(int, input().split())
a = [int(x) for x in input().split()][:1000]
levels = set(a)
for i in range(len(a)):
    for j in range(i):
        levels.add(a[i] ^ a[j])
levels = sorted(levels)
for k in map(int, input().split()):
    print(levels[k - 1] if k <= len(levels) else -1)
""",
        "too slow: goes through the numbers": """
n, q = map(int, input().split())
top = {}
free = True
for x in map(int, input().split()):
    while x and x.bit_length() in top:
        x ^= top[x.bit_length()]
    if x:
        top[x.bit_length()] = x
    else:
        free = False
for k in map(int, input().split()):
    k -= not free
    if k >> len(top):
        print(-1)
        continue
    level = 0
    while k:
        level += 1
        x = level
        while x and x.bit_length() in top:
            x ^= top[x.bit_length()]
        if x == 0:
            k -= 1
    print(level)
""",
    }

    @classmethod
    def validate(cls, text: str) -> None:
        reader = Reader(text)
        n, q = reader.integer(1, N, "n"), reader.integer(1, Q, "q")
        reader.line()
        reader.integers(n, 0, 2**BITS - 1, "a")
        reader.line()
        reader.integers(q, 1, 2**BITS, "k")
        reader.line()
        reader.end()

    @classmethod
    def small(cls) -> Iterator[str]:
        yield from (text([a], [1, 2]) for a in (0, 1, 6))
        yield from (text(two, [1, 2, 3, 4]) for two in product((0, 1, 2, 3, 5), repeat=2))
        yield from (text(three, list(range(1, 10))) for three in product((0, 1, 3, 4, 6), repeat=3))

    @classmethod
    def random(cls, rng: Rng, size: int) -> str:
        if size <= 3:
            high = int(rng.choice([4, 8, 32, 2**BITS]))
            switches = rng.integers(high, size=int(rng.integers(2, 4 + size))).tolist()
            return text(switches, rng.integers(1, 2 ** len(switches) + 3, size=6).tolist())
        rank = int(rng.integers(1, 4 * size + 1))
        n = int(rng.integers(rank, 2 * rank + 1)) if rng.random() < 0.5 else min(N, 3**size // 8)
        return panel(rng, n, min(Q, 3 * size), rank)

    @classmethod
    def worst(cls, rng: Rng) -> Iterator[str]:
        yield panel(rng, N, Q, BITS)
        yield panel(rng, N, Q, BITS - 5)
        yield text([2**BITS - 1] * N, [1, 2, 3, 2**BITS])
        yield text([1 << i for i in range(BITS)], [2**BITS - 1 - i for i in range(Q)])

    @classmethod
    def hack(cls, rng: Rng, idea: str) -> str:
        if idea.startswith("too slow"):
            return panel(rng, N, Q, BITS - int(rng.integers(5)))
        n = int(rng.integers(4, 12))
        independent = [(1 << i) + int(rng.integers(1 << i)) for i in rng.permutation(n).tolist()]
        asked = rng.integers(1, 2**n, size=8).tolist()
        if idea == "0 is never a level":
            independent.append(independent[0] ^ independent[1])
        if idea == "no end of the levels":
            asked += [2**n, 2**n + 5]
        return text(independent, asked)
