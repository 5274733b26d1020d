"""Rollouts in chunks: long reasoning in a bounded context, each chunk a fresh prompt with the end of the one before.

The Markovian Thinker (Delethink, arXiv 2510.06557). The chunks of a trace are rows of their own that share its
advantage, and their tokens are divided by the trace's length (`loss.token_weights`).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Protocol

from whetstone.rollout.types import Completion, Request, Sampler


class Tokenizer(Protocol):
    """Text and back."""

    def encode(self, text: str) -> list[int]: ...

    def decode(self, tokens: Sequence[int]) -> str: ...


@dataclass(frozen=True, slots=True)
class Trace(Completion):
    """A completion that was written in chunks, put together again; `prompt_tokens` are those of the first."""

    chunks: tuple[Completion, ...] = ()


def chunks_of(answer: Completion) -> tuple[Completion, ...]:
    """The completions that were sampled for an answer: its chunks, or itself."""
    return answer.chunks if isinstance(answer, Trace) and answer.chunks else (answer,)


class Chunked:
    """A sampler that starts afresh every `chunk` tokens, with the prompt and the last `carry` of the tokens written.

    The first chunk has `chunk` new tokens, each later one `chunk` - `carry`, so that no context exceeds prompt and
    `chunk`; `max_tokens` of a request bounds the whole trace. Raises `ValueError` unless 0 < carry < chunk.
    """

    def __init__(self, sampler: Sampler, tokenizer: Tokenizer, chunk: int, carry: int) -> None:
        if not 0 < carry < chunk:
            raise ValueError(f"carry must lie between 0 and chunk ({chunk}), not {carry}")
        self.sampler, self.tokenizer, self.chunk, self.carry = sampler, tokenizer, chunk, carry

    def generate(self, requests: Sequence[Request]) -> list[list[Completion]]:
        """`n` traces for each request, in the order of the requests."""
        traces: list[list[list[Completion]]] = [[[] for _ in range(request.n)] for request in requests]
        first = [replace(request, sampling=self._budget(request, ())) for request in requests]
        for trace, group in zip(traces, self.sampler.generate(first), strict=True):
            for chunks, completion in zip(trace, group, strict=True):
                chunks.append(completion)
        while open_ := [
            (q, s) for q, group in enumerate(traces) for s, c in enumerate(group) if self._open(requests[q], c)
        ]:
            asked = [self._next(requests[q], traces[q][s], s) for q, s in open_]
            for (q, s), (completion,) in zip(open_, self.sampler.generate(asked), strict=True):
                traces[q][s].append(completion)
        return [[self._whole(chunks) for chunks in group] for group in traces]

    def _open(self, request: Request, chunks: Sequence[Completion]) -> bool:
        return chunks[-1].finish == "length" and _written(chunks) < request.sampling.max_tokens

    def _budget(self, request: Request, chunks: Sequence[Completion]):
        left = request.sampling.max_tokens - _written(chunks)
        return replace(request.sampling, max_tokens=min(left, self.chunk - (self.carry if chunks else 0)))

    def _next(self, request: Request, chunks: Sequence[Completion], sample: int) -> Request:
        written = [token for chunk in chunks for token in chunk.tokens]
        prompt = (*chunks[0].prompt_tokens, *written[-self.carry :])
        seed = (request.seed + 1_000_003 * len(chunks) + 7_919 * sample) % (1 << 62)
        return Request(prompt, self._budget(request, chunks), 1, seed)

    def _whole(self, chunks: Sequence[Completion]) -> Completion:
        if len(chunks) == 1:
            return chunks[0]
        last = chunks[-1]
        tokens = tuple(token for chunk in chunks for token in chunk.tokens)
        text = self.tokenizer.decode(tokens[: -1 if last.finish == "stop" else None])
        return Trace(
            text,
            tokens,
            tuple(logprob for chunk in chunks for logprob in chunk.logprobs),
            last.finish,
            chunks[0].prompt_tokens,
            seconds=sum(chunk.seconds for chunk in chunks),
            versions=tuple(version for chunk in chunks for version in chunk.versions),
            error=last.error,
            chunks=tuple(chunks),
        )


def _written(chunks: Sequence[Completion]) -> int:
    return sum(len(chunk.tokens) for chunk in chunks)
