"""Does every kernel build for, and fit on, chips that are not here? `whetstone kernels check sm_90 gfx942 gfx950`.

It shows that the binaries exist and fit, and use the matrix units without spilling. It does not show that they are
right (the interpreter tests do) or fast (only a GPU does).
"""

import argparse
import dataclasses
import importlib.util
import json
import os
import subprocess
import sys
from collections.abc import Sequence

from whetstone.kernels import vendor


@dataclasses.dataclass(frozen=True)
class Row:
    """One compiled binary."""

    target: str
    kernel: str  # operator.kernel
    form: str  # dtype and options of the call
    config: str  # tile, warps, stages
    registers: int  # a thread's vector registers
    spills: int  # registers (AMD) or bytes (NVIDIA) of a thread spilled to memory
    shared: int  # bytes of shared memory of a block
    threads: int  # of a block
    instructions: int  # in the assembly (amdgcn, PTX)
    matrix: int  # of those, matrix instructions
    faults: list[str] = dataclasses.field(default_factory=list)


class CheckError(RuntimeError):
    """The kernels could not be compiled at all."""


def check(targets: Sequence[str]) -> list[Row]:
    """Compile every kernel in every form and configuration for each target (names of `vendor.CHIPS`).

    Each target has its own process, without TRITON_INTERPRET. Raises ValueError for an unknown target and CheckError,
    with the compiler's words, where compilation stops.
    """
    for target in targets:
        if target not in vendor.CHIPS:
            raise ValueError(f"unknown target {target!r}; known: {', '.join(vendor.CHIPS)}")
    if importlib.util.find_spec("triton") is None:
        raise CheckError("Triton is not installed; install whetstone[kernels]")
    return [row for target in targets for row in _compile(target)]


def _compile(target: str) -> list[Row]:
    environment = {name: value for name, value in os.environ.items() if name != "TRITON_INTERPRET"}
    command = [sys.executable, "-m", "whetstone.kernels.dryrun", target]
    run = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    if run.returncode:
        raise CheckError(f"compiling for {target} stopped (exit status {run.returncode}):\n{run.stderr.strip()}")
    return [Row(**json.loads(line)) for line in run.stdout.splitlines()]


COLUMNS = ("target", "kernel", "form", "config", "registers", "spills", "shared", "threads", "instructions", "matrix")


def table(rows: Sequence[Row]) -> str:
    """The rows as aligned text, each fault on a line under its row."""
    cells = [COLUMNS, *(tuple(str(getattr(row, name)) for name in COLUMNS) for row in rows)]
    widths = [max(map(len, column)) for column in zip(*cells, strict=True)]
    lines = ["  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip() for line in cells]
    faults = [[], *([f"  FAULT: {fault}" for fault in row.faults] for row in rows)]
    return "\n".join(text for line, below in zip(lines, faults, strict=True) for text in (line, *below))


def main(argv: Sequence[str] | None = None) -> int:
    """Print the table; 0 where all is well, 1 on a fault, 2 where the check could not be made."""
    parser = argparse.ArgumentParser(prog="whetstone kernels check", description=__doc__)
    parser.add_argument("targets", nargs="*", default=list(vendor.CHIPS), help=f"of {', '.join(vendor.CHIPS)}")
    targets = parser.parse_args(argv).targets
    print(f"compiling for {', '.join(targets)}: about a minute each, seconds once cached", file=sys.stderr)
    try:
        rows = check(targets)
    except (ValueError, CheckError) as error:
        print(error, file=sys.stderr)
        return 2
    faulty = sum(bool(row.faults) for row in rows)
    print(table(rows))
    print(f"{len(rows)} binaries, {faulty} with a fault")
    return 1 if faulty else 0


if __name__ == "__main__":
    sys.exit(main())
