"""From rewards to the rows that are learnt from: shaped, compared within their groups, scored by whom the loss needs.

Legend: Q questions, S samples of each, R completions of all.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from itertools import pairwise
from typing import Any

import numpy as np
import torch

from whetstone.policy.advantage import Advantage, advantages
from whetstone.policy.batch import Row
from whetstone.policy.chunks import Trace, chunks_of
from whetstone.policy.companions import Companions
from whetstone.policy.learner import Learner
from whetstone.policy.loss import LossSettings, kl_estimate
from whetstone.policy.presets import Aggregation
from whetstone.policy.reference import logprobs
from whetstone.policy.shaping import compression, soft_overlong
from whetstone.rollout.types import Completion, Sampling

LEAST_PACKED = 6  # bytes that zlib writes for any chunk: what is too short to fall below a ratio need not be compressed


@dataclass(frozen=True, slots=True)
class GrpoSettings:
    """One step of GRPO.

    `refill` bounds the further rounds of asking, each for as many questions as groups were all alike (dynamic sampling,
    DAPO, arXiv 2503.14476). A batch is learnt from `updates` times; answers with a token that would then have been
    sampled more than `staleness` weight updates ago are left out. `mask_truncated` takes completions that ran out of
    tokens out of the loss, not out of their group's mean; `soft_overlong` is the margin, in tokens, of the penalty for
    length. `kl_reward` is the weight of the KL to the reference in the reward. A completion with a chunk that
    compresses below `repetition` earns 0.
    """

    prompts: int
    samples: int
    sampling: Sampling
    advantage: Advantage = "grpo"
    aggregation: Aggregation = "token"
    loss: LossSettings = field(default_factory=LossSettings)
    replay: bool = True  # train on the experts that were sampled
    refill: int = 0
    updates: int = 1
    staleness: int = 8
    mask_truncated: bool = False
    soft_overlong: int = 0
    kl_reward: float = 0.0
    repetition: float = 0.0

    def __post_init__(self) -> None:
        if not 1 <= self.updates <= self.staleness + 1:
            raise ValueError(
                f"{self.updates} updates on one batch make its tokens {self.updates - 1} weight updates old, but "
                f"staleness allows {self.staleness}; lower updates or raise staleness"
            )

    @property
    def temperature(self) -> float:
        """The temperature under which the loss is taken."""
        return self.sampling.temperature or 1.0


@dataclass(slots=True)
class Rollouts:
    """What a step asked, what was answered, and what that is worth, (questions, samples); this process's share."""

    questions: list[Any]
    answers: list[list[Completion]]
    rewards_QS: np.ndarray
    seconds_sampling: float = 0.0
    seconds_judging: float = 0.0
    rounds: int = 0


def repeats(tokens: Sequence[int], bound: float) -> bool:
    """Whether some chunk of the completion compresses below the bound."""
    return 4 * len(tokens) * bound > LEAST_PACKED and compression(tokens) < bound


def teaching(learner: Learner, rollouts: Rollouts, settings: GrpoSettings, companions: Companions) -> list[Row]:
    """The rows to learn from: rewards shaped, compared within their groups, and scored by whom the loss needs."""
    lengths_QS = np.array([[len(answer.tokens) for answer in group] for group in rollouts.answers])
    lengths_QS = lengths_QS.reshape(rollouts.rewards_QS.shape)
    bonus_QS = companions.length_bonus(rollouts.questions, rollouts.rewards_QS, lengths_QS)
    rewards_QS = shaped(learner, rollouts, lengths_QS, settings, companions)
    spread = None
    if settings.advantage == "batch":
        judged = rewards_QS[np.isfinite(rewards_QS)]
        count, total, squares = learner.total(judged.size, float(judged.sum()), float(np.square(judged).sum()))
        spread = max(0.0, squares / max(1, count) - (total / max(1, count)) ** 2) ** 0.5
    rows = informative(rollouts.answers, rewards_QS, settings, bonus_QS, spread)
    limits = {"temperature": settings.temperature, "micro_tokens": learner.micro_tokens, "pack": learner.pack}
    if settings.loss.old == "trainer" and settings.updates > 1:
        olds = logprobs(learner.policy, rows, replay=True, **limits)
        rows = [replace(row, old=old) for row, old in zip(rows, olds, strict=True)]
    if settings.loss.kl:
        theirs = logprobs(companions.anchor, rows, **limits)
        rows = [replace(row, reference=reference) for row, reference in zip(rows, theirs, strict=True)]
    return rows


