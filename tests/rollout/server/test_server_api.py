"""The API as the `openai` package and as plain HTTP sees it."""

import json
from typing import Any

import httpx
import openai
import pytest

SEARCH: Any = {"type": "function", "function": {"name": "search", "parameters": {"type": "object", "properties": {}}}}
CALL = "<zyphra_tool_call><function=search><parameter=q>\n1\n</parameter></function></zyphra_tool_call>"


def client(address: str) -> openai.OpenAI:
    return openai.OpenAI(base_url=f"{address}/v1", api_key="none", max_retries=0)


def says(*texts: str):
    """A script: sample i writes text i."""
    return lambda request, sample: texts[sample % len(texts)]


def test_a_chat_has_reasoning_content_and_usage(typist, served):
    with served(typist(says("<think>\nhm\n</think>\n\nfour"))) as address:
        reply = client(address).chat.completions.create(model="letters", messages=[{"role": "user", "content": "2+2?"}])
    (choice,) = reply.choices
    assert (choice.message.content, choice.message.reasoning_content) == ("four", "hm")  # type: ignore[attr-defined]
    assert (choice.finish_reason, reply.model, reply.object) == ("stop", "letters", "chat.completion")
    assert reply.usage is not None
    assert (reply.usage.prompt_tokens, reply.usage.completion_tokens) == (4, len("<think>\nhm\n</think>\n\nfour") + 1)


def test_a_stream_says_the_same_in_pieces(typist, served):
    with served(typist(says("<think>hm</think>four"))) as address:
        stream = client(address).chat.completions.create(
            model="letters",
            messages=[{"role": "user", "content": "2+2?"}],
            stream=True,
            stream_options={"include_usage": True},
        )
        *chunks, last = list(stream)
    deltas = [chunk.choices[0].delta for chunk in chunks]
    assert "".join(delta.content or "" for delta in deltas) == "four"
    assert "".join(getattr(delta, "reasoning_content", "") or "" for delta in deltas) == "hm"
    assert sum(bool(delta.content) for delta in deltas) == 4  # letter by letter
    assert chunks[0].choices[0].delta.role == "assistant"
    assert [c.choices[0].finish_reason for c in chunks if c.choices[0].finish_reason] == ["stop"]
    assert last.choices == []
    assert last.usage is not None and last.usage.completion_tokens == len("<think>hm</think>four") + 1


@pytest.mark.parametrize("stream", [False, True])
def test_tool_calls(typist, served, stream: bool):
    with served(typist(says(f"I search. {CALL}")), tokenizer=Bracketed()) as address:
        completions: Any = client(address).chat.completions
        asked = [{"role": "user", "content": "?"}]
        reply = completions.create(model="letters", messages=asked, tools=[SEARCH], stream=stream)
        if stream:
            chunks = [chunk.choices[0] for chunk in reply]
            (call,) = [call for chunk in chunks for call in chunk.delta.tool_calls or ()]
            assert call.index == 0
            text, finish = "".join(chunk.delta.content or "" for chunk in chunks), chunks[-1].finish_reason
        else:
            (choice,) = reply.choices
            (call,) = choice.message.tool_calls
            text, finish = choice.message.content, choice.finish_reason
    assert (call.function.name, json.loads(call.function.arguments)) == ("search", {"q": 1})
    assert (text, finish) == ("I search.", "tool_calls")


class Bracketed:
    """A tokenizer of letters with a chat template."""

    chat_template = "yes"

    def apply_chat_template(self, messages, tools, add_generation_prompt, tokenize):
        return "".join(f"[{message['role']}]{message['content']}" for message in messages)

    def encode(self, text, add_special_tokens=True):
        return list(map(ord, text))

    def decode(self, tokens):
        return "".join(chr(token) for token in tokens if token)


def test_completions_of_several_prompts(typist, served):
    sampler = typist(lambda request, sample: f"{chr(request.prompt[0])}{sample}")
    with served(sampler) as address:
        reply = client(address).completions.create(model="letters", prompt=["ab", "c"], n=2, seed=5, max_tokens=9)
    assert [(choice.index, choice.text) for choice in reply.choices] == [(0, "a0"), (1, "a1"), (2, "c0"), (3, "c1")]
    assert reply.usage is not None and (reply.usage.prompt_tokens, reply.usage.completion_tokens) == (3, 12)
    assert [(request.seed, request.n, request.sampling.max_tokens) for request in sampler.requests] == [
        (5, 2, 9),
        (6, 2, 9),
    ]


