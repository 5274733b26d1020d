"""How a child becomes an executable: by calls that were all put together before the fork.

A child of an interpreter pays for each page that it touches: the same steps in plain Python cost it a millisecond more,
as much as the rest of its confinement. Used by the fork-server, which imports nothing but this folder and the standard
library.
"""

from __future__ import annotations

import ctypes
import math
import os
import resource
import struct
from collections.abc import Sequence
from typing import Any, NoReturn

import confine
import library
import seccomp
from job import Job

Call = tuple[Any, tuple[Any, ...]]  # a C function that answers less than 0 when it fails, and its arguments

libc = ctypes.PyDLL(None, use_errno=True)
libc.syscall.restype = ctypes.c_long
EXTRA, IMAGE = 3, seccomp.IMAGE
ROOM = 16 << 20  # bytes of address space that an executable has besides its memory: its code, the first stack
SIGKILL, SIGPIPE = 9, 13


class Native:
    """What is the same for all executables that a fork-server starts."""

    def __init__(self, machine: str, tier: str) -> None:
        pages = [confine.secret_address() for _ in range(3)]  # secret to programs: none is told, or can read a filter
        self.execute = confine.execution(IMAGE, pages, machine, b"main")
        self.ruleset = confine.landlock(library.null_device()) if tier in "AB" else -1
        self.filter = bytearray()
        self.places: list[int] = []
        if tier != "D":
            template = seccomp.template(machine, tier in "AB", native=True)
            self.filter += template.filled([0, *(half for page in pages for half in seccomp.halves(page))])
            self.places = [place for place, mark in template.places if mark == 0]

    def calls(self, job: Job, passed: Sequence[int], processes: int | None) -> list[Call]:
        """All but the last steps, for the child to take: its descriptors, its limits, what it may see."""
        image, *streams = passed[:4]
        calls: list[Call] = [(libc.dup2, (fd, target)) for target, fd in enumerate(streams)]
        calls.append((libc.dup2, (passed[4], EXTRA)) if job.extra else (libc.close, (EXTRA,)))
        calls.append((libc.dup3, (image, IMAGE, os.O_CLOEXEC)))
        calls.append((libc.setsid, ()))
        limits = [
            (resource.RLIMIT_STACK, job.memory, resource.RLIM_INFINITY),
            (resource.RLIMIT_CPU, seconds := math.ceil(job.cpu_limit) + 1, seconds),
            (resource.RLIMIT_FSIZE, 0, 0),
            (resource.RLIMIT_NOFILE, 64, 64),
        ]
        limits += [] if processes is None else [(resource.RLIMIT_NPROC, processes, processes)]
        limits.append((resource.RLIMIT_AS, ROOM + job.memory, ROOM + job.memory))
        for kind, soft, hard in limits:
            pair = struct.pack("=qq", *confine.within(kind, soft, hard))
            calls.append((libc.setrlimit, (kind, pair)))
        calls.append((libc.prctl, (confine.PR_SET_PDEATHSIG, *map(ctypes.c_ulong, (SIGKILL, 0, 0, 0)))))
        if self.ruleset >= 0:
            arguments = (confine.LANDLOCK_RESTRICT, self.ruleset, 0)
            calls.append((libc.syscall, tuple(map(ctypes.c_long, arguments))))
        return calls

    def become(self, calls: Sequence[Call], server: int) -> None:
        """Take these steps; what is left is to `leave`."""
        for function, arguments in calls:
            if function(*arguments) < 0:
                confine.checked(-1, function.__name__)
        if os.getppid() != server:
            raise OSError("the server has gone")
        os.closerange(IMAGE + 1, 256)

    def leave(self) -> NoReturn:
        """Filter the system calls, and be the executable."""
        if self.filter:
            pid = os.getpid()
            for place in self.places:
                struct.pack_into("=I", self.filter, place, pid)
            confine.seccomp(bytes(self.filter))
        self.execute()
        raise AssertionError
