"""Repeated motifs: different substrings that occur at least twice."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import product
from typing import TYPE_CHECKING

from whetstone.envs.code.blueprint import Blueprint
from whetstone.envs.code.reader import Reader
from whetstone.envs.code.sandbox.types import Limits, Program

if TYPE_CHECKING:
    from numpy.random import Generator as Rng

MOST = 12_000
COPIED = "states are copied needlessly, which does not change what is counted"


def letters(rng: Rng, n: int, kinds: int) -> str:
    """A random word of `n` letters."""
    return "".join(chr(97 + int(c)) for c in rng.integers(kinds, size=n))


class RepeatedMotifs(Blueprint):
    """The states of a suffix automaton that are reached at two ends or more."""

    title = "Repeated motifs"
    statement = """\
A melody is written as a word of lowercase letters, one for each note. A motif is a non-empty sequence of consecutive
notes of the melody. A motif is repeated if it occurs in the melody at two or more different positions; occurrences may
overlap. How many different repeated motifs does the melody have? Motifs are different if they are different as words;
each counts once, however often it occurs."""
    input_format = "One line with the melody: 1 to 12000 lowercase letters a to z."
    output_format = "One integer: the number of different repeated motifs."
    samples = ("abab\n", "aaaa\n", "abc\n")
    limits = Limits(cpu=1.0)
    topics = ("strings", "suffix automaton")
    level = 8

    reference = """\
word = input()
# suffix automaton: transitions, longest word and suffix link of each state
to, longest, link = [{}], [0], [-1]
last = 0
for letter in word:
    new = len(to)
    to.append({})
    longest.append(longest[last] + 1)
    link.append(0)
    state = last
    while state >= 0 and letter not in to[state]:
        to[state][letter] = new
        state = link[state]
    if state >= 0:
        target = to[state][letter]
        if longest[target] != longest[state] + 1:
            copy = len(to)
            to.append(dict(to[target]))
            longest.append(longest[state] + 1)
            link.append(link[target])
            link[target] = copy
            while state >= 0 and to[state].get(letter) == target:
                to[state][letter] = copy
                state = link[state]
            target = copy
        link[new] = target
    last = new
repeated = set(link) - {0, -1}  # a link leads to words that end at two places at least
print(sum(longest[state] - longest[link[state]] for state in repeated))
"""
    brute = """\
word = input()
n = len(word)
seen, repeated = set(), set()
for i in range(n):
    for j in range(i + 1, n + 1):
        motif = word[i:j]
        if motif in seen:
            repeated.add(motif)
        seen.add(motif)
print(len(repeated))
"""
    right = {
        "suffix array by doubling, common prefixes of neighbours": Program(
            "python",
            """\
import sys

s = sys.stdin.readline().strip()
n = len(s)
rank = [ord(c) - 96 for c in s]
k = 1
while True:
    key = [rank[i] * (n + 27) + (rank[i + k] if i + k < n else 0) for i in range(n)]
    numbers = {x: r for r, x in enumerate(sorted(set(key)), 1)}
    rank = [numbers[x] for x in key]
    if len(numbers) == n:
        break
    k *= 2
order = [0] * n
for i, r in enumerate(rank):
    order[r - 1] = i
common = [0] * n  # of order[r] and order[r - 1]
h = 0
for i in range(n):
    r = rank[i] - 1
    if r == 0:
        h = 0
        continue
    j = order[r - 1]
    while i + h < n and j + h < n and s[i + h] == s[j + h]:
        h += 1
    common[r] = h
    h = max(h - 1, 0)
print(sum(max(0, b - a) for a, b in zip(common, common[1:])))
""",
        ),
        "suffix automaton with counts": Program(
            "cpp",
            """\
#include <bits/stdc++.h>
using namespace std;
struct State { int to[26], link, longest, count; };
int main() {
    string s;
    cin >> s;
    vector<State> a(1);
    memset(a[0].to, -1, sizeof a[0].to);
    a[0].link = -1;
    int last = 0;
    for (char letter : s) {
        int c = letter - 'a', now = a.size(), p = last;
        State fresh;
        memset(fresh.to, -1, sizeof fresh.to);
        fresh.longest = a[last].longest + 1;
        fresh.count = 1;
        fresh.link = 0;
        a.push_back(fresh);
        for (; p >= 0 && a[p].to[c] < 0; p = a[p].link) a[p].to[c] = now;
        if (p >= 0) {
            int q = a[p].to[c];
            if (a[q].longest > a[p].longest + 1) {
                State clone = a[q];
                clone.longest = a[p].longest + 1;
                clone.count = 0;
                int r = a.size();
                a.push_back(clone);
                a[q].link = r;
                for (; p >= 0 && a[p].to[c] == q; p = a[p].link) a[p].to[c] = r;
                q = r;
            }
            a[now].link = q;
        }
        last = now;
    }
    vector<int> order(a.size() - 1);
    iota(order.begin(), order.end(), 1);
    sort(order.begin(), order.end(), [&](int x, int y) { return a[x].longest > a[y].longest; });
    long long total = 0;
    for (int v : order) {
        if (a[v].count > 1) total += a[v].longest - a[a[v].link].longest;
        a[a[v].link].count += a[v].count;
    }
    cout << total << endl;
}
""",
        ),
    }
    wrong = {
        "occurrences must not overlap": """\
