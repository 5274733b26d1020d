"""How well trainer and sampler agree on the tokens of a batch, from sums that micro-batches and processes can add.

`replay.mismatch` measures the same outside of training, with and without the sampler's routes.

Legend: R completion tokens.
"""

from __future__ import annotations

import math

import torch
from torch import Tensor

SUMS = ("mismatch_n", "mismatch_x", "mismatch_y", "mismatch_xx", "mismatch_yy", "mismatch_xy")


@torch.no_grad()
def moments(logprob_R: Tensor, sampled_R: Tensor) -> dict[str, float]:
    """Sums over tokens of the trainer's (x) and the sampler's (y) probabilities, squares and products, in fp64."""
    x, y = logprob_R.double().exp(), sampled_R.double().exp()
    sums = torch.stack((torch.ones_like(x), x, y, x * x, y * y, x * y)).sum(1)
    return dict(zip(SUMS, sums.tolist(), strict=True))


def agreement(metrics: dict[str, float]) -> dict[str, float]:
    """The metrics with the sums replaced by what they say of the batch.

    `sampler_correlation` is Pearson's r of the tokens' probabilities, left out where they do not vary;
    `sampler_max_ratio` the largest factor by which a token's probability differs, e^`sampler_gap`. `sampler_kl`, in
    nats a token, is the loss's own (see `loss.grpo_loss`).
    """
    sums = [metrics.get(name, 0.0) for name in SUMS]
    rest = {name: value for name, value in metrics.items() if name not in SUMS}
    if "sampler_gap" in rest:
        rest["sampler_max_ratio"] = math.exp(min(rest["sampler_gap"], 700.0))
    n, x, y, xx, yy, xy = sums
    spread = max(0.0, n * xx - x * x) * max(0.0, n * yy - y * y)
    if spread > (1e-12 * n * n) ** 2:
        rest["sampler_correlation"] = (n * xy - x * y) / math.sqrt(spread)
    return rest
