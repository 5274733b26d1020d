"""Fewest intervals that cover a stretch; many answers are right."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import combinations_with_replacement
from typing import TYPE_CHECKING

from whetstone.envs.code.blueprint import Blueprint
from whetstone.envs.code.problem import Comparison
from whetstone.envs.code.reader import Reader
from whetstone.envs.code.sandbox.types import Limits, Program

if TYPE_CHECKING:
    from numpy.random import Generator as Rng

N, L = 15_000, 10**9


def text(length: int, lamps: Sequence[Sequence[int]]) -> str:
    return f"{len(lamps)} {length}\n" + "".join(f"{a} {b}\n" for a, b in lamps)


class IntervalCover(Blueprint):
    title = "Lamps along the road"
    statement = (
        "A road runs from 0 to m. Each of n lamps lights a piece of it: lamp i everything from a_i to b_i, both ends "
        "included. Switch on as few lamps as possible so that every point of the road, the points between integers "
        "too, is lit, or find out that all of them together do not light it. Any smallest choice is right."
    )
    input_format = (
        "The first line holds the integers n and m (1 <= n <= 15000, 1 <= m <= 1000000000). Line i of the next n "
        "lines holds the integers a_i and b_i (0 <= a_i < b_i <= m)."
    )
    output_format = (
        "If the road cannot be lit, the integer -1. Otherwise the number k of lamps on the first line, and on the "
        "second their k different numbers, in any order; lamps are numbered from 1 in the order of the input."
    )
    samples = ("4 10\n0 4\n3 8\n4 9\n8 10\n", "2 5\n0 2\n3 5\n")
    limits = Limits(cpu=1.0)
    topics = ("greedy", "intervals", "sorting")
    level = 4
    comparison = Comparison(
        "checker",
        checker="""
def check(input, output, answer):
    numbers = list(map(int, input.split()))
    n, m = numbers[:2]
    found, best = output.split(), int(answer.split()[0])
    if not all(token.isascii() and token.lstrip("-").isdigit() and len(token) <= 5 for token in found) or not found:
        raise ValueError("expected integers")
    if found == ["-1"]:
        if best != -1:
            raise ValueError("the road can be lit")
        return
    k, chosen = int(found[0]), list(map(int, found[1:]))
    if len(chosen) != k or len(set(chosen)) != k or not all(1 <= i <= n for i in chosen):
        raise ValueError(f"expected {k} different numbers of lamps")
    lit = 0
    for a, b in sorted((numbers[2 * i], numbers[2 * i + 1]) for i in chosen):
        if a > lit:
            break
        lit = max(lit, b)
    if lit < m:
        raise ValueError(f"the road is dark after {lit}")
    if best == -1 or k < best:
        raise AssertionError(f"{k} lamps do, the reference needs {best}")
    if k > best:
        raise ValueError(f"{k} lamps, {best} do")
""",
    )

    reference = """
import sys

def main():
    data = list(map(int, sys.stdin.buffer.read().split()))
    n, m = data[0], data[1]
    lamps = sorted((data[2 * i], data[2 * i + 1], i) for i in range(1, n + 1))
    lit = at = 0
    chosen = []
    while lit < m:
        reach = lit
        while at < n and lamps[at][0] <= lit:
            if lamps[at][1] > reach:
                reach = lamps[at][1]
                best = lamps[at][2]
            at += 1
        if reach == lit:
            print(-1)
            return
        chosen.append(best)
        lit = reach
    print(len(chosen))
    print(*chosen)

main()
"""
    equivalent = {
        "line 13: lamps[at][1] > reach -> lamps[at][1] >= reach": "of two lamps that reach as far, either will do",
    }
    brute = """
from itertools import combinations
n, m = map(int, input().split())
lamps = [tuple(map(int, input().split())) for _ in range(n)]

def lights(some):
    # Between two integers all points are alike: the ends are integers.
    return all(any(lamps[i][0] <= x and x + 1 <= lamps[i][1] for i in some) for x in range(m))

for k in range(1, n + 1):
    for some in combinations(range(n), k):
        if lights(some):
            print(k)
            print(*(i + 1 for i in some))
            raise SystemExit
print(-1)
"""
    right = {
        "from the far end": Program(
            "python",
            """
import sys
n, m = map(int, sys.stdin.readline().split())
lamps = sorted(((*map(int, line.split()), i) for i, line in enumerate(sys.stdin, 1)), key=lambda lamp: -lamp[1])
dark, at, chosen = m, 0, []
while dark > 0:
    best = (dark, 0)
    while at < n and lamps[at][1] >= dark:
        best = min(best, (lamps[at][0], lamps[at][2]))
        at += 1
    if best[0] == dark:
        print(-1)
        sys.exit()
    dark = best[0]
    chosen.append(best[1])
print(len(chosen), *chosen)
""",
        ),
        "greedy in C++": Program(
            "cpp",
            """
#include <bits/stdc++.h>
using namespace std;
int main() {
    int n, m;
    cin >> n >> m;
    vector<array<int, 3>> lamps(n);
    for (int i = 0; i < n; i++) cin >> lamps[i][0] >> lamps[i][1], lamps[i][2] = i + 1;
    sort(lamps.begin(), lamps.end());
    vector<int> chosen;
    int lit = 0, at = 0;
    while (lit < m) {
        int reach = lit, best = 0;
        for (; at < n && lamps[at][0] <= lit; at++)
            if (lamps[at][1] > reach) reach = lamps[at][1], best = lamps[at][2];
        if (!best) return puts("-1"), 0;
        chosen.push_back(best), lit = reach;
    }
    printf("%zu\\n", chosen.size());
    for (int i : chosen) printf("%d ", i);
}
""",
        ),
    }
    wrong = {
        "the longest lamps first": """
