"""A fleet: actors of one kind, and the jobs that they do, each exactly once whatever happens to the actors.

A job has a name and stays with the fleet until its result is handed over. An actor that is lost, or that has not come
back in time, is killed and replaced, and its jobs are given to others. Ray decides where actors run.
"""

from __future__ import annotations

import math
import time
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from threading import RLock
from typing import Any, Generic, TypeVar

import ray
from ray.exceptions import RayError, RayTaskError

from whetstone.ray_cluster import ClusterError, resources
from whetstone.ray_worker import Name

Job = TypeVar("Job")
Send = Callable[[Any, Mapping[Any, Any]], dict[Any, Any]]
BIRTHS = 3  # actors in a row that die before they are up: then something is wrong with all of them
TICK = 1.0  # seconds after which `poll` looks around, even where it may wait longer
ATTEMPTS = 3  # times that a job with a time limit is tried


@dataclass(frozen=True, slots=True)
class Abandoned:
    """The result of a job that no actor came back from."""

    reason: str


@dataclass(eq=False)
class _Member:
    """An actor, and what it works on: a reference to each result, and when it was asked."""

    actor: Any
    born: Any  # a reference that is there once the actor is up; None afterwards
    running: dict[Name, tuple[Any, float]] = field(default_factory=dict)


class Fleet(Generic[Job]):
    """`size` actors that `make` makes, each with a method `ready`; each works on at most `width` jobs at a time.

    `send(actor, {name: job})` asks an actor and gives a reference for each result. With a `limit`, in seconds, a job is
    taken from an actor that takes longer, which is killed; after three attempts it is `Abandoned`. One thread polls;
    any may submit. Raises `ClusterError` where no actor comes up within `patience` seconds.
    """

    def __init__(
        self,
        kind: str,
        make: Callable[[], Any],
        send: Send,
        size: int,
        *,
        width: int = 1,
        limit: float = math.inf,
        patience: float = math.inf,
    ) -> None:
        self.kind, self.make, self.send = kind, make, send
        self.width, self.limit, self.patience = width, limit, patience
        self.lock = RLock()
        self.jobs: dict[Name, Job] = {}
        self.waiting: dict[Name, None] = {}  # names, in the order in which they are asked
        self.tried: Counter[Name] = Counter()
        self.lost = self.hung = self.again = 0  # actors, actors, and jobs that were asked again
        self._stillborn, self._alive = 0, time.monotonic()  # when an actor was last known to be up
        self.members = [self._member() for _ in range(size)]

    def _member(self) -> _Member:
        actor = self.make()
        return _Member(actor, actor.ready.remote())

    # -- jobs -------------------------------------------------------------------------------------------------------

    def submit(self, jobs: Mapping[Name, Job]) -> None:
        """Accept jobs; one whose name is known already is not done twice."""
        with self.lock:
            for name, job in jobs.items():
                if name not in self.jobs:
                    self.jobs[name] = job
                    self.waiting[name] = None
            self._dispatch()

    def cancel(self, names: list[Name]) -> None:
        """Forget jobs of actors that have a method `cancel`, which is told."""
        with self.lock:
            for name in names:
                if self.jobs.pop(name, None) is not None:
                    self.waiting.pop(name, None)
            for member in self.members:
                mine = [name for name in names if member.running.pop(name, None)]
                if mine:
                    member.actor.cancel.remote(mine)

    def broadcast(self, call: Callable[[Any], Any]) -> None:
        """Call every actor."""
        with self.lock:
            for member in self.members:
                call(member.actor)

    @property
    def unfinished(self) -> int:
        """Jobs without a result."""
        return len(self.jobs)

    def poll(self, timeout: float) -> list[tuple[Any, Any]]:
        """(name, result) of what has ended, waiting at most `timeout` seconds, and at most one, for the first.

        What a job raised is raised here.
        """
        with self.lock:
            self._dispatch()
            watched = {ref: (m, name) for m in self.members for name, (ref, _) in m.running.items()}
            watched |= {m.born: (m, None) for m in self.members if m.born is not None}
        refs = list(watched)
        ready, _ = ray.wait(refs, timeout=min(timeout, self._until_late(), TICK)) if refs else ([], [])
        if ready:
            ready, _ = ray.wait(refs, num_returns=len(refs), timeout=0)
        with self.lock:
            found = [each for ref in ready for each in self._take(*watched[ref], ref)]
            found += self._end_late()
            self._dispatch()
        return found

    def _take(self, member: _Member, name: Name | None, ref: Any) -> list[tuple[Any, Any]]:
        """The result behind a reference, if anybody still waits for it."""
        if member not in self.members or (name is not None and name not in member.running):
            return []
        try:
            result = ray.get(ref)
        except RayTaskError:  # what the job itself raised, an error like any other
            raise
        except RayError as error:  # the actor, its node, or what it had written is gone
            self.lost += 1
            return self._replace(member, str(error))
        if name is None:
            member.born, self._stillborn = None, 0
            return []
        del member.running[name]
        return self._end(name, result)

    def _end(self, name: Name, result: Any) -> list[tuple[Any, Any]]:
        del self.jobs[name]
        self.tried.pop(name, None)
        return [(name, result)]

    def _dispatch(self) -> None:
        """Give waiting jobs to the actors that have the least to do, all that one gets in one message."""
        batches: dict[_Member, list[Name]] = {m: [] for m in self.members if m.born is None}
        load = {member: len(member.running) for member in batches}
        while self.waiting and load:
            member = min(load, key=load.__getitem__)
            if load[member] >= self.width:
                break
            name = next(iter(self.waiting))
            del self.waiting[name]
            batches[member].append(name)
            load[member] += 1
        for member, names in batches.items():
            if names:
                refs = self.send(member.actor, {name: self.jobs[name] for name in names})
                now = time.monotonic()
                member.running |= {name: (refs[name], now) for name in names}

    # -- actors -----------------------------------------------------------------------------------------------------

    def _until_late(self) -> float:
        begun = [since for m in self.members for _, since in m.running.values()]
        return max(0.0, min(begun) + self.limit - time.monotonic()) if begun else math.inf

    def _end_late(self) -> list[tuple[Any, Any]]:
        """Kill what takes too long."""
        now = time.monotonic()
        if any(member.born is None for member in self.members):
            self._alive = now
        elif now - self._alive > self.patience:
            raise ClusterError(
                f"no {self.kind} came up within {self.patience:g} s; the cluster has {resources()}. Ask for fewer "
                f"{self.kind}s or for less of each, or start more nodes"
            )
        if self.limit == math.inf:
            return []
        late = [m for m in self.members if any(now - since > self.limit for _, since in m.running.values())]
        self.hung += len(late)
        return [each for m in late for each in self._replace(m, f"it took longer than {self.limit:g} s")]

    def _replace(self, member: _Member, reason: str) -> list[tuple[Any, Any]]:
        """Put a new actor in the place of one, and its jobs in front of the others."""
        ray.kill(member.actor)
        if member.born is not None:
            self._stillborn += 1
            if self._stillborn >= BIRTHS:
                raise ClusterError(f"{self._stillborn} {self.kind}s in a row died before they were up: {reason}")
        self.members[self.members.index(member)] = self._member()
        self.again += len(member.running)
        self.waiting = dict.fromkeys(member.running) | self.waiting
        if self.limit == math.inf:
            return []
        self.tried.update(tuple(member.running))
        given_up = [name for name in member.running if self.tried[name] >= ATTEMPTS]
        for name in given_up:
            del self.waiting[name]
        why = f"no {self.kind} came back from it in {ATTEMPTS} attempts: {reason.partition(chr(10))[0]}"
        return [each for name in given_up for each in self._end(name, Abandoned(why))]

    def close(self) -> None:
        """Kill the actors."""
        with self.lock:
            for member in self.members:
                ray.kill(member.actor)
            self.members, self.jobs, self.waiting = [], {}, {}
