"""The area of two rectangles together."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import combinations, product
from typing import TYPE_CHECKING

from whetstone.envs.code.blueprint import Blueprint
from whetstone.envs.code.reader import Reader
from whetstone.envs.code.sandbox.types import Limits, Program

if TYPE_CHECKING:
    from numpy.random import Generator as Rng

SIDE = 1_000_000
Poster = tuple[int, int, int, int]


def text(*posters: Poster) -> str:
    return "".join(f"{' '.join(map(str, poster))}\n" for poster in posters)


def poster(rng: Rng, side: int) -> Poster:
    left, right = sorted(rng.choice(side + 1, size=2, replace=False).tolist())
    bottom, top = sorted(rng.choice(side + 1, size=2, replace=False).tolist())
    return left, bottom, right, top


class TwoPosters(Blueprint):
    title = "Two posters"
    statement = (
        "Two rectangular posters are glued to a wall, upright, and one may cover a part of the other or all of it. How "
        "large is the area of the wall that is covered by at least one poster?"
    )
    input_format = (
        "Two lines, one for each poster. Each holds four integers: the distances of the poster's left, lower, right "
        "and upper edge from the left end and from the foot of the wall, in this order: x1, y1, x2 and y2 "
        "(0 <= x1 < x2 <= 1000000, 0 <= y1 < y2 <= 1000000)."
    )
    output_format = "The covered area."
    samples = ("0 0 3 2\n1 1 4 5\n", "0 0 1 1\n2 2 3 4\n")
    limits = Limits(cpu=1.0)
    topics = ("geometry", "rectangles")
    level = 1

    reference = """
a, b, c, d = map(int, input().split())
e, f, g, h = map(int, input().split())
width = max(0, min(c, g) - max(a, e))
height = max(0, min(d, h) - max(b, f))
print((c - a) * (d - b) + (g - e) * (h - f) - width * height)
"""
    brute = """
covered = set()
for _ in range(2):
    x1, y1, x2, y2 = map(int, input().split())
    covered |= {(x, y) for x in range(x1, x2) for y in range(y1, y2)}
print(len(covered))
"""
    right = {
        "strips between the edges": Program(
            "python",
            """
posters = [tuple(int(x) for x in input().split()) for _ in range(2)]
xs = sorted(x for p in posters for x in (p[0], p[2]))
ys = sorted(y for p in posters for y in (p[1], p[3]))
area = 0
for x, right in zip(xs, xs[1:]):
    for y, top in zip(ys, ys[1:]):
        if any(p[0] <= x and right <= p[2] and p[1] <= y and top <= p[3] for p in posters):
            area += (right - x) * (top - y)
print(area)
""",
        ),
        "C++": Program(
            "cpp",
            """
#include <iostream>
#include <algorithm>
int main() {
    long long a[4], b[4];
    for (auto& x : a) std::cin >> x;
    for (auto& x : b) std::cin >> x;
    long long w = std::min(a[2], b[2]) - std::max(a[0], b[0]), h = std::min(a[3], b[3]) - std::max(a[1], b[1]);
    long long both = w > 0 && h > 0 ? w * h : 0;
    std::cout << (a[2] - a[0]) * (a[3] - a[1]) + (b[2] - b[0]) * (b[3] - b[1]) - both << std::endl;
}
""",
        ),
    }
    wrong = {
        "adds the areas": reference.replace(" - width * height", ""),
        "an overlap of two negative sides": reference.replace(
            "max(0, min(c, g) - max(a, e))", "min(c, g) - max(a, e)"
        ).replace("max(0, min(d, h) - max(b, f))", "min(d, h) - max(b, f)"),
        "the rectangle around both": """
a, b, c, d = map(int, input().split())
e, f, g, h = map(int, input().split())
print((max(c, g) - min(a, e)) * (max(d, h) - min(b, f)))
""",
        "takes the overlap away twice": reference.replace("- width * height", "- 2 * width * height"),
        "the second poster begins inside the first": reference.replace("max(a, e)", "e").replace("max(b, f)", "f"),
        "reads corners as a corner and a size": """
a, b, c, d = map(int, input().split())
e, f, g, h = map(int, input().split())
width = max(0, min(a + c, e + g) - max(a, e))
height = max(0, min(b + d, f + h) - max(b, f))
print(c * d + g * h - width * height)
""",
    }

    @classmethod
    def validate(cls, text: str) -> None:
        reader = Reader(text)
        for _ in range(2):
            x, y = reader.integer(0, SIDE - 1, "x1"), reader.integer(0, SIDE - 1, "y1")
            reader.integer(x + 1, SIDE, "x2")
            reader.integer(y + 1, SIDE, "y2")
            reader.line()
        reader.end()

    @classmethod
    def small(cls) -> Iterator[str]:
        spans = list(combinations(range(4), 2))
        yield from (text((0, 0, 1, 1), (0, 0, 1, 1)), text((0, 0, 9, 9), (3, 4, 5, 7)))
        for (a, c), (b, d), (e, g), (f, h) in product(spans, spans[::2], spans, spans):
            yield text((a, b, c, d), (e, f, g, h))

    @classmethod
    def random(cls, rng: Rng, size: int) -> str:
        side = (0, 5, 8, 12, 30, 100, 300, 1000, 10_000, 100_000, SIDE)[size]
        return text(poster(rng, side), poster(rng, side))

    @classmethod
    def worst(cls, rng: Rng) -> Iterator[str]:
        yield text((0, 0, SIDE, SIDE), (0, 0, SIDE, SIDE))
        yield text((0, 0, SIDE, 1), (0, 0, 1, SIDE))
        yield text((0, 0, 1, 1), (SIDE - 1, SIDE - 1, SIDE, SIDE))

    @classmethod
    def hack(cls, rng: Rng, idea: str) -> str:
        a, b, c, d = poster(rng, 1000)
        if idea == "an overlap of two negative sides":
            e, f = c + 1 + int(rng.integers(9)), d + 1 + int(rng.integers(9))
            return text((a, b, c, d), (e, f, e + 5, f + 7))
        if idea == "the second poster begins inside the first":
            return text((a + 1, b + 1, c + 1, d + 1), (a, b, c + 2, d + 2))
        return text((a, b, c, d), (a, b + 1, c + 5, d + 9))
