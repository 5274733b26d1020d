"""Each limit holds, whatever the program does against it, and ends nothing that is right."""

# Short programs are easier to read in one line.
# ruff: noqa: E501

from __future__ import annotations

import sys

import pytest

from whetstone.envs.code.sandbox import MIB, Limits, Program, Sandbox
from whetstone.envs.code.sandbox.types import Outcome

SHORT = Limits(cpu=0.3, wall=0.5, memory=256 * MIB, output=1 * MIB)

ENDLESS: dict[str, tuple[str, tuple[Outcome, ...]]] = {
    "loop": ("while True: pass", ("cpu",)),
    "loop in C": ("x = 9**9**8", ("cpu", "memory")),
    "regular expression": ("import re\nre.match('(a+)+$', 'a' * 60 + 'b')", ("cpu",)),
    "signals ignored": (
        "import signal\nfor s in range(1, 65):\n    try: signal.signal(s, signal.SIG_IGN)\n    except Exception: pass\n"
        "while True: pass",
        ("cpu",),
    ),
    "signals blocked": (
        "import signal\nsignal.pthread_sigmask(signal.SIG_BLOCK, range(1, 65))\nwhile True: pass",
        ("cpu",),
    ),
    "exceptions swallowed": (
        "while True:\n    try:\n        while True: pass\n    except BaseException: pass",
        ("cpu",),
    ),
    "alarms": ("import signal\nsignal.alarm(0)\nsignal.setitimer(signal.ITIMER_REAL, 0)\nwhile True: pass", ("cpu",)),
    "threads compute": (
        "import threading\ndef f():\n    while True: pass\nfor _ in range(8): threading.Thread(target=f).start()",
        ("cpu",),
    ),
    "in atexit": ("import atexit\n@atexit.register\ndef f():\n    while True: pass", ("cpu",)),
    "in a last word": ("class A:\n    def __del__(self):\n        while True: pass\na = A()", ("cpu",)),
    "while it is compiled": (
        "x = " + "+".join(f"(lambda:{i})()" for i in range(60000)),
        ("cpu", "memory", "exit", "signal"),
    ),
    "system calls": ("import os\nwhile True: os.getppid()", ("cpu",)),
    "page faults": ("while True: x = bytearray(64 << 20)", ("cpu",)),
    "sleep": ("import time\ntime.sleep(1000)", ("wall",)),
    "short sleeps": ("import time\nwhile True: time.sleep(0.05)", ("wall",)),
    "a lock for ever": ("import threading\nl = threading.Lock()\nl.acquire()\nl.acquire()", ("wall",)),
    "pause": ("import signal\nsignal.pause()", ("wall",)),
    "sleep in atexit": ("import atexit, time\natexit.register(time.sleep, 1000)", ("wall",)),
    "a thread sleeps": ("import threading, time\nthreading.Thread(target=time.sleep, args=(1000,)).start()", ("wall",)),
    "stops itself": ("import os\nos.kill(os.getpid(), 19)", ("wall",)),
    "prints for ever": ("while True: print('x' * 1000)", ("output",)),
    "blanks for ever": ("print(6)\nwhile True: print(' ' * 1000)", ("output",)),
    "one large print": ("print('x' * (2 << 20))", ("output",)),
    "complains for ever": ("import sys\nwhile True: sys.stderr.write('x' * 65536)", ("cpu", "wall")),
    "one large list": ("x = [0] * 10**9", ("memory",)),
    "a growing list": ("x = []\nwhile True: x.append(bytes(1 << 20))", ("memory",)),
    "mapped memory": ("import mmap\nx = []\nwhile True: x.append(mmap.mmap(-1, 1 << 24))", ("exit", "memory")),
    "memory, errors swallowed": (
        "x = []\nwhile True:\n    try:\n        while True: x.append(bytearray(1 << 20))\n    except MemoryError: pass",
        ("cpu",),
    ),
    "recursion": ("def f(): return f()\nf()", ("exit",)),
    "recursion without a limit": (
        "import sys\nsys.setrecursionlimit(10**9)\ndef f(n): return f(n + 1) + 1\nf(0)",
        ("memory", "cpu", "signal"),
    ),
    "recursion in C": (
        "import sys\nsys.setrecursionlimit(10**9)\nclass A:\n    def __repr__(self): return repr(self)\nrepr(A())",
        ("exit",) if (3, 12) <= sys.version_info < (3, 14) else ("memory", "cpu", "signal"),  # its own limit there
    ),
    "brackets": ("exec('x=' + '(' * 100000 + ')' * 100000)", ("exit", "memory")),
    "threads without end": (
        "import threading, time\nwhile True: threading.Thread(target=time.sleep, args=(100,)).start()",
        ("exit", "signal", "memory", "wall", "cpu"),
    ),
    "small threads without end": (
        "import threading, time\nthreading.stack_size(32768)\nn = 0\n"
        "try:\n    while True:\n        threading.Thread(target=time.sleep, args=(100,), daemon=True).start()\n        n += 1\n"
        "finally: print(n)",
        ("exit", "signal", "wall", "cpu"),
    ),
    "descriptors": ("import os\nwhile True: os.dup(0)", ("exit",)),
    "kills itself": ("import os\nos.kill(os.getpid(), 9)", ("signal",)),
    "aborts": ("import os\nos.abort()", ("signal",)),
    "faults": ("import ctypes\nctypes.string_at(0)", ("signal",)),
}


