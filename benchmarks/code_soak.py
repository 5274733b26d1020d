"""A long mixed load on the sandbox: right, wrong, slow, crashing and hostile programs, workers killed at random.

Every program adds a secret of its own to the sum that it prints, and every input is another: a verdict that was lost,
or that belongs to another submission, shows. Memory of this process and of the fork-servers is sampled on the way; in
the end no process may be left.

    python benchmarks/code_soak.py [--count 20000] [--workers 2] [--kill 2] [--out benchmarks/results/code_soak.json]
"""

from __future__ import annotations

import argparse
import ctypes
import itertools
import json
import os
import random
import signal
import sys
import threading
import time
from collections import Counter, defaultdict
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from whetstone.envs.code.sandbox import MIB, Limits, Program, Sandbox

LIMITS = Limits(cpu=0.3, wall=1.0, memory=256 * MIB, output=1 * MIB)
SUBREAPER = 36  # prctl's PR_SET_CHILD_SUBREAPER: who loses its parent becomes our child, and is seen
PAGE = os.sysconf("SC_PAGE_SIZE")

PYTHON = "n = int(input())\ns = sum(map(int, input().split()))\n"
CPP = """\
#include <bits/stdc++.h>
#include <unistd.h>
using namespace std;
int main() {
    int n;
    cin >> n;
    long long s = 0, x;
    for (int i = 0; i < n; i++) cin >> x, s += x;
    """
# kind: (share, outcomes that are right, Python after the sum is known, C++ likewise); SECRET is a number
KINDS = {
    "right": (60, "ok", "print(s + SECRET)", 'cout << s + SECRET << "\\n"; }'),
    "wrong": (10, "wrong", "print(s + SECRET + 1)", 'cout << s + SECRET + 1 << "\\n"; }'),
    "silent": (4, "wrong", "import os\nos._exit(0)", "_exit(0); }"),
    "crash": (6, "exit signal", "print(s + SECRET, flush=True)\n1 / 0", "cout << s + SECRET << endl; abort(); }"),
    "slow": (2, "cpu", "while True: pass", "for (volatile int i = 0;; i++); }"),
    "idle": (1, "wall", "import time\ntime.sleep(100)", "sleep(100); }"),
    "memory": (
        3,
        "memory cpu",  # a busy machine may take the CPU limit to fill the memory
        "x = [bytearray(1 << 20) for _ in range(1 << 20)]",
        "for (;;) new volatile char[1 << 20](); }",
    ),
    "flood": (3, "output", "while True: print(s)", "for (;;) puts(to_string(s).c_str()); }"),
    "fork": (
        3,
        "ok exit signal",
        "import os\ntry:\n    while os.fork(): pass\nexcept OSError:\n    print(s + SECRET)",
        'while (fork() > 0); cout << s + SECRET << "\\n"; }',
    ),
    "kill": (
        3,
        "ok exit signal",
        "import os\nfor p in -1, os.getppid(), 1:\n    try: os.kill(p, 9)\n    except OSError: pass\nprint(s + SECRET)",
        'kill(-1, 9); kill(getppid(), 9); kill(1, 9); cout << s + SECRET << "\\n"; }',
    ),
    "spy": (
        3,
        "ok exit",
        "import os\nfor f in range(3, 64):\n    try: print(os.read(f, 9))\n    except OSError: pass\nprint(s + SECRET)",
        'char b[9]; for (int f = 3; f < 64; f++) if (read(f, b, 9) > 0) cout << "LEAK"; cout << s + SECRET << "\\n"; }',
    ),
    "syntax": (2, "exit compile", "def (", "syntax"),
}
SECRETS = 4  # C++ programs of each kind: they are compiled once


@dataclass(frozen=True)
class Submission:
    """A program on an input, and what must come of it."""

    kind: str
    program: Program
    stdin: bytes
    answer: bytes
    allowed: frozenset[str]


def submissions(rng: random.Random) -> Iterator[Submission]:
    """Without end, the same for the same seed."""
    names, shares = list(KINDS), [share for share, *_ in KINDS.values()]
    while True:
        kind = rng.choices(names, shares)[0]
        _, allowed, python, cpp = KINDS[kind]
        numbers = [rng.randrange(-1000, 1000) for _ in range(rng.choice((1, 3, 1000)))]
        if rng.random() < 0.5:
            secret = rng.randrange(10**9)
            program = Program("python", PYTHON + python.replace("SECRET", str(secret)) + "\n")
        else:
            secret = rng.randrange(SECRETS)
            program = Program("cpp", CPP + cpp.replace("SECRET", str(secret)) + "\n")
        stdin = f"{len(numbers)}\n{' '.join(map(str, numbers))}\n".encode()
        yield Submission(kind, program, stdin, str(sum(numbers) + secret).encode(), frozenset(allowed.split()))


def judged(sandbox: Sandbox, submission: Submission) -> str:
    """The outcome, `wrong` where the output is not the answer."""
    execution = sandbox.run(submission.program, submission.stdin, LIMITS)
    if execution.outcome == "ok" and execution.stdout.split() != [submission.answer]:
        return "wrong"
    return execution.outcome


