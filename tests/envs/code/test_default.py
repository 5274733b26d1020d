"""The one sandbox of a process (`whetstone.envs.code.default`)."""

from __future__ import annotations

import subprocess
import sys
import threading

import pytest

from whetstone.envs.code import default
from whetstone.envs.code.judge import Judge
from whetstone.envs.code.sandbox import Program, Sandbox, SandboxError

HELLO = Program("python", "print('hello')")


@pytest.fixture
def fresh(monkeypatch: pytest.MonkeyPatch) -> None:
    """A process that has not started a sandbox."""
    monkeypatch.setattr(default, "_here", default._Process())


def test_all_threads_share_one(fresh: None) -> None:
    found: list[Sandbox] = []
    threads = [threading.Thread(target=lambda: found.append(default.default_sandbox())) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(found) == 8 and len(set(map(id, found))) == 1
    assert default.default_judge().sandbox is found[0] and isinstance(default.default_judge(), Judge)
    assert found[0].run(HELLO).stdout == b"hello\n"
    found[0].close()


def test_another_one_can_be_installed(fresh: None) -> None:
    first, second = default.default_sandbox(), Sandbox(workers=1)
    default.install(second)
    assert default.default_sandbox() is default.default_judge().sandbox is second
    with pytest.raises(SandboxError, match="closed"):
        first.run(HELLO)
    default.install(second)
    assert second.run(HELLO).stdout == b"hello\n"
    second.close()


SCRIPT = """
import multiprocessing, os, sys
from whetstone.envs.code.default import default_sandbox
from whetstone.envs.code.sandbox import Program

def hello(name):
    print(name, default_sandbox().run(Program("python", "print('hello')")).stdout.decode().strip(), flush=True)

if __name__ == "__main__":
    hello("parent")
    for method in ("fork", "spawn"):
        child = multiprocessing.get_context(method).Process(target=hello, args=(method,))
        child.start()
        child.join()
        assert child.exitcode == 0, child.exitcode
    hello("parent")
    own = [w.process.pid for w in default_sandbox()._runs.workers]
    print(*own)
"""


@pytest.mark.slow
def test_forked_and_spawned_children_have_their_own(tmp_path) -> None:  # type: ignore[no-untyped-def]
    (tmp_path / "script.py").write_text(SCRIPT)
    command = [sys.executable, "-W", "error", str(tmp_path / "script.py")]
    run = subprocess.run(command, capture_output=True, text=True, timeout=120)
    assert run.returncode == 0, run.stderr
    *said, pids = run.stdout.splitlines()
    assert said == ["parent hello", "fork hello", "spawn hello", "parent hello"]
    assert pids and not [
        pid for pid in pids.split() if subprocess.run(["kill", "-0", pid], capture_output=True).returncode == 0
    ]
