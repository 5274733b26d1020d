"""What goes wrong while a server works: clients that leave, crowds, slow and broken samplers, and being killed."""

import itertools
import json
import signal
import subprocess
import sys
import textwrap
import threading
import time
from collections.abc import Callable
from pathlib import Path

import httpx
import openai
import pytest

from whetstone.rollout.engine import Engine
from whetstone.rollout.server.bridge import Batches
from whetstone.rollout.types import Completion, Request

ENDLESS = {"prompt": "p", "max_tokens": 500, "n": 2}


def until(condition: Callable[[], bool]) -> None:
    """Wait for something that another thread does; ten seconds are a failure."""
    deadline = time.monotonic() + 10
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.005)


def events(reply: httpx.Response) -> list:
    """The events of a stream, read to its end."""
    lines = [line.removeprefix("data: ") for line in reply.iter_lines() if line]
    return [line if line == "[DONE]" else json.loads(line) for line in lines]


@pytest.mark.parametrize("stream", [False, True])
def test_when_a_client_leaves_its_samples_are_dropped(typist, served, stream: bool):
    sampler = typist(seconds=0.01)
    with served(sampler) as address, httpx.Client() as http:
        body = ENDLESS | {"stream": stream}
        if stream:
            with http.stream("POST", f"{address}/v1/completions", json=body) as reply:
                assert next(reply.iter_lines())
        else:
            with pytest.raises(httpx.ReadTimeout):
                httpx.post(f"{address}/v1/completions", json=body, timeout=httpx.Timeout(5, read=0.1))
        until(lambda: not sampler.handles)
        written = sampler.letters
        assert written < 1000  # of 2 x 500
        time.sleep(0.05)
        assert sampler.letters == written
        metrics = http.get(f"{address}/metrics").text
        assert "whetstone_unfinished_samples 0" in metrics
        assert "whetstone_cancelled_samples_total 2" in metrics
        assert http.post(f"{address}/v1/completions", json={"prompt": "p", "max_tokens": 2}).status_code == 200


def test_leaving_a_strategy_drops_its_whole_round(typist, served):
    sampler = typist(seconds=0.01)
    with served(sampler) as address:
        body = {"prompt": "p", "max_tokens": 200, "strategy": "delethink:n=3,rounds=2,tail=2"}
        with pytest.raises(httpx.ReadTimeout):
            httpx.post(f"{address}/v1/completions", json=body, timeout=httpx.Timeout(5, read=0.1))
        until(lambda: not sampler.handles)


def test_a_full_server_says_when_to_come_back(typist, served):
    sampler = typist(seconds=0.01)
    with served(sampler, capacity=3) as address, httpx.Client(base_url=f"{address}/v1") as http:
        with http.stream("POST", "completions", json=ENDLESS | {"stream": True}) as reply:
            lines = reply.iter_lines()  # kept: an iterator that is dropped closes its connection
            next(lines)
            refused = http.post("completions", json=ENDLESS)
            fits = http.post("completions", json=ENDLESS | {"n": 1, "max_tokens": 3})
        assert refused.status_code == 429
        assert int(refused.headers["Retry-After"]) >= 1
        assert "2 samples are unfinished, and the server holds 3" in refused.json()["error"]["message"]
        assert fits.status_code == 200
        until(lambda: not sampler.handles)
        until(lambda: http.post("completions", json=ENDLESS | {"n": 3, "max_tokens": 3}).status_code == 200)


@pytest.mark.parametrize("stream", [False, True])
def test_a_request_may_take_only_so_long(typist, served, stream: bool):
    sampler = typist(seconds=0.01)
    with served(sampler, seconds=0.2) as address:
        with httpx.stream("POST", f"{address}/v1/completions", json=ENDLESS | {"stream": stream}) as reply:
            if stream:
                *texts, last = events(reply)
                assert reply.status_code == 200 and len(texts) > 2
            else:
                last = json.loads(reply.read())
                assert reply.status_code == 504
        assert "longer than 0.2 s" in last["error"]["message"]
        until(lambda: not sampler.handles)


