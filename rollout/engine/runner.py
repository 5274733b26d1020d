"""The middle of a step: what was scheduled is run, and a token is drawn for every sequence that is ready for one.

The runner holds what lives on the device: the cache, the convolutions' state, and what belongs to the present order of
the running sequences.

Legend: A sequences that get a token, N tokens, M model width, V vocabulary.
"""

from __future__ import annotations

import os
import time
from collections.abc import Sequence
from itertools import chain
from typing import Any, NamedTuple, Protocol

import torch
from torch import Tensor

from whetstone.rollout.engine.cache import Cache, State
from whetstone.rollout.engine.faults import first_not_finite
from whetstone.rollout.engine.graphs import Graphs, Record, cuda_graph
from whetstone.rollout.engine.pages import Pages
from whetstone.rollout.engine.prefix import Prefixes
from whetstone.rollout.engine.sampling import Draw, sample
from whetstone.rollout.engine.scheduler import Scheduler
from whetstone.rollout.engine.sequence import Sequence as Running
from whetstone.rollout.engine.shared import bounded
from whetstone.rollout.engine.step import Chunk, Decode, Mixed

PAGE = 64  # positions of a page on a GPU


class Model(Protocol):
    """What the engine needs of a policy."""

    config: Any

    def __call__(self, tokens_N: Tensor, context: Any) -> tuple[Tensor, Tensor]: ...

    def logits(self, hidden_NM: Tensor) -> Tensor: ...

    def packed(self, lengths: Sequence[int]) -> Any: ...

    def largest_score(self) -> float: ...


class Drawn(NamedTuple):
    """The sequences that got a token, the tokens, their log-probabilities, and the most likely tokens with theirs."""

    sequences: list[Running]
    tokens: list[int]
    logprobs: list[float]
    best: tuple[list[list[int]], list[list[float]]] | None


