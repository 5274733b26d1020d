"""Under bf16: what stays fp32 (the list of ZAYA1's report, arXiv 2605.05365), and what that is worth."""

from __future__ import annotations

import copy
from collections import defaultdict
from typing import Any

import pytest
import torch
from torch import Tensor
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils._pytree import tree_leaves
from transformers import ZayaForCausalLM

from whetstone.policy.head import next_token_loss
from whetstone.policy.model import ZayaPolicy

WIDE, NARROW = torch.float32, torch.bfloat16


class Operands(TorchDispatchMode):
    """The floating dtypes that each operator was given."""

    def __init__(self) -> None:
        super().__init__()
        self.dtypes: dict[str, set[torch.dtype]] = defaultdict(set)

    def __torch_dispatch__(self, func, types, args=(), kwargs=None):
        given = {x.dtype for x in tree_leaves((args, kwargs)) if isinstance(x, Tensor) and x.is_floating_point()}
        self.dtypes[func.overloadpacket.__name__] |= given
        return func(*args, **(kwargs or {}))


def tokens(count: int) -> Tensor:
    return torch.randint(3, 40, (count,), generator=torch.Generator().manual_seed(0))


@pytest.mark.parametrize("autocast", [False, True], ids=["bf16 weights", "autocast"])
def test_the_fp32_set(autocast: bool, make_policy):
    policy: ZayaPolicy = make_policy(1) if autocast else make_policy(1).to(NARROW)
    with Operands() as operands, torch.autocast("cpu", NARROW, enabled=autocast):
        hidden, _ = policy(tokens(20), policy.packed([12, 8]))
        targets, shares = tokens(20), torch.full((20,), 0.05)
        loss = next_token_loss(hidden, policy.lm_head.weight, targets, shares)
    seen = operands.dtypes
    assert seen["_softmax"] == {WIDE}  # the router's, and that of the loss (attention has its own kernel)
    assert seen["linalg_vector_norm"] == {WIDE}  # RMS norm and QK norm
    assert seen["rsqrt"] == {WIDE}
    assert seen["addcmul"] == {WIDE}  # residual merges
    assert seen["mean"] == {WIDE}  # QK mean
    assert seen["logsumexp"] <= {WIDE}
    assert loss.dtype == WIDE
    assert {NARROW} <= seen["mm"] | seen["addmm"] | seen["_grouped_mm"]  # everything else is bf16
    assert seen["_grouped_mm"] == {NARROW}


def test_the_stream_and_the_biases_stay_fp32(make_policy):
    policy: ZayaPolicy = make_policy(1)
    biases = [router.balancing_biases.clone() for router in policy.routers]
    rotary: Any = policy.model.rotary_emb["hybrid"]
    frequencies = rotary.frequencies.clone()
    streams: list[Tensor] = []
    policy.to(NARROW)
    for layer in policy.model.layers:
        layer.register_forward_hook(lambda module, args, out: streams.append(out[0]))
    hidden, _ = policy(tokens(9), policy.packed([9]))
    assert {stream.dtype for stream in streams} == {WIDE}
    assert hidden.dtype == NARROW
    assert policy.logits(hidden).dtype == WIDE
    for router, before in zip(policy.routers, biases, strict=True):
        assert torch.equal(router.balancing_biases, before)  # not even rounded
    assert torch.equal(rotary.frequencies, frequencies)
    assert {p.dtype for p in policy.parameters()} == {NARROW}
    assert policy.to(WIDE).routers[0].balancing_biases.dtype == WIDE


def test_bf16_is_closer_to_fp32_than_in_transformers(make_policy):
    """One expert that always wins, so that no token is sent elsewhere by a rounding error."""
    ours, theirs = [], []
    for seed in range(6):
        policy: ZayaPolicy = make_policy(seed, experts=1, layers=4)
        for router in policy.routers:
            router.balancing_biases.copy_(torch.tensor([0.0, -1.0]))
        policy.to(NARROW)
        exact = copy.deepcopy(policy).to(WIDE)
        peer: Any = ZayaForCausalLM(policy.config)
        peer.load_state_dict(policy.state_dict())
        peer.to(NARROW).eval()
        with torch.inference_mode():
            expected = exact.logits(exact(tokens(64), exact.packed([64]))[0])
            found = policy.logits(policy(tokens(64), policy.packed([64]))[0])
            ours.append((found - expected).square().mean())
            theirs.append((peer(tokens(64)[None]).logits[0].float() - expected).square().mean())
    assert torch.stack(ours).mean() < 0.8 * torch.stack(theirs).mean()
