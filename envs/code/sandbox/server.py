"""The fork-server: a warm interpreter that starts one confined child per request and watches it from outside.

Run by `client.Worker` as a script, with the control socket as standard input. It imports nothing but this folder and
the standard library, holds no input, output or program (only their descriptors, and those for as long as a
fork takes), and ends when its client does.
"""

# Without pathlib, which would be imported for nothing else.
# ruff: noqa: PTH100, PTH110, PTH120, PTH123

from __future__ import annotations

import _signal as signal  # pyright: ignore[reportMissingImports] - the signal module, less its enumerations
import _socket
import array
import contextlib
import gc
import marshal
import math
import mmap
import os
import resource
import select
import struct
import sys
import time
from importlib.machinery import PathFinder
from typing import Any, NoReturn

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.append(HERE)  # last: `types` is the standard library's

import confine  # noqa: E402
import library  # noqa: E402
import namespaces  # noqa: E402
import native  # noqa: E402
import runner  # noqa: E402
import seccomp  # noqa: E402
from job import Job, watch  # noqa: E402

CONTROL, EXTRA, IMAGE, LIBRARY = 0, 3, seccomp.IMAGE, 5
FIRST_FREE = 6
PLACES, NOTE = 2, 512  # children at a time; bytes in which each says how its confinement went
CONFINED, ENOUGH = b"confined", b"enough"
UNLIMITED = resource.RLIM_INFINITY
STACK_ROOM = 1 << 36  # bytes of address space that are left below the stack for it to grow
OUR_MODULES = ("confine", "job", "library", "namespaces", "native", "runner", "seccomp")


