"""Compiles every kernel of every operator for an absent GPU, through the operators' own host code.

A driver that reports the absent chip and launches nothing is set as Triton's active driver; the operators are then
called on CPU tensors. Each launch compiles for the chip with the specialisation a real call would get, and the
autotuner, whose benchmark here runs each candidate once, compiles all of them. A listener takes every binary.

Run as a module in a process of its own (`check.py` does): under TRITON_INTERPRET Triton compiles nothing, and binaries
already compiled for one chip would hide those of the next. Prints one JSON object a line.
"""

import dataclasses
import importlib
import json
import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import triton
from triton import knobs
from triton.backends.compiler import GPUTarget

from whetstone.kernels import vendor
from whetstone.kernels.check import Row

AMD_INSTRUCTION = re.compile(r"^\s+(?:v|s|ds|buffer|global|flat|scratch)_\w+", re.MULTILINE)
NVIDIA_INSTRUCTION = re.compile(r"^\s+(?:@!?%p\d+\s+)?[a-z][\w.:]*\s[^;]*;", re.MULTILINE)


class AbsentDriver:
    """What Triton asks of a driver between a call of a kernel and its launch. A private interface: pinned by test."""

    def __init__(self, chip: vendor.Chip):
        self.target = GPUTarget(chip.backend, chip.arch, chip.warp_size)
        # The limit is ours to report, with the figure; Triton would stop at the first.
        properties = {"max_shared_mem": 1 << 30, "multiprocessor_count": 128, "warpSize": chip.warp_size}
        self.utils = SimpleNamespace(
            get_device_properties=lambda device: properties,
            load_binary=lambda name, binary, shared, device: (None, None, 0, 0, vendor.MAX_THREADS),
        )
        self.launcher_cls = lambda source, metadata: lambda *args, **kwargs: None

    def get_current_target(self) -> GPUTarget:
        """The absent chip."""
        return self.target

    def get_current_device(self) -> int:
        """There is one."""
        return 0

    def get_current_stream(self, device: int) -> int:
        """The default stream."""
        return 0

    def get_benchmarker(self) -> Callable[..., list[float]]:
        """A benchmark that runs each candidate once and prefers none."""

        def run_once(call: Callable[[], None], quantiles: Any = None, **_: Any) -> list[float]:
            call()
            return [0.0] * 3

        return run_once


def operators() -> list[str]:
    """Names of the folders beside this file that hold a Triton implementation."""
    return sorted(path.parent.name for path in Path(__file__).parent.glob("*/triton.py"))


def compile_all(target: str) -> Iterator[Row]:
    """One row for every binary that the operators' host code makes for `target`."""
    chip = vendor.CHIPS[target]
    compiled: list[dict[str, Any]] = []
    knobs.compilation.listener = lambda **event: compiled.append(event)
    triton.runtime.driver.set_active(AbsentDriver(chip))  # type: ignore[arg-type]
    for operator in operators():
        for form, launch in importlib.import_module(f"whetstone.kernels.{operator}.triton").launches("cpu"):
            compiled.clear()
            launch()
            for event in compiled:
                yield inspect(target, chip, operator, form, event)


def inspect(target: str, chip: vendor.Chip, operator: str, form: str, event: dict[str, Any]) -> Row:
    """Read one binary's resources and judge them."""
    source, metadata = event["src"], event["metadata"]
    files = {Path(path).suffix[1:]: Path(path) for path in event["metadata_group"].values()}
    constants = {source.fn.arg_names[path[0]]: value for path, value in source.constants.items()}
    tiles = [str(value) for name, value in constants.items() if name.startswith("BLOCK_")]
    binary = files["cubin" if chip.backend == "cuda" else "hsaco"]
    registers, spills, assembly, pattern = (nvidia if chip.backend == "cuda" else amd)(files)
    row = Row(
        target=target,
        kernel=f"{operator}.{source.fn.__name__}",
        form=form,
        config=f"{'x'.join(tiles)} w{metadata['num_warps']} s{metadata['num_stages']}",
        registers=registers,
        spills=spills,
        shared=metadata["shared"],
        threads=metadata["num_warps"] * chip.warp_size,
        instructions=len(pattern.findall(assembly)),
        matrix=len(re.findall(chip.matrix, assembly)),
    )
    is_elf = binary.read_bytes()[:4] == b"\x7fELF"
    return dataclasses.replace(row, faults=faults(row, chip, is_elf, "tt.dot" in files["ttir"].read_text()))


def faults(row: Row, chip: vendor.Chip, is_elf: bool, has_dot: bool) -> list[str]:
    """What is wrong with a binary, in words; empty when it can run as meant."""
    checks = [
        (is_elf, "the binary is not an ELF file"),
        (row.shared <= chip.shared_bytes, f"shared memory {row.shared} B; the chip has {chip.shared_bytes} B"),
        (row.threads <= vendor.MAX_THREADS, f"{row.threads} threads; a block may have {vendor.MAX_THREADS}"),
        (row.spills == 0, f"{row.spills} vector registers or bytes spilled; use a smaller tile or more warps"),
        (row.matrix > 0 or not has_dot, f"a dot, but no matrix instruction ({chip.matrix})"),
    ]
    return [message for holds, message in checks if not holds]


def amd(files: dict[str, Path]) -> tuple[int, int, str, re.Pattern[str]]:
    """Vector registers and spills as the assembler's own notes state them."""
    assembly = files["amdgcn"].read_text()

    def note(name: str) -> int:
        return int(re.findall(rf"\.{name}:\s+(\d+)", assembly)[0])

    return note("vgpr_count"), note("vgpr_spill_count"), assembly, AMD_INSTRUCTION


def nvidia(files: dict[str, Path]) -> tuple[int, int, str, re.Pattern[str]]:
    """Registers and stack as cuobjdump states them: a kernel has a stack only for what it spills.

    Instructions are those of the PTX: to disassemble the machine code takes longer than to compile it.
    """
    command = [knobs.nvidia.cuobjdump.path, "--dump-resource-usage", str(files["cubin"])]
    usage = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    registers, stack = (int(re.findall(rf"\b{name}:(\d+)", usage)[0]) for name in ("REG", "STACK"))
    return registers, stack, files["ptx"].read_text(), NVIDIA_INSTRUCTION


if __name__ == "__main__":
    for row in compile_all(sys.argv[1]):
        print(json.dumps(dataclasses.asdict(row)), flush=True)
