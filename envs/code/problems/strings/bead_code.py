"""Bead code: run-length coding with a rule for when not to."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import product
from typing import TYPE_CHECKING

from whetstone.envs.code.blueprint import Blueprint
from whetstone.envs.code.reader import Reader
from whetstone.envs.code.sandbox.types import Limits, Program

if TYPE_CHECKING:
    from numpy.random import Generator as Rng

MOST = 1000


class BeadCode(Blueprint):
    """Run-length coding, used only if it is shorter."""

    title = "Bead code"
    statement = """\
A bead maker writes chains as words: each lowercase letter is a bead of one colour. To save paper, runs are coded: a run
is as many equal letters in a row as possible, and it is written as the letter followed by the length of the run in
decimal. A run of length 1 is written as the letter alone. The code is only used if it is shorter than the word;
otherwise the word itself is written down. What does the bead maker write?"""
    input_format = "One line with a word of 1 to 1000 lowercase letters a to z."
    output_format = "One line: the code of the word if it has fewer characters than the word, otherwise the word."
    samples = ("aaabccccccccccccb\n", "aabb\n", "z\n")
    limits = Limits(cpu=1.0)
    topics = ("strings", "implementation")
    level = 1

    reference = """\
word = input()
code = ""
length = 0
for i, letter in enumerate(word):
    length += 1
    if word[i + 1 : i + 2] != letter:
        code += letter
        if length > 1:
            code += str(length)
        length = 0
print(min(word, code, key=len))
"""
    brute = """\
import re

word = input()
code = re.sub(r"(.)\\1+", lambda run: run[1] + str(len(run[0])), word)
print(code if len(code) < len(word) else word)
"""
    right = {
        "groupby": Program(
            "python",
            """\
import sys
from itertools import groupby

word = sys.stdin.readline().strip()
parts = []
for letter, run in groupby(word):
    n = len(list(run))
    parts.append(letter if n == 1 else f"{letter}{n}")
code = "".join(parts)
sys.stdout.write(code if len(code) < len(word) else word)
""",
        ),
        "two pointers": Program(
            "cpp",
            """\
#include <iostream>
#include <string>
int main() {
    std::string s, code;
    std::cin >> s;
    for (size_t i = 0, j; i < s.size(); i = j) {
        for (j = i; j < s.size() && s[j] == s[i]; j++) {}
        code += s[i];
        if (j - i > 1) code += std::to_string(j - i);
    }
    std::cout << (code.size() < s.size() ? code : s) << std::endl;
}
""",
        ),
    }
    wrong = {
        "loses the last run": """\
word = input()
code = ""
length = 1
for a, b in zip(word, word[1:]):
    if a == b:
        length += 1
    else:
        code += a + (str(length) if length > 1 else "")
        length = 1
print(code if 0 < len(code) < len(word) else word)
""",
        "writes the length of single letters": """\
from itertools import groupby
word = input()
code = "".join(k + str(len(list(g))) for k, g in groupby(word))
print(code if len(code) < len(word) else word)
""",
        "uses a code of equal length": """\
from itertools import groupby
word = input()
code = ""
for k, g in groupby(word):
    n = len(list(g))
    code += k + (str(n) if n > 1 else "")
print(code if len(code) <= len(word) else word)
""",
        "runs of at most 9": """\
word = input()
code = ""
i = 0
while i < len(word):
    n = 1
    while n < 9 and i + n < len(word) and word[i + n] == word[i]:
        n += 1
    code += word[i] + (str(n) if n > 1 else "")
    i += n
print(code if len(code) < len(word) else word)
""",
        "always the code": """\
from itertools import groupby
code = ""
for k, g in groupby(input()):
    n = len(list(g))
    code += k + (str(n) if n > 1 else "")
print(code)
""",
        "counts all beads of a colour": """\
word = input()
code = "".join(c + (str(word.count(c)) if word.count(c) > 1 else "") for c in dict.fromkeys(word))
print(code if len(code) < len(word) else word)
""",
        "runs of two are left as they are": """\
from itertools import groupby
word = input()
code = ""
for k, g in groupby(word):
    n = len(list(g))
    code += k * n if n < 3 else k + str(n)
print(code if len(code) < len(word) else word)
""",
    }

    @classmethod
    def validate(cls, text: str) -> None:
        reader = Reader(text)
        reader.word(1, MOST, "the word")
        reader.line()
        reader.end()

    @classmethod
    def small(cls) -> Iterator[str]:
        for n in range(1, 9):
            for word in product("ab", repeat=n):
                if n < 7 or word[0] == "a":
                    yield "".join(word) + "\n"
        for n in (9, 10, 11, 99, 100, 101, 999, MOST):
            yield "q" * n + "\n"
        yield "abcdefghijklmnopqrstuvwxyz\n"

    @classmethod
    def random(cls, rng: Rng, size: int) -> str:
        longest = 10 * size if size < 4 else size * size * 10
        most = int(rng.choice([2, 4, 15, 120]))
        colours = int(rng.integers(2, 27))
        word = ""
        for _ in range(int(rng.integers(1, longest + 1))):
            word += chr(97 + int(rng.integers(colours))) * int(rng.integers(1, most + 1))
        return word[: int(rng.integers(max(1, longest // 2), longest + 1))] + "\n"

    @classmethod
    def worst(cls, rng: Rng) -> Iterator[str]:
        yield "x" * MOST + "\n"
        yield "xy" * (MOST // 2) + "\n"
        yield "xxy" * (MOST // 3) + "\n"
        yield "".join(chr(97 + int(c)) for c in rng.integers(26, size=MOST)) + "\n"

    @classmethod
    def hack(cls, rng: Rng, idea: str) -> str:
        a, b, c = (chr(97 + int(i)) for i in rng.permutation(26)[:3])
        n = int(rng.integers(2, 9))
        if idea.startswith("uses"):
            return (a * 2 + b * 2) * n + c + "\n"
        if idea.startswith("always"):
            return a + b + c * 2 + "\n" if n % 2 else (a * 2 + b * 2) * n + "\n"
        if idea.startswith("runs of at most"):
            return a * (9 + n) + b + "\n"
        return a * 2 + b * (n + 1) + a * 2 + c + b * 3 + "\n"
