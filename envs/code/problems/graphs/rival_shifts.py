"""Two colours for a graph, the favoured one as often as possible."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import combinations
from typing import TYPE_CHECKING

from whetstone.envs.code.blueprint import Blueprint
from whetstone.envs.code.problem import Comparison
from whetstone.envs.code.reader import Reader
from whetstone.envs.code.sandbox.types import Limits, Program

if TYPE_CHECKING:
    from numpy.random import Generator as Rng

N, M = 8_000, 14_000


def text(n: int, pairs: list[tuple[int, int]]) -> str:
    return f"{n} {len(pairs)}\n" + "".join(f"{a} {b}\n" for a, b in pairs)


def crew(rng: Rng, n: int, m: int, parts: int, feuds: int) -> str:
    """About m quarrels between two sides, within `parts` groups, and `feuds` inside a side."""
    part = rng.integers(parts, size=n + 1)
    side = rng.random(n + 1) < rng.choice([0.1, 0.3, 0.5])
    pairs = set()
    for a, b in rng.integers(1, n + 1, size=(m, 2)).tolist():
        if part[a] == part[b] and side[a] != side[b] and (b, a) not in pairs:
            pairs.add((a, b))
    for a, b in rng.integers(1, n + 1, size=(feuds, 2)).tolist():
        if a != b and (b, a) not in pairs:
            pairs.add((a, b))
    return text(n, [pair for _, pair in sorted(zip(rng.random(len(pairs)).tolist(), pairs, strict=True))][:M])


class RivalShifts(Blueprint):
    title = "Rivals on different shifts"
    statement = (
        "A lighthouse has n keepers, numbered from 1 to n. Every keeper gets one shift, the day or the night, for the "
        "whole winter. There are m pairs of rivals, and two rivals must not have the same shift. The day shift is the "
        "better one, so as many keepers as possible are to have it. Give every keeper a shift; if several plans have "
        "the largest possible number of keepers on the day shift, any of them will do."
    )
    input_format = (
        "The first line holds the integers n and m (1 <= n <= 8000, 0 <= m <= 14000). Each of the next m lines holds "
        "two different integers a and b (1 <= a, b <= n): the keepers a and b are rivals. No pair is given twice, in "
        "either order."
    )
    output_format = (
        "If there is no plan, the word IMPOSSIBLE. Otherwise two lines: the number of keepers on the day shift, and a "
        "string of n letters, of which the i-th is D if keeper i has the day and N if he has the night."
    )
    samples = ("5 3\n1 2\n1 3\n4 5\n", "3 3\n1 2\n2 3\n1 3\n")
    limits = Limits(cpu=1.0)
    topics = ("graphs", "bipartite graphs")
    level = 5
    comparison = Comparison(
        "checker",
        checker="""
def check(input, output, answer):
    numbers = list(map(int, input.split()))
    n = numbers[0]
    found, best = output.split(), answer.split()
    if best[0] == "IMPOSSIBLE" and found == best:
        return
    if len(found) != 2:
        raise ValueError("expected " + ("the word IMPOSSIBLE" if len(best) == 1 else "a number and a string"))
    count, plan = found
    if len(plan) != n or set(plan) - set("DN"):
        raise ValueError("expected a string of n letters D and N")
    if count != str(plan.count("D")):
        raise ValueError("the number is not that of the letters D")
    for a, b in zip(numbers[2::2], numbers[3::2]):
        if plan[a - 1] == plan[b - 1]:
            raise ValueError(f"the rivals {a} and {b} have the same shift")
    if len(best) == 1 or plan.count("D") > int(best[0]):
        raise RuntimeError("the plan is better than the reference's")
    if plan.count("D") < int(best[0]):
        raise ValueError("more keepers can have the day shift")
""",
    )

    reference = """
import sys

data = list(map(int, sys.stdin.buffer.read().split()))
n = data[0]
rivals = [[] for _ in range(n)]
for a, b in zip(data[2::2], data[3::2]):
    rivals[a - 1].append(b - 1)
    rivals[b - 1].append(a - 1)
side = [None] * n
day = [None] * n
for start in range(n):
    if side[start] is None:
        side[start] = True
        group = [start]
        for a in group:
            for b in rivals[a]:
                if side[b] is None:
                    side[b] = not side[a]
                    group.append(b)
                elif side[b] == side[a]:
                    print("IMPOSSIBLE")
                    sys.exit()
        better = sum(side[a] for a in group) * 2 > len(group)
        for a in group:
            day[a] = side[a] == better
