"""`linear_logprob` over the few tokens that a sampler kept: plain PyTorch on every device, a chunk of rows at a time.

Only the kept columns of the weight are read. Gradients are those of `reference.py`. The weight's is accumulated by
`index_put_`, which sorts before it adds, so that repeated calls give the same bits on a GPU too.

Shapes: N rows, H hidden width, V vocabulary, W kept tokens, U = W + 1 with the target, C rows of a chunk.
"""

import torch
from torch import Tensor
from torch.autograd.function import once_differentiable

CHUNK_VALUES = 1 << 22  # of gathered columns


def linear_logprob(
    hidden_NH: Tensor,
    weight_VH: Tensor,
    target_N: Tensor,
    temperature: float | Tensor,
    bias_V: Tensor | None,
    kept_NW: Tensor,
) -> tuple[Tensor, Tensor]:
    """As `whetstone.kernels.linear_logprob.linear_logprob` with `kept_NW`."""
    tokens_NU = torch.cat((target_N[:, None], kept_NW), dim=1).long()
    counts_NU = tokens_NU >= 0
    counts_NU[:, 1:] &= tokens_NU[:, 1:] != tokens_NU[:, :1]
    counts_NU[:, 0] |= ~counts_NU.any(1)  # one certain token where there is none: no gradient comes of it
    logp_N, entropy_N = _Kept.apply(hidden_NH, weight_VH, bias_V, tokens_NU.clamp(min=0), counts_NU, temperature)
    return logp_N.masked_fill(target_N < 0, 0.0), entropy_N


def top_k(hidden_NH: Tensor, weight_VH: Tensor, k: int, bias_V: Tensor | None) -> Tensor:
    """As `whetstone.kernels.linear_logprob.top_k`."""
    rows = max(1, CHUNK_VALUES // weight_VH.shape[0])
    found = [torch.nn.functional.linear(chunk, weight_VH, bias_V).topk(k)[1] for chunk in hidden_NH.split(rows)]
    return torch.cat(found)


class _Kept(torch.autograd.Function):
    @staticmethod
    def forward(ctx, hidden_NH, weight_VH, bias_V, tokens_NU, counts_NU, temperature):
        dtype = torch.promote_types(hidden_NH.dtype, torch.float32)
        z_NU = hidden_NH.new_empty(tokens_NU.shape, dtype=dtype)
        for c in _chunks(tokens_NU, hidden_NH.shape[1]):
            z_NU[c] = (weight_VH[tokens_NU[c]].to(dtype) @ hidden_NH[c, :, None].to(dtype)).squeeze(2)
        if bias_V is not None:
            z_NU += bias_V.to(dtype)[tokens_NU]
        scale = temperature[:, None].to(dtype) if isinstance(temperature, Tensor) else temperature
        logp_NU = (z_NU / scale).masked_fill_(~counts_NU, -torch.inf).log_softmax(-1)
        entropy_N = torch.special.entr(logp_NU.exp()).sum(-1)
        ctx.save_for_backward(hidden_NH, weight_VH, bias_V, tokens_NU, logp_NU, entropy_N)
        ctx.scale = scale
        return logp_NU[:, 0], entropy_N

    @staticmethod
    @once_differentiable
    def backward(ctx, dlogp_N, dentropy_N):  # pyright: ignore[reportIncompatibleMethodOverride]
        hidden_NH, weight_VH, bias_V, tokens_NU, logp_NU, entropy_N = ctx.saved_tensors
        p_NU = logp_NU.exp()
        dz_NU = torch.special.entr(p_NU) * dentropy_N[:, None]
        dz_NU -= p_NU * (dlogp_N + dentropy_N * entropy_N)[:, None]
        dz_NU[:, 0] += dlogp_N
        dz_NU /= ctx.scale
        dhidden_NH = torch.empty_like(hidden_NH)
        dweight_VH = torch.zeros_like(weight_VH, dtype=dz_NU.dtype)
        for c in _chunks(tokens_NU, hidden_NH.shape[1]):
            dhidden_NH[c] = (dz_NU[c, None] @ weight_VH[tokens_NU[c]].to(dz_NU.dtype)).squeeze(1)
            products_CUH = dz_NU[c, :, None] * hidden_NH[c, None].to(dz_NU.dtype)
            dweight_VH.index_put_((tokens_NU[c],), products_CUH, accumulate=True)
        dbias_V = None
        if bias_V is not None:
            dbias_V = dz_NU.new_zeros(bias_V.shape).index_put_((tokens_NU,), dz_NU, accumulate=True).to(bias_V.dtype)
        return dhidden_NH, dweight_VH.to(weight_VH.dtype), dbias_V, None, None, None


def _chunks(tokens_NU: Tensor, width: int) -> list[slice]:
    N, U = tokens_NU.shape
    rows = max(1, CHUNK_VALUES // (U * width))
    return [slice(start, start + rows) for start in range(0, N, rows)]
