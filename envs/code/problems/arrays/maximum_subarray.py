"""Maximum sum of a contiguous stretch."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import product
from typing import TYPE_CHECKING

from whetstone.envs.code.blueprint import Blueprint
from whetstone.envs.code.reader import Reader
from whetstone.envs.code.sandbox.types import Limits, Program

if TYPE_CHECKING:
    from numpy.random import Generator as Rng

N, A = 100_000, 10**9


def text(values: Sequence[int]) -> str:
    return f"{len(values)}\n{' '.join(map(str, values))}\n"


class MaximumSubarray(Blueprint):
    title = "The best season"
    statement = (
        "A shop wrote down its profit of each of n days; losses are negative. A season is a stretch of one or more "
        "consecutive days. Find the largest total profit of a season."
    )
    input_format = (
        "The first line holds the integer n (1 <= n <= 100000). The second line holds n integers, the profits in the "
        "order of the days, each between -1000000000 and 1000000000."
    )
    output_format = "One integer: the largest total."
    samples = ("5\n3 -2 4 -5 1\n", "3\n-4 -2 -7\n")
    limits = Limits(cpu=1.0)
    topics = ("arrays", "dynamic programming", "prefix sums")
    level = 2

    reference = """
import sys

def main():
    data = sys.stdin.buffer.read().split()
    values = list(map(int, data[1:]))
    here = best = values[0]
    for x in values[1:]:
        here = max(here, 0) + x
        best = max(best, here)
    print(best)

main()
"""
    brute = """
n = int(input())
a = list(map(int, input().split()))
print(max(sum(a[i:j]) for i in range(n) for j in range(i + 1, n + 1)))
"""
    right = {
        "least prefix": Program(
            "python",
            """
n = int(input())
total, least, best = 0, 0, None
for x in map(int, input().split()):
    total += x
    if best is None or total - least > best:
        best = total - least
    if total < least:
        least = total
print(best)
""",
        ),
        "Kadane in C++": Program(
            "cpp",
            """
#include <bits/stdc++.h>
int main() {
    int n;
    scanf("%d", &n);
    long long here = LLONG_MIN / 2, best = LLONG_MIN / 2, x;
    while (n--) {
        scanf("%lld", &x);
        here = std::max(here, 0LL) + x;
        best = std::max(best, here);
    }
    printf("%lld\\n", best);
}
""",
        ),
    }
    wrong = {
        "the empty season counts": """
n = int(input())
here = best = 0
for x in map(int, input().split()):
    here = max(here + x, 0)
    best = max(best, here)
print(best)
""",
        "starts anew after every loss": """
n = int(input())
a = list(map(int, input().split()))
here = best = a[0]
for x in a[1:]:
    here = x if x < 0 or here < 0 else here + x
    best = max(best, here)
print(best)
""",
        "the sum of the profitable days": """
n = int(input())
a = list(map(int, input().split()))
print(sum(x for x in a if x > 0) if max(a) > 0 else max(a))
""",
        "highest prefix less lowest, in any order": """
from itertools import accumulate
n = int(input())
a = list(map(int, input().split()))
prefix = [0, *accumulate(a)]
print(max(prefix) - min(prefix) if max(a) > 0 else max(a))
""",
        "all pairs of days": """
n = int(input())
a = list(map(int, input().split()))
best = a[0]
for i in range(n):
    total = 0
    for j in range(i, n):
        total += a[j]
        if total > best:
            best = total
print(best)
""",
    }

    @classmethod
    def validate(cls, text: str) -> None:
        reader = Reader(text)
        n = reader.integer(1, N, "n")
        reader.line()
        reader.integers(n, -A, A, "a")
        reader.line()
        reader.end()

    @classmethod
    def small(cls) -> Iterator[str]:
        for n in range(1, 5):
            yield from (text(values) for values in product((-2, -1, 0, 1, 3), repeat=n))

    @classmethod
    def random(cls, rng: Rng, size: int) -> str:
        n = int(rng.integers(1, 4 * size)) if size <= 3 else min(N, 3**size)
        bound = int(rng.choice((3, 100, A)))
        shift = int(rng.integers(-bound, bound + 1)) // 2  # some are mostly losses, some mostly gains
        return text((rng.integers(-bound, bound + 1, n) + shift).clip(-A, A).tolist())

    @classmethod
    def worst(cls, rng: Rng) -> Iterator[str]:
        yield text([A] * N)
        yield text([-A] * N)
        yield text(rng.integers(-A, A + 1, N).tolist())

    @classmethod
    def hack(cls, rng: Rng, idea: str) -> str:
        n = int(rng.integers(3, 30))
        match idea:
            case "the empty season counts":
                values = rng.integers(-50, 0, n)
            case "highest prefix less lowest, in any order":  # rises first, falls deeper afterwards
                values = rng.permutation(rng.integers(1, 50, n)) * ([1] * (n // 2) + [-2] * (n - n // 2))
            case "all pairs of days":
                values = rng.integers(-A, A + 1, N)
            case _:  # small losses between great profits, and one that divides
                values = rng.integers(5, 50, n)
                values[1::2] = -rng.integers(1, 5, n // 2)
                values[int(rng.integers(n))] = -200
        return text(values.tolist())
