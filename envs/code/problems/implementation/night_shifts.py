"""Night shifts: clock times, midnight and a padded output."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from whetstone.envs.code.blueprint import Blueprint
from whetstone.envs.code.reader import Reader
from whetstone.envs.code.sandbox.types import Limits, Program

if TYPE_CHECKING:
    from numpy.random import Generator as Rng

MOST = 1000
DAY = 24 * 60


def written(shifts: Sequence[tuple[int, int]]) -> str:
    """The input for shifts given as (start, end) in minutes after midnight."""
    lines = [f"{a // 60:02}:{a % 60:02} {b // 60:02}:{b % 60:02}" for a, b in shifts]
    return "\n".join([str(len(shifts)), *lines, ""])


class NightShifts(Blueprint):
    """The sum of clock differences modulo a day, where 0 counts as a whole day."""

    title = "Night shifts"
    statement = """\
A lighthouse keeper writes down when each shift began and when it ended, as times of a 24-hour clock. A shift lasts more
than 0 minutes and at most 24 hours. So if the end is later on the clock than the beginning, both are on the same day;
otherwise the shift ended on the next day, and a shift that ended at the very time at which it began lasted 24 hours.
How long did the keeper work in all?"""
    input_format = """\
The first line holds an integer n (1 <= n <= 1000), the number of shifts. Each of the next n lines holds the beginning
and the end of a shift, separated by a space, each as HH:MM with two digits for the hour (00 to 23) and two for the
minute (00 to 59)."""
    output_format = """\
The total time as H:MM: the hours without leading zeros (a single 0 if there are none; they may be more than 24), a
colon, and the remaining minutes with exactly two digits."""
    samples = ("2\n22:00 06:30\n09:15 09:50\n", "1\n08:00 08:00\n", "1\n23:58 00:01\n")
    limits = Limits(cpu=1.0)
    topics = ("implementation", "time")
    level = 1

    reference = """\
total = 0
for _ in range(int(input())):
    start, end = (int(time[:2]) * 60 + int(time[3:]) for time in input().split())
    length = (end - start) % 1440
    if length == 0:
        length = 1440
    total += length
print(f"{total // 60}:{total % 60:02}")
"""
    brute = """\
import sys

total = 0
for line in sys.stdin.read().split("\\n")[1:]:
    if not line:
        continue
    clock, end = line.split()
    hour, minute = map(int, clock.split(":"))
    while True:  # the clock ticks
        minute += 1
        if minute == 60:
            hour, minute = hour + 1, 0
        if hour == 24:
            hour = 0
        total += 1
        if "%02d:%02d" % (hour, minute) == end:
            break
hours = 0
while total >= 60:
    hours, total = hours + 1, total - 60
