"""Flag strings: the k-th arrangement of a multiset in alphabetical order."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import combinations_with_replacement
from math import factorial, prod
from typing import TYPE_CHECKING

from whetstone.envs.code.blueprint import Blueprint
from whetstone.envs.code.reader import Reader
from whetstone.envs.code.sandbox.types import Limits, Program

if TYPE_CHECKING:
    from numpy.random import Generator as Rng

MOST = 20


def arrangements(word: str) -> int:
    """The number of different words with these letters."""
    return factorial(len(word)) // prod(factorial(word.count(c)) for c in set(word))


def written(word: str, k: int) -> str:
    """The input for the flags and the place."""
    return f"{word} {k}\n"


class FlagStrings(Blueprint):
    """Letter by letter, skipping blocks by multinomial coefficients."""

    title = "Strings of flags"
    statement = """\
A ship has signal flags in its chest, each with a lowercase letter; flags with the same letter cannot be told apart. A
signal uses all the flags, hoisted one below the other, and is read as a word. The signal book lists every different
signal exactly once, in alphabetical order. Which signal is the k-th in the book, counted from 1?"""
    input_format = """\
One line with a word of 1 to 20 lowercase letters a to z, the flags in any order, and an integer k, separated by a
space. k is at least 1 and at most the number of different signals."""
    output_format = "One line: the k-th signal."
    samples = ("aab 2\n", "cab 6\n", "zz 1\n")
    limits = Limits(cpu=1.0)
    topics = ("combinatorics", "permutations")
    level = 5

    reference = """\
from math import factorial

word, k = input().split()
left = sorted(word)
rank = int(k) - 1  # so many signals come before the wanted one
signal = ""
while left:
    for flag in sorted(set(left)):
        rest = left.copy()
        rest.remove(flag)
        block = factorial(len(rest))
        for other in set(rest):
            block //= factorial(rest.count(other))
        if rank < block:
            break
        rank -= block
    left = rest
    signal += flag
print(signal)
"""
    brute = """\
word, k = input().split()
signal = sorted(word)
for _ in range(int(k) - 1):  # to the next one in the book
    i = max(i for i in range(len(signal) - 1) if signal[i] < signal[i + 1])
    j = max(j for j in range(i + 1, len(signal)) if signal[j] > signal[i])
    signal[i], signal[j] = signal[j], signal[i]
    signal[i + 1 :] = signal[: i : -1]
print("".join(signal))
"""
    right = {
        "counts as a table, blocks by division": Program(
            "python",
            """\
import sys
from collections import Counter

word, k = sys.stdin.readline().split()
k = int(k)
count = Counter(word)
total = 1
for i, c in enumerate(word, 1):
    total *= i
for c in count.values():
    for i in range(2, c + 1):
        total //= i
n = len(word)
out = []
while n:
    for c in sorted(count):
        block = total * count[c] // n
        if k <= block:
            out.append(c)
            total = block
            count[c] -= 1
            n -= 1
            break
        k -= block
print("".join(out))
""",
        ),
        "64-bit integers": Program(
            "cpp",
            """\
#include <iostream>
#include <string>
using namespace std;
int main() {
    string word;
    long long k, f[21] = {1};
    cin >> word >> k;
    for (int i = 1; i <= 20; i++) f[i] = f[i - 1] * i;
    int count[26] = {}, n = word.size();
    for (char c : word) count[c - 'a']++;
    while (n--) {
        for (int c = 0; c < 26; c++) {
            if (!count[c]) continue;
            count[c]--;
            long long block = f[n];
            for (int i : count) block /= f[i];
            if (k <= block) { cout << char('a' + c); break; }
            k -= block;
            count[c]++;
        }
    }
    cout << endl;
}
""",
        ),
    }
    wrong = {
        "flags with the same letter are told apart": """\
