"""How a source becomes something that the fork-server starts: one small class a language.

A language whose programs are interpreted by the fork-server itself (Python) hands over the source. Any other makes a
*static* executable, of which the fork-server starts a copy: the program that a child is given may be executed once, by
its descriptor, and nothing else may be executed at all; no library can be opened. A language that compiles does so by
`Compile`, which runs a command confined in a folder of its own, and should keep what it made (an `Image`).
"""

from __future__ import annotations

import fcntl
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal, Protocol

from whetstone.envs.code.sandbox.types import MIB, Execution, Limits, Program

_EXECUTABLE = 0x10  # MFD_EXEC, of Linux 6.3


class Image:
    """Bytes in memory that can be shared by descriptor and that no one can change; freed with the object."""

    def __init__(self, data: bytes | bytearray | memoryview) -> None:
        flags = os.MFD_CLOEXEC | os.MFD_ALLOW_SEALING
        try:
            self.fd = os.memfd_create("image", flags | _EXECUTABLE)
        except OSError:
            self.fd = os.memfd_create("image", flags)
        self.size = len(data)
        rest = memoryview(data)
        while rest:
            rest = rest[os.write(self.fd, rest) :]
        os.lseek(self.fd, 0, os.SEEK_SET)
        seals = fcntl.F_SEAL_WRITE | fcntl.F_SEAL_GROW | fcntl.F_SEAL_SHRINK | fcntl.F_SEAL_SEAL
        fcntl.fcntl(self.fd, fcntl.F_ADD_SEALS, seals)

    def __del__(self) -> None:
        if hasattr(self, "fd"):
            os.close(self.fd)


@dataclass(frozen=True, slots=True)
class Prepared:
    """What is started: `python` for the fork-server's own interpreter, `native` for a static executable."""

    kind: Literal["python", "native"]
    image: Image


@dataclass(frozen=True, slots=True)
class Command:
    """A program of this machine that is run confined, as compilers are.

    It runs in an empty folder that holds `files` and that is gone afterwards; it may read and execute what lies under
    `readable` (absolute paths; those that do not exist are passed over), write in its folder only, start processes, and
    reach no network. `limits.cpu` and `limits.memory` hold for each of its processes, `limits.threads` for their number
    and `limits.wall` for the whole, in plain wall time: choose it generously, for a busy host must not end an honest
    compile.
    """

    argv: Sequence[str]
    """argv[0] is an absolute path."""
    files: Mapping[str, bytes] = field(default_factory=dict)
    results: Sequence[str] = ()
    """Names of files in the folder that are wanted back; only regular files up to `size` come back."""
    readable: Sequence[str] = ()
    environment: Mapping[str, str] = field(default_factory=dict)
    """TMPDIR and HOME are set to the folder besides."""
    limits: Limits = Limits(cpu=10.0, wall=300.0, memory=2048 * MIB, output=1 * MIB, threads=32)  # noqa: RUF009
    size: int = 256 * MIB
    """Bytes of the largest file that may be written."""


class Compile(Protocol):
    """`Sandbox.command`: runs a command, and gives the files that were wanted back and are there."""

    def __call__(self, command: Command) -> tuple[Execution, dict[str, bytes]]: ...


class Language(Protocol):
    """A language. One object serves all threads."""

    def prepare(self, program: Program, compile: Compile) -> Prepared | Execution:
        """What to start, or an execution that says why there is nothing: outcome `compile` with the messages in
        `stderr` when the source is refused, `failed` when the compiler itself failed."""
        ...
