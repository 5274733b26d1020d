"""Log-probability of a target and entropy, straight from hidden states, without holding N x V logits.

Shapes: N rows (tokens), H hidden width, V vocabulary, W tokens kept of it.
"""

import torch
from torch import Tensor

from whetstone.kernels import dispatch
from whetstone.kernels.linear_logprob import kept

__all__ = ["linear_logprob", "top_k"]

DTYPES = (torch.float32, torch.bfloat16, torch.float64)


def linear_logprob(
    hidden_NH: Tensor,
    weight_VH: Tensor,
    target_N: Tensor,
    temperature: float | Tensor = 1.0,
    bias_V: Tensor | None = None,
    kept_NW: Tensor | None = None,
) -> tuple[Tensor, Tensor]:
    """Log-probability (nats) of each target under softmax((hidden @ weight.T + bias) / temperature), and the entropy.

    Both outputs are fp32 of shape (N,), and both have gradients with respect to hidden, weight and bias. Products of
    bf16 inputs are accumulated in fp32. A negative target (such as -100) marks an ignored row: its log-probability is 0
    without a gradient, its entropy is computed as for any other. Logits must be finite; to forbid a token, give it a
    bias of -1e30.

    The distribution is the one that was sampled: `temperature` is a number or one for each row, (N,), and `kept_NW`
    holds the tokens that the sampler's cut-offs (top-k, top-p, ...) left, each once, filled up with -1; all others have
    probability 0. The target belongs to them even where it is not listed. Keeping the sampler's own set is what makes
    ratios of probabilities meaningful: weights that moved would cut another. Without it there is `top_k`.

    Inputs are fp32 or bf16, hidden and weight alike; under autocast both are cast to its dtype, as `F.linear` does.
    fp64 stays fp64 and always takes the reference. fp16 is refused: its smallest number, 6e-8, is above the gradients
    of most of a large vocabulary.

    Raises TypeError for such dtypes and ValueError for shapes that do not fit or a number as temperature that is not
    positive. A target >= V raises on the CPU and gives NaN on a GPU, where looking would wait for the device.
    """
    device = hidden_NH.device.type
    if torch.is_autocast_enabled(device):
        dtype = torch.get_autocast_dtype(device)
        hidden_NH, weight_VH = hidden_NH.to(dtype), weight_VH.to(dtype)
    _validate(hidden_NH, weight_VH, target_N, temperature, bias_V, kept_NW)
    if dispatch.use_triton(hidden_NH) and hidden_NH.dtype != torch.float64 and hidden_NH.numel():
        from whetstone.kernels.linear_logprob import triton as implementation
    else:
        from whetstone.kernels.linear_logprob import reference as implementation
    with torch.autocast(device, enabled=False), torch.cuda.device_of(hidden_NH):  # Triton launches on the current one
        if kept_NW is not None:
            return kept.linear_logprob(hidden_NH, weight_VH, target_N, temperature, bias_V, kept_NW)
        return implementation.linear_logprob(hidden_NH, weight_VH, target_N, temperature, bias_V)


@torch.no_grad()
def top_k(hidden_NH: Tensor, weight_VH: Tensor, k: int, bias_V: Tensor | None = None) -> Tensor:
    """The `k` most likely tokens of each row, (N, k), computed in the dtype of the inputs a few rows at a time.

    They stand in for a sampler's `kept_NW` that was not recorded.
    """
    if not 0 < k <= weight_VH.shape[0]:
        raise ValueError(f"k must be in 1..{weight_VH.shape[0]}, the vocabulary; got {k}")
    return kept.top_k(hidden_NH, weight_VH, k, bias_V)


def _validate(
    hidden: Tensor,
    weight: Tensor,
    target: Tensor,
    temperature: float | Tensor,
    bias: Tensor | None,
    kept_NW: Tensor | None,
) -> None:
    if hidden.dtype not in DTYPES or weight.dtype != hidden.dtype:
        raise TypeError(
            f"hidden and weight must have one dtype of float32, bfloat16, float64; got {hidden.dtype}, {weight.dtype}"
        )
    for name, tokens in (("target", target), ("kept", kept_NW)):
        if tokens is not None and tokens.dtype not in (torch.int64, torch.int32):
            raise TypeError(f"{name} must hold int64 or int32 token ids; got {tokens.dtype}")
    optional = [t for t in (bias, temperature, kept_NW) if isinstance(t, Tensor)]
    shapes = [tuple(t.shape) for t in (hidden, weight, target, *optional)]
    fit = hidden.ndim == weight.ndim == 2 and weight.shape[0] > 0
    if fit:
        rows, (columns, width) = hidden.shape[:1], weight.shape
        expected = [(*rows, width), (columns, width), rows]
        expected += [] if bias is None else [(columns,)]
        expected += [rows] if isinstance(temperature, Tensor) else []
        expected += [] if kept_NW is None else [(*rows, *kept_NW.shape[1:2])]
        fit = shapes == expected
    if not fit:
        raise ValueError(
            "expected hidden (N, H), weight (V, H) with V > 0, target (N,), bias (V,), temperature a number or (N,), "
            f"kept (N, W); got {shapes}"
        )
    if not isinstance(temperature, Tensor) and not temperature > 0:
        raise ValueError(f"temperature must be positive; got {temperature}")
