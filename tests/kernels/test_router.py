"""The meaning of `router`: by hand, against the definition in fp64, and Triton against the reference."""

import math
from collections.abc import Callable

import pytest
import torch
from torch import Tensor

from whetstone.kernels import dispatch, vendor
from whetstone.kernels.router import RouterWeights, Routes, reference, router

# Shapes (N, M, R, C, K) chosen against the interpreter's tiles of 16 tokens and slices of 16: one of everything, exact
# and ragged tiles, two choices.
SHAPES = [(1, 1, 1, 2, 1), (16, 16, 16, 16, 1), (5, 7, 3, 4, 2), (19, 40, 33, 17, 1), (33, 9, 20, 5, 3)]

GPU = [pytest.mark.gpu, pytest.mark.skipif(not torch.cuda.is_available(), reason="full-size tiles need a GPU")]
INPUTS = ("x", "previous", *RouterWeights._fields)

Case = dict[str, Tensor | None]


def inputs(N: int, M: int, R: int, C: int, K: int, dtype: torch.dtype, first: bool = False) -> Case:
    """Random inputs, choices to replay, and gradients of both outputs, rounded to `dtype`."""
    generator = torch.Generator().manual_seed(N * 10007 + M * 101 + R)

    def normal(*shape: int, scale: float = 1.0) -> Tensor:
        return (torch.randn(*shape, generator=generator, dtype=torch.float64) * scale).to(dtype)

    square = {"scale": R**-0.5}
    case: Case = {
        "x": normal(N, M),
        "previous": None if first else normal(N, R),
        "down_RM": normal(R, M, scale=M**-0.5),
        "down_bias_R": normal(R),
        "scale_R": None if first else normal(R),
        "norm_R": normal(R),
        "fc1_RR": normal(R, R, **square),
        "fc1_bias_R": normal(R),
        "fc2_RR": normal(R, R, **square),
        "fc2_bias_R": normal(R),
        "out_CR": normal(C, R, scale=3 * R**-0.5),
        "dweight": normal(N, K),
        "dstate": normal(N, R),
    }
    case["biases"] = torch.randn(C, generator=generator) * 0.1
    case["replay"] = torch.rand(N, C, generator=generator).argsort(-1)[:, :K]
    return case


def run(form: Callable[..., Routes], case: Case, replay: bool = True, top_k: int = 1) -> dict[str, Tensor]:
    """The outputs and all gradients of one call, on the choices of the case if `replay`."""
    leaves = {name: value.clone().requires_grad_() for name in INPUTS if (value := case[name]) is not None}
    weights = RouterWeights(*(leaves.get(name) for name in RouterWeights._fields))  # type: ignore[arg-type]
    top_k = case["dweight"].shape[1] if replay else top_k  # type: ignore[union-attr]
    found = form(
        leaves["x"], weights, case["biases"], leaves.get("previous"), case["replay"] if replay else None, top_k
    )
    torch.autograd.backward((found.weight_NK, found.state_NR), (case["dweight"][:, :top_k], case["dstate"]))  # type: ignore[index]
    outputs = {name: value.detach() for name, value in found._asdict().items()}
    return outputs | {f"d{name}": leaf.grad for name, leaf in leaves.items() if leaf.grad is not None}


def naive(x, weights, biases, previous, replay, top_k) -> Routes:
    """The definition, written apart from the code under test."""

    def gelu(z: Tensor) -> Tensor:
        return z * 0.5 * (1 + torch.erf(z / math.sqrt(2)))

    w = weights
    state = torch.einsum("nm,rm->nr", x, w.down_RM) + w.down_bias_R
    state = state if previous is None else state + w.scale_R * previous
    hidden = state / (state.square().mean(1, keepdim=True) + 1e-5).sqrt() * w.norm_R
    hidden = gelu(torch.einsum("nr,sr->ns", hidden, w.fc1_RR) + w.fc1_bias_R)
    hidden = gelu(torch.einsum("nr,sr->ns", hidden, w.fc2_RR) + w.fc2_bias_R)
    logits = torch.einsum("nr,cr->nc", hidden, w.out_CR)
    probs = logits.exp() / logits.exp().sum(1, keepdim=True)
    ranked = (probs.detach() + biases).argsort(1, descending=True)
    choice = ranked[:, :top_k] if replay is None else replay
    skip = len(biases) - 1
    weight = torch.stack([torch.stack([p[c] if c < skip else 0 * p[c] for c in row]) for p, row in zip(probs, choice)])  # noqa: B905
    counts = torch.tensor([int((choice == c).sum()) for c in range(skip + 1)])
    return Routes(choice, weight, state, counts)


def doubled(case: Case) -> Case:
    return {k: v.double() if v is not None and v.is_floating_point() and k != "biases" else v for k, v in case.items()}


def moved(case: Case, device: str) -> Case:
    return {name: None if value is None else value.to(device) for name, value in case.items()}


def error(found: Tensor, truth: Tensor) -> float:
    """The norm of the difference relative to the norm of the truth."""
    return float((found.double() - truth).norm() / truth.norm().clamp(min=1e-30))


