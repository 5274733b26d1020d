"""Which texts are names, and which are words."""

from __future__ import annotations

import re

from whetstone.envs.math.syntax import FUNCTIONS, GREEK, RUN, TOKEN
from whetstone.envs.math.text import TEXT
from whetstone.envs.math.units import split_unit

LETTERS = GREEK - {"pi", "infty", "R", "Z", "N", "Q", "C", "emptyset"}
INDEX = r"(?:\s*_\s*(?:\{[^{}]*\}|\w))?'*"
VARIABLE = rf"(?:[A-Za-z]|\\(?:{'|'.join(sorted(LETTERS))})(?![A-Za-z])){INDEX}"
FUNCTION = re.compile(rf"{VARIABLE}(?:\^\s*\{{\s*-1\s*\}})?\s*\([^()=]*\)|\\frac\s*\{{d[^{{}}]*\}}\s*\{{d[^{{}}]*\}}")
NAMES = re.compile(rf"\(\s*{VARIABLE}(?:\s*,\s*{VARIABLE})+\s*\)")
SUBSCRIPT = re.compile(r"_\s*(?:\{[^{}]*\}|\w)")
SHORT_WORDS = frozenset("yes no odd even true all one two six ten red tie win".split())  # noqa: SIM905


def canonical(name: str) -> str:
    """A name without spaces and braces.

    >>> canonical("x_{1}")
    'x_1'
    """
    return re.sub(r"[\s{}$]|\\text", "", name)


def is_name(side: str, other: str) -> bool:
    """Whether a side of an equation only names the other: a variable, f(x), (x, y), or letters equal to a number."""
    if re.fullmatch(VARIABLE, side):
        return side not in ("e", "i") or not letters(other)
    if FUNCTION.fullmatch(side) or NAMES.fullmatch(side) or speaks(side):
        return True
    return not re.search(r"\d", SUBSCRIPT.sub("", side)) and bool(letters(side)) and not letters(other)


def letters(text: str) -> set[str]:
    """The names of variables in an expression.

    >>> sorted(letters(r"2\\pi x + \\alpha e^{y}"))
    ['\\\\alpha', 'x', 'y']
    """
    found = set()
    for token in TOKEN.findall(TEXT.sub(" ", split_unit(text)[0])):
        if token[0] == "\\":
            found |= {token} if token[1:] in LETTERS else set()
        elif token[0].isalpha():
            found |= {part for part in RUN.findall(token) if len(part) == 1 and part not in ("e", "i")}
    return found


def speaks(text: str) -> bool:
    """Whether a text is words: words set as text, a run of four letters that is no product, or a short known word."""
    plain = TEXT.sub(r" \1 ", text)
    if re.search(r"[\d=<>^_+*/|&\\%°\[\]]", plain):
        return False
    if any(
        len(re.findall("[A-Za-z]", inside)) > 1 and inside.strip() not in FUNCTIONS for inside in TEXT.findall(text)
    ):
        return True
    return plain.strip() in FUNCTIONS or any(map(_is_word, re.findall(r"[A-Za-z]+", plain)))


def _is_word(run: str) -> bool:
    """Whether letters are a word: more of them in a row than a product has, also beside a function (rec-tan-gle)."""
    if run.casefold() in SHORT_WORDS:
        return True
    parts = RUN.findall(run)
    chains = "".join(part if len(part) == 1 else "." for part in parts).split(".")
    return max(map(len, chains)) > (3 if len(chains) == 1 else 2)
