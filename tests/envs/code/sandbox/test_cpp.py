import json
import os
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import pytest

from whetstone.envs.code.sandbox import MIB, Execution, Limits, Program, Sandbox, toolchain
from whetstone.envs.code.sandbox.cache import Cache, own_folder
from whetstone.envs.code.sandbox.cpp import BINARY, Cpp
from whetstone.envs.code.sandbox.language import Command, Prepared
from whetstone.envs.code.sandbox.toolchain import NoCompiler, Toolchain

ROWS = {row["id"]: row for row in map(json.loads, Path("tests/data/hostile_cpp.jsonl").read_text().splitlines())}
# One row of each kind; all of them in `test_every_row`.
HONEST = ["ok_threads", "ok_deep", "ok_caught_bad_alloc"]
RUNNING = ["abort", "malloc_2g", "vfork", "sockets", "inherited", "read_files", "interpreter"]
COMPILING = ["include_passwd", "incbin_shadow", "huge_array", "static_assert_flood", "nul_bytes"]
TESTS = ((b"3\n1 2 3\n", b"6"), (b"2\n10 20\n", b"30"))
LIMITS = Limits(cpu=1.0, wall=2.0)
PATIENT = Limits(cpu=10.0, wall=2.0)
LETTERS = {
    "ok": "AC",
    "exit": "RE",
    "signal": "RE",
    "cpu": "TLE",
    "wall": "TLE",
    "memory": "MLE",
    "output": "OLE",
    "compile": "CE",
    "failed": "JE",
}
SUM = """\
#include <bits/stdc++.h>
int main() { long long n, x, s = 0; std::cin >> n; while (std::cin >> x) s += x; std::cout << s; }
"""


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    with Sandbox(workers=2) as opened:
        if (found := opened.check(Program("cpp", SUM))).outcome == "failed":
            pytest.skip(found.detail)
        yield opened


def verdict(sandbox: Sandbox, source: str, limits: Limits = LIMITS) -> tuple[str, Execution]:
    execution = Execution("failed")
    for given, wanted in TESTS:
        execution = sandbox.run(Program("cpp", source), given, limits)
        if execution.outcome != "ok" or execution.stdout.split() != [wanted]:
            return ("WA" if execution.outcome == "ok" else LETTERS[execution.outcome]), execution
    return "AC", execution


def traces() -> set[str]:
    """Whatever the rows may leave behind."""
    places = [Path(tempfile.gettempdir()), Path("/var/tmp"), Path("/dev/shm"), Path("/")]
    found = {str(path) for place in places for path in place.glob("*marker-cpp*")}
    for kind in ("shm", "sem", "msg"):
        found |= {f"{kind} {line.split()[1]}" for line in Path(f"/proc/sysvipc/{kind}").read_text().splitlines()[1:]}
    return found


@pytest.mark.parametrize("name", HONEST + RUNNING + COMPILING)
def test_a_row_of_each_kind(sandbox: Sandbox, name: str) -> None:
    got, execution = verdict(sandbox, ROWS[name]["snippet"])
    assert got in ROWS[name]["expected_verdict"].split("|"), execution
    assert len(execution.stderr) <= 1 << 16


@pytest.mark.slow
@pytest.mark.timeout(1200)
def test_every_row(sandbox: Sandbox) -> None:
    def judged(row: dict[str, str]) -> str:
        # Half a gigabyte takes more than a second to fill where the host hands out the pages only then.
        return verdict(sandbox, row["snippet"], PATIENT if "MLE" in row["expected_verdict"] else LIMITS)[0]

    before = traces()
    with ThreadPoolExecutor(2) as pool:
        found = dict(zip(ROWS, pool.map(judged, ROWS.values()), strict=True))
    wrong = {name: got for name, got in found.items() if got not in ROWS[name]["expected_verdict"].split("|")}
    assert not wrong
    assert verdict(sandbox, SUM)[0] == "AC"
    assert traces() <= before


def test_a_refused_source_keeps_the_message_and_names_no_path(sandbox: Sandbox) -> None:
    found = sandbox.check(Program("cpp", '#include <vector>\nint main() { return "x"; }'))
    assert (found.outcome, found.tier) == ("compile", sandbox.tier)
    assert found.stderr.startswith(b"main.cpp: In function 'int main()':\nmain.cpp:2:21: error:")
    assert tempfile.gettempdir().encode() not in found.stderr


def test_the_precompiled_header_is_taken(sandbox: Sandbox) -> None:
    compiler = toolchain.find()
    if not compiler.gnu:
        pytest.skip("clang++ takes no precompiled header of its own accord")
    folder = compiler.prepared(own_folder("whetstone"), sandbox.command)
    command = compiler.compiling(SUM.encode(), folder, BINARY)
    execution, _ = sandbox.command(replace(command, argv=[*command.argv, "-H", "-fsyntax-only"]))
    assert execution.outcome == "ok"
    assert execution.stderr.decode().startswith(f"! {folder}/include/bits/stdc++.h.gch")


