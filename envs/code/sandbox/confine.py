"""Linux's means of confinement, by plain system calls: Landlock, seccomp, limits, privileges.

Used by the fork-server, which imports nothing but this folder and the standard library.
"""

# Without pathlib, which would be imported for nothing else.
# ruff: noqa: PTH112

from __future__ import annotations

import contextlib
import ctypes
import errno
import os
import resource
import struct
from collections.abc import Callable, Iterable, Sequence

libc = ctypes.CDLL(None, use_errno=True)
libc.syscall.restype = ctypes.c_long
libc.mmap.restype = ctypes.c_void_p
libc.mmap.argtypes = [ctypes.c_void_p, ctypes.c_size_t, ctypes.c_int, ctypes.c_int, ctypes.c_int, ctypes.c_long]

PR_SET_PDEATHSIG, PR_SET_DUMPABLE, PR_SET_SECCOMP, PR_SET_NO_NEW_PRIVS, PR_CAP_AMBIENT = 1, 4, 22, 38, 47
LANDLOCK_CREATE, LANDLOCK_ADD, LANDLOCK_RESTRICT = 444, 445, 446  # the same number on every architecture
CAPSET = {"x86_64": 126, "aarch64": 91}
EXECVEAT = {"x86_64": 322, "aarch64": 281}
O_PATH = 0o10000000

# Landlock's rights over files
EXECUTE, WRITE_FILE, READ_FILE, READ_DIR, TRUNCATE, IOCTL = 1, 2, 4, 8, 1 << 14, 1 << 15
MAKE = 1 << 4 | 1 << 5 | 1 << 7 | 1 << 8  # remove folders and files, make folders and regular files
WRITING = READ_FILE | READ_DIR | WRITE_FILE | TRUNCATE | MAKE
FILE_RIGHTS = EXECUTE | WRITE_FILE | READ_FILE | TRUNCATE | IOCTL
# What each version of Landlock can deny of files, the network (TCP) and scopes (abstract sockets, signals)
FILES = {1: (1 << 13) - 1, 2: (1 << 14) - 1, 3: (1 << 15) - 1, 5: (1 << 16) - 1}
NETWORK, SCOPES = 3, 3


fork = ctypes.PyDLL(None, use_errno=True).fork
"""fork(2) by itself: Python's own would have every child prepare `threading` and `random` anew, for a third of the cost
of all its confinement. There is but one thread, and `random` begins in the same state in every child."""


def checked(result: int, what: str) -> int:
    """`result` of a C call; raises `OSError` where it says failure."""
    if result < 0:
        code = ctypes.get_errno()
        raise OSError(code, f"{what}: {os.strerror(code)}")
    return result


def syscall(what: str, number: int, *arguments: object) -> int:
    """A system call by its number."""
    passed = [ctypes.c_long(value) if isinstance(value, int) else value for value in arguments]
    return checked(libc.syscall(ctypes.c_long(number), *passed), what)


def prctl(option: int, *values: int) -> None:
    """Set an attribute of this process."""
    filled = [*values, 0, 0, 0, 0][:4]
    checked(libc.prctl(option, *map(ctypes.c_ulong, filled)), f"prctl({option})")


# -- Landlock ---------------------------------------------------------------------------------------------------------


def landlock_version() -> int:
    """The version of Landlock's interface; raises `OSError` where the kernel has none or it is switched off."""
    return syscall("Landlock", LANDLOCK_CREATE, None, 0, 1)


def landlock(rules: Iterable[tuple[str | int, int]]) -> int:
    """A ruleset's descriptor: of all files only these paths (or descriptors) may be used, with these rights."""
    version = landlock_version()
    rights = FILES[max(known for known in FILES if known <= version)]
    attributes = struct.pack("=QQQ", rights, NETWORK if version >= 4 else 0, SCOPES if version >= 6 else 0)
    size = 24 if version >= 6 else 16 if version >= 4 else 8
    ruleset = syscall("Landlock's ruleset", LANDLOCK_CREATE, attributes, size, 0)
    os.set_inheritable(ruleset, False)
    for place, wanted in rules:
        fd = os.open(place, O_PATH | os.O_CLOEXEC) if isinstance(place, str) else place
        allowed = wanted & rights if os.path.isdir(fd) else wanted & rights & FILE_RIGHTS
        try:
            syscall(f"Landlock's rule for {place}", LANDLOCK_ADD, ruleset, 1, struct.pack("=Qi", allowed, fd), 0)
        finally:
            if isinstance(place, str):
                os.close(fd)
    return ruleset