def shaped(
    learner: Learner, rollouts: Rollouts, lengths_QS: np.ndarray, settings: GrpoSettings, companions: Companions
) -> np.ndarray:
    """The rewards, 0 for what repeats itself, less the penalties for length and for distance from the reference."""
    rewards_QS = rollouts.rewards_QS
    if settings.repetition:
        looped = [[repeats(answer.tokens, settings.repetition) for answer in group] for group in rollouts.answers]
        looped_QS = np.array(looped, dtype=bool).reshape(rewards_QS.shape)
        rewards_QS = np.where(looped_QS & np.isfinite(rewards_QS), 0.0, rewards_QS)
    if settings.soft_overlong:
        rewards_QS = rewards_QS + soft_overlong(lengths_QS, settings.sampling.max_tokens, settings.soft_overlong)
    if settings.kl_reward:
        rewards_QS = rewards_QS - settings.kl_reward * _distances(learner, rollouts, settings, companions)
    return rewards_QS


def _distances(learner: Learner, rollouts: Rollouts, settings: GrpoSettings, companions: Companions) -> np.ndarray:
    """The KL to the reference of every answer, summed over its tokens, (Q, S); the sampler's is the policy's side."""
    answers = [chunks_of(answer) for group in rollouts.answers for answer in group]
    rows = [Row(c.prompt_tokens, c.tokens, 1.0, c.logprobs) for chunks in answers for c in chunks]
    limits = {"temperature": settings.temperature, "micro_tokens": learner.micro_tokens, "pack": learner.pack}
    found = [
        float(kl_estimate(torch.tensor(row.sampled), torch.tensor(theirs), settings.loss.estimator).sum())
        for row, theirs in zip(rows, logprobs(companions.anchor, rows, **limits), strict=True)
    ]
    ends = np.cumsum([0, *map(len, answers)])
    sums = [sum(found[start:end]) for start, end in pairwise(ends)]
    return np.reshape(sums, rollouts.rewards_QS.shape)


def informative(
    answers: Sequence[Sequence[Completion]],
    rewards_QS: np.ndarray,
    settings: GrpoSettings,
    bonus_QS: np.ndarray | None = None,
    spread: float | None = None,
) -> list[Row]:
    """Rows with an advantage: groups that are all alike, and answers without a reward, teach nothing.

    The chunks of a trace are rows that share its advantage.
    """
    flat = [(group, answer) for group, samples in enumerate(answers) for answer in samples]
    groups_R, rewards_R = np.array([group for group, _ in flat]), rewards_QS.ravel()
    judged = np.isfinite(rewards_R)
    bonus_R = None if bonus_QS is None else bonus_QS.ravel()[judged]
    advantages_R = np.zeros(len(flat))
    advantages_R[judged] = advantages(
        rewards_R[judged], groups_R[judged], settings.advantage, bonus_R=bonus_R, spread=spread
    )
    newest = max((max(a.versions) for _, a in flat if a.versions), default=0)
    oldest = newest - (settings.staleness - settings.updates + 1)
    rows = []
    for (_, answer), advantage in zip(flat, advantages_R.tolist(), strict=True):
        stale = answer.versions and min(answer.versions) < oldest
        if not advantage or stale or (settings.mask_truncated and answer.finish == "length"):
            continue
        trace = len(answer.tokens) if isinstance(answer, Trace) else 0
        rows += [
            Row(c.prompt_tokens, c.tokens, advantage, c.logprobs, c.experts if settings.replay else None, trace=trace)
            for c in chunks_of(answer)
        ]
    return rows
