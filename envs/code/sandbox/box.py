"""`Sandbox`: programs in, executions out, from any thread."""

from __future__ import annotations

import atexit
import contextlib
import os
import shutil
import signal
import tempfile
import threading
import weakref
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from types import TracebackType
from typing import TypeVar

from whetstone.envs.code.sandbox.client import KEPT, Ended, Launch, Pipes, SandboxError, Stream, Worker, WorkerDied
from whetstone.envs.code.sandbox.cpp import Cpp
from whetstone.envs.code.sandbox.language import Command, Image, Language, Prepared
from whetstone.envs.code.sandbox.python import Python
from whetstone.envs.code.sandbox.tiers import CONFINED, available
from whetstone.envs.code.sandbox.types import MIB, Execution, Limits, Outcome, Program, Tier

TRIES = 20  # runs of a request whose worker was killed each time, before it is given up as failed
T = TypeVar("T")


class Pool:
    """At most `size` workers of one tier, started when they are needed."""

    def __init__(self, size: int, tier: Tier, hash_seed: int) -> None:
        self.size, self.hash_seed = size, hash_seed
        self.tier: Tier = tier
        self.reset()

    def reset(self) -> None:
        """Begin anew, as after a fork."""
        self.places = threading.Semaphore(self.size)
        self.lock = threading.Lock()
        self.idle: list[Worker] = []
        self.workers: set[Worker] = set()
        self.closed = False

    @contextlib.contextmanager
    def worker(self) -> Iterator[Worker]:
        """A worker for one request; one that dies of it is replaced by the next request."""
        with self.places:
            with self.lock:
                if self.closed:
                    raise SandboxError("the sandbox is closed: open another one")
                taken = self.idle.pop() if self.idle else None
            if taken is None:
                taken = Worker(self.tier, self.hash_seed)
                with self.lock:
                    self.workers.add(taken)
            try:
                yield taken
            except BaseException:  # whatever happened, this worker's state is not known
                with self.lock:
                    self.workers.discard(taken)
                taken.close()
                raise
            with self.lock:
                if not self.closed:
                    self.idle.append(taken)

    def close(self) -> None:
        """End every worker."""
        with self.lock:
            self.closed = True
            workers, self.workers, self.idle = self.workers, set(), []
        for worker in workers:
            worker.close()

    def forget(self) -> None:
        """In a forked child: leave the parent's workers alone."""
        for worker in self.workers:
            worker.forget()
        self.reset()


