"""What geometry tasks share: exact arithmetic on lattice points."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import count, pairwise

from whetstone.envs.answers import WRITE, words
from whetstone.envs.core import Rng

Point = tuple[int, int]
Segment = tuple[int, int, int, int]  # x and y of one end and of the other
Circle = tuple[float, float, float]  # x and y of the centre, radius
DECIMAL = re.compile(r"[+-]?[0-9]{1,12}(\.[0-9]{0,12})?")


def turn(a: Point, b: Point, c: Point) -> int:
    """Twice the signed area of the triangle abc: positive when it runs counter-clockwise."""
    return (b[0] - a[0]) * (c[1] - a[1]) - (b[1] - a[1]) * (c[0] - a[0])


def hull(points: Iterable[Point]) -> list[Point]:
    """The corners of the convex hull, counter-clockwise (Andrew's monotone chain, 1979).

    >>> hull([(0, 0), (2, 0), (1, 1), (0, 2), (1, 0)])
    [(0, 0), (2, 0), (0, 2)]
    """
    ordered = sorted(set(points))
    below, above = _chain(ordered), _chain(ordered[::-1])
    return below[:-1] + above[:-1]


def _chain(points: Iterable[Point]) -> list[Point]:
    chain: list[Point] = []
    for point in points:
        while len(chain) > 1 and turn(chain[-2], chain[-1], point) <= 0:
            chain.pop()
        chain.append(point)
    return chain


def doubled_area(polygon: Sequence[Point]) -> int:
    """Twice the signed area of a polygon, positive when its corners run counter-clockwise."""
    return sum(turn(polygon[0], a, b) for a, b in pairwise(polygon))


def lattice_points(rng: Rng, number: int, side: int) -> list[Point]:
    """Different random points with coordinates from 0 to side - 1, which must be enough for them."""
    return [divmod(cell, side) for cell in rng.choice(side**2, number, replace=False).tolist()]


def scattered_points(rng: Rng, number: int) -> list[Point]:
    """Random points, no three on a line: they lie on a parabola modulo a prime, which meets a line at most twice."""
    prime = next(p for p in count(2 * number + 1) if all(p % d for d in range(2, math.isqrt(p) + 1)))
    a, b, c = rng.integers(1, prime, size=3).tolist()
    return [(x, (a * x * x + b * x + c) % prime) for x in rng.permutation(prime)[:number].tolist()]


def convex_chain(points: Sequence[Point]) -> list[int]:
    """The places of the most points, no three on a line, that are the corners of a convex polygon."""
    size = len(points)
    pairs = [(i, j) for i in range(size) for j in range(size) if i != j]
    # Along a convex polygon the directions turn one way, so the sides may be taken in the order of their angles.
    pairs.sort(key=lambda side: math.atan2(*(b - a for a, b in zip(*(points[i] for i in side), strict=True))))
    best: list[int] = []
    for start in range(size):
        chains: list[list[int]] = [[]] * size  # the longest that ends in each point
        chains[start] = [start]
        for i, j in pairs:
            if j == start:
                best = max(best, chains[i], key=len)
            elif len(chains[i]) >= max(1, len(chains[j])):
                chains[j] = [*chains[i], j]
    return best


def enclosing_circle(points: Sequence[Point]) -> Circle:
    """The smallest circle around points of which no three lie on a line (Welzl's incremental construction, 1991).

    >>> enclosing_circle([(0, 0), (2, 0), (1, 1)])
    (1.0, 0.0, 1.0)
    """
    circle: Circle = (*points[0], 0.0)
    for i, a in enumerate(points):
        if _outside(circle, a):
            circle = (*a, 0.0)
            for j, b in enumerate(points[:i]):
                if _outside(circle, b):
                    circle = ((a[0] + b[0]) / 2, (a[1] + b[1]) / 2, math.dist(a, b) / 2)
                    for c in points[:j]:
                        if _outside(circle, c):
                            circle = _circumcircle(a, b, c)
    return circle


def _outside(circle: Circle, point: Point) -> bool:
    return math.dist(circle[:2], point) > circle[2] + 1e-9


def _circumcircle(a: Point, b: Point, c: Point) -> Circle:
    (px, py), (qx, qy) = ((x - a[0], y - a[1]) for x, y in (b, c))
    p, q, area = px * px + py * py, qx * qx + qy * qy, 2 * turn(a, b, c)
    x, y = (qy * p - py * q) / area, (px * q - qx * p) / area
    return a[0] + x, a[1] + y, math.hypot(x, y)


@dataclass(frozen=True)
class Decimals:
    """Decimal numbers separated by spaces, shown with six places; `count` fixes how many.

    >>> Decimals(2).parse("0.5, -3")
    [0.5, -3.0]
    """

    count: int
    instruction: str = WRITE.format("decimal numbers separated by spaces")

    def parse(self, text: str) -> list[float]:
        found = words(text)
        strange = next((word for word in found if not DECIMAL.fullmatch(word)), None)
        if strange is not None:
            raise ValueError(f"expected a decimal number, found {strange[:40]!r}")
        if len(found) != self.count:
            raise ValueError(f"expected {self.count} numbers, found {len(found)}")
        return [float(word) for word in found]

    def show(self, answer: list[float]) -> str:
        return " ".join(f"{number:.6f}" for number in answer)


def rectangle_area(corners: Sequence[Point]) -> int:
    """The area of the rectangle with these four different corners, in any order; 0 when they are not those of one."""
    a = corners[0]
    for opposite in (1, 2, 3):
        c = corners[opposite]
        b, d = (corners[i] for i in (1, 2, 3) if i != opposite)
        if (a[0] + c[0], a[1] + c[1]) == (b[0] + d[0], b[1] + d[1]) and math.dist(a, c) == math.dist(b, d):
            return abs(turn(a, b, d))
    return 0


def planted_rectangles(rng: Rng, number: int, rectangles: int) -> list[Point]:
    """Different random points that hold the corners of `rectangles` random rectangles, which may share some."""
    side = 2 * number
    corners: list[Point] = []
    for x, y, dx, dy, wide in rng.integers((0, 0, 1, 0, 1), (number, number, 4, 4, 3), size=(rectangles, 5)).tolist():
        x += wide * dy  # so that no corner is left of 0
        ex, ey = -wide * dy, wide * dx
        corners += [(x, y), (x + dx, y + dy), (x + dx + ex, y + dy + ey), (x + ex, y + ey)]
    points = list(dict.fromkeys([*corners, *lattice_points(rng, number, side)]))[:number]
    return [points[i] for i in rng.permutation(number).tolist()]


def short_segments(rng: Rng, number: int, bound: int) -> list[Segment]:
    """Random segments with positive coordinates, one end's at most `bound` and the other's at most 3 away."""
    drawn = rng.integers((1, 1, -3, -3), (bound + 1, bound + 1, 4, 4), size=(number, 4)).tolist()
    ends = [(x, y, max(1, x + dx), max(1, y + dy)) for x, y, dx, dy in drawn]
    return [(x, y, a + ((x, y) == (a, b)), b) for x, y, a, b in ends]


def weighted_median(values: Sequence[int], weights: Sequence[int]) -> int:
    """The least value up to which at least half of the weight lies.

    >>> weighted_median([5, 1, 9], [1, 1, 3])
    9
    """
    half, below = sum(weights) / 2, 0
    for value, weight in sorted(zip(values, weights, strict=True)):
        below += weight
        if below >= half:
            return value
    raise ValueError("expected at least one value")


def swapped_box(points: Sequence[Point], costs: Sequence[int], swaps: str) -> tuple[int, int]:
    """The perimeter of the box around points, those with a 1 in `swaps` as (y, x), and the cost of these swaps."""
    xs, ys = zip(*((y, x) if swap == "1" else (x, y) for swap, (x, y) in zip(swaps, points, strict=True)), strict=True)
    cost = sum(cost for swap, cost in zip(swaps, costs, strict=True) if swap == "1")
    return 2 * (max(xs) - min(xs) + max(ys) - min(ys)), cost


def box_swaps(points: Sequence[Point]) -> list[str]:
    """For each way to lay the least box around points whose coordinates may be swapped: 1 for each that must be.

    With the smaller coordinate always first, the box is [a, b] x [c, d]. All boxes of its perimeter have one of the
    extremes a and c at one end of x and the other at that of y, and so have b and d.
    """
    a, b = min(map(min, points)), max(map(min, points))
    c, d = min(map(max, points)), max(map(max, points))
    found = []
    for x0, x1, y0, y1 in ((a, b, c, d), (c, d, a, b), (a, d, c, b), (c, b, a, d)):
        stays = [x0 <= x <= x1 and y0 <= y <= y1 for x, y in points]
        fits = [x0 <= y <= x1 and y0 <= x <= y1 for x, y in points]
        if all(map(max, stays, fits)):
            found.append("".join("01"[not stay] for stay in stays))
    return found


def ray_spans(segments: Sequence[Segment]) -> list[tuple[int, int]]:
    """The first and last ray from the origin that meets each segment.

    Ray 2 i goes through the i-th end by angle, ray 2 i + 1 passes between this end and the next.
    """
    slopes = [sorted((Fraction(b, a), Fraction(d, c))) for a, b, c, d in segments]
    place = {slope: 2 * i for i, slope in enumerate(sorted({slope for pair in slopes for slope in pair}))}
    return [(place[low], place[high]) for low, high in slopes]
