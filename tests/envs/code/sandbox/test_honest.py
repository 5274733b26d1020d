"""Right programs in every style come out right, at every tier."""

# Short programs are easier to read in one line.
# ruff: noqa: E501

from __future__ import annotations

import pytest

from whetstone.envs.code.sandbox import Limits, Program, Sandbox

SUM = "n = int(input())\nprint(sum(map(int, input().split())))\n"

# Each reads "3\n1 2 3\n" and prints 6, with what standard error and status a plain interpreter would give.
STYLES = {
    "input": SUM,
    "main guard": "def main():\n    int(input()); print(sum(map(int, input().split())))\nif __name__ == '__main__': main()\n",
    "sys.stdin iterated": "import sys\nlines = [line for line in sys.stdin]\nprint(sum(map(int, lines[1].split())))\n",
    "stdin.buffer.readline": "import sys\nr = sys.stdin.buffer.readline\nr()\nprint(sum(map(int, r().split())))\n",
    "stdin.read": "import sys\nprint(sum(map(int, sys.stdin.read().split()[1:])))\n",
    "open(0)": "print(sum(map(int, open(0).read().split()[1:])))\n",
    "open(0) twice": "a = open(0).readline()\nprint(6 if a == '3\\n' else 0)\n",
    "os.read": "import os\nprint(sum(map(int, os.read(0, 10**6).split()[1:])))\n",
    "os.fstat": "import os\nprint(sum(map(int, os.read(0, os.fstat(0).st_size).split()[1:])))\n",
    "io.BytesIO": (
        "import io, os, sys\nsys.stdin = io.StringIO(os.read(0, os.fstat(0).st_size).decode())\n"
        "input()\nprint(sum(map(int, input().split())))\n"
    ),
    "mmap of stdin": "import mmap\nprint(sum(map(int, mmap.mmap(0, 0, prot=mmap.PROT_READ)[:].split()[1:])))\n",
    "select on stdin": "import select\nassert select.select([0], [], [])[0] == [0]\n" + SUM,
    "seek in stdin": "import sys\nsys.stdin.readline()\nsys.stdin.seek(0)\n" + SUM,
    "os.write": "import os\nd = os.read(0, 99).split()\nos.write(1, b'%d\\n' % sum(map(int, d[1:])))\n",
    "stdout.buffer": "import sys\nsys.stdout.buffer.write(b'%d\\n' % sum(map(int, sys.stdin.read().split()[1:])))\n",
    "__stdout__": "import sys\nprint(sum(map(int, sys.stdin.read().split()[1:])), file=sys.__stdout__)\n",
    "open(1)": "f = open(1, 'w')\ninput()\nf.write('%d\\n' % sum(map(int, input().split())))\n",
    "stdout replaced": (
        "import io, sys\nold, sys.stdout = sys.stdout, io.StringIO()\ninput()\nprint(sum(map(int, input().split())))\n"
        "old.write(sys.stdout.getvalue())\n"
    ),
    "atexit": (
        "import atexit, sys\nbuffer = []\natexit.register(lambda: sys.stdout.write(''.join(buffer)))\n"
        "input()\nbuffer.append('%d\\n' % sum(map(int, input().split())))\n"
    ),
    "a file left open": "f = open(1, 'w')\nprint(6, file=f)\n",
    "a last word": "class A:\n    def __del__(self): print(6)\na = A()\n",
    "a last word in a ring": "class A:\n    def __del__(self): print(6)\na = A()\na.a = a\n",
    "no final newline": SUM.replace("split())))", "split())), end='\\n')"),
    "exit()": SUM + "exit()\nprint('never')\n",
    "quit()": SUM + "quit()\n",
    "sys.exit": SUM + "import sys\nsys.exit(0)\n",
    "sys.exit(256)": SUM + "import sys\nsys.exit(256)\n",
    "SystemExit": SUM + "raise SystemExit\n",
    "os._exit": SUM + "import os, sys\nsys.stdout.flush()\nos._exit(0)\n",
    "exit in a thread": SUM + "import sys, threading\nt = threading.Thread(target=sys.exit)\nt.start()\nt.join()\n",
    "global": (
        "import sys\nc = 0\ndef f(x):\n    global c\n    c += x\nfor x in sys.stdin.read().split()[1:]: f(int(x))\nprint(c)\n"
    ),
    "dataclass": (
        "from dataclasses import dataclass\n@dataclass(order=True)\nclass P:\n    x: int\ninput()\n"
        "print(sum(p.x for p in sorted(P(int(w)) for w in input().split())))\n"
    ),
    "__main__": "import sys\nx = 6\nassert sys.modules['__main__'].x == 6\nprint(sys.modules['__main__'].__dict__['x'])\n",
    "big stack": (
        "import sys, threading\nsys.setrecursionlimit(10**6)\nthreading.stack_size(1 << 26)\n"
        "def f(k): return 0 if k == 0 else 1 + f(k - 1)\ndef main(): print(6 * f(20000) // 20000)\n"
        "t = threading.Thread(target=main)\nt.start()\nt.join()\n"
    ),
    "deep recursion": (
        "import sys\nsys.setrecursionlimit(10**5)\ndef f(k): return 0 if k == 0 else 1 + f(k - 1)\nprint(f(20000) // 3333)\n"
    ),
    "deep recursion in C": (
        "import functools, sys\nsys.setrecursionlimit(10**6)\n@functools.lru_cache(None)\n"
        "def f(k): return 0 if k == 0 else 1 + f(k - 1)\nprint(f(60000) // 10000)\n"
    ),
    "the stack's limit": (
        "import resource\nresource.setrlimit(resource.RLIMIT_STACK, (1 << 26, resource.getrlimit(resource.RLIMIT_STACK)[1]))\n"
    )
    + SUM,
    "big integers": "s = str(7**20000)\nassert int(s) == 7**20000\n" + SUM,
    "threads": "import threading\nout = []\nts = [threading.Thread(target=out.append, args=(i,)) for i in range(1, 4)]\n"
    "[t.start() for t in ts]\n[t.join() for t in ts]\nprint(sum(out))\n",
    "an alarm of its own": "import signal\nsignal.signal(signal.SIGALRM, print)\nsignal.alarm(5)\n"
    + SUM
    + "signal.alarm(0)\n",
    "a signal to itself": (
        "import os, signal\nsignal.signal(signal.SIGUSR1, lambda *a: print(6))\nos.kill(os.getpid(), signal.SIGUSR1)\n"
    ),
    "raise_signal": "import signal\nsignal.signal(signal.SIGTERM, lambda *a: print(6))\nsignal.raise_signal(signal.SIGTERM)\n",
    "modules": (
        "import bisect, cmath, collections, copy, datetime, decimal, enum, fractions, functools, heapq, itertools, json, math,"
        "operator, queue, random, re, statistics, string, struct, textwrap, time, typing\n"
    )
    + SUM,
    "random": "import random\nrandom.seed(1)\nx = [random.random() for _ in range(9)]\nrandom.shuffle(x)\n" + SUM,
    "coding cookie": "# -*- coding: latin-1 -*-\n" + SUM,
    "byte order mark": "\ufeff" + SUM,
    "Windows newlines": SUM.replace("\n", "\r\n"),
    "non-ASCII": "größe = 6\nprint(größe)\n",
    "stderr": "import sys\nsys.stderr.write('debug')\n" + SUM,
    "stdin closed": SUM + "import sys\nsys.stdin.close()\n",
    "affinity": "import os\nassert os.cpu_count() and len(os.sched_getaffinity(0))\n" + SUM,
    "a warning": "import warnings\nwarnings.warn('x')\n" + SUM,
    "an exception ignored": "class A:\n    def __del__(self): raise ValueError\nA()\n" + SUM,
    "an empty environment": "import os\nassert not os.environ, os.environ\n" + SUM,
    "argv": "import sys\nassert sys.argv == ['main.py'] and len(sys.argv) == 1\n" + SUM,
    "gc": "import gc\nassert gc.isenabled()\ngc.collect()\n" + SUM,
    "time": "import time\nt = time.time()\ntime.sleep(0.001)\nassert time.time() > t and time.localtime()\n" + SUM,
}