@pytest.fixture
def device(monkeypatch: pytest.MonkeyPatch) -> str:
    """The device on which the Triton implementation runs here; forces it."""
    pytest.importorskip("triton")
    monkeypatch.setenv(dispatch.VARIABLE, "triton")
    return "cuda" if torch.cuda.is_available() else "cpu"


def by_hand(device: str) -> None:
    """Width 1, all matrices and vectors 1: the state is 2 + 3, its norm 1, then GELU(1 + 1), GELU(1.954 + 1)..."""
    learned = [torch.ones(shape, device=device) for shape in ((1, 1), 1, 1, 1, (1, 1), 1, (1, 1), 1)]
    learned.append(torch.tensor([[0.0], [1.0], [-1.0]], device=device))
    weights = RouterWeights(*learned)
    biases = torch.tensor([0.0, -2.0, 0.0], device=device)  # forbids the likeliest
    x, previous = torch.ones(1, 1, device=device), torch.full((1, 1), 3.0, device=device)
    found = router(x, weights, biases, previous)
    top = 2.954499736 * 0.5 * (1 + math.erf(2.954499736 / math.sqrt(2)))  # 2.954499736 = 1 + GELU(2)
    probability = 1 / (1 + math.exp(top) + math.exp(-top))
    assert found.choice_NK.tolist() == [[0]]
    assert found.weight_NK.item() == pytest.approx(probability, rel=1e-4)  # eps of the norm: 1 / sqrt(1 + 4e-7)
    assert found.state_NR.item() == 5.0
    assert found.counts_C.tolist() == [1, 0, 0]
    skipped = router(x, weights, biases, previous, replay_NK=torch.tensor([[2]], device=device))
    assert skipped.weight_NK.item() == 0.0
    assert skipped.counts_C.tolist() == [0, 0, 1]


def test_by_hand():
    by_hand("cpu")


def test_triton_by_hand(device):
    by_hand(device)


@pytest.mark.parametrize("replay", [False, True])
@pytest.mark.parametrize("first", [False, True])
@pytest.mark.parametrize("shape", SHAPES)
def test_reference_is_the_definition(shape, first, replay):
    case = inputs(*shape, dtype=torch.float64, first=first)
    truth = run(naive, case, replay, shape[-1])
    for name, value in run(router, case, replay, shape[-1]).items():
        torch.testing.assert_close(value, truth[name], rtol=1e-11, atol=1e-12, msg=name)


def test_gradcheck():
    case = inputs(3, 3, 4, 4, 2, torch.float64)
    leaves = [case[name].requires_grad_() for name in INPUTS]  # type: ignore[union-attr]

    def form(x, previous, *weights):
        return router(x, RouterWeights(*weights), case["biases"], previous, case["replay"], 2)[1:3]  # type: ignore[arg-type]

    assert torch.autograd.gradcheck(form, leaves)


@pytest.mark.parametrize(
    ("dtype", "shape"),
    [
        *((torch.float32, shape) for shape in SHAPES),
        *((torch.bfloat16, shape) for shape in SHAPES[1:]),  # of a single number in bf16, the error is mere luck
        *(pytest.param(dtype, (4096, 2048, 256, 17, 1), marks=GPU) for dtype in (torch.float32, torch.bfloat16)),
    ],
)
def test_triton_is_as_exact_as_the_reference(dtype, shape, device):
    """At most twice the reference's own error in that dtype, on given choices.

    Never less than a rounding (eps / 2) for each step from x to the probabilities, since on a few numbers the reference
    may be exact by luck: state (2), norm (2), three layers (2 each, the last 1), softmax (1). The interpreter cuts bf16
    off where a GPU rounds: eps for each.
    """
    case = inputs(*shape, dtype=dtype, first=shape[0] == 5)
    truth = run(reference_routes, doubled(case))
    ours = run(reference_routes, case)
    found = run(router, moved(case, device))
    floor = 10 * torch.finfo(dtype).eps / (1 if dtype == torch.bfloat16 and device == "cpu" else 2)
    for name, value in truth.items():
        if name in ("choice_NK", "counts_C"):
            assert found[name].tolist() == value.tolist()
            continue
        assert found[name].dtype == dtype
        assert error(found[name].cpu(), value) <= max(2 * error(ours[name], value), floor), name


def reference_routes(*arguments) -> Routes:
    return Routes(*reference.router(*arguments, eps=1e-5))


@pytest.mark.parametrize("shape", SHAPES)
def test_triton_chooses_as_the_reference(shape, device):
    case = inputs(*shape, dtype=torch.float32)
    expected = run(reference_routes, case, replay=False, top_k=shape[-1])
    found = run(router, moved(case, device), replay=False, top_k=shape[-1])
    assert found["choice_NK"].tolist() == expected["choice_NK"].tolist()
    assert found["counts_C"].tolist() == expected["counts_C"].tolist()
    assert found["counts_C"].sum() == shape[0] * shape[-1]
    assert found["choice_NK"].dtype == found["counts_C"].dtype == torch.int64


