"""Sentences: write sentences that follow every rule."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import NamedTuple, Self

from whetstone.envs.core import Rng, Task, Verdict
from whetstone.envs.tasks.chat.lib import SENTENCES, Reply, Rule, follows, judged, said, text_of_sentences


@dataclass(frozen=True)
class Sentences(Task[str]):
    """
    >>> text = Sentences((("sentences", 2), ("growing", 1), ("marks", 1, 1, 0)), "Up. Up north?")
    >>> text.grade("<answer>Hello? It rains.</answer>").score
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
        text = text_of_sentences(rng, size.length)
        return cls(follows(rng, text, SENTENCES, size.rules), text)

    def statement(self) -> str:
        return f"Write a text, on whatever you like, that follows these rules:\n{said(self.rules, SENTENCES)}"

    def solve(self) -> str:
        return self.planted

    def check(self, answer: str) -> Verdict:
        return judged(answer, self.rules, SENTENCES)
