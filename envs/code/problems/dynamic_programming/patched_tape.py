"""Edit distance in which a stretch of any length is cut out at one price."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import product
from typing import TYPE_CHECKING

from whetstone.envs.code.blueprint import Blueprint
from whetstone.envs.code.reader import Reader
from whetstone.envs.code.sandbox.types import Limits, Program

if TYPE_CHECKING:
    from numpy.random import Generator as Rng

LENGTH, PRICE = 400, 1_000


def text(prices: tuple[int, ...], old: str, new: str) -> str:
    return f"{' '.join(map(str, prices))}\n{old}\n{new}\n"


def word(rng: Rng, length: int, letters: str) -> str:
    return "".join(letters[i] for i in rng.integers(len(letters), size=length).tolist())


class PatchedTape(Blueprint):
    title = "Patching a tape"
    statement = (
        "A tape holds a string of letters and is to be turned into another string. There are three kinds of work, "
        "which may be done any number of times and in any order: to insert one letter anywhere for a coins; to replace "
        "one letter by another for b coins; and to cut out a stretch of neighbouring letters, of any length, for c "
        "coins in all. What does it cost at least to turn the old string into the new one?"
    )
    input_format = (
        "The first line holds the integers a, b and c (1 <= a, b, c <= 1000). The second line holds the old string and "
        "the third line the new string, each of 1 to 400 letters from a to z."
    )
    output_format = "The least number of coins."
    samples = ("3 2 4\nabcde\naxe\n", "1 5 9\nab\nba\n")
    limits = Limits(cpu=1.0)
    topics = ("dynamic programming", "strings", "edit distance")
    level = 6

    reference = """
a, b, c = map(int, input().split())
old, new = input(), input()
cost = [a * j for j in range(len(new) + 1)]
# cut[j]: the least cost of new[:j] from a shorter beginning of the old string, with the cut that ends here
cut = [x + c for x in cost]
for letter in old:
    line = [cut[0]]
    for j in range(len(new)):
        line.append(min(cost[j] + b * (letter != new[j]), line[j] + a, cut[j + 1]))
    cost = line
    cut = [min(x + c, y) for x, y in zip(cost, cut)]
print(cost[-1])
"""
    equivalent = {"line 4: len(new) + 1 -> len(new) + 2": "a number too many at the end is never used"}
    brute = """
import heapq

a, b, c = map(int, input().split())
old, new = input(), input()
letters = sorted(set(new))
heap, done = [(0, old)], set()
while True:
    paid, tape = heapq.heappop(heap)
    if tape == new:
        print(paid)
        break
    if tape in done:
        continue
    done.add(tape)
    for i in range(len(tape) + 1):
        if len(tape) < len(old) + len(new):
            for x in letters:
                heapq.heappush(heap, (paid + a, tape[:i] + x + tape[i:]))
        for j in range(i + 1, len(tape) + 1):
            heapq.heappush(heap, (paid + c, tape[:i] + tape[j:]))
        if i < len(tape):
            for x in letters:
                heapq.heappush(heap, (paid + b, tape[:i] + x + tape[i + 1:]))
"""
    right = {
        "two tables": Program(
            "python",
            """
def main():
    a, b, c = (int(x) for x in input().split())
    s = input().strip()
    t = input().strip()
    inf = float("inf")
    keep = {(0, 0): 0}
    rows = [[0] * (len(t) + 1) for _ in range(len(s) + 1)]
    cuts = [[inf] * (len(t) + 1) for _ in range(len(s) + 1)]
    for j in range(1, len(t) + 1):
        rows[0][j] = rows[0][j - 1] + a
    for i in range(1, len(s) + 1):
        for j in range(len(t) + 1):
            cuts[i][j] = min(cuts[i - 1][j], rows[i - 1][j] + c)
            best = cuts[i][j]
            if j:
                best = min(best, rows[i][j - 1] + a, rows[i - 1][j - 1] + (0 if s[i - 1] == t[j - 1] else b))
            rows[i][j] = best
    print(rows[-1][-1])

main()
""",
        ),
        "every length of the cut, in C++": Program(
            "cpp",
            """
#include <bits/stdc++.h>
using namespace std;
int main() {
    int a, b, c;
    string s, t;
    cin >> a >> b >> c >> s >> t;
    vector<vector<int>> f(s.size() + 1, vector<int>(t.size() + 1, 1 << 29));
    f[0][0] = 0;
    for (size_t i = 0; i <= s.size(); i++)
        for (size_t j = 0; j <= t.size(); j++) {
            if (j) f[i][j] = min(f[i][j], f[i][j - 1] + a);
            if (i && j) f[i][j] = min(f[i][j], f[i - 1][j - 1] + (s[i - 1] == t[j - 1] ? 0 : b));
            for (size_t k = 0; k < i; k++) f[i][j] = min(f[i][j], f[k][j] + c);
        }
    cout << f[s.size()][t.size()] << endl;
}
""",
        ),
    }
    wrong = {
        "cuts letter by letter": reference.replace("min(x + c, y)", "x + c"),
        "a cut only for all that is left over": """
