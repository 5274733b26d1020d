"""Running many plans over one sampler, each result handed over as soon as it is there.

Three ways, by what the sampler offers. `complete(request)`, a coroutine (an endpoint): every plan goes at its own pace.
`add` and `step` (the in-process engine): the same, in one thread. Only `generate(requests)`: plans go in batches, a
round at a time.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from itertools import islice
from typing import Any, Protocol, TypeVar, runtime_checkable

from whetstone.rollout.strategies import Plan, Pursuit, Solved, pursue
from whetstone.rollout.strategies.plan import Stepping
from whetstone.rollout.types import Completion, Request, Sampler

Name = TypeVar("Name")
WIDE = 512  # completions asked of a sampler at once: enough to keep it full, few enough to lose little when killed


@runtime_checkable
class Completing(Protocol):
    """A sampler that answers one request while others are under way, and bounds by itself how many there are."""

    async def complete(self, request: Request) -> list[Completion]: ...


Jobs = Iterator[tuple[Name, Callable[[], Plan]]]
OnSolved = Callable[[Name, Solved], None]


def pursue_all(
    sampler: Sampler | Completing, jobs: Jobs[Name], on_solved: OnSolved[Name], wide: int = WIDE, each: int = 1
) -> None:
    """Run the plan of every job; `on_solved(name, solved)` hears of each from this thread, in any order.

    Jobs are taken as there is room, so that whoever generates them decides when to stop. About `wide` completions are
    asked for at once, `each` for a plan.
    """
    if isinstance(sampler, Completing):
        # Twice what an endpoint will have under way keeps it busy; more would only stand in line.
        bound = 2 * getattr(sampler, "concurrency", wide)
        asyncio.run(_at_their_own_pace(sampler, jobs, on_solved, max(1, min(wide, bound) // each)))
    elif isinstance(sampler, Stepping):
        _stepping(sampler, jobs, on_solved, wide)
    else:
        _in_batches(sampler, jobs, on_solved, wide)


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


def _stepping(sampler: Stepping, jobs: Jobs[Name], on_solved: OnSolved[Name], wide: int) -> None:
    pursuits: dict[int, tuple[Name, Pursuit, list[Any]]] = {}  # by number: what waits, and the handles of its round
    owner: dict[int, int] = {}  # id of a handle that is waited for -> number
    width = number = 0

    def begin(at: int, name: Name, pursuit: Pursuit) -> int:
        handles = [sampler.add(request) for request in pursuit.requests]
        pursuits[at] = (name, pursuit, handles)
        owner.update((id(handle), at) for handle in handles)
        return sum(request.n for request in pursuit.requests)

    try:
        while True:
            while width < wide and (taken := list(islice(jobs, 1))):
                width += begin(number, taken[0][0], Pursuit(taken[0][1]()))
                number += 1
            if not pursuits:
                return
            for handle, _, _ in sampler.step():
                if not handle.done or id(handle) not in owner:
                    continue
                at = owner[id(handle)]
                name, pursuit, handles = pursuits[at]
                if not all(other.done for other in handles):
                    continue
                del pursuits[at]
                for other in handles:  # others of the round may come later in this very step
                    del owner[id(other)]
                width -= sum(request.n for request in pursuit.requests)
                pursuit.give([[c for c in other.completions if c is not None] for other in handles])
                if pursuit.outcome is None:
                    width += begin(at, name, pursuit)
                else:
                    on_solved(name, pursuit.solved)
    finally:  # what nobody waits for must not go on
        for _, _, handles in pursuits.values():
            for handle in handles:
                if not handle.done:
                    sampler.cancel(handle)


def _in_batches(sampler: Sampler, jobs: Jobs[Name], on_solved: OnSolved[Name], wide: int) -> None:
    waiting: list[tuple[Name, Pursuit]] = []
    while True:
        width = sum(request.n for _, pursuit in waiting for request in pursuit.requests)
        while width < wide and (taken := list(islice(jobs, 1))):
            waiting.append((taken[0][0], Pursuit(taken[0][1]())))
            width += sum(request.n for request in waiting[-1][1].requests)
        if not waiting:
            return
        answers = iter(sampler.generate([request for _, pursuit in waiting for request in pursuit.requests]))
        for name, pursuit in waiting:
            pursuit.give([next(answers) for _ in pursuit.requests])
            if pursuit.outcome is not None:
                on_solved(name, pursuit.solved)
        waiting = [each for each in waiting if each[1].outcome is None]
