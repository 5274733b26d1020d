"""Ferry crossings: a rounded-up division and one step less."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from whetstone.envs.code.blueprint import Blueprint
from whetstone.envs.code.reader import Reader
from whetstone.envs.code.sandbox.types import Limits, Program

if TYPE_CHECKING:
    from numpy.random import Generator as Rng

MOST = 10**17


class FerryCrossings(Blueprint):
    """(2 * ceil(n / c) - 1) * t."""

    title = "Ferry crossings"
    statement = """\
A small ferry carries cars over a river. It takes at most c cars at a time and needs t minutes for one crossing, in
either direction and with any number of cars on board; loading and unloading take no time. At minute 0 the ferry and n
cars are on the west bank. The ferry brings all cars to the east bank as early as possible, and stays there once the
last car has landed. At which minute does the last car land?"""
    input_format = "One line with three integers n, c and t (1 <= n, c <= 10^17, 1 <= t <= 30), separated by spaces."
    output_format = "One integer: the minute at which the last car lands on the east bank."
    samples = ("5 2 10\n", "3 7 4\n", "6 3 1\n")
    limits = Limits(cpu=1.0)
    topics = ("implementation", "arithmetic")
    level = 0

    reference = """\
n, c, t = map(int, input().split())
trips = (n + c - 1) // c
print((2 * trips - 1) * t)
"""
    brute = """\
n, c, t = map(int, input().split())
minute = 0
while True:
    n -= c
    minute += t
    if n <= 0:
        break
    minute += t
print(minute)
"""
    right = {
        "divmod": Program(
            "python",
            """\
import sys
n, c, t = (int(x) for x in sys.stdin.read().split())
full, rest = divmod(n, c)
trips = full + (rest > 0)
print(trips * t + (trips - 1) * t)
""",
        ),
        "64-bit integers": Program(
            "cpp",
            """\
#include <iostream>
int main() {
    long long n, c, t;
    std::cin >> n >> c >> t;
    long long back = (n - 1) / c;
    std::cout << (2 * back + 1) * t << "\\n";
}
""",
        ),
    }
    wrong = {
        "counts the last way back": """\
n, c, t = map(int, input().split())
trips = (n + c - 1) // c
print(2 * trips * t)
""",
        "rounds the number of trips down": """\
n, c, t = map(int, input().split())
trips = max(1, n // c)
print((2 * trips - 1) * t)
""",
        "one trip more when the cars fill the ferry exactly": """\
n, c, t = map(int, input().split())
trips = n // c + 1
print((2 * trips - 1) * t)
""",
        "divides in floating point": """\
import math
n, c, t = map(int, input().split())
trips = math.ceil(n / c)
print((2 * trips - 1) * t)
""",
        "forgets that the ferry must come back": """\
n, c, t = map(int, input().split())
print((n + c - 1) // c * t)
""",
        "too slow: trip by trip": """\
n, c, t = map(int, input().split())
minute = t
while n > c:
    n -= c
    minute += 2 * t
print(minute)
""",
    }

    @classmethod
    def validate(cls, text: str) -> None:
        reader = Reader(text)
        reader.integer(1, MOST, "n")
        reader.integer(1, MOST, "c")
        reader.integer(1, 30, "t")
        reader.line()
        reader.end()

    @classmethod
    def small(cls) -> Iterator[str]:
        for n in range(1, 15):
            for c in range(1, 9):
                for t in (1, 2, 30):
                    yield f"{n} {c} {t}\n"

    @classmethod
    def random(cls, rng: Rng, size: int) -> str:
        top = 10**size if size < 4 else MOST
        n = int(rng.integers(1, top + 1))
        if size < 4:
            c = int(rng.integers(1, int(rng.choice([50, n + 1])) + 1))
        else:  # very many trips or few
            c = int(rng.integers(1, 50)) if rng.integers(2) else n // 2 ** int(rng.integers(size)) + 1
        if rng.integers(3) == 0:
            n = max(1, n // c) * c
        return f"{n} {c} {rng.integers(1, 31)}\n"

    @classmethod
    def worst(cls, rng: Rng) -> Iterator[str]:
        yield f"{MOST} 1 30\n"
        yield f"{MOST} 2 29\n"
        yield f"{MOST - int(rng.integers(1000))} 3 30\n"
        yield f"1 {MOST} 30\n"
        yield f"{MOST} {MOST} 30\n"

    @classmethod
    def hack(cls, rng: Rng, idea: str) -> str:
        c = int(rng.integers(2, 1000))
        trips = int(rng.integers(2, 1000))
        n, t = trips * c, int(rng.integers(1, 31))
        if idea.startswith("rounds"):
            n += int(rng.integers(1, c))
        elif idea.startswith("divides"):
            c = int(rng.integers(10**6, 10**7))
            n = (MOST // c - int(rng.integers(1000))) * c + 1
        elif idea.startswith("too slow"):
            n = MOST - int(rng.integers(10**6))
        return f"{n} {c} {t}\n"
