"""Longest palindrome inside a word, the leftmost of several."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import product
from typing import TYPE_CHECKING

from whetstone.envs.code.blueprint import Blueprint
from whetstone.envs.code.reader import Reader
from whetstone.envs.code.sandbox.types import Limits, Program

if TYPE_CHECKING:
    from numpy.random import Generator as Rng

N = 40_000


def word(rng: Rng, length: int, letters: str) -> str:
    return "".join(letters[i] for i in rng.integers(0, len(letters), length))


class LongestPalindrome(Blueprint):
    title = "Mirror in a word"
    statement = (
        "A palindrome reads the same from both ends. Find the longest palindrome among the substrings (consecutive "
        "letters) of a word; if several are longest, the one that starts first."
    )
    input_format = "One line with a word of 1 to 40000 lowercase letters a to z."
    output_format = "The palindrome."
    samples = ("abacabb\n", "noon\n", "abc\n")
    limits = Limits(cpu=1.0)
    topics = ("strings", "palindromes")
    level = 6

    reference = """
def main():
    s = input()
    t = "#" + "#".join(s) + "#"
    radius = []
    center = right = best = 0
    for i in range(len(t)):
        r = min(right - i, radius[2 * center - i]) if i < right else 0
        while r < i < len(t) - r - 1 and t[i - r - 1] == t[i + r + 1]:
            r += 1
        radius.append(r)
        if i + r > right:
            center, right = i, i + r
        if r > radius[best]:
            best = i
    start = (best - radius[best]) // 2
    print(s[start:start + radius[best]])

main()
"""
    equivalent = {
        "line 7: range(len(t)) -> range(len(t) - 1)": "around the last # there is nothing",
        "line 8: 0 -> -1": "the first step compares a letter with itself",
        "line 9: r < i < len(t) - r - 1 -> r <= i < len(t) - r - 1": "a # is then compared with a letter",
        "line 12: i + r > right -> i + r >= right": "of two palindromes with one end, either mirrors what follows",
    }
    brute = """
s = input()
n = len(s)
pieces = [s[i:j] for i in range(n) for j in range(i + 1, n + 1)]
print(max((p for p in pieces if p == p[::-1]), key=len))
"""
    right = {
        "hash and binary search": Program(
            "python",
            """
s = input()
n, M, B = len(s), (1 << 61) - 1, 911382323
up, down, power = [0], [0], [1]
for x, y in zip(s, reversed(s)):
    up.append((up[-1] * B + ord(x)) % M)
    down.append((down[-1] * B + ord(y)) % M)
    power.append(power[-1] * B % M)

def mirror(i, j):
    return (up[j] - up[i] * power[j - i] - down[n - i] + down[n - j] * power[j - i]) % M == 0

# Only a longer palindrome than the best so far is of interest, so lengths rise n times at most.
length, start = 1, 0
for j in range(2, n + 1):
    for more in (length + 2, length + 1):
        if j >= more and mirror(j - more, j):
            length, start = more, j - more
            break
print(s[start:start + length])
""",
        ),
        "Manacher in C++": Program(
            "cpp",
            """
#include <bits/stdc++.h>
using namespace std;
int main() {
    string s;
    cin >> s;
    int n = s.size(), length = 0, start = 0;
    for (int odd = 0; odd < 2; odd++) {
        vector<int> d(n);
        for (int i = 0, l = 0, r = -1; i < n; i++) {
            int k = i > r ? odd : min(d[l + r - i + !odd], r - i + 1);
            while (i + k < n && i - k - !odd >= 0 && s[i + k] == s[i - k - !odd]) k++;
            d[i] = k;
            if (i + k - 1 > r) l = i - k + odd, r = i + k - 1;
            int found = 2 * k - odd, from = i - k + odd;
            if (found > length || (found == length && from < start)) length = found, start = from;
        }
    }
    cout << s.substr(start, length) << endl;
}
""",
        ),
    }
    wrong = {
        "odd lengths only": """
s = input()
best = ""
for i in range(len(s)):
    r = 0
    while i - r - 1 >= 0 and i + r + 1 < len(s) and s[i - r - 1] == s[i + r + 1]:
        r += 1
    if 2 * r + 1 > len(best):
        best = s[i - r:i + r + 1]
print(best)
""",
        "the last of several": """
s = input()
best = ""
for c in range(2 * len(s) - 1):
    i, j = c // 2, (c + 1) // 2
    while i >= 0 and j < len(s) and s[i] == s[j]:
        i, j = i - 1, j + 1
    if j - i - 1 >= len(best):
        best = s[i + 1:j]
print(best)
""",
        "a common substring with the reverse": """
s = input()
t = s[::-1]
best = ""
for i in range(len(s)):
    while i + len(best) < len(s) and s[i:i + len(best) + 1] in t:
        best = s[i:i + len(best) + 1]
print(best)
""",
        "begins with the longest prefix": """
s = input()
best = max((s[:k] for k in range(1, len(s) + 1) if s[:k] == s[:k][::-1]), key=len)
tail = max((s[k:] for k in range(len(s)) if s[k:] == s[k:][::-1]), key=len)
print(best if len(best) >= len(tail) else tail)
""",
        "grows from every center": """
s = input()
start = length = 0
for c in range(2 * len(s) - 1):
    i, j = c // 2, (c + 1) // 2
    while i >= 0 and j < len(s) and s[i] == s[j]:
        i, j = i - 1, j + 1
    if j - i - 1 > length:
        start, length = i + 1, j - i - 1
print(s[start:start + length])
""",
    }

    @classmethod
    def validate(cls, text: str) -> None:
        reader = Reader(text)
        reader.word(1, N, "the word")
        reader.line()
        reader.end()

    @classmethod
    def small(cls) -> Iterator[str]:
        yield from ("z\n", "az\n", "zz\n")
        for n in range(1, 9):
            yield from ("".join(letters) + "\n" for letters in product("ab", repeat=n))
        yield from ("".join(letters) + "\n" for letters in product("abc", repeat=5))

    @classmethod
    def random(cls, rng: Rng, size: int) -> str:
        n = int(rng.integers(1, 6 * size)) if size <= 3 else min(N, 3**size)
        letters = str(rng.choice(("ab", "abc", "abcdefghijklmnopqrstuvwxyz")))
        half = word(rng, int(rng.integers(0, n // 2 + 1)), letters)  # a palindrome between noise
        middle = half + word(rng, int(rng.integers(0, 2)), letters) + half[::-1]
        left = int(rng.integers(0, max(1, n - len(middle))))
        return word(rng, left, letters) + (middle + word(rng, n, letters))[: n - left] + "\n"

    @classmethod
    def worst(cls, rng: Rng) -> Iterator[str]:
        yield "a" * N + "\n"
        yield "ab" * (N // 2) + "\n"
        yield "a" * (N // 2) + "b" + "a" * (N // 2 - 1) + "\n"
        yield word(rng, N, "ab") + "\n"

    @classmethod
    def hack(cls, rng: Rng, idea: str) -> str:
        letters = word(rng, int(rng.integers(3, 12)), "abcd")
        match idea:
            case "odd lengths only":
                return letters + letters[::-1] + word(rng, 3, "xyz") + "\n"
            case "a common substring with the reverse":  # the same letters both ways, apart from each other
                return letters + "q" + word(rng, 2, "xyz") + letters[::-1] + "\n"
            case "grows from every center":
                return "a" * int(rng.integers(N - 99, N)) + "\n"
        return (
            word(rng, 5, "xyz") + letters + letters[-2::-1] + word(rng, 5, "xyz") + letters[::-1] + letters[1:] + "\n"
        )
