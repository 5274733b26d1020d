"""Shortest walk in a directed graph with lengths."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import combinations, permutations, product
from typing import TYPE_CHECKING

from whetstone.envs.code.blueprint import Blueprint
from whetstone.envs.code.reader import Reader
from whetstone.envs.code.sandbox.types import Limits, Program

if TYPE_CHECKING:
    from numpy.random import Generator as Rng

N, M, W = 5_000, 20_000, 1_000_000
Road = tuple[int, int, int]


def text(n: int, roads: Iterable[Road]) -> str:
    lines = [f"{u} {v} {w}\n" for u, v, w in roads]
    return f"{n} {len(lines)}\n" + "".join(lines)


class ShortestWalk(Blueprint):
    title = "To the last village"
    statement = (
        "A valley has n villages, numbered from 1 to n, and m one-way roads. Find the length of the shortest walk from "
        "village 1 to village n. There may be several roads between two villages, and roads from a village to itself."
    )
    input_format = (
        "The first line holds the integers n and m (1 <= n <= 5000, 0 <= m <= 20000). Each of the next m lines holds "
        "the integers u, v and w (1 <= u, v <= n, 0 <= w <= 1000000): a road of length w from u to v."
    )
    output_format = "One integer: the length of the shortest walk, or -1 if there is none."
    samples = ("4 5\n1 2 3\n2 4 4\n1 3 1\n3 2 1\n4 1 1\n", "2 1\n2 1 5\n")
    limits = Limits(cpu=1.0)
    topics = ("graphs", "shortest paths", "heaps")
    level = 4

    reference = """
import sys
from heapq import heappop, heappush

def main():
    n, m, *data = map(int, sys.stdin.buffer.read().split())
    roads = {}
    for u, v, w in zip(data[::3], data[1::3], data[2::3]):
        roads.setdefault(u, []).append((v, w))
    far = {}
    heap = [(0, 1)]
    while heap:
        d, u = heappop(heap)
        if u not in far:
            far[u] = d
            for v, w in roads.get(u, ()):
                heappush(heap, (d + w, v))
    print(far.get(n, -1))

main()
"""
    brute = """
n, m = map(int, input().split())
roads = [tuple(map(int, input().split())) for _ in range(m)]

def walks(u, seen, length):
    if u == n:
        yield length
    for a, b, w in roads:
        if a == u and b not in seen:
            yield from walks(b, seen | {b}, length + w)

print(min(walks(1, {1}, 0), default=-1))
"""
    right = {
        "from the end, roads reversed": Program(
            "python",
            """
import heapq
n, m = map(int, input().split())
back = {}
for _ in range(m):
    u, v, w = map(int, input().split())
    back.setdefault(v, {})
    back[v][u] = min(w, back[v].get(u, w))
far, heap = {n: 0}, [(0, n)]
while heap:
    d, v = heapq.heappop(heap)
    if d > far[v]:
        continue
    for u, w in back.get(v, {}).items():
        if d + w < far.get(u, float("inf")):
            far[u] = d + w
            heapq.heappush(heap, (d + w, u))
print(far.get(1, -1))
""",
        ),
        "Dijkstra in C++": Program(
            "cpp",
            """
#include <bits/stdc++.h>
using namespace std;
int main() {
    int n, m;
    cin >> n >> m;
    vector<vector<pair<int, long long>>> roads(n + 1);
    for (int u, v, w; m--;) cin >> u >> v >> w, roads[u].push_back({v, w});
    vector<long long> far(n + 1, LLONG_MAX);
    set<pair<long long, int>> open{{far[1] = 0, 1}};
    while (!open.empty()) {
        auto [d, u] = *open.begin();
        open.erase(open.begin());
        for (auto [v, w] : roads[u])
            if (d + w < far[v]) open.erase({far[v], v}), open.insert({far[v] = d + w, v});
    }
    cout << (far[n] == LLONG_MAX ? -1 : far[n]) << endl;
}
""",
        ),
    }
    wrong = {
        "fewest roads": """
n, m = map(int, input().split())
roads = [[] for _ in range(n + 1)]
for _ in range(m):
    u, v, w = map(int, input().split())
    roads[u].append((v, w))
far, queue = {1: 0}, [1]
for u in queue:
    for v, w in roads[u]:
        if v not in far:
            far[v] = far[u] + w
            queue.append(v)
print(far.get(n, -1))
""",
        "roads both ways": """