def test_a_compile_reaches_only_what_it_is_granted(sandbox: Sandbox) -> None:
    if sandbox.tier == "D":
        pytest.skip("tier D confines nothing")
    compiler = toolchain.find()
    script = "cat /etc/passwd; ls /; echo x > /tmp/marker-cpp; echo x > here; cat here; pwd"
    command = Command(["/bin/sh", "-c", script], readable=[*compiler.readable, "/bin", "/usr/bin"])
    execution, _ = sandbox.command(command)
    assert execution.stdout.decode().split()[0] == "x"
    assert execution.stdout.decode().split()[1].startswith(tempfile.gettempdir())
    assert execution.stdout.count(b"\n") == 2
    assert execution.stderr.count(b"ermission denied") == 3


# -- what is remembered, with a compiler made of Python ---------------------------------------------------------------


class Fake:
    """Counts compiles; what it makes is the source itself."""

    def __init__(self, tier: str = "B", outcome: str = "ok", wait: threading.Event | None = None) -> None:
        self.tier, self.outcome, self.wait = tier, outcome, wait
        self.sources: list[bytes] = []
        self.lock = threading.Lock()

    def __call__(self, command: Command) -> tuple[Execution, dict[str, bytes]]:
        if "main.cpp" not in command.files:
            return Execution("ok"), {"object": b"built once"}
        with self.lock:
            self.sources.append(command.files["main.cpp"])
        assert self.wait is None or self.wait.wait(60)
        result = {"main": command.files["main.cpp"]} if self.outcome == "ok" else {}
        return Execution(self.outcome, stderr=b"said", tier=self.tier), result  # type: ignore[arg-type]


@pytest.fixture
def fake(monkeypatch: pytest.MonkeyPatch) -> None:
    compiler = Toolchain("/no/g++", True, "0", (), {})
    monkeypatch.setattr(toolchain, "find", lambda: compiler)


def content(result: Prepared | Execution) -> bytes:
    assert isinstance(result, Prepared), result
    return os.pread(result.image.fd, 1000, 0)


@pytest.mark.usefixtures("fake")
def test_equal_sources_are_compiled_once(tmp_path: Path) -> None:
    gate = threading.Event()
    compile, language = Fake(wait=gate), Cpp(tmp_path)
    with ThreadPoolExecutor(16) as pool:
        asked = [pool.submit(language.prepare, Program("cpp", "ab"[i % 2]), compile) for i in range(16)]
        while len(compile.sources) < 2:
            time.sleep(0.001)
        gate.set()
        assert [content(one.result()) for one in asked] == [b"a", b"b"] * 8
    assert sorted(compile.sources) == [b"a", b"b"]
    content(Cpp(tmp_path).prepare(Program("cpp", "a"), compile))  # from the disk
    assert len(compile.sources) == 2


@pytest.mark.usefixtures("fake")
def test_a_refusal_is_remembered_and_a_failure_is_not(tmp_path: Path) -> None:
    refuse, fail = Fake(outcome="exit"), Fake(outcome="wall")
    for _ in range(2):
        found = Cpp(tmp_path).prepare(Program("cpp", "a"), refuse)
        assert isinstance(found, Execution)
        assert (found.outcome, found.stderr) == ("compile", b"said")
    assert len(refuse.sources) == 1
    language = Cpp(tmp_path)
    for _ in range(2):
        found = language.prepare(Program("cpp", "b"), fail)
        assert isinstance(found, Execution)
        assert found.outcome == "failed"
    assert len(fail.sources) == 2


@pytest.mark.usefixtures("fake")
def test_what_an_unconfined_compiler_made_is_not_kept_on_disk(tmp_path: Path) -> None:
    compile, language = Fake(tier="D"), Cpp(tmp_path)
    for one in (language, language, Cpp(tmp_path)):
        content(one.prepare(Program("cpp", "a"), compile))
    assert len(compile.sources) == 2


@pytest.mark.usefixtures("fake")
def test_damage_is_mended(tmp_path: Path) -> None:
    compile = Fake()
    content(Cpp(tmp_path).prepare(Program("cpp", "a"), compile))
    (entry,) = (tmp_path / "programs").iterdir()
    entry.write_bytes(entry.read_bytes()[:-1] + b"!")
    assert content(Cpp(tmp_path).prepare(Program("cpp", "a"), compile)) == b"a"
    header = tmp_path / "cpp-0/include/bits/stdc++.h.gch"
    header.write_bytes(b"rotten")
    toolchain._checked.discard(tmp_path / "cpp-0")  # as in a new process
    content(Cpp(tmp_path).prepare(Program("cpp", "b"), compile))
    assert header.read_bytes() == b"built once"


