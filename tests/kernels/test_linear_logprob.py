"""The meaning of `linear_logprob`: by hand, against the naive formula in fp64, and Triton against the reference."""

import math
from collections.abc import Callable
from typing import Any

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor

from whetstone.kernels import dispatch
from whetstone.kernels.linear_logprob import kept, linear_logprob, reference, top_k

Outputs = dict[str, Tensor]

# Shapes (N, H, V) chosen against the interpreter's tiles of 16 x 32 x 16: one row, one token, exact and ragged tiles.
SHAPES = [(1, 1, 1), (1, 16, 32), (3, 5, 7), (16, 16, 32), (17, 40, 33), (37, 23, 300)]

GPU = [pytest.mark.gpu, pytest.mark.skipif(not torch.cuda.is_available(), reason="full-size tiles need a GPU")]


def inputs(N: int, H: int, V: int, dtype: torch.dtype, scale: float = 1.0) -> dict[str, Tensor]:
    """Random inputs and gradients of the outputs, rounded to `dtype`; the last target is ignored."""
    generator = torch.Generator().manual_seed(N * 10007 + H * 101 + V)

    def normal(*shape: int) -> Tensor:
        return torch.randn(*shape, generator=generator, dtype=torch.float64).to(dtype)

    target_N = torch.randint(V, (N,), generator=generator)
    if N > 1:
        target_N[-1] = -100
    return {
        "hidden": normal(N, H) * scale,
        "weight": normal(V, H) / math.sqrt(H),
        "bias": normal(V),
        "target": target_N,
        "dlogp": normal(N).float(),
        "dentropy": normal(N).float(),
    }


def run(form: Callable[..., tuple[Tensor, Tensor]], case: dict[str, Tensor], **options: Any) -> Outputs:
    """Outputs and all gradients of one call."""
    hidden, weight, bias = (case[name].clone().requires_grad_() for name in ("hidden", "weight", "bias"))
    logp, entropy = form(hidden, weight, case["target"], options.pop("temperature", 0.7), bias, **options)
    torch.autograd.backward((logp, entropy), (case["dlogp"].to(logp.dtype), case["dentropy"].to(entropy.dtype)))
    found = {"logp": logp, "entropy": entropy, "dhidden": hidden.grad, "dweight": weight.grad, "dbias": bias.grad}
    return {name: value.detach() for name, value in found.items() if value is not None}


def naive(
    hidden: Tensor,
    weight: Tensor,
    target: Tensor,
    temperature: float | Tensor,
    bias: Tensor,
    kept_NW: Tensor | None = None,
) -> tuple[Tensor, Tensor]:
    """The definition, written apart from the code under test."""
    scale = temperature[:, None] if isinstance(temperature, Tensor) else temperature
    logits = (torch.einsum("nh,vh->nv", hidden, weight) + bias) / scale
    if kept_NW is not None:
        allowed = [
            {*tokens, t} - {*range(-100, 0)} or {0} for tokens, t in zip(kept_NW.tolist(), target.tolist(), strict=True)
        ]
        cut = [[column not in tokens for column in range(len(weight))] for tokens in allowed]
        logits = logits.masked_fill(torch.tensor(cut), -300.0)  # p = 1e-130: nothing in the sums, and log p is a number
    p = torch.softmax(logits, dim=1)
    logp = torch.stack([p[i, t].log() if t >= 0 else p.new_zeros(()) for i, t in enumerate(target.tolist())])
    return logp, torch.special.entr(p).sum(1)


def error(found: Tensor, truth: Tensor) -> float:
    """The norm of the difference relative to the norm of the truth."""
    return float((found.double() - truth).norm() / truth.norm().clamp(min=1e-30))


@pytest.fixture
def device(monkeypatch: pytest.MonkeyPatch) -> str:
    """The device on which the Triton implementation runs here; forces it."""
    pytest.importorskip("triton")
    monkeypatch.setenv(dispatch.VARIABLE, "triton")
    return "cuda" if torch.cuda.is_available() else "cpu"


