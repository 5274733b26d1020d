"""Every kernel beside eager PyTorch, torch.compile and the best library at hand, with the share of the roofline.

What is measured is in `_kernel_cases.py` (operator by operator), `_kernel_rivals.py` (libraries) and `_kernel_steps.py`
(a training step and a step of decoding, kernels on and off). Three sets of shapes:

- `zaya1-8b`, in bf16: needs a GPU, and is what is measured where there is one;
- `small`, in fp32 on one thread of a CPU, at the quickstart's shapes: the operators' references beside plain PyTorch.
  It says nothing of the kernels;
- `tiny`: everything that a GPU would run, kernels in Triton's interpreter. Its times mean nothing; that it ends without
  a failure does.

    [TRITON_INTERPRET=1] python benchmarks/kernels.py [--shapes tiny] [--only router cca] [--tokens 4096 65536]
"""

from __future__ import annotations

import argparse
import importlib.metadata
import json
import os
import platform
import statistics
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import torch
from rich.console import Console
from rich.table import Table
from torch import Tensor

from whetstone.kernels import dispatch

sys.path.append(str(Path(__file__).parent))  # behind all else, since `math.py` there has taken the folder off the path

import _kernel_cases as cases
import _kernel_steps as end_to_end
from _kernel_cases import OURS, Case, Sizes

sys.path.pop()  # Transformers would take this file for a package of its name

# Dense bf16 matrix products (flop/s) and memory (bytes/s), as the vendors state them.
ROOFS = {"H100": (989e12, 3.35e12), "H200": (989e12, 4.8e12), "MI300X": (1307e12, 5.3e12), "MI355X": (2500e12, 8.0e12)}
SHAPES = {
    "zaya1-8b": Sizes(),
    "small": Sizes(
        *("cpu", torch.float32, "", 96, 8, 96, 32, 4, 2, 32, 512),
        **{"tokens": (300, 1200, 4000), "decode": (1, 32), "context": 256, "page": 16, "layers": 3, "prompt": 64},
    ),
    "tiny": Sizes(
        *("cpu", torch.float32, "eager", 32, 2, 32, 16, 2, 1, 16, 40),
        **{"tokens": (8,), "decode": (2,), "context": 32, "page": 16, "layers": 1, "prompt": 20, "repeats": 1},
    ),
}
SECTIONS = cases.SECTIONS | end_to_end.SECTIONS


@dataclass(frozen=True)
class Measurement:
    """One contender of a case. Times are in milliseconds; None where it failed, and `failure` says why.

    `differs` is the largest relative difference (of norms) of its results from ours, None where they have other shapes.
    """

    operator: str
    shape: str
    contender: str
    fastest: float | None = None
    median: float | None = None
    slowest: float | None = None
    peak_mib: float | None = None  # memory above what was there before; on a GPU
    roof: float | None = None  # share of what the device could do at best, 0 to 1, where that is known
    differs: float | None = None
    failure: str = ""


def measured(case: Case, s: Sizes) -> Iterator[Measurement]:
    """Every contender of a case, each warmed up and compared with ours; on a CPU in turn, so that all meet the same."""
    failures: dict[str, str] = {}
    results = {name: attempt(name, call, failures) for name, call in case.contenders.items()}
    differences = {name: difference(result, results[OURS]) for name, result in results.items()}
    del results
    found: dict[str, list[float]] = {name: [] for name in case.contenders}
    peaks: dict[str, float] = {}
    for _ in range(1 if s.device == "cuda" else s.repeats):
        for name, call in case.contenders.items():
            if name in failures:
                continue
            clock = gpu_milliseconds if s.device == "cuda" else cpu_milliseconds
            if timed := attempt(name, lambda call=call, clock=clock: clock(call), failures):
                found[name] += timed[0]
                peaks[name] = timed[1]
    for name, times in found.items():
        if name in failures:
            yield Measurement(case.operator, case.shape, name, failure=failures[name])
        else:
            summary = min(times), statistics.median(times), max(times)
            share = best_milliseconds(case, s) / summary[0] or None
            peak = peaks[name] if s.device == "cuda" else None
            yield Measurement(case.operator, case.shape, name, *summary, peak, share, differences[name])


def attempt(name: str, call: Callable[[], Any], failures: dict[str, str]) -> Any:
    """`call()`; if it fails, None and a note in `failures`.

    Any exception is caught: a contender may be anybody's code, run out of memory or refuse a shape, and the others are
    to be measured all the same.
    """
    try:
        return call()
    except Exception as error:
        failures[name] = (f"{type(error).__name__}: {error}".splitlines() or [""])[0][:200]
        return None


@torch.no_grad()
def difference(found: Any, ours: Any) -> float | None:
    """The largest over all floating results; None where they are not the same set."""
    a, b = (floats(result) for result in (found, ours))
    if not a or [t.shape for t in a] != [t.shape for t in b]:
        return None
    pairs = zip(a, b, strict=True)
    return max(float((x.float() - y.float()).norm() / y.float().norm().clamp(min=1e-30)) for x, y in pairs)


def floats(result: Any) -> list[Tensor]:
    parts = [result] if isinstance(result, Tensor) else result or ()
    return [part for part in parts if isinstance(part, Tensor) and part.is_floating_point()]


def cpu_milliseconds(call: Callable[[], Any]) -> tuple[list[float], float]:
    started = time.perf_counter()
    call()
    return [(time.perf_counter() - started) * 1e3], 0.0


