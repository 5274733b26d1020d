"""A Fenwick tree over sorted ends: how many intervals lie within each."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import combinations, combinations_with_replacement, product
from typing import TYPE_CHECKING

from whetstone.envs.code.blueprint import Blueprint
from whetstone.envs.code.reader import Reader
from whetstone.envs.code.sandbox.types import Limits, Program

if TYPE_CHECKING:
    from numpy.random import Generator as Rng

N, PLACE = 7_000, 1_000_000_000


def text(spans: Sequence[tuple[int, int]]) -> str:
    return f"{len(spans)}\n" + "".join(f"{a} {b}\n" for a, b in spans)


def tents(rng: Rng, n: int, places: int) -> str:
    ends = rng.integers(places + 1, size=(n, 2))
    if rng.random() < 0.3:
        ends[:, 1] = (ends[:, 0] + rng.integers(1 + places // 10, size=n)).clip(max=places)
    return text([(min(a, b), max(a, b)) for a, b in ends.tolist()])


class NestedTents(Blueprint):
    title = "Tents within tents"
    statement = (
        "On a long meadow n tents are put up, numbered from 1 to n; tent i covers the stretch from a_i to b_i, both "
        "places included. A tent lies within another one if its whole stretch is covered by the other's; the "
        "ends may be the same, and two tents with the same stretch lie within each other. For every tent, find the "
        "number of other tents that lie within it."
    )
    input_format = (
        "The first line holds the integer n (1 <= n <= 7000). Line i of the next n lines holds the integers a_i and "
        "b_i (0 <= a_i <= b_i <= 1000000000)."
    )
    output_format = "One line with n integers: the numbers for the tents 1 to n."
    samples = ("4\n1 6\n2 3\n2 5\n4 6\n", "3\n2 2\n2 2\n1 2\n")
    limits = Limits(cpu=1.0)
    topics = ("data structures", "Fenwick trees", "sorting")
    level = 6

    reference = """
import sys

data = list(map(int, sys.stdin.buffer.read().split()))
tents = list(zip(data[1::2], data[2::2]))
place = {b: i for i, b in enumerate(sorted({b for a, b in tents}), start=1)}
size = len(place)
tree = [0] * (size + 1)


def count(i):
    total = 0
    while i:
        total += tree[i]
        i -= i & -i
    return total


# From the largest beginning to the smallest, and from the smallest end to the largest: what lies within a tent comes
# before it; equal tents come together.
within = {}
for a, b in sorted(tents, key=lambda tent: (-tent[0], tent[1])):
    i = place[b]
    within[a, b] = count(i)
    while i <= size:
        tree[i] += 1
        i += i & -i
print(*(within[tent] for tent in tents))
"""
    equivalent = {"line 8: size + 1 -> size + 2": "a place behind the last is never used"}
    brute = """
n = int(input())
tents = [tuple(map(int, input().split())) for _ in range(n)]
print(*(sum(a <= c and d <= b for c, d in tents) - 1 for a, b in tents))
"""
    right = {
        "a sorted list of ends": Program(
            "python",
            """
from bisect import bisect_right, insort

n = int(input())
tents = []
for i in range(n):
    a, b = map(int, input().split())
    tents.append((a, b, i))
answer = [0] * n
ends = []
tents.sort(key=lambda t: -t[0])
i = 0
while i < n:
    j = i
    while j < n and tents[j][0] == tents[i][0]:
        insort(ends, tents[j][1])
        j += 1
    for a, b, number in tents[i:j]:
        answer[number] = bisect_right(ends, b) - 1
    i = j
print(*answer)
""",
        ),
        "merge sort in C++": Program(
            "cpp",
            """
