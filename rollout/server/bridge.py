"""Between asyncio and a sampler: one thread owns the sampler, requests go to it through one queue.

The thread alternates between taking commands (add, cancel) and `step`. What a step brings is handed to the event loop
in one call. The event loop alone counts samples, so nothing needs a lock.
"""

from __future__ import annotations

import asyncio
import logging
import math
import queue
import threading
import time
from collections.abc import AsyncGenerator, Callable, Iterator, Sequence
from contextlib import aclosing, contextmanager
from dataclasses import dataclass
from functools import partial
from typing import Any, Literal, Protocol

from whetstone.rollout.types import Completion, Request, Sampler

log = logging.getLogger("whetstone.server")


class Piece(Protocol):
    """What a completion has gained since its last piece; the last one brings `completion`."""

    @property
    def sample(self) -> int: ...

    @property
    def text(self) -> str: ...

    @property
    def completion(self) -> Completion | None: ...


Listener = Callable[[Piece], None]


class Streaming(Protocol):
    """A sampler that takes and drops requests while others run, as `rollout.engine.Engine` does."""

    def add(self, request: Request, listener: Listener | None = None) -> Any:
        """Take a request in; `listener` hears of its text as it is written. Returns a handle.

        Raises `ValueError` for a request that can never run, or ends it in error with the next step.
        """
        ...

    def step(self) -> Sequence[tuple[Any, int, Completion]]:
        """Do some work on what was added: (handle, sample, completion) of what has ended."""
        ...

    def cancel(self, handle: Any) -> None:
        """Drop what is unfinished of a request; one that has ended is no error."""
        ...


@dataclass(frozen=True, slots=True)
class Whole:
    """A completion as its only piece."""

    sample: int
    completion: Completion

    @property
    def text(self) -> str:
        return self.completion.text


class Batches:
    """A `Streaming` face for any `Sampler`: a step answers all that wait. Listeners hear of whole completions only."""

    def __init__(self, sampler: Sampler) -> None:
        self.sampler = sampler
        self.waiting: dict[object, tuple[Request, Listener | None]] = {}

    def add(self, request: Request, listener: Listener | None = None) -> object:
        handle = object()
        self.waiting[handle] = request, listener
        return handle

    def step(self) -> list[tuple[object, int, Completion]]:
        asked, self.waiting = self.waiting, {}
        if not asked:
            return []
        answers = self.sampler.generate([request for request, _ in asked.values()])
        over = []
        for (handle, (_, listener)), group in zip(asked.items(), answers, strict=True):
            for sample, completion in enumerate(group):
                over.append((handle, sample, completion))
                if listener is not None:
                    listener(Whole(sample, completion))
        return over

    def cancel(self, handle: Any) -> None:
        self.waiting.pop(handle, None)


class Naming(Protocol):
    """A sampler that names its requests and hands out pieces, as `rollout.vllm.backend.VLLM` does."""

    def add(self, request: Request) -> int: ...

    def step(self) -> Sequence[tuple[int, Piece]]: ...

    def cancel(self, name: int) -> None: ...


@dataclass(eq=False, slots=True)
class _Named:
    name: int
    listener: Listener | None
    unfinished: int


class Named:
    """A `Streaming` face for a `Naming` sampler."""

    def __init__(self, sampler: Naming) -> None:
        self.sampler = sampler
        self.handles: dict[int, _Named] = {}

    def add(self, request: Request, listener: Listener | None = None) -> _Named:
        handle = _Named(self.sampler.add(request), listener, request.n)
        self.handles[handle.name] = handle
        return handle

    def step(self) -> list[tuple[_Named, int, Completion]]:
        over = []
        for name, piece in self.sampler.step():
            handle = self.handles[name]
            if handle.listener is not None:
                handle.listener(piece)
            if piece.completion is not None:
                over.append((handle, piece.sample, piece.completion))
                handle.unfinished -= 1
                if not handle.unfinished:
                    del self.handles[name]
        return over

    def cancel(self, handle: _Named) -> None:
        if self.handles.pop(handle.name, None) is not None:
            self.sampler.cancel(handle.name)


class Busy(Exception):
    """No room for another request; `seconds` is when to try again."""

    def __init__(self, seconds: int, unfinished: int, capacity: int) -> None:
        super().__init__(f"{unfinished} samples are unfinished, and the server holds {capacity}; retry in {seconds} s")
        self.seconds = seconds


class SamplerFailed(Exception):
    """The sampler broke; what it said."""


class _Ticket:
    """A request at work: where its pieces arrive. What is below is the business of the sampler's thread."""

    def __init__(self, request: Request, live: bool) -> None:
        self.request, self.live = request, live
        self.arrived: asyncio.Queue[Piece | Exception] = asyncio.Queue()
        self.handle: Any = None
        self.unfinished = request.n


_Command = tuple[Literal["add", "cancel", "stop"], _Ticket | None]


