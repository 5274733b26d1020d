"""Every kernel beside eager PyTorch, torch.compile and the best library at hand, with the share of the roofline.

On a GPU: bf16 at ZAYA1-8B's shapes. Without one: what the operators run on a CPU, their references, in fp32 at the
quickstart's shapes on one thread, beside plain PyTorch; that says nothing of the kernels.

    python benchmarks/kernels.py [--only router cca] [--tokens 4096 65536] [--out benchmarks/results/kernels.json]
"""

from __future__ import annotations

import argparse
import importlib.metadata
import importlib.util
import json
import os
import platform
import statistics
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import torch
import torch.nn.functional as F
from rich.console import Console
from rich.table import Table
from torch import Tensor

from whetstone.kernels.cca import Order, cca, cca_decode
from whetstone.kernels.cca import reference as cca_reference
from whetstone.kernels.grouped_experts import grouped_experts
from whetstone.kernels.grouped_experts.reference import swiglu
from whetstone.kernels.grpo_loss import Region, grpo_loss
from whetstone.kernels.grpo_loss import reference as grpo_reference
from whetstone.kernels.linear_logprob import linear_logprob
from whetstone.kernels.paged_attention import paged_attention
from whetstone.kernels.paged_attention import reference as paged_reference
from whetstone.kernels.residual_norm import reference as norm_reference
from whetstone.kernels.residual_norm import residual_norm
from whetstone.kernels.router import RouterWeights, router
from whetstone.kernels.router import reference as router_reference

# Dense bf16 matrix products (flop/s) and memory (bytes/s), as the vendors state them.
ROOFS = {"H100": (989e12, 3.35e12), "H200": (989e12, 4.8e12), "MI300X": (1307e12, 5.3e12), "MI355X": (2500e12, 8.0e12)}
OURS = "whetstone"

Form = Callable[..., Any]
Pick = Callable[[Any], tuple[Tensor, ...]]
Calls = dict[str, Callable[[], Any]]


@dataclass(frozen=True)
class Sizes:
    """What is measured; the defaults are ZAYA1-8B."""

    device: str = "cuda"
    dtype: torch.dtype = torch.bfloat16
    hidden: int = 2048
    experts: int = 16
    inner: int = 2048
    router: int = 256
    heads: int = 8
    kv_heads: int = 2
    head: int = 128
    vocabulary: int = 262_272
    tokens: tuple[int, ...] = (4096, 16_384, 65_536)
    decode: tuple[int, ...] = (1, 8, 32, 128, 512)
    context: int = 8192  # positions in the cache of each sequence that decodes

    def normal(self, *shape: int, scale: float = 1.0, dtype: torch.dtype | None = None) -> Tensor:
        return torch.randn(shape, device=self.device, dtype=dtype or self.dtype) * scale


SMALL = Sizes(
    "cpu", torch.float32, 96, 8, 96, 32, 4, 2, 32, 512, tokens=(300, 1200, 4000), decode=(1, 32), context=256
)  # fmt: skip


@dataclass(frozen=True)
class Case:
    """One operator at one size: each contender is a call without arguments that does the same work."""

    operator: str
    shape: str
    flops: float  # that the result needs; what a contender computes twice is not counted twice
    traffic: float  # bytes that must cross the memory bus once
    contenders: Calls = field(repr=False)


@dataclass(frozen=True)
class Measurement:
    """One contender of a case. Times are in milliseconds; None where it failed, and `failure` says why."""

    operator: str
    shape: str
    contender: str
    fastest: float | None = None
    median: float | None = None
    slowest: float | None = None
    peak_mib: float | None = None  # memory above what was there before; on a GPU
    roof: float | None = None  # share of what the device could do at best, 0 to 1, where that is known
    failure: str = ""


