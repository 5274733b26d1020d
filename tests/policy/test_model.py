"""The policy by itself: names, a round trip through Transformers, initialisation, recomputation, several experts."""

from pathlib import Path
from typing import Any

import pytest
import torch
from torch import Tensor
from transformers import AutoModelForCausalLM, ZayaForCausalLM

from whetstone.policy.config import zaya_config
from whetstone.policy.head import next_token_loss
from whetstone.policy.model import ZayaPolicy, initialise

CASES: list[dict[str, Any]] = [
    {},
    {"attention_bias": True, "lm_head_bias": True},
    {"tie_word_embeddings": False},
    {"layers": 1, "cca_time0": 3, "cca_time1": 1},
    {"layer_types": ["hybrid_sliding", "hybrid"], "sliding_window": 3},
]


def tokens(length: int, seed: int = 0) -> Tensor:
    return torch.randint(3, 40, (length,), generator=torch.Generator().manual_seed(seed))


def peer(policy: ZayaPolicy) -> ZayaForCausalLM:
    """Transformers' model with the same weights."""
    model = ZayaForCausalLM(policy.config).eval()
    model.load_state_dict(policy.state_dict())
    return model


def logits(policy: ZayaPolicy, *sequences: Tensor) -> Tensor:
    hidden, _ = policy(torch.cat(sequences), policy.packed([len(x) for x in sequences]))
    return policy.logits(hidden)


@pytest.mark.parametrize("changes", CASES, ids=str)
def test_names_and_shapes_are_transformers(changes, make_policy):
    policy = make_policy(**changes)
    expected = {name: tuple(x.shape) for name, x in ZayaForCausalLM(policy.config).state_dict().items()}
    assert {name: tuple(x.shape) for name, x in policy.state_dict().items()} == expected


def test_weights_go_to_transformers_and_come_back(tmp_path: Path, make_policy):
    policy = make_policy(2)
    for router in policy.routers:
        router.balancing_biases[-1] = -1.0  # Transformers 5.19 puts the skip class back there when it loads
    peer(policy).save_pretrained(tmp_path)
    opened = AutoModelForCausalLM.from_pretrained(tmp_path)
    assert isinstance(opened, ZayaForCausalLM)
    again = ZayaPolicy(opened.config)
    again.load_state_dict(opened.state_dict())
    for name, value in policy.state_dict().items():
        assert torch.equal(again.state_dict()[name], value), name
    with torch.inference_mode():
        assert torch.equal(logits(policy, tokens(8)), logits(again, tokens(8)))


def test_the_first_gradient_reaches_keys_and_convolutions():
    policy = initialise(ZayaPolicy(zaya_config(vocab_size=40)), seed=0)
    logits(policy, tokens(12)).logsumexp(-1).sum().backward()
    for name, parameter in policy.named_parameters():
        if "k_proj" in name or "conv_qk" in name or "temp" in name:
            assert parameter.grad is not None
            assert parameter.grad.abs().max() > 0, name


def test_initialise_by_the_table():
    policy = initialise(ZayaPolicy(zaya_config(vocab_size=512)), seed=4)
    weights = {name: parameter.detach() for name, parameter in policy.named_parameters()}
    layer = "model.layers.1."
    assert float(weights["model.embed_tokens.weight"].std()) == pytest.approx(96**-0.5, rel=0.02)
    assert float(weights[layer + "self_attn.qkv_proj.q_proj.weight"].std()) == pytest.approx(96**-0.5, rel=0.02)
    assert float(weights[layer + "self_attn.o_proj.weight"].std()) == pytest.approx((128 * 6) ** -0.5, rel=0.03)
    assert float(weights[layer + "mlp.experts.down_proj"].std()) == pytest.approx((96 * 6) ** -0.5, rel=0.02)
    assert float(weights[layer + "mlp.gate.down_proj.weight"].std()) == pytest.approx(96**-0.5, rel=0.05)
    assert float(weights[layer + "self_attn.qkv_proj.conv_qk_grouped.weight"].std()) == pytest.approx(
        64**-0.5, rel=0.03
    )
    assert torch.equal(weights[layer + "self_attn.qk_norm.temp"], torch.ones(2))
    assert policy.routers[0].balancing_biases.tolist() == [0.0] * 8 + [-1.0]
    again = initialise(ZayaPolicy(zaya_config(vocab_size=512)), seed=4)
    assert all(torch.equal(a, b) for a, b in zip(policy.parameters(), again.parameters(), strict=True))


def loss_of(policy: ZayaPolicy) -> Tensor:
    hidden, _ = policy(tokens(20), policy.packed([13, 7]))
    return next_token_loss(hidden, policy.lm_head.weight, tokens(20, seed=1), torch.full((20,), 0.05))


def test_recomputed_activations_give_identical_gradients(make_policy):
    policy = make_policy(2, layers=3)
    loss_of(policy).backward()
    kept = {name: parameter.grad for name, parameter in policy.named_parameters()}
    policy.zero_grad(set_to_none=True)
    runs: list[int] = []
    policy.recompute_activations()
    for i, layer in enumerate(policy.model.layers):
        layer.register_forward_pre_hook(lambda module, args, i=i: runs.append(i))
    loss_of(policy).backward()
    assert runs == [0, 1, 2, 2, 1, 0]
    for name, parameter in policy.named_parameters():
        assert torch.equal(parameter.grad, kept[name]), name
    runs.clear()
    with torch.no_grad():
        loss_of(policy)
    assert runs == [0, 1, 2]


def test_two_experts_are_the_sum_of_what_each_adds(make_policy):
    """Against Transformers' own modules, whose code is general although its configuration is not."""
    policy = make_policy(6, top_k=2, layers=3)
    with torch.inference_mode():
        found = logits(policy, tokens(19))
        torch.testing.assert_close(found, peer(policy)(tokens(19)[None]).logits[0], atol=1e-5, rtol=0)
