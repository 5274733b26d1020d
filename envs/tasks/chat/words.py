"""Words: write a line of words from a list that follows every rule."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import NamedTuple, Self

from whetstone.envs.core import Rng, Task, Verdict, invalid
from whetstone.envs.tasks.chat.lib import WORDS, Reply, Rule, follows, judged, line_of_words, random_words, said, words


@dataclass(frozen=True)
class Words(Task[str]):
    """
    >>> line = Words(("elm", "fir", "oak"), (("words", 2), ("word", 1, "elm"), ("letters", 6)), "elm oak")
    >>> line.grade("<answer>Elm fir</answer>").score
    1.0
    """

    given: tuple[str, ...]
    rules: tuple[Rule, ...]
    planted: str = field(compare=False)

    answer = Reply()

    class Size(NamedTuple):
        length: int
        rules: int

        @classmethod
        def at(cls, level: int) -> Self:
            return cls(length=3 + level, rules=2 + level // 2)

    @classmethod
    def sample(cls, rng: Rng, size: Size) -> Self:
        line = line_of_words(rng, size.length)
        given = tuple(sorted({*line, *random_words(rng, size.length)}))
        return cls(given, follows(rng, " ".join(line), WORDS, size.rules), " ".join(line))

    def statement(self) -> str:
        listed = " ".join(self.given)
        return f"Write a line with words of this list: {listed}\nIt must follow these rules:\n{said(self.rules, WORDS)}"

    def solve(self) -> str:
        return self.planted

    def check(self, answer: str) -> Verdict:
        if foreign := set(words(answer)) - set(self.given):
            return invalid(f"{min(foreign)} is no word of the list")
        return judged(answer, self.rules, WORDS)