class Server:
    """Reads requests until the client goes."""

    def __init__(self, settings: dict[str, Any], control: _socket.socket) -> None:
        self.tier: str = settings["tier"]
        self.machine = os.uname().machine
        self.own_user = settings["user"] is not None or self.tier == "A"  # then threads can be counted by the kernel
        self.library: list[str] = settings["library"]
        self.far = settings["far"]
        self.control = control
        self.alone = False  # whether the client has gone
        self.poll = select.poll()
        self.poll.register(CONTROL, select.POLLIN)
        self.ruleset = -1
        self.filter: seccomp.Template | None = None
        self.command_filter = b""
        self.address_space = 0
        self.notes = mmap.mmap(-1, PLACES * NOTE)  # shared with children until their confinement is complete

    def prepare(self) -> None:
        """What can be done once for all children."""
        awake, wake = os.pipe2(os.O_CLOEXEC | os.O_NONBLOCK)
        self.awake = awake
        signal.signal(signal.SIGCHLD, lambda *_: None)
        signal.set_wakeup_fd(wake)
        self.poll.register(awake, select.POLLIN)
        if self.tier in "AB":
            self.ruleset = confine.landlock(library.readable(self.library))
        if self.tier != "D":
            self.filter = seccomp.template(self.machine, self.tier in "AB", native=False)
            self.command_filter = seccomp.for_command(self.machine)
        self.native = native.Native(self.machine, self.tier)
        self.limit_rest()
        confine.prctl(confine.PR_SET_NO_NEW_PRIVS, 1)
        with open("/proc/self/statm") as file:
            self.address_space = int(file.read().split()[0]) * resource.getpagesize()
        PathFinder.find_spec("whetstone_has_no_such_module")  # so that the library's folders are known by heart
        confine.few_arenas()
        gc.collect()
        gc.freeze()

    def serve(self) -> None:
        """Answer requests, one at a time."""
        while True:
            self.poll.poll()
            message, passed = self.receive()
            if message is None:
                return
            if message == ENOUGH:  # the child had ended meanwhile
                continue
            jobs = [Job(*job) for job in marshal.loads(message)]
            began = time.monotonic()
            self.notes[:] = bytes(len(self.notes))
            self.threads = sum(job.threads for job in jobs)
            taken = 0
            for place, job in enumerate(jobs):
                count = 4 + job.extra
                job.pid = self.start(job, place, passed[taken : taken + count])
                taken += count
            for fd in passed:
                os.close(fd)
            watch(jobs, began, self.wait)
            if self.alone:
                return
            notes = [self.notes[place * NOTE : (place + 1) * NOTE].rstrip(b"\0") for place in range(len(jobs))]
            self.control.send(marshal.dumps([(*job.reply, note) for job, note in zip(jobs, notes, strict=True)]))

    def receive(self) -> tuple[bytes | None, list[int]]:
        """A message and the descriptors with it; (None, []) when the client has gone."""
        try:
            message, ancillary, _, _ = self.control.recvmsg(1 << 16, _socket.CMSG_SPACE(4 * 16))
        except ConnectionResetError:
            return None, []
        fds = array.array("i")
        for _, _, data in ancillary:
            fds.frombytes(data)
        if not message:
            return None, []
        return message, list(fds)

    def wait(self, seconds: float) -> bool:
        """Wait for a child's signal; true if the client wants an end, or has met its own."""
        asked = False
        for fd, _ in self.poll.poll(1000 * seconds):
            if fd == CONTROL:
                asked = True
                self.alone = self.receive()[0] is None
            else:
                os.read(fd, 512)
        return asked

    # -- the child ----------------------------------------------------------------------------------------------------

    def start(self, job: Job, place: int, passed: list[int]) -> int:
        """Fork a child for a job; its process id."""
        server = os.getpid()
        calls = []
        if job.kind == "native":
            calls = self.native.calls(job, passed, self.threads + 2 if self.own_user else None)
        pid = confine.checked(confine.fork(), "fork")
        if pid:
            return pid
        try:
            if job.kind == "native":
                self.native.become(calls, server)
                self.note(place, CONFINED)
                self.native.leave()
            self.become(job, passed, server, place)
        except BaseException as error:
            if self.notes[place * NOTE] != CONFINED[0]:
                self.note(place, b"!" + repr(error).encode())
            else:  # an executable that cannot be executed
                os.write(2, repr(error).encode())
        os._exit(127)

    def note(self, place: int, text: bytes) -> None:
        self.notes[place * NOTE : (place + 1) * NOTE] = text[:NOTE].ljust(NOTE, b"\0")

    def become(self, job: Job, passed: list[int], server: int, place: int) -> NoReturn:
        """Confine this process and let the program have it."""
        signal.set_wakeup_fd(-1)
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        image, *streams = passed[:4]
        for target, fd in enumerate(streams):
            os.dup2(fd, target)
        if job.extra:
            os.dup2(passed[4], EXTRA)
        else:
            os.close(EXTRA)
        os.dup2(image, IMAGE, inheritable=False)
        os.setsid()
        if job.kind == "command":
            self.become_command(job, server, place)
        self.limit(job)
        confine.limit(resource.RLIMIT_AS, self.address_space + job.memory)
        self.confine(server)
        os.closerange(FIRST_FREE if self.far else LIBRARY, 256)
        if self.filter:
            confine.seccomp(self.filter.filled([os.getpid()]))
        self.note(place, CONFINED)
        self.notes.close()
        for name in OUR_MODULES:
            del sys.modules[name]
        runner.run(IMAGE)
        raise AssertionError

    def confine(self, server: int) -> None:
        """Die with the server, see no file but the library."""
        confine.prctl(confine.PR_SET_PDEATHSIG, 9)
        if os.getppid() != server:
            raise OSError("the server has gone")
        if self.ruleset >= 0:
            confine.landlock_restrict(self.ruleset)

    def limit(self, job: Job) -> None:
        """The limits that the kernel holds the child to; the watch above is finer where both measure the same."""
        seconds = math.ceil(job.cpu_limit) + 1
        confine.limit(resource.RLIMIT_STACK, job.memory, UNLIMITED)
        confine.limit(resource.RLIMIT_CPU, seconds)
        confine.limit(resource.RLIMIT_FSIZE, 0)
        confine.limit(resource.RLIMIT_NOFILE, 64)
        if self.own_user:
            confine.limit(resource.RLIMIT_NPROC, self.threads + 2)

    def limit_rest(self) -> None:
        """The limits that are the same for all children, and for this process."""
        for kind in (resource.RLIMIT_MEMLOCK, resource.RLIMIT_MSGQUEUE, resource.RLIMIT_RTPRIO, resource.RLIMIT_NICE):
            confine.limit(kind, 0)
        confine.limit(resource.RLIMIT_SIGPENDING, 64)
        confine.limit(resource.RLIMIT_CORE, 1)  # as the kernel has it: no core file, and no program that is handed it

    def become_command(self, job: Job, server: int, place: int) -> NoReturn:
        """A compiler: it may start programs and write in its folder, and reach nothing else."""
        argv, readable_paths, folder, environment, size = job.command
        signal.signal(signal.SIGPIPE, signal.SIG_DFL)
        os.close(IMAGE)
        confine.limit(resource.RLIMIT_AS, job.memory)
        confine.limit(resource.RLIMIT_CPU, math.ceil(job.cpu_limit))
        confine.limit(resource.RLIMIT_FSIZE, size)
        confine.limit(resource.RLIMIT_NOFILE, 256)
        if self.own_user:
            confine.limit(resource.RLIMIT_NPROC, job.threads + 2)
        self.ruleset = -1
        if self.tier in "AB":
            reading = confine.EXECUTE | confine.READ_FILE | confine.READ_DIR
            rules = [(path, reading) for path in readable_paths if os.path.exists(path)]
            if os.path.exists("/dev/null"):
                rules.append(("/dev/null", confine.READ_FILE | confine.WRITE_FILE))
            self.ruleset = confine.landlock([*rules, (folder, confine.WRITING)])
        self.confine(server)
        os.closerange(IMAGE, 256)
        os.chdir(folder)
        if self.command_filter:
            confine.seccomp(self.command_filter)
        self.note(place, CONFINED)
        os.execve(argv[0], argv, environment)


