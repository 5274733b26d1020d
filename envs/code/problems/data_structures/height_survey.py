"""Union-find with differences: a survey that must not contradict itself."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import product
from typing import TYPE_CHECKING

from whetstone.envs.code.blueprint import Blueprint
from whetstone.envs.code.reader import Reader
from whetstone.envs.code.sandbox.types import Limits, Program

if TYPE_CHECKING:
    from numpy.random import Generator as Rng

N, Q, METRES = 10_000, 15_000, 1_000_000
Line = tuple[int, ...]


def text(n: int, lines: Sequence[Line]) -> str:
    rows = (f"{'?' if len(line) == 2 else '!'} {' '.join(map(str, line))}\n" for line in lines)
    return f"{n} {len(lines)}\n" + "".join(rows)


def survey(rng: Rng, n: int, q: int, asked: float, wrong: float, high: int) -> str:
    """Notes about hidden heights, some of them wrong, and questions."""
    heights = rng.integers(high + 1, size=n + 1).tolist()
    lines: list[Line] = []
    for (a, b), kind, slip in zip(
        rng.integers(1, n + 1, size=(q, 2)).tolist(), rng.random(q), rng.random(q), strict=True
    ):
        if kind < asked:
            lines.append((a, b))
        else:
            lines.append((a, b, heights[b] - heights[a] + (int(rng.integers(-1, 2)) if slip < wrong else 0)))
    return text(n, [line if len(line) == 2 else (*line[:2], max(-METRES, min(METRES, line[2]))) for line in lines])


class HeightSurvey(Blueprint):
    title = "A survey of heights"
    statement = (
        "A surveyor measures differences of height between n stones, numbered from 1 to n, and reads out his notebook "
        "line by line. A note `! a b d` says that stone b lies d metres higher than stone a (lower, if d is negative). "
        "A note that contradicts those kept before it, taken together, is crossed out and never used; all other notes "
        "are kept. A question `? a b` asks how many metres stone b lies higher than stone a, as far as it follows from "
        "the notes kept so far."
    )
    input_format = (
        "The first line holds the integers n and q (1 <= n <= 10000, 1 <= q <= 15000). Each of the next q lines is a "
        "note, `! a b d`, or a question, `? a b`, with 1 <= a, b <= n and -1000000 <= d <= 1000000. a and b may be "
        "the same."
    )
    output_format = (
        "A line for each question and for each note that is crossed out, in the order of the input: for a question the "
        "difference, or UNKNOWN if it does not follow from the notes kept so far; for a note the word WRONG."
    )
    samples = (
        "4 7\n! 1 2 5\n! 3 2 2\n? 1 3\n? 1 4\n! 3 1 -2\n! 3 1 -3\n? 4 4\n",
        "1 2\n! 1 1 1\n? 1 1\n",
    )
    limits = Limits(cpu=1.0)
    topics = ("data structures", "union-find")
    level = 7

    reference = """
import sys

n, q = map(int, sys.stdin.readline().split())
group = list(range(n))
height = [0] * n
members = [[i] for i in range(n)]
for line in sys.stdin:
    kind, *numbers = line.split()
    a, b = int(numbers[0]) - 1, int(numbers[1]) - 1
    if kind == "?":
        print(height[b] - height[a] if group[a] == group[b] else "UNKNOWN")
        continue
    rise = height[a] + int(numbers[2]) - height[b]
    if group[a] != group[b]:
        big, small = group[a], group[b]
        if len(members[big]) < len(members[small]):
            big, small, rise = small, big, -rise
        for i in members[small]:
            group[i] = big
            height[i] += rise
        members[big] += members[small]
    elif rise:
        print("WRONG")
"""
    equivalent = {
        "line 6: [0] -> [1]": "only differences of heights count",
        "line 6: [0] -> [-1]": "only differences of heights count",
        "line 17: len(members[big]) < len(members[small]) -> len(members[big]) <= len(members[small])": (
            "of two equal groups either may join the other"
        ),
    }
    brute = """
