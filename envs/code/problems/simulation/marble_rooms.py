"""Marble rooms: a walk in a functional graph, far too long to walk."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import product
from typing import TYPE_CHECKING

from whetstone.envs.code.blueprint import Blueprint
from whetstone.envs.code.reader import Reader
from whetstone.envs.code.sandbox.types import Limits, Program

if TYPE_CHECKING:
    from numpy.random import Generator as Rng

MOST = 30_000
LATE = 10**18


def written(k: int, start: int, doors: Sequence[int]) -> str:
    """The input for the number of rings, the first room and the doors."""
    return f"{len(doors)} {k} {start}\n{' '.join(map(str, doors))}\n"


def tadpole(rng: Rng, n: int, tail: int) -> list[int]:
    """A walk over all n rooms that begins in the last room of the returned order and comes back after `tail` steps."""
    order = (rng.permutation(n) + 1).tolist()
    doors = [0] * n
    for a, b in zip(order, [*order[1:], order[tail]], strict=True):
        doors[a - 1] = b
    return [*doors, order[0]]


class MarbleRooms(Blueprint):
    """The room after k steps by the cycle, and how often the first room was entered."""

    title = "The guard's round"
    statement = """\
A museum has n rooms. In each room stands a board that tells the night guard where to go next: from room i to room d_i
(which may be room i itself). The guard begins in room s. Each time the bell rings, the guard goes where the board of
the present room points. After the bell has rung k times, in which room is the guard, and how many different rooms has
the guard been in (room s and the last room included)?"""
    input_format = """\
The first line holds three integers n, k and s (1 <= n <= 30000, 0 <= k <= 10^18, 1 <= s <= n). The second line holds
n integers d_1 ... d_n (1 <= d_i <= n)."""
    output_format = "Two integers separated by a space: the last room and the number of different rooms."
    samples = ("5 7 1\n2 3 4 2 5\n", "3 0 2\n1 1 1\n", "1 1000000000000000000 1\n1\n")
    limits = Limits(cpu=1.0)
    topics = ("simulation", "cycles")
    level = 4

    reference = """\
n, k, room = map(int, input().split())
doors = list(map(int, input().split()))
steps = {}  # room -> after so many rings
while room not in steps and len(steps) <= k:
    steps[room] = len(steps)
    room = doors[room - 1]
rooms = list(steps)
if k >= len(rooms):
    enter = steps[room]
    k = enter + (k - enter) % (len(rooms) - enter)
print(rooms[k], len(rooms))
"""
    brute = """\
from math import lcm

n, k, s = map(int, input().split())
doors = [0] + list(map(int, input().split()))
# after n rings the guard is in a cycle of at most n rooms, and a multiple of all such lengths makes no difference
period = lcm(*range(1, n + 1))
if k > n + period:
    k = n + (k - n) % period
been = {s}
for _ in range(k):
    s = doors[s]
    been.add(s)
if k >= n:
    t = s
    for _ in range(n):
        t = doors[t]
        been.add(t)
print(s, len(been))
"""
    right = {
        "doubling for the room, a walk for the number": Program(
            "python",
            """\
import sys

def main():
    n, k, s, *doors = map(int, sys.stdin.buffer.read().split())
    doors = [d - 1 for d in doors]
    s -= 1
    seen = bytearray(n)
    room, count = s, 0
    for _ in range(min(k, n) + 1):
        if seen[room]:
            break
        seen[room] = 1
        count += 1
        room = doors[room]
    jump = doors
    room = s
    while k:
        if k & 1:
            room = jump[room]
        jump = [jump[x] for x in jump]
        k >>= 1
    print(room + 1, count)

main()
""",
        ),
        "tail and cycle": Program(
            "cpp",
            """\
#include <bits/stdc++.h>
using namespace std;
int main() {
    long long n, k, s;
    cin >> n >> k >> s;
    vector<int> d(n + 1), at(n + 1, -1), walk;
    for (int i = 1; i <= n; i++) cin >> d[i];
    while (at[s] < 0) {
        at[s] = walk.size();
        walk.push_back(s);
        s = d[s];
    }
    long long tail = at[s], cycle = walk.size() - tail;
    cout << (k < tail ? walk[k] : walk[tail + (k - tail) % cycle]) << ' '
         << min(k + 1, (long long)walk.size()) << endl;
}
""",
        ),
    }
    wrong = {
        "takes the whole walk for a cycle": """\
n, k, s = map(int, input().split())
d = list(map(int, input().split()))
walk, seen = [], set()
while s not in seen:
    seen.add(s)
    walk.append(s)
    s = d[s - 1]
print(walk[k % len(walk)], min(k + 1, len(walk)))
""",
        "rings modulo the number of rooms": """\
n, k, s = map(int, input().split())
d = list(map(int, input().split()))
seen = {s}
room = s
for _ in range(min(k, n)):
    room = d[room - 1]
    seen.add(room)