def main() -> None:
    """Set up as `settings` say, report, serve."""
    settings = marshal.loads(bytes.fromhex(sys.argv[1]))
    ceiling = resource.getrlimit(resource.RLIMIT_STACK)[1]
    if not settings["restarted"]:
        # The kernel leaves room for the stack when a program starts: start again with more, so that recursion in C
        # can go as deep as the memory allows.
        room = STACK_ROOM if ceiling == UNLIMITED else min(STACK_ROOM, ceiling)
        resource.setrlimit(resource.RLIMIT_STACK, (room, ceiling))
        again = marshal.dumps({**settings, "restarted": True}).hex()
        os.execve(sys.executable, [sys.executable, *FLAGS, sys.argv[0], again], dict(os.environ))
    resource.setrlimit(resource.RLIMIT_STACK, (min(8 << 20, ceiling) if ceiling != UNLIMITED else 8 << 20, ceiling))
    control = _socket.socket(fileno=CONTROL)
    try:
        server = set_up(settings, control)
    except Exception as error:  # whatever it is, the client is told why this tier is not to be had
        control.send(b"E" + str(error).encode())
        return
    control.send(b"R" + struct.pack("=q", -1 if settings["user"] is None else settings["user"]))
    server.serve()


def set_up(settings: dict[str, Any], control: _socket.socket) -> Server:
    """A server in which everything is ready that its children share; raises what is missing for the tier."""
    os.environ.clear()
    with contextlib.suppress(OSError), open("/proc/self/oom_score_adj", "w") as file:
        file.write("500")  # when memory runs out, programs go before the one who asks for them
    for fd in (EXTRA, IMAGE, LIBRARY):
        os.dup2(1, fd, inheritable=False)  # so that nothing else comes to be there
    folders = library.folders(HERE)
    sys.path.remove(HERE)
    library.preload()
    runner.prepare()
    machine = os.uname().machine
    if settings["tier"] != "D" and machine not in seccomp.ARCHITECTURES:
        raise OSError(f"no table of system calls for {machine}, only for {', '.join(seccomp.ARCHITECTURES)}")
    os.dup2(opened := os.open(folders[0], confine.O_PATH), LIBRARY, inheritable=False)
    os.close(opened)
    if settings["tier"] == "A":
        namespaces.enter(folders, settings["user"] is not None, machine)
    if settings["user"] is not None:
        confine.drop_user(settings["user"])
    if settings["tier"] != "D":
        confine.drop_capabilities(machine)
    if settings["tier"] == "A":
        confine.prctl(confine.PR_SET_PDEATHSIG, 9)  # with the stub; if that has gone already, the client has too
    os.chdir("/")
    settings["far"] = library.reach(folders, LIBRARY)
    settings["library"] = [f"/proc/self/fd/{LIBRARY}"] if settings["far"] else folders
    server = Server(settings, control)
    server.prepare()
    return server


FLAGS = ["-P", "-s", "-S", "-B"]

if __name__ == "__main__":
    main()
