"""Judges of preference: a pairwise judge at a local server, and a tiny reward model."""

from __future__ import annotations

import json
import math
from collections.abc import Sequence
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import ClassVar

import pytest
import torch
from transformers import LlamaConfig, LlamaForSequenceClassification

from whetstone.data_settings import JudgeSettings
from whetstone.policy.tokenizer import TextTokenizer
from whetstone.preference import Pairwise, RewardModel
from whetstone.rollout.types import Completion, Request
from whetstone.stage_data import _judge


def asked(text: str) -> tuple[str, str]:
    """The two replies in a judge's prompt."""
    first = text.partition("<reply_a>\n")[2].partition("\n</reply_a>")[0]
    return first, text.partition("<reply_b>\n")[2].partition("\n</reply_b>")[0]


class Likes:
    """A judge in this process, by a rule; `seen` are the replies in the order in which it read them."""

    def __init__(self, rule) -> None:
        self.rule, self.seen = rule, []

    def generate(self, requests: Sequence[Request]) -> list[list[Completion]]:
        assert all(isinstance(r.prompt, str) and r.sampling.temperature == 0 for r in requests)
        pairs = [asked(str(request.prompt)) for request in requests]
        self.seen += pairs
        texts = [self.rule(*pair) for pair in pairs]
        return [[Completion(text, (), (), "stop" if text else "error")] for text in texts]


def longer(first: str, second: str) -> str:
    if len(first) == len(second):
        return "They are alike. [[C]]"
    return f"<think>[[B]]? No.</think>So [[{'A' if len(first) > len(second) else 'B'}]]"


# -- pairwise ---------------------------------------------------------------------------------------------------------


def test_scores_by_hand():
    judge = Likes(longer)
    # on a ring of three all meet: "ccc" wins twice, "bb" once, "a" never
    assert Pairwise(judge, against=1).scores(["p"], [["a", "bb", "ccc"]]) == [[0.0, 0.5, 1.0]]
    assert len(judge.seen) == 6
    assert {(b, a) for a, b in judge.seen} == set(judge.seen)  # each pair in both orders
    # of four, each meets its neighbours only: a-b, b-c, c-d, d-a
    assert Pairwise(judge).scores(["p"], [["a", "bb", "ccc", "dddd"]]) == [[0.0, 0.5, 0.5, 1.0]]
    assert Pairwise(judge, against=9).scores(["p"], [["a", "bb", "ccc", "dddd"]]) == [[0.0, 1 / 3, 2 / 3, 1.0]]
    assert Pairwise(judge).scores(["p", "q"], [["a", "a"], ["alone"]]) == [[0.5, 0.5], [0.5]]


def test_who_always_likes_the_first_says_nothing():
    assert Pairwise(Likes(lambda first, second: "[[A]]")).scores(["p"], [["a", "bb"]]) == [[0.5, 0.5]]


def test_a_judge_that_fails_gives_no_score():
    def rule(first: str, second: str) -> str:
        return "" if "bad" in (first, second) else longer(first, second)

    (scores,) = Pairwise(Likes(rule), against=1).scores(["p"], [["bad", "a", "bb", "ccc"]])
    # bad meets a and ccc in vain; a loses to bb, bb loses to ccc
    assert math.isnan(scores[0])
    assert scores[1:] == [0.0, 0.5, 1.0]
    (both,) = Pairwise(Likes(lambda first, second: "I cannot say")).scores(["p"], [["a", "b"]])
    assert all(map(math.isnan, both))


def test_reasoning_is_not_shown_and_braces_are_text():
    judge = Likes(longer)
    Pairwise(judge).scores(["{first} {x}"], [["<think>a long thought</think>a", "{second}"]])
    assert judge.seen[0] == ("a", "{second}")


class Prefers(BaseHTTPRequestHandler):
    """An OpenAI-compatible server that prefers the longer reply; its first answer is that it is broken."""

    calls: ClassVar[list[str]] = []

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        self.calls.append(body["model"])
        broken = len(self.calls) == 1
        message = {"role": "assistant", "content": longer(*asked(body["messages"][0]["content"]))}
        answer = {"choices": [{"index": 0, "message": message, "finish_reason": "stop"}]}
        data = json.dumps({"error": {"message": "not now"}} if broken else answer).encode()
        self.send_response(500 if broken else 200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing."""


def test_a_judge_at_an_endpoint():
    with ThreadingHTTPServer(("127.0.0.1", 0), Prefers) as server:
        thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        address = f"http://127.0.0.1:{server.server_port}/v1#judge"
        judge = _judge(JudgeSettings(kind="endpoint", name=address, against=9))
        assert isinstance(judge, Pairwise)
        assert judge.scores(["p", "q"], [["a", "bb", "ccc"], ["dddd", "e"]]) == [[0.0, 0.5, 1.0], [1.0, 0.0]]
        assert Prefers.calls == ["judge"] * 9  # four pairs in both orders, one of them asked for again
        server.shutdown()
        thread.join()


# -- a reward model ---------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def reward_model(tmp_path_factory: pytest.TempPathFactory) -> str:
    folder = tmp_path_factory.mktemp("reward")
    tokenizer = TextTokenizer.train(["a b c d"], vocab_size=260)
    tokenizer.save(folder)
    config = LlamaConfig(
        vocab_size=len(tokenizer),
        hidden_size=16,
        intermediate_size=16,
        num_hidden_layers=1,
        num_attention_heads=2,
        pad_token_id=tokenizer.pad,
    )
    config.num_labels = 1
    torch.manual_seed(0)
    LlamaForSequenceClassification(config).save_pretrained(folder)
    return str(folder)


def test_a_reward_model_scores_each_reply_by_itself(reward_model: str):
    judge = _judge(JudgeSettings(kind="model", name=reward_model))
    assert isinstance(judge, RewardModel)
    replies = [["a", "b c d", "<think>d</think>a"], ["a a a a a a a"]]
    first, second = judge.scores(["b", "c"], replies)
    assert first[0] == pytest.approx(first[2], abs=1e-6)  # reasoning is not read
    assert all(0 < score < 1 for score in (*first, *second))
    assert len({round(score, 6) for score in (*first[:2], *second)}) == 3
    alone = judge.scores(["b"], [["b c d"]])
    assert alone[0][0] == pytest.approx(first[1], abs=1e-5)  # padding does not count
    ids = judge.tokenizer("b\nb c d", return_tensors="pt", add_special_tokens=False)
    assert alone[0][0] == pytest.approx(float(judge.model(**ids).logits.detach().sigmoid()), abs=1e-6)


def test_what_is_no_reward_model_is_a_sentence(tmp_path: Path):
    with pytest.raises(ValueError, match=r"there is no reward model .*absent"):
        RewardModel(str(tmp_path / "absent"))