def processes() -> dict[int, tuple[int, int, str]]:
    """Of every process: its parent, resident bytes, and what it was started as."""
    found = {}
    for path in Path("/proc").glob("[0-9]*"):
        try:
            parent = int((path / "stat").read_text().rpartition(")")[2].split()[1])
            resident = int((path / "statm").read_text().split()[1]) * PAGE
            found[int(path.name)] = (parent, resident, (path / "cmdline").read_bytes().replace(b"\0", b" ").decode())
        except (OSError, IndexError):
            continue
    return found


def descendants() -> dict[int, tuple[int, str]]:
    """Resident bytes and command of every process that descends from this one; those that have ended are left out."""
    everything, children = processes(), defaultdict(list)
    for pid, (parent, *_) in everything.items():
        children[parent].append(pid)
    found, waiting = {}, list(children[os.getpid()])
    while waiting:
        pid = waiting.pop()
        waiting += children[pid]
        _, resident, command = everything[pid]
        if command:  # not one that waits to be reaped
            found[pid] = (resident, command)
    return found


def servers() -> dict[int, int]:
    """Resident bytes of the fork-servers, and of the stubs before them; not of what they have started."""
    found = descendants()
    parents = {pid: parent for pid, (parent, *_) in processes().items()}
    depth = {pid: 0 for pid in found}
    for pid in found:
        at = pid
        while (at := parents.get(at, 0)) in found:
            depth[pid] += 1
    return {pid: size for pid, (size, command) in found.items() if "server.py" in command and depth[pid] < DEPTH}


DEPTH = 1  # generations of processes that are fork-servers: 2 at tier A, where a stub stays outside the namespaces


def kill_at_random(rng: random.Random, every: float, stop: threading.Event, killed: Counter[str]) -> None:
    """Kill a fork-server now and then."""
    while not stop.wait(rng.expovariate(1 / every)):
        if found := sorted(servers()):
            try:
                os.kill(rng.choice(found), signal.SIGKILL)
                killed["workers"] += 1
            except ProcessLookupError:
                continue


def soak(count: int, workers: int, every: float, seed: int) -> dict[str, object]:
    """Run the load; what was seen."""
    global DEPTH
    ctypes.CDLL(None).prctl(SUBREAPER, 1, 0, 0, 0)
    stop, killed, wrong = threading.Event(), Counter[str](), []
    outcomes: dict[str, Counter[str]] = defaultdict(Counter)
    memory: list[dict[str, float]] = []
    with Sandbox(workers) as sandbox, ThreadPoolExecutor(workers) as pool:
        DEPTH = 2 if sandbox.tier == "A" else 1
        for kind in KINDS:  # compile before the clock runs
            for secret in range(SECRETS):
                sandbox.check(Program("cpp", CPP + KINDS[kind][3].replace("SECRET", str(secret)) + "\n"))
        killer = threading.Thread(target=kill_at_random, args=(random.Random(seed), every, stop, killed))
        killer.start()
        start = time.perf_counter()
        stream = itertools.islice(submissions(random.Random(seed)), count)
        try:
            for done in range(0, count, step := max(count // 20, 1)):
                batch = list(itertools.islice(stream, step))
                for one, got in zip(batch, pool.map(lambda one: judged(sandbox, one), batch), strict=True):
                    outcomes[one.kind][got] += 1
                    if got not in one.allowed:
                        wrong.append({"kind": one.kind, "language": one.program.language, "got": got})
                own = int(Path("/proc/self/statm").read_text().split()[1]) * PAGE
                largest = max(servers().values(), default=0)
                memory.append({"done": done + len(batch), "parent_mib": own / MIB, "largest_server_mib": largest / MIB})
                print(
                    f"{done + len(batch)} of {count}: {memory[-1]}, {len(wrong)} wrong, {killed['workers']} killed",
                    flush=True,
                )
        finally:
            stop.set()
            killer.join()
        seconds = time.perf_counter() - start
        tier = sandbox.tier
    left = {pid: command for pid, (_, command) in descendants().items()}
    return {
        "tier": tier,
        "submissions": count,
        "judged": sum(sum(counter.values()) for counter in outcomes.values()),
        "wrong": wrong,
        "workers_killed": killed["workers"],
        "processes_left": list(left.values()),
        "seconds": seconds,
        "memory": memory,
        "outcomes": {kind: dict(counter) for kind, counter in sorted(outcomes.items())},
    }


def main() -> None:
    """Run, print, write; status 1 when something was lost, wrong or left."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--count", type=int, default=20_000)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--kill", type=float, default=2.0, help="seconds between two kills of a worker, on average")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--out", type=Path, default=Path("benchmarks/results/code_soak.json"))
    options = parser.parse_args()
    result = soak(options.count, options.workers, options.kill, options.seed)
    options.out.parent.mkdir(parents=True, exist_ok=True)
    options.out.write_text(json.dumps(result, indent=1) + "\n")
    print(json.dumps({key: value for key, value in result.items() if key != "memory"}, indent=1))
    print(f"wrote {options.out}")
    sys.exit(bool(result["wrong"] or result["processes_left"] or result["judged"] != options.count))


if __name__ == "__main__":
    main()
