"""Phone chargers: power shared by those that are not full yet; real output."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import product
from typing import TYPE_CHECKING

from whetstone.envs.code.blueprint import Blueprint
from whetstone.envs.code.problem import Comparison
from whetstone.envs.code.reader import Reader
from whetstone.envs.code.sandbox.types import Limits, Program

if TYPE_CHECKING:
    from numpy.random import Generator as Rng

MOST = 10_000
HIGH = 10**6


def written(power: int, needs: Sequence[int], number: int) -> str:
    """The input for the charger, the phones and the number of the friend's one."""
    return f"{len(needs)} {power} {number}\n{' '.join(map(str, needs))}\n"


class PhoneChargers(Blueprint):
    """Phones get full in the order of their needs; the time between two of them by the number left."""

    title = "One charger for all"
    statement = """\
At a party n phones hang on one charger of p watts. Phone i lacks e_i watt-hours. At every moment the charger shares its
whole power equally among the phones that are not yet full; a phone that is full takes nothing any more. All phones are
put on the charger at the same time. Print after how many hours phone q is full, and after how many hours half of the
phones are full, that is, the first moment at which at least n / 2 of them are."""
    input_format = """\
The first line holds three integers n, p and q (1 <= n <= 10000, 1 <= p <= 1000, 1 <= q <= n). The second line holds n
integers e_1 ... e_n (1 <= e_i <= 10^6)."""
    output_format = """\
Two numbers with a decimal point, separated by a space: the hours until phone q is full and the hours until half of the
phones are full. An absolute or relative error of at most 10^-6 is accepted."""
    samples = ("3 10 3\n10 40 20\n", "1 4 1\n6\n", "4 1 2\n5 5 5 5\n")
    limits = Limits(cpu=1.0)
    topics = ("simulation", "sorting", "floating point")
    level = 3
    comparison = Comparison("floats", absolute=1e-6, relative=1e-6)

    reference = """\
n, p, q = map(int, input().split())
needs = list(map(int, input().split()))
energy = given = 0  # so far: in watt-hours in all, and to each phone that is not full
full = {}  # need -> energy in all when phones with this need are full
moments = []
for i, need in enumerate(sorted(needs)):
    energy += (need - given) * (n - i)
    given = need
    full[need] = energy / p
    moments.append(full[need])
print(f"{full[needs[q - 1]]:.9f} {moments[(n - 1) // 2]:.9f}")
"""
    brute = """\
from fractions import Fraction

n, p, q = map(int, input().split())
lacks = [Fraction(e) for e in map(int, input().split())]
time = Fraction(0)
full = {}
while len(full) < n:
    left = [i for i in range(n) if i not in full]
    share = Fraction(p, len(left))
    step = min(lacks[i] for i in left) / share
    time += step
    for i in left:
        lacks[i] -= share * step
        if lacks[i] == 0:
            full[i] = time
    if 2 * (n - len(left)) < n <= 2 * len(full):
        half = time
print("%.10f" % full[q - 1], "%.10f" % half)
"""
    right = {
        "prefix sums: the full ones have their need, the others as much as the last": Program(
            "python",
            """\
import sys

n, p, q, *e = map(int, sys.stdin.read().split())
order = sorted(e)
sums = [0]
for x in order:
    sums.append(sums[-1] + x)

def hours(i):
    # until the phone at place i of the order is full
    return (sums[i] + order[i] * (n - i)) / p

print(hours(order.index(e[q - 1])), hours((n + 1) // 2 - 1))
""",
        ),
        "one sum for each question": Program(
            "cpp",
            """\
#include <bits/stdc++.h>
using namespace std;
int main() {
    int n, p, q;
    cin >> n >> p >> q;
    vector<int> e(n);
    for (int &x : e) cin >> x;
    auto hours = [&](int need) {
        long long energy = 0;
        for (int x : e) energy += min(x, need);
        return (double)energy / p;
    };
    double first = hours(e[q - 1]);
    nth_element(e.begin(), e.begin() + (n - 1) / 2, e.end());
    cout << fixed << setprecision(8) << first << ' ' << hours(e[(n - 1) / 2]) << endl;
}
""",
        ),
    }
    wrong = {
        "every phone has its share for ever": """\
n, p, q = map(int, input().split())
e = list(map(int, input().split()))
print(e[q - 1] * n / p, sorted(e)[(n - 1) // 2] * n / p)
""",
        "one phone after another, the least need first": """\
n, p, q = map(int, input().split())
e = list(map(int, input().split()))
order = sorted(e)
total, moments = 0, {}
times = []
for x in order:
    total += x
    moments[x] = total / p
    times.append(total / p)
print(moments[e[q - 1]], times[(n - 1) // 2])
""",
        "half of the phones, rounded down": """\
n, p, q = map(int, input().split())
e = list(map(int, input().split()))

def hours(need):
    return sum(min(x, need) for x in e) / p

print(hours(e[q - 1]), hours(sorted(e)[max(0, n // 2 - 1)]))
""",
        "more than half of the phones": """\
n, p, q = map(int, input().split())
e = list(map(int, input().split()))

def hours(need):
    return sum(min(x, need) for x in e) / p

print(hours(e[q - 1]), hours(sorted(e)[n // 2]))
""",
        "phone q of the sorted ones": """\
n, p, q = map(int, input().split())
e = sorted(map(int, input().split()))

def hours(need):
    return sum(min(x, need) for x in e) / p

print(hours(e[q - 1]), hours(e[(n - 1) // 2]))
""",
        "whole hours": """\
n, p, q = map(int, input().split())
e = list(map(int, input().split()))

def hours(need):
    return sum(min(x, need) for x in e) // p

print(float(hours(e[q - 1])), float(hours(sorted(e)[(n - 1) // 2])))
""",
        "too slow: all phones again whenever one is full": """\
n, p, q = map(int, input().split())
lacks = list(map(int, input().split()))
left = list(range(n))
time, done, half = 0.0, 0, None
while left:
    least = min(lacks[i] for i in left)
    time += least * len(left) / p
    for i in left:
        lacks[i] -= least
    if q - 1 in left and lacks[q - 1] == 0:
        mine = time
    left = [i for i in left if lacks[i] > 0]
    if half is None and 2 * (n - len(left)) >= n:
        half = time
print(mine, half)
""",
    }

    @classmethod
    def validate(cls, text: str) -> None:
        reader = Reader(text)
        n = reader.integer(1, MOST, "n")
        reader.integer(1, 1000, "p")
        reader.integer(1, n, "q")
        reader.line()
        reader.integers(n, 1, HIGH, "e")
        reader.line()
        reader.end()

    @classmethod
    def small(cls) -> Iterator[str]:
        yield written(1, [HIGH], 1)
        yield written(1000, [1], 1)
        for n in (1, 2, 3, 4):
            for needs in product((1, 2, 7), repeat=n):
                yield written(3, needs, 1 + sum(needs) % n)
                if n < 4:
                    yield written(7, needs, n)

    @classmethod
    def random(cls, rng: Rng, size: int) -> str:
        n = int(rng.integers(1, 4 * size + 1)) if size < 4 else min(MOST, int(rng.integers(1, 20 * (size - 3) ** 3)))
        high = int(rng.choice([5, 100, HIGH]))
        needs = rng.integers(1, high + 1, size=n)
        if rng.integers(4) == 0:
            needs[: n // 2] = needs[0]
        return written(int(rng.integers(1, 1001)), needs.tolist(), int(rng.integers(1, n + 1)))

    @classmethod
    def worst(cls, rng: Rng) -> Iterator[str]:
        yield written(1, (rng.permutation(MOST) * 100 + 1).tolist(), MOST // 2)
        yield written(999, rng.integers(1, HIGH + 1, size=MOST).tolist(), 1)
        yield written(1, [HIGH] * MOST, MOST)
        yield written(7, [1] * (MOST - 1) + [HIGH], MOST)

    @classmethod
    def hack(cls, rng: Rng, idea: str) -> str:
        if idea.startswith("too slow"):
            return written(int(rng.integers(1, 9)), (rng.permutation(MOST) + int(rng.integers(1, 99))).tolist(), 3)
        n = 2 * int(rng.integers(2, 30))
        needs = (rng.permutation(5 * n)[:n] + 1).tolist()
        if idea.startswith("half"):
            needs.append(5 * n + 9)
        return written(int(rng.integers(3, 99)), needs, 1 + needs.index(max(needs[1:])))
