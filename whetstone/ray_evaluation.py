"""Evaluation by the workers of a Ray cluster: a copy of the policy in each sampler, and judges beside them."""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from whetstone.evaldir import Asked
from whetstone.evaluation import run_evaluation
from whetstone.exam import Item
from whetstone.policies import Policy, PolicySpec, open_policy
from whetstone.ray_cluster import connect, resources
from whetstone.ray_fleet import Abandoned
from whetstone.ray_judges import Work, workers
from whetstone.ray_samplers import RaySamplers
from whetstone.ray_settings import RaySettings
from whetstone.ray_worker import Name
from whetstone.rollout.types import Sampler
from whetstone.rows import Row
from whetstone.summary import Summary

WAITING = 2048  # units that may wait for a judge

Then = Callable[[list[Row]], None]


def open_ray_policy(
    spec: PolicySpec, items: Sequence[Item], settings: RaySettings, threads: int = 1, logprobs: bool = False
) -> Policy:
    """The policy with a copy in each sampler; a baseline or an endpoint stays in this process.

    Every node must find a checkpoint under the path that names it.
    """
    connect()
    if spec.kind in ("baseline", "endpoint"):
        return open_policy(spec, items, threads, logprobs)
    sampler = RaySamplers(partial(_sampler, spec, threads), settings)
    where = f"Ray: {settings.samplers} samplers, {settings.judges} judges; {resources()}"
    if spec.path is not None:
        from whetstone.policy.checkpoint import read_config, read_tokenizer

        return Policy(sampler, read_tokenizer(spec.path), where, int(read_config(spec.path).max_position_embeddings))
    from whetstone.huggingface import Tokens
    from whetstone.huggingface import read_tokenizer as read

    return Policy(sampler, Tokens(read(spec.text.partition(":")[2])), where)


def evaluate_by_ray(
    folder: Path,
    asked: Asked,
    items: Sequence[Item],
    spec: PolicySpec,
    threads: int,
    settings: RaySettings,
    *more: Any,
) -> Summary:
    """`evaluation.run_evaluation` of a policy with its samplers and judges on the cluster; `more` are its arguments."""
    opened: list[Policy] = []

    def make() -> Policy:
        opened.append(open_ray_policy(spec, items, settings, threads, asked.strategy.startswith("best-of-n")))
        return opened[0]

    try:
        return run_evaluation(folder, asked, items, make, *more, make_judging=lambda: RayJudging(settings))
    finally:
        for policy in opened:
            if isinstance(policy.sampler, RaySamplers):
                policy.sampler.close()


def _sampler(spec: PolicySpec, threads: int) -> Sampler:
    """The sampler of a policy, opened where an actor runs."""
    return open_policy(spec, (), threads).sampler  # type: ignore[return-value]


class RayJudging:
    """Judges of an evaluation, as `evaluate.Judges` are, that run elsewhere; results are handed over by `submit`."""

    def __init__(self, settings: RaySettings) -> None:
        connect()
        self.fleet = workers(settings)
        self._numbers = itertools.count()
        self._then: dict[Name, tuple[Then, Callable[[Exception], list[Row]]]] = {}

    def submit(self, work: Work, then: Then, crash: Callable[[Exception], list[Row]]) -> None:
        """Do the work in a worker, then hand over its result, or that of `crash` where no worker came back."""
        name = next(self._numbers)
        self._then[name] = then, crash
        self.fleet.submit({name: work})
        self._hand_over(0.0)
        while self.fleet.unfinished >= WAITING:
            self._hand_over(math.inf)

    def _hand_over(self, timeout: float) -> None:
        for name, result in self.fleet.poll(timeout):
            then, crash = self._then.pop(name)
            then(crash(TimeoutError(result.reason)) if isinstance(result, Abandoned) else result)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None):
        try:
            while error is None and self.fleet.unfinished:
                self._hand_over(math.inf)
        finally:
            self.fleet.close()
