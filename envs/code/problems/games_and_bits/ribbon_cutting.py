"""Grundy numbers: cut a piece of fixed length out of a ribbon."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import combinations_with_replacement, product
from typing import TYPE_CHECKING

from whetstone.envs.code.blueprint import Blueprint
from whetstone.envs.code.problem import Comparison
from whetstone.envs.code.reader import Reader
from whetstone.envs.code.sandbox.types import Limits, Program

if TYPE_CHECKING:
    from numpy.random import Generator as Rng

N, LENGTH = 1_000, 400


def text(k: int, ribbons: Sequence[int]) -> str:
    return f"{len(ribbons)} {k}\n{' '.join(map(str, ribbons))}\n"


class RibbonCutting(Blueprint):
    title = "The last to cut"
    statement = (
        "Two players have n ribbons, numbered from 1 to n; ribbon i is a_i centimetres long. They move in turn. In a "
        "move a player takes one of the ribbons and cuts a piece of exactly k centimetres out of it, anywhere, at "
        "whole centimetres: what is left are a left part and a right part, which are ribbons of their own from then "
        "on, and each of which may be of length 0; the piece is thrown away. Who cannot move loses. You move first. If "
        "you can win against every play, find a first move after which you can; if there are several, any of them "
        "will do."
    )
    input_format = (
        "The first line holds the integers n and k (1 <= n <= 1000, 1 <= k <= 10). The second line holds the n "
        "integers a_1 to a_n (1 <= a_i <= 400)."
    )
    output_format = (
        "The word LOSE if you cannot win. Otherwise two integers: the number of the ribbon that you cut, and the "
        "length of the left part."
    )
    samples = ("1 2\n5\n", "2 3\n4 4\n", "3 1\n1 1 1\n")
    limits = Limits(cpu=1.0)
    topics = ("games", "Grundy numbers")
    level = 7
    comparison = Comparison(
        "checker",
        checker="""
def grundy(length, k):
    # Plain values, without the symmetry that a program may use.
    values = []
    for a in range(length + 1):
        reached = {values[left] ^ values[a - k - left] for left in range(a - k + 1)}
        values.append(next(g for g in range(len(reached) + 1) if g not in reached))
    return values

def check(input, output, answer):
    n, k, *ribbons = map(int, input.split())
    found = output.split()
    if found == ["LOSE"]:
        if answer.split() != ["LOSE"]:
            raise ValueError("there is a move that wins")
        return
    if len(found) != 2 or not all(token.isascii() and token.isdigit() and len(token) < 10 for token in found):
        raise ValueError("expected the word LOSE or two integers")
    i, left = map(int, found)
    if not 1 <= i <= n or left + k > ribbons[i - 1]:
        raise ValueError("there is no such move")
    values = grundy(max(ribbons), k)
    rest = values[left] ^ values[ribbons[i - 1] - k - left]
    for j, length in enumerate(ribbons, start=1):
        if j != i:
            rest ^= values[length]
    if rest:
        raise ValueError("the other player can win after this move")
    if answer.split() == ["LOSE"]:
        raise RuntimeError("a move that wins where the reference loses")
""",
    )

    reference = """
n, k = map(int, input().split())
ribbons = list(map(int, input().split()))
values = [0] * k
for length in range(k, max(ribbons) + 1):
    reached = {values[left] ^ values[length - k - left] for left in range(length - k + 1)}
    value = 0
    while value in reached:
        value += 1
    values.append(value)
total = 0
for length in ribbons:
    total ^= values[length]
moves = (
    (i, left)
    for i, length in enumerate(ribbons, start=1)
    for left in range(length - k + 1)
    if values[left] ^ values[length - k - left] ^ values[length] == total
)
print(*next(moves, ["LOSE"]))
"""
    equivalent = {
        "line 5: max(ribbons) + 1 -> max(ribbons) + 2": "a value too many at the end is never used",
        "line 9: 1 -> 2": "all values are doubled, and so is every xor of them",
    }
    brute = """
from functools import cache

n, k = map(int, input().split())
ribbons = tuple(map(int, input().split()))


def moves(ribbons):
    for i, length in enumerate(ribbons):
        for left in range(length - k + 1):
            yield i + 1, left, ribbons[:i] + (left, length - k - left) + ribbons[i + 1:]


@cache
def wins(ribbons):
    return any(not wins(tuple(sorted(after))) for _, _, after in moves(ribbons))


print(*next(((i, left) for i, left, after in moves(ribbons) if not wins(tuple(sorted(after)))), ["LOSE"]))
"""
    right = {
        "from the last ribbon": Program(
            "python",
            """