a, b, c = map(int, input().split())
old, new = input(), input()
cost = [a * j for j in range(len(new) + 1)]
first = cost[-1] + c
for i, letter in enumerate(old):
    line = [c]
    for j in range(len(new)):
        line.append(min(cost[j] + b * (letter != new[j]), line[j] + a))
    cost = line
    if i + 1 < len(old):
        first = min(first, cost[-1] + c)
print(min(first, cost[-1]))
""",
        "replaces even where a letter fits": reference.replace("b * (letter != new[j])", "b"),
        "common letters first": """
a, b, c = map(int, input().split())
old, new = input(), input()
# longest common subsequence, then the gaps
n, m = len(old), len(new)
best = [[0] * (m + 1) for _ in range(n + 1)]
for i in range(n - 1, -1, -1):
    for j in range(m - 1, -1, -1):
        best[i][j] = 1 + best[i + 1][j + 1] if old[i] == new[j] else max(best[i + 1][j], best[i][j + 1])
i = j = coins = 0
while i < n or j < m:
    x, y = i, j
    while (i < n or j < m) and not (i < n and j < m and old[i] == new[j]):
        if j == m or i < n and best[i + 1][j] >= best[i][j + 1]:
            i += 1
        else:
            j += 1
    gap, more = i - x, j - y
    both = min(gap, more)
    options = [k * b + (more - k) * a + (c if gap > k else 0) for k in range(both + 1)]
    coins += min(options)
    i, j = i + 1, j + 1
print(coins)
""",
        "forgets the price of the first letters": reference.replace("[a * j for", "[0 for"),
        "too slow: no table": """
import sys

sys.setrecursionlimit(10000)
a, b, c = map(int, input().split())
old, new = input(), input()

def least(i, j, cutting):
    if i == 0:
        return a * j
    best = least(i - 1, j, True) + (0 if cutting else c)
    if j > 0:
        best = min(best, least(i - 1, j - 1, False) + b * (old[i - 1] != new[j - 1]), least(i, j - 1, False) + a)
    return best

print(least(len(old), len(new), False))
""",
    }

    @classmethod
    def validate(cls, text: str) -> None:
        reader = Reader(text)
        reader.integers(3, 1, PRICE, "price")
        reader.line()
        for name in ("old string", "new string"):
            reader.word(1, LENGTH, name)
            reader.line()
        reader.end()

    @classmethod
    def small(cls) -> Iterator[str]:
        for prices in ((1, 1, 1), (2, 3, 4), (1, 5, 1)):
            for old in ("a", "ab", "aba", "abba"):
                yield from (text(prices, old, "".join(new)) for n in (1, 2, 3) for new in product("ab", repeat=n))

    @classmethod
    def random(cls, rng: Rng, size: int) -> str:
        prices = tuple(rng.integers(1, rng.choice([3, 8, PRICE]) + 1, size=3).tolist())
        if size <= 3:
            old, new = rng.integers(1, 4, size=2).tolist()
            return text(prices, word(rng, old + 1, "ab"), word(rng, new, "abc"[: int(rng.integers(1, 4))]))
        n = min(LENGTH, 2**size // 2)
        letters = "abcdefghijklmnopqrstuvwxyz"[: int(rng.choice([2, 4, 26]))]
        pieces = [word(rng, int(rng.integers(1, n)), letters) for _ in range(5)]
        old = "".join(pieces)[:n]
        new = "".join(piece for piece in pieces if rng.random() < 0.6)[:n] or "a"
        return text(prices, old, new)

    @classmethod
    def worst(cls, rng: Rng) -> Iterator[str]:
        yield text((PRICE, PRICE, PRICE), "a" * LENGTH, "b" * LENGTH)
        yield text((3, 2, 9), word(rng, LENGTH, "ab"), word(rng, LENGTH, "ab"))
        yield text((7, 9, 10), word(rng, LENGTH, "abcdefgh"), word(rng, LENGTH, "abcdefgh"))
        yield text((1, PRICE, 5), word(rng, LENGTH, "ab"), word(rng, LENGTH // 2, "ba"))

    @classmethod
    def hack(cls, rng: Rng, idea: str) -> str:
        n = int(rng.integers(2, 9))
        if idea.startswith("too slow"):
            return text((3, 2, 9), word(rng, LENGTH, "ab"), word(rng, LENGTH - n, "ab"))
        keep = [word(rng, n, "abcde") for _ in range(3)]
        old = keep[0] + "x" * n + keep[1] + "y" * n + keep[2]
        if idea == "common letters first":  # one letter fits, but at the price of two cuts or many inserted letters
            return text((n, 3, 4), "x" * n + "q", "q" + "z" * (n - 1) + "z")
        if idea.startswith("forgets"):
            return text((4, 3, 9), keep[0], "z" * n + keep[0])
        return text((5, 4, 6), old, "".join(keep))
