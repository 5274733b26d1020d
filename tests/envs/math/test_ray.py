"""The judge inside real Ray workers: a task, an actor with threads, and an asynchronous actor."""

from __future__ import annotations

import asyncio
import os

import pytest

from whetstone.envs.math import verify_many

GOLDS, ANSWERS = ["2", r"\frac{1}{2}", r"\sin(2x)"], ["2", "0.75", r"2\sin x\cos x"]
KINDS = ["correct", "wrong", "correct"]


def kinds() -> list[str]:
    return [judgement.kind for judgement in verify_many(GOLDS, ANSWERS)]


class Threaded:
    def judge(self) -> tuple[list[str], int]:
        return kinds(), os.getpid()


class Asynchronous:
    async def judge(self) -> tuple[list[str], int]:
        both = await asyncio.gather(*(asyncio.to_thread(kinds) for _ in range(2)))
        assert both[0] == both[1]
        return both[0], os.getpid()


@pytest.mark.slow
def test_tasks_and_actors(ray) -> None:
    assert ray.get(ray.remote(kinds).remote(), timeout=120) == KINDS
    for actor in (
        ray.remote(Threaded).options(max_concurrency=4).remote(),
        ray.remote(Asynchronous).remote(),
    ):
        found = ray.get([actor.judge.remote() for _ in range(4)], timeout=120)
        assert [kind for kind, _ in found] == [KINDS] * 4
        assert {process for _, process in found} != {os.getpid()}
