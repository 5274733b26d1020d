from __future__ import annotations

from fractions import Fraction
from typing import Any

import pytest

from whetstone.envs.math import parse_gold, verify


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("42", "integer"),
        ("1,234", "integer"),
        (r"\frac{4}{2}", "integer"),
        ("1/3", "rational"),
        ("3 1/2", "rational"),
        ("0.25", "decimal"),
        (r"\sqrt{2}", "expression"),
        ("x^2+1", "expression"),
        (r"\sum_{k=1}^{n} k", "expression"),
        ("y=2x+1", "equation"),
        ("x+y=2", "equation"),
        ("(1,2)", "tuple"),
        (r"\{1,2\}", "set"),
        ("1, 2", "set"),
        (r"\emptyset", "set"),
        ("[0,1)", "interval"),
        (r"(-\infty,0)\cup(1,\infty)", "union"),
        ("x > 3", "inequality"),
        ("x+y < 3", "inequality"),
        (r"\begin{pmatrix}1&2\end{pmatrix}", "matrix"),
        (r"3 \pmod{7}", "residue"),
        ("(B) 12", "choice"),
        (r"\text{even}", "text"),
    ],
)
def test_kind_of_a_gold(text: str, kind: str) -> None:
    assert parse_gold(text).kind == kind


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "nothing"),
        ("   ", "nothing"),
        ("1/0", "divides by zero"),
        (r"\frac{x}{x-x}", "divides by zero"),
        ("x +", "expression"),
        ("[1,2,", "expression"),
        (r"\begin{pmatrix}1&2\\3\end{pmatrix}", "one length"),
        ("3 <", "both sides"),
        ("9" * 1500, "digits"),
        ("x" * 2001, "characters"),
        ("5\x00", "printable"),
        ("\ud800", "printable"),
        ("(" * 80 + "1" + ")" * 80, "brackets"),
        (r"\unknown{3}", "expression"),
    ],
)
def test_a_gold_that_cannot_be_one_is_refused(text: str, reason: str) -> None:
    with pytest.raises(ValueError, match=reason):
        parse_gold(text)


@pytest.mark.parametrize(
    ("text", "options"),
    [
        ("x+1", {"kind": "integer"}),
        ("(1,2)", {"kind": "matrix"}),
        ("hello there", {"kind": "choice"}),
        ("1", {"kind": "no"}),
    ],
)
def test_a_gold_of_another_kind_is_refused(text: str, options: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="expected"):
        parse_gold(text, **options)


@pytest.mark.parametrize(
    ("gold", "options", "answer", "equal"),
    [
        ("3.14", {}, r"\pi", False),
        ("3.14", {"tolerance": 0.01}, r"\pi", True),
        ("3.14", {"tolerance": Fraction(1, 1000)}, r"\pi", False),
        ("0.333", {"tolerance": 0.001}, "1/3", True),
        ("0.333", {"tolerance": 0.0001}, "1/3", False),
        (r"25\%", {}, "25", False),
        (r"25\%", {"percent": "either"}, "25", True),
        (r"25\%", {"percent": "either"}, "0.25", True),
        (r"25\%", {"percent": "either"}, "2500", False),
        (r"5\text{ km}", {}, "5", True),
        (r"5\text{ km}", {}, r"5000\text{ m}", True),
        (r"5\text{ km}", {"units": "required"}, "5", False),
        (r"5\text{ km}", {"units": "required"}, r"5000\text{ m}", True),
        (r"5\text{ km}", {"units": "ignored"}, r"5\text{ m}", True),
        (r"90^\circ", {"units": "required"}, "90", False),
        (r"90^\circ", {"units": "required"}, r"\frac{\pi}{2}", True),
        ("(1,2)", {}, "(2,1)", False),
        ("(1,2)", {"order": "free"}, "(2,1)", True),
        (r"\{1,2\}", {"order": "free"}, "(2,1)", True),
        ("1, 2", {}, "2, 1", True),
        ("1, 2", {"order": "kept"}, "2, 1", False),
        (r"\{1,2\}", {"order": "kept"}, "(1,2)", True),
        ("1, 2", {"kind": "tuple"}, "(2,1)", False),
        ("(1,2)", {"kind": "interval"}, "1<x<2", True),
        ("(1,2)", {"kind": "set"}, r"\{2,1\}", True),
        ("B", {"kind": "choice"}, "b", True),
        ("B", {"kind": "choice"}, "The answer is (B).", True),
        ("B", {"kind": "choice"}, "(B) the second one", True),
        ("B", {"kind": "choice"}, "C", False),
        ("seven", {"kind": "text"}, "7", False),
        ("seven", {"kind": "text"}, "Seven.", True),
    ],
)
def test_policies_are_the_golds(gold: str, options: dict[str, Any], answer: str, equal: bool) -> None:
    assert verify(parse_gold(gold, **options), answer).correct == equal


def test_a_gold_verifies_itself_and_is_cached() -> None:
    gold = parse_gold(r"x^2+\sqrt{2}")
    assert verify(gold, gold.text).correct
    assert parse_gold(r"x^2+\sqrt{2}") is gold
