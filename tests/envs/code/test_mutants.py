"""Automatic mutants of programs."""

import ast

import pytest

from whetstone.envs.code.mutants import mutants

PROGRAM = """
n = int(input())
total = 0
for i in range(n):
    if i < 3 and not i == 1:
        total += min(i, 7)
    else:
        continue
print(total)
"""


def named(source: str) -> dict[str, str]:
    return {mutant.name: mutant.source for mutant in mutants(source)}


@pytest.mark.parametrize(
    ("source", "name", "code"),
    [
        ("a < b", "line 1: a < b -> a <= b", "a <= b"),
        ("a == b", "line 1: a == b -> a != b", "a != b"),
        ("a in b", "line 1: a in b -> a not in b", "a not in b"),
        ("a < b < c", "line 1: a < b < c -> a < b <= c", "a < b <= c"),
        ("a + b", "line 1: a + b -> a - b", "a - b"),
        ("a // b", "line 1: a // b -> a * b", "a * b"),
        ("a and b", "line 1: a and b -> a or b", "a or b"),
        ("x = 5", "line 1: 5 -> 6", "x = 6"),
        ("x = 5", "line 1: x = 5 -> dropped", "pass"),
        ("x = True", "line 1: True -> False", "x = False"),
        ("f(min(a, b))", "line 1: min(a, b) -> max(a, b)", "f(max(a, b))"),
        ("x = -a", "line 1: -a -> a", "x = a"),
        ("range(n)", "line 1: range(n) -> range(1, n)", "range(1, n)"),
        ("range(n)", "line 1: range(n) -> range(n - 1)", "range(n - 1)"),
        ("range(n, 0, -1)", "line 1: range(n, 0, -1) -> range(n - 1, 0, -1)", "range(n - 1, 0, -1)"),
        ("x += y", "line 1: x += y -> x -= y", "x -= y"),
        ("[x for x in y if x]", "line 1: x -> not x", "[x for x in y if not x]"),
        ("while x:\n    break", "line 2: break -> continue", "while x:\n    continue"),
    ],
)
def test_an_operator(source: str, name: str, code: str) -> None:
    assert named(source)[name] == code


def test_every_mutant_parses_and_differs_from_the_program_and_the_others() -> None:
    sources = [mutant.source for mutant in mutants(PROGRAM)]
    assert len(set(sources)) == len(sources) > 20
    assert ast.unparse(ast.parse(PROGRAM)) not in sources
    for source in sources:
        ast.parse(source)


def test_names_are_unique_stable_and_in_the_order_of_the_lines() -> None:
    names = [mutant.name for mutant in mutants(PROGRAM)]
    assert len(set(names)) == len(names)
    assert names == [mutant.name for mutant in mutants(PROGRAM)]
    lines = [int(name.split(":")[0].removeprefix("line ")) for name in names]
    assert lines == sorted(lines)


def test_the_program_is_left_as_it_was() -> None:
    first = named(PROGRAM)
    assert "total += max(i, 7)" in first["line 6: min(i, 7) -> max(i, 7)"]
    assert "i <= 3" not in first["line 6: min(i, 7) -> max(i, 7)"]


def test_equal_changes_on_a_line_are_numbered() -> None:
    assert {"line 1: 1 -> 2", "line 1: 1 -> 2 (2)"} <= set(named("x = y = 1; z = 1"))


def test_what_is_no_program_raises() -> None:
    with pytest.raises(SyntaxError):
        mutants("def")
