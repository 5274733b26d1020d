"""`grpo_loss` in Triton, for CUDA and ROCm.

One launch gives each block's part of every sum, and the gradient of each token's log-probability, which is known as
soon as its gain is; the parts are summed in PyTorch. No atomics: the results are the same bits on every call. Backward
only multiplies.

Shapes: R completion tokens, B blocks of them.
"""

import functools
from collections.abc import Callable, Iterator
from typing import Any, get_args

import torch
import triton
import triton.language as tl
from torch import Tensor
from torch.autograd.function import once_differentiable

from whetstone.kernels import dispatch
from whetstone.kernels.grpo_loss import Region, Rule

BLOCK_R = 1024


@triton.jit(do_not_specialize=["R"])
def forward_kernel(
    logprob_R, entropy_R, sampled_R, advantage_R, weight_R, dlogprob_R, parts_5B,
    R, least, most, bonus, RULE: tl.constexpr, BLOCK_R: tl.constexpr,
):  # fmt: skip
    """A block's part of the loss and of the metrics, and d loss / d log-probability."""
    block = tl.program_id(0)
    r = block * BLOCK_R + tl.arange(0, BLOCK_R)
    inside = r < R
    logprob = tl.load(logprob_R + r, inside, 0.0)
    entropy = tl.load(entropy_R + r, inside, 0.0)
    sampled = tl.load(sampled_R + r, inside, 0.0)
    advantage = tl.load(advantage_R + r, inside, 0.0)
    weight = tl.load(weight_R + r, inside, 0.0)
    log_ratio = logprob - sampled
    ratio = tl.exp(log_ratio)
    clipped = tl.maximum(ratio, least, propagate_nan=tl.PropagateNan.ALL)  # as PyTorch's clamp: NaN stays NaN
    clipped = tl.minimum(clipped, most, propagate_nan=tl.PropagateNan.ALL)
    if RULE == "clip":
        cut = ratio * advantage > clipped * advantage
        slope = tl.where(cut, 0.0, ratio * advantage)
        gain = tl.where(cut, clipped, ratio) * advantage
    elif RULE == "mask":
        moved = tl.exp(logprob) - tl.exp(sampled)
        cut = (tl.abs(moved) > most) & (moved * advantage > 0)
        slope = tl.where(cut, 0.0, ratio * advantage)
        gain = slope
    else:
        cut = clipped != ratio
        slope = clipped * advantage
        gain = slope * logprob
    tl.store(dlogprob_R + r, -weight * slope, inside)
    blocks = tl.num_programs(0)
    tl.store(parts_5B + block, -tl.sum(weight * (gain + bonus * entropy), 0))
    tl.store(parts_5B + blocks + block, tl.sum(weight * entropy, 0))
    tl.store(parts_5B + 2 * blocks + block, tl.sum(tl.where(cut, weight, 0.0), 0))
    tl.store(parts_5B + 3 * blocks + block, tl.sum(weight * (ratio - 1 - log_ratio), 0))
    tl.store(parts_5B + 4 * blocks + block, tl.max(tl.abs(log_ratio), 0))


@dispatch.uncompiled
def grpo_loss(
    logprob_R: Tensor,
    entropy_R: Tensor,
    sampled_R: Tensor,
    advantage_R: Tensor,
    weight_R: Tensor,
    region: Region,
    bonus: float = 0.0,
) -> tuple[Tensor, Tensor]:
    """As `whetstone.kernels.grpo_loss.grpo_loss`, for R > 0 tokens of fp32."""
    tensors = (logprob_R, entropy_R, sampled_R, advantage_R, weight_R)
    return _GRPOLoss.apply(*(tensor.contiguous() for tensor in tensors), region, bonus)


class _GRPOLoss(torch.autograd.Function):
    @staticmethod
    def forward(ctx, logprob_R, entropy_R, sampled_R, advantage_R, weight_R, region, bonus):
        R = len(logprob_R)
        dlogprob_R = torch.empty_like(logprob_R)
        parts_5B = logprob_R.new_empty((5, -(-R // BLOCK_R)))
        least, most = (0.0, region.high) if region.rule == "mask" else (1 - region.low, 1 + region.high)
        kernel: Any = forward_kernel
        kernel[parts_5B.shape[1],](
            logprob_R, entropy_R, sampled_R, advantage_R, weight_R, dlogprob_R, parts_5B,
            R, least, most, bonus, RULE=region.rule, BLOCK_R=BLOCK_R,
        )  # fmt: skip
        ctx.save_for_backward(dlogprob_R, weight_R)
        ctx.bonus = bonus
        sums_4 = parts_5B[:4].sum(1)
        metrics = torch.cat((sums_4[1:], parts_5B[4].amax(0, keepdim=True)))
        ctx.mark_non_differentiable(metrics)
        return sums_4[0].clone(), metrics

    @staticmethod
    @once_differentiable
    def backward(ctx, dloss, _):  # pyright: ignore[reportIncompatibleMethodOverride]
        dlogprob_R, weight_R = ctx.saved_tensors
        dentropy_R = weight_R * (-ctx.bonus * dloss) if ctx.needs_input_grad[1] else None
        return dlogprob_R * dloss, dentropy_R, None, None, None, None, None


def launches(device: str) -> Iterator[tuple[str, Callable[[], None]]]:
    """Every form in which the operator is compiled, by name, for the check without a GPU."""
    for rule in get_args(Rule):
        yield rule, functools.partial(_call, Region(rule), device)


def _call(region: Region, device: str) -> None:
    grpo_loss(*torch.zeros(5, 64, device=device), region=region)
