"""The smallest dominating set of a tree, from the leaves up."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from whetstone.envs.code.blueprint import Blueprint
from whetstone.envs.code.problem import Comparison
from whetstone.envs.code.reader import Reader
from whetstone.envs.code.sandbox.types import Limits, Program

if TYPE_CHECKING:
    from numpy.random import Generator as Rng

N = 5_000


def text(paths: list[tuple[int, int]]) -> str:
    return f"{len(paths) + 1}\n" + "".join(f"{a} {b}\n" for a, b in paths)


def tree(rng: Rng, n: int, reach: int) -> str:
    name = (1 + rng.permutation(n)).tolist()
    return text([(name[i], name[i - 1 - int(rng.integers(min(i, reach)))]) for i in range(1, n)])


class BeaconPosts(Blueprint):
    title = "Beacons in the hills"
    statement = (
        "n huts, numbered from 1 to n, are joined by n - 1 paths, so that there is exactly one way between any two "
        "huts. A hut is safe if a beacon burns at the hut itself or at a hut that is joined to it by a path. Light as "
        "few beacons as possible so that all huts are safe. If there are several ways, any of them will do."
    )
    input_format = (
        "The first line holds the integer n (1 <= n <= 5000). Each of the next n - 1 lines holds two integers a and b "
        "(1 <= a, b <= n): a path between the huts a and b."
    )
    output_format = (
        "Two lines: the least number of beacons, and the numbers of the huts with beacons in any order, separated by "
        "spaces."
    )
    samples = ("5\n1 2\n2 3\n3 4\n4 5\n", "1\n")
    limits = Limits(cpu=1.0)
    topics = ("trees", "greedy", "dominating sets")
    level = 6
    comparison = Comparison(
        "checker",
        checker="""
def check(input, output, answer):
    numbers = list(map(int, input.split()))
    n, best, found = numbers[0], int(answer.split()[0]), output.split()
    if not found or not all(token.isascii() and token.isdigit() and len(token) < 10 for token in found):
        raise ValueError("expected numbers")
    count, *posts = map(int, found)
    if len(posts) != count or len(set(posts)) != count or not all(1 <= post <= n for post in posts):
        raise ValueError("expected as many different huts as the first number says")
    safe = set(posts)
    lit = frozenset(posts)
    for a, b in zip(numbers[1::2], numbers[2::2]):
        if a in lit:
            safe.add(b)
        if b in lit:
            safe.add(a)
    if len(safe) < n:
        raise ValueError("some hut is not safe")
    if count > best:
        raise ValueError("fewer beacons are enough")
    if count < best:
        raise RuntimeError("fewer beacons than the reference lights")
""",
    )

    reference = """
import sys

data = list(map(int, sys.stdin.buffer.read().split()))
n = data[0]
near = [[] for _ in range(n)]
for a, b in zip(data[1::2], data[2::2]):
    near[a - 1].append(b - 1)
    near[b - 1].append(a - 1)
above = {0: 0}
order = [0]
for a in order:
    for b in near[a]:
        if b not in above:
            above[b] = a
            order.append(b)
safe = set()
lit = set()
for a in reversed(order):
    if a not in safe:
        lit.add(above[a])
        safe.add(above[a])
        safe.update(near[above[a]])
print(len(lit))
print(*(a + 1 for a in lit))
"""
    brute = """
from itertools import combinations

n = int(input())
near = {a: {a} for a in range(1, n + 1)}
for _ in range(n - 1):
    a, b = map(int, input().split())
    near[a].add(b)
    near[b].add(a)
for count in range(1, n + 1):
    found = [huts for huts in combinations(near, count) if len(set().union(*(near[a] for a in huts))) == n]
    if found:
        print(count)
        print(*found[0])
        break
"""
    right = {
        "three costs for every hut": Program(
            "python",
            """
import sys

def main():
    n, *ends = map(int, sys.stdin.read().split())
    adj = [[] for _ in range(n)]
    for a, b in zip(ends[::2], ends[1::2]):
        adj[a - 1].append(b - 1)
        adj[b - 1].append(a - 1)
    parent, order = [-1] * n, [0]
    for u in order:
        for v in adj[u]:
            if v != parent[u]:
                parent[v] = u
                order.append(v)
    INF = 10 ** 9
    # cost of the part below u: a beacon at u; none, but safe from below; none, and safe from above only
    own, below, above, pick = [1] * n, [INF] * n, [0] * n, [-1] * n
    for u in reversed(order):
        extra = INF
        total = 0
        for v in adj[u]:
            if v != parent[u]:
                own[u] += min(own[v], below[v], above[v])
                rest = min(own[v], below[v])
                total += rest
                if own[v] - rest < extra:
                    extra, pick[u] = own[v] - rest, v
        above[u] = min(total, INF)
        below[u] = min(total + extra, INF)
    state = [0] * n
    state[0] = 0 if own[0] <= below[0] else 1
    huts = []
    for u in order:
        if state[u] == 0:
            huts.append(u + 1)
        for v in adj[u]:
            if v != parent[u]:
                choices = [(own[v], 0), (below[v], 1)]
                if state[u] == 0:
                    choices.append((above[v], 2))
                state[v] = min(choices)[1]
                if state[u] == 1 and v == pick[u]:
                    state[v] = 0
    print(len(huts))
    print(*huts)

main()
""",
        ),
        "greedy in C++": Program(
            "cpp",
            """
