"""Bin packing by subsets: the fewest trips, then the lightest last one."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import product
from typing import TYPE_CHECKING

from whetstone.envs.code.blueprint import Blueprint
from whetstone.envs.code.reader import Reader
from whetstone.envs.code.sandbox.types import Limits, Program

if TYPE_CHECKING:
    from numpy.random import Generator as Rng

N, LOAD = 13, 1_000_000


def text(capacity: int, weights: Sequence[int]) -> str:
    return f"{len(weights)} {capacity}\n{' '.join(map(str, weights))}\n"


class FerryLoads(Blueprint):
    title = "The cable ferry"
    statement = (
        "n machines stand on a river bank and must be taken across by a ferry that carries at most c tonnes on a trip; "
        "any number of machines goes on board as long as they are not too heavy together. The ferryman wants as few "
        "trips as possible, and among all plans with so few trips he wants the last trip to be as light as possible. "
        "Find the number of trips and the load of the last trip."
    )
    input_format = (
        "The first line holds the integers n and c (1 <= n <= 13, 1 <= c <= 1000000). The second line holds n integers "
        "from 1 to c: the weights of the machines in tonnes."
    )
    output_format = "Two integers: the least number of trips, and then the least load of the last one."
    samples = ("4 10\n6 5 4 3\n", "3 7\n7 1 7\n")
    limits = Limits(cpu=1.0)
    topics = ("dynamic programming", "bit masks", "bin packing")
    level = 6

    reference = """
n, c = map(int, input().split())
weights = list(map(int, input().split()))
best = [(1, 0)]
for mask in range(1, 2**n):
    options = []
    for i in range(n):
        if mask >> i & 1:
            trips, load = best[mask ^ 1 << i]
            if load + weights[i] <= c:
                options.append((trips, load + weights[i]))
            else:
                options.append((trips + 1, weights[i]))
    best.append(min(options))
print(*best[-1])
"""
    brute = """
n, c = map(int, input().split())
weights = list(map(int, input().split()))
best = (n + 1, 0)


def share(i, loads):
    global best
    if i == n:
        best = min(best, (len(loads), min(loads)))
        return
    for k in range(len(loads)):
        if loads[k] + weights[i] <= c:
            share(i + 1, loads[:k] + [loads[k] + weights[i]] + loads[k + 1:])
    share(i + 1, loads + [weights[i]])


share(0, [])
print(*best)
"""
    right = {
        "whole trips by subsets": Program(
            "python",
            """
import sys

def main():
    n, c, *w = map(int, sys.stdin.read().split())
    full = (1 << n) - 1
    weight = [0] * (full + 1)
    for i in range(n):
        for mask in range(1 << i):
            weight[mask | 1 << i] = weight[mask] + w[i]
    # Breadth first: which sets can be over after k trips, every trip with the first machine that is left.
    reached, k = {0}, 0
    while True:
        k += 1
        # the last trip takes all that is left
        rest = [weight[full ^ done] for done in reached if weight[full ^ done] <= c]
        if rest:
            break
        after = set()
        for done in reached:
            left = full ^ done
            sub = left
            while sub:
                if weight[sub] <= c and all(
                    weight[sub] + w[i] > c for i in range(n) if left >> i & 1 and not sub >> i & 1
                ):
                    after.add(done | sub)
                sub = (sub - 1) & left
        reached = after
    print(k, min(rest))

main()
""",
        ),
        "C++": Program(
            "cpp",
            """
#include <bits/stdc++.h>
using namespace std;
int main() {
    int n, c;
    cin >> n >> c;
    vector<int> w(n);
    for (int& x : w) cin >> x;
    vector<pair<int, int>> best(1 << n, {n + 1, 0});
    best[0] = {1, 0};
    for (int mask = 0; mask < 1 << n; mask++)
        for (int i = 0; i < n; i++) {
            if (mask >> i & 1) continue;
            auto next = best[mask];
            next.second += w[i];
            if (next.second > c) next = {next.first + 1, w[i]};
            best[mask | 1 << i] = min(best[mask | 1 << i], next);
        }
    cout << best.back().first << " " << best.back().second << endl;
}
""",
        ),
    }
    wrong = {
        "the heaviest first, on the first trip with room": """