# Besides, with files: what is imported late, and the devices.
LATE = {
    "late imports": "import calendar, colorsys, concurrent.futures, difflib, hashlib, pprint, tempfile, uuid, pickle\n"
    + SUM,
    "pickle": "import pickle\nclass A: x = 6\nprint(pickle.loads(pickle.dumps(A())).x)\n",
    "hashlib": "import hashlib\nassert hashlib.md5(b'').hexdigest().startswith('d41d8')\n" + SUM,
    "/dev/stdin": "print(sum(map(int, open('/dev/stdin').read().split()[1:])))\n",
    "/dev/null": "import os, sys\nsys.stderr = open(os.devnull, 'w')\nprint(1, file=sys.stderr)\n" + SUM,
    "pool of threads": (
        "from concurrent.futures import ThreadPoolExecutor\nwith ThreadPoolExecutor(4) as pool:\n"
        "    print(sum(pool.map(int, '123')))\n"
    ),
}


@pytest.mark.parametrize("style", STYLES)
def test_right_program(sandbox: Sandbox, style: str) -> None:
    done = sandbox.run(Program("python", STYLES[style]), b"3\n1 2 3\n")
    assert (done.outcome, done.stdout, done.status, done.tier) == ("ok", b"6\n", 0, sandbox.tier), done


@pytest.mark.parametrize("style", LATE)
def test_right_program_that_opens_files(sandbox: Sandbox, style: str) -> None:
    done = sandbox.run(Program("python", LATE[style]), b"3\n1 2 3\n")
    if sandbox.tier == "C":
        assert done.outcome == "exit" and b"Error" in done.stderr, done
    else:
        assert (done.outcome, done.stdout) == ("ok", b"6\n"), done