def test_a_broken_sampler_is_reported_and_the_server_is_not_healthy(typist, served):
    sampler = typist(seconds=0.01)
    with served(sampler) as address, httpx.Client(base_url=address) as http:
        with http.stream("POST", "/v1/completions", json=ENDLESS | {"stream": True}) as reply:
            lines = reply.iter_lines()
            next(lines)
            sampler.broken = "no memory"
            rest = [line for line in lines if line]
        assert (
            "the sampler broke: RuntimeError: no memory"
            in json.loads(rest[-1].removeprefix("data: "))["error"]["message"]
        )
        assert http.post("/v1/completions", json=ENDLESS).status_code == 503
        health = http.get("/health")
        assert (health.status_code, health.json()["status"]) == (503, "the sampler broke: RuntimeError: no memory")


def test_a_sample_in_error_is_an_error(served):
    class Failing:
        def generate(self, requests):
            failed = Completion("", (1,), (0.0,), "error", error="NaN logits in layer 3")
            return [[failed] * request.n for request in requests]

    with served(Batches(Failing())) as address:
        reply = httpx.post(f"{address}/v1/completions", json={"prompt": "p"})
        assert (reply.status_code, reply.json()["error"]["message"]) == (500, "NaN logits in layer 3")
        assert httpx.get(f"{address}/health").status_code == 200  # the sampler itself goes on


