"""Transformers' Zaya with our experts computes what it computes with its own."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest
import torch
from torch import Tensor, nn
from transformers import ZayaForCausalLM
from transformers.integrations.moe import ALL_EXPERTS_FUNCTIONS, use_experts_implementation

from whetstone.integrations import transformers_experts
from whetstone.kernels import dispatch
from whetstone.kernels.grouped_experts import grouped_experts
from whetstone.policy.config import zaya_config


def zaya(implementation: str) -> ZayaForCausalLM:
    """A small model in which about half of the tokens skip."""
    torch.manual_seed(0)
    config = zaya_config(vocab_size=32, hidden_size=16, layers=2, heads=2, experts=3, expert_size=16, router_size=8)
    config._experts_implementation = implementation
    model = ZayaForCausalLM(config)
    for name, parameter in model.named_parameters():
        if name.endswith("temp"):
            nn.init.ones_(parameter)
        elif parameter.ndim > 1:
            nn.init.normal_(parameter, std=0.3)
    for name, buffer in model.named_buffers():
        if name.endswith("balancing_biases"):
            buffer.copy_(torch.tensor([0.0, 0.0, 0.0, 0.05]))
    return model


@pytest.fixture
def registered(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(type(ALL_EXPERTS_FUNCTIONS), "_global_mapping", dict(ALL_EXPERTS_FUNCTIONS._global_mapping))
    transformers_experts.register()


@pytest.mark.parametrize("choice", ["reference", "triton"])
def test_zaya_computes_the_same(choice, registered, monkeypatch):
    if choice == "triton":
        pytest.importorskip("triton")
    monkeypatch.setenv(dispatch.VARIABLE, choice)
    tokens = torch.randint(32, (1, 6), generator=torch.Generator().manual_seed(1))
    skipped = []

    def spy(*given: Tensor) -> Tensor:
        skipped.append(int((given[3] == 3).sum()))
        return grouped_experts(*given)

    monkeypatch.setattr(transformers_experts, "grouped_experts", spy)
    results = []
    for implementation in ("eager", "whetstone"):
        model = zaya(implementation)
        logits = model(tokens).logits
        logits.square().mean().backward()
        results.append((logits, {name: p.grad for name, p in model.named_parameters()}))
    (logits, grads), (our_logits, our_grads) = results
    assert len(skipped) == 2 and 0 < sum(skipped) < 12  # our function ran in both layers, on both kinds of token
    torch.testing.assert_close(our_logits, logits, rtol=1e-4, atol=1e-5)
    for name, grad in grads.items():
        if grad is None:  # no token of the batch went through it
            assert our_grads[name] is None or not our_grads[name].any(), name
        else:
            torch.testing.assert_close(our_grads[name], grad, rtol=1e-3, atol=1e-5, msg=name)


def test_registering_twice_is_harmless(registered):
    transformers_experts.register()
    assert ALL_EXPERTS_FUNCTIONS[transformers_experts.NAME] is transformers_experts.experts_forward


@pytest.mark.parametrize(
    ("options", "activation", "message"),
    [
        ({"has_bias": True}, nn.SiLU(), "has_bias"),
        ({"is_transposed": True}, nn.SiLU(), "transposed"),
        ({"is_concatenated": False}, nn.SiLU(), "interleaved"),
        ({}, nn.GELU(), "GELU"),
    ],
)
def test_experts_of_another_kind_are_refused(options, activation, message, registered):
    @use_experts_implementation(**options)
    class Experts(nn.Module):
        def __init__(self, config):
            super().__init__()
            self.gate_up_proj = nn.Parameter(torch.zeros(2, 8, 4))
            self.down_proj = nn.Parameter(torch.zeros(2, 4, 4))
            self.act_fn = activation

        def forward(self, x, choice, weight): ...

    experts = Experts(SimpleNamespace(_experts_implementation="whetstone"))
    with pytest.raises(TypeError, match=message):
        experts(torch.zeros(1, 4), torch.zeros((1, 1), dtype=torch.int64), torch.ones(1, 1))


def test_what_a_later_transformers_adds_to_experts_is_refused(registered):
    @use_experts_implementation
    class Experts(nn.Module):
        def __init__(self, config):
            super().__init__()
            self.gate_up_proj, self.down_proj = nn.Parameter(torch.zeros(2, 8, 4)), nn.Parameter(torch.zeros(2, 4, 4))
            self.act_fn = nn.SiLU()

        def forward(self, x, choice, weight): ...

    experts: Any = Experts(SimpleNamespace(_experts_implementation="whetstone"))
    arguments = torch.zeros(1, 4), torch.zeros(1, 1, dtype=torch.long), torch.ones(1, 1)
    experts(*arguments)
    experts.has_post_expert_norm = True
    with pytest.raises(TypeError, match="has_post_expert_norm"):
        experts(*arguments)