n, q = map(int, input().split())
kept = []


def difference(a, b):
    heights = {a: 0}
    for _ in range(n):
        for x, y, d in kept:
            if x in heights:
                heights[y] = heights[x] + d
            elif y in heights:
                heights[x] = heights[y] - d
    return heights.get(b)


for _ in range(q):
    kind, a, b, *d = input().split()
    known = difference(a, b)
    if kind == "?":
        print("UNKNOWN" if known is None else known)
    elif known is None:
        kept.append((a, b, int(d[0])))
    elif known != int(d[0]):
        print("WRONG")
"""
    right = {
        "links with differences": Program(
            "python",
            """
import sys

def main():
    it = iter(sys.stdin.read().split())
    n, q = int(next(it)), int(next(it))
    link = [-1] * (n + 1)  # negative: the size of the group
    above = [0] * (n + 1)  # metres above the stone it is linked to

    def root(x):
        h = 0
        while link[x] >= 0:
            h += above[x]
            x = link[x]
        return x, h

    out = []
    for _ in range(q):
        kind, a, b = next(it), int(next(it)), int(next(it))
        (ra, ha), (rb, hb) = root(a), root(b)
        if kind == "?":
            out.append(str(hb - ha) if ra == rb else "UNKNOWN")
        else:
            d = int(next(it))
            if ra == rb:
                if hb - ha != d:
                    out.append("WRONG")
            elif link[ra] <= link[rb]:
                link[ra] += link[rb]
                link[rb], above[rb] = ra, ha + d - hb
            else:
                link[rb] += link[ra]
                link[ra], above[ra] = rb, hb - d - ha
    print("\\n".join(out))

main()
""",
        ),
        "path compression in C++": Program(
            "cpp",
            """
#include <bits/stdc++.h>
using namespace std;
vector<int> p;
vector<long long> h;
int root(int x) {
    if (p[x] == x) return x;
    int r = root(p[x]);
    h[x] += h[p[x]];
    return p[x] = r;
}
int main() {
    int n, q;
    cin >> n >> q;
    p.resize(n + 1), h.resize(n + 1);
    iota(p.begin(), p.end(), 0);
    while (q--) {
        char kind;
        int a, b;
        long long d;
        cin >> kind >> a >> b;
        int x = root(a), y = root(b);
        if (kind == '?') {
            if (x == y) cout << h[b] - h[a] << "\\n";
            else cout << "UNKNOWN\\n";
            continue;
        }
        cin >> d;
        if (x != y) p[y] = x, h[y] = h[a] + d - h[b];
        else if (h[b] - h[a] != d) cout << "WRONG\\n";
    }
}
""",
        ),
    }
    wrong = {
        "forgets which way the difference goes": reference.replace("= small, big, -rise", "= small, big, rise"),
        "joins stones as if they were the highest of their groups": reference.replace(
            "height[i] += rise", "height[i] = rise"
        ),
        "crosses out what is known already": reference.replace("elif rise:", "else:"),
        "says nothing of wrong notes": reference.replace('print("WRONG")', "pass"),
        "a stone and itself are unknown": reference.replace(
            "if group[a] == group[b] else", "if group[a] == group[b] and len(members[group[a]]) > 1 else"
        ),
        "only what one note says": """
n, q = map(int, input().split())
notes = {}
for _ in range(q):
    kind, a, b, *d = input().split()
    if kind == "?":
        print(0 if a == b else notes.get((a, b), "UNKNOWN"))
    elif notes.get((a, b), int(d[0])) != int(d[0]) or a == b and int(d[0]):
        print("WRONG")
    else:
        notes[a, b], notes[b, a] = int(d[0]), -int(d[0])
""",
        "measures from the lower to the higher": reference.replace(
            "height[b] - height[a] if", "abs(height[b] - height[a]) if"
        ),
        "too slow: a search for every line": """
