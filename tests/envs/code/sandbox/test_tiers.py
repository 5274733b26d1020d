"""Which tiers are had by whom: root, an ordinary user, inside a container's filter."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner

from whetstone.envs.code.sandbox import Program, Sandbox, SandboxError, box, probe
from whetstone.envs.code.sandbox.tiers import CONFINED, TIERS, available
from whetstone.sandbox_commands import sandboxes

# Goes on as an ordinary user, who can walk to interpreter and checkout wherever they are: what lies in a folder of
# root's is then seen through a view of the files in which that folder holds nothing else.
DEMOTED = """
import ctypes, os, sys
libc = ctypes.CDLL(None, use_errno=True)
def checked(result):
    if result < 0:
        raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))
user, filter_, checkout = int(sys.argv[1]), bytes.fromhex(sys.argv[2]), sys.argv[3]
def closed(path):
    above = ["/" + "/".join(path.split("/")[1:n]) for n in range(2, path.count("/") + 2)]
    return next((p for p in above if not os.stat(p).st_mode & 1), None)
if os.geteuid() == 0 and user:
    paths = {os.path.realpath(path) for path in (sys.base_prefix, sys.prefix, checkout)}
    outer = [path for path in paths if not any(path.startswith(other + "/") for other in paths)]
    hidden = {path: closed(path) for path in outer if closed(path)}
    if hidden:
        if libc.unshare(0x20000) < 0:
            sys.exit(77)
        checked(libc.mount(None, b"/", None, ctypes.c_ulong(0x44000), None))
        trees = {path: libc.syscall(428, -100, path.encode(), 0x8001) for path in hidden}
        for folder in set(hidden.values()):
            checked(libc.mount(b"tmpfs", folder.encode(), b"tmpfs", ctypes.c_ulong(0), b"mode=0755"))
        for path, tree in trees.items():
            os.makedirs(path)
            checked(libc.syscall(429, tree, b"", -100, path.encode(), 4))
    os.setgroups([])
    os.setresgid(user, user, user)
    os.setresuid(user, user, user)
