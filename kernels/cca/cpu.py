"""`cca` for CPUs in fp32 and fp64: the reference's formula with a backward pass of its own.

Between its small products this operator is bound by memory, so it makes few passes, in place, where autograd makes many
and keeps what each needs. With z the vectors before the norm, y = rotate(z / |z|) sqrt(D) those after, a rotation being
orthogonal, and dy of queries and of keys times their temperature:

    dz      = unrotate(dy - y <y, dy> / D) sqrt(D) / |z|
    later_j = dz of the token j places later (their sum where several follow)
    drows   = sum over taps j of later_j times tap j transposed, and the part of the means
    dtap_j  = rows^T later_j

Both gradients of the convolution read `later`, so that nothing of the size of its input is kept from the forward pass.

Shapes: as in `whetstone.kernels.cca`; G = H / K, T = L D.
"""

import torch
from torch import Tensor
from torch.autograd.function import once_differentiable

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
    dtype = projected_NP.dtype
    cos_N1S = torch.cat((cos_NR, cos_NR), dim=1).to(dtype).unsqueeze(1)
    sin_N1S = torch.cat((-sin_NR, sin_NR), dim=1).to(dtype).unsqueeze(1)
    return _CCA.apply(projected_NP, kernel_hYD, offset_hD.to(dtype), temperature_K.to(dtype), cos_N1S, sin_N1S, order)


class _CCA(torch.autograd.Function):
    @staticmethod
    def forward(ctx, projected_NP, kernel_hYD, offset_hD, temperature_K, cos_N1S, sin_N1S, order):
        (h, D), K = offset_hD.shape, len(temperature_K)
        rows_NhD, now_NX, next_NX = _parts(projected_NP, h, K)
        z_NhD = torch.empty_like(rows_NhD, memory_format=torch.contiguous_format)
        _mean(rows_NhD, K, 1.0, K / (h - K), z_NhD).add_(offset_hD)
        window_NLD = rows_NhD.new_empty(len(rows_NhD), kernel_hYD.shape[1] // D, D)
        for rows_ND, kernel_YD, z_ND in zip(rows_NhD.unbind(1), kernel_hYD, z_NhD.unbind(1), strict=True):
            for lag, part_ND in enumerate(window_NLD.unbind(1)):
                order.earlier(rows_ND, lag, part_ND)
            z_ND.addmm_(window_NLD.flatten(1), kernel_YD)
        norm_Nh1 = torch.linalg.vector_norm(z_NhD, dim=-1, keepdim=True)
        scale_Nh1 = norm_Nh1.clamp_min_(torch.finfo(z_NhD.dtype).eps).reciprocal_().mul_(D**0.5)
        y_NhD = _rotate_(z_NhD.mul_(scale_Nh1), cos_N1S, sin_N1S)
        v_NKD = projected_NP.new_empty(len(projected_NP), K, D)
        v_NX, delayed_NX = v_NKD.flatten(1).chunk(2, dim=1)
        v_NX.copy_(now_NX)
        order.earlier(next_NX, 1, delayed_NX)
        ctx.save_for_backward(projected_NP, kernel_hYD, temperature_K, cos_N1S, sin_N1S, y_NhD, scale_Nh1)
        ctx.order = order
        return y_NhD[:, : h - K], y_NhD[:, h - K :] * temperature_K[:, None], v_NKD

    @staticmethod
    @once_differentiable
    def backward(ctx, dq_NHD, dk_NKD, dv_NKD):  # pyright: ignore[reportIncompatibleMethodOverride]
        projected_NP, kernel_hYD, temperature_K, cos_N1S, sin_N1S, y_NhD, scale_Nh1 = ctx.saved_tensors
        (N, h, D), K, order = y_NhD.shape, len(temperature_K), ctx.order
        taps = kernel_hYD.shape[1] // D
        dtemperature_K = (dk_NKD * y_NhD[:, h - K :]).sum((0, 2))
        dz_NhD = torch.cat((dq_NHD, dk_NKD * temperature_K[:, None]), dim=1)
        along_Nh1 = (dz_NhD * y_NhD).sum(-1, keepdim=True)
        # A vector too short to be normalised was scaled by a constant: nothing is taken from its gradient.
        longest = D**0.5 / torch.finfo(y_NhD.dtype).eps
        along_Nh1.masked_fill_(scale_Nh1 >= longest, 0.0)
        _rotate_(dz_NhD.addcmul_(y_NhD, along_Nh1, value=-1 / D).mul_(scale_Nh1), cos_N1S, -sin_N1S)

        rows_NhD, _, _ = _parts(projected_NP, h, K)
        dprojected_NP = torch.empty_like(projected_NP, memory_format=torch.contiguous_format)
        drows_NhD, dnow_NX, dnext_NX = _parts(dprojected_NP, h, K)
        _mean(dz_NhD, K, K / (h - K), 1.0, drows_NhD)
        dtaps_hDT, window_NLD = dz_NhD.new_empty(h, D, taps * D), dz_NhD.new_empty(N, taps, D)
        transposed_hTD = kernel_hYD.unflatten(1, (taps, D)).transpose(2, 3).flatten(1, 2)
        for i, transposed_TD in enumerate(transposed_hTD):
            for lag, part_ND in enumerate(window_NLD.unbind(1)):
                order.later(dz_NhD[:, i], lag, part_ND)
            torch.mm(rows_NhD[:, i].T, window_NLD.flatten(1), out=dtaps_hDT[i])
            drows_NhD[:, i].addmm_(window_NLD.flatten(1), transposed_TD)
        dkernel_hYD = dtaps_hDT.unflatten(2, (taps, D)).transpose(1, 2).flatten(1, 2)
        dv_NX, ddelayed_NX = dv_NKD.flatten(1).chunk(2, dim=1)
        dnow_NX.copy_(dv_NX)
        order.later(ddelayed_NX, 1, dnext_NX)
        return dprojected_NP, dkernel_hYD, dz_NhD.sum(0), dtemperature_K, None, None, None


def _parts(projected_NP: Tensor, h: int, K: int) -> tuple[Tensor, Tensor, Tensor]:
    """Views of the rows: queries and keys (N, h, D), values of now, and values for the next token."""
    D = projected_NP.shape[1] // (h + K)
    rows_NC, now_NX, next_NX = projected_NP.split((h * D, K * D // 2, K * D // 2), dim=1)
    return rows_NC.unflatten(1, (h, D)), now_NX, next_NX


def _mean(x_NhD: Tensor, K: int, to_queries: float, to_keys: float, out_NhD: Tensor) -> Tensor:
    """Half of each query and `to_queries` times its key; half of each key and `to_keys` times its queries' sum."""
    H = x_NhD.shape[1] - K
    q_NKGD, k_NKD = x_NhD[:, :H].unflatten(1, (K, -1)), x_NhD[:, H:]
    torch.add(q_NKGD, k_NKD.unsqueeze(2), alpha=to_queries, out=out_NhD[:, :H].unflatten(1, (K, -1)))
    torch.add(k_NKD, q_NKGD.sum(2), alpha=to_keys, out=out_NhD[:, H:])
    return out_NhD.mul_(0.5)


def _rotate_(x_NhD: Tensor, cos_N1S: Tensor, sin_N1S: Tensor) -> Tensor:
    """Rotate the leading S = 2 R channels in place; `sin` has its first half negated."""
    x_NhS = x_NhD[..., : cos_N1S.shape[-1]]
    other_NhS = x_NhS.roll(x_NhS.shape[-1] // 2, -1).mul_(sin_N1S)
    x_NhS.mul_(cos_N1S).add_(other_NhS)
    return x_NhD
