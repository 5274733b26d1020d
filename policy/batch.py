"""Rows to packed batches: what a trainer learns from, in the layout that the model runs.

Legend: B rows, N tokens of a micro-batch, R completion tokens among them, X choices of a token (K in each of L layers).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor, nn

from whetstone.kernels.linear_logprob import linear_logprob
from whetstone.policy.context import Context, Packed, Shared
from whetstone.policy.model import ZayaPolicy


@dataclass(frozen=True, slots=True)
class Row:
    """One completion to learn from.

    `advantage` is shared by its tokens. `sampled` holds their log-probabilities under the distribution that was
    sampled; `experts` (positions, layers) the routes to replay, None to route afresh. `old` and `reference` hold their
    log-probabilities under the trainer before the batch's first update and under the reference policy. `trace` counts
    the tokens of the whole trace of which the completion is a chunk; 0: it is no chunk.
    """

    prompt: Sequence[int]
    completion: Sequence[int]
    advantage: float = 1.0
    sampled: Sequence[float] | None = None
    experts: np.ndarray | None = None
    old: Sequence[float] | None = None
    reference: Sequence[float] | None = None
    trace: int = 0

    def __len__(self) -> int:
        return len(self.prompt) + len(self.completion) - 1  # the last token is predicted, never run

    @property
    def share(self) -> float:
        """The part of its trace that it is; 1 for a whole one."""
        return len(self.completion) / self.trace if self.trace else 1.0


@dataclass(frozen=True, slots=True)
class MicroBatch:
    """Rows laid end to end: run `tokens_N` in `context`, score `targets_R` from the hidden states at `scored_R`.

    Rows with equal prompts stand together and share one run of it (see `context.Shared`).
    """

    rows: list[Row]
    context: Context
    tokens_N: Tensor
    scored_R: Tensor
    targets_R: Tensor
    replay_NX: Tensor | None

    @classmethod
    def of(cls, rows: Sequence[Row], device: torch.device | str = "cpu") -> MicroBatch:
        groups = by_prompt(rows)
        ordered = [row for group in groups for row in group]
        tokens: list[int] = []
        scored: list[int] = []
        for group in groups:
            tokens.extend(group[0].prompt)
            last = len(tokens) - 1
            for row in group:
                scored.extend((last, *range(len(tokens), len(tokens) + len(row.completion) - 1)))
                tokens.extend(row.completion[:-1])
        if len(groups) == len(rows):
            context: Context = Packed([len(row) for row in ordered], device)
        else:
            context = Shared([(len(g[0].prompt), [len(row.completion) - 1 for row in g]) for g in groups], device)
        return cls(
            ordered,
            context,
            torch.tensor(tokens, device=device),
            torch.tensor(scored, device=device),
            torch.tensor([token for row in ordered for token in row.completion], device=device),
            _replay(groups, device),
        )

    @property
    def completion_lengths(self) -> Tensor:
        return torch.tensor([len(row.completion) for row in self.rows], device=self.tokens_N.device)


def by_prompt(rows: Sequence[Row]) -> list[list[Row]]:
    """Rows in groups of equal prompts, both in order of appearance."""
    groups: dict[tuple[int, ...], list[Row]] = {}
    for row in rows:
        groups.setdefault(tuple(row.prompt), []).append(row)
    return list(groups.values())


def _replay(groups: list[list[Row]], device: torch.device | str) -> Tensor | None:
    parts = []
    for group in groups:
        for i, row in enumerate(group):
            if row.experts is None:
                return None
            parts.append(row.experts[len(row.prompt) if i else 0 :])
    return torch.from_numpy(np.concatenate(parts)).to(device, torch.long)


def micro_batches(rows: Sequence[Row], tokens: int, device: torch.device | str = "cpu") -> Iterator[MicroBatch]:
    """Groups of similar length together, at most about `tokens` tokens (and at least one group) a micro-batch."""
    part: list[Row] = []
    size = 0
    for group in sorted(by_prompt(rows), key=lambda group: max(map(len, group))):
        cost = len(group[0].prompt) + sum(len(row.completion) - 1 for row in group)
        if part and size + cost > tokens:
            yield MicroBatch.of(part, device)
            part, size = [], 0
        part += group
        size += cost
    if part:
        yield MicroBatch.of(part, device)


class Scorer(nn.Module):
    """Log-probability and entropy of every completion token, and the routes taken: one forward pass.

    A module of its own, so that whatever wraps the policy for training (DDP, FSDP2) sees the head inside `forward`.
    """

    def __init__(self, policy: ZayaPolicy) -> None:
        super().__init__()
        self.policy = policy

    def forward(self, batch: MicroBatch, temperature: float = 1.0) -> tuple[Tensor, Tensor, Tensor]:
        hidden_NM, routes_NX = self.policy(batch.tokens_N, batch.context, batch.replay_NX)
        head = self.policy.lm_head
        logprob_R, entropy_R = linear_logprob(
            hidden_NM[batch.scored_R], head.weight, batch.targets_R, temperature, head.bias
        )
        return logprob_R, entropy_R, routes_NX