def test_completions_stream_and_take_token_ids(typist, served):
    with served(typist(says("xy", "z"))) as address:
        stream = client(address).completions.create(model="letters", prompt=[97, 98], n=2, stream=True)
        texts = {0: "", 1: ""}
        for chunk in stream:
            texts[chunk.choices[0].index] += chunk.choices[0].text
    assert texts == {0: "xy", 1: "z"}


def test_parameters_reach_the_sampler(typist, served):
    sampler = typist(says("x"))
    with served(sampler, defaults={"temperature": 0.6, "top_k": 20}) as address:
        client(address).completions.create(
            model="letters",
            prompt="p",
            top_p=0.9,
            stop=["\n\n"],
            extra_body={"top_k": 7, "min_p": 0.1, "stop_token_ids": [3]},
        )
    (request,) = sampler.requests
    sampling = request.sampling
    assert (sampling.temperature, sampling.top_p, sampling.top_k, sampling.min_p) == (0.6, 0.9, 7, 0.1)
    assert (sampling.stop, sampling.stop_tokens) == (("\n\n",), (3,))
    assert sampling.max_tokens == 511  # what the context leaves


def test_logprobs_and_token_ids(typist, served):
    with served(typist(says("hi"))) as address:
        chat = client(address).chat.completions.create(
            model="letters",
            messages=[{"role": "user", "content": "p"}],
            logprobs=True,
            extra_body={"return_token_ids": True},
        )
        plain = client(address).completions.create(model="letters", prompt="p", logprobs=0)
    content = chat.choices[0].logprobs.content  # type: ignore[union-attr]
    assert [(entry.token, entry.logprob) for entry in content or ()] == [("h", -0.5), ("i", -0.5), ("", -0.5)]
    assert chat.choices[0].token_ids == [104, 105, 0]  # type: ignore[attr-defined]
    assert chat.prompt_token_ids == [112]  # type: ignore[attr-defined]
    assert plain.choices[0].logprobs is not None
    assert plain.choices[0].logprobs.text_offset == [0, 1, 2]


def test_a_strategy_is_an_option_of_a_request(typist, served):
    sampler = typist(lambda request, sample: f"step {len(request.prompt)}<answer>{len(request.prompt) % 3}</answer>")
    with served(sampler) as address:
        reply = client(address).chat.completions.create(
            model="letters",
            messages=[{"role": "system", "content": "s"}, {"role": "user", "content": "2+2?"}],
            max_tokens=40,
            n=2,
            seed=1,
            extra_body={"strategy": {"name": "markovian-rsa", "n": 4, "c": 2, "rounds": 1, "tail": 8}},
        )
    first, *second = sampler.requests
    assert (first.n, first.prompt) == (4, tuple(map(ord, "s\n2+2?")))
    assert [request.n for request in second] == [1] * 4
    shown = "".join(map(chr, second[0].prompt))
    assert shown.startswith("s\n2+2?\n\nThese are the ends") and "Attempt 2:\nstep 6" in shown
    assert len(reply.choices) == 2
    drawn = sum(len(f"step {len(r.prompt)}<answer>0</answer>") + 1 for r in (first,) * 4 + tuple(second))
    assert reply.usage is not None and reply.usage.completion_tokens == drawn  # all rounds


def test_a_server_has_a_strategy_of_its_own_and_streams_it(typist, served):
    from whetstone.rollout.strategies import parse_strategy

    sampler = typist(says("<answer>1</answer>", "<answer>2</answer>", "<answer>2</answer>"))
    with served(sampler, strategy=parse_strategy("majority:n=3")) as address:
        stream = client(address).completions.create(model="letters", prompt="p", max_tokens=40, stream=True)
        assert "".join(chunk.choices[0].text for chunk in stream) == "<answer>2</answer>"


def test_models_health_and_metrics(typist, served):
    with served(typist(says("xy")), capacity=7) as address, httpx.Client(base_url=address) as http:
        assert [model.id for model in client(address).models.list()] == ["letters"]
        assert client(address).models.retrieve("letters").id == "letters"
        with pytest.raises(openai.NotFoundError, match="there is no model 'gpt' here"):
            client(address).models.retrieve("gpt")
        assert http.get("/health").json() == {"status": "ok"}
        http.post("/v1/completions", json={"prompt": "abc", "n": 2})
        http.post("/v1/completions", content="{")
        lines = http.get("/metrics").text.splitlines()
    for line in (
        'whetstone_requests_total{path="/v1/completions",status="200"} 1',
        'whetstone_requests_total{path="/v1/completions",status="400"} 1',
        "whetstone_prompt_tokens_total 3",
        "whetstone_completion_tokens_total 6",
        "whetstone_unfinished_samples 0",
        "whetstone_capacity_samples 7",
        'whetstone_request_seconds_bucket{le="+Inf"} 2',
        "whetstone_first_token_seconds_count 1",
    ):
        assert line in lines