class Bridge:
    """Runs a `Streaming` sampler for asyncio; at most `capacity` samples have room at a time.

    To be started, used and closed in one event loop. `failure` says what broke the sampler, if anything did: the
    samples that were unfinished are lost, and nothing more is taken.
    """

    def __init__(self, sampler: Streaming, capacity: int) -> None:
        self.sampler, self.capacity = sampler, capacity
        self.unfinished = self.cancelled = 0
        self.failure: str | None = None
        self._seconds = 1.0  # that a request took lately
        self._commands: queue.SimpleQueue[_Command] = queue.SimpleQueue()
        self._tickets: set[_Ticket] = set()
        self._thread = threading.Thread(target=self._supervise, name="sampler", daemon=True)

    def start(self) -> None:
        """Start the sampler's thread; what it brings goes to the running event loop."""
        self._loop = asyncio.get_running_loop()
        self._thread.start()

    @contextmanager
    def room(self, samples: int) -> Iterator[None]:
        """Room for so many samples, taken while the block runs.

        Raises `Busy`, `ValueError` where there can never be so much room, and `SamplerFailed`.
        """
        if self.failure is not None:
            raise SamplerFailed(self.failure)
        if samples > self.capacity:
            raise ValueError(f"{samples} samples at once are more than the {self.capacity} that this server holds")
        if self.unfinished + samples > self.capacity:
            raise Busy(min(60, math.ceil(self._seconds)), self.unfinished, self.capacity)
        self.unfinished += samples
        started = time.monotonic()
        try:
            yield
            self._seconds += 0.2 * (time.monotonic() - started - self._seconds)
        finally:
            self.unfinished -= samples

    async def stream(self, request: Request, deadline: float | None = None, live: bool = True) -> AsyncGenerator[Piece]:
        """The pieces of a request as they are written; leaving the iteration cancels what is unfinished.

        `deadline` is a time of the event loop; without `live`, each sample is one piece. Raises `TimeoutError` when the
        deadline has passed, `ValueError` for a request that can never run, and `SamplerFailed`.
        """
        ticket, unfinished = _Ticket(request, live), request.n
        self._tickets.add(ticket)
        self._commands.put(("add", ticket))
        try:
            while unfinished:
                async with asyncio.timeout_at(deadline):
                    piece = await ticket.arrived.get()
                if isinstance(piece, Exception):
                    unfinished = 0
                    raise piece
                unfinished -= piece.completion is not None
                yield piece
        finally:
            self._tickets.discard(ticket)
            if unfinished:
                self.cancelled += unfinished
                self._commands.put(("cancel", ticket))

    async def complete(self, request: Request, deadline: float | None = None) -> list[Completion]:
        """All completions of a request, in order; raises what `stream` raises."""
        done: dict[int, Completion] = {}
        async with aclosing(self.stream(request, deadline, live=False)) as pieces:
            async for piece in pieces:
                assert piece.completion is not None
                done[piece.sample] = piece.completion
        return [done[sample] for sample in range(request.n)]

    async def close(self) -> None:
        """Stop the sampler after its step and let its thread end; what is unfinished fails."""
        self._commands.put(("stop", None))
        await asyncio.to_thread(self._thread.join)
        self._fail("the server is stopping")

    # -- in the sampler's thread --------------------------------------------------------------------------------------

    def _supervise(self) -> None:
        try:
            self._work()
        except Exception as error:  # the supervisor of the sampler: whatever broke it, those who wait must hear of it
            log.exception("the sampler broke")
            self._loop.call_soon_threadsafe(self._fail, f"the sampler broke: {type(error).__name__}: {error}")

    def _work(self) -> None:
        running: dict[int, _Ticket] = {}  # by the id of the handle, which the ticket keeps alive
        news: list[tuple[_Ticket, Piece | Exception]] = []
        while True:
            dropped = False
            for command, ticket in self._taken(wait=not running):
                if ticket is None:
                    return
                if command == "add":
                    listener = partial(self._listen, news, ticket) if ticket.live else None
                    try:
                        ticket.handle = self.sampler.add(ticket.request, listener)
                    except ValueError as error:
                        news.append((ticket, error))
                    else:
                        running[id(ticket.handle)] = ticket
                elif running.pop(id(ticket.handle), None) is not None:
                    self.sampler.cancel(ticket.handle)
                    dropped = True  # a step lets the sampler forget it
            for handle, sample, completion in self.sampler.step() if running or dropped else ():
                ticket = running.get(id(handle))
                if ticket is None:
                    continue  # cancelled
                if not ticket.live:
                    news.append((ticket, Whole(sample, completion)))
                ticket.unfinished -= 1
                if not ticket.unfinished:
                    del running[id(handle)]
            if news:
                self._loop.call_soon_threadsafe(_hand_out, list(news))
                news.clear()

    @staticmethod
    def _listen(news: list[tuple[_Ticket, Piece | Exception]], ticket: _Ticket, piece: Piece) -> None:
        news.append((ticket, piece))

    def _taken(self, wait: bool) -> Iterator[_Command]:
        """The commands that are there; with `wait`, at least one."""
        if wait:
            yield self._commands.get()
        while True:
            try:
                yield self._commands.get_nowait()
            except queue.Empty:
                return

    # -- in the event loop --------------------------------------------------------------------------------------------

    def _fail(self, reason: str) -> None:
        self.failure = self.failure or reason
        _hand_out([(ticket, SamplerFailed(reason)) for ticket in self._tickets])


def _hand_out(news: Sequence[tuple[_Ticket, Piece | Exception]]) -> None:
    for ticket, piece in news:
        ticket.arrived.put_nowait(piece)
