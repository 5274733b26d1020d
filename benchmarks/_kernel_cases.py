"""The operators of `whetstone.kernels` beside their rivals: what `kernels.py` measures, operator by operator."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import _kernel_rivals as rivals
import torch
import torch.nn.functional as F
from torch import Tensor

from whetstone.kernels.cca import Order, cca, cca_decode
from whetstone.kernels.cca import reference as cca_reference
from whetstone.kernels.grouped_experts import grouped_experts
from whetstone.kernels.grpo_loss import Region, grpo_loss
from whetstone.kernels.grpo_loss import reference as grpo_reference
from whetstone.kernels.linear_logprob import linear_logprob
from whetstone.kernels.linear_logprob import reference as head_reference
from whetstone.kernels.paged_attention import paged_attention
from whetstone.kernels.paged_attention import reference as paged_reference
from whetstone.kernels.residual_norm import reference as norm_reference
from whetstone.kernels.residual_norm import residual_norm
from whetstone.kernels.router import RouterWeights, router
from whetstone.kernels.router import reference as router_reference

OURS = "whetstone"

Form = Callable[..., Any]
Pick = Callable[[Any], tuple[Tensor, ...]]
Calls = dict[str, Callable[[], Any]]


@dataclass(frozen=True)
class Sizes:
    """What is measured; the defaults are ZAYA1-8B."""

    device: str = "cuda"
    dtype: torch.dtype = torch.bfloat16
    compiler: str = "inductor"  # backend of torch.compile; "" leaves it out
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
    page: int = 64  # positions of a page of that cache
    layers: int = 8  # of the policy in the steps from end to end: a slice, so that training fits one device
    prompt: int = 1100  # tokens before the steps of decoding, from end to end
    repeats: int = 15  # timed rounds where there is no GPU; there, `do_bench` decides

    def normal(self, *shape: int, scale: float = 1.0, dtype: torch.dtype | None = None) -> Tensor:
        return torch.randn(shape, device=self.device, dtype=dtype or self.dtype) * scale

    def compiled(self, form: Form) -> dict[str, Form]:
        return {"torch.compile": torch.compile(form, backend=self.compiler)} if self.compiler else {}


@dataclass(frozen=True)
class Case:
    """One operator at one size: each contender is a call without arguments that does the same work."""

    operator: str
    shape: str
    flops: float  # that the result needs; what a contender computes twice is not counted twice
    traffic: float  # bytes that must cross the memory bus once
    contenders: Calls = field(repr=False)


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
        if not outputs[0].ndim:  # a loss
            return *outputs, *torch.autograd.grad(outputs[0], leaves, allow_unused=True)
        gradients.extend(torch.randn_like(t) for t in outputs[len(gradients) :])  # at the first call
        return *outputs, *torch.autograd.grad(outputs, leaves, gradients[: len(outputs)], allow_unused=True)

    return {name: lambda form=form: both_ways(form) for name, form in forms.items()}


def steps(s: Sizes) -> Iterator[tuple[int, bool, str]]:
    """(tokens, whether it trains, words) of training and decoding."""
    yield from ((n, True, f"{n} tokens, forward and backward") for n in s.tokens)
    yield from ((n, False, f"{n} tokens, decoding") for n in s.decode)


def log_probability(hidden: Tensor, weight: Tensor, target: Tensor) -> tuple[Tensor, Tensor]:
    """As it is usually written; N x V numbers stand in memory several times."""
    logp = (hidden @ weight.T).float().log_softmax(-1)
    return logp.gather(-1, target[:, None]).squeeze(-1), -(logp.exp() * logp).sum(-1)


def linear_logprob_cases(s: Sizes) -> Iterator[Case]:
    forms: dict[str, Form] = {OURS: linear_logprob, "eager": log_probability, **s.compiled(log_probability)}
    weight = s.normal(s.vocabulary, s.hidden, scale=s.hidden**-0.5)
    for tokens in s.tokens:
        inputs = s.normal(tokens, s.hidden), weight, torch.randint(s.vocabulary, (tokens,), device=s.device)
        contenders = calls(forms, inputs, tuple) | calls(rivals.liger_cross_entropy(), inputs, tuple)
        yield Case("linear_logprob", f"{tokens} tokens, forward and backward", *head_costs(s, tokens), contenders)


def head_costs(s: Sizes, tokens: int) -> tuple[float, float]:
    """Flops and bytes of the head, forward and backward."""
    flops = 3 * 2 * tokens * s.hidden * s.vocabulary
    return flops, 2 * (s.vocabulary + tokens) * s.hidden * s.dtype.itemsize


def policy_loss_cases(s: Sizes) -> Iterator[Case]:
    """From hidden states to the clipped policy-gradient loss: one token-mean over all, no bonus, no KL."""
    region = Region("clip", 0.2, 0.28)

    def loss(head: Form, grpo: Form) -> Form:
        def form(hidden: Tensor, weight: Tensor, target: Tensor, sampled: Tensor, advantage: Tensor) -> tuple[Tensor]:
            logp, entropy = head(hidden, weight, target)
            share = torch.full_like(logp, 1 / len(logp))
            return grpo(logp, entropy, sampled, advantage, share, region, 0.0)[:1]

        return form

    eager = loss(log_probability, grpo_reference.grpo_loss)
    forms = {OURS: loss(linear_logprob, grpo_loss), "eager": eager, **s.compiled(eager), **rivals.liger_grpo(region)}
    weight = s.normal(s.vocabulary, s.hidden, scale=s.hidden**-0.5)
    for tokens in s.tokens:
        hidden, target = s.normal(tokens, s.hidden), torch.randint(s.vocabulary, (tokens,), device=s.device)
        with torch.no_grad():
            noise = s.normal(tokens, scale=0.1, dtype=torch.float32)
            sampled = head_reference.chunked(hidden, weight, target)[0] + noise
        row = rivals.row_length(tokens)  # Liger wants rectangles, and one advantage a row
        advantage = s.normal(tokens // row, dtype=torch.float32).repeat_interleave(row)
        contenders = calls(forms, (hidden, weight, target, sampled, advantage), tuple, wanted=2)
        yield Case("policy_loss", f"{tokens} tokens, forward and backward", *head_costs(s, tokens), contenders)


def expert_loop(x: Tensor, gate_up: Tensor, down: Tensor, choice: Tensor, weight: Tensor) -> Tensor:
    """What is usually written: for each expert, its tokens."""
    out = torch.zeros_like(x)
    for e in range(len(gate_up)):
        token, k = (choice == e).nonzero(as_tuple=True)
        y = F.linear(rivals.swiglu(F.linear(x[token], gate_up[e])), down[e])
        out = out.index_add(0, token, y * weight[token, k, None])
    return out


def grouped_experts_cases(s: Sizes) -> Iterator[Case]:
    grouped_mm = rivals.transformers_experts("grouped_mm", s.experts)
    forms = {OURS: grouped_experts, "eager": expert_loop, "F.grouped_mm": grouped_mm, **s.compiled(grouped_mm)}
    few = forms | {"batched_mm": rivals.transformers_experts("batched_mm", s.experts)}
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

    forms = {OURS: ours, "eager": eager, **s.compiled(eager)}
    for tokens, training, words in steps(s):
        times = 3 if training else 1
        inputs = s.normal(tokens, M), s.normal(tokens, R), *weights
        traffic = (sum(w.numel() for w in weights) + tokens * (M + 2 * R)) * inputs[0].element_size()
        flops = 2 * tokens * (M * R + 2 * R * R + R * C)
        contenders = calls(forms, inputs, (lambda routes: routes[1:3]) if training else None)
        yield Case("router", words, times * flops, times * traffic, contenders)


def residual_norm_cases(s: Sizes) -> Iterator[Case]:
    eager = norm_reference.residual_norm
    forms = {OURS: residual_norm, "eager": eager, **s.compiled(eager), **rivals.liger_norm()}
    vectors = [s.normal(s.hidden) for _ in range(5)]
    for tokens in s.tokens:
        inputs = s.normal(tokens, s.hidden), s.normal(tokens, s.hidden, dtype=torch.float32), *vectors, 1e-5
        narrow = inputs[0].element_size()  # forward: x, residual, stream, normed; backward: three gradients, x, stream
        traffic = tokens * s.hidden * (2 * narrow + 8 + 3 * narrow + 12)
        contenders = calls(forms, inputs, tuple)
        yield Case("residual_norm", f"{tokens} tokens, forward and backward", 0.0, traffic, contenders)


def grpo_loss_cases(s: Sizes) -> Iterator[Case]:
    eager = grpo_reference.grpo_loss
    forms = {OURS: grpo_loss, "eager": eager, **s.compiled(eager)}
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
    train = {OURS: cca, "eager": cca_reference.cca, **s.compiled(cca_reference.cca)}
    decode = {OURS: cca_decode, "eager": cca_reference.cca_decode, **s.compiled(cca_reference.cca_decode)}
    for tokens, training, words in steps(s):
        rows, angles = s.normal(tokens, channels + 2 * half), torch.rand(tokens, D // 4, device=s.device)
        shared = kernel, *vectors, angles.cos(), angles.sin()
        flops = 2 * tokens * heads * taps * D * D
        if training:
            order = Order.packed(torch.arange(tokens, device=s.device) % 2048)
            forms = train | rivals.fla_convolution(channels, s.normal(channels, 2))
            once = (2 * rows.numel() + kernel.numel()) * kernel.element_size()
            yield Case("cca", f"{tokens} tokens, forward", flops, once, calls(forms, (rows, *shared, order)))
            contenders = calls(forms, (rows, *shared, order), tuple, wanted=4)
            yield Case("cca", words, 3 * flops, 2 * once, contenders)
            continue
        state = s.normal(tokens, taps - 1, channels), s.normal(tokens, half)
        contenders = {}
        for name, form in decode.items():  # each with a state of its own, which it advances
            contenders |= calls({name: form}, (rows, *(part.clone() for part in state), *shared))
        traffic = 2 * rows.numel() + kernel.numel() + 2 * state[0].numel()
        yield Case("cca", words, flops, traffic * kernel.element_size(), contenders)


def paged_attention_cases(s: Sizes) -> Iterator[Case]:
    def gathered(q: Tensor, keys: Tensor, values: Tensor, pages: Tensor, *_: Any) -> Tensor:
        k, v = (t[pages].transpose(1, 2).flatten(2, 3) for t in (keys, values))
        return F.scaled_dot_product_attention(q[:, :, None], k, v, enable_gqa=True).squeeze(2)

    for sequences in s.decode:
        pages = torch.randperm(sequences * s.context // s.page, device=s.device).view(sequences, -1)
        keys, values = (s.normal(pages.numel(), s.kv_heads, s.page, s.head) for _ in range(2))
        lengths = torch.full((sequences,), s.context, device=s.device)
        forms = {OURS: paged_attention, "eager": paged_reference.paged_attention, "SDPA, gathered pages": gathered}
        forms |= rivals.dense_attention(keys, values, pages) | rivals.flash_attention(keys, values, pages, lengths)
        contenders = calls(forms, (s.normal(sequences, s.heads, s.head), keys, values, pages, lengths, None))
        flops = 4 * sequences * s.heads * s.context * s.head
        traffic = 2 * keys.numel() * keys.element_size()
        yield Case("paged_attention", f"{sequences} sequences of {s.context}, decoding", flops, traffic, contenders)


SECTIONS: dict[str, Callable[[Sizes], Iterator[Case]]] = {
    "linear_logprob": linear_logprob_cases,
    "policy_loss": policy_loss_cases,
    "grouped_experts": grouped_experts_cases,
    "router": router_cases,
    "residual_norm": residual_norm_cases,
    "grpo_loss": grpo_loss_cases,
    "cca": cca_cases,
    "paged_attention": paged_attention_cases,
}
