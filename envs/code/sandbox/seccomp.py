"""The system-call filters: allow-lists in classic BPF, put together here so that nothing need be installed for them.

A filter kills a process that calls through another architecture's table (`int 0x80`), answers ENOSYS to x32 numbers and
to `clone3` (whose flags a filter cannot read; C libraries then fall back to `clone`), and EPERM to all that is not
listed. Used by the fork-server, which imports nothing but this folder and the standard library.
"""

from __future__ import annotations

import errno
import struct
from collections.abc import Iterable, Sequence
from typing import NamedTuple

ALLOW = 0x7FFF0000
KILL = 0x80000000
REFUSE = 0x00050000 | errno.EPERM
ABSENT = 0x00050000 | errno.ENOSYS

THREAD = 0x3D0F00  # the flags of pthread_create: VM FS FILES SIGHAND THREAD SYSVSEM SETTLS PARENT_SETTID CHILD_CLEARTID
DETACHED = 0x400000  # musl adds it; it means nothing
NAMESPACES = 0x7E020000 | 0x80  # CLONE_NEW*
AT_EMPTY_PATH = 0x1000
O_PATH = 0x200000  # opens past Landlock
RLIMIT_STACK = 3

ARCHITECTURES = {"x86_64": 0xC000003E, "aarch64": 0xC00000B7}
X32 = 0x40000000

# name, number on x86_64, number on aarch64 (- where there is no such call)
TABLE = """
    access 21 - ; alarm 37 - ; arch_prctl 158 - ; brk 12 214 ; chdir 80 49 ; chmod 90 - ; clock_getres 229 114 ;
    clock_gettime 228 113 ; clock_nanosleep 230 115 ; clone 56 220 ; clone3 435 435 ; close 3 57 ;
    close_range 436 436 ; dup 32 23 ; dup2 33 - ; dup3 292 24 ; execve 59 221 ; execveat 322 281 ; exit 60 93 ;
    exit_group 231 94 ; faccessat 269 48 ; faccessat2 439 439 ; fadvise64 221 223 ; fallocate 285 47 ; fchmod 91 52 ;
    fchmodat 268 53 ; fcntl 72 25 ; fork 57 - ; fstat 5 80 ; fsync 74 82 ; ftruncate 77 46 ; futex 202 98 ;
    getcwd 79 17 ; getdents64 217 61 ; getegid 108 177 ; geteuid 107 175 ; getgid 104 176 ; getgroups 115 158 ;
    getitimer 36 102 ; getpgrp 111 - ; getpid 39 172 ; getppid 110 173 ; getrandom 318 278 ; getrusage 98 165 ;
    gettid 186 178 ; gettimeofday 96 169 ; getuid 102 174 ; ioctl 16 29 ; kill 62 129 ; lseek 8 62 ; lstat 6 - ;
    madvise 28 233 ; membarrier 324 283 ; mkdir 83 - ; mkdirat 258 34 ; mmap 9 222 ; mprotect 10 226 ; mremap 25 216 ;
    munmap 11 215 ; nanosleep 35 101 ; newfstatat 262 79 ; open 2 - ; openat 257 56 ; pause 34 - ; pipe 22 - ;
    pipe2 293 59 ; poll 7 - ; ppoll 271 73 ; prctl 157 167 ; pread64 17 67 ; preadv 295 69 ; prlimit64 302 261 ;
    pselect6 270 72 ; pwrite64 18 68 ; pwritev 296 70 ; read 0 63 ; readlink 89 - ; readlinkat 267 78 ; readv 19 65 ;
    rename 82 - ; renameat 264 38 ; renameat2 316 276 ; restart_syscall 219 128 ; rmdir 84 - ; rseq 334 293 ;
    rt_sigaction 13 134 ; rt_sigpending 127 136 ; rt_sigprocmask 14 135 ; rt_sigreturn 15 139 ;
    rt_sigsuspend 130 133 ; rt_sigtimedwait 128 137 ; sched_get_priority_max 146 125 ;
    sched_get_priority_min 147 126 ; sched_getaffinity 204 123 ; sched_yield 24 124 ; select 23 - ;
    set_robust_list 273 99 ; set_tid_address 218 96 ; setitimer 38 103 ; setrlimit 160 164 ; sigaltstack 131 132 ;
    stat 4 - ; statx 332 291 ; sysinfo 99 179 ; tgkill 234 131 ; time 201 - ; times 100 153 ; tkill 200 130 ;
    umask 95 166 ; uname 63 160 ; unlink 87 - ; unlinkat 263 35 ; vfork 58 - ; wait4 61 260 ; waitid 247 95 ;
    write 1 64 ; writev 20 66
"""
NUMBERS = {name: numbers for name, *numbers in (row.split() for row in TABLE.split(";"))}

