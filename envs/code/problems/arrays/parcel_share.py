"""Parcel share: a stretch with a sum divisible by n, by pigeonholes."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import product
from typing import TYPE_CHECKING

from whetstone.envs.code.blueprint import Blueprint
from whetstone.envs.code.problem import Comparison
from whetstone.envs.code.reader import Reader
from whetstone.envs.code.sandbox.types import Limits, Program

if TYPE_CHECKING:
    from numpy.random import Generator as Rng

MOST = 20_000
HEAVY = 10**9

CHECKER = """\
def check(input, output, answer):
    n, *weights = map(int, input.split())
    tokens = output.split()
    if len(tokens) != 2:
        raise ValueError(f"expected two numbers, found {len(tokens)}")
    for token in tokens:
        if not (token.isascii() and token.isdigit() and len(token) < 9):
            raise ValueError(f"expected the number of a parcel, found {token[:20]!r}")
    first, last = map(int, tokens)
    if not 1 <= first <= last <= n:
        raise ValueError(f"expected 1 <= first <= last <= {n}, found {first} and {last}")
    if sum(weights[first - 1 : last]) % n:
        raise ValueError(f"the total weight is not divisible by {n}")
"""


def written(a: Sequence[int]) -> str:
    """The input for the weights."""
    return f"{len(a)}\n{' '.join(map(str, a))}\n"


class ParcelShare(Blueprint):
    """Two of the n + 1 prefix sums agree modulo n."""

    title = "A fair load"
    statement = """\
On a belt in a depot lie n parcels in a row, and outside wait n carriers. A van takes at least one parcel off the belt,
and only parcels that lie next to each other: all of them from a first one to a last one. The total weight on the van
is to be shared evenly by the n carriers, so it has to be divisible by n. Choose the first and the last parcel. It can
be shown that this is always possible; if there are several ways, any of them is accepted."""
    input_format = """\
The first line holds an integer n (1 <= n <= 20000). The second line holds n integers w_1 ... w_n, the weights of the
parcels in the order of the belt (1 <= w_i <= 10^9)."""
    output_format = """\
Two integers separated by a space: the numbers f, l of the first and the last parcel on the van (1 <= f <= l <= n)."""
    samples = ("4\n3 6 7 9\n", "3\n5 1 6\n", "1\n1000000000\n")
    limits = Limits(cpu=1.0)
    topics = ("arrays", "prefix sums", "constructive")
    level = 4
    comparison = Comparison("checker", checker=CHECKER)

    reference = """\
n = int(input())
seen = {0: 1}  # prefix sum modulo n -> the parcel after that prefix
total = 0
for i, w in enumerate(map(int, input().split()), 1):
    total = (total + w) % n
    if total in seen:
        print(seen[total], i)
        break
    seen[total] = i + 1
"""
    brute = """\
n = int(input())
w = list(map(int, input().split()))
found = [(i + 1, j + 1) for i in range(n) for j in range(i, n) if sum(w[i : j + 1]) % n == 0]
print(*found[-1])
"""
    right = {
        "sorted prefix sums": Program(
            "python",
            """\
import sys
from itertools import accumulate

n, *w = map(int, sys.stdin.buffer.read().split())
prefix = [(s % n, i) for i, s in enumerate(accumulate(w, initial=0))]
prefix.sort()
for (a, i), (b, j) in zip(prefix, prefix[1:]):
    if a == b:
        sys.stdout.write(str(i + 1) + " " + str(j) + "\\n")
        break
""",
        ),
        "table of residues, from the back": Program(
            "cpp",
            """\
#include <bits/stdc++.h>
using namespace std;
int main() {
    int n;
    cin >> n;
    vector<long long> w(n);
    for (auto &x : w) cin >> x;
    vector<int> at(n, -1);
    long long sum = 0;
    at[0] = n;
    for (int i = n - 1; i >= 0; i--) {
        sum += w[i];
        int &p = at[sum % n];
        if (p >= 0) {
            cout << i + 1 << ' ' << p << endl;
            return 0;
        }
        p = i;
    }
}
""",
        ),
    }
    wrong = {
        "prefixes only": """\
n = int(input())
total = 0
for i, w in enumerate(map(int, input().split()), 1):
    total += w
    if total % n == 0:
        break
print(1, i)
""",
        "one or two parcels": """\