import heapq
n, m = map(int, input().split())
roads = [[] for _ in range(n + 1)]
for _ in range(m):
    u, v, w = map(int, input().split())
    roads[u].append((v, w))
    roads[v].append((u, w))
far, heap = {}, [(0, 1)]
while heap:
    d, u = heapq.heappop(heap)
    if u not in far:
        far[u] = d
        for v, w in roads[u]:
            heapq.heappush(heap, (d + w, v))
print(far.get(n, -1))
""",
        "settles a village when it is first seen": """
import heapq
n, m = map(int, input().split())
roads = [[] for _ in range(n + 1)]
for _ in range(m):
    u, v, w = map(int, input().split())
    roads[u].append((v, w))
far, heap = {1: 0}, [(0, 1)]
while heap:
    d, u = heapq.heappop(heap)
    for v, w in roads[u]:
        if v not in far:
            far[v] = d + w
            heapq.heappush(heap, (d + w, v))
print(far.get(n, -1))
""",
        "the last of several roads": """
import heapq
n, m = map(int, input().split())
roads = [{} for _ in range(n + 1)]
for _ in range(m):
    u, v, w = map(int, input().split())
    roads[u][v] = w
far, heap = {}, [(0, 1)]
while heap:
    d, u = heapq.heappop(heap)
    if u not in far:
        far[u] = d
        for v, w in roads[u].items():
            heapq.heappush(heap, (d + w, v))
print(far.get(n, -1))
""",
        "relaxes all roads n times": """
n, m = map(int, input().split())
roads = [tuple(map(int, input().split())) for _ in range(m)]
far = [0 if v == 1 else float("inf") for v in range(n + 1)]
for _ in range(n):
    for u, v, w in roads:
        if far[u] + w < far[v]:
            far[v] = far[u] + w
print(-1 if far[n] == float("inf") else far[n])
""",
    }

    @classmethod
    def validate(cls, text: str) -> None:
        reader = Reader(text)
        n, m = reader.integer(1, N, "n"), reader.integer(0, M, "m")
        reader.line()
        for _ in range(m):
            reader.integers(2, 1, n, "village")
            reader.integer(0, W, "w")
            reader.line()
        reader.end()

    @classmethod
    def small(cls) -> Iterator[str]:
        yield from (text(1, []), text(1, [(1, 1, 5)]), text(2, []), text(2, [(1, 2, 0)]))
        arcs = list(permutations((1, 2, 3), 2))
        for m in (1, 2, 3):
            for some in combinations(arcs, m):
                yield from (
                    text(3, ((u, v, w) for (u, v), w in zip(some, ws, strict=True))) for ws in product((1, 4), repeat=m)
                )

    @classmethod
    def random(cls, rng: Rng, size: int) -> str:
        n = int(rng.integers(1, 2 * size + 2)) if size <= 3 else min(N, 3**size // 5)
        m = int(rng.integers(0, 3 * n)) if size <= 3 else min(M, 4 * n)
        return cls.roads(rng, n, m, int(rng.choice((3, 20, W))))

    @classmethod
    def roads(cls, rng: Rng, n: int, m: int, longest: int) -> str:
        """Random roads; half of them lead a short way on, so that long walks are the short ones."""
        u = rng.integers(1, n + 1, m)
        v = (u + rng.integers(-2, 4, m)).clip(1, n)
        w = rng.integers(0, longest // 2 + 1, m)
        far = rng.random(m) < 0.5
        v[far], w[far] = rng.integers(1, n + 1, int(far.sum())), longest
        return text(n, zip(u.tolist(), v.tolist(), w.tolist(), strict=True))

    @classmethod
    def worst(cls, rng: Rng) -> Iterator[str]:
        chain = [(i, i + 1, W) for i in range(N - 1, 0, -1)]
        yield text(N, chain)
        yield text(N, chain + [(1, i, min(W, 300 * i)) for i in range(2, N)])
        yield cls.roads(rng, N, M, W)

    @classmethod
    def hack(cls, rng: Rng, idea: str) -> str:
        n = int(rng.integers(4, 9))
        if idea == "relaxes all roads n times":
            return text(N, [(i, i + 1, int(rng.integers(W))) for i in range(N - 1, 0, -1)])
        roads = [(i, i + 1, int(rng.integers(1, 4))) for i in range(1, n)] + [(1, n, 30), (n - 1, n, 9), (2, n, 25)]
        if idea == "roads both ways":
            roads += [(n, 1, 1)]
        order = range(len(roads)) if idea == "the last of several roads" else rng.permutation(len(roads))
        return text(n, [roads[i] for i in order])
