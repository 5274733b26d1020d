"""Mirror sign: the fewest letters to append for a palindrome, by a prefix function."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import product
from typing import TYPE_CHECKING

from whetstone.envs.code.blueprint import Blueprint
from whetstone.envs.code.reader import Reader
from whetstone.envs.code.sandbox.types import Limits, Program

if TYPE_CHECKING:
    from numpy.random import Generator as Rng

MOST = 100_000


def letters(rng: Rng, n: int, kinds: int) -> str:
    """A random word of `n` letters."""
    return "".join(chr(97 + int(c)) for c in rng.integers(kinds, size=n))


class MirrorSign(Blueprint):
    """n minus the longest palindromic suffix."""

    title = "Mirror sign"
    statement = """\
A sign painter has painted a word and is now told that the sign has to read the same from left to right and from right
to left. What is painted stays; the painter can only add letters at the right end. What is the smallest number of
letters to be added?"""
    input_format = "One line with the painted word: 1 to 100000 lowercase letters a to z."
    output_format = "One integer: the smallest number of letters to be added at the right end (0 if none are needed)."
    samples = ("abb\n", "level\n", "abcd\n")
    limits = Limits(cpu=1.0)
    topics = ("strings", "prefix function")
    level = 5

    reference = """\
word = input()
back = word[::-1]
# how much of `back` the part of `word` read so far ends with
borders = [0]
matched = 0
for letter in back[1:]:
    while matched and back[matched] != letter:
        matched = borders[matched - 1]
    matched += back[matched] == letter
    borders.append(matched)
matched = 0
for letter in word:
    while matched and back[matched] != letter:
        matched = borders[matched - 1]
    matched += back[matched] == letter
print(len(word) - matched)
"""
    brute = """\
word = input()
for added in range(len(word)):
    sign = word + word[:added][::-1]
    if all(sign[i] == sign[len(sign) - 1 - i] for i in range(len(sign) // 2)):
        print(added)
        break
"""
    right = {
        "longest palindrome at the end, by Manacher's radii": Program(
            "python",
            """\
import sys

s = "|" + "|".join(sys.stdin.readline().strip()) + "|"
n = len(s)
radius = [0] * n
centre = end = 0
for i in range(n):
    r = min(end - i, radius[2 * centre - i]) if i < end else 0
    while i - r - 1 >= 0 and i + r + 1 < n and s[i - r - 1] == s[i + r + 1]:
        r += 1
    radius[i] = r
    if i + r > end:
        centre, end = i, i + r
    if end == n - 1:
        print((n - 1) // 2 - r)
        break
""",
        ),
        "two hashes": Program(
            "cpp",
            """\
#include <bits/stdc++.h>
using namespace std;
int main() {
    string s;
    cin >> s;
    const unsigned long long p = 1000000000000003ULL, b = 911382323;
    unsigned long long forward = 0, backward = 0, power = 1;
    int n = s.size(), best = 0;
    for (int i = n - 1; i >= 0; i--) {  // hashes of s[i:] read both ways
        forward = (forward + (unsigned __int128)power * s[i]) % p;
        backward = ((unsigned __int128)backward * b + s[i]) % p;
        power = (unsigned __int128)power * b % p;
        if (forward == backward) best = n - i;
    }
    cout << n - best << endl;
}
""",
        ),
    }
    wrong = {
        "may add letters on both sides": """\
word = input()
n = len(word)
i, added = 0, 0
j = n - 1
while i < j:
    if word[i] == word[j]:
        i += 1
        j -= 1
    else:
        added += 1
        i += 1
print(added)
""",
        "adds letters at the left end": """\
word = input()
for k in range(len(word), 0, -1):
    if word[:k] == word[:k][::-1]:
        print(len(word) - k)
        break
""",
        "counts the pairs that differ": """\
word = input()
n = len(word)
print(sum(word[i] != word[n - 1 - i] for i in range(n // 2)))
""",
        "palindromes of odd length only": """\
word = input()
n = len(word)
best = 1
for k in range(1, min(n, 3000) + 1, 2):
    if word[n - k:] == word[n - k:][::-1]:
        best = k
print(n - best)
""",
        "the first palindrome from the end": """\
word = input()
n = len(word)
best = 1
for k in range(2, n + 1):
    tail = word[n - k:]
    if tail == tail[::-1]:
        best = k
    elif k > best + 2:
        break
print(n - best)
""",
        "starts the prefix function anew after a mismatch": """\
word = input()
back = word[::-1]
matched = 0
for letter in word:
    if back[matched] != letter:
        matched = 0
    if back[matched] == letter:
        matched += 1
print(len(word) - matched)
""",
        "too slow: tries every end": """\
word = input()
for i in range(len(word)):
    tail = word[i:]
    if tail == tail[::-1]:
        print(i)
        break
""",
    }

    @classmethod
    def validate(cls, text: str) -> None:
        reader = Reader(text)
        reader.word(1, MOST, "the word")
        reader.line()
        reader.end()

    @classmethod
    def small(cls) -> Iterator[str]:
        for n in range(1, 8):
            for word in product("ab", repeat=n):
                yield "".join(word) + "\n"
        for word in product("abc", repeat=4):
            yield "z" + "".join(word) + "\n"

    @classmethod
    def random(cls, rng: Rng, size: int) -> str:
        n = int(rng.integers(1, 12 * size + 1)) if size < 4 else min(MOST, int(rng.integers(1, 16 * size**4)))
        kinds = int(rng.choice([1, 2, 3, 26]))
        word = letters(rng, n, kinds)
        kind = int(rng.integers(4))
        if kind == 0:  # ends with a long palindrome
            half = word[: n // 2]
            word = letters(rng, n - 2 * len(half), kinds) + half + half[::-1]
        elif kind == 1:
            word = (word[: 1 + n // 7] * 8)[:n]
        elif kind == 2:  # nearly a palindrome
            word = word[: (n + 1) // 2] + word[: n // 2][::-1]
            i = int(rng.integers(n))
            word = word[:i] + "z" + word[i + 1 :]
        return word + "\n"

    @classmethod
    def worst(cls, rng: Rng) -> Iterator[str]:
        yield "a" * (MOST - 1) + "b\n"
        yield "a" * MOST + "\n"
        yield "a" * (MOST // 2) + "b" + "a" * (MOST // 2 - 1) + "\n"
        yield letters(rng, MOST, 2) + "\n"
        fibonacci = ["a", "ab"]
        while len(fibonacci[-1]) < MOST:
            fibonacci.append(fibonacci[-1] + fibonacci[-2])
        yield fibonacci[-1][:MOST] + "\n"

    @classmethod
    def hack(cls, rng: Rng, idea: str) -> str:
        n = int(rng.integers(3, 30))
        if idea.startswith("too slow"):
            return "a" * (MOST - n) + "b" * n + "\n"
        if idea.startswith("palindromes"):
            half = letters(rng, n, 3)
            return "z" + half + half[::-1] + "\n"
        if idea.startswith("the first"):
            return "z" + "abcdeedcba" * (n // 10 + 2) + "\n"
        if idea.startswith("starts"):
            m = int(rng.integers(2, 9))
            return "c" * n + "a" * (m + 1) + "b" + "a" * m + "\n"
        if idea.startswith("may add"):
            return "a" + "b" * n + "c" * int(rng.integers(1, n + 1)) + "a\n"
        return "abc" + letters(rng, n, 2) + "zz\n"
