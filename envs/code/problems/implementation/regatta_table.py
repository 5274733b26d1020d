"""Regatta table: sums, three sort keys, shared places."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import product
from typing import TYPE_CHECKING

from whetstone.envs.code.blueprint import Blueprint
from whetstone.envs.code.reader import Reader
from whetstone.envs.code.sandbox.types import Limits, Program

if TYPE_CHECKING:
    from numpy.random import Generator as Rng

CREWS, DUELS, BUOYS = 200, 3000, 20
Duel = tuple[str, str, int, int]


def written(crews: Sequence[str], duels: Sequence[Duel]) -> str:
    """The input for the crews and their duels."""
    lines = [f"{a} {b} {x} {y}" for a, b, x, y in duels]
    return "\n".join([f"{len(crews)} {len(duels)}", *crews, *lines, ""])


def names(rng: Rng, n: int, longest: int) -> list[str]:
    """`n` different names in a random order."""
    found: dict[str, None] = {}
    while len(found) < n:
        word = rng.integers(26 if longest > 2 else 6, size=int(rng.integers(1, longest + 1)))
        found["".join(chr(97 + c) for c in word)] = None
    return list(found)


def made(rng: Rng, n: int, m: int, buoys: int) -> str:
    """`m` random duels of `n` crews."""
    crews = names(rng, n, 2 if n < 9 else 10)
    duels: list[Duel] = []
    for _ in range(m):
        a, b = rng.choice(n, size=2, replace=False)
        x, y = rng.integers(buoys + 1, size=2)
        duels.append((crews[a], crews[b], int(x), int(y)))
    return written(crews, duels)


class RegattaTable(Blueprint):
    """Sort by (-points, -difference, -buoys won, name), places shared by equal numbers."""

    title = "Regatta table"
    statement = """\
At a rowing regatta crews meet in duels. In a duel each crew collects buoys. The crew with more buoys wins and gets 3
points, the other one gets 0; with equally many buoys, each gets 1 point.

The final table lists every crew once, also those without a duel. A crew with more points stands higher. Among equal
points the larger difference (buoys it collected minus buoys its opponents collected against it, over all its duels)
stands higher, and if that is equal too, the larger number of collected buoys. Crews that are equal in all three numbers
share a place and are listed in alphabetical order of their names. The place of a crew is 1 plus the number of crews
that stand higher, so after two crews that share place 1 comes place 3."""
    input_format = """\
The first line holds two integers n and m (2 <= n <= 200, 0 <= m <= 3000), the numbers of crews and of duels. Each of
the next n lines holds the name of a crew, 1 to 10 lowercase letters a to z; the names are different. Each of the next
m lines holds a duel: two names of different crews and two integers, the buoys of the first and of the second crew
(0 to 20), separated by spaces. Two crews may meet any number of times."""
    output_format = (
        "n lines, from the top of the table: the place, the name and the points of a crew, separated by spaces."
    )
    samples = (
        "3 2\nheron\nswan\ncoot\nswan heron 4 2\ncoot swan 3 3\n",
        "4 2\nd\nc\nb\na\nc d 5 1\na b 5 1\n",
    )
    limits = Limits(cpu=1.0)
    topics = ("implementation", "sorting")
    level = 3

    reference = """\
import sys

lines = sys.stdin.read().split("\\n")
n, m = map(int, lines[0].split())
points, won, lost = ({name: 0 for name in lines[1 : n + 1]} for _ in range(3))
for line in lines[n + 1 : n + m + 1]:
    a, b, x, y = line.split()
    x, y = int(x), int(y)
    for crew, mine, other in ((a, x, y), (b, y, x)):
        won[crew] += mine
        lost[crew] += other
        if mine > other:
            points[crew] += 3
        elif mine == other:
            points[crew] += 1
rows = sorted((-points[name], lost[name] - won[name], -won[name], name) for name in points)
before = None
for i, (*key, name) in enumerate(rows):
    if key != before:
        place = i + 1
    before = key
    print(place, name, points[name])
"""
    brute = """\
n, m = map(int, input().split())
crews = [input() for _ in range(n)]
duels = [input().split() for _ in range(m)]

def key(crew):
    seen = [(int(x), int(y)) for a, b, x, y in duels if a == crew]
    seen += [(int(y), int(x)) for a, b, x, y in duels if b == crew]
    points = 3 * sum(x > y for x, y in seen) + sum(x == y for x, y in seen)
    return points, sum(x - y for x, y in seen), sum(x for x, y in seen)

keys = {crew: key(crew) for crew in crews}
table = []
for crew in crews:
    higher = sum(keys[other] > keys[crew] for other in crews)
    table.append((higher + 1, crew, keys[crew][0]))
for row in sorted(table):
    print(*row)
"""
    right = {
        "stable sorts, last key first": Program(
            "python",
            """\
n, m = map(int, input().split())
table = {}
for _ in range(n):
    table[input().strip()] = [0, 0, 0]
for _ in range(m):
    a, b, x, y = input().split()
    x = int(x)
    y = int(y)
    table[a][1] += x - y
    table[b][1] += y - x
    table[a][2] += x
    table[b][2] += y
    if x == y:
        table[a][0] += 1
        table[b][0] += 1
    else:
        table[a if x > y else b][0] += 3
order = sorted(table)
for column in (2, 1, 0):
    order.sort(key=lambda crew: table[crew][column], reverse=True)
out = []
for i, crew in enumerate(order):
    place = i + 1
    if i and table[order[i - 1]] == table[crew]:
        place = out[-1][0]
    out.append((place, crew, table[crew][0]))
