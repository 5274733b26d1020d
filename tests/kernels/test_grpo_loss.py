"""The meaning of `grpo_loss`: by hand, the policy's own loss bit for bit, and Triton against the reference."""

import math
from collections.abc import Callable
from typing import Any

import pytest
import torch
from torch import Tensor

from whetstone.kernels import dispatch
from whetstone.kernels.grpo_loss import METRICS, Region, grpo_loss, reference

REGIONS = [Region(), Region("clip", 0.0, 0.0), Region("mask", high=0.1), Region("truncate", 1.0, 1.0)]
NAMES = ("logprob", "entropy", "sampled", "advantage", "weight")

GPU = [pytest.mark.gpu, pytest.mark.skipif(not torch.cuda.is_available(), reason="many tokens need a GPU")]


def inputs(R: int, dtype: torch.dtype = torch.float64) -> dict[str, Tensor]:
    """Random tokens: a few advantages are 0, ratios lie on both sides of every bound."""
    generator = torch.Generator().manual_seed(R)
    uniform = torch.rand(5, R, generator=generator, dtype=torch.float64)
    advantage = torch.randn(R, generator=generator, dtype=torch.float64)
    advantage[uniform[4] < 0.1] = 0
    case = {
        "logprob": -3 * uniform[0],
        "entropy": 2 * uniform[1],
        "sampled": -3 * uniform[0] + uniform[2] - 0.5,
        "advantage": advantage,
        "weight": (0.5 + uniform[3]) / max(1, R),
    }
    return {name: value.to(dtype) for name, value in case.items()}


def run(form: Callable[..., tuple[Tensor, Tensor]], case: dict[str, Tensor], *settings: Any) -> dict[str, Tensor]:
    """Loss, metrics and both gradients of one call."""
    logprob, entropy = (case[name].clone().requires_grad_() for name in NAMES[:2])
    loss, metrics = form(logprob, entropy, *(case[name] for name in NAMES[2:]), *settings)
    (2.5 * loss).backward()
    assert logprob.grad is not None
    dentropy = torch.zeros_like(entropy) if entropy.grad is None else entropy.grad
    return {"loss": loss.detach(), "metrics": metrics, "dlogprob": logprob.grad, "dentropy": dentropy}


def error(found: Tensor, truth: Tensor, scale: Tensor | None = None) -> float:
    """The norm of the difference relative to `scale`, by default the norm of the truth."""
    scale = truth.norm() if scale is None else scale
    return float((found.double() - truth).norm() / scale.clamp(min=1e-30))


@pytest.fixture
def device(monkeypatch: pytest.MonkeyPatch) -> str:
    """The device on which the Triton implementation runs here; forces it."""
    pytest.importorskip("triton")
    monkeypatch.setenv(dispatch.VARIABLE, "triton")
    return "cuda" if torch.cuda.is_available() else "cpu"


def moved(case: dict[str, Tensor], device: str) -> dict[str, Tensor]:
    return {name: value.to(device) for name, value in case.items()}


# Four tokens of probability 0.5, sampled at 0.25, 0.5, 1 and 0.45: ratios 2, 1, 1/2 and 10/9; advantages 1, 1, -1, -1.
HAND = {
    "logprob": torch.tensor([0.5] * 4).log(),
    "entropy": torch.tensor([1.0, 0, 0, 0]),
    "sampled": torch.tensor([0.25, 0.5, 1, 0.45]).log(),
    "advantage": torch.tensor([1.0, 1, -1, -1]),
    "weight": torch.full((4,), 0.25),
}
BY_HAND = [  # gains, which tokens are cut, slopes of the gain in the log-probability
    (Region("clip", 0.2, 0.28), [1.28, 1, -0.8, -10 / 9], [1, 0, 1, 0], [0, 1, 0, -10 / 9]),
    (Region("mask", high=0.1), [0, 1, 0, -10 / 9], [1, 0, 1, 0], [0, 1, 0, -10 / 9]),
    (Region("mask", high=0.3), [2, 1, 0, -10 / 9], [0, 0, 1, 0], [2, 1, 0, -10 / 9]),
    (Region("truncate", 1.0, 0.5), [1.5, 1, -0.5, -10 / 9], [1, 0, 0, 0], [1.5, 1, -0.5, -10 / 9]),
]