def calls(forms: dict[str, Form], inputs: tuple[Any, ...], pick: Pick | None = None, wanted: int = 99) -> Calls:
    """Each form on the inputs: forward alone, or also backward through the outputs that `pick` picks.

    Gradients go to those of the first `wanted` inputs that are floating tensors.
    """
    if pick is None:
        return {name: lambda form=form: torch.no_grad()(form)(*inputs) for name, form in forms.items()}
    leaves = [t.requires_grad_() for t in inputs[:wanted] if isinstance(t, Tensor) and t.is_floating_point()]
    gradients: list[Tensor] = []

    def both_ways(form: Form) -> Any:
        outputs = pick(form(*inputs))
        gradients.extend(torch.randn_like(t) for t in outputs[len(gradients) :])  # at the first call
        return torch.autograd.grad(outputs, leaves, gradients, allow_unused=True)

    return {name: lambda form=form: both_ways(form) for name, form in forms.items()}


def steps(s: Sizes) -> Iterator[tuple[int, bool, str]]:
    """(tokens, whether it trains, words) of training and decoding."""
    yield from ((n, True, f"{n} tokens, forward and backward") for n in s.tokens)
    yield from ((n, False, f"{n} tokens, decoding") for n in s.decode)


def compiled(s: Sizes, form: Form) -> dict[str, Form]:
    """`form` through torch.compile; on a CPU it is left out, where compiling takes longer than all else here."""
    return {"torch.compile": torch.compile(form)} if s.device == "cuda" else {}


def linear_logprob_cases(s: Sizes) -> Iterator[Case]:
    def eager(hidden: Tensor, weight: Tensor, target: Tensor) -> tuple[Tensor, Tensor]:
        logp = (hidden @ weight.T).float().log_softmax(-1)
        return logp.gather(-1, target[:, None]).squeeze(-1), -(logp.exp() * logp).sum(-1)

    forms: dict[str, Form] = {OURS: linear_logprob, "eager": eager, **compiled(s, eager)}
    if s.device == "cuda" and importlib.util.find_spec("liger_kernel"):
        from liger_kernel.transformers import LigerFusedLinearCrossEntropyLoss

        loss = LigerFusedLinearCrossEntropyLoss()
        forms["Liger, mean loss alone"] = lambda hidden, weight, target: (loss(weight, hidden, target),)
    weight = s.normal(s.vocabulary, s.hidden, scale=s.hidden**-0.5)
    for tokens in s.tokens:
        inputs = s.normal(tokens, s.hidden), weight, torch.randint(s.vocabulary, (tokens,), device=s.device)
        contenders = {name: call for n in forms for name, call in calls({n: forms[n]}, inputs, tuple).items()}
        flops = 3 * 2 * tokens * s.hidden * s.vocabulary
        traffic = 2 * (weight.numel() + inputs[0].numel()) * weight.element_size()
        yield Case("linear_logprob", f"{tokens} tokens, forward and backward", flops, traffic, contenders)


def transformers_experts(name: str, experts: int) -> Form:
    """Transformers' own implementation; as under its expert parallelism, a choice of `experts` means none."""
    from transformers.integrations import moe

    def form(x: Tensor, gate_up: Tensor, down: Tensor, choice: Tensor, weight: Tensor) -> Tensor:
        module = SimpleNamespace(
            num_experts=experts, gate_up_proj=gate_up, down_proj=down, has_gate=True, has_bias=False,
            is_transposed=False, _is_expert_parallel=True, _apply_gate=swiglu,
        )  # fmt: skip
        return getattr(moe, f"{name}_experts_forward")(module, x, choice, weight)

    return form


def expert_loop(x: Tensor, gate_up: Tensor, down: Tensor, choice: Tensor, weight: Tensor) -> Tensor:
    """What is usually written: for each expert, its tokens."""
    out = torch.zeros_like(x)
    for e in range(len(gate_up)):
        token, k = (choice == e).nonzero(as_tuple=True)
        y = F.linear(swiglu(F.linear(x[token], gate_up[e])), down[e])
        out = out.index_add(0, token, y * weight[token, k, None])
    return out


