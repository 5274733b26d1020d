"""Lines: write lines that follow every rule."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import NamedTuple, Self

from whetstone.envs.core import Rng, Task, Verdict
from whetstone.envs.tasks.chat.lib import LINES, Reply, Rule, follows, judged, said, text_of_lines


@dataclass(frozen=True)
class Lines(Task[str]):
    """
    >>> text = Lines((("lines", 2), ("bullets", "-"), ("longer", 1)), "- one\\n- two words")
    >>> text.grade("<answer>- Hello\\n - my friend</answer>").score
    1.0
    """

    rules: tuple[Rule, ...]
    planted: str = field(compare=False)

    answer = Reply()

    class Size(NamedTuple):
        length: int
        rules: int

        @classmethod
        def at(cls, level: int) -> Self:
            return cls(length=2 + level // 2, rules=2 + level // 2)

    @classmethod
    def sample(cls, rng: Rng, size: Size) -> Self:
        text = text_of_lines(rng, size.length)
        return cls(follows(rng, text, LINES, size.rules), text)

    def statement(self) -> str:
        return f"Write a text, on whatever you like, that follows these rules:\n{said(self.rules, LINES)}"

    def solve(self) -> str:
        return self.planted

    def check(self, answer: str) -> Verdict:
        return judged(answer, self.rules, LINES)
