"""Experts in few bits: errors within what is stated, and otherwise the same experts."""

from __future__ import annotations

import math

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor

from whetstone.policy.config import zaya_config
from whetstone.policy.experts import Experts
from whetstone.policy.model import ZayaPolicy
from whetstone.policy.quantized import Fp8Stack, Int4Stack, QuantizedExperts, Storage, quantize_experts
from whetstone.rollout.engine import Engine
from whetstone.rollout.types import Request, Sampling

STORAGES: tuple[Storage, ...] = ("fp8", "int4")
STACKS = (Fp8Stack, Int4Stack)


def weights(seed: int, scale: float = 1.0, shape: tuple[int, ...] = (3, 40, 64)) -> Tensor:
    """Normal weights whose rows differ in size, with a row and a group of zeros."""
    generator = torch.Generator().manual_seed(seed)
    weight = torch.randn(shape, generator=generator) * scale
    weight *= torch.linspace(0.1, 3.0, shape[1])[:, None]
    weight[0, 0], weight[1, 1, :32] = 0.0, 0.0
    return weight


def widened(stack: Fp8Stack | Int4Stack, count: int = 3) -> Tensor:
    return stack.widened(torch.arange(count), torch.float32)


# -- what is stored ---------------------------------------------------------------------------------------------------


def test_fp8_by_hand():
    # the scale is 896 / 448 = 2, so codes are 448, 1, 0.5, -17 -> -16 (between 16 and 18, even), and 2^-10 -> 0
    stack = Fp8Stack(torch.tensor([[[896.0, 2.0, 1.0, -34.0, 2.0**-9]]]))
    assert widened(stack, 1).flatten().tolist() == [896.0, 2.0, 1.0, -32.0, 0.0]


def test_int4_by_hand():
    # the scale is 14 / 7 = 2: halves go to the even code; the second group has a scale of its own, 1
    first, second = [14.0, -14.0, 5.0, -3.0, 2.9, 0.9, *[0.0] * 26], [7.0, -0.4, *[0.0] * 30]
    stack = Int4Stack(torch.tensor([[first + second]]))
    assert widened(stack, 1).flatten()[:6].tolist() == [14.0, -14.0, 4.0, -4.0, 2.0, 0.0]
    assert widened(stack, 1).flatten()[32:35].tolist() == [7.0, 0.0, 0.0]


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 10**6), st.sampled_from([1e-4, 0.02, 1.0, 300.0]))
def test_fp8_errs_at_most_as_stated(seed: int, scale: float):
    weight = weights(seed, scale)
    error = (widened(Fp8Stack(weight)) - weight).abs()
    # half of the last of 3 binary places; below the normal numbers (2^-6), half of their spacing 2^-9,
    # which is 1 / 458,752 of the largest
    bound = torch.maximum(weight.abs() / 16, weight.abs().amax(-1, keepdim=True) / 448 / 1024)
    assert bool((error <= bound * (1 + 1e-6)).all())


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 10**6), st.sampled_from([1e-4, 0.02, 1.0, 300.0]))
def test_int4_errs_at_most_as_stated(seed: int, scale: float):
    weight = weights(seed, scale)
    error = (widened(Int4Stack(weight)) - weight).unflatten(-1, (-1, 32)).abs()
    # half a step of a seventh, which bf16 rounds by at most 2^-8
    bound = weight.unflatten(-1, (-1, 32)).abs().amax(-1, keepdim=True) / 14 * (1 + 2**-8)
    assert bool((error <= bound * (1 + 1e-6)).all())
    assert 14 / (1 + 2**-8) > 13.9


@pytest.mark.parametrize(("stack", "stated"), [(Fp8Stack, 0.026), (Int4Stack, 0.10)])
def test_the_root_mean_square_is_as_stated(stack: type[Fp8Stack | Int4Stack], stated: float):
    weight = torch.randn(2, 64, 2048, generator=torch.Generator().manual_seed(0))
    error = widened(stack(weight), 2) - weight
    assert float(error.square().mean().sqrt()) == pytest.approx(stated, rel=0.05)


@pytest.mark.parametrize("dtype", [torch.float32, torch.bfloat16])
@pytest.mark.parametrize("stack", STACKS)
def test_casting_the_module_leaves_what_is_stored(stack: type[Fp8Stack | Int4Stack], dtype: torch.dtype):
    made = stack(weights(1).to(dtype))
    before = widened(made)
    made.to(torch.float16)
    assert torch.equal(widened(made), before)
    assert made.widened(torch.arange(2), dtype).dtype == dtype


def test_memory_is_a_half_and_a_quarter_of_bf16s():
    weight = weights(0, shape=(4, 64, 512))
    bits = {stack: 8 * sum(x.nbytes for x in stack(weight).buffers()) / weight.numel() for stack in STACKS}
    assert bits == {Fp8Stack: 8 + 32 / 512, Int4Stack: 4 + 16 / 32}


# -- experts ----------------------------------------------------------------------------------------------------------


