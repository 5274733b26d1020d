"""How far a trainer's distribution is from the one that was sampled, with the sampler's routes replayed and without.

In a mixture of experts a rounding error can send a token to another expert, and from there on the two models differ by
more than rounding. Replaying the experts that the sampler chose removes that difference (arXiv 2510.11370; ZAYA1's
report, arXiv 2605.05365, calls it the most important of its changes for RL).

Legend: R completion tokens, N tokens of a micro-batch, L layers, K choices of a token.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import torch
from torch import Tensor

from whetstone.policy.batch import MicroBatch, Row, Scorer, micro_batches


@dataclass(frozen=True, slots=True)
class Mismatch:
    """What separates sampler and trainer over some completions.

    `kl` is KL(sampler || trainer) in nats a token, by the mean of ratio - 1 - log ratio, which is never negative;
    `gap` the largest difference of a token's log-probability, `correlation` Pearson's of the tokens' probabilities, and
    `rerouted` the share of (token, layer) pairs that the trainer sends to other experts than the sampler did.
    """

    kl: float
    gap: float
    correlation: float
    rerouted: float


@torch.no_grad()
def mismatch(
    scorer: Scorer, rows: Sequence[Row], *, replayed: bool, temperature: float = 1.0, micro_tokens: int = 4096
) -> Mismatch:
    """Score sampled rows again, forcing the sampler's routes or routing afresh.

    Raises ValueError unless every row has its log-probabilities and routes.
    """
    if not rows or any(row.sampled is None or row.experts is None for row in rows):
        raise ValueError("every row needs the sampler's log-probabilities and experts; take them from its completions")
    device = scorer.policy.lm_head.weight.device
    scored: list[Tensor] = []
    sampled: list[float] = []
    moved = choices = 0
    for batch in micro_batches(rows, micro_tokens, device):
        recorded_NX = batch.replay_NX
        assert recorded_NX is not None
        run: MicroBatch = batch if replayed else replace(batch, replay_NX=None)
        logprob_R, _, routes_NX = scorer(run, temperature)
        scored.append(logprob_R.double())
        sampled.extend(x for row in batch.rows for x in row.sampled or ())
        layers = scorer.policy.config.num_hidden_layers
        ours, theirs = (x.unflatten(1, (layers, -1)).sort(-1).values for x in (routes_NX, recorded_NX))
        moved += int((ours != theirs).any(-1).sum())
        choices += ours[..., 0].numel()
    return _compare(torch.cat(scored), torch.tensor(sampled, dtype=torch.float64, device=device), moved / choices)


def _compare(scored_R: Tensor, sampled_R: Tensor, rerouted: float) -> Mismatch:
    difference_R = scored_R - sampled_R
    return Mismatch(
        kl=float((difference_R.exp() - 1 - difference_R).mean()),
        gap=float(difference_R.abs().max()),
        correlation=float(torch.corrcoef(torch.stack((scored_R.exp(), sampled_R.exp())))[0, 1]),
        rerouted=rerouted,
    )
