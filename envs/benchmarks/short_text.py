"""Questions whose answer is a short text, a number or a letter, as BIG-Bench Extra Hard asks them."""

from __future__ import annotations

import re
from dataclasses import dataclass

from whetstone.envs.benchmarks.question import Question, said
from whetstone.envs.core import CORRECT, Verdict, graded, unreadable
from whetstone.envs.math.extract import extract

INSTRUCTION = "End your reply with the final answer, and nothing else, between <answer> and </answer>."
WRAPPED = re.compile(r"^\\(?:text|texttt|textbf|boxed)\{(.*)\}$", re.DOTALL)


@dataclass(frozen=True)
class ShortText(Question):
    """A question and the text of its answer."""

    question: str
    answer: str

    @property
    def prompt(self) -> str:
        return f"{self.question}\n\n{INSTRUCTION}"

    @property
    def target(self) -> str:
        return f"<answer>{self.answer}</answer>"

    def grade(self, completion: str) -> Verdict:
        answer = extract(said(completion))
        if answer is None:
            return unreadable("expected an answer between <answer> and </answer>, found none")
        right = same(answer, self.answer)
        return CORRECT if right else graded(0.0, f"expected {self.answer[:80]!r}, got {answer[:80]!r}")


def same(answer: str, gold: str) -> bool:
    """Whether two short answers are one: up to case, blanks, quotes, brackets, a final stop, and notation of numbers.

    These are the liberties that BIG-Bench Extra Hard (arXiv 2502.19187) takes with its own answers.

    >>> same("(a)", "A"), same("3.0", "3"), same("yes, no", "yes,no"), same("no", "yes")
    (True, True, True, False)
    """
    a, b = bare(answer), bare(gold)
    if a == b:
        return True
    try:
        return float(a) == float(b)
    except ValueError:
        return False


def bare(text: str) -> str:
    """A text without what does not matter in a short answer."""
    text = text.strip().replace("**", "").strip("$").strip()
    if wrapped := WRAPPED.match(text):
        text = wrapped[1]
    text = re.sub(r"\s*,\s*", ",", " ".join(text.lower().split()))
    text = text.rstrip(".?")
    for opening, closing in ("()", "[]", "''", '""'):
        inside = text[1:-1]
        if len(text) > 2 and text[0] == opening and text[-1] == closing and opening not in inside:
            text = inside
    return text
