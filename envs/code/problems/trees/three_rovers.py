"""Lowest common ancestors: where three nodes of a tree meet."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import product
from typing import TYPE_CHECKING

from whetstone.envs.code.blueprint import Blueprint
from whetstone.envs.code.reader import Reader
from whetstone.envs.code.sandbox.types import Limits, Program

if TYPE_CHECKING:
    from numpy.random import Generator as Rng

N, Q = 10_000, 4_000
Trip = tuple[int, int, int]


def text(above: list[int], trips: list[Trip]) -> str:
    lines = [" ".join(map(str, above)) + "\n"] if above else []
    lines += [f"{a} {b} {c}\n" for a, b, c in trips]
    return f"{len(above) + 1} {len(trips)}\n" + "".join(lines)


def cave(rng: Rng, n: int, q: int, reach: int) -> str:
    above = [i - int(rng.integers(min(i, reach))) for i in range(1, n)]
    low = 1 if rng.random() < 0.5 else max(1, n // 2)
    return text(above, [(a, b, c) for a, b, c in rng.integers(low, n + 1, size=(q, 3)).tolist()])


class ThreeRovers(Blueprint):
    title = "Three rovers in a cave"
    statement = (
        "A cave has n chambers, numbered from 1 to n. Chamber 1 is the entrance; from every other chamber i one "
        "tunnel leads up to the chamber p_i, which has a smaller number. Several times three rovers stand in the "
        "chambers a, b and c (some of which may be the same) and want to meet in one chamber with as few moves as "
        "possible, all three together; one move takes one rover through one tunnel, up or down. There is always "
        "exactly one best chamber. Find it, and the number of moves."
    )
    input_format = (
        "The first line holds the integers n and q (1 <= n <= 10000, 1 <= q <= 4000). If n > 1, the second line holds "
        "the n - 1 integers p_2 to p_n (1 <= p_i < i). Each of the last q lines holds the integers a, b and c "
        "(1 <= a, b, c <= n)."
    )
    output_format = "For each of the q meetings a line with the best chamber and the least number of moves."
    samples = ("5 3\n1 1 2 2\n4 5 3\n3 3 5\n1 4 2\n", "1 1\n1 1 1\n")
    limits = Limits(cpu=1.0)
    topics = ("trees", "lowest common ancestors", "binary lifting")
    level = 6

    reference = """
import sys

data = list(map(int, sys.stdin.buffer.read().split()))
n, q = data[:2]
above = [p - 1 for p in data[2:n + 1]]
depth = [0]
for p in above:
    depth.append(depth[p] + 1)
size = [1] * n
for i in range(n - 1, 0, -1):
    size[above[i - 1]] += size[i]
# The chambers in preorder: the join of two of them is the first of the chambers above those between them.
place = [0]
free = [1]
for p, i in zip(above, range(1, n)):
    place.append(free[p])
    free.append(free[p] + 1)
    free[p] += size[i]
order = sorted(range(n), key=lambda i: place[i])
table = [[place[above[i - 1]] for i in order[1:]]]
while len(table) < n.bit_length():
    table.append(list(map(min, table[-1], table[-1][2 ** (len(table) - 1):])))


def join(a, b):
    if a == b:
        return a
    k = (b - a).bit_length() - 1
    return min(table[k][a], table[k][b - 2**k])


for trip in zip(data[n + 1::3], data[n + 2::3], data[n + 3::3]):
    a, b, c = sorted(place[x - 1] for x in trip)
    joins = join(a, b), join(b, c), join(a, c)
    best = max(joins)
    print(order[best] + 1, sum(depth[order[x]] for x in (a, b, c)) - sum(depth[order[x]] for x in joins))
"""
    equivalent = {
        "line 6: n + 1 -> n + 2": "one number too many at the end is never used",
        "line 7: [0] -> [1]": "only differences of depths count",
        "line 7: [0] -> [-1]": "only differences of depths count",
        "line 11: range(n - 1, 0, -1) -> range(n - 1, 0 + 1, -1)": "the size of the whole cave is never used",
        "line 11: range(n - 1, 0, -1) -> range(n - 1, 1, -1)": "the size of the whole cave is never used",
        "line 22: len(table) < n.bit_length() -> len(table) <= n.bit_length()": "one line too many is never used",
    }
    brute = """
n, q = map(int, input().split())
p = [0, 0, *map(int, input().split())] if n > 1 else [0, 0]


def moves(start):
    steps = {start: 0}
    queue = [start]
    for a in queue:
        for b in [p[a]] + [i for i in range(2, n + 1) if p[i] == a]:
            if b and b not in steps:
                steps[b] = steps[a] + 1
                queue.append(b)
    return steps


for _ in range(q):
    steps = [moves(int(x)) for x in input().split()]
    total, best = min((sum(s[x] for s in steps), x) for x in range(1, n + 1))
    print(best, total)
"""
    right = {
        "powers of two": Program(
            "python",
            """
import sys