class Sandbox:
    """Runs programs, each in a confined process of its own; see the package for what that holds.

    `workers` programs run at a time (as many as there are cores unless given). The strongest tier that is to be had
    here is taken unless `tier` names one; raises `SandboxError` where there is none, unless `allow_unsandboxed`. With
    the same `hash_seed` a Python program meets sets and dicts in the same order each time.
    """

    def __init__(
        self,
        workers: int | None = None,
        tier: Tier | None = None,
        allow_unsandboxed: bool = False,
        hash_seed: int = 0,
    ) -> None:
        size = workers or os.cpu_count() or 1
        self.tier: Tier = chosen_tier(tier, allow_unsandboxed)
        self.languages: Mapping[str, Language] = languages()
        self._runs = Pool(size, self.tier, hash_seed)
        self._commands = Pool(size, "B" if self.tier == "A" else self.tier, hash_seed)
        _open.add(self)

    def __enter__(self) -> Sandbox:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """End the workers; what runs in them fails."""
        self._runs.close()
        self._commands.close()
        _open.discard(self)

    def __del__(self) -> None:
        if hasattr(self, "_commands"):
            self.close()

    def run(self, program: Program, stdin: bytes = b"", limits: Limits | None = None) -> Execution:
        """Run a program on an input. The execution's outcome is `compile` where there was nothing to run."""
        prepared = self._prepare(program)
        if isinstance(prepared, Execution):
            return prepared
        limits = limits or Limits()
        return self._tried(lambda: (self._run(prepared, stdin, limits), None))[0]

    def check(self, program: Program, limits: Limits | None = None) -> Execution:
        """Compile a program only: outcome `ok` or `compile`."""
        if program.language == "python":
            text = program.source.encode("utf-8", "surrogatepass")
            found = self.run(Program("python", CHECK), text, limits)
            return found if found.outcome in ("ok", "failed") else self._with_outcome(found, "compile")
        prepared = self._prepare(program)
        return prepared if isinstance(prepared, Execution) else Execution("ok", status=0, tier=self.tier)

    def interact(
        self, program: Program, interactor: Program, secret: bytes, limits: Limits | None = None
    ) -> tuple[Execution, Execution]:
        """Run a program and an interactor, each one's output the other's input; the interactor finds `secret` at
        descriptor 3. The executions hold no stdout."""
        prepared = []
        for one in (program, interactor):
            ready = self._prepare(one)
            if isinstance(ready, Execution):
                return (ready, Execution("ok", tier=self.tier)) if one is program else (self._failed(), ready)
            prepared.append(ready)
        limits = limits or Limits()
        one, two = self._tried(lambda: self._interact(prepared[0], prepared[1], secret, limits))
        return one, two or self._failed()

    def command(self, command: Command) -> tuple[Execution, dict[str, bytes]]:
        """Run a program of this machine confined, as compilers are; raises `SandboxError` at tier C, where nothing
        would keep it from the files of this machine."""
        if self.tier == "C":
            raise SandboxError("tier C cannot confine a compiler: nothing would keep it from this machine's files")
        found, files = self._tried(lambda: self._command(command))
        return found, files or {}

    # -- one try ------------------------------------------------------------------------------------------------------

    def _tried(self, action: Callable[[], tuple[Execution, T]]) -> tuple[Execution, T | None]:
        """What an action gives; again when its worker, or a child before it was confined, was killed."""
        failed = self._failed()
        for _ in range(TRIES):
            with contextlib.suppress(WorkerDied):
                found, more = action()
                if found.outcome != "failed":
                    return found, more
                failed = found
        return failed, None

    def _prepare(self, program: Program) -> Prepared | Execution:
        if program.language not in self.languages:
            known = ", ".join(self.languages)
            raise ValueError(f"expected a program in one of {known}, got {program.language!r}")
        prepared = self.languages[program.language].prepare(program, self.command)
        return replace(prepared, tier=self.tier) if isinstance(prepared, Execution) else prepared

    def _run(self, prepared: Prepared, stdin: bytes, limits: Limits) -> Execution:
        given = Image(stdin)
        with self._runs.worker() as worker, Pipes(2) as pipes:
            (out, to_out), (err, to_err) = pipes.pairs
            streams = [Stream(out, limits.output), Stream(err, KEPT)]
            launch = Launch(prepared.kind, limits, prepared.image.fd, given.fd, to_out, to_err)
            ended = worker.execute([launch], streams, pipes.close_writers)
        return execution(ended[0], streams[0], streams[1], limits, self.tier)

    def _interact(
        self, first: Prepared, second: Prepared, secret: bytes, limits: Limits
    ) -> tuple[Execution, Execution]:
        hidden = Image(secret)
        with self._runs.worker() as worker, Pipes(4) as pipes:
            (r1, w1), (r2, w2), (err1, to_err1), (err2, to_err2) = pipes.pairs
            streams = [Stream(err1, KEPT), Stream(err2, KEPT)]
            launches = [
                Launch(first.kind, limits, first.image.fd, r2, w1, to_err1),
                Launch(second.kind, limits, second.image.fd, r1, w2, to_err2, hidden.fd),
            ]
            ended = worker.execute(launches, streams, lambda: pipes.close(r1, r2, w1, w2, to_err1, to_err2))
        silent = Stream(-1, limits.output)
        one, two = (
            execution(end, silent, stream, limits, self.tier) for end, stream in zip(ended, streams, strict=True)
        )
        return one, two

    def _command(self, command: Command) -> tuple[Execution, dict[str, bytes]]:
        nothing = Image(b"")
        folder = Path(tempfile.mkdtemp(prefix="whetstone-"))
        try:
            with self._commands.worker() as worker, Pipes(2) as pipes:
                for name, data in command.files.items():
                    (folder / name).write_bytes(data)
                if worker.user is not None:
                    for path in (folder, *folder.iterdir()):
                        os.chown(path, worker.user, worker.user)
                (out, to_out), (err, to_err) = pipes.pairs
                streams = [Stream(out, KEPT), Stream(err, KEPT)]
                place = {"TMPDIR": str(folder), "HOME": str(folder)}
                asked = (
                    list(command.argv),
                    list(command.readable),
                    str(folder),
                    {**command.environment, **place},
                    command.size,
                )
                launch = Launch("command", command.limits, nothing.fd, nothing.fd, to_out, to_err, None, asked)
                ended = worker.execute([launch], streams, pipes.close_writers)
            found = execution(ended[0], streams[0], streams[1], command.limits, self.tier)
            return found, results(folder, command)
        finally:
            shutil.rmtree(folder, ignore_errors=True)

    def _failed(self) -> Execution:
        return Execution("failed", tier=self.tier, detail=f"the worker was killed {TRIES} times")

    def _with_outcome(self, found: Execution, outcome: Outcome) -> Execution:
        return Execution(
            outcome, b"", found.stderr, found.status, found.signal, found.cpu, found.wall, found.memory, found.tier
        )


