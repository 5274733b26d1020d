"""A `Sampler` over any OpenAI-compatible endpoint, that gets every answer exactly once out of a server that misbehaves.

One HTTP call asks for one sample, streamed, so that a stall is told from a long answer and a failure costs one sample.
Dropped connections, stalls and errors of the server are tried again with growing pauses; a server that is busy (429) is
asked less at a time (additive increase, multiplicative decrease). What fails in the end is a completion with
`finish="error"`, never an exception; only what would fail for every request (a wrong key, an unknown model, nobody
there) raises `EndpointError`.
"""

from __future__ import annotations

import asyncio
import json
import random
import time
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal
from urllib.parse import urlsplit
from urllib.request import getproxies, proxy_bypass

import aiohttp

from whetstone.rollout.gate import Gate
from whetstone.rollout.loops import run
from whetstone.rollout.types import Completion, Finish, Request

PAUSE, LONGEST_PAUSE = 0.5, 30.0  # seconds before the second attempt, doubled for each further one, up to
KEPT = 4.0  # seconds that an idle connection is kept: less than the 5 after which common servers close it
HOPELESS = (401, 403, 404)
FINISHES: dict[str, Finish] = {"stop": "stop", "length": "length", "tool_calls": "stop"}


class EndpointError(ValueError):
    """The endpoint would refuse every request; the sentence says why."""


class _Failed(Exception):
    """An attempt that may be repeated: its kind, what was seen, and how long the server wants to be left alone."""

    def __init__(self, kind: str, reason: str, pause: float = 0.0) -> None:
        super().__init__(reason)
        self.kind, self.pause = kind, pause


class _Refused(Exception):
    """A request that the endpoint will never serve."""


@dataclass(slots=True)
class _Answer:
    """A choice as far as it has come."""

    said: list[str] = field(default_factory=list)
    reasoned: list[str] = field(default_factory=list)
    finish: str | None = None
    tokens: list[int] = field(default_factory=list)
    logprobs: list[float] = field(default_factory=list)
    prompt: list[int] = field(default_factory=list)
    usage: Mapping[str, int] = field(default_factory=dict)

    def hear(self, line: bytes) -> None:
        """Add a line of a stream; those without data, such as comments that keep a connection alive, say nothing."""
        data = line[5:].strip()
        if line.startswith(b"data:") and data != b"[DONE]":
            self.take(data)

    def take(self, text: bytes) -> None:
        """Add one event of a stream, or a whole answer; raises `ValueError` for what is no JSON object."""
        data = json.loads(text)
        if not isinstance(data, dict):
            raise ValueError(f"expected a JSON object, got {text[:80]!r}")
        if data.get("error"):
            raise _Failed("server error", f"the stream ended in an error: {_message(text)[0]}")
        self.usage = data.get("usage") or self.usage
        self.prompt += data.get("prompt_token_ids") or ()
        for choice in data.get("choices") or ():
            said = choice.get("delta") or choice.get("message") or {"content": choice.get("text")}
            if content := said.get("content"):
                self.said.append(content)
            if thought := said.get("reasoning_content") or said.get("reasoning"):
                self.reasoned.append(thought)
            self.finish = choice.get("finish_reason") or self.finish
            self.tokens += choice.get("token_ids") or ()
            self.prompt += choice.get("prompt_token_ids") or ()
            likely = choice.get("logprobs") or {}
            self.logprobs += likely.get("token_logprobs") or [e["logprob"] for e in likely.get("content") or ()]

    def completion(self, seconds: float) -> Completion:
        """The whole answer; log-probabilities that the endpoint does not tell are NaN, one a token."""
        text = "".join(self.said)
        if self.reasoned:
            closed = text or self.finish != "length"
            text = f"<think>{''.join(self.reasoned)}{'</think>' if closed else ''}{text}"
        finish = FINISHES.get(self.finish or "", "error")
        count = len(self.tokens) or int(self.usage.get("completion_tokens", 0))
        return Completion(
            text,
            tuple(self.tokens),
            tuple(self.logprobs) or (float("nan"),) * count,
            finish,
            tuple(self.prompt),
            seconds=seconds,
            error="" if finish != "error" else f"the endpoint ended it: {self.finish}",
        )


