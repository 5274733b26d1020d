"""Two lighthouses: a pair of congruences whose moduli may share factors."""

from __future__ import annotations

from collections.abc import Iterator
from math import gcd, lcm
from typing import TYPE_CHECKING

from whetstone.envs.code.blueprint import Blueprint
from whetstone.envs.code.reader import Reader
from whetstone.envs.code.sandbox.types import Limits, Program

if TYPE_CHECKING:
    from numpy.random import Generator as Rng

MOST = 10**9
LATE = 10**18


def meeting(rng: Rng, top: int, factor: int) -> str:
    """Lighthouses that flash together now and then; their periods have a common factor."""
    least = 1 if top < MOST else MOST // factor // 2  # so that a search for the flash takes long
    p, q = (int(rng.integers(least, max(1, top // factor) + 1)) * factor for _ in range(2))
    t = int(rng.integers(lcm(p, q)))
    s = int(rng.integers(min(LATE, 3 * lcm(p, q)) + 1))
    return f"{p} {t % p} {q} {t % q} {s}\n"


class TwoLighthouses(Blueprint):
    """The Chinese remainder theorem for moduli with a common factor."""

    title = "Two lighthouses"
    statement = """\
From a ship two lighthouses are seen. The first one flashes at second a and then every p seconds: at a, a + p, a + 2p
and so on. The second one flashes at second b and then every q seconds. The watch begins at second s. At which second,
at s or later, do both lighthouses flash at the same time for the first time during the watch?"""
    input_format = """\
One line with five integers p, a, q, b and s (1 <= p, q <= 10^9, 0 <= a < p, 0 <= b < q, 0 <= s <= 10^18), separated by
spaces."""
    output_format = "One integer: the first second, not before s, at which both flash, or -1 if that never happens."
    samples = ("6 2 10 8 0\n", "6 2 10 8 9\n", "4 1 6 2 0\n")
    limits = Limits(cpu=1.0)
    topics = ("number theory", "chinese remainder theorem")
    level = 6

    reference = """\
from math import gcd

p, a, q, b, s = map(int, input().split())
g = gcd(p, q)
if (b - a) % g:
    print(-1)
else:
    steps = (b - a) // g * pow(p // g, -1, q // g)  # of p from a
    both = p * q // g
    print(s + (a + steps * p - s) % both)
"""
    brute = """\
p, a, q, b, s = map(int, input().split())
second = s
while second < s + p * q:
    if second % p == a and second % q == b:
        print(second)
        break
    second += 1
else:
    print(-1)
"""
    right = {
        "extended Euclid": Program(
            "python",
            """\
import sys

def euclid(a, b):
    x, u = 1, 0
    while b:
        k = a // b
        a, b = b, a - k * b
        x, u = u, x - k * u
    return a, x

for line in sys.stdin:
    p, a, q, b, s = (int(w) for w in line.split())
    g, x = euclid(p, q)
    if (a - b) % g != 0:
        print(-1)
        continue
    period = p // g * q
    t = (a + (b - a) // g * x % (q // g) * p) % period
    if t < s:
        t += (s - t + period - 1) // period * period
    print(t)
""",
        ),
        "128-bit integers": Program(
            "cpp",
            """\
#include <iostream>
#include <numeric>
typedef long long i64;
typedef __int128 i128;
i64 euclid(i64 a, i64 b, i64 &x, i64 &y) {
    if (b == 0) { x = 1; y = 0; return a; }
    i64 u, v, g = euclid(b, a % b, u, v);
    x = v;
    y = u - a / b * v;
    return g;
}
int main() {
    i64 p, a, q, b, s, x, y;
    std::cin >> p >> a >> q >> b >> s;
    i64 g = euclid(p, q, x, y);
    if ((b - a) % g) { std::cout << -1; return 0; }
    i128 both = (i128)p / g * q;
    i128 t = a + (i128)((b - a) / g) * x % (q / g) * p;
    t = ((t - s) % both + both) % both + s;
    std::cout << (i64)t << '\\n';
}
""",
        ),
    }
    wrong = {
        "takes the periods to be coprime": """\
from math import gcd
p, a, q, b, s = map(int, input().split())
if gcd(p, q) > 1 and (b - a) % gcd(p, q):
    print(-1)
else:
    g = gcd(p, q)
    t = a + (b - a) // g * pow(p // g, -1, q // g) * p
    print(s + (t - s) % (p * q))
""",
        "never flash together unless the periods are coprime": """\
from math import gcd
p, a, q, b, s = map(int, input().split())
if gcd(p, q) > 1:
    print(-1)
else:
    t = a + (b - a) * pow(p, -1, q) * p
    print(s + (t - s) % (p * q))
""",
        "ignores the beginning of the watch": """\
from math import gcd
p, a, q, b, s = map(int, input().split())
g = gcd(p, q)
if (b - a) % g:
    print(-1)
else:
    print((a + (b - a) // g * pow(p // g, -1, q // g) * p) % (p * q // g))
""",
        "after the beginning of the watch, not at it": """\
from math import gcd
p, a, q, b, s = map(int, input().split())
g = gcd(p, q)
if (b - a) % g:
    print(-1)
else:
    t = a + (b - a) // g * pow(p // g, -1, q // g) * p
    print(s + 1 + (t - s - 1) % (p * q // g))
""",
        "one period too few": """\
from math import gcd
p, a, q, b, s = map(int, input().split())
g = gcd(p, q)
both = p * q // g
if (b - a) % g:
    print(-1)
else:
    t = (a + (b - a) // g * pow(p // g, -1, q // g) * p) % both
    print(max(t, t + (s - t) // both * both))
""",
        "the periods meet whenever the offsets are equal modulo the smaller one": """\
from math import gcd
p, a, q, b, s = map(int, input().split())
if (b - a) % min(p, q):
    print(-1)
else:
    both = p * q // gcd(p, q)
    print(s + (max(a, b) - s) % both)
""",
        "too slow: from flash to flash": """\
p, a, q, b, s = map(int, input().split())
if p < q:
    p, a, q, b = q, b, p, a
t = s + (a - s) % p
for _ in range(q):
    if t % q == b:
        print(t)
        break
    t += p
else:
    print(-1)
""",
    }

    @classmethod
    def validate(cls, text: str) -> None:
        reader = Reader(text)
        for period, offset in ("pa", "qb"):
            reader.integer(0, reader.integer(1, MOST, period) - 1, offset)
        reader.integer(0, LATE, "s")
        reader.line()
        reader.end()

    @classmethod
    def small(cls) -> Iterator[str]:
        for p in range(1, 7):
            for q in range(1, 7):
                for a in {0, p // 2, p - 1}:
                    for s in (0, 3, p * q):
                        yield f"{p} {a} {q} {(a * a + p + s) % q} {s}\n"

    @classmethod
    def random(cls, rng: Rng, size: int) -> str:
        # the large ones are far out of reach of a search, the others within it
        top = 10 * size if size < 4 else 100 * size if size < 8 else MOST
        kind = int(rng.integers(6))
        if kind == 0:
            p, q = (int(x) for x in rng.integers(1, top + 1, size=2))
            return f"{p} {rng.integers(p)} {q} {rng.integers(q)} {rng.integers(p * q + 1)}\n"
        if kind == 1:  # the watch begins at a common flash, or just after it
            p, q = (int(x) for x in rng.integers(1, top + 1, size=2))
            s = int(rng.integers(min(LATE, 4 * p * q)))
            late = int(rng.integers(2))
            return f"{p} {s % p} {q} {s % q} {s + late}\n"
        return meeting(rng, top, int(rng.integers(1, 5 if size > 7 else int(top**0.5) + 2)))

    @classmethod
    def worst(cls, rng: Rng) -> Iterator[str]:
        yield f"{MOST} {MOST - 1} {MOST - 1} 0 {LATE}\n"
        yield f"{MOST - 2} 0 {MOST} {MOST - 2} 0\n"
        yield f"{MOST} 1 {MOST} 1 {LATE}\n"
        yield f"{MOST} 1 {MOST - 4} {int(rng.integers(MOST // 4 - 1)) * 4} 7\n"
        yield meeting(rng, MOST, 1)

    @classmethod
    def hack(cls, rng: Rng, idea: str) -> str:
        if idea.startswith("too slow"):
            p, q = MOST - int(rng.integers(1000)), MOST - 1000 - int(rng.integers(1000))
            t = int(rng.integers(MOST**2 // 4, MOST**2 // 3)) % lcm(p, q)
            s = t + p * q // gcd(p, q) // 2
            return f"{p} {t % p} {q} {t % q} {min(s, LATE)}\n"
        if idea.startswith("after"):
            p, q, s = (int(x) for x in rng.integers(1, 1000, size=3))
            return f"{p} {s % p} {q} {s % q} {s}\n"
        return meeting(rng, 1000, int(rng.integers(2, 30)))
