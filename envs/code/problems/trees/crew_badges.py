"""Colours that repeat within each subtree: merge the smaller map into the larger."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import product
from typing import TYPE_CHECKING

from whetstone.envs.code.blueprint import Blueprint
from whetstone.envs.code.reader import Reader
from whetstone.envs.code.sandbox.types import Limits, Program

if TYPE_CHECKING:
    from numpy.random import Generator as Rng

N = 8_000


def text(chiefs: Sequence[int], badges: Sequence[int]) -> str:
    lines = [f"{len(badges)}\n", " ".join(map(str, badges)) + "\n"]
    if chiefs:
        lines.append(" ".join(map(str, chiefs)) + "\n")
    return "".join(lines)


def crew(rng: Rng, n: int, reach: int, colours: int) -> str:
    chiefs = [i - int(rng.integers(min(i, reach))) for i in range(1, n)]
    return text(chiefs, rng.integers(1, colours + 1, size=n).tolist())


class CrewBadges(Blueprint):
    title = "Badges that are worn twice"
    statement = (
        "A ship has a crew of n, numbered from 1 to n. Number 1 is the captain; every other member i has a chief p_i, "
        "who has a smaller number. Everybody wears a badge of some colour. The team of a member is the member, all "
        "those whose chief he is, all those whose chiefs they are, and so on. Find for every member how many colours "
        "are worn at least twice in his team."
    )
    input_format = (
        "The first line holds the integer n (1 <= n <= 8000). The second line holds n integers from 1 to n: the "
        "colours of the badges of the members 1 to n. If n > 1, the third line holds the n - 1 integers p_2 to p_n "
        "(1 <= p_i < i)."
    )
    output_format = "One line with n integers: the numbers of colours for the members 1 to n, separated by spaces."
    samples = ("6\n2 1 2 1 1 3\n1 1 2 2 3\n", "1\n1\n")
    limits = Limits(cpu=1.0)
    topics = ("trees", "small to large", "maps")
    level = 7

    reference = """
import sys

data = list(map(int, sys.stdin.buffer.read().split()))
n = data[0]
worn = [{colour: 1} for colour in data[1:n + 1]]
twice = [0] * n
for i in range(n - 1, 0, -1):
    chief = data[n + i] - 1
    big, small = worn[chief], worn[i]
    count = twice[chief]
    if len(big) < len(small):
        big, small = small, big
        count = twice[i]
    for colour, number in small.items():
        before = big.get(colour, 0)
        big[colour] = before + number
        count += (before + number > 1) - (before > 1)
    worn[chief] = big
    twice[chief] = count
print(*twice)
"""
    equivalent = {
        "line 6: n + 1 -> n + 2": "a map behind the last member's is never used",
        "line 12: len(big) < len(small) -> len(big) <= len(small)": "of two equal maps either may grow",
    }
    brute = """
from collections import Counter

n = int(input())
colours = [int(x) for x in input().split()]
chiefs = [int(x) for x in input().split()] if n > 1 else []


def team(i):
    members = [i]
    for other, chief in enumerate(chiefs, start=2):
        if chief == i:
            members += team(other)
    return members


print(*(sum(k >= 2 for k in Counter(colours[j - 1] for j in team(i)).values()) for i in range(1, n + 1)))
"""
    right = {
        "joins of neighbours of one colour": Program(
            "python",
            """
import sys

def main():
    data = list(map(int, sys.stdin.read().split()))
    n = data[0]
    colour = data[1:n + 1]
    parent = [-1] + [x - 1 for x in data[n + 1:]]
    children = [[] for _ in range(n)]
    for i in range(1, n):
        children[parent[i]].append(i)
    order, stack = [], [0]
    while stack:
        u = stack.pop()
        order.append(u)
        stack.extend(children[u])
    place = [0] * n
    for k, u in enumerate(order):
        place[u] = k
    size = [1] * n
    for i in range(n - 1, 0, -1):
        size[parent[i]] += size[i]
    # Teams are stretches of the order. Sweep the right end; a colour is worn twice in [l, r] if the last but one
    # place of the colour up to r is at l or later.
    tree = [0] * (n + 1)

    def add(i, x):
        i += 1
        while i <= n:
            tree[i] += x
            i += i & -i

    ends = [[] for _ in range(n)]
    for u in range(n):
        ends[place[u] + size[u] - 1].append(u)
    last, second, total = {}, {}, 0
    answer = [0] * n
    for r in range(n):
        c = colour[order[r]]
        if c in second:
            add(second[c], -1)
            total -= 1
        if c in last:
            second[c] = last[c]
            add(second[c], 1)
            total += 1
        last[c] = r
        for u in ends[r]:
            i, below = place[u], 0
            while i > 0:
                below += tree[i]
                i -= i & -i
            answer[u] = total - below
    print(*answer)

main()
""",
        ),
        "small to large in C++": Program(
            "cpp",
            """
