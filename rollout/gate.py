"""How many calls a server gets at once: what it can take is found by additive increase, multiplicative decrease."""

from __future__ import annotations

import asyncio
from collections import deque


class Gate:
    """Lets `int(limit)` calls in at once, in the order in which they came; the others wait.

    The limit grows by one for every `limit` successes, up to `most`, and is halved when the server says it is busy.
    Many calls may be told off for the same crowd: only those that started after the last cut count as another one.
    A gate belongs to one event loop.
    """

    def __init__(self, most: int, limit: float) -> None:
        self.most, self.limit = most, limit
        self.running = self.cuts = 0
        self._waiting: deque[asyncio.Future[None]] = deque()

    async def __aenter__(self) -> None:
        if self.running < int(self.limit):
            self.running += 1
            return
        turn = asyncio.get_running_loop().create_future()
        self._waiting.append(turn)
        try:
            await turn
        except asyncio.CancelledError:
            if turn.done() and not turn.cancelled():  # let in and called off in the same instant
                self._leave()
            raise

    async def __aexit__(self, *error: object) -> None:
        self._leave()

    def _leave(self) -> None:
        self.running -= 1
        while self._waiting and self.running < int(self.limit):
            turn = self._waiting.popleft()
            if not turn.done():
                self.running += 1
                turn.set_result(None)

    def succeeded(self) -> None:
        """A call was served."""
        self.limit = min(self.most, self.limit + 1 / self.limit)

    def busy(self, cuts: int) -> None:
        """A call that started when there were `cuts` cuts was told off."""
        if cuts == self.cuts:
            self.limit, self.cuts = max(1.0, self.limit / 2), self.cuts + 1