def gpu_milliseconds(call: Callable[[], Any]) -> tuple[list[float], float]:
    """Times by events, with a cold L2 cache; and the peak of memory in MiB."""
    from triton.testing import do_bench

    torch.cuda.synchronize()
    before = torch.cuda.memory_allocated()
    torch.cuda.reset_peak_memory_stats()
    call()
    torch.cuda.synchronize()
    peak = (torch.cuda.max_memory_allocated() - before) / 2**20
    times: Any = do_bench(call, warmup=50, rep=300, return_mode="all")
    return times, peak


def best_milliseconds(case: Case, s: Sizes) -> float:
    """What the device would need at its roofline; 0 where that is not known."""
    name = torch.cuda.get_device_name() if s.device == "cuda" else ""
    for chip, (flops, bandwidth) in ROOFS.items():
        if chip in name:
            return 1e3 * max(case.flops / flops, case.traffic / bandwidth)
    return 0.0


def show(found: Sequence[Measurement]) -> None:
    columns = "shape", "contender", "fastest, ms", "median to slowest", "ours is", "peak MiB", "roofline", "differs"
    table = Table(*columns, title=found[0].operator)
    for x in found:
        if x.fastest is None:
            table.add_row(x.shape, x.contender, "failed", x.failure)
            continue
        ours = next(y for y in found if (y.shape, y.contender) == (x.shape, OURS)).fastest
        times = "" if x.contender == OURS or ours is None else f"{x.fastest / ours:.2f}x as fast"
        peak = "" if x.peak_mib is None else f"{x.peak_mib:,.0f}"
        roof = "" if x.roof is None else f"{x.roof:.0%}"
        differs = "" if x.differs is None or x.contender == OURS else f"{x.differs:.0e}"
        span = f"{x.median:.3f} to {x.slowest:.3f}"
        table.add_row(x.shape, x.contender, f"{x.fastest:.3f}", span, times, peak, roof, differs)
    Console(width=160).print(table)


def versions() -> dict[str, str]:
    packages = "torch", "triton", "transformers", "liger-kernel", "flash-linear-attention", "fla-core", "flash-attn"
    installed = {d.metadata["Name"] for d in importlib.metadata.distributions()}
    found = {name: importlib.metadata.version(name) for name in packages if name in installed}
    return {"python": platform.python_version(), **found, "gpu": torch.version.cuda or torch.version.hip or "none"}


def head(shapes: str, s: Sizes, command: Sequence[str]) -> dict[str, Any]:
    """What a report says before its measurements."""
    notes = {"zaya1-8b": "", "small": "the references on a CPU at small shapes; no kernel was run"}
    return {
        "command": " ".join(["python", "benchmarks/kernels.py", *command]),
        "device": torch.cuda.get_device_name() if s.device == "cuda" else f"{platform.machine()}, 1 thread",
        "note": notes.get(shapes, "kernels in Triton's interpreter: times mean nothing"),
        "load": os.getloadavg()[0],  # processes that wanted a core in the minute before: times mean little above 1
        "versions": versions(),
        "sizes": asdict(s) | {"dtype": str(s.dtype)},
        "measurements": [],
    }


def main(argv: Sequence[str] | None = None) -> int:
    """0, or 1 where one of our own operators failed."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    usual = "zaya1-8b" if torch.cuda.is_available() else "small"
    parser.add_argument("--shapes", choices=SHAPES, default=usual, help=f"here usually {usual}")
    parser.add_argument("--only", nargs="+", choices=SECTIONS, default=list(SECTIONS), help="what to measure")
    parser.add_argument("--tokens", type=int, nargs="+", help="tokens of a training step, instead of the usual sizes")
    parser.add_argument("--repeats", type=int, help="timed rounds on a CPU, after one that is not")
    parser.add_argument("--out", type=Path, default=Path(__file__).parent / "results" / "kernels.json")
    arguments = parser.parse_args(argv)
    if arguments.shapes == "zaya1-8b" and not torch.cuda.is_available():
        parser.error("the shapes of ZAYA1-8B need a GPU, and PyTorch sees none; choose --shapes small or tiny")
    if arguments.shapes == "tiny":
        if os.environ.get("TRITON_INTERPRET") != "1":
            parser.error("the tiny shapes are for Triton's interpreter; set TRITON_INTERPRET=1 before Python starts")
        os.environ[dispatch.VARIABLE] = "triton"
    torch.set_num_threads(1)
    torch.manual_seed(0)
    s = SHAPES[arguments.shapes]
    s = replace(s, tokens=tuple(arguments.tokens or s.tokens), repeats=arguments.repeats or s.repeats)
    report = head(arguments.shapes, s, sys.argv[1:] if argv is None else argv)
    Console().print(report["note"])
    arguments.out.parent.mkdir(parents=True, exist_ok=True)
    for operator in arguments.only:
        found = [x for case in SECTIONS[operator](s) for x in measured(case, s)]
        show(found)
        report["measurements"] += [asdict(x) for x in found]
        arguments.out.write_text(json.dumps(report, indent=2) + "\n", encoding="utf-8")  # after each: may be stopped
    Console().print(f"wrote {arguments.out}")
    return int(any(x["contender"] == OURS and x["failure"] for x in report["measurements"]))


if __name__ == "__main__":
    sys.exit(main())
