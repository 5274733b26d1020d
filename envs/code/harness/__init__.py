"""Programs of ours that run in the sandbox around a program of another's, which they get as data."""

from __future__ import annotations

from pathlib import Path

from whetstone.envs.code.sandbox.types import Program

FOLDER = Path(__file__).parent


def around(source: str, file: str, function: str, *arguments: object) -> Program:
    """The Python program that calls `function` of `file` on `source`, further arguments behind it."""
    call = f"{function}({', '.join(map(ascii, (source, *arguments)))})"
    return Program("python", f"{(FOLDER / file).read_text(encoding='utf-8')}\n\n{call}\n")
