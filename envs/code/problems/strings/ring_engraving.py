"""Ring engraving: the least rotation of a word."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import product
from typing import TYPE_CHECKING

from whetstone.envs.code.blueprint import Blueprint
from whetstone.envs.code.reader import Reader
from whetstone.envs.code.sandbox.types import Limits, Program

if TYPE_CHECKING:
    from numpy.random import Generator as Rng

MOST = 60_000


def letters(rng: Rng, n: int, kinds: int) -> str:
    """A random word of `n` letters."""
    return "".join(chr(97 + int(c)) for c in rng.integers(kinds, size=n))


class RingEngraving(Blueprint):
    """Least rotation by the Lyndon factorisation of the doubled word."""

    title = "Engraved ring"
    statement = """\
Around a ring runs an engraving of n letters, without beginning or end. Read clockwise from some letter, all the way
around, it gives a word of n letters. For the catalogue, the reading that comes first in the dictionary is wanted. The
letters are numbered clockwise from 1. From which letter does this reading start? If several starts give the same word,
take the one with the smallest number."""
    input_format = "One line with the engraving read clockwise from letter 1: 1 to 60000 lowercase letters a to z."
    output_format = "One integer: the number of the letter from which the first reading in dictionary order starts."
    samples = ("bcab\n", "abab\n", "zzz\n")
    limits = Limits(cpu=1.0)
    topics = ("strings", "lyndon words")
    level = 6

    reference = """\
word = input()
n = len(word)
ring = word + word
# Duval's algorithm; the last Lyndon factor that begins in the first round begins the least rotation
i = 0
while i < n:
    start = k = i
    j = i + 1
    while j < 2 * n and ring[k] <= ring[j]:
        k = k + 1 if ring[k] == ring[j] else i
        j += 1
    while i <= k:
        i += j - k
print(start + 1)
"""
    brute = """\
word = input()
readings = []
for i in range(len(word)):
    reading = ""
    for j in range(len(word)):
        reading += word[(i + j) % len(word)]
    readings.append((reading, i + 1))
print(min(readings)[1])
"""
    right = {
        "two candidates": Program(
            "python",
            """\
import sys

def main():
    s = sys.stdin.buffer.readline().strip()
    n = len(s)
    s += s
    i, j, k = 0, 1, 0
    while i < n and j < n and k < n:
        a, b = s[i + k], s[j + k]
        if a == b:
            k += 1
            continue
        if a > b:
            i += k + 1
        else:
            j += k + 1
        if i == j:
            j += 1
        k = 0
    print(min(i, j) + 1)

main()
""",
        ),
        "tournament of starts with hashes": Program(
            "cpp",
            """\
#include <bits/stdc++.h>
using namespace std;
typedef unsigned long long u64;
const u64 P = (1ULL << 61) - 1, B = 123456789987654321ULL % P;
u64 mul(u64 a, u64 b) { return (unsigned __int128)a * b % P; }
int main() {
    string s;
    cin >> s;
    int n = s.size(), best = 0;
    s += s;
    vector<u64> h(2 * n + 1), p(2 * n + 1, 1);
    for (int i = 0; i < 2 * n; i++) {
        h[i + 1] = (mul(h[i], B) + s[i]) % P;
        p[i + 1] = mul(p[i], B);
    }
    auto part = [&](int i, int length) { return (h[i + length] + P - mul(h[i], p[length])) % P; };
    for (int i = 1; i < n; i++) {
        int low = 0, high = n;  // the longest common part
        while (low < high) {
            int mid = (low + high + 1) / 2;
            if (part(i, mid) == part(best, mid)) low = mid; else high = mid - 1;
        }
        if (low < n && s[i + low] < s[best + low]) best = i;
    }
    cout << best + 1 << endl;
}
""",
        ),
    }
    wrong = {
        "the first smallest letter": """\
word = input()
print(word.index(min(word)) + 1)
""",
        "the smallest suffix": """\
word = input()
print(min(range(len(word)), key=lambda i: word[i : i + 1000]) + 1)
""",
        "the last of equal starts": """\
