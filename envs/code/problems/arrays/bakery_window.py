"""Bakery window: the longest stretch with at most k different values, by two pointers."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import product
from typing import TYPE_CHECKING

from whetstone.envs.code.blueprint import Blueprint
from whetstone.envs.code.reader import Reader
from whetstone.envs.code.sandbox.types import Limits, Program

if TYPE_CHECKING:
    from numpy.random import Generator as Rng

MOST = 20_000
KINDS = 10**6


def written(k: int, a: Sequence[int]) -> str:
    """The input for k and the loaves."""
    return f"{len(a)} {k}\n{' '.join(map(str, a))}\n"


class BakeryWindow(Blueprint):
    """A sliding window with counts; the first of the longest."""

    title = "Bakery window"
    statement = """\
Loaves leave the oven of a bakery one after another on a long belt; loaf i is of kind a_i. For the shop window the baker
takes one stretch of consecutive loaves off the belt, as long as possible, but the window has labels for at most k
different kinds. Which stretch is taken? If several longest ones exist, it is the one that begins first."""
    input_format = """\
The first line holds two integers n and k (1 <= k <= n <= 20000). The second line holds n integers a_1 ... a_n, the
kinds in the order of the belt (1 <= a_i <= 10^6)."""
    output_format = (
        "Two integers separated by a space: the positions, counted from 1, of the first and the last loaf taken."
    )
    samples = ("7 2\n1 2 1 3 3 1 3\n", "3 1\n5 6 7\n")
    limits = Limits(cpu=1.0)
    topics = ("arrays", "two pointers")
    level = 4

    reference = """\
from collections import OrderedDict

n, k = map(int, input().split())
last = OrderedDict()  # kind -> its last position in the window, in the order of these positions
start = 0
windows = []
for i, kind in enumerate(map(int, input().split()), 1):
    last[kind] = i
    last.move_to_end(kind)
    if len(last) > k:
        start = last.popitem(last=False)[1]
    windows.append((start - i, start + 1, i))
print(*min(windows)[1:])
"""
    brute = """\
n, k = map(int, input().split())
a = list(map(int, input().split()))
found = []
for i in range(n):
    for j in range(i, n):
        if len(set(a[i : j + 1])) <= k:
            found.append((i - j, i + 1, j + 1))
print(*min(found)[1:])
"""
    right = {
        "two pointers with counts": Program(
            "python",
            """\
import sys
from collections import defaultdict

def main():
    data = sys.stdin.buffer.read().split()
    n, k = int(data[0]), int(data[1])
    a = data[2:]
    count = defaultdict(int)
    different = left = 0
    best = (-1, 0)
    for right in range(n):
        if count[a[right]] == 0:
            different += 1
        count[a[right]] += 1
        while different > k:
            count[a[left]] -= 1
            if count[a[left]] == 0:
                different -= 1
            left += 1
        if right - left > best[0]:
            best = (right - left, left)
    print(best[1] + 1, best[1] + best[0] + 1)

main()
""",
        ),
        "a window that never shrinks": Program(
            "cpp",
            """\
#include <bits/stdc++.h>
using namespace std;
int cnt[1000001], a[20000];
int main() {
    int n, k, different = 0, left = 0, first = 0, length = 0;
    scanf("%d %d", &n, &k);
    for (int i = 0; i < n; i++) {
        scanf("%d", a + i);
        if (cnt[a[i]]++ == 0) different++;
        if (different > k) {
            if (--cnt[a[left]] == 0) different--;
            left++;
        } else if (i - left + 1 > length) {
            length = i - left + 1;
            first = left;
        }
    }
    printf("%d %d\\n", first + 1, first + length);
}
""",
        ),
    }
    wrong = {
        "the last of the longest": """\
n, k = map(int, input().split())
a = list(map(int, input().split()))
count = {}
left = length = first = 0
for right in range(n):
    count[a[right]] = count.get(a[right], 0) + 1
    while len(count) > k:
        count[a[left]] -= 1
        if count[a[left]] == 0:
            del count[a[left]]
        left += 1
    if right - left + 1 >= length:
        length, first = right - left + 1, left
print(first + 1, first + length)
""",
        "begins again from nothing when a kind too many comes": """\