for _ in range(k % n):
    s = d[s - 1]
print(s, len(seen))
""",
        "one room off in the cycle": """\
n, k, s = map(int, input().split())
d = list(map(int, input().split()))
walk, at = [], {}
while s not in at:
    at[s] = len(walk)
    walk.append(s)
    s = d[s - 1]
tail, cycle = at[s], len(walk) - at[s]
print(walk[k] if k < tail else walk[tail + (k - tail - 1) % cycle], min(k + 1, len(walk)))
""",
        "counts the rooms of the whole walk, even if the bell rings seldom": """\
n, k, s = map(int, input().split())
d = list(map(int, input().split()))
walk, at = [], {}
while s not in at:
    at[s] = len(walk)
    walk.append(s)
    s = d[s - 1]
tail, cycle = at[s], len(walk) - at[s]
print(walk[k] if k < tail else walk[tail + (k - tail) % cycle], len(walk))
""",
        "counts the rooms entered, not the first one": """\
n, k, s = map(int, input().split())
d = list(map(int, input().split()))
walk, at = [], {}
while s not in at:
    at[s] = len(walk)
    walk.append(s)
    s = d[s - 1]
tail, cycle = at[s], len(walk) - at[s]
print(walk[k] if k < tail else walk[tail + (k - tail) % cycle], min(k, len(walk)))
""",
        "rooms of the cycle only": """\
n, k, s = map(int, input().split())
d = list(map(int, input().split()))
walk, at = [], {}
while s not in at:
    at[s] = len(walk)
    walk.append(s)
    s = d[s - 1]
tail, cycle = at[s], len(walk) - at[s]
print(walk[k] if k < tail else walk[tail + (k - tail) % cycle], min(k + 1, cycle))
""",
        "too slow: ring by ring": """\
n, k, s = map(int, input().split())
d = list(map(int, input().split()))
seen = {s}
rings = 0
while rings < k:
    s = d[s - 1]
    seen.add(s)
    rings += 1
print(s, len(seen))
""",
        "too slow: looks for each room in a list": """\
n, k, s = map(int, input().split())
d = list(map(int, input().split()))
walk = []
while s not in walk:
    walk.append(s)
    s = d[s - 1]
tail = walk.index(s)
cycle = len(walk) - tail
print(walk[k] if k < tail else walk[tail + (k - tail) % cycle], min(k + 1, len(walk)))
""",
    }

    @classmethod
    def validate(cls, text: str) -> None:
        reader = Reader(text)
        n = reader.integer(1, MOST, "n")
        reader.integer(0, LATE, "k")
        reader.integer(1, n, "s")
        reader.line()
        reader.integers(n, 1, n, "d")
        reader.line()
        reader.end()

    @classmethod
    def small(cls) -> Iterator[str]:
        for n in (1, 2, 3):
            for doors in product(range(1, n + 1), repeat=n):
                for k in (0, 1, 2, 3, 4, 7):
                    yield written(k, 1 + (k + doors[0]) % n, doors)
        for k in range(12):
            yield written(k, 1, [2, 3, 4, 5, 6, 3])

    @classmethod
    def random(cls, rng: Rng, size: int) -> str:
        n = int(rng.integers(1, 3 * size)) if size < 4 else min(MOST, int(rng.integers(1, 2 * size**4)))
        if rng.integers(2):
            doors = rng.integers(1, n + 1, size=n).tolist()
            start = int(rng.integers(1, n + 1))
        else:
            *doors, start = tadpole(rng, n, int(rng.integers(n)))
        # walks that take minutes step by step, or short ones
        k = int(rng.integers(2 * n + 1)) if size < 4 or rng.integers(2) else int(rng.integers(LATE // 2, LATE + 1))
        return written(k, start, doors)

    @classmethod
    def worst(cls, rng: Rng) -> Iterator[str]:
        for tail in (0, MOST // 2, MOST - 1, int(rng.integers(MOST))):
            *doors, start = tadpole(rng, MOST, tail)
            yield written(LATE - tail, start, doors)
        *doors, start = tadpole(rng, MOST, 5)
        yield written(MOST - 1, start, doors)

    @classmethod
    def hack(cls, rng: Rng, idea: str) -> str:
        if idea.startswith("too slow"):
            *doors, start = tadpole(rng, MOST, int(rng.integers(MOST)))
            return written(LATE - int(rng.integers(1000)), start, doors)
        n = int(rng.integers(5, 40))
        *doors, start = tadpole(rng, n, int(rng.integers(1, n - 2)))
        if idea.startswith("counts the rooms"):
            return written(int(rng.integers(n - 1)), start, doors)
        return written(int(rng.integers(n, 10**6)) if idea.startswith("rings") else 3 * n, start, doors)
