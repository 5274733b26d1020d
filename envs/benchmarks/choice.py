"""Questions with lettered options."""

from __future__ import annotations

import re
from dataclasses import dataclass
from hashlib import blake2b

from whetstone.envs.benchmarks.question import Question, said
from whetstone.envs.core import CORRECT, Verdict, graded, unreadable
from whetstone.envs.math.extract import extract

LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
INSTRUCTION = "End your reply with the letter of the right option, and nothing else, between <answer> and </answer>."
WRAPPED = re.compile(r"^\\text(?:bf|rm)?\{(.*)\}$", re.DOTALL)
LETTER = re.compile(
    r"^(?:(?:the )?(?:answer|option|choice)(?: is)?:? ?)?[(\[*]*([a-z])(?:[)\].:*].*)?$", re.DOTALL | re.IGNORECASE
)


@dataclass(frozen=True)
class Choice(Question):
    """A question, its options in the order in which they are shown, and the place of the right one."""

    question: str
    options: tuple[str, ...]
    right: int

    def __post_init__(self) -> None:
        if not 0 <= self.right < len(self.options) <= len(LETTERS):
            raise ValueError(f"expected the place of the right one of {len(self.options)} options, found {self.right}")

    @property
    def prompt(self) -> str:
        listed = "\n".join(f"{letter}. {option}" for letter, option in zip(LETTERS, self.options, strict=False))
        return f"{self.question}\n\n{listed}\n\n{INSTRUCTION}"

    @property
    def target(self) -> str:
        return f"<answer>{LETTERS[self.right]}</answer>"

    def grade(self, completion: str) -> Verdict:
        answer = extract(said(completion))
        if answer is None:
            return unreadable("expected the letter of an option between <answer> and </answer>, found none")
        place = self._place(answer.strip())
        if place is None:
            return unreadable(f"expected one of the letters A to {LETTERS[len(self.options) - 1]}, got {answer[:60]!r}")
        return CORRECT if place == self.right else graded(0.0, f"chose {LETTERS[place]}, not {LETTERS[self.right]}")

    def _place(self, answer: str) -> int | None:
        """The option that an answer names, by its letter or its words; None for neither."""
        if wrapped := WRAPPED.match(answer):
            answer = wrapped[1].strip()
        if answer in self.options:
            return self.options.index(answer)
        letter = LETTER.match(answer)
        place = LETTERS.index(letter[1].upper()) if letter else len(self.options)
        return place if place < len(self.options) else None


def shuffled(right: str, wrong: tuple[str, ...], key: str) -> tuple[tuple[str, ...], int]:
    """The options in an order that a digest of `key` decides, and the place of the right one."""
    options = sorted((right, *wrong), key=lambda option: blake2b(f"{key}\0{option}".encode(), digest_size=8).digest())
    return tuple(options), options.index(right)
