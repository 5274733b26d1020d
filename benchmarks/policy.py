"""Training steps of the policy and of `transformers.ZayaForCausalLM`: same weights, tokens and loss, in one process.

A step is forward, cross-entropy of every next token, and backward. Before anything is timed both losses are compared.
Equal sequences fill a rectangle. Ragged ones are packed by ours; Transformers pads them to the longest, once as they
come and once, as its best case, sorted by length in batches of a quarter. Only real tokens are counted. Every variant
runs in turn, so that a slow spell of the machine meets all. Peak memory is that of a process of its own. Where there
is a GPU, a stack of ZAYA1-8B's layers is measured in bf16, with its model-flops utilisation.

    python benchmarks/policy.py [--presets tiny small 100m] [--workloads equal ragged] [--threads 1 2] [--repeats 5]
        [--parts speed memory gpu]

What is not measured again is kept in benchmarks/results/policy.json.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import resource
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
import transformers
from rich.console import Console
from rich.table import Table
from torch import Tensor
from transformers import ZayaConfig, ZayaForCausalLM

from whetstone.policy.config import preset
from whetstone.policy.head import next_token_loss
from whetstone.policy.model import ZayaPolicy, initialise

OUT = Path(__file__).parent / "results" / "policy.json"
OURS, PADDED, SORTED = "whetstone, packed", "transformers, padded", "transformers, padded, sorted by length"
LAYERS = {"100m": 2}  # of the larger presets a slice, with all of the vocabulary
MEMORY_VOCABULARY, MEMORY_TOKENS = 262_272, 512
DENSE_BF16 = {"H100": 989e12, "H200": 989e12, "A100": 312e12, "MI300X": 1307e12}  # flops a second, by the makers


@dataclass(frozen=True, slots=True)
class Measurement:
    """Real tokens per second of a training step: the median over the repeats, and the extremes.

    `cpu_seconds` is the median of what the process computed for a step: on a machine that is shared, other work cannot
    be in it, so that with one thread it is the fairer measure.
    """

    preset: str
    workload: str
    threads: int
    model: str
    tokens: int
    computed_tokens: int  # with padding
    tokens_per_second: float
    slowest: float
    fastest: float
    cpu_seconds: float


def sequences(config: ZayaConfig, lengths: Sequence[int]) -> list[Tensor]:
    generator = torch.Generator().manual_seed(0)
    return [torch.randint(3, config.vocab_size, (length,), generator=generator) for length in lengths]


def ragged_lengths(count: int) -> list[int]:
    """Prompts around 48 tokens and completions around 48: log-normal, as in `benchmarks/rollout.py`."""
    rng = np.random.default_rng(0)
    prompts = np.clip(rng.lognormal(np.log(48), 0.5, count), 16, 160)
    completions = np.clip(rng.lognormal(np.log(48), 0.9, count), 8, 256)
    return (prompts.astype(int) + completions.astype(int)).tolist()


def our_step(policy: ZayaPolicy, parts: list[Tensor]) -> float:
    """One packed step; the mean loss of the predicted tokens."""
    lengths = [len(part) for part in parts]
    tokens_N = torch.cat(parts)
    last_B = torch.tensor(lengths, device=tokens_N.device).cumsum(0) - 1
    scored_N = torch.ones(len(tokens_N), dtype=torch.bool, device=tokens_N.device).index_fill(0, last_B, False)
    scored_R = scored_N.nonzero().flatten()
    hidden_NM, _ = policy(tokens_N, policy.packed(lengths))
    head, share_R = policy.lm_head, torch.full_like(scored_R, 1.0, dtype=torch.float32) / len(scored_R)
    loss = next_token_loss(hidden_NM.index_select(0, scored_R), head.weight, tokens_N[scored_R + 1], share_R, head.bias)
    loss.backward()
    policy.zero_grad(set_to_none=True)
    return float(loss.detach())


def their_step(model: ZayaForCausalLM, batches: list[list[Tensor]]) -> float:
    """One step in padded batches, weighted by their tokens."""
    total, found = sum(len(part) - 1 for batch in batches for part in batch), 0.0
    for batch in batches:
        ids_BT = torch.nn.utils.rnn.pad_sequence(batch, batch_first=True)
        labels_BT = torch.nn.utils.rnn.pad_sequence(batch, batch_first=True, padding_value=-100)
        mask_BT = None if all(len(part) == ids_BT.shape[1] for part in batch) else (labels_BT >= 0).long()
        loss = model(input_ids=ids_BT, attention_mask=mask_BT, labels=labels_BT, use_cache=False).loss
        share = sum(len(part) - 1 for part in batch) / total
        (loss * share).backward()
        found += float(loss.detach()) * share
    model.zero_grad(set_to_none=True)
    return found


def cut(parts: list[Tensor], batches: int) -> list[list[Tensor]]:
    """Sorted by length, in so many batches."""
    ordered = sorted(parts, key=len)
    size = -(-len(ordered) // batches)
    return [ordered[start : start + size] for start in range(0, len(ordered), size)]


def twins(config: ZayaConfig, device: str = "cpu", dtype: torch.dtype = torch.float32):
    """Our policy and Transformers' model with the same weights, in training mode."""
    policy = initialise(ZayaPolicy(config), seed=0)
    model = ZayaForCausalLM(config)
    model.load_state_dict(policy.state_dict())
    return policy.to(device, dtype).train(), model.to(device, dtype).train()


