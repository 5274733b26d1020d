"""Experts spread over processes: each holds some of a layer's, and tokens travel to them and back (all-to-all).

Unusual here: nothing is padded and no token is dropped; how many travel is exchanged first. The processes that share
experts have batches of their own, so an expert learns from the tokens of all of them.

Legend: N tokens, M model width, E experts of a layer, L of them held here, P processes that share them, I expert
width, K choices of a token, A choices of our tokens that are not skip, R tokens of all processes that came here.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import torch
import torch.distributed as dist
from torch import Tensor, nn

from whetstone.kernels.grouped_experts import grouped_experts
from whetstone.policy.experts import Experts


class ExpertParallel(nn.Module):
    """`Experts` of which this process holds the L = E / P that follow those of the processes before it in `group`.

    Every process of the group has to call it equally often. Raises `ValueError` where P does not divide E.
    """

    def __init__(self, experts: Experts, group: dist.ProcessGroup) -> None:
        super().__init__()
        self.group, self.processes = group, group.size()
        self.total = len(experts.gate_up_proj)
        if self.total % self.processes:
            raise ValueError(f"expert_parallel must divide the {self.total} experts of a layer, got {self.processes}")
        self.gate_up_proj, self.down_proj = self.held(experts.gate_up_proj), self.held(experts.down_proj)

    def held(self, stack_EXY: nn.Parameter) -> nn.Parameter:
        """Our part of a stack over all experts, in memory of its own."""
        part = stack_EXY.detach().chunk(self.processes)[self.group.rank()]
        return nn.Parameter(part.clone(), requires_grad=stack_EXY.requires_grad)

    def forward(self, x_NM: Tensor, choice_NK: Tensor, weight_NK: Tensor) -> Tensor:  # pyright: ignore[reportIncompatibleMethodOverride]
        """As `Experts.forward`, (N, M)."""
        choice_A = choice_NK.flatten()
        counts_E = torch.bincount(choice_A.clamp(max=self.total), minlength=self.total + 1)[:-1]
        order_A = choice_A.argsort(stable=True)[: int(counts_E.sum())]
        token_A = order_A // choice_NK.shape[1]
        counts_PL = counts_E.view(self.processes, -1)
        come_PL = torch.empty_like(counts_PL)
        dist.all_to_all_single(come_PL, counts_PL, group=self.group)
        sent, come = counts_PL.sum(1).tolist(), come_PL.sum(1).tolist()

        x_RM = exchange(x_NM.index_select(0, token_A), sent, come, self.group)
        local_R = torch.arange(come_PL.shape[1], device=x_NM.device).repeat(self.processes)
        local_R = local_R.repeat_interleave(come_PL.flatten(), output_size=len(x_RM))
        gate_up, down = (shared(stack.to(x_NM.dtype), self.processes) for stack in (self.gate_up_proj, self.down_proj))
        y_RM = grouped_experts(x_RM, gate_up, down, local_R[:, None], torch.ones_like(x_RM[:, :1]))
        y_AM = exchange(y_RM, come, sent, self.group) * weight_NK.flatten().index_select(0, order_A)[:, None]
        return torch.zeros_like(x_NM).index_add(0, token_A, y_AM.to(x_NM.dtype))


def exchange(x_AM: Tensor, sent: Sequence[int], come: Sequence[int], group: dist.ProcessGroup) -> Tensor:
    """Rows to the processes of `group`, `sent` of them to each, and theirs to us, `come` from each; differentiable."""
    return _Exchange.apply(x_AM, sent, come, group)  # type: ignore[return-value]


class _Exchange(torch.autograd.Function):
    @staticmethod
    def forward(ctx: Any, x_AM: Tensor, sent: list[int], come: list[int], group: dist.ProcessGroup) -> Tensor:
        ctx.back = (come, sent, group)
        found_RM = x_AM.new_empty(sum(come), *x_AM.shape[1:])
        dist.all_to_all_single(found_RM, x_AM.contiguous(), come, sent, group=group)
        return found_RM

    @staticmethod
    def backward(ctx: Any, dfound_RM: Tensor):  # pyright: ignore[reportIncompatibleMethodOverride]
        return exchange(dfound_RM, *ctx.back), None, None, None


def shared(weight: Tensor, processes: int) -> Tensor:
    """A weight whose gradient sums over P processes' batches, as a mean over them: what data parallelism expects."""
    return _Shared.apply(weight, processes)  # type: ignore[return-value]


class _Shared(torch.autograd.Function):
    @staticmethod
    def forward(ctx: Any, weight: Tensor, processes: int) -> Tensor:
        ctx.processes = processes
        return weight.view_as(weight)

    @staticmethod
    def backward(ctx: Any, dweight: Tensor):  # pyright: ignore[reportIncompatibleMethodOverride]
        return dweight / ctx.processes, None
