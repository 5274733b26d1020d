"""Rollouts per second of an evaluation over HTTP, against a server that answers at once: what is ours is overhead.

The server runs in a process of its own on the same machine. Every rollout is a streamed HTTP call, a verdict, a row on
disk. Tasks are drawn, prompts made and answers judged as in any evaluation. Answers come in one piece, or in 256 small
events, as a server that streams every token sends them.

    python benchmarks/evaluate.py [--problems 500] [--samples 4] [--concurrency 64]
        [--repeats 3] [--out benchmarks/results/evaluate.json]
"""

from __future__ import annotations

import argparse
import asyncio
import io
import json
import multiprocessing
import os
import platform
import statistics
import sys
import tempfile
import time
from multiprocessing.connection import Connection
from pathlib import Path

from rich.console import Console

from whetstone.evaldir import Asked
from whetstone.evaluation import items_of, run_evaluation
from whetstone.policies import Policy, Runs
from whetstone.rollout.openai import Endpoint
from whetstone.rollout.types import Completion, Request, Sampling

TOKENS = 256  # events of an answer that is streamed token by token


def answer_in(pieces: list[str]) -> bytes:
    """A whole HTTP reply that streams these pieces of text."""
    said = [{"index": 0, "delta": {"content": piece}, "finish_reason": None} for piece in pieces]
    said[-1]["finish_reason"] = "stop"
    events = [{"id": "cmpl-1", "object": "chat.completion.chunk", "model": "m", "choices": [choice]} for choice in said]
    events.append({"choices": [], "usage": {"prompt_tokens": 40, "completion_tokens": len(pieces)}})
    body = b"".join(f"data: {json.dumps(event)}\n\n".encode() for event in events) + b"data: [DONE]\n\n"
    head = f"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nContent-Length: {len(body)}\r\n\r\n"
    return head.encode() + body


REPLIES = {
    "instant": answer_in(["<answer>1 2 3</answer>"]),
    "wordy": answer_in(["well "] * (TOKENS - 1) + ["<answer>1 2 3</answer>"]),
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--problems", type=int, default=500)
    parser.add_argument("--samples", type=int, default=4)
    parser.add_argument("--concurrency", type=int, default=64, help="calls under way at once")
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--out", type=Path, default=Path("benchmarks/results/evaluate.json"))
    options = parser.parse_args()
    here, there = multiprocessing.Pipe()
    server = multiprocessing.get_context("spawn").Process(target=serve, args=(there,), daemon=True)
    server.start()
    url = f"http://127.0.0.1:{here.recv()}/v1"
    shape, repeats = (options.problems, options.samples), range(options.repeats)
    measured, wordy = (
        [measure(Endpoint(url, model, concurrency=options.concurrency), *shape) for _ in repeats] for model in REPLIES
    )
    server.terminate()
    own = [measure(Instant(), *shape) for _ in repeats]
    rates = [each["rollouts_per_second"] for each in measured]
    record = {
        "machine": platform.machine(),
        "cores": os.cpu_count(),
        "python": platform.python_version(),
        "load": os.getloadavg()[0],
        "rollouts": options.problems * options.samples,
        "concurrency": options.concurrency,
        "rollouts_per_second": statistics.median(rates),
        "slowest": min(rates),
        "fastest": max(rates),
        "cpu_ms_per_rollout": min(each["cpu_ms_per_rollout"] for each in measured),
        f"rollouts_per_second_of_{TOKENS}_events": statistics.median(each["rollouts_per_second"] for each in wordy),
        f"cpu_ms_per_rollout_of_{TOKENS}_events": min(each["cpu_ms_per_rollout"] for each in wordy),
        "cpu_ms_per_rollout_without_http": min(each["cpu_ms_per_rollout"] for each in own),
    }
    options.out.parent.mkdir(parents=True, exist_ok=True)
    options.out.write_text(json.dumps(record, indent=1) + "\n")
    json.dump(record, sys.stdout, indent=1)
    print()


class Instant:
    """An endpoint without a network: what is left is drawing, judging and storing."""

    async def complete(self, request: Request) -> list[Completion]:
        return [Completion("<answer>1 2 3</answer>", (), (0.0,) * 9, "stop")] * request.n


def measure(endpoint: Endpoint | Instant, problems: int, samples: int) -> dict[str, float]:
    """One evaluation: rollouts per second of wall time, and CPU time of this process a rollout."""
    asked = Asked(
        "endpoint", (), ("sequences/sorting",), (3,), (), problems, samples, "single", Sampling(64), 0, "eval", samples
    )
    items = items_of(asked)
    with tempfile.TemporaryDirectory() as folder:
        started, cpu = time.perf_counter(), time.process_time()
        policy = Policy(endpoint, Runs())
        console = Console(file=io.StringIO())
        summary = run_evaluation(Path(folder) / "e", asked, items, lambda: policy, console, "instant")
        seconds, cpu = time.perf_counter() - started, time.process_time() - cpu
    assert summary.rows == problems * samples and not summary.failures.get("lost")
    return {"rollouts_per_second": summary.rows / seconds, "cpu_ms_per_rollout": 1000 * cpu / summary.rows}


def serve(connection: Connection) -> None:
    """Answer every call at once, with the words of its model; tells the port."""

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while head := await reader.readuntil(b"\r\n\r\n"):
                length = int(head.lower().partition(b"content-length:")[2].partition(b"\r\n")[0] or 0)
                wanted = json.loads(await reader.readexactly(length))
                writer.write(REPLIES[wanted["model"]])
        except (asyncio.IncompleteReadError, ConnectionError):
            writer.close()

    async def run() -> None:
        server = await asyncio.start_server(answer, "127.0.0.1", 0, backlog=1024)
        connection.send(server.sockets[0].getsockname()[1])
        await server.serve_forever()

    asyncio.run(run())


if __name__ == "__main__":
    main()
