"""The meaning of `residual_norm`: by hand, against the definition in fp64, and Triton against the reference."""

import math
from collections.abc import Callable

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor

from whetstone.kernels import dispatch
from whetstone.kernels.residual_norm import cpu, reference, residual, residual_norm, rms_norm

EPS = 1e-5
SHAPES = [(1, 1), (1, 16), (3, 7), (5, 32), (4, 130)]  # (N, M): one value, powers of two and not

GPU = [pytest.mark.gpu, pytest.mark.skipif(not torch.cuda.is_available(), reason="full-size rows need a GPU")]

VECTORS = ("x_scale", "x_bias", "residual_scale", "residual_bias", "weight")
LEAVES = ("x", "residual", *VECTORS)


def inputs(N: int, M: int, dtype: torch.dtype, draw: int = 0) -> dict[str, Tensor]:
    """Random inputs and gradients of the outputs in `dtype`, but for the stream, which is fp32 at least."""
    generator = torch.Generator().manual_seed(N * 1009 + M + draw * 10**6)

    def normal(*shape: int) -> Tensor:
        return torch.randn(*shape, generator=generator, dtype=torch.float64)

    case = {"x": normal(N, M), "residual": 3 * normal(N, M), "dstream": normal(N, M), "dnormed": normal(N, M)}
    case |= {name: normal(M) for name in VECTORS}
    stream = torch.promote_types(dtype, torch.float32)
    return {name: value.to(stream if name in ("residual", "dstream") else dtype) for name, value in case.items()}


def run(form: Callable[..., tuple[Tensor, Tensor]], case: dict[str, Tensor]) -> dict[str, Tensor]:
    """Outputs and all gradients of one call."""
    leaves = [case[name].clone().requires_grad_() for name in LEAVES]
    stream, normed = form(*leaves, eps=EPS)
    torch.autograd.backward((stream, normed), (case["dstream"], case["dnormed"]))
    found = {"stream": stream.detach(), "normed": normed.detach()}
    return found | {f"d{name}": leaf.grad for name, leaf in zip(LEAVES, leaves, strict=True) if leaf.grad is not None}


def naive(x: Tensor, residual: Tensor, s1: Tensor, b1: Tensor, s2: Tensor, b2: Tensor, weight: Tensor, eps: float):
    """The definition, written apart from the code under test."""
    stream = (x + b1) * s1 + (residual + b2) * s2
    return stream, stream / ((stream**2).mean(1, keepdim=True) + eps).sqrt() * weight


def error(found: Tensor, truth: Tensor) -> float:
    """The norm of the difference relative to the norm of the truth."""
    return float((found.double() - truth).norm() / truth.norm().clamp(min=1e-30))


@pytest.fixture
def device(monkeypatch: pytest.MonkeyPatch) -> str:
    """The device on which the Triton implementation runs here; forces it."""
    pytest.importorskip("triton")
    monkeypatch.setenv(dispatch.VARIABLE, "triton")
    return "cuda" if torch.cuda.is_available() else "cpu"


def chosen(choice: str, device: str, monkeypatch: pytest.MonkeyPatch) -> str:
    """Forces one implementation; the device it runs on."""
    if choice == "cpu":
        monkeypatch.delenv(dispatch.VARIABLE)
        return "cpu"
    monkeypatch.setenv(dispatch.VARIABLE, choice)
    return device


def moved(case: dict[str, Tensor], device: str) -> dict[str, Tensor]:
    return {name: value.to(device) for name, value in case.items()}


@pytest.mark.parametrize("choice", ["reference", "cpu", "triton"])
def test_by_hand(choice, device, monkeypatch):
    """(1 + 1) 2 + (2 - 2) 5 = 4 and (0 + 1) 3 + (5 + 1) 0 = 3; their root mean square is sqrt(12.5)."""
    device = chosen(choice, device, monkeypatch)
    rows = [torch.tensor([row], device=device) for row in ([1.0, 0], [2.0, 5])]
    vectors = torch.tensor([[2.0, 3], [1, 1], [5, 0], [-2, 1], [1, 10]], device=device).unbind()
    stream, normed = residual_norm(*rows, *vectors, eps=0.0)
    assert stream.tolist() == [[4, 3]]
    torch.testing.assert_close(normed.cpu(), torch.tensor([[4, 30]]) / math.sqrt(12.5))


