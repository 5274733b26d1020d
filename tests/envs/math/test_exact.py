"""Exact arithmetic against Python's own, and normal forms that a person can check."""

from __future__ import annotations

import math
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from whetstone.envs.math.exact import Undecided, approximate, equal, evaluate, number
from whetstone.envs.math.guard import Limit
from whetstone.envs.math.syntax import Unsupported, parse

RATIONALS = st.fractions(min_value=-(10**9), max_value=10**9, max_denominator=10**6)


def value(text: str):
    return evaluate(parse(text))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("7", Fraction(7)),
        (" -007. ", Fraction(-7)),
        ("1,234,567", Fraction(1234567)),
        ("12,34", None),
        ("(1,234)", None),
        ("0.125", Fraction(1, 8)),
        (".5", Fraction(1, 2)),
        ("-3/6", Fraction(-1, 2)),
        (r"\frac{-3}{6}", Fraction(-1, 2)),
        ("$42$", Fraction(42)),
        ("$42", None),
        ("1/0", None),
        ("1e5", None),
        ("x", None),
        ("", None),
    ],
)
def test_number(text: str, expected: Fraction | None) -> None:
    assert number(text) == expected


@given(RATIONALS)
def test_numbers_are_read_as_python_reads_them(rational: Fraction) -> None:
    assert number(str(rational)) == rational
    assert number(f"\\frac{{{rational.numerator}}}{{{rational.denominator}}}") == rational


@given(st.decimals(allow_nan=False, allow_infinity=False, places=6, min_value=-(10**6), max_value=10**6))
def test_decimals_are_exact(decimal) -> None:
    assert number(f"{decimal:f}") == Fraction(decimal)


@given(RATIONALS, RATIONALS, RATIONALS)
def test_arithmetic_on_rationals_is_python_s(a: Fraction, b: Fraction, c: Fraction) -> None:
    text = f"({a})*({b})-({c})"
    assert value(text).rational() == a * b - c
    if c:
        assert value(f"\\frac{{{a}}}{{{c}}}+({b})^2").rational() == a / c + b**2


@given(st.integers(1, 10**5), st.integers(1, 300))
def test_square_factors_come_out_of_roots(free: int, factor: int) -> None:
    assert equal(value(f"\\sqrt{{{free * factor**2}}}"), value(f"{factor}\\sqrt{{{free}}}"))


@given(st.lists(st.integers(-20, 20), min_size=1, max_size=5))
def test_a_product_of_linear_factors_is_its_expansion(roots: list[int]) -> None:
    coefficients = [1]
    for root in roots:
        shifted = [*coefficients, 0]
        coefficients = [a - root * b for a, b in zip(shifted, [0, *coefficients], strict=True)]
    factors = "".join(f"(x-({root}))" for root in roots)
    expanded = "+".join(f"({c})x^{{{len(roots) - k}}}" for k, c in enumerate(coefficients))
    assert equal(value(factors), value(expanded))
    assert not equal(value(factors), value(expanded + "+1"))


@given(st.integers(-30, 30), st.integers(-30, 30), st.integers(-30, 30), st.integers(-30, 30))
def test_complex_numbers_multiply_as_python_s(a: int, b: int, c: int, d: int) -> None:
    product = complex(a, b) * complex(c, d)
    expected = value(f"({int(product.real)})+({int(product.imag)})i")
    assert equal(value(f"(({a})+({b})i)(({c})+({d})i)"), expected)


@pytest.mark.parametrize(
    ("a", "b"),
    [
        (r"\frac{1}{1+\sqrt{2}}", r"\sqrt{2}-1"),
        (r"\frac{1}{\sqrt[3]{2}}", r"\frac{\sqrt[3]{4}}{2}"),
        (r"(\sqrt{2}+\sqrt{3})^2", r"5+2\sqrt{6}"),
        (r"\frac{x^2-1}{x-1}", "x+1"),
        (r"\frac{1}{x}+\frac{1}{y}", r"\frac{x+y}{xy}"),
        (r"\sqrt[3]{-8}", "-2"),
        (r"\sqrt{-4}", "2i"),
        (r"(1+i)^8", "16"),
        (r"\frac{20!}{18!}", "380"),
        (r"\binom{10}{3}", "120"),
        ("180°", r"\pi"),
        ("2^{-2}", "0.25"),
        ("3 1/2", "3.5"),
        (r"3\frac{1}{2}", "3.5"),
        (r"|-\frac{3}{2}|", "1.5"),
        ("1011_2", "11"),
    ],
)
def test_equal_forms(a: str, b: str) -> None:
    assert equal(value(a), value(b))


@pytest.mark.parametrize(
    ("a", "b"), [("10^{20}+1", "10^{20}"), (r"\sqrt{2}+\sqrt{3}", r"\sqrt{5}"), ("i", "-i"), ("xy", "x+y")]
)
def test_unequal_forms(a: str, b: str) -> None:
    assert not equal(value(a), value(b))


@pytest.mark.parametrize(
    "text", [r"\sqrt{3+2\sqrt{2}}", r"\sin 1", "2^x", r"\sqrt{x^2}", r"\ln 2", "x!", "(a+b+c+d+f)^{90}"]
)
def test_what_exact_arithmetic_leaves_open(text: str) -> None:
    with pytest.raises(Undecided):
        value(text)


@pytest.mark.parametrize("text", ["(9!)!", "2^{100000}", "9^{9^9}"])
def test_what_it_refuses_to_compute(text: str) -> None:
    with pytest.raises(Limit):
        value(text)


@pytest.mark.parametrize("text", ["", "+", "1 2", "2^3^4^", r"\frac{1}", "(1", "1)", "x_", r"\foo", "|1", "^2"])
def test_what_is_no_expression(text: str) -> None:
    with pytest.raises(Unsupported):
        parse(text)


@pytest.mark.parametrize(
    ("text", "expected"), [(r"\sqrt{2}", math.sqrt(2)), (r"\frac{\pi}{1+\sqrt{5}}", math.pi / (1 + math.sqrt(5)))]
)
def test_approximate(text: str, expected: float) -> None:
    assert approximate(value(text)) == pytest.approx(expected, rel=1e-14)