def by_hand(form: Callable[..., tuple[Tensor, Tensor]], device: str) -> None:
    # Logits (0, 0, log 2) and (log 3, 0, -inf in effect): p = (1/4, 1/4, 1/2) and (3/4, 1/4, 0).
    hidden = torch.eye(2, device=device, requires_grad=True)
    weight = torch.tensor([[0.0, math.log(3)], [0.0, 0.0], [math.log(2), -1e30]], device=device)
    logp, entropy = form(hidden, weight, torch.tensor([2, 1], device=device))
    torch.testing.assert_close(logp.cpu(), torch.tensor([-math.log(2), -math.log(4)]))
    torch.testing.assert_close(entropy.cpu(), torch.tensor([1.5 * math.log(2), math.log(4) - 0.75 * math.log(3)]))
    # Temperature 2 halves the logits: p of the first row is (1, 1, sqrt 2) / (2 + sqrt 2).
    logp, _ = form(hidden, weight, torch.tensor([0, -100], device=device), 2.0)
    torch.testing.assert_close(logp.cpu(), torch.tensor([-math.log(2 + math.sqrt(2)), 0.0]))
    # d logp / d hidden = weight_t - E[weight]; the first column of the first row: log 2 - log 2 / 2.
    weight = weight.clamp(min=-1.0)
    form(hidden, weight, torch.tensor([2, -1], device=device))[0].sum().backward()
    assert hidden.grad is not None
    assert hidden.grad[0, 0].item() == pytest.approx(math.log(2) / 2, rel=1e-6)
    assert hidden.grad[1].tolist() == [0.0, 0.0]
    # d H / d hidden = -sum p (log p + H) weight, first column of the first row: -1/2 (-log 2 + 3/2 log 2) log 2.
    (dhidden,) = torch.autograd.grad(form(hidden, weight, torch.tensor([2, -1], device=device))[1].sum(), hidden)
    assert dhidden[0, 0].item() == pytest.approx(-(math.log(2) ** 2) / 4, rel=1e-6)


@pytest.mark.parametrize("form", [reference.dense, reference.chunked, linear_logprob])
def test_by_hand(form):
    by_hand(form, "cpu")


def test_by_hand_triton(device):
    by_hand(linear_logprob, device)


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("rows", [None, 1, 4, 1000])
def test_reference_equals_the_definition(shape, rows):
    case = inputs(*shape, dtype=torch.float64)
    truth = run(naive, case)
    for found in (run(reference.dense, case), run(reference.chunked, case, rows=rows)):
        for name, value in truth.items():
            torch.testing.assert_close(found[name], value, rtol=1e-12, atol=1e-13, msg=name)


@settings(max_examples=40, deadline=None)
@given(
    st.integers(0, 9), st.integers(1, 9), st.integers(1, 40), st.integers(1, 12), st.floats(0.05, 20), st.integers(0)
)
def test_both_forms_agree(N, H, V, rows, temperature, seed):
    case = inputs(N, H, V, torch.float64)
    case["target"] = torch.randint(-2, V, (N,), generator=torch.Generator().manual_seed(seed % 2**63))
    dense = run(reference.dense, case, temperature=temperature)
    for name, value in run(reference.chunked, case, temperature=temperature, rows=rows).items():
        torch.testing.assert_close(value, dense[name], rtol=1e-9, atol=1e-11, msg=name)


def test_gradcheck():
    case = inputs(4, 3, 6, torch.float64)
    hidden, weight, bias = (case[name].requires_grad_() for name in ("hidden", "weight", "bias"))
    for rows in (1, 3):
        assert torch.autograd.gradcheck(
            lambda h, w, b, rows=rows: reference.chunked(h, w, case["target"], 1.3, b, rows), (hidden, weight, bias)
        )


def test_form_is_chosen_by_size(monkeypatch):
    case = inputs(5, 4, 6, torch.float32)
    monkeypatch.setattr(reference, "dense", lambda *_: pytest.fail("30 logits are over the threshold"))
    monkeypatch.setattr(reference, "DENSE_LOGITS", 29)
    run(linear_logprob, case)


@pytest.mark.parametrize("shape", [*SHAPES, pytest.param((513, 2048, 32017), marks=GPU)])
@pytest.mark.parametrize("dtype", [torch.float32, torch.bfloat16])
def test_triton_is_as_exact_as_the_reference(shape, dtype, device):
    """At most twice the reference's own error in that dtype.

    Never less than two roundings (eps), for the gradient of the logits and for the result: on a few numbers the
    reference may be exact by luck. The interpreter cuts bf16 off where a GPU rounds: up to eps more.
    """
    case = inputs(*shape, dtype=dtype)
    truth = run(naive, {name: value if name == "target" else value.double() for name, value in case.items()})
    ours = run(reference.chunked, case)
    found = run(linear_logprob, {name: value.to(device) for name, value in case.items()})
    for name, value in truth.items():
        stored = dtype if name.startswith("d") else torch.float32
        eps = torch.finfo(stored).eps
        cut_off = eps if stored == torch.bfloat16 and device == "cpu" else 0.0
        assert found[name].dtype == stored
        assert error(found[name].cpu(), value) <= max(2 * error(ours[name], value), eps) + cut_off, name


