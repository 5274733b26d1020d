"""Policies that need no weights: what perfection, silence and chance score, to hold every evaluation against."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

import numpy as np

from whetstone.rollout.types import Completion, Request, Sampler
from whetstone.rows import Problem

BASELINES = ("oracle", "null", "random")


class Written:
    """A sampler that writes what a function of (request, index of the sample) returns, at no cost in tokens."""

    def __init__(self, write: Callable[[Request, int], str]) -> None:
        self.write = write

    def generate(self, requests: Sequence[Request]) -> list[list[Completion]]:
        """`n` completions for each request, in the order of the requests."""
        return [[Completion(self.write(r, i), (), (), "stop") for i in range(r.n)] for r in requests]


def oracle(problems: Iterable[Problem]) -> Sampler:
    """Answers each of `problems` with its `target`; raises `LookupError` for a prompt that is none of theirs."""
    by_prompt = {problem.prompt: problem for problem in problems}

    def write(request: Request, _: int) -> str:
        if request.prompt not in by_prompt:
            raise LookupError(f"the oracle knows only the problems it was given, not {request.prompt[:80]!r}")
        return by_prompt[request.prompt].target

    return Written(write)


def null() -> Sampler:
    """Says nothing."""
    return Written(lambda request, index: "")


def random() -> Sampler:
    """Answers with one to three random digits, a pure function of the request's seed and the sample's index."""

    def write(request: Request, index: int) -> str:
        rng = np.random.default_rng((request.seed, index))
        return f"<answer>{rng.integers(10 ** rng.integers(1, 4))}</answer>"

    return Written(write)


def baseline(name: str, problems: Iterable[Problem]) -> Sampler:
    """The baseline of this name; `problems` are what the oracle will be asked. Raises `ValueError` for another name."""
    if name == "oracle":
        return oracle(problems)
    if name == "null":
        return null()
    if name == "random":
        return random()
    raise ValueError(f"expected one of the baselines {', '.join(BASELINES)}, got {name!r}")
