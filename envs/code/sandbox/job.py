"""What the fork-server knows of a child, and the limits that it holds it to from outside.

Used by the fork-server, which imports nothing but this folder and the standard library.
"""

# Without pathlib, which would be imported for nothing else.
# ruff: noqa: PTH123, PTH208

from __future__ import annotations

import contextlib
import os
import time
from collections.abc import Callable
from typing import Any

TICK = 0.1  # seconds between two looks at a child that runs
CORES = os.cpu_count() or 1


class Job:
    """One child and what it may use."""

    def __init__(self, kind: str, limits: tuple[float, float, int, int], extra: bool, command: Any) -> None:
        self.kind = kind
        self.cpu_limit, self.wall_limit, self.memory, self.threads = limits
        self.extra = extra
        self.command = command
        self.pid = 0
        self.reason = ""
        self.reply: tuple[Any, ...] = ()
        self.cpu = 0.0
        self.delays: dict[str, float] = {}

    def look(self) -> None:
        """Read the child's clocks: CPU time, and the time its threads waited for a free core."""
        try:
            self.cpu = time.clock_gettime(~self.pid << 3 | 2)
            for thread in os.listdir(f"/proc/{self.pid}/task"):
                with open(f"/proc/{self.pid}/task/{thread}/schedstat", "rb") as file:
                    self.delays[thread] = int(file.read().split()[1]) * 1e-9
        except (OSError, IndexError):
            return  # it has just ended, or the kernel does not count
        if len(self.delays) > self.threads and self.kind != "command":
            alive = os.listdir(f"/proc/{self.pid}/task")
            if len(alive) > self.threads:
                self.kill("threads")

    def runnable(self) -> bool:
        """Whether one of its threads computes or would, had it a core."""
        try:
            for thread in os.listdir(f"/proc/{self.pid}/task"):
                with open(f"/proc/{self.pid}/task/{thread}/stat", "rb") as file:
                    if file.read().rpartition(b") ")[2][:1] == b"R":
                        return True
        except OSError:
            pass
        return False

    def kill(self, reason: str) -> None:
        """End the child, and whatever is in its group; nothing if its end has been noted."""
        if self.reply:
            return
        self.reason = self.reason or reason
        for end in (os.killpg, os.kill):  # it may not have its group yet
            with contextlib.suppress(ProcessLookupError):
                end(self.pid, 9)

    def wait(self, began: float) -> None:
        """Note its end if it has ended, and kill it if it has stopped."""
        pid, status, usage = os.wait4(self.pid, os.WNOHANG | os.WUNTRACED)
        if not pid:
            return
        if os.WIFSTOPPED(status):
            self.kill("stopped")
            return
        if self.kind == "command":
            with contextlib.suppress(ProcessLookupError):  # what else there may be in its group
                os.killpg(self.pid, 9)
        cpu = usage.ru_utime + usage.ru_stime
        if cpu > self.cpu_limit and self.kind != "command":
            self.reason = "cpu"
        wall = time.monotonic() - began
        self.reply = (status, usage.ru_maxrss << 10, cpu, wall, self.reason)


def watch(jobs: list[Job], began: float, wait: Callable[[float], bool]) -> None:
    """Wait until all children have ended, each within its limits.

    `wait` waits for at most so many seconds, less if a child ended or stopped; true if the client wants an end.
    """
    last, idle, used = began, 0.0, 0.0
    while alive := [job for job in jobs if not job.reply]:
        nearest = min((job.cpu_limit - job.cpu) / min(job.threads, CORES) for job in alive)
        if wait(min(max(nearest, 0.002), TICK)):
            for job in alive:
                job.kill("asked")
        for job in alive:
            job.wait(began)
        now = time.monotonic()
        if now - last < 0.002:
            continue
        for job in alive:
            if not job.reply:
                job.look()
                if job.cpu > job.cpu_limit and job.kind != "command":
                    job.kill("cpu")
        # Idle is neither computing nor waiting for a core, all children together: a busy host is not their fault.
        before, used = used, sum(job.cpu + sum(job.delays.values()) for job in jobs)
        if any(job.delays for job in jobs):
            idle = now - began - used
        elif used == before:  # the kernel does not count the waiting: only standing still is certain
            idle += now - last
        last = now
        late = [job for job in alive if idle > job.wall_limit]
        if late and not any(job.runnable() for job in alive):
            for job in late:
                job.kill("wall")
