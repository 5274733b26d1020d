"""The policy-gradient loss: a pure function of one typed record. `presets` has the published losses by name.

Legend: R completion tokens of a batch, laid end to end; B completions.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import torch
from torch import Tensor

from whetstone.kernels import grpo_loss as kernel
from whetstone.kernels.grpo_loss import Region
from whetstone.policy.presets import Aggregation, Correcting, Estimator, Level, Old, Rule, agree


@dataclass(frozen=True, slots=True)
class LossInputs:
    """What one batch brings. All tensors are (R,), one entry a completion token, but `lengths_B`, tokens a completion.

    `logprob_R` and `entropy_R` carry gradients; `sampled_R` is the log-probability under the distribution that was
    sampled; `weight_R` says how much each token counts (see `token_weights`), so that the loss is a plain sum.
    `old_R` is the trainer's own log-probability before the first update of the batch (None: this is that update), and
    `reference_R` that of the policy to stay close to.
    """

    logprob_R: Tensor
    entropy_R: Tensor
    sampled_R: Tensor
    advantage_R: Tensor
    weight_R: Tensor
    lengths_B: Tensor | None = None
    old_R: Tensor | None = None
    reference_R: Tensor | None = None


@dataclass(frozen=True, slots=True)
class Correction:
    """What is done about a trainer whose probabilities are not quite the sampler's: w = pi_old / mu multiplies A.

    - `truncate`: min(w, high) (truncated importance sampling; IMPALA, arXiv 1802.01561).
    - `mask`: w within low .. high, and 0 outside, which takes the token out of the gradient.
    At the `sequence` level w is the product over a completion's tokens; long completions then leave the range easily.
    """

    kind: Correcting = "none"
    level: Level = "token"
    low: float = 0.0
    high: float = 2.0

    def __post_init__(self) -> None:
        if not 0 <= self.low <= 1 <= self.high:
            raise ValueError(f"expected low <= 1 <= high around the ratio 1, got {self.low:g} and {self.high:g}")


@dataclass(frozen=True, slots=True)
class LossSettings:
    """The trust region, what its ratio is, the entropy bonus in reward units a nat, and the KL term.

    `clip_low`, `clip_high` and `rule` are `kernels.grpo_loss.Region`'s. `ratio` is the current probability over the old
    one, of a token or (GSPO) its geometric mean over the completion; `old` says whose that is: the `sampler`'s (mu), or
    the `trainer`'s before the batch's first update, in which case `correction` accounts for mu (decoupled PPO).
    """

    clip_low: float = 0.2
    clip_high: float = 0.28
    entropy: float = 0.0
    rule: Rule = "clip"
    ratio: Level = "token"
    old: Old = "sampler"
    correction: Correction = field(default_factory=Correction)
    kl: float = 0.0
    estimator: Estimator = "k3"

    def __post_init__(self) -> None:
        agree(self.rule, self.ratio, self.old, self.correction.kind)


def token_weights(
    lengths_B: Tensor,
    aggregation: Aggregation,
    *,
    total_tokens: int,
    total_rows: int,
    cap: int,
    traces_B: Tensor | None = None,
) -> Tensor:
    """The weight of every token, (R,), for rows of these lengths within a batch of the given totals.

    - `token`: 1 / all tokens (DAPO, arXiv 2503.14476, eq. 8).
    - `sequence`: 1 / (rows * own length) (GRPO, arXiv 2402.03300, eq. 3).
    - `constant`: 1 / (rows * cap), cap the longest completion allowed (Dr. GRPO, arXiv 2503.20783).

    Where rows are chunks of traces, `traces_B` has the tokens of each one's whole trace and `total_rows` counts traces:
    a token is divided by its trace's length (the Markovian Thinker, arXiv 2510.06557).
    """
    traces_B = lengths_B if traces_B is None else traces_B
    each_B = {
        "token": torch.full_like(lengths_B, 1, dtype=torch.float32) / max(1, total_tokens),
        "sequence": 1.0 / (max(1, total_rows) * traces_B.clamp_min(1).float()),
        "constant": torch.full_like(lengths_B, 1, dtype=torch.float32) / (max(1, total_rows) * cap),
    }[aggregation]
    return each_B.repeat_interleave(lengths_B)


def kl_estimate(logprob_R: Tensor, reference_R: Tensor, estimator: Estimator) -> Tensor:
    """KL(pi | reference) at each token that pi sampled, (R,), in nats (Schulman 2020, Approximating KL divergence).

    With d = log pi - log reference: `k1` = d, unbiased and signed; `k2` = d^2 / 2, biased; `k3` = exp(-d) - 1 + d,
    unbiased and never negative. As terms of a loss, the gradient of k2 is the one that k1 has as a reward, and that of
    k1 is zero on average.
    """
    d_R = logprob_R - reference_R
    match estimator:
        case "k1":
            return d_R
        case "k2":
            return d_R.square() / 2
        case "k3":
            return torch.expm1(-d_R) + d_R


@torch.no_grad()
def corrections(log_ratio_R: Tensor, lengths_B: Tensor, correction: Correction) -> Tensor:
    """The importance weight of each token, (R,), from log(pi_old / mu)."""
    if correction.kind == "none":
        return torch.ones_like(log_ratio_R)
    if correction.level == "sequence":
        log_ratio_R = _sums(log_ratio_R, lengths_B).repeat_interleave(lengths_B)
    ratio_R = log_ratio_R.exp()
    if correction.kind == "truncate":
        return ratio_R.clamp(correction.low, correction.high)
    return ratio_R.masked_fill((ratio_R < correction.low) | (ratio_R > correction.high), 0.0)


def _sums(values_R: Tensor, lengths_B: Tensor) -> Tensor:
    """The sum over each completion's tokens, (B,)."""
    rows_R = torch.arange(len(lengths_B), device=lengths_B.device).repeat_interleave(lengths_B)
    return values_R.new_zeros(len(lengths_B)).index_add(0, rows_R, values_R)


