"""The meaning of `paged_attention`: by hand, against the definition in fp64, and Triton against the reference."""

import math
from collections.abc import Callable

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor

from whetstone.kernels import dispatch
from whetstone.kernels.paged_attention import paged_attention, reference

GPU = [pytest.mark.gpu, pytest.mark.skipif(not torch.cuda.is_available(), reason="full-size heads need a GPU")]

Case = tuple[Tensor, Tensor, Tensor, Tensor, Tensor]


def inputs(sizes: tuple[int, int, int, int], lengths: list[int], dtype: torch.dtype) -> Case:
    """Pages in random order, one more for each sequence than it needs; what is not used is NaN, or an entry of -1."""
    H, K, D, T = sizes
    generator = torch.Generator().manual_seed(H * 1009 + D * 101 + T)
    A, B = len(lengths), max(lengths) // T + 1
    lengths_A = torch.tensor(lengths)
    pages_AB = torch.randperm(A * B, generator=generator).view(A, B)
    q, keys, values = (
        torch.randn(*shape, generator=generator, dtype=torch.float64).to(dtype)
        for shape in ((A, H, D), (A * B, K, T, D), (A * B, K, T, D))
    )
    for a, length in enumerate(lengths):
        for b in range(B):
            for cache in (keys, values):
                cache[pages_AB[a, b], :, max(0, min(T, length - b * T)) :] = math.nan
    used_AB = torch.arange(B) * T < lengths_A[:, None]
    return q, keys, values, torch.where(used_AB, pages_AB, -1), lengths_A