class Endpoint:
    """An OpenAI-compatible endpoint as a `Sampler`.

    `url` ends where the paths begin, such as `http://localhost:8000/v1`. `api` is "chat" (a prompt is one user message)
    or "completions" (a prompt is text or token ids, as it is). At most `concurrency` calls run at once. An attempt may
    take `seconds` in all and `stall` without a byte; a sample has `attempts` of them, and a busy server is asked again
    for `patience` seconds. `logprobs` asks for log-probabilities; `token_ids` for ids, which vLLM and `whetstone serve`
    tell. `extra` goes into every body: options that only this server knows.
    """

    def __init__(
        self,
        url: str,
        model: str,
        *,
        key: str | None = None,
        api: Literal["chat", "completions"] = "chat",
        concurrency: int = 64,
        attempts: int = 6,
        seconds: float = 1800.0,
        stall: float = 120.0,
        patience: float = 900.0,
        logprobs: bool = False,
        token_ids: bool = False,
        extra: Mapping[str, Any] | None = None,
    ) -> None:
        if api not in ("chat", "completions"):
            raise ValueError(f"api must be chat or completions, not {api!r}")
        if not url.startswith(("http://", "https://")):
            raise ValueError(f"expected an address such as http://localhost:8000/v1, got {url!r}")
        self.url, self.model, self.api = url.rstrip("/"), model, api
        self.concurrency, self.attempts, self.seconds, self.stall = concurrency, attempts, seconds, stall
        self.patience, self.logprobs, self.token_ids, self.extra = patience, logprobs, token_ids, dict(extra or {})
        self.counts: Counter[str] = Counter()
        self._headers = {"Authorization": f"Bearer {key}"} if key else {}
        self._jitter = random.Random(0)
        self._session: aiohttp.ClientSession | None = None
        self._gate = Gate(concurrency, float(concurrency))

    # -- the sampler --------------------------------------------------------------------------------------------------

    def generate(
        self, requests: Sequence[Request], on_done: Callable[[int, Completion], None] | None = None
    ) -> list[list[Completion]]:
        """`n` completions for each request, in order. `on_done(request index, completion)` hears of each at once."""
        return run(self._all(requests, on_done))

    async def complete(self, request: Request) -> list[Completion]:
        """The `n` completions of one request; many may be asked for at once. Afterwards `aclose`."""
        return await _gathered([self._sample(request, i) for i in range(request.n)])

    async def aclose(self) -> None:
        """Close the connections; the next request opens new ones, in another event loop if need be."""
        if self._session is not None:
            session, self._session = self._session, None
            await session.close()

    def metrics(self) -> dict[str, float]:
        """Samples asked for, answered and failed; attempts repeated, by kind; tokens written; the present limit."""
        return {name: float(count) for name, count in self.counts.items()} | {"concurrency": self._gate.limit}

    async def _all(
        self, requests: Sequence[Request], on_done: Callable[[int, Completion], None] | None
    ) -> list[list[Completion]]:
        async def one(index: int, sample: int) -> Completion:
            completion = await self._sample(requests[index], sample)
            if on_done is not None:
                on_done(index, completion)
            return completion

        places = [(index, sample) for index, request in enumerate(requests) for sample in range(request.n)]
        try:
            done = iter(await _gathered([one(*place) for place in places]))
        finally:
            await self.aclose()
        return [[next(done) for _ in range(request.n)] for request in requests]

    # -- one sample ---------------------------------------------------------------------------------------------------

    async def _sample(self, request: Request, sample: int) -> Completion:
        """One completion, however many attempts it takes."""
        body, started, attempt, pause, cuts = self._body(request, sample), time.monotonic(), 1, PAUSE, 0
        self.counts["asked"] += 1
        self._open()
        while True:
            try:
                async with self._gate:
                    cuts = self._gate.cuts
                    answer = await self._attempt(body)
            except _Refused as refused:
                return self._given_up(str(refused))
            except _Failed as failed:
                if failed.kind == "busy":
                    self._gate.busy(cuts)
                    over = time.monotonic() - started > self.patience
                else:
                    over = attempt >= self.attempts
                    attempt += 1
                if over:
                    return self._last(failed, attempt - 1)
                self.counts[f"repeated: {failed.kind}"] += 1
                await asyncio.sleep(max(failed.pause, pause * self._jitter.uniform(0.5, 1.0)))
                pause = min(LONGEST_PAUSE, 2 * pause)
            else:
                self._gate.succeeded()
                completion = answer.completion(time.monotonic() - started)
                self.counts["answered" if completion.finish != "error" else "failed"] += 1
                self.counts["tokens"] += len(completion.logprobs)
                return completion

    def _open(self) -> None:
        """Have connections in this event loop."""
        if self._session is None:
            self._session = aiohttp.ClientSession(
                headers=self._headers | {"Content-Type": "application/json"},
                connector=aiohttp.TCPConnector(limit=0, keepalive_timeout=KEPT),  # the gate is what limits calls
                timeout=aiohttp.ClientTimeout(total=None, sock_connect=min(30.0, self.stall), sock_read=self.stall),
                cookie_jar=aiohttp.DummyCookieJar(),
                proxy=_proxy(self.url),
            )
            self._gate = Gate(self.concurrency, self._gate.limit)  # a gate belongs to one loop

    def _last(self, failed: _Failed, attempts: int) -> Completion:
        if failed.kind == "unreachable" and not self.counts["answered"]:
            raise EndpointError(
                f"{self.url} cannot be reached: {failed}; is the server running, and is this its address?"
            )
        return self._given_up(f"{failed} (after {attempts} attempts)")

    def _given_up(self, reason: str) -> Completion:
        self.counts["failed"] += 1
        return Completion("", (), (), "error", error=reason)

    def _body(self, request: Request, sample: int) -> dict[str, Any]:
        sampling = request.sampling
        body: dict[str, Any] = {
            "model": self.model,
            "max_tokens": sampling.max_tokens,
            "temperature": sampling.temperature,
            "top_p": sampling.top_p,
            "seed": (request.seed + sample * 0x9E3779B1) % (1 << 31),  # sample 0 has the request's own
            "stream": True,
            "stream_options": {"include_usage": True},
        }
        only_there = {"top_k": sampling.top_k, "min_p": sampling.min_p, "stop_token_ids": list(sampling.stop_tokens)}
        body |= {name: value for name, value in only_there.items() if value}  # OpenAI's own servers refuse them
        if sampling.stop:
            body["stop"] = list(sampling.stop)
        if self.token_ids:
            body["return_token_ids"] = True
        if self.api == "completions":
            prompt = request.prompt if isinstance(request.prompt, str) else list(request.prompt)
            return body | {"prompt": prompt} | ({"logprobs": 0} if self.logprobs else {}) | self.extra
        if not isinstance(request.prompt, str):
            raise ValueError("a chat has no prompts of token ids; use api='completions'")
        said = {"messages": [{"role": "user", "content": request.prompt}]}
        return body | said | ({"logprobs": True} if self.logprobs else {}) | self.extra

    # -- one attempt --------------------------------------------------------------------------------------------------

    async def _attempt(self, body: Mapping[str, Any]) -> _Answer:
        path = "chat/completions" if self.api == "chat" else "completions"
        data = json.dumps(body).encode()
        assert self._session is not None
        try:
            async with (
                asyncio.timeout(self.seconds),
                self._session.post(f"{self.url}/{path}", data=data, allow_redirects=False) as reply,
            ):
                if reply.status != 200:
                    self._raise_for(reply, await reply.read())
                return await _read(reply)
        except aiohttp.InvalidURL as error:
            raise EndpointError(f"{self.url} is no address: {error}") from error
        except aiohttp.ClientConnectorError as error:
            raise _Failed("unreachable", f"no connection: {error}") from error
        except TimeoutError as error:
            limits = f"{self.stall:g} s without a byte, {self.seconds:g} s in all"
            raise _Failed("stalled", f"no answer in time ({limits})") from error
        except (aiohttp.ClientError, ConnectionError) as error:
            raise _Failed("dropped", f"the connection broke: {error}") from error

    def _raise_for(self, reply: aiohttp.ClientResponse, content: bytes) -> None:
        status, message, code = reply.status, *_message(content)
        said = f"{status} from {self.url}: {message}"
        if status in HOPELESS or code == "insufficient_quota":
            raise EndpointError(said)
        if status == 429:
            raise _Failed("busy", said, _pause(reply.headers.get("Retry-After")))
        if status >= 500 or status in (408, 409, 425):
            raise _Failed("server error", said, _pause(reply.headers.get("Retry-After")))
        raise _Refused(said)


