"""Samplers as Ray actors behind the same methods as the engine's: `generate`, or `add` and `step`."""

from __future__ import annotations

import itertools
import math
import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any

import ray
import torch

from whetstone.policy.model import ZayaPolicy
from whetstone.ray_cluster import place
from whetstone.ray_fleet import Fleet
from whetstone.ray_sampler_actor import SamplerActor, pack
from whetstone.ray_settings import RaySettings
from whetstone.ray_worker import Name
from whetstone.rollout.engine import Engine
from whetstone.rollout.types import Completion, Request, Sampler

WIDE = 512  # requests that one sampler has under way


@dataclass(eq=False)
class Handle:
    """A request on its way."""

    request: Request
    completions: list[Completion] = field(default_factory=list)
    done: bool = False


class RaySamplers:
    """A `Sampler` over samplers that are actors; `make` makes the sampler of each, where it runs.

    With a `policy` they sample from it: raising `version` sends them its weights, which they take between two steps.
    Requests are begun with weights at most `lag` versions old. `width` requests are under way in each.
    """

    def __init__(
        self,
        make: Callable[[], Sampler],
        settings: RaySettings,
        *,
        count: int | None = None,
        policy: ZayaPolicy | None = None,
        lag: int = 0,
        width: int = WIDE,
    ) -> None:
        self.policy, self.lag = policy, lag
        self.since: dict[Name, int] = {}  # the version that was the newest when a request was sent
        self._version, self._numbers = 0, itertools.count()
        self._handles: dict[Name, Handle] = {}
        self._weights: Any = None
        threads = max(1, int(settings.sampler_cpus))
        where = place(SamplerActor, settings.sampler_cpus, settings.sampler_gpus)
        self._new = partial(where, partial(_among_its_gpus, settings.sampler_gpus, make), threads)
        if policy is not None:
            self._weights = ray.put(pack(policy))
        self.fleet = Fleet(
            "sampler", self._make, self._send, count or settings.samplers, width=width, patience=settings.patience
        )

    def _make(self) -> Any:
        actor = self._new()
        if self._weights is not None:
            actor.load.remote(self._version, self._weights)
        return actor

    def _send(self, actor: Any, requests: Mapping[Name, Request]) -> dict[Name, Any]:
        self.since |= dict.fromkeys(requests, self._version)
        least = -1 if self._weights is None else max(0, self._version - self.lag)
        actor.ask.remote(list(requests.items()), least)
        return {name: actor.answer.remote(name) for name in requests}

    # -- weights ----------------------------------------------------------------------------------------------------

    @property
    def version(self) -> int:
        """The number of weight updates that the samplers were told of."""
        return self._version

    @version.setter
    def version(self, value: int) -> None:
        assert self.policy is not None
        weights = ray.put(pack(self.policy))
        with self.fleet.lock:
            self._version, self._weights = value, weights
            self.fleet.broadcast(lambda actor: actor.load.remote(value, weights))

    # -- requests ---------------------------------------------------------------------------------------------------

    def submit(self, requests: Mapping[Name, Request]) -> None:
        """Ask for completions; `finished` gives them."""
        self.fleet.submit(requests)

    def finished(self, timeout: float) -> list[tuple[Any, list[Completion]]]:
        """The names of requests that are answered, with their completions; waits at most `timeout` seconds."""
        found = self.fleet.poll(timeout)
        for name, _ in found:
            self.since.pop(name, None)
        return found

    def drop(self, names: list[Name]) -> None:
        """Stop working on requests."""
        self.fleet.cancel(names)
        for name in names:
            self.since.pop(name, None)

    def generate(self, requests: Sequence[Request]) -> list[list[Completion]]:
        """`n` completions for each request, in the order of the requests."""
        names = [f"request {next(self._numbers)}" for _ in requests]
        self.submit(dict(zip(names, requests, strict=True)))
        answers: dict[Name, list[Completion]] = {}
        while len(answers) < len(names):
            answers |= self.finished(math.inf)
        return [answers[name] for name in names]

    @property
    def unfinished(self) -> bool:
        """Whether `step` has anything to tell."""
        return bool(self._handles)

    def add(self, request: Request) -> Handle:
        """Accept a request, which is sent with the next `step`."""
        handle = Handle(request)
        self._handles[f"request {next(self._numbers)}"] = handle
        return handle

    def step(self) -> list[tuple[Handle, int, Completion]]:
        """Wait for requests to be answered; their completions."""
        self.submit({name: handle.request for name, handle in self._handles.items()})
        over = []
        for name, completions in self.finished(math.inf) if self._handles else ():
            handle = self._handles.pop(name)
            handle.completions, handle.done = completions, True
            over += [(handle, i, completion) for i, completion in enumerate(completions)]
        return over

    def cancel(self, handle: Handle) -> None:
        """Forget a request that is not done."""
        names = [name for name, other in self._handles.items() if other is handle]
        self.drop(names)
        for name in names:
            del self._handles[name]

    def close(self) -> None:
        """Let the samplers go."""
        self.fleet.close()


def _among_its_gpus(gpus: float, make: Callable[[], Sampler]) -> Sampler:
    """Make a sampler in its actor. Ray hides no GPU from an actor that reserves none, so this does."""
    if not gpus:
        os.environ |= {"CUDA_VISIBLE_DEVICES": "", "HIP_VISIBLE_DEVICES": ""}
    return make()


def engine_of(shape: Any, tokenizer: Any, rows: int) -> Engine:
    """An engine over a policy of this shape, whose weights are to be loaded; on the process's GPU, if it has one."""
    policy = ZayaPolicy(shape).eval()
    if torch.cuda.is_available():
        policy.to("cuda")
    return Engine(policy, tokenizer, stop=tokenizer.eos, rows=rows)