def timed(steps: dict[str, Callable[[], float]], repeats: int) -> dict[str, list[tuple[float, float]]]:
    """Seconds by the clock and of computing, of every step in turn, after one warm-up that compares their losses."""
    losses = [step() for step in steps.values()]
    if max(losses) - min(losses) > 1e-2 * abs(losses[0]):
        raise RuntimeError(f"the variants disagree, so there is nothing to compare: losses {losses}")
    seconds: dict[str, list[tuple[float, float]]] = {name: [] for name in steps}
    for _ in range(repeats):
        for name, step in steps.items():
            started = time.perf_counter(), time.process_time()
            step()
            seconds[name].append((time.perf_counter() - started[0], time.process_time() - started[1]))
    return seconds


def throughput(name: str, workloads: Sequence[str], threads: Sequence[int], repeats: int) -> list[Measurement]:
    changes: dict[str, Any] = {"layers": LAYERS[name]} if name in LAYERS else {}
    policy, model = twins(preset(name, **changes))
    count, ragged = (4, 16) if name in LAYERS else (16, 32)
    found = []
    for workload in workloads:
        lengths = [128] * count if workload == "equal" else ragged_lengths(ragged)
        parts = sequences(policy.config, lengths)
        steps: dict[str, Callable[[], float]] = {
            OURS: lambda parts=parts: our_step(policy, parts),
            PADDED: lambda parts=parts: their_step(model, [parts]),
        }
        computed = {OURS: sum(lengths), PADDED: max(lengths) * len(lengths)}
        if workload == "ragged":
            batches = cut(parts, 4)
            steps[SORTED] = lambda batches=batches: their_step(model, batches)
            computed[SORTED] = sum(len(batch) * len(batch[-1]) for batch in batches)
        for n in threads:
            torch.set_num_threads(n)
            for variant, seconds in timed(steps, repeats).items():
                rates = [sum(lengths) / clock for clock, _ in seconds]
                middle, low, high = statistics.median(rates), min(rates), max(rates)
                cpu = statistics.median(computing for _, computing in seconds)
                sizes = sum(lengths), computed[variant]
                found.append(Measurement(name, workload, n, variant, *sizes, middle, low, high, cpu))
    return found


# -- memory -----------------------------------------------------------------------------------------------------------


def memory_config() -> ZayaConfig:
    return preset("small", vocab_size=MEMORY_VOCABULARY, layers=2)


