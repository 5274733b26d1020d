"""CCA's two convolutions as one: nothing stands between them, so in weight space they compose.

Shapes: h heads, D head size, C = h D channels, t0 and t1 taps, L = t0 + t1 - 1.
"""

import torch
from torch import Tensor


def compose(
    depthwise_Ct: Tensor, depthwise_bias_C: Tensor, grouped_CDt: Tensor, grouped_bias_C: Tensor
) -> tuple[Tensor, Tensor]:
    """A depthwise, then a grouped causal convolution -> (kernel (h, L D, D), offset (h, D)) of one convolution.

    Weights are as `Conv1d` keeps them, less the depthwise one's middle dimension; taps run from the oldest input to
    the newest, those of the result from the newest to the oldest: K_j = sum over a + b = j of G_b diag(d_a). The input
    is padded once, in front: where the sequence has not begun, the depthwise convolution gives its bias, not zero.
    Differentiable; cheap, but worth keeping while the weights stand still.
    """
    size = grouped_CDt.shape[1]
    depthwise_ahID = depthwise_Ct.flip(1).T.unflatten(1, (-1, size)).unsqueeze(-1)
    grouped_bhID = grouped_CDt.unflatten(0, (-1, size)).flip(3).permute(3, 0, 2, 1)
    t0, t1 = len(depthwise_ahID), len(grouped_bhID)
    taps = []
    for lag in range(t0 + t1 - 1):
        pairs = range(max(0, lag - t1 + 1), min(t0, lag + 1))
        taps.append(sum(depthwise_ahID[a] * grouped_bhID[lag - a] for a in pairs))
    bias_h1I = depthwise_bias_C.view(-1, 1, size)
    offset_hD = (bias_h1I @ grouped_bhID.sum(0)).squeeze(1) + grouped_bias_C.view(-1, size)
    return torch.cat(taps, dim=1), offset_hD
