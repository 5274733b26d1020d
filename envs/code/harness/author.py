"""Runs a checker or an interactor, which an author wrote, on what a submission wrote. Runs in the sandbox.

The text of this file, followed by a call of `check` or `interact`, is the program. The author's source is data, and so
is the submission's output. Inside it `int` and `float` read one spelling of a number: `0_6`, `+6`, `06`, `nan` and
`inf` raise `ValueError`, as `int("x")` does, and a `ValueError` means that the submission is wrong.
"""

import builtins
import math
import os
import re
import sys
import traceback
from types import ModuleType

DIGITS = 4300  # of an integer read from text, Python's own limit: reading takes time in the square of it
LEFT = 3  # exit status of an interactor to which the submission spoke no more
FAILED = 4  # exit status of an interactor that failed by its own fault


class BetterThanReference(Exception):
    """A submission's output is right and beats the reference's: the reference is wrong."""


class Strict(type):
    """Builds a number of `kind` as usual, but from a text only if it is spelt as `form` says."""

    def __call__(cls, *args, **keywords):
        text = args[0] if len(args) == 1 and isinstance(args[0], str) else None
        spelt = text is None or cls.form.fullmatch(text.strip(" \t\r\n"))
        number = cls.kind(*args, **keywords) if spelt else math.inf
        if text is not None and abs(number) == math.inf:
            raise ValueError(f"expected {cls.what}, found {text[:40]!a}")
        return number

    def __instancecheck__(cls, value):
        return isinstance(value, cls.kind)

    def __getattr__(cls, name):
        return getattr(cls.kind, name)


class Integer(metaclass=Strict):
    """`int`, from text in its usual spelling."""

    kind, what = builtins.int, "an integer"
    form = re.compile(r"-?[1-9][0-9]*|0")


class Float(metaclass=Strict):
    """`float`, from text of finite decimal numbers."""

    kind, what = builtins.float, "a decimal number"
    form = re.compile(r"-?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][+-]?[0-9]{1,4})?")


def loaded(source: str, name: str) -> dict:
    """The names that the author's source defines."""
    module = ModuleType(name)
    sys.modules[name] = module
    names = module.__dict__
    names.update(int=Integer, float=Float, BetterThanReference=BetterThanReference)
    exec(compile(source, f"{name}.py", "exec"), names)
    return names


def check(source: str) -> None:
    """Judge the output on standard input; writes `accepted`, or `wrong` or `better` and a reason, and nothing else."""
    channel = os.dup(1)
    os.dup2(2, 1)
    sizes = [builtins.int(size) for size in sys.stdin.buffer.readline().split()]
    texts = [sys.stdin.buffer.read(size).decode() for size in sizes]
    longest = max(map(len, (texts[0] + " " + texts[2]).split()), default=0)
    sys.set_int_max_str_digits(max(DIGITS, longest + 1))
    verdict = "accepted"
    try:
        if loaded(source, "checker")["check"](*texts) is not None:
            raise TypeError("check returned a value: expected None, or ValueError for a wrong output")
    except ValueError as error:
        verdict = f"wrong\n{error}"
    except BetterThanReference as error:
        verdict = f"better\n{error}"
    os.write(channel, verdict[:400].encode("ascii", "backslashreplace"))


def interact(source: str) -> None:
    """Run an interactor: its own status; 1 where the submission said what it may not, `LEFT` where it was gone."""
    sys.set_int_max_str_digits(DIGITS)
    status = 0
    try:
        loaded(source, "__main__")
        sys.stdout.flush()
    except SystemExit as end:
        status = end.code if isinstance(end.code, builtins.int) else builtins.int(end.code is not None)
        if isinstance(end.code, str):
            print(end.code, file=sys.stderr)
    except ValueError as error:
        print(error, file=sys.stderr)
        status = 1
    except (EOFError, ConnectionError):
        status = LEFT
    except BaseException:  # the supervisor of an author's program: whatever it raised, the submission did not
        traceback.print_exc()
        status = FAILED
    try:
        sys.stdout.flush()
    except ConnectionError:  # the submission has left without reading the last word
        os.dup2(2, 1)
    sys.exit(status)
