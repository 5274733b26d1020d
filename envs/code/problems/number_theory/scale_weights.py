"""Scale weights: a bounded solution of a * x + b * y = c."""

from __future__ import annotations

from collections.abc import Iterator
from math import gcd
from typing import TYPE_CHECKING

from whetstone.envs.code.blueprint import Blueprint
from whetstone.envs.code.problem import Comparison
from whetstone.envs.code.reader import Reader
from whetstone.envs.code.sandbox.types import Limits, Program

if TYPE_CHECKING:
    from numpy.random import Generator as Rng

MOST = 10**9

CHECKER = """\
import re


def check(input, output, answer):
    a, b, c = map(int, input.split())
    tokens = output.split()
    if answer.split() == ["impossible"]:
        if tokens != ["impossible"]:
            raise ValueError("expected impossible")
        return
    if len(tokens) != 2:
        raise ValueError(f"expected two integers, found {len(tokens)} tokens")
    for token in tokens:
        if not re.fullmatch("-?[0-9]{1,12}", token, re.ASCII):
            raise ValueError(f"expected an integer, found {token[:20]!r}")
    x, y = map(int, tokens)
    if max(abs(x), abs(y)) > 2 * 10**9:
        raise ValueError(f"expected at most 2000000000 weights of a kind, found {x} and {y}")
    if a * x + b * y != c:
        raise ValueError(f"the scale is not balanced: {a * x + b * y} instead of {c}")
"""


