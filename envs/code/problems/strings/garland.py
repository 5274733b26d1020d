"""Garland: rearrange letters so that no two neighbours are equal."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import product
from typing import TYPE_CHECKING

from whetstone.envs.code.blueprint import Blueprint
from whetstone.envs.code.problem import Comparison
from whetstone.envs.code.reader import Reader
from whetstone.envs.code.sandbox.types import Limits, Program

if TYPE_CHECKING:
    from numpy.random import Generator as Rng

MOST = 20_000

CHECKER = """\
def check(input, output, answer):
    tokens = output.split()
    if len(tokens) != 1:
        raise ValueError(f"expected one word, found {len(tokens)}")
    word = tokens[0]
    if answer.strip() == "-1":
        if word != "-1":
            raise ValueError("expected -1")
        return
    if word == "-1":
        raise ValueError("a garland exists, found -1")
    if sorted(word) != sorted(input.strip()):
        raise ValueError("the letters are not those of the input")
    for i, (a, b) in enumerate(zip(word, word[1:])):
        if a == b:
            raise ValueError(f"letters {i + 1} and {i + 2} are equal")
"""


class Garland(Blueprint):
    """Sorted by frequency into the even places, then into the odd ones."""

    title = "Garland"
    statement = """\
For a garland, paper flowers are threaded on a straight string, one after another. All flowers at hand have to be used,
and no two neighbours may be of the same kind (the two ends of the string are not neighbours). A flower's kind is given
by a lowercase letter. Find an order, or say that there is none. If there are several, any of them is accepted."""
    input_format = "One line with a word of 1 to 20000 lowercase letters a to z: the flowers in any order."
    output_format = "One line: the letters in a permitted order, without spaces, or -1 if there is none."
    samples = ("aabbb\n", "zzz\n", "letter\n")
    limits = Limits(cpu=1.0)
    topics = ("strings", "greedy", "constructive")
    level = 4
    comparison = Comparison("checker", checker=CHECKER)

    reference = """\
from collections import Counter

word = input()
n = len(word)
(first, most), *rest = Counter(word).most_common()
if most > n - most + 1:
    print(-1)
else:
    flowers = first * most + "".join(kind * count for kind, count in rest)
    places = [*range(0, n, 2), *range(1, n, 2)]
    garland = [flower for place, flower in sorted(zip(places, flowers))]
    print("".join(garland))
"""
    brute = """\
word = input()

def extend(made, left):
    if not left:
        return made
    for kind in sorted(set(left)):
        if not made or made[-1] != kind:
            found = extend(made + kind, left.replace(kind, "", 1))
            if found:
                return found
    return ""

if len(word) > 2 * (len(word) - max(map(word.count, word))) + 1 + len(word) - max(map(word.count, word)):
    print(-1)  # not enough other flowers to stand between; saves the search
else:
    print(extend("", word) or -1)
"""
    right = {
        "the commonest flower that differs, from a heap": Program(
            "python",
            """\
import heapq
import sys

word = sys.stdin.read().strip()
heap = [(-word.count(c), c) for c in set(word)]
heapq.heapify(heap)
made = []
kept = None
while heap:
    count, c = heapq.heappop(heap)
    made.append(c)
    if kept:
        heapq.heappush(heap, kept)
    kept = (count + 1, c) if count < -1 else None
print("".join(made) if not kept else -1)
""",
        ),
        "threads the commonest kind first": Program(
            "cpp",
            """\
#include <bits/stdc++.h>
using namespace std;
int main() {
    string s;
    cin >> s;
    int n = s.size(), count[26] = {}, order[26];
    for (char c : s) count[c - 'a']++;
    iota(order, order + 26, 0);
    sort(order, order + 26, [&](int a, int b) { return count[a] > count[b]; });
    if (2 * count[order[0]] > n + 1) {
        puts("-1");
        return 0;
    }
    string made(n, ' ');
    int at = 0;
    for (int k : order)
        for (int i = 0; i < count[k]; i++) {
            made[at] = 'a' + k;
            at += 2;
            if (at >= n) at = 1;
        }
    puts(made.c_str());
}
""",
        ),
    }
    wrong = {
        "gives up when a kind makes up half": """\
from collections import Counter
word = input()
n = len(word)
order = Counter(word).most_common()
if order[0][1] > n // 2:
    print(-1)
