"""The largest set of intervals that do not overlap."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import combinations, product
from typing import TYPE_CHECKING

from whetstone.envs.code.blueprint import Blueprint
from whetstone.envs.code.problem import Comparison
from whetstone.envs.code.reader import Reader
from whetstone.envs.code.sandbox.types import Limits, Program

if TYPE_CHECKING:
    from numpy.random import Generator as Rng

N, TIME = 9_000, 1_000_000


def text(wishes: Iterable[tuple[int, int]]) -> str:
    lines = [f"{s} {e}\n" for s, e in wishes]
    return f"{len(lines)}\n" + "".join(lines)


def wishes(rng: Rng, n: int, end: int, longest: int) -> str:
    starts = rng.integers(end, size=n)
    ends = (starts + 1 + rng.integers(longest, size=n)).clip(max=end)
    return text(zip(starts.tolist(), ends.tolist(), strict=True))


class DomeNights(Blueprint):
    title = "One telescope, many wishes"
    statement = (
        "An observatory has one telescope and n wishes to use it, numbered from 1 to n. Wish i needs the telescope "
        "without a break from minute s to minute e. Two wishes can both be granted if they do not overlap; one may "
        "begin in the very minute in which another ends. Grant as many wishes as possible. If there are several "
        "ways, any of them will do."
    )
    input_format = (
        "The first line holds the integer n (1 <= n <= 9000). Line i of the next n lines holds the integers s and e "
        "of wish i (0 <= s < e <= 1000000)."
    )
    output_format = (
        "Two lines: the largest number of wishes that can be granted, and the numbers of the wishes granted in any "
        "order, separated by spaces."
    )
    samples = ("4\n1 4\n3 5\n0 6\n5 7\n", "2\n0 9\n2 3\n")
    limits = Limits(cpu=1.0)
    topics = ("greedy", "intervals", "sorting")
    level = 3
    comparison = Comparison(
        "checker",
        checker="""
def check(input, output, answer):
    lines = [tuple(map(int, line.split())) for line in input.splitlines()]
    found, best = output.split(), int(answer.split()[0])
    if not found or not all(token.isascii() and token.isdigit() and len(token) < 10 for token in found):
        raise ValueError("expected numbers")
    count, *chosen = map(int, found)
    if len(chosen) != count or len(set(chosen)) != count:
        raise ValueError("expected as many different wishes as the first number says")
    if not all(1 <= i < len(lines) for i in chosen):
        raise ValueError("expected numbers of wishes from 1 to n")
    times = sorted(lines[i] for i in chosen)
    for (_, end), (start, _) in zip(times, times[1:]):
        if start < end:
            raise ValueError("two of the wishes overlap")
    if count < best:
        raise ValueError("more wishes can be granted")
    if count > best:
        raise RuntimeError("more wishes than the reference grants")
""",
    )

    reference = """
n = int(input())
wishes = [tuple(map(int, input().split())) for _ in range(n)]
free = 0
granted = []
for i in sorted(range(n), key=lambda i: wishes[i][1]):
    start, end = wishes[i]
    if start >= free:
        granted.append(i + 1)
        free = end
print(len(granted))
print(*granted)
"""
    equivalent = {"line 4: 0 -> -1": "no wish starts before minute 0"}
    brute = """
n = int(input())
wishes = [tuple(map(int, input().split())) for _ in range(n)]
best = []
for mask in range(1 << n):
    chosen = [i for i in range(n) if mask >> i & 1]
    minutes = [minute for i in chosen for minute in range(*wishes[i])]
    if len(minutes) == len(set(minutes)) and len(chosen) > len(best):
        best = chosen
print(len(best))
print(*(i + 1 for i in best))
"""
    right = {
        "the latest start first": Program(
            "python",
            """
import sys

def main():
    lines = sys.stdin.read().splitlines()[1:]
    todo = []
    for number, line in enumerate(lines, start=1):
        s, e = line.split()
        todo.append((int(s), int(e), number))
    todo.sort(reverse=True)
    answer, limit = [], 10 ** 9
    for s, e, number in todo:
        if e <= limit:
            limit = s
            answer.append(number)
    print(len(answer), *answer, sep="\\n")

main()
""",
        ),
        "table and binary search": Program(
            "python",
            """
from bisect import bisect_right

n = int(input())
rows = []
for i in range(n):
    s, e = map(int, input().split())
    rows.append((e, s, i + 1))
