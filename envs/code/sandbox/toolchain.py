"""The C++ compiler of this machine: which one, its version, what it reads; and what is built once for it.

Built once per user and version: the precompiled header bits/stdc++.h, which takes three quarters off a compile (g++
only: it takes one of its own accord, wherever that changes nothing), and an object that is linked into every program.
"""

from __future__ import annotations

import contextlib
import fcntl
import functools
import hashlib
import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from whetstone.envs.code.sandbox.language import Command, Compile

FLAGS = ("-std=c++17", "-O2", "-pthread", "-pipe", "-w")
LINK = ("-static", "-s")
SHORT = ("-fmax-errors=20", "-fdiagnostics-color=never", "-ftrack-macro-expansion=0")  # messages
KEPT = 2  # versions whose files are kept: 100 MB each

HEADER = "#include <bits/stdc++.h>\n"
# Glibc takes the default size of a thread's stack from the limit of the main stack, which is the whole memory here, and
# reserves 64 MiB of addresses for every thread's heap.
START = """\
#include <malloc.h>
#include <pthread.h>
__attribute__((constructor(101))) static void start() {
    pthread_attr_t attributes;
    pthread_attr_init(&attributes);
    pthread_attr_setstacksize(&attributes, 8 << 20);
    pthread_setattr_default_np(&attributes);
    pthread_attr_destroy(&attributes);
    mallopt(M_ARENA_MAX, 1);
}
"""
TRIAL = HEADER + "int main() {}\n"


class NoCompiler(Exception):
    """There is no C++ compiler that can be used; the message says what to do."""


@dataclass(frozen=True)
class Toolchain:
    """A compiler that was found."""

    command: str
    """Path of g++ or clang++."""
    gnu: bool
    version: str
    """A hash of the version, the flags and the program files: what is built by one is of no use to another."""
    readable: tuple[str, ...]
    """Files and directories that a compile reads and executes: headers, libraries, programs. No other is granted."""
    environment: dict[str, str]
    """All that a compile knows of the environment: where the assembler and the linker are, and messages in English."""

    def compiling(self, source: bytes, built: Path, size: int) -> Command:
        """The command that makes `main` of a source; `built` is the folder that `prepared` gave."""
        ready = ("-I", str(built / "include"), str(built / "start.o"))
        argv = (self.command, *FLAGS, *SHORT, "main.cpp", *ready, *LINK, "-o", "main")
        readable = (*self.readable, str(built))
        return Command(argv, {"main.cpp": source}, ("main",), readable, self.environment, size=size)

    def prepared(self, cache: Path, compile: Compile) -> Path:
        """The folder of what is built once, in `cache`; raises `NoCompiler`.

        Several processes may ask at a time: one builds, aside, and the others wait for it.
        """
        folder = cache / f"cpp-{self.version}"
        with _locked(cache / "lock"):
            if not _intact(folder):
                shutil.rmtree(folder, ignore_errors=True)
                _drop_old(cache)
                with tempfile.TemporaryDirectory(dir=cache, prefix="building-") as aside:
                    self._build(Path(aside) / "new", compile)
                    (Path(aside) / "new").rename(folder)
                _checked.add(folder)
            os.utime(folder)
        return folder

    def _build(self, folder: Path, compile: Compile) -> None:
        headers = folder / "include/bits"
        headers.mkdir(mode=0o755, parents=True)
        wanted: dict[Path, tuple[str, ...]] = {folder / "start.o": (START, "-xc++", "-c")}
        if self.gnu:
            wanted[headers / "stdc++.h.gch"] = (HEADER, "-xc++-header", "-c")
        wanted[folder / "trial"] = (TRIAL, "-xc++", *LINK)  # are there static libraries?
        for path, (source, *flags) in wanted.items():
            argv = (self.command, *FLAGS, *flags, "source", "-o", "object")
            command = Command(argv, {"source": source.encode()}, ("object",), self.readable, self.environment)
            path.write_bytes(self._result(compile, command))
            path.chmod(0o644)
        (folder / "trial").unlink()
        (folder / "digest").write_text(_digest(folder))
        for path in (folder, headers.parent, headers):
            path.chmod(0o755)

    def _result(self, compile: Compile, command: Command) -> bytes:
        execution, results = compile(command)
        if execution.outcome == "failed":
            raise NoCompiler(f"the compiler could not be run confined: {execution.detail}")
        for content in results.values():
            if execution.outcome == "ok":
                return content
        said = execution.stderr.decode(errors="replace").strip() or execution.detail
        raise NoCompiler(
            f"no C++ compiler: {self.command} cannot make a static program with bits/stdc++.h; install the static "
            f"libraries of C and C++, or set CXX to another compiler. It says: {said[:1000]}"
        )


