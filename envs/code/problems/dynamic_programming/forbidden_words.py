"""Counting very long strings without forbidden words: an automaton and powers of its matrix."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import combinations, product
from typing import TYPE_CHECKING

from whetstone.envs.code.blueprint import Blueprint
from whetstone.envs.code.reader import Reader
from whetstone.envs.code.sandbox.types import Limits, Program

if TYPE_CHECKING:
    from numpy.random import Generator as Rng

LENGTH, TOTAL = 10**15, 14


def text(n: int, letters: int, words: Sequence[str]) -> str:
    return f"{n} {letters} {len(words)}\n" + "".join(word + "\n" for word in words)


def word(rng: Rng, length: int, letters: int) -> str:
    return "".join("abcd"[i] for i in rng.integers(letters, size=length).tolist())


def words(rng: Rng, letters: int, total: int) -> list[str]:
    """Random words of `total` letters together, some made from the ends of others."""
    found: list[str] = []
    while total:
        length = (
            int(rng.integers(1, min(total, 5) + 1))
            if rng.random() < 0.2
            else int(rng.integers((total + 3) // 4, total + 1))
        )
        new = word(rng, length, letters)
        if found and rng.random() < 0.5:
            new = (found[-1][1:] + new)[:length]
        found.append(new)
        total -= length
    return found


class ForbiddenWords(Blueprint):
    title = "Names for very long ships"
    statement = (
        "The name of a ship is a string of n letters, each of which is one of the first k letters of the alphabet. "
        "Some words bring bad luck: no name may contain one of them as a substring, that is, in neighbouring letters. "
        "How many names are there? Give the number modulo 1000000007."
    )
    input_format = (
        "The first line holds the integers n, k and m (1 <= n <= 1000000000000000, 1 <= k <= 4, 0 <= m <= 14). Each of "
        "the next m lines holds a word that brings bad luck: one or more of the first k letters of the alphabet, all "
        "words together at most 14 letters. A word may be given twice, and a word may contain another."
    )
    output_format = "The number of names modulo 1000000007."
    samples = ("3 2 1\nab\n", "2 3 2\na\nbc\n", "5 4 0\n")
    limits = Limits(cpu=1.0)
    topics = ("dynamic programming", "string automata", "matrix powers", "counting")
    level = 9

    reference = """
n, k, m = map(int, input().split())
words = [input() for _ in range(m)]
M = 10**9 + 7
# The states: beginnings of words without bad luck; the state of a name is the longest of them at its end.
states = {""}
for word in words:
    states |= {word[:i] for i in range(1, len(word))}
states = [state for state in states if not any(word in state for word in words)]


def step(state, letter):
    name = state + letter
    if any(name.endswith(word) for word in words):
        return []
    return [max((s for s in states if name.endswith(s)), key=len)]


def times(a, b):
    columns = list(zip(*b))
    return [[sum(x * y for x, y in zip(row, column)) % M for column in columns] for row in a]


matrix = [[0] * len(states) for _ in states]
for i, state in enumerate(states):
    for letter in "abcd"[:k]:
        for s in step(state, letter):
            matrix[i][states.index(s)] += 1
names = [[int(state == "") for state in states]]
while n:
    if n % 2:
        names = times(names, matrix)
    matrix = times(matrix, matrix)
    n //= 2
print(sum(map(sum, names)) % M)
"""
    equivalent = {"line 8: range(1, len(word)) -> range(0, len(word))": "the empty state is there already"}
    brute = """
from itertools import product

n, k, m = map(int, input().split())
words = [input() for _ in range(m)]
names = [""]
for _ in range(n):
    names = [name + x for name in names for x in "abcd"[:k]]
print(sum(not any(word in name for word in words) for name in names) % 1000000007)
"""
    right = {
        "trie with links back": Program(
            "python",
            """
import sys
from collections import deque

