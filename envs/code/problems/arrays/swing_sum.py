"""Swing sum: the sum of maximum minus minimum over all subarrays, by monotone stacks."""

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
HIGH = 10**6


def written(a: Sequence[int]) -> str:
    """The input for the prices."""
    return f"{len(a)}\n{' '.join(map(str, a))}\n"


class SwingSum(Blueprint):
    """Sums of subarray maxima and minima by monotone stacks."""

    title = "Swings of a price"
    statement = """\
The price of a share was noted on n days. The swing of a period of consecutive days is the largest price in it minus the
smallest one; a period of a single day has swing 0. An analyst adds up the swings of all periods, that is, of all pairs
of a first day and a last day that is not before it. What is the sum?"""
    input_format = """\
The first line holds an integer n (1 <= n <= 20000). The second line holds the n prices in the order of the days
(integers from 0 to 10^6)."""
    output_format = "One integer: the sum of the swings of all periods."
    samples = ("3\n2 5 3\n", "4\n7 7 7 7\n", "5\n1 4 2 4 0\n")
    limits = Limits(cpu=1.0)
    topics = ("arrays", "monotone stack")
    level = 6

    reference = """\
def maxima(a):
    # the sum of the maxima of all periods; `ending` is that of the periods with the last day i
    total = ending = 0
    stack = [(float("inf"), -1)]
    for i, x in enumerate(a):
        while stack[-1][0] <= x:
            y, j = stack.pop()
            ending -= y * (j - stack[-1][1])
        ending += x * (i - stack[-1][1])
        stack.append((x, i))
        total += ending
    return total

input()
a = list(map(int, input().split()))
print(maxima(a) + maxima([-x for x in a]))
"""
    brute = """\
n = int(input())
a = list(map(int, input().split()))
total = 0
for i in range(n):
    for j in range(i + 1, n + 1):
        period = sorted(a[i:j])
        total += period[-1] - period[0]
print(total)
"""
    right = {
        "steps between sorted days, merged by union-find": Program(
            "python",
            """\
import sys

def maxima(a):
    n = len(a)
    parent = list(range(n))
    size = [0] * n

    def find(i):
        while parent[i] != i:
            parent[i] = parent[parent[i]]
            i = parent[i]
        return i

    total = 0
    for i in sorted(range(n), key=a.__getitem__):
        size[i] = 1
        left = right = 0
        if i and size[i - 1]:
            root = find(i - 1)
            left = size[root]
            parent[root] = i
        if i + 1 < n and size[i + 1]:
            root = find(i + 1)
            right = size[root]
            parent[root] = i
        size[i] += left + right
        total += a[i] * (left + 1) * (right + 1)
    return total

data = list(map(int, sys.stdin.buffer.read().split()))[1:]
print(maxima(data) + maxima([-x for x in data]))
""",
        ),
        "borders on both sides": Program(
            "cpp",
            """\
#include <bits/stdc++.h>
using namespace std;
long long maxima(const vector<long long> &a) {
    int n = a.size();
    vector<int> left(n), right(n), stack;
    for (int i = 0; i < n; i++) {
        while (!stack.empty() && a[stack.back()] < a[i]) stack.pop_back();
        left[i] = stack.empty() ? -1 : stack.back();
        stack.push_back(i);
    }
    stack.clear();
    for (int i = n - 1; i >= 0; i--) {
        while (!stack.empty() && a[stack.back()] <= a[i]) stack.pop_back();
        right[i] = stack.empty() ? n : stack.back();
        stack.push_back(i);
    }
    long long total = 0;
    for (int i = 0; i < n; i++) total += a[i] * (i - left[i]) * (right[i] - i);
    return total;
}
int main() {
    int n;
    cin >> n;
    vector<long long> a(n);
    for (auto &x : a) cin >> x;
    long long total = maxima(a);
    for (auto &x : a) x = -x;
    cout << total + maxima(a) << endl;
}
""",
        ),
    }
    wrong = {
        "strict on both sides: ties are counted twice": """\
def maxima(a):
    n = len(a)
    total = 0
    left, right = [-1] * n, [n] * n
    stack = []
    for i in range(n):
        while stack and a[stack[-1]] < a[i]:
            right[stack.pop()] = i
        left[i] = stack[-1] if stack else -1
        if stack and a[stack[-1]] == a[i]:
            left[i] = left[stack[-1]]
        stack.append(i)
    return sum(a[i] * (i - left[i]) * (right[i] - i) for i in range(n))

n = int(input())
a = list(map(int, input().split()))
print(maxima(a) + maxima([-x for x in a]))
""",
        "ties are not counted on either side": """\
def maxima(a):
    n = len(a)
    left, right = [-1] * n, [n] * n
    stack = []
    for i in range(n):
        while stack and a[stack[-1]] <= a[i]:
            right[stack.pop()] = i
        left[i] = stack[-1] if stack else -1
        stack.append(i)
    stack = []
    for i in range(n - 1, -1, -1):
        while stack and a[stack[-1]] < a[i]:
            stack.pop()
        right[i] = stack[-1] if stack else n
        stack.append(i)
    stack = []
    for i in range(n):
        while stack and a[stack[-1]] < a[i]:
            stack.pop()
        left[i] = stack[-1] if stack else -1
        stack.append(i)
    return sum(a[i] * (i - left[i]) * (right[i] - i) for i in range(n))

n = int(input())
a = list(map(int, input().split()))
print(maxima(a) + maxima([-x for x in a]))
""",
        "the ends of a period instead of its extremes": """\
n = int(input())
a = list(map(int, input().split()))
total = before = 0
for i, x in enumerate(a):
    total += sum(abs(x - y) for y in a[:i])
print(total)
""",
        "the sum of neighbouring differences": """\
n = int(input())
a = list(map(int, input().split()))
print(sum(abs(a[i + 1] - a[i]) * (i + 1) * (n - 1 - i) for i in range(n - 1)))
""",
        "every subset instead of every period": """\
n = int(input())
a = sorted(map(int, input().split()))
print(sum(x * (2 * i - n + 1) for i, x in enumerate(a)))
""",
        "never takes a maximum off the stack at the end": """\
n = int(input())
a = list(map(int, input().split()))

def maxima(a):
    total = 0
    stack = []
    for i, x in enumerate(a):
        while stack and a[stack[-1]] <= x:
            j = stack.pop()
            left = stack[-1] if stack else -1
            total += a[j] * (j - left) * (i - j)
        stack.append(i)
    return total

print(maxima(a) + maxima([-x for x in a]))
""",
        "too slow: all periods": """\
n = int(input())
a = list(map(int, input().split()))
total = 0
for i in range(n):
    low = high = a[i]
    for j in range(i, n):
        x = a[j]
        if x > high:
            high = x
        elif x < low:
            low = x
        total += high - low
print(total)
""",
    }

    equivalent = {
        "line 6: stack[-1][0] <= x -> stack[-1][0] < x": "of equal prices either may stand for the maximum of a period",
    }

    @classmethod
    def validate(cls, text: str) -> None:
        reader = Reader(text)
        n = reader.integer(1, MOST, "n")
        reader.line()
        reader.integers(n, 0, HIGH, "price")
        reader.line()
        reader.end()

    @classmethod
    def small(cls) -> Iterator[str]:
        for n in range(1, 5):
            for a in product((0, 1, 5), repeat=n):
                yield written(a)
        yield written([HIGH])
        yield written([HIGH, 0])
        for a in product((3, 4), repeat=6):
            yield written(a)

    @classmethod
    def random(cls, rng: Rng, size: int) -> str:
        n = int(rng.integers(1, 5 * size + 2)) if size < 4 else min(MOST, int(rng.integers(1, 3 * size**4)))
        high = int(rng.choice([2, 10, HIGH]))
        a = rng.integers(0, high + 1, size=n)
        kind = int(rng.integers(4))
        if kind == 0:
            a.sort()
        elif kind == 1:
            a = a.cumsum() % (high + 1)
        elif kind == 2:  # runs of equal prices
            a = a[rng.integers(3, size=n).cumsum() // 3]
        return written(a.tolist())

    @classmethod
    def worst(cls, rng: Rng) -> Iterator[str]:
        yield written(rng.integers(0, HIGH + 1, size=MOST).tolist())
        yield written(list(range(HIGH, HIGH - MOST, -1)))
        yield written(list(range(MOST)))
        yield written([HIGH * (i % 2) for i in range(MOST)])
        yield written([HIGH] * MOST)

    @classmethod
    def hack(cls, rng: Rng, idea: str) -> str:
        if idea.startswith("too slow"):
            return written(rng.integers(0, HIGH + 1, size=MOST).tolist())
        n = int(rng.integers(3, 30))
        a = rng.integers(0, 50, size=n).tolist()
        if "ties" in idea:
            return written([60, 1, 60, 0, *a, 60])
        return written([7, 9, 8, *a])
