"""A sampler that streams letters, a tokenizer of letters, and servers that run in a thread."""

from __future__ import annotations

import contextlib
import socket
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import pytest
import uvicorn

from whetstone.rollout.server import Bridge, Served, application
from whetstone.rollout.types import Completion, Request

STOP = 0
ALPHABET = "abcdefghijklmnopqrstuvwxyz"


class Letters:
    """A token is a character; 0 stops and is not shown."""

    def encode(self, text: str) -> list[int]:
        return list(map(ord, text))

    def decode(self, tokens: Sequence[int]) -> str:
        return "".join(chr(token) for token in tokens if token)


@dataclass(frozen=True)
class Piece:
    sample: int
    text: str
    completion: Completion | None = None


@dataclass(eq=False)
class Handle:
    request: Request
    listener: Callable[[Piece], None] | None
    written: list[list[int]]
    done: list[bool]


@dataclass
class Typist:
    """Writes one letter of every sample a step; what it writes is `script(request, sample)`, "" in it ends it.

    Counts its letters. `seconds` is what a step takes.
    """

    script: Callable[[Request, int], str] = lambda request, sample: ALPHABET * 100
    seconds: float = 0.0
    handles: list[Handle] = field(default_factory=list)
    letters: int = 0
    requests: list[Request] = field(default_factory=list)
    broken: str = ""

    def add(self, request: Request, listener: Callable[[Piece], None] | None = None) -> Handle:
        self.requests.append(request)
        self.handles.append(Handle(request, listener, [[] for _ in range(request.n)], [False] * request.n))
        return self.handles[-1]

    def step(self) -> list[tuple[Handle, int, Completion]]:
        time.sleep(self.seconds)
        if self.broken:
            raise RuntimeError(self.broken)
        over = []
        for handle in list(self.handles):
            for sample in range(handle.request.n):
                if not handle.done[sample]:
                    over += self._type(handle, sample)
            if all(handle.done):
                self.handles.remove(handle)
        return over

    def _type(self, handle: Handle, sample: int) -> list[tuple[Handle, int, Completion]]:
        request, tokens = handle.request, handle.written[sample]
        text = self.script(request, sample)
        token = ord(text[len(tokens)]) if len(tokens) < len(text) else STOP
        tokens.append(token)
        self.letters += 1
        ended = token == STOP
        completion = None
        if ended or len(tokens) >= request.sampling.max_tokens:
            handle.done[sample] = True
            shown = "".join(map(chr, tokens[:-1] if ended else tokens))
            logprobs = tuple(-0.5 for _ in tokens)
            prompt = tuple(request.prompt) if not isinstance(request.prompt, str) else ()
            completion = Completion(shown, tuple(tokens), logprobs, "stop" if ended else "length", prompt)
        if handle.listener is not None:
            handle.listener(Piece(sample, "" if ended else chr(token), completion))
        return [(handle, sample, completion)] if completion else []

    def cancel(self, handle: Handle) -> None:
        self.handles.remove(handle)


@contextlib.contextmanager
def running(app: Any) -> Iterator[str]:
    """An ASGI app at a port of its own, in a thread; its address."""
    config = uvicorn.Config(app, port=0, log_level="critical", timeout_graceful_shutdown=1, lifespan="on")
    server = uvicorn.Server(config)
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        thread = threading.Thread(target=server.run, args=([listening],))
        thread.start()
        try:
            deadline = time.monotonic() + 20
            while not server.started and thread.is_alive() and time.monotonic() < deadline:
                time.sleep(0.01)
            assert server.started
            yield f"http://127.0.0.1:{listening.getsockname()[1]}"
        finally:
            server.should_exit = True
            thread.join()


@contextlib.contextmanager
def _served(typist: Any, capacity: int = 64, **changes: Any) -> Iterator[str]:
    with running(
        application(
            Served(**{"name": "letters", "tokenizer": Letters(), "positions": 512, **changes}), Bridge(typist, capacity)
        )
    ) as address:
        yield address


@pytest.fixture(scope="session")
def typist() -> type[Typist]:
    """Makes samplers that write letters."""
    return Typist


@pytest.fixture(scope="session")
def served() -> Callable[..., contextlib.AbstractContextManager[str]]:
    """`with served(sampler, capacity=…, seconds=…, …) as address:` runs a server over the sampler."""
    return _served