# What a program may call with any arguments: memory, clocks, threads' waiting, its own signals, open descriptors.
ALWAYS = """
    read write readv writev pread64 pwrite64 preadv pwritev lseek close close_range dup dup2 dup3 fstat fsync
    fadvise64 brk mmap munmap mprotect mremap madvise membarrier futex set_robust_list set_tid_address rseq exit
    exit_group restart_syscall sched_yield sched_getaffinity sched_get_priority_max sched_get_priority_min
    clock_gettime clock_getres clock_nanosleep nanosleep gettimeofday time times getrusage getitimer setitimer alarm
    rt_sigaction rt_sigprocmask rt_sigreturn rt_sigpending rt_sigsuspend rt_sigtimedwait sigaltstack pause poll
    ppoll select pselect6 getpid getppid gettid getuid geteuid getgid getegid getgroups getpgrp getrandom sysinfo
    uname umask
""".split()  # noqa: SIM905

# Besides, where Landlock or a mount namespace guards the files.
READING = """
    getcwd getdents64 stat lstat access faccessat faccessat2 newfstatat
""".split()  # noqa: SIM905

# Besides, for a compiler: processes in its own group, files where Landlock grants them.
BUILDING = """
    fork vfork execve wait4 waitid pipe pipe2 open openat chdir mkdir mkdirat rmdir unlink unlinkat rename
    renameat renameat2 readlink readlinkat chmod fchmod fchmodat ftruncate fallocate statx
""".split()  # noqa: SIM905

FCNTL = (0, 1, 2, 3, 4, 1030)  # F_DUPFD F_GETFD F_SETFD F_GETFL F_SETFL F_DUPFD_CLOEXEC
LOCKS = (5, 6, 7)  # F_GETLK F_SETLK F_SETLKW
IOCTL = (0x5401, 0x5413, 0x541B, 0x5450, 0x5451, 0x5421)  # TCGETS TIOCGWINSZ FIONREAD FIONCLEX FIOCLEX FIONBIO
PRCTL = (15, 16)  # PR_SET_NAME PR_GET_NAME
ARCH_SET_FS = 0x1002

IMAGE = 4  # the descriptor in which a process finds its program
MARK, MARKS = 0x7A110000, 7  # stand in a template for a process's own numbers

LOAD, EQUAL, ANY, LEAST, AND, RETURN = 0x20, 0x15, 0x45, 0x35, 0x54, 0x06


class Instruction(NamedTuple):
    """One instruction of classic BPF; jumps are relative."""

    code: int
    then: int
    other: int
    value: int


class Exec(NamedTuple):
    """The one execveat that is allowed: this descriptor, these addresses, which only its caller can know."""

    fd: int
    path: int
    argv: int
    envp: int


Test = tuple[int, int]  # (argument, value): all 64 bits equal


def number(name: str, machine: str) -> int | None:
    """The number of a system call, None where the machine has no such call."""
    found = NUMBERS[name][tuple(ARCHITECTURES).index(machine)]
    return None if found == "-" else int(found)


def low(argument: int) -> int:
    """Where `struct seccomp_data` holds the lower half of an argument; the upper half follows."""
    return 16 + 8 * argument


def call(name: str, machine: str, body: Sequence[Instruction]) -> list[Instruction]:
    """`body`, which ends in a return, for one system call; the number is in the accumulator before and after."""
    nr = number(name, machine)
    return [] if nr is None else [Instruction(EQUAL, 0, len(body), nr), *body]


def answer(action: int) -> Instruction:
    """Leave the filter."""
    return Instruction(RETURN, 0, 0, action)


def among(argument: int, values: Iterable[int]) -> list[Instruction]:
    """Allow if the lower half of an argument is one of `values` (the kernel reads it as 32 bits too), refuse if not."""
    tests = [part for value in values for part in (Instruction(EQUAL, 0, 1, value), answer(ALLOW))]
    return [Instruction(LOAD, 0, 0, low(argument)), *tests, answer(REFUSE)]


def equal(*tests: Test) -> list[Instruction]:
    """Allow if all these arguments have these values, refuse if not."""
    halves = [
        (low(argument) + 4 * half, value >> 32 * half & 0xFFFFFFFF) for argument, value in tests for half in (0, 1)
    ]
    body = []
    for place, (offset, value) in enumerate(halves):
        body += [Instruction(LOAD, 0, 0, offset), Instruction(EQUAL, 0, 2 * (len(halves) - place) - 1, value)]
    return [*body, answer(ALLOW), answer(REFUSE)]


def without(argument: int, bits: int) -> list[Instruction]:
    """Allow if an argument has none of these bits."""
    return [Instruction(LOAD, 0, 0, low(argument)), Instruction(ANY, 0, 1, bits), answer(REFUSE), answer(ALLOW)]


