"""Right-angled triangles among points, by exact directions."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import combinations
from typing import TYPE_CHECKING

from whetstone.envs.code.blueprint import Blueprint
from whetstone.envs.code.reader import Reader
from whetstone.envs.code.sandbox.types import Limits, Program

if TYPE_CHECKING:
    from numpy.random import Generator as Rng

N, PLACE = 280, 1_000_000_000
Point = tuple[int, int]


def text(points: Iterable[Point]) -> str:
    lines = [f"{x} {y}\n" for x, y in points]
    return f"{len(lines)}\n" + "".join(lines)


def scattered(rng: Rng, n: int, width: int) -> list[Point]:
    found: dict[Point, None] = {}
    while len(found) < n:
        x, y = rng.integers(-width, width + 1, size=2).tolist()
        found[x, y] = None
    return list(found)


class SquareCorners(Blueprint):
    title = "Corners with a right angle"
    statement = (
        "n stakes stand in a field, at different points with integer coordinates. How many triples of stakes are the "
        "corners of a triangle with a right angle? The order within a triple does not matter."
    )
    input_format = (
        "The first line holds the integer n (1 <= n <= 280). Each of the next n lines holds the integers x and y of a "
        "stake (-1000000000 <= x, y <= 1000000000). No two stakes stand at the same point."
    )
    output_format = "The number of triples."
    samples = ("4\n0 0\n2 0\n0 3\n2 3\n", "4\n0 0\n1 1\n-1 1\n0 5\n")
    limits = Limits(cpu=1.0)
    topics = ("geometry", "integer arithmetic", "counting")
    level = 6

    reference = """
from collections import Counter
from math import gcd

