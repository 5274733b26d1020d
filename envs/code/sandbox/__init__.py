"""Programs of unknown origin, run confined: `Sandbox.run` says what one did, as seen from outside it.

**What is defended.** The user's machine, files, network and other processes, and the verdict: a program must not learn
the expected output, change how it is judged, meet another submission, or outlive its execution. The program is taken
for an adversary that knows this code; under reinforcement learning it becomes one.

**How.** A fork-server (`server.py`) for each worker; for each execution one child of it, which in this order takes
limits, gives up gaining privileges, enters Landlock, then a seccomp allow-list, and only then reads the program from a
descriptor. The expected output never enters any of these processes. What counts is what is seen from outside: the bytes
on standard output, the exit status that the kernel reports, the CPU clock that the kernel keeps.

- No process but the one: `clone` only makes threads, so that the limit on address space is a true total and nothing can
  stay behind. No exec (a native program: its own, once), socket, ptrace, io_uring, bpf, keyctl, shared memory, memory
  files, pipes, timers that signal; signals only to itself; of the limits only the stack's can be set.
- No file can be written; those of the standard library can be read, without the packages installed beside it.
- Standard input is a sealed file in memory, standard output and error are pipes, the environment is empty.
- As root, worker and children are a user that nothing else is, without groups and capabilities.

The tiers, of which the strongest that is to be had is taken, and named in every `Execution`:

- A, namespaces: all of that, and mounts, processes, network, IPC and host name of the worker's own: no other file
  exists. Needs unprivileged user namespaces, or root with CAP_SYS_ADMIN, and Linux 5.12.
- B, Landlock: all of that. Needs Linux 5.13; works within Docker's default profile.
- C, seccomp only: no file can be opened at all, so that Python finds only the modules imported beforehand, and nothing
  is compiled. Needs Linux 4.14.
- D, none: limits only; refused unless `allow_unsandboxed=True`.

**What is not covered.** Faults of the kernel (in namespaces, tier A, such faults have been found) and of the processor;
timing, caches and load as channels between programs that run at the same time. At tiers B and C a program can ask
whether a path exists, how large and how old it is, and read the host's name, uptime and load. A program may heat a core
for its CPU limit, fill its memory limit, and write to standard error without end within these. Unprivileged, a child is
the same user as its server: what keeps it from that user's processes is seccomp and Landlock, not the user id; and at
tiers B and C threads are then counted from outside, ten times a second. CPU time depends on the machine: a limit should
leave a right program room. A compiler (`Sandbox.command`) runs at tier B also where A is in force, and may start
processes within its own group. Where memory ran out, the runtime's message is believed (see `box.judged`).
"""

from whetstone.envs.code.sandbox.box import Sandbox
from whetstone.envs.code.sandbox.client import SandboxError
from whetstone.envs.code.sandbox.tiers import probe
from whetstone.envs.code.sandbox.types import MIB, Execution, Limits, Program, Tier

__all__ = ["MIB", "Execution", "Limits", "Program", "Sandbox", "SandboxError", "Tier", "probe"]
