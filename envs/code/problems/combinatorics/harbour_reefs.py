"""Harbour reefs: lattice paths that avoid blocked points."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import combinations, product
from typing import TYPE_CHECKING

from whetstone.envs.code.blueprint import Blueprint
from whetstone.envs.code.reader import Reader
from whetstone.envs.code.sandbox.types import Limits, Program

if TYPE_CHECKING:
    from numpy.random import Generator as Rng

FAR = 30_000
REEFS = 250
Point = tuple[int, int]


def written(x: int, y: int, reefs: Sequence[Point]) -> str:
    """The input for the harbour and the reefs."""
    return "\n".join([f"{x} {y} {len(reefs)}", *(f"{a} {b}" for a, b in reefs), ""])


def scattered(rng: Rng, x: int, y: int, n: int, near: int) -> list[Point]:
    """About `n` different points up to (x, y), at most `near` off the diagonal, neither the first nor the last."""
    found: dict[Point, None] = {}
    for _ in range(n):
        t = rng.random()
        a = min(x, max(0, round(t * x) + int(rng.integers(-near, near + 1))))
        b = min(y, max(0, round(t * y) + int(rng.integers(-near, near + 1))))
        found[a, b] = None
    return [point for point in found if point not in ((0, 0), (x, y))]


class HarbourReefs(Blueprint):
    """Paths to each reef that meet no reef before; O(reefs^2) binomials."""

    title = "Reefs before the harbour"
    statement = """\
A boat is at the point (0, 0) of a sea chart and wants to reach the harbour at (x, y). In each step it sails one unit
east, from (a, b) to (a + 1, b), or one unit north, from (a, b) to (a, b + 1). At r of the points there are reefs, and
the boat must not be at any of them. In how many ways can it reach the harbour? Give the number modulo 1000000007."""
    input_format = """\
The first line holds three integers x, y and r (1 <= x, y <= 30000, 0 <= r <= 250). Each of the next r lines holds the
coordinates a and b of a reef (0 <= a <= x, 0 <= b <= y). The reefs are at different points, in no particular order;
none is at (0, 0) or at (x, y)."""
    output_format = "One integer: the number of ways modulo 1000000007."
    samples = ("2 2 1\n1 1\n", "3 2 0\n", "1 1 2\n0 1\n1 0\n")
    limits = Limits(cpu=1.0)
    topics = ("combinatorics", "inclusion-exclusion", "dynamic programming")
    level = 7

    reference = """\
import sys

M = 10**9 + 7
(x, y, _), *reefs = (tuple(map(int, line.split())) for line in sys.stdin)
factorial = [1]
for i in range(1, x + y + 1):
    factorial.append(factorial[-1] * i % M)
inverse = [pow(factorial[-1], -1, M)]
for i in range(x + y, 0, -1):
    inverse.append(inverse[-1] * i % M)
inverse.reverse()

def paths(a, b):
    return factorial[a + b] * inverse[a] * inverse[b] % M

points = sorted(reefs) + [(x, y)]
first = []  # ways to each point that meet no reef before it
for i, (a, b) in enumerate(points):
    ways = paths(a, b)
    for (c, d), before in zip(points, first):
        if d <= b:
            ways -= before * paths(a - c, b - d)
    first.append(ways)
print(first[-1] % M)
"""
    brute = """\
x, y, r = map(int, input().split())
reefs = {tuple(map(int, input().split())) for _ in range(r)}
row = [0] * (y + 1)
row[0] = 1
for a in range(x + 1):
    for b in range(y + 1):
        if (a, b) in reefs:
            row[b] = 0
        elif b:
            row[b] += row[b - 1]
print(row[y] % (10**9 + 7))
"""
    right = {
        "subtracts from the ways to later reefs": Program(
            "python",
            """\
import sys

