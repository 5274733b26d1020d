"""Topological order from the back: every dish as early as it can be, in the order of their numbers."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import combinations, permutations
from typing import TYPE_CHECKING

from whetstone.envs.code.blueprint import Blueprint
from whetstone.envs.code.reader import Reader
from whetstone.envs.code.sandbox.types import Limits, Program

if TYPE_CHECKING:
    from numpy.random import Generator as Rng

N, M = 15_000, 20_000


def text(n: int, rules: list[tuple[int, int]]) -> str:
    return f"{n} {len(rules)}\n" + "".join(f"{a} {b}\n" for a, b in rules)


def kitchen(rng: Rng, n: int, m: int, circle: bool) -> str:
    """Rules along a hidden order of the dishes, and perhaps one against it."""
    order = (1 + rng.permutation(n)).tolist()
    if rng.random() < 0.2:
        order.sort(reverse=True)
    rules = []
    for i, j in rng.integers(n, size=(m, 2)).tolist():
        if i != j:
            rules.append((order[min(i, j)], order[max(i, j)]))
    if circle and rules:
        a, b = rules[int(rng.integers(len(rules)))]
        rules[int(rng.integers(len(rules)))] = b, a
    return text(n, rules)


class EarlyDishes(Blueprint):
    title = "Dishes in the order of honour"
    statement = (
        "A banquet has n dishes, numbered from 1 to n in the order of honour. They are served one after the other, "
        "each exactly once, and m rules say that some dish must be served before some other. Dish 1 is to be served "
        "as early as the rules allow. Among all orders in which it is, dish 2 is to be served as early as possible; "
        "among all orders that are left, dish 3, and so on to dish n. Find the order."
    )
    input_format = (
        "The first line holds the integers n and m (1 <= n <= 15000, 0 <= m <= 20000). Each of the next m lines holds "
        "two different integers a and b (1 <= a, b <= n): dish a must be served before dish b. A rule may be given "
        "more than once."
    )
    output_format = (
        "The numbers of the first 50 dishes (of all, if there are fewer) in the order in which they are served, "
        "separated by spaces; or the word CIRCLE if no order keeps all rules."
    )
    samples = ("4 1\n4 1\n", "5 3\n5 2\n3 4\n4 1\n", "2 2\n1 2\n2 1\n")
    limits = Limits(cpu=1.0)
    topics = ("graphs", "topological order", "greedy", "heaps")
    level = 7

    reference = """
import sys
from heapq import heapify, heappop, heappush

data = list(map(int, sys.stdin.buffer.read().split()))
n = data[0]
before = [[] for _ in range(n)]
followers = [0] * n
for a, b in zip(data[2::2], data[3::2]):
    before[b - 1].append(a - 1)
    followers[a - 1] += 1
# From the back: of the dishes that may come last, the one with the largest number does.
free = [-dish for dish in range(n) if followers[dish] == 0]
heapify(free)
order = []
while free:
    dish = -heappop(free)
    order.append(dish + 1)
    for a in before[dish]:
        followers[a] -= 1
        if followers[a] == 0:
            heappush(free, -a)
if len(order) < n:
    print("CIRCLE")
else:
    print(*order[:-51:-1])
"""
    brute = """
from itertools import permutations

n, m = map(int, input().split())
rules = [tuple(map(int, input().split())) for _ in range(m)]
best = None
for order in permutations(range(1, n + 1)):
    place = [order.index(dish) for dish in range(1, n + 1)]
    if all(place[a - 1] < place[b - 1] for a, b in rules):
        if best is None or place < best[0]:
            best = place, order
print(*best[1][:50] if best else ["CIRCLE"])
"""
    right = {
        "serves each dish as soon as all that it needs": Program(
            "python",
            """
import sys
sys.setrecursionlimit(100000)

def main():
    n, m = map(int, input().split())
    needs = [set() for _ in range(n + 1)]
    for _ in range(m):
        a, b = map(int, input().split())
        needs[b].add(a)
    # Dish by dish: all dishes not yet served that it needs come first. Their own order is settled by the
    # rest of the rule only after all of them are known, so the group is ordered from its back.
    state = [0] * (n + 1)
    order = []
    for dish in range(1, n + 1):
        if state[dish]:
            continue
        group = [dish]
        state[dish] = 1
        for x in group:
            for y in needs[x]:
                if state[y] == 0:
                    state[y] = 1
                    group.append(y)
        waiting = {x: 0 for x in group}
        for x in group:
            for y in needs[x]:
                if y in waiting:
                    waiting[y] += 1
        import heapq
        heap = [-x for x in group if waiting[x] == 0]
        heapq.heapify(heap)
        part = []
        while heap:
            x = -heapq.heappop(heap)
            part.append(x)
            for y in needs[x]:
                if y in waiting:
                    waiting[y] -= 1
                    if waiting[y] == 0:
                        heapq.heappush(heap, -y)
        if len(part) < len(group):
            print("CIRCLE")
            return
        order += reversed(part)
    print(" ".join(map(str, order[:50])))

main()
""",
        ),
        "a set of the free dishes in C++": Program(
            "cpp",
            """
#include <bits/stdc++.h>
using namespace std;
int main() {
    int n, m;
    scanf("%d %d", &n, &m);
    vector<vector<int>> before(n + 1);
    vector<int> out(n + 1), order;
    for (int a, b; m--;) {
        scanf("%d %d", &a, &b);
        before[b].push_back(a);
        out[a]++;
    }
    set<int> last;
    for (int i = 1; i <= n; i++)
        if (!out[i]) last.insert(i);
    while (!last.empty()) {
        int i = *last.rbegin();
        last.erase(i);
        order.push_back(i);
        for (int a : before[i])
            if (!--out[a]) last.insert(a);
    }
    if ((int)order.size() < n) return puts("CIRCLE"), 0;
    reverse(order.begin(), order.end());
    for (int i = 0; i < min(n, 50); i++) printf("%d ", order[i]);
    puts("");
}
""",
        ),
    }
    wrong = {
        "the smallest free number comes next": """