if filter_:
    class Filter(ctypes.Structure):
        _fields_ = (("length", ctypes.c_ushort), ("code", ctypes.c_char_p))
    checked(libc.prctl(38, 1, 0, 0, 0))
    checked(libc.prctl(22, 2, ctypes.byref(Filter(len(filter_) // 8, filter_)), 0, 0))
os.execv(sys.executable, [sys.executable, "-c", *sys.argv[4:]])
"""

ASK = """
import json
from whetstone.envs.code.sandbox import Sandbox, Program, Limits, probe
from whetstone.envs.code.sandbox.tiers import CONFINED
missing = probe()
tiers = [tier for tier in CONFINED if not missing[tier]]
runs = {}
for tier in tiers:
    with Sandbox(workers=1, tier=tier) as sandbox:
        def run(source):
            done = sandbox.run(Program("python", source), b"3\\n1 2 3\\n", Limits(cpu=0.5, wall=0.5, threads=16))
            return done.outcome, done.stdout.decode()
        runs[tier] = [
            run("n = int(input())\\nprint(sum(map(int, input().split())))"),
            run("import os\\nprint(os.getuid(), os.getgroups())")[1],
            run("import os\\ntry: os.kill(os.getppid(), 9)\\nexcept OSError as e: print(e.errno)"),
            run("import threading, time\\nthreading.stack_size(32768)\\nwhile True:\\n"
                "    threading.Thread(target=time.sleep, args=(100,), daemon=True).start()")[0],
            run("print(open('/etc/passwd').read())"),
            run("import os\\nprint(os.fork())"),
            run("import time\\nprint(1)\\ntime.sleep(99)"),
            run("while True: pass")[0],
        ]
print(json.dumps([missing, runs]))
"""


def container() -> bytes:
    """A filter like that of Docker's default profile where it matters here: no namespaces, no mounts."""
    from whetstone.envs.code.sandbox import seccomp

    machine = os.uname().machine
    numbers = {"x86_64": (272, 308, 165, 155, 428), "aarch64": (97, 268, 40, 41, 428)}[machine]
    body = [seccomp.Instruction(seccomp.LOAD, 0, 0, 0)]
    for number in numbers:
        body += [seccomp.Instruction(seccomp.EQUAL, 0, 1, number), seccomp.answer(seccomp.REFUSE)]
    clone = [seccomp.Instruction(seccomp.LOAD, 0, 0, 16), seccomp.Instruction(seccomp.ANY, 0, 1, 0x7E020000)]
    body += seccomp.call("clone", machine, [*clone, seccomp.answer(seccomp.REFUSE), seccomp.answer(seccomp.ALLOW)])
    body += seccomp.call("clone3", machine, [seccomp.answer(seccomp.ABSENT)])
    return seccomp.encoded([*body, seccomp.answer(seccomp.ALLOW)])


def asked(user: int, filter_: bytes) -> tuple[dict[str, str], dict[str, list[object]]]:
    command = [sys.executable, "-c", DEMOTED, str(user), filter_.hex(), str(Path(__file__).parents[4]), ASK]
    done = subprocess.run(command, capture_output=True, text=True, cwd="/", check=False)
    if done.returncode == 77:
        pytest.skip("another user cannot walk to this checkout, and this container allows no view of the files")
    assert done.returncode == 0, done.stderr
    return tuple(json.loads(done.stdout))


@pytest.mark.slow
@pytest.mark.parametrize("user", [0, 12345] if os.geteuid() == 0 else [os.geteuid()])
@pytest.mark.parametrize("contained", [False, True], ids=["bare", "container"])
def test_every_tier_works_for(user: int, contained: bool) -> None:
    missing, runs = asked(user, container() if contained else b"")
    assert set(runs) == ({"B", "C"} if contained else {tier for tier in CONFINED if not available(tier)})
    if contained:
        assert "Operation not permitted" in missing["A"]
    for tier, (right, identity, kill, threads, passwd, fork, sleep, loop) in runs.items():
        assert right == ["ok", "6\n"], tier
        child, groups = str(identity).split(maxsplit=1)
        assert child != "0" and set(json.loads(groups)) <= (set() if os.geteuid() == 0 else set(os.getgroups()))
        assert kill == ["ok", "1\n"]
        assert threads in ("exit", "signal")
        assert passwd == ["exit", ""] and fork == ["exit", ""]
        assert sleep == ["wall", ""] and loop == "cpu"


def test_no_tier_is_missing_for_a_file_of_the_library() -> None:
    """Debian's own Python 3.11 lacked tier A once: one of its files is a link to a place that is left behind there."""
    assert not [tier for tier in CONFINED if "No such file" in available(tier)]


def test_what_leads_out_of_the_library_is_passed_over(tmp_path: Path) -> None:
    (tmp_path / "heapq.py").touch()
    (tmp_path / "sitecustomize.py").symlink_to("/nowhere/sitecustomize.py")
    (tmp_path / "site-packages").mkdir()
    code = "import sys, library; print([path for path, _ in library.readable(sys.argv[1:])])"
    command = [sys.executable, "-c", f"import sys; sys.path.append({str(Path(box.__file__).parent)!r}); {code}"]
    done = subprocess.run([*command, str(tmp_path)], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == str([f"{tmp_path}/heapq.py", "/dev/null"])


def test_tier_d_is_refused_unless_allowed() -> None:
    with pytest.raises(SandboxError, match="allow_unsandboxed"):
        Sandbox(tier="D")
    with Sandbox(workers=1, tier="D", allow_unsandboxed=True) as sandbox:
        done = sandbox.run(Program("python", "print(input())"), b"x\n")
        assert (done.outcome, done.stdout, done.tier) == ("ok", b"x\n", "D")
        assert sandbox.run(Program("python", "while True: pass")).outcome == "cpu"


def test_without_any_tier(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(box, "available", lambda tier: "" if tier == "D" else f"tier {tier}: not here")
    with pytest.raises(SandboxError, match="unconfined"):
        Sandbox()
    with pytest.raises(SandboxError, match="tier B: not here"):
        Sandbox(tier="B")
    with Sandbox(workers=1, allow_unsandboxed=True) as sandbox:
        assert sandbox.tier == "D"


def test_the_strongest_tier_is_taken() -> None:
    with Sandbox(workers=1) as sandbox:
        assert sandbox.tier == next(tier for tier in TIERS if not available(tier))


def test_command_line() -> None:
    app = typer.Typer()
    app.add_typer(sandboxes)
    app.command("other")(lambda: None)
    told = CliRunner().invoke(app, ["sandbox", "--json"])
    data = json.loads(told.stdout)
    assert {row["tier"]: row["missing"] for row in data["tiers"]} == probe()
    assert told.exit_code == (0 if data["tier"] else 1)
    table = CliRunner().invoke(app, ["sandbox"])
    assert all(name in table.stdout for name in ("namespaces", "Landlock", "seccomp"))


def test_unknown_language() -> None:
    with Sandbox(workers=1) as sandbox, pytest.raises(ValueError, match="got 'cobol'"):
        sandbox.run(Program("cobol", ""))  # type: ignore[arg-type]
