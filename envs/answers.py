"""Answer formats. Each holds the instruction a policy reads, the parser and the printer: `parse(show(x)) == x`.

Parsers raise `ValueError` with a sentence a person can read, whatever text they are given.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from fractions import Fraction

WRITE = "Write it as <answer>{}</answer>."
INTEGER = re.compile(r"[+-]?[0-9]{1,4000}")


def _integer(word: str) -> int:
    if not INTEGER.fullmatch(word):
        raise ValueError(f"expected an integer, found {word[:40]!r}")
    return int(word)


def words(text: str) -> list[str]:
    """The words of a line, separated by blanks, commas or semicolons, with or without brackets around them.

    >>> words("[1, 2]")
    ['1', '2']
    """
    return text.strip().strip("[](){}").replace(",", " ").replace(";", " ").split()


def _integers(text: str) -> list[int]:
    found = words(text)
    return list(map(int, found)) if all(map(INTEGER.fullmatch, found)) else list(map(_integer, found))


def _strange(text: str, alphabet: str) -> None:
    if rest := text.strip(alphabet):
        raise ValueError(f"expected only the characters {alphabet!r}, found {rest[0]!r}")


def _counted(things: list, count: int | None, what: str) -> list:
    if count is not None and len(things) != count:
        raise ValueError(f"expected {count} {what}, found {len(things)}")
    return things


@dataclass(frozen=True)
class Integer:
    """One integer.

    >>> Integer().parse(" 42. ")
    42
    """

    instruction: str = WRITE.format("integer")

    def parse(self, text: str) -> int:
        return _integer(text.strip().removesuffix("."))

    def show(self, answer: int) -> str:
        return str(answer)


@dataclass(frozen=True)
class Integers:
    """Integers in order, separated by spaces (commas are read too); `count` fixes how many.

    >>> Integers().parse("[3, 1, 2]")
    [3, 1, 2]
    """

    count: int | None = None
    instruction: str = WRITE.format("integers separated by spaces")

    def parse(self, text: str) -> list[int]:
        return _counted(_integers(text), self.count, "integers")

    def show(self, answer: list[int]) -> str:
        return " ".join(map(str, answer))


@dataclass(frozen=True)
class Rational:
    """A fraction or an integer, in any terms.

    >>> Rational().parse("6/4")
    Fraction(3, 2)
    """

    instruction: str = WRITE.format("numerator/denominator")

    def parse(self, text: str) -> Fraction:
        top, slash, bottom = text.partition("/")
        denominator = _integer(bottom.strip()) if slash else 1
        if denominator == 0:
            raise ValueError("expected a fraction, found the denominator 0")
        return Fraction(_integer(top.strip()), denominator)

    def show(self, answer: Fraction) -> str:
        return f"{answer.numerator}/{answer.denominator}"


@dataclass(frozen=True)
class Text:
    """A word over an alphabet; white space around it is ignored, and nothing else is.

    >>> Text("ab").parse(" abba ")
    'abba'
    """

    alphabet: str
    instruction: str = WRITE.format("string")

    def parse(self, text: str) -> str:
        word = text.strip()
        _strange(word, self.alphabet)
        return word

    def show(self, answer: str) -> str:
        return answer


@dataclass(frozen=True)
class Choice:
    """One of a few words; upper and lower case are alike.

    >>> Choice(("Alice", "Bob")).parse("bob")
    'Bob'
    """

    options: tuple[str, ...]

    @property
    def instruction(self) -> str:
        return WRITE.format(" or ".join(self.options))

    def parse(self, text: str) -> str:
        word = text.strip().removesuffix(".").casefold()
        for option in self.options:
            if option.casefold() == word:
                return option
        raise ValueError(f"expected one of {', '.join(self.options)}, found {text.strip()[:40]!r}")

    def show(self, answer: str) -> str:
        return answer


@dataclass(frozen=True)
class Rows:
    """Lines of integers separated by spaces: a matrix, groups, edges or operations; `width` fixes their length.

    >>> Rows(width=2).parse("0 1\\n1 2")
    [[0, 1], [1, 2]]
    """

    width: int | None = None
    instruction: str = WRITE.format("lines of integers separated by spaces")

    def parse(self, text: str) -> list[list[int]]:
        lines = [line for line in map(_integers, text.splitlines()) if line]
        return [_counted(line, self.width, "integers a line") for line in lines]

    def show(self, answer: list[list[int]]) -> str:
        return "\n".join(" ".join(map(str, row)) for row in answer)


@dataclass(frozen=True)
class Grid:
    """Lines of characters over an alphabet, all of one width; blanks inside a line are ignored.

    >>> Grid(".*").parse(".*\\n* .")
    ['.*', '*.']
    """

    alphabet: str
    instruction: str = WRITE.format("rows, one a line")

    def parse(self, text: str) -> list[str]:
        rows = ["".join(line.split()) for line in text.splitlines() if line.strip()]
        for row in rows:
            _strange(row, self.alphabet)
        if len({len(row) for row in rows}) > 1:
            raise ValueError("expected rows of one width")
        return rows

    def show(self, answer: list[str]) -> str:
        return "\n".join(answer)
