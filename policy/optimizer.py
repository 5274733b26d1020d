"""Optimizers: Muon for matrices, AdamW for everything else, and the learning-rate schedules.

`torch.optim.Muon` takes two-dimensional parameters only; nine tenths of a MoE's weights are stacks of matrices, so
this one orthogonalises the last two dimensions of any stack, all matrices of it at once. It also keeps no state where
there is no momentum, and iterates in fp32 on CPUs, where bf16 products are slow. On single matrices the two are equal.
"""

from __future__ import annotations

import math
from collections.abc import Iterable

import torch
from torch import Tensor, nn

from whetstone.policy.parallel import per_matrix

NEWTON_SCHULZ = (3.4445, -4.7750, 2.0315)  # Jordan et al. 2024, five steps
BETAS = (0.9, 0.95)  # of AdamW


def orthogonalised(gradient: Tensor, steps: int = 5) -> Tensor:
    """The nearest semi-orthogonal matrix to each (…, m, n) matrix, by a quintic Newton-Schulz iteration."""
    a, b, c = NEWTON_SCHULZ
    x = gradient.bfloat16() if gradient.is_cuda else gradient.float()
    tall = x.shape[-2] > x.shape[-1]
    x = x.mT if tall else x
    x = x / x.flatten(-2).norm(dim=-1)[..., None, None].clamp_min(1e-7)
    for _ in range(steps):
        gram = x @ x.mT
        x = a * x + (b * gram + c * gram @ gram) @ x
    return (x.mT if tall else x).to(gradient.dtype)


class Muon(torch.optim.Optimizer):
    """Momentum, orthogonalised (Jordan et al. 2024); steps scaled to AdamW's root mean square when `match_rms`.

    `momentum` 0 keeps no state at all, as ZAYA1's RL does.
    """

    def __init__(
        self,
        params: Iterable[nn.Parameter],
        lr: float = 0.02,
        momentum: float = 0.95,
        weight_decay: float = 0.0,
        match_rms: bool = False,
    ) -> None:
        defaults = {"lr": lr, "momentum": momentum, "weight_decay": weight_decay, "match_rms": match_rms}
        super().__init__(params, defaults)

    @torch.no_grad()
    def step(self, closure=None):  # type: ignore[override]
        """One update of every parameter that has a gradient."""
        loss = closure() if closure is not None else None
        for group in self.param_groups:
            for parameter in group["params"]:
                if parameter.grad is not None:
                    self._update(parameter, group)
        return loss

    def _update(self, parameter: Tensor, group: dict) -> None:
        direction = parameter.grad
        assert direction is not None
        if group["momentum"]:
            buffer = self.state[parameter].setdefault("momentum_buffer", torch.zeros_like(parameter))
            buffer.lerp_(direction, 1 - group["momentum"])
            direction = direction.lerp(buffer, group["momentum"])  # Nesterov
        m, n = parameter.shape[-2:]
        scale = 0.2 * math.sqrt(max(m, n)) if group["match_rms"] else math.sqrt(max(1.0, m / n))
        parameter.mul_(1 - group["lr"] * group["weight_decay"])
        parameter.add_(per_matrix(orthogonalised, direction), alpha=-group["lr"] * scale)


def split(policy: nn.Module) -> tuple[list[nn.Parameter], list[nn.Parameter]]:
    """(matrices for Muon, the rest for AdamW) of what is trained.

    Embeddings, head, vectors and convolutions are the rest; so are the factors of a low-rank adapter, of which only
    the product is a matrix of the model.
    """
    apart = ("embed_tokens", "lm_head", "conv_qk", "lora_")
    matrices, rest = [], []
    for name, parameter in policy.named_parameters():
        if parameter.requires_grad:
            is_matrix = parameter.dim() >= 2 and not any(part in name for part in apart)
            (matrices if is_matrix else rest).append(parameter)
    return matrices, rest


class Optimizers:
    """Several optimizers that step as one."""

    def __init__(self, optimizers: list[torch.optim.Optimizer]) -> None:
        self.optimizers = optimizers
        self.peaks = [[group["lr"] for group in optimizer.param_groups] for optimizer in optimizers]

    def step(self, factor: float) -> None:
        """One update at `factor` times the peak learning rates; clears the gradients."""
        for optimizer, peaks in zip(self.optimizers, self.peaks, strict=True):
            for group, peak in zip(optimizer.param_groups, peaks, strict=True):
                group["lr"] = peak * factor
            optimizer.step()
            optimizer.zero_grad(set_to_none=True)

    def state_dict(self) -> list[dict]:
        return [optimizer.state_dict() for optimizer in self.optimizers]

    def load_state_dict(self, states: list[dict]) -> None:
        for optimizer, state in zip(self.optimizers, states, strict=True):
            optimizer.load_state_dict(state)


def muon_and_adamw(
    policy: nn.Module,
    muon_lr: float,
    adamw_lr: float,
    momentum: float = 0.95,
    weight_decay: float = 0.0,
    match_rms: bool = False,
) -> Optimizers:
    """Muon on matrices, AdamW (0.9, 0.95) without decay on the rest.

    With `match_rms` both may have the learning rate and the decay that AdamW would have (arXiv 2502.16982).
    """
    matrices, rest = split(policy)
    muon = [Muon(matrices, muon_lr, momentum, weight_decay, match_rms)] if matrices else []
    return Optimizers([*muon, torch.optim.AdamW(rest, lr=adamw_lr, betas=BETAS, weight_decay=0.0)])


def adamw(policy: nn.Module, lr: float) -> Optimizers:
    """AdamW (0.9, 0.95) on everything that is trained, without weight decay."""
    trained = [parameter for parameter in policy.parameters() if parameter.requires_grad]
    return Optimizers([torch.optim.AdamW(trained, lr=lr, betas=BETAS, weight_decay=0.0)])


def schedule(step: int, steps: int, warmup: int, decay: float) -> float:
    """Linear warm-up over `warmup` steps, constant, then linear to zero over the last `decay` share of `steps`.

    >>> [round(schedule(s, 10, 2, 0.5), 2) for s in range(10)]
    [0.5, 1.0, 1.0, 1.0, 1.0, 1.0, 0.83, 0.67, 0.5, 0.33]
    """
    rising = min(1.0, (step + 1) / max(1, warmup))
    falling = (steps - step) / (decay * steps + 1) if decay else 1.0
    return min(rising, falling, 1.0)


def cosine(step: int, steps: int, warmup: int, floor: float = 0.0) -> float:
    """Linear warm-up over `warmup` steps, then half a cosine down to `floor`, one step beyond the last.

    >>> [round(cosine(s, 7, 2), 2) for s in range(7)]
    [0.5, 1.0, 0.93, 0.75, 0.5, 0.25, 0.07]
    """
    if step < warmup:
        return (step + 1) / warmup
    passed = (step + 1 - warmup) / (steps + 1 - warmup)
    return floor + (1 - floor) * (1 + math.cos(math.pi * passed)) / 2
