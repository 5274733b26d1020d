"""Interval DP: remove palindromic stretches until nothing is left."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import product
from typing import TYPE_CHECKING

from whetstone.envs.code.blueprint import Blueprint
from whetstone.envs.code.reader import Reader
from whetstone.envs.code.sandbox.types import Limits, Program

if TYPE_CHECKING:
    from numpy.random import Generator as Rng

LENGTH = 120


def word(rng: Rng, length: int, letters: str) -> str:
    return "".join(letters[i] for i in rng.integers(len(letters), size=length).tolist()) + "\n"


class MirrorRibbon(Blueprint):
    title = "Cutting mirrors out of a ribbon"
    statement = (
        "A ribbon of beads is written as a string, one letter a colour. In one move you may cut out a stretch of "
        "neighbouring beads that reads the same forwards and backwards; a single bead is such a stretch, too. Then the "
        "two ends are tied together, so that beads which were apart become neighbours. What is the least number of "
        "moves after which no bead is left?"
    )
    input_format = "One line with a string of 1 to 120 letters from a to z."
    output_format = "The least number of moves."
    samples = ("abcb\n", "abcdba\n", "abab\n")
    limits = Limits(cpu=1.0)
    topics = ("dynamic programming", "intervals", "palindromes")
    level = 7

    reference = """
beads = input()
n = len(beads)
# moves[i][j]: for the beads from i to j, both included
moves = [[1] * n for _ in range(n)]
for i in reversed(range(n)):
    for j in range(i + 1, n):
        best = min(moves[i][k] + moves[k + 1][j] for k in range(i, j))
        if beads[i] == beads[j]:
            best = min(best, moves[i + 1][j - 1])
        moves[i][j] = best
print(moves[0][-1])
"""
    equivalent = {"line 6: reversed(range(n)) -> reversed(range(n - 1))": "the last bead alone takes one move already"}
    brute = """
ribbons = {input()}
moves = 0
while "" not in ribbons:
    moves += 1
    after = set()
    for s in ribbons:
        for i in range(len(s)):
            for j in range(i + 1, len(s) + 1):
                if s[i:j] == s[i:j][::-1]:
                    after.add(s[:i] + s[j:])
    ribbons = after
print(moves)
"""
    right = {
        "the partner of the first bead, with memory": Program(
            "python",
            """
from functools import lru_cache
import sys

sys.setrecursionlimit(100000)
s = input().strip()

@lru_cache(None)
def solve(i, j):
    # s[i:j]: bead i goes alone, or at the two ends of a stretch with some bead k
    if j <= i:
        return 0
    best = 1 + solve(i + 1, j)
    for k in range(i + 1, j):
        if s[k] == s[i]:
            inner = solve(i + 1, k)
            best = min(best, max(inner, 1) + solve(k + 1, j))
    return best

print(solve(0, len(s)))
""",
        ),
        "by rising length in C++": Program(
            "cpp",
            """
#include <bits/stdc++.h>
using namespace std;
int main() {
    string s;
    cin >> s;
    int n = s.size();
    vector<vector<int>> f(n + 1, vector<int>(n + 1, 0));
    for (int len = 1; len <= n; len++)
        for (int i = 0; i + len <= n; i++) {
            int j = i + len;
            f[i][j] = f[i + 1][j] + 1;
            for (int k = i + 1; k < j; k++)
                if (s[i] == s[k]) f[i][j] = min(f[i][j], max(1, f[i + 1][k]) + f[k + 1][j]);
        }
    cout << f[0][n] << endl;
}
""",
        ),
    }
    wrong = {
        "the longest mirror first": """
s = input()
moves = 0
while s:
    pieces = (s[i:j] for i in range(len(s)) for j in range(i + 1, len(s) + 1) if s[i:j] == s[i:j][::-1])
    longest = max(pieces, key=len)
    i = s.index(longest)
    s = s[:i] + s[i + len(longest):]
    moves += 1
print(moves)
""",
        "the ends are not tied together": """
s = input()
best = [0] + [len(s)] * len(s)
for j in range(1, len(s) + 1):
    for i in range(j):
        if s[i:j] == s[i:j][::-1]:
            best[j] = min(best[j], best[i] + 1)
print(best[-1])
""",
        "equal ends cost a move of their own": reference.replace("moves[i + 1][j - 1])", "moves[i + 1][j - 1] + 1)"),
        "equal ends settle it": reference.replace(
            "best = min(best, moves[i + 1][j - 1])", "best = moves[i + 1][j - 1]"
        ),
        "neighbours that are equal cost nothing": reference.replace(
            "[[1] * n for _ in range(n)]", "[[int(i == j) for j in range(n)] for i in range(n)]"
        ),
        "takes beads from the ends only": """
s = input()
n = len(s)
best = {}
for i in range(n, -1, -1):
    for j in range(i, n + 1):
        if i == j:
            best[i, j] = 0
        elif j == i + 1 or j == i + 2 and s[i] == s[i + 1]:
            best[i, j] = 1
        elif s[i] == s[j - 1]:
            best[i, j] = best[i + 1, j - 1]
        else:
            best[i, j] = 1 + min(best[i + 1, j], best[i, j - 1])
print(best[0, n])
""",
        "too slow: no memory": """
def least(s):
    if len(s) < 2:
        return len(s)
    best = 1 + least(s[1:])
    for k in range(1, len(s)):
        if s[k] == s[0]:
            best = min(best, max(1, least(s[1:k])) + least(s[k + 1:]))
    return best

print(least(input()))
""",
    }

    @classmethod
    def validate(cls, text: str) -> None:
        reader = Reader(text)
        reader.word(1, LENGTH, "ribbon")
        reader.line()
        reader.end()

    @classmethod
    def small(cls) -> Iterator[str]:
        for n in range(1, 6):
            yield from ("".join(row) + "\n" for row in product("ab", repeat=n))
        yield from ("".join(row) + "\n" for row in product("abc", repeat=5) if row[0] == "a")

    @classmethod
    def random(cls, rng: Rng, size: int) -> str:
        n = int(rng.integers(4, 7 + size)) if size <= 3 else LENGTH * (size - 2) // 8
        return word(rng, n, "abcdefghijklmnopqrstuvwxyz"[: int(rng.choice([2, 3, 4, 8]))])

    @classmethod
    def worst(cls, rng: Rng) -> Iterator[str]:
        yield "a" * LENGTH + "\n"
        yield "ab" * (LENGTH // 2) + "\n"
        yield word(rng, LENGTH, "abc")
        yield word(rng, LENGTH, "abcdefghij")

    @classmethod
    def hack(cls, rng: Rng, idea: str) -> str:
        if idea.startswith("too slow"):
            return word(rng, LENGTH - int(rng.integers(20)), "ab")
        n = int(rng.integers(1, 8))
        if idea.startswith("neighbours"):
            return "a" * 2 * n + "\n"
        if idea in ("equal ends settle it", "takes beads from the ends only"):  # two mirrors whose ends are equal
            return "a" + "b" * n + "aa" + "c" * int(rng.integers(1, 8)) + "a\n"
        return word(rng, LENGTH - n, "abcd")