def main():
    n, k, m, *words = sys.stdin.read().split()
    n, k = int(n), int(k)
    mod = 1000000007
    go, bad, link = [{}], [False], [0]
    for word in words:
        v = 0
        for x in word:
            if x not in go[v]:
                go[v][x] = len(go)
                go.append({})
                bad.append(False)
                link.append(0)
            v = go[v][x]
        bad[v] = True
    queue = deque([0])
    while queue:
        v = queue.popleft()
        bad[v] = bad[v] or bad[link[v]]
        for x in "abcd"[:k]:
            below = go[link[v]][x] if v and x in go[link[v]] else 0
            if x in go[v]:
                link[go[v][x]] = below
                queue.append(go[v][x])
            else:
                go[v][x] = below
    size = len(go)
    a = [[0] * size for _ in range(size)]
    for v in range(size):
        for x in "abcd"[:k]:
            if not bad[v] and not bad[go[v][x]]:
                a[v][go[v][x]] += 1

    def apply(matrix, vector):
        return [sum(p * q for p, q in zip(row, vector)) % mod for row in matrix]

    vector = [0 if b else 1 for b in bad]
    while n:
        if n & 1:
            vector = apply(a, vector)
        a = [list(row) for row in zip(*(apply(a, column) for column in zip(*a)))]
        n >>= 1
    print(vector[0] % mod)

main()
""",
        ),
        "Aho and Corasick in C++": Program(
            "cpp",
            """
#include <bits/stdc++.h>
using namespace std;
typedef unsigned long long u64;
const u64 M = 1000000007;
typedef vector<vector<u64>> Matrix;
Matrix operator*(const Matrix& a, const Matrix& b) {
    int n = a.size();
    Matrix c(n, vector<u64>(n));
    for (int i = 0; i < n; i++)
        for (int k = 0; k < n; k++)
            for (int j = 0; j < n; j++) c[i][j] = (c[i][j] + a[i][k] * b[k][j]) % M;
    return c;
}
int main() {
    long long n;
    int k, m;
    cin >> n >> k >> m;
    vector<array<int, 4>> go(1, {-1, -1, -1, -1});
    vector<int> bad(1), link(1);
    while (m--) {
        string s;
        cin >> s;
        int v = 0;
        for (char ch : s) {
            if (go[v][ch - 'a'] < 0) {
                go[v][ch - 'a'] = go.size();
                go.push_back({-1, -1, -1, -1});
                bad.push_back(0), link.push_back(0);
            }
            v = go[v][ch - 'a'];
        }
        bad[v] = 1;
    }
    queue<int> todo;
    todo.push(0);
    while (!todo.empty()) {
        int v = todo.front();
        todo.pop();
        bad[v] |= bad[link[v]];
        for (int c = 0; c < k; c++) {
            int below = v ? go[link[v]][c] : 0;
            if (go[v][c] >= 0) link[go[v][c]] = below, todo.push(go[v][c]);
            else go[v][c] = below;
        }
    }
    int size = go.size();
    Matrix a(size, vector<u64>(size)), power(size, vector<u64>(size));
    for (int v = 0; v < size; v++) {
        power[v][v] = 1;
        for (int c = 0; c < k; c++)
            if (!bad[v] && !bad[go[v][c]]) a[v][go[v][c]]++;
    }
    for (; n; n >>= 1, a = a * a)
        if (n & 1) power = power * a;
    u64 total = 0;
    for (int v = 0; v < size; v++) total += power[0][v];
    cout << total % M << endl;
}
""",
        ),
    }
    wrong = {
        "after a letter that does not fit begins anew": reference.replace(
            "[max((s for s in states if name.endswith(s)), key=len)]", '[name if name in states else ""]'
        ),
        "sees a word only as it was begun": reference.replace(
            "any(name.endswith(word) for word in words)", "name in words"
        ).replace("if not any(word in state for word in words)", ""),
        "a letter that does not fit may begin a word": reference.replace(
            "[max((s for s in states if name.endswith(s)), key=len)]",
            '[name if name in states else letter if letter in states else ""]',
        ),
        "the shortest state": reference.replace("[max((s", "[min((s"),
        "one letter short": reference.replace("words = [", "n -= 1\nwords = [", 1),
        "all names less those with a word at each place": """
