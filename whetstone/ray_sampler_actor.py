"""What runs inside a sampler's actor: a sampler that takes requests and weights between its steps.

An ordinary class that knows nothing of Ray; `ray_cluster.place` makes actors of it.
"""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import torch
from torch import nn

from whetstone.ray_worker import Name
from whetstone.rollout.engine import Engine
from whetstone.rollout.types import Completion, Request, Sampler

Weights = Mapping[str, tuple[np.ndarray, str]]
"""Each tensor of a policy as bytes, which the object store shares between processes, and the name of its type."""


class SamplerActor:
    """A sampler in an event loop: one step of the engine, then whatever has come meanwhile, then the next step.

    New weights are loaded between two steps, so generation never stops for them; every token carries the version that
    sampled it. Requests have names, and a name that is known is not asked twice. A sampler that has only `generate`
    gets what waits as one call.
    """

    def __init__(self, make: Callable[[], Sampler], threads: int) -> None:
        torch.set_num_threads(threads)
        self.sampler = make()
        self.version = -1  # no weights yet
        self._names: dict[int, Name] = {}  # id of an engine's handle -> name of its request
        self._handles: dict[Name, Any] = {}
        self._waiting: dict[Name, Request] = {}  # of a sampler that has only `generate`
        self._answers: defaultdict[Name, asyncio.Future] = defaultdict(asyncio.Future)
        self._newer = asyncio.Condition()
        self._running: asyncio.Task | None = None

    async def ready(self) -> None:
        """Answer once the actor is up."""

    async def load(self, version: int, weights: Weights) -> None:
        """Take the weights of a version, unless they are older than what is there."""
        if version >= self.version:
            assert isinstance(self.sampler, Engine)
            unpack(weights, self.sampler.model)  # type: ignore[arg-type]
            self.sampler.version = self.version = version
            async with self._newer:
                self._newer.notify_all()

    async def ask(self, asked: Sequence[tuple[Name, Request]], least: int) -> None:
        """Accept requests, to be begun with weights of version `least` or newer; `answer` gives what comes of them."""
        try:
            async with self._newer:
                await self._newer.wait_for(lambda: self.version >= least)
            new = [(name, request) for name, request in asked if name not in self._handles | self._waiting]
            if isinstance(self.sampler, Engine):
                self._add(self.sampler, new)
            else:
                self._waiting.update(new)
            if self._running is None:
                self._running = asyncio.ensure_future(self._run())
        except Exception as error:  # whoever waits for the answers must hear of it
            self._fail([name for name, _ in asked], error)

    def _add(self, engine: Engine, asked: Iterable[tuple[Name, Request]]) -> None:
        """The longest prompts first, as `Engine.generate` has them."""
        encode = engine.tokenizer.encode
        spelled = [(n, tuple(encode(r.prompt) if isinstance(r.prompt, str) else r.prompt), r) for n, r in asked]
        for name, prompt, request in sorted(spelled, key=lambda each: len(each[1]), reverse=True):
            handle = engine.add(replace(request, prompt=prompt))
            self._handles[name], self._names[id(handle)] = handle, name

    async def answer(self, name: Name) -> list[Completion]:
        """The completions of a request, when they are there; they are given once."""
        try:
            return await self._answers[name]
        finally:
            self._answers.pop(name, None)

    async def cancel(self, names: Sequence[Name]) -> None:
        """Forget requests."""
        for name in names:
            self._waiting.pop(name, None)
            handle = self._handles.pop(name, None)
            if handle is not None:
                self._names.pop(id(handle), None)
                self.sampler.cancel(handle)  # type: ignore[attr-defined]
            if name in self._answers:
                self._answers.pop(name).cancel()

    async def _run(self) -> None:
        try:
            if isinstance(self.sampler, Engine):
                await self._step(self.sampler)
            else:
                await self._generate()
        except Exception as error:  # whoever waits for the answers must hear of it
            self._fail([*self._handles, *self._waiting], error)
        finally:
            self._running = None

    async def _step(self, engine: Engine) -> None:
        while engine.unfinished:
            for handle, _, _ in engine.step():
                name = self._names.pop(id(handle), None) if handle.done else None
                if name is not None:
                    del self._handles[name]
                    self._give(name, [c for c in handle.completions if c is not None])
            await asyncio.sleep(0)

    async def _generate(self) -> None:
        while self._waiting:
            asked = dict(self._waiting)
            answers = await asyncio.to_thread(self.sampler.generate, list(asked.values()))
            for name, answer in zip(asked, answers, strict=True):
                if self._waiting.pop(name, None) is not None:
                    self._give(name, answer)

    def _give(self, name: Name, answer: list[Completion]) -> None:
        self._answers[name].set_result(answer)

    def _fail(self, names: Iterable[Name], error: Exception) -> None:
        for name in names:
            self._handles.pop(name, None)
            self._waiting.pop(name, None)
            if not self._answers[name].done():
                self._answers[name].set_exception(error)


# -- weights ----------------------------------------------------------------------------------------------------------


def pack(policy: nn.Module) -> Weights:
    """A policy's parameters and buffers as bytes, not copied on a CPU: whoever keeps them must."""
    found = {}
    for name, value in policy.state_dict().items():
        plain = value.detach().cpu().contiguous()
        found[name] = plain.reshape(-1).view(torch.uint8).numpy(), str(plain.dtype).removeprefix("torch.")
    return found


@torch.no_grad()
def unpack(weights: Weights, policy: nn.Module) -> None:
    """Write packed weights into a policy of the same shape, whatever its types and devices. Raises `KeyError`."""
    for name, value in policy.state_dict().items():
        data, kind = weights[name]
        plain = torch.from_numpy(data.copy()).view(getattr(torch, kind))  # a copy: shared memory is read-only
        value.copy_(plain.view(value.shape))
