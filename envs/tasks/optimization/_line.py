"""Points and segments on a line."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import chain
from statistics import median_low


def raising_starts(heights: Sequence[int], raises: int) -> list[int]:
    """From where on to raise all that follows by 1, at most `raises` times, for the longest rising subsequence."""
    best: dict[tuple[int, int], tuple[int, list[int]]] = {}  # by last element and its raises: length, and the starts
    for i, height in enumerate(heights):
        for k in range(raises + 1):
            before = [best[j, m] for j in range(i) for m in range(k + 1) if heights[j] + m <= height + k]
            length, starts = max(before, key=lambda found: found[0], default=(0, []))
            best[i, k] = (length + 1, [*starts, *[i] * (k - len(starts))])
    return max(best.values(), key=lambda found: found[0])[1]


def bearable_segments(segments: Sequence[tuple[int, int]], limits: Sequence[tuple[int, int]]) -> list[int]:
    """The most segments of which no point lies in more than its limit; the points rise.

    From left to right, where a point lies in too many segments, drop those that reach furthest right.
    """
    kept = set(range(len(segments)))
    for point, most in limits:
        around = sorted((segments[i][1], i) for i in kept if segments[i][0] <= point <= segments[i][1])
        kept.difference_update(i for _, i in around[most:])
    return sorted(kept)


def walked(ways: Sequence[tuple[int, int]], bridges: Sequence[int]) -> int:
    """The sum of the shortest ways from start to end over one of the bridges."""
    return sum(min(abs(start - bridge) + abs(bridge - end) for bridge in bridges) for start, end in ways)


def best_bridges(ways: Sequence[tuple[int, int]], bridges: int) -> list[int]:
    """The positions of 1 or 2 bridges that make the ways shortest.

    The bridge nearest to the middle of a way is the one to take: cut the ways in order of their middles.
    """
    order = sorted(ways, key=sum)
    cuts = ([order[:cut], order[cut:]] for cut in range(1, len(order)))
    options = cuts if bridges == 2 else [[order]]
    places = ([median_low(chain(*part)) for part in parts] for parts in options)
    return min(places, key=lambda positions: walked(ways, positions))