def main():
    M = 1000000007
    data = list(map(int, sys.stdin.buffer.read().split()))
    x, y = data[0], data[1]
    points = list(zip(data[3::2], data[4::2]))
    points.append((x, y))
    points.sort(key=lambda p: p[0] + p[1])
    n = x + y + 1
    fact = [1] * n
    for i in range(2, n):
        fact[i] = fact[i - 1] * i % M
    inv = [1] * n
    inv[n - 1] = pow(fact[n - 1], M - 2, M)
    for i in range(n - 1, 0, -1):
        inv[i - 1] = inv[i] * i % M
    ways = [fact[a + b] * inv[a] % M * inv[b] % M for a, b in points]
    for i, (a, b) in enumerate(points):
        w = ways[i] % M
        for j in range(i + 1, len(points)):
            c, d = points[j][0] - a, points[j][1] - b
            if c >= 0 and d >= 0:
                ways[j] -= w * fact[c + d] % M * inv[c] % M * inv[d]
    print(ways[-1] % M)

main()
""",
        ),
        "long long": Program(
            "cpp",
            """\
#include <bits/stdc++.h>
using namespace std;
const long long M = 1000000007;
long long f[60001], g[60001];
long long paths(int a, int b) { return a < 0 || b < 0 ? 0 : f[a + b] * g[a] % M * g[b] % M; }
int main() {
    g[0] = g[1] = f[0] = f[1] = 1;
    for (int i = 2; i <= 60000; i++) f[i] = f[i - 1] * i % M, g[i] = (M - M / i) * g[M % i] % M;
    for (int i = 2; i <= 60000; i++) g[i] = g[i] * g[i - 1] % M;
    int x, y, r;
    cin >> x >> y >> r;
    vector<pair<int, int>> p(r);
    for (auto &q : p) cin >> q.first >> q.second;
    p.push_back({x, y});
    sort(p.begin(), p.end());
    vector<long long> ways(r + 1);
    for (int i = 0; i <= r; i++) {
        ways[i] = paths(p[i].first, p[i].second);
        for (int j = 0; j < i; j++)
            ways[i] = (ways[i] + (M - ways[j]) * paths(p[i].first - p[j].first, p[i].second - p[j].second)) % M;
    }
    cout << ways[r] << endl;
}
""",
        ),
    }
    wrong = {
        "subtracts the paths through each reef": """\
from math import comb
x, y, r = map(int, input().split())
total = comb(x + y, x) if x + y < 3000 else 0
for _ in range(r):
    a, b = map(int, input().split())
    if x + y < 3000:
        total -= comb(a + b, a) * comb(x + y - a - b, x - a)
print(total % (10**9 + 7))
""",
        "adds the pairs of reefs back, and no more": """\
from math import comb
x, y, r = map(int, input().split())
reefs = sorted(tuple(map(int, input().split())) for _ in range(r))
total = 0
if x + y < 600:
    total = comb(x + y, x)
    for i, (a, b) in enumerate(reefs):
        total -= comb(a + b, a) * comb(x + y - a - b, x - a)
        for c, d in reefs[i + 1 :]:
            if d >= b:
                total += comb(a + b, a) * comb(c + d - a - b, c - a) * comb(x + y - c - d, x - c)
print(total % (10**9 + 7))
""",
        "takes the reefs in the order of the input": """\
from math import comb
x, y, r = map(int, input().split())
points = [tuple(map(int, input().split())) for _ in range(r)] + [(x, y)]
first = []
if x + y < 3000:
    for i, (a, b) in enumerate(points):
        ways = comb(a + b, a)
        for (c, d), before in zip(points, first):
            if c <= a and d <= b:
                ways -= before * comb(a - c + b - d, a - c)
        first.append(ways)
print(first[-1] % (10**9 + 7) if first else 0)
""",
        "does not look whether a reef lies south": """\
from math import comb
x, y, r = map(int, input().split())
points = sorted(tuple(map(int, input().split())) for _ in range(r)) + [(x, y)]
first = []
if x + y < 3000:
    for i, (a, b) in enumerate(points):
        ways = comb(a + b, a)
        for (c, d), before in zip(points, first):
            ways -= before * comb(a - c + abs(b - d), a - c)
        first.append(ways)
