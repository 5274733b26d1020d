"""A second policy beside the one that learns: as it was at the start, or a moving average of it.

The first keeps the learning policy close (KL), the second is also what one may want to serve. Both cost the memory of
one more set of weights, whole on every process (CPU, one GPU, DDP).
"""

from __future__ import annotations

import copy
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import torch

from whetstone.policy.batch import Row, Scorer, micro_batches
from whetstone.policy.learner import Pack
from whetstone.policy.model import ZayaPolicy


class Reference:
    """A copy of `policy`. With `decay` 1 it stays as it is; below, `follow` moves it by 1 - decay of the way.

    A copy that moves is fp32, for sums of many small steps would stand still in bf16. Raises `ValueError` for a decay
    outside (0, 1].
    """

    def __init__(self, policy: ZayaPolicy, decay: float = 1.0) -> None:
        if not 0 < decay <= 1:
            raise ValueError(f"decay must lie in (0, 1], 1 for a copy that stays as it is, not {decay}")
        self.decay = decay
        self.policy = copy.deepcopy(policy).requires_grad_(False)
        if decay < 1:
            self.policy.float()

    @torch.no_grad()
    def follow(self, policy: ZayaPolicy) -> None:
        """average <- decay * average + (1 - decay) * policy, for parameters; what is counted (buffers) is copied."""
        for own, other in zip(self.policy.parameters(), policy.parameters(), strict=True):
            own.lerp_(other.to(own.dtype), 1 - self.decay)
        for own, other in zip(self.policy.buffers(), policy.buffers(), strict=True):
            own.copy_(other)

    def state_dict(self) -> dict[str, Any]:
        return dict(self.policy.state_dict())

    def load_state_dict(self, state: dict[str, Any]) -> None:
        self.policy.load_state_dict(state)


@torch.no_grad()
def logprobs(
    policy: ZayaPolicy,
    rows: Sequence[Row],
    *,
    temperature: float = 1.0,
    micro_tokens: int = 4096,
    replay: bool = False,
    pack: Pack = micro_batches,
) -> list[list[float]]:
    """The log-probability of every completion token of each row under `policy`, without gradients.

    `replay` forces the rows' routes: right for the policy that sampled them, and for no other.
    """
    scorer, device = Scorer(policy), policy.lm_head.weight.device
    asked = list(rows) if replay else [replace(row, experts=None) for row in rows]
    found: dict[int, list[float]] = {}
    for batch in pack(asked, micro_tokens, device):
        logprob_R, _, _ = scorer(batch, temperature)
        parts = logprob_R.split(batch.completion_lengths.tolist())
        found |= {id(row): part.tolist() for row, part in zip(batch.rows, parts, strict=True)}
    return [found[id(row)] for row in asked]