async def _read(reply: aiohttp.ClientResponse) -> _Answer:
    """The answer in a stream of events, or in one JSON object where the server does not stream."""
    answer = _Answer()
    try:
        if "text/event-stream" not in reply.headers.get("Content-Type", ""):
            answer.take(await reply.read())
        else:
            rest = b""
            async for piece in reply.content.iter_any():  # not line by line: a line may be long, and pieces hold many
                *lines, rest = (rest + piece).split(b"\n")
                for line in lines:
                    answer.hear(line)
            answer.hear(rest)
    except ValueError as error:
        raise _Failed("unreadable", f"the answer is no JSON: {error}") from error
    if answer.finish is None:
        raise _Failed("dropped", "the answer broke off")
    return answer


def _proxy(url: str) -> str | None:
    """The proxy that the environment names for an address, if it is one that speaks HTTP."""
    parts, proxies = urlsplit(url), getproxies()
    if proxy_bypass(parts.netloc):
        return None
    proxy = proxies.get(parts.scheme) or proxies.get("all") or ""
    return proxy if proxy.startswith("http") else None


def _message(content: bytes) -> tuple[str, str | None]:
    """What an error's body says, and its code."""
    try:
        error = json.loads(content)["error"]
        return (str(error["message"]), error.get("code")) if isinstance(error, dict) else (str(error), None)
    except (ValueError, KeyError, TypeError):
        return content[:200].decode(errors="replace").strip() or "no explanation", None


def _pause(retry_after: str | None) -> float:
    """Seconds that the server asks for; a date, which is rare, counts as none."""
    try:
        return min(LONGEST_PAUSE, max(0.0, float(retry_after or 0)))
    except ValueError:
        return 0.0


async def _gathered(work: Sequence[Any]) -> list[Any]:
    """All results; the first failure cancels the rest."""
    tasks = [asyncio.ensure_future(each) for each in work]
    try:
        return list(await asyncio.gather(*tasks))
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
