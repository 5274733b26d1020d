"""The meaning of `cca_decode`: it continues a prompt, as `cca` would, and Triton is as exact as the reference.

Shapes: as in `whetstone.kernels.cca`.
"""

import math
from collections.abc import Callable

import pytest
import torch
from torch import Tensor

from whetstone.kernels import dispatch
from whetstone.kernels.cca import Order, cca, cca_decode, cca_state, reference

WEIGHTS = ("kernel", "offset", "temperature")


def packed(*lengths: int, device: str = "cpu") -> Order:
    return Order.packed(torch.cat([torch.arange(length) for length in lengths]).to(device))


def inputs(N: int, H: int, K: int, D: int, R: int, L: int, dtype: torch.dtype, device: str) -> dict[str, Tensor]:
    """Random inputs, rounded to `dtype`; cosines and sines in fp32."""
    h = H + K
    generator = torch.Generator().manual_seed(N * 1009 + H * 101 + D)

    def normal(*shape: int) -> Tensor:
        return torch.randn(*shape, generator=generator)

    angles = normal(N, R) * 3
    rounded = {
        "rows": normal(N, (h + K) * D),
        "kernel": normal(h, L * D, D) / math.sqrt(L * D),
        "offset": normal(h, D),
        "temperature": 1 + normal(K) / 4,
    }
    wide = {"cos": angles.cos(), "sin": angles.sin()}
    return {name: value.to(device, dtype) for name, value in rounded.items()} | {
        name: value.to(device) for name, value in wide.items()
    }


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
@pytest.mark.parametrize(("t0", "t1"), [(1, 1), (2, 1), (2, 2), (3, 2)])
def test_decoding_continues_a_prompt(choice, t0, t1, device, monkeypatch):
    """Two sequences: prompts of 1 and 4 tokens in one pass, then 3 tokens each one by one, or all in one pass."""
    monkeypatch.setenv(dispatch.VARIABLE, choice)
    H, K, D, R, L, prompts, more = 2, 1, 6, 2, t0 + t1 - 1, (1, 4), 3
    lengths = [length + more for length in prompts]
    case = inputs(sum(lengths), H, K, D, R, L, torch.float32, device)
    weights = [case[name] for name in WEIGHTS]
    whole = packed(*lengths, device=device)
    expected = cca(case["rows"], *weights, cos_NR=case["cos"], sin_NR=case["sin"], order=whole)

    starts = [0, lengths[0]]
    at = torch.cat([start + torch.arange(length) for start, length in zip(starts, prompts, strict=True)]).to(device)
    order = packed(*prompts, device=device)
    found = cca(case["rows"][at], *weights, cos_NR=case["cos"][at], sin_NR=case["sin"][at], order=order)
    for value, truth in zip(found, expected, strict=True):
        torch.testing.assert_close(value, truth[at])
    last = torch.tensor([prompts[0] - 1, sum(prompts) - 1], device=device)
    state = cca_state(case["rows"][at], (H + K) * D, L - 1, order, last)
    for step in range(more):
        at = torch.tensor([s + p + step for s, p in zip(starts, prompts, strict=True)], device=device)
        found = cca_decode(case["rows"][at], *state, *weights, cos_AR=case["cos"][at], sin_AR=case["sin"][at])
        for value, truth in zip(found, expected, strict=True):
            torch.testing.assert_close(value, truth[at])
    assert torch.equal(state[0][:, :1], case["rows"][at, None, : (H + K) * D][:, : L - 1])


@pytest.mark.parametrize("dtype", [torch.float32, torch.bfloat16])
def test_decoding_is_as_exact_as_the_reference(dtype, device):
    """The state is fp32, as it is kept beside a bf16 policy; the tolerance is that of the packed form."""
    A, (H, K, D, R, L) = 18, (2, 1, 20, 5, 3)
    case = inputs(A, H, K, D, R, L, dtype, "cpu")
    generator = torch.Generator().manual_seed(0)
    state = torch.randn(A, L - 1, (H + K) * D, generator=generator), torch.randn(A, K * D // 2, generator=generator)
    names = (*WEIGHTS, "cos", "sin")

    def decode(form: Callable[..., tuple[Tensor, ...]], convert: Callable[[Tensor], Tensor]) -> list[Tensor]:
        own = [convert(part).clone() for part in state]
        out = form(convert(case["rows"]), *own, *(convert(case[name]) for name in names))
        return [value.cpu() for value in (*out, *own)]

    truth = decode(reference.cca_decode, lambda t: t.to(dtype).double() if t.shape[0] == A else t.double())
    truth[3:] = decode(reference.cca_decode, Tensor.double)[3:]
    ours = decode(reference.cca_decode, lambda t: t)
    found = decode(cca_decode, lambda t: t.to(device))
    eps = torch.finfo(dtype).eps
    for value, own, exact in zip(found, ours, truth, strict=True):
        assert value.dtype == own.dtype
        assert error(value, exact) <= max(2 * error(own, exact), eps) + eps * (dtype == torch.bfloat16)


def test_an_unfit_state_is_named():
    case = inputs(3, 1, 1, 4, 1, 3, torch.float32, "cpu")
    state = torch.zeros(3, 1, 8), torch.zeros(3, 2)
    with pytest.raises(ValueError, match=r"expected a state of shapes \(3, 2, 8\) and \(3, 2\)"):
        cca_decode(case["rows"], *state, *(case[name] for name in (*WEIGHTS, "cos", "sin")))