@settings(max_examples=40, deadline=None)
@given(st.integers(1, 6), st.integers(1, 40))
def test_reference_and_the_cpu_form_equal_the_definition(N, M):
    case = inputs(N, M, torch.float64)
    truth = run(naive, case)
    for form in (reference.residual_norm, cpu.residual_norm):
        for name, value in run(form, case).items():
            torch.testing.assert_close(value, truth[name], rtol=1e-11, atol=1e-11, msg=name)


@settings(max_examples=40, deadline=None)
@given(st.integers(1, 6), st.integers(1, 40))
def test_the_norm_alone_equals_the_definition(N, M):
    case = inputs(N, M, torch.float64)
    found = {}
    for name, form in (("definition", alone), ("reference", reference.rms_norm), ("cpu", cpu.rms_norm)):
        x, weight = (case[leaf].clone().requires_grad_() for leaf in ("x", "weight"))
        normed = form(x, weight, EPS)
        normed.backward(case["dnormed"])
        found[name] = normed.detach(), x.grad, weight.grad
    for name in ("reference", "cpu"):
        torch.testing.assert_close(found[name], found["definition"], rtol=1e-11, atol=1e-11, msg=name)


@pytest.mark.parametrize("shape", SHAPES)
def test_the_merge_alone_is_that_of_the_operator(shape):
    case = inputs(*shape, dtype=torch.float64)
    case["dnormed"].zero_()
    expected = run(naive, case)
    leaves = [case[name].clone().requires_grad_() for name in LEAVES[:-1]]
    stream = residual(*leaves)
    stream.backward(case["dstream"])
    torch.testing.assert_close(stream, expected["stream"], rtol=1e-11, atol=1e-11)
    for name, leaf in zip(LEAVES, leaves, strict=False):
        torch.testing.assert_close(leaf.grad, expected[f"d{name}"], rtol=1e-11, atol=1e-11, msg=name)


def test_the_merge_alone_of_rows_in_bf16_is_fp32():
    case = inputs(2, 3, torch.bfloat16)
    stream = residual(*(case[name] for name in LEAVES[:-1]))
    assert stream.dtype == torch.float32
    expected, _ = naive(*(case[name].double() for name in LEAVES), eps=EPS)
    torch.testing.assert_close(stream.double(), expected, rtol=1e-5, atol=1e-5)


def alone(x: Tensor, weight: Tensor, eps: float) -> Tensor:
    return x / ((x**2).mean(-1, keepdim=True) + eps).sqrt() * weight


@pytest.mark.parametrize("shape", SHAPES)
def test_the_cpu_form_is_as_exact_as_the_reference(shape):
    """In fp32: at most twice the reference's own error, the largest of eight draws; never less than two roundings."""
    cases = [inputs(*shape, dtype=torch.float32, draw=draw) for draw in range(8)]
    truths = [run(reference.residual_norm, {name: value.double() for name, value in case.items()}) for case in cases]
    ours = [run(reference.residual_norm, case) for case in cases]
    for name, value in run(residual_norm, cases[0]).items():
        own = max(error(o[name], t[name]) for o, t in zip(ours, truths, strict=True))
        assert error(value, truths[0][name]) <= max(2 * own, torch.finfo(torch.float32).eps), name


@pytest.mark.parametrize("dtype", [torch.float32, torch.bfloat16])
def test_the_norm_alone_has_the_dtype_of_its_weight_and_takes_any_rows(dtype):
    x = torch.tensor([[[3.0, 4.0]]], dtype=dtype)
    expected = torch.tensor([[[3.0, 8.0]]]) / math.sqrt(12.5)
    torch.testing.assert_close(rms_norm(x, torch.tensor([1.0, 2.0]), 0.0), expected)