#include <bits/stdc++.h>
using namespace std;
int main() {
    int n;
    scanf("%d", &n);
    vector<unordered_map<int, int>> worn(n + 1);
    vector<int> twice(n + 1), chief(n + 1);
    for (int i = 1, c; i <= n; i++) scanf("%d", &c), worn[i][c] = 1;
    for (int i = 2; i <= n; i++) scanf("%d", &chief[i]);
    vector<int> answer(n + 1);
    for (int i = n; i >= 1; i--) {
        answer[i] = twice[i];
        int p = chief[i];
        if (worn[p].size() < worn[i].size()) swap(worn[p], worn[i]), swap(twice[p], twice[i]);
        for (auto [c, k] : worn[i]) {
            int before = worn[p][c];
            worn[p][c] += k;
            twice[p] += (before + k >= 2) - (before >= 2);
        }
        worn[i].clear();
    }
    for (int i = 1; i <= n; i++) printf("%d ", answer[i]);
    puts("");
}
""",
        ),
    }
    wrong = {
        "exactly twice": reference.replace(
            "(before + number > 1) - (before > 1)", "(before + number == 2) - (before == 2)"
        ),
        "all colours of the team": reference.replace("[0] * n", "[1] * n").replace(
            "(before + number > 1) - (before > 1)", "before == 0"
        ),
        "adds up the teams below": """
n = int(input())
colours = input().split()
chiefs = [int(x) - 1 for x in input().split()] if n > 1 else []
twice = [0] * n
near = [{c: 1} for c in colours]
for i, chief in enumerate(chiefs, start=1):
    near[chief][colours[i]] = near[chief].get(colours[i], 0) + 1
for i in range(n):
    twice[i] = sum(k > 1 for k in near[i].values())
for i in range(n - 1, 0, -1):
    twice[chiefs[i - 1]] += twice[i]
print(*twice)
""",
        "leaves the member himself out": """
n = int(input())
colours = input().split()
chiefs = [int(x) - 1 for x in input().split()] if n > 1 else []
below = [{} for _ in range(n)]
answer = [0] * n
for i in range(n - 1, -1, -1):
    answer[i] = sum(k > 1 for k in below[i].values())
    below[i][colours[i]] = below[i].get(colours[i], 0) + 1
    if i:
        big, small = below[chiefs[i - 1]], below[i]
        if len(big) < len(small):
            big, small = small, big
        for c, k in small.items():
            big[c] = big.get(c, 0) + k
        below[chiefs[i - 1]] = big
print(*answer)
""",
        "counts the members instead of the colours": reference.replace(
            "(before + number > 1) - (before > 1)",
            "(before + number) * (before + number > 1) - before * (before > 1) - number * (number > 1)",
        ),
        "keeps the count of the chief": reference.replace("        count = twice[i]\n", ""),
        "too slow: copies the larger map": reference.replace("len(big) < len(small)", "True"),
        "too slow: gathers every team": """
n = int(input())
colours = [int(x) for x in input().split()]
below = [[] for _ in range(n)]
if n > 1:
    for i, chief in enumerate(map(int, input().split()), start=1):
        below[chief - 1].append(i)
answer = []
for i in range(n):
    seen, twice, stack = set(), set(), [i]
    while stack:
        j = stack.pop()
        if colours[j] in seen:
            twice.add(colours[j])
        seen.add(colours[j])
        stack += below[j]
    answer.append(len(twice))
print(*answer)
""",
    }

    @classmethod
    def validate(cls, text: str) -> None:
        reader = Reader(text)
        n = reader.integer(1, N, "n")
        reader.line()
        reader.integers(n, 1, n, "colour")
        reader.line()
        if n > 1:
            for i in range(2, n + 1):
                reader.integer(1, i - 1, f"p_{i}")
            reader.line()
        reader.end()

    @classmethod
    def small(cls) -> Iterator[str]:
        yield text([], [1])
        for n in (2, 3):
            for chiefs in product(*(range(1, i) for i in range(2, n + 1))):
                yield from (text(chiefs, badges) for badges in product(range(1, n + 1), repeat=n))
        for chiefs in product((1,), (1, 2), (1, 2, 3), (2, 3, 4)):
            yield from (text(chiefs, badges) for badges in product((1, 2), repeat=5))

    @classmethod
    def random(cls, rng: Rng, size: int) -> str:
        n = int(rng.integers(3, 6 + 2 * size)) if size <= 3 else min(N, 3**size // 4)
        return crew(rng, n, int(rng.choice([1, 2, 5, n])), int(rng.choice([2, max(1, n // 3), n])))

    @classmethod
    def worst(cls, rng: Rng) -> Iterator[str]:
        different = list(range(1, N + 1))
        yield text(list(range(1, N)), different)
        yield text([1, *range(1, N - 1)], different)
        yield text([i // 2 for i in range(2, N + 1)], different[::-1])
        yield crew(rng, N, 2, N)
        yield crew(rng, N, N, N // 3)
        yield text([1] * (N - 1), different)

    @classmethod
    def hack(cls, rng: Rng, idea: str) -> str:
        if idea == "too slow: copies the larger map":
            return text([1] * (N - 1), (1 + rng.permutation(N)).tolist())
        if idea.startswith("too slow"):
            return text(list(range(1, N)), (1 + rng.permutation(N)).tolist())
        n = int(rng.integers(6, 20))
        if idea == "keeps the count of the chief":  # the team below is the larger one
            return text(list(range(1, n)), [n, *range(1, n - 1), 1])
        return crew(rng, n, 2, 4)
