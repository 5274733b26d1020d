"""Worker processes that can be killed: whatever an answer does to sympy, the caller gets a verdict in time.

A request may take `HARD` seconds of wall time, not counting what its worker stood in line for a core on a busy host;
then the worker is killed. One process that has loaded sympy forks the workers, so that the next one is there in
milliseconds. Requests may come from any thread; a forked child starts workers of its own.
"""

from __future__ import annotations

import atexit
import contextlib
import json
import os
import select
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

HARD = 2.0  # seconds of wall time for one request, less its worker's wait for a core
START = 60.0  # seconds in which a new worker must be ready: the first one waits for sympy
RESIDENT = 400 << 10  # KiB of memory at which a worker is replaced
SIZE = min(os.cpu_count() or 1, 8)


class Worker:
    """One process and the socket to it. Not for use by two threads at a time."""

    def __init__(self, connection: socket.socket) -> None:
        self.connection = connection
        self.pid = 0  # until it has said so

    def ask(self, request: dict[str, Any], seconds: float) -> dict[str, Any]:
        """The reply, within `seconds` less the worker's wait for a core.

        Raises `TimeoutError` or `OSError`, after which the worker is of no use.
        """
        self.wait()
        began = time.monotonic() - in_line(self.pid)
        self.connection.sendall(json.dumps(request).encode() + b"\n")
        left = seconds
        while not self._readable(left):
            left = seconds - (time.monotonic() - in_line(self.pid) - began)
            if left < 1e-3:
                raise TimeoutError
        return self._reply(seconds)

    def wait(self) -> None:
        """Until the process is ready for its first request."""
        if not self.pid:
            self.pid = self._reply(START)["pid"]

    def silent(self) -> bool:
        """Whether nothing has come that nobody asked for, such as the end of the process."""
        return not self._readable(0)

    def _readable(self, seconds: float) -> bool:
        poll = select.poll()
        poll.register(self.connection, select.POLLIN)
        return bool(poll.poll(seconds * 1000))

    def _reply(self, seconds: float) -> dict[str, Any]:
        line = b""
        while not line.endswith(b"\n"):
            if not self._readable(seconds):
                raise TimeoutError
            part = self.connection.recv(65536)
            if not part:
                raise OSError("the worker has ended")
            line += part
        return json.loads(line)

    def close(self) -> None:
        """End the process; before it is ready, by the end of its socket."""
        self.connection.close()
        if self.pid:
            with contextlib.suppress(ProcessLookupError):
                os.kill(self.pid, signal.SIGKILL)


def in_line(pid: int) -> float:
    """Seconds for which a process of one thread has been runnable without a core; 0 where the kernel does not count."""
    try:
        return int(Path(f"/proc/{pid}/schedstat").read_text().split()[1]) * 1e-9
    except (OSError, IndexError):
        return 0.0


class Nursery:
    """The process that forks workers."""

    def __init__(self) -> None:
        paths = [path or str(Path.cwd()) for path in sys.path]
        self.control, theirs = socket.socketpair()
        self.process = subprocess.Popen(
            [sys.executable, "-m", "whetstone.envs.math.worker"],
            stdin=theirs.fileno(),
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            env={**os.environ, "PYTHONPATH": os.pathsep.join(paths), "PYTHONWARNINGS": "ignore"},
            start_new_session=True,  # an interrupt from the keyboard is the caller's business
        )
        theirs.close()

    def worker(self) -> Worker:
        """A new worker, on its way; raises `OSError` where this process has ended."""
        ours, theirs = socket.socketpair()
        try:
            socket.send_fds(self.control, [b"+"], [theirs.fileno()])
        except OSError:
            ours.close()
            raise
        finally:
            theirs.close()
        return Worker(ours)

    def close(self) -> None:
        """Kill the process and wait for its end."""
        self.control.close()
        self.process.kill()
        self.process.wait()

    def forget(self) -> None:
        """Close the socket only: in a forked child the process is somebody else's, and not to be waited for."""
        self.control.close()
        self.process.returncode = 0


class Pool:
    """At most `size` requests at a time."""

    def __init__(self, size: int) -> None:
        self.places = threading.Semaphore(size)
        self.lock = threading.Lock()
        self.nursery: Nursery | None = None
        self.idle: list[Worker] = []
        self.workers: set[Worker] = set()

    def ask(self, request: dict[str, Any], seconds: float = HARD) -> tuple[str, str]:
        """The kind and the reason of a verdict; `unverified` where the worker had to be killed."""
        with self.places:
            worker = self._taken()
            try:
                reply = worker.ask(request, seconds)
            except TimeoutError:
                self._dropped(worker)
                return "unverified", f"not settled within {seconds:g} s"
            except OSError:
                self._dropped(worker)
                return "unverified", "the worker died of it"
            except BaseException:  # an interrupt: nobody waits for the reply any more
                self._dropped(worker)
                raise
            if reply["resident"] > RESIDENT:
                self._dropped(worker)
            else:
                with self.lock:
                    self.idle.append(worker)
            return reply["kind"], reply["reason"]

    def _taken(self) -> Worker:
        with self.lock:
            while self.idle:
                worker = self.idle.pop()
                if worker.silent():
                    return worker
                self.workers.discard(worker)  # ended by something else since its last request
                worker.connection.close()
            worker = self._born()
            self.workers.add(worker)
            return worker

    def _born(self) -> Worker:
        if self.nursery is not None:
            try:
                return self.nursery.worker()
            except OSError:  # ended by something else
                self.nursery.close()
        self.nursery = Nursery()
        return self.nursery.worker()

    def _dropped(self, worker: Worker) -> None:
        with self.lock:
            self.workers.discard(worker)
        worker.close()

    def close(self) -> None:
        """End every process."""
        with self.lock:
            workers, self.workers, self.idle = self.workers, set(), []
            nursery, self.nursery = self.nursery, None
        for worker in workers:
            worker.close()
        if nursery is not None:
            nursery.close()

    def forget(self) -> None:
        """In a forked child: close what belongs to the parent."""
        for worker in self.workers:
            worker.connection.close()
        if self.nursery is not None:
            self.nursery.forget()


_lock = threading.Lock()
_pool: Pool | None = None


def pool() -> Pool:
    """The pool of this process."""
    global _pool
    with _lock:
        if _pool is None:
            _pool = Pool(SIZE)
        return _pool


def ask(requests: Sequence[dict[str, Any]]) -> list[tuple[str, str]]:
    """The verdicts on requests, in order, by as many workers as there are places."""
    if len(requests) < 2:
        return [pool().ask(request) for request in requests]
    with ThreadPoolExecutor(min(SIZE, len(requests))) as threads:
        return list(threads.map(pool().ask, requests))


def warm() -> None:
    """Start the workers and wait until one is ready, so that the first verification does not wait for it."""
    ask([{"source": "1"}])


def readable(source: str) -> str:
    """Why the workers cannot read a gold answer; the empty text where they can.

    It is bound by processor time like any request, but has more wall time: at load, a busy host refuses no gold.
    """
    kind, reason = pool().ask({"source": source}, START)
    return "" if kind == "correct" else reason


def _close() -> None:
    if _pool is not None:
        _pool.close()


def _forget() -> None:
    global _lock, _pool
    _lock = threading.Lock()  # another thread of the parent may have held it
    if _pool is not None:
        _pool.forget()
        _pool = None


atexit.register(_close)
os.register_at_fork(after_in_child=_forget)
