"""Plans: what a strategy does for one problem, written as a generator.

A plan yields a round of requests, is sent `n` completions for each, and returns its outcome. It knows nothing of other
problems, of samplers, or of time; so the same plan runs in an evaluation, behind a server, and in a test.
"""

from __future__ import annotations

from collections.abc import Generator, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from whetstone.rollout.types import Completion, Request


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a plan ended: the final candidates, over which a score is averaged, and, if kept, those of every round."""

    final: list[Completion]
    rounds: list[list[Any]] = field(default_factory=list)


Plan = Generator[Sequence[Request], list[list[Completion]], Outcome]


@dataclass(frozen=True, slots=True)
class Cost:
    """What was spent on a problem: samples drawn, tokens written, and tokens of the prompts that were read.

    A prompt counts once however many samples it has, which is what a sampler that shares prefixes computes.
    """

    samples: int = 0
    written: int = 0
    read: int = 0

    def plus(self, answers: Sequence[Sequence[Completion]]) -> Cost:
        """The cost with a round of answers added."""
        flat = [completion for group in answers for completion in group]
        return Cost(
            self.samples + len(flat),
            self.written + sum(max(len(c.tokens), len(c.logprobs)) for c in flat),
            self.read + sum(len(group[0].prompt_tokens) for group in answers if group),
        )


@dataclass(frozen=True, slots=True)
class Solved:
    """What `drive` returns for each plan."""

    outcome: Outcome
    cost: Cost


def keyed(*words: int) -> int:
    """A sampling seed below 2^31, a function of the words: (seed, problem), or (seed, round, place)."""
    return int(np.random.SeedSequence(words).generate_state(1)[0]) >> 1