def results(folder: Path, command: Command) -> dict[str, bytes]:
    """The wanted files of a command's folder; a link, or anything else that is no regular file, is none."""
    found = {}
    for name in command.results:
        with contextlib.suppress(OSError):
            fd = os.open(folder / name, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
            with os.fdopen(fd, "rb") as file:
                found[name] = file.read(command.size + 1)
    return found


def execution(ended: Ended, out: Stream, err: Stream, limits: Limits, tier: Tier) -> Execution:
    """What a child's end means."""
    status = os.waitstatus_to_exitcode(ended.status)
    code, sent = (status, None) if status >= 0 else (None, -status)
    outcome, detail = judged(ended, out, err, limits, status)
    return Execution(
        outcome, bytes(out.data), bytes(err.data), code, sent, ended.cpu, ended.wall, ended.memory, tier, detail
    )


def judged(ended: Ended, out: Stream, err: Stream, limits: Limits, status: int) -> tuple[Outcome, str]:
    """The outcome, and a sentence on it."""
    if ended.note != b"confined":
        return "failed", f"the program could not be confined: {ended.note.decode(errors='replace') or 'no memory?'}"
    if out.total > limits.output:
        return "output", f"more than {limits.output} bytes of output"
    if ended.reason == "cpu":
        return "cpu", f"{ended.cpu:.2f} s of CPU time, {limits.cpu:g} s allowed"
    if ended.reason == "wall":
        return "wall", f"idle for more than {limits.wall:g} s"
    if ended.reason == "stopped":
        return "wall", "it stopped itself"
    if ended.reason == "threads":
        return "signal", f"more than {limits.threads} threads"
    if status == 0:
        return "ok", ""
    said = bytes(err.data[-4096:]) + err.tail
    # Whether memory was the cause of a failure cannot be known from outside when one large allocation was refused; then
    # the runtime's message is believed. A program that prints it gains nothing: one failure instead of another.
    if ended.memory > 0.8 * limits.memory or any(sign in said for sign in (b"MemoryError", b"std::bad_alloc")):
        return "memory", f"ended by {described(status)} with {limits.memory / MIB:.0f} MiB allowed"
    return ("exit" if status > 0 else "signal"), f"ended by {described(status)}"


def described(status: int) -> str:
    """An exit status or a signal, for a person."""
    if status >= 0:
        return f"status {status}"
    with contextlib.suppress(ValueError):
        return signal.Signals(-status).name
    return f"signal {-status}"


CHECK = 'import sys\ncompile(sys.stdin.buffer.read(), "main.py", "exec")\n'


def languages() -> dict[str, Language]:
    """Every language, by name."""
    return {"python": Python(), "cpp": Cpp()}


def chosen_tier(wanted: Tier | None, allow_unsandboxed: bool) -> Tier:
    """The tier to work at; raises `SandboxError` when it is not to be had or was not allowed."""
    if wanted == "D" or (wanted is None and not any(not available(tier) for tier in CONFINED)):
        if not allow_unsandboxed:
            raise SandboxError(
                "programs would run unconfined (tier D), with all the rights of this user: pass allow_unsandboxed=True "
                "if this machine is nobody else's and holds no secret; `whetstone sandbox` says what more needs"
            )
        return "D"
    if wanted is not None:
        if missing := available(wanted):
            raise SandboxError(missing)
        return wanted
    return next(tier for tier in CONFINED if not available(tier))


_open: weakref.WeakSet[Sandbox] = weakref.WeakSet()


def _forget() -> None:
    for sandbox in list(_open):
        sandbox._runs.forget()
        sandbox._commands.forget()


def _close() -> None:
    for sandbox in list(_open):
        sandbox.close()


atexit.register(_close)
os.register_at_fork(after_in_child=_forget)