@pytest.fixture
def experts() -> Experts:
    made = Experts(zaya_config(vocab_size=40, hidden_size=64, experts=5, expert_size=96))
    with torch.no_grad():
        for parameter in made.parameters():
            parameter.normal_(std=0.1, generator=torch.Generator().manual_seed(0))
    return made


@pytest.mark.parametrize("storage", STORAGES)
@pytest.mark.parametrize("choices", [[0, 1, 2, 3, 4, 5, 5, 1], [4, 4, 4], [2, 5], [5, 5]])
def test_they_are_experts_of_the_widened_weights(storage: Storage, choices: list[int], experts: Experts):
    quantized = QuantizedExperts(experts, storage)
    generator = torch.Generator().manual_seed(1)
    x, weight = torch.randn(len(choices), 64, generator=generator), torch.rand(len(choices), 1, generator=generator)
    choice = torch.tensor(choices)[:, None]
    with torch.no_grad():
        for name in ("gate_up_proj", "down_proj"):
            getattr(experts, name).copy_(widened(getattr(quantized, name), 5))
        torch.testing.assert_close(quantized(x, choice, weight), experts(x, choice, weight), atol=1e-6, rtol=1e-5)


@pytest.mark.parametrize(("storage", "stated"), [("fp8", 0.06), ("int4", 0.2)])
def test_outputs_err_by_about_two_matrices(storage: Storage, stated: float, experts: Experts):
    """Three products of weights that err by r, independently: about r times the root of three."""
    x, choice = torch.randn(300, 64, generator=torch.Generator().manual_seed(2)), torch.arange(300)[:, None] % 5
    with torch.no_grad():
        exact = experts(x, choice, torch.ones(300, 1))
        error = QuantizedExperts(experts, storage)(x, choice, torch.ones(300, 1)) - exact
    ratio = float(error.norm() / exact.norm())
    assert stated / 2 < ratio < stated
    assert math.isclose({"fp8": 0.026, "int4": 0.10}[storage] * math.sqrt(3), ratio, rel_tol=0.2)


def test_several_choices_a_token(experts: Experts):
    choice = torch.tensor([[0, 3], [5, 1], [5, 5]])
    x, weight = torch.randn(3, 64, generator=torch.Generator().manual_seed(3)), torch.full((3, 2), 0.5)
    quantized = QuantizedExperts(experts, "fp8")
    with torch.no_grad():
        both = quantized(x, choice, weight)
        parts = [quantized(x, choice[:, k : k + 1], weight[:, k : k + 1]) for k in range(2)]
    torch.testing.assert_close(both, parts[0] + parts[1], atol=1e-6, rtol=1e-5)


def test_they_do_not_train(experts: Experts):
    with pytest.raises(RuntimeError, match="quantized experts only sample"):
        QuantizedExperts(experts, "fp8")(torch.randn(1, 64), torch.tensor([[0]]), torch.ones(1, 1))


# -- a policy ---------------------------------------------------------------------------------------------------------


class Numbers:
    """`3 4 5` is the tokens 3, 4, 5."""

    def encode(self, text: str) -> list[int]:
        return [int(word) for word in text.split()]

    def decode(self, tokens) -> str:
        return " ".join(map(str, tokens))


@pytest.mark.parametrize("storage", STORAGES)
def test_a_policy_samples_with_them(storage: Storage, make_policy):
    policy: ZayaPolicy = make_policy(2, hidden_size=32, expert_size=32)
    before = sum(x.nbytes for layer in policy.model.layers for x in layer.mlp.experts.state_dict().values())  # type: ignore[union-attr]
    tokens = torch.randint(3, 40, (60,), generator=torch.Generator().manual_seed(0))
    with torch.no_grad():
        exact = policy.logits(policy(tokens, policy.packed([60]))[0]).log_softmax(-1)
        assert quantize_experts(policy, storage) is policy
        found = policy.logits(policy(tokens, policy.packed([60]))[0]).log_softmax(-1)
    divergence = float((exact.exp() * (exact - found)).sum(-1).mean())
    assert 0 < divergence < {"fp8": 1e-3, "int4": 1e-2}[storage]
    after = sum(x.nbytes for layer in policy.model.layers for x in layer.mlp.experts.buffers())  # type: ignore[union-attr]
    assert after < {"fp8": 0.3, "int4": 0.15}[storage] * before  # of fp32
    ((answer,),) = Engine(policy, Numbers(), stop=2).generate([Request("3 4 5", Sampling(max_tokens=5))])
    assert len(answer.tokens) > 0


def test_what_cannot_be_stored_so_gets_a_sentence(make_policy):
    policy = make_policy(2)
    with pytest.raises(ValueError, match="multiples of 32, got 24 and 16"):
        quantize_experts(policy, "int4")
    with pytest.raises(ValueError, match="expected a storage of fp8, int4, got 'int3'"):
        quantize_experts(policy, "int3")  # type: ignore[arg-type]
    assert all(isinstance(layer.mlp.experts, Experts) for layer in policy.model.layers)
