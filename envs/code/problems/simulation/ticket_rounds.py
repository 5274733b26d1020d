"""Ticket rounds: round-robin service with far too many rounds to play."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import product
from typing import TYPE_CHECKING

from whetstone.envs.code.blueprint import Blueprint
from whetstone.envs.code.reader import Reader
from whetstone.envs.code.sandbox.types import Limits, Program

if TYPE_CHECKING:
    from numpy.random import Generator as Rng

MOST = 10_000
LONG = 10**9


def written(q: int, work: Sequence[int]) -> str:
    """The input for the length of a turn and the clients' work."""
    return f"{len(work)} {q}\n{' '.join(map(str, work))}\n"


class TicketRounds(Blueprint):
    """Round robin: leaving times by sorting the numbers of turns."""

    title = "Turns at the counter"
    statement = """\
At the only counter of an office n clients queue in the order 1, 2, ..., n; client i needs w_i minutes of service in
all. The client at the front is served for q minutes, or for less if that finishes the service. Whoever is finished
leaves at once; whoever is not goes to the end of the queue. Then the next one is served, without a pause. The opening
time is minute 0 and nobody else comes.

The office wants a short record of the day: print the sum over all clients of i * t_i, where t_i is the minute at which
client i leaves, and the number of the client who leaves last but one (or 0 if n = 1)."""
    input_format = """\
The first line holds two integers n and q (1 <= n <= 10000, 1 <= q <= 10^9). The second line holds n integers
w_1 ... w_n (1 <= w_i <= 10^9)."""
    output_format = "Two integers separated by a space: the sum, and the number of that client (or 0)."
    samples = ("3 2\n5 2 3\n", "1 7\n20\n", "4 100\n9 9 1 9\n")
    limits = Limits(cpu=1.0)
    topics = ("simulation", "sorting", "data structures")
    level = 7

    reference = """\
from bisect import bisect_left
from itertools import groupby

n, q = map(int, input().split())
work = list(map(int, input().split()))
turns = [-(-w // q) for w in work]
there = list(range(n))
order = sorted(there, key=turns.__getitem__)
total = done = 0  # done: minutes of service to those who have left
for turn, group in groupby(order, key=turns.__getitem__):
    last = list(group)
    before = done + len(there) * (turn - 1) * q  # minutes before this turn of theirs
    saved = 0  # since then, by those who took less than a whole turn
    for client in last:
        saved += turn * q - work[client]
        total += (client + 1) * (before + (bisect_left(there, client) + 1) * q - saved)
    for client in last:
        del there[bisect_left(there, client)]
        done += work[client]
print(total, order[-2] + 1 if n > 1 else 0)
"""
    brute = """\
from collections import deque

n, q = map(int, input().split())
queue = deque(enumerate(map(int, input().split()), 1))
minute = total = last = 0
left = []
while queue:
    client, work = queue.popleft()
    served = min(q, work)
    minute += served
    if work > served:
        queue.append((client, work - served))
    else:
        total += client * minute
        left.append(client)
print(total, (left[:-1] or [0])[-1])
"""
    right = {
        "Fenwick tree": Program(
            "python",
            """\
from itertools import groupby

n, q = map(int, input().split())
work = list(map(int, input().split()))
waiting = [0] + [i & -i for i in range(1, n + 1)]  # Fenwick tree of the clients that are still there
order = sorted(range(n), key=lambda i: ((work[i] - 1) // q, i))
total = minutes = 0  # minutes: of service to those who have left
left = n
for rounds, group in groupby(order, key=lambda i: (work[i] - 1) // q):
    group = list(group)
    gone = minutes + left * rounds * q  # minutes before the round in which they leave
    short = 0  # in that round: what those who left it before took less than a turn
    for client in group:
        ahead, i = 0, client
        while i:
            ahead += waiting[i]
            i -= i & -i
        short += q - (work[client] - rounds * q)
        total += (client + 1) * (gone + (ahead + 1) * q - short)
    for client in group:
        minutes += work[client]
        i = client + 1
        while i <= n:
            waiting[i] -= 1
            i += i & -i
    left -= len(group)
print(total, order[-2] + 1 if n > 1 else 0)
""",
        ),
        "Fenwick tree in C++": Program(
            "cpp",
            """\
#include <bits/stdc++.h>
using namespace std;
typedef long long i64;
int main() {
    int n;
    i64 q;
    cin >> n >> q;
    vector<i64> w(n), count(n + 1), sum(n + 1);
    vector<pair<i64, int>> order;
    for (int i = 0; i < n; i++) {
        cin >> w[i];
        order.push_back({(w[i] + q - 1) / q, i});
    }
    sort(order.begin(), order.end());
    auto add = [&](vector<i64> &t, int i, i64 x) { for (i++; i <= n; i += i & -i) t[i] += x; };
    auto get = [&](vector<i64> &t, int i) { i64 r = 0; for (; i; i -= i & -i) r += t[i]; return r; };
    // count: those who left in an earlier turn; sum: their minutes, and of those who left in this one
    vector<i64> partial(n + 1), ended(n + 1);
    __int128 total = 0;
    for (int a = 0, b; a < n; a = b) {
        for (b = a; b < n && order[b].first == order[a].first; b++) {
            add(partial, order[b].second, w[order[b].second]);
            add(ended, order[b].second, 1);
        }
        i64 turns = order[a].first;
        for (int j = a; j < b; j++) {
            int i = order[j].second;
            i64 gone = get(count, n), before = get(count, i + 1);
            // clients up to i have had `turns` turns, the others one less, unless they were done before
            i64 full = (i + 1 - before) - (get(ended, i + 1) - before);
            i64 rest = (n - i - 1) - (gone - before);
            i64 t = get(partial, i + 1) + full * turns * q + rest * (turns - 1) * q + (get(sum, n) - get(sum, i + 1));
            total += (__int128)t * (i + 1);
        }
        for (int j = a; j < b; j++) {
            add(count, order[j].second, 1);
            add(sum, order[j].second, w[order[j].second]);
        }
    }
    string digits;
    for (; total; total /= 10) digits += char('0' + (int)(total % 10));
    reverse(digits.begin(), digits.end());
    cout << digits << ' ' << (n > 1 ? order[n - 2].second + 1 : 0) << endl;
}
""",
        ),
    }
    wrong = {
        "one turn more when the work is a multiple of q": """\
n, q = map(int, input().split())
w = list(map(int, input().split()))
t = []
if n < 300:
    for i in range(n):
        k = w[i] // q
        t.append(sum(min(x, (k + 1) * q if j <= i else k * q) for j, x in enumerate(w)))
order = sorted(range(len(t)), key=lambda i: t[i])
print(sum(i * x for i, x in enumerate(t, 1)), order[-2] + 1 if len(t) > 1 else 0)
""",
        "one after another without turns": """\
n, q = map(int, input().split())
total = minute = 0
for i, w in enumerate(map(int, input().split()), 1):
    minute += w
    total += i * minute
print(total, n - 1)
""",
        "every turn takes q minutes": """\
n, q = map(int, input().split())
w = list(map(int, input().split()))
turns = [(x - 1) // q + 1 for x in w]
t = []
if n < 300:
    for i in range(n):
        t.append(q * sum(min(x, turns[i] if j <= i else turns[i] - 1) for j, x in enumerate(turns)))
order = sorted(range(len(t)), key=lambda i: t[i])
print(sum(i * x for i, x in enumerate(t, 1)), order[-2] + 1 if len(t) > 1 else 0)
""",
        "clients behind have had as many turns": """\
n, q = map(int, input().split())
w = list(map(int, input().split()))
t = []
if n < 300:
    for i in range(n):
        k = (w[i] - 1) // q
        t.append(sum(min(x, (k + 1) * q) for j, x in enumerate(w) if j != i) + w[i])
order = sorted(range(len(t)), key=lambda i: (t[i], i))
print(sum(i * x for i, x in enumerate(t, 1)), order[-2] + 1 if len(t) > 1 else 0)
""",
        "numbers the clients from 0": """\
n, q = map(int, input().split())
w = list(map(int, input().split()))
t = []
if n < 300:
    for i in range(n):
        k = (w[i] - 1) // q
        t.append(sum(min(x, (k + 1) * q if j <= i else k * q) for j, x in enumerate(w)))
order = sorted(range(len(t)), key=lambda i: t[i])
print(sum(i * x for i, x in enumerate(t)), order[-2] + 1 if len(t) > 1 else 0)
""",
        "the client with the least work but one to leave last": """\
n, q = map(int, input().split())
w = list(map(int, input().split()))
t = []
if n < 300:
    for i in range(n):
        k = (w[i] - 1) // q
        t.append(sum(min(x, (k + 1) * q if j <= i else k * q) for j, x in enumerate(w)))
order = sorted(range(len(t)), key=lambda i: (w[i], i))
print(sum(i * x for i, x in enumerate(t, 1)), order[-2] + 1 if len(t) > 1 else 0)
""",
        "too slow: turn by turn": """\
from collections import deque
n, q = map(int, input().split())
queue = deque(enumerate(map(int, input().split()), 1))
minute = total = before = last = 0
while queue:
    client, work = queue.popleft()
    if work > q:
        minute += q
        queue.append((client, work - q))
    else:
        minute += work
        total += client * minute
        before, last = last, client
print(total, before)
""",
        "too slow: a sum over all clients for each": """\
n, q = map(int, input().split())
w = list(map(int, input().split()))
t = []
for i in range(n):
    k = (w[i] - 1) // q
    t.append(sum(min(x, (k + 1) * q if j <= i else k * q) for j, x in enumerate(w)))
order = sorted(range(n), key=lambda i: t[i])
print(sum(i * x for i, x in enumerate(t, 1)), order[-2] + 1 if n > 1 else 0)
""",
    }

    @classmethod
    def validate(cls, text: str) -> None:
        reader = Reader(text)
        n = reader.integer(1, MOST, "n")
        reader.integer(1, LONG, "q")
        reader.line()
        reader.integers(n, 1, LONG, "w")
        reader.line()
        reader.end()

    @classmethod
    def small(cls) -> Iterator[str]:
        yield written(LONG, [LONG])
        yield written(LONG - 1, [LONG, LONG])
        for n in (1, 2, 3, 4):
            for work in product((1, 2, 3, 5) if n < 4 else (1, 2, 5), repeat=n):
                for q in (1, 2, 3) if n < 4 else (2,):
                    yield written(q, work)

    @classmethod
    def random(cls, rng: Rng, size: int) -> str:
        n = int(rng.integers(1, 3 * size + 2)) if size < 4 else min(MOST, int(rng.integers(1, 20 * (size - 3) ** 3)))
        if size < 4 or rng.integers(2):  # a few turns each
            q = int(rng.integers(1, 3 * size + 1))
            work = rng.integers(1, q * int(rng.integers(1, 6)) + 1, size=n)
        else:
            q = int(rng.integers(1, 20))
            work = rng.integers(LONG // 2 if rng.integers(2) else 1, LONG + 1, size=n)
        if rng.integers(3) == 0:
            work = -(-work // q) * q if work.max() < LONG // 2 else work // q * q
        return written(q, work.clip(1, LONG).tolist())

    @classmethod
    def worst(cls, rng: Rng) -> Iterator[str]:
        yield written(1, rng.integers(1, LONG + 1, size=MOST).tolist())
        yield written(1, [LONG] * MOST)
        yield written(LONG // 50, rng.integers(1, LONG + 1, size=MOST).tolist())
        yield written(7, list(range(LONG, LONG - MOST, -1)))

    @classmethod
    def hack(cls, rng: Rng, idea: str) -> str:
        if idea.startswith("too slow"):
            return written(int(rng.integers(1, 9)), rng.integers(1, LONG + 1, size=MOST).tolist())
        n, q = int(rng.integers(5, 30)), int(rng.integers(2, 9))
        work = rng.integers(1, 6 * q, size=n)
        if idea.startswith("one turn more"):
            work = -(-work // q) * q
        if idea.startswith("the client"):
            return written(q, [*work.tolist(), 8 * q + 2, 8 * q + 1, 8 * q])
        return written(q, work.tolist())
