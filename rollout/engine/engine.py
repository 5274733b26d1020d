"""The engine: schedule → run → postprocess, until every request is answered.

One step runs one token of every sequence that is being written together with pieces of new prompts. `generate` is a
loop over `add` and `step`, which a server calls itself. The model arrives through a protocol, so the engine never
imports the policy. One thread at a time may use an engine.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any, Protocol

import torch

from whetstone.rollout.engine.prefix import Prefixes
from whetstone.rollout.engine.runner import Drawn, Model, Runner
from whetstone.rollout.engine.scheduler import Scheduler
from whetstone.rollout.engine.sequence import Handle, Listener, Piece
from whetstone.rollout.engine.sequence import Sequence as Running
from whetstone.rollout.engine.text import Text
from whetstone.rollout.types import Completion, Finish, Request

Done = tuple[Handle, int, Completion]


class Tokenizer(Protocol):
    """What the engine needs of a tokenizer."""

    def encode(self, text: str) -> list[int]: ...

    def decode(self, tokens: Sequence[int]) -> str: ...


class Engine:
    """A `Sampler` over an in-process model.

    `rows` sequences run at once, and a step runs about `budget` tokens. `stop` is the id of the token that ends a
    completion. The cache takes at most `memory` bytes (by default half of what is free). `page` is the number of
    positions of a page, by default 64 on a GPU and one whole sequence on a CPU; `block` the number of prompt tokens
    that are shared as one.

    `version` is stamped on every token. Whoever changes the weights raises it, which forgets what was derived from
    them; sequences that are being written go on with the keys and values they have.
    """

    def __init__(
        self,
        model: Model,
        tokenizer: Tokenizer,
        *,
        stop: int,
        rows: int = 256,
        budget: int = 4096,
        memory: int | None = None,
        page: int | None = None,
        block: int = 32,
    ) -> None:
        if page is not None and page % block:
            raise ValueError(f"a page must hold whole blocks; {page} positions are no multiple of block={block}")
        self.model, self.tokenizer, self.stop = model, tokenizer, stop
        self._version = 0
        self._scheduler = Scheduler(rows, budget, Prefixes(block))
        self._runner = Runner(model, self._scheduler, memory, page, block)
        self._over: list[Done] = []
        self._ids: dict[int, int] = {}  # one number for each token, not for each time it is written: 32 bytes
        self._steps = self._tokens = 0
        self._seconds = 0.0

    # -- requests -------------------------------------------------------------------------------------------------

    @property
    def version(self) -> int:
        """The number of weight updates, as far as the engine was told."""
        return self._version

    @version.setter
    def version(self, value: int) -> None:
        self._version = value
        self._runner.forget()

    @property
    def unfinished(self) -> bool:
        """Whether `step` has anything to do or to tell."""
        return bool(self._scheduler.running or self._scheduler.waiting or self._over)

    def add(self, request: Request, listener: Listener | None = None) -> Handle:
        """Accept a request; `listener` hears of every piece of text. One that cannot be met ends at once, in error.

        Raises `ValueError` for a token that the policy has not.
        """
        handle = self._handle(request, listener)
        self._enqueue(handle)
        return handle

    def _handle(self, request: Request, listener: Listener | None) -> Handle:
        prompt = request.prompt
        ids = tuple(self.tokenizer.encode(prompt) if isinstance(prompt, str) else prompt)
        if ids and max(ids) >= self.model.config.vocab_size:
            raise ValueError(f"prompt: token {max(ids)} is none of the policy's {self.model.config.vocab_size}")
        names = self._scheduler.prefixes.names(ids)
        return Handle(request, ids, names, listener, [None] * request.n, request.n)

    def _enqueue(self, handle: Handle) -> None:
        sampling = handle.request.sampling
        watched = bool(sampling.stop) or handle.listener is not None
        wrong = self._runner.refusal(len(handle.prompt), sampling.max_tokens)
        for i in range(handle.request.n):
            text = Text(self.tokenizer.decode, sampling.stop) if watched else None
            sequence = Running(handle, i, self.stop, text)
            if wrong:
                self._end(sequence, "error", wrong)
            else:
                self._scheduler.waiting.append(sequence)
        if not wrong:
            self._runner.expect(len(handle.prompt) + sampling.max_tokens)

    def cancel(self, handle: Handle) -> None:
        """End what is unfinished of a request, with what there is of it."""
        scheduler = self._scheduler
        for sequence in scheduler.drop(handle):
            self._end(sequence, "cancelled")
        ending = [row for row, s in enumerate(scheduler.running) if s.handle is handle]
        for row in ending:
            self._end(scheduler.running[row], "cancelled")
        self._scheduler.remove(ending)

    def generate(
        self, requests: Sequence[Request], on_done: Callable[[int, Completion], None] | None = None
    ) -> list[list[Completion]]:
        """`n` completions for each request, in order. `on_done(request index, completion)` hears of each at once."""
        with _evaluating(self.model):
            handles = [self._handle(request, None) for request in requests]
            for handle in sorted(handles, key=lambda handle: len(handle.prompt), reverse=True):
                self._enqueue(handle)  # similar lengths side by side: see `shared.segments`
            index = {id(handle): i for i, handle in enumerate(handles)}
            left = sum(request.n for request in requests)
            try:
                while left:
                    for handle, _, completion in self.step():
                        if id(handle) in index:
                            left -= 1
                            if on_done:
                                on_done(index[id(handle)], completion)
            finally:
                for handle in handles:
                    if not handle.done:
                        self.cancel(handle)
        return [[c for c in handle.completions if c is not None] for handle in handles]

    # -- one step -------------------------------------------------------------------------------------------------

    @torch.inference_mode()
    def step(self) -> list[Done]:
        """Run one step; the completions that have ended since the last one."""
        if self._scheduler.running or self._scheduler.waiting:
            with _evaluating(self.model):
                started = time.perf_counter()
                self._runner.fit()
                chunks = self._scheduler.schedule()
                drawn = self._runner.run(chunks)
                self._postprocess(drawn)
                self._steps += 1
                self._seconds += time.perf_counter() - started
        over, self._over = self._over, []
        return over

    def _postprocess(self, drawn: Drawn) -> None:
        """Write the tokens down, and let those sequences go that are at their end."""
        self._tokens += len(drawn.tokens)
        version, best, ids, ending = self._version, drawn.best, self._ids, []
        for row, (sequence, token, logprob) in enumerate(zip(*drawn[:3], strict=True)):
            sequence.tokens.append(ids.setdefault(token, token))
            sequence.logprobs.append(logprob)
            sequence.versions.append(version)
            sequence.computed += 1
            if best is not None:
                wanted = sequence.handle.request.sampling.alternatives
                sequence.alternatives.append(tuple(zip(best[0][row][:wanted], best[1][row][:wanted], strict=True)))
            if logprob != logprob:
                self._end(sequence, "error", self._runner.blame(sequence))
            elif token in sequence.ends or (sequence.text is not None and sequence.text.push(sequence.tokens)):
                self._end(sequence, "stop")
            elif len(sequence.tokens) >= sequence.limit:
                self._end(sequence, "length")
            else:
                if sequence.handle.listener is not None:
                    self._tell(sequence, None)
                continue
            ending.append(row)
        if ending:
            self._scheduler.remove(ending)

    # -- the end of a sequence ------------------------------------------------------------------------------------

    def _end(self, sequence: Running, finish: Finish, error: str = "") -> None:
        """Write the completion. The sequence still has its pages."""
        tokens, handle, text = sequence.tokens, sequence.handle, sequence.text
        if text is not None and text.stopped:
            written = text.text
        else:
            stopped = finish == "stop"
            written = self.tokenizer.decode(tokens[:-1] if stopped else tokens) if tokens else ""
        ran = min(sequence.computed, sequence.known - 1)
        experts = None
        if self._runner.cache is not None and sequence.table and sequence.leader is None:
            experts = self._runner.cache.experts(sequence.table, ran).cpu().numpy().copy()
        completion = Completion(
            text=written,
            tokens=tuple(tokens),
            logprobs=tuple(sequence.logprobs),
            finish=finish,
            prompt_tokens=handle.prompt,
            experts=experts,
            seconds=time.perf_counter() - sequence.started,
            versions=tuple(sequence.versions),
            alternatives=tuple(sequence.alternatives),
            error=error,
        )
        handle.completions[sequence.sample] = completion
        handle.left -= 1
        self._over.append((handle, sequence.sample, completion))
        if handle.listener is not None:
            self._tell(sequence, completion)

    def _tell(self, sequence: Running, completion: Completion | None) -> None:
        """Let the listener hear what is new."""
        text, handle = sequence.text, sequence.handle
        assert text is not None and handle.listener is not None
        new, sequence.sent = slice(sequence.sent, None), len(sequence.tokens)
        words = text.news() if completion is None else text.rest(completion.text)
        handle.listener(
            Piece(sequence.sample, words, tuple(sequence.tokens[new]), tuple(sequence.logprobs[new]), completion)
        )

    def metrics(self) -> dict[str, float]:
        """Counts and seconds since the engine was made, and the present load."""
        scheduler, cache = self._scheduler, self._runner.cache
        return {
            "steps": float(self._steps),
            "tokens": float(self._tokens),
            "seconds": self._seconds,
            "seconds_model": self._runner.seconds,
            "preempted": float(scheduler.preempted),
            "reused_tokens": float(scheduler.reused),
            "running": float(len(scheduler.running)),
            "waiting": float(len(scheduler.waiting)),
            "cache_bytes": float(cache.bytes if cache else 0),
        }


@contextmanager
def _evaluating(model: Any) -> Iterator[None]:
    if not model.training:
        yield
        return
    model.eval()
    try:
        yield
    finally:
        model.train()