rows.sort()
ends = [row[0] for row in rows]
best = [0] * (n + 1)
for k, (e, s, i) in enumerate(rows):
    best[k + 1] = max(best[k], 1 + best[bisect_right(ends, s, 0, k)])
plan, k = [], n
while k:
    e, s, i = rows[k - 1]
    if best[k] == best[k - 1]:
        k -= 1
    else:
        plan.append(str(i))
        k = bisect_right(ends, s, 0, k - 1)
print(best[n])
print(" ".join(plan))
""",
        ),
    }
    wrong = {
        "the earliest start first": reference.replace("wishes[i][1])", "wishes[i])"),
        "the shortest first": """
n = int(input())
wishes = [tuple(map(int, input().split())) for _ in range(n)]
granted = []
for i in sorted(range(n), key=lambda i: wishes[i][1] - wishes[i][0])[:2000]:
    if all(wishes[i][1] <= wishes[j][0] or wishes[j][1] <= wishes[i][0] for j in granted):
        granted.append(i)
print(len(granted))
print(*(i + 1 for i in granted))
""",
        "a pause between two wishes": reference.replace("start >= free", "start > free").replace(
            "free = 0", "free = -1"
        ),
        "the fewest overlaps first": """
n = int(input())
wishes = [tuple(map(int, input().split())) for _ in range(n)]

def overlap(i, j):
    return wishes[i][0] < wishes[j][1] and wishes[j][0] < wishes[i][1]

degree = [sum(overlap(i, j) for j in range(n)) for i in range(n)]
granted = []
for i in sorted(range(n), key=lambda i: degree[i]):
    if not any(overlap(i, j) for j in granted):
        granted.append(i)
print(len(granted))
print(*(i + 1 for i in granted))
""",
        "counts wishes from 0": reference.replace("i + 1", "i"),
        "too slow: compares all pairs": """
n = int(input())
wishes = []
for i in range(n):
    s, e = map(int, input().split())
    wishes.append((s, e, i + 1))
wishes.sort()
best = [1] * n
link = [-1] * n
for i in range(n):
    for j in range(i):
        if wishes[j][1] <= wishes[i][0] and best[j] + 1 > best[i]:
            best[i] = best[j] + 1
            link[i] = j
i = max(range(n), key=lambda i: best[i])
print(best[i])
while i >= 0:
    print(wishes[i][2])
    i = link[i]
""",
    }

    @classmethod
    def validate(cls, text: str) -> None:
        reader = Reader(text)
        n = reader.integer(1, N, "n")
        reader.line()
        for _ in range(n):
            start = reader.integer(0, TIME - 1, "s")
            reader.integer(start + 1, TIME, "e")
            reader.line()
        reader.end()

    @classmethod
    def small(cls) -> Iterator[str]:
        spans = list(combinations(range(5), 2))
        yield from (text([span]) for span in spans)
        yield from (text(pair) for pair in product(spans, repeat=2))
        yield from (text(reversed(some)) for some in combinations(spans, 3))

    @classmethod
    def random(cls, rng: Rng, size: int) -> str:
        n = int(rng.integers(2, 5 + size)) if size <= 3 else min(N, 3**size // 4)
        end = int(rng.choice([6, 12, 20])) if size <= 3 else int(rng.choice([n, 5 * n, TIME]))
        return wishes(rng, n, min(end, TIME), int(rng.choice([3, max(3, end // 20), end])))

    @classmethod
    def worst(cls, rng: Rng) -> Iterator[str]:
        yield wishes(rng, N, TIME, TIME // 2)
        yield wishes(rng, N, TIME, TIME // 100)
        yield wishes(rng, N, TIME, TIME)

    @classmethod
    def hack(cls, rng: Rng, idea: str) -> str:
        if idea.startswith("too slow"):
            return wishes(rng, N, TIME, 100)
        k, width = int(rng.integers(2, 30)), int(rng.integers(4, 100))
        rows = [(i * width, (i + 1) * width) for i in range(k)]
        if idea == "the earliest start first":
            rows = [(s + 1, e) for s, e in rows] + [(0, k * width)]
        if idea == "the shortest first":  # a short wish across each second border
            rows += [(i * width - 1, i * width + 1) for i in range(1, k, 2)]
        if idea == "the fewest overlaps first":  # the wish in the middle has two overlaps, all others more
            rows = [(0, 4), (4, 8), (8, 12), (12, 16), (6, 10), *[(3, 5), (11, 13)] * 3]
            rows = [(s * width, e * width) for s, e in rows]
        return text(rows[i] for i in rng.permutation(len(rows)))
