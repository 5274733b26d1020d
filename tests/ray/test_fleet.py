"""A fleet over a Ray that is played: whatever dies or hangs, every job has one result."""

from __future__ import annotations

import math
import random
from collections.abc import Mapping
from typing import Any

import pytest
from ray.exceptions import ActorDiedError, RayTaskError

from whetstone import ray_fleet
from whetstone.ray_cluster import ClusterError
from whetstone.ray_fleet import ATTEMPTS, Abandoned, Fleet


class Ref:
    """A result that comes, or not."""

    def __init__(self, actor: Actor, value: Any) -> None:
        self.actor, self.value, self.there = actor, value, False
        self.error: Exception | None = None


class Method:
    """A method of an actor, with `remote`."""

    def __init__(self, actor: Actor, value: Any = None) -> None:
        self.actor, self.value = actor, value

    def remote(self, *arguments: Any) -> Ref:
        ref = Ref(self.actor, arguments[0] if arguments else None)
        if self.actor.dead:
            ref.error = ActorDiedError()
        self.actor.refs.append(ref)
        return ref


class Actor:
    """Something that works until it is killed."""

    def __init__(self, world: World) -> None:
        self.refs: list[Ref] = []
        self.dead = False
        self.ready, self.run, self.cancel = Method(self), Method(self), Method(self)
        world.actors.append(self)

    def die(self) -> None:
        self.dead = True
        for ref in self.refs:
            if not ref.there:
                ref.error = ActorDiedError()


class World:
    """Stands for the module `ray`; one thing happens whenever somebody waits. `clock` is the time.

    `deaths` is how often an actor dies then, only one that is up unless `stillborn`.
    """

    def __init__(self) -> None:
        self.actors: list[Actor] = []
        self.rng, self.deaths, self.stillborn = random.Random(0), 0.0, False
        self.clock = 0.0
        self.hanging: set[Any] = set()
        self.broken: dict[Any, Exception] = {}

    def wait(self, refs: list[Ref], num_returns: int = 1, timeout: float | None = None) -> tuple[list[Ref], list[Ref]]:
        if num_returns == 1:
            self.happen(refs)
            self.clock += 0.1
        ready = [ref for ref in refs if ref.there or ref.error]
        return ready[:num_returns], [ref for ref in refs if ref not in ready[:num_returns]]

    def happen(self, refs: list[Ref]) -> None:
        alive = [actor for actor in self.actors if not actor.dead and (actor.refs[0].there or self.stillborn)]
        if alive and self.rng.random() < self.deaths:
            self.rng.choice(alive).die()
        coming = [ref for ref in refs if not ref.there and not ref.error and ref.value not in self.hanging]
        if coming:
            ref = self.rng.choice(coming)
            ref.there, ref.error = True, self.broken.get(ref.value)

    def get(self, ref: Ref) -> Any:
        if ref.error:
            raise ref.error
        return ref.value

    def kill(self, actor: Actor) -> None:
        actor.die()

    def cluster_resources(self) -> dict[str, float]:
        return {"CPU": 2.0}


@pytest.fixture
def world(monkeypatch: pytest.MonkeyPatch) -> World:
    made = World()
    monkeypatch.setattr(ray_fleet, "ray", made)
    monkeypatch.setattr(ray_fleet.time, "monotonic", lambda: made.clock)
    monkeypatch.setattr("whetstone.ray_fleet.resources", lambda: "2 CPUs")
    return made


def send(actor: Actor, jobs: Mapping[Any, Any]) -> dict[Any, Ref]:
    return {name: actor.run.remote(job) for name, job in jobs.items()}


def fleet(world: World, size: int = 2, **more: Any) -> Fleet[Any]:
    return Fleet("worker", lambda: Actor(world), send, size, **more)


def drain(fleet: Fleet[Any], polls: int = 5000) -> dict[Any, Any]:
    found: dict[Any, Any] = {}
    for _ in range(polls):
        for name, result in fleet.poll(0.0):
            assert name not in found, f"{name} was counted twice"
            found[name] = result
        if not fleet.unfinished:
            return found
    raise AssertionError(f"{fleet.unfinished} jobs never ended")


def test_jobs_are_done_once_and_names_that_are_known_are_not_done_again(world: World) -> None:
    ours = fleet(world)
    ours.submit({name: name for name in range(5)})
    ours.submit({3: 3, 5: 5})
    assert drain(ours) == {name: name for name in range(6)}
    assert (ours.lost, ours.again) == (0, 0)
    assert sum(len(actor.refs) for actor in world.actors) == 6 + 2  # and each was asked whether it is up


