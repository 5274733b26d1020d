"""A discrete-event simulation of a training run: samplers, judges, a learner and the broadcast of its weights.

Time passes from event to event; nothing is averaged but what `Costs` states. A sampler is a decoding loop that all its
sequences share: a step takes `step_seconds` and `token_seconds` more for each sequence in it. Groups are asked, kept
back and dropped as `whetstone.ray_ahead` does; `staleness` 0 is the local engine, in step with the learner.
"""

from __future__ import annotations

import heapq
import math
import random
from collections import Counter, deque
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import NamedTuple


@dataclass(frozen=True)
class Workers:
    """How many of each: engines that sample, GPUs (or processes) that learn, processes that judge."""

    samplers: int
    learners: int
    judges: int


@dataclass(frozen=True)
class Costs:
    """Service times, in seconds unless said."""

    step_seconds: float  # of a sampler's decoding step, however few sequences are in it
    token_seconds: float  # more of it for each sequence
    slots: int  # sequences that a sampler runs at once
    group_seconds: float  # a sampler's for the prompt of a group
    learnt_tokens: float  # tokens a second of one learner
    micro_tokens: int  # of a learner's micro-batch: all learners run as many, so the last round may be half empty
    update_seconds: float  # of an update whatever its size: the optimizer, the exchange of gradients
    judge_seconds: float  # a judge's for a rollout, on average; exponential
    weights_seconds: float  # from an update to the samplers' new weights, while they go on
    swap_seconds: float  # a sampler stands still to take them
    driver_group_seconds: float = 0.0  # the driver's own for a group
    driver_step_seconds: float = 0.0  # and for a step


@dataclass(frozen=True)
class Work:
    """What a step is: groups, samples of each, the lengths of rollouts in tokens, how far samplers run ahead."""

    prompts: int
    samples: int
    length: Callable[[random.Random], int]
    staleness: int
    informative: float = 1.0  # share of the tokens that are learnt from


class Found(NamedTuple):
    """Of the steps that were measured: seconds of one, tokens a second, shares of the time, groups dropped."""

    step_seconds: float
    tokens_per_second: float
    learner: float  # share of the time that it is busy
    samplers: float  # share of their slots that is taken
    judges: float  # share of their time
    broadcast: float  # share of the time that one is under way
    dropped: float  # groups dropped for each that was learnt from
    lag: float  # updates between a group's first token and its lesson, on average


@dataclass(eq=False)
class Group:
    """A question on its way."""

    version: int
    left: int
    sampler: Sampler
    tokens: int = 0
    ready: bool = False


@dataclass(eq=False)
class Sampler:
    """Sequences that advance together; `depth` counts the steps since the start, and a sequence ends at one."""

    version: int = 0
    depth: float = 0.0
    at: float = 0.0  # when `depth` was true
    stamp: int = 0  # of the event that is awaited; older ones are void
    running: list[tuple[float, int, Group]] = field(default_factory=list)  # a heap by where they end
    queue: deque[tuple[int, Group]] = field(default_factory=deque)

    @property
    def load(self) -> int:
        return len(self.running) + len(self.queue)