def main():
    lines = sys.stdin.read().split("\\n")
    n, q = map(int, lines[0].split())
    parent = [0, *(int(x) - 1 for x in lines[1].split())] if n > 1 else [0]
    depth = [0] * n
    for i in range(1, n):
        depth[i] = depth[parent[i]] + 1
    up = [parent]
    while len(up) < 14:
        last = up[-1]
        up.append([last[x] for x in last])

    def lca(u, v):
        if depth[u] > depth[v]:
            u, v = v, u
        gap = depth[v] - depth[u]
        for k in range(14):
            if gap >> k & 1:
                v = up[k][v]
        if u == v:
            return u
        for table in reversed(up):
            if table[u] != table[v]:
                u, v = table[u], table[v]
        return parent[u]

    def distance(u, v):
        return depth[u] + depth[v] - 2 * depth[lca(u, v)]

    for line in lines[-q - 1:-1]:
        a, b, c = (int(x) - 1 for x in line.split())
        # Of the three joins two are the same; the meeting is at the third.
        meet = lca(a, b) ^ lca(b, c) ^ lca(a, c)
        print(meet + 1, (distance(a, b) + distance(b, c) + distance(a, c)) // 2)

main()
""",
        ),
        "climbing in C++": Program(
            "cpp",
            """
#include <bits/stdc++.h>
using namespace std;
int main() {
    int n, q;
    scanf("%d %d", &n, &q);
    vector<int> p(n + 1), d(n + 1);
    for (int i = 2; i <= n; i++) scanf("%d", &p[i]), d[i] = d[p[i]] + 1;
    auto join = [&](int a, int b) {
        while (a != b) (a > b ? a : b) = p[max(a, b)];
        return a;
    };
    for (int a, b, c; q--;) {
        scanf("%d %d %d", &a, &b, &c);
        int x = join(a, b), y = join(b, c), z = join(a, c);
        int best = max({x, y, z}, [&](int s, int t) { return d[s] < d[t]; });
        auto far = [&](int s) { return d[s] + d[best] - 2 * d[join(s, best)]; };
        printf("%d %d\\n", best, far(a) + far(b) + far(c));
    }
}
""",
        ),
    }
    climb = """
import sys

data = list(map(int, sys.stdin.read().split()))
n, q = data[:2]
p = [0, 0] + data[2:n + 1]
depth = [0] * (n + 1)
for i in range(2, n + 1):
    depth[i] = depth[p[i]] + 1

def join(a, b):
    while a != b:
        if depth[a] < depth[b]:
            a, b = b, a
        a = p[a]
    return a

def distance(a, b):
    return depth[a] + depth[b] - 2 * depth[join(a, b)]

for i in range(n + 1, len(data), 3):
    a, b, c = data[i:i + 3]
    joins = join(a, b), join(a, c), join(b, c)
    best = max(joins, key=lambda x: depth[x])
    print(best, sum(distance(x, best) for x in (a, b, c)))
"""
    wrong = {
        "the ancestor of all three": climb.replace(
            "    best = max(joins, key=lambda x: depth[x])", "    best = min(joins, key=lambda x: depth[x])"
        ),
        "where the first two meet": climb.replace("max(joins, key=lambda x: depth[x])", "joins[0]"),
        "the join with the largest number": climb.replace("max(joins, key=lambda x: depth[x])", "max(joins[:2])"),
        "half of all the ways": climb.replace("distance(x, best)", "distance(x, a)"),
        "takes one of the three chambers": """
import sys

data = list(map(int, sys.stdin.read().split()))
n, q = data[:2]
p = [0, 0] + data[2:n + 1]
depth = [0] * (n + 1)
for i in range(2, n + 1):
    depth[i] = depth[p[i]] + 1

def distance(a, b):
    steps = 0
    while a != b:
        if depth[a] < depth[b]:
            a, b = b, a
        a = p[a]
        steps += 1
    return steps

for i in range(n + 1, len(data), 3):
    three = data[i:i + 3]
    best = min(three, key=lambda x: sum(distance(x, y) for y in three))
    print(best, sum(distance(best, y) for y in three))
""",
        "too slow: climbs tunnel by tunnel": climb,
    }

    @classmethod
    def validate(cls, text: str) -> None:
        reader = Reader(text)
        n, q = reader.integer(1, N, "n"), reader.integer(1, Q, "q")
        reader.line()
        if n > 1:
            for i in range(2, n + 1):
                reader.integer(1, i - 1, f"p_{i}")
            reader.line()
        for _ in range(q):
            reader.integers(3, 1, n, "chamber")
            reader.line()
        reader.end()

    @classmethod
    def small(cls) -> Iterator[str]:
        yield text([], [(1, 1, 1)] * 2)
        for above in ([1], [1, 1], [1, 2], [1, 1, 1], [1, 2, 3], [1, 1, 2], [1, 2, 2]):
            chambers = range(1, len(above) + 2)
            trips = list(product(chambers, chambers, chambers))
            yield text(above, trips)
            yield from (text(above, [trip]) for trip in trips)

    @classmethod
    def random(cls, rng: Rng, size: int) -> str:
        n = int(rng.integers(2, 6 + 2 * size)) if size <= 3 else min(N, 3**size // 4)
        q = 3 if size <= 3 else min(Q, n)
        return cave(rng, n, q, int(rng.choice([1, 2, 4, n])))

    @classmethod
    def worst(cls, rng: Rng) -> Iterator[str]:
        chain = list(range(1, N))
        yield text(chain, [(N - i % 7, 1 + i % 5, N // 2) for i in range(Q)])
        twins = [1, *range(1, N - 1)]  # two chains from the entrance
        yield text(twins, [(N - i % 9, N - 1 - i % 10, N - 2 - i % 8) for i in range(Q)])
        for reach in (2, 20, N):
            yield cave(rng, N, Q, reach)

    @classmethod
    def hack(cls, rng: Rng, idea: str) -> str:
        if idea.startswith("too slow"):
            return text([1, *range(1, N - 1)], [(N - i % 9, N - 1 - i % 10, 1 + i) for i in range(Q)])
        k = int(rng.integers(1, 9))
        # Three arms of k chambers below chamber k + 1.
        above = [*range(1, k + 1), k + 1, k + 1, k + 1, *range(k + 2, 4 * k - 1 + k)][: 4 * k]
        ends = rng.permutation([len(above) + 1, len(above), len(above) - 1]).tolist()
        return text(above, [(ends[0], ends[1], ends[2]), (ends[0], 1, ends[1]), (1, ends[1], ends[0])])
