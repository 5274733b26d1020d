"""Balancing in a small training run: a young router collapses, and the biases keep it from doing so."""

import pytest
import torch

from whetstone.policy.config import zaya_config
from whetstone.policy.head import next_token_loss
from whetstone.policy.model import ZayaPolicy, initialise
from whetstone.policy.router import Balancer, load_entropy, route_counts

STEPS, ROWS, LENGTH, CLASSES = 120, 64, 8, 5


def routing_entropy(balance_lr: float | None) -> float:
    """Of the load of the last twenty steps, the mean of both layers; the policy learns to count modulo 30."""
    policy = initialise(
        ZayaPolicy(zaya_config(vocab_size=32, hidden_size=32, layers=2, experts=CLASSES - 1, expert_size=16)), seed=0
    )
    optimizer = torch.optim.AdamW(policy.parameters(), lr=3e-3, betas=(0.9, 0.95), weight_decay=0.0)
    balancer = Balancer(policy.routers, balance_lr) if balance_lr else None
    generator = torch.Generator().manual_seed(0)
    share, loads = torch.full((ROWS * LENGTH,), 1 / (ROWS * LENGTH)), []
    for _ in range(STEPS):
        start, stride = torch.randint(0, 30, (2, ROWS, 1), generator=generator)
        text = (start + stride * torch.arange(LENGTH + 1)) % 30
        hidden, routes = policy(text[:, :-1].flatten(), policy.packed([LENGTH] * ROWS))
        next_token_loss(hidden, policy.lm_head.weight, text[:, 1:].flatten(), share).backward()
        optimizer.step()
        optimizer.zero_grad()
        counts = route_counts(routes, layers=2, classes=CLASSES)
        if balancer:
            balancer.step(counts)
        loads.append(counts)
    return float(load_entropy(torch.stack(loads[-20:]).sum(0)).mean())


@pytest.mark.soak
def test_balancing_raises_the_routing_entropy():
    assert routing_entropy(None) < 0.9
    assert routing_entropy(4e-3) > 0.99
