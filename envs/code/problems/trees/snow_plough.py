"""Visit every node of a tree and stop anywhere: twice all edges less the longest path."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import product
from typing import TYPE_CHECKING

from whetstone.envs.code.blueprint import Blueprint
from whetstone.envs.code.reader import Reader
from whetstone.envs.code.sandbox.types import Limits, Program

if TYPE_CHECKING:
    from numpy.random import Generator as Rng

N, METRES = 8_000, 1_000_000
Road = tuple[int, int, int]


def text(roads: list[Road]) -> str:
    return f"{len(roads) + 1}\n" + "".join(f"{a} {b} {w}\n" for a, b, w in roads)


def tree(rng: Rng, n: int, reach: int, longest: int) -> str:
    """Each farm hangs on one of the `reach` farms before it; then the names are dealt out."""
    name = (1 + rng.permutation(n)).tolist()
    lengths = rng.integers(1, longest + 1, size=n).tolist()
    return text([(name[i], name[i - 1 - int(rng.integers(min(i, reach)))], lengths[i]) for i in range(1, n)])


class SnowPlough(Blueprint):
    title = "The snow plough"
    statement = (
        "n farms, numbered from 1 to n, are joined by n - 1 roads, so that there is exactly one way between any two "
        "farms. After a night of snow the plough, which may start at any farm, is to visit every farm, and may stop "
        "at any farm. It can turn only at farms. What is the shortest distance that it must drive?"
    )
    input_format = (
        "The first line holds the integer n (1 <= n <= 8000). Each of the next n - 1 lines holds the integers a, b "
        "and w (1 <= a, b <= n, 1 <= w <= 1000000): a road of w metres between the farms a and b."
    )
    output_format = "The shortest distance in metres."
    samples = ("4\n1 2 5\n2 3 1\n2 4 7\n", "1\n")
    limits = Limits(cpu=1.0)
    topics = ("trees", "diameter")
    level = 4

    reference = """
import sys

data = list(map(int, sys.stdin.buffer.read().split()))
n = data[0]
roads = [[] for _ in range(n)]
for a, b, w in zip(data[1::3], data[2::3], data[3::3]):
    roads[a - 1].append((b - 1, w))
    roads[b - 1].append((a - 1, w))


def distances(start):
    far = {start: 0}
    queue = [start]
    for a in queue:
        for b, w in roads[a]:
            if b not in far:
                far[b] = far[a] + w
                queue.append(b)
    return far


