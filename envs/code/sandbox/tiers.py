"""Which tiers of confinement are to be had here, found by trying them."""

from __future__ import annotations

import os
from functools import lru_cache

from whetstone.envs.code.sandbox.client import KEPT, Launch, Pipes, SandboxError, Stream, Worker, WorkerDied
from whetstone.envs.code.sandbox.language import Image
from whetstone.envs.code.sandbox.types import Limits, Tier

CONFINED: tuple[Tier, ...] = ("A", "B", "C")
TIERS: tuple[Tier, ...] = (*CONFINED, "D")

NAMES: dict[Tier, str] = {
    "A": "namespaces",
    "B": "Landlock",
    "C": "seccomp only",
    "D": "none",
}
NEEDS: dict[Tier, str] = {
    "A": "B, and Linux 5.12 with unprivileged user namespaces, or root with CAP_SYS_ADMIN",
    "B": "C, and Linux 5.13 with Landlock; Docker's default profile allows it",
    "C": "Linux 4.14 with seccomp on x86_64 or aarch64",
    "D": "Linux, and allow_unsandboxed=True",
}
IN_FORCE: dict[Tier, str] = {
    "A": "B, and mounts, processes, network, IPC and host name of its own: other files do not exist",
    "B": "C, and the standard library may be read; whether other files exist can be asked",
    "C": "limits, no privileges, an allow-list of system calls: no process, network, signal to others, file",
    "D": "limits only: a program can do all that this user can",
}

# A trial: whatever of this succeeds is printed. A tier that is in force prints nothing.
TRIAL = """
import os, resource, sys, ctypes
libc = ctypes.CDLL(None)
def attempt(name, action):
    try:
        if action() not in (-1, None):
            print(name)
    except (OSError, ValueError):
        pass
attempt("open a file", lambda: open("/proc/self/environ"))
attempt("list the files", lambda: os.listdir("/"))
attempt("open a path descriptor", lambda: os.open("/", 0o10000000))
attempt("write a file", lambda: open("/tmp/whetstone-trial", "w"))
attempt("signal others", lambda: os.kill(os.getppid(), 0) or 1)
attempt("make a socket", lambda: libc.socket(1, 1, 0))
attempt("make a pipe", lambda: os.pipe())
attempt("make a memory file", lambda: os.memfd_create("x"))
attempt("raise a limit", lambda: resource.setrlimit(resource.RLIMIT_CPU, (1, 1)) or 1)
attempt("fork", lambda: os.fork())
attempt("execute", lambda: os.execv("/bin/true", ["true"]))
if sys.argv[1:] == ["A"]:
    attempt("see the files", lambda: os.stat("/etc"))
"""


def available(tier: Tier) -> str:
    """Why a tier is not to be had here; the empty text if it is."""
    return _tried(tier, os.geteuid())


@lru_cache(maxsize=16)
def _tried(tier: Tier, user: int) -> str:
    worker = None
    try:
        worker = Worker(tier)
        worker.wait_ready()
        if tier == "D":
            return ""
        with Pipes(2) as pipes:
            (out, to_out), (err, to_err) = pipes.pairs
            streams = [Stream(out, KEPT), Stream(err, KEPT)]
            source, nothing = Image(TRIAL.replace("sys.argv[1:]", repr([tier])).encode()), Image(b"")
            launch = Launch("python", Limits(cpu=10.0), source.fd, nothing.fd, to_out, to_err)
            (ended,) = worker.execute([launch], streams, pipes.close_writers)
    except SandboxError as error:
        return str(error)
    except WorkerDied:
        return f"tier {tier}: the fork-server ended in its trial"
    finally:
        if worker is not None:
            worker.close()
    done = ", ".join(bytes(streams[0].data).decode(errors="replace").split("\n")[:-1])
    if done:
        return f"tier {tier}: a program could do what it must not: {done}"
    if ended.status:
        said = bytes(streams[1].data).decode(errors="replace").strip() or ended.note.decode(errors="replace")
        return f"tier {tier}: the trial failed: {said.splitlines()[-1] if said else ended}"
    return ""


def probe() -> dict[Tier, str]:
    """Each tier, and why it is not to be had here (the empty text if it is): all are tried in throw-away processes."""
    return {tier: available(tier) for tier in TIERS}