import heapq

n, m = map(int, input().split())
after = [[] for _ in range(n + 1)]
count = [0] * (n + 1)
for _ in range(m):
    a, b = map(int, input().split())
    after[a].append(b)
    count[b] += 1
heap = [i for i in range(1, n + 1) if count[i] == 0]
order = []
while heap:
    i = heapq.heappop(heap)
    order.append(i)
    for j in after[i]:
        count[j] -= 1
        if count[j] == 0:
            heapq.heappush(heap, j)
print(*order[:50] if len(order) == n else ["CIRCLE"])
""",
        "what a dish needs by rising numbers, depth first": """
import sys

sys.setrecursionlimit(100000)
n, m = map(int, input().split())
needs = [set() for _ in range(n + 1)]
for _ in range(m):
    a, b = map(int, input().split())
    needs[b].add(a)
state = [0] * (n + 1)
order = []

def serve(dish):
    state[dish] = 1
    for other in sorted(needs[dish]):
        if state[other] == 1:
            print("CIRCLE")
            sys.exit()
        if state[other] == 0:
            serve(other)
    state[dish] = 2
    order.append(dish)

for dish in range(1, n + 1):
    if state[dish] == 0:
        serve(dish)
print(*order[:50])
""",
        "leaves circles out": reference.replace("len(order) < n", "False"),
        "from the back, the smallest number last": reference.replace("-dish for", "dish for")
        .replace("dish = -heappop", "dish = heappop")
        .replace("heappush(free, -a)", "heappush(free, a)"),
        "prints the place of every dish": reference.replace(
            "print(*order[:-51:-1])", "print(*[n - order.index(dish) for dish in range(1, n + 1)][:50])"
        ),
        "a rule given twice counts once on one side only": reference.replace(
            "for a, b in zip(data[2::2], data[3::2]):\n    before[b - 1].append(a - 1)\n",
            "for a, b in zip(data[2::2], data[3::2]):\n"
            "    if a - 1 not in before[b - 1]:\n"
            "        before[b - 1].append(a - 1)\n",
        ),
        "too slow: looks through all dishes for every place": """
n, m = map(int, input().split())
before = [[] for _ in range(n)]
followers = [0] * n
for _ in range(m):
    a, b = map(int, input().split())
    before[b - 1].append(a - 1)
    followers[a - 1] += 1
order = []
for _ in range(n):
    dish = n - 1
    while dish >= 0 and followers[dish] != 0:
        dish -= 1
    if dish < 0:
        break
    followers[dish] = -1
    order.append(dish + 1)
    for a in before[dish]:
        followers[a] -= 1
print(*order[:-51:-1] if len(order) == n else ["CIRCLE"])
""",
    }

    @classmethod
    def validate(cls, text: str) -> None:
        reader = Reader(text)
        n, m = reader.integer(1, N, "n"), reader.integer(0, M, "m")
        reader.line()
        for i in range(m):
            a, b = reader.integers(2, 1, n, "dish")
            reader.line()
            if a == b:
                raise ValueError(f"rule {i + 1}: expected two different dishes, found {a} twice")
        reader.end()

    @classmethod
    def small(cls) -> Iterator[str]:
        yield from (text(1, []), text(2, []), text(2, [(2, 1)] * 2), text(3, [(3, 1), (3, 1), (2, 3)]))
        for m in (1, 2, 3):
            for some in combinations(permutations((1, 2, 3), 2), m):
                yield text(3, list(some))
        for some in combinations([(a, b) for a in (2, 3, 4, 5) for b in (1, 2, 3) if a > b], 3):
            yield text(5, list(some))

    @classmethod
    def random(cls, rng: Rng, size: int) -> str:
        n = int(rng.integers(2, 4 + size)) if size <= 3 else min(N, 3 ** (size - 1))
        m = min(M, int(n * rng.choice([0.5, 1, 1.5])))
        return kitchen(rng, n, m, bool(rng.random() < 0.15))

    @classmethod
    def worst(cls, rng: Rng) -> Iterator[str]:
        yield text(N, [(i, i + 1) for i in range(1, N)])
        yield text(N, [(i + 1, i) for i in range(1, N)])
        yield text(N, [(i, N) for i in range(1, N)])
        yield text(N, [(i + 1, i) for i in range(1, N)] + [(1, N)])
        yield text(N, [])
        yield kitchen(rng, N, M, False)

    @classmethod
    def hack(cls, rng: Rng, idea: str) -> str:
        if idea.startswith("too slow"):  # the dish that may come last is always the one with the smallest number
            return text(N, [(i + 1, i) for i in range(1, N - int(rng.integers(10)))])
        n = int(rng.integers(5, 12))
        if idea == "leaves circles out":
            return kitchen(rng, n, 2 * n, True)
        if idea.startswith("a rule given twice"):
            rules = [(i + 1, i) for i in range(1, n)]
            return text(n, rules + rules[: int(rng.integers(1, n))])
        if idea.startswith("what a dish needs"):  # dish 2 waits behind a dish that dish 1 needs, too
            a, b = sorted(rng.choice(range(3, n + 1), size=2, replace=False).tolist())
            return text(n, [(a, 1), (b, 1), (2, b)])
        return text(n, [(n, 1), *((int(i) + 1, int(i)) for i in rng.integers(2, n, size=3))])
