"""Strongly connected components: the fewest lanes that make everything reachable."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import combinations, permutations
from typing import TYPE_CHECKING

from whetstone.envs.code.blueprint import Blueprint
from whetstone.envs.code.reader import Reader
from whetstone.envs.code.sandbox.types import Limits, Program

if TYPE_CHECKING:
    from numpy.random import Generator as Rng

N, M = 10_000, 20_000


def text(n: int, lanes: list[tuple[int, int]]) -> str:
    return f"{n} {len(lanes)}\n" + "".join(f"{a} {b}\n" for a, b in lanes)


def town(rng: Rng, n: int, m: int, reach: int) -> str:
    """Lanes lead at most `reach` places on in a hidden row of the squares, seldom back; squares may stay alone."""
    name = (1 + rng.permutation(n)).tolist()
    back = float(rng.choice([0.0, 0.1, 0.4]))
    lanes = []
    for a, step, turn in zip(*rng.integers((n, reach), size=(m, 2)).T.tolist(), rng.random(m).tolist(), strict=True):
        b = a + step + 1
        if b < n:
            lanes.append((name[b], name[a]) if turn < back else (name[a], name[b]))
    return text(n, lanes)


class OneWayTown(Blueprint):
    title = "A town of one-way lanes"
    statement = (
        "A town has n squares, numbered from 1 to n, and m one-way lanes between them. The council wants that one can "
        "drive from every square to every other. How many new one-way lanes must be built at least? A new lane may "
        "lead from any square to any other."
    )
    input_format = (
        "The first line holds the integers n and m (1 <= n <= 10000, 0 <= m <= 20000). Each of the next m lines holds "
        "two different integers a and b (1 <= a, b <= n): a lane from a to b. A lane may be given more than once."
    )
    output_format = "The least number of new lanes."
    samples = ("4 2\n1 2\n1 3\n", "3 3\n1 2\n2 3\n3 1\n")
    limits = Limits(cpu=1.0)
    topics = ("graphs", "strongly connected components")
    level = 7

    reference = """
import sys

data = list(map(int, sys.stdin.buffer.read().split()))
n = data[0]
lanes = [(a - 1, b - 1) for a, b in zip(data[2::2], data[3::2])]
ahead = [[] for _ in range(n)]
back = [[] for _ in range(n)]
for a, b in lanes:
    ahead[a].append(b)
    back[b].append(a)

finished = []
seen = set()
for start in range(n):
    stack = [start]
    while stack:
        a = stack.pop()
        if a < 0:
            finished.append(~a)
        elif a not in seen:
            seen.add(a)
            stack.append(~a)
            stack.extend(ahead[a])

part = {}
for start in reversed(finished):
    stack = [start]
    while stack:
        a = stack.pop()
        if a not in part:
            part[a] = start
            stack.extend(back[a])

parts = set(part.values())
entered = {part[b] for a, b in lanes if part[a] != part[b]}
left = {part[a] for a, b in lanes if part[a] != part[b]}
print(len(parts) > 1 and max(len(parts - entered), len(parts - left)) or 0)
"""
    brute = """
from itertools import combinations, permutations

n, m = map(int, input().split())
lanes = {tuple(map(int, input().split())) for _ in range(m)}


def connected(lanes):
    for start in range(1, n + 1):
        reached = {start}
        for _ in range(n):
            reached |= {b for a, b in lanes if a in reached}
        if len(reached) < n:
            return False
    return True


for count in range(n + 1):
    if any(connected(lanes | set(new)) for new in combinations(permutations(range(1, n + 1), 2), count)):
        print(count)
        break
"""
    right = {
        "Tarjan with an own stack": Program(
            "python",
            """
import sys