#include <bits/stdc++.h>
using namespace std;
vector<vector<int>> near;
vector<int> posts;
// 0: not safe, 1: safe without a beacon, 2: a beacon
int walk(int a, int from) {
    int state = 0;
    bool need = false;
    for (int b : near[a]) {
        if (b == from) continue;
        int below = walk(b, a);
        if (below == 0) need = true;
        if (below == 2) state = 1;
    }
    if (need || (from == 0 && state == 0)) return posts.push_back(a), 2;
    return state;
}
int main() {
    int n;
    cin >> n;
    near.resize(n + 1);
    for (int a, b; cin >> a >> b;) near[a].push_back(b), near[b].push_back(a);
    walk(1, 0);
    cout << posts.size() << "\\n";
    for (int a : posts) cout << a << " ";
    cout << endl;
}
""",
        ),
    }
    wrong = {
        "guards every path": reference.replace(
            "    if a not in safe:\n        lit.add(above[a])\n        safe.add(above[a])\n"
            "        safe.update(near[above[a]])\n",
            "    if a != 0 and a not in lit:\n        lit.add(above[a])\n",
        ).replace("print(len(lit))", "lit = lit or {0}\nprint(len(lit))"),
        "all huts with two paths or more": """
n = int(input())
degree = [0] * (n + 1)
for _ in range(n - 1):
    for a in map(int, input().split()):
        degree[a] += 1
huts = [a for a in range(1, n + 1) if degree[a] > 1] or [1]
print(len(huts))
print(*huts)
""",
        "the hut that makes most huts safe": """
n = int(input())
near = {a: {a} for a in range(1, n + 1)}
for _ in range(n - 1):
    a, b = map(int, input().split())
    near[a].add(b)
    near[b].add(a)
dark = set(near)
huts = []
while dark:
    best = max(near, key=lambda a: len(near[a] & dark))
    huts.append(best)
    dark -= near[best]
print(len(huts))
print(*huts)
""",
        "every third level": """
n = int(input())
near = [[] for _ in range(n + 1)]
for _ in range(n - 1):
    a, b = map(int, input().split())
    near[a].append(b)
    near[b].append(a)
level, order = {1: 0}, [1]
for a in order:
    for b in near[a]:
        if b not in level:
            level[b] = level[a] + 1
            order.append(b)
best = None
for k in range(3):
    huts = {a for a in order if level[a] % 3 == k}
    for a in order:
        if a not in huts and not any(b in huts for b in near[a]):
            huts.add(a)
    if best is None or len(huts) < len(best):
        best = huts
print(len(best))
print(*best)
""",
        "lights the leaves' own huts": reference.replace("above[a])", "a)").replace("near[above[a]]", "near[a]"),
        "forgets the hut at the top": reference.replace("reversed(order)", "order[:0:-1]"),
        "too slow: looks for the lowest dark hut again and again": """
n = int(input())
near = [[] for _ in range(n + 1)]
for _ in range(n - 1):
    a, b = map(int, input().split())
    near[a].append(b)
    near[b].append(a)
above, order = {1: 1}, [1]
for a in order:
    for b in near[a]:
        if b not in above:
            above[b] = a
            order.append(b)
lit = set()
while True:
    dark = [a for a in order if not (a in lit or above[a] in lit or any(b in lit for b in near[a]))]
    if not dark:
        break
    lit.add(above[dark[-1]])
print(len(lit))
print(*lit)
""",
    }

    @classmethod
    def validate(cls, text: str) -> None:
        reader = Reader(text)
        n = reader.integer(1, N, "n")
        reader.line()
        root = list(range(n + 1))
        for i in range(n - 1):
            a, b = reader.integers(2, 1, n, "hut")
            reader.line()
            while root[a] != a:
                root[a] = a = root[root[a]]
            while root[b] != b:
                root[b] = b = root[root[b]]
            if a == b:
                raise ValueError(f"path {i + 1}: expected a tree, found a second way between two huts")
            root[a] = b
        reader.end()

    @classmethod
    def small(cls) -> Iterator[str]:
        """All trees of up to five huts in which a hut's neighbour on the way to hut 1 has a smaller number."""
        trees: list[list[tuple[int, int]]] = [[]]
        for n in range(1, 6):
            yield from (text(paths) for paths in trees)
            trees = [[*paths, (a, n + 1)] for paths in trees for a in range(1, n + 1)]
        yield from (text([(i, i + 1) for i in range(1, n)]) for n in range(6, 10))

    @classmethod
    def random(cls, rng: Rng, size: int) -> str:
        n = int(rng.integers(4, 6 + 2 * size)) if size <= 3 else min(N, 3**size // 4)
        return tree(rng, n, int(rng.choice([1, 2, 4, n])))

    @classmethod
    def worst(cls, rng: Rng) -> Iterator[str]:
        for reach in (1, 2, 5, N):
            yield tree(rng, N, reach)
        yield text([(i, i + 1) for i in range(1, N)])
        yield text([(1, i) for i in range(2, N + 1)])

    @classmethod
    def hack(cls, rng: Rng, idea: str) -> str:
        if idea.startswith("too slow"):
            return tree(rng, N - int(rng.integers(9)), int(rng.integers(1, 3)))
        if idea == "forgets the hut at the top":
            n = 3 * int(rng.integers(1, 6)) + 1
            return text([(i, i + 1) for i in range(1, n)])
        return tree(rng, int(rng.integers(40, 80)), int(rng.integers(2, 4)))
