"""A Python program at the other end of a socket: started, spoken to, and noticed when it dies."""

from __future__ import annotations

import socket
import subprocess
from collections.abc import Mapping, Sequence
from multiprocessing.connection import Connection, wait
from pathlib import Path
from typing import Any

TAIL = 2000  # characters of a dead process's log that are shown


class Lost(ConnectionError):
    """The process has died; the sentence ends with its last words."""


class Process:
    """`command` with one more argument, the descriptor of its end of the socket; its output is appended to `log`."""

    def __init__(self, command: Sequence[str], environment: Mapping[str, str], log: Path) -> None:
        ours, theirs = socket.socketpair()
        with theirs, log.open("ab") as output:
            self.popen = subprocess.Popen(
                [*command, str(theirs.fileno())],
                pass_fds=[theirs.fileno()],
                env=dict(environment),
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
            )
        self.log = log
        self.connection = Connection(ours.detach())

    @property
    def pid(self) -> int:
        """The process's number."""
        return self.popen.pid

    def send(self, message: Any) -> None:
        """Say something; a process that has died is noticed when its answer is read."""
        try:
            self.connection.send(message)
        except OSError:
            return

    def receive(self, seconds: float | None = None) -> Any:
        """The next message. Raises `Lost` when the process has died, `TimeoutError` after so many seconds."""
        if self.connection.closed:
            raise Lost(f"process {self.pid} has ended; its log is {self.log}")
        if not wait([self.connection], timeout=seconds):
            raise TimeoutError(f"process {self.pid} said nothing for {seconds:g} s; its log is {self.log}")
        try:
            return self.connection.recv()
        except (EOFError, ConnectionResetError) as error:
            self.close()
            code = self.popen.returncode
            how = f"was killed by signal {-code}" if code < 0 else f"ended with status {code}"
            raise Lost(f"process {self.pid} {how}; the end of its log {self.log}:\n{self._tail()}") from error

    def ready(self) -> bool:
        """Whether a message (or the news of a death) is there."""
        return not self.connection.closed and self.connection.poll()

    def close(self, seconds: float = 10.0) -> None:
        """End it: the closed socket tells it to; after so many seconds it is killed."""
        self.connection.close()
        try:
            self.popen.wait(seconds)
        except subprocess.TimeoutExpired:
            self.popen.kill()
            self.popen.wait()

    def _tail(self) -> str:
        return self.log.read_text(errors="replace")[-TAIL:] if self.log.exists() else ""
