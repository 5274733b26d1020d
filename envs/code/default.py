"""One sandbox a process, started when it is first needed, for environments that are not handed one.

    default_sandbox().run(program, stdin)
    default_judge().judge(problem, program)

A forked child has its own; the parent's is left alone. It is closed when the process ends, pool workers included.
"""

from __future__ import annotations

import os
import threading
from multiprocessing import parent_process
from multiprocessing.util import Finalize

from whetstone.envs.code.judge import Judge
from whetstone.envs.code.sandbox import Sandbox


class _Process:
    """What this process has started."""

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.sandbox: Sandbox | None = None
        self.judge: Judge | None = None


_here = _Process()


def install(sandbox: Sandbox) -> None:
    """Make `sandbox` this process's default, e.g. one with more workers; the one it replaces is closed."""
    with _here.lock:
        old, _here.sandbox, _here.judge = _here.sandbox, sandbox, Judge(sandbox)
        Finalize(None, sandbox.close, exitpriority=0)  # unlike `atexit`, also in the workers of `multiprocessing`
    if old is not None and old is not sandbox:
        old.close()


def default_sandbox() -> Sandbox:
    """This process's sandbox. Raises what `Sandbox()` raises where no confinement is to be had."""
    return _started()[0]


def default_judge() -> Judge:
    """The judge on `default_sandbox`."""
    return _started()[1]


def _started() -> tuple[Sandbox, Judge]:
    with _here.lock:
        if _here.sandbox is None or _here.judge is None:
            _here.sandbox = Sandbox(workers=1 if parent_process() else None)  # environments side by side ask one by one
            _here.judge = Judge(_here.sandbox)
            Finalize(None, _here.sandbox.close, exitpriority=0)
        return _here.sandbox, _here.judge


def _forget() -> None:
    """In a forked child: the lock may be held by a thread that is not here, and the workers are the parent's."""
    global _here
    _here = _Process()


os.register_at_fork(after_in_child=_forget)
