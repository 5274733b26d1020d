"""The client against our own server, and against one that drops, stalls, refuses and errs by a fixed pattern."""

import asyncio
import contextlib
import json
import math
import socket
import threading
from collections import Counter
from collections.abc import Iterator

import pytest

from whetstone.rollout.gate import Gate
from whetstone.rollout.openai import Endpoint, EndpointError
from whetstone.rollout.types import Request, Sampling


@contextlib.contextmanager
def http_server(answer) -> Iterator[str]:
    """A server whose `answer(body, writer)` writes the reply, one connection a request; its address."""
    loop = asyncio.new_event_loop()
    stopped = asyncio.Event()

    async def connected(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            head = (await reader.readuntil(b"\r\n\r\n")).decode().lower()
            length = int(head.partition("content-length:")[2].split()[0])
            await answer(json.loads(await reader.readexactly(length)), writer)
        except (asyncio.IncompleteReadError, ConnectionError, asyncio.CancelledError):
            pass
        finally:
            writer.close()

    async def serve() -> None:
        async with await asyncio.start_server(connected, sock=listening):
            await stopped.wait()
        others = asyncio.all_tasks() - {asyncio.current_task()}
        for task in others:
            task.cancel()
        await asyncio.gather(*others, return_exceptions=True)

    listening = socket.socket()
    listening.bind(("127.0.0.1", 0))
    listening.listen(512)
    thread = threading.Thread(target=loop.run_until_complete, args=(serve(),))
    thread.start()
    try:
        yield f"http://127.0.0.1:{listening.getsockname()[1]}/v1"
    finally:
        loop.call_soon_threadsafe(stopped.set)
        thread.join()
        loop.close()


def status(writer: asyncio.StreamWriter, code: int, body: dict | str, *headers: str) -> None:
    content = body if isinstance(body, str) else json.dumps(body)
    lines = [f"HTTP/1.1 {code} X", "Connection: close", f"Content-Length: {len(content)}", *headers]
    writer.write(("\r\n".join(lines) + "\r\n\r\n" + content).encode())


def begin(writer: asyncio.StreamWriter) -> None:
    writer.write(b"HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Type: text/event-stream\r\n\r\n")


def say(writer: asyncio.StreamWriter, *events: dict | str) -> None:
    for event in events:
        writer.write(f"data: {event if isinstance(event, str) else json.dumps(event)}\n\n".encode())


def text(content: str, finish: str | None = None) -> dict:
    return {"choices": [{"index": 0, "delta": {"content": content}, "finish_reason": finish}]}


def whole(writer: asyncio.StreamWriter, content: str) -> None:
    begin(writer)
    say(
        writer,
        text(content[:3]),
        text(content[3:], "stop"),
        {"choices": [], "usage": {"completion_tokens": 5}},
        "[DONE]",
    )


def quick(url: str, **changes) -> Endpoint:
    return Endpoint(url, "m", **{"stall": 0.3, **changes})  # type: ignore[arg-type]


@pytest.fixture(autouse=True)
def short_pauses(monkeypatch):
    monkeypatch.setattr("whetstone.rollout.openai.PAUSE", 0.01)


def test_every_request_is_counted_once_whatever_the_server_does():
    seen: Counter[str] = Counter()
    delivered: Counter[tuple[str, int]] = Counter()
    number = 0

    async def hostile(body: dict, writer: asyncio.StreamWriter) -> None:
        nonlocal number
        number += 1
        at, asked = number, body["messages"][0]["content"]
        if at % 20 == 0:  # dropped: half of them before a word, half in the middle
            seen["dropped"] += 1
            if at % 40 == 0:
                begin(writer)
                say(writer, text("half an ans"))
        elif at % 7 == 0:
            seen["busy"] += 1
            status(writer, 429, {"error": {"message": "slow down"}}, "Retry-After: 0")
        elif at % 11 == 0:
            seen["server error"] += 1
            status(writer, 500, "oops")
        elif at % 67 == 0:
            seen["stalled"] += 1
            await asyncio.sleep(60)
        elif at % 31 == 0:  # the status was good, then it went wrong
            seen["server error"] += 1
            begin(writer)
            say(writer, text("hal"), {"error": {"message": "out of memory"}})
        else:
            delivered[asked, body["seed"]] += 1
            whole(writer, f"answer to {asked}")
        await writer.drain()

    requests = [Request(f"q{i}", Sampling(max_tokens=9), n=2, seed=i) for i in range(60)]
    heard: Counter[int] = Counter()
    with http_server(hostile) as url:
        endpoint = quick(url, concurrency=16, attempts=12, stall=3.0)
        groups = endpoint.generate(requests, lambda index, completion: heard.update([index]))
    assert [[c.text for c in group] for group in groups] == [[f"answer to q{i}"] * 2 for i in range(60)]
    assert heard == {i: 2 for i in range(60)}
    assert len(delivered) == 120 and set(delivered.values()) == {1}  # nobody was asked again who had answered
    counts = endpoint.metrics()
    assert (counts["asked"], counts["answered"], counts.get("failed", 0)) == (120, 120, 0)
    assert counts["tokens"] == 5 * 120
    assert {kind: counts[f"repeated: {kind}"] for kind in seen} == seen
    assert number == 120 + sum(seen.values())


def test_what_fails_to_the_end_is_one_failed_completion():
    async def broken(body: dict, writer: asyncio.StreamWriter) -> None:
        if body["messages"][0]["content"] == "good":
            whole(writer, "fine")
        else:
            status(writer, 500, {"error": {"message": "oops"}})

    with http_server(broken) as url:
        endpoint = quick(url, attempts=3)
        (bad,), (good,) = endpoint.generate([Request("bad"), Request("good")])
    assert (good.text, good.finish) == ("fine", "stop")
    assert (bad.finish, bad.tokens) == ("error", ())
    assert "500 from" in bad.error and "oops (after 3 attempts)" in bad.error
    assert endpoint.counts == {"asked": 2, "answered": 1, "failed": 1, "tokens": 5, "repeated: server error": 2}


def test_a_refused_request_is_not_repeated():
    calls = 0

    async def refusing(body: dict, writer: asyncio.StreamWriter) -> None:
        nonlocal calls
        calls += 1
        status(writer, 400, {"error": {"message": "the prompt is too long"}})

    with http_server(refusing) as url:
        ((completion,),) = quick(url).generate([Request("q")])
    assert calls == 1
    assert completion.finish == "error" and "the prompt is too long" in completion.error


@pytest.mark.parametrize(
    ("code", "body", "message"),
    [
        (401, {"error": {"message": "wrong key"}}, "401 from .*: wrong key"),
        (404, {"error": {"message": "no model 'm'"}}, "no model 'm'"),
        (429, {"error": {"message": "pay first", "code": "insufficient_quota"}}, "pay first"),
        (403, "<html>", "<html>"),
    ],
)
def test_what_would_fail_for_all_is_raised(code: int, body, message: str):
    async def hopeless(_: dict, writer: asyncio.StreamWriter) -> None:
        status(writer, code, body)

    with http_server(hopeless) as url, pytest.raises(EndpointError, match=message):
        quick(url).generate([Request("q")] * 20)


def test_nobody_there_is_said():
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{free.getsockname()[1]}/v1"
        with pytest.raises(EndpointError, match="cannot be reached"):
            quick(url, attempts=2).generate([Request("q")])
    with pytest.raises(ValueError, match="expected an address such as http://localhost:8000/v1, got 'localhost"):
        quick("localhost:8000/v1")


def test_a_crowd_that_is_told_off_becomes_smaller():
    running = most_late = calls = 0

    async def narrow(body: dict, writer: asyncio.StreamWriter) -> None:
        nonlocal running, most_late, calls
        running, calls = running + 1, calls + 1
        try:
            if calls > 100:
                most_late = max(most_late, running)
            await asyncio.sleep(0.005)
            if running > 4:
                status(writer, 429, "")
            else:
                whole(writer, "fine")
        finally:
            running -= 1

    with http_server(narrow) as url:
        endpoint = quick(url, concurrency=64)
        groups = endpoint.generate([Request(f"{i}") for i in range(150)])
    assert all(completion.text == "fine" for (completion,) in groups)
    assert most_late <= 16
    assert endpoint.metrics()["concurrency"] < 16


def test_the_gate_counts_one_crowd_once():
    gate = Gate(64, 64.0)
    for _ in range(10):
        gate.busy(0)  # ten calls that started before the first cut
    assert gate.limit == 32
    gate.busy(1)
    assert gate.limit == 16
    for _ in range(17):
        gate.succeeded()
    assert 16.9 < gate.limit < 17.1  # one more for a round of successes
    for _ in range(20):
        gate.busy(gate.cuts)
    assert gate.limit == 1  # never shut


def test_the_gate_holds_back():
    async def crowd() -> int:
        gate, most, inside = Gate(3, 3.0), 0, 0

        async def enter() -> None:
            nonlocal most, inside
            async with gate:
                inside += 1
                most = max(most, inside)
                await asyncio.sleep(0)
                inside -= 1

        await asyncio.gather(*(enter() for _ in range(20)))
        return most

    assert asyncio.run(crowd()) == 3


def test_a_slow_answer_is_no_stall():
    async def slow(body: dict, writer: asyncio.StreamWriter) -> None:
        begin(writer)
        for letter in "slowly":
            say(writer, text(letter))
            await writer.drain()
            await asyncio.sleep(0.1)
        say(writer, text("", "length"))

    with http_server(slow) as url:
        ((completion,),) = quick(url, stall=0.4).generate([Request("q")])
        assert (completion.text, completion.finish) == ("slowly", "length")
        ((late,),) = quick(url, stall=0.4, seconds=0.2, attempts=2).generate([Request("q")])
    assert late.finish == "error" and "no answer in time" in late.error


def test_reasoning_comes_back_as_it_was_written():
    async def thinking(body: dict, writer: asyncio.StreamWriter) -> None:
        begin(writer)
        say(writer, {"choices": [{"delta": {"reasoning_content": "hm"}}]})
        if body["messages"][0]["content"] == "all":
            say(writer, text("four", "stop"))
        else:
            say(writer, text("", "length"))

    with http_server(thinking) as url:
        (whole_one,), (cut,) = quick(url).generate([Request("all"), Request("part")])
    assert (whole_one.text, cut.text) == ("<think>hm</think>four", "<think>hm")


def test_a_server_that_does_not_stream_is_understood():
    async def plain(body: dict, writer: asyncio.StreamWriter) -> None:
        choice = {"index": 0, "message": {"content": "four"}, "finish_reason": "stop"}
        status(writer, 200, {"choices": [choice], "usage": {"completion_tokens": 2}}, "Content-Type: application/json")

    with http_server(plain) as url:
        ((completion,),) = quick(url).generate([Request("q")])
    assert completion.text == "four"
    assert len(completion.logprobs) == 2 and all(map(math.isnan, completion.logprobs))  # counted, though not known


def test_what_is_asked_and_that_seeds_differ():
    bodies: list[dict] = []

    async def keep(body: dict, writer: asyncio.StreamWriter) -> None:
        bodies.append(body)
        whole(writer, "fine")

    sampling = Sampling(max_tokens=7, temperature=0.5, top_k=3, stop=("x",))
    with http_server(keep) as url:
        quick(url, extra={"reasoning_effort": "low"}).generate([Request("q", sampling, n=2, seed=4)])
        quick(url, api="completions", logprobs=True, token_ids=True).generate([Request((1, 2))])
    first, second, third = sorted(bodies, key=lambda body: ("prompt" in body, body["seed"] != 4))
    assert first["messages"] == [{"role": "user", "content": "q"}]
    assert (first["max_tokens"], first["temperature"], first["top_k"], first["stop"]) == (7, 0.5, 3, ["x"])
    assert first["reasoning_effort"] == "low" and "min_p" not in first
    assert first["seed"] == 4 != second["seed"]
    assert (third["prompt"], third["logprobs"], third["return_token_ids"]) == ([1, 2], 0, True)


def test_a_chat_takes_no_token_ids():
    with pytest.raises(ValueError, match="use api='completions'"):
        quick("http://127.0.0.1:9/v1").generate([Request((1, 2))])


def test_it_works_where_a_loop_is_running():
    async def fine(body: dict, writer: asyncio.StreamWriter) -> None:
        whole(writer, "fine")

    async def notebook(url: str) -> str:
        return quick(url).generate([Request("q")])[0][0].text

    with http_server(fine) as url:
        assert asyncio.run(notebook(url)) == "fine"
