"""Host memory and time of loading and saving a checkpoint, side by side with Transformers, on a scaled ZAYA1-8B.

The checkpoint is ZAYA1's shape with fewer, narrower layers, written in shards; each way of loading it runs in a process
of its own, several times in turn. Memory is the process's peak of resident memory over what it held before, until every
weight has been read once: what is mapped from a file counts then. The target is 1.2 times the size of the loaded model
(8.84 B parameters: 17.7 GB in bf16).

    python benchmarks/checkpoint.py [--gb 0.8] [--repeats 3] [--out benchmarks/results/checkpoint.json]
"""

from __future__ import annotations

import argparse
import json
import platform
import statistics
import subprocess
import sys
import tempfile
import time
from importlib.metadata import version
from pathlib import Path
from typing import Any

import torch
from rich.console import Console
from rich.table import Table

SHARDS = 4
WAYS = ("load", "load, widened to fp32", "save", "Transformers: load")


def make(folder: Path, gigabytes: float) -> int:
    """Write the checkpoint in bf16 and return the bytes of its parameters."""
    from whetstone.policy.checkpoint import save_policy
    from whetstone.policy.config import zaya_config
    from whetstone.policy.model import ZayaPolicy, initialise
    from whetstone.policy.tokenizer import TextTokenizer

    tokenizer = TextTokenizer.train(["Sort: 3 1 2"], 270)
    sizes: dict[str, Any] = {"hidden_size": 512, "heads": 4, "head_dim": 128, "experts": 16, "expert_size": 512}
    layer = 16 * 3 * 512 * 512 * 2  # bytes of a layer's experts, nine tenths of it
    layers = max(1, round(gigabytes * 1e9 / layer))
    config = zaya_config(vocab_size=len(tokenizer), layers=layers, router_size=64, **sizes)
    policy = initialise(ZayaPolicy(config), seed=0)
    policy.load_state_dict({n: p.bfloat16() for n, p in policy.named_parameters()}, strict=False, assign=True)
    policy.lm_head.weight = policy.model.embed_tokens.weight
    size = sum(parameter.nbytes for parameter in policy.parameters())
    save_policy(policy, tokenizer, folder, shard=size // SHARDS)
    return size


def resident(field: str) -> int:
    """This process's memory in bytes: VmRSS now, VmHWM at its highest since `forget`."""
    lines = Path("/proc/self/status").read_text(encoding="utf-8").splitlines()
    return next(int(line.split()[1]) * 1024 for line in lines if line.startswith(f"{field}:"))


def forget() -> None:
    """Let VmHWM start again from now."""
    Path("/proc/self/clear_refs").write_text("5", encoding="utf-8")


def child(way: str, folder: Path) -> dict[str, Any]:
    """Do it once, and what it took."""
    import transformers
    from transformers import AutoModelForCausalLM

    from whetstone.policy.checkpoint import load_policy, save_policy

    transformers.logging.set_verbosity_error()
    transformers.logging.disable_progress_bar()
    policy, tokenizer = load_policy(folder) if way == "save" else (None, None)
    forget()
    before, started = resident("VmRSS"), time.perf_counter()
    if policy is not None and tokenizer is not None:
        with tempfile.TemporaryDirectory(dir=folder.parent) as out:
            save_policy(policy, tokenizer, Path(out), shard=sum(p.nbytes for p in policy.parameters()) // SHARDS)
        size = sum(parameter.nbytes for parameter in policy.parameters())
    else:
        if way == "Transformers: load":
            model = AutoModelForCausalLM.from_pretrained(str(folder), dtype=torch.bfloat16)
        else:
            model, _ = load_policy(folder, torch.float32 if "fp32" in way else torch.bfloat16)
        size = sum(parameter.nbytes for parameter in model.parameters())
        for parameter in model.parameters():  # in use: what is mapped from a file counts once it is read
            parameter.detach().amax()
    return {"seconds": time.perf_counter() - started, "bytes": resident("VmHWM") - before, "model": size}


def measure(folder: Path, repeats: int) -> dict[str, list[dict[str, Any]]]:
    found: dict[str, list[dict[str, Any]]] = {way: [] for way in WAYS}
    for _ in range(repeats):
        for way in WAYS:
            command = [sys.executable, __file__, "--child", way, str(folder)]
            run = subprocess.run(command, capture_output=True, text=True, check=True)
            found[way].append(json.loads(run.stdout))
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--gb", type=float, default=0.8, help="size of the checkpoint in bf16, in 1e9 bytes")
    parser.add_argument("--repeats", type=int, default=3, help="processes of each way")
    parser.add_argument("--out", type=Path, default=Path(__file__).parent / "results" / "checkpoint.json")
    parser.add_argument("--child", nargs=2, metavar=("WAY", "FOLDER"), help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    torch.set_num_threads(1)
    if arguments.child:
        print(json.dumps(child(arguments.child[0], Path(arguments.child[1]))))
        return
    with tempfile.TemporaryDirectory() as scratch:
        size = make(Path(scratch) / "checkpoint", arguments.gb)
        found = measure(Path(scratch) / "checkpoint", arguments.repeats)
    table = Table("", "model GB", "memory / model", "seconds (median)")
    rows = {}
    for way, runs in found.items():
        ratio = max(run["bytes"] for run in runs) / runs[0]["model"]
        seconds = statistics.median(run["seconds"] for run in runs)
        rows[way] = {"model_bytes": runs[0]["model"], "memory_over_model": ratio, "seconds": seconds, "runs": runs}
        table.add_row(way, f"{runs[0]['model'] / 1e9:.2f}", f"{ratio:.3f}", f"{seconds:.2f}")
    Console(width=120).print(table)
    report = {
        "command": " ".join(["python", *sys.argv]),
        "device": f"{platform.processor() or platform.machine()}, 1 thread",
        "versions": {name: version(name) for name in ("torch", "transformers", "safetensors")},
        "checkpoint_bytes": size,
        "shards": SHARDS,
        "ways": rows,
    }
    arguments.out.write_text(json.dumps(report, indent=1) + "\n", encoding="utf-8")
    Console().print(f"wrote {arguments.out}")


if __name__ == "__main__":
    main()
