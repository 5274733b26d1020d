"""Tier A: namespaces of the worker's own, in which there is nothing but the standard library, /dev/null and /proc.

Used by the fork-server, which imports nothing but this folder and the standard library.
"""

# Without pathlib, which would be imported for nothing else.
# ruff: noqa: PTH102, PTH103, PTH123, PTH211

from __future__ import annotations

import ctypes
import os
import struct
from collections.abc import Sequence

import confine

NEW_USER = 0x10000000
NEW = 0x20000 | 0x02000000 | 0x04000000 | 0x08000000 | 0x20000000 | 0x40000000  # mount cgroup uts ipc pid net
PIVOT_ROOT = {"x86_64": 155, "aarch64": 41}
OPEN_TREE, MOVE_MOUNT, MOUNT_SETATTR = 428, 429, 442  # the same number on every architecture
CLONE_TREE, RECURSIVE, EMPTY_PATH, FROM_DESCRIPTOR = 1, 0x8000, 0x1000, 4
READ_ONLY, NO_SETUID, NO_DEVICES, NO_EXECUTION = 1, 2, 4, 8
PRIVATE, DETACH = 0x44000, 2
PLACE = "/tmp"  # where the new root is put together, seen by nobody else


def enter(folders: Sequence[str], root: bool, machine: str) -> None:
    """Go on as the first process of new namespaces; `folders` are all that is taken along, read-only.

    The process that called this stays behind as a stub that ends with the new one. Without `root`, a user namespace
    comes first, which gives the rights for the others; raises `OSError` where that is not allowed.
    """
    user, group = os.geteuid(), os.getegid()
    what = "namespaces (of the mounts, the network, ...)" if root else "a user namespace"
    confine.checked(confine.libc.unshare(NEW if root else NEW | NEW_USER), f"{what} cannot be made here")
    if not root:
        for name, text in (("setgroups", "deny"), ("uid_map", f"{user} {user} 1"), ("gid_map", f"{group} {group} 1")):
            with open(f"/proc/self/{name}", "w") as file:
                file.write(text)
    child = os.fork()
    if child:
        os.closerange(0, 256)
        os._exit(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) & 0xFF)
    change_root(folders, machine)
    confine.checked(confine.libc.sethostname(b"sandbox", 7), "sethostname")


def change_root(folders: Sequence[str], machine: str) -> None:
    """Put a root together in memory and let go of the old one."""
    mount(None, "/", None, PRIVATE)
    trees = [(folder, tree(folder, NO_DEVICES)) for folder in folders]
    trees.append(("/dev/null", tree("/dev/null", NO_EXECUTION)))
    mount("tmpfs", PLACE, "tmpfs", NO_SETUID | NO_DEVICES, b"mode=0755,size=1m")
    os.chdir(PLACE)
    os.umask(0o022)
    os.mkdir("proc")
    mount("proc", "proc", "proc", NO_SETUID | NO_DEVICES | NO_EXECUTION)
    os.mkdir("dev")
    for name, fd in (("stdin", 0), ("stdout", 1), ("stderr", 2)):
        os.symlink(f"/proc/self/fd/{fd}", f"dev/{name}")
    os.close(os.open("dev/null", os.O_CREAT | os.O_CLOEXEC))
    for path, fd in trees:
        if path != "/dev/null":
            os.makedirs(f".{path}")
        confine.syscall(f"mount of {path}", MOVE_MOUNT, fd, b"", -100, f".{path}".encode(), FROM_DESCRIPTOR)
        os.close(fd)
    confine.syscall("pivot_root", PIVOT_ROOT[machine], b".", b".")
    confine.checked(confine.libc.umount2(b".", DETACH), "umount of the old root")
    os.chdir("/")
    attributes(-100, "/", READ_ONLY | NO_SETUID | NO_DEVICES | NO_EXECUTION, 0)


def tree(path: str, extra: int) -> int:
    """A descriptor of a read-only copy of the mounts at and below a path."""
    fd = confine.syscall(
        f"copy of the mount {path}", OPEN_TREE, -100, path.encode(), CLONE_TREE | RECURSIVE | os.O_CLOEXEC
    )
    attributes(fd, "", NO_SETUID | extra | (READ_ONLY if path != "/dev/null" else 0), RECURSIVE | EMPTY_PATH)
    return fd


def attributes(fd: int, path: str, wanted: int, flags: int) -> None:
    """Set attributes of mounts."""
    packed = struct.pack("=QQQQ", wanted, 0, 0, 0)
    confine.syscall(f"attributes of the mount {path}", MOUNT_SETATTR, fd, path.encode(), flags, packed, len(packed))


def mount(source: str | None, target: str, kind: str | None, flags: int, options: bytes | None = None) -> None:
    """mount(2)."""
    encoded = [None if text is None else text.encode() for text in (source, target, kind)]
    result = confine.libc.mount(*encoded, ctypes.c_ulong(flags), options)
    confine.checked(result, f"mount of {kind or target}")