class Runner:
    """Runs a scheduler's sequences. `memory`, `page` and `block` as in `Engine`."""

    def __init__(self, model: Model, scheduler: Scheduler, memory: int | None, page: int | None, block: int) -> None:
        self.model, self.scheduler = model, scheduler
        self.seconds = 0.0  # in the model and in drawing
        self.cache: Cache | None = None
        self._memory, self._page, self._block = memory, page, block
        self.record: Record | None = None  # what records steps of decoding; on a GPU, unless given, `cuda_graph`
        self._graphs: Graphs | None = None
        self._state = State()
        self._seen: tuple = ()  # what the weights were when the cache was filled
        self._longest, self._asked = 0, False  # positions of the longest request; whether one came since the last step
        self._decode: Decode | None = None
        self._draw: Draw | None = None
        self._next_A: Tensor | None = None  # the tokens that the next step of decoding runs

    # -- memory ---------------------------------------------------------------------------------------------------

    def refusal(self, prompt: int, new: int) -> str:
        """Why so many tokens can never be run; "" if they can."""
        positions = int(self.model.config.max_position_embeddings)
        if not prompt:
            return "the prompt is empty; it needs at least one token"
        if prompt + new > positions:
            return (
                f"a prompt of {prompt} tokens and max_tokens={new} need {prompt + new} positions; this policy has "
                f"{positions}. Shorten the prompt or lower max_tokens"
            )
        size = (PAGE if self._weight().is_cuda else self._block) if self._page is None else self._page
        needed = -(-(prompt + new) // size) * size * self._bytes_per_position()
        if needed > self._limit():
            return (
                f"a prompt of {prompt} tokens and max_tokens={new} need {needed:,} bytes of cache; this engine has "
                f"{self._limit():,}. Shorten the prompt, lower max_tokens, or give the engine more memory"
            )
        return ""

    def expect(self, positions: int) -> None:
        """A request of so many positions has come."""
        self._longest, self._asked = max(self._longest, positions), True

    def fit(self) -> None:
        """Have a cache that is large enough for what was asked, on the device of the weights."""
        scheduler = self.scheduler
        if scheduler.running and not self._asked:
            return
        self._asked, weight = False, self._weight()
        if not scheduler.running:
            seen = _fingerprint(self.model)
            if seen != self._seen:
                self._seen = seen
                self.forget()
            if self.cache is not None and (self.cache.device, self.cache.dtype) != (weight.device, weight.dtype):
                self.cache = None
        if self._page is None and not weight.is_cuda:
            self._fit_rows()
        elif self.cache is None:
            size = self._page or PAGE
            most = scheduler.rows * -(-int(self.model.config.max_position_embeddings) // size)
            self._build(min(most, self._limit() // (size * self._bytes_per_position())), size, dense=False)

    def _fit_rows(self) -> None:
        """A page for each sequence, as long as the longest: grown when more or longer ones come."""
        scheduler, cache = self.scheduler, self.cache
        wanted = len(scheduler.running) + len(scheduler.waiting)
        size = max(-(-self._longest // self._block) * self._block, cache.size if cache else 0)
        most = min(scheduler.rows, self._limit() // (size * self._bytes_per_position()))
        count = min(most, max(wanted, cache.count if cache else 0))
        if cache is None or count < cache.count:
            while scheduler.running:
                scheduler.preempt()
            self._build(count, size, dense=True)
        elif size > cache.size or count > cache.count:
            cache.grow(count, size)
            scheduler.pages.grow(count, size)
            scheduler.changed = True

    def _build(self, count: int, size: int, *, dense: bool) -> None:
        weight, scheduler = self._weight(), self.scheduler
        record = self.record or (cuda_graph if weight.is_cuda else None)
        spare = int(record is not None)  # the page behind the last one is nobody's: see `graphs`
        self.cache = Cache(
            self.model.config, count + spare, size, dense=dense, device=weight.device, dtype=weight.dtype
        )
        self._state = State()
        self._graphs = Graphs(self.model, self.cache, count, record) if record else None
        scheduler.cache, scheduler.pages, scheduler.prefixes = self.cache, Pages(count, size), Prefixes(self._block)
        scheduler.changed = True

    def forget(self) -> None:
        """Drop what was derived from weights that have changed."""
        if self.cache is not None:
            self.cache.renew()
            for page in self.scheduler.pages.all:
                self.scheduler.pages.forget(page)
        if self._graphs is not None:
            self._graphs.forget()

    def _weight(self) -> Tensor:
        return next(iter(self.model.parameters()))  # type: ignore[attr-defined]

    def _bytes_per_position(self) -> int:
        return Cache.bytes_per_position(self.model.config, self._weight().dtype)

    def _limit(self) -> int:
        """Bytes that the cache may take."""
        if self._memory is None:
            if self._weight().is_cuda:
                free, _ = torch.cuda.mem_get_info(self._weight().device)
            else:
                free = os.sysconf("SC_AVPHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
            self._memory = free // 2
        return self._memory

    # -- one step -------------------------------------------------------------------------------------------------

    def run(self, chunks: list[Chunk]) -> Drawn:
        """The model and the draw."""
        if self.scheduler.changed or self._decode is None:
            self._arrange()
        else:
            self._decode.advance()
        started = time.perf_counter()
        try:
            if len(self.scheduler.running) > self.scheduler.decoding:
                return self._run_mixed(chunks)
            return self._drawn(self.scheduler.running, self._run_decode())
        finally:
            self.seconds += time.perf_counter() - started

    def _arrange(self) -> None:
        """Put state and memory in the order of the running sequences."""
        scheduler, cache = self.scheduler, self.cache
        assert cache is not None
        running = scheduler.running
        if cache.dense:
            for sequence in running:
                sequence.table[0].filled = sequence.computed
            for place, sequence in enumerate(running):
                page, other = sequence.table[0], scheduler.pages.all[place]
                if page is not other:
                    cache.swap(page, other)
                    scheduler.pages.exchange(page, other)
        known = [(i, s.restored) for i, s in enumerate(running) if s.restored is not None]
        self._state.arrange([s.origin for s in running], known)
        for i, sequence in enumerate(running):
            sequence.origin, sequence.restored = i, None
        decoding = running[: scheduler.decoding]
        lengths, tables = [s.computed for s in decoding], [s.table for s in decoding]
        runs = [s.runs for s in decoding] if cache.dense and self._bounded(cache) else []
        self._decode = Decode.of(cache, self._state, lengths, tables, runs)
        self._draw, self._next_A, scheduler.changed = None, None, False

    def _bounded(self, cache: Cache) -> bool:
        """Whether what sequences have in common may be read once (see `shared`)."""
        return bounded(cache.once(0, "largest score", self.model.largest_score), cache.size, cache.dtype)

    def _last(self) -> Tensor:
        """The token that each decoding sequence has drawn last."""
        if self._next_A is None:
            decoding = self.scheduler.running[: self.scheduler.decoding]
            self._next_A = self._tensor([sequence.tokens[-1] for sequence in decoding])
        return self._next_A

    def _run_decode(self) -> Tensor:
        """One token of every running sequence; the logits (A, V)."""
        assert self._decode is not None
        if self._graphs is not None:
            return self._graphs.run(self._last(), self._decode)
        return self.model.logits(self._run_model(self._last(), self._decode))

    def _run_model(self, tokens_N: Tensor, context: Decode | Mixed) -> Tensor:
        assert self.cache is not None
        hidden_NM, routes_NX = self.model(tokens_N, context)
        self.cache.routes.flatten(0, 1).index_copy_(0, context.cells_N, routes_NX.to(torch.int16))
        return hidden_NM

    def _run_mixed(self, chunks: list[Chunk]) -> Drawn:
        """One token of the decoding sequences, and pieces of prompts."""
        scheduler = self.scheduler
        assert self._decode is not None
        context = Mixed(self._decode, chunks)
        new = [token for c in chunks for token in scheduler.running[c.row].span(c.start, c.length)]
        hidden_NM = self._run_model(torch.cat((self._last(), self._tensor(new))), context)
        sampled, places = self._ready(context)
        states_W = context.finish()
        for chunk in chunks:
            scheduler.running[chunk.row].computed = chunk.start + chunk.length
        if states_W is not None and len(states_W):
            scheduler.learn(chunks, states_W.clone())
        scheduler.promote(sampled)
        self._draw = None
        if not sampled:
            return Drawn([], [], [], None)
        return self._drawn(sampled, self.model.logits(hidden_NM[self._tensor(places)]))

    def _ready(self, context: Mixed) -> tuple[list[Running], list[int]]:
        """The sequences that get a token from a mixed step, and the places of the hidden states it is drawn from."""
        running, decoding = self.scheduler.running, self.scheduler.decoding
        sampled, places = running[:decoding], list(range(decoding))
        for chunk, start in zip(context.chunks, context.starts, strict=True):
            leader, end = running[chunk.row], chunk.row + 1
            if chunk.start + chunk.length < leader.known:
                break
            while end < len(running) and running[end].leader is leader:
                end += 1
            sampled += running[chunk.row : end]
            places += [start + chunk.length - 1] * (end - chunk.row)
        return sampled, places

    def _drawn(self, sequences: list[Running], logits_AV: Tensor) -> Drawn:
        if self._draw is None:
            settings = [sequence.handle.request.sampling for sequence in sequences]
            keys, counts = [s.key for s in sequences], [len(s.tokens) for s in sequences]
            self._draw = Draw(settings, keys, counts, logits_AV.device)
        token_A, logprob_A, best = sample(logits_AV, self._draw)
        self._next_A = token_A
        lists = (best[0].tolist(), best[1].tolist()) if best else None
        return Drawn(sequences, token_A.tolist(), logprob_A.tolist(), lists)

    def _tensor(self, values: list[int]) -> Tensor:
        assert self.cache is not None
        return torch.tensor(values, dtype=torch.long, device=self.cache.device)

    def blame(self, sequence: Running) -> str:
        """Say in which layer a sequence's numbers stopped being finite; what it leaves in the cache is erased."""
        for page in sequence.table:
            if self.cache is not None and not self.cache.finite(page):
                self.cache.erase(page)
                self.scheduler.pages.forget(page)
        tokens = sequence.span(0, sequence.known - 1)
        where = first_not_finite(self.model, tokens)
        found = f"first in {where}" if where else "though a second run of the same tokens, alone, is finite"
        return (
            f"the logits after {len(tokens)} tokens of sample {sequence.sample} of a request with seed "
            f"{sequence.handle.request.seed} are not finite, {found}. Look at the weights and at the learning rate"
        )


def _fingerprint(model: Any) -> tuple:
    """Changes whenever weights are written in place or replaced (but for writes through `.data`)."""
    weights = chain(model.parameters(), model.buffers())
    return tuple((x.data_ptr(), 0 if x.is_inference() else x._version) for x in weights)
