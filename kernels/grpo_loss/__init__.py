"""The policy-gradient loss of sampled tokens, with what to log of it, in one pass.

Shapes: R completion tokens, laid end to end.
"""

from dataclasses import dataclass
from typing import Literal, get_args

import torch
from torch import Tensor

from whetstone.kernels import dispatch

__all__ = ["METRICS", "Region", "grpo_loss"]

Rule = Literal["clip", "mask", "truncate"]
METRICS = ("entropy", "cut", "kl", "gap")


@dataclass(frozen=True, slots=True)
class Region:
    """How far a token's probability may move from the sampled one, and what becomes of a token beyond.

    With ratio = pi / mu of the token and A its advantage:
    - `clip`: the gain is min(ratio A, clip(ratio) A), within 1 - low .. 1 + high (PPO, arXiv 1707.06347, eq. 7; DAPO's
      asymmetric range, arXiv 2503.14476);
    - `mask`: the gain is ratio A, but none once |pi - mu| > high and the ratio has moved the way A pushes (DPPO with
      the binary total variation, arXiv 2602.04879); `low` is not used;
    - `truncate`: the gain is clip(ratio) A log pi, the clipped ratio held constant (CISPO, arXiv 2506.13585). With
      `low` 1 only the upper end cuts: truncated importance weights (IMPALA, arXiv 1802.01561).
    """

    rule: Rule = "clip"
    low: float = 0.2
    high: float = 0.28

    def __post_init__(self) -> None:
        if self.rule not in get_args(Rule):
            raise ValueError(f"rule must be one of {', '.join(get_args(Rule))}; got {self.rule!r}")
        if self.low < 0 or self.high < 0:
            raise ValueError(f"low and high must not be negative; got {self.low} and {self.high}")


def grpo_loss(
    logprob_R: Tensor,
    entropy_R: Tensor,
    sampled_R: Tensor,
    advantage_R: Tensor,
    weight_R: Tensor,
    region: Region,
    bonus: float = 0.0,
) -> tuple[Tensor, Tensor]:
    """The loss -sum weight (gain + bonus * entropy), a scalar, and the sums named in METRICS, (4,), without gradient.

    `sampled_R` is the log-probability under the distribution that was sampled; `region` gives the gain. Gradients go to
    `logprob_R` and `entropy_R`. The metrics: weighted entropy, weighted share of tokens that are cut, weighted
    KL(mu | pi) as ratio - 1 - log ratio, and the largest |log ratio| (0 for no token). Nothing waits for the device.

    All tensors are fp32, or fp64 (always the reference). Raises TypeError for other dtypes and ValueError for shapes
    that differ.
    """
    tensors = (logprob_R, entropy_R, sampled_R, advantage_R, weight_R)
    dtypes = {tensor.dtype for tensor in tensors}
    if dtypes not in ({torch.float32}, {torch.float64}):
        raise TypeError(f"expected all float32 or all float64; got {', '.join(str(t.dtype) for t in tensors)}")
    shapes = [tuple(tensor.shape) for tensor in tensors]
    if logprob_R.ndim != 1 or len(set(shapes)) != 1:
        raise ValueError(f"expected five tensors (R,); got {shapes}")
    if dispatch.use_triton(logprob_R) and dtypes == {torch.float32} and len(logprob_R):
        from whetstone.kernels.grpo_loss import triton as implementation
    else:
        from whetstone.kernels.grpo_loss import reference as implementation
    with torch.cuda.device_of(logprob_R):
        return implementation.grpo_loss(
            logprob_R, entropy_R, sampled_R.detach(), advantage_R.detach(), weight_R.detach(), region, bonus
        )
