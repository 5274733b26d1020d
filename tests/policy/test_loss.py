"""The policy-gradient loss and its token weights, by hand."""

import math
from dataclasses import replace

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from whetstone.policy.loss import (
    Correction,
    LossInputs,
    LossSettings,
    corrections,
    grpo_loss,
    kl_estimate,
    token_weights,
)
from whetstone.policy.presets import Estimator

LENGTHS = torch.tensor([1, 3])


def inputs(ratios: list[float], advantages: list[float], weights: list[float], entropy: float = 0.0) -> LossInputs:
    sampled = torch.full((len(ratios),), -2.0)
    return LossInputs(
        (sampled + torch.tensor(ratios).log()).requires_grad_(),
        torch.full((len(ratios),), entropy, requires_grad=True),
        sampled,
        torch.tensor(advantages),
        torch.tensor(weights),
    )


def test_on_policy_the_loss_is_minus_the_mean_advantage():
    batch = inputs([1, 1, 1, 1], [2.0, -1.0, -1.0, -1.0], [0.25] * 4)
    loss, metrics = grpo_loss(batch, LossSettings())
    assert loss.item() == pytest.approx(0.25)
    loss.backward()
    assert batch.logprob_R.grad is not None
    assert batch.logprob_R.grad.tolist() == pytest.approx([-0.5, 0.25, 0.25, 0.25])  # -w A: plain policy gradient
    assert metrics == pytest.approx({"entropy": 0, "clipped": 0, "sampler_kl": 0, "sampler_gap": 0})


def test_both_sides_of_the_clip():
    # ratio      1.5 (A>0)   0.5 (A<0)   1.5 (A<0)   0.5 (A>0)
    # gain       1.28 cut   -0.8 cut    -1.5 whole   0.5 whole     sum -0.52
    batch = inputs([1.5, 0.5, 1.5, 0.5], [1.0, -1.0, -1.0, 1.0], [0.1, 0.2, 0.3, 0.4])
    loss, metrics = grpo_loss(batch, LossSettings(clip_low=0.2, clip_high=0.28))
    assert loss.item() == pytest.approx(-(0.128 - 0.16 - 0.45 + 0.2))
    assert metrics["clipped"] == pytest.approx(0.3)
    assert metrics["sampler_gap"] == pytest.approx(math.log(2))
    kl = 0.4 * (0.5 - math.log(1.5)) + 0.6 * (-0.5 + math.log(2))  # ratio - 1 - log ratio
    assert metrics["sampler_kl"] == pytest.approx(kl, abs=1e-6)
    loss.backward()
    assert batch.logprob_R.grad is not None
    assert batch.logprob_R.grad.tolist() == pytest.approx([0, 0, 0.45, -0.2], abs=1e-6)  # -w A ratio, 0 where cut


def test_entropy_is_paid_for():
    batch = inputs([1.0, 1.0], [1.0, -1.0], [0.5, 0.25], entropy=2.0)
    loss, metrics = grpo_loss(batch, LossSettings(entropy=0.1))
    assert loss.item() == pytest.approx(-0.25 - 0.1 * 2.0 * 0.75)
    assert metrics["entropy"] == pytest.approx(1.5)
    loss.backward()
    assert batch.entropy_R.grad is not None
    assert batch.entropy_R.grad.tolist() == pytest.approx([-0.05, -0.025])


def test_an_empty_batch_costs_nothing():
    loss, metrics = grpo_loss(inputs([], [], []), LossSettings())
    assert loss.item() == 0
    assert metrics["sampler_gap"] == 0


def test_token_weights_by_hand():
    def weights(aggregation, rows: int = 2, tokens: int = 4) -> list[float]:
        return token_weights(LENGTHS, aggregation, total_tokens=tokens, total_rows=rows, cap=10).tolist()

    assert weights("token") == pytest.approx([1 / 4] * 4)
    assert weights("sequence") == pytest.approx([1 / 2, 1 / 6, 1 / 6, 1 / 6])
    assert weights("constant") == pytest.approx([1 / 20] * 4)
    # The same two rows as half of a batch of 4 rows and 8 tokens: the weights of the whole add up over its parts.
    assert weights("token", 4, 8) == pytest.approx([1 / 8] * 4)
    assert weights("sequence", 4, 8) == pytest.approx([1 / 4, 1 / 12, 1 / 12, 1 / 12])
    assert weights("constant", 4, 8) == pytest.approx([1 / 40] * 4)


# -- traces, corrections, KL ------------------------------------------------------------------------------------------


def test_the_chunks_of_a_trace_are_divided_by_its_length():
    # A trace of 4 tokens in chunks of 1 and 3, and one of 2 tokens: two traces, 1 / (2 * 4) and 1 / (2 * 2) a token.
    lengths, traces = torch.tensor([1, 3, 2]), torch.tensor([4, 4, 2])
    found = token_weights(lengths, "sequence", total_tokens=6, total_rows=2, cap=10, traces_B=traces)
    assert found.tolist() == pytest.approx([1 / 8] * 4 + [1 / 4] * 2)


