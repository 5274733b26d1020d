"""Shortest paths over states: a town and the coupons left."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import product
from typing import TYPE_CHECKING

from whetstone.envs.code.blueprint import Blueprint
from whetstone.envs.code.reader import Reader
from whetstone.envs.code.sandbox.types import Limits, Program

if TYPE_CHECKING:
    from numpy.random import Generator as Rng

N, M, K, TOLL = 1_500, 3_000, 3, 1_000_000
Road = tuple[int, int, int]


def text(n: int, k: int, roads: list[Road]) -> str:
    return f"{n} {len(roads)} {k}\n" + "".join(f"{a} {b} {t}\n" for a, b, t in roads)


def country(rng: Rng, n: int, m: int, k: int, toll: int) -> str:
    """A long road through all towns with dear short cuts; towns carry random numbers but for the first and last."""
    name = [1, *(2 + rng.permutation(n - 2)).tolist(), n] if n > 1 else [1]
    roads = []
    for _ in range(m):
        a = int(rng.integers(n))
        b = min(n - 1, a + int(rng.integers(4))) if rng.random() < 0.8 else int(rng.integers(n))
        long = int(toll * min(1.0, (abs(a - b) + 1) / min(n, 20)))
        roads.append((name[a], name[b], int(rng.integers(long + 1))))
        if rng.random() < 0.5:
            roads[-1] = (name[b], name[a], roads[-1][2])
    return text(n, k, roads)


class CouponRoute(Blueprint):
    title = "Toll roads and coupons"
    statement = (
        "A land has n towns, numbered from 1 to n, and m toll roads. Each road joins two towns (or a town with "
        "itself), can be driven in both directions, and takes a toll every time it is driven. You have k coupons. At "
        "a toll gate you may hand in one coupon (never more than one) and then pay only half of the toll, rounded up "
        "to a whole coin. What is the least number of coins that takes you from town 1 to town n?"
    )
    input_format = (
        "The first line holds the integers n, m and k (1 <= n <= 1500, 0 <= m <= 3000, 0 <= k <= 3). Each of the next "
        "m lines holds the integers a, b and t (1 <= a, b <= n, 0 <= t <= 1000000): a road between the towns a and b "
        "with toll t. There may be several roads between two towns."
    )
    output_format = "The least number of coins, or -1 if town n cannot be reached from town 1."
    samples = ("4 4 1\n1 2 4\n2 4 4\n1 3 1\n3 4 9\n", "3 1 2\n1 2 7\n", "2 2 2\n2 1 9\n1 2 8\n")
    limits = Limits(cpu=1.0)
    topics = ("graphs", "shortest paths", "states")
    level = 6

    reference = """
import sys
from heapq import heappop, heappush

data = list(map(int, sys.stdin.buffer.read().split()))
n, m, k = data[:3]
roads = [[] for _ in range(n)]
for a, b, toll in zip(data[3::3], data[4::3], data[5::3]):
    roads[a - 1].append((b - 1, toll))
    roads[b - 1].append((a - 1, toll))