def measure_memory(which: str) -> dict[str, float]:
    """Peak memory of this process over one step (MiB), and what its model held before it."""
    torch.set_num_threads(1)
    config = memory_config()
    parts = sequences(config, [MEMORY_TOKENS // 4] * 4)
    if which == "ours":
        policy = initialise(ZayaPolicy(config), seed=0)
        before = peak_mebibytes()
        loss = our_step(policy, parts)
    else:
        model = ZayaForCausalLM(config)
        before = peak_mebibytes()
        loss = their_step(model, [parts])
    return {"before_MiB": before, "peak_MiB": peak_mebibytes(), "loss": loss}


def peak_mebibytes() -> float:
    """Not `ru_maxrss` on Linux: a child starts with the size of the process that forked it."""
    try:
        status = Path("/proc/self/status").read_text()
    except OSError:
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / (1 << 20)  # bytes, where there is no /proc
    return int(status.partition("VmHWM:")[2].split()[0]) / 1024


def memory() -> dict[str, Any]:
    found = {}
    for which in ("ours", "theirs"):
        command = [sys.executable, __file__, "--memory", which]
        found[which] = json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)
    ratio = found["ours"]["peak_MiB"] / found["theirs"]["peak_MiB"]
    return found | {"vocabulary": MEMORY_VOCABULARY, "tokens": MEMORY_TOKENS, "ratio": ratio}


# -- GPU --------------------------------------------------------------------------------------------------------------


def flops_per_token(config: ZayaConfig, length: int) -> float:
    """Model flops of forward and backward: six a weight that a token meets, and causal attention's two products."""
    heads, kv, size = config.num_attention_heads, config.num_key_value_heads, config.head_dim
    width, router = config.hidden_size, config.router_hidden_size
    attention = width * size * (2 * heads + 2 * kv) + (heads + kv) * size * (size * config.cca_time1 + config.cca_time0)
    routing = width * router + 2 * router**2 + router * (config.num_experts + 1)
    experts = 3 * width * config.moe_intermediate_size * config.num_experts_per_tok
    scores = 2 * heads * size * length / 2
    layers = config.num_hidden_layers * (attention + routing + experts + scores)
    return 6 * (layers + width * config.vocab_size)


def gpu(repeats: int, layers: int = 4, count: int = 8, length: int = 2048) -> dict[str, Any]:
    """A stack of ZAYA1-8B's layers in bf16, with the whole vocabulary; Transformers with grouped products."""
    config = preset("zaya1-8b", layers=layers)
    device = torch.cuda.get_device_name()
    policy, model = twins(config, "cuda", torch.bfloat16)
    model.set_experts_implementation("grouped_mm")
    parts = [part.cuda() for part in sequences(config, [length] * count)]
    steps = {OURS: lambda: our_step(policy, parts), PADDED: lambda: their_step(model, [parts])}
    tokens, flops = count * length, flops_per_token(config, length)
    peak = next((value for name, value in DENSE_BF16.items() if name in device), None)
    result: dict[str, Any] = {"device": device, "layers": layers, "tokens": tokens, "flops_per_token": flops}
    for name, seconds in timed(steps, repeats).items():
        rate = tokens / statistics.median(clock for clock, _ in seconds)
        result[name] = {"tokens_per_second": rate, "mfu": rate * flops / peak if peak else None}
    return result


# -- report -----------------------------------------------------------------------------------------------------------


def show(found: list[Measurement]) -> None:
    table = Table(title="Training: real tokens per second, median (slowest to fastest)")
    for column in ("preset", "workload", "threads", "model", "padding", "tokens/s", "range", "ours is", "by CPU"):
        table.add_column(column, justify="left" if column in ("preset", "workload", "model") else "right")
    for x in found:
        times, by_cpu = ("", "") if x.model == OURS else (f"{value:.2f}x" for value in ratios(found, x))
        rate, span = f"{x.tokens_per_second:,.0f}", f"{x.slowest:,.0f} to {x.fastest:,.0f}"
        padding = f"{1 - x.tokens / x.computed_tokens:.0%}"
        table.add_row(x.preset, x.workload, str(x.threads), x.model, padding, rate, span, times, by_cpu)
    Console(width=140).print(table)


def ratios(found: list[Measurement], other: Measurement) -> tuple[float, float]:
    """How many times as fast ours is in the same case: by the clock, and by seconds of computing."""
    case = (other.preset, other.workload, other.threads, OURS)
    ours = next(x for x in found if (x.preset, x.workload, x.threads, x.model) == case)
    return ours.tokens_per_second / other.tokens_per_second, other.cpu_seconds / ours.cpu_seconds


def described(found: list[Measurement], x: Measurement) -> dict[str, Any]:
    return asdict(x) | ({} if x.model == OURS else dict(zip(("ours_is", "by_cpu"), ratios(found, x), strict=True)))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--presets", nargs="+", default=["tiny", "small", "100m"])
    parser.add_argument("--workloads", nargs="+", choices=["equal", "ragged"], default=["equal", "ragged"])
    parser.add_argument("--threads", type=int, nargs="+", default=[1, 2])
    parser.add_argument("--repeats", type=int, default=5, help="timed repeats after one warm-up")
    parser.add_argument("--parts", nargs="+", choices=["speed", "memory", "gpu"], default=["speed", "memory", "gpu"])
    parser.add_argument("--memory", choices=["ours", "theirs"], help="measure the memory of one model, print it, end")
    parser.add_argument("--out", type=Path, default=OUT)
    arguments = parser.parse_args()
    transformers.logging.set_verbosity_error()
    if arguments.memory:
        print(json.dumps(measure_memory(arguments.memory)))
        return
    report = json.loads(arguments.out.read_text()) if arguments.out.exists() else {"measurements": []}
    report |= {
        "command": " ".join(["python", *sys.argv]),
        "device": f"{platform.processor() or platform.machine()}, {os.cpu_count()} cores",
        "versions": {
            "python": platform.python_version(),
            "torch": torch.__version__,
            "transformers": transformers.__version__,
        },
    }
    if "speed" in arguments.parts:
        for name in arguments.presets:
            found = throughput(name, arguments.workloads, arguments.threads, arguments.repeats)
            show(found)
            again = {(x.preset, x.workload, x.threads) for x in found}
            kept = [x for x in report["measurements"] if (x["preset"], x["workload"], x["threads"]) not in again]
            report["measurements"] = kept + [described(found, x) for x in found]
            write(report, arguments.out)
    if "memory" in arguments.parts:
        report["memory"] = memory()
        Console().print(report["memory"])
    if "gpu" in arguments.parts and torch.cuda.is_available():
        report["gpu"] = gpu(arguments.repeats)
        Console().print(report["gpu"])
    write(report, arguments.out)
    Console().print(f"wrote {arguments.out}")


def write(report: dict[str, Any], out: Path) -> None:
    out.parent.mkdir(parents=True, exist_ok=True)
    out.write_text(json.dumps(report, indent=2) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
