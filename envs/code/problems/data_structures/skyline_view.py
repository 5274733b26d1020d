"""A monotone stack: how many houses can be seen from each roof."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import product
from typing import TYPE_CHECKING

from whetstone.envs.code.blueprint import Blueprint
from whetstone.envs.code.reader import Reader
from whetstone.envs.code.sandbox.types import Limits, Program

if TYPE_CHECKING:
    from numpy.random import Generator as Rng

N, HEIGHT = 12_000, 1_000_000


def text(heights: Sequence[int]) -> str:
    return f"{len(heights)}\n{' '.join(map(str, heights))}\n"


class SkylineView(Blueprint):
    title = "Looking east over the roofs"
    statement = (
        "n houses of known heights stand in a row from west to east, numbered from 1 to n. A kite floats just above "
        "the roof of house i, too high for house i to hide anything, and looks east. It sees a house j with j > i if "
        "every house strictly between i and j is lower than house j; a house behind one that is as high or higher is "
        "hidden. How many houses does the kite see from each place?"
    )
    input_format = (
        "The first line holds the integer n (1 <= n <= 12000). The second line holds n integers from 1 to 1000000: the "
        "heights of the houses 1 to n."
    )
    output_format = "One line with n integers: the numbers of houses seen from above the houses 1 to n."
    samples = ("6\n3 1 2 2 4 1\n", "1\n7\n")
    limits = Limits(cpu=1.0)
    topics = ("data structures", "monotone stack")
    level = 4

    reference = """
n = int(input())
heights = [int(x) for x in input().split()]
stack = []
seen = []
for height in reversed(heights):
    seen.append(len(stack))
    while stack and stack[-1] <= height:
        stack.pop()
    stack.append(height)
print(*reversed(seen))
"""
    brute = """
n = int(input())
h = [int(x) for x in input().split()]
print(*(sum(all(h[k] < h[j] for k in range(i + 1, j)) for j in range(i + 1, n)) for i in range(n)))
"""
    right = {
        "jumps to the next higher house": Program(
            "python",
            """
import sys

def main():
    data = sys.stdin.read().split()
    h = list(map(int, data[1:]))
    n = len(h)
    count = [0] * n  # houses that stand out, from each house on, itself included
    higher = [n] * n
    for i in range(n - 1, -1, -1):
        j = i + 1
        while j < n and h[j] <= h[i]:
            j = higher[j]
        higher[i] = j
        count[i] = 1 + (count[j] if j < n else 0)
    print(" ".join(str(x) for x in count[1:] + [0]))

main()
""",
        ),
        "binary search in the stack, C++": Program(
            "cpp",
            """
#include <bits/stdc++.h>
using namespace std;
int main() {
    int n;
    cin >> n;
    vector<int> h(n), out(n), stack;
    for (int& x : h) cin >> x;
    for (int i = n - 1; i >= 0; i--) {
        out[i] = stack.size();
        stack.erase(lower_bound(stack.begin(), stack.end(), h[i], greater<int>()), stack.end());
        stack.push_back(h[i]);
    }
    for (int x : out) cout << x << ' ';
    cout << endl;
}
""",
        ),
    }
    wrong = {
        "houses of the same height are seen": reference.replace("stack[-1] <= height", "stack[-1] < height"),
        "its own house hides others": reference.replace("    seen.append(len(stack))\n", "").replace(
            "    stack.append(height)\n", "    seen.append(len(stack))\n    stack.append(height)\n"
        ),
        "up to the first house that is as high as its own": """
n = int(input())
h = [int(x) for x in input().split()]
answer = [0] * n
stack = []
for i in range(n - 1, -1, -1):
    while stack and h[stack[-1]] < h[i]:
        stack.pop()
        answer[i] += 1
    if stack:
        answer[i] += 1
    stack.append(i)
print(*answer)
""",
        "looks west": """
n = int(input())
stack = []
seen = []
for height in map(int, input().split()):
    seen.append(len(stack))
    while stack and stack[-1] <= height:
        stack.pop()
    stack.append(height)
print(*seen)
""",
        "counts its own house": reference.replace("seen.append(len(stack))", "seen.append(len(stack) + 1)"),
        "as long as the houses rise": """
n = int(input())
h = [int(x) for x in input().split()]
run = [0] * n
for i in range(n - 2, -1, -1):
    run[i] = run[i + 1] + 1 if i + 2 < n and h[i + 1] < h[i + 2] else 1
print(*run)
""",
        "too slow: walks east from every house": """
n = int(input())
h = [int(x) for x in input().split()]
answer = []
for i in range(n):
    seen = top = 0
    for j in range(i + 1, n):
        if h[j] > top:
            seen += 1
            top = h[j]
    answer.append(seen)
print(*answer)
""",
    }

    @classmethod
    def validate(cls, text: str) -> None:
        reader = Reader(text)
        n = reader.integer(1, N, "n")
        reader.line()
        reader.integers(n, 1, HEIGHT, "height")
        reader.line()
        reader.end()

    @classmethod
    def small(cls) -> Iterator[str]:
        for n in (1, 2, 3, 4):
            yield from (text(heights) for heights in product((1, 2, 3), repeat=n))
        yield from (text(heights) for heights in product((1, 2), repeat=6))

    @classmethod
    def random(cls, rng: Rng, size: int) -> str:
        n = int(rng.integers(4, 8 + size)) if size <= 3 else min(N, 3**size // 4)
        heights = rng.integers(1, int(rng.choice([3, 9, n, HEIGHT])) + 1, size=n)
        if rng.random() < 0.3:
            heights = abs(heights // 3 + rng.integers(-3, 5, size=n).cumsum()).clip(1, HEIGHT)
        return text(heights.tolist())

    @classmethod
    def worst(cls, rng: Rng) -> Iterator[str]:
        yield text(list(range(1, N + 1)))
        yield text(list(range(N, 0, -1)))
        yield text([7] * N)
        yield text(rng.integers(1, HEIGHT + 1, size=N).tolist())
        yield text([1 + (i * 37) % 500 * 100 + i // 500 for i in range(N)])

    @classmethod
    def hack(cls, rng: Rng, idea: str) -> str:
        n = int(rng.integers(3, 20))
        if idea.startswith("too slow"):
            return text(rng.integers(1, HEIGHT + 1, size=N - n).tolist())
        if idea.startswith("its own house") or idea.startswith("up to the first"):
            return text([2 * n, *range(1, n), 2 * n, 2 * n + 1])
        return text([5, *([3] * n), 4, 2, 6])
