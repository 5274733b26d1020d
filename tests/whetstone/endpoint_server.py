"""A small OpenAI-compatible server in a thread: it answers at once, or, where asked to, misbehaves at random.

The answer is a function of the prompt and the seed, so that a hostile run can be held against a clean one.
"""

from __future__ import annotations

import asyncio
import json
import random
import threading
from collections import Counter
from typing import Self

REASONS = {200: "OK", 429: "Too Many Requests", 500: "Internal Server Error"}


class Server:
    """`drop`, `busy`, `broken` and `stall` are shares of the calls that end so; `calls` counts all by their end."""

    def __init__(self, drop: float = 0, busy: float = 0, broken: float = 0, stall: float = 0) -> None:
        self.shares = {"drop": drop, "busy": busy, "broken": broken, "stall": stall}
        self.calls: Counter[str] = Counter()
        self.answered: Counter[tuple[str, int]] = Counter()
        self.random = random.Random(0)
        self.loop = asyncio.new_event_loop()
        self.thread = threading.Thread(target=self.loop.run_forever, daemon=True)

    def __enter__(self) -> Self:
        self.thread.start()
        start = asyncio.start_server(self._serve, "127.0.0.1", 0, backlog=1024)
        self.server = asyncio.run_coroutine_threadsafe(start, self.loop).result()
        self.url = f"http://127.0.0.1:{self.server.sockets[0].getsockname()[1]}/v1"
        return self

    def __exit__(self, *error: object) -> None:
        async def end() -> None:
            self.server.close()
            tasks = [task for task in asyncio.all_tasks() if task is not asyncio.current_task()]
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

        asyncio.run_coroutine_threadsafe(end(), self.loop).result()
        self.loop.call_soon_threadsafe(self.loop.stop)
        self.thread.join()
        self.loop.close()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while head := await reader.readuntil(b"\r\n\r\n"):
                length = int(head.lower().partition(b"content-length:")[2].partition(b"\r\n")[0] or 0)
                body = json.loads(await reader.readexactly(length) or "{}")
                if not await self._answer(writer, body):
                    break
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            writer.close()

    async def _answer(self, writer: asyncio.StreamWriter, body: dict) -> bool:
        """Answer one call; False ends the connection."""
        fate, roll = "answer", self.random.random()
        for name, share in self.shares.items():
            if 0 <= roll < share:
                fate = name
            roll -= share
        self.calls[fate] += 1
        if fate == "drop":
            writer.transport.abort()
            return False
        if fate == "stall":
            await asyncio.sleep(3600)
        if fate in ("busy", "broken"):
            status = 429 if fate == "busy" else 500
            _send(writer, status, "application/json", b'{"error": {"message": "not now"}}', "Retry-After: 0\r\n")
        elif "messages" not in body:
            _send(writer, 200, "application/json", b'{"data": [{"id": "tiny"}]}')
        else:
            prompt, seed = body["messages"][0]["content"], body["seed"]
            self.answered[prompt, seed] += 1
            _send(writer, 200, "text/event-stream", b"".join(_events(reply(prompt, seed))))
        await writer.drain()
        return True


def reply(prompt: str, seed: int) -> str:
    """Right about half of the time on prompts that say which answer is right."""
    wanted = prompt.rpartition("say ")[2].partition(" ")[0]
    return f"<answer>{wanted if random.Random(seed).random() < 0.5 else 'no'}</answer>"


def _events(text: str) -> list[bytes]:
    words = [{"choices": [{"index": 0, "delta": {"content": part}}]} for part in (text[:4], text[4:])]
    end = {"choices": [{"index": 0, "delta": {}, "finish_reason": "stop"}]}
    usage = {"choices": [], "usage": {"prompt_tokens": 9, "completion_tokens": 7}}
    return [f"data: {json.dumps(event)}\n\n".encode() for event in (*words, end, usage)] + [b"data: [DONE]\n\n"]


def _send(writer: asyncio.StreamWriter, status: int, kind: str, body: bytes, more: str = "") -> None:
    head = f"HTTP/1.1 {status} {REASONS[status]}\r\nContent-Type: {kind}\r\n{more}Content-Length: {len(body)}\r\n\r\n"
    writer.write(head.encode() + body)
