"""Locker tokens: the sum of all divisors of all numbers in a range, by blocks of equal quotients."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from whetstone.envs.code.blueprint import Blueprint
from whetstone.envs.code.reader import Reader
from whetstone.envs.code.sandbox.types import Limits, Program

if TYPE_CHECKING:
    from numpy.random import Generator as Rng

MOST = 10**9


class LockerTokens(Blueprint):
    """The sum of d * (floor(r / d) - floor((l - 1) / d)) over all d."""

    title = "Tokens in lockers"
    statement = """\
A hall has very many lockers, numbered 1, 2, 3 and so on. Guest d walks along the hall and puts d tokens into each
locker whose number is divisible by d. This is done by guest 1, guest 2, and so on, without end. How many tokens do the
lockers from number l to number r (both included) hold together?"""
    input_format = "One line with two integers l and r (1 <= l <= r <= 10^9), separated by a space."
    output_format = "One integer: the number of tokens in the lockers l to r together."
    samples = ("1 4\n", "6 6\n", "10 20\n")
    limits = Limits(cpu=1.0)
    topics = ("number theory", "divisors")
    level = 5

    reference = """\
def tokens(n):
    # in the lockers 1 to n
    total = 0
    first = 1
    while first <= n:
        visits = n // first
        last = n // visits  # the guests first to last visit so many lockers each
        total += visits * (first + last) * (last - first + 1) // 2
        first = last + 1
    return total

l, r = map(int, input().split())
print(tokens(r) - tokens(l - 1))
"""
    brute = """\
l, r = map(int, input().split())
print(sum(d for locker in range(l, r + 1) for d in range(1, locker + 1) if locker % d == 0))
"""
    right = {
        "pairs of divisors around the square root": Program(
            "python",
            """\
import sys
from math import isqrt

def tokens(n):
    root = isqrt(n)
    total = 0
    for d in range(1, root + 1):
        q = n // d
        # d with every partner e >= d, and those partners themselves
        total += d * (q - d + 1) + (q * (q + 1) - d * (d + 1)) // 2
    return total

for line in sys.stdin:
    l, r = map(int, line.split())
    print(tokens(r) - tokens(l - 1))
""",
        ),
        "blocks in C++": Program(
            "cpp",
            """\
#include <iostream>
typedef unsigned long long u64;
u64 tokens(u64 n) {
    u64 total = 0;
    for (u64 a = 1, b; a <= n; a = b + 1) {
        b = n / (n / a);
        total += n / a * ((a + b) * (b - a + 1) / 2);
    }
    return total;
}
int main() {
    u64 l, r;
    std::cin >> l >> r;
    std::cout << tokens(r) - tokens(l - 1) << std::endl;
}
""",
        ),
    }
    wrong = {
        "leaves out the locker's own number": """\
def tokens(n):
    total, a = 0, 1
    while a <= n:
        b = n // (n // a)
        total += (n // a - 1) * (a + b) * (b - a + 1) // 2
        a = b + 1
    return total

l, r = map(int, input().split())
print(tokens(r) - tokens(l - 1))
""",
        "one token from each guest": """\
def tokens(n):
    total, a = 0, 1
    while a <= n:
        b = n // (n // a)
        total += n // a * (b - a + 1)
        a = b + 1
    return total

l, r = map(int, input().split())
print(tokens(r) - tokens(l - 1))
""",
        "leaves out locker l": """\
def tokens(n):
    total, a = 0, 1
    while a <= n:
        b = n // (n // a)
        total += n // a * (a + b) * (b - a + 1) // 2
        a = b + 1
    return total

l, r = map(int, input().split())
print(tokens(r) - tokens(l))
""",
        "divides in floating point": """\
def tokens(n):
    total, a = 0, 1
    while a <= n:
        b = n // (n // a)
        total += n // a * int((a + b) / 2 * (b - a + 1))
        a = b + 1
    return float(total)

l, r = map(int, input().split())
print(int(tokens(r) - tokens(l - 1)))
""",
        "counts a divisor twice at squares": """\
from math import isqrt

def tokens(n):
    total = 0
    for d in range(1, isqrt(n) + 1):
        q = n // d
        total += d * (q - d + 1) + (q * (q + 1) - d * (d - 1)) // 2
    return total

l, r = map(int, input().split())
print(tokens(r) - tokens(l - 1))
""",
        "guests up to the square root only": """\
from math import isqrt

def tokens(n):
    return sum(d * (n // d) for d in range(1, isqrt(n) + 1))

l, r = map(int, input().split())
print(tokens(r) - tokens(l - 1))
""",
        "too slow: guest by guest": """\
l, r = map(int, input().split())
total = 0
d = 1
while d <= r:
    total += d * (r // d - (l - 1) // d)
    d += 1
print(total)
""",
    }

    equivalent = {
        "line 3: 0 -> 1": "one more in both numbers, which are subtracted",
        "line 3: 0 -> -1": "one less in both numbers, which are subtracted",
    }

    @classmethod
    def validate(cls, text: str) -> None:
        reader = Reader(text)
        left = reader.integer(1, MOST, "l")
        reader.integer(left, MOST, "r")
        reader.line()
        reader.end()

    @classmethod
    def small(cls) -> Iterator[str]:
        for r in range(1, 27):
            for left in range(1, r + 1):
                yield f"{left} {r}\n"

    @classmethod
    def random(cls, rng: Rng, size: int) -> str:
        # the medium ones are small enough or large enough to tell how long a program takes
        top = 60 * size if size < 4 else 1000 * size if size < 8 else MOST
        left, right = sorted(int(x) for x in rng.integers(1, top + 1, size=2))
        kind = int(rng.integers(4))
        if kind == 0:
            left = 1
        elif kind == 1:
            left = right
        elif kind == 2:
            right = max(left, int(right**0.5) ** 2)
        return f"{left} {right}\n"

    @classmethod
    def worst(cls, rng: Rng) -> Iterator[str]:
        yield f"1 {MOST}\n"
        yield f"{MOST} {MOST}\n"
        yield f"{MOST // 2} {MOST - 1}\n"
        yield f"2 {31622**2}\n"
        yield f"{int(rng.integers(1, MOST // 2))} {MOST}\n"

    @classmethod
    def hack(cls, rng: Rng, idea: str) -> str:
        if idea.startswith(("too slow", "divides")):
            return f"{int(rng.integers(1, MOST // 2))} {int(rng.integers(MOST // 2, MOST + 1))}\n"
        left = int(rng.integers(1, 500))
        return f"{left} {left + int(rng.integers(1, 500))}\n"