def landlock_restrict(ruleset: int) -> None:
    """Confine this thread and what comes of it for ever."""
    syscall("Landlock", LANDLOCK_RESTRICT, ruleset, 0)


# -- seccomp ----------------------------------------------------------------------------------------------------------


class _Filter(ctypes.Structure):
    _fields_ = (("length", ctypes.c_ushort), ("code", ctypes.c_char_p))


def seccomp(code: bytes) -> None:
    """Filter this thread's system calls, and of what comes of it, for ever."""
    program = _Filter(len(code) // 8, code)
    checked(libc.prctl(PR_SET_SECCOMP, 2, ctypes.byref(program), 0, 0), "seccomp")


# -- limits and privileges --------------------------------------------------------------------------------------------


def within(kind: int, soft: int, hard: int) -> tuple[int, int]:
    """A limit as it can be set: never above the hard limit that this process has."""
    ceiling = resource.getrlimit(kind)[1]
    if ceiling != resource.RLIM_INFINITY:
        hard = ceiling if hard == resource.RLIM_INFINITY else min(hard, ceiling)
        soft = hard if soft == resource.RLIM_INFINITY else min(soft, hard)
    return soft, hard


def limit(kind: int, soft: int, hard: int | None = None) -> None:
    """Set a limit of this process, as far as it can be set."""
    resource.setrlimit(kind, within(kind, soft, soft if hard is None else hard))


def few_arenas() -> None:
    """Let all threads allocate from one arena: each other would take 64 MiB of address space."""
    with contextlib.suppress(AttributeError):  # not glibc
        libc.mallopt(-8, 1)


def drop_user(uid: int) -> None:
    """Become a user that owns nothing; raises `OSError` unless called by root."""
    os.setgroups([])
    os.setresgid(uid, uid, uid)
    os.setresuid(uid, uid, uid)


def drop_capabilities(machine: str) -> None:
    """Give up every capability, also those that root has in a user namespace of its own."""
    if libc.prctl(PR_CAP_AMBIENT, *map(ctypes.c_ulong, (4, 0, 0, 0))) < 0 and ctypes.get_errno() != errno.EINVAL:
        checked(-1, "ambient capabilities")
    header = struct.pack("=Ii", 0x20080522, 0)
    syscall("capset", CAPSET[machine], header, bytes(24))


def secret_address() -> int:
    """The address of a mapped page of zeros that nothing can guess: 34 random bits, and two of them are needed."""
    for _ in range(100):
        address = int.from_bytes(os.urandom(8), "little") % (1 << 34) + (1 << 20) << 12
        found = libc.mmap(address, 4096, 3, 0x100022, -1, 0)  # private, anonymous, fixed, nothing replaced
        if found == address:
            return address
        if found not in (None, ctypes.c_void_p(-1).value):
            libc.munmap(ctypes.c_void_p(found), ctypes.c_size_t(4096))
    raise OSError(errno.ENOMEM, "no address for the executable's arguments")


def execution(fd: int, pages: Sequence[int], machine: str, name: bytes) -> Callable[[], None]:
    """A call that replaces this process by the executable `fd`; `pages` are three from `secret_address`."""
    path, argv, envp = pages
    text = ctypes.create_string_buffer(name)
    ctypes.memmove(argv, struct.pack("=QQ", ctypes.addressof(text), 0), 16)
    passed = [ctypes.c_long(value) for value in (EXECVEAT[machine], fd, path, argv, envp, 0x1000)]

    def execute() -> None:
        libc.syscall(*passed)
        checked(-1, f"execveat of {text.value!r}")

    return execute
