"""Normalisation and the residual stream, in fp32 at least, whatever the weights are.

Unusual here: what a block adds and what it is added to are both shifted and scaled by learned vectors.

Legend: N tokens, M model width.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn

from whetstone.kernels.residual_norm import residual, residual_norm, rms_norm


class RMSNorm(nn.Module):
    """Root-mean-square normalisation with statistics in fp32."""

    def __init__(self, width: int, eps: float) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.ones(width))
        self.eps = eps

    def forward(self, x: Tensor) -> Tensor:
        """x / sqrt(mean of squares + eps) * weight, over the last dimension; in the dtype of the weight."""
        return rms_norm(x, self.weight, self.eps)


class ResidualScale(nn.Module):
    """(x + b1) * s1 + (residual + b2) * s2, in fp32."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.hidden_states_scale = nn.Parameter(torch.ones(width))
        self.hidden_states_bias = nn.Parameter(torch.zeros(width))
        self.residual_scale = nn.Parameter(torch.ones(width))
        self.residual_bias = nn.Parameter(torch.zeros(width))

    def forward(self, x_NM: Tensor, residual_NM: Tensor) -> Tensor:
        return residual(x_NM, residual_NM, *self._vectors())

    def then(self, norm: RMSNorm, x_NM: Tensor, residual_NM: Tensor) -> tuple[Tensor, Tensor]:
        """The stream, and `norm` of it, in one operator."""
        return residual_norm(x_NM, residual_NM, *self._vectors(), norm.weight, norm.eps)

    def _vectors(self) -> tuple[Tensor, Tensor, Tensor, Tensor]:
        return self.hidden_states_scale, self.hidden_states_bias, self.residual_scale, self.residual_bias
