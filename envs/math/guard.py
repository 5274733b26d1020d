"""Bounds on an answer: on its text before anything reads it, and on every number before anything computes it.

A judge that a model can slow down is a judge that a model will slow down. So the length, the nesting and the digits of
an answer are counted on the text, and exponents, factorials and sizes before the operation that would make them.
"""

from __future__ import annotations

import re

LONGEST = 2000  # characters of an answer
DEEPEST = 60  # brackets inside brackets, and operators on operators
DIGITS = 1000  # of one number
BITS = 40_000  # of one exact integer that is computed
TERMS = 400  # of one expanded polynomial; ten times as many products of terms in one multiplication
EASY = 600  # characters of an answer that is computed with in the caller's thread
EXPONENT = 2000  # of a power that is computed exactly; smaller where the result would be longer than BITS
FACTORIAL = 3000  # whose factorial is computed exactly

NOT_TEXT = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]")
BRACKET = re.compile(r"\\begin|\\end|[(\[{]|[)\]}]")
LONG_NUMBER = re.compile(rf"\d{{{DIGITS + 1}}}")


class Limit(ValueError):
    """A bound was reached, so that nothing can be said about the answer."""


def check_text(text: str) -> None:
    """Raises `Limit` where the text is too long, `ValueError` where it is empty or not printable."""
    if not text:
        raise ValueError("expected an answer, found nothing")
    if len(text) > LONGEST:
        raise Limit(f"expected at most {LONGEST} characters, found {len(text)}")
    if strange := NOT_TEXT.search(text):
        raise ValueError(f"expected printable text, found the character {strange.group()!a}")


def check_shape(text: str) -> None:
    """Raises `Limit` where brackets are nested deeper than `DEEPEST` or a number is longer than `DIGITS`."""
    if LONG_NUMBER.search(text):
        raise Limit(f"expected numbers of at most {DIGITS} digits")
    depth = 0
    for bracket in BRACKET.findall(text):
        depth += 1 if bracket in ("(", "[", "{", "\\begin") else -1
        if depth > DEEPEST:
            raise Limit(f"expected at most {DEEPEST} brackets inside each other")


def check_bits(bits: float) -> None:
    """Raises `Limit` where an exact integer of so many bits would be computed."""
    if bits > BITS:
        raise Limit(f"expected numbers of at most {BITS} bits")


LATEX_CHARACTERS = 500  # of an expression that the LaTeX parser may see
LATEX_DIGITS = 40  # of one number that sympy may see
LATEX_EXPONENT = 400  # written out as a power that sympy may see
LATEX_FACTORIAL = 300
NUMBER = re.compile(r"\d+")
POWER = re.compile(r"\^\s*\{?\s*-?\s*\(?\s*(\d+)")
TOWER = re.compile(r"\d\s*[)}]*\s*\^\s*\{?\s*\(?\s*\d+\s*\^")
FACTORIAL_OF = re.compile(r"(\d+)\s*[)}]*\s*!|!\s*[)}\]]*\s*!|[)}]\s*!")


def check_latex(source: str) -> None:
    """Raises `Limit` for LaTeX that sympy might compute for long: it multiplies powers out as soon as it reads them."""
    if len(source) > LATEX_CHARACTERS:
        raise Limit(f"expected at most {LATEX_CHARACTERS} characters of LaTeX, found {len(source)}")
    for number in NUMBER.findall(source):
        if len(number) > LATEX_DIGITS:
            raise Limit(f"expected numbers of at most {LATEX_DIGITS} digits in LaTeX")
    if TOWER.search(source) or any(int(power) > LATEX_EXPONENT for power in POWER.findall(source)):
        raise Limit(f"expected powers of at most {LATEX_EXPONENT} in LaTeX")
    for match in FACTORIAL_OF.finditer(source):
        if match[1] is None or int(match[1]) > LATEX_FACTORIAL:
            raise Limit(f"expected factorials of plain numbers of at most {LATEX_FACTORIAL} in LaTeX")
