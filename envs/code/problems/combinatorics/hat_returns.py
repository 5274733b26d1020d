"""Hat returns: permutations with exactly k fixed points, for many questions."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from whetstone.envs.code.blueprint import Blueprint
from whetstone.envs.code.reader import Reader
from whetstone.envs.code.sandbox.types import Limits, Program

if TYPE_CHECKING:
    from numpy.random import Generator as Rng

MOST = 20_000
EVENINGS = 300


def written(evenings: Sequence[tuple[int, int]]) -> str:
    """The input for evenings given as (n, k)."""
    return "\n".join([str(len(evenings)), *(f"{n} {k}" for n, k in evenings), ""])


class HatReturns(Blueprint):
    """C(n, k) times the number of derangements of n - k."""

    title = "Hats after the concert"
    statement = """\
On each of t evenings a concert hall gives the n hats of the n guests back at random: each guest gets one hat. In how
many ways can the hats be given back so that exactly k guests get their own hat? Two ways are different if some guest
gets a different hat. As the numbers are large, give them modulo 1000000007."""
    input_format = """\
The first line holds an integer t (1 <= t <= 300). Each of the next t lines holds two integers n and k for one evening
(1 <= n <= 20000, 0 <= k <= n)."""
    output_format = "t lines: for each evening the number of ways modulo 1000000007."
    samples = ("3\n3 0\n3 1\n3 2\n", "2\n5 2\n20 0\n")
    limits = Limits(cpu=1.0)
    topics = ("combinatorics", "modular arithmetic")
    level = 5

    reference = """\
M = 10**9 + 7
evenings = [tuple(map(int, input().split())) for _ in range(int(input()))]
factorial, deranged = [1], [1]
for i in range(1, max(evenings)[0] + 1):
    factorial.append(factorial[-1] * i % M)
    deranged.append((deranged[-1] * i + (-1) ** i) % M)
for n, k in evenings:
    choose = factorial[n] * pow(factorial[k] * factorial[n - k], -1, M)
    print(choose * deranged[n - k] % M)
"""
    brute = """\
from functools import cache
from itertools import permutations

@cache
def counts(n):
    # how many permutations of n have 0, 1, 2, ... fixed points
    if n < 7:
        found = [0] * (n + 2)
        for p in permutations(range(n)):
            found[sum(i == x for i, x in enumerate(p))] += 1
        return found
    before = counts(n - 1)  # guest n keeps the hat or swaps it with one who got the own hat or another one
    found = [0] * (n + 2)
    for k in range(n):
        found[k + 1] += before[k]
        found[k - 1] += before[k] * k
        found[k] += before[k] * (n - 1 - k)
    return found

for _ in range(int(input())):
    n, k = map(int, input().split())
    print(counts(n)[k] % (10**9 + 7))
"""
    right = {
        "derangements from the two before": Program(
            "python",
            """\
import sys

def main():
    M = 1000000007
    words = list(map(int, sys.stdin.read().split()))
    top = max(words[1::2])
    fact = [1] * (top + 1)
    der = [1, 0] + [0] * top
    for i in range(1, top + 1):
        fact[i] = fact[i - 1] * i % M
    for i in range(2, top + 1):
        der[i] = (i - 1) * (der[i - 1] + der[i - 2]) % M
    inverse = [1] * (top + 1)
    inverse[top] = pow(fact[top], M - 2, M)
    for i in range(top, 0, -1):
        inverse[i - 1] = inverse[i] * i % M
    answers = []
    for n, k in zip(words[1::2], words[2::2]):
        answers.append(fact[n] * inverse[k] % M * inverse[n - k] % M * der[n - k] % M)
    print(*answers, sep="\\n")

main()
""",
        ),
        "inclusion and exclusion": Program(
            "cpp",
            """\
#include <bits/stdc++.h>
using namespace std;
const long long M = 1000000007;
long long power(long long b, long long e) {
    long long r = 1;
    for (; e; e >>= 1, b = b * b % M) if (e & 1) r = r * b % M;
    return r;
}
int main() {
    const int N = 20001;
    vector<long long> f(N, 1), g(N, 1);
    for (int i = 1; i < N; i++) f[i] = f[i - 1] * i % M;
    for (int i = 0; i < N; i++) g[i] = power(f[i], M - 2);
    int t, n, k;
    cin >> t;
    while (t--) {
        cin >> n >> k;
        long long sum = 0;  // n! / k! * sum of (-1)^j / j!
        for (int j = 0; j <= n - k; j++) sum += j % 2 ? M - g[j] : g[j];
        cout << f[n] * g[k] % M * (sum % M) % M << '\\n';
    }
}
""",
        ),
    }
    wrong = {
        "the others may get their own hats too": """\
