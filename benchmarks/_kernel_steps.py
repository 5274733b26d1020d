"""From end to end, kernels on and off: the policy's training step and the sampler's step of decoding.

A training step is what `Trainer` runs of a micro-batch: forward, head, policy loss, backward; the optimizer is left
out. A step of decoding is the engine's: one token of every sequence, drawn and written down. On a GPU, with the kernels
on, it is a CUDA graph; with them off it cannot be one, since the references wait for the device, so the kernels are
also measured without a graph.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import torch
from _kernel_cases import OURS, Case, Sizes

from whetstone.kernels import dispatch
from whetstone.policy.batch import MicroBatch, Row, Scorer
from whetstone.policy.config import zaya_config
from whetstone.policy.loss import LossInputs, LossSettings, grpo_loss, token_weights
from whetstone.policy.model import ZayaPolicy, initialise
from whetstone.rollout.engine import Engine
from whetstone.rollout.engine.cache import Cache
from whetstone.rollout.types import Request, Sampling

OFF = "kernels off"
STEPS = 900  # of decoding that an engine is asked for: more than are ever timed
SEQUENCE = 2048  # tokens of a row of the training step, at most; a quarter of them prompt


class Bytes:
    """The tokenizer that an engine asks for; nothing here is text."""

    def encode(self, text: str) -> list[int]:
        return list(text.encode())

    def decode(self, tokens: Sequence[int]) -> str:
        return ""


def policy(s: Sizes) -> ZayaPolicy:
    config = zaya_config(
        vocab_size=s.vocabulary, hidden_size=s.hidden, layers=s.layers, heads=s.heads, kv_heads=s.kv_heads,
        head_dim=s.head, experts=s.experts, expert_size=s.inner, router_size=s.router,
        max_positions=max(SEQUENCE, s.prompt + STEPS + 1),
    )  # fmt: skip
    return initialise(ZayaPolicy(config), seed=0).to(s.device, s.dtype)


def forced(choice: str, call: Callable[[], Any]) -> Callable[[], Any]:
    """`call` with that implementation of the operators; "" leaves the choice to them."""

    def under() -> Any:
        before = os.environ.get(dispatch.VARIABLE)
        os.environ[dispatch.VARIABLE] = choice
        try:
            return call()
        finally:
            del os.environ[dispatch.VARIABLE]
            if before is not None:
                os.environ[dispatch.VARIABLE] = before

    return under


def has_kernels(s: Sizes) -> bool:
    """Whether there is a choice: on a GPU, or in Triton's interpreter."""
    return s.device == "cuda" or os.environ.get(dispatch.VARIABLE) == "triton"


def weights_met(model: ZayaPolicy, tokens: int) -> tuple[float, float]:
    """Weights that one token meets, and different ones that `tokens` do, if routes are spread evenly."""
    experts = sum(p.numel() for name, p in model.named_parameters() if ".experts." in name)
    others = sum(p.numel() for p in model.parameters()) - experts
    E = model.config.num_experts
    return others + experts / E, others + experts * (1 - (1 - 1 / E) ** tokens)


def training_cases(s: Sizes) -> Iterator[Case]:
    model = policy(s).train()
    scorer, generator = Scorer(model), torch.Generator().manual_seed(0)
    for tokens in s.tokens:
        length = min(SEQUENCE, tokens)
        prompt, new = length // 4, length - length // 4
        rows = []
        for _ in range(tokens // length):
            ids = torch.randint(3, s.vocabulary, (length,), generator=generator).tolist()
            rows.append(Row(ids[:prompt], ids[prompt:], advantage=1.0, sampled=[-1.0] * new))
        batch = MicroBatch.of(rows, s.device)
        R = len(rows) * new
        sampled, advantage = torch.full((R,), -1.0, device=s.device), torch.ones(R, device=s.device)
        weight = token_weights(batch.completion_lengths, "token", total_tokens=R, total_rows=len(rows), cap=new)

        def step(batch=batch, sampled=sampled, advantage=advantage, weight=weight) -> Any:
            logprob, entropy, _ = scorer(batch)
            loss, _ = grpo_loss(LossInputs(logprob, entropy, sampled, advantage, weight), LossSettings())
            loss.backward()
            model.zero_grad(set_to_none=True)
            return (loss.detach(),)

        contenders = {OURS: step}
        if has_kernels(s):
            contenders = {OURS: forced("triton", step), OFF: forced("reference", step)}
        met, different = weights_met(model, tokens)
        words = f"{tokens} tokens, {s.layers} layers, forward and backward"
        yield Case("training_step", words, 6 * met * tokens, 3 * different * s.dtype.itemsize, contenders)


def decoding_cases(s: Sizes) -> Iterator[Case]:
    model = policy(s).eval()
    size = Cache.bytes_per_position(model.config, s.dtype)
    for sequences in s.decode:
        ways: dict[str, tuple[str, Callable | None]] = {OURS: ("", None)}
        if has_kernels(s):
            ways = {OURS: ("triton", None if s.device == "cuda" else eagerly), OFF: ("reference", eagerly)}
        if s.device == "cuda":
            ways["kernels without graphs"] = ("triton", eagerly)
        contenders = {}
        for name, (choice, record) in ways.items():
            memory = sequences * (s.prompt + STEPS + 2 * s.page) * size
            step = forced(choice, decoding(s, model, sequences, memory, record))
            contenders[name] = step
        met, different = weights_met(model, sequences)
        traffic = different * s.dtype.itemsize + sequences * s.prompt * size
        words = f"{sequences} sequences of {s.prompt} and more, {s.layers} layers"
        yield Case("decoding_step", words, 2 * met * sequences, traffic, contenders)


def eagerly(step: Callable[[], None]) -> Callable[[], None]:
    """In place of a CUDA graph's recording: every step is run."""
    return step


def decoding(
    s: Sizes, model: ZayaPolicy, sequences: int, memory: int, record: Callable | None
) -> Callable[[], tuple[torch.Tensor]]:
    """A call that takes one step of an engine, whose sequences are prefilled at the first."""
    engine = Engine(model, Bytes(), stop=-1, rows=sequences, page=s.page, block=s.page, memory=memory)
    engine._runner.record = record
    ids = tuple(torch.randint(3, s.vocabulary, (s.prompt,), generator=torch.Generator().manual_seed(1)).tolist())
    sampling = Sampling(max_tokens=STEPS)

    def step() -> tuple[torch.Tensor]:
        if not engine.metrics()["steps"]:
            engine.add(Request(ids, sampling, n=sequences, seed=0))
            while engine.metrics()["tokens"] < 2 * sequences:
                engine.step()
        before = engine.metrics()["tokens"]
        engine.step()
        if engine.metrics()["tokens"] != before + sequences:
            raise RuntimeError(f"after {before:,.0f} tokens a step did not decode all {sequences} sequences")
        return (torch.tensor(engine.metrics()["tokens"] - before),)

    return step


SECTIONS: dict[str, Callable[[Sizes], Iterator[Case]]] = {
    "training_step": training_cases,
    "decoding_step": decoding_cases,
}
