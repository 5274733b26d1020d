"""The reference of `grpo_loss`: plain PyTorch, on any device.

Shapes: R completion tokens.
"""

import torch
from torch import Tensor

from whetstone.kernels.grpo_loss import Region


def grpo_loss(
    logprob_R: Tensor,
    entropy_R: Tensor,
    sampled_R: Tensor,
    advantage_R: Tensor,
    weight_R: Tensor,
    region: Region,
    bonus: float = 0.0,
) -> tuple[Tensor, Tensor]:
    """As `whetstone.kernels.grpo_loss.grpo_loss`."""
    log_ratio_R = logprob_R - sampled_R
    ratio_R = log_ratio_R.exp()
    gain_R, cut_R = _gain(logprob_R, ratio_R, sampled_R, advantage_R, region)
    loss = -(weight_R * (gain_R + bonus * entropy_R)).sum()
    with torch.no_grad():
        metrics = (
            (weight_R * entropy_R).sum(),
            (weight_R * cut_R.to(weight_R.dtype)).sum(),
            (weight_R * (ratio_R - 1 - log_ratio_R)).sum(),
            log_ratio_R.abs().max() if len(log_ratio_R) else weight_R.new_zeros(()),
        )
        return loss, torch.stack(metrics)


def _gain(
    logprob_R: Tensor, ratio_R: Tensor, sampled_R: Tensor, advantage_R: Tensor, region: Region
) -> tuple[Tensor, Tensor]:
    """The gain of each token, and whether it was cut."""
    if region.rule == "mask":
        moved_R = logprob_R.detach().exp() - sampled_R.exp()
        cut_R = (moved_R.abs() > region.high) & (moved_R * advantage_R > 0)
        return (ratio_R * advantage_R).masked_fill(cut_R, 0.0), cut_R
    clipped_R = ratio_R.clamp(1 - region.low, 1 + region.high)
    if region.rule == "truncate":
        return clipped_R.detach() * advantage_R * logprob_R, clipped_R != ratio_R
    gain_R = torch.minimum(ratio_R * advantage_R, clipped_R * advantage_R)
    return gain_R, ratio_R * advantage_R > clipped_R * advantage_R