@pytest.mark.usefixtures("fake")
def test_a_source_that_is_too_long_is_refused(tmp_path: Path) -> None:
    found = Cpp(tmp_path).prepare(Program("cpp", "x" * MIB + "y"), Fake())
    assert isinstance(found, Execution)
    assert found.outcome == "compile"
    assert "1048577 bytes" in found.detail


def test_without_a_compiler_the_sandbox_says_so(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    toolchain.find.cache_clear()
    monkeypatch.setenv("CXX", "no-such-compiler")
    with pytest.raises(NoCompiler, match=r"no C\+\+ compiler: no-such-compiler not found; install g\+\+"):
        toolchain.find()
    found = Cpp(tmp_path).prepare(Program("cpp", SUM), Fake())
    assert isinstance(found, Execution)
    assert found.outcome == "failed"
    assert found.detail.startswith("no C++ compiler")
    monkeypatch.undo()
    toolchain.find.cache_clear()


def test_a_compiler_without_static_libraries_is_named(tmp_path: Path) -> None:
    compiler = Toolchain("/no/g++", False, "0", (), {})
    with pytest.raises(NoCompiler, match=r"install the static libraries of C and C\+\+.*cannot find -lc"):
        compiler.prepared(tmp_path, lambda command: (Execution("exit", stderr=b"cannot find -lc"), {}))
    assert [path.name for path in tmp_path.iterdir()] == ["lock"]


BUILD = """
import sys, time
from pathlib import Path
from whetstone.envs.code.sandbox.toolchain import Toolchain
from whetstone.envs.code.sandbox.types import Execution

def compile(command):
    print("built", flush=True)
    time.sleep(0.2)
    return Execution("ok"), {"object": b"x"}

print(Toolchain("/no/g++", False, "0", (), {}).prepared(Path(sys.argv[1]), compile))
"""


def test_two_processes_build_once(tmp_path: Path) -> None:
    started = [subprocess.Popen([sys.executable, "-c", BUILD, str(tmp_path)], stdout=subprocess.PIPE) for _ in range(2)]
    said = [process.communicate()[0].decode().split("\n")[:-1] for process in started]
    folder = str(tmp_path / "cpp-0")
    assert sorted(said, key=len) == [[folder], ["built", "built", folder]]


# -- the cache --------------------------------------------------------------------------------------------------------


def test_the_cache_is_bounded_and_drops_what_was_used_longest_ago(tmp_path: Path) -> None:
    cache = Cache(tmp_path / "c", count=3, size=300)
    for age, key in enumerate("abc"):
        cache.put(key, key.encode())
        os.utime(tmp_path / "c" / key, (age, age))
    assert cache.get("a") == b"a"  # now the latest
    cache.put("d", b"d")
    assert [cache.get(key) for key in "abcd"] == [b"a", None, b"c", b"d"]
    cache.put("e", bytes(250))
    assert [cache.get(key) for key in "acde"] == [None, None, None, bytes(250)]
    cache.put("f", bytes(301))
    assert not list((tmp_path / "c").iterdir())


@pytest.mark.parametrize("damaged", [b"", b"short", bytes(32) + b"x"])
def test_a_damaged_entry_is_a_miss(tmp_path: Path, damaged: bytes) -> None:
    cache = Cache(tmp_path / "c")
    (tmp_path / "c/k").write_bytes(damaged)
    assert cache.get("k") is None
    assert not (tmp_path / "c/k").exists()


def test_the_cache_serves_many_at_once(tmp_path: Path) -> None:
    def use(worker: int) -> None:
        cache = Cache(tmp_path / "c", count=5)
        for i in range(60):
            key = str((worker + i) % 9)
            cache.put(key, key.encode() * 1000)
            assert cache.get(key) in (None, key.encode() * 1000)

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(use, range(4)))
    assert len(list((tmp_path / "c").iterdir())) <= 5


def test_the_folder_is_this_users_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "t"))
    place = own_folder("whetstone-test")
    try:
        if os.geteuid() == 0:  # pytest's folders are closed to others, so that root's compilers could not reach it
            assert tmp_path not in place.parents
        else:
            assert place == tmp_path / "whetstone-test"
        assert place.stat().st_mode & 0o066 == 0
        assert place.stat().st_uid == os.geteuid()
    finally:
        place.rmdir()
    monkeypatch.setattr(os, "geteuid", lambda: 12345)  # everything there belongs to somebody else
    with pytest.raises(PermissionError, match="set XDG_CACHE_HOME to one of your own"):
        own_folder("whetstone-test")