class Simulation:
    """One run of `steps` updates, of which the first `skipped` are not measured."""

    def __init__(self, workers: Workers, costs: Costs, work: Work, seed: int = 0) -> None:
        self.workers, self.costs, self.work = workers, costs, work
        self.rng = random.Random(seed)
        self.now, self.count, self.version = 0.0, 0, 0
        self.events: list[tuple[float, int, Callable[[], None]]] = []
        self.samplers = [Sampler() for _ in range(workers.samplers)]
        self.groups: list[Group] = []  # on their way, in the order in which they were asked
        self.held = 0  # groups to ask once the weights that are on their way have come
        self.judged: deque[Group] = deque()
        self.free_judges = workers.judges
        self.waiting = self.broadcasting = self.again = False
        self.busy: Counter[str] = Counter()
        self.steps: list[tuple[float, int]] = []  # when each ended, and its tokens
        self.dropped, self.lags = 0, [0.0]

    # -- events -------------------------------------------------------------------------------------------------------

    def after(self, seconds: float, what: Callable[[], None]) -> None:
        self.count += 1
        heapq.heappush(self.events, (self.now + seconds, self.count, what))

    def run(self, steps: int, skipped: int) -> Found:
        self.propose()
        marks: Counter[str] = Counter()
        dropped = 0
        while len(self.steps) < steps:
            self.now, _, what = heapq.heappop(self.events)
            before = len(self.steps)
            what()
            if before < skipped <= len(self.steps):
                marks, dropped, self.lags = self.busy.copy(), self.dropped, [0.0]
        began = self.steps[skipped - 1][0]
        seconds, tokens = self.now - began, sum(tokens for _, tokens in self.steps[skipped:])
        count, busy = steps - skipped, self.busy - marks
        workers = self.workers
        return Found(
            seconds / count,
            tokens / seconds,
            busy["learner"] / seconds,
            busy["slots"] / seconds / workers.samplers / self.costs.slots,
            busy["judges"] / seconds / workers.judges,
            busy["broadcast"] / seconds,
            (self.dropped - dropped) / (count * self.work.prompts),
            sum(self.lags) / max(1, len(self.lags) - 1),
        )

    # -- asking and learning ------------------------------------------------------------------------------------------

    def propose(self) -> None:
        """Drop what is too old, ask for as many as are missing, and wait for a batch."""
        least = self.version - self.work.staleness
        old = [group for group in self.groups if group.version < least]
        self.dropped += len(old)
        self.groups = [group for group in self.groups if group.version >= least]
        for sampler in {id(group.sampler): group.sampler for group in old if group.left}.values():
            self.forget(sampler, least)
        asked = self.work.prompts * (1 + self.work.staleness) - len(self.groups)
        self.waiting = True
        self.held += asked
        if not self.broadcasting:
            self.ask()
        self.learn()

    def ask(self) -> None:
        """Give the groups that were held back until the newest weights were there to the samplers with least to do."""
        loads = [(sampler.load, place) for place, sampler in enumerate(self.samplers)]
        heapq.heapify(loads)
        for _ in range(self.held):
            load, place = loads[0]
            heapq.heapreplace(loads, (load + self.work.samples, place))
            sampler = self.samplers[place]
            group = Group(sampler.version, self.work.samples, sampler)
            self.groups.append(group)
            self.advance(sampler)
            self.pause(sampler, self.costs.group_seconds)
            for _ in range(self.work.samples):
                sampler.queue.append((self.work.length(self.rng), group))
            self.admit(sampler)
        self.held = 0

    def forget(self, sampler: Sampler, least: int) -> None:
        """Stop what a sampler does for groups that are too old."""
        self.advance(sampler)
        sampler.running = [entry for entry in sampler.running if entry[2].version >= least]
        heapq.heapify(sampler.running)
        sampler.queue = deque(entry for entry in sampler.queue if entry[1].version >= least)
        self.admit(sampler)

    def learn(self) -> None:
        """Take a batch if it is there: the groups asked first."""
        if not self.waiting or sum(group.ready for group in self.groups) < self.work.prompts:
            return
        taken: list[Group] = []
        rest: list[Group] = []
        for group in self.groups:
            (taken if group.ready and len(taken) < self.work.prompts else rest).append(group)
        self.groups, self.waiting = rest, False
        self.lags += [self.version - group.version for group in taken]
        tokens = sum(group.tokens for group in taken)
        costs = self.costs
        share = tokens * self.work.informative / self.workers.learners
        rounds, each = math.ceil(share / costs.micro_tokens), min(costs.micro_tokens, share)
        seconds = rounds * each / costs.learnt_tokens + costs.update_seconds
        self.busy["learner"] += seconds
        own = costs.driver_step_seconds + len(taken) * costs.driver_group_seconds
        self.after(own + seconds, lambda: self.learnt(tokens))

    def learnt(self, tokens: int) -> None:
        self.version += 1
        self.steps.append((self.now, tokens))
        self.broadcast()
        self.propose()

    def broadcast(self) -> None:
        """Send the weights; those of an update that comes meanwhile go next."""
        if self.broadcasting:
            self.again = True
            return
        self.broadcasting, version = True, self.version
        self.busy["broadcast"] += self.costs.weights_seconds
        self.after(self.costs.weights_seconds, lambda: self.arrived(version))

    def arrived(self, version: int) -> None:
        self.broadcasting = False
        for sampler in self.samplers:
            self.advance(sampler)
            sampler.version = version
            self.pause(sampler, self.costs.swap_seconds)
            self.await_next(sampler)
        if self.again:
            self.again = False
            self.broadcast()
        else:
            self.ask()

    # -- sampling -----------------------------------------------------------------------------------------------------

    def advance(self, sampler: Sampler) -> None:
        """Bring a sampler's count of steps to the present."""
        passed = self.now - sampler.at
        if passed > 0 and sampler.running:
            running = len(sampler.running)
            sampler.depth += passed / (self.costs.step_seconds + running * self.costs.token_seconds)
            self.busy["slots"] += running * passed
        sampler.at = max(sampler.at, self.now)

    def pause(self, sampler: Sampler, seconds: float) -> None:
        sampler.at = max(sampler.at, self.now) + seconds

    def admit(self, sampler: Sampler) -> None:
        while sampler.queue and len(sampler.running) < self.costs.slots:
            length, group = sampler.queue.popleft()
            self.count += 1
            heapq.heappush(sampler.running, (sampler.depth + length, self.count, group))
            group.tokens += length
        self.await_next(sampler)

    def await_next(self, sampler: Sampler) -> None:
        sampler.stamp += 1
        if sampler.running:
            stamp, step = sampler.stamp, self.costs.step_seconds + len(sampler.running) * self.costs.token_seconds
            left = max(0.0, sampler.running[0][0] - sampler.depth) * step
            self.after(sampler.at - self.now + left, lambda: self.ended(sampler, stamp))

    def ended(self, sampler: Sampler, stamp: int) -> None:
        """The shortest sequence of a sampler ends, if nothing has changed since that was foreseen."""
        if stamp != sampler.stamp:
            return
        self.advance(sampler)
        ends, _, group = heapq.heappop(sampler.running)
        sampler.depth = max(sampler.depth, ends)
        group.left -= 1
        if not group.left:
            self.judged.append(group)
            self.judge()
        self.admit(sampler)

    # -- judging ------------------------------------------------------------------------------------------------------

    def judge(self) -> None:
        """Give groups to the judges that are free."""
        while self.judged and self.free_judges:
            group = self.judged.popleft()
            self.free_judges -= 1
            mean = self.costs.judge_seconds
            seconds = sum(self.rng.expovariate(1 / mean) for _ in range(self.work.samples)) if mean else 0.0
            self.busy["judges"] += seconds
            self.after(seconds, lambda group=group: self.done(group))

    def done(self, group: Group) -> None:
        group.ready = True
        self.free_judges += 1
        self.judge()
        self.learn()


def lognormal(median: float, p90: float, longest: int) -> Callable[[random.Random], int]:
    """Lengths with this median and ninth decile, cut off at `longest`."""
    sigma = math.log(p90 / median) / 1.2816
    return lambda rng: min(longest, max(1, round(rng.lognormvariate(math.log(median), sigma))))