far = distances(n // 2)
longest = max(distances(max(far, key=far.get)).values())
print(2 * sum(data[3::3]) - longest)
"""
    equivalent = {"line 23: n // 2 -> n // 3": "the first search may begin anywhere"}
    brute = """
import heapq

n = int(input())
roads = [tuple(map(int, input().split())) for _ in range(n - 1)]
# Shortest way over pairs of a farm and the set of farms visited.
heap = [(0, a, 1 << a) for a in range(1, n + 1)]
done = set()
while True:
    metres, a, visited = heapq.heappop(heap)
    if visited == (1 << n + 1) - 2:
        print(metres)
        break
    if (a, visited) not in done:
        done.add((a, visited))
        for x, y, w in roads:
            for x, y in (x, y), (y, x):
                if x == a:
                    heapq.heappush(heap, (metres + w, y, visited | 1 << y))
"""
    right = {
        "deepest two branches at every farm": Program(
            "python",
            """
import sys

def main():
    n = int(sys.stdin.readline())
    near = [{} for _ in range(n + 1)]
    total = 0
    for line in sys.stdin:
        a, b, w = map(int, line.split())
        near[a][b] = near[b][a] = w
        total += w
    order, parent = [1], [0] * (n + 1)
    for a in order:
        for b in near[a]:
            if b != parent[a]:
                parent[b] = a
                order.append(b)
    deep = [0] * (n + 1)
    best = 0
    for a in reversed(order[1:]):
        p = parent[a]
        arm = deep[a] + near[a][p]
        best = max(best, deep[p] + arm)
        deep[p] = max(deep[p], arm)
    print(2 * total - best)

main()
""",
        ),
    }
    wrong = {
        "starts at farm 1": reference.replace("distances(max(far, key=far.get)).values()", "far.values()").replace(
            "n // 2", "0"
        ),
        "returns to the start": reference.replace("- longest", ""),
        "the path with the most roads": """
import sys

n, *numbers = map(int, sys.stdin.read().split())
near = [[] for _ in range(n + 1)]
for a, b, w in zip(numbers[::3], numbers[1::3], numbers[2::3]):
    near[a].append((b, w))
    near[b].append((a, w))

def farthest(start):
    order, seen = [(start, 0)], {start}
    for a, metres in order:
        for b, w in near[a]:
            if b not in seen:
                seen.add(b)
                order.append((b, metres + w))
    return order[-1]

print(2 * sum(numbers[2::3]) - farthest(farthest(1)[0])[1])
""",
        "the two longest ways from farm 1": reference.replace(
            "longest = max(distances(max(far, key=far.get)).values())", "longest = sum(sorted(far.values())[-2:])"
        ),
        "every road once": """
import sys

data = list(map(int, sys.stdin.read().split()))
print(sum(data[3::3]))
""",
        "too slow: a search from every farm": reference.replace(
            "longest = max(distances(max(far, key=far.get)).values())",
            "longest = max(max(distances(a).values()) for a in range(n))",
        ),
    }

    @classmethod
    def validate(cls, text: str) -> None:
        reader = Reader(text)
        n = reader.integer(1, N, "n")
        reader.line()
        root = list(range(n + 1))
        for i in range(n - 1):
            a, b = reader.integers(2, 1, n, "farm")
            reader.integer(1, METRES, "w")
            reader.line()
            while root[a] != a:
                root[a] = a = root[root[a]]
            while root[b] != b:
                root[b] = b = root[root[b]]
            if a == b:
                raise ValueError(f"road {i + 1}: expected a tree, found a second way between two farms")
            root[a] = b
        reader.end()

    @classmethod
    def small(cls) -> Iterator[str]:
        yield text([])
        yield from (text([(2, 1, w)]) for w in (1, 2, 9))
        for v, w in product((1, 2, 5), repeat=2):
            yield from (text([(1, 2, v), (2, 3, w)]), text([(1, 2, v), (1, 3, w)]), text([(3, 2, w), (1, 3, v)]))
        for lengths in product((1, 4), repeat=4):
            for joints in ((1, 1, 1, 1), (1, 2, 2, 3), (2, 2, 1, 1), (1, 2, 3, 4)):
                rows = zip(joints, (2, 3, 4, 5), lengths, strict=True)
                yield text([(min(a, b - 1), b, w) for a, b, w in rows])

    @classmethod
    def random(cls, rng: Rng, size: int) -> str:
        n = int(rng.integers(2, 4 + size)) if size <= 3 else min(N, 3**size // 4)
        return tree(rng, n, int(rng.choice([1, 2, 5, n])), int(rng.choice([1, 9, METRES])))

    @classmethod
    def worst(cls, rng: Rng) -> Iterator[str]:
        for reach in (N, 1, 3):
            yield tree(rng, N, reach, METRES)
        yield text([(i, i + 1, METRES) for i in range(1, N)])

    @classmethod
    def hack(cls, rng: Rng, idea: str) -> str:
        if idea.startswith("too slow"):
            return tree(rng, N - int(rng.integers(9)), N, METRES)
        n = int(rng.integers(3, 15))
        if idea == "the path with the most roads":  # many short roads, two long ones
            return text([*((i, i + 1, 1) for i in range(1, n)), (1, n + 1, 50), (2, n + 2, 60)])
        if idea == "the two longest ways from farm 1":  # both begin alike
            return text([(1, 2, n), (2, 3, n), (2, 4, n), (3, 5, 1)])
        return text([(i, 1, int(rng.integers(1, 9))) for i in range(2, n + 1)])