def main():
    n, k = map(int, input().split())
    a = [int(x) for x in input().split()]
    g = []
    for size in range(max(a) + 1):
        seen = set()
        # the left part need not be longer than the right one
        for left in range((size - k) // 2 + 1):
            seen.add(g[left] ^ g[size - k - left])
        m = 0
        while m in seen:
            m += 1
        g.append(m)
    x = 0
    for size in a:
        x ^= g[size]
    if x == 0:
        print("LOSE")
        return
    for i in reversed(range(n)):
        for left in reversed(range(a[i] - k + 1)):
            if x ^ g[a[i]] ^ g[left] ^ g[a[i] - k - left] == 0:
                print(i + 1, left)
                return

main()
""",
        ),
        "C++": Program(
            "cpp",
            """
#include <bits/stdc++.h>
using namespace std;
int main() {
    int n, k;
    cin >> n >> k;
    vector<int> a(n), g(401);
    for (int& x : a) cin >> x;
    for (int s = k; s <= 400; s++) {
        vector<bool> seen(1024);
        for (int l = 0; l + k <= s; l++) seen[g[l] ^ g[s - k - l]] = true;
        while (seen[g[s]]) g[s]++;
    }
    int x = 0;
    for (int s : a) x ^= g[s];
    for (int i = 0; i < n; i++)
        for (int l = 0; l + k <= a[i]; l++)
            if ((g[l] ^ g[a[i] - k - l] ^ g[a[i]]) == x) return cout << i + 1 << " " << l << endl, 0;
    cout << "LOSE" << endl;
}
""",
        ),
    }
    wrong = {
        "adds instead of xor": reference.replace(
            "values[left] ^ values[length - k - left] for", "values[left] + values[length - k - left] for"
        ),
        "as if all pieces got used": """
n, k = map(int, input().split())
ribbons = list(map(int, input().split()))
moves = sum(a // k for a in ribbons)
if moves % 2 == 0:
    print("LOSE")
else:
    print(next(i for i, a in enumerate(ribbons, start=1) if a >= k), 0)
""",
        "cuts at the ends only": reference.replace(
            "for left in range(length - k + 1)}", "for left in (0, length - k)}"
        ).replace("    for left in range(length - k + 1)\n", "    if length >= k\n    for left in (0, length - k)\n"),
        "mirrors the cut in the longest ribbon": """
n, k = map(int, input().split())
ribbons = list(map(int, input().split()))
best = max(range(n), key=lambda i: ribbons[i])
if ribbons[best] < k or n > 1 and len(set(ribbons)) == 1 and n % 2 == 0:
    print("LOSE")
else:
    print(best + 1, (ribbons[best] - k) // 2)
""",
        "both parts must remain": reference.replace("range(length - k + 1)}", "range(1, length - k)}").replace(
            "    for left in range(length - k + 1)\n", "    for left in range(1, length - k)\n"
        ),
        "counts the left part from 1": reference.replace("(i, left)\n", "(i, left + 1)\n"),
        "any move when the position is won": reference.replace(
            "values[left] ^ values[length - k - left] ^ values[length] == total", "total"
        ),
        "too slow: all values again for every ribbon": """
n, k = map(int, input().split())
ribbons = list(map(int, input().split()))

def table(size):
    values = []
    for length in range(size + 1):
        reached = {values[left] ^ values[length - k - left] for left in range(length - k + 1)}
        value = 0
        while value in reached:
            value += 1
        values.append(value)
    return values

total = 0
for length in ribbons:
    total ^= table(length)[-1]
answer = ["LOSE"]
for i, length in enumerate(ribbons, start=1):
    values = table(length)
    winning = [x for x in range(length - k + 1) if values[x] ^ values[length - k - x] ^ values[length] == total]
    if winning:
        answer = [i, winning[0]]
        break
print(*answer)
""",
    }

    @classmethod
    def validate(cls, text: str) -> None:
        reader = Reader(text)
        n = reader.integer(1, N, "n")
        reader.integer(1, 10, "k")
        reader.line()
        reader.integers(n, 1, LENGTH, "a")
        reader.line()
        reader.end()

    @classmethod
    def small(cls) -> Iterator[str]:
        for k in (1, 2, 3):
            yield from (text(k, [a]) for a in range(1, 16))
            yield from (text(k, pair) for pair in combinations_with_replacement(range(1, 9), 2))
        yield from (text(2, three) for three in product((1, 3, 5, 6), repeat=3))
        yield text(10, [9, 9])

    @classmethod
    def random(cls, rng: Rng, size: int) -> str:
        if size <= 3:
            n, k = int(rng.integers(1, 5)), int(rng.integers(1, 5))
            return text(k, rng.integers(1, 11, size=n).tolist())
        # few short ribbons or very many long ones
        n, low, high = (4 * size, 1, 8 * size) if size <= 7 else (N - 100 * (10 - size), LENGTH // 2, LENGTH)
        k = int(rng.integers(1, 11))
        ribbons = rng.integers(low, high + 1, size=n)
        if rng.random() < 0.2:  # lost: every ribbon twice
            ribbons = rng.permutation([*ribbons[: n // 2], *ribbons[: n // 2]])
        return text(k, ribbons.tolist())

    @classmethod
    def worst(cls, rng: Rng) -> Iterator[str]:
        for k in (1, 2, 7):
            half = rng.integers(LENGTH // 2, LENGTH + 1, size=N // 2).tolist()
            yield text(k, half + half)
        yield text(3, [LENGTH] * N)
        yield text(10, rng.integers(1, LENGTH + 1, size=N).tolist())

    @classmethod
    def hack(cls, rng: Rng, idea: str) -> str:
        if idea.startswith("too slow"):
            return text(3, rng.integers(LENGTH // 2, LENGTH + 1, size=N - 5).tolist())
        k = int(rng.integers(2, 5))
        if idea == "counts the left part from 1":
            return text(k, [k])
        return text(k, rng.integers(k, 30, size=int(rng.integers(2, 7))).tolist())
