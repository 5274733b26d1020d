"""Whether a program's output is the reference's: on bytes, token by token, outside any process a program can reach.

A token is a longest run of bytes other than ASCII white space. Two tokens are the same when their bytes are: none of
`+6`, `06`, `6.0`, `0_6`, full-width digits, a byte order mark and `6`, `6` and a NUL is `6`. Only where the problem
says so, and only where the reference's own token is a float, may a number differ by a tolerance; integers never do.
Time is linear in the sizes of the two texts, and the comparison ends at the first difference.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import MAX_EMAX, MIN_EMIN, Context, Decimal
from itertools import zip_longest

from whetstone.envs.code.problem import Comparison

BLANK = re.compile(rb"\s")  # of bytes: the six ASCII ones
BLOCK = 1 << 16  # bytes split at a time: a list of all tokens of 16 MB would take 300 MB
LONGEST = 1000  # bytes of a number that may differ by a tolerance
REFERENCE = re.compile(rb"[+-]?(?:[0-9]+\.[0-9]*|\.[0-9]+|[0-9]+(?=[eE]))(?:[eE][+-]?[0-9]{1,4})?")
NUMBER = re.compile(rb"-?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][+-]?[0-9]{1,4})?")
UNPRINTABLE = re.compile(rb"[^\t\n\r -~]")
EXACT = Context(prec=60, Emax=MAX_EMAX, Emin=MIN_EMIN, traps=[])  # differences of numbers, to 60 digits


def compare(comparison: Comparison, input: str, output: bytes, answer: str) -> str | None:
    """None if `output` is right, else why not, in words that do not give the reference's output away.

    Raises `ValueError` for a comparison by a checker, which is a program and needs a sandbox: see `Judge`.
    """
    if comparison.kind == "checker":
        raise ValueError("a checker runs in a sandbox: compare with Judge(sandbox).compare")
    expected = answer.encode("utf-8", "surrogatepass")
    if output.rstrip() == expected.rstrip():
        return None
    close = Closeness.of(comparison) if comparison.kind == "floats" else None
    for place, (found, wanted) in enumerate(zip_longest(tokens(output), tokens(expected)), 1):
        if found == wanted:
            continue
        if found is None:
            return f"the output ends after {place - 1} tokens: more are expected"
        if wanted is None:
            return f"the output goes on after the end of the answer: token {place} is {show(found)}"
        if close is None or not REFERENCE.fullmatch(wanted):
            return f"token {place} is {show(found)}, which is wrong"
        if (reason := close.why_not(found, wanted)) is not None:
            return f"token {place} is {show(found)}, {reason}"
    return None


def tokens(text: bytes) -> Iterator[bytes]:
    """The tokens of a text, split block by block."""
    start = 0
    while start < len(text):
        blank = BLANK.search(text, start + BLOCK)
        end = blank.end() if blank else len(text)
        yield from text[start:end].split()
        start = end


@dataclass(frozen=True, slots=True)
class Closeness:
    """When two numbers count as the same: within the absolute tolerance, or within the relative one."""

    absolute: Decimal
    relative: Decimal

    @classmethod
    def of(cls, comparison: Comparison) -> Closeness:
        """The tolerances as they are written: 1e-6 is a millionth, not the double next to it."""
        return cls(Decimal(repr(comparison.absolute)), Decimal(repr(comparison.relative)))

    def why_not(self, found: bytes, wanted: bytes) -> str | None:
        """None if `found` is close to the float `wanted`; a decimal of bounded length and exponent, in any notation."""
        if len(found) > LONGEST or not NUMBER.fullmatch(found):
            return "which is no plain decimal number"
        right = Decimal(wanted.decode())
        apart = EXACT.subtract(Decimal(found.decode()), right).copy_abs()
        allowed = max(self.absolute, EXACT.multiply(self.relative, right.copy_abs()))
        return None if apart <= allowed else "which is too far off"


def show(token: bytes, longest: int = 40) -> str:
    """A token as a person may read it in one short line."""
    text = token[:longest].decode("utf-8", "backslashreplace")
    return ascii(text) + ("..." if len(token) > longest else "")


def readable(output: bytes) -> str:
    """The output as ASCII text; raises `ValueError` at any other byte, and at control characters but tab and newline.

    Python takes U+001C for a blank and U+0661 for a digit; what a checker reads holds neither.
    """
    strange = UNPRINTABLE.search(output)
    if strange:
        at = strange.start()
        raise ValueError(f"byte {at} of the output is 0x{output[at]:02x}: expected ASCII text")
    return output.decode("ascii")