print(str(hours) + ":" + str(total // 10) + str(total % 10))
"""
    right = {
        "one day more unless the end is later": Program(
            "python",
            """\
import sys

def minutes(clock):
    h, m = clock.split(":")
    return int(h) * 60 + int(m)

words = sys.stdin.read().split()
n = int(words[0])
total = 0
for i in range(n):
    a = minutes(words[1 + 2 * i])
    b = minutes(words[2 + 2 * i])
    if b <= a:
        b += 24 * 60
    total += b - a
hours, rest = divmod(total, 60)
print(hours, str(rest).zfill(2), sep=":")
""",
        ),
        "scanf and printf": Program(
            "cpp",
            """\
#include <cstdio>
int main() {
    int n, total = 0;
    scanf("%d", &n);
    while (n--) {
        int a, b, c, d;
        scanf("%d:%d %d:%d", &a, &b, &c, &d);
        int length = (c - a) * 60 + d - b;
        if (length <= 0) length += 1440;
        total += length;
    }
    printf("%d:%02d\\n", total / 60, total % 60);
}
""",
        ),
    }
    wrong = {
        "equal times are no time at all": """\
total = 0
for _ in range(int(input())):
    start, end = (int(time[:2]) * 60 + int(time[3:]) for time in input().split())
    total += (end - start) % 1440
print(f"{total // 60}:{total % 60:02}")
""",
        "minutes without padding": """\
total = 0
for _ in range(int(input())):
    start, end = (int(time[:2]) * 60 + int(time[3:]) for time in input().split())
    total += (end - start) % 1440 or 1440
print(f"{total // 60}:{total % 60}")
""",
        "midnight swaps the two times": """\
total = 0
for _ in range(int(input())):
    start, end = (int(time[:2]) * 60 + int(time[3:]) for time in input().split())
    total += abs(end - start) or 1440
print(f"{total // 60}:{total % 60:02}")
""",
        "hours wrap after a day": """\
total = 0
for _ in range(int(input())):
    start, end = (int(time[:2]) * 60 + int(time[3:]) for time in input().split())
    total += (end - start) % 1440 or 1440
print(f"{total // 60 % 24}:{total % 60:02}")
""",
        "hours with padding": """\
total = 0
for _ in range(int(input())):
    start, end = (int(time[:2]) * 60 + int(time[3:]) for time in input().split())
    total += (end - start) % 1440 or 1440
print(f"{total // 60:02}:{total % 60:02}")
""",
        "looks at the hours alone to see midnight": """\
total = 0
for _ in range(int(input())):
    (a, b), (c, d) = (map(int, time.split(":")) for time in input().split())
    if c < a:
        c += 24
    elif (a, b) == (c, d):
        c += 24
    total += (c - a) * 60 + d - b
print(f"{total // 60}:{total % 60:02}")
""",
    }

    @classmethod
    def validate(cls, text: str) -> None:
        reader = Reader(text)
        n = reader.integer(1, MOST, "n")
        reader.line()
        for i in range(n):
            for name in ("beginning", "end"):
                clock = reader.word(5, 5, f"{name}[{i}]", "0123456789:")
                hours, colon, minutes = clock[:2], clock[2], clock[3:]
                if ":" in hours + minutes or colon != ":" or hours > "23" or minutes > "59":
                    raise ValueError(f"shift {i}: expected a time from 00:00 to 23:59, found {clock!r}")
            reader.line()
        reader.end()

    @classmethod
    def small(cls) -> Iterator[str]:
        times = (0, 1, 59, 60, 61, 100, 719, 720, 1380, 1400, 1438, 1439)
        for a in times:
            for b in times:
                yield written([(a, b)])
        for a in range(0, DAY, 97):
            yield written([(a, (a + 599) % DAY), (a, (a + 1) % DAY)])
            yield written([(a, a), (a, a)])

    @classmethod
    def random(cls, rng: Rng, size: int) -> str:
        n = int(rng.integers(1, 2 * size + 1)) if size < 4 else min(MOST, int(rng.integers(1, size * size * 10 + 1)))
        kind = int(rng.integers(4))
        shifts: list[tuple[int, int]] = []
        for _ in range(n):
            a = int(rng.integers(DAY))
            if kind == 0:
                b = (a + int(rng.integers(1, 11))) % DAY
            elif kind == 1:
                b = a if rng.integers(2) else int(rng.integers(DAY))
            elif kind == 2:
                b = (a // 60 * 60 + int(rng.integers(60))) % DAY
            else:
                b = int(rng.integers(DAY))
            shifts.append((a, b))
        return written(shifts)

    @classmethod
    def worst(cls, rng: Rng) -> Iterator[str]:
        yield written([(0, 0)] * MOST)
        yield written([(1439, 1438)] * MOST)
        yield written([(int(a), int(b)) for a, b in rng.integers(DAY, size=(MOST, 2))])

    @classmethod
    def hack(cls, rng: Rng, idea: str) -> str:
        a = int(rng.integers(60, DAY - 120))
        if idea.startswith("equal"):
            return written([(a, a), (a, a + 7)])
        if idea.startswith("minutes without"):
            return written([(a, a + 60 + int(rng.integers(10)))])
        if idea.startswith("midnight"):
            return written([(a + 100, a)])
        if idea.startswith("hours wrap"):
            return written([(a, a + 100)] + [(a, a - 1)] * int(rng.integers(1, 5)))
        if idea.startswith("looks"):
            return written([(a // 60 * 60 + 30, a // 60 * 60 + int(rng.integers(30)))])
        return written([(a, a + int(rng.integers(1, 60)))])