def test_corrections_by_hand():
    log_ratio = torch.tensor([0.5, 4.0, 1.0, 2.0]).log()
    by_hand = {
        Correction("none"): [1, 1, 1, 1],
        Correction("truncate", "token", 0.0, 2.0): [0.5, 2, 1, 2],
        Correction("truncate", "sequence", 0.0, 2.0): [0.5, 2, 2, 2],  # the products are 1/2 and 4 * 1 * 2 = 8
        Correction("mask", "token", 0.6, 2.0): [0, 0, 1, 2],
        Correction("mask", "sequence", 0.0, 2.0): [0.5, 0, 0, 0],
        Correction("mask", "sequence", 0.6, 9.0): [0, 8, 8, 8],
    }
    for correction, expected in by_hand.items():
        assert corrections(log_ratio, LENGTHS, correction).tolist() == pytest.approx(expected, rel=1e-6), correction


def test_a_correction_weighs_the_gradient_but_not_the_entropy():
    batch = replace(inputs([4.0, 1.0, 1.0, 1.0], [1.0] * 4, [0.25] * 4, entropy=1.0), lengths_B=LENGTHS)
    settings = LossSettings(old="trainer", entropy=0.1, correction=Correction("truncate", high=2.0))
    loss, metrics = grpo_loss(batch, settings)  # first update: the ratio to the trainer's own policy is 1
    assert loss.item() == pytest.approx(-(2 + 3) / 4 - 0.1)
    assert metrics["correction"] == pytest.approx(5 / 4)
    assert metrics["sampler_gap"] == pytest.approx(math.log(4))  # still that to the sampler
    assert metrics["sampler_kl"] == pytest.approx((3 - math.log(4)) / 4)
    assert metrics["clipped"] == 0
    loss.backward()
    assert batch.logprob_R.grad is not None
    assert batch.logprob_R.grad.tolist() == pytest.approx([-0.5, -0.25, -0.25, -0.25])


def test_the_ratio_is_taken_against_the_old_policy():
    batch = inputs([1.5, 1.5], [1.0, -1.0], [0.5, 0.5])
    batch = replace(batch, old_R=batch.sampled_R + math.log(1.25))  # pi / pi_old = 1.2, within the range
    loss, metrics = grpo_loss(batch, LossSettings(old="trainer"))
    assert loss.item() == pytest.approx(0, abs=1e-6)
    assert metrics["clipped"] == 0
    assert grpo_loss(batch, LossSettings())[1]["clipped"] == pytest.approx(0.5)  # 1.5 against the sampler


def test_kl_by_hand():
    logprob, reference = torch.tensor([0.5, 0.25]).log(), torch.tensor([0.25, 0.5]).log()
    log2 = math.log(2)
    by_hand: dict[Estimator, list[float]] = {
        "k1": [log2, -log2],
        "k2": [log2**2 / 2] * 2,
        "k3": [0.5 - 1 + log2, 2 - 1 - log2],
    }
    for estimator, expected in by_hand.items():
        assert kl_estimate(logprob, reference, estimator).tolist() == pytest.approx(expected, abs=1e-6)


@given(st.lists(st.floats(0.05, 1), min_size=2, max_size=5), st.lists(st.floats(0.05, 1), min_size=5, max_size=5))
def test_k1_and_k3_are_the_divergence_on_average(p, q):
    p_V, q_V = torch.tensor(p, dtype=torch.float64), torch.tensor(q[: len(p)], dtype=torch.float64)
    p_V, q_V = p_V / p_V.sum(), q_V / q_V.sum()
    exact = float((p_V * (p_V / q_V).log()).sum())
    for estimator in ("k1", "k3"):
        assert float((p_V * kl_estimate(p_V.log(), q_V.log(), estimator)).sum()) == pytest.approx(exact, abs=1e-9)
    assert float(kl_estimate(p_V.log(), q_V.log(), "k3").min()) >= -1e-12


def test_the_kl_term_in_the_loss():
    batch = inputs([1.0, 1.0], [0.0, 0.0], [0.5, 0.25])
    batch = replace(batch, reference_R=batch.sampled_R - 1)
    loss, metrics = grpo_loss(batch, LossSettings(kl=0.2, estimator="k2"))
    assert loss.item() == pytest.approx(0.2 * 0.75 * 0.5)
    assert metrics["reference_kl"] == pytest.approx(0.375)
    loss.backward()
    assert batch.logprob_R.grad is not None
    assert batch.logprob_R.grad.tolist() == pytest.approx([0.1, 0.05])  # beta w d, as k1 in the reward


@pytest.mark.parametrize(
    ("settings", "sentence"),
    [
        ({"rule": "mask", "ratio": "sequence"}, "the ratio of a whole sequence is clipped"),
        ({"correction": Correction("mask")}, 'set old = "trainer"'),
    ],
)
def test_what_does_not_go_together_is_refused(settings, sentence):
    with pytest.raises(ValueError, match=sentence):
        LossSettings(**settings)
    with pytest.raises(ValueError, match="low <= 1 <= high"):
        Correction("mask", high=0.5)


@pytest.mark.parametrize(
    ("settings", "name"),
    [(LossSettings(kl=0.1), "reference_R"), (LossSettings(ratio="sequence"), "lengths_B")],
)
def test_a_record_without_what_is_needed_is_named(settings, name):
    with pytest.raises(ValueError, match=name):
        grpo_loss(inputs([1.0], [1.0], [1.0]), settings)
