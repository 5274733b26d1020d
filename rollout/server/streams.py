"""What asyncio and HTTP need: streams merged, clients that leave, bodies that are too large."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Coroutine
from contextlib import ExitStack, aclosing
from http import HTTPStatus
from typing import Any, TypeVar

from starlette.requests import ClientDisconnect
from starlette.requests import Request as HttpRequest
from starlette.responses import StreamingResponse

from whetstone.rollout.server.bridge import Piece, SamplerFailed
from whetstone.rollout.server.requests import Invalid
from whetstone.rollout.types import Completion

LARGEST_BODY = 16 << 20  # bytes
T = TypeVar("T")


async def merged(streams: list[AsyncGenerator[Piece]]) -> AsyncGenerator[tuple[int, Piece]]:
    """The pieces of several streams, each with the place of its stream; the first failure ends all of them."""
    arrived: asyncio.Queue[tuple[int, Piece | BaseException | None]] = asyncio.Queue()

    async def pump(place: int, stream: AsyncGenerator[Piece]) -> None:
        try:
            async with aclosing(stream):
                async for piece in stream:
                    arrived.put_nowait((place, piece))
        except (ValueError, SamplerFailed, TimeoutError) as error:
            arrived.put_nowait((place, error))
        else:
            arrived.put_nowait((place, None))

    if len(streams) == 1:  # nothing to merge
        async with aclosing(streams[0]) as only:
            async for piece in only:
                yield 0, piece
        return
    tasks = [asyncio.create_task(pump(place, stream)) for place, stream in enumerate(streams)]
    try:
        running = len(tasks)
        while running:
            place, piece = await arrived.get()
            if isinstance(piece, BaseException):
                raise piece
            if piece is None:
                running -= 1
            else:
                yield place, piece
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def collected(first: tuple[int, Piece], pieces: AsyncIterator[tuple[int, Piece]]) -> list[Completion]:
    """The completions of all choices in order, of a stream whose first piece was taken."""
    done = {first[0]: first[1].completion}
    async for index, piece in pieces:
        done[index] = piece.completion
    return [completion for _, completion in sorted(done.items()) if completion is not None]


async def read(http: HttpRequest) -> bytes:
    """The body; raises `Invalid` when it is larger than a prompt can be."""
    parts, size = [], 0
    async for part in http.stream():
        size += len(part)
        if size > LARGEST_BODY:
            raise Invalid(f"the body is larger than {LARGEST_BODY} bytes", status=HTTPStatus.REQUEST_ENTITY_TOO_LARGE)
        parts.append(part)
    return b"".join(parts)


async def unless_gone(http: HttpRequest, work: Coroutine[Any, Any, T]) -> T:
    """What `work` returns; when the client leaves first, it is cancelled and `ClientDisconnect` raised."""

    async def gone() -> None:
        while (await http.receive())["type"] != "http.disconnect":
            pass

    tasks = [asyncio.ensure_future(work), asyncio.ensure_future(gone())]
    try:
        await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        if not tasks[0].done():
            raise ClientDisconnect
        return tasks[0].result()
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


class Events(StreamingResponse):
    """A stream of events that gives back what it holds however it ends, even before it began."""

    def __init__(self, events: AsyncIterator[bytes], pieces: AsyncGenerator[Any], held: ExitStack) -> None:
        super().__init__(events, media_type="text/event-stream", headers={"Cache-Control": "no-cache"})
        self.pieces, self.held = pieces, held

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        with self.held:
            try:
                await super().__call__(scope, receive, send)
            except ClientDisconnect:
                pass  # whoever asked has left; what remains is cancelled here
            finally:
                await self.pieces.aclose()