else:
    flowers = "".join(k * c for k, c in order)
    garland = [""] * n
    garland[::2] = flowers[: (n + 1) // 2]
    garland[1::2] = flowers[(n + 1) // 2 :]
    print("".join(garland))
""",
        "fills the places in alphabetical order": """\
from collections import Counter
word = input()
n = len(word)
if max(Counter(word).values()) > (n + 1) // 2:
    print(-1)
else:
    flowers = sorted(word)
    garland = [""] * n
    garland[::2] = flowers[: (n + 1) // 2]
    garland[1::2] = flowers[(n + 1) // 2 :]
    print("".join(garland))
""",
        "goes round the kinds in turn": """\
from collections import Counter
word = input()
n = len(word)
count = Counter(word)
if max(count.values()) > (n + 1) // 2:
    print(-1)
else:
    garland = ""
    while len(garland) < n:
        for k in sorted(count):
            if count[k]:
                garland += k
                count[k] -= 1
    print(garland)
""",
        "swaps equal neighbours away, left to right": """\
word = list(input())
n = len(word)
for i in range(1, n):
    if word[i] == word[i - 1]:
        for j in range(i + 1, n):
            if word[j] != word[i]:
                word[i], word[j] = word[j], word[i]
                break
        else:
            print(-1)
            break
else:
    print("".join(word))
""",
        "the smallest letter that differs": """\
from collections import Counter
word = input()
count = Counter(word)
garland = ""
for _ in word:
    for k in sorted(count):
        if count[k] and not garland.endswith(k):
            garland += k
            count[k] -= 1
            break
print(garland if len(garland) == len(word) else -1)
""",
        "never says that there is none": """\
from collections import Counter
word = input()
n = len(word)
flowers = "".join(k * c for k, c in Counter(word).most_common())
garland = [""] * n
garland[::2] = flowers[: (n + 1) // 2]
garland[1::2] = flowers[(n + 1) // 2 :]
print("".join(garland))
""",
        "drops the flowers that do not fit": """\
from collections import Counter
word = input()
garland = ""
count = Counter(word)
while count:
    fit = [k for k in count if not garland.endswith(k)]
    if not fit:
        break
    k = max(fit, key=count.get)
    garland += k
    count[k] -= 1
    if not count[k]:
        del count[k]
print(garland)
""",
    }

    @classmethod
    def validate(cls, text: str) -> None:
        reader = Reader(text)
        reader.word(1, MOST, "the flowers")
        reader.line()
        reader.end()

    @classmethod
    def small(cls) -> Iterator[str]:
        for n in range(1, 6):
            for word in product("abc", repeat=n):
                yield "".join(word) + "\n"
        yield "zyxwvutsrqponmlkjihgfedcba\n"

    @classmethod
    def random(cls, rng: Rng, size: int) -> str:
        n = int(rng.integers(1, 3 * size + 4)) if size < 4 else min(MOST, int(rng.integers(1, 2 * size**4)))
        kinds = int(rng.integers(1, 5)) if size < 4 else int(rng.integers(1, 27))
        letters = rng.permutation(26)[:kinds]
        flowers = rng.choice(letters, size=n)
        if rng.integers(2):  # about half of one kind
            share = min(n, n // 2 + int(rng.integers(3)))
            flowers[:share] = letters[0]
            rng.shuffle(flowers)
        return "".join(chr(97 + int(c)) for c in flowers) + "\n"

    @classmethod
    def worst(cls, rng: Rng) -> Iterator[str]:
        half = MOST // 2
        yield "".join(chr(97 + int(c)) for c in rng.integers(26, size=MOST)) + "\n"
        yield "b" * half + "a" * half + "\n"
        yield "c" * half + "a" * (half - 1) + "\n"
        yield "c" * (half + 1) + "a" * (half - 1) + "\n"
        yield "m" * MOST + "\n"

    @classmethod
    def hack(cls, rng: Rng, idea: str) -> str:
        a, b, c = sorted(chr(97 + int(i)) for i in rng.permutation(26)[:3])
        n = int(rng.integers(3, 20))
        if idea.startswith("gives"):
            return a * (n + 1) + b * n + "\n"
        if idea.startswith("fills"):
            return a * (n // 2) + b * (n + 1) + c * (n - n // 2) + "\n"
        if idea.startswith(("never", "drops")):
            return a * (n + 2) + b * n + "\n"
        if idea.startswith("swaps"):
            return a + b + c * 2 + "\n" if n % 2 else a + b * n + a + c * (n + 2) + "\n"
        return a + b * n + c * (n + 1) + "\n"
