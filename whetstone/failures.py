"""The one place where an error becomes a sentence on stderr and an exit status.

Status 1: something failed. 2: what was asked cannot be done. 130: interrupted. Errors that are none of the known kinds
are bugs of ours: they keep their traceback.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import typer

from whetstone.envs.catalog import BrokenTask, UnknownTask
from whetstone.envs.suites import UnknownSuite
from whetstone.files import RunError

EXTRAS = {
    "bitsandbytes": "quantized",
    "datasets": "data",
    "openenv": "openenv",
    "peft": "lora",
    "ray": "ray",
    "reasoning_gym": "reasoning-gym",
    "starlette": "serve",
    "uvicorn": "serve",
    "vllm": "vllm",
}


@dataclass
class Session:
    """What a command tells the place that reports failures."""

    debug: bool = False
    run: Path | None = None  # the folder that the command is writing, once it is open
    again: str | None = None  # the command that goes on with it


@contextmanager
def reported(session: Session) -> Iterator[None]:
    """Report what the block raises and leave with the status of its kind; with `session.debug`, let it pass."""
    try:
        yield
    except KeyboardInterrupt:
        _say("interrupted", session)
        raise typer.Exit(130) from None
    except Exception as error:  # the supervisor of every command: what it does not know, it lets pass
        known = None if session.debug else _explain(error)
        if known is None:
            raise
        status, sentence = known
        _say(sentence, session)
        raise typer.Exit(status) from None


def _explain(error: Exception) -> tuple[int, str] | None:
    """The exit status and the sentence of a known error, None for any other."""
    match error:
        case BrokenTask() | RunError():
            return 1, str(error)
        case UnknownTask() | UnknownSuite():
            return 2, str(error)
        case ModuleNotFoundError(name=str(name)) if not name.startswith("whetstone"):
            extra = EXTRAS.get(name.partition(".")[0], "train")
            return 1, f"this command needs the package {name!r}; install it with: pip install 'whetstone[{extra}]'"
        case FileNotFoundError(filename=str(name)):
            return 2, f"there is no file {name}"
        case BrokenPipeError():  # whoever read our output has seen enough; typer leaves quietly
            return None
        case OSError(strerror=str(reason), filename=name):
            return 1, f"{name}: {reason}" if name else reason
        case ValueError():
            return 2, str(error)
    return None


def _say(sentence: str, session: Session) -> None:
    print(f"whetstone: {sentence}", file=sys.stderr)
    if session.run is not None:
        again = session.again or f"whetstone train --resume {session.run}"
        print(f"whetstone: results so far are in {session.run}; continue with `{again}`", file=sys.stderr)