def main():
    n, m = map(int, sys.stdin.readline().split())
    adj = [[] for _ in range(n)]
    for _ in range(m):
        a, b = map(int, sys.stdin.readline().split())
        adj[a - 1].append(b - 1)
    index = [-1] * n
    low = [0] * n
    comp = [-1] * n
    stack, clock, comps = [], 0, 0
    for s in range(n):
        if index[s] >= 0:
            continue
        index[s] = low[s] = clock
        clock += 1
        stack.append(s)
        todo = [(s, iter(adj[s]))]
        while todo:
            u, it = todo[-1]
            for v in it:
                if index[v] < 0:
                    index[v] = low[v] = clock
                    clock += 1
                    stack.append(v)
                    todo.append((v, iter(adj[v])))
                    break
                if comp[v] < 0:
                    low[u] = min(low[u], index[v])
            else:
                todo.pop()
                if todo:
                    p = todo[-1][0]
                    low[p] = min(low[p], low[u])
                if low[u] == index[u]:
                    while comp[u] < 0:
                        comp[stack.pop()] = comps
                    comps += 1
    if comps == 1:
        print(0)
        return
    no_in, no_out = [True] * comps, [True] * comps
    for u in range(n):
        for v in adj[u]:
            if comp[u] != comp[v]:
                no_out[comp[u]] = no_in[comp[v]] = False
    print(max(sum(no_in), sum(no_out)))

main()
""",
        ),
        "Kosaraju in C++": Program(
            "cpp",
            """
#include <bits/stdc++.h>
using namespace std;
vector<vector<int>> g, r;
vector<int> order, comp;
vector<bool> seen;
void first(int u) {
    seen[u] = true;
    for (int v : g[u]) if (!seen[v]) first(v);
    order.push_back(u);
}
void second(int u, int c) {
    comp[u] = c;
    for (int v : r[u]) if (comp[v] < 0) second(v, c);
}
int main() {
    int n, m;
    cin >> n >> m;
    g.resize(n), r.resize(n), seen.resize(n), comp.assign(n, -1);
    for (int a, b; m--;) {
        cin >> a >> b;
        g[a - 1].push_back(b - 1);
        r[b - 1].push_back(a - 1);
    }
    for (int u = 0; u < n; u++) if (!seen[u]) first(u);
    int c = 0;
    for (int i = n; i--;) if (comp[order[i]] < 0) second(order[i], c++);
    vector<int> in(c), out(c);
    for (int u = 0; u < n; u++)
        for (int v : g[u])
            if (comp[u] != comp[v]) out[comp[u]] = in[comp[v]] = 1;
    int a = count(in.begin(), in.end(), 0), b = count(out.begin(), out.end(), 0);
    cout << (c == 1 ? 0 : max(a, b)) << endl;
}
""",
        ),
    }
    wrong = {
        "one lane in a town that needs none": reference.replace("len(parts) > 1 and ", ""),
        "counts the parts that are not entered only": reference.replace(
            "max(len(parts - entered), len(parts - left))", "len(parts - entered)"
        ),
        "counts the dead ends only": reference.replace(
            "max(len(parts - entered), len(parts - left))", "len(parts - left)"
        ),
        "adds both kinds": reference.replace(
            "max(len(parts - entered), len(parts - left))", "len(parts - entered) + len(parts - left)"
        ),
        "counts squares instead of parts": """
n, m = map(int, input().split())
entered, left = set(), set()
for _ in range(m):
    a, b = map(int, input().split())
    left.add(a)
    entered.add(b)
print(n - min(len(entered), len(left)) if n > 1 else 0)
""",
        "joins the parts in a ring": reference.replace("max(len(parts - entered), len(parts - left))", "len(parts)"),
        "lanes can be driven both ways": """
n, m = map(int, input().split())
near = [[] for _ in range(n)]
for _ in range(m):
    a, b = map(int, input().split())
    near[a - 1].append(b - 1)
    near[b - 1].append(a - 1)
parts = 0
seen = [False] * n
for start in range(n):
    if not seen[start]:
        parts += 1
        seen[start] = True
        stack = [start]
        while stack:
            for b in near[stack.pop()]:
                if not seen[b]:
                    seen[b] = True
                    stack.append(b)