def grouped_experts_cases(s: Sizes) -> Iterator[Case]:
    grouped_mm = transformers_experts("grouped_mm", s.experts)
    forms = {OURS: grouped_experts, "eager": expert_loop, "F.grouped_mm": grouped_mm, **compiled(s, grouped_mm)}
    few = forms | {"batched_mm": transformers_experts("batched_mm", s.experts)}
    gate_up = s.normal(s.experts, 2 * s.inner, s.hidden, scale=s.hidden**-0.5)
    down = s.normal(s.experts, s.hidden, s.inner, scale=s.inner**-0.5)
    for tokens, training, words in steps(s):
        choice = torch.randint(s.experts, (tokens, 1), device=s.device)
        weight = torch.rand(tokens, 1, device=s.device, dtype=s.dtype)
        inputs = s.normal(tokens, s.hidden), gate_up, down, choice, weight
        flops = 6 * tokens * s.hidden * s.inner
        used = len(choice.unique()) * 3 * s.hidden * s.inner  # elements of the matrices that are read
        traffic = (used + 2 * tokens * s.hidden) * down.element_size() * (3 if training else 1)
        if training:
            contenders = calls(forms, inputs, lambda out: (out,))
        else:
            contenders = calls(few if tokens <= 32 else forms, inputs)
        yield Case("grouped_experts", words, flops * (3 if training else 1), traffic, contenders)


def router_cases(s: Sizes) -> Iterator[Case]:
    M, R, C = s.hidden, s.router, s.experts + 1
    shapes = (R, M), (R,), (R,), (R,), (R, R), (R,), (R, R), (R,), (C, R)
    weights = [s.normal(*shape, scale=shape[-1] ** -0.5) for shape in shapes]
    biases = torch.zeros(C, device=s.device)

    def ours(x: Tensor, previous: Tensor, *weights: Tensor) -> Any:
        return router(x, RouterWeights(*weights), biases, previous)

    def eager(x: Tensor, previous: Tensor, *weights: Tensor) -> Any:
        return router_reference.router(x, RouterWeights(*weights), biases, previous, None, 1, 1e-5)

    forms = {OURS: ours, "eager": eager, **compiled(s, eager)}
    for tokens, training, words in steps(s):
        times = 3 if training else 1
        inputs = s.normal(tokens, M), s.normal(tokens, R), *weights
        traffic = (sum(w.numel() for w in weights) + tokens * (M + 2 * R)) * inputs[0].element_size()
        flops = 2 * tokens * (M * R + 2 * R * R + R * C)
        contenders = calls(forms, inputs, (lambda routes: routes[1:3]) if training else None)
        yield Case("router", words, times * flops, times * traffic, contenders)


def residual_norm_cases(s: Sizes) -> Iterator[Case]:
    eager = norm_reference.residual_norm
    forms = {OURS: residual_norm, "eager": eager, **compiled(s, eager)}
    vectors = [s.normal(s.hidden) for _ in range(5)]
    for tokens in s.tokens:
        inputs = s.normal(tokens, s.hidden), s.normal(tokens, s.hidden, dtype=torch.float32), *vectors, 1e-5
        narrow = inputs[0].element_size()  # forward: x, residual, stream, normed; backward: three gradients, x, stream
        traffic = tokens * s.hidden * (2 * narrow + 8 + 3 * narrow + 12)
        contenders = calls(forms, inputs, tuple)
        yield Case("residual_norm", f"{tokens} tokens, forward and backward", 0.0, traffic, contenders)


def grpo_loss_cases(s: Sizes) -> Iterator[Case]:
    eager = grpo_reference.grpo_loss
    forms = {OURS: grpo_loss, "eager": eager, **compiled(s, eager)}
    for tokens in s.tokens:
        four = (s.normal(tokens, dtype=torch.float32) for _ in range(4))
        inputs = *four, torch.full((tokens,), 1 / tokens, device=s.device), Region(), 0.01
        contenders = calls(forms, inputs, lambda found: found[:1], wanted=2)
        yield Case("grpo_loss", f"{tokens} tokens, forward and backward", 0.0, tokens * 7 * 4, contenders)


