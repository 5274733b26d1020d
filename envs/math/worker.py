"""The processes that verify what exact arithmetic cannot. Any of them may be killed at any time.

`python -m whetstone.envs.math.worker` loads sympy once, then forks a worker for every socket that it is sent over its
standard input, which takes milliseconds. A worker answers each JSON line with one and ends with its socket.
"""

from __future__ import annotations

import gc
import json
import os
import resource
import signal
import socket
import sys
import time
from fractions import Fraction
from pathlib import Path
from typing import Any

SOFT = 1.0  # seconds of processor time for one request
LAST = 5  # seconds of processor time after which the kernel ends a worker that nobody else has ended
MEMORY = 1 << 30  # bytes of address space
# What makes the parser build its tables and sympy load its modules, so that no request pays for it.
EXERCISE = (
    r"\sum_{k=1}^{n} k",
    r"\sum_{k=0}^{\infty} \frac{1}{2^k}",
    r"\prod_{k=1}^{4} k",
    r"\int_0^1 x^2 e^x dx",
    r"\int_0^{\infty} e^{-x^2} dx",
    r"\lim_{x \to 0} \frac{\sin x}{x}",
    r"\frac{d}{dx} \sin x",
)


class OutOfTime(BaseException):
    """Raised by the timer wherever the computation stands; no handler of errors on the way may take it for one."""


def main() -> None:
    """Fork workers until the standard input ends."""
    from whetstone.envs.math import oracle, symbolic

    for source in EXERCISE:
        symbolic.tree(source)
    oracle.Ladder().equal("x", ("sin", "x"))
    gc.collect()
    gc.freeze()  # so that collections in the workers leave the pages shared
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # nobody waits for the workers
    control = socket.socket(fileno=sys.stdin.fileno())
    while True:
        message, sockets, _, _ = socket.recv_fds(control, 1, 1)
        if not message:
            return
        if os.fork() == 0:
            try:
                control.close()
                _serve(socket.socket(fileno=sockets[0]))
            finally:
                os._exit(0)
        os.close(sockets[0])


def _serve(connection: socket.socket) -> None:
    """Say who this is, then answer requests until the other end is closed."""
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    signal.signal(signal.SIGPROF, _out_of_time)
    sys.setrecursionlimit(4000)
    connection.sendall(b'{"pid": %d}\n' % os.getpid())
    for line in connection.makefile("rb"):
        connection.sendall(json.dumps(answered(json.loads(line))).encode() + b"\n")


def answered(request: dict[str, Any]) -> dict[str, Any]:
    """The verdict on one request, and the resident memory after it (KiB)."""
    _, hardest = resource.getrlimit(resource.RLIMIT_CPU)
    resource.setrlimit(resource.RLIMIT_CPU, (int(time.process_time()) + LAST, hardest))
    signal.setitimer(signal.ITIMER_PROF, SOFT, SOFT / 5)  # again, where sympy has caught it
    try:
        kind, reason = _readable(request) if "source" in request else _verdict(request)
    except OutOfTime:
        kind, reason = "unverified", f"not settled within {SOFT:g} s of processor time"
    except (MemoryError, RecursionError) as error:
        kind, reason = "unverified", f"not settled within the limits ({type(error).__name__})"
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
    return {"kind": kind, "reason": reason, "resident": _resident()}


def _resident() -> int:
    """Resident memory in KiB. Not `ru_maxrss` on Linux: a child starts with the size of the process that forked it."""
    try:
        return int(Path("/proc/self/statm").read_text().split()[1]) * resource.getpagesize() >> 10
    except OSError:
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss >> 10  # bytes, where there is no /proc


def _readable(request: dict[str, Any]) -> tuple[str, str]:
    from whetstone.envs.math.symbolic import tree

    try:
        tree(request["source"])
    except ValueError as error:
        return "unreadable", str(error)
    return "correct", ""


def _verdict(request: dict[str, Any]) -> tuple[str, str]:
    from whetstone.envs.math.compare import Rules, same
    from whetstone.envs.math.gold import read_as
    from whetstone.envs.math.guard import Limit
    from whetstone.envs.math.oracle import Ladder

    tolerance, *others = request["rules"]
    rules = Rules(None if tolerance is None else Fraction(tolerance), *others)
    gold, answer = (read_as(text, request["kind"]) for text in (request["gold"], request["answer"]))
    try:
        return ("correct", "equal") if same(gold, answer, rules, Ladder()) else ("wrong", "not equal")
    except Limit as limit:
        return "unverified", str(limit)
    except ValueError as error:
        return "unreadable", str(error)


def _out_of_time(*_: object) -> None:
    raise OutOfTime


if __name__ == "__main__":
    main()
