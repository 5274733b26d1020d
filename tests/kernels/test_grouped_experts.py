"""The meaning of `grouped_experts`: by hand, against a plain loop in fp64, and Triton against the reference."""

import math
from collections.abc import Callable

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor

from whetstone.kernels import dispatch
from whetstone.kernels.grouped_experts import grouped_experts, reference

# Shapes (N, M, I, E, K) chosen against the interpreter's tiles of 16 x 32 x 16: one token, one of everything, exact and
# ragged tiles, more experts than tokens, two choices.
SHAPES = [
    (1, 1, 1, 1, 1),
    (1, 16, 32, 8, 1),
    (5, 7, 3, 2, 2),
    (16, 16, 32, 1, 1),
    (17, 20, 33, 2, 2),
    (18, 33, 8, 5, 1),
]

GPU = [pytest.mark.gpu, pytest.mark.skipif(not torch.cuda.is_available(), reason="full-size tiles need a GPU")]


def inputs(N: int, M: int, inner: int, E: int, K: int, dtype: torch.dtype) -> dict[str, Tensor]:
    """Random inputs and a gradient of the output, rounded to `dtype`; one choice in E + 1 is skip."""
    generator = torch.Generator().manual_seed(N * 10007 + M * 101 + inner * 11 + E)

    def normal(*shape: int) -> Tensor:
        return torch.randn(*shape, generator=generator, dtype=torch.float64)

    case = {
        "x": normal(N, M),
        "gate_up": normal(E, 2 * inner, M) / math.sqrt(M),
        "down": normal(E, M, inner) / math.sqrt(inner),
        "weight": torch.rand(N, K, generator=generator, dtype=torch.float64),
        "dout": normal(N, M),
    }
    choice = torch.rand(N, E + 1, generator=generator).argsort(-1)[:, :K]
    return {"choice": choice, **{name: value.to(dtype) for name, value in case.items()}}


def run(form: Callable[..., Tensor], case: dict[str, Tensor]) -> dict[str, Tensor]:
    """The output and all gradients of one call."""
    names = ("x", "gate_up", "down", "weight")
    leaves = {name: case[name].clone().requires_grad_() for name in names}
    out = form(leaves["x"], leaves["gate_up"], leaves["down"], case["choice"], leaves["weight"])
    out.backward(case["dout"])
    return {"out": out.detach(), **{f"d{name}": leaf.grad for name, leaf in leaves.items() if leaf.grad is not None}}


def naive(x: Tensor, gate_up: Tensor, down: Tensor, choice: Tensor, weight: Tensor) -> Tensor:
    """The definition, token by token, written apart from the code under test."""
    rows = []
    for token, chosen, weights in zip(x, choice.tolist(), weight, strict=True):
        row = 0 * (token + gate_up.sum() + down.sum() + weight.sum())
        for expert, w in zip(chosen, weights, strict=True):
            if expert < len(down):
                gate, up = (gate_up[expert] @ token).chunk(2)
                row = row + w * (down[expert] @ (gate / (1 + torch.exp(-gate)) * up))
        rows.append(row)
    return torch.stack(rows)


def error(found: Tensor, truth: Tensor) -> float:
    """The norm of the difference relative to the norm of the truth."""
    return float((found.double() - truth).norm() / truth.norm().clamp(min=1e-30))


@pytest.fixture
def device(monkeypatch: pytest.MonkeyPatch) -> str:
    """The device on which the Triton implementation runs here; forces it."""
    pytest.importorskip("triton")
    monkeypatch.setenv(dispatch.VARIABLE, "triton")
    return "cuda" if torch.cuda.is_available() else "cpu"


def moved(case: dict[str, Tensor], device: str) -> dict[str, Tensor]:
    return {name: value.to(device) for name, value in case.items()}


def by_hand(device: str) -> None:
    # One expert of one unit: gate 2 x, up 3 x, down 5. At x = 1: 5 silu(2) 3 = 15 * 2 / (1 + e^-2) = 26.4239...
    x, weight = torch.ones(2, 1, device=device), torch.tensor([[0.5], [1e9]], device=device)
    gate_up = torch.tensor([[[2.0], [3.0]]], device=device)
    choice = torch.tensor([[0], [1]], device=device)  # the second token skips
    out = grouped_experts(x, gate_up, torch.tensor([[[5.0]]], device=device), choice, weight)
    torch.testing.assert_close(out.cpu(), torch.tensor([[15 / (1 + math.exp(-2))], [0.0]]))


def test_by_hand():
    by_hand("cpu")


def test_triton_by_hand(device):
    by_hand(device)


