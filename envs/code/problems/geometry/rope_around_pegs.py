"""The convex hull: a rope around pegs of one radius."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import combinations
from typing import TYPE_CHECKING

from whetstone.envs.code.blueprint import Blueprint
from whetstone.envs.code.problem import Comparison
from whetstone.envs.code.reader import Reader
from whetstone.envs.code.sandbox.types import Limits, Program

if TYPE_CHECKING:
    from numpy.random import Generator as Rng

N, PLACE, RADIUS = 6_000, 10_000_000, 1_000
Peg = tuple[int, int]


def text(radius: int, pegs: Iterable[Peg]) -> str:
    lines = [f"{x} {y}\n" for x, y in pegs]
    return f"{len(lines)} {radius}\n" + "".join(lines)


def pegs(rng: Rng, n: int, width: int, height: int) -> list[Peg]:
    xs = rng.integers(-width, width + 1, size=n)
    ys = rng.integers(-height, height + 1, size=n)
    return sorted(set(zip(xs.tolist(), ys.tolist(), strict=True)), key=lambda peg: (peg[0] * 31 + peg[1]) % 17)


def bow(rng: Rng, n: int) -> list[Peg]:
    """All of them are corners of the hull."""
    half = n // 2
    return [(i, i * i) for i in rng.permutation(range(-half, n - half)).tolist()]


class RopeAroundPegs(Blueprint):
    title = "A rope around the pegs"
    statement = (
        "n round pegs stand upright on a lawn; each has the radius r, and their centres are different points with "
        "integer coordinates (pegs may overlap). A closed rope is pulled tight around all of them together. How long "
        "is it? The rope is as thin as a line."
    )
    input_format = (
        "The first line holds the integers n and r (1 <= n <= 6000, 1 <= r <= 1000). Each of the next n lines holds "
        "the integers x and y, the centre of a peg (-10000000 <= x, y <= 10000000)."
    )
    output_format = "The length of the rope, with an absolute or relative error of at most 0.000001."
    samples = ("4 1\n0 0\n4 0\n4 3\n0 3\n", "1 2\n5 -5\n")
    limits = Limits(cpu=1.0)
    topics = ("geometry", "convex hull")
    level = 5
    comparison = Comparison("floats", absolute=1e-6, relative=1e-6)

    reference = """
import sys
from math import dist, pi

data = list(map(int, sys.stdin.buffer.read().split()))
pegs = sorted(zip(data[2::2], data[3::2]))


def side(pegs):
    hull = []
    for x, y in pegs:
        while len(hull) > 1:
            (a, b), (c, d) = hull[-2:]
            if (c - a) * (y - b) - (d - b) * (x - a) > 0:
                break
            hull.pop()
        hull.append((x, y))
    return hull


hull = side(pegs) + side(reversed(pegs))
print(sum(map(dist, hull, hull[1:])) + 2 * pi * data[1])
"""
    equivalent = {
        "line 14: (c - a) * (y - b) - (d - b) * (x - a) > 0 -> not (c - a) * (y - b) - (d - b) * (x - a) > 0": (
            "the two passes exchange the two halves of the hull"
        ),
        "line 14: (c - a) * (y - b) - (d - b) * (x - a) > 0 -> (c - a) * (y - b) - (d - b) * (x - a) >= 0": (
            "centres on a straight part of the rope do not change its length"
        ),
        "line 14: (c - a) * (y - b) - (d - b) * (x - a) > 0 -> (c - a) * (y - b) - (d - b) * (x - a) > -1": (
            "centres on a straight part of the rope do not change its length"
        ),
    }
    brute = """
from math import hypot, pi

n, r = map(int, input().split())
pegs = [tuple(map(int, input().split())) for _ in range(n)]
length = 2 * pi * r
for a in pegs:
    for b in pegs:
        # The rope runs straight past the pegs a and b if no centre lies to the right of the way from a to b, nor
        # on the line beyond them.
        (x, y), (u, v) = a, b
        turns = [((u - x) * (q - y) - (v - y) * (p - x), p, q) for p, q in pegs]
        between = all((p - x) * (p - u) + (q - y) * (q - v) <= 0 for turn, p, q in turns if turn == 0)
        if a != b and between and all(turn >= 0 for turn, p, q in turns):
            length += hypot(u - x, v - y)
print(length)
"""
    right = {
        "sorted by angle": Program(
            "python",
            """
import math
from functools import cmp_to_key

def main():
    n, r = map(int, input().split())
    points = [tuple(map(int, input().split())) for _ in range(n)]
    x0, y0 = low = min(points, key=lambda p: (p[1], p[0]))

    def turn(a, b, c):
        return (b[0] - a[0]) * (c[1] - a[1]) - (b[1] - a[1]) * (c[0] - a[0])

    def far(p):
        return (p[0] - x0) ** 2 + (p[1] - y0) ** 2

    others = [p for p in points if p != low]
    others.sort(key=cmp_to_key(lambda a, b: -turn(low, a, b) or far(a) - far(b)))
    hull = [low]
    for p in others:
        while len(hull) > 1 and turn(hull[-2], hull[-1], p) <= 0:
            hull.pop()
        hull.append(p)
    length = 0.0
    for i in range(len(hull)):
        (a, b), (c, d) = hull[i - 1], hull[i]
        length += math.hypot(a - c, b - d)
    print("%.9f" % (length + 2 * math.pi * r))

