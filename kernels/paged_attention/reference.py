"""The reference of `paged_attention`: the pages gathered, then PyTorch's attention, on any device.

Shapes: as in `whetstone.kernels.paged_attention`; S = B T positions.
"""

import torch
import torch.nn.functional as F
from torch import Tensor


def paged_attention(
    q_AHD: Tensor,
    keys_PKTD: Tensor,
    values_PKTD: Tensor,
    pages_AB: Tensor,
    lengths_A: Tensor,
    window: int | None = None,
) -> Tensor:
    """As `whetstone.kernels.paged_attention.paged_attention`."""
    T, B = keys_PKTD.shape[2], pages_AB.shape[1]
    t_S = torch.arange(B * T, device=q_AHD.device)
    seen_AS = t_S < lengths_A[:, None]
    if window is not None:
        seen_AS &= t_S >= lengths_A[:, None] - window
    used_AB = torch.where(torch.arange(B, device=q_AHD.device) * T < lengths_A[:, None], pages_AB, 0)
    seen_A1S1 = seen_AS[:, None, :, None]

    def gathered(cache_PKTD: Tensor) -> Tensor:
        rows_AKSD = cache_PKTD[used_AB].transpose(1, 2).flatten(2, 3)
        return rows_AKSD.masked_fill(~seen_A1S1, 0.0)  # what is not seen may be NaN, and 0 x NaN is not 0

    # The G query heads of a group take the place of G query positions: no key is repeated.
    q_AKGD = q_AHD.unflatten(1, (keys_PKTD.shape[1], -1))
    out_AKGD = F.scaled_dot_product_attention(
        q_AKGD, gathered(keys_PKTD), gathered(values_PKTD), attn_mask=seen_AS[:, None, None]
    )
    return out_AKGD.flatten(1, 2).masked_fill(lengths_A[:, None, None] <= 0, 0.0)