@pytest.mark.parametrize("shape", SHAPES)
def test_reference_is_the_definition(shape):
    case = inputs(*shape, dtype=torch.float64)
    truth = run(naive, case)
    for name, value in run(grouped_experts, case).items():
        torch.testing.assert_close(value, truth[name], rtol=1e-12, atol=1e-13, msg=name)


@settings(max_examples=30, deadline=None)
@given(
    st.integers(0, 12), st.sampled_from([4, 8, 12]), st.sampled_from([4, 16]), st.integers(1, 4), st.integers(1, 3),
    st.integers(0, 2**31),
)  # fmt: skip
def test_forms_agree(N, M, inner, E, K, seed):
    """`grouped` (through F.grouped_mm), `loop` and `dense`, for any routing: experts may be empty or chosen twice."""
    case = inputs(N, M, inner, E, K, torch.float32)
    case["choice"] = torch.randint(E + 3, (N, K), generator=torch.Generator().manual_seed(seed))
    found = run(grouped_experts, case)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(reference, "grouped", reference.loop)
        for name, value in run(grouped_experts, case).items():
            torch.testing.assert_close(found[name], value, rtol=1e-4, atol=1e-5, msg=name)
    with torch.no_grad():
        dense = reference.dense(*(case[name] for name in ("x", "gate_up", "down", "choice", "weight")))
    torch.testing.assert_close(found["out"], dense, rtol=1e-4, atol=1e-5)


def test_gradcheck():
    case = inputs(5, 3, 2, 2, 2, torch.float64)
    leaves = [case[name].requires_grad_() for name in ("x", "gate_up", "down", "weight")]
    assert torch.autograd.gradcheck(lambda x, g, d, w: grouped_experts(x, g, d, case["choice"], w), leaves)


