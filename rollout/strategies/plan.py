"""Plans: what a strategy does for one problem, written as a generator, and the drivers that run many side by side.

A plan yields a round of requests, is sent `n` completions for each, and returns its outcome. It knows nothing of other
problems, of samplers, or of time; so the same plan runs in an evaluation, behind a server, and in a test.
"""

from __future__ import annotations

import asyncio
from abc import ABC, abstractmethod
from collections.abc import Awaitable, Callable, Generator, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol, runtime_checkable

import numpy as np

from whetstone.rollout.types import Completion, Request, Sampler


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


def keyed(*words: int) -> int:
    """A sampling seed below 2^31, a function of the words: (seed, problem), or (seed, round, place)."""
    return int(np.random.SeedSequence(words).generate_state(1)[0]) >> 1


class Pursuit:
    """A plan under way: the requests that it waits for, what it has cost, and in the end its outcome."""

    def __init__(self, plan: Plan) -> None:
        self.plan, self.cost, self.outcome = plan, Cost(), None
        self.requests: Sequence[Request] = next(plan)

    def give(self, answers: list[list[Completion]]) -> None:
        """Send the answers to `requests`; afterwards `requests` are the next ones, or `outcome` is there."""
        self.cost = self.cost.plus(answers)
        try:
            self.requests = self.plan.send(answers)
        except StopIteration as ended:
            self.requests, self.outcome = (), ended.value

    @property
    def solved(self) -> Solved:
        """The result; only when `outcome` is there."""
        assert self.outcome is not None, "the plan has not ended"
        return Solved(self.outcome, self.cost)


class Handle(Protocol):
    """A request at a `Stepping` sampler: its completions, once they are `done`."""

    @property
    def done(self) -> bool: ...

    @property
    def completions(self) -> list[Completion | None]: ...


@runtime_checkable
class Stepping(Protocol):
    """A sampler that takes requests while others run, as the in-process engine does."""

    @property
    def unfinished(self) -> bool: ...

    def add(self, request: Request) -> Any: ...

    def step(self) -> Sequence[tuple[Any, int, Completion]]: ...

    def cancel(self, handle: Any) -> None: ...


def drive(sampler: Sampler, plans: Sequence[Plan]) -> list[Solved]:
    """Run plans side by side over one sampler; their results in order.

    Over a sampler that takes requests while others run, a plan's next round starts as soon as its own last round is
    done. Over any other, the rounds of all plans that wait are one `generate` call.
    """
    pursuits = [Pursuit(plan) for plan in plans]
    if isinstance(sampler, Stepping):
        _overlapping(sampler, pursuits)
    else:
        _together(sampler, pursuits)
    return [pursuit.solved for pursuit in pursuits]


def _together(sampler: Sampler, pursuits: Sequence[Pursuit]) -> None:
    while waiting := [pursuit for pursuit in pursuits if pursuit.outcome is None]:
        answers = iter(sampler.generate([request for pursuit in waiting for request in pursuit.requests]))
        for pursuit in waiting:
            pursuit.give([next(answers) for _ in pursuit.requests])


def _overlapping(sampler: Stepping, pursuits: Sequence[Pursuit]) -> None:
    rounds: dict[int, list[Handle]] = {}  # place of a pursuit -> the requests of its round
    open_: dict[int, int] = {}  # id of a request that was not reported done -> place of its pursuit

    def begin(place: int) -> None:
        rounds[place] = [sampler.add(request) for request in pursuits[place].requests]
        open_.update((id(handle), place) for handle in rounds[place])

    for place in range(len(pursuits)):
        begin(place)
    try:
        while rounds:
            ended = {id(handle) for handle, _, _ in sampler.step() if handle.done} & open_.keys()
            touched = {open_.pop(name) for name in ended}
            for place in sorted(touched - set(open_.values())):
                answers = [[c for c in handle.completions if c is not None] for handle in rounds.pop(place)]
                pursuits[place].give(answers)
                if pursuits[place].outcome is None:
                    begin(place)
    finally:  # what nobody waits for must not go on
        for handle in (handle for handles in rounds.values() for handle in handles if not handle.done):
            sampler.cancel(handle)


async def pursue(complete: Callable[[Request], Awaitable[list[Completion]]], plan: Plan) -> Solved:
    """Run one plan over something asynchronous; `complete` gives the `n` completions of one request."""
    pursuit = Pursuit(plan)
    while pursuit.outcome is None:
        tasks = [asyncio.ensure_future(complete(request)) for request in pursuit.requests]
        try:
            pursuit.give(list(await asyncio.gather(*tasks)))
        finally:
            for task in tasks:  # one failed, or nobody waits any more
                task.cancel()
    return pursuit.solved
