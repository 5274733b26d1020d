"""Causal attention that keeps its probabilities: against PyTorch's operator, forward and backward."""

import pytest
import torch
import torch.nn.functional as F
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor

from whetstone.policy import causal as module
from whetstone.policy.causal import BLOCK, SHORT, causal


def inputs(B: int, T: int, K: int, G: int, D: int) -> list[Tensor]:
    """Queries, keys, values and a gradient of the output; strides as they come of flat tokens, (B T, H, D)."""
    generator = torch.Generator().manual_seed(B * 1009 + T * 101 + K * 11 + G)
    heads = (K * G, K, K, K * G)
    flat = [torch.randn(B * T, H, D, generator=generator, dtype=torch.float64) for H in heads]
    return [x.unflatten(0, (B, T)).transpose(1, 2) for x in flat]


def plain(q: Tensor, k: Tensor, v: Tensor, _window: None) -> Tensor:
    return F.scaled_dot_product_attention(q, k, v, is_causal=True, enable_gqa=True)


def run(form, q: Tensor, k: Tensor, v: Tensor, do: Tensor) -> list[Tensor]:
    leaves = [x.clone(memory_format=torch.preserve_format).requires_grad_() for x in (q, k, v)]
    out = form(*leaves, None)
    out.backward(do)
    return [out.detach(), *(leaf.grad for leaf in leaves if leaf.grad is not None)]


@settings(max_examples=30, deadline=None)
@given(st.integers(1, 3), st.integers(1, 2 * BLOCK + 3), st.integers(1, 2), st.integers(1, 3), st.sampled_from([2, 5]))
def test_it_is_the_operator(B, T, K, G, D):
    for found, expected in zip(run(causal, *inputs(B, T, K, G, D)), run(plain, *inputs(B, T, K, G, D)), strict=True):
        torch.testing.assert_close(found, expected, rtol=1e-10, atol=1e-11)


def test_scores_may_be_far_from_zero():
    q, k, v, do = inputs(1, 70, 1, 2, 4)
    for found, expected in zip(run(causal, 90 * q, 90 * k, v, do), run(plain, 90 * q, 90 * k, v, do), strict=True):
        torch.testing.assert_close(found, expected, rtol=1e-8, atol=1e-9)


@pytest.mark.parametrize(("length", "short"), [(SHORT, True), (SHORT + 1, False)])
def test_probabilities_of_long_sequences_are_not_kept(length, short, monkeypatch):
    taken = []
    monkeypatch.setattr(module._Short, "apply", lambda *_: taken.append(True))
    q, k, v, _ = inputs(1, length, 1, 1, 2)
    causal(q, k, v, None)
    assert bool(taken) == short


def test_nothing_is_kept_without_gradients(monkeypatch):
    monkeypatch.setattr(module._Short, "apply", lambda *_: pytest.fail("no gradient will be asked for"))
    q, k, v, _ = inputs(1, 3, 1, 1, 2)
    with torch.no_grad():
        torch.testing.assert_close(causal(q, k, v, None), plain(q, k, v, None))


def test_every_element_is_written(monkeypatch):
    """Uninitialised memory is poisoned with NaN; none of it may reach a result."""
    allocate, alike = Tensor.new_empty, torch.empty_like
    monkeypatch.setattr(Tensor, "new_empty", lambda *a, **o: allocate(*a, **o).fill_(torch.nan))
    monkeypatch.setattr(torch, "empty_like", lambda *a, **o: alike(*a, **o).fill_(torch.nan))
    assert all(x.isfinite().all() for x in run(causal, *inputs(2, BLOCK + 5, 2, 2, 4)))