n, k = map(int, input().split())
a = list(map(int, input().split()))
kinds = set()
left = length = first = 0
for right in range(n):
    kinds.add(a[right])
    if len(kinds) > k:
        kinds = {a[right]}
        left = right
    if right - left + 1 > length:
        length, first = right - left + 1, left
print(first + 1, first + length)
""",
        "counts that reach zero still count as a kind": """\
n, k = map(int, input().split())
a = list(map(int, input().split()))
count = {}
left = length = first = 0
for right in range(n):
    count[a[right]] = count.get(a[right], 0) + 1
    while len(count) > k and left < right:
        count[a[left]] -= 1
        left += 1
    if right - left + 1 > length:
        length, first = right - left + 1, left
print(first + 1, first + length)
""",
        "exactly k kinds": """\
n, k = map(int, input().split())
a = list(map(int, input().split()))
count = {}
left = first = 0
length = 1
for right in range(n):
    count[a[right]] = count.get(a[right], 0) + 1
    while len(count) > k:
        count[a[left]] -= 1
        if count[a[left]] == 0:
            del count[a[left]]
        left += 1
    if len(count) == k and right - left + 1 > length:
        length, first = right - left + 1, left
print(first + 1, first + length)
""",
        "drops the kind that came into the window first": """\
n, k = map(int, input().split())
a = list(map(int, input().split()))
last = {}
start = length = first = 0
for i, kind in enumerate(a):
    last[kind] = i
    if len(last) > k:
        oldest = next(iter(last))
        start = last.pop(oldest) + 1
    if i - start + 1 > length:
        length, first = i - start + 1, start
print(first + 1, first + length)
""",
        "too slow: a new set from every start": """\
n, k = map(int, input().split())
a = list(map(int, input().split()))
length = first = 0
for left in range(n):
    kinds = set()
    right = left
    while right < n:
        kinds.add(a[right])
        if len(kinds) > k:
            break
        right += 1
    if right - left > length:
        length, first = right - left, left
print(first + 1, first + length)
""",
    }

    @classmethod
    def validate(cls, text: str) -> None:
        reader = Reader(text)
        n = reader.integer(1, MOST, "n")
        reader.integer(1, n, "k")
        reader.line()
        reader.integers(n, 1, KINDS, "a")
        reader.line()
        reader.end()

    @classmethod
    def small(cls) -> Iterator[str]:
        for n in range(1, 5):
            for a in product((1, 2, 3), repeat=n):
                for k in range(1, min(n, 3) + 1):
                    yield written(k, a)
        yield written(1, [KINDS, KINDS, 1])

    @classmethod
    def random(cls, rng: Rng, size: int) -> str:
        n = int(rng.integers(1, 8 * size + 1)) if size < 4 else min(MOST, int(rng.integers(1, 3 * size**4)))
        kinds = int(rng.integers(1, 2 * size + 2)) if rng.integers(3) else KINDS
        a = rng.integers(1, kinds + 1, size=n)
        if rng.integers(2):  # runs of one kind
            a = a[rng.integers(4, size=n).cumsum() // 4]
        k = int(rng.integers(1, min(n, max(2, kinds if kinds < KINDS else n)) + 1))
        return written(k, a.tolist())

    @classmethod
    def worst(cls, rng: Rng) -> Iterator[str]:
        half = MOST // 2
        yield written(half, (rng.permutation(MOST) + 1).tolist())
        yield written(MOST, (rng.permutation(MOST) + 1).tolist())
        yield written(1, [KINDS] * MOST)
        yield written(50, rng.integers(1, 52, size=MOST).tolist())
        yield written(1, [1 + i % 2 for i in range(MOST)])

    @classmethod
    def hack(cls, rng: Rng, idea: str) -> str:
        x, y, z = (rng.permutation(1000)[:3] + 1).tolist()
        r = int(rng.integers(1, 9))
        if idea.startswith("the last"):
            return written(1, [x] * r + [y] * r + [z])
        if idea.startswith("begins"):
            return written(2, [x] * r + [y] * 9 + [z] * 9)
        if idea.startswith("counts"):
            return written(1, [x, y] + [z] * r + [x] * (r + 1))
        if idea.startswith("exactly"):
            return written(3, [x, y] * r + [x])
        if idea.startswith("drops"):
            return written(2, [x, y, x, x] + [z] * r)
        return written(MOST - int(rng.integers(9)), (rng.permutation(MOST) + 1).tolist())