print(sum(day))
print("".join("ND"[x] for x in day))
"""
    equivalent = {
        "line 14: True -> False": "the names of the two sides of a group do not matter",
        "line 24: sum((side[a] for a in group)) * 2 > len(group) -> sum((side[a] for a in group)) * 2 >= len(group)": (
            "either of two equal sides may have the day"
        ),
    }
    brute = """
from itertools import product

n, m = map(int, input().split())
pairs = [tuple(map(int, input().split())) for _ in range(m)]
best = None
for plan in product("DN", repeat=n):
    if all(plan[a - 1] != plan[b - 1] for a, b in pairs):
        if best is None or plan.count("D") > best.count("D"):
            best = plan
if best is None:
    print("IMPOSSIBLE")
else:
    print(best.count("D"))
    print("".join(best))
"""
    right = {
        "union of keepers and their opposites": Program(
            "python",
            """
import sys

def main():
    n, m = map(int, sys.stdin.readline().split())
    above = list(range(2 * n))

    def root(x):
        while above[x] != x:
            above[x] = above[above[x]]
            x = above[x]
        return x

    for _ in range(m):
        a, b = map(int, sys.stdin.readline().split())
        a, b = a - 1, b - 1
        above[root(a)] = root(b + n)
        above[root(b)] = root(a + n)
    weight = [0] * (2 * n)
    for i in range(n):
        if root(i) == root(i + n):
            print("IMPOSSIBLE")
            return
        weight[root(i)] += 1
    plan = []
    chosen = {}
    for i in range(n):
        x, y = root(i), root(i + n)
        if x not in chosen:
            chosen[x] = weight[x] >= weight[y]
            chosen[y] = not chosen[x]
        plan.append("D" if chosen[x] else "N")
    print(plan.count("D"))
    print(*plan, sep="")

main()
""",
        ),
        "depth first in C++": Program(
            "cpp",
            """
#include <bits/stdc++.h>
using namespace std;
int n, m;
vector<vector<int>> rivals;
vector<int> color, seen;
bool walk(int a, int c) {
    if (color[a] >= 0) return color[a] == c;
    color[a] = c;
    seen.push_back(a);
    for (int b : rivals[a])
        if (!walk(b, !c)) return false;
    return true;
}
int main() {
    scanf("%d %d", &n, &m);
    rivals.resize(n);
    color.assign(n, -1);
    for (int a, b; m--;) {
        scanf("%d %d", &a, &b);
        rivals[--a].push_back(--b);
        rivals[b].push_back(a);
    }
    for (int i = 0; i < n; i++) {
        if (color[i] >= 0) continue;
        seen.clear();
        if (!walk(i, 0)) return puts("IMPOSSIBLE"), 0;
        int ones = 0;
        for (int a : seen) ones += color[a];
        if (2 * ones < (int)seen.size())
            for (int a : seen) color[a] = !color[a];
    }
    string plan;
    for (int c : color) plan += c ? 'D' : 'N';
    cout << count(plan.begin(), plan.end(), 'D') << endl << plan << endl;
}
""",
        ),
    }
    wrong = {
        "the first keeper of a group always has the day": reference.replace(
            "sum(side[a] for a in group) * 2 > len(group)", "True"
        ),
        "turns the whole plan, not each group": """
import sys

n, m = map(int, input().split())
rivals = [[] for _ in range(n)]
for _ in range(m):
    a, b = map(int, input().split())
    rivals[a - 1].append(b - 1)
    rivals[b - 1].append(a - 1)
day = [None] * n
for start in range(n):
    if day[start] is None:
        day[start] = True
        queue = [start]
        for a in queue:
            for b in rivals[a]:
                if day[b] is None:
                    day[b] = not day[a]
                    queue.append(b)
                elif day[a] == day[b]:
                    print("IMPOSSIBLE")
                    sys.exit()
if sum(day) * 2 < n:
    day = [not x for x in day]
print(sum(day))
print("".join("D" if x else "N" for x in day))
""",
        "overlooks odd circles": reference.replace("side[b] == side[a]", "False"),
        "the fewest rivals first, rivals of the day by night": """
n, m = map(int, input().split())
rivals = [set() for _ in range(n)]
for _ in range(m):
    a, b = map(int, input().split())
    rivals[a - 1].add(b - 1)
    rivals[b - 1].add(a - 1)