word = input()
n = len(word)
ring = word + word
best = 0
for i in range(1, min(n, 4000)):
    if ring[i : i + n] <= ring[best : best + n]:
        best = i
print(best + 1)
""",
        "compares ten letters only": """\
word = input()
n = len(word)
ring = word * 11
print(min(range(n), key=lambda i: ring[i : i + 10]) + 1)
""",
        "the start of the longest run of the smallest letter": """\
word = input()
n = len(word)
low = min(word)
ring = word + word
best = length = run = 0
for i in range(2 * n):
    run = run + 1 if ring[i] == low else 0
    if run > length:
        best, length = i - run + 1, run
print(best % n + 1)
""",
        "numbers from 0": """\
word = input()
n = len(word)
ring = word + word
best = 0
for i in range(1, min(n, 4000)):
    if ring[i : i + n] < ring[best : best + n]:
        best = i
print(best)
""",
        "the largest reading": """\
word = input()
n = len(word)
ring = word + word
best = 0
for i in range(1, min(n, 4000)):
    if ring[i : i + n] > ring[best : best + n]:
        best = i
print(best + 1)
""",
        "too slow: compares letter by letter from every start": """\
word = input()
n = len(word)
ring = word + word
best = 0
for i in range(1, n):
    k = 0
    while k < n and ring[i + k] == ring[best + k]:
        k += 1
    if k < n and ring[i + k] < ring[best + k]:
        best = i
print(best + 1)
""",
    }

    equivalent = {
        "line 6: i < n -> i <= n": "no factor begins at n, unless all rotations are factors that are passed at once",
    }

    @classmethod
    def validate(cls, text: str) -> None:
        reader = Reader(text)
        reader.word(1, MOST, "the engraving")
        reader.line()
        reader.end()

    @classmethod
    def small(cls) -> Iterator[str]:
        for n in range(1, 8):
            for word in product("ab", repeat=n):
                yield "".join(word) + "\n"
        for word in product("abc", repeat=5):
            if "c" in word:
                yield "".join(word) + "\n"

    @classmethod
    def random(cls, rng: Rng, size: int) -> str:
        n = int(rng.integers(1, 7 * size + 2)) if size < 4 else min(MOST, int(rng.integers(1, 11 * size**4)))
        kinds = int(rng.choice([1, 2, 3, 26]))
        word = letters(rng, n, kinds)
        kind = int(rng.integers(3))
        if kind == 0:  # periodic
            word = (word[: 1 + n // 4] * 4)[:n]
        elif kind == 1:  # periodic but for one letter
            word = (word[: 1 + n // 5] * 6)[:n]
            i = int(rng.integers(n))
            word = word[:i] + ("a" if rng.integers(2) else "z") + word[i + 1 :]
        return word + "\n"

    @classmethod
    def worst(cls, rng: Rng) -> Iterator[str]:
        yield "a" * MOST + "\n"
        yield "a" * (MOST // 2) + "b" + "a" * (MOST // 2 - 1) + "\n"
        yield "b" + "ab" * (MOST // 2 - 1) + "\n"
        yield "a" * (MOST - 1) + "b\n"
        yield "".join(chr(122 - i * 26 // MOST) for i in range(MOST)) + "\n"
        yield letters(rng, MOST, 2) + "\n"

    @classmethod
    def hack(cls, rng: Rng, idea: str) -> str:
        n = int(rng.integers(3, 30))
        if idea.startswith("too slow"):
            return "b" * n + "a" * (MOST - n) + "\n" if rng.integers(2) else "a" * MOST + "\n"
        if idea.startswith("the smallest suffix"):
            return "ab" + letters(rng, n, 2) + "ba\n"
        if idea.startswith("the last"):
            return ("a" + letters(rng, n, 3)) * 2 + "\n"
        if idea.startswith("compares ten"):
            return "b" + "a" * 12 + "c" + "a" * 12 + "b" * n + "\n"
        if idea.startswith("the start"):
            return "b" * (n % 5) + "aac" + "aab" * n + "c\n"
        return "bac" + letters(rng, n, 3) + "caab\n"
