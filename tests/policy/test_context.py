"""Packed sequences: positions, predecessors and attention, by hand and against separate sequences."""

import pytest
import torch
import torch.nn.functional as F

from whetstone.policy.context import Packed


def test_layout_by_hand():
    packed = Packed([3, 1, 2])
    assert packed.rows_N.tolist() == [0, 0, 0, 1, 2, 2]
    assert packed.positions_N.tolist() == [0, 1, 2, 0, 0, 1]
    assert packed.last_B.tolist() == [2, 3, 5]
    assert packed.longest == 3


def test_history_by_hand():
    x = torch.tensor([[1.0], [2.0], [3.0], [4.0], [5.0], [6.0]])
    one, two = Packed([3, 1, 2]).history(0, "qk", x, 2)
    assert one.flatten().tolist() == [0, 1, 2, 0, 0, 5]
    assert two.flatten().tolist() == [0, 0, 1, 0, 0, 0]
    assert Packed([6]).history(0, "qk", x, 0) == []


@pytest.mark.parametrize("window", [None, 1, 2, 4, 50])
@pytest.mark.parametrize("lengths", [[5], [1, 6, 3], [4, 4]])
def test_attention_equals_the_definition_on_each_sequence(lengths: list[int], window: int | None):
    generator = torch.Generator().manual_seed(sum(lengths))
    heads, kv_heads, size = 4, 2, 8
    q = torch.randn(sum(lengths), heads, size, generator=generator)
    k, v = (torch.randn(sum(lengths), kv_heads, size, generator=generator) for _ in range(2))
    expected = []
    for a, b, c in zip(q.split(lengths), k.split(lengths), v.split(lengths), strict=True):
        t = torch.arange(len(a))
        seen = (t[:, None] >= t) & (t[:, None] - t < (window or 1000))
        scores = torch.einsum("thd,shd->hts", a, b.repeat_interleave(2, dim=1)) / size**0.5
        weights = F.softmax(scores.masked_fill(~seen, -torch.inf), dim=-1)
        expected.append(torch.einsum("hts,shd->thd", weights, c.repeat_interleave(2, dim=1)))
    torch.testing.assert_close(Packed(lengths).attend(0, q, k, v, window), torch.cat(expected), atol=1e-5, rtol=0)


@pytest.mark.parametrize("lengths", [[], [3, 0]])
def test_an_empty_sequence_is_refused(lengths: list[int]):
    with pytest.raises(ValueError, match="at least one"):
        Packed(lengths)


def test_no_sequence_is_padded_by_more_than_a_quarter(monkeypatch):
    shapes: list[tuple[int, int]] = []
    attention = F.scaled_dot_product_attention
    monkeypatch.setattr(
        F,
        "scaled_dot_product_attention",
        lambda q, *rest, **more: shapes.append(q.shape[::2]) or attention(q, *rest, **more),
    )
    lengths = [3, 100, 80, 79, 5, 4, 64]
    x = torch.randn(sum(lengths), 2, 8)
    Packed(lengths).attend(0, x, x, x, None)
    assert shapes == [(2, 100), (2, 79), (2, 5), (1, 3)]


@pytest.mark.gpu
@pytest.mark.skipif(not torch.cuda.is_available(), reason="packed attention in bf16 is a GPU's")
@pytest.mark.parametrize("window", [None, 3])
def test_attention_without_padding_on_a_gpu(window: int | None):
    lengths = [1, 60, 3, 17]
    generator = torch.Generator().manual_seed(0)
    q = torch.randn(sum(lengths), 4, 32, generator=generator).bfloat16()
    k, v = (torch.randn(sum(lengths), 2, 32, generator=generator).bfloat16() for _ in range(2))
    exact = Packed(lengths).attend(0, q.double(), k.double(), v.double(), window)
    padded = Packed(lengths).attend(0, q, k, v, window)
    found = Packed(lengths, "cuda").attend(0, q.cuda(), k.cuda(), v.cuda(), window)
    assert (found.cpu() - exact).abs().max() <= 2 * (padded - exact).abs().max()