def cca_cases(s: Sizes) -> Iterator[Case]:
    heads, D, taps = s.heads + s.kv_heads, s.head, 3
    channels, half = heads * D, s.kv_heads * D // 2
    vectors = s.normal(heads, D), s.normal(s.kv_heads, dtype=torch.float32)
    kernel = s.normal(heads, taps * D, D, scale=(taps * D) ** -0.5)
    train = {OURS: cca, "eager": cca_reference.cca, **compiled(s, cca_reference.cca)}
    decode = {OURS: cca_decode, "eager": cca_reference.cca_decode, **compiled(s, cca_reference.cca_decode)}
    for tokens, training, words in steps(s):
        rows, angles = s.normal(tokens, channels + 2 * half), torch.rand(tokens, D // 4, device=s.device)
        shared = kernel, *vectors, angles.cos(), angles.sin()
        flops = 2 * tokens * heads * taps * D * D
        if training:
            order = Order.packed(torch.arange(tokens, device=s.device) % 2048)
            contenders = calls(train, (rows, *shared, order), tuple, wanted=4)
            flops, traffic = 3 * flops, 4 * rows.numel()
        else:
            state = s.normal(tokens, taps - 1, channels), s.normal(tokens, half)
            contenders = calls(decode, (rows, *state, *shared))
            traffic = 2 * rows.numel() + kernel.numel() + 2 * state[0].numel()
        yield Case("cca", words, flops, traffic * kernel.element_size(), contenders)


def paged_attention_cases(s: Sizes) -> Iterator[Case]:
    def gathered(q: Tensor, keys: Tensor, values: Tensor, pages: Tensor, *_: Any) -> Tensor:
        k, v = (t[pages].transpose(1, 2).flatten(2, 3) for t in (keys, values))
        return F.scaled_dot_product_attention(q[:, :, None], k, v, enable_gqa=True).squeeze(2)

    forms = {OURS: paged_attention, "eager": paged_reference.paged_attention, "SDPA, gathered pages": gathered}
    page = 16
    for sequences in s.decode:
        pages = torch.randperm(sequences * s.context // page, device=s.device).view(sequences, -1)
        keys, values = (s.normal(pages.numel(), s.kv_heads, page, s.head) for _ in range(2))
        lengths = torch.full((sequences,), s.context, device=s.device)
        contenders = calls(forms, (s.normal(sequences, s.heads, s.head), keys, values, pages, lengths, None))
        flops = 4 * sequences * s.heads * s.context * s.head
        traffic = 2 * keys.numel() * keys.element_size()
        yield Case("paged_attention", f"{sequences} sequences of {s.context}, decoding", flops, traffic, contenders)


SECTIONS: dict[str, Callable[[Sizes], Iterator[Case]]] = {
    "linear_logprob": linear_logprob_cases,
    "grouped_experts": grouped_experts_cases,
    "router": router_cases,
    "residual_norm": residual_norm_cases,
    "grpo_loss": grpo_loss_cases,
    "cca": cca_cases,
    "paged_attention": paged_attention_cases,
}


def timed(case: Case, repeats: int) -> Iterator[Measurement]:
    """Every contender of a case. On a CPU in turn, so that a slow spell of the machine meets all."""
    on_gpu = torch.cuda.is_available()
    found: dict[str, list[float]] = {name: [] for name in case.contenders}
    peaks, failures = {}, {}
    for repeat in range(1 if on_gpu else repeats + 1):
        for name, call in case.contenders.items():
            if name in failures:
                continue
            try:
                if on_gpu:
                    found[name], peaks[name] = gpu_milliseconds(call)
                else:
                    started = time.perf_counter()
                    call()
                    if repeat:
                        found[name].append((time.perf_counter() - started) * 1e3)
            except RuntimeError as error:  # out of memory, or a shape that a library refuses: noted, the rest goes on
                failures[name] = f"{type(error).__name__}: {error}".splitlines()[0][:200]
    for name, times in found.items():
        if name in failures:
            yield Measurement(case.operator, case.shape, name, failure=failures[name])
        else:
            summary = min(times), statistics.median(times), max(times)
            share = best_milliseconds(case) / summary[0] or None
            yield Measurement(case.operator, case.shape, name, *summary, peaks.get(name), share)


def gpu_milliseconds(call: Callable[[], Any]) -> tuple[list[float], float]:
    """Times by events, with a cold L2 cache, after tuning and warming up; and the peak of memory in MiB."""
    from triton.testing import do_bench

    call()
    before = torch.cuda.memory_allocated()
    torch.cuda.reset_peak_memory_stats()
    call()
    torch.cuda.synchronize()
    peak = (torch.cuda.max_memory_allocated() - before) / 2**20
    return do_bench(call, warmup=50, rep=300, return_mode="all"), peak


def best_milliseconds(case: Case) -> float:
    """What the device would need at its roofline; 0 where that is not known."""
    name = torch.cuda.get_device_name() if torch.cuda.is_available() else ""
    for chip, (flops, bandwidth) in ROOFS.items():
        if chip in name:
            return 1e3 * max(case.flops / flops, case.traffic / bandwidth)
    return 0.0


def show(found: list[Measurement]) -> None:
    columns = "shape", "contender", "fastest, ms", "median to slowest", "ours is", "peak MiB", "roofline"
    table = Table(*columns, title=found[0].operator)
    for x in found:
        if x.fastest is None:
            table.add_row(x.shape, x.contender, "failed", x.failure)
            continue
        ours = next(y for y in found if (y.shape, y.contender) == (x.shape, OURS)).fastest
        times = "" if x.contender == OURS or ours is None else f"{x.fastest / ours:.2f}x as fast"
        peak = "" if x.peak_mib is None else f"{x.peak_mib:,.0f}"
        roof = "" if x.roof is None else f"{x.roof:.0%}"
        span = f"{x.median:.3f} to {x.slowest:.3f}"
        table.add_row(x.shape, x.contender, f"{x.fastest:.3f}", span, times, peak, roof)
    Console(width=150).print(table)


def versions() -> dict[str, str]:
    packages = ("torch", "triton", "transformers", "liger-kernel", "flash-linear-attention")
    installed = {d.metadata["Name"] for d in importlib.metadata.distributions()}
    found = {name: importlib.metadata.version(name) for name in packages if name in installed}
    return {"python": platform.python_version(), **found, "gpu": torch.version.cuda or torch.version.hip or "none"}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", nargs="+", choices=SECTIONS, default=list(SECTIONS), help="operators to measure")
    parser.add_argument("--tokens", type=int, nargs="+", help="tokens of a training step, instead of the usual sizes")
    parser.add_argument("--repeats", type=int, default=15, help="timed rounds on a CPU, after one that is not")
    parser.add_argument("--out", type=Path, default=Path(__file__).parent / "results" / "kernels.json")
    arguments = parser.parse_args()
    torch.set_num_threads(1)
    torch.manual_seed(0)
    sizes = Sizes() if torch.cuda.is_available() else SMALL
    sizes = replace(sizes, tokens=tuple(arguments.tokens or sizes.tokens))
    note = "" if torch.cuda.is_available() else "no GPU: the references on a CPU at small shapes; no kernel was run"
    Console().print(note)
    report = {
        "command": " ".join(["python", *sys.argv]),
        "device": torch.cuda.get_device_name() if torch.cuda.is_available() else f"{platform.machine()}, 1 thread",
        "note": note,
        "load": os.getloadavg()[0],  # processes that wanted a core in the minute before: times mean little above 1
        "versions": versions(),
        "sizes": asdict(sizes) | {"dtype": str(sizes.dtype)},
        "measurements": [],
    }
    arguments.out.parent.mkdir(parents=True, exist_ok=True)
    for operator in arguments.only:
        found = [x for case in SECTIONS[operator](sizes) for x in timed(case, arguments.repeats)]
        show(found)
        report["measurements"] += [asdict(x) for x in found]
        arguments.out.write_text(json.dumps(report, indent=2) + "\n", encoding="utf-8")  # after each: may be stopped
    Console().print(f"wrote {arguments.out}")


if __name__ == "__main__":
    main()
