"""Programs judged per second by two workers, beside a fresh interpreter per test and a fork without confinement.

One small test (read integers, print their sum) is run again and again by two threads, in interleaved rounds, so that
another load on the machine falls on all rows alike; CPU time per test is of the whole family of processes. Then one
source is compiled: from nothing, with the precompiled header, and from the caches.

    python benchmarks/code.py [--workers 2] [--rounds 5] [--seconds 2] [--out benchmarks/results/code.json]
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import subprocess
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from statistics import median

from rich.console import Console
from rich.table import Table

from whetstone.envs.code.sandbox import Program, Sandbox, toolchain
from whetstone.envs.code.sandbox.cache import own_folder
from whetstone.envs.code.sandbox.cpp import BINARY, Cpp
from whetstone.envs.code.sandbox.language import Prepared

INPUT, OUTPUT = b"3\n1 2 3\n", b"6\n"
PYTHON = "n = int(input())\nprint(sum(map(int, input().split())))\n"
CPP = """\
#include <bits/stdc++.h>
using namespace std;
int main() {
    int n;
    cin >> n;
    long long s = 0, x;
    while (n--) cin >> x, s += x;
    cout << s << "\\n";
}
"""
TICK = os.sysconf("SC_CLK_TCK")
TARGETS = {"Python, confined": 250, "C++, confined": 450}


def family_cpu() -> float:
    """Seconds of CPU time of this process, of all that descend from it, and of those of them that have ended."""
    children, seconds = defaultdict(list), {}
    for path in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = path.read_text().rpartition(")")[2].split()
        except (FileNotFoundError, ProcessLookupError):
            continue
        pid = int(path.parent.name)
        children[int(fields[1])].append(pid)
        seconds[pid] = sum(map(int, fields[11:15])) / TICK
    found, total = [os.getpid()], 0.0
    while found:
        pid = found.pop()
        total += seconds.get(pid, 0.0)
        found += children[pid]
    return total


def timed(work: Callable[[], bytes], workers: int, seconds: float) -> tuple[float, float]:
    """(tests per second, CPU seconds per test) of `workers` threads that call `work` for `seconds`."""

    def loop(_: int) -> int:
        done = 0
        while time.perf_counter() < end:
            assert work() == OUTPUT
            done += 1
        return done

    before, start = family_cpu(), time.perf_counter()
    end = start + seconds
    with ThreadPoolExecutor(workers) as pool:
        done = sum(pool.map(loop, range(workers)))
    return done / (time.perf_counter() - start), (family_cpu() - before) / done


def executions(workers: int, rounds: int, seconds: float) -> dict[str, dict[str, float]]:
    """Figures of every way to run a test."""
    programs = {"Python": Program("python", PYTHON), "C++": Program("cpp", CPP)}
    with (
        Sandbox(workers) as confined,
        Sandbox(workers, tier="D", allow_unsandboxed=True) as bare,
        tempfile.TemporaryDirectory() as folder,
    ):
        Path(folder, "main.py").write_text(PYTHON)
        fresh = {"Python": [sys.executable, "-I", "-S", f"{folder}/main.py"]}
        if isinstance(made := confined.languages["cpp"].prepare(programs["C++"], confined.command), Prepared):
            Path(folder, "main").write_bytes(Path(f"/proc/self/fd/{made.image.fd}").read_bytes())
            Path(folder, "main").chmod(0o755)
            fresh["C++"] = [f"{folder}/main"]
        else:
            print(made.detail)
        ways: dict[str, Callable[[], bytes]] = {}
        for name, argv in fresh.items():
            program = programs[name]
            ways[f"{name}, confined"] = lambda program=program: confined.run(program, INPUT).stdout
            ways[f"{name}, fork without confinement"] = lambda program=program: bare.run(program, INPUT).stdout
            ways[f"{name}, fresh process, unconfined"] = lambda argv=argv: (
                subprocess.run(argv, input=INPUT, capture_output=True, check=True).stdout
            )
        figures: dict[str, list[tuple[float, float]]] = {name: [] for name in ways}
        for name, way in ways.items():  # workers started, programs compiled
            timed(way, workers, seconds / 10)
            figures[name].clear()
        for _ in range(rounds):
            for name, way in ways.items():
                figures[name].append(timed(way, workers, seconds))
        return {
            name: {
                "tests_per_second": median(rate for rate, _ in pairs),
                "best": max(rate for rate, _ in pairs),
                "worst": min(rate for rate, _ in pairs),
                "cpu_ms_per_test": 1000 * median(cpu for _, cpu in pairs),
            }
            for name, pairs in figures.items()
        }


def compiles(rounds: int) -> dict[str, dict[str, float]]:
    """Seconds that a compile takes, and of them CPU time, by where it starts from."""
    try:
        compiler = toolchain.find()
    except toolchain.NoCompiler as error:
        print(error)
        return {}
    figures: dict[str, list[tuple[float, float]]] = defaultdict(list)
    with Sandbox(1) as sandbox:
        folder = compiler.prepared(own_folder("whetstone"), sandbox.command)
        command = compiler.compiling(CPP.encode(), folder, BINARY)
        plain = replace(command, argv=[part for part in command.argv if part not in ("-I", f"{folder}/include")])
        language, program = Cpp(), Program("cpp", CPP)
        language.prepare(program, sandbox.command)
        for _ in range(rounds):
            for name, one in (("no precompiled header", plain), ("precompiled header", command)):
                start = time.perf_counter()
                found, _ = sandbox.command(one)
                assert found.outcome == "ok", found
                figures[name].append((time.perf_counter() - start, found.cpu))
            for name, one in (("cached on disk", Cpp()), ("cached in memory", language)):
                start, cpu = time.perf_counter(), time.process_time()
                one.prepare(program, sandbox.command)
                figures[name].append((time.perf_counter() - start, time.process_time() - cpu))
    return {
        name: {"seconds": median(wall for wall, _ in pairs), "cpu_seconds": median(cpu for _, cpu in pairs)}
        for name, pairs in figures.items()
    }


def main() -> None:
    """Measure, print, write."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=float, default=2.0, help="time for each figure of a round")
    parser.add_argument("--out", type=Path, default=Path("benchmarks/results/code.json"))
    options = parser.parse_args()

    load = os.getloadavg()[0]
    with Sandbox(1) as sandbox:
        tier = sandbox.tier
    run = executions(options.workers, options.rounds, options.seconds)
    compiled = compiles(options.rounds)

    console = Console(width=120)
    table = Table(title=f"Tests per second, {options.workers} workers, tier {tier} (load {load:.1f} at the start)")
    for column in ("", "tests/s", "best", "worst", "CPU ms/test", "target"):
        table.add_column(column, justify="right" if column else "left")
    for name, row in run.items():
        target = str(TARGETS.get(name, ""))
        rates = (f"{row[key]:,.0f}" for key in ("tests_per_second", "best", "worst"))
        table.add_row(name, *rates, f"{row['cpu_ms_per_test']:.2f}", target)
    console.print(table)
    ratio = run["Python, confined"]["tests_per_second"] / run["Python, fresh process, unconfined"]["tests_per_second"]
    console.print(f"confined Python is {ratio:.2f} times as fast as a fresh unconfined interpreter (target 2)")
    table = Table(title="One compile")
    for column in ("", "seconds", "CPU seconds"):
        table.add_column(column, justify="right" if column else "left")
    for name, row in compiled.items():
        table.add_row(name, f"{row['seconds']:.4f}", f"{row['cpu_seconds']:.4f}")
    console.print(table)
    machine = {
        "machine": platform.machine(),
        "cores": os.cpu_count(),
        "python": platform.python_version(),
        "load": load,
    }
    result = {**machine, "tier": tier, "workers": options.workers, "ratio": ratio, "tests": run, "compiles": compiled}
    options.out.parent.mkdir(parents=True, exist_ok=True)
    options.out.write_text(json.dumps(result, indent=1) + "\n")
    print(f"wrote {options.out}")


if __name__ == "__main__":
    main()
