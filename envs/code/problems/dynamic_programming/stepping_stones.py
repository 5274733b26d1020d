"""Counting ways over a river, with one bit of memory."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import product
from typing import TYPE_CHECKING

from whetstone.envs.code.blueprint import Blueprint
from whetstone.envs.code.reader import Reader
from whetstone.envs.code.sandbox.types import Limits, Program

if TYPE_CHECKING:
    from numpy.random import Generator as Rng

N = 50_000


def stones(rng: Rng, n: int, loose: float) -> str:
    return "".join("#" if x < loose else "." for x in rng.random(n).tolist()) + "\n"


class SteppingStones(Blueprint):
    title = "Stepping stones"
    statement = (
        "A row of stones leads straight across a river. Some are loose, and nobody may step on them. A frog sits "
        "on the near bank, one length before the first stone, and wants to get to the far bank, one length behind the "
        "last stone; neighbouring stones are one length apart, too. It jumps forward by 1, 2 or 3 lengths, but after "
        "a jump of 3 lengths it is tired and cannot jump 3 lengths again in the very next jump. It jumps exactly onto "
        "the bank, never beyond it. In how many ways can it cross? Two ways are different if the frog "
        "touches different stones. Give the number modulo 1000000007."
    )
    input_format = (
        "One line with a string of 1 to 50000 characters, one for each stone from the near bank to the far bank: '.' "
        "a firm stone, '#' a loose one."
    )
    output_format = "The number of ways modulo 1000000007."
    samples = ("...\n", ".##.#\n", "##.##\n")
    limits = Limits(cpu=1.0)
    topics = ("dynamic programming", "counting")
    level = 3

    reference = """
M = 10**9 + 7
# rested and tired: ways to the last three places, after a short jump and after a jump of 3
rested, tired = [0, 0, 1], [0, 0, 0]
for stone in input() + ".":
    short = long = 0
    if stone == ".":
        short = rested[1] + rested[2] + tired[1] + tired[2]
        long = rested[0]
    rested = rested[1:] + [short % M]
    tired = tired[1:] + [long]
print((rested[2] + tired[2]) % M)
"""
    equivalent = {
        "line 4: [0, 0, 0] -> [1, 0, 0]": "the tired ways three places back are never used",
        "line 4: [0, 0, 0] -> [-1, 0, 0]": "the tired ways three places back are never used",
    }
    brute = """
stones = input()
end = len(stones) + 1


def ways(place, last):
    if place == end:
        return 1
    if place > end or place > 0 and stones[place - 1] == "#":
        return 0
    return sum(ways(place + jump, jump) for jump in (1, 2, 3) if jump < 3 or last < 3)


print(ways(0, 0) % 1000000007)
"""
    right = {
        "a jump of 3 with the short one before it": Program(
            "python",
            """
def main():
    s = "." + input() + "."
    mod = 1000000007
    n = len(s)
    # ways[i]: all ways to i; fresh[i]: those whose last jump is not of 3 lengths
    ways, fresh = [0] * n, [0] * n
    ways[0] = fresh[0] = 1
    for i in range(1, n):
        if s[i] == "#":
            continue
        a = ways[i - 1]
        if i > 1:
            a += ways[i - 2]
        fresh[i] = a % mod
        if i > 2:
            a += fresh[i - 3]
        ways[i] = a % mod
    print(ways[-1])

main()
""",
        ),
        "C++": Program(
            "cpp",
            """
#include <bits/stdc++.h>
using namespace std;
int main() {
    string s;
    cin >> s;
    s = "." + s + ".";
    const long long M = 1000000007;
    vector<array<long long, 2>> w(s.size());
    w[0] = {1, 0};
    for (size_t i = 0; i < s.size(); i++) {
        if (s[i] == '#') { w[i] = {0, 0}; continue; }
        w[i][0] %= M, w[i][1] %= M;
        for (size_t d = 1; d <= 2 && i + d < s.size(); d++) w[i + d][0] += w[i][0] + w[i][1];
        if (i + 3 < s.size()) w[i + 3][1] += w[i][0];
    }
    cout << (w.back()[0] + w.back()[1]) % M << endl;
}
""",
        ),
    }
    wrong = {
        "never tired": reference.replace("long = rested[0]", "long = rested[0] + tired[0]"),
        "steps on loose stones": reference.replace('stone == "."', "True"),
        "tired after every jump": """
M = 10**9 + 7
s = "." + input() + "."
ways = [[0] * len(s) for _ in range(4)]
ways[0][0] = 1
for i in range(1, len(s)):
    if s[i] == ".":
        for jump in (1, 2, 3):
            if i >= jump:
                ways[jump][i] = sum(ways[last][i - jump] for last in range(4) if last != jump) % M
print(sum(way[-1] for way in ways) % M)
""",
        "one jump of 3 in all": """
M = 10**9 + 7
s = "." + input() + "."
none, one = [0] * len(s), [0] * len(s)
none[0] = 1
for i in range(1, len(s)):
    if s[i] == ".":
        none[i] = sum(none[max(0, i - 2):i]) % M
        one[i] = sum(one[max(0, i - 2):i]) % M
        if i >= 3:
            one[i] = (one[i] + none[i - 3]) % M
print((none[-1] + one[-1]) % M)
""",
        "begins on the first stone": reference.replace("[0, 0, 1], [0, 0, 0]", "[0, 0, 0], [0, 0, 0]").replace(
            'for stone in input() + ".":', 'rested[2] = 1\nfor stone in input()[1:] + ".":'
        ),
        "no remainder": reference.replace("short % M", "short").replace(
            "print((rested[2] + tired[2]) % M)", "print((rested[2] + tired[2]) % 10**30)"
        ),
        "too slow: every way": """
import sys

sys.setrecursionlimit(100000)
stones = "." + input() + "."

def ways(place, tired):
    if place == len(stones) - 1:
        return 1
    total = 0
    for jump in (1, 2, 3):
        if place + jump < len(stones) and stones[place + jump] == "." and not (tired and jump == 3):
            total += ways(place + jump, jump == 3)
    return total

print(ways(0, False) % 1000000007)
""",
    }

    @classmethod
    def validate(cls, text: str) -> None:
        reader = Reader(text)
        reader.word(1, N, "stones", ".#")
        reader.line()
        reader.end()

    @classmethod
    def small(cls) -> Iterator[str]:
        for n in range(1, 9):
            yield from ("".join(row) + "\n" for row in product(".#", repeat=n))
        yield "." * 12 + "\n"

    @classmethod
    def random(cls, rng: Rng, size: int) -> str:
        n = int(rng.integers(5, 9 + 2 * size)) if size <= 3 else min(N, 3 ** (size + 1) // 3)
        return stones(rng, n, float(rng.choice([0, 0.05, 0.2]) if size < 6 else rng.choice([0, 0.01, 0.05])))

    @classmethod
    def worst(cls, rng: Rng) -> Iterator[str]:
        yield "." * N + "\n"
        yield ".#" * (N // 2) + "\n"
        yield stones(rng, N, 0.05)

    @classmethod
    def hack(cls, rng: Rng, idea: str) -> str:
        if idea.startswith(("too slow", "no remainder")):
            return "." * int(rng.integers(200, N)) + "\n"
        return "".join("." + "#" * int(rng.integers(2)) for _ in range(int(rng.integers(6, 20)))) + "...\n"