n = int(input())
w = list(map(int, input().split()))
for i in range(n):
    if w[i] % n == 0:
        print(i + 1, i + 1)
        break
    if i and (w[i - 1] + w[i]) % n == 0:
        print(i, i + 1)
        break
else:
    print(1, n)
""",
        "positions from 0": """\
n = int(input())
seen = {0: 0}
total = 0
for i, w in enumerate(map(int, input().split())):
    total = (total + w) % n
    if total in seen:
        print(seen[total], i)
        break
    seen[total] = i + 1
""",
        "takes the parcel before the stretch too": """\
n = int(input())
seen = {0: 0}
total = 0
for i, w in enumerate(map(int, input().split()), 1):
    total = (total + w) % n
    if total in seen:
        print(max(1, seen[total]), i)
        break
    seen[total] = i
""",
        "two pointers: drops from the front what is too much": """\
n = int(input())
w = list(map(int, input().split()))
left = total = 0
for right in range(n):
    total += w[right] % n
    while total > n:
        total -= w[left] % n
        left += 1
    if left <= right and total % n == 0:
        print(left + 1, right + 1)
        break
else:
    print(1, n)
""",
        "makes the total divisible by the number of parcels taken": """\
n = int(input())
w = list(map(int, input().split()))
for i in range(n):
    total = 0
    for j in range(i + 1, min(n, i + 50)):
        total = sum(w[i : j + 1])
        if total % (j - i + 1) == 0:
            print(i + 1, j + 1)
            raise SystemExit
print(1, n)
""",
        "too slow: all stretches": """\
n = int(input())
w = list(map(int, input().split()))

def find():
    for i in range(n):
        total = 0
        for j in range(i, n):
            total += w[j]
            if total % n == 0:
                return i, j

i, j = find()
print(i + 1, j + 1)
""",
    }

    equivalent = {
        "line 5: (total + w) % n -> (total - w) % n": "all prefix sums change their sign, so the same ones are equal",
    }

    @classmethod
    def validate(cls, text: str) -> None:
        reader = Reader(text)
        n = reader.integer(1, MOST, "n")
        reader.line()
        reader.integers(n, 1, HEAVY, "w")
        reader.line()
        reader.end()

    @classmethod
    def small(cls) -> Iterator[str]:
        for n in (1, 2, 3, 4):
            for a in product(range(1, n + 2), repeat=n):
                if n < 4 or a[0] < 3:
                    yield written(a)
        yield written([HEAVY])
        yield written([HEAVY, HEAVY - 1, HEAVY])

    @classmethod
    def random(cls, rng: Rng, size: int) -> str:
        n = int(rng.integers(1, 4 * size + 2)) if size < 4 else min(MOST, int(rng.integers(1, 3 * size**4)))
        kind = int(rng.integers(4))
        if kind == 0:
            a = rng.integers(1, HEAVY + 1, size=n)
        elif kind == 1:
            a = rng.integers(1, 2 * n + 1, size=n)
        elif kind == 2:  # residues that need many parcels
            a = rng.integers(0, HEAVY // n, size=n) * n + 1
            a[-1] = int(rng.integers(1, n + 1))
        else:  # many prefixes with different residues
            order = rng.permutation(n) + 1
            a = (order - [0, *order[:-1].tolist()] - 1) % n + 1
        return written(a.tolist())

    @classmethod
    def worst(cls, rng: Rng) -> Iterator[str]:
        yield written([1] * (MOST - 1) + [MOST])
        yield written([7] * (MOST - 1) + [MOST])
        yield written([HEAVY // MOST * MOST - 1] * MOST)
        yield written(rng.integers(1, HEAVY + 1, size=MOST).tolist())
        yield written([1] * (MOST // 2) + [MOST - 1] * (MOST // 2))

    @classmethod
    def hack(cls, rng: Rng, idea: str) -> str:
        if idea.startswith("too slow"):
            step = (7, 11, 13, 17)[int(rng.integers(4))]
            return written([step] * (MOST - 1) + [MOST])
        n = int(rng.integers(7, 40))
        if idea.startswith("one or two"):
            return written([1] * (n // 2 - 1) + [n // 2] + [1] * (n - n // 2))
        if idea.startswith("two pointers"):
            return written([2, *([n - 1, n + 3] * n)[: n - 1]])
        if idea.startswith("makes"):
            return written([1, 3] + [1] * (n - 2))
        return written([1] * (n - 1) + [n * int(rng.integers(1, 9))])
