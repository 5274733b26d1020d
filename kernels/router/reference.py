"""The reference of `router`: plain PyTorch, differentiated by autograd, on any device.

Shapes: N tokens, M model width, R router width, C classes (the experts, then skip), K choices of a token.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import torch
import torch.nn.functional as F
from torch import Tensor

if TYPE_CHECKING:
    from whetstone.kernels.router import RouterWeights


def router(
    x_NM: Tensor,
    weights: RouterWeights,
    biases_C: Tensor,
    previous_NR: Tensor | None,
    replay_NK: Tensor | None,
    top_k: int,
    eps: float,
) -> tuple[Tensor, Tensor, Tensor, Tensor]:
    """As `whetstone.kernels.router.router`."""
    state_NR = F.linear(x_NM, weights.down_RM, weights.down_bias_R)
    if previous_NR is not None:
        state_NR = state_NR + previous_NR * weights.scale_R
    hidden_NR = rms_norm(state_NR, weights.norm_R, eps)
    hidden_NR = F.gelu(F.linear(hidden_NR, weights.fc1_RR, weights.fc1_bias_R))
    hidden_NR = F.gelu(F.linear(hidden_NR, weights.fc2_RR, weights.fc2_bias_R))
    probs_NC = widened(F.linear(hidden_NR, weights.out_CR)).softmax(-1)
    classes = len(biases_C)
    if replay_NK is not None:
        choice_NK = replay_NK.long()
    elif top_k == 1:
        choice_NK = (probs_NC.detach() + biases_C).argmax(-1, keepdim=True)
    else:
        choice_NK = (probs_NC.detach() + biases_C).topk(top_k, dim=-1).indices
    weight_NK = probs_NC.gather(-1, choice_NK).masked_fill(choice_NK == classes - 1, 0.0)
    chosen = choice_NK.flatten()
    # Not bincount: on a GPU it waits for the device, which a recorded step must not.
    counts_C = chosen.new_zeros(classes).scatter_add_(0, chosen, torch.ones_like(chosen))
    return choice_NK, weight_NK.to(x_NM.dtype), state_NR, counts_C


def rms_norm(state_NR: Tensor, norm_R: Tensor, eps: float) -> Tensor:
    """state / root mean square, in fp32, times the weight.

    Written out: `F.rms_norm` takes 2.5 times as long on a CPU forward, and 2 to 4 times backward (PyTorch 2.13).
    """
    full_NR = widened(state_NR)
    norm_N1 = torch.linalg.vector_norm(full_NR, dim=-1, keepdim=True)
    return (full_NR * torch.rsqrt(norm_N1 * norm_N1 / state_NR.shape[-1] + eps)).to(state_NR.dtype) * norm_R


def widened(t: Tensor) -> Tensor:
    """In fp32, or fp64 if it is that already."""
    return t.to(torch.promote_types(t.dtype, torch.float32))
