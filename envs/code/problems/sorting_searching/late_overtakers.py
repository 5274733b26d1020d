"""Late overtakers: pairs out of order by more than d, by merge sort."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import product
from typing import TYPE_CHECKING

from whetstone.envs.code.blueprint import Blueprint
from whetstone.envs.code.reader import Reader
from whetstone.envs.code.sandbox.types import Limits, Program

if TYPE_CHECKING:
    from numpy.random import Generator as Rng

MOST = 20_000
LATE = 10**9


def written(d: int, a: Sequence[int]) -> str:
    """The input for the margin and the times."""
    return f"{len(a)} {d}\n{' '.join(map(str, a))}\n"


class LateOvertakers(Blueprint):
    """Inversions with a margin."""

    title = "Clear overtakings"
    statement = """\
At a time trial n cyclists start one after another; cyclist i, in the order of the starts, reaches the goal at second
a_i of the day. Cyclist j has clearly overtaken cyclist i if j started later than i and reached the goal more than d
seconds before i. How many pairs of cyclists are there of whom one has clearly overtaken the other?"""
    input_format = """\
The first line holds two integers n and d (1 <= n <= 20000, 0 <= d <= 10^9). The second line holds n integers
a_1 ... a_n, the seconds of arrival in the order of the starts (0 <= a_i <= 10^9)."""
    output_format = "One integer: the number of pairs."
    samples = ("4 0\n7 3 5 3\n", "5 2\n9 8 7 6 5\n", "1 0\n4\n")
    limits = Limits(cpu=1.0)
    topics = ("sorting", "divide and conquer", "inversions")
    level = 5

    reference = """\
n, d = map(int, input().split())
times = list(map(int, input().split()))
total = 0
width = 1
while width < n:  # stretches of this width are sorted
    for start in range(0, n, 2 * width):
        left = times[start : start + width]
        right = times[start + width : start + 2 * width]
        earlier = 0
        for time in left:
            while earlier < len(right) and right[earlier] < time - d:
                earlier += 1
            total += earlier
        times[start : start + 2 * width] = sorted(left + right)
    width *= 2
print(total)
"""
    brute = """\
n, d = map(int, input().split())
a = list(map(int, input().split()))
print(sum(a[i] - a[j] > d for j in range(n) for i in range(j)))
"""
    right = {
        "a sorted list with insertion": Program(
            "python",
            """\
import sys
from bisect import bisect_right, insort

data = [int(x) for x in sys.stdin.buffer.read().split()]
d = data[1]
seen = []
total = 0
for time in data[2:]:
    total += len(seen) - bisect_right(seen, time + d)
    insort(seen, time)
print(total)
""",
        ),
        "Fenwick tree over ranks": Program(
            "cpp",
            """\
#include <bits/stdc++.h>
using namespace std;
int main() {
    int n, d;
    cin >> n >> d;
    vector<int> a(n);
    for (int &x : a) cin >> x;
    vector<int> sorted(a);
    sort(sorted.begin(), sorted.end());
    vector<int> tree(n + 1);
    long long total = 0;
    for (int i = 0; i < n; i++) {
        long long limit = (long long)a[i] + d;
        int seen = i;
        for (int r = upper_bound(sorted.begin(), sorted.end(), limit) - sorted.begin(); r; r -= r & -r) seen -= tree[r];
        total += seen;
        int rank = lower_bound(sorted.begin(), sorted.end(), a[i]) - sorted.begin() + 1;
        for (int r = rank; r <= n; r += r & -r) tree[r]++;
    }
    cout << total << "\\n";
}
""",
        ),
    }
    wrong = {
        "by d seconds or more": """\
from bisect import bisect_left, insort
n, d = map(int, input().split())
seen = []
total = 0
for time in map(int, input().split()):
    total += len(seen) - bisect_left(seen, time + d)
    insort(seen, time)
print(total)
""",
        "ignores the margin": """\