def test_triton_without_bias_and_in_ranges_of_columns(device, monkeypatch):
    from whetstone.kernels.linear_logprob import triton

    monkeypatch.setattr(triton, "BUFFER_BYTES", 1)
    monkeypatch.setattr(triton, "MIN_COLUMNS", 128)
    monkeypatch.setattr(triton, "ALIGN", 64)  # 300 columns: splits of 64, ranges of 128
    case = inputs(5, 8, 300, torch.float32)
    case["bias"].zero_()
    truth = run(naive, {name: value if name == "target" else value.double() for name, value in case.items()})

    def unbiased(hidden, weight, target, temperature, bias):
        return linear_logprob(hidden, weight, target, temperature)

    found = run(unbiased, {name: value.to(device) for name, value in case.items()})
    assert "dbias" not in found
    for name, value in found.items():
        assert error(value.cpu(), truth[name]) < 1e-6, name


def temperatures(N: int) -> Tensor:
    return 0.3 + 2 * torch.rand(N, generator=torch.Generator().manual_seed(N), dtype=torch.float64)


@pytest.mark.parametrize("form", [reference.dense, reference.chunked, linear_logprob])
def test_each_row_may_have_a_temperature(form):
    case = inputs(9, 5, 12, torch.float64)
    options = {"rows": 4} if form is reference.chunked else {}
    truth = run(naive, case, temperature=temperatures(9))
    for name, value in run(form, case, temperature=temperatures(9), **options).items():
        torch.testing.assert_close(value, truth[name], rtol=1e-12, atol=1e-13, msg=name)


def test_triton_takes_a_temperature_for_each_row(device):
    case = inputs(17, 20, 70, torch.float32)
    truth = run(naive, {n: v if n == "target" else v.double() for n, v in case.items()}, temperature=temperatures(17))
    ours = run(reference.chunked, case, temperature=temperatures(17).float())
    case = {name: value.to(device) for name, value in case.items()}
    for name, value in run(linear_logprob, case, temperature=temperatures(17).float().to(device)).items():
        limit = max(2 * error(ours[name], truth[name]), torch.finfo(torch.float32).eps)
        assert error(value.cpu(), truth[name]) <= limit, name


# Kept tokens of five rows over a vocabulary of 12: with the target among them, without, padded, none, and ignored.
KEPT = torch.tensor([[3, 7, 11], [0, 5, 6], [4, -1, -1], [-1, -1, -1], [2, 9, -1]])


@pytest.mark.parametrize("chunk", [1, 1 << 22])
def test_kept_tokens_are_all_there_is(chunk, monkeypatch):
    monkeypatch.setattr(kept, "CHUNK_VALUES", chunk)
    case = inputs(5, 4, 12, torch.float64)
    case["target"] = torch.tensor([7, 1, 4, 8, -100])
    for temperature in (0.7, temperatures(5)):
        truth = run(naive, case, temperature=temperature, kept_NW=KEPT)
        for name, value in run(linear_logprob, case, temperature=temperature, kept_NW=KEPT).items():
            torch.testing.assert_close(value, truth[name], rtol=1e-12, atol=1e-13, msg=name)
    case["target"][3] = -1  # neither a target nor kept tokens: nothing comes of the row
    found = run(linear_logprob, case, kept_NW=KEPT)
    assert (found["logp"][3], found["entropy"][3]) == (0, 0)
    assert not found["dhidden"][3].any()


@pytest.mark.parametrize("dtype", [torch.float32, torch.bfloat16])
def test_all_tokens_kept_is_as_exact_as_none_cut(dtype):
    """At most twice the error of the reference, never less than two roundings (eps) of the result."""
    case = inputs(9, 20, 33, dtype)
    truth = run(naive, {name: value if name == "target" else value.double() for name, value in case.items()})
    ours = run(reference.chunked, case)
    for name, value in run(linear_logprob, case, kept_NW=torch.arange(33).expand(9, -1)).items():
        limit = max(2 * error(ours[name], truth[name]), torch.finfo(value.dtype).eps)
        assert value.dtype == ours[name].dtype
        assert error(value, truth[name]) <= limit, name


def test_top_k_recomputes_what_a_sampler_would_keep(monkeypatch):
    monkeypatch.setattr(kept, "CHUNK_VALUES", 40)  # two rows at a time
    case = inputs(7, 5, 19, torch.float64)
    found = top_k(case["hidden"], case["weight"], 4, case["bias"])
    assert torch.equal(found, (case["hidden"] @ case["weight"].T + case["bias"]).topk(4)[1])
    with pytest.raises(ValueError, match=r"1\.\.19, the vocabulary; got 20"):
        top_k(case["hidden"], case["weight"], 20)