n, k, m = map(int, input().split())
M = 10**9 + 7
total = pow(k, n, M)
for word in {input() for _ in range(m)}:
    if len(word) <= n:
        total -= (n - len(word) + 1) * pow(k, n - len(word), M)
print(total % M)
""",
        "too slow: letter by letter": """
n, k, m = map(int, input().split())
words = [input() for _ in range(m)]
states = {""} | {word[:i] for word in words for i in range(1, len(word))}
after = {}
for state in states:
    after[state] = []
    for x in "abcd"[:k]:
        name = state + x
        if not any(word in name for word in words):
            while name not in states:
                name = name[1:]
            after[state].append(name)
names = {"": 1}
for _ in range(n):
    longer = {}
    for state, ways in names.items():
        for new in after[state]:
            longer[new] = (longer.get(new, 0) + ways) % 1000000007
    names = longer
print(sum(names.values()) % 1000000007)
""",
    }

    @classmethod
    def validate(cls, text: str) -> None:
        reader = Reader(text)
        reader.integer(1, LENGTH, "n")
        k, m = reader.integer(1, 4, "k"), reader.integer(0, TOTAL, "m")
        reader.line()
        left = TOTAL
        for i in range(m):
            left -= len(reader.word(1, left, f"word {i + 1}", "abcd"[:k]))
            reader.line()
        reader.end()

    @classmethod
    def small(cls) -> Iterator[str]:
        yield from (text(n, k, []) for n in (1, 2, 5) for k in (1, 2, 4))
        yield from (text(n, 1, ["a" * i]) for n in (1, 2, 3, 4) for i in (1, 2, 3))
        pieces = ["".join(p) for n in (1, 2, 3) for p in product("ab", repeat=n)]
        yield from (text(6, 2, some) for some in combinations(pieces, 2))
        yield from (text(7, 2, ["".join(p)]) for p in product("ab", repeat=4))

    @classmethod
    def random(cls, rng: Rng, size: int) -> str:
        if size <= 3:
            k = int(rng.integers(2, 4))
            return text(int(rng.integers(2, 5 + size)), k, words(rng, k, int(rng.integers(3, 6 + size))))
        k = int(rng.integers(2, 5))
        # short or very long names; those between would be neither for the brute force nor too long to go through
        n = int(rng.integers(1, 15 * size) if rng.random() < 0.4 else rng.integers(10**9, LENGTH + 1))
        return text(n, k, words(rng, k, int(rng.integers(size, TOTAL + 1))))

    @classmethod
    def worst(cls, rng: Rng) -> Iterator[str]:
        yield text(2**49 - 1, 2, ["a" * TOTAL])
        yield text(LENGTH, 4, [word(rng, TOTAL, 4)])
        yield text(LENGTH - 1, 4, [word(rng, 7, 4), word(rng, 7, 4)])
        yield text(LENGTH - 7, 4, ["a", "b", "c", "d"])
        yield text(2**49 - 1, 3, ["abcab", "bcabb", "cabc"])

    @classmethod
    def hack(cls, rng: Rng, idea: str) -> str:
        n = int(rng.integers(8, 300))
        if idea.startswith("too slow"):
            return text(LENGTH - n, 3, words(rng, 3, TOTAL))
        if idea == "sees a word only as it was begun":  # the second word lies inside the first
            return text(n, 3, ["a" + "b" * int(rng.integers(1, 5)) + "ca", "b"])
        if idea.startswith(("after a letter", "a letter that")):
            return text(n, 2, ["aab"])
        return text(n, 2, ["aba", word(rng, 5, 2)])
