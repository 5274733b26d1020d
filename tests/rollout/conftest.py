"""A tiny policy with a tokenizer whose text is numbers."""

from collections.abc import Callable, Sequence
from typing import Any

import pytest
import torch

from whetstone.policy.config import zaya_config
from whetstone.policy.model import ZayaPolicy, initialise

STOP = 2


class Numbers:
    """`3 4 5` is the tokens 3, 4, 5."""

    def encode(self, text: str) -> list[int]:
        return [int(word) for word in text.split()]

    def decode(self, tokens: Sequence[int]) -> str:
        return " ".join(str(token) for token in tokens if token != STOP)


def tiny_policy(**changes: Any) -> ZayaPolicy:
    """Two layers, 40 tokens; every parameter matters, and some tokens skip the experts."""
    config = zaya_config(vocab_size=40, hidden_size=24, layers=2, head_dim=8, experts=4, expert_size=16, router_size=12)
    policy = initialise(ZayaPolicy(type(config).from_dict(config.to_dict() | changes)), seed=1)
    generator = torch.Generator().manual_seed(2)
    with torch.no_grad():
        for parameter in policy.parameters():
            if parameter.dim() == 1:
                parameter += 0.2 * torch.randn(parameter.shape, generator=generator)
        for router in policy.routers:
            router.router_mlp.out_proj.weight *= 10
            router.balancing_biases.normal_(0.0, 0.05, generator=generator)
    return policy


@pytest.fixture
def numbers() -> Numbers:
    return Numbers()


@pytest.fixture
def make_policy() -> Callable[..., ZayaPolicy]:
    """`make_policy(**changes)`: a tiny policy of its own."""
    return tiny_policy


@pytest.fixture(scope="session")
def policy() -> ZayaPolicy:
    """One tiny policy for all tests that do not change it."""
    return tiny_policy().eval()
