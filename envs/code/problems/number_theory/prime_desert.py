"""Prime desert: the widest gap between neighbouring primes of an interval, by a segmented sieve."""

from __future__ import annotations

from collections.abc import Iterator
from math import isqrt
from typing import TYPE_CHECKING

from whetstone.envs.code.blueprint import Blueprint
from whetstone.envs.code.reader import Reader
from whetstone.envs.code.sandbox.types import Limits, Program

if TYPE_CHECKING:
    from numpy.random import Generator as Rng

MOST = 4 * 10**9
WIDE = 50_000


def next_prime(n: int) -> int:
    """The least prime above n."""
    return next(p for p in range(n + 1, 2 * n + 2) if all(p % d for d in range(2, isqrt(p) + 1)))


class PrimeDesert(Blueprint):
    """A segmented sieve; the first of the widest gaps."""

    title = "Prime deserts"
    statement = """\
Two primes p < q are neighbours if no number between them is prime. Among all pairs of neighbours with l <= p and q <= r
find the one with the largest difference q - p; if several pairs have it, the one with the smallest p."""
    input_format = "One line with two integers l and r (1 <= l <= r <= 4 * 10^9, r - l <= 50000), separated by a space."
    output_format = "The two primes p and q separated by a space, or -1 if there are fewer than two primes from l to r."
    samples = ("1 12\n", "20 28\n", "89 97\n")
    limits = Limits(cpu=1.0)
    topics = ("number theory", "sieve")
    level = 6

    reference = """\
from math import isqrt

l, r = map(int, input().split())
l = max(l, 2)
prime = bytearray(b"\\1") * (r - l + 1)
for d in range(2, isqrt(r) + 1):
    first = max(2 * d, l + -l % d) - l
    prime[first::d] = bytes(len(prime[first::d]))
primes = [l + i for i, flag in enumerate(prime) if flag]
gaps = [(p - q, p, q) for p, q in zip(primes, primes[1:])]
print(*min(gaps)[1:] if gaps else [-1])
"""
    brute = """\
l, r = map(int, input().split())
best = None
before = None
for x in range(l, r + 1):
    divisors = 0
    d = 1
    while d * d <= x:
        if x % d == 0:
            divisors += 1 if d * d == x else 2
        d += 1
    if divisors == 2:
        if before and (best is None or x - before > best[1] - best[0]):
            best = before, x
        before = x
print("-1" if best is None else "%d %d" % best)
"""
    right = {
        "strong pseudoprime test": Program(
            "python",
            """\
import sys

def is_prime(n):
    if n < 41:
        return n in (2, 3, 5, 7, 11, 13, 17, 19, 23, 29, 31, 37)
    if pow(2, n - 1, n) != 1:
        return False
    d = n - 1
    s = 0
    while d % 2 == 0:
        d //= 2
        s += 1
    for base in (2, 3, 5, 7, 11):
        x = pow(base, d, n)
        if x in (1, n - 1):
            continue
        for _ in range(s - 1):
            x = x * x % n
            if x == n - 1:
                break
        else:
            return False
    return True

l, r = map(int, sys.stdin.readline().split())
best = (0, -1)
before = 0
wheel = 2 * 3 * 5 * 7 * 11 * 13
coprime = bytearray(b"\\1") * wheel
for p in (2, 3, 5, 7, 11, 13):
    coprime[::p] = bytes(wheel // p)
for n in range(l, r + 1):
    if (coprime[n % wheel] or n < 14) and is_prime(n):
        if before and n - before > best[0]:
            best = (n - before, before, n)
        before = n
print(" ".join(map(str, best[1:])))
""",
        ),
        "segmented sieve in C++": Program(
            "cpp",
            """\
#include <bits/stdc++.h>
using namespace std;
int main() {
    long long l, r;
    cin >> l >> r;
    vector<char> composite(r - l + 1), small(400000);
    for (long long p = 2; p * p <= r; p++) {
        if (small[p]) continue;
        for (long long m = p * p; m < 400000; m += p) small[m] = 1;
        for (long long m = max(p * p, (l + p - 1) / p * p); m <= r; m += p) composite[m - l] = 1;
    }
    long long before = 0, gap = 0, at = 0;
    for (long long n = max(l, 2LL); n <= r; n++) {
        if (composite[n - l]) continue;
        if (before && n - before > gap) gap = n - before, at = before;
        before = n;
    }
    if (gap) cout << at << ' ' << at + gap << endl; else cout << -1 << endl;
}
""",
        ),
    }
    wrong = {
        "takes 1 for a prime": """\
def is_prime(n):
    d = 2
    while d * d <= n and d < 2000:
        if n % d == 0:
            return False
        d += 1
    return True

l, r = map(int, input().split())
primes = [n for n in range(l, min(r, l + 3000) + 1) if is_prime(n)]
pairs = list(zip(primes, primes[1:]))
print(*max(pairs, key=lambda pair: pair[1] - pair[0], default=(-1,)))
""",
        "the last of the widest gaps": """\
def is_prime(n):
    d = 2
    while d * d <= n and d < 2000:
        if n % d == 0:
            return False
        d += 1
    return n > 1

l, r = map(int, input().split())
primes = [n for n in range(l, min(r, l + 3000) + 1) if is_prime(n)]
best = (0, -1)
for p, q in zip(primes, primes[1:]):
    if q - p >= best[0]:
        best = (q - p, p, q)
print(*best[1:])
""",
        "squares of primes pass": """\
def is_prime(n):
    d = 2
    while d * d < n and d < 2000:
        if n % d == 0:
            return False
        d += 1
    return n > 1

l, r = map(int, input().split())
primes = [n for n in range(l, min(r, l + 3000) + 1) if is_prime(n)]
pairs = list(zip(primes, primes[1:]))
print(*max(pairs, key=lambda pair: pair[1] - pair[0], default=(-1,)))
""",
        "odd numbers only": """\
def is_prime(n):
    d = 3
    while d * d <= n and d < 2000:
        if n % d == 0:
            return False
        d += 2
    return n > 1 and n % 2 == 1

l, r = map(int, input().split())
primes = [n for n in range(l, min(r, l + 3000) + 1) if is_prime(n)]
pairs = list(zip(primes, primes[1:]))
print(*max(pairs, key=lambda pair: pair[1] - pair[0], default=(-1,)))
""",
        "a Fermat test": """\
l, r = map(int, input().split())
primes = [n for n in range(max(2, l), r + 1) if n == 2 or pow(2, n - 1, n) == 1]
pairs = list(zip(primes, primes[1:]))
print(*max(pairs, key=lambda pair: pair[1] - pair[0], default=(-1,)))
""",
        "leaves out r": """\
def is_prime(n):
    d = 2
    while d * d <= n and d < 2000:
        if n % d == 0:
            return False
        d += 1
    return n > 1

l, r = map(int, input().split())
primes = [n for n in range(l, min(r, l + 3000)) if is_prime(n)]
pairs = list(zip(primes, primes[1:]))
print(*max(pairs, key=lambda pair: pair[1] - pair[0], default=(-1,)))
""",
        "too slow: trial division": """\
def is_prime(n):
    if n % 2 == 0:
        return n == 2
    d = 3
    while d * d <= n:
        if n % d == 0:
            return False
        d += 2
    return n > 1

l, r = map(int, input().split())
primes = [n for n in range(l, r + 1) if is_prime(n)]
pairs = list(zip(primes, primes[1:]))
print(*max(pairs, key=lambda pair: pair[1] - pair[0], default=(-1,)))
""",
    }

    equivalent = {
        "line 6: isqrt(r) + 1 -> isqrt(r) + 2": "composite numbers up to r have a divisor up to the root",
    }

    @classmethod
    def validate(cls, text: str) -> None:
        reader = Reader(text)
        left = reader.integer(1, MOST, "l")
        reader.integer(left, min(MOST, left + WIDE), "r")
        reader.line()
        reader.end()

    @classmethod
    def small(cls) -> Iterator[str]:
        for r in range(1, 30):
            for left in range(1, r + 1):
                yield f"{left} {r}\n"
        for p in (5, 7, 11, 13, 17, 19, 23):
            yield f"{p * p - 20} {p * p}\n"
            yield f"{p * p} {p * p + 15}\n"

    @classmethod
    def random(cls, rng: Rng, size: int) -> str:
        if size < 4:
            left = int(rng.integers(1, 10 ** (size + 1)))
            return f"{left} {left + int(rng.integers(60 * size))}\n"
        if size < 8:
            left = int(rng.integers(1, 10 ** min(size - 1, 5)))
            return f"{left} {left + int(rng.integers(500))}\n"
        left = int(rng.integers(MOST // 2, MOST - WIDE))
        return f"{left} {left + int(rng.integers(WIDE // 2, WIDE + 1))}\n"

    @classmethod
    def worst(cls, rng: Rng) -> Iterator[str]:
        yield f"{MOST - WIDE} {MOST}\n"
        yield f"1 {WIDE + 1}\n"
        left = int(rng.integers(MOST - 10**7, MOST - WIDE))
        yield f"{left} {left + WIDE}\n"
        yield f"{63_241**2 - WIDE} {63_241**2}\n"

    @classmethod
    def hack(cls, rng: Rng, idea: str) -> str:
        if idea.startswith("too slow"):
            left = int(rng.integers(MOST - 10**8, MOST - WIDE))
            return f"{left} {left + WIDE}\n"
        n = int(rng.integers(1, 9))
        if idea.startswith("takes"):
            return f"1 {n + 1}\n" if n < 4 else "1 2\n"
        if idea.startswith("odd"):
            return f"{1 + n % 2} {3 + n % 2}\n"
        if idea.startswith(("squares", "a Fermat")):  # one composite number that passes, and the next prime
            if idea.startswith("squares"):
                composite = (5, 7, 11, 13, 17, 19, 23, 29)[n - 1] ** 2
            else:
                composite = (341, 561, 645, 1105, 1387, 1729, 1905, 2047)[n - 1]
            return f"{composite} {next_prime(composite)}\n"
        if idea.startswith("leaves"):
            p = next_prime(int(rng.integers(10, 10**4)))
            return f"{p} {next_prime(p)}\n"
        return f"{n} {n + 40 + 2 * n}\n"
