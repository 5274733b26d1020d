"""The policy-gradient loss: a pure function of one typed record.

Legend: R completion tokens of a batch, laid end to end; B completions.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import torch
from torch import Tensor

from whetstone.kernels import grpo_loss as kernel
from whetstone.kernels.grpo_loss import Region

Aggregation = Literal["token", "sequence", "constant"]


@dataclass(frozen=True, slots=True)
class LossInputs:
    """What one batch brings. All tensors are (R,), one entry a completion token.

    `logprob_R` and `entropy_R` carry gradients; `sampled_R` is the log-probability under the distribution that was
    sampled; `weight_R` says how much each token counts (see `token_weights`), so that the loss is a plain sum.
    """

    logprob_R: Tensor
    entropy_R: Tensor
    sampled_R: Tensor
    advantage_R: Tensor
    weight_R: Tensor


@dataclass(frozen=True, slots=True)
class LossSettings:
    """Clip range of the ratio, and the entropy bonus in reward units a nat."""

    clip_low: float = 0.2
    clip_high: float = 0.28
    entropy: float = 0.0


def token_weights(
    lengths_B: Tensor, aggregation: Aggregation, *, total_tokens: int, total_rows: int, cap: int
) -> Tensor:
    """The weight of every token, (R,), for rows of these lengths within a batch of the given totals.

    - `token`: 1 / all tokens (DAPO, arXiv 2503.14476, eq. 8).
    - `sequence`: 1 / (rows * own length) (GRPO, arXiv 2402.03300, eq. 3).
    - `constant`: 1 / (rows * cap), cap the longest completion allowed (Dr. GRPO, arXiv 2503.20783).
    """
    each_B = {
        "token": torch.full_like(lengths_B, 1, dtype=torch.float32) / max(1, total_tokens),
        "sequence": 1.0 / (max(1, total_rows) * lengths_B.clamp_min(1).float()),
        "constant": torch.full_like(lengths_B, 1, dtype=torch.float32) / (max(1, total_rows) * cap),
    }[aggregation]
    return each_B.repeat_interleave(lengths_B)


def grpo_loss(batch: LossInputs, settings: LossSettings) -> tuple[Tensor, dict[str, float]]:
    """Clipped policy gradient, -sum w min(ratio A, clip(ratio) A) - entropy * sum w H, and what to log of it.

    ratio = pi(token) / mu(token), with mu the distribution that was sampled (PPO, arXiv 1707.06347, eq. 7, with
    DAPO's asymmetric range).
    """
    region = Region("clip", settings.clip_low, settings.clip_high)
    loss, sums = kernel.grpo_loss(
        batch.logprob_R, batch.entropy_R, batch.sampled_R, batch.advantage_R, batch.weight_R, region, settings.entropy
    )
    entropy, clipped, kl, gap = sums.tolist()
    return loss, {"entropy": entropy, "clipped": clipped, "sampler_kl": kl, "sampler_gap": gap}