from bisect import bisect_right, insort
n, d = map(int, input().split())
seen = []
total = 0
for time in map(int, input().split()):
    total += len(seen) - bisect_right(seen, time)
    insort(seen, time)
print(total)
""",
        "only the cyclist who started just before": """\
n, d = map(int, input().split())
a = list(map(int, input().split()))
print(sum(x - y > d for x, y in zip(a, a[1:])))
""",
        "pairs that arrive in the order of the starts": """\
from bisect import bisect_left, insort
n, d = map(int, input().split())
seen = []
total = 0
for time in map(int, input().split()):
    total += bisect_left(seen, time - d)
    insort(seen, time)
print(total)
""",
        "counts while merging, with the margin in the merge itself": """\
n, d = map(int, input().split())
a = list(map(int, input().split()))

def count(a):
    if len(a) < 2:
        return a, 0
    left, x = count(a[: len(a) // 2])
    right, y = count(a[len(a) // 2 :])
    merged, total, i = [], x + y, 0
    for time in right:
        while i < len(left) and left[i] <= time + d:
            merged.append(left[i])
            i += 1
        total += len(left) - i
        merged.append(time)
    return merged + left[i:], total

print(count(a)[1])
""",
        "how often the best so far is overtaken": """\
n, d = map(int, input().split())
total = latest = 0
for time in map(int, input().split()):
    if latest - time > d:
        total += 1
    latest = max(latest, time)
print(total)
""",
        "too slow: all pairs": """\
n, d = map(int, input().split())
a = list(map(int, input().split()))
total = 0
for j in range(n):
    limit = a[j] + d
    for i in range(j):
        if a[i] > limit:
            total += 1
print(total)
""",
    }

    equivalent = {
        "line 5: width < n -> width <= n": "one more pass over a sorted list, without a second half",
        "line 6: range(0, n, 2 * width) -> range(0, n - 1, 2 * width)": "a single last cyclist has no second half",
    }

    @classmethod
    def validate(cls, text: str) -> None:
        reader = Reader(text)
        n = reader.integer(1, MOST, "n")
        reader.integer(0, LATE, "d")
        reader.line()
        reader.integers(n, 0, LATE, "a")
        reader.line()
        reader.end()

    @classmethod
    def small(cls) -> Iterator[str]:
        for n in range(1, 5):
            for a in product((0, 1, 3), repeat=n):
                for d in (0, 2) if n == 4 else (0, 1, 2):
                    yield written(d, a)
        yield written(LATE, [LATE, 0])
        yield written(LATE - 1, [LATE, 0])

    @classmethod
    def random(cls, rng: Rng, size: int) -> str:
        n = int(rng.integers(1, 6 * size + 2)) if size < 4 else min(MOST, int(rng.integers(1, 2 * size**4)))
        late = int(rng.choice([3, 2 * n, LATE]))
        a = rng.integers(late + 1, size=n)
        kind = int(rng.integers(4))
        if kind == 0:
            a[::-1].sort()  # falling
        elif kind == 1:  # nearly in order
            a.sort()
            i, j = rng.integers(n, size=2)
            a[i], a[j] = a[j], a[i]
        d = 0 if rng.integers(3) == 0 else int(rng.integers(late // int(rng.integers(1, 5)) + 1))
        return written(d, a.tolist())

    @classmethod
    def worst(cls, rng: Rng) -> Iterator[str]:
        yield written(LATE // 4, rng.integers(LATE + 1, size=MOST).tolist())
        yield written(0, list(range(LATE, LATE - MOST, -1)))
        yield written(0, list(range(MOST)))
        yield written(0, [LATE] * MOST)

    @classmethod
    def hack(cls, rng: Rng, idea: str) -> str:
        if idea.startswith("too slow"):
            return written(int(rng.integers(LATE)), rng.integers(LATE + 1, size=MOST).tolist())
        n, d = int(rng.integers(5, 40)), int(rng.integers(2, 9))
        a = rng.integers(4 * d, size=n).tolist()
        return written(d, [5 * d, 4 * d, *a, 3 * d, 0])
