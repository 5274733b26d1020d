"""Our samplers behind an OpenAI-compatible HTTP API: chat, completions, streams, strategies, back-pressure.

`application` makes a Starlette app from a policy's description and a bridge to its sampler. A request is read and
checked whole before anything is sampled; what it takes room for, it gives back however it ends.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncGenerator, AsyncIterator, Callable
from contextlib import ExitStack, aclosing, asynccontextmanager
from dataclasses import dataclass, replace
from typing import Any

from starlette.applications import Starlette
from starlette.requests import ClientDisconnect
from starlette.requests import Request as HttpRequest
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Route

from whetstone.rollout.server.bridge import Bridge, Busy, Piece, SamplerFailed, Whole
from whetstone.rollout.server.jobs import Job, Jobs, Served
from whetstone.rollout.server.metrics import Metrics
from whetstone.rollout.server.replies import error_body, event, usage
from whetstone.rollout.server.requests import ChatBody, CompletionBody, Invalid, read_body
from whetstone.rollout.server.streams import Events, collected, merged, read, unless_gone
from whetstone.rollout.strategies import pursue
from whetstone.rollout.types import Completion, Request

REFUSALS = (Invalid, ValueError, Busy, SamplerFailed, TimeoutError)


@dataclass(slots=True)
class Spent:
    """Tokens of a request so far."""

    prompt: int = 0
    completion: int = 0


class Service:
    """The handlers of the API."""

    def __init__(self, served: Served, bridge: Bridge) -> None:
        self.served, self.bridge = served, bridge
        self.jobs = Jobs(served)
        self.metrics = Metrics()
        self.created = int(time.time())

    async def chat(self, http: HttpRequest) -> Response:
        """POST /v1/chat/completions."""
        return await self._answer(http, ChatBody, self.jobs.chat)

    async def completions(self, http: HttpRequest) -> Response:
        """POST /v1/completions."""
        return await self._answer(http, CompletionBody, self.jobs.completion)

    async def models(self, http: HttpRequest) -> Response:
        """GET /v1/models, and /v1/models/NAME."""
        model = {"id": self.served.name, "object": "model", "created": self.created, "owned_by": "whetstone"}
        model["max_model_len"] = self.served.positions
        name = http.path_params.get("name")
        if name is None:
            return JSONResponse({"object": "list", "data": [model]})
        return JSONResponse(model) if name == self.served.name else self._refusal(self.jobs.unknown(name))

    async def health(self, http: HttpRequest) -> Response:
        """GET /health: 200 while the sampler works."""
        del http
        failure = self.bridge.failure
        return JSONResponse({"status": "ok" if failure is None else failure}, 200 if failure is None else 503)

    async def page_of_metrics(self, http: HttpRequest) -> Response:
        """GET /metrics, for Prometheus."""
        del http
        bridge = self.bridge
        text = self.metrics.text(bridge.unfinished, bridge.capacity, bridge.cancelled)
        return PlainTextResponse(text, media_type="text/plain; version=0.0.4")

    # -- answering ----------------------------------------------------------------------------------------------------

    async def _answer(self, http: HttpRequest, kind: type[Any], understand: Callable[[Any], Job]) -> Response:
        started, path = time.monotonic(), http.url.path
        with ExitStack() as held:
            held.callback(lambda: self.metrics.request.observe(time.monotonic() - started))
            try:
                job = understand(read_body(await read(http), kind))
                held.enter_context(self.bridge.room(job.samples))
                response = await self._respond(http, job, held, started)
            except ClientDisconnect:
                response = Response(status_code=499)  # nobody reads it; nginx's status for this
            except REFUSALS as error:
                response = self._refusal(error)
        self.metrics.requests[path, response.status_code] += 1
        return response

    def _refusal(self, error: Exception) -> JSONResponse:
        """The answer to a request that could not be served."""
        body, status, headers = self._explain(error)
        return JSONResponse(body, status, headers)

    def _explain(self, error: Exception) -> tuple[dict[str, Any], int, dict[str, str]]:
        match error:
            case Invalid():
                return error_body(str(error), error.status, error.param, error.code), error.status, {}
            case Busy():
                return error_body(str(error), 429, code="queue_full"), 429, {"Retry-After": str(error.seconds)}
            case TimeoutError():
                message = f"the request took longer than {self.served.seconds:g} s, the limit of this server"
                return error_body(message, 504, code="timeout"), 504, {}
            case ValueError():
                return error_body(str(error), 400), 400, {}
        status = 503 if isinstance(error, SamplerFailed) and self.bridge.failure else 500
        return error_body(str(error), status), status, {}

    async def _respond(self, http: HttpRequest, job: Job, held: ExitStack, started: float) -> Response:
        deadline = asyncio.get_running_loop().time() + self.served.seconds
        spent = Spent()
        pieces = self._pieces(job, deadline, spent)
        first = await unless_gone(http, anext(pieces))  # so that what can never run is refused with a status
        self.metrics.first_token.observe(time.monotonic() - started)
        if job.wish.stream:
            return Events(self._events(job, first, pieces, spent), pieces, held.pop_all())
        try:
            done = await unless_gone(http, collected(first, pieces))
        finally:
            await pieces.aclose()
            self._count(spent)
        return JSONResponse(job.replies.whole(done, usage(spent.prompt, spent.completion)))

    async def _events(
        self, job: Job, first: tuple[int, Piece], pieces: AsyncIterator[tuple[int, Piece]], spent: Spent
    ) -> AsyncIterator[bytes]:
        try:
            for part in job.replies.opening() + job.replies.piece(*first):
                yield part
            async for index, piece in pieces:
                for part in job.replies.piece(index, piece):
                    yield part
            for part in job.replies.closing(usage(spent.prompt, spent.completion)):
                yield part
        except REFUSALS as error:  # the status was sent long ago, so the stream says it
            yield event(self._explain(error)[0])
        finally:
            self._count(spent)

    def _count(self, spent: Spent) -> None:
        self.metrics.prompt_tokens += spent.prompt
        self.metrics.completion_tokens += spent.completion

    # -- sampling -----------------------------------------------------------------------------------------------------

    async def _pieces(self, job: Job, deadline: float, spent: Spent) -> AsyncGenerator[tuple[int, Piece]]:
        """(choice, piece) of every choice, as they come; raises `SamplerFailed` for a sample that failed."""
        if job.strategy is not None:
            for index, completion in enumerate(await self._solved(job, deadline, spent)):
                yield index, Whole(index, completion)
            return
        spent.prompt += sum(map(len, job.prompts))
        n, sampling, seed = job.wish.n, job.wish.sampling, job.wish.seed
        requests = [Request(prompt, sampling, n, seed + i) for i, prompt in enumerate(job.prompts)]
        streams = [self.bridge.stream(request, deadline, job.wish.stream) for request in requests]
        async with aclosing(merged(streams)) as pieces:
            async for place, piece in pieces:
                if piece.completion is not None:
                    spent.completion += len(piece.completion.tokens)
                    _sound(piece.completion)
                yield place * n + piece.sample, piece

    async def _solved(self, job: Job, deadline: float, spent: Spent) -> list[Completion]:
        """The first `n` of a strategy's final candidates: each is as good as any other."""
        assert job.strategy is not None

        async def complete(request: Request) -> list[Completion]:
            assert isinstance(request.prompt, str)
            rendered = job.render(request.prompt)
            answers = await self.bridge.complete(replace(request, prompt=rendered), deadline)
            spent.prompt += len(rendered)
            spent.completion += sum(len(answer.tokens) for answer in answers)
            return answers

        solved = await pursue(complete, job.strategy.plan(job.question, job.wish.seed))
        final = solved.outcome.final[: job.wish.n]
        for completion in final:
            _sound(completion)
        return final


def _sound(completion: Completion) -> None:
    if completion.finish in ("error", "cancelled"):
        raise SamplerFailed(completion.error or f"the sampler gave up: {completion.finish}")


def application(served: Served, bridge: Bridge) -> Starlette:
    """The API as an ASGI application; the bridge runs while it does."""
    service = Service(served, bridge)

    @asynccontextmanager
    async def lifespan(app: Starlette) -> AsyncIterator[None]:
        del app
        bridge.start()
        try:
            yield
        finally:
            await bridge.close()

    routes = [
        Route("/v1/chat/completions", service.chat, methods=["POST"]),
        Route("/v1/completions", service.completions, methods=["POST"]),
        Route("/v1/models", service.models),
        Route("/v1/models/{name:path}", service.models),
        Route("/metrics", service.page_of_metrics),
        Route("/health", service.health),
    ]
    return Starlette(routes=routes, lifespan=lifespan)