print("\\n".join("%d %s %d" % row for row in out))
""",
        ),
        "a comparison function": Program(
            "cpp",
            """\
#include <bits/stdc++.h>
using namespace std;
struct Crew { string name; int points = 0, won = 0, lost = 0; };
int main() {
    int n, m;
    cin >> n >> m;
    vector<Crew> crews(n);
    map<string, int> at;
    for (int i = 0; i < n; i++) { cin >> crews[i].name; at[crews[i].name] = i; }
    while (m--) {
        string s, t; int x, y;
        cin >> s >> t >> x >> y;
        Crew &a = crews[at[s]], &b = crews[at[t]];
        a.won += x; a.lost += y; b.won += y; b.lost += x;
        if (x > y) a.points += 3; else if (x < y) b.points += 3; else a.points++, b.points++;
    }
    auto key = [](const Crew &c) { return make_tuple(-c.points, c.lost - c.won, -c.won); };
    sort(crews.begin(), crews.end(), [&](const Crew &a, const Crew &b) {
        return make_pair(key(a), a.name) < make_pair(key(b), b.name);
    });
    int place = 0;
    for (int i = 0; i < n; i++) {
        if (i == 0 || key(crews[i]) != key(crews[i - 1])) place = i + 1;
        cout << place << ' ' << crews[i].name << ' ' << crews[i].points << '\\n';
    }
}
""",
        ),
    }
    wrong = {
        "the place after a shared one is the next number": reference.replace("place = i + 1", "place += 1"),
        "no shared places": reference.replace("    if key != before:\n        place = i + 1\n", "    place = i + 1\n"),
        "ignores the collected buoys": reference.replace(
            "lost[name] - won[name], -won[name]", "lost[name] - won[name]"
        ),
        "shares places by points alone": reference.replace("key != before", "key[0] != before").replace(
            "before = key", "before = key[0]"
        ),
        "sorts names backwards too": reference.replace(
            "sorted((-points[name], lost[name] - won[name], -won[name], name) for name in points)",
            "[(-p, -d, -w, name) for p, d, w, name in "
            "sorted(((points[name], won[name] - lost[name], won[name], name) for name in points), reverse=True)]",
        ),
        "2 points for a win": reference.replace("+= 3", "+= 2"),
        "collected buoys before the difference": reference.replace(
            "lost[name] - won[name], -won[name]", "-won[name], lost[name] - won[name]"
        ),
        "leaves out crews without a duel": reference.replace(
            "for name in points)", "for name in points if won[name] + lost[name] + points[name])"
        ),
    }

    @classmethod
    def validate(cls, text: str) -> None:
        reader = Reader(text)
        n = reader.integer(2, CREWS, "n")
        m = reader.integer(0, DUELS, "m")
        reader.line()
        crews: set[str] = set()
        for i in range(n):
            crews.add(reader.word(1, 10, f"name[{i}]"))
            reader.line()
        if len(crews) < n:
            raise ValueError(f"expected {n} different names, found {len(crews)}")
        for i in range(m):
            pair = {reader.word(1, 10, f"first[{i}]"), reader.word(1, 10, f"second[{i}]")}
            if len(pair) < 2 or not pair <= crews:
                raise ValueError(f"duel {i}: expected the names of two different crews, found {sorted(pair)}")
            reader.integers(2, 0, BUOYS, f"buoys[{i}]")
            reader.line()
        reader.end()

    @classmethod
    def small(cls) -> Iterator[str]:
        yield written(["b", "a"], [])
        yield written(["ab", "a", "b", "aa"], [])
        for x, y, z, w in product((0, 1, 2), repeat=4):
            yield written(["a", "b", "c"], [("c", "b", x, y), ("a", "c", z, w)])
            yield written(["d", "c", "b", "a"], [("a", "b", x, y), ("c", "d", z, w)])
        for x, y, z in product((0, 20), (19, 20), (0, 1)):
            yield written(["x", "y"], [("x", "y", x, y), ("y", "x", z, 1)])

    @classmethod
    def random(cls, rng: Rng, size: int) -> str:
        if size < 4:
            return made(rng, int(rng.integers(2, size + 4)), int(rng.integers(4 * size)), int(rng.integers(1, 5)))
        n = int(rng.integers(2, 20 * size + 1))
        return made(rng, n, int(rng.integers(30 * size * size)), int(rng.choice([1, 3, BUOYS])))

    @classmethod
    def worst(cls, rng: Rng) -> Iterator[str]:
        yield made(rng, CREWS, DUELS, BUOYS)
        yield made(rng, CREWS, DUELS, 1)
        yield made(rng, 2, DUELS, BUOYS)
        yield made(rng, CREWS, 0, 0)

    @classmethod
    def hack(cls, rng: Rng, idea: str) -> str:
        a, b, c, d, *others = names(rng, 6, 5)
        x = int(rng.integers(1, 15))
        if idea.startswith(("ignores", "shares")):
            a, b = max(a, b), min(a, b)
            return written([a, b, c, d, *others], [(a, c, x + 5, x + 3), (b, d, x + 2, x), (c, d, 0, 0)])
        if idea.startswith("collected"):
            return written([a, b, c, d, *others], [(a, c, x, 0), (b, d, x + 2, x + 1)])
        if idea.startswith("2 points"):
            return written([a, b, c, d, *others], [(a, c, x + 1, 0), (b, d, x, x), (b, c, 20, 20)])
        return written([a, b, c, d, *others], [(a, b, x + 1, x), (c, d, x + 1, x)])