n, c = map(int, input().split())
loads = []
for w in sorted(map(int, input().split()), reverse=True):
    for i in range(len(loads)):
        if loads[i] + w <= c:
            loads[i] += w
            break
    else:
        loads.append(w)
print(len(loads), min(loads))
""",
        "the fullest trip each time": """
n, c = map(int, input().split())
left = [int(x) for x in input().split()]
trips = 0
while left:
    masks = range(1, 1 << len(left))
    sums = ((sum(w for i, w in enumerate(left) if mask >> i & 1), mask) for mask in masks)
    load, mask = max(pair for pair in sums if pair[0] <= c)
    left = [w for i, w in enumerate(left) if not mask >> i & 1]
    trips += 1
print(trips, load)
""",
        "machines can be taken apart": """
n, c = map(int, input().split())
total = sum(map(int, input().split()))
print((total + c - 1) // c, (total - 1) % c + 1)
""",
        "the last trip takes what the others leave room for": reference.replace(
            "print(*best[-1])", "print(best[-1][0], max(min(weights), sum(weights) - (best[-1][0] - 1) * c))"
        ),
        "less than the capacity": reference.replace("<= c", "< c"),
        "in the given order": """
n, c = map(int, input().split())
trips, load = 1, 0
for w in map(int, input().split()):
    if load + w > c:
        trips, load = trips + 1, 0
    load += w
print(trips, load)
""",
        "too slow: every sequence": """
from itertools import permutations

n, c = map(int, input().split())
weights = [int(x) for x in input().split()]
best = (n + 1, 0)
for order in permutations(weights):
    trips, load = 1, 0
    for w in order:
        load += w
        if load > c:
            trips, load = trips + 1, w
    best = min(best, (trips, load))
print(*best)
""",
    }

    @classmethod
    def validate(cls, text: str) -> None:
        reader = Reader(text)
        n, c = reader.integer(1, N, "n"), reader.integer(1, LOAD, "c")
        reader.line()
        reader.integers(n, 1, c, "weight")
        reader.line()
        reader.end()

    @classmethod
    def small(cls) -> Iterator[str]:
        yield from (text(c, [w]) for c in (1, 2, 5) for w in range(1, c + 1))
        yield from (text(5, weights) for weights in product((1, 2, 3, 5), repeat=2))
        yield from (text(6, weights) for weights in product((1, 2, 4), repeat=4))
        yield from (text(10, weights) for weights in product((3, 4, 6), repeat=5))

    @classmethod
    def random(cls, rng: Rng, size: int) -> str:
        n = int(rng.integers(3, 5 + size)) if size <= 3 else min(N, size + 3)
        c = int(rng.choice([10, 30, 100, LOAD]))
        low, high = sorted(rng.integers(1, c + 1, size=2).tolist())
        if rng.random() < 0.5:
            low, high = 1 + c // 10, 1 + c // 2
        return text(c, rng.integers(low, high + 1, size=n).tolist())

    @classmethod
    def worst(cls, rng: Rng) -> Iterator[str]:
        yield text(LOAD, rng.integers(LOAD // 5, LOAD // 2, size=N).tolist())
        yield text(LOAD, rng.integers(1, LOAD, size=N).tolist())
        yield text(LOAD, [1] * N)
        yield text(20, rng.integers(3, 12, size=N).tolist())

    @classmethod
    def hack(cls, rng: Rng, idea: str) -> str:
        if idea.startswith("too slow"):
            return text(LOAD, rng.integers(LOAD // 9, LOAD // 2, size=N - int(rng.integers(2))).tolist())
        t = int(rng.integers(1, 5000))
        if idea == "the heaviest first, on the first trip with room":
            return text(10 * t, [w * t for w in rng.permutation([5, 4, 4, 3, 2, 2]).tolist()])
        if idea == "the fullest trip each time":  # 5, 3 and 2 together leave three machines of 6
            return text(10 * t, [w * t for w in rng.permutation([6, 6, 6, 5, 3, 2]).tolist()])
        if idea == "less than the capacity":
            return text(10 * t, [w * t for w in rng.permutation([6, 4, 7, 3]).tolist()])
        return text(20 * t, [w * t for w in rng.integers(5, 11, size=9).tolist()])
