"""What parent and child say to each other: plain data, one dataclass a message. Imports neither torch nor vLLM."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

import numpy as np

from whetstone.rollout.types import Finish, Sampling


@dataclass(frozen=True, slots=True)
class Options:
    """How vLLM runs; what is None is left to vLLM. `more` holds any other of its engine arguments.

    `positions` is the longest sequence in tokens, `sequences` how many run at once, `step_tokens` how many tokens a
    step runs at most (longer prompts are prefilled in chunks), `cache_gib` the memory for keys, values and state in
    GiB. `eager` starts sooner and runs slower: nothing is compiled, no graphs are captured. `stream` hands out tokens
    as they are written. `dtype` as vLLM names it.
    """

    dtype: str = "auto"
    positions: int | None = None
    sequences: int | None = None
    step_tokens: int | None = None
    cache_gib: float | None = None
    eager: bool = False
    stream: bool = False
    more: Mapping[str, Any] = field(default_factory=dict)


# -- to the child -----------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Start:
    """The first message: what to run, and the weights to put in place of the model's own, with their version."""

    model: str
    options: Options
    weights: str | None
    version: int


@dataclass(frozen=True, slots=True)
class Job:
    """One sample of one request; `key` is what its random numbers are made of."""

    name: int
    prompt: tuple[int, ...]
    sampling: Sampling
    key: int


@dataclass(frozen=True, slots=True)
class Cancel:
    """Drop a job; one that has ended is no error."""

    name: int


@dataclass(frozen=True, slots=True)
class Load:
    """Go on with the weights in `place`, a file or a folder, which are number `version`."""

    place: str
    version: int


# -- to the parent ----------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Ready:
    """The engine runs; it takes sequences of up to `positions` tokens."""

    positions: int


@dataclass(frozen=True, slots=True)
class Failed:
    """The engine could not start, or could not load weights; the child ends after it."""

    reason: str


@dataclass(frozen=True, slots=True)
class Loaded:
    """New weights are in place."""

    version: int


@dataclass(frozen=True, slots=True)
class Written:
    """Tokens that a job has gained, each with its log-probability, the version of the weights, and alternatives.

    `finish` is "" while it goes on. `ended` says that the last token is a stop token; `experts`, and how many tokens
    of the prompt were found in the cache, come with the end.
    """

    name: int
    tokens: tuple[int, ...] = ()
    logprobs: tuple[float, ...] = ()
    versions: tuple[int, ...] = ()
    alternatives: tuple[tuple[tuple[int, float], ...], ...] = ()
    finish: Finish | Literal[""] = ""
    ended: bool = False
    error: str = ""
    experts: np.ndarray | None = None
    cached: int = 0
    seconds: float = 0.0
