"""What a Python program finds around itself: the standard streams, a `__main__` module, `exit`, an orderly end.

Used by the fork-server's children, after their confinement; nothing here protects anything.
"""

from __future__ import annotations

import _sitebuiltins
import atexit
import builtins
import gc
import io
import os
import sys
import threading
import types

NAME = "main.py"


def prepare() -> None:
    """What can be done once, in the fork-server."""
    builtins.exit = _sitebuiltins.Quitter("exit", "Ctrl-D (i.e. EOF)")  # type: ignore[assignment]
    builtins.quit = _sitebuiltins.Quitter("quit", "Ctrl-D (i.e. EOF)")  # type: ignore[assignment]
    if hasattr(sys, "set_int_max_str_digits"):
        sys.set_int_max_str_digits(0)
    threading.stack_size(8 << 20)  # the C library's own default would be the main thread's, which is large
    sys.argv = [NAME]
    sys.dont_write_bytecode = True


def streams() -> None:
    """Standard streams as the interpreter makes them in a UTF-8 locale."""
    sys.stdin = sys.__stdin__ = open(0, encoding="utf-8", closefd=False)  # noqa: SIM115
    for name, fd, errors in (("stdout", 1, "strict"), ("stderr", 2, "backslashreplace")):
        raw = io.FileIO(fd, "w", closefd=False)
        buffered = fd == 1
        stream = io.TextIOWrapper(
            io.BufferedWriter(raw), encoding="utf-8", errors=errors, newline="\n", line_buffering=not buffered
        )
        stream.mode = "w"  # type: ignore[attr-defined]
        setattr(sys, name, stream)
        setattr(sys, f"__{name}__", stream)


def source(fd: int) -> bytes:
    """All of a file, wherever its position is: others read it too."""
    parts = []
    while part := os.pread(fd, 1 << 20, sum(map(len, parts))):
        parts.append(part)
    os.close(fd)
    return b"".join(parts)


def run(fd: int) -> None:
    """Run the program in `fd` to its end, as `python main.py` would, and leave the process."""
    streams()
    main = types.ModuleType("__main__")
    main.__dict__.update(__builtins__=builtins, __file__=NAME)
    sys.modules["__main__"] = main
    gc.enable()
    status = 0
    try:
        exec(compile(source(fd), NAME, "exec", dont_inherit=True), main.__dict__)
    except BaseException as error:
        status = ended(error)
    try:
        threading._shutdown()  # type: ignore[attr-defined]
    except BaseException as error:
        ended(error)
    atexit._run_exitfuncs()
    status = flushed(status)
    forget(main.__dict__)
    flushed(status)
    os._exit(status)


def forget(names: dict[str, object]) -> None:
    """Let go of the program's objects in the interpreter's order: their ends may write, as an open file's does."""
    for private in (True, False):
        for name in list(names):
            if name.startswith("_") is private and name != "__builtins__":
                names[name] = None
    gc.collect()


def ended(error: BaseException) -> int:
    """The status of a program that an exception ended, which is reported as the interpreter does."""
    if isinstance(error, SystemExit):
        if error.code is None or isinstance(error.code, int):
            code = error.code or 0
            return (code if abs(code) < 1 << 63 else -1) & 0xFF
        print(error.code, file=sys.stderr)
        return 1
    here = error.__traceback__
    error.__traceback__ = here and here.tb_next  # without the frame of `run`
    try:
        sys.excepthook(type(error), error, error.__traceback__)
    except SystemExit as leaving:
        return ended(leaving)
    except BaseException as failure:
        sys.__excepthook__(type(failure), failure, failure.__traceback__)
    return 1


def flushed(status: int) -> int:
    """Write what is buffered; the status is 120 where that fails, as the interpreter's."""
    for name in ("stdout", "__stdout__", "stderr"):
        stream = getattr(sys, name, None)
        try:
            if stream is not None and not getattr(stream, "closed", False):
                stream.flush()
        except BaseException as error:
            if name == "stdout":
                print(f"Exception ignored in: {type(stream).__name__}\n{error!r}", file=sys.stderr)
                status = status or 120
    return status
