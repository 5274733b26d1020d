"""What crosses the border of a sampler: requests go in, completions come out, strategies make one from the other."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Literal, Protocol

import numpy as np

LEAST = 1e-6  # temperature above 0: logits are divided by it in fp32
Finish = Literal["stop", "length", "cancelled", "error"]


@dataclass(frozen=True, slots=True)
class Sampling:
    """The distribution to sample from, and when to stop.

    `temperature` 0 is greedy. `top_k` 0, `top_p` 1 and `min_p` 0 cut nothing off (`min_p`: tokens below that share of
    the most likely one's probability). `max_tokens` counts new tokens. A completion ends at the first of: the policy's
    own stop token, one of `stop_tokens`, or text that holds one of the strings `stop`. `alternatives` asks for that
    many of the most likely tokens at every position.
    """

    max_tokens: int = 256
    temperature: float = 1.0
    top_k: int = 0
    top_p: float = 1.0
    min_p: float = 0.0
    stop: tuple[str, ...] = ()
    stop_tokens: tuple[int, ...] = ()
    alternatives: int = 0

    def __post_init__(self) -> None:
        if self.max_tokens < 1:
            raise ValueError(f"max_tokens must be at least 1, not {self.max_tokens}")
        if self.temperature < 0:
            raise ValueError(f"temperature must be >= 0 (0 is greedy), not {self.temperature}")
        if self.temperature and not LEAST <= self.temperature < math.inf:
            raise ValueError(f"temperature must be 0, or finite and at least {LEAST}, not {self.temperature}")
        if self.top_k < 0:
            raise ValueError(f"top_k must be >= 0 (0 keeps all tokens), not {self.top_k}")
        if not 0 < self.top_p <= 1:
            raise ValueError(f"top_p must lie in (0, 1], not {self.top_p}")
        if not 0 <= self.min_p <= 1:
            raise ValueError(f"min_p must lie in [0, 1], not {self.min_p}")
        if "" in self.stop:
            raise ValueError("a stop string must hold at least one character")
        if self.alternatives < 0:
            raise ValueError(f"alternatives must be >= 0, not {self.alternatives}")


@dataclass(frozen=True, slots=True)
class Request:
    """One prompt, text or token ids, to be completed `n` times. `seed` fixes them, whatever else is in the batch."""

    prompt: str | tuple[int, ...]
    sampling: Sampling = field(default_factory=Sampling)
    n: int = 1
    seed: int = 0


@dataclass(frozen=True, slots=True)
class Completion:
    """One sampled continuation of one prompt.

    `logprobs[i]` is the log-probability of `tokens[i]` under the distribution that was sampled (temperature and
    cut-offs included; at temperature 0, under temperature 1). `tokens` ends with the stop token, or the token that
    completed a stop string, when `finish` is "stop"; `text` leaves both out. `experts` (positions, layers x choices),
    where a sampler records routes, holds the classes that each layer's router chose for every token of prompt and
    completion but the last, which was never run. `versions[i]` counts the weight updates before `tokens[i]` was
    sampled. `alternatives[i]` holds (token, log-probability) pairs, the most likely first. `error` says what went
    wrong where `finish` is "error".
    """

    text: str
    tokens: tuple[int, ...]
    logprobs: tuple[float, ...]
    finish: Finish
    prompt_tokens: tuple[int, ...] = ()
    experts: np.ndarray | None = None
    seconds: float = 0.0
    versions: tuple[int, ...] = ()
    alternatives: tuple[tuple[tuple[int, float], ...], ...] = ()
    error: str = ""


class Sampler(Protocol):
    """Anything that completes prompts: the in-process engine, vLLM, an HTTP endpoint."""

    def generate(self, requests: Sequence[Request]) -> list[list[Completion]]:
        """`n` completions for each request, in the order of the requests."""
        ...


class Strategy(Protocol):
    """A way to spend test-time compute on many prompts: it turns each into requests over rounds."""

    def run(self, sampler: Sampler, prompts: Sequence[str], seed: int) -> list[list[Completion]]:
        """The final candidates for each prompt, over which a score is averaged."""
        ...
