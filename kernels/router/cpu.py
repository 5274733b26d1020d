"""`router` for CPUs in fp32 and fp64, with gradients: the reference's formula with a backward pass of its own.

The network is narrow, so that most of its time by autograd goes into many small steps; here they are few, in place, and
a bias is added by the product it belongs to. With p the probabilities and dw the gradient of the chosen ones' weights:

    dlogits = 1[chosen] dw p - p sum over the chosen of dw p

Shapes: as in `whetstone.kernels.router`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import torch
import torch.nn.functional as F
from torch import Tensor
from torch.autograd.function import once_differentiable

from whetstone.kernels.residual_norm.cpu import norm_gradients, reciprocal_rms
from whetstone.kernels.router.reference import choose

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
    return _Router.apply(x_NM, previous_NR, biases_C, replay_NK, top_k, eps, *weights)  # type: ignore[return-value]


class _Router(torch.autograd.Function):
    @staticmethod
    def forward(ctx: Any, x_NM, previous_NR, biases_C, replay_NK, top_k, eps, *weights):  # pyright: ignore[reportIncompatibleMethodOverride]
        down_RM, down_bias_R, scale_R, norm_R, fc1_RR, fc1_bias_R, fc2_RR, fc2_bias_R, out_CR = weights
        state_NR = torch.addmm(down_bias_R, x_NM, down_RM.T)
        if previous_NR is not None:
            state_NR.addcmul_(previous_NR, scale_R)
        rstd_N1 = reciprocal_rms(state_NR, eps)
        normed_NR = (state_NR * rstd_N1).mul_(norm_R)
        first_NR = torch.addmm(fc1_bias_R, normed_NR, fc1_RR.T)
        first_gelu_NR = F.gelu(first_NR)
        second_NR = torch.addmm(fc2_bias_R, first_gelu_NR, fc2_RR.T)
        second_gelu_NR = F.gelu(second_NR)
        probs_NC = (second_gelu_NR @ out_CR.T).softmax(-1)
        choice_NK, weight_NK, counts_C = choose(probs_NC, biases_C, replay_NK, top_k)
        hidden = rstd_N1, normed_NR, first_NR, first_gelu_NR, second_NR, second_gelu_NR
        ctx.save_for_backward(x_NM, previous_NR, state_NR, *hidden, probs_NC, choice_NK, weight_NK, *weights)
        ctx.mark_non_differentiable(choice_NK, counts_C)
        return choice_NK, weight_NK, state_NR, counts_C

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, _choice, dweight_NK, dstate_NR, _counts):  # pyright: ignore[reportIncompatibleMethodOverride]
        x_NM, previous_NR, state_NR, *saved = ctx.saved_tensors
        *hidden, probs_NC, choice_NK, weight_NK = saved[:-9]
        down_RM, _, scale_R, norm_R, fc1_RR, _, fc2_RR, _, out_CR = saved[-9:]
        rstd_N1, normed_NR, first_NR, first_gelu_NR, second_NR, second_gelu_NR = hidden
        ones_N = x_NM.new_ones(len(x_NM))
        dchosen_NK = dweight_NK * weight_NK  # skip has weight 0
        dlogits_NC = (probs_NC * dchosen_NK.sum(-1, keepdim=True)).neg_().scatter_add_(1, choice_NK, dchosen_NK)
        dsecond_NR = torch.ops.aten.gelu_backward(dlogits_NC @ out_CR, second_NR)
        dfirst_NR = torch.ops.aten.gelu_backward(dsecond_NR @ fc2_RR, first_NR)
        d_NR, dnorm_R = norm_gradients(dfirst_NR @ fc1_RR, state_NR, norm_R, rstd_N1)
        d_NR += dstate_NR
        dprevious_NR = dscale_R = None
        if previous_NR is not None:
            dscale_R = (d_NR * previous_NR).sum(0)
            dprevious_NR = d_NR * scale_R
        dweights = [None] * 9
        if any(ctx.needs_input_grad[-9:]):  # not where they are frozen, under adapters
            dweights = [
                *(d_NR.T @ x_NM, ones_N @ d_NR, dscale_R, dnorm_R),
                *(dfirst_NR.T @ normed_NR, ones_N @ dfirst_NR),
                *(dsecond_NR.T @ first_gelu_NR, ones_N @ dsecond_NR),
                dlogits_NC.T @ second_gelu_NR,
            ]
        return d_NR @ down_RM, dprevious_NR, None, None, None, None, *dweights
