"""One worker: a fork-server process, and the pipes to what it starts."""

from __future__ import annotations

import contextlib
import marshal
import os
import random
import select
import socket
import struct
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from whetstone.envs.code.sandbox.types import Limits, Tier

SERVER = str(Path(__file__).with_name("server.py"))
START = 120.0  # seconds in which a fork-server must have reported: generous, for a busy host
KEPT = 1 << 16  # bytes of standard error that are kept
TAIL = 1 << 11  # and of its end
FIRST_SPARE, SPARE = 1879048192, (1 << 28) - 2  # user ids that systemd's table lists as unused


class SandboxError(RuntimeError):
    """The sandbox cannot do its work here; says what is missing and what to do."""


class WorkerDied(Exception):
    """The fork-server has ended before it answered; says nothing about the program."""


@dataclass(slots=True)
class Stream:
    """The reading end of a pipe that a child writes to, and what came."""

    fd: int
    cap: int
    data: bytearray = field(default_factory=bytearray)
    total: int = 0
    tail: bytes = b""

    def take(self) -> bool:
        """Read what is there; False at the end."""
        try:
            part = os.read(self.fd, 1 << 16)
        except BlockingIOError:
            return True
        if not part:
            return False
        room = self.cap - self.total
        if room > 0:
            self.data += part[:room]
        if room < len(part):
            self.tail = (self.tail + part)[-TAIL:]
        self.total += len(part)
        return True


class Pipes:
    """Pipes for one execution, of which nothing stays open; `pairs` are (reading end, writing end)."""

    def __init__(self, count: int) -> None:
        self.pairs = [os.pipe2(os.O_CLOEXEC) for _ in range(count)]
        self.open = {fd for pair in self.pairs for fd in pair}

    def close(self, *fds: int) -> None:
        for fd in fds:
            self.open.remove(fd)
            os.close(fd)

    def close_writers(self) -> None:
        self.close(*(writer for _, writer in self.pairs))

    def __enter__(self) -> Pipes:
        return self

    def __exit__(self, *_: object) -> None:
        self.close(*list(self.open))


@dataclass(slots=True)
class Launch:
    """One child to be started: its image, its standard streams, and its limits."""

    kind: str
    limits: Limits
    image: int
    stdin: int
    stdout: int
    stderr: int
    extra: int | None = None
    """Becomes descriptor 3."""
    command: tuple[Any, ...] | None = None


@dataclass(frozen=True, slots=True)
class Ended:
    """How a child ended, as the fork-server saw it."""

    status: int
    memory: int
    cpu: float
    wall: float
    reason: str
    note: bytes


class Worker:
    """A fork-server. Not for use by two threads at a time; raises `SandboxError` where the tier is not to be had."""

    def __init__(self, tier: Tier, hash_seed: int = 0) -> None:
        self.tier = tier
        self.user = spare_user() if os.geteuid() == 0 else None
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        settings = marshal.dumps({"tier": tier, "user": self.user, "restarted": False}).hex()
        with theirs:
            self.process = subprocess.Popen(
                [sys.executable, "-P", "-s", "-S", "-B", SERVER, settings],
                stdin=theirs.fileno(),
                stdout=subprocess.DEVNULL,
                stderr=subprocess.PIPE,
                env={"PYTHONHASHSEED": str(hash_seed)},
                cwd="/",
                start_new_session=True,  # an interrupt from the keyboard is the caller's business
            )
        self.control = ours
        self.ready = False

    def wait_ready(self) -> None:
        """Wait until the fork-server has set itself up; raises `WorkerDied` where it ended without a word."""
        if self.ready:
            return
        self.control.settimeout(START)
        try:
            message = self.control.recv(1 << 16)
        except OSError as error:
            message = str(error).encode()
        self.control.settimeout(None)
        if message[:1] != b"R":
            said = (self.close() or message[1:]).decode(errors="replace").strip()
            if not said:
                raise WorkerDied("the fork-server was killed before it was ready")
            raise SandboxError(f"tier {self.tier}: {said}")
        self.ready = True

    def execute(self, launches: list[Launch], streams: list[Stream], sent: Callable[[], None]) -> list[Ended]:
        """Run children to their ends, all at once; fills the streams, and the first that exceeds its cap ends all.

        `sent` is called once the descriptors are the worker's. Raises `WorkerDied`; then the worker is of no use.
        """
        jobs, fds = [], []
        for launch in launches:
            limits = (launch.limits.cpu, launch.limits.wall, launch.limits.memory, launch.limits.threads)
            jobs.append((launch.kind, limits, launch.extra is not None, launch.command))
            fds += [launch.image, launch.stdin, launch.stdout, launch.stderr]
            fds += [] if launch.extra is None else [launch.extra]
        rights = [(socket.SOL_SOCKET, socket.SCM_RIGHTS, struct.pack(f"{len(fds)}i", *fds))]
        try:
            self.wait_ready()
            self.control.sendmsg([marshal.dumps(jobs)], rights)
        except OSError as error:
            raise WorkerDied from error
        sent()
        return self._drain(streams)

    def _drain(self, streams: list[Stream]) -> list[Ended]:
        poll = select.poll()
        control = self.control.fileno()
        poll.register(control, select.POLLIN)
        open_ = {}
        asked = False
        for stream in streams:
            os.set_blocking(stream.fd, False)
            poll.register(stream.fd, select.POLLIN)
            open_[stream.fd] = stream
        reply = b""
        while not reply:
            for fd, _ in poll.poll():
                if fd == control:
                    reply = self._reply()
                    continue
                stream = open_[fd]
                if not stream.take():
                    poll.unregister(fd)
                    del open_[fd]
                if stream.total > stream.cap and stream.cap != KEPT and not asked:
                    asked = True
                    with contextlib.suppress(OSError):  # it has ended: seen when its reply is read
                        self.control.send(b"enough")
        for stream in open_.values():  # what is in the pipe still; more cannot come
            before = -1
            while stream.total != before:
                before = stream.total
                stream.take()
        return [Ended(*fields) for fields in marshal.loads(reply)]

    def _reply(self) -> bytes:
        try:
            reply = self.control.recv(1 << 16)
        except OSError as error:
            raise WorkerDied from error
        if not reply:
            raise WorkerDied
        return reply

    def close(self) -> bytes:
        """End the fork-server and wait for its end; what it said on standard error, if it failed by itself."""
        assert self.process.stderr is not None
        if self.process.stderr.closed:
            return b""
        self.control.close()
        alive = self.process.poll() is None
        if self.ready or alive:
            self.process.kill()
        said = b"" if self.ready else self.process.stderr.read()
        self.process.stderr.close()
        self.process.wait()
        return said

    def forget(self) -> None:
        """Close the socket only: in a forked child the process is somebody else's."""
        self.control.close()
        if self.process.stderr is not None:
            self.process.stderr.close()
        self.process.returncode = 0  # not ours to wait for


def spare_user() -> int:
    """A user id that nothing else has, new for each worker; within what this user namespace knows."""
    ranges = [tuple(map(int, line.split())) for line in Path("/proc/self/uid_map").read_text().splitlines()]
    chosen = FIRST_SPARE + random.SystemRandom().randrange(SPARE)
    if any(start <= chosen < start + length for start, _, length in ranges):
        return chosen
    start, _, length = max(ranges, key=lambda range_: range_[2])
    if length < 4000:
        raise SandboxError(f"expected spare user ids to run programs as, but only {length} are mapped here")
    return start + length - 2000 + random.SystemRandom().randrange(1000)