def naive(case: Case, window: int | None) -> Tensor:
    """The definition, sequence by sequence and head by head, written apart from the code under test."""
    q, keys, values, pages, lengths = case
    out = torch.zeros_like(q)
    (K, T), (A, H, D) = keys.shape[1:3], q.shape
    for a in range(A):
        seen = range(max(0, int(lengths[a]) - (window or 1 << 40)), int(lengths[a]))
        for head in range(H) if seen else ():
            places = [(int(pages[a, t // T]), head * K // H, t % T) for t in seen]
            weights = torch.stack([keys[place] @ q[a, head] / math.sqrt(D) for place in places]).softmax(0)
            out[a, head] = sum(weight * values[place] for weight, place in zip(weights, places, strict=True))
    return out


def error(found: Tensor, truth: Tensor) -> float:
    """The norm of the difference relative to the norm of the truth."""
    return float((found.double() - truth).norm() / truth.norm().clamp(min=1e-30))


@pytest.fixture
def device(monkeypatch: pytest.MonkeyPatch) -> str:
    """The device on which the Triton implementation runs here; forces it."""
    pytest.importorskip("triton")
    monkeypatch.setenv(dispatch.VARIABLE, "triton")
    return "cuda" if torch.cuda.is_available() else "cpu"


@pytest.mark.parametrize("choice", ["reference", "triton"])
def test_by_hand(choice, device, monkeypatch):
    """D = 4, so scores are halved: 2 log 3 and 0 give weights 3/4 and 1/4, which pages 1, 0 hold in that order."""
    monkeypatch.setenv(dispatch.VARIABLE, choice)
    q = torch.tensor([[[1.0, 0, 0, 0]]])
    keys = torch.tensor([[[[0.0, 5, 5, 5]]], [[[2 * math.log(3), 0, 0, 0]]]])
    values = torch.tensor([[[[4.0, 0, 8, 0]]], [[[0.0, 4, 8, 0]]]])
    pages, two, one = torch.tensor([[1, 0]]), torch.tensor([2]), torch.tensor([1])
    tensors = [t.to(device) for t in (q, keys, values, pages)]
    torch.testing.assert_close(
        paged_attention(*tensors, lengths_A=two.to(device)).cpu(), torch.tensor([[[1.0, 3, 8, 0]]])
    )
    assert paged_attention(*tensors, lengths_A=one.to(device)).tolist() == [[[0, 4, 8, 0]]]
    assert paged_attention(*tensors, lengths_A=two.to(device), window=1).tolist() == [[[4, 0, 8, 0]]]


@settings(max_examples=40, deadline=None)
@given(
    st.sampled_from([(1, 1), (2, 1), (4, 2), (6, 2)]),
    st.integers(1, 5),
    st.lists(st.integers(0, 13), min_size=1, max_size=4),
    st.sampled_from([None, 1, 3, 20]),
)
def test_reference_equals_the_definition(heads, T, lengths, window):
    case = inputs((*heads, 3, T), lengths, torch.float64)
    found = reference.paged_attention(*case, window=window)
    torch.testing.assert_close(found, naive(case, window), rtol=1e-11, atol=1e-12)


@pytest.mark.parametrize(
    ("sizes", "lengths", "window"),
    [
        ((1, 1, 1, 1), [1], None),
        ((8, 2, 20, 5), [33, 0, 16], None),
        ((8, 2, 20, 5), [33, 0, 16], 17),
        ((3, 3, 16, 16), [31, 64], 1),
        ((34, 2, 16, 7), [50], 40),
        pytest.param((8, 2, 128, 16), [4097, 1, 300], None, marks=GPU),
        pytest.param((8, 2, 128, 16), [4097, 1, 300], 1000, marks=GPU),
    ],
)
@pytest.mark.parametrize("dtype", [torch.float32, torch.bfloat16])
def test_triton_is_as_exact_as_the_reference(sizes, lengths, window, dtype, device, monkeypatch):
    """At most twice the reference's own error in that dtype, in one part and in many.

    Never less than two roundings (eps), of the weights and of the result: the reference may be exact by luck. The
    interpreter cuts bf16 off where a GPU rounds: up to eps more at each.
    """
    from whetstone.kernels.paged_attention import triton

    case = inputs(sizes, lengths, dtype)
    truth = reference.paged_attention(*(t.double() if t.is_floating_point() else t for t in case), window=window)
    ours = error(reference.paged_attention(*case, window=window), truth)
    eps = torch.finfo(dtype).eps
    cut_off = 2 * eps if dtype == torch.bfloat16 and device == "cpu" else 0.0
    for part in (triton.MIN_PART, 16):
        monkeypatch.setattr(triton, "MIN_PART", part)
        found = paged_attention(*(t.to(device) for t in case), window=window)
        assert found.dtype == dtype
        assert error(found.cpu(), truth) <= max(2 * ours, eps) + cut_off


def test_triton_writes_every_element_and_repeats_its_bits(device, monkeypatch):
    from whetstone.kernels.paged_attention import triton

    monkeypatch.setattr(triton, "MIN_PART", 16)

    def poisoned(allocate: Callable[..., Tensor]) -> Callable[..., Tensor]:
        def allocate_nan(*arguments, **options):
            memory = allocate(*arguments, **options)
            return memory.fill_(torch.nan) if memory.is_floating_point() else memory

        return allocate_nan

    monkeypatch.setattr(torch, "empty_like", poisoned(torch.empty_like))
    monkeypatch.setattr(Tensor, "new_empty", poisoned(Tensor.new_empty))
    q, keys, values, pages, lengths = (t.to(device) for t in inputs((4, 2, 6, 4), [35, 0, 3], torch.float32))
    first, second = (paged_attention(q, keys, values, pages, lengths) for _ in range(2))
    assert first.isfinite().all()
    assert torch.equal(first, second)
    assert not first[1].any()


@pytest.mark.parametrize("choice", ["reference", "triton"])
def test_a_dense_cache_is_one_page_a_sequence(choice, device, monkeypatch):
    """Views of a larger cache, as a sampler keeps it: (layers, rows, K, T, D), of which A rows are running."""
    monkeypatch.setenv(dispatch.VARIABLE, choice)
    generator = torch.Generator().manual_seed(0)
    keys, values = torch.randn(2, 3, 5, 2, 9, 4, generator=generator).to(device)
    q, lengths = torch.randn(3, 4, 4, generator=generator).to(device), torch.tensor([9, 1, 4], device=device)
    pages = torch.arange(3, device=device)[:, None]
    found = paged_attention(q, keys[1], values[1], pages, lengths)
    case = (q, keys[1], values[1], pages, lengths)
    torch.testing.assert_close(found.cpu(), naive(tuple(t.cpu() for t in case), None))  # type: ignore[arg-type]


@pytest.mark.parametrize("choice", ["reference", "triton"])
def test_no_sequence(choice, device, monkeypatch):
    monkeypatch.setenv(dispatch.VARIABLE, choice)
    cache, none = torch.zeros(1, 1, 2, 4, device=device), torch.zeros(0, dtype=torch.int64, device=device)
    q = torch.zeros(0, 2, 4, device=device)
    assert paged_attention(q, cache, cache, none[:, None].expand(0, 3), none).shape == (0, 2, 4)


@pytest.mark.parametrize(
    ("change", "kind", "message"),
    [
        ({"q": torch.zeros(1, 2, 4, dtype=torch.float16)}, TypeError, "float16"),
        ({"values": torch.zeros(1, 1, 2, 4, dtype=torch.float64)}, TypeError, "float64"),
        ({"pages": torch.zeros(1, 1)}, TypeError, "int32 or int64"),
        ({"q": torch.zeros(1, 2, 5)}, ValueError, r"\(1, 2, 5\)"),
        ({"lengths": torch.zeros(2, dtype=torch.int64)}, ValueError, r"lengths \(A,\)"),
        ({"window": 0}, ValueError, "at least 1"),
    ],
)
def test_unfit_inputs_are_named(change, kind, message):
    cache, row = torch.zeros(1, 1, 2, 4), torch.zeros(1, dtype=torch.int64)
    case = {"q": torch.zeros(1, 2, 4), "keys": cache, "values": cache, "pages": row[:, None], "lengths": row}
    with pytest.raises(kind, match=message):
        paged_attention(*(case | {"window": None} | change).values())