def head(machine: str) -> list[Instruction]:
    """The checks that come before all others; they leave the call's number in the accumulator."""
    checks = [
        Instruction(LOAD, 0, 0, 4),
        Instruction(EQUAL, 1, 0, ARCHITECTURES[machine]),
        answer(KILL),
        Instruction(LOAD, 0, 0, 0),
    ]
    if machine == "x86_64":
        checks += [Instruction(LEAST, 0, 1, X32), answer(ABSENT)]
    return checks + call("clone3", machine, [answer(ABSENT)])


def encoded(instructions: Iterable[Instruction]) -> bytes:
    """As the kernel reads them."""
    return b"".join(struct.pack("=HBBI", *instruction) for instruction in instructions)


def allowed(names: Iterable[str], machine: str) -> list[Instruction]:
    """Allow these calls, whatever their arguments."""
    return [part for name in names for part in call(name, machine, [answer(ALLOW)])]


class Template:
    """A filter made once, in which each process puts its own numbers: `filled([7, 9])` for the marks 0 and 1."""

    def __init__(self, code: bytes) -> None:
        self.code = code
        values = [struct.unpack_from("=I", code, at)[0] for at in range(4, len(code), 8)]
        self.places = [(8 * index + 4, value - MARK) for index, value in enumerate(values) if 0 <= value - MARK < MARKS]

    def filled(self, values: Sequence[int]) -> bytes:
        code = bytearray(self.code)
        for place, mark in self.places:
            struct.pack_into("=I", code, place, values[mark])
        return bytes(code)


def halves(value: int) -> tuple[int, int]:
    """The lower and the upper 32 bits."""
    return value & 0xFFFFFFFF, value >> 32


def template(machine: str, files: bool, native: bool) -> Template:
    """`for_program`, to be filled with the process id and, if `native`, the halves of the three addresses of `Exec`."""
    addresses = [MARK + 1 + 2 * index | MARK + 2 + 2 * index << 32 for index in range(3)]
    return Template(for_program(machine, MARK, files, Exec(IMAGE, *addresses) if native else None))


def for_program(machine: str, pid: int, files: bool, exec_: Exec | None = None) -> bytes:
    """The filter of a program: only threads, no signal but to itself (`pid`), no file at all unless `files`."""
    own = [Instruction(LOAD, 0, 0, low(0)), Instruction(EQUAL, 0, 1, pid), answer(ALLOW), answer(REFUSE)]
    thread = [
        Instruction(LOAD, 0, 0, low(0)),
        Instruction(AND, 0, 0, 0xFFFFFFFF ^ DETACHED),
        Instruction(EQUAL, 0, 1, THREAD),
        answer(ALLOW),
        answer(REFUSE),
    ]
    body = allowed(ALWAYS, machine)
    body += call("clone", machine, thread)
    body += call("kill", machine, own) + call("tgkill", machine, own)
    body += call("fcntl", machine, among(1, FCNTL)) + call("ioctl", machine, among(1, IOCTL))
    body += call("prctl", machine, among(0, PRCTL)) + call("arch_prctl", machine, among(0, [ARCH_SET_FS]))
    # One's own limits may be read; of all of them only the stack's may be set, for memory has a total of its own.
    reading = [Instruction(LOAD, 0, 0, low(1)), Instruction(EQUAL, 0, 1, RLIMIT_STACK), answer(ALLOW), *equal((2, 0))]
    own_limits = [Instruction(LOAD, 0, 0, low(0)), Instruction(EQUAL, 1, 0, 0), answer(REFUSE), *reading]
    body += call("prlimit64", machine, own_limits) + call("setrlimit", machine, among(0, [RLIMIT_STACK]))
    if files:
        body += allowed(READING, machine)
        body += call("open", machine, without(1, O_PATH)) + call("openat", machine, without(2, O_PATH))
    else:  # C libraries use it for fstat
        body += call("newfstatat", machine, equal((3, AT_EMPTY_PATH)))
    if exec_ is not None:
        once = [(0, exec_.fd), (1, exec_.path), (2, exec_.argv), (3, exec_.envp), (4, AT_EMPTY_PATH)]
        body += call("execveat", machine, equal(*once))
    return encoded([*head(machine), *body, answer(REFUSE)])


def for_command(machine: str) -> bytes:
    """The filter of a compiler: processes, and files (Landlock says which), but no network, no way out of its group."""
    stack = [Instruction(LOAD, 0, 0, low(1)), Instruction(EQUAL, 0, 1, RLIMIT_STACK), answer(ALLOW), *equal((2, 0))]
    body = allowed([*ALWAYS, *READING, *BUILDING], machine)
    body += call("clone", machine, without(0, NAMESPACES))
    body += call("fcntl", machine, among(1, FCNTL + LOCKS)) + call("ioctl", machine, among(1, IOCTL))
    body += call("prlimit64", machine, stack) + call("setrlimit", machine, among(0, [RLIMIT_STACK]))
    body += call("prctl", machine, among(0, PRCTL)) + call("arch_prctl", machine, among(0, [ARCH_SET_FS]))
    return encoded([*head(machine), *body, answer(REFUSE)])
