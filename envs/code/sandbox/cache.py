"""A bounded store of bytes on disk, for what is dear to build: safe for several processes, and checked when read.

An entry is one file: the SHA-256 of its content, then the content. It is written aside and renamed, so a reader sees
all of it or nothing; one that was damaged since is a miss, and is removed. The least recently used entries go first.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import stat
import tempfile
from pathlib import Path

from whetstone.envs.code.sandbox.types import MIB

DIGEST = hashlib.sha256().digest_size
ASIDE = ".aside-"  # what is being written; no key begins with a dot


class Cache:
    """Entries in `folder`, which nobody else may look into: at most `count` of them, `size` bytes together."""

    def __init__(self, folder: Path, count: int = 2000, size: int = 1024 * MIB) -> None:
        self.folder, self.count, self.size = folder, count, size
        folder.mkdir(mode=0o700, exist_ok=True)

    def get(self, key: str) -> bytes | None:
        """What was put under `key`, or None."""
        path = self.folder / key
        try:
            data = path.read_bytes()
        except OSError:
            return None
        if hashlib.sha256(content := data[DIGEST:]).digest() != data[:DIGEST]:
            path.unlink(missing_ok=True)
            return None
        with contextlib.suppress(OSError):  # another process has just dropped it
            os.utime(path)
        return content

    def put(self, key: str, content: bytes) -> None:
        """Keep `content`, as far as it fits: a full disk is no reason to lose what was built."""
        aside = None
        try:
            with tempfile.NamedTemporaryFile(dir=self.folder, prefix=ASIDE, delete=False) as file:
                aside = Path(file.name)
                file.write(hashlib.sha256(content).digest() + content)
            aside.replace(self.folder / key)
            self._prune()
        except OSError:
            if aside is not None:
                aside.unlink(missing_ok=True)

    def _prune(self) -> None:
        entries = []
        for entry in os.scandir(self.folder):
            with contextlib.suppress(FileNotFoundError):  # renamed or dropped by another process
                found = entry.stat(follow_symlinks=False)
                entries.append((found.st_mtime_ns, found.st_size, entry.path))
        entries.sort(reverse=True)  # the latest first; what a killed process left aside ages with the rest
        count = total = 0
        for _, size, path in entries:
            count, total = count + 1, total + size
            if count > self.count or total > self.size:
                Path(path).unlink(missing_ok=True)


def own_folder(name: str) -> Path:
    """A directory of this user's own that outlives the process: `name` in the XDG cache, or where that cannot be had.

    Nobody else can look into it or write in it. Only where this user is root, others can reach a file in it whose name
    they know: root's compilers run as another user. Raises `PermissionError` when no such directory can be had.
    """
    root = os.geteuid() == 0
    home = os.environ.get("XDG_CACHE_HOME") or "~/.cache"
    parents = [home, "/var/cache", tempfile.gettempdir()] if root else [home, tempfile.gettempdir()]
    reasons = []
    for parent in parents:
        try:
            place = Path(parent).expanduser() / (name if parent != tempfile.gettempdir() else f"{name}-{os.geteuid()}")
            place.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            if root and not all(above.stat().st_mode & 0o001 for above in place.parents):
                raise PermissionError(f"{place.parent} is closed to the user that root's compilers run as")
            place.mkdir(mode=0o700, exist_ok=True)
            found = place.lstat()
            if not stat.S_ISDIR(found.st_mode) or found.st_uid != os.geteuid():
                raise PermissionError(f"{place} is not a directory of user {os.geteuid()}")
            place.chmod(0o711 if root else 0o700)
            with tempfile.TemporaryFile(dir=place):
                return place
        except (OSError, RuntimeError) as error:  # RuntimeError: there is no home directory
            reasons.append(str(error))
    raise PermissionError(f"no directory to cache in; set XDG_CACHE_HOME to one of your own ({'; '.join(reasons)})")