def test_triton_writes_every_element(device, monkeypatch):
    """Uninitialised memory is poisoned with NaN; none of it may reach a result."""

    def poisoned(allocate: Callable[..., Tensor]) -> Callable[..., Tensor]:
        def allocate_nan(*arguments, **options):
            memory = allocate(*arguments, **options)
            return memory.fill_(torch.nan) if memory.is_floating_point() else memory

        return allocate_nan

    monkeypatch.setattr(torch, "empty_like", poisoned(torch.empty_like))
    monkeypatch.setattr(Tensor, "new_empty", poisoned(Tensor.new_empty))
    case = inputs(17, 20, 70, torch.float32)
    for name, value in run(linear_logprob, {name: value.to(device) for name, value in case.items()}).items():
        assert value.isfinite().all(), name


def test_triton_repeats_its_bits(device):
    case = {name: value.to(device) for name, value in inputs(17, 20, 70, torch.float32).items()}
    first, second = run(linear_logprob, case), run(linear_logprob, case)
    assert all(torch.equal(first[name], second[name]) for name in first)


def test_frozen_weight_gets_no_gradient(device):
    case = {name: value.to(device) for name, value in inputs(3, 4, 5, torch.float32).items()}
    hidden = case["hidden"].requires_grad_()
    linear_logprob(hidden, case["weight"], case["target"])[0].sum().backward()
    assert hidden.grad is not None
    assert case["weight"].grad is None


def test_triton_marks_a_target_outside_the_vocabulary(device):
    case = {name: value.to(device) for name, value in inputs(2, 4, 5, torch.float32).items()}
    logp, _ = linear_logprob(case["hidden"], case["weight"], torch.tensor([5, 4], device=device))
    assert logp.isnan().tolist() == [True, False]


@pytest.mark.parametrize("choice", ["reference", "triton"])
def test_huge_logits(choice, device, monkeypatch):
    """Logits of the order of 1e6: the results are those of fp64 to the rounding of the logits themselves."""
    monkeypatch.setenv(dispatch.VARIABLE, choice)
    case = inputs(8, 16, 40, torch.float32, scale=1e6)
    found = run(linear_logprob, {name: value.to(device) for name, value in case.items()})
    truth = run(naive, {name: value if name == "target" else value.double() for name, value in case.items()})
    assert all(value.isfinite().all() for value in found.values())
    torch.testing.assert_close(found["entropy"].cpu().double(), truth["entropy"], rtol=0, atol=1e-3)


@pytest.mark.parametrize("choice", ["reference", "triton"])
def test_empty_batch(choice, device, monkeypatch):
    monkeypatch.setenv(dispatch.VARIABLE, choice)
    case = {name: value.to(device) for name, value in inputs(0, 4, 5, torch.float32).items()}
    found = run(linear_logprob, case)
    assert found["logp"].shape == found["entropy"].shape == (0,)
    assert not found["dweight"].any()


def test_autocast_computes_in_its_dtype():
    case = inputs(4, 8, 9, torch.float32)
    with torch.autocast("cpu", torch.bfloat16):
        logp, _ = linear_logprob(case["hidden"], case["weight"], case["target"])
    expected, _ = linear_logprob(case["hidden"].bfloat16(), case["weight"].bfloat16(), case["target"])
    assert logp.dtype == torch.float32
    assert torch.equal(logp, expected)


@pytest.mark.parametrize(
    ("change", "kind", "message"),
    [
        ({"hidden": torch.zeros(2, 3, dtype=torch.float16)}, TypeError, "float16"),
        ({"target": torch.zeros(2)}, TypeError, "token ids"),
        ({"target": torch.zeros(3, dtype=torch.int64)}, ValueError, r"target \(N,\)"),
        ({"weight": torch.zeros(4, 5)}, ValueError, r"\(4, 5\)"),
        ({"bias": torch.zeros(1)}, ValueError, r"bias \(V,\)"),
        ({"temperature": 0.0}, ValueError, "positive; got 0.0"),
        ({"temperature": torch.ones(3)}, ValueError, r"a number or \(N,\)"),
        ({"kept": torch.zeros(2, 3)}, TypeError, "kept must hold int64"),
        ({"kept": torch.zeros(3, 3, dtype=torch.int64)}, ValueError, r"kept \(N, W\)"),
    ],
)
def test_unfit_inputs_are_named(change, kind, message):
    case = {"hidden": torch.zeros(2, 3), "weight": torch.zeros(4, 3), "target": torch.zeros(2, dtype=torch.int64)}
    case |= {"bias": torch.zeros(4), "temperature": 1.0, "kept": None} | change
    with pytest.raises(kind, match=message):
        linear_logprob(*(case[name] for name in ("hidden", "weight", "target", "temperature", "bias", "kept")))