n, m = map(int, input().split())
lamps = [(*map(int, input().split()), i + 1) for i in range(n)]
chosen = []
dark = [(0, m)]
for a, b, i in sorted(lamps, key=lambda lamp: lamp[0] - lamp[1]):
    left = [piece for x, y in dark for piece in ((x, min(y, a)), (max(x, b), y)) if piece[0] < piece[1]]
    if left != dark:
        chosen.append(i)
    dark = left
print(-1) if dark else print(len(chosen), *chosen, sep="\\n")
""",
        "the first that reaches further": """
n, m = map(int, input().split())
lamps = sorted((*map(int, input().split()), i + 1) for i in range(n))
lit, chosen = 0, []
for a, b, i in lamps:
    if a <= lit < b and lit < m:
        lit = b
        chosen.append(i)
print(-1) if lit < m else print(len(chosen), *chosen, sep="\\n")
""",
        "only integer points": """
n, m = map(int, input().split())
lamps = sorted((*map(int, input().split()), i + 1) for i in range(n))
lit, at, chosen = -1, 0, []
while lit < m:
    best = (lit, 0)
    while at < n and lamps[at][0] <= lit + 1:
        best = max(best, lamps[at][1:])
        at += 1
    if best[0] == lit:
        break
    lit = best[0]
    chosen.append(best[1])
print(-1) if lit < m else print(len(chosen), *chosen, sep="\\n")
""",
        "numbered from 0": """
n, m = map(int, input().split())
lamps = sorted((*map(int, input().split()), i) for i in range(n))
lit, at, chosen = 0, 0, []
while lit < m:
    best = (lit, 0)
    while at < n and lamps[at][0] <= lit:
        best = max(best, lamps[at][1:])
        at += 1
    if best[0] == lit:
        break
    lit = best[0]
    chosen.append(best[1])
print(-1) if lit < m else print(len(chosen), *chosen, sep="\\n")
""",
        "searches all lamps each time": """
n, m = map(int, input().split())
lamps = [tuple(map(int, input().split())) for _ in range(n)]
lit, chosen = 0, []
while lit < m:
    reach, i = max((b, i) for i, (a, b) in enumerate(lamps, 1) if a <= lit) if min(lamps)[0] <= lit else (lit, 0)
    if reach == lit:
        break
    lit = reach
    chosen.append(i)
print(-1) if lit < m else print(len(chosen), *chosen, sep="\\n")
""",
    }

    @classmethod
    def validate(cls, text: str) -> None:
        reader = Reader(text)
        n, m = reader.integer(1, N, "n"), reader.integer(1, L, "m")
        reader.line()
        for i in range(1, n + 1):
            a = reader.integer(0, m - 1, f"a_{i}")
            reader.integer(a + 1, m, f"b_{i}")
            reader.line()
        reader.end()

    @classmethod
    def small(cls) -> Iterator[str]:
        for m in (1, 2, 3):
            lamps = [(a, b) for a in range(m) for b in range(a + 1, m + 1)]
            for n in (1, 2, 3):
                yield from (text(m, some[::-1]) for some in combinations_with_replacement(lamps, n))

    @classmethod
    def random(cls, rng: Rng, size: int) -> str:
        n = int(rng.integers(1, 3 * size)) if size <= 3 else min(N, 3**size)
        m = int(rng.integers(1, 4 * size)) if size <= 3 else int(rng.choice((n, 100 * n, L)))
        return cls.chain(rng, n, min(m, L), float(rng.choice((1.5, 4.0, 20.0))))

    @classmethod
    def chain(cls, rng: Rng, n: int, m: int, overlap: float) -> str:
        """Lamps at random places, about `overlap` of them over each point."""
        a = rng.integers(0, m, n)
        b = a + 1 + (rng.random(n) * 2 * overlap * m / n).astype("int64")
        lamps = [[0, max(1, m // n)], *sorted(zip(a.tolist(), b.clip(max=m).tolist(), strict=True))][:n]
        return text(m, [lamps[i] for i in rng.permutation(n)])

    @classmethod
    def worst(cls, rng: Rng) -> Iterator[str]:
        step = L // N
        order = rng.permutation(N).tolist()
        yield text(step * N, [(step * i, step * (i + 1)) for i in order])  # all of them are needed
        yield text(L, [(step * i, min(L, step * (i + 5))) for i in order])
        yield cls.chain(rng, N, L, 12.0)

    @classmethod
    def hack(cls, rng: Rng, idea: str) -> str:
        match idea:
            case "the longest lamps first":  # the long one in the middle is useless
                a = int(rng.integers(5, 20))
                return text(4 * a, [(0, 2 * a), (a // 2, 4 * a - 1 - a // 2), (2 * a, 4 * a)])
            case "only integer points":
                cut = int(rng.integers(2, 9))
                return text(10, [(0, cut), (cut + 1, 10)])
            case "searches all lamps each time":
                return next(cls.worst(rng))
        return cls.chain(rng, int(rng.integers(5, 12)), 20, 4.0)
