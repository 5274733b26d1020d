"""Traces to train on: long ones cut so that the answer survives, and prompts that aggregate earlier attempts.

Both are ZAYA1's (arXiv 2605.05365). What a trace's tokens are, and how attempts become a prompt, is the caller's
business: the template of `rollout.strategies` serves here as it does at test time.
"""

from __future__ import annotations

from collections import OrderedDict, deque
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass, field, replace
from typing import Any, Literal

import numpy as np

Tokens = tuple[int, ...]
Render = Callable[[str, Sequence[str]], str]
"""(question, tails) -> prompt."""
Source = Literal["own", "expert"]


# -- answer-preserving trimming ---------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Turn:
    """One turn of a conversation, in tokens: what was said to the policy, its reasoning, and its answer.

    `opening` and `closing` are the tags around the reasoning. A turn without reasoning has none of the three.
    """

    asked: Tokens
    opening: Tokens
    reasoning: Tokens
    closing: Tokens
    answer: Tokens

    def __len__(self) -> int:
        return sum(map(len, (self.asked, self.opening, self.reasoning, self.closing, self.answer)))

    @property
    def tokens(self) -> Tokens:
        """The turn as it stands in the trace."""
        return self.asked + self.opening + self.reasoning + self.closing + self.answer

    def without_reasoning(self) -> Turn:
        """The turn with its whole block of reasoning left out."""
        return replace(self, opening=(), reasoning=(), closing=())


def trim(turns: Sequence[Turn], budget: int) -> list[Turn] | None:
    """The conversation in at most `budget` tokens, every answer whole; None where that cannot be.

    As the ZAYA1 report has it. (1) What fits stays as it is. (2) Else the last turn's reasoning is cut at its end,
    directly before the answer: its start, its tags and the answer stay. (3) If that is not enough, the reasoning of
    all earlier turns is left out, and then (2). (4) Where the rest alone is too long, the sample is dropped.
    """
    if not turns:
        return []
    *earlier, last = turns
    for before in (earlier, [turn.without_reasoning() for turn in earlier]):
        room = budget - sum(map(len, before)) - (len(last) - len(last.reasoning))
        if room >= 0:
            return [*before, replace(last, reasoning=last.reasoning[:room])]
    return None


# -- aggregation prompts ----------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Attempt:
    """The tail of an attempt at a problem: whose, and in which training step it was written."""

    tail: str
    version: int = 0
    source: Source = "own"


@dataclass(frozen=True, slots=True)
class Aggregation:
    """A prompt that shows earlier attempts: a state to act in, whoever wrote them.

    Samples of it are compared with each other, never with samples of the bare question.
    """

    question: str
    attempts: tuple[Attempt, ...]
    prompt: str

    @property
    def stalest(self) -> int:
        """The version of the oldest attempt shown."""
        return min(attempt.version for attempt in self.attempts)


def aggregate(
    question: str, attempts: Sequence[Attempt], c: int, count: int, render: Render, rng: np.random.Generator
) -> list[Aggregation]:
    """`count` prompts, each with `c` of the attempts drawn uniformly without replacement, in random order.

    For supervised training a stronger policy answers them, after it wrote the attempts; for reinforcement learning the
    policy that is trained does. Raises `ValueError` where there are fewer than `c` attempts.
    """
    if not 1 <= c <= len(attempts):
        raise ValueError(f"c must lie in 1..{len(attempts)}, the number of attempts, not {c}")
    drawn = (rng.choice(len(attempts), size=c, replace=False) for _ in range(count))
    chosen = (tuple(attempts[i] for i in places) for places in drawn)
    return [Aggregation(question, shown, render(question, [attempt.tail for attempt in shown])) for shown in chosen]


@dataclass(frozen=True, slots=True)
class PoolSettings:
    """How much a pool remembers."""

    problems: int = 1024  # the problem that was written to longest ago is forgotten first
    attempts: int = 16  # of a problem; the oldest is forgotten first
    staleness: int = 8  # training steps after which a policy's own attempt is forgotten; experts do not age


@dataclass
class Pool:
    """Recent attempts at each problem.

    Because an attempt is only part of the prompt, what is sampled from it is on-policy however old it is; the age
    bounds how far the states are from those that the policy will meet at test time.
    """

    settings: PoolSettings = field(default_factory=PoolSettings)
    version: int = 0

    def __post_init__(self) -> None:
        self._attempts: OrderedDict[str, deque[Attempt]] = OrderedDict()

    def __len__(self) -> int:
        return len(self._attempts)

    def add(self, problem: str, tails: Sequence[str], source: Source = "own") -> None:
        """Remember tails of attempts at `problem`, of the present version; blank ones say nothing and are left out."""
        found = [Attempt(tail, self.version, source) for tail in tails if tail.strip()]
        if not found:
            return
        held = self._attempts.setdefault(problem, deque(maxlen=self.settings.attempts))
        held.extend(found)
        self._attempts.move_to_end(problem)
        while len(self._attempts) > self.settings.problems:
            self._attempts.popitem(last=False)

    def advance(self, version: int) -> None:
        """Training is now at step `version`: forget what is too old. Raises `ValueError` for going back."""
        if version < self.version:
            raise ValueError(f"versions only rise: {version} is below {self.version}")
        self.version = version
        oldest = version - self.settings.staleness
        for problem in list(self._attempts):
            fresh = [a for a in self._attempts[problem] if a.source == "expert" or a.version >= oldest]
            if fresh:
                self._attempts[problem] = deque(fresh, maxlen=self.settings.attempts)
            else:
                del self._attempts[problem]

    def attempts(self, problem: str, source: Source | None = None) -> list[Attempt]:
        """The attempts at a problem, the oldest first; of one source, or of both."""
        return [a for a in self._attempts.get(problem, ()) if source in (None, a.source)]

    def ready(self, c: int, source: Source | None = None) -> Iterator[str]:
        """The problems with at least `c` attempts, the one written to longest ago first."""
        return (problem for problem in self._attempts if len(self.attempts(problem, source)) >= c)

    def metrics(self) -> dict[str, float]:
        """Problems and attempts held, and the attempts' mean age in training steps."""
        held = [attempt for attempts in self._attempts.values() for attempt in attempts]
        ages = [self.version - attempt.version for attempt in held if attempt.source == "own"]
        return {
            "problems": float(len(self)),
            "attempts": float(len(held)),
            "age": float(np.mean(ages)) if ages else 0.0,
        }

    def state_dict(self) -> dict[str, Any]:
        attempts = {problem: [asdict(a) for a in held] for problem, held in self._attempts.items()}
        return {"version": self.version, "attempts": attempts}

    def load_state_dict(self, state: dict[str, Any]) -> None:
        self.version = state["version"]
        self._attempts = OrderedDict(
            (problem, deque((Attempt(**a) for a in held), maxlen=self.settings.attempts))
            for problem, held in state["attempts"].items()
        )
