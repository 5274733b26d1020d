"""The published losses, by hand: one batch of two completions, every preset's advantage, weights and gain."""

import math

import numpy as np
import pytest
import torch

from whetstone.policy.advantage import advantages
from whetstone.policy.loss import LossInputs, LossSettings, grpo_loss, token_weights
from whetstone.policy.presets import PRESETS, Preset

# A group of two: completion 0 is right and has one token, completion 1 is wrong and has three; 4 tokens are allowed.
LENGTHS, REWARDS, CAP = torch.tensor([1, 3]), np.array([1.0, 0.0]), 4
OLD = [0.4, 0.5, 0.5, 0.2]
NEW = [0.6, 0.3, 0.5, 0.3]  # ratios 1.5, 0.6, 1, 1.5


def loss_of(preset: Preset) -> tuple[float, list[float], float]:
    """The loss, its gradient in the log-probabilities, and the weighted share of tokens that are cut."""
    advantage_B = torch.tensor(advantages(REWARDS, np.zeros(2), preset.advantage), dtype=torch.float32)
    weight = token_weights(LENGTHS, preset.aggregation, total_tokens=4, total_rows=2, cap=CAP)
    logprob = torch.tensor(NEW).log().requires_grad_()
    batch = LossInputs(
        logprob,
        torch.zeros(4),
        torch.tensor(OLD).log(),
        advantage_B.repeat_interleave(LENGTHS),
        weight,
        LENGTHS,
    )
    settings = LossSettings(preset.clip_low, preset.clip_high, rule=preset.rule, ratio=preset.ratio)
    loss, metrics = grpo_loss(batch, settings)
    loss.backward()
    assert logprob.grad is not None
    return loss.item(), logprob.grad.tolist(), metrics["clipped"]


A = 0.5 / 0.5001  # GRPO's advantage of the right completion; the wrong one has -A. Dr. GRPO: 1/2, MaxRL: 1


def test_grpo():
    # 1/2 [min(1.5, 1.2) A + 1/3 (min(-.6, -.8) + min(-1, -1) + min(-1.5, -1.2)) A]; cut: the first two tokens
    value, gradient, cut = loss_of(PRESETS["grpo"])
    assert value == pytest.approx(-0.5 * A * (1.2 - (0.8 + 1 + 1.5) / 3))
    assert gradient == pytest.approx([0, 0, A / 6, 1.5 * A / 6])
    assert cut == pytest.approx(1 / 2 + 1 / 6)


def test_dr_grpo():
    value, gradient, cut = loss_of(PRESETS["dr_grpo"])
    assert value == pytest.approx(-0.5 * (1.2 - 0.8 - 1 - 1.5) / 8)
    assert gradient == pytest.approx([0, 0, 0.5 / 8, 0.75 / 8])
    assert cut == pytest.approx(2 / 8)


def test_dapo():
    value, gradient, _ = loss_of(PRESETS["dapo"])
    assert value == pytest.approx(-A * (1.28 - 0.8 - 1 - 1.5) / 4)
    assert gradient == pytest.approx([0, 0, A / 4, 1.5 * A / 4])


def test_gspo():
    # s = 1.5 of the first and (0.6 * 1 * 1.5)^(1/3) = 0.9655 of the second: 1 + 4e-4 cuts the one, 1 - 3e-4 the other.
    value, gradient, cut = loss_of(PRESETS["gspo"])
    assert value == pytest.approx(-0.5 * A * (1.0004 - 0.9997), abs=1e-7)
    assert gradient == [0, 0, 0, 0]
    assert cut == pytest.approx(1)
    # In a range that cuts nothing every token of a completion has the same gradient, s A over its length.
    s = 0.9 ** (1 / 3)
    value, gradient, cut = loss_of(Preset(aggregation="sequence", ratio="sequence", clip_low=0.9, clip_high=0.9))
    assert value == pytest.approx(-0.5 * A * (1.5 - s))
    assert gradient == pytest.approx([-0.75 * A, *[0.5 * A * s / 3] * 3])
    assert cut == 0


def test_cispo():
    # No ratio reaches 5: the gradient of every token is its ratio times A; with a cap of 1.2 it is cut to that.
    value, gradient, cut = loss_of(PRESETS["cispo"])
    terms = [1.5 * A * math.log(0.6), -0.6 * A * math.log(0.3), -A * math.log(0.5), -1.5 * A * math.log(0.3)]
    assert value == pytest.approx(-sum(terms) / 4)
    assert gradient == pytest.approx([-1.5 * A / 4, 0.6 * A / 4, A / 4, 1.5 * A / 4])
    assert cut == 0
    _, gradient, cut = loss_of(Preset(rule="truncate", clip_low=1.0, clip_high=0.2))
    assert gradient == pytest.approx([-1.2 * A / 4, 0.6 * A / 4, A / 4, 1.2 * A / 4])
    assert cut == pytest.approx(1 / 2)


def test_maxrl():
    value, gradient, _ = loss_of(PRESETS["maxrl"])  # advantages (1 - 1/2) / (1/2) = 1 and -1
    assert value == pytest.approx(-(1.28 - 0.8 - 1 - 1.5) / 8)
    assert gradient == pytest.approx([0, 0, 1 / 8, 1.5 / 8])


@pytest.mark.parametrize(("name", "a"), [("dppo", 0.5), ("zaya1", 1.0)])
def test_dppo(name, a):
    # |pi - pi_old| = 0.2, 0.2, 0, 0.1: the first went up with A > 0, the second down with A < 0, both beyond 0.1.
    value, gradient, cut = loss_of(PRESETS[name])
    assert value == pytest.approx(a * (1 + 1.5) / 8, abs=1e-6)
    assert gradient == pytest.approx([0, 0, a / 8, 1.5 * a / 8], abs=1e-6)
    assert cut == pytest.approx(2 / 8)


def test_every_preset_has_its_equation():
    import whetstone.policy.presets as module

    for name, preset in PRESETS.items():
        maker = getattr(module, name)
        assert maker() == preset
        assert "arXiv" in maker.__doc__ and "A_i" in maker.__doc__