@pytest.mark.parametrize("program", ENDLESS)
def test_limit(sandbox: Sandbox, program: str) -> None:
    source, outcomes = ENDLESS[program]
    done = sandbox.run(Program("python", source), limits=SHORT)
    assert done.outcome in outcomes, done
    assert done.detail
    assert len(done.stdout) <= SHORT.output and len(done.stderr) <= 1 << 16
    assert done.memory <= SHORT.memory + 64 * MIB
    if program == "small threads without end" and done.stdout:
        assert int(done.stdout) <= SHORT.threads * 2
    assert sandbox.run(Program("python", "print(input())"), b"next\n").stdout == b"next\n"


def test_time_is_measured_to_the_tick(sandbox: Sandbox) -> None:
    done = sandbox.run(Program("python", "while True: pass"), limits=Limits(cpu=0.25))
    assert done.outcome == "cpu" and 0.25 <= done.cpu < 1.0, done


def test_little_over_the_limit_is_over(sandbox: Sandbox) -> None:
    burn = "import time\nwhile time.process_time() < {}: pass\nprint(6)"
    limits = Limits(cpu=0.2)
    assert sandbox.run(Program("python", burn.format(0.21)), limits=limits).outcome == "cpu"
    assert sandbox.run(Program("python", burn.format(0.1)), limits=limits).outcome == "ok"


def test_a_busy_program_has_no_wall_limit(sandbox: Sandbox) -> None:
    burn = "import time\nwhile time.process_time() < 0.4: pass\nprint(6)"
    assert sandbox.run(Program("python", burn), limits=Limits(cpu=5.0, wall=0.1)).outcome == "ok"


def test_a_short_sleep_is_allowed(sandbox: Sandbox) -> None:
    assert (
        sandbox.run(Program("python", "import time\ntime.sleep(0.2)\nprint(6)"), limits=Limits(wall=5.0)).outcome
        == "ok"
    )


def test_much_on_standard_error_is_no_harm(sandbox: Sandbox) -> None:
    source = "import sys\nfor _ in range(200): sys.stderr.write('e' * 65536)\nprint(6)"
    done = sandbox.run(Program("python", source))
    assert done.outcome == "ok" and done.stdout == b"6\n" and len(done.stderr) == 1 << 16


def test_memory_within_the_limit_is_had(sandbox: Sandbox) -> None:
    source = "x = bytearray({} << 20)\nfor i in range(0, len(x), 4096): x[i] = 1\nprint(6)"
    limits = Limits(memory=256 * MIB)
    assert sandbox.run(Program("python", source.format(230)), limits=limits).outcome == "ok"
    assert sandbox.run(Program("python", source.format(270)), limits=limits).outcome == "memory"


def test_threads_within_the_limit_are_had(sandbox: Sandbox) -> None:
    source = (
        "import threading\nb = threading.Barrier(16)\nts = [threading.Thread(target=b.wait) for _ in range(15)]\n"
        "[t.start() for t in ts]\nb.wait()\n[t.join() for t in ts]\nprint(6)"
    )
    assert sandbox.run(Program("python", source), limits=Limits(threads=16)).outcome == "ok"


def test_the_message_of_an_error_after_much_else(sandbox: Sandbox) -> None:
    source = "import sys\nsys.stderr.write('e' * 10**6)\nraise MemoryError"
    assert sandbox.run(Program("python", source)).outcome == "memory"
