"""What the engine's memory grows by, beside what the arithmetic of its cache says.

For each workload a fresh process writes all sequences at once and reads its resident memory before, at the most and at
the end. Before, the engine has written one token, so that what it derives from the weights is there; that is as large
as the policy, whatever is written. The process has the C library give freed memory back at once; else what prompts
took while they were run, and gave back, would count as the cache's.

    python benchmarks/rollout_memory.py [--out benchmarks/results/rollout_memory.json]
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import resource
import subprocess
import sys
from pathlib import Path

import numpy as np
import torch
from rich.console import Console
from rich.table import Table

from whetstone.policy.config import zaya_config
from whetstone.policy.model import ZayaPolicy, initialise
from whetstone.rollout.engine import Engine
from whetstone.rollout.engine.cache import Cache
from whetstone.rollout.types import Request, Sampling

WORKLOADS = ((64, 1024, 1024), (128, 512, 1024), (128, 48, 1000))  # sequences, prompt tokens, new tokens
VOCAB, NEVER, BLOCK = 512, -1, 32
RETURNING = {"MALLOC_MMAP_THRESHOLD_": "65536", "MALLOC_TRIM_THRESHOLD_": "65536", "OMP_NUM_THREADS": "1"}


class Numbers:
    """Prompts are token ids; nothing is decoded."""

    def encode(self, text: str) -> list[int]:
        raise NotImplementedError(f"prompts are token ids here, not {text!r}")

    def decode(self, tokens: object) -> str:
        return ""


def resident() -> int:
    return int(Path("/proc/self/statm").read_text().split()[1]) * resource.getpagesize()


def measure(sequences: int, prompt: int, new: int) -> dict[str, float]:
    """Bytes: of the cache, of states and known prompts, both by arithmetic; and what the memory grew by."""
    torch.set_num_threads(1)
    policy = initialise(ZayaPolicy(zaya_config(vocab_size=VOCAB, max_positions=4096)), seed=0).eval()
    rng = np.random.default_rng(0)

    def requests(new: int) -> list[Request]:
        shape = (sequences, prompt)
        return [
            Request(tuple(row), Sampling(new), 1, i) for i, row in enumerate(rng.integers(3, VOCAB, shape).tolist())
        ]

    Engine(policy, Numbers(), stop=NEVER, rows=sequences).generate(requests(2))  # libraries take memory of their own
    engine = Engine(policy, Numbers(), stop=NEVER, rows=sequences)
    engine.generate([Request((3,), Sampling(1))])
    first = int(engine.metrics()["cache_bytes"])
    wanted = requests(new)
    before = most = resident()
    for request in wanted:
        engine.add(request)
    while engine.unfinished:
        engine.step()
        most = max(most, resident())
    config, dtype = policy.config, torch.float32
    positions = -(-(prompt + new) // BLOCK) * BLOCK
    cache = sequences * positions * Cache.bytes_per_position(config, dtype) - first
    states = sequences * (1 + prompt // BLOCK) * Cache.bytes_per_state(config, dtype)
    return {
        "sequences": sequences,
        "prompt": prompt,
        "new": new,
        "cache": cache,
        "states": states,
        "grown": resident() - before,
        "grown_most": most - before,
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--out", type=Path, default=Path(__file__).parent / "results" / "rollout_memory.json")
    parser.add_argument("--one", nargs=3, type=int, help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.one:
        return print(json.dumps(measure(*arguments.one)))
    found = []
    for workload in WORKLOADS:
        command = [sys.executable, __file__, "--one", *map(str, workload)]
        run = subprocess.run(command, env=os.environ | RETURNING, stdout=subprocess.PIPE, text=True, check=True)
        found.append(json.loads(run.stdout))
    table = Table("sequences", "prompt", "new", "cache", "states", "grown by", "at the most", "over the arithmetic")
    for x in found:
        said = x["cache"] + x["states"]
        counts = (f"{x[name]:,}" for name in ("sequences", "prompt", "new"))
        sizes = (f"{x[name] / 1e6:.1f} MB" for name in ("cache", "states", "grown", "grown_most"))
        table.add_row(*counts, *sizes, f"{x['grown'] / said - 1:+.1%} ({x['grown_most'] / said - 1:+.1%})")
    Console(width=120).print(table)
    versions = {"python": platform.python_version(), "torch": torch.__version__}
    arguments.out.write_text(
        json.dumps({"versions": versions, "measurements": found}, indent=2) + "\n", encoding="utf-8"
    )


if __name__ == "__main__":
    main()