def test_triton_without_gradients_keeps_nothing(device):
    case = moved(inputs(5, 7, 3, 4, 2, torch.float32), device)
    weights = RouterWeights(*(case[name] for name in RouterWeights._fields))  # type: ignore[arg-type]
    trained = run(router, case)
    with torch.no_grad():
        found = router(case["x"], weights, case["biases"], case["previous"], case["replay"], 2)  # type: ignore[arg-type]
    assert not found.weight_NK.requires_grad
    assert torch.equal(found.weight_NK, trained["weight_NK"])


def test_triton_writes_every_element(device, monkeypatch):
    """Uninitialised memory is poisoned with NaN (integers: with a large number); none of it may reach a result."""

    def poisoned(allocate: Callable[..., Tensor]) -> Callable[..., Tensor]:
        def allocate_nan(*arguments, **options):
            memory = allocate(*arguments, **options)
            return memory.fill_(torch.nan if memory.is_floating_point() else 2**30)

        return allocate_nan

    for owner, name in ((torch, "empty_like"), (torch, "empty"), (Tensor, "new_empty")):
        monkeypatch.setattr(owner, name, poisoned(getattr(owner, name)))
    found = run(router, moved(inputs(17, 9, 20, 5, 2, torch.float32), device))
    for name, value in found.items():
        assert value.isfinite().all(), name
    assert found["counts_C"].sum() == 34


def test_triton_repeats_its_bits(device):
    case = moved(inputs(19, 9, 20, 5, 2, torch.float32), device)
    first, second = run(router, case), run(router, case)
    assert all(torch.equal(first[name], second[name]) for name in first)


def test_what_does_not_fit_takes_the_reference(device, monkeypatch):
    from whetstone.kernels.router import triton

    monkeypatch.setattr(triton, "router", lambda *_: pytest.fail("the width does not fit"))
    monkeypatch.setattr(vendor, "router_fits", lambda backend, dtype, width: width != 3)
    run(router, moved(inputs(5, 7, 3, 4, 2, torch.float32), device))


@pytest.mark.parametrize(
    ("backend", "dtype", "width", "fits"),
    [
        ("cuda", torch.bfloat16, 256, True),
        ("cuda", torch.float32, 256, False),
        ("hip", torch.float32, 256, True),
        ("hip", torch.bfloat16, 257, False),
    ],
)
def test_what_fits(backend, dtype, width, fits):
    assert vendor.router_fits(backend, dtype, width) == fits


@pytest.mark.parametrize("choice", ["reference", "triton"])
def test_empty_batch(choice, device, monkeypatch):
    monkeypatch.setenv(dispatch.VARIABLE, choice)
    found = run(router, moved(inputs(0, 4, 3, 5, 1, torch.float32), device))
    assert found["weight_NK"].shape == (0, 1)
    assert found["counts_C"].tolist() == [0] * 5
    assert not found["ddown_RM"].any()


def test_autocast_computes_in_its_dtype():
    case = inputs(4, 8, 6, 3, 1, torch.float32)
    half = {k: v.bfloat16() if v is not None and k in INPUTS else v for k, v in case.items()}
    results = []
    for given, enabled in ((case, True), (half, False)):
        weights = RouterWeights(*(given[name] for name in RouterWeights._fields))  # type: ignore[arg-type]
        with torch.autocast("cpu", torch.bfloat16, enabled=enabled):
            results.append(router(given["x"], weights, given["biases"], given["previous"]))  # type: ignore[arg-type]
    assert all(torch.equal(a, b) for a, b in zip(*results, strict=True))
    assert results[0].state_NR.dtype == torch.bfloat16


@pytest.mark.parametrize(
    ("change", "kind", "message"),
    [
        ({"x": torch.zeros(5, 7, dtype=torch.float16)}, TypeError, "float16"),
        ({"norm_R": torch.zeros(3, dtype=torch.bfloat16)}, TypeError, "bfloat16, torch.float32"),
        ({"biases": torch.zeros(4, dtype=torch.bfloat16)}, TypeError, "biases must be float32"),
        ({"replay": torch.zeros(5, 2)}, TypeError, "replay int64"),
        ({"previous": None}, ValueError, "no previous, a scale"),
        ({"scale_R": None}, ValueError, "a previous, no scale"),
        ({"fc1_RR": torch.zeros(3, 2)}, ValueError, r"\(3, 2\)"),
        ({"replay": torch.zeros((5, 1), dtype=torch.int64)}, ValueError, "top 2"),
        ({"top_k": 5, "replay": None}, ValueError, "1 to 4, the number of classes; got 5"),
    ],
)
def test_unfit_inputs_are_named(change, kind, message):
    case = inputs(5, 7, 3, 4, 2, torch.float32) | change
    weights = RouterWeights(*(case[name] for name in RouterWeights._fields))  # type: ignore[arg-type]
    with pytest.raises(kind, match=message):
        router(case["x"], weights, case["biases"], case["previous"], case["replay"], case.get("top_k", 2))  # type: ignore[arg-type]