print(first[-1] % (10**9 + 7) if first else 0)
""",
        "diagonal steps too": """\
x, y, r = map(int, input().split())
reefs = {tuple(map(int, input().split())) for _ in range(r)}
ways = [0] * (y + 2)
if x * y < 10**5:
    for a in range(x + 1):
        now = [0] * (y + 2)
        for b in range(y + 1):
            if (a, b) not in reefs:
                now[b] = ways[b] + now[b - 1] + ways[b - 1] + (a == b == 0)
        ways = now
print(ways[y] % (10**9 + 7))
""",
        "forgets the modulus": """\
from math import comb
x, y, r = map(int, input().split())
points = sorted(tuple(map(int, input().split())) for _ in range(r)) + [(x, y)]
first = []
if x + y < 1000:
    for i, (a, b) in enumerate(points):
        ways = comb(a + b, a)
        for (c, d), before in zip(points, first):
            if d <= b:
                ways -= before * comb(a - c + b - d, a - c)
        first.append(ways)
print(first[-1] if first else 0)
""",
        "too slow: point by point": """\
x, y, r = map(int, input().split())
reefs = {tuple(map(int, input().split())) for _ in range(r)}
row = [1] + [0] * y
for a in range(x + 1):
    before = 0
    for b in range(y + 1):
        before = 0 if (a, b) in reefs else (row[b] + before) % 1000000007
        row[b] = before
print(row[y])
""",
    }

    @classmethod
    def validate(cls, text: str) -> None:
        reader = Reader(text)
        x, y = reader.integer(1, FAR, "x"), reader.integer(1, FAR, "y")
        r = reader.integer(0, REEFS, "r")
        reader.line()
        seen = {(0, 0), (x, y)}
        for i in range(r):
            point = (reader.integer(0, x, f"a[{i}]"), reader.integer(0, y, f"b[{i}]"))
            if point in seen:
                raise ValueError(f"reef {i}: expected a new point other than (0, 0) and ({x}, {y}), found {point}")
            seen.add(point)
            reader.line()
        reader.end()

    @classmethod
    def small(cls) -> Iterator[str]:
        for x, y in product((1, 2, 3), repeat=2):
            points = [point for point in product(range(x + 1), range(y + 1)) if point not in ((0, 0), (x, y))]
            for r in range(4 if x * y < 5 else 3):
                for reefs in combinations(points, r):
                    yield written(x, y, reefs[::-1] if r % 2 else reefs)

    @classmethod
    def random(cls, rng: Rng, size: int) -> str:
        # on the medium charts a walk over all points is quick, on the large ones it takes minutes
        far = 4 * size if size < 4 else 30 * size if size < 8 else FAR
        x, y = (int(v) for v in rng.integers(far if size > 7 else 1, far + 1, size=2))
        reefs = 3 * size if size < 8 else REEFS
        points = scattered(rng, x, y, int(rng.integers(reefs + 1)), int(rng.choice([1 + far // 9, far])))
        rng.shuffle(points)
        return written(x, y, points)

    @classmethod
    def worst(cls, rng: Rng) -> Iterator[str]:
        yield written(FAR, FAR, scattered(rng, FAR, FAR, REEFS, 300))
        yield written(FAR, FAR - 1, [(i, i) for i in range(1, REEFS + 1)])
        yield written(FAR, FAR, [])
        yield written(FAR, FAR, [(i, FAR - i) for i in range(REEFS)])

    @classmethod
    def hack(cls, rng: Rng, idea: str) -> str:
        if idea.startswith("too slow"):
            return written(FAR, FAR - int(rng.integers(99)), scattered(rng, FAR, FAR - 99, REEFS, 300))
        x, y = (int(v) for v in rng.integers(18, 30, size=2))
        reefs = scattered(rng, x, y, int(rng.integers(6, 20)), 3)
        return written(x, y, sorted(reefs, reverse=True))
