"""Tokens per second of the engine and of `transformers.generate`, on the same weights, in the same process.

Both are asked for the same sequences, of the same lengths, with one thread. Every sequence has its own limit and none
stops before it. `generate` has one limit a call: a batch runs to the longest of its members, prompts are padded on the
left to the longest, and only the tokens that were wanted are counted, as a user of it has to. It is given the
requests as they come and, as its best case, sorted by limit in batches of 32. A third workload is a group: 16 samples
of one prompt of 512 tokens.

The samplers take turns, and a ratio is taken within a turn, so that a slow spell of the machine meets both. On a
machine that others use too, `--cpu-time` counts processor seconds instead of the clock's.

    python benchmarks/rollout.py [--requests 32 128] [--repeats 3] [--cpu-time] [--out benchmarks/results/rollout.json]
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import statistics
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
import torch
import transformers
from rich.console import Console
from rich.table import Table
from torch import Tensor
from transformers import ZayaForCausalLM

from whetstone.policy.config import zaya_config
from whetstone.policy.model import ZayaPolicy, initialise
from whetstone.rollout.engine import Engine
from whetstone.rollout.types import Request, Sampling

VOCAB, NEVER = 512, -1  # no token has the id -1, so nothing stops early


@dataclass(frozen=True, slots=True)
class Job:
    """One sequence to write: a prompt and a number of new tokens."""

    prompt: tuple[int, ...]
    new: int


@dataclass(frozen=True, slots=True)
class Measurement:
    """Wanted tokens per second, and how many times as many the engine made in the same turn: median and extremes.

    `bookkeeping` is the share of an engine's step that is neither model nor sampling; `cache_bytes` what its cache
    occupies.
    """

    workload: str
    sampler: str
    requests: int
    tokens: int
    tokens_per_second: float
    slowest: float
    fastest: float
    engine_is: float
    engine_is_at_least: float
    engine_is_at_most: float
    bookkeeping: float | None
    cache_bytes: float | None


class Numbers:
    """Prompts are token ids; nothing is decoded."""

    def encode(self, text: str) -> list[int]:
        raise NotImplementedError(f"prompts are token ids here, not {text!r}")

    def decode(self, tokens: Sequence[int]) -> str:
        return ""


def jobs(count: int, mixed: bool) -> list[Job]:
    """Mixed lengths are log-normal: prompts around 48 tokens, 16 to 160; outputs around 48, 8 to 256."""
    rng = np.random.default_rng(0)
    if mixed:
        prompts = np.clip(rng.lognormal(np.log(48), 0.5, count), 16, 160).astype(int)
        news = np.clip(rng.lognormal(np.log(48), 0.9, count), 8, 256).astype(int)
    else:
        prompts, news = np.full(count, 48), np.full(count, 64)
    return [
        Job(tuple(rng.integers(3, VOCAB, size=prompt).tolist()), int(new))
        for prompt, new in zip(prompts, news, strict=True)
    ]


class Ours:
    """The engine: one call, whatever the lengths. A call returns the number of wanted tokens."""

    def __init__(self, policy: ZayaPolicy, requests: list[Request]) -> None:
        self.policy, self.requests = policy, requests
        self.metrics: dict[str, float] = {}

    def __call__(self) -> int:
        engine = Engine(self.policy, Numbers(), stop=NEVER)
        done = engine.generate(self.requests)
        self.metrics = engine.metrics()
        return sum(len(completion.tokens) for group in done for completion in group)


def asked(work: list[Job]) -> list[Request]:
    """A request for each sequence."""
    return [Request(job.prompt, Sampling(max_tokens=job.new), 1, i) for i, job in enumerate(work)]


def group(samples: int, length: int, new: int) -> tuple[list[Request], list[Job]]:
    """Several samples of one long prompt: as one request, and as as many sequences."""
    prompt = tuple(np.random.default_rng(0).integers(3, VOCAB, size=length).tolist())
    return [Request(prompt, Sampling(max_tokens=new), samples)], [Job(prompt, new)] * samples


def theirs(model: ZayaForCausalLM, work: list[Job], batch: int) -> int:
    """`generate` in batches; returns the number of wanted tokens."""
    for start in range(0, len(work), batch):
        part = work[start : start + batch]
        longest = max(len(job.prompt) for job in part)
        ids: Tensor = torch.zeros(len(part), longest, dtype=torch.long)
        mask = torch.zeros_like(ids)
        for row, job in enumerate(part):
            ids[row, longest - len(job.prompt) :] = torch.tensor(job.prompt)
            mask[row, longest - len(job.prompt) :] = 1
        limit = max(job.new for job in part)
        out = model.generate(  # type: ignore[operator]
            ids, attention_mask=mask, max_new_tokens=limit, do_sample=True, top_k=0, use_cache=True, eos_token_id=None
        )
        if out.shape[1] != longest + limit:
            raise RuntimeError(f"generate stopped after {out.shape[1] - longest} of {limit} tokens")
    return sum(job.new for job in work)


def measure(
    workload: str, samplers: dict[str, Callable[[], int]], requests: int, repeats: int, clock: Callable[[], float]
) -> list[Measurement]:
    """Every sampler in turn, `repeats` times after one warm-up."""
    rates: dict[str, list[float]] = {name: [] for name in samplers}
    tokens = 0
    for repeat in range(repeats + 1):
        for name, sampler in samplers.items():
            started = clock()
            tokens = sampler()
            if repeat:
                rates[name].append(tokens / (clock() - started))
    found = []
    for name, mine in rates.items():
        times = [engine / rate for engine, rate in zip(rates["engine"], mine, strict=True)]
        rate, ratio = ((statistics.median(x), min(x), max(x)) for x in (mine, times))
        spent = getattr(samplers[name], "metrics", None)
        bookkeeping = 1 - spent["seconds_model"] / spent["seconds"] if spent else None
        cache = spent["cache_bytes"] if spent else None
        found.append(Measurement(workload, name, requests, tokens, *rate, *ratio, bookkeeping, cache))
    return found


def show(found: list[Measurement]) -> None:
    table = Table(title="Wanted tokens per second, median (slowest to fastest)")
    for column in ("workload", "requests", "tokens", "sampler", "tokens/s", "range", "engine is", "bookkeeping"):
        table.add_column(column, justify="left" if column in ("workload", "sampler") else "right")
    for x in found:
        rate, span = f"{x.tokens_per_second:,.0f}", f"{x.slowest:,.0f} to {x.fastest:,.0f}"
        times = f"{x.engine_is:.1f}x ({x.engine_is_at_least:.1f} to {x.engine_is_at_most:.1f})"
        own = x.sampler == "engine"
        share = f"{x.bookkeeping:.1%}" if x.bookkeeping is not None else ""
        table.add_row(x.workload, str(x.requests), f"{x.tokens:,}", x.sampler, rate, span, "" if own else times, share)
    Console(width=140).print(table)


def compare(
    policy: ZayaPolicy,
    model: ZayaForCausalLM,
    counts: Sequence[int],
    repeats: int,
    clock: Callable[[], float],
) -> list[Measurement]:
    """All workloads, each by every sampler."""
    found: list[Measurement] = []

    def take(name: str, requests: list[Request], count: int, generate: dict[str, Callable[[], int]]) -> None:
        ours: dict[str, Callable[[], int]] = {"engine": Ours(policy, requests)}
        found.extend(measure(name, ours | generate, count, repeats, clock))

    for mixed in (True, False):
        for count in counts:
            work = jobs(count, mixed)
            rivals: dict[str, Callable[[], int]] = {"generate": lambda work=work: theirs(model, work, len(work))}
            if mixed and count > 32:
                ordered = sorted(work, key=lambda job: job.new)
                rivals["generate, sorted, by 32"] = lambda work=ordered: theirs(model, work, 32)
            take("mixed lengths" if mixed else "equal lengths", asked(work), count, rivals)
    requests, work = group(samples=16, length=512, new=64)
    take("16 samples of 512 tokens", requests, 16, {"generate": lambda: theirs(model, work, len(work))})
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--requests", type=int, nargs="+", default=[32, 128], help="sequences in a workload")
    parser.add_argument("--repeats", type=int, default=3, help="timed repeats after one warm-up")
    parser.add_argument("--cpu-time", action="store_true", help="count processor seconds, not the clock's")
    parser.add_argument("--out", type=Path, default=Path(__file__).parent / "results" / "rollout.json")
    arguments = parser.parse_args()
    torch.set_num_threads(1)
    transformers.logging.set_verbosity_error()

    policy = initialise(ZayaPolicy(zaya_config(vocab_size=VOCAB)), seed=0)
    model = ZayaForCausalLM(policy.config).eval()
    model.load_state_dict(policy.state_dict())
    clock = time.process_time if arguments.cpu_time else time.perf_counter
    found = compare(policy, model, arguments.requests, arguments.repeats, clock)
    show(found)
    report = {
        "command": " ".join(["python", *sys.argv]),
        "device": f"{platform.processor() or platform.machine()}, 1 thread of {os.cpu_count()}",
        "versions": {
            "python": platform.python_version(),
            "torch": torch.__version__,
            "transformers": transformers.__version__,
        },
        "clock": "processor" if arguments.cpu_time else "wall",
        "parameters": sum(parameter.numel() for parameter in policy.parameters()),
        "measurements": [asdict(x) for x in found],
    }
    arguments.out.parent.mkdir(parents=True, exist_ok=True)
    arguments.out.write_text(json.dumps(report, indent=2) + "\n", encoding="utf-8")
    Console().print(f"wrote {arguments.out}")


if __name__ == "__main__":
    main()