def test_any_sampler_can_be_served(served):
    class Echo:
        calls = 0

        def generate(self, requests):
            self.calls += 1
            time.sleep(0.05)
            return [[Completion(f"{r.seed}.{i}", (1, 2), (0.0, 0.0), "stop") for i in range(r.n)] for r in requests]

    sampler, replies = Echo(), {}
    with served(Batches(sampler)) as address:

        def ask(seed: int) -> None:
            body = {"prompt": "p", "seed": seed, "n": 2, "stream": seed % 2 == 1}
            reply = httpx.post(f"{address}/v1/completions", json=body)
            choices = [e["choices"][0] for e in events(reply)[:-1]] if seed % 2 else reply.json()["choices"]
            replies[seed] = [choice["text"] for choice in choices]

        threads = [threading.Thread(target=ask, args=(seed,)) for seed in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert replies == {seed: [f"{seed}.0", f"{seed}.1"] for seed in range(8)}
    assert sampler.calls < 8  # what waits is answered together


def test_many_clients_at_once_each_get_their_own(typist, served):
    sampler = typist(lambda request, sample: f"{chr(request.prompt[0])}{sample}" * 5)
    with served(sampler) as address:
        texts: dict[str, str] = {}

        def ask(letter: str) -> None:
            with httpx.stream("POST", f"{address}/v1/completions", json={"prompt": letter, "stream": True}) as reply:
                texts[letter] = "".join(e["choices"][0]["text"] for e in events(reply)[:-1])

        threads = [threading.Thread(target=ask, args=(letter,)) for letter in "abcdefgh"]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert texts == {letter: f"{letter}0" * 5 for letter in "abcdefgh"}


def test_a_server_that_stops_ends_its_streams(typist, served):
    with httpx.Client() as http:
        with served(typist(seconds=0.05)) as address:
            request = http.build_request("POST", f"{address}/v1/completions", json=ENDLESS | {"stream": True})
            lines = http.send(request, stream=True).iter_lines()
            next(lines)
        with pytest.raises(httpx.RemoteProtocolError):
            list(lines)


def test_a_killed_server_ends_its_streams_at_once(tmp_path):
    script = tmp_path / "serve.py"
    script.write_text(
        textwrap.dedent(
            f"""
            import runpy, sys, time
            fakes = runpy.run_path({str(Path(__file__).with_name("conftest.py"))!r})
            with fakes["_served"](fakes["Typist"](seconds=0.05)) as address:
                print(address, flush=True)
                time.sleep(60)
            """
        )
    )
    server = subprocess.Popen([sys.executable, str(script)], stdout=subprocess.PIPE, text=True)
    try:
        assert server.stdout is not None
        address = server.stdout.readline().strip()
        chat = openai.OpenAI(base_url=f"{address}/v1", api_key="none", max_retries=0)
        stream = chat.completions.create(model="letters", prompt="p", max_tokens=500, stream=True)
        next(iter(stream))
        server.send_signal(signal.SIGKILL)
        with pytest.raises(openai.APIConnectionError):
            list(stream)
    finally:
        server.kill()
        server.wait()
        server.stdout.close()  # type: ignore[union-attr]


# -- over the engine --------------------------------------------------------------------------------------------------


def test_the_engine_streams_what_it_answers_at_once(make_policy, numbers, served):
    engine = Engine(make_policy(), numbers, stop=2)
    (expected,) = engine.generate([Request("3 4 5", n=3, seed=8)])
    body = {"prompt": "3 4 5", "n": 3, "seed": 8, "max_tokens": 256}
    with (
        served(engine, tokenizer=numbers, positions=engine.model.config.max_position_embeddings) as address,
        httpx.Client(base_url=address) as http,
    ):
        whole = http.post("/v1/completions", json=body).json()
        with http.stream("POST", "/v1/completions", json=body | {"stream": True}) as reply:
            texts = {0: "", 1: "", 2: ""}
            for part in events(reply)[:-1]:
                (choice,) = part["choices"]
                texts[choice["index"]] += choice["text"]
        assert [choice["text"] for choice in whole["choices"]] == [completion.text for completion in expected]
        assert list(texts.values()) == [completion.text for completion in expected]


def test_a_token_that_the_policy_has_not_is_refused_and_breaks_nothing(make_policy, numbers, served):
    engine = Engine(make_policy(), numbers, stop=2)
    with (
        served(engine, tokenizer=numbers, positions=engine.model.config.max_position_embeddings) as address,
        httpx.Client(base_url=address) as http,
    ):
        refused = http.post("/v1/completions", json={"prompt": [3, 10**30]})
        assert refused.status_code == 400 and "is none of the policy's" in refused.json()["error"]["message"]
        assert http.post("/v1/completions", json={"prompt": [3, 4], "max_tokens": 2}).status_code == 200


def test_a_stop_string_across_tokens_is_cut_off_and_never_shown(make_policy, numbers, served):
    engine = Engine(make_policy(), numbers, stop=2)
    written = (engine.generate([Request("3 4 5", seed=seed)])[0][0].text for seed in itertools.count())
    seed, text = next((seed, text) for seed, text in enumerate(written) if len(text.split()) > 6)
    words = text.split()
    stop = f"{words[3]} {words[4]}"  # the end of one token, a blank, and the next one
    expected = text[: text.index(stop)]
    body = {"prompt": "3 4 5", "seed": seed, "max_tokens": 256, "stop": stop, "stream": True}
    with served(engine, tokenizer=numbers, positions=engine.model.config.max_position_embeddings) as address:
        *parts, _ = events(httpx.post(f"{address}/v1/completions", json=body))
    assert "".join(part["choices"][0]["text"] for part in parts) == expected
    assert parts[-1]["choices"][0]["finish_reason"] == "stop"


def test_the_engine_stops_writing_when_a_client_leaves(make_policy, numbers, served):
    policy = make_policy(max_position_embeddings=4096)
    engine = Engine(policy, numbers, stop=39)
    body = {"prompt": "3 4 5", "max_tokens": 4000, "n": 4, "stream": True, "stop_token_ids": []}
    with served(engine, tokenizer=numbers, positions=engine.model.config.max_position_embeddings) as address:
        with httpx.stream("POST", f"{address}/v1/completions", json=body) as reply:
            next(reply.iter_lines())
        until(lambda: not engine.unfinished)
        assert (
            httpx.post(f"{address}/v1/completions", json=body | {"max_tokens": 3, "stream": False}).status_code == 200
        )