n = int(input())
stakes = [tuple(map(int, input().split())) for _ in range(n)]
total = 0
for a, b in stakes:
    ways = Counter()
    for x, y in stakes:
        if (x, y) != (a, b):
            g = gcd(x - a, y - b)
            ways[(x - a) // g, (y - b) // g] += 1
    total += sum(count * ways[-y, x] for (x, y), count in list(ways.items()))
print(total)
"""
    equivalent = {
        "line 13: ways[(x - a) // g, (y - b) // g] += 1 -> ways[(x - a) // g, (y - b) // g] -= 1": (
            "both factors of every product change their sign"
        ),
    }
    brute = """
from itertools import combinations

n = int(input())
stakes = [tuple(map(int, input().split())) for _ in range(n)]
total = 0
for three in combinations(stakes, 3):
    # By Pythagoras: the two shorter sides against the longest.
    a, b, c = sorted((x - u) ** 2 + (y - v) ** 2 for (x, y), (u, v) in combinations(three, 2))
    total += a + b == c
print(total)
"""
    right = {
        "quarters of a turn": Program(
            "python",
            """
from math import gcd

def main():
    n = int(input())
    pts = [tuple(int(v) for v in input().split()) for _ in range(n)]
    answer = 0
    for i, (a, b) in enumerate(pts):
        # every direction is turned by quarters into the first quadrant; odd and even quarters are at right angles
        groups = {}
        for j, (x, y) in enumerate(pts):
            if i == j:
                continue
            x, y, quarter = x - a, y - b, 0
            while x <= 0 or y < 0:
                x, y, quarter = y, -x, 1 - quarter
            g = gcd(x, y)
            groups.setdefault((x // g, y // g), [0, 0])[quarter] += 1
        answer += sum(p * q for p, q in groups.values())
    print(answer)

main()
""",
        ),
        "products of all pairs in C++": Program(
            "cpp",
            """
#include <bits/stdc++.h>
using namespace std;
int main() {
    int n;
    cin >> n;
    vector<long long> x(n), y(n);
    for (int i = 0; i < n; i++) cin >> x[i] >> y[i];
    long long total = 0;
    for (int i = 0; i < n; i++)
        for (int j = 0; j < n; j++)
            for (int k = 0; k < j; k++)
                if (i != j && i != k)
                    total += (x[j] - x[i]) * (x[k] - x[i]) + (y[j] - y[i]) * (y[k] - y[i]) == 0;
    cout << total << endl;
}
""",
        ),
    }
    wrong = {
        "sides along the axes only": """
from collections import Counter

n = int(input())
stakes = [tuple(map(int, input().split())) for _ in range(n)]
columns = Counter(x for x, y in stakes)
rows = Counter(y for x, y in stakes)
print(sum((columns[x] - 1) * (rows[y] - 1) for x, y in stakes))
""",
        "slopes by division": """
from collections import Counter

n = int(input())
stakes = [tuple(map(int, input().split())) for _ in range(n)]
total = 0
for a, b in stakes:
    slopes = Counter()
    for x, y in stakes:
        if x != a:
            slopes[(y - b) / (x - a)] += 1
        elif y != b:
            slopes["upright"] += 1
    for slope, count in list(slopes.items()):
        if slope == 0:
            total += count * slopes["upright"]
        elif slope != "upright" and slope > 0:
            total += count * slopes[-1 / slope]
print(total)
""",
        "counts every pair of ways twice": reference.replace("ways[-y, x]", "(ways[-y, x] + ways[y, -x])"),
        "looks to the right only": reference.replace("list(ways.items()))", "list(ways.items()) if x > 0)"),
        "no common divisor": reference.replace("g = gcd(x - a, y - b)", "g = 1"),
        "angles by float": """
from collections import Counter
from math import atan2, pi

n = int(input())
stakes = [tuple(map(int, input().split())) for _ in range(n)]
total = 0
for a, b in stakes:
    angles = Counter()
    for x, y in stakes:
        if (x, y) != (a, b):
            angles[round(atan2(y - b, x - a) % pi, 7) % round(pi, 7)] += 1
    for angle, count in list(angles.items()):
        total += count * angles[round(angle + pi / 2, 7)]
print(total)
""",
        "too slow: all triples": """
from itertools import combinations

n = int(input())
stakes = [tuple(map(int, input().split())) for _ in range(n)]
total = 0
for (a, b), (c, d), (e, f) in combinations(stakes, 3):
    p = (a - c) * (e - c) + (b - d) * (f - d)
    q = (a - e) * (c - e) + (b - f) * (d - f)
    r = (c - a) * (e - a) + (d - b) * (f - b)
    if p == 0 or q == 0 or r == 0:
        total += 1
print(total)
""",
    }

    @classmethod
    def validate(cls, text: str) -> None:
        reader = Reader(text)
        n = reader.integer(1, N, "n")
        reader.line()
        seen = set()
        for i in range(n):
            seen.add(tuple(reader.integers(2, -PLACE, PLACE, "coordinate")))
            reader.line()
            if len(seen) != i + 1:
                raise ValueError(f"stake {i + 1}: expected different points, found one twice")
        reader.end()

    @classmethod
    def small(cls) -> Iterator[str]:
        grid = [(x, y) for y in (0, 1, 2) for x in (0, 1, 3)]
        for n in (1, 2, 3, 4):
            yield from (text(some) for some in combinations(grid, n))

    @classmethod
    def random(cls, rng: Rng, size: int) -> str:
        n = int(rng.integers(3, 6 + 2 * size)) if size <= 3 else (12, 20, 35, 60, 100, 180, N)[size - 4]
        width = max(int(rng.choice([3, 6, n, PLACE])), int(n**0.5))
        points = scattered(rng, n, width)
        if rng.random() < 0.3:  # turned and stretched, so that the sides are askew
            points = [(3 * x - 4 * y, 4 * x + 3 * y) for x, y in points] if width < PLACE else points
        return text(points)

    @classmethod
    def worst(cls, rng: Rng) -> Iterator[str]:
        yield text(scattered(rng, N, 9))
        yield text(scattered(rng, N, PLACE))
        yield text([(i * 1000, i) for i in range(N // 2)] + [(-i, i * 1000) for i in range(1, N // 2 + 1)])

    @classmethod
    def hack(cls, rng: Rng, idea: str) -> str:
        if idea.startswith("too slow"):
            return text(scattered(rng, N - int(rng.integers(5)), PLACE))
        if idea in ("slopes by division", "angles by float"):  # right angles, and nearly right ones
            arms = rng.integers(PLACE // 4, PLACE // 2, size=(6, 2)).tolist()
            return text([(0, 0), *(p for a, b in arms for p in ((a, b), (-b, a), (1 - b, a)))])
        return text([(3 * x - 4 * y, 4 * x + 3 * y) for x, y in scattered(rng, 12, 5)])
