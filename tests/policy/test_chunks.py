"""Rollouts in chunks: what each is asked, what comes together, and that the rows share the trace's advantage."""

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
import pytest

from whetstone.policy.chunks import Chunked, Trace, chunks_of
from whetstone.policy.teaching import GrpoSettings, informative
from whetstone.rollout.types import Completion, Request, Sampling


class Numbers:
    """`3 4 5` is the tokens 3, 4, 5."""

    def encode(self, text: str) -> list[int]:
        return [int(word) for word in text.split()]

    def decode(self, tokens: Sequence[int]) -> str:
        return " ".join(map(str, tokens))


@dataclass
class Counting:
    """Continues a prompt by counting on from its last token, and stops at `last`."""

    last: int
    requests: list[Request] = field(default_factory=list)

    def generate(self, requests: Sequence[Request]) -> list[list[Completion]]:
        self.requests += requests
        return [[self.complete(request)] * request.n for request in requests]

    def complete(self, request: Request) -> Completion:
        prompt = Numbers().encode(request.prompt) if isinstance(request.prompt, str) else list(request.prompt)
        tokens = list(range(prompt[-1] + 1, prompt[-1] + 1 + request.sampling.max_tokens))
        stopped = self.last in tokens
        tokens = tokens[: tokens.index(self.last) + 1] if stopped else tokens
        text = Numbers().decode(tokens[:-1] if stopped else tokens)
        logprobs = tuple(-token / 100 for token in tokens)
        return Completion(
            text, tuple(tokens), logprobs, "stop" if stopped else "length", tuple(prompt), versions=(3,) * len(tokens)
        )


def test_a_trace_by_hand():
    sampler = Counting(last=20)
    ((trace, twin),) = Chunked(sampler, Numbers(), chunk=6, carry=2).generate([Request("7 8", Sampling(40), 2, seed=5)])
    # 9..14, then 4 new tokens a time after the prompt and the last two: 15..18, and 19, 20, where it stops.
    assert [list(c.tokens) for c in chunks_of(trace)] == [[9, 10, 11, 12, 13, 14], [15, 16, 17, 18], [19, 20]]
    assert [list(c.prompt_tokens) for c in chunks_of(trace)] == [[7, 8], [7, 8, 13, 14], [7, 8, 17, 18]]
    assert (trace.text, trace.finish) == ("9 10 11 12 13 14 15 16 17 18 19", "stop")
    assert trace.tokens == tuple(range(9, 21)) == twin.tokens
    assert trace.logprobs == pytest.approx([-t / 100 for t in range(9, 21)])
    assert trace.prompt_tokens == (7, 8)
    seeds = [request.seed for request in sampler.requests]
    assert len(set(seeds)) == len(seeds) == 5  # one request for both first chunks, then one a trace


def test_the_budget_bounds_the_whole_trace():
    ((trace,),) = Chunked(Counting(last=99), Numbers(), chunk=6, carry=2).generate([Request("1", Sampling(13))])
    assert [len(c.tokens) for c in chunks_of(trace)] == [6, 4, 3]
    assert trace.finish == "length"


def test_a_short_answer_is_no_trace():
    ((answer,),) = Chunked(Counting(last=4), Numbers(), chunk=6, carry=2).generate([Request("1", Sampling(13))])
    assert not isinstance(answer, Trace)
    assert chunks_of(answer) == (answer,)


def test_the_rows_of_a_trace_share_its_advantage():
    ((trace,),) = Chunked(Counting(last=99), Numbers(), chunk=6, carry=2).generate([Request("1", Sampling(10))])
    short = Completion("5", (5,), (-1.0,), "stop", (1,))
    settings = GrpoSettings(1, 2, Sampling(10), advantage="dr_grpo")
    rows = informative([[trace, short]], np.array([[1.0, 0.0]]), settings)
    assert [(row.advantage, len(row.completion), row.trace) for row in rows] == [
        (0.5, 6, 10),
        (0.5, 4, 10),
        (-0.5, 1, 0),
    ]
    assert sum(row.share for row in rows) == pytest.approx(2)  # two traces, however many rows


@pytest.mark.parametrize("carry", [0, 6, 7])
def test_a_carry_that_does_not_fit_is_refused(carry: int):
    with pytest.raises(ValueError, match="between 0 and chunk"):
        Chunked(Counting(9), Numbers(), chunk=6, carry=carry)
