"""What programs left behind outside their sandbox: processes, files, System V segments. It should be nothing.

    with Watch() as watch:
        sandbox.run(program)
        assert watch.left() == []

The processes are those below this one, to which orphans come while a watch is open. Linux only.
"""

from __future__ import annotations

import ctypes
import os
import time
from pathlib import Path
from typing import NamedTuple, Self

FOLDERS = ("/tmp", "/var/tmp", "/dev/shm", "/dev/mqueue")  # where anyone may write
TABLES = ("shm", "sem", "msg")
PATIENCE = 3.0  # seconds that a process has to end, and a file to be removed, after the last program has
SUBREAPER = 36  # PR_SET_CHILD_SUBREAPER: orphans below this process become its children, not those of process 1
WHETHER_SUBREAPER = 37  # PR_GET_CHILD_SUBREAPER


class Process(NamedTuple):
    """One entry of the process table."""

    parent: int
    user: int
    name: str


class Watch:
    """Remembers what is there when it is opened, or at the last `renew`."""

    def __enter__(self) -> Self:
        self._before = ctypes.c_int()  # another watch may be open
        ctypes.CDLL(None).prctl(WHETHER_SUBREAPER, ctypes.byref(self._before), 0, 0, 0)
        ctypes.CDLL(None).prctl(SUBREAPER, 1, 0, 0, 0)
        self.renew()
        return self

    def __exit__(self, *_: object) -> None:
        ctypes.CDLL(None).prctl(SUBREAPER, self._before.value, 0, 0, 0)

    def renew(self) -> None:
        """Take what is there now for granted."""
        # Where the sandbox has a user of its own, only what is that user's; else nothing tells its things from others'.
        self.users = {process.user for process in descendants().values()} - {os.getuid()} or {os.getuid()}
        self.count = len(self._processes())  # not which: a worker may be replaced
        self.things = files(self.users) | segments(self.users)

    def left(self) -> list[str]:
        """What there is now that was not there before, once it has had the time to go: one phrase for each."""
        deadline = time.monotonic() + PATIENCE
        while (found := self._found()) and time.monotonic() < deadline:
            time.sleep(0.02)
        return found

    def _processes(self) -> dict[int, Process]:
        return {pid: process for pid, process in descendants().items() if process.user in self.users}

    def _found(self) -> list[str]:
        below = self._processes()
        more = [f"process {pid} ({process.name})" for pid, process in below.items()] if len(below) > self.count else []
        return more + sorted((files(self.users) | segments(self.users)) - self.things)


def descendants() -> dict[int, Process]:
    """The processes below this one that have not ended."""
    table = {}
    for folder in Path("/proc").iterdir():
        if folder.name.isdecimal():
            try:
                name, _, rest = (folder / "stat").read_text(errors="replace").partition("(")[2].rpartition(") ")
                state, parent = rest.split()[:2]
                if state not in "ZX":
                    table[int(folder.name)] = Process(int(parent), folder.stat().st_uid, name)
            except (OSError, ValueError):
                continue  # it has just ended
    found: dict[int, Process] = {}
    above = {os.getpid()}
    while above:
        layer = {pid: process for pid, process in table.items() if process.parent in above}
        found |= layer
        above = set(layer)
    return found


def files(users: set[int]) -> set[str]:
    """What these users own where anyone may write."""
    found = set()
    for folder in FOLDERS:
        try:
            with os.scandir(folder) as entries:
                for entry in entries:
                    if entry.stat(follow_symlinks=False).st_uid in users:
                        found.add(f"file {entry.path}")
        except OSError:
            continue  # there is no such folder, or the file has just gone
    return found


def segments(users: set[int]) -> set[str]:
    """The System V segments, semaphores and queues of these users."""
    found = set()
    for table in TABLES:
        try:
            head, *rows = Path(f"/proc/sysvipc/{table}").read_text().splitlines()
        except OSError:
            continue  # a kernel without them
        user = head.split().index("uid")
        found |= {f"System V {table} {row.split()[1]}" for row in rows if int(row.split()[user]) in users}
    return found