# program: (outcome, status, stdout, how standard error ends)
ENDS = {
    "raise ValueError('no')": ("exit", 1, b"", b"line 1, in <module>\nValueError: no\n"),
    "print(6)\nraise ValueError": ("exit", 1, b"6\n", b"ValueError\n"),
    "import sys\nsys.exit(3)": ("exit", 3, b"", b""),
    "import sys\nsys.exit(-1)": ("exit", 255, b"", b""),
    "import sys\nsys.exit('6')": ("exit", 1, b"", b"6\n"),
    "import sys\nprint(1, end='')\nsys.exit(1.5)": ("exit", 1, b"1", b"1.5\n"),
    "import sys\nsys.exit(10**30)": ("exit", 255, b"", b""),
    "x = (": ("exit", 1, b"", b"SyntaxError: '(' was never closed\n"),
    "a\0b": ("exit", 1, b"", b"contain null bytes\n"),
    "x = '\ud800'": ("exit", 1, b"", b"\n"),
    "print('\\ud800')": ("exit", 1, b"", b"surrogates not allowed\n"),
    "input()\ninput()\ninput()": ("exit", 1, b"", b"EOFError: EOF when reading a line\n"),
    "import atexit\natexit.register(print, 7)\n1 / 0": ("exit", 1, b"7\n", b"ZeroDivisionError: division by zero\n"),
    "import sys\nsys.excepthook = lambda *a: print(6)\n1 / 0": ("exit", 1, b"6\n", b""),
    "import sys\nsys.excepthook = 5\n1 / 0": ("exit", 1, b"", b"\n"),
    "import os\nprint(5)\nos.close(1)": ("exit", 120, b"", b"\n"),
    "import sys\nsys.stdout.close()": ("ok", 0, b"", b""),
    "import sys\nsys.stdout = None\nprint(5)": ("ok", 0, b"", b""),
    "import os\nprint(5)\nos._exit(0)": ("ok", 0, b"", b""),
    "import os\nos._exit(300)": ("exit", 44, b"", b""),
    "import threading\nthreading.Thread(target=lambda: 1 / 0).start()": ("ok", 0, b"", b"division by zero\n"),
    "raise KeyboardInterrupt": ("exit", 1, b"", b"KeyboardInterrupt\n"),
    "import sys\nsys.stdout.buffer.write(b'\\0\\xff\\r\\n')": ("ok", 0, b"\0\xff\r\n", b""),
    "": ("ok", 0, b"", b""),
}


@pytest.mark.parametrize("source", ENDS, ids=range(len(ENDS)))
def test_end(sandbox: Sandbox, source: str) -> None:
    outcome, status, stdout, said = ENDS[source]
    done = sandbox.run(Program("python", source), b"3\n1 2 3\n")
    assert (done.outcome, done.status, done.stdout) == (outcome, status, stdout), done
    assert done.stderr.endswith(said), done


def test_large_input_and_output(sandbox: Sandbox) -> None:
    data = b"0123456789abcdef" * (5 << 16)  # 5 MiB
    done = sandbox.run(Program("python", "import sys\nsys.stdout.write(sys.stdin.read())\n"), data)
    assert done.outcome == "ok" and done.stdout == data


def test_input_is_each_runs_own(sandbox: Sandbox) -> None:
    for value in (b"1", b"22", b"333"):
        assert sandbox.run(Program("python", "print(input())"), value).stdout == value + b"\n"


def test_sets_have_one_order() -> None:
    program = Program("python", "print(set('abcdefghij'), hash('x'))")
    outputs = []
    for seed in (0, 0, 7):
        with Sandbox(workers=1, tier="C", hash_seed=seed) as sandbox:
            outputs.append(sandbox.run(program).stdout)
    assert outputs[0] == outputs[1] != outputs[2]


def test_check(sandbox: Sandbox) -> None:
    assert sandbox.check(Program("python", "print(")).outcome == "compile"
    assert b"SyntaxError" in sandbox.check(Program("python", "print(")).stderr
    assert sandbox.check(Program("python", "1 / 0")).outcome == "ok"


def test_memory_and_time_are_reported(sandbox: Sandbox) -> None:
    source = "import time\nx = bytearray(100 << 20)\nfor i in range(0, len(x), 4096): x[i] = 1\n"
    done = sandbox.run(Program("python", source + "while time.process_time() < 0.2: pass"))
    assert done.outcome == "ok"
    assert 100 << 20 < done.memory < 140 << 20
    assert 0.2 <= done.cpu < 2.0 and done.cpu < done.wall + 0.1


def test_limits_default(sandbox: Sandbox) -> None:
    assert sandbox.run(Program("python", SUM), b"1\n5\n", Limits()).stdout == b"5\n"
