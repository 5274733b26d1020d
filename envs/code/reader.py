"""A strict reader of test inputs: validators are written with it, and what it accepts has one spelling only.

Lines end with a line feed, the last one too; tokens are separated by one space; numbers are ASCII digits with no
leading zero and no plus sign. Model-written inputs pass through here before any program sees them.
"""

from __future__ import annotations

import re
import string

INTEGER = re.compile(r"-?[1-9][0-9]{0,18}|0")
INTEGERS = re.compile(rf"(?:{INTEGER.pattern})(?: (?:{INTEGER.pattern}))*")
TOKEN = re.compile(r"[!-~]+")
LETTERS = string.ascii_lowercase


class Reader:
    """
    >>> reader = Reader("2\\n10 20\\n")
    >>> n = reader.integer(1, 5, "n")
    >>> reader.line()
    >>> reader.integers(n, 0, 99, "a")
    [10, 20]
    >>> reader.line(); reader.end()
    """

    def __init__(self, text: str) -> None:
        self.text = text
        self.at = 0
        self.fresh = True  # at the start of a line

    def token(self, name: str) -> str:
        """The next token of this line; raises `ValueError` if there is none."""
        if not self.fresh:
            self._expect(" ", f"one space before {name}")
        found = TOKEN.match(self.text, self.at)
        if found is None:
            raise ValueError(f"{self._place()}: expected {name}, found {self._next()}")
        self.at, self.fresh = found.end(), False
        return found[0]

    def integer(self, low: int, high: int, name: str) -> int:
        """The next token as an integer in [low, high]."""
        token = self.token(name)
        if not INTEGER.fullmatch(token) or not low <= int(token) <= high:
            raise ValueError(f"{self._place()}: expected {name} between {low} and {high}, found {token[:40]!r}")
        return int(token)

    def integers(self, count: int, low: int, high: int, name: str) -> list[int]:
        """`count` integers in [low, high], on this line."""
        start = self.at if self.fresh else self.at + 1
        end = self.text.find("\n", start)
        if INTEGERS.fullmatch(self.text, start, end) and (self.fresh or self.text[self.at] == " "):
            values = list(map(int, self.text[start:end].split(" ")))  # all of the line at once: ten times as fast
            if len(values) == count and low <= min(values) and max(values) <= high:
                self.at, self.fresh = end, False
                return values
        return [self.integer(low, high, f"{name}[{i}]") for i in range(count)]

    def word(self, low: int, high: int, name: str, alphabet: str = LETTERS) -> str:
        """The next token, of `low` to `high` characters of `alphabet`."""
        token = self.token(name)
        if not low <= len(token) <= high or not set(token) <= set(alphabet):
            raise ValueError(
                f"{self._place()}: expected {name} of {low} to {high} characters of {alphabet!r}, found {token[:40]!r}"
            )
        return token

    def line(self) -> None:
        """The end of this line."""
        self._expect("\n", "the end of the line")
        self.fresh = True

    def end(self) -> None:
        """The end of the input."""
        if self.at != len(self.text):
            raise ValueError(f"{self._place()}: expected the end of the input, found {self._next()}")

    def _expect(self, wanted: str, name: str) -> None:
        if not self.text.startswith(wanted, self.at):
            raise ValueError(f"{self._place()}: expected {name}, found {self._next()}")
        self.at += 1

    def _next(self) -> str:
        return repr(self.text[self.at : self.at + 20]) if self.at < len(self.text) else "the end of the input"

    def _place(self) -> str:
        before = self.text[: self.at]
        return f"line {before.count(chr(10)) + 1}, column {self.at - before.rfind(chr(10))}"
