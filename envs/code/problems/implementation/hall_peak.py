"""Hall peak: running sums of a log and the time spent at their maximum."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import product
from typing import TYPE_CHECKING

from whetstone.envs.code.blueprint import Blueprint
from whetstone.envs.code.reader import Reader
from whetstone.envs.code.sandbox.types import Limits, Program

if TYPE_CHECKING:
    from numpy.random import Generator as Rng

MOST = 10_000
LATEST = 10**9
CROWD = 1000


def written(events: Sequence[tuple[int, int]]) -> str:
    """The input for events given as (time, change of the number of visitors)."""
    lines = [f"{time} {'in' if change > 0 else 'out'} {abs(change)}" for time, change in events]
    return "\n".join([str(len(events)), *lines, ""])


def made(rng: Rng, n: int, gap: int, crowd: int, flat: bool) -> str:
    """A random log of about `n` lines with gaps up to `gap`; a flat one returns to its peak often."""
    time, inside, events = int(rng.integers(gap)), 0, []
    for _ in range(n - 1):
        if inside == 0 or (rng.integers(2) and not (flat and inside >= crowd)):
            change = crowd if flat else int(rng.integers(1, crowd + 1))
        else:
            change = -min(inside, crowd if flat else int(rng.integers(1, crowd + 1)))
        events.append((time, change))
        inside += change
        time += int(rng.integers(1, gap + 1))
    while inside > 0:
        events.append((time, -min(inside, CROWD)))
        inside -= min(inside, CROWD)
        time += int(rng.integers(1, gap + 1))
    return written(events)


class HallPeak(Blueprint):
    """The maximum of the running sums, and the total length of the gaps after it."""

    title = "Peak of the hall"
    statement = """\
The doors of an exhibition hall keep a log. Each line of it says at which second how many visitors went in or came out,
all at once. The hall is empty before the first line and again after the last one, and never more visitors come out than
are inside. The number of visitors changes at the logged seconds only: after a line at second s and before the next one
at second u it stays the same for u - s seconds.

Find the largest number of visitors that were ever inside, and for how many seconds in total that many were inside."""
    input_format = """\
The first line holds an integer n (2 <= n <= 10000), the number of lines of the log. Each of the next n lines holds the
second s (0 <= s <= 10^9), the word in or out, and the number k of visitors (1 <= k <= 1000), separated by spaces. The
seconds are strictly increasing. The hall is empty after the last line."""
    output_format = "Two integers separated by a space: the largest number of visitors, and the seconds it lasted."
    samples = ("4\n0 in 3\n5 out 1\n8 in 1\n10 out 3\n", "4\n1 in 2\n2 in 4\n7 out 5\n9 out 1\n")
    limits = Limits(cpu=1.0)
    topics = ("implementation", "prefix sums")
    level = 2

    reference = """\
inside = peak = seconds = before = 0
for _ in range(int(input())):
    s, word, k = input().split()
    s = int(s)
    if inside > peak:
        peak = inside
        seconds = 0
    if inside == peak:
        seconds += s - before
    before = s
    inside += int(k) if word == "in" else -int(k)
print(peak, seconds)
"""
    brute = """\
import sys

words = sys.stdin.read().split()[1:]
log = {int(words[i]): int(words[i + 2]) * (1 if words[i + 1] == "in" else -1) for i in range(0, len(words), 3)}
during = []
inside = 0
for second in range(max(log)):
    inside += log.get(second, 0)
    during.append(inside)
print(max(during), during.count(max(during)))
"""
    right = {
        "a histogram of the seconds": Program(
            "python",
            """\
import sys
from collections import Counter

times, counts = [], []
inside = 0
next(sys.stdin)
for line in sys.stdin:
    s, word, k = line.split()
    inside += {"in": 1, "out": -1}[word] * int(k)
    times.append(int(s))
    counts.append(inside)
lasted = Counter()
for a, b, c in zip(times, times[1:], counts):
    lasted[c] += b - a
peak = max(lasted)
print(peak, lasted[peak])
""",
        ),
        "two passes": Program(
            "cpp",
            """\
#include <bits/stdc++.h>
using namespace std;
int main() {
    int n;
    cin >> n;
    vector<long long> t(n), c(n);
    long long inside = 0, k, peak = 0, seconds = 0;
    string word;
    for (int i = 0; i < n; i++) {
        cin >> t[i] >> word >> k;
        c[i] = inside += word == "in" ? k : -k;
        peak = max(peak, inside);
    }
    for (int i = 0; i + 1 < n; i++)
        if (c[i] == peak) seconds += t[i + 1] - t[i];
    cout << peak << " " << seconds << endl;
}
""",
        ),
    }
    wrong = {
        "only the first time at the peak": """\
