"""C++17: a confined compile makes one static program, which is kept under the hash of its source.

The compiler reads what strangers wrote, so it is confined as well: it may read its own directories, write in one
folder of its own, use 10 s of CPU time and 2 GiB a process and 64 MiB a file, and reaches no network; its messages are
capped. At tier C nothing would keep it from the files of this machine (`.incbin "/etc/passwd"`), and it is refused;
programs that were compiled before still run. At tier D it is not confined, and what it makes is kept in memory only.
"""

from __future__ import annotations

import hashlib
import threading
from collections import OrderedDict
from concurrent.futures import Future
from dataclasses import replace
from pathlib import Path

from whetstone.envs.code.sandbox import toolchain
from whetstone.envs.code.sandbox.cache import Cache, own_folder
from whetstone.envs.code.sandbox.client import SandboxError
from whetstone.envs.code.sandbox.language import Compile, Image, Prepared
from whetstone.envs.code.sandbox.types import MIB, Execution, Program

SOURCE = 1 * MIB  # bytes of the longest source that is compiled
MESSAGE = 64 << 10  # bytes of messages that are kept
BINARY = 64 * MIB  # bytes of the largest file that a compile may write
LOADED = 64  # results kept in memory

PROGRAM, MESSAGES = b"P", b"M"  # the first byte of an entry in the cache: what the rest is


class Cpp:
    """Equal sources are compiled once: whoever asks while one is being compiled waits for it."""

    def __init__(self, folder: Path | None = None) -> None:
        """`folder`: where to keep what is built, this user's cache unless given."""
        self.folder = folder
        self.lock = threading.Lock()
        self.loaded: OrderedDict[str, Prepared | Execution] = OrderedDict()
        self.flights: dict[str, Future[Prepared | Execution]] = {}

    def prepare(self, program: Program, compile: Compile) -> Prepared | Execution:
        source = program.source.encode("utf-8", "surrogatepass")
        if len(source) > SOURCE:
            return Execution("compile", detail=f"the source has {len(source)} bytes, {SOURCE} allowed")
        key = hashlib.sha256(source).hexdigest()
        with self.lock:
            if known := self.loaded.get(key):
                self.loaded.move_to_end(key)
                return known
            flight, mine = self.flights.get(key), Future[Prepared | Execution]()
            if flight is None:
                self.flights[key] = mine
        if flight is not None:
            return flight.result()
        try:
            mine.set_result(self._built(source, compile))
        except BaseException as error:  # whatever it is, those who wait meet it too
            mine.set_exception(error)
        with self.lock:
            del self.flights[key]
            if mine.exception() is None and not failed(mine.result()):
                self.loaded[key] = mine.result()
                if len(self.loaded) > LOADED:
                    self.loaded.popitem(last=False)
        return mine.result()

    def _built(self, source: bytes, compile: Compile) -> Prepared | Execution:
        try:
            found = toolchain.find()
            folder = self.folder or own_folder("whetstone")
            cache = Cache(folder / "programs")
            key = hashlib.sha256(found.version.encode() + source).hexdigest()
            if entry := cache.get(key):
                return opened(entry)
            entry, keep = self._compiled(source, compile, found, folder)
        except (toolchain.NoCompiler, SandboxError, OSError) as error:
            return Execution("failed", detail=str(error))
        if isinstance(entry, bytes) and keep:
            cache.put(key, entry)
        return opened(entry) if isinstance(entry, bytes) else entry

    def _compiled(
        self, source: bytes, compile: Compile, found: toolchain.Toolchain, folder: Path
    ) -> tuple[bytes | Execution, bool]:
        """An entry for the cache, or a failure; and whether the compile was confined, so that the entry may be kept."""
        built = found.prepared(folder, compile)
        execution, results = compile(found.compiling(source, built, BINARY))
        confined = execution.tier in ("A", "B")
        if execution.outcome == "ok" and "main" in results:
            return PROGRAM + results["main"], confined
        if execution.outcome not in ("exit", "memory"):
            return replace(execution, outcome="failed", detail=f"the compiler failed: {execution.detail}"), False
        if not (built / "digest").exists():  # someone has cleared the cache under the compiler's feet
            return self._compiled(source, compile, found, folder)
        return MESSAGES + execution.stderr[:MESSAGE], confined


def opened(entry: bytes) -> Prepared | Execution:
    """What an entry in the cache says."""
    if entry[:1] == PROGRAM:
        return Prepared("native", Image(memoryview(entry)[1:]))
    return Execution("compile", stderr=entry[1:], detail="the compiler refuses it")


def failed(result: Prepared | Execution) -> bool:
    """Whether this is the sandbox's failure, of which nothing may be remembered."""
    return isinstance(result, Execution) and result.outcome == "failed"