word = input()
n = min(len(word), 300)
motifs = {word[i:j] for i in range(n) for j in range(i + 1, n + 1)}
print(sum(word.count(motif) > 1 for motif in motifs))
""",
        "all different motifs": """\
word = input()
n = min(len(word), 300)
print(len({word[i:j] for i in range(n) for j in range(i + 1, n + 1)}))
""",
        "counts every further occurrence": """\
word = input()
n = min(len(word), 300)
print(n * (n + 1) // 2 - len({word[i:j] for i in range(n) for j in range(i + 1, n + 1)}))
""",
        "adds up the common prefixes of sorted suffixes": """\
word = input()
n = min(len(word), 1000)
suffixes = sorted(word[i:n] for i in range(n))
total = best = 0
for a, b in zip(suffixes, suffixes[1:]):
    k = 0
    while k < len(a) and k < len(b) and a[k] == b[k]:
        k += 1
    total += k
print(total)
""",
        "motifs that occur exactly twice": """\
from collections import Counter
word = input()
n = min(len(word), 300)
count = Counter(word[i:j] for i in range(n) for j in range(i + 1, n + 1))
print(sum(c == 2 for c in count.values()))
""",
        "motifs of two notes at least": """\
from collections import Counter
word = input()
n = min(len(word), 300)
count = Counter(word[i:j] for i in range(n) for j in range(i + 2, n + 1))
print(sum(c > 1 for c in count.values()))
""",
        "motifs up to half of the melody": """\
from collections import Counter
word = input()
n = min(len(word), 300)
count = Counter(word[i:j] for i in range(n) for j in range(i + 1, min(n, i + n // 2) + 1))
print(sum(c > 1 for c in count.values()))
""",
        "too slow: hashes of all motifs, length by length": """\
word = input()
n = len(word)
p, b = (1 << 61) - 1, 911382323
hashes = [0] * n  # of the motifs of this length by start
total = 0
for length in range(1, n + 1):
    seen, repeated = set(), set()
    for i in range(n - length + 1):
        x = (hashes[i] * b + ord(word[i + length - 1])) % p
        hashes[i] = x
        if x in seen:
            repeated.add(x)
        seen.add(x)
    total += len(repeated)
print(total)
""",
    }

    equivalent = {
        "line 3: [0] -> [1]": "all lengths are one more, only differences count",
        "line 3: [0] -> [-1]": "all lengths are one less, only differences count",
        "line 8: longest.append(longest[last] + 1) -> longest.append(longest[last] - 1)": COPIED,
        "line 8: longest[last] + 1 -> longest[last] + 2": COPIED,
        "line 8: longest[last] + 1 -> longest[last] + 0": COPIED,
        "line 16: longest[target] != longest[state] + 1 -> longest[target] != longest[state] - 1": COPIED,
        "line 16: longest[state] + 1 -> longest[state] + 0": COPIED,
        "line 22: state >= 0 -> state >= -1": "the newest state, at -1, has no transition to the one that it copies",
    }

    @classmethod
    def validate(cls, text: str) -> None:
        reader = Reader(text)
        reader.word(1, MOST, "the melody")
        reader.line()
        reader.end()

    @classmethod
    def small(cls) -> Iterator[str]:
        for n in range(1, 8):
            for word in product("ab", repeat=n):
                yield "".join(word) + "\n"
        for word in product("xyz", repeat=5):
            yield "".join(word) + "\n"

    @classmethod
    def random(cls, rng: Rng, size: int) -> str:
        n = int(rng.integers(1, 8 * size + 1)) if size < 4 else min(MOST, int(rng.integers(1, 3 * size**4)))
        kinds = int(rng.choice([1, 2, 3, 26]))
        word = letters(rng, n, kinds)
        if rng.integers(2):  # copies with single notes changed
            word = (word[: 1 + n // 3] * 3)[:n]
            for i in rng.integers(n, size=int(rng.integers(3))):
                word = word[:i] + chr(97 + int(rng.integers(kinds))) + word[i + 1 :]
        return word + "\n"

    @classmethod
    def worst(cls, rng: Rng) -> Iterator[str]:
        yield "a" * MOST + "\n"
        yield letters(rng, MOST, 2) + "\n"
        yield letters(rng, MOST, 26) + "\n"
        half = letters(rng, MOST // 2, 26)
        yield half + half + "\n"
        yield "a" * (MOST // 2) + "b" * (MOST // 2) + "\n"
        yield ("ab" * MOST)[: MOST - 1] + "c\n"

    @classmethod
    def hack(cls, rng: Rng, idea: str) -> str:
        n = int(rng.integers(4, 40))
        if idea.startswith("too slow"):
            return letters(rng, MOST, int(rng.integers(2, 27))) + "\n"
        if idea.startswith("counts every"):
            return "aaa" + letters(rng, n, 3) + "\n"
        return "ab" * n + letters(rng, n, 2) + "\n" if n % 2 else "a" * n + "\n"
