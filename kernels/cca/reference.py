"""The reference of `cca`: plain PyTorch, on any device. Shapes as in `whetstone.kernels.cca`, and G = H / K."""

import torch
from torch import Tensor

from whetstone.kernels.cca.order import Order


def cca(
    projected_NP: Tensor,
    kernel_hYD: Tensor,
    offset_hD: Tensor,
    temperature_K: Tensor,
    cos_NR: Tensor,
    sin_NR: Tensor,
    order: Order,
) -> tuple[Tensor, Tensor, Tensor]:
    """As `whetstone.kernels.cca.cca`."""
    qk_NC, now_NX, next_NX = split(projected_NP, offset_hD.numel())
    history = [order.shifted(qk_NC, lag) for lag in range(1, kernel_hYD.shape[1] // kernel_hYD.shape[2])]
    q_NHD, k_NKD = queries_and_keys([qk_NC, *history], kernel_hYD, offset_hD, temperature_K, cos_NR, sin_NR)
    return q_NHD, k_NKD, torch.cat((now_NX, order.shifted(next_NX, 1)), dim=-1).view(k_NKD.shape)


def cca_decode(
    projected_AP: Tensor,
    qk_AdC: Tensor,
    value_AX: Tensor,
    kernel_hYD: Tensor,
    offset_hD: Tensor,
    temperature_K: Tensor,
    cos_AR: Tensor,
    sin_AR: Tensor,
) -> tuple[Tensor, Tensor, Tensor]:
    """As `whetstone.kernels.cca.cca_decode`."""
    new_AC, now_AX, next_AX = split(projected_AP, offset_hD.numel())
    rows = [new_AC, *qk_AdC.to(new_AC.dtype).unbind(1)]
    q_AHD, k_AKD = queries_and_keys(rows, kernel_hYD, offset_hD, temperature_K, cos_AR, sin_AR)
    v_AKD = torch.cat((now_AX, value_AX.to(now_AX.dtype)), dim=-1).view(k_AKD.shape)
    for place in reversed(range(1, qk_AdC.shape[1])):
        qk_AdC[:, place] = qk_AdC[:, place - 1]
    if qk_AdC.shape[1]:
        qk_AdC[:, 0] = new_AC
    value_AX.copy_(next_AX)
    return q_AHD, k_AKD, v_AKD


def split(projected_NP: Tensor, channels: int) -> tuple[Tensor, Tensor, Tensor]:
    """A projected row into queries and keys, values of now, and values for the next token."""
    half = (projected_NP.shape[1] - channels) // 2
    qk_NC, now_NX, next_NX = projected_NP.split((channels, half, half), dim=-1)
    return qk_NC, now_NX, next_NX


def queries_and_keys(
    rows_L: list[Tensor], kernel_hYD: Tensor, offset_hD: Tensor, temperature_K: Tensor, cos_NR: Tensor, sin_NR: Tensor
) -> tuple[Tensor, Tensor]:
    """Rows (N, C) of the tokens and of their predecessors, newest first -> queries (N, H, D) and keys (N, K, D)."""
    (h, D), K = offset_hD.shape, len(temperature_K)
    stacked_hNY = torch.cat([x.unflatten(-1, (h, D)) for x in rows_L], dim=-1).transpose(0, 1)
    mixed_NhD = torch.baddbmm(offset_hD.to(kernel_hYD.dtype).unsqueeze(1), stacked_hNY, kernel_hYD).transpose(0, 1)

    dtype = torch.promote_types(kernel_hYD.dtype, torch.float32)
    q_NHD, k_NKD = rows_L[0].to(dtype).unflatten(-1, (h, D)).split((h - K, K), dim=1)
    mean_NKGD = (q_NHD.unflatten(1, (K, -1)) + k_NKD.unsqueeze(2)) * 0.5
    z_NhD = mixed_NhD.to(dtype) + torch.cat((mean_NKGD.flatten(1, 2), mean_NKGD.mean(dim=2)), dim=1)

    length_h1 = torch.cat((temperature_K.new_ones(h - K), temperature_K)).to(dtype)[:, None] * D**0.5
    norm_Nh1 = torch.linalg.vector_norm(z_NhD, dim=-1, keepdim=True).clamp_min(torch.finfo(dtype).eps)
    rotated_NhD = rotate(z_NhD * (length_h1 / norm_Nh1), cos_NR.to(dtype), sin_NR.to(dtype))
    q_NHD, k_NKD = rotated_NhD.to(kernel_hYD.dtype).split((h - K, K), dim=1)
    return q_NHD, k_NKD


def rotate(x_NhD: Tensor, cos_NR: Tensor, sin_NR: Tensor) -> Tensor:
    """Rotate the leading 2 R channels of each head (rotate-half form); the others pass."""
    R, cos, sin = cos_NR.shape[-1], cos_NR.unsqueeze(1), sin_NR.unsqueeze(1)
    a, b, rest = x_NhD[..., :R], x_NhD[..., R : 2 * R], x_NhD[..., 2 * R :]
    return torch.cat((a * cos - b * sin, b * cos + a * sin, rest), dim=-1)
