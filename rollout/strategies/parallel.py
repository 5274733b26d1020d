"""Strategies of one round: independent samples, and two ways to choose among them."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from whetstone.rollout.strategies.plan import Outcome, Plan
from whetstone.rollout.strategies.planned import Planned
from whetstone.rollout.types import Completion, Request, Sampling

TAGGED = re.compile(r"<answer>(.*?)</answer>", re.DOTALL)
BOXED = r"\boxed{"


@dataclass(frozen=True, slots=True)
class Single(Planned):
    """`n` independent completions, each of which counts."""

    sampling: Sampling = field(default_factory=Sampling)
    n: int = 1

    def __post_init__(self) -> None:
        at_least_one(self.n)

    @property
    def size(self) -> int:
        return self.n

    @property
    def width(self) -> int:
        return self.n

    def plan(self, prompt: str, seed: int) -> Plan:
        (completions,) = yield [Request(prompt, self.sampling, self.n, seed)]
        return Outcome(completions)


@dataclass(frozen=True, slots=True)
class Majority(Planned):
    """The most frequent answer of `n` completions (self-consistency, arXiv 2203.11171).

    `answer_of` reads the answer out of a text, None where there is none; equal answers vote together. Of equally
    frequent answers the one given first wins, and its first completion speaks for it. Without any answer the first
    completion does.
    """

    sampling: Sampling = field(default_factory=Sampling)
    n: int = 16
    answer_of: Callable[[str], str | None] = field(default=lambda text: answer_of(text))

    def __post_init__(self) -> None:
        at_least_one(self.n)

    @property
    def size(self) -> int:
        return 1

    @property
    def width(self) -> int:
        return self.n

    def plan(self, prompt: str, seed: int) -> Plan:
        (completions,) = yield [Request(prompt, self.sampling, self.n, seed)]
        return Outcome([vote(completions, self.answer_of)])


def mean_logprob(prompt: str, completion: Completion) -> float:
    """The mean log-probability of a completion's tokens, in nats; minus infinity without tokens."""
    del prompt
    return sum(completion.logprobs) / len(completion.logprobs) if completion.logprobs else float("-inf")


def total_logprob(prompt: str, completion: Completion) -> float:
    """The log-probability of a completion, in nats: it prefers short ones."""
    del prompt
    return sum(completion.logprobs) if completion.logprobs else float("-inf")


@dataclass(frozen=True, slots=True)
class BestOfN(Planned):
    """The completion of `n` with the highest `score(prompt, completion)`: a verifier's, or a log-probability.

    Of equal scores the first wins. Completions that a sampler gave up on are not considered, unless all are lost.
    """

    sampling: Sampling = field(default_factory=Sampling)
    n: int = 16
    score: Callable[[str, Completion], float] = mean_logprob

    def __post_init__(self) -> None:
        at_least_one(self.n)

    @property
    def size(self) -> int:
        return 1

    @property
    def width(self) -> int:
        return self.n

    def plan(self, prompt: str, seed: int) -> Plan:
        (completions,) = yield [Request(prompt, self.sampling, self.n, seed)]
        there = [c for c in completions if c.finish in ("stop", "length")] or completions
        return Outcome([max(there, key=lambda completion: self.score(prompt, completion))])


def vote(completions: Sequence[Completion], read: Callable[[str], str | None]) -> Completion:
    """The first completion with the most frequent answer; the first of all where none has an answer."""
    answers = [read(completion.text) for completion in completions]
    counts = Counter(answer for answer in answers if answer is not None)
    if not counts:
        return completions[0]
    winner = max(counts, key=lambda answer: counts[answer])  # of equals the first: a Counter keeps their order
    return completions[answers.index(winner)]


def answer_of(text: str) -> str | None:
    r"""The last `<answer>…</answer>` or `\boxed{…}` of a text, blanks squeezed; None without one.

    >>> answer_of("so <answer> 4  2 </answer>"), answer_of(r"thus \boxed{\frac{1}{2}}."), answer_of("42")
    ('4 2', '\\frac{1}{2}', None)
    """
    tagged = TAGGED.findall(text)
    if tagged:
        return " ".join(tagged[-1].split())
    start, depth = text.rfind(BOXED) + len(BOXED), 1
    if start < len(BOXED):
        return None
    for end in range(start, len(text)):
        depth += (text[end] == "{") - (text[end] == "}")
        if not depth:
            return " ".join(text[start:end].split())
    return None


def at_least_one(n: int) -> None:
    """Raises `ValueError` for a population of nobody."""
    if n < 1:
        raise ValueError(f"n must be at least 1, not {n}")