class ScaleWeights(Blueprint):
    """Extended Euclid, reduced modulo b / g."""

    title = "Weights on a scale"
    statement = """\
A beam scale has two pans, and there are weights of two kinds, of a grams and of b grams, more than enough of both. A
sample of c grams lies in the left pan. Weights of both kinds may be put into the pans so that the scale balances. Let x
be the number of weights of a grams in the right pan, or minus the number of them in the left pan (those of one kind all
go into the same pan), and y the same for the weights of b grams. So the scale balances if a * x + b * y = c. At most
2 * 10^9 weights of a kind can be used. Find x and y, or say that the sample cannot be balanced. It can be shown that if
any number of weights can balance the sample, so many do. If there are several ways, any of them is accepted."""
    input_format = """\
One line with three integers a, b and c (1 <= a, b <= 10^9, 0 <= c <= 10^9), separated by spaces."""
    output_format = """\
Two integers x and y with -2 * 10^9 <= x, y <= 2 * 10^9, separated by a space, or the word impossible."""
    samples = ("5 3 1\n", "4 6 7\n", "2 9 0\n")
    limits = Limits(cpu=1.0)
    topics = ("number theory", "extended euclid", "constructive")
    level = 5
    comparison = Comparison("checker", checker=CHECKER)

    reference = """\
from math import gcd

a, b, c = map(int, input().split())
g = gcd(a, b)
if c % g:
    print("impossible")
else:
    x = c // g * pow(a // g, -1, b // g) % (b // g)
    print(x, (c - a * x) // b)
"""
    brute = """\
a, b, c = map(int, input().split())
for x in range(-b, b + 1):
    y, rest = divmod(c - a * x, b)
    if rest == 0:
        print(x, y)
        break
else:
    print("impossible")
"""
    right = {
        "Euclid with both coefficients": Program(
            "python",
            """\
import sys

def solve(a, b):
    # (g, x, y) with a * x + b * y == g
    if b == 0:
        return a, 1, 0
    g, x, y = solve(b, a % b)
    return g, y, x - a // b * y

a, b, c = map(int, sys.stdin.read().split())
g, x, y = solve(a, b)
if c % g == 0:
    x *= c // g
    y *= c // g
    k = y // (a // g)
    sys.stdout.write("%d %d" % (x + k * (b // g), y - k * (a // g)))
else:
    sys.stdout.write("impossible")
""",
        ),
        "64-bit integers, remainders before products": Program(
            "cpp",
            """\
#include <iostream>
#include <tuple>
using namespace std;
typedef long long i64;
tuple<i64, i64> euclid(i64 a, i64 b) {
    i64 x = 1, u = 0;
    while (b) {
        i64 k = a / b;
        tie(a, b) = make_tuple(b, a - k * b);
        tie(x, u) = make_tuple(u, x - k * u);
    }
    return {a, x};
}
int main() {
    i64 a, b, c;
    cin >> a >> b >> c;
    auto [g, x] = euclid(a, b);
    if (c % g) { cout << "impossible\\n"; return 0; }
    i64 m = b / g;
    x = (x % m + m) % m * (c / g % m) % m;
    cout << x << ' ' << (c - a * x) / b << '\\n';
}
""",
        ),
    }
    wrong = {
        "does not reduce the coefficients": """\
def solve(a, b):
    if b == 0:
        return a, 1, 0
    g, x, y = solve(b, a % b)
    return g, y, x - a // b * y

a, b, c = map(int, input().split())
g, x, y = solve(a, b)
print(*((x * c // g, y * c // g) if c % g == 0 else ["impossible"]))
""",
        "forgets to scale up to c": """\
def solve(a, b):
    if b == 0:
        return a, 1, 0
    g, x, y = solve(b, a % b)
    return g, y, x - a // b * y

a, b, c = map(int, input().split())
g, x, y = solve(a, b)
print(*((x, y) if c % g == 0 else ["impossible"]))
""",
        "weights in the right pan only": """\
a, b, c = map(int, input().split())
for x in range(min(c // a, 10**5) + 1):
    if (c - a * x) % b == 0:
        print(x, (c - a * x) // b)
        break
else:
    print("impossible")
""",
        "impossible unless a and b are coprime": """\
from math import gcd
a, b, c = map(int, input().split())
if gcd(a, b) > 1:
    print("impossible")
else:
    x = c * pow(a, -1, b) % b
    print(x, (c - a * x) // b)
""",
        "inverts a although it shares a factor with b": """\
from math import gcd
a, b, c = map(int, input().split())
g = gcd(a, b)
if c % g:
    print("impossible")
else:
    x = c * pow(a // g, -1, b // g) % b
    print(x, (c - a * x) // b)
""",
        "never impossible": """\
a, b, c = map(int, input().split())

def solve(a, b):
    if b == 0:
        return 1, 0
    x, y = solve(b, a % b)
    return y, x - a // b * y

x, y = solve(a, b)
x = x * c % b
print(x, (c - a * x) // b)
""",
        "too slow: tries one x after another": """\
a, b, c = map(int, input().split())
x = 0
while x < b and (c - a * x) % b:
    x += 1
if x < b:
    print(x, (c - a * x) // b)
else:
    print("impossible")
""",
    }

    @classmethod
    def validate(cls, text: str) -> None:
        reader = Reader(text)
        reader.integer(1, MOST, "a")
        reader.integer(1, MOST, "b")
        reader.integer(0, MOST, "c")
        reader.line()
        reader.end()

    @classmethod
    def small(cls) -> Iterator[str]:
        for a in range(1, 9):
            for b in range(1, 9):
                for c in (0, 1, 3, 4, 6):
                    yield f"{a} {b} {c}\n"

    @classmethod
    def random(cls, rng: Rng, size: int) -> str:
        # the medium ones are within the reach of a search, the large ones far out of it
        top = 20 * size if size < 4 else 200 * size if size < 8 else MOST
        g = int(rng.integers(1, min(8, int(top**0.4)) + 2)) if rng.integers(2) else 1
        a, b = (int(x) * g for x in rng.integers(top // g // 2 if size > 7 else 1, top // g + 1, size=2))
        kind = int(rng.integers(5))
        if kind == 0:
            b = b % 50 + 1
        c = int(rng.integers(top + 1))
        if kind < 4:
            c -= c % gcd(a, b)
        return f"{a} {b} {c}\n"

    @classmethod
    def worst(cls, rng: Rng) -> Iterator[str]:
        yield f"{MOST} {MOST - 1} {MOST // 2}\n"
        yield f"{MOST - 1} {MOST} {MOST // 2 - 1}\n"
        yield f"{MOST} {MOST - 2} {MOST - 1}\n"
        yield f"701408733 433494437 {MOST - 7}\n"
        yield f"{MOST} 1 {MOST}\n"
        yield f"1 {MOST} {MOST - int(rng.integers(1, 99))}\n"

    @classmethod
    def hack(cls, rng: Rng, idea: str) -> str:
        if idea.startswith("too slow"):
            return f"{MOST - 1} {MOST} {int(rng.integers(MOST // 4, MOST // 2))}\n"
        if idea.startswith("does not"):
            g = int(rng.integers(4, 10))
            a, b, c = (int(x) * g for x in rng.integers(MOST // g // 2, MOST // g, size=3))
            return f"{a} {b} {c - c % gcd(a, b)}\n"
        g = int(rng.integers(2, 30))
        a, b = (int(x) * g for x in rng.integers(40, 100, size=2))
        c = gcd(a, b) * int(rng.integers(2, 30))
        if idea.startswith("never"):
            c += 1
        if idea.startswith("weights"):
            c = gcd(a, b)
        return f"{a} {b} {c}\n"
