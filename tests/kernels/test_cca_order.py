"""What `cca` is told of its tokens and weights: who follows whom, and two convolutions in one."""

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from whetstone.kernels.cca import Order, compose


@pytest.mark.parametrize(("t0", "t1"), [(1, 1), (2, 2), (3, 1), (1, 3), (2, 4)])
def test_composition_equals_two_convolutions(t0, t1):
    generator = torch.Generator().manual_seed(t0 * 10 + t1)
    normal = lambda *shape: torch.randn(*shape, generator=generator, dtype=torch.float64)  # noqa: E731
    h, D, N = 3, 4, 7
    depthwise, bias0, grouped, bias1 = normal(h * D, t0), normal(h * D), normal(h * D, D, t1), normal(h * D)
    x_NC = normal(N, h * D)
    padded = torch.nn.functional.pad(x_NC.T, (t0 + t1 - 2, 0))
    middle = torch.nn.functional.conv1d(padded, depthwise.unsqueeze(1), bias0, groups=h * D)
    expected = torch.nn.functional.conv1d(middle, grouped, bias1, groups=h).T
    kernel, offset = compose(depthwise, bias0, grouped, bias1)
    order = Order.packed(torch.arange(N))
    rows_NhY = torch.cat([order.shifted(x_NC, lag).unflatten(1, (h, D)) for lag in range(t0 + t1 - 1)], dim=2)
    found = torch.einsum("nhy,hyd->nhd", rows_NhY, kernel) + offset
    torch.testing.assert_close(found.flatten(1), expected, rtol=1e-12, atol=1e-12)


@settings(max_examples=60, deadline=None)
@given(st.lists(st.integers(-1, 30), min_size=1, max_size=30), st.integers(1, 4))
def test_descendants_invert_ancestors(draws, taps):
    previous = torch.tensor([min(draw, n - 1) for n, draw in enumerate(draws)])
    order = Order(previous)
    first, rows = order.descendants(taps)
    for lag, ancestors in enumerate(order.ancestors(taps).tolist()):
        for n in range(len(previous)):
            found = rows[lag, first[lag, n] : first[lag, n + 1]].tolist()
            assert found == [m for m, ancestor in enumerate(ancestors) if ancestor == n]


@settings(max_examples=60, deadline=None)
@given(st.lists(st.integers(-1, 30), min_size=1, max_size=30), st.integers(0, 3))
def test_later_is_the_transpose_of_earlier(draws, lag):
    previous = torch.tensor([min(draw, n - 1) for n, draw in enumerate(draws)])
    check_transpose(Order(previous), lag)


@settings(max_examples=60, deadline=None)
@given(st.lists(st.integers(1, 6), min_size=1, max_size=6), st.integers(0, 7))
def test_later_is_the_transpose_of_earlier_in_packs(lengths, lag):
    check_transpose(Order.packed(torch.cat([torch.arange(length) for length in lengths])), lag)


def check_transpose(order: Order, lag: int) -> None:
    """Row by row of the identity, whose images are the two matrices; and `earlier` is `shifted`."""
    identity = torch.eye(len(order.previous_N))
    earlier, later = torch.full_like(identity, torch.nan), torch.full_like(identity, torch.nan)
    order.earlier(identity, lag, earlier)
    order.later(identity, lag, later)
    assert torch.equal(earlier, order.shifted(identity, lag) if lag else identity)
    assert torch.equal(later, earlier.T)
