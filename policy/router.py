"""The MLP router of MoE++: a small network picks one expert, or none, for each token (ZAYA1, arXiv 2605.05365).

Unusual here: the router's own state is carried from layer to layer and averaged with exponentially falling weights
(EDA); one more class than there are experts means "skip"; balancing biases steer the choice but never the weight, so
the only gradient of the router comes through the probability of the chosen class.

Legend: N tokens, M model width, R router width, E experts, E + 1 classes (the last is skip), K choices of a token,
L layers, C choices of all tokens in one layer.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import torch
from torch import Tensor, nn
from transformers import ZayaConfig

from whetstone.kernels.router import RouterWeights, router
from whetstone.policy.norm import RMSNorm


class RouterMLP(nn.Module):
    """The weights of a norm and three linear maps, with exact GELU between them."""

    def __init__(self, width: int, classes: int, eps: float) -> None:
        super().__init__()
        self.norm = RMSNorm(width, eps)
        self.fc1 = nn.Linear(width, width)
        self.fc2 = nn.Linear(width, width)
        self.out_proj = nn.Linear(width, classes, bias=False)


class Router(nn.Module):
    """Chooses K classes for each token and returns (classes (N, K), weights (N, K), state for the next layer).

    The weight of a class is its probability, 0 for skip; nothing is renormalised. `replay_NK` forces the choice.
    """

    def __init__(self, config: ZayaConfig, layer: int) -> None:
        super().__init__()
        self.top_k = config.num_experts_per_tok
        width = config.router_hidden_size
        self.down_proj = nn.Linear(config.hidden_size, width)
        self.router_states_scale: nn.Parameter | None
        self.register_parameter("router_states_scale", nn.Parameter(torch.ones(width)) if layer else None)
        self.router_mlp = RouterMLP(width, config.num_experts + 1, config.rms_norm_eps)
        self.balancing_biases: Tensor
        self.register_buffer("balancing_biases", initial_biases(config.num_experts))

    def forward(
        self, x_NM: Tensor, previous_NR: Tensor | None, replay_NK: Tensor | None
    ) -> tuple[Tensor, Tensor, Tensor]:
        mlp = self.router_mlp
        weights = RouterWeights(
            self.down_proj.weight,
            self.down_proj.bias,
            self.router_states_scale,
            mlp.norm.weight,
            mlp.fc1.weight,
            mlp.fc1.bias,
            mlp.fc2.weight,
            mlp.fc2.bias,
            mlp.out_proj.weight,
        )
        routes = router(x_NM, weights, self.balancing_biases, previous_NR, replay_NK, self.top_k, mlp.norm.eps)
        return routes.choice_NK, routes.weight_NK, routes.state_NR

    def _apply(self, fn: Callable[[Tensor], Tensor], recurse: bool = True) -> Any:
        """Casting the policy leaves the biases fp32: their steps are smaller than bf16 resolves."""
        biases = self.balancing_biases
        super()._apply(fn, recurse)
        if self.balancing_biases.dtype != biases.dtype:
            self.balancing_biases = biases.to(self.balancing_biases.device)
        return self


def initial_biases(experts: int) -> Tensor:
    """Zero for the experts, -1 for skip: a probability plus -1 never wins while some expert's bias is not negative."""
    biases = torch.zeros(experts + 1)
    biases[-1] = -1.0
    return biases


class Balancer:
    """PID-style balancing: AdamW on the biases, with p_e - 1/E as the "gradient" (ZAYA1, arXiv 2605.05365).

    p_e is e's share of the choices that are not skip, over the global batch: counts are summed over processes by the
    caller. The skip class keeps its bias: it is opened by training data, not by a quota. fp32 throughout. The report
    gives neither step size nor betas. A bias already sums the errors of all steps; averaging them once more, as
    AdamW's usual first beta does, only answers late, and overshoots. A second beta of 0.999 would measure today's
    errors by those of the first steps, which are far larger (see docs/policy.md).
    """

    BETAS = (0.0, 0.99)

    def __init__(self, routers: Sequence[Router], lr: float) -> None:
        self.routers = routers
        self.biases = [nn.Parameter(router.balancing_biases[:-1].clone()) for router in routers]
        self.lr = lr
        self.optimizer = torch.optim.AdamW(self.biases, lr=lr, betas=self.BETAS, weight_decay=0.0)

    def step(self, counts_LE: Tensor, factor: float = 1.0) -> None:
        """Move the biases against the shares of `counts_LE` (choices per layer and class, skip last).

        `factor` is that of the learning rate's decay (not of its warm-up): as the policy settles, the biases may.
        """
        counts = counts_LE[:, :-1].float()
        shares = counts / counts.sum(-1, keepdim=True).clamp_min(1)
        for bias, share in zip(self.biases, shares, strict=True):
            bias.grad = share - 1 / len(share)
        for group in self.optimizer.param_groups:
            group["lr"] = self.lr * factor
        self.optimizer.step()
        with torch.no_grad():
            for router, bias in zip(self.routers, self.biases, strict=True):
                router.balancing_biases[:-1] = bias - bias.mean()  # only differences steer; skip stays comparable

    def state_dict(self) -> dict:
        return {"biases": [bias.detach().clone() for bias in self.biases], "optimizer": self.optimizer.state_dict()}

    def load_state_dict(self, state: dict) -> None:
        with torch.no_grad():
            for bias, saved in zip(self.biases, state["biases"], strict=True):
                bias.copy_(saved)
        self.optimizer.load_state_dict(state["optimizer"])


def route_counts(routes_NX: Tensor, layers: int, classes: int) -> Tensor:
    """How often each layer chose each class, (L, classes), of routes (N, L K) as the policy returns them."""
    chosen_LC = routes_NX.unflatten(1, (layers, -1)).transpose(0, 1).flatten(1)
    return torch.zeros(layers, classes, device=routes_NX.device).scatter_add_(
        1, chosen_LC, torch.ones_like(chosen_LC, dtype=torch.float32)
    )


def load_entropy(counts_LE: Tensor) -> Tensor:
    """Routing entropy H(p) / ln E of each layer over its experts, 1 when perfectly balanced."""
    shares = counts_LE[:, :-1].float() / counts_LE[:, :-1].sum(-1, keepdim=True).clamp_min(1)
    return torch.special.entr(shares).sum(-1) / torch.log(torch.tensor(float(shares.shape[-1])))