from math import factorial
word, k = input().split()
left = sorted(word)
rank = int(k) - 1
signal = ""
while left:
    block = factorial(len(left) - 1)
    signal += left.pop(min(rank // block, len(left) - 1))
    rank %= block
print(signal)
""",
        "counts from 0": """\
from math import factorial
word, k = input().split()
left = sorted(word)
rank = int(k)
signal = ""
while left:
    for flag in sorted(set(left)):
        rest = left.copy()
        rest.remove(flag)
        block = factorial(len(rest))
        for other in set(rest):
            block //= factorial(rest.count(other))
        if rank < block:
            break
        rank -= block
    left = rest
    signal += flag
print(signal)
""",
        "keeps the flags in the given order": """\
from math import factorial
word, k = input().split()
left = list(word)
rank = int(k) - 1
signal = ""
while left:
    for flag in dict.fromkeys(left):
        rest = left.copy()
        rest.remove(flag)
        block = factorial(len(rest))
        for other in set(rest):
            block //= factorial(rest.count(other))
        if rank < block:
            break
        rank -= block
    left = rest
    signal += flag
print(signal)
""",
        "divides by the flags of this letter only": """\
from math import factorial
word, k = input().split()
left = sorted(word)
rank = int(k) - 1
signal = ""
while left:
    for flag in sorted(set(left)):
        rest = left.copy()
        rest.remove(flag)
        block = factorial(len(rest)) // factorial(rest.count(flag))
        if rank < block:
            break
        rank -= block
    left = rest
    signal += flag
print(signal)
""",
        "from the end of the book": """\
from math import factorial
word, k = input().split()
left = sorted(word)
rank = int(k) - 1
signal = ""
while left:
    for flag in sorted(set(left), reverse=True):
        rest = left.copy()
        rest.remove(flag)
        block = factorial(len(rest))
        for other in set(rest):
            block //= factorial(rest.count(other))
        if rank < block:
            break
        rank -= block
    left = rest
    signal += flag
print(signal)
""",
        "too slow: from signal to signal": """\
word, k = input().split()
signal = sorted(word)
n = len(signal)
for _ in range(int(k) - 1):
    i = n - 2
    while signal[i] >= signal[i + 1]:
        i -= 1
    j = n - 1
    while signal[j] <= signal[i]:
        j -= 1
    signal[i], signal[j] = signal[j], signal[i]
    signal[i + 1 :] = signal[: i : -1]
print("".join(signal))
""",
    }

    @classmethod
    def validate(cls, text: str) -> None:
        reader = Reader(text)
        word = reader.word(1, MOST, "the flags")
        reader.integer(1, arrangements(word), "k")
        reader.line()
        reader.end()

    @classmethod
    def small(cls) -> Iterator[str]:
        for n in range(1, 5):
            for word in combinations_with_replacement("abc", n):
                for k in range(1, arrangements("".join(word)) + 1):
                    yield written("".join(word)[::-1], k)
        for k in range(1, 25):
            yield written("mxqd", k)

    @classmethod
    def random(cls, rng: Rng, size: int) -> str:
        # few signals where a walk through the book is quick, else very many
        n = int(rng.integers(1, 4 + size)) if size < 6 else int(rng.integers(17, MOST + 1))
        letters = rng.permutation(26)[: int(rng.integers(2, 5)) if size < 6 else 12 + size]
        word = "".join(chr(97 + int(c)) for c in rng.choice(letters, size=n))
        most = arrangements(word)
        k = int(rng.integers(most // 2 if size > 5 else 0, most)) + 1
        return written(word, most if rng.integers(9) == 0 else k)

    @classmethod
    def worst(cls, rng: Rng) -> Iterator[str]:
        word = "".join(chr(97 + int(c)) for c in rng.permutation(26)[:MOST])
        yield written(word, factorial(MOST))
        yield written(word, factorial(MOST) // 2)
        yield written(word[:10] * 2, arrangements(word[:10] * 2) * 3 // 4)
        yield written("ab" * 10, 1)

    @classmethod
    def hack(cls, rng: Rng, idea: str) -> str:
        if idea.startswith("too slow"):
            n = int(rng.integers(18, MOST + 1))
            word = "".join(chr(97 + int(c)) for c in rng.permutation(26)[:n])
            return written(word, factorial(n) - int(rng.integers(10**6)))
        a, b, c, d = (chr(97 + int(x)) for x in rng.permutation(26)[:4])
        word = b * 2 + c * 3 + a * 2 + d
        return written(word, int(rng.integers(300, arrangements(word) - 300)))