@pytest.mark.parametrize("choice", ["reference", "triton"])
@pytest.mark.parametrize(("region", "gains", "cut", "slopes"), BY_HAND)
def test_by_hand(choice, region, gains, cut, slopes, device, monkeypatch):
    monkeypatch.setenv(dispatch.VARIABLE, choice)
    found = {name: value.cpu() for name, value in run(grpo_loss, moved(HAND, device), region, 0.1).items()}
    scale = -math.log(2) if region.rule == "truncate" else 1.0  # there the gain is the slope times log 1/2
    assert found["loss"].item() == pytest.approx(-(sum(gains) * scale + 0.1) / 4, abs=1e-6)
    torch.testing.assert_close(found["dlogprob"], -2.5 * torch.tensor(slopes) / 4)
    assert found["dentropy"].tolist() == pytest.approx([-2.5 * 0.1 / 4] * 4)
    entropy, share, kl, gap = found["metrics"].tolist()
    assert METRICS == ("entropy", "cut", "kl", "gap")
    assert (entropy, share) == pytest.approx((0.25, sum(cut) / 4))
    expected = sum(ratio - 1 - math.log(ratio) for ratio in (2, 1, 0.5, 10 / 9)) / 4
    assert (kl, gap) == pytest.approx((expected, math.log(2)), rel=1e-5)


@pytest.mark.parametrize("bonus", [0.0, 0.03])
def test_clip_is_the_policys_loss_to_the_last_bit(bonus):
    pytest.importorskip("transformers")  # the policy's package needs it
    from whetstone.policy import loss as policy

    case = inputs(501, torch.float32)

    def theirs(*tensors: Tensor) -> tuple[Tensor, Tensor]:
        value, metrics = policy.grpo_loss(policy.LossInputs(*tensors), policy.LossSettings(0.2, 0.28, bonus))
        return value, torch.tensor(list(metrics.values()))

    expected = run(theirs, case)
    for name, value in run(grpo_loss, case, Region(), bonus).items():
        assert torch.equal(value, expected[name]), name


@pytest.mark.parametrize("region", REGIONS)
@pytest.mark.parametrize("R", [1, 7, 1024, 1500, pytest.param(1_000_003, marks=GPU)])
def test_triton_is_as_exact_as_the_reference(region, R, device):
    """At most twice the reference's own error, and never less than two roundings: it may be exact by luck.

    The loss is a sum of gains of both signs, so its error is relative to the sum of their sizes.
    """
    case = inputs(R, torch.float32)
    truth = run(reference.grpo_loss, {name: value.double() for name, value in case.items()}, region, 0.1)
    ours = run(reference.grpo_loss, case, region, 0.1)
    found = run(grpo_loss, moved(case, device), region, 0.1)
    size = (case["weight"] * (case["advantage"].abs() + 0.1 * case["entropy"])).sum()  # of ratios about 1
    for name, value in truth.items():
        scale = size if name == "loss" else None
        limit = max(2 * error(ours[name], value, scale), torch.finfo(torch.float32).eps)
        assert error(found[name].cpu(), value, scale) <= limit, name


def test_triton_writes_every_element_and_repeats_its_bits(device, monkeypatch):
    def poisoned(allocate: Callable[..., Tensor]) -> Callable[..., Tensor]:
        def allocate_nan(*arguments, **options):
            memory = allocate(*arguments, **options)
            return memory.fill_(torch.nan) if memory.is_floating_point() else memory

        return allocate_nan

    monkeypatch.setattr(torch, "empty_like", poisoned(torch.empty_like))
    monkeypatch.setattr(Tensor, "new_empty", poisoned(Tensor.new_empty))
    case = moved(inputs(1100, torch.float32), device)
    first, second = (run(grpo_loss, case, Region(), 0.1) for _ in range(2))
    for name, value in first.items():
        assert value.isfinite().all(), name
        assert torch.equal(value, second[name]), name


@pytest.mark.parametrize("choice", ["reference", "triton"])
def test_no_token(choice, device, monkeypatch):
    monkeypatch.setenv(dispatch.VARIABLE, choice)
    found = run(grpo_loss, moved(inputs(0, torch.float32), device), Region())
    assert found["loss"].item() == 0
    assert found["metrics"].tolist() == [0, 0, 0, 0]


@pytest.mark.parametrize(
    ("change", "kind", "message"),
    [
        ({"weight": torch.zeros(4, dtype=torch.bfloat16)}, TypeError, "bfloat16"),
        ({"weight": torch.zeros(4, dtype=torch.float64)}, TypeError, "all float32 or all float64"),
        ({"sampled": torch.zeros(3)}, ValueError, r"\(3,\)"),
    ],
)
def test_unfit_inputs_are_named(change, kind, message):
    with pytest.raises(kind, match=message):
        grpo_loss(*(HAND | change).values(), region=Region())


@pytest.mark.parametrize(("settings", "message"), [(("kl",), "clip, mask, truncate; got 'kl'"), (("clip", -1), "-1")])
def test_unfit_settings_are_named(settings, message):
    with pytest.raises(ValueError, match=message):
        Region(*settings)