@functools.cache
def find() -> Toolchain:
    """The compiler that CXX names, or g++, or clang++; raises `NoCompiler`."""
    wanted = [os.environ["CXX"]] if os.environ.get("CXX") else ["g++", "clang++"]
    command = next((os.path.abspath(path) for path in map(shutil.which, wanted) if path), None)  # noqa: PTH100
    if command is None:
        raise NoCompiler(f"no C++ compiler: {' and '.join(wanted)} not found; install g++, or set CXX")
    try:
        about = _ask(command, "--version")
        searched = _ask(command, "-print-search-dirs").partition("libraries: =")[2].strip()
        headers = _headers(command)
        names = ("cc1plus", "collect2", "as", "ld", "lto-wrapper")
        programs = [_ask(command, f"-print-prog-name={name}").strip() for name in names]
    except (OSError, subprocess.SubprocessError) as error:
        raise NoCompiler(f"no C++ compiler: {command} does not answer: {error}") from error
    files = [os.path.realpath(path) for path in map(shutil.which, [command, *programs]) if path]
    libraries = [folder for folder in searched.split(":") if folder]
    places = [*files, *libraries, *headers, "/etc/ld.so.cache", "/lib64"]
    readable = tuple(dict.fromkeys(os.path.realpath(place) for place in places if Path(place).exists()))
    stamps = [f"{path} {(found := Path(path).stat()).st_size} {found.st_mtime_ns}" for path in files]
    version = hashlib.sha256("\n".join([about, *FLAGS, *LINK, *SHORT, START, *stamps]).encode()).hexdigest()[:16]
    folders = [str(Path(path).parent) for path in map(shutil.which, [command, "as", "ld"]) if path]
    environment = {"PATH": os.pathsep.join(dict.fromkeys(folders)), "LC_ALL": "C"}
    return Toolchain(command, "Free Software Foundation" in about, version, readable, environment)


_checked: set[Path] = set()  # folders whose content this process has compared with its digest


def _intact(folder: Path) -> bool:
    if not (folder / "digest").is_file():
        return False
    if folder not in _checked and (folder / "digest").read_text() == _digest(folder):
        _checked.add(folder)
    return folder in _checked


def _digest(folder: Path) -> str:
    total = hashlib.sha256()
    for path in sorted(folder.rglob("*")):
        if path.is_file() and path.name != "digest":
            with path.open("rb") as file:
                total.update(hashlib.file_digest(file, "sha256").digest())
    return total.hexdigest()


@contextlib.contextmanager
def _locked(path: Path) -> Iterator[None]:
    with path.open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)  # let go when the file is closed, or its process ends
        yield


def _drop_old(cache: Path) -> None:
    others = sorted(cache.glob("cpp-*"), key=lambda path: path.stat().st_mtime, reverse=True)
    for path in [
        *others[KEPT - 1 :],
        *cache.glob("building-*"),
    ]:  # the lock is ours: what is aside was left by the dead
        shutil.rmtree(path, ignore_errors=True)


def _ask(command: str, *question: str, stream: str = "stdout") -> str:
    answer = subprocess.run(
        [command, *question],
        env={"PATH": os.environ.get("PATH", os.defpath), "LC_ALL": "C"},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    return getattr(answer, stream)


def _headers(command: str) -> list[str]:
    said = _ask(command, "-x", "c++", "-E", "-v", "/dev/null", stream="stderr")
    listed = said.partition("#include <...> search starts here:")[2].partition("End of search list.")[0]
    return [line.strip() for line in listed.splitlines() if line.strip()]