from math import comb, factorial
for _ in range(int(input())):
    n, k = map(int, input().split())
    print(comb(n, k) * factorial(n - k) % (10**9 + 7) if n < 3000 else 0)
""",
        "forgets to choose who gets the own hat": """\
M = 10**9 + 7
d = [1]
for i in range(1, 20001):
    d.append((d[-1] * i + (-1) ** i) % M)
for _ in range(int(input())):
    n, k = map(int, input().split())
    print(d[n - k])
""",
        "no way without guests": """\
M = 10**9 + 7
f, d = [1], [0, 0, 1]
for i in range(1, 20001):
    f.append(f[-1] * i % M)
for i in range(3, 20001):
    d.append((i - 1) * (d[-1] + d[-2]) % M)
for _ in range(int(input())):
    n, k = map(int, input().split())
    print(f[n] * pow(f[k] * f[n - k], -1, M) * d[n - k] % M)
""",
        "at least k": """\
M = 10**9 + 7
f, d = [1], [1]
for i in range(1, 20001):
    f.append(f[-1] * i % M)
    d.append((d[-1] * i + (-1) ** i) % M)
for _ in range(int(input())):
    n, k = map(int, input().split())
    total = 0
    for j in range(k, min(n, k + 300) + 1):
        total += f[n] * pow(f[j] * f[n - j], -1, M) * d[n - j]
    print(total % M)
""",
        "divides after the modulus": """\
M = 10**9 + 7
f, d = [1], [1]
for i in range(1, 20001):
    f.append(f[-1] * i % M)
    d.append((d[-1] * i + (-1) ** i) % M)
for _ in range(int(input())):
    n, k = map(int, input().split())
    print(f[n] // (f[k] * f[n - k]) * d[n - k] % M)
""",
        "rounds n! / e": """\
from math import comb, e, factorial
for _ in range(int(input())):
    n, k = map(int, input().split())
    m = n - k
    deranged = round(factorial(m) / e) if 0 < m < 150 else 1 - m % 2
    print(comb(n, k) * deranged % (10**9 + 7))
""",
        "too slow: all derangements anew every evening": """\
M = 10**9 + 7
for _ in range(int(input())):
    n, k = map(int, input().split())
    chosen = 1
    for i in range(k):
        chosen = chosen * (n - i) * pow(i + 1, -1, M) % M
    deranged = 1
    for i in range(1, n - k + 1):
        deranged = (deranged * i + (1 if i % 2 == 0 else -1)) % M
    print(chosen * deranged % M)
""",
    }

    equivalent = {
        "line 4: max(evenings)[0] + 1 -> max(evenings)[0] + 2": "the tables get one entry that is never looked at",
    }

    @classmethod
    def validate(cls, text: str) -> None:
        reader = Reader(text)
        t = reader.integer(1, EVENINGS, "t")
        reader.line()
        for i in range(t):
            n = reader.integer(1, MOST, f"n[{i}]")
            reader.integer(0, n, f"k[{i}]")
            reader.line()
        reader.end()

    @classmethod
    def small(cls) -> Iterator[str]:
        pairs = [(n, k) for n in range(1, 21) for k in range(n + 1)]
        for n, k in pairs:
            yield written([(n, k)])
        yield written([(6, 3), (2, 0), (1, 1)])

    @classmethod
    def random(cls, rng: Rng, size: int) -> str:
        # the medium ones are short, the large ones long enough to tell how long a program takes
        top, t = (7 * size, 4) if size < 4 else (20 * size, 20) if size < 8 else (MOST, EVENINGS)
        evenings = []
        for _ in range(t if size > 7 else int(rng.integers(1, t + 1))):
            n = int(rng.integers(top // 2 if size > 7 else 1, top + 1))
            near = int(rng.integers(min(n, 4) + 1))
            evenings.append((n, (near, n - near, int(rng.integers(n + 1)))[int(rng.integers(3))]))
        return written(evenings)

    @classmethod
    def worst(cls, rng: Rng) -> Iterator[str]:
        yield written([(MOST - i, MOST // 2) for i in range(EVENINGS)])
        yield written([(MOST, MOST - i) for i in range(EVENINGS)])
        yield written([(MOST, i) for i in range(EVENINGS)])

    @classmethod
    def hack(cls, rng: Rng, idea: str) -> str:
        if idea.startswith("too slow"):
            return written([(MOST - i, MOST // 2 + int(rng.integers(MOST // 4))) for i in range(EVENINGS)])
        n = int(rng.integers(30, 2000))
        if idea.startswith("no way"):
            return written([(n, n)])
        if idea.startswith("rounds"):
            return written([(n % 100 + 40, int(rng.integers(5)))])
        return written([(n, int(rng.integers(1, n - 1)))])
