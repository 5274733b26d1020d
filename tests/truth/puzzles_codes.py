"""Who is a knight, and which letter is which digit, against all that could be said."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import permutations, product
from typing import Any

from whetstone.envs.truth import truth


def digits_sum(a: int, b: int, base: int) -> tuple[int, ...]:
    return (a + b,) if a + b < base else (1, a + b - base)


@truth("puzzles/addition_table", levels=(1, 2, 3), seeds=40)
def addition_table(problem: Any) -> None:
    rows = [line.replace("+", "=").split(" = ") for line in problem.statement().splitlines() if " + " in line]
    base = len({x for row in rows for word in row for x in word})
    assert len(rows) == base * (base + 1) // 2
    fitting = []
    for values in permutations(range(base)):
        value = dict(zip("abcdefgh", values, strict=False))
        for a, b, total in rows:
            if tuple(value[x] for x in total) != digits_sum(value[a.strip()], value[b.strip()], base):
                break
        else:
            fitting.append([base, *values])
    assert fitting == [problem.solution]
    for i, entry in enumerate(problem.solution):
        near = [*problem.solution[:i], entry + 1, *problem.solution[i + 1 :]]
        assert problem.check(near).score == base / (base + 1)


def worth(claim: Any, knight: Sequence[bool]) -> bool:
    """Whether a claim is true, read from its structure."""
    kind, *parts = claim
    if kind == "knight":
        return knight[parts[0]]
    a, *b = (worth(part, knight) for part in parts)
    table = {"not": not a, "and": a and all(b), "or": a or any(b), "implies": not a or all(b), "iff": [a] == b}
    return table[kind]


@truth("puzzles/knights_and_knaves", levels=(0, 3, 6, 10), seeds=20)
def knights_and_knaves(problem: Any) -> None:
    n = len(problem.claims)
    possible = [
        "".join("NK"[each] for each in knight)
        for knight in product((False, True), repeat=n)
        if all(worth(claim, knight) == knight[i] for i, claim in enumerate(problem.claims))
    ]
    assert possible == [problem.solution]
    for i, letter in enumerate(problem.solution):
        near = problem.solution[:i] + "KN"[letter == "K"] + problem.solution[i + 1 :]
        assert 0 <= problem.check(near).score < 1
    assert not problem.check(problem.solution[1:]).correct
