"""The standard library as programs find it: imported before, or late from its own files and no others.

Used by the fork-server, which imports nothing but this folder and the standard library.
"""

# Without pathlib, which would be imported for nothing else.
# ruff: noqa: PTH110, PTH112, PTH208

from __future__ import annotations

import os
import sys

import confine

PRELOADED = """
    abc array binascii bisect builtins cmath collections collections.abc contextlib copy copyreg ctypes dataclasses
    datetime decimal enum errno fractions functools heapq io itertools json keyword locale math numbers operator os
    queue random re resource select signal statistics string struct sys textwrap threading time traceback types
    typing unicodedata warnings weakref zlib encodings.ascii encodings.latin_1 encodings.utf_8_sig _strptime
""".split()  # noqa: SIM905
if sys.version_info >= (3, 12):
    PRELOADED.append("_pylong")  # the interpreter's own, for integers of many digits; as `_strptime` is datetime's


def preload() -> None:
    """Import what programs find imported."""
    for name in PRELOADED:
        __import__(name)
    if (3, 12) <= sys.version_info < (3, 14):
        _memoise_in_python()


def _memoise_in_python() -> None:
    """Have memoised functions call themselves as deep as others may.

    These interpreters count calls through C by themselves and end them some 500 or 3,300 deep, whatever the program
    has made `sys.setrecursionlimit`; `functools.lru_cache` is such a call, and programs recurse through it. functools
    holds the same in Python, for where there is no C: three times slower, and as deep as memory goes.
    """
    import functools
    import importlib.util

    spec = functools.__spec__
    assert spec is not None and spec.loader is not None
    plain = importlib.util.module_from_spec(spec)
    compiled = sys.modules["_functools"]
    sys.modules["_functools"] = None  # type: ignore[assignment]
    try:
        spec.loader.exec_module(plain)
    finally:
        sys.modules["_functools"] = compiled
    functools._lru_cache_wrapper = plain._lru_cache_wrapper  # type: ignore[attr-defined]


def readable(folders: list[str]) -> list[tuple[str | int, int]]:
    """Landlock's rules for a program: the standard library without the packages installed in it, and /dev/null.

    Its folder itself cannot be listed, for that would hold for all below it; the interpreter has done so before. An
    entry may lead nowhere: Debian's sitecustomize.py is a link into /etc, which tier A leaves behind.
    """
    reading = confine.READ_FILE | confine.READ_DIR
    rules: list[tuple[str | int, int]] = []
    for folder in folders:
        for name in os.listdir(folder):
            path = f"{folder}/{name}"
            if name not in ("site-packages", "dist-packages", "test", "tests") and os.path.exists(path):
                rules.append((path, reading))
    return rules + null_device()


def null_device() -> list[tuple[str | int, int]]:
    """Landlock's rule for /dev/null, if it is there."""
    return [("/dev/null", confine.READ_FILE | confine.WRITE_FILE)] if os.path.exists("/dev/null") else []


def folders(script: str) -> list[str]:
    """The folders of the standard library, the C extensions' too if elsewhere; `script` is the fork-server's own."""
    found = [path for path in sys.path if path != script and os.path.isdir(path)]
    outer = [path for path in found if not any(path != other and path.startswith(other + "/") for other in found)]
    return outer


def reach(folders: list[str], descriptor: int) -> bool:
    """Make lazy imports work for a user who may not walk to the library (as in /root): through a descriptor."""
    if all(os.access(f"{folder}/os.py", os.R_OK) for folder in folders[:1]):
        return False
    through, folder = f"/proc/self/fd/{descriptor}", folders[0]

    def moved(path: str) -> str:
        return through + path[len(folder) :] if path.startswith(folder) else path

    sys.path[:] = [moved(path) for path in sys.path]
    for module in list(sys.modules.values()):
        if isinstance(getattr(module, "__path__", None), list):
            module.__path__ = [moved(path) for path in module.__path__]
    sys.path_importer_cache.clear()
    return True