@pytest.mark.parametrize("seed", range(25))
@pytest.mark.parametrize("width", [1, 3, 50])
def test_whoever_dies_nothing_is_lost_or_counted_twice(world: World, seed: int, width: int) -> None:
    world.rng, world.deaths = random.Random(seed), 0.1
    ours = fleet(world, 3, width=width)
    ours.submit({name: name for name in range(20)})
    found: dict[Any, Any] = {}
    late: dict[Any, Any] = {name: name for name in range(20, 40)}
    for _ in range(5000):
        ended = ours.poll(0.0)
        assert not found.keys() & dict(ended).keys()
        found |= ended
        if len(found) > 10 and late:
            ours.submit(late)
            ours.submit(late)
            late = {}
        if len(found) == 40:
            break
    assert found == {name: name for name in range(40)}
    assert len(world.actors) == 3 + ours.lost  # each that was lost is replaced once
    assert len([actor for actor in world.actors if not actor.dead]) <= 3


def test_the_width_bounds_what_an_actor_has_and_work_is_spread(world: World) -> None:
    ours = fleet(world, 2, width=3)
    while any(member.born is not None for member in ours.members):
        ours.poll(0.0)
    ours.submit({name: name for name in range(20)})
    assert [len(member.running) for member in ours.members] == [3, 3]
    assert list(ours.waiting) == list(range(6, 20))


def test_the_jobs_of_the_dead_stand_first(world: World) -> None:
    ours = fleet(world, 1, width=2)
    ours.poll(0.0)
    world.hanging = set(range(5))
    ours.submit({name: name for name in range(5)})
    assert list(ours.waiting) == [2, 3, 4]
    world.actors[0].die()
    ours.poll(0.0)
    assert list(ours.waiting) == [0, 1, 2, 3, 4] and (ours.lost, ours.again) == (1, 2)


def test_what_hangs_is_killed_and_done_again_but_not_forever(world: World) -> None:
    world.hanging = {"stuck"}
    ours = fleet(world, 2, limit=5.0)
    ours.submit({"stuck": "stuck", "fine": "fine", "too": "too"})
    found = drain(ours)
    assert found.pop("stuck") == Abandoned(
        f"no worker came back from it in {ATTEMPTS} attempts: it took longer than 5 s"
    )
    assert found == {"fine": "fine", "too": "too"}
    assert ours.hung == ATTEMPTS and len([actor for actor in world.actors if actor.dead]) == ATTEMPTS


def test_what_hangs_once_is_judged_again(world: World) -> None:
    world.hanging = {"slow"}
    ours = fleet(world, 1, limit=5.0)
    ours.submit({"slow": "slow"})
    while not ours.hung:
        assert ours.poll(0.0) == []
    world.hanging = set()
    assert drain(ours) == {"slow": "slow"} and ours.hung == ours.again == 1


def test_what_a_job_raises_is_raised(world: World) -> None:
    world.broken = {"bad": RayTaskError("run", "no such task", ValueError("no such task")).as_instanceof_cause()}
    ours = fleet(world)
    ours.submit({"bad": "bad"})
    with pytest.raises(ValueError, match="no such task"):
        drain(ours)


def test_forgotten_jobs_have_no_result(world: World) -> None:
    ours = fleet(world, 1, width=2)
    ours.poll(0.0)
    ours.submit({name: name for name in range(4)})
    ours.cancel([0, 3])
    assert drain(ours) == {1: 1, 2: 2}


def test_actors_that_die_before_they_are_up_are_not_replaced_forever(world: World) -> None:
    world.deaths, world.stillborn = 1.0, True
    ours = fleet(world, 1)
    ours.submit({"x": "x"})
    with pytest.raises(ClusterError, match="3 workers in a row died before they were up"):
        drain(ours)


def test_a_cluster_without_room_is_said(world: World) -> None:
    world.hanging = {None}  # nobody is ever up
    ours = fleet(world, patience=20.0)
    ours.submit({"x": "x"})
    with pytest.raises(ClusterError, match=r"no worker came up within 20 s; the cluster has 2 CPUs"):
        drain(ours)


def test_the_wait_ends_when_the_first_limit_does(world: World) -> None:
    ours = fleet(world, 1, limit=5.0)
    assert ours._until_late() == math.inf
    ours.poll(0.0)
    ours.submit({"x": "x"})
    world.clock += 2.0
    assert ours._until_late() == pytest.approx(3.0)
