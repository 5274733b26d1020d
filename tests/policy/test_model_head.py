"""Scores and loss of the head: values, gradients, and what never stands in memory."""

from collections.abc import Callable

import pytest
import torch
from torch import Tensor
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils._pytree import tree_leaves

from whetstone.policy import head
from whetstone.policy.head import next_token_loss, scores


def inputs(rows: int, vocabulary: int, scale: float = 1.0) -> tuple[Tensor, Tensor, Tensor, Tensor, Tensor]:
    generator = torch.Generator().manual_seed(0)
    hidden = (scale * torch.randn(rows, 12, generator=generator, dtype=torch.float64)).requires_grad_()
    weight = torch.randn(vocabulary, 12, generator=generator, dtype=torch.float64).requires_grad_()
    bias = torch.randn(vocabulary, generator=generator, dtype=torch.float64).requires_grad_()
    target = torch.randint(0, vocabulary, (rows,), generator=generator)
    return hidden, weight, target, torch.rand(rows, generator=generator, dtype=torch.float64), bias


@pytest.mark.parametrize("biased", [True, False])
@pytest.mark.parametrize("scale", [1.0, 60.0])  # at 60, probabilities underflow
@pytest.mark.parametrize("rows", [1, 260, 600])
def test_the_loss_and_its_gradients(rows: int, scale: float, biased: bool, monkeypatch):
    monkeypatch.setattr(head, "CHUNK_LOGITS", 50)  # several chunks
    hidden, weight, target, share, bias = inputs(rows, 50, scale)
    leaves = (hidden, weight, bias) if biased else (hidden, weight)
    loss = next_token_loss(hidden, weight, target, share, bias if biased else None)
    logits = hidden @ weight.T + (bias if biased else 0)
    expected = -(logits.log_softmax(-1)[torch.arange(rows), target] * share).sum()
    torch.testing.assert_close(loss, expected)
    for found, other in zip(
        torch.autograd.grad(3 * loss, leaves), torch.autograd.grad(3 * expected, leaves), strict=True
    ):
        torch.testing.assert_close(found, other)


@pytest.mark.parametrize("rows", [1, 260])
def test_every_element_of_the_gradients_is_written(rows: int, monkeypatch):
    """Uninitialised memory is poisoned with NaN; none of it may reach a result."""

    def poisoned(allocate: Callable[..., Tensor]) -> Callable[..., Tensor]:
        return lambda *arguments, **options: allocate(*arguments, **options).fill_(torch.nan)

    monkeypatch.setattr(head, "CHUNK_LOGITS", 50)  # several chunks, the first of which writes where the others add
    monkeypatch.setattr(torch, "empty_like", poisoned(torch.empty_like))
    monkeypatch.setattr(Tensor, "new_empty", poisoned(Tensor.new_empty))
    hidden, weight, target, share, bias = inputs(rows, 50)
    loss = next_token_loss(hidden, weight, target, share, bias)
    assert all(x.isfinite().all() for x in (loss, *torch.autograd.grad(loss, (hidden, weight, bias))))


def test_a_loss_over_no_tokens_is_zero():
    hidden, weight, target, share, bias = inputs(0, 50)
    loss = next_token_loss(hidden, weight, target, share, bias)
    assert float(loss.detach()) == 0
    assert not any(x.any() for x in torch.autograd.grad(loss, (hidden, weight, bias)))


def test_no_loss_without_gradients_needs_gradients():
    hidden, weight, target, share, _ = (x.detach() for x in inputs(9, 50))
    assert not next_token_loss(hidden, weight, target, share).requires_grad


def test_the_gradients_can_be_had_once():
    hidden, weight, target, share, _ = inputs(5, 50)
    loss = next_token_loss(hidden, weight, target, share)
    loss.backward(retain_graph=True)
    with pytest.raises(RuntimeError, match="used up"):
        loss.backward()


class Largest(TorchDispatchMode):
    """The most numbers that any tensor held."""

    numbers = 0

    def __torch_dispatch__(self, func, types, args=(), kwargs=None):
        result = func(*args, **(kwargs or {}))
        sizes = [x.untyped_storage().nbytes() // x.itemsize for x in tree_leaves(result) if isinstance(x, Tensor)]
        self.numbers = max(self.numbers, *sizes, 0)
        return result


def test_tokens_times_vocabulary_never_stands_in_memory():
    rows, vocabulary, width = 2048, 10_000, 4
    hidden = torch.randn(rows, width, requires_grad=True)
    weight = torch.randn(vocabulary, width, requires_grad=True)
    with Largest() as largest:
        next_token_loss(hidden, weight, torch.zeros(rows, dtype=torch.long), torch.ones(rows)).backward()
    assert largest.numbers == head.CHUNK_ROWS * (vocabulary + head.PADDING) < rows * vocabulary / 4


def test_scores_of_bf16_are_those_of_fp32():
    generator = torch.Generator().manual_seed(0)
    hidden, weight = (torch.randn(n, 64, generator=generator).bfloat16() for n in (7, 30))
    with torch.autocast("cpu", torch.bfloat16):
        found = scores(hidden, weight)
    assert found.dtype == torch.float32
    torch.testing.assert_close(found, (hidden.double() @ weight.double().T).float(), atol=1e-5, rtol=0)


def test_a_bf16_loss_is_accumulated_in_fp32():
    hidden, weight, target, share, _ = (x.detach() for x in inputs(300, 50))
    exact = next_token_loss(hidden.bfloat16().double(), weight.bfloat16().double(), target, share)
    found = next_token_loss(hidden.bfloat16(), weight.bfloat16(), target, share)
    assert found.dtype == torch.float32
    torch.testing.assert_close(found.double(), exact, rtol=1e-6, atol=0)