import sys

n, q = map(int, sys.stdin.readline().split())
near = [[] for _ in range(n + 1)]
for line in sys.stdin:
    kind, *numbers = line.split()
    a, b = int(numbers[0]), int(numbers[1])
    height = {a: 0}
    queue = [a]
    for x in queue:
        if b in height:
            break
        for y, d in near[x]:
            if y not in height:
                height[y] = height[x] + d
                queue.append(y)
    if kind == "?":
        print(height.get(b, "UNKNOWN"))
    elif b not in height:
        near[a].append((b, int(numbers[2])))
        near[b].append((a, -int(numbers[2])))
    elif height[b] != int(numbers[2]):
        print("WRONG")
""",
    }

    @classmethod
    def validate(cls, text: str) -> None:
        reader = Reader(text)
        n, q = reader.integer(1, N, "n"), reader.integer(1, Q, "q")
        reader.line()
        for _ in range(q):
            kind = reader.word(1, 1, "! or ?", "!?")
            reader.integers(2, 1, n, "stone")
            if kind == "!":
                reader.integer(-METRES, METRES, "d")
            reader.line()
        reader.end()

    @classmethod
    def small(cls) -> Iterator[str]:
        yield from (text(1, [(1, 1)]), text(1, [(1, 1, 0), (1, 1, 2), (1, 1)]), text(2, [(1, 2), (2, 1)]))
        for notes in product((0, 1, -1), (-1, 2), (1, -2)):
            asked = [(a, b) for a in (1, 2, 3, 4) for b in (1, 2, 3, 4)]
            for pairs in (((1, 2), (2, 3), (3, 1)), ((1, 2), (3, 4), (4, 2)), ((2, 1), (2, 3), (1, 2))):
                yield text(4, [(*pair, d) for pair, d in zip(pairs, notes, strict=True)] + asked)

    @classmethod
    def random(cls, rng: Rng, size: int) -> str:
        n = int(rng.integers(2, 6 + size)) if size <= 3 else min(N, 3**size // 4)
        q = int(rng.integers(n, 3 * n + 2)) if size <= 3 else min(Q, 2 * n)
        high = int(rng.choice([1, 5, METRES]))
        return survey(rng, n, q, float(rng.choice([0.3, 0.6])), float(rng.choice([0, 0.3])), high)

    @classmethod
    def worst(cls, rng: Rng) -> Iterator[str]:
        far = [(1, N), (N, 1)] * ((Q - N) // 2)
        yield text(N, [(i, i + 1, METRES) for i in range(1, N)] + far)
        yield text(N, [(i + 1, i, -METRES) for i in range(N - 1, 0, -1)] + far)
        yield text(N, [(1, i, i % 7) for i in range(2, N + 1)] + far)
        yield text(N, [(i, 1, i % 7) for i in range(2, N + 1)] + far)
        yield survey(rng, N, Q, 0.2, 0.1, METRES)

    @classmethod
    def hack(cls, rng: Rng, idea: str) -> str:
        n = int(rng.integers(4, 12))
        if idea.startswith("too slow"):
            return text(N, [(i, i + 1, n) for i in range(1, N)] + [(1, N)] * (Q - N))
        if idea == "a stone and itself are unknown":
            return text(n, [(n, n)])
        chain: list[Line] = [(i, i + 1, int(rng.integers(1, 100))) for i in range(2, n)]
        if idea == "crosses out what is known already":
            return text(n, chain * 2)
        if idea == "says nothing of wrong notes":
            return text(n, [*chain, (2, n, -1)])
        # stones 1 and n + 1 are noted first; their group is the smaller one, and 1 is not where its heights begin
        return text(n + 1, [*chain, (n + 1, 1, 3), (1, n - 1, 5), (1, n), (n, 1), (2, 1), (n + 1, 2)])