@pytest.fixture(scope="module")
def refusing(typist, served):
    sampler = typist(says("x"))
    with served(sampler) as address, httpx.Client(base_url=f"{address}/v1") as http:
        yield http, sampler


@pytest.mark.parametrize(
    ("path", "body", "status", "message"),
    [
        ("completions", "{", 400, "the body is no valid JSON"),
        ("completions", b'{"prompt": "\xff"}', 400, "the body is no valid JSON"),
        ("completions", "[" * 100_000, 400, "the body is no valid JSON"),
        ("completions", "[1]", 400, "the body must be a JSON object, not list"),
        ("completions", {}, 400, "prompt is missing"),
        ("completions", {"prompt": []}, 400, "prompt: "),
        ("completions", {"prompt": ""}, 400, "the prompt is empty"),
        ("completions", {"prompt": "p", "max_token": 3}, 400, "unknown parameter 'max_token'"),
        ("completions", {"prompt": "p", "max_tokens": 0}, 400, "max_tokens: Input should be greater"),
        ("completions", {"prompt": "p", "temperature": -1}, 400, "temperature must be >= 0"),
        ("completions", {"prompt": "p", "temperature": 1e-300}, 400, "temperature must be 0, or finite and at least"),
        ("completions", '{"prompt": "p", "temperature": NaN}', 400, "temperature: Input should be a finite number"),
        ("completions", '{"prompt": "p", "temperature": 1e999}', 400, "temperature: Input should be a finite number"),
        ("completions", {"prompt": "p", "top_k": 1 << 64}, 400, "top_k: Input should be less than 2147483648"),
        ("completions", {"prompt": "p", "logprobs": 21}, 400, "logprobs: Input should be less than or equal to 20"),
        ("completions", {"prompt": "p", "echo": True}, 400, "echo is not supported"),
        ("completions", {"prompt": "p", "n": 0}, 400, "n: Input should be greater than or equal to 1"),
        ("completions", {"prompt": "p", "stop": [""]}, 400, "a stop string must hold at least one character"),
        ("completions", {"prompt": "p", "n": 10_000}, 400, "10000 samples at once are more than the 64"),
        ("completions", {"prompt": "p" * 600}, 400, "a prompt of 600 tokens and max_tokens=1 need 601 positions"),
        ("completions", {"prompt": "p", "max_tokens": 512}, 400, "this policy has 512"),
        ("completions", {"prompt": "p", "presence_penalty": 1}, 400, "presence_penalty is not supported"),
        ("completions", {"prompt": "p", "model": "gpt"}, 404, "there is no model 'gpt' here, only 'letters'"),
        ("completions", {"prompt": "p", "strategy": "rsa:tail=2"}, 400, "rsa has no 'tail'"),
        ("completions", {"prompt": "p", "strategy": "rsa"}, 400, "rsa needs max_tokens"),
        ("completions", {"prompt": ["p", "q"], "strategy": "rsa", "max_tokens": 3}, 400, "needs one prompt, as text"),
        (
            "completions",
            {"prompt": "p", "strategy": "majority", "n": 2, "max_tokens": 3},
            400,
            "ends with 1 candidates",
        ),
        (
            "completions",
            {"prompt": "p", "strategy": "markovian-rsa", "max_tokens": 3},
            400,
            "a prompt with its tails of",
        ),
        ("completions", {"prompt": "p", "strategy": "delethink:n=0", "max_tokens": 3}, 400, "c must lie in 1..n"),
        ("chat/completions", {"messages": []}, 400, "messages: List should have at least 1 item"),
        ("chat/completions", {"messages": [{"content": "x"}]}, 400, "each needs a role"),
        ("chat/completions", {"messages": [{"role": "tool", "content": "x"}]}, 400, "cannot read tool"),
        ("chat/completions", {"messages": [{"role": "user", "content": "x"}], "tools": [{}]}, 400, "tools: expected"),
        (
            "chat/completions",
            {"messages": [{"role": "user", "content": "x"}], "top_logprobs": 2},
            400,
            "needs logprobs",
        ),
    ],
)
def test_what_cannot_be_served_is_said_in_a_sentence(refusing, path: str, body, status: int, message: str):
    http, sampler = refusing
    reply = http.post(path, content=body if isinstance(body, str | bytes) else json.dumps(body))
    assert (reply.status_code, sampler.requests) == (status, [])
    error = reply.json()["error"]
    assert message in error["message"]
    assert error["type"] == "invalid_request_error"