print(0 if parts == 1 else parts)
""",
        "too slow: a search from every square": """
n, m = map(int, input().split())
ahead = [[] for _ in range(n)]
for _ in range(m):
    a, b = map(int, input().split())
    ahead[a - 1].append(b - 1)

def reach(start):
    seen = {start}
    stack = [start]
    while stack:
        for b in ahead[stack.pop()]:
            if b not in seen:
                seen.add(b)
                stack.append(b)
    return seen

ends = enough = 0
entered = set()
for a in range(n):
    seen = reach(a)
    if all(a in reach(b) for b in seen):
        if min(seen) == a:
            ends += 1
            enough = len(seen)
if ends == 1 and enough == n:
    print(0)
else:
    back = [[] for _ in range(n)]
    for a in range(n):
        for b in ahead[a]:
            back[b].append(a)
    ahead = back
    starts = 0
    for a in range(n):
        seen = reach(a)
        # nothing else leads here: whoever reaches a is reached from a
        ahead = back
        if min(seen) == a and all(a in reach(b) for b in seen):
            starts += 1
    print(max(ends, starts))
""",
    }

    @classmethod
    def validate(cls, text: str) -> None:
        reader = Reader(text)
        n, m = reader.integer(1, N, "n"), reader.integer(0, M, "m")
        reader.line()
        for i in range(m):
            a, b = reader.integers(2, 1, n, "square")
            reader.line()
            if a == b:
                raise ValueError(f"lane {i + 1}: expected two different squares, found {a} twice")
        reader.end()

    @classmethod
    def small(cls) -> Iterator[str]:
        yield from (text(1, []), text(2, []), text(2, [(1, 2)] * 2), text(4, []), text(4, [(2, 1), (1, 2)]))
        for n, counts in ((2, (1, 2)), (3, (1, 2, 3, 4)), (4, (2, 3))):
            for m in counts:
                for some in combinations(permutations(range(1, n + 1), 2), m):
                    yield text(n, list(some))

    @classmethod
    def random(cls, rng: Rng, size: int) -> str:
        if size <= 3:
            n = min(int(rng.integers(2, 3 + size)), 4)
            lanes = [(a, b) for a, b in rng.integers(1, n + 1, size=(int(rng.integers(1, 9)), 2)).tolist() if a != b]
            return text(n, lanes)
        n = min(N, 3 ** (size - 1) // 2)
        return town(rng, n, min(M, int(n * rng.choice([0.7, 1.2, 2]))), int(rng.choice([2, 8, n])))

    @classmethod
    def worst(cls, rng: Rng) -> Iterator[str]:
        ring = [(i, i % N + 1) for i in range(1, N + 1)]
        yield text(N, ring)
        yield text(N, [ring[i] for i in rng.permutation(N - 1)])
        yield text(N, [(b, a) for a, b in ring[1:]] + ring[: N // 2])
        yield text(N, [(1, i) for i in range(2, N + 1)])
        yield town(rng, N, M, 3)
        yield town(rng, N, M, N)

    @classmethod
    def hack(cls, rng: Rng, idea: str) -> str:
        n = int(rng.integers(3, 12))
        chain = [(i, i + 1) for i in range(1, n)]
        if idea.startswith("too slow"):
            return text(N, [(i, i + 1) for i in range(1, N - int(rng.integers(5)))])
        if idea == "one lane in a town that needs none":
            return text(n, [*chain, (n, 1)])
        if idea.startswith("counts the parts"):  # one start, many dead ends
            return text(n + 1, [(1, i) for i in range(2, n + 2)])
        if idea.startswith("counts the dead ends"):
            return text(n + 1, [(i, 1) for i in range(2, n + 2)])
        if idea.startswith("counts squares"):  # two rings
            return text(2 * n, [*chain, (n, 1), *((a + n, b + n) for a, b in [*chain, (n, 1)])])
        return text(n, chain)