n = int(input())
inside = peak = seconds = 0
log = [input().split() for _ in range(n)]
for i in range(n):
    inside += int(log[i][2]) if log[i][1] == "in" else -int(log[i][2])
    if inside > peak:
        peak = inside
        seconds = int(log[i + 1][0]) - int(log[i][0])
print(peak, seconds)
""",
        "forgets to start again at a new peak": """\
n = int(input())
inside = peak = seconds = 0
log = [input().split() for _ in range(n)]
for i in range(n):
    inside += int(log[i][2]) if log[i][1] == "in" else -int(log[i][2])
    if inside >= peak and i + 1 < n:
        peak = inside
        seconds += int(log[i + 1][0]) - int(log[i][0])
print(peak, seconds)
""",
        "counts visits to the peak": """\
n = int(input())
inside = peak = visits = 0
for _ in range(n):
    s, word, k = input().split()
    inside += int(k) if word == "in" else -int(k)
    if inside > peak:
        peak, visits = inside, 1
    elif inside == peak:
        visits += 1
print(peak, visits)
""",
        "from the first to the last moment at the peak": """\
n = int(input())
inside, counts, times = 0, [], []
for _ in range(n):
    s, word, k = input().split()
    inside += int(k) if word == "in" else -int(k)
    counts.append(inside)
    times.append(int(s))
peak = max(counts)
first = counts.index(peak)
last = n - 1 - counts[::-1].index(peak)
print(peak, times[last + 1] - times[first])
""",
        "counts both ends of each stretch": """\
n = int(input())
inside = peak = seconds = before = 0
for _ in range(n):
    s, word, k = input().split()
    if inside > peak:
        peak, seconds = inside, 0
    if inside == peak:
        seconds += int(s) - before + 1
    before = int(s)
    inside += int(k) if word == "in" else -int(k)
print(peak, seconds)
""",
        "too slow: second by second": """\
n = int(input())
log = {}
for _ in range(n):
    s, word, k = input().split()
    log[int(s)] = int(k) if word == "in" else -int(k)
inside = peak = seconds = 0
for second in range(max(log)):
    inside += log.get(second, 0)
    if inside > peak:
        peak, seconds = inside, 0
    seconds += inside == peak
print(peak, seconds)
""",
    }

    @classmethod
    def validate(cls, text: str) -> None:
        reader = Reader(text)
        n = reader.integer(2, MOST, "n")
        reader.line()
        before, inside = -1, 0
        for i in range(n):
            before = reader.integer(before + 1, LATEST, f"s[{i}]")
            word = reader.token(f"word[{i}]")
            if word not in ("in", "out"):
                raise ValueError(f"line {i} of the log: expected in or out, found {word[:20]!r}")
            inside += reader.integer(1, CROWD, f"k[{i}]") * (1 if word == "in" else -1)
            if inside < 0:
                raise ValueError(f"line {i} of the log: more visitors come out than are inside")
            reader.line()
        if inside:
            raise ValueError(f"expected an empty hall after the last line, found {inside} visitors inside")
        reader.end()

    @classmethod
    def small(cls) -> Iterator[str]:
        for n in range(2, 7):
            for changes in product((-2, -1, 1, 2), repeat=n):
                sums = [sum(changes[: i + 1]) for i in range(n)]
                if min(sums) == 0 and sums[-1] == 0:
                    yield written(list(enumerate(changes)))
                    yield written([(i * (i + 3) + n, change) for i, change in enumerate(changes)])

    @classmethod
    def random(cls, rng: Rng, size: int) -> str:
        flat = bool(rng.integers(2))
        if size < 4:
            return made(rng, int(rng.integers(2, 3 * size + 2)), 4 * size, int(rng.integers(1, 4)), flat)
        return made(rng, 90 * size, 10**5, int(rng.integers(1, CROWD + 1)), flat)

    @classmethod
    def worst(cls, rng: Rng) -> Iterator[str]:
        half = MOST // 2
        yield written([(i if i < half else LATEST - MOST + i, CROWD if i < half else -CROWD) for i in range(MOST)])
        yield written([(i * 99_999, -CROWD if i % 2 else CROWD) for i in range(MOST)])
        yield written([(0, 1), (LATEST, -1)])

    @classmethod
    def hack(cls, rng: Rng, idea: str) -> str:
        if idea.startswith("too slow"):
            return written([(int(rng.integers(1000)), 7), (LATEST - int(rng.integers(1000)), -7)])
        k = int(rng.integers(2, CROWD))
        gaps = rng.integers(2, 100, size=6)
        times = [int(gaps[: i + 1].sum()) for i in range(6)]
        return written(list(zip(times, (1, k - 1, -1, 1, -k + 1, -1), strict=True)))
