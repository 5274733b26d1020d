"""Tokens per second of the engine, of `transformers.generate` and of vLLM, on the same weights and requests.

All are asked for the same sequences, of the same lengths. Every sequence has its own limit and none stops before it.
`generate` has one limit a call: a batch runs to the longest of its members, prompts are padded on the left to the
longest, and only the tokens that were wanted are counted, as a user of it has to. It is given the requests as they
come and, as its best case, sorted by limit in batches of 32; with its default cache and with its static one; with one
thread and, as the engine, with as many as there are cores. A third workload is a group: 16 samples of one prompt of
512 tokens.

With `--vllm PYTHON` the rival is vLLM with our plugin instead, run by the interpreter of the environment that
`.ci/vllm` makes, in processes of its own, one for each of `--vllm-threads`. Starting is not counted. It has the
requests as they are, a group as one of 16 samples, no text to make, and forgets known prompts before each call, as the
engine does, whose weights count as new each time.

The samplers take turns, and a ratio is taken within a turn, so that a slow spell of the machine meets all. On a
machine that others use too, `--cpu-time` counts processor seconds instead of the clock's, and leaves out what has
several threads, which nobody would choose for its processor seconds.

    python benchmarks/rollout.py [--workloads mixed-32 group] [--repeats 3] [--cpu-time] [--vllm .venv/vllm/bin/python]

Results go to `--out`, beside those of other workloads that are there.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import statistics
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import asdict, dataclass
from functools import partial
from multiprocessing import Pipe
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

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

Sampler = Callable[[], tuple[int, float]]  # makes all tokens: how many were wanted, and in how many seconds
CLOCKS = {"wall": time.perf_counter, "processor": time.process_time}
VOCAB, NEVER = 512, -1  # no token has the id -1, so nothing stops early
WORKLOADS = ("mixed-32", "mixed-128", "equal-32", "equal-128", "group")
CORES = os.cpu_count() or 1


@dataclass(frozen=True, slots=True)
class Job:
    """One sequence to write: a prompt and a number of new tokens."""

    prompt: tuple[int, ...]
    new: int


@dataclass(frozen=True, slots=True)
class Measurement:
    """Wanted tokens per second, and how many times as many the engine made in the same turn: median and extremes.

    `bookkeeping` is the share of an engine's step that is neither model nor sampling; `cache_bytes` what its cache
    occupies. `turns` were timed, by this `clock`, after one that was not.
    """

    workload: str
    sampler: str
    clock: str
    turns: int
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


def timed(call: Callable[[], int], clock: str) -> tuple[int, float]:
    started = CLOCKS[clock]()
    tokens = call()
    return tokens, CLOCKS[clock]() - started


class Ours:
    """The engine: one call, whatever the lengths. A call returns the number of wanted tokens.

    As in training, the engine stays and the weights count as new: known prompts are forgotten.
    """

    def __init__(self, policy: ZayaPolicy, requests: list[Request], cores: int = 1) -> None:
        self.requests, self.cores = requests, cores
        self.engine = Engine(policy, Numbers(), stop=NEVER)
        self.metrics: dict[str, float] = {}

    def __call__(self) -> int:
        before = self.engine.metrics()
        self.engine.version += 1
        with threads(self.cores):
            done = self.engine.generate(self.requests)
        after = self.engine.metrics()
        self.metrics = after | {name: after[name] - before[name] for name in ("seconds", "seconds_model")}
        return sum(len(completion.tokens) for group in done for completion in group)


def asked(work: list[Job]) -> list[Request]:
    """A request for each sequence."""
    return [Request(job.prompt, Sampling(max_tokens=job.new), 1, i) for i, job in enumerate(work)]


def group(samples: int, length: int, new: int) -> tuple[list[Request], list[Job]]:
    """Several samples of one long prompt: as one request, and as as many sequences."""
    prompt = tuple(np.random.default_rng(0).integers(3, VOCAB, size=length).tolist())
    return [Request(prompt, Sampling(max_tokens=new), samples)], [Job(prompt, new)] * samples


@contextmanager
def threads(count: int) -> Iterator[None]:
    before = torch.get_num_threads()
    torch.set_num_threads(count)
    try:
        yield
    finally:
        torch.set_num_threads(before)


def theirs(model: ZayaForCausalLM, work: list[Job], batch: int, cores: int = 1, cache: str | None = None) -> int:
    """`generate` in batches; returns the number of wanted tokens."""
    for start in range(0, len(work), batch):
        part = work[start : start + batch]
        longest = max(len(job.prompt) for job in part)
        ids: Tensor = torch.zeros(len(part), longest, dtype=torch.long)
        mask = torch.zeros_like(ids)
        for row, job in enumerate(part):
            ids[row, longest - len(job.prompt) :] = torch.tensor(job.prompt)
            mask[row, longest - len(job.prompt) :] = 1
        settings = {"do_sample": True, "top_k": 0, "eos_token_id": None, "cache_implementation": cache}
        limit = max(job.new for job in part)
        with threads(cores):
            out = model.generate(ids, attention_mask=mask, max_new_tokens=limit, **settings)  # type: ignore[operator]
        if out.shape[1] != longest + limit:
            raise RuntimeError(f"generate stopped after {out.shape[1] - longest} of {limit} tokens")
    return sum(job.new for job in work)


def generates(model: ZayaForCausalLM, work: list[Job], mixed: bool, clock: str) -> dict[str, Callable[[], int]]:
    """The ways to call `generate`."""
    count = len(work)
    found: dict[str, Callable[[], int]] = {
        "generate": partial(theirs, model, work, count),
        "generate, static cache": partial(theirs, model, work, count, cache="static"),
    }
    if clock == "wall":
        found[f"generate, {CORES} threads"] = partial(theirs, model, work, count, CORES)
    if mixed and count > 32:
        ordered = sorted(work, key=lambda job: job.new)
        found["generate, sorted, by 32"] = partial(theirs, model, ordered, 32)
        if clock == "wall":
            found[f"generate, sorted, by 32, {CORES} threads"] = partial(theirs, model, ordered, 32, CORES)
    return found


class VLLM:
    """vLLM over the model in a folder, in a process of its own, which measures itself."""

    def __init__(self, python: str, folder: str, cores: int, eager: bool) -> None:
        self.connection, theirs = Pipe()
        environment = {
            "OMP_NUM_THREADS": str(cores),
            "VLLM_CPU_OMP_THREADS_BIND": "nobind",  # else it takes all cores
            "VLLM_ENABLE_V1_MULTIPROCESSING": "0",  # its scheduler beside its model, as ours is
            "VLLM_NO_USAGE_STATS": "1",
        } | ({"TORCHDYNAMO_DISABLE": "1"} if eager else {})
        command = [python, "-P", __file__, "--serve", folder, str(theirs.fileno()), *(["--eager"] * eager)]
        descriptors = [theirs.fileno()]
        self.child = subprocess.Popen(
            command, pass_fds=descriptors, env=os.environ | environment, stdout=subprocess.DEVNULL
        )
        theirs.close()
        try:
            self.version = self.connection.recv()
        except EOFError:
            raise RuntimeError("vLLM did not start; what it wrote stands above. See docs/vllm.md, Installing") from None

    def __call__(self, requests: list[Request], clock: str) -> tuple[int, float]:
        self.connection.send(([(list(r.prompt), r.n, r.sampling.max_tokens) for r in requests], clock))
        return self.connection.recv()

    def close(self) -> None:
        self.connection.close()
        self.child.wait()


def serve(folder: str, descriptor: int, eager: bool) -> None:
    """The other side of `VLLM`: lists of (prompt, samples, new tokens) and a clock in, tokens and seconds out."""
    from vllm import LLM, SamplingParams, __version__  # type: ignore[import-not-found]

    connection = Connection(descriptor)
    llm: Any = LLM(
        folder,
        skip_tokenizer_init=True,
        dtype="float32",
        enforce_eager=eager,
        max_num_seqs=256,
        max_num_batched_tokens=4096,
        kv_cache_memory_bytes=1 << 30,
        enable_prefix_caching=True,
    )
    connection.send(__version__)
    while True:
        try:
            work, clock = connection.recv()
        except EOFError:
            return
        llm.reset_prefix_cache()
        prompts = [{"prompt_token_ids": prompt} for prompt, _, _ in work]
        sampling = [
            SamplingParams(n=n, max_tokens=new, temperature=1.0, ignore_eos=True, detokenize=False)
            for _, n, new in work
        ]

        def write(prompts: list = prompts, sampling: list = sampling) -> int:
            done = llm.generate(prompts, sampling, use_tqdm=False)
            return sum(len(output.token_ids) for answer in done for output in answer.outputs)

        connection.send(timed(write, clock))


def measure(workload: str, samplers: dict[str, Sampler], ours: Ours, repeats: int, clock: str) -> list[Measurement]:
    """Every sampler in turn, `repeats` times after one warm-up; `clock` is the one they go by."""
    rates: dict[str, list[float]] = {name: [] for name in samplers}
    tokens = 0
    for repeat in range(repeats + 1):
        for name, sampler in samplers.items():
            tokens, seconds = sampler()
            if repeat:
                rates[name].append(tokens / seconds)
    found = []
    for name, mine in rates.items():
        times = [engine / rate for engine, rate in zip(rates["engine"], mine, strict=True)]
        rate, ratio = ((statistics.median(x), min(x), max(x)) for x in (mine, times))
        spent = ours.metrics if name == "engine" else None
        bookkeeping = 1 - spent["seconds_model"] / spent["seconds"] if spent else None
        cache = spent["cache_bytes"] if spent else None
        found.append(Measurement(workload, name, clock, repeats, tokens, *rate, *ratio, bookkeeping, cache))
    return found


def show(found: list[Measurement]) -> None:
    table = Table(title="Wanted tokens per second, median (slowest to fastest)")
    for column in ("workload", "tokens", "sampler", "tokens/s", "range", "engine is", "bookkeeping"):
        table.add_column(column, justify="left" if column in ("workload", "sampler") else "right")
    for x in found:
        rate, span = f"{x.tokens_per_second:,.0f}", f"{x.slowest:,.0f} to {x.fastest:,.0f}"
        times = f"{x.engine_is:.1f}x ({x.engine_is_at_least:.1f} to {x.engine_is_at_most:.1f})"
        own = x.sampler == "engine"
        share = f"{x.bookkeeping:.1%}" if x.bookkeeping is not None else ""
        table.add_row(x.workload, f"{x.tokens:,}", x.sampler, rate, span, "" if own else times, share)
    Console(width=140).print(table)


def workload(name: str) -> tuple[list[Request], list[Job], bool]:
    """The requests, the same as single sequences, and whether their lengths differ."""
    if name == "group":
        return *group(samples=16, length=512, new=64), False
    kind, count = name.split("-")
    work = jobs(int(count), kind == "mixed")
    return asked(work), work, kind == "mixed"


def compare(
    policy: ZayaPolicy, model: ZayaForCausalLM, vllms: dict[str, VLLM], name: str, repeats: int, clock: str
) -> list[Measurement]:
    """The named workload, by every sampler."""
    requests, work, mixed = workload(name)
    ours = Ours(policy, requests)
    samplers: dict[str, Sampler] = {"engine": partial(timed, ours, clock)}
    if clock == "wall":
        samplers[f"engine, {CORES} threads"] = partial(timed, Ours(policy, requests, CORES), clock)
    samplers |= {sampler: partial(vllm, requests, clock) for sampler, vllm in vllms.items()}
    if not vllms:
        calls = generates(model, work, mixed, clock)
        samplers |= {sampler: partial(timed, call, clock) for sampler, call in calls.items()}
    return measure(name, samplers, ours, repeats, clock)


def write(path: Path, found: list[Measurement], vllms: dict[str, VLLM], parameters: int) -> None:
    """Beside what is there of other workloads."""
    before = json.loads(path.read_text(encoding="utf-8"))["measurements"] if path.exists() else []
    taken = {x.workload for x in found}
    report = {
        "device": f"{platform.processor() or platform.machine()}, {CORES} cores",
        "versions": {
            "python": platform.python_version(),
            "torch": torch.__version__,
            "transformers": transformers.__version__,
            **({"vllm": next(iter(vllms.values())).version} if vllms else {}),
        },
        "parameters": parameters,
        "measurements": [x for x in before if x["workload"] not in taken] + [asdict(x) for x in found],
    }
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(report, indent=2) + "\n", encoding="utf-8")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--workloads", nargs="+", default=WORKLOADS, choices=WORKLOADS)
    parser.add_argument("--repeats", type=int, default=3, help="timed turns after one warm-up")
    parser.add_argument("--cpu-time", action="store_true", help="count processor seconds, not the clock's")
    parser.add_argument("--vllm", metavar="PYTHON", help="the interpreter of vLLM's environment")
    parser.add_argument("--eager", action="store_true", help="vLLM without its compiler: starts sooner")
    parser.add_argument("--vllm-threads", type=int, nargs="+", default=[1, CORES], help="one process of vLLM for each")
    parser.add_argument("--out", type=Path, help="by default benchmarks/results/rollout.json, or rollout-vllm.json")
    parser.add_argument("--serve", nargs=2, metavar=("FOLDER", "DESCRIPTOR"), help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.serve:
        return serve(arguments.serve[0], int(arguments.serve[1]), arguments.eager)
    torch.set_num_threads(1)
    transformers.logging.set_verbosity_error()

    policy = initialise(ZayaPolicy(zaya_config(vocab_size=VOCAB)), seed=0)
    model = ZayaForCausalLM(policy.config).eval()
    model.load_state_dict(policy.state_dict())
    clock = "processor" if arguments.cpu_time else "wall"
    usual = Path(__file__).parent / "results" / ("rollout-vllm.json" if arguments.vllm else "rollout.json")
    out = arguments.out or usual
    vllms: dict[str, VLLM] = {}
    with ExitStack() as stack:
        if arguments.vllm:
            folder = stack.enter_context(tempfile.TemporaryDirectory())
            model.save_pretrained(folder)
            for cores in arguments.vllm_threads:
                name = f"vLLM, {cores} thread{'s' * (cores > 1)}"
                vllms[name] = VLLM(arguments.vllm, folder, cores, arguments.eager)
                stack.callback(vllms[name].close)
        found = []
        for name in arguments.workloads:
            found += compare(policy, model, vllms, name, arguments.repeats, clock)
            write(out, found, vllms, sum(parameter.numel() for parameter in policy.parameters()))
    show(found)
    Console().print(f"wrote {out}")


if __name__ == "__main__":
    main()
