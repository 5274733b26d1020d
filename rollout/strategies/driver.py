"""The driver: many plans side by side over one sampler, each result handed over as soon as it is there.

Three ways, by what the sampler offers. `complete(request)`, a coroutine (an endpoint): every plan goes at its own pace.
`add` and `step` (the in-process engine): the same, in one thread. Only `generate(requests)`: the rounds of all plans
that wait are one call.
"""

from __future__ import annotations

import asyncio
import math
from collections import Counter
from collections.abc import Awaitable, Callable, Iterable, Iterator, Sequence
from typing import Any, Protocol, TypeVar, runtime_checkable

from whetstone.rollout.loops import run
from whetstone.rollout.strategies.plan import Cost, Plan, Solved
from whetstone.rollout.types import Completion, Request, Sampler

Name = TypeVar("Name")
Jobs = Iterator[tuple[Name, Callable[[], Plan]]]
OnSolved = Callable[[Name, Solved], None]
WIDE = 512  # completions asked of a sampler at once: enough to keep it full, few enough to lose little when killed


@runtime_checkable
class Completing(Protocol):
    """A sampler that answers one request while others are under way, and bounds by itself how many there are."""

    async def complete(self, request: Request) -> list[Completion]: ...


@runtime_checkable
class Stepping(Protocol):
    """A sampler that takes requests while others run; a handle has `completions`, all there once it is `done`."""

    @property
    def unfinished(self) -> bool: ...

    def add(self, request: Request) -> Any: ...

    def step(self) -> Sequence[tuple[Any, int, Completion]]: ...

    def cancel(self, handle: Any) -> None: ...


class _Pursuit:
    """A plan under way: the requests that it waits for, what it has cost, and in the end its outcome."""

    def __init__(self, plan: Plan) -> None:
        self.plan, self.cost, self.outcome = plan, Cost(), None
        self.requests: Sequence[Request] = next(plan)

    @property
    def width(self) -> int:
        """Completions that the plan waits for."""
        return sum(request.n for request in self.requests)

    @property
    def solved(self) -> Solved:
        """The result; only when `outcome` is there."""
        assert self.outcome is not None, "the plan has not ended"
        return Solved(self.outcome, self.cost)

    def give(self, answers: list[list[Completion]]) -> None:
        """Send the answers to `requests`; afterwards `requests` are the next ones, or `outcome` is there."""
        self.cost = self.cost.plus(answers)
        try:
            self.requests = self.plan.send(answers)
        except StopIteration as ended:
            self.requests, self.outcome = (), ended.value


def drive(sampler: Sampler | Completing, plans: Iterable[Plan]) -> list[Solved]:
    """Run plans side by side over one sampler; their results in order."""
    found: dict[int, Solved] = {}
    jobs = ((place, lambda plan=plan: plan) for place, plan in enumerate(plans))
    drive_all(sampler, jobs, found.__setitem__, wide=math.inf)
    return [found[place] for place in sorted(found)]


def drive_all(
    sampler: Sampler | Completing, jobs: Jobs[Name], on_solved: OnSolved[Name], wide: float = WIDE, each: int = 1
) -> None:
    """Run the plan of every job; `on_solved(name, solved)` hears of each, one at a time and in any order.

    Jobs are taken as there is room, so that whoever generates them decides when to stop. About `wide` completions are
    asked for at once, `each` for a plan.
    """
    if isinstance(sampler, Completing):
        # Twice what an endpoint will have under way keeps it busy; more would only stand in line.
        bound = min(wide, 2 * getattr(sampler, "concurrency", WIDE))
        run(_at_their_own_pace(sampler, jobs, on_solved, max(1, int(bound // each))))
    elif isinstance(sampler, Stepping):
        _overlapping(sampler, jobs, on_solved, wide)
    else:
        _together(sampler, jobs, on_solved, wide)


async def pursue(complete: Callable[[Request], Awaitable[list[Completion]]], plan: Plan) -> Solved:
    """Run one plan over something asynchronous; `complete` gives the `n` completions of one request."""
    pursuit = _Pursuit(plan)
    while pursuit.outcome is None:
        tasks = [asyncio.ensure_future(complete(request)) for request in pursuit.requests]
        try:
            pursuit.give(list(await asyncio.gather(*tasks)))
        finally:
            for task in tasks:  # one failed, or nobody waits any more
                task.cancel()
    return pursuit.solved


async def _at_their_own_pace(endpoint: Completing, jobs: Jobs[Name], on_solved: OnSolved[Name], plans: int) -> None:
    async def worker() -> None:
        for name, plan in jobs:  # one iterator for all workers: each takes the next job
            on_solved(name, await pursue(endpoint.complete, plan()))

    workers = [asyncio.ensure_future(worker()) for _ in range(plans)]
    try:
        await asyncio.gather(*workers)
    finally:  # one failed, or nobody waits any more
        for task in workers:
            task.cancel()
        await asyncio.gather(*workers, return_exceptions=True)
        close: Callable[[], Any] | None = getattr(endpoint, "aclose", None)
        if close is not None:
            await close()


def _overlapping(sampler: Stepping, jobs: Jobs[Name], on_solved: OnSolved[Name], wide: float) -> None:
    under_way: dict[int, tuple[Name, _Pursuit, list[Any]]] = {}  # by number: the plan, and the handles of its round
    owner: dict[int, int] = {}  # id of a handle that was not reported done -> number of its plan
    left: Counter[int] = Counter()  # handles of a plan that were not
    numbered, width = enumerate(jobs), 0

    def begin(number: int, name: Name, pursuit: _Pursuit) -> int:
        handles = [sampler.add(request) for request in pursuit.requests]
        under_way[number], left[number] = (name, pursuit, handles), len(handles)
        owner.update((id(handle), number) for handle in handles)
        return pursuit.width

    try:
        while True:
            while width < wide and (taken := next(numbered, None)):
                number, (name, plan) = taken
                width += begin(number, name, _Pursuit(plan()))
            if not under_way:
                return
            done = {id(handle) for handle, _, _ in sampler.step() if handle.done} & owner.keys()
            left.subtract(ended := [owner.pop(handle) for handle in done])
            for number in sorted({number for number in ended if not left[number]}):
                name, pursuit, handles = under_way.pop(number)
                width -= pursuit.width
                pursuit.give([[c for c in handle.completions if c is not None] for handle in handles])
                if pursuit.outcome is None:
                    width += begin(number, name, pursuit)
                else:
                    on_solved(name, pursuit.solved)
    finally:  # what nobody waits for must not go on
        for handle in (handle for _, _, handles in under_way.values() for handle in handles if not handle.done):
            sampler.cancel(handle)


def _together(sampler: Sampler, jobs: Jobs[Name], on_solved: OnSolved[Name], wide: float) -> None:
    waiting: list[tuple[Name, _Pursuit]] = []
    while True:
        width = sum(pursuit.width for _, pursuit in waiting)
        while width < wide and (taken := next(jobs, None)):
            waiting.append((taken[0], _Pursuit(taken[1]())))
            width += waiting[-1][1].width
        if not waiting:
            return
        answers = iter(sampler.generate([request for _, pursuit in waiting for request in pursuit.requests]))
        for name, pursuit in waiting:
            pursuit.give([next(answers) for _ in pursuit.requests])
            if pursuit.outcome is not None:
                on_solved(name, pursuit.solved)
        waiting = [each for each in waiting if each[1].outcome is None]