def test_few_tokens_without_gradients_go_through_all_experts_at_once(monkeypatch):
    case = inputs(4, 8, 8, 3, 2, torch.float32)
    monkeypatch.setattr(reference, "grouped", lambda *_: pytest.fail("4 tokens take the dense form"))
    given = [case[name] for name in ("x", "gate_up", "down", "choice", "weight")]
    with torch.no_grad():
        torch.testing.assert_close(grouped_experts(*given), naive(*given), rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize("shape", [*SHAPES, pytest.param((4096, 2048, 2048, 16, 1), marks=GPU)])
@pytest.mark.parametrize("dtype", [torch.float32, torch.bfloat16])
def test_triton_is_as_exact_as_the_reference(shape, dtype, device):
    """At most twice the reference's own error in that dtype.

    Never less than a rounding (eps / 2) for each step from input to result, since on a few numbers the reference may be
    exact by luck: gate, sigmoid, silu, times up, down, weight in fp32; of these bf16 keeps gate, activation and result.
    The interpreter cuts bf16 off where a GPU rounds: eps for each.
    """
    case = inputs(*shape, dtype=dtype)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv(dispatch.VARIABLE, "reference")
        truth = run(grouped_experts, {k: v if k == "choice" else v.double() for k, v in case.items()})
        ours = run(grouped_experts, case)
    found = run(grouped_experts, moved(case, device))
    eps = torch.finfo(dtype).eps
    steps = 6 / 2 if dtype == torch.float32 else 3 / 2 if device == "cuda" else 3
    for name, value in truth.items():
        assert found[name].dtype == dtype
        assert error(found[name].cpu(), value) <= max(2 * error(ours[name], value), steps * eps), name


@pytest.mark.parametrize("route", ["all on one", "all skip", "one empty"])
def test_triton_on_extreme_routes(route, device):
    case = inputs(18, 8, 8, 3, 1, torch.float32)
    case["choice"] = {
        "all on one": torch.full((18, 1), 1),
        "all skip": torch.full((18, 1), 3),
        "one empty": torch.arange(18)[:, None] % 2 * 2,
    }[route]
    truth = run(naive, {k: v if k == "choice" else v.double() for k, v in case.items()})
    found = run(grouped_experts, moved(case, device))
    for name, value in found.items():
        assert error(value.cpu(), truth[name]) < 1e-6, name
    if route == "all skip":
        assert not any(value.any() for value in found.values())
    if route == "one empty":
        assert not found["dgate_up"][1].any()


def test_triton_ignores_the_weight_of_a_skipped_token(device):
    case = moved(inputs(3, 8, 8, 2, 1, torch.float32), device)
    case["choice"][1], case["weight"][1] = 2, torch.nan
    found = run(grouped_experts, case)
    assert all(value.isfinite().all() for value in found.values())
    assert not found["out"][1].any()
    assert found["dweight"][1] == 0


def test_triton_writes_every_element(device, monkeypatch):
    """Uninitialised memory is poisoned with NaN (integers: with a large number); none of it may reach a result."""

    def poisoned(allocate: Callable[..., Tensor]) -> Callable[..., Tensor]:
        def allocate_nan(*arguments, **options):
            memory = allocate(*arguments, **options)
            return memory.fill_(torch.nan if memory.is_floating_point() else 2**30)

        return allocate_nan

    for owner, name in ((torch, "empty_like"), (torch, "empty"), (Tensor, "new_empty")):
        monkeypatch.setattr(owner, name, poisoned(getattr(owner, name)))
    for shape in ((17, 8, 33, 2, 1), (5, 20, 8, 3, 2)):
        for name, value in run(grouped_experts, moved(inputs(*shape, dtype=torch.float32), device)).items():
            assert value.isfinite().all(), name


def test_triton_repeats_its_bits(device):
    case = moved(inputs(17, 20, 8, 2, 2, torch.float32), device)
    first, second = run(grouped_experts, case), run(grouped_experts, case)
    assert all(torch.equal(first[name], second[name]) for name in first)


@pytest.mark.parametrize("experts", [1, 4, 130])
def test_sort_is_stable_over_chunks(experts, device, monkeypatch):
    from whetstone.kernels.grouped_experts import sort

    monkeypatch.setattr(sort, "CHUNK", 32)  # chunks of 16 assignments
    choice = torch.randint(experts + 3, (75, 2), generator=torch.Generator().manual_seed(0))
    order, ends = sort.sort(choice.to(device), experts)
    groups = choice.flatten().clamp(max=experts)
    assert order.tolist() == groups.argsort(stable=True).tolist()
    assert ends.tolist() == torch.bincount(groups, minlength=experts + 1).cumsum(0).tolist()


def test_triton_walks_over_bands_of_tiles(device):
    """More tiles of rows than one band holds, the last band ragged."""
    case = inputs(16 * 9 + 3, 8, 33, 1, 1, torch.float32)
    given = [case[name] for name in ("x", "gate_up", "down", "choice", "weight")]
    with torch.no_grad():
        found = grouped_experts(*(t.to(device) for t in given))
    assert error(found.cpu(), naive(*(t if t is case["choice"] else t.double() for t in given))) < 1e-6


def test_frozen_experts_get_no_gradient(device):
    case = moved(inputs(3, 4, 5, 2, 1, torch.float32), device)
    x = case["x"].requires_grad_()
    grouped_experts(x, case["gate_up"], case["down"], case["choice"], case["weight"]).sum().backward()
    assert x.grad is not None
    assert case["gate_up"].grad is None and case["down"].grad is None and case["weight"].grad is None


@pytest.mark.parametrize("choice", ["reference", "triton"])
def test_empty_batch(choice, device, monkeypatch):
    monkeypatch.setenv(dispatch.VARIABLE, choice)
    found = run(grouped_experts, moved(inputs(0, 4, 5, 2, 1, torch.float32), device))
    assert found["out"].shape == (0, 4)
    assert not found["ddown"].any()


def test_autocast_computes_in_its_dtype():
    case = inputs(4, 8, 8, 2, 1, torch.float32)
    given = [case[name] for name in ("x", "gate_up", "down", "choice", "weight")]
    with torch.autocast("cpu", torch.bfloat16):
        out = grouped_experts(*given)
    assert out.dtype == torch.bfloat16
    assert torch.equal(out, grouped_experts(*(t.bfloat16() for t in given[:3]), *given[3:]))


@pytest.mark.parametrize(
    ("change", "kind", "message"),
    [
        ({"x": torch.zeros(2, 3, dtype=torch.float16)}, TypeError, "float16"),
        ({"choice": torch.zeros(2, 1)}, TypeError, "choice must be int64"),
        ({"weight": torch.zeros(2, 1, dtype=torch.int64)}, TypeError, "weight floating"),
        ({"choice": torch.zeros(2, dtype=torch.int64)}, ValueError, r"choice and weight \(N, K\)"),
        ({"gate_up": torch.zeros(4, 5, 3)}, ValueError, r"\(4, 5, 3\)"),
        ({"weight": torch.zeros(2, 2)}, ValueError, r"\(2, 2\)"),
    ],
)
def test_unfit_inputs_are_named(change, kind, message):
    case = {"x": torch.zeros(2, 3), "gate_up": torch.zeros(4, 10, 3), "down": torch.zeros(4, 3, 5)}
    case |= {"choice": torch.zeros((2, 1), dtype=torch.int64), "weight": torch.zeros(2, 1)} | change
    with pytest.raises(kind, match=message):
        grouped_experts(*(case[name] for name in ("x", "gate_up", "down", "choice", "weight")))
