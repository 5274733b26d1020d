"""Choices and sums against all candidates."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from itertools import combinations, product
from typing import Any

from whetstone.envs.truth import truth


def bits(count: int) -> Iterator[str]:
    return map("".join, product("01", repeat=count))


@truth("construction/two_sat", levels=(0, 2, 4))
def two_sat(problem: Any) -> None:
    satisfying = []
    for word in bits(problem.variables):
        if all(word[a] == str(x) or word[b] == str(y) for (a, x), (b, y) in problem.clauses):
            satisfying.append(word)
        assert problem.check(word).correct == (word in satisfying)
    assert problem.solution == satisfying[0]  # the smallest
    assert problem.check(satisfying[0] + "0").kind == "invalid"


@truth("construction/circuit", levels=(0, 2, 4), seeds=30)
def circuit(problem: Any) -> None:
    expression = re.sub(r"!(x[0-9]+)", r"(1 - \1)", problem.statement().splitlines()[0])
    for word in bits(problem.variables):
        value = eval(expression, {f"x{i}": int(bit) for i, bit in enumerate(word)})
        assert problem.check(word).score == value
    assert problem.check(problem.solution[:-1]).kind == "invalid"


@truth("construction/grid_parity_construction", sizes=[(2, 2), (2, 3), (2, 4)], seeds=27)
def grid_parity_construction(problem: Any) -> None:
    rows, columns = len(problem.lamps), len(problem.lamps[0])
    for word in bits(rows * columns):
        burning = [[0] * columns for _ in range(rows)]
        for i, j in product(range(rows), range(columns)):
            for a, b in ((i, j), (i - 1, j), (i + 1, j), (i, j - 1), (i, j + 1)):
                if word[i * columns + j] == "1" and 0 <= a < rows and 0 <= b < columns:
                    burning[a][b] ^= 1
        right = sum(burning[i][j] == int(problem.lamps[i][j]) for i, j in product(range(rows), range(columns)))
        score = problem.check([word[i * columns : (i + 1) * columns] for i in range(rows)]).score
        assert abs(score - (right / (rows * columns)) ** 6) < 1e-9
    assert problem.check(problem.solution[1:]).kind == "invalid"
    assert problem.check([row + "0" for row in problem.solution]).kind == "invalid"


@truth("construction/integer_programming", levels=(0, 1, 4), seeds=25)
def integer_programming(problem: Any) -> None:
    lines = [f"{row.split('>=')[0].replace(' x', ' * x')} >= {row.split('>=')[1]}" for row in _lines(problem)]
    for i, change in product(range(len(problem.solution)), (-9, -1, 0, 1, 9)):
        near = list(problem.solution)
        near[i] += change
        held = sum(eval(line, {f"x{k}": x for k, x in enumerate(near)}) for line in lines)
        assert abs(problem.check(near).score - (held / len(lines)) ** 4) < 1e-9
        assert change or held == len(lines)
    assert problem.check([*problem.solution, 0]).kind == "invalid"


def _lines(problem: Any) -> list[str]:
    return problem.statement().splitlines()[:-1]


@truth("construction/sat", levels=(0, 1, 3), seeds=25)
def sat(problem: Any) -> None:
    clauses = [line.split(" or ") for line in _lines(problem)]
    for word in bits(len(problem.solution)):
        true = {f"x{i} = {bit}" for i, bit in enumerate(word)}
        held = sum(any(literal in true for literal in clause) for clause in clauses)
        assert abs(problem.check(word).score - (held / len(clauses)) ** 24) < 1e-9
    assert problem.check(problem.solution + "0").kind == "invalid"


@truth("construction/set_cover", levels=(0, 2, 4), seeds=25)
def set_cover(problem: Any) -> None:
    for size in range(5):
        for chosen in combinations(range(len(problem.sets)), size):
            times = Counter(item for i in chosen for item in problem.sets[i])
            verdict = problem.check(list(chosen))
            assert (verdict.kind == "graded") == all(count == 1 for count in times.values())
            assert verdict.correct == all(times[item] == 1 for item in range(problem.items))
    for wrong in ([0, 0], [-1], [len(problem.sets)]):
        assert problem.check(wrong).kind == "invalid"
    assert problem.check(problem.solution[1:]).score < 1


@truth("construction/set_splitting", levels=(0, 2, 4), seeds=25)
def set_splitting(problem: Any) -> None:
    for word in bits(problem.items):
        chosen = [i for i in range(problem.items) if word[i] == "1"]
        split = sum({word[i] for i in each} == {"0", "1"} for each in problem.sets)
        assert abs(problem.check(chosen).score - (split / len(problem.sets)) ** 16) < 1e-9
    for wrong in ([0, 0], [-1], [problem.items]):
        assert problem.check(wrong).kind == "invalid"
