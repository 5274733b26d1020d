"""What runs inside a sampler's actor, in an event loop of its own and without Ray."""

from __future__ import annotations

import asyncio
import copy
from collections.abc import Coroutine, Sequence
from typing import Any

import pytest
import torch

from tests.ray.conftest import Numbers
from whetstone.ray_sampler_actor import SamplerActor, pack, unpack
from whetstone.rollout.engine import Engine
from whetstone.rollout.types import Completion, Request, Sampling

REQUESTS = [Request("3 4 5", Sampling(max_tokens=8), 3, 1), Request("9 9 3 7 8", Sampling(max_tokens=5), 2, 2)]


def actor_of(policy) -> SamplerActor:
    return SamplerActor(lambda: Engine(copy.deepcopy(policy), Numbers(), stop=2, rows=16), threads=1)


async def answers(actor: SamplerActor, requests: Sequence[Request], least: int = -1) -> list[list[Completion]]:
    await actor.ask(list(enumerate(requests)), least)
    return list(await asyncio.gather(*(actor.answer(name) for name in range(len(requests)))))


def run(work: Coroutine[Any, Any, Any]) -> Any:
    return asyncio.run(asyncio.wait_for(work, 60))


def plain(groups: Sequence[Sequence[Completion]]) -> list[list[tuple]]:
    return [[(c.text, c.tokens, c.logprobs, c.finish, c.prompt_tokens) for c in group] for group in groups]


def test_it_samples_what_the_engine_samples(make_policy) -> None:
    expected = Engine(make_policy(3), Numbers(), stop=2, rows=16).generate(REQUESTS)
    assert plain(run(answers(actor_of(make_policy(3)), REQUESTS))) == plain(expected)


def test_packed_weights_are_the_weights(make_policy) -> None:
    ours, theirs = make_policy(1), make_policy(2)
    with torch.no_grad():
        ours.to(torch.bfloat16)
    unpack(pack(ours), theirs)
    for name, value in theirs.state_dict().items():
        assert torch.equal(value, ours.state_dict()[name].to(value.dtype)), name


def test_weights_come_between_two_steps_of_a_completion(make_policy) -> None:
    actor, later = actor_of(make_policy(1)), make_policy(2)
    request = Request("3 4 5", Sampling(max_tokens=60), 1, 5)

    async def swapped() -> Completion:
        await actor.load(4, pack(make_policy(1)))
        await actor.ask([("x", request)], 4)
        waiting = asyncio.ensure_future(actor.answer("x"))
        for _ in range(6):
            await asyncio.sleep(0)
        assert not waiting.done()
        await actor.load(5, pack(later))
        return (await waiting)[0]

    found = run(swapped())
    assert set(found.versions) == {4, 5} and sorted(found.versions) == list(found.versions)
    before = found.versions.count(4)
    alone = Engine(make_policy(1), Numbers(), stop=2).generate([request])[0][0]
    assert found.tokens[:before] == alone.tokens[:before]  # until then the old weights sampled
    assert found.tokens != alone.tokens


def test_a_request_waits_for_its_weights_and_older_ones_are_ignored(make_policy) -> None:
    actor = actor_of(make_policy(1))

    async def waited() -> list[Completion]:
        asking = asyncio.ensure_future(actor.ask([("x", REQUESTS[0])], 7))
        await asyncio.sleep(0.01)
        assert not asking.done() and not actor._handles
        await actor.load(7, pack(make_policy(2)))
        await actor.load(6, pack(make_policy(1)))
        await asking
        return await actor.answer("x")

    found = run(waited())
    assert {version for each in found for version in each.versions} == {7}
    expected = Engine(make_policy(2), Numbers(), stop=2, rows=16).generate(REQUESTS[:1])
    assert plain([found]) == plain(expected)


def test_a_name_is_asked_once_and_can_be_cancelled(make_policy) -> None:
    actor = actor_of(make_policy(1))

    async def twice() -> list[Completion]:
        await actor.ask([("x", REQUESTS[0]), ("y", REQUESTS[1])], -1)
        await actor.ask([("x", REQUESTS[0])], -1)
        assert len(actor._handles) == 2
        await actor.cancel(["y", "unknown"])
        found = await actor.answer("x")
        assert not actor._handles and not actor._names
        return found

    assert len(run(twice())) == 3


def test_what_a_step_raises_reaches_who_waits(make_policy, monkeypatch: pytest.MonkeyPatch) -> None:
    actor = actor_of(make_policy(1))

    def broken(self) -> None:
        raise RuntimeError("out of memory")

    monkeypatch.setattr(Engine, "step", broken)
    with pytest.raises(RuntimeError, match="out of memory"):
        run(answers(actor, REQUESTS))


def test_a_sampler_without_steps_gets_what_waits_as_one_call() -> None:
    class Echo:
        def __init__(self) -> None:
            self.calls: list[int] = []

        def generate(self, requests: Sequence[Request]) -> list[list[Completion]]:
            self.calls.append(len(requests))
            return [[Completion(str(r.prompt), (), (), "stop")] * r.n for r in requests]

    echo = Echo()
    actor = SamplerActor(lambda: echo, threads=1)
    found = run(answers(actor, REQUESTS))
    assert [[c.text for c in group] for group in found] == [["3 4 5"] * 3, ["9 9 3 7 8"] * 2]
    assert echo.calls == [2]