#include <bits/stdc++.h>
using namespace std;
struct Tent { int a, b, i; };
vector<Tent> t, other;
vector<int> answer;
// Sorted by a falling; afterwards the part is sorted by b.
void solve(int l, int r) {
    if (r - l < 2) return;
    int m = (l + r) / 2;
    solve(l, m);
    solve(m, r);
    for (int i = m, j = l; i < r; i++) {
        while (j < m && t[j].b <= t[i].b) j++;
        answer[t[i].i] += j - l;
    }
    inplace_merge(t.begin() + l, t.begin() + m, t.begin() + r, [](auto& x, auto& y) { return x.b < y.b; });
}
int main() {
    int n;
    cin >> n;
    t.resize(n);
    answer.resize(n);
    for (int i = 0; i < n; i++) cin >> t[i].a >> t[i].b, t[i].i = i;
    sort(t.begin(), t.end(), [](auto& x, auto& y) { return x.a != y.a ? x.a > y.a : x.b < y.b; });
    vector<Tent> order = t;
    solve(0, n);
    for (int i = n - 1; i > 0; i--)  // of equal tents the last has seen all the others
        if (order[i].a == order[i - 1].a && order[i].b == order[i - 1].b)
            answer[order[i - 1].i] = answer[order[i].i];
    for (int x : answer) cout << x << ' ';
    cout << endl;
}
""",
        ),
    }
    wrong = {
        "strictly within": """
import sys
from bisect import bisect_left, insort

n, *data = map(int, sys.stdin.read().split())
tents = list(zip(data[::2], data[1::2]))
order = sorted(range(n), key=lambda i: -tents[i][0])
answer, ends, waiting = [0] * n, [], []
for i in order:
    a, b = tents[i]
    while waiting and waiting[0][0] > a:
        insort(ends, waiting.pop(0)[1])
    answer[i] = bisect_left(ends, b)
    waiting.append((a, b))
print(*answer)
""",
        "equal tents do not count": reference.replace("within[a, b] = count(i)", "within.setdefault((a, b), count(i))"),
        "the longer of two with the same beginning first": reference.replace(
            "(-tent[0], tent[1])", "(-tent[0], -tent[1])"
        ),
        "counts tents that only overlap": """
import sys
from bisect import bisect_left, bisect_right

n, *data = map(int, sys.stdin.read().split())
starts = sorted(data[::2])
for a, b in zip(data[::2], data[1::2]):
    print(bisect_right(starts, b) - bisect_left(starts, a) - 1)
""",
        "counts the tents around it": """
import sys
from bisect import bisect_left, insort

n, *data = map(int, sys.stdin.read().split())
tents = list(zip(data[::2], data[1::2]))
answer, ends = {}, []
for a, b in sorted(tents, key=lambda t: (t[0], -t[1])):
    answer[a, b] = len(ends) - bisect_left(ends, b)
    insort(ends, b)
print(*(answer[t] for t in tents))
""",
        "counts itself": reference.replace("print(*(within[tent] for", "print(*(within[tent] + 1 for"),
        "too slow: all pairs": """
n = int(input())
tents = [tuple(map(int, input().split())) for _ in range(n)]
answer = []
for a, b in tents:
    inside = -1
    for c, d in tents:
        if a <= c and d <= b:
            inside += 1
    answer.append(inside)
print(*answer)
""",
    }

    @classmethod
    def validate(cls, text: str) -> None:
        reader = Reader(text)
        n = reader.integer(1, N, "n")
        reader.line()
        for _ in range(n):
            reader.integer(reader.integer(0, PLACE, "a"), PLACE, "b")
            reader.line()
        reader.end()

    @classmethod
    def small(cls) -> Iterator[str]:
        spans = list(combinations_with_replacement(range(4), 2))
        yield from (text([span]) for span in spans[:3])
        yield from (text(pair) for pair in product(spans, repeat=2))
        yield from (text(some) for some in combinations(spans, 3))

    @classmethod
    def random(cls, rng: Rng, size: int) -> str:
        n = int(rng.integers(3, 6 + 2 * size)) if size <= 3 else min(N, 3**size // 4)
        return tents(rng, n, int(rng.choice([3, 8, n, PLACE])))

    @classmethod
    def worst(cls, rng: Rng) -> Iterator[str]:
        yield text([(i, PLACE - i) for i in range(N)])
        yield text([(0, i) for i in range(N)])
        yield text([(5, 7)] * N)
        yield tents(rng, N, PLACE)
        yield tents(rng, N, 1000)

    @classmethod
    def hack(cls, rng: Rng, idea: str) -> str:
        n = int(rng.integers(3, 20))
        if idea.startswith("too slow"):
            return text([(i, PLACE - n * i) for i in range(N)])
        if idea == "equal tents do not count":
            return text([(n, 2 * n)] * n)
        return text([(1, int(b)) for b in 1 + rng.permutation(n)] + [(int(a), n) for a in 1 + rng.permutation(n)])
