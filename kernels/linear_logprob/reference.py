"""The reference of `linear_logprob`: plain PyTorch in fp32 (fp64 for fp64 inputs), on any device.

Two forms of the same formula, chosen by size. Small products N x V take `dense`, where autograd keeps the logits; large
ones take `chunked`, which holds the logits of a few rows at a time, saves one log-sum-exp and one entropy a row, and
computes the logits a second time in the backward pass.

With z = logits / temperature, p = softmax(z), t the target and H the entropy:
    d logp / d z_j = 1[j = t] - p_j
    d H    / d z_j = -p_j (log p_j + H)

Shapes: N rows, H hidden width, V vocabulary, C rows of a chunk.
"""

import torch
from torch import Tensor
from torch.autograd.function import once_differentiable

# Forward and backward, width 256, fp32, one CPU thread, fastest of four; in ms:
#   N x V      64 x 32000   512 x 4096   1024 x 4096   4096 x 1024   16384 x 256   2048 x 4096
#   dense          72           61           130           149           146           467
#   chunked        99           79           156           158           143           334
# The dense form is the faster one up to 2**22 logits (16 MiB, which the cache still holds); beyond, it loses, and its
# memory grows with N x V.
DENSE_LOGITS = 1 << 22
# 2**20 logits a chunk were the fastest of 2**18, 2**20 and 2**22 at V = 4096; under 128 rows the weight is read from
# memory too often (V = 32000: 8 rows 2.1 s, 32 rows 1.0 s, 128 rows 0.86 s).
CHUNK_LOGITS = 1 << 20
CHUNK_ROWS = 128


def linear_logprob(
    hidden_NH: Tensor,
    weight_VH: Tensor,
    target_N: Tensor,
    temperature: float | Tensor = 1.0,
    bias_V: Tensor | None = None,
) -> tuple[Tensor, Tensor]:
    """As `whetstone.kernels.linear_logprob.linear_logprob`; a target >= V raises an error of PyTorch's `gather`."""
    form = dense if hidden_NH.shape[0] * weight_VH.shape[0] <= DENSE_LOGITS else chunked
    return form(hidden_NH, weight_VH, target_N, temperature, bias_V)


def dense(
    hidden_NH: Tensor,
    weight_VH: Tensor,
    target_N: Tensor,
    temperature: float | Tensor = 1.0,
    bias_V: Tensor | None = None,
) -> tuple[Tensor, Tensor]:
    """The formula as written, differentiated by autograd; holds N x V logits."""
    logp_NV = _logits(hidden_NH, weight_VH, temperature, bias_V).log_softmax(-1)
    return _gather(logp_NV, target_N), -(logp_NV.exp() * logp_NV).sum(-1)


def chunked(
    hidden_NH: Tensor,
    weight_VH: Tensor,
    target_N: Tensor,
    temperature: float | Tensor = 1.0,
    bias_V: Tensor | None = None,
    rows: int | None = None,
) -> tuple[Tensor, Tensor]:
    """The formula over chunks of `rows` rows (by default the measured best for V); holds `rows` x V logits."""
    rows = rows or max(CHUNK_ROWS, CHUNK_LOGITS // weight_VH.shape[0])
    return _Chunked.apply(hidden_NH, weight_VH, target_N, temperature, bias_V, rows)


def _logits(hidden_NH: Tensor, weight_VH: Tensor, temperature: float | Tensor, bias_V: Tensor | None) -> Tensor:
    dtype = torch.promote_types(hidden_NH.dtype, torch.float32)
    logits_NV = hidden_NH.to(dtype) @ weight_VH.to(dtype).T
    if bias_V is not None:
        logits_NV = logits_NV + bias_V.to(dtype)
    return logits_NV / _scale(temperature, dtype)


def _scale(temperature: float | Tensor, dtype: torch.dtype) -> float | Tensor:
    return temperature[:, None].to(dtype) if isinstance(temperature, Tensor) else temperature


def _of(temperature: float | Tensor, rows: slice) -> float | Tensor:
    return temperature[rows] if isinstance(temperature, Tensor) else temperature


def _gather(logp_NV: Tensor, target_N: Tensor) -> Tensor:
    picked_N = logp_NV.gather(-1, target_N.clamp(min=0)[:, None]).squeeze(-1)
    return picked_N.masked_fill(target_N < 0, 0.0)


class _Chunked(torch.autograd.Function):
    @staticmethod
    def forward(ctx, hidden_NH, weight_VH, target_N, temperature, bias_V, rows):
        dtype = torch.promote_types(hidden_NH.dtype, torch.float32)
        wide_VH = weight_VH.to(dtype)
        logp_N, entropy_N, lse_N = hidden_NH.new_empty((3, hidden_NH.shape[0]), dtype=dtype)
        for start in range(0, hidden_NH.shape[0], rows):
            c = slice(start, start + rows)
            logits_CV = _logits(hidden_NH[c], wide_VH, _of(temperature, c), bias_V)
            lse_N[c] = logits_CV.logsumexp(-1)
            logp_CV = logits_CV.sub_(lse_N[c, None])
            logp_N[c] = _gather(logp_CV, target_N[c])
            entropy_N[c] = -(logp_CV.exp() * logp_CV).sum(-1)
        ctx.save_for_backward(hidden_NH, weight_VH, target_N, bias_V, lse_N, entropy_N)
        ctx.temperature, ctx.rows = temperature, rows
        return logp_N, entropy_N

    @staticmethod
    @once_differentiable
    def backward(ctx, grad_logp_N, grad_entropy_N):  # pyright: ignore[reportIncompatibleMethodOverride]
        hidden_NH, weight_VH, target_N, bias_V, lse_N, entropy_N = ctx.saved_tensors
        wide_VH = weight_VH.to(lse_N.dtype)
        dhidden_NH = torch.empty_like(hidden_NH)
        dweight_VH = torch.zeros_like(wide_VH)
        dbias_V = wide_VH.new_zeros(wide_VH.shape[0])
        for start in range(0, hidden_NH.shape[0], ctx.rows):
            c = slice(start, start + ctx.rows)
            temperature = _of(ctx.temperature, c)
            logp_CV = _logits(hidden_NH[c], wide_VH, temperature, bias_V).sub_(lse_N[c, None])
            dlogp_C = grad_logp_N[c].masked_fill(target_N[c] < 0, 0.0)
            p_CV = logp_CV.exp()
            dlogits_CV = -p_CV * (dlogp_C[:, None] + grad_entropy_N[c, None] * (logp_CV + entropy_N[c, None]))
            dlogits_CV.scatter_add_(-1, target_N[c].clamp(min=0)[:, None], dlogp_C[:, None])
            dlogits_CV /= _scale(temperature, wide_VH.dtype)
            dhidden_NH[c] = dlogits_CV @ wide_VH
            dweight_VH.addmm_(dlogits_CV.T, hidden_NH[c].to(wide_VH.dtype))
            dbias_V += dlogits_CV.sum(0)
        dbias = None if bias_V is None else dbias_V.to(bias_V.dtype)
        return dhidden_NH, dweight_VH.to(weight_VH.dtype), None, None, dbias, None