plan = [""] * n
possible = True
for i in sorted(range(n), key=lambda i: len(rivals[i])):
    if not plan[i]:
        plan[i] = "D"
        for j in rivals[i]:
            possible = possible and plan[j] != "D"
            plan[j] = "N"
for i in range(n):
    for j in rivals[i]:
        if plan[i] == plan[j]:
            possible = False
if possible:
    print(plan.count("D"))
    print("".join(plan))
else:
    print("IMPOSSIBLE")
""",
        "looks at the group of keeper 1 only": reference.replace("range(n):", "range(1):").replace(
            "day = [None]", "day = [False]"
        ),
        "too slow: all pairs again for every group": """
import sys

n, m = map(int, input().split())
pairs = [tuple(map(int, line.split())) for line in sys.stdin]
plan = [None] * (n + 1)
for start in range(1, n + 1):
    if plan[start] is not None:
        continue
    plan[start] = 1
    group = [start]
    changed = True
    while changed:
        changed = False
        for a, b in pairs:
            if plan[a] is None and plan[b] is not None:
                a, b = b, a
            if plan[a] is not None and plan[b] is None:
                plan[b] = 1 - plan[a]
                group.append(b)
                changed = True
    if 2 * sum(plan[a] for a in group) < len(group):
        for a in group:
            plan[a] = 1 - plan[a]
if any(plan[a] == plan[b] for a, b in pairs):
    print("IMPOSSIBLE")
else:
    print(sum(plan[1:]))
    print("".join("ND"[x] for x in plan[1:]))
""",
    }

    @classmethod
    def validate(cls, text: str) -> None:
        reader = Reader(text)
        n, m = reader.integer(1, N, "n"), reader.integer(0, M, "m")
        reader.line()
        seen = set()
        for i in range(m):
            a, b = reader.integers(2, 1, n, "keeper")
            reader.line()
            if a == b or (a, b) in seen or (b, a) in seen:
                raise ValueError(f"pair {i + 1}: expected two different keepers and no pair twice, found {a} {b}")
            seen.add((a, b))
        reader.end()

    @classmethod
    def small(cls) -> Iterator[str]:
        for n in (1, 2, 3, 4):
            pairs = list(combinations(range(1, n + 1), 2))
            for m in range(len(pairs) + 1):
                for some in combinations(pairs, m):
                    yield text(n, list(some))
        star = [(5, i) for i in (1, 2, 3, 4)]
        yield from (text(5, star), text(7, [*star, (6, 7)]), text(7, [*star, (6, 1), (7, 1)]))

    @classmethod
    def random(cls, rng: Rng, size: int) -> str:
        n = (0, 5, 7, 9, 15, 40, 150, 500, 2000, 6000, N)[size]
        if size <= 3:
            n = int(rng.integers(3, n + 1))
        m = min(M, int(n * rng.choice([1, 2, 5])))
        return crew(rng, n, m, int(rng.integers(1, 2 + n // 5)), int(rng.random() < 0.2))

    @classmethod
    def worst(cls, rng: Rng) -> Iterator[str]:
        yield text(N, [])
        yield text(N, [(1 + int(i), 2 + int(i)) for i in rng.permutation(N - 1)])
        yield text(N, [(i, i + 1) for i in range(1, N, 2)])
        yield text(N, [(i, i + 1) for i in range(N - 2, 0, -1)])
        yield crew(rng, N, 2 * M, 1, 0)
        yield crew(rng, N, 2 * M, 1, 1)
        yield crew(rng, N, 10 * M, 20, 0)

    @classmethod
    def hack(cls, rng: Rng, idea: str) -> str:
        if idea.startswith("too slow"):
            return text(N, [(int(i), int(i) + 1) for i in range(N - 1, 0, -1)])
        n = 2 * int(rng.integers(3, 8))
        if idea == "overlooks odd circles":
            return text(n, [(i, i + 1) for i in range(1, n - 1)] + [(1, n - 1)])
        if idea.startswith("the fewest rivals"):  # a path
            order = (1 + rng.permutation(n)).tolist()
            return text(n, [(order[i], order[i + 1]) for i in range(n - 1)])
        first = [(1, i) for i in range(2, n)]  # keeper 1 needs the night, and keeper n the day
        return text(2 * n, [*first, *((2 * n, i) for i in range(n, 2 * n))])
