"""Strategies that are plans: one for each problem."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence

from whetstone.rollout.strategies.driver import drive
from whetstone.rollout.strategies.plan import Plan, Solved, keyed
from whetstone.rollout.types import Completion, Sampler


class Planned(ABC):
    """A strategy that makes a plan for each problem; a `Strategy` in the sense of `rollout.types`."""

    @property
    @abstractmethod
    def size(self) -> int:
        """How many final candidates there are for a problem."""

    @property
    @abstractmethod
    def width(self) -> int:
        """The most samples of a round."""

    @abstractmethod
    def plan(self, prompt: str, seed: int) -> Plan:
        """What to do for one problem; a pure function of the arguments and the answers."""

    def run(self, sampler: Sampler, prompts: Sequence[str], seed: int) -> list[list[Completion]]:
        """The final candidates of each prompt."""
        return [solved.outcome.final for solved in self.solve(sampler, prompts, seed)]

    def solve(self, sampler: Sampler, prompts: Sequence[str], seed: int) -> list[Solved]:
        """The outcome and the cost of each prompt."""
        return drive(sampler, [self.plan(prompt, keyed(seed, i)) for i, prompt in enumerate(prompts)])