def grpo_loss(batch: LossInputs, settings: LossSettings) -> tuple[Tensor, dict[str, float]]:
    """-sum w gain - entropy * sum w H + kl * sum w KL, and what to log of it.

    With the clip rule, gain = min(ratio A, clip(ratio) A) (PPO, arXiv 1707.06347, eq. 7, with DAPO's asymmetric range);
    `Region` has the others. A correction multiplies A. Raises `ValueError` for a record without what settings need.
    """
    old_R = batch.sampled_R
    if settings.old == "trainer":
        old_R = batch.logprob_R.detach() if batch.old_R is None else batch.old_R
    logprob_R, advantage_R = batch.logprob_R, batch.advantage_R
    metrics: dict[str, float] = {}
    if settings.correction.kind != "none":
        weight_R = corrections(old_R - batch.sampled_R, _present(batch.lengths_B, "lengths_B"), settings.correction)
        advantage_R = advantage_R * weight_R
        metrics["correction"] = float((batch.weight_R * weight_R).sum())
    if settings.ratio == "sequence":
        lengths_B = _present(batch.lengths_B, "lengths_B")
        means_B = _sums(logprob_R - old_R, lengths_B) / lengths_B.clamp_min(1)
        logprob_R, old_R = means_B.repeat_interleave(lengths_B), torch.zeros_like(old_R)  # only their difference counts
    region = Region(settings.rule, settings.clip_low, settings.clip_high)
    loss, sums = kernel.grpo_loss(
        logprob_R, batch.entropy_R, old_R, advantage_R, batch.weight_R, region, settings.entropy
    )
    entropy, clipped, kl, gap = sums.tolist()
    if settings.old == "trainer" or settings.ratio == "sequence":
        kl, gap = _distance(batch)
    if settings.kl:
        reference_R = _present(batch.reference_R, "reference_R")
        found = (batch.weight_R * kl_estimate(batch.logprob_R, reference_R, settings.estimator)).sum()
        loss = loss + settings.kl * found
        metrics["reference_kl"] = float(found.detach())
    return loss, {"entropy": entropy, "clipped": clipped, "sampler_kl": kl, "sampler_gap": gap} | metrics


def _present(tensor: Tensor | None, name: str) -> Tensor:
    if tensor is None:
        raise ValueError(f"these settings need {name} in the record; give it")
    return tensor


@torch.no_grad()
def _distance(batch: LossInputs) -> tuple[float, float]:
    """The weighted KL(mu | pi) as ratio - 1 - log ratio, and the largest |log ratio|; 0 for no token."""
    d_R = batch.logprob_R - batch.sampled_R
    largest = d_R.abs().max() if len(d_R) else d_R.new_zeros(())
    kl, gap = torch.stack(((batch.weight_R * (torch.expm1(d_R) - d_R)).sum(), largest)).tolist()
    return kl, gap
