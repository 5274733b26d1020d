"""The workers, from every kind of caller: threads, coroutines, forked and spawned processes, and interrupted ones."""

from __future__ import annotations

import asyncio
import multiprocessing
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from whetstone.envs.math import pool as pool_module
from whetstone.envs.math import verify, verify_many, warm
from whetstone.envs.math.pool import SIZE, Pool, Worker, in_line, pool

HARD = [(rf"\sin({n}x)^2", rf"1-\cos({n}x)^{2 + n % 2}") for n in range(2, 10)]  # exact arithmetic leaves them open
KINDS = ["wrong" if n % 2 else "correct" for n in range(2, 10)]
ENDLESS = r"\int_0^{\infty} \frac{\sin^{17} x}{x^{13}} dx"


def kinds(shift: int = 0) -> list[str]:
    """The verdicts on `HARD`, in names that the cache has not seen."""
    golds, answers = zip(*((a.replace("x", f"x_{shift}"), b.replace("x", f"x_{shift}")) for a, b in HARD), strict=True)
    return [judgement.kind for judgement in verify_many(golds, answers)]


def test_many_threads_at_once() -> None:
    with ThreadPoolExecutor(6) as threads:
        assert list(threads.map(kinds, range(100, 106))) == [KINDS] * 6
    assert len(pool().workers) <= SIZE


def test_coroutines() -> None:
    async def together() -> list[list[str]]:
        return await asyncio.gather(*(asyncio.to_thread(kinds, n) for n in range(200, 204)))

    assert asyncio.run(together()) == [KINDS] * 4


def _from_a_thread(shift: int, results) -> None:
    """As a Ray worker does: judge in a thread that is not the main one, and in an event loop beside it."""
    found: list[list[str]] = []
    thread = threading.Thread(target=lambda: found.append(kinds(shift)))
    thread.start()
    thread.join()
    found.append(asyncio.run(asyncio.to_thread(kinds, shift + 1)))
    results.put(found)


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore:This process .* is multi-threaded:DeprecationWarning")
@pytest.mark.parametrize("method", ["fork", "spawn"])
def test_child_processes(method: str) -> None:
    warm()
    before = {worker.pid for worker in pool().workers}
    context: Any = multiprocessing.get_context(method)
    results = context.Queue()
    children = [context.Process(target=_from_a_thread, args=(300 + 10 * n, results)) for n in range(2)]
    for child in children:
        child.start()
    assert [results.get(timeout=120) for _ in children] == [[KINDS, KINDS]] * 2
    for child in children:
        child.join()
    assert before <= {worker.pid for worker in pool().workers} and kinds(400) == KINDS


def test_a_worker_that_died_is_replaced_unseen() -> None:
    warm()
    for worker in list(pool().idle):
        os.kill(worker.pid, signal.SIGKILL)
        worker.connection.recv(1)  # its end has arrived
    assert kinds(500) == KINDS


@pytest.mark.slow
def test_the_process_that_forks_workers_is_replaced_too() -> None:
    own = Pool(1)
    try:
        assert own.ask({"source": "x"}) == ("correct", "")
        assert own.nursery is not None
        own.nursery.process.kill()
        own.nursery.process.wait()
        own.idle.pop().close()
        assert own.ask({"source": "x"}) == ("correct", "")
    finally:
        own.close()


@pytest.mark.slow
def test_what_nobody_can_settle_is_unverified_and_the_next_is_right() -> None:
    verdict = verify("5", ENDLESS)
    assert verdict.kind == "unverified" and "not settled within" in verdict.reason
    assert kinds(600) == KINDS


INTERRUPTED = """
import os, signal, threading
from whetstone.envs.math import verify, verify_many, warm
from whetstone.envs.math.pool import pool

signal.signal(signal.SIGINT, signal.default_int_handler)  # a shell's background job starts with it ignored
warm()
for answers in (["{endless}"], ["{endless}" + " " * n for n in range(2)]):
    threading.Timer(0.3, os.kill, (os.getpid(), signal.SIGINT)).start()
    try:
        verify_many(["5"] * len(answers), answers)
        print("was not interrupted")
    except KeyboardInterrupt:
        pass
    idle = {{worker.pid for worker in pool().idle}}
    print(idle == {{worker.pid for worker in pool().workers}}, verify("x", "\\\\sin(x)" + " " * len(answers)).kind)
"""


@pytest.mark.slow
def test_an_interrupt_leaves_no_worker_behind_and_the_pool_usable() -> None:
    code = INTERRUPTED.format(endless=ENDLESS.replace("\\", "\\\\"))
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=120)
    assert run.stdout.split() == ["True", "wrong"] * 2, run.stderr


LARGE = """
from whetstone.envs.math import verify
from whetstone.envs.math.pool import RESIDENT, pool

ballast = bytearray((RESIDENT + 100_000) << 10)
ballast[::4096] = b"1" * len(ballast[::4096])
print(verify(r"\\\\sin(x)^2", r"1-\\\\cos(x)^2").kind)
before = {worker.pid for worker in pool().workers}
for power in range(3, 8):
    print(verify(rf"\\\\sin(x)^{power}", rf"\\\\cos(x)^{power}").kind)
print({worker.pid for worker in pool().workers} == before)
"""


@pytest.mark.slow
def test_workers_of_a_large_process_stay() -> None:
    run = subprocess.run([sys.executable, "-c", LARGE], capture_output=True, text=True, timeout=120)
    assert run.stdout.split() == ["correct", *["wrong"] * 5, "True"], run.stderr


@pytest.mark.slow
def test_no_process_outlives_its_caller() -> None:
    code = "from whetstone.envs.math.pool import pool, warm; warm(); import os; p = pool()\n"
    code += "print(p.nursery.process.pid, *(w.pid for w in p.workers), flush=True); os.kill(os.getpid(), 9)"
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=120)
    assert run.stdout and all(_ends(int(pid)) for pid in run.stdout.split())


def _ends(pid: int) -> bool:
    for _ in range(500):
        try:
            state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
        except FileNotFoundError:
            return True
        if state == "Z":  # ended, though nobody has waited for it
            return True
        time.sleep(0.02)
    return False


def test_a_wait_for_a_core_is_not_the_requests_time(monkeypatch: pytest.MonkeyPatch) -> None:
    """A reply 0.3 s late is in time for a worker that stood in line as long, and too late for one that did not."""
    for share, late in ((1.0, False), (0.0, True)):
        monkeypatch.setattr(pool_module, "in_line", lambda pid, share=share: share * time.monotonic())
        ours, theirs = socket.socketpair()
        with theirs:
            worker = Worker(ours)
            worker.pid = -1
            timer = threading.Timer(0.3, theirs.sendall, [b'{"kind": "correct"}\n'])
            timer.start()
            if late:
                with pytest.raises(TimeoutError):
                    worker.ask({}, 0.05)
            else:
                assert worker.ask({}, 0.05) == {"kind": "correct"}
            timer.join()
        ours.close()


def test_nobody_stands_in_line_where_there_is_no_process() -> None:
    assert in_line(-1) == 0.0 <= in_line(os.getpid())