main()
""",
        ),
        "two chains in C++": Program(
            "cpp",
            """
#include <bits/stdc++.h>
using namespace std;
int main() {
    int n, r;
    scanf("%d %d", &n, &r);
    vector<pair<long long, long long>> p(n), h;
    for (auto& [x, y] : p) scanf("%lld %lld", &x, &y);
    sort(p.begin(), p.end());
    double length = 2 * acos(-1.0) * r;
    for (int k = 0; k < 2; k++, reverse(p.begin(), p.end())) {
        h.clear();
        for (auto q : p) {
            while (h.size() > 1) {
                auto [a, b] = h[h.size() - 2];
                auto [c, d] = h.back();
                if ((c - a) * (q.second - b) - (d - b) * (q.first - a) > 0) break;
                h.pop_back();
            }
            h.push_back(q);
        }
        for (size_t i = 1; i < h.size(); i++)
            length += hypot(h[i].first - h[i - 1].first, h[i].second - h[i - 1].second);
    }
    printf("%.8f\\n", length);
}
""",
        ),
    }
    wrong = {
        "forgets the pegs' radius": reference.replace(" + 2 * pi * data[1]", ""),
        "half a circle only": reference.replace("2 * pi", "pi"),
        "a fence that is open at one side": reference.replace("side(pegs) + side(reversed(pegs))", "side(pegs)"),
        "sorted from left to right only": reference.replace("data[3::2]))", "data[3::2]), key=lambda peg: peg[0])"),
        "in the order of the input": reference.replace(
            "sorted(zip(data[2::2], data[3::2]))", "list(zip(data[2::2], data[3::2]))"
        ).replace("side(pegs) + side(reversed(pegs))", "pegs + pegs[:1]"),
        "a rectangle around all": """
from math import pi

n, r = map(int, input().split())
xs, ys = zip(*(map(int, input().split()) for _ in range(n)))
print(2 * (max(xs) - min(xs)) + 2 * (max(ys) - min(ys)) + 2 * pi * r)
""",
        "whole numbers": reference.replace(
            "print(sum(map(dist, hull, hull[1:])) + 2 * pi * data[1])",
            "print(round(sum(map(dist, hull, hull[1:])) + 2 * pi * data[1]))",
        ),
        "too slow: from corner to corner": """
from math import hypot, pi

n, r = map(int, input().split())
pegs = [tuple(map(int, input().split())) for _ in range(n)]
start = here = min(pegs)
length = 2 * pi * r
while n > 1:
    best = None
    x, y = here
    for p, q in pegs:
        if (p, q) == here:
            continue
        if best is None:
            best = p, q
            continue
        turn = (best[0] - x) * (q - y) - (best[1] - y) * (p - x)
        if turn < 0 or turn == 0 and hypot(p - x, q - y) > hypot(best[0] - x, best[1] - y):
            best = p, q
    length += hypot(best[0] - x, best[1] - y)
    here = best
    if here == start:
        break
print(length)
""",
    }

    @classmethod
    def validate(cls, text: str) -> None:
        reader = Reader(text)
        n = reader.integer(1, N, "n")
        reader.integer(1, RADIUS, "r")
        reader.line()
        seen = set()
        for i in range(n):
            seen.add(tuple(reader.integers(2, -PLACE, PLACE, "coordinate")))
            reader.line()
            if len(seen) != i + 1:
                raise ValueError(f"peg {i + 1}: expected different centres, found one twice")
        reader.end()

    @classmethod
    def small(cls) -> Iterator[str]:
        grid = [(x, y) for x in (0, 1, 2) for y in (0, 1, 3)]
        yield from (text(1, [peg]) for peg in grid[:2])
        for n in (2, 3, 4):
            yield from (text(n, some) for some in combinations(grid, n))
        yield text(2, [(i, -2 * i) for i in (3, 1, 2, 0, -4)])

    @classmethod
    def random(cls, rng: Rng, size: int) -> str:
        n = int(rng.integers(2, 6 + 2 * size)) if size <= 3 else min(N, 3**size // 6)
        width = int(rng.choice([2, 5, n, PLACE]))
        return text(
            int(rng.integers(1, rng.choice([5, RADIUS]))), pegs(rng, n, width, int(rng.choice([width, 1 + width // 3])))
        )

    @classmethod
    def worst(cls, rng: Rng) -> Iterator[str]:
        yield text(RADIUS, bow(rng, N))
        yield text(1, [(y, -x) for x, y in bow(rng, N)])
        yield text(1, pegs(rng, N, PLACE, PLACE))
        yield text(7, pegs(rng, N, 60, 60))

    @classmethod
    def hack(cls, rng: Rng, idea: str) -> str:
        if idea.startswith("too slow"):
            return text(RADIUS, bow(rng, N - int(rng.integers(50))))
        width = 2 if idea == "sorted from left to right only" else 10
        return text(int(rng.integers(1, 9)), pegs(rng, int(rng.integers(8, 30)), width, 10))
