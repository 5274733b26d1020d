"""The parent's side of the vLLM backend, against a child that answers by arithmetic and dies when told to."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import torch

from whetstone.rollout.engine.sampling import key
from whetstone.rollout.types import Completion, Request, Sampling
from whetstone.rollout.vllm.backend import VLLM, Options, StartError

DIES_ONCE, DIES, STOP = 91, 92, 7


class Numbers:
    def encode(self, text: str) -> list[int]:
        return [int(word) for word in text.split()]

    def decode(self, tokens: Any) -> str:
        return " ".join(str(token) for token in tokens)


class StandIn(VLLM):
    def _command(self) -> list[str]:
        return [sys.executable, str(Path(__file__).with_name("standin.py")), str(self.folder)]


@pytest.fixture
def make(tmp_path: Path) -> Iterator[Callable[..., StandIn]]:
    made: list[StandIn] = []

    def start(model: str = "any", **options: Any) -> StandIn:
        made.append(StandIn(model, Numbers(), Options(**options), folder=tmp_path, seconds=120))
        return made[-1]

    yield start
    for sampler in made:
        sampler.close()


def expected(request: Request, index: int) -> list[int]:
    tokens = [(key(request.seed, index) + i) % 100 for i in range(request.sampling.max_tokens)]
    return tokens[: tokens.index(STOP) + 1] if STOP in tokens else tokens


def check(request: Request, completions: list[Completion]) -> None:
    assert len(completions) == request.n
    for index, completion in enumerate(completions):
        tokens = expected(request, index)
        assert list(completion.tokens) == tokens
        assert completion.finish == ("stop" if tokens[-1] == STOP else "length")
        assert completion.text == Numbers().decode(tokens[:-1] if tokens[-1] == STOP else tokens)
        assert completion.logprobs == (-1.0,) * len(tokens)


def test_completions_come_in_the_order_of_the_requests(make: Callable[..., StandIn]) -> None:
    sampler = make()
    requests = [Request(f"{i} 2", Sampling(max_tokens=5 + i), n=1 + i % 3, seed=i) for i in range(8)]
    heard: list[int] = []
    for request, completions in zip(requests, sampler.generate(requests, lambda i, _: heard.append(i)), strict=True):
        check(request, completions)
        assert completions[0].prompt_tokens == tuple(Numbers().encode(str(request.prompt)))
    assert sorted(heard) == sorted(i for i, request in enumerate(requests) for _ in range(request.n))
    assert sampler.generate([]) == []
    assert sampler.cached == sum(request.n for request in requests)


def test_requests_that_cannot_run_are_refused_before_any_begins(make: Callable[..., StandIn]) -> None:
    sampler = make()
    good = Request("1", Sampling(max_tokens=3))
    with pytest.raises(ValueError, match=r"30 tokens and max_tokens=3 need 33 positions; vLLM was started with 32"):
        sampler.generate([good, Request((1,) * 30, Sampling(max_tokens=3))])
    with pytest.raises(ValueError, match="at least one token"):
        sampler.generate([Request("")])
    check(good, sampler.generate([good])[0])


def test_a_killed_child_is_replaced_and_its_work_asked_for_once_more(make: Callable[..., StandIn]) -> None:
    sampler = make()
    pid = sampler.pid
    requests = [Request((1,), Sampling(max_tokens=4), n=2), Request((DIES_ONCE,), Sampling(max_tokens=4), n=3)]
    for request, completions in zip(requests, sampler.generate(requests), strict=True):
        check(request, completions)
    assert sampler.pid != pid
    assert (sampler.restarts, sampler.lost) == (1, 0)
    assert 3 <= sampler.retried <= 5  # the first request's answers may have been on their way


def test_work_that_kills_twice_is_given_up_with_a_sentence(make: Callable[..., StandIn]) -> None:
    sampler = make()
    (fatal,) = sampler.generate([Request((DIES,), Sampling(max_tokens=4))])
    assert fatal[0].finish == "error"
    assert fatal[0].tokens == ()
    assert "died 2 times" in fatal[0].error and "killed by signal 9" in fatal[0].error
    assert sampler.metrics() == {
        "vllm/version": 0.0,
        "vllm/restarts": 2.0,
        "vllm/retried": 1.0,
        "vllm/lost": 1.0,
        "vllm/cached": 0.0,
    }
    good = Request("1", Sampling(max_tokens=3))
    check(good, sampler.generate([good])[0])


@pytest.mark.parametrize("late", [False, True])
def test_pieces_spell_the_completion_and_nothing_is_told_twice(make: Callable[..., StandIn], late: bool) -> None:
    """Of a child that dies amid its answer; `late` it is dead before anyone reads what it said."""
    sampler = make(stream=True)
    request = Request((DIES_ONCE,), Sampling(max_tokens=6), n=2, seed=3)
    name = sampler.add(request)
    if late:
        os.waitid(os.P_PID, sampler.pid, os.WEXITED | os.WNOWAIT)
    tokens: dict[int, list[int]] = {0: [], 1: []}
    text, ended = {0: "", 1: ""}, {}
    while len(ended) < 2:
        for at, piece in sampler.step():
            assert at == name
            tokens[piece.sample] += piece.tokens
            text[piece.sample] += piece.text
            if piece.completion is not None:
                ended[piece.sample] = piece.completion
    check(request, [ended[0], ended[1]])
    assert {i: completion.text for i, completion in ended.items()} == text
    assert {i: list(completion.tokens) for i, completion in ended.items()} == tokens
    assert sampler.restarts == 1 and sampler.step() == []


def test_weights_travel_by_a_file_and_a_new_child_starts_with_them(
    make: Callable[..., StandIn], tmp_path: Path
) -> None:
    sampler = make()
    sampler.update({"a": torch.ones(2)})
    request = Request((DIES_ONCE,), Sampling(max_tokens=4))
    assert sampler.generate([request])[0][0].versions == (1,) * 4
    sampler.update({"a": torch.zeros(2)})
    starts = (tmp_path / "starts").read_text().splitlines()
    assert starts == ["0 None", f"1 {tmp_path / 'weights-1.safetensors'}"]
    assert [file.name for file in tmp_path.glob("*.safetensors")] == ["weights-2.safetensors"]
    assert sampler.version == 2


def test_weights_that_do_not_fit_are_refused_and_the_old_ones_come_back(
    make: Callable[..., StandIn], tmp_path: Path
) -> None:
    sampler = make()
    with pytest.raises(StartError, match="lacks 3 tensors"):
        sampler.update(tmp_path / "bad.safetensors")
    request = Request("1", Sampling(max_tokens=4))
    assert sampler.generate([request])[0][0].versions == (0,) * 4
    assert sampler.version == 0


def test_an_unfinished_request_is_cancelled(make: Callable[..., StandIn], tmp_path: Path) -> None:
    sampler = make(stream=True)
    kept = Request("1", Sampling(max_tokens=4))
    dropped = sampler.add(Request("2", Sampling(max_tokens=4), n=2))
    name = sampler.add(kept)
    sampler.cancel(dropped)
    ends = []
    while not ends:
        news = sampler.step()
        assert {at for at, _ in news} <= {name}
        ends = [piece.completion for _, piece in news if piece.completion is not None]
    check(kept, ends)
    sampler.close()
    assert (tmp_path / "cancelled").read_text().split() == ["1", "2"]


def test_the_child_ends_with_its_parent(make: Callable[..., StandIn], tmp_path: Path) -> None:
    sampler = make()
    pid = sampler.pid
    sampler.close()
    assert (tmp_path / "ended").exists()
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)


@pytest.mark.parametrize(("model", "reason"), [("unwilling", "no such model"), ("speechless", "out of memory")])
def test_a_child_that_cannot_start_says_why(make: Callable[..., StandIn], model: str, reason: str) -> None:
    with pytest.raises(StartError, match=reason):
        make(model)


def test_a_crash_leaves_nothing_waiting(make: Callable[..., StandIn]) -> None:
    def interrupt(index: int, completion: Completion) -> None:
        raise KeyboardInterrupt

    sampler = make()
    with pytest.raises(KeyboardInterrupt):
        sampler.generate([Request("1", Sampling(max_tokens=2)), Request("2", Sampling(max_tokens=2))], interrupt)
    assert sampler.step() == []