@pytest.mark.parametrize("shape", [*SHAPES, pytest.param((4099, 2048), marks=GPU)])
@pytest.mark.parametrize("dtype", [torch.float32, torch.bfloat16])
def test_triton_is_as_exact_as_the_reference(shape, dtype, device):
    """At most twice the reference's own error in that dtype, the largest of eight draws (few numbers may be lucky).

    Never less than two roundings (eps). The interpreter cuts bf16 off where a GPU rounds: up to eps more.
    """
    cases = [inputs(*shape, dtype=dtype, draw=draw) for draw in range(8)]
    truths = [run(reference.residual_norm, {name: value.double() for name, value in case.items()}) for case in cases]
    ours = [run(reference.residual_norm, case) for case in cases]
    truth = truths[0]
    own = {name: max(error(o[name], t[name]) for o, t in zip(ours, truths, strict=True)) for name in truth}
    for name, value in run(residual_norm, moved(cases[0], device)).items():
        assert value.dtype == ours[0][name].dtype, name
        eps = torch.finfo(value.dtype).eps
        cut_off = eps if value.dtype == torch.bfloat16 and device == "cpu" else 0.0
        assert error(value.cpu(), truth[name]) <= max(2 * own[name], eps) + cut_off, name


def test_triton_with_fewer_programs_than_rows_repeats_its_bits(device, monkeypatch):
    from whetstone.kernels.residual_norm import triton

    monkeypatch.setattr(triton, "PROGRAMS", 3)
    case = inputs(8, 20, torch.float32)
    truth = run(reference.residual_norm, case)
    case = moved(case, device)
    first, second = run(residual_norm, case), run(residual_norm, case)
    for name, value in first.items():
        assert torch.equal(value, second[name]), name
        assert error(value.cpu(), truth[name].double()) < 1e-6, name


@pytest.mark.parametrize("choice", ["cpu", "triton"])
def test_every_element_is_written(choice, device, monkeypatch):
    """Uninitialised memory is poisoned with NaN; none of it may reach a result."""

    def poisoned(allocate: Callable[..., Tensor]) -> Callable[..., Tensor]:
        def allocate_nan(*arguments, **options):
            memory = allocate(*arguments, **options)
            return memory.fill_(torch.nan) if memory.is_floating_point() else memory

        return allocate_nan

    device = chosen(choice, device, monkeypatch)
    monkeypatch.setattr(torch, "empty_like", poisoned(torch.empty_like))
    monkeypatch.setattr(Tensor, "new_empty", poisoned(Tensor.new_empty))
    for name, value in run(residual_norm, moved(inputs(3, 20, torch.float32), device)).items():
        assert value.isfinite().all(), name


@pytest.mark.parametrize("choice", ["reference", "cpu", "triton"])
@pytest.mark.parametrize("used", [0, 1])
def test_one_of_the_outputs_may_go_unused(choice, used, device, monkeypatch):
    device = chosen(choice, device, monkeypatch)
    case = moved(inputs(2, 5, torch.float32), device)
    unused = case | {("dnormed", "dstream")[used]: torch.zeros(2, 5, device=device)}
    expected = run(residual_norm, unused)
    x = case["x"].requires_grad_()
    outputs = residual_norm(x, *(case[name] for name in LEAVES[1:]), eps=EPS)
    outputs[used].backward(case[("dstream", "dnormed")[used]])
    torch.testing.assert_close(x.grad, expected["dx"])
    assert case["weight"].grad is None


@pytest.mark.parametrize("choice", ["reference", "cpu", "triton"])
def test_rows_do_not_touch_and_none_will_do(choice, device, monkeypatch):
    device = chosen(choice, device, monkeypatch)
    case = moved(inputs(3, 6, torch.float32), device)
    whole = run(residual_norm, case)
    case["x"][1] = torch.nan
    found = run(residual_norm, case)
    for name in ("stream", "normed", "dx", "dresidual"):
        assert torch.equal(found[name][[0, 2]], whole[name][[0, 2]]), name
    empty = run(residual_norm, {n: v[:0] if v.ndim == 2 else v for n, v in case.items()})
    assert empty["normed"].shape == (0, 6)
    assert not empty["dweight"].any()


@pytest.mark.parametrize(
    ("place", "value", "kind", "message"),
    [
        (0, torch.zeros(2, 3, dtype=torch.float16), TypeError, "float16"),
        (1, torch.zeros(3, 3), ValueError, r"\(3, 3\)"),
        (6, torch.zeros(4), ValueError, r"5 vectors \(M,\)"),
    ],
)
def test_unfit_inputs_are_named(place, value, kind, message):
    tensors = [torch.zeros(2, 3), torch.zeros(2, 3), *torch.zeros(5, 3)]
    tensors[place] = value
    with pytest.raises(kind, match=message):
        residual_norm(*tensors, eps=EPS)
    if place < 6:
        with pytest.raises(kind, match=message):
            residual(*tensors[:6])