done = set()
heap = [(0, 0, k)]
while heap:
    paid, a, left = heappop(heap)
    if a == n - 1:
        print(paid)
        sys.exit()
    if (a, left) not in done:
        done.add((a, left))
        for b, toll in roads[a]:
            heappush(heap, (paid + toll, b, left))
            if left:
                heappush(heap, (paid + (toll + 1) // 2, b, left - 1))
print(-1)
"""
    brute = """
n, m, k = map(int, input().split())
roads = [tuple(map(int, input().split())) for _ in range(m)]


def routes(town, seen, tolls):
    if town == n:
        yield tolls
        return
    for a, b, toll in roads:
        for x, y in (a, b), (b, a):
            if x == town and y not in seen:
                yield from routes(y, seen | {y}, tolls + [toll])


def coins(tolls):
    # A coupon saves most at the dearest gate.
    tolls = sorted(tolls, reverse=True)
    return sum((t + 1) // 2 for t in tolls[:k]) + sum(tolls[k:])


print(min(map(coins, routes(1, {1}, [])), default=-1))
"""
    right = {
        "one layer of towns a coupon": Program(
            "python",
            """
import heapq

def main():
    n, m, k = map(int, input().split())
    near = [[] for _ in range(n + 1)]
    for _ in range(m):
        a, b, t = map(int, input().split())
        near[a].append((b, t))
        near[b].append((a, t))
    inf = float("inf")
    cost = [inf] * (n + 1)
    cost[1] = 0
    for layer in range(k + 1):
        if layer:
            new = cost[:]
            for a in range(1, n + 1):
                for b, t in near[a]:
                    new[b] = min(new[b], cost[a] + t - t // 2)
            cost = new
        heap = [(c, a) for a, c in enumerate(cost) if c < inf]
        heapq.heapify(heap)
        while heap:
            c, a = heapq.heappop(heap)
            if c == cost[a]:
                for b, t in near[a]:
                    if c + t < cost[b]:
                        cost[b] = c + t
                        heapq.heappush(heap, (cost[b], b))
    print(cost[n] if cost[n] < inf else -1)

main()
""",
        ),
        "queue of improved states in C++": Program(
            "cpp",
            """
#include <bits/stdc++.h>
using namespace std;
int main() {
    int n, m, k;
    cin >> n >> m >> k;
    vector<vector<pair<int, long long>>> roads(n);
    for (int a, b, t; m--;) {
        cin >> a >> b >> t;
        roads[a - 1].push_back({b - 1, t});
        roads[b - 1].push_back({a - 1, t});
    }
    const long long none = 1e18;
    vector<vector<long long>> paid(k + 1, vector<long long>(n, none));
    priority_queue<tuple<long long, int, int>> open;
    open.push({0, 0, 0});
    paid[0][0] = 0;
    while (!open.empty()) {
        auto [c, used, a] = open.top();
        open.pop();
        if (-c != paid[used][a]) continue;
        for (auto [b, t] : roads[a])
            for (int u = used; u <= min(k, used + 1); u++) {
                long long next = -c + (u == used ? t : (t + 1) / 2);
                if (next < paid[u][b]) paid[u][b] = next, open.push({-next, u, b});
            }
    }
    long long best = none;
    for (auto& layer : paid) best = min(best, layer[n - 1]);
    cout << (best == none ? -1 : best) << endl;
}
""",
        ),
    }
    wrong = {
        "coupons on the cheapest route without coupons": """
import heapq

n, m, k = map(int, input().split())
roads = [[] for _ in range(n + 1)]
for _ in range(m):
    a, b, t = map(int, input().split())
    roads[a].append((b, t))
    roads[b].append((a, t))
done = set()
heap = [(0, 1, [])]
answer = -1
while heap:
    paid, a, tolls = heapq.heappop(heap)
    if a == n:
        answer = paid - sum(t // 2 for t in sorted(tolls)[len(tolls) - min(k, len(tolls)):])
        break
    if a in done:
        continue
    done.add(a)
    for b, t in roads[a]:
        if b not in done:
            heapq.heappush(heap, (paid + t, b, tolls + [t]))
print(answer)
""",
        "rounds down": reference.replace("(toll + 1) // 2", "toll // 2"),
        "a coupon makes a road free": reference.replace("(toll + 1) // 2", "0"),
        "one-way roads": reference.replace("    roads[b - 1].append((a - 1, toll))\n", ""),
        "all coupons must be used": reference.replace("if a == n - 1:", "if a == n - 1 and left == 0:"),
        "a town is done with any number of coupons": reference.replace("(a, left) not in", "a not in").replace(
            "add((a, left))", "add(a)"
        ),
        "several coupons at one gate": reference.replace(
            "            if left:\n                heappush(heap, (paid + (toll + 1) // 2, b, left - 1))\n",
            "            for used in range(1, left + 1):\n"
            "                toll = (toll + 1) // 2\n"
            "                heappush(heap, (paid + toll, b, left - used))\n",
        ),
        "too slow: every simple route": """
import sys

sys.setrecursionlimit(10000)
n, m, k = map(int, input().split())
roads = [[] for _ in range(n + 1)]
for _ in range(m):
    a, b, t = map(int, input().split())
    roads[a].append((b, t))
    roads[b].append((a, t))
best = -1
seen = [False] * (n + 1)

def walk(a, paid, left):
    global best
    if a == n:
        if best < 0 or paid < best:
            best = paid
        return
    seen[a] = True
    for b, t in roads[a]:
        if not seen[b]:
            walk(b, paid + t, left)
            if left:
                walk(b, paid + t - t // 2, left - 1)
    seen[a] = False

walk(1, 0, k)
print(best)
""",
    }

    @classmethod
    def validate(cls, text: str) -> None:
        reader = Reader(text)
        n, m, _ = reader.integer(1, N, "n"), reader.integer(0, M, "m"), reader.integer(0, K, "k")
        reader.line()
        for _ in range(m):
            reader.integers(2, 1, n, "town")
            reader.integer(0, TOLL, "t")
            reader.line()
        reader.end()

    @classmethod
    def small(cls) -> Iterator[str]:
        yield from (text(1, 0, []), text(1, 2, [(1, 1, 3)]), text(2, 3, []), text(2, 0, [(2, 2, 1)]))
        for k, t in product(range(4), (0, 1, 2, 5)):
            yield text(2, k, [(1, 2, t)])
        for k, a, b in product(range(4), (1, 2, 4), (1, 3, 6)):
            yield text(3, k, [(1, 2, a), (3, 2, b), (1, 3, 7)])

    @classmethod
    def random(cls, rng: Rng, size: int) -> str:
        n = int(rng.integers(1, 4 + size)) if size <= 3 else min(N, 3 ** (size - 1) // 6)
        m = int(rng.integers(n, 2 * n + 2)) if size <= 3 else min(M, 3 * n)
        return country(rng, n, m, int(rng.integers(K + 1)), int(rng.choice([9, 100, TOLL])))

    @classmethod
    def worst(cls, rng: Rng) -> Iterator[str]:
        yield text(N, K, [(i, i + 1, TOLL) for i in range(1, N)] * 2)
        yield country(rng, N, M, K, TOLL)
        yield country(rng, N, M, K, 3)
        yield text(N, K, [(i, j, (j - i) * 2000 - i) for i in range(1, N) for j in (i + 1, i + 2) if j <= N])
        yield text(N, K, [(i, i + 1, i) for i in range(1, N - 1)])

    @classmethod
    def hack(cls, rng: Rng, idea: str) -> str:
        if idea.startswith("too slow"):
            n = int(rng.integers(60, N))
            return text(n, K, [(i, min(n, i + d), int(rng.integers(TOLL))) for i in range(1, n) for d in (1, 2)])
        k = int(rng.integers(1, K + 1))
        n = int(rng.integers(k + 1, 12))
        t = int(rng.integers(10, 1000)) * 2 + 1
        if idea == "one-way roads":
            return text(n, k, [(i + 1, i, t + i) for i in range(1, n)])
        if idea == "all coupons must be used":
            return text(2, 3, [(1, 2, t)] + [(2, 2, t)] * (k - 1))
        if idea == "several coupons at one gate":
            return text(2, int(rng.integers(2, K + 1)), [(1, 2, t)])
        if idea.startswith("coupons on the cheapest"):  # k + 1 cheap roads against a dear one
            cheap = [(i, i + 1, t) for i in range(1, k + 2)]
            return text(k + 2, k, [*cheap, (1, k + 2, (k + 1) * t + 1)])
        if idea.startswith("a town is done"):  # town 2 is cheap with a coupon, but a dear road follows
            return text(3, 1, [(1, 2, t), (2, 3, 100 * t)])
        return text(n, k, [(i, i + 1, t + 2 * i) for i in range(1, n)])
