"""What a sandbox is asked and what it answers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Language = Literal["python", "cpp"]
Tier = Literal["A", "B", "C", "D"]
Outcome = Literal["ok", "exit", "signal", "cpu", "wall", "memory", "output", "compile", "failed"]

MIB = 1 << 20


@dataclass(frozen=True, slots=True)
class Program:
    """A program in one file. It reads standard input and writes standard output."""

    language: Language
    source: str


@dataclass(frozen=True, slots=True)
class Limits:
    """What one execution may use. Only CPU time measures speed: a busy host must never fail a right program."""

    cpu: float = 2.0
    """Seconds of CPU time, all threads together."""
    wall: float = 30.0
    """Seconds of wall time after which a program that is *idle* is stopped; one that computes is left to `cpu`."""
    memory: int = 512 * MIB
    """Bytes of address space beyond what the interpreter itself takes: one total."""
    output: int = 16 * MIB
    """Bytes of standard output that are kept; more ends the program."""
    threads: int = 16
    """Threads at a time."""


@dataclass(frozen=True, slots=True)
class Execution:
    """What one execution did, as seen from outside it. Nothing in it is the program's own word but the two streams."""

    outcome: Outcome
    """ok; exit (status other than 0); signal; a limit: cpu, wall, memory, output; compile (refused by the compiler,
    its message in `stderr`); failed (the sandbox itself: says nothing about the program)."""
    stdout: bytes = b""
    stderr: bytes = b""
    """The first bytes of standard error, capped."""
    status: int | None = None
    """Exit status, or None when a signal ended the program."""
    signal: int | None = None
    cpu: float = 0.0
    """Seconds of CPU time used."""
    wall: float = 0.0
    """Seconds of wall time."""
    memory: int = 0
    """Bytes of peak resident memory."""
    tier: Tier = "D"
    """The confinement that was in force."""
    detail: str = ""
    """A sentence for a person, e.g. which limit was reached."""
