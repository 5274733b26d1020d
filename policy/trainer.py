"""SFT and GRPO: two small functions over one `Learner`.

Whatever chooses the questions and judges the answers arrives as an object with `propose` and `observe`, so that this
file knows neither tasks nor curricula. `grpo_step` is the loop; `teaching` turns rewards into rows, `learner` takes
steps, and what goes along and has a state is in `companions`.
"""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from typing import Any, Protocol

import numpy as np
import torch
from torch import Tensor

from whetstone.policy.advantage import differs
from whetstone.policy.batch import MicroBatch, Row
from whetstone.policy.companions import Companions
from whetstone.policy.learner import Learner, Objective, Totals
from whetstone.policy.loss import LossInputs, grpo_loss, token_weights
from whetstone.policy.mismatch import agreement, moments
from whetstone.policy.teaching import GrpoSettings, Rollouts, repeats, teaching
from whetstone.rollout.types import Completion, Request, Sampler

RARE = 0.9  # ids from this share of the vocabulary on are rare tokens

# -- supervised fine-tuning -------------------------------------------------------------------------------------------


def sft_step(learner: Learner, rows: Sequence[Row], factor: float) -> dict[str, float]:
    """Mean negative log-likelihood of the completions' tokens, one step."""

    def objective(batch: MicroBatch, logprob_R: Tensor, entropy_R: Tensor, totals: Totals):
        del batch
        share = len(logprob_R) / totals.tokens
        return -logprob_R.sum() / totals.tokens, {"entropy": float(entropy_R.detach().mean()) * share}

    return learner.update(rows, objective, factor)


# -- reinforcement learning -------------------------------------------------------------------------------------------


class Question(Protocol):
    """Something to ask."""

    @property
    def prompt(self) -> str | tuple[int, ...]: ...


class Curriculum(Protocol):
    """Chooses the questions and judges the answers.

    With several processes all propose the same questions; each asks its share, and whatever `observe` learns must
    reach all of them.
    """

    def propose(self, count: int) -> Sequence[Question]: ...

    def observe(self, questions: Sequence[Any], answers: Sequence[Sequence[Completion]]) -> np.ndarray:
        """The reward of every answer, (questions, samples); NaN takes an answer out of the batch (a judge's fault)."""
        ...


def grpo_step(
    learner: Learner,
    sampler: Sampler,
    curriculum: Curriculum,
    settings: GrpoSettings,
    factor: float,
    seed: int,
    companions: Companions | None = None,
) -> dict[str, float]:
    """Ask, sample, judge, learn: one step of GRPO on the groups that differ within themselves."""
    companions = companions or Companions()
    companions.begin()
    rollouts = collect(learner, sampler, curriculum, settings, seed)
    judged = time.perf_counter()
    found, tokens, count = readings(learner, rollouts, settings)
    held_out = {"held_out": companions.held_out()} if companions.held_out else {}
    alarmed = companions.canaries.look(found | held_out, ("reward", "length", "repetitive", "rare_tokens"))
    rows = [] if alarmed else teaching(learner, rollouts, settings, companions)
    metrics = learn(learner, rows, settings, companions, factor)
    seconds = time.perf_counter() - judged
    if alarmed:
        metrics["skipped_batches"] = 1.0
    if settings.refill:
        metrics |= {"rounds": float(rollouts.rounds), "asked": count / settings.samples}
    return (
        metrics
        | found
        | {
            "informative": metrics["rows"] / max(1, count),
            "tokens_per_second": tokens / (rollouts.seconds_sampling + rollouts.seconds_judging + seconds),
            "seconds_sampling": rollouts.seconds_sampling,
            "seconds_judging": rollouts.seconds_judging,
            "seconds_learning": seconds,
        }
    )


def collect(learner: Learner, sampler: Sampler, curriculum: Curriculum, settings: GrpoSettings, seed: int) -> Rollouts:
    """Ask until `prompts` groups differ within themselves, at most `refill` times more; one round without refill."""
    rollouts = Rollouts([], [], np.zeros((0, settings.samples)))
    missing, asked = settings.prompts, 0
    while missing > 0 and rollouts.rounds <= settings.refill:
        started = time.perf_counter()
        share = learner.share(list(enumerate(curriculum.propose(missing), asked)))
        answers = sampler.generate([Request(q.prompt, settings.sampling, settings.samples, seed + i) for i, q in share])
        sampled = time.perf_counter()
        questions = [question for _, question in share]
        rewards_QS = np.reshape(curriculum.observe(questions, answers), (len(questions), settings.samples))
        rollouts.questions += questions
        rollouts.answers += answers
        rollouts.rewards_QS = np.concatenate([rollouts.rewards_QS, rewards_QS])
        rollouts.rounds += 1
        rollouts.seconds_sampling += sampled - started
        rollouts.seconds_judging += time.perf_counter() - sampled
        asked += missing
        if settings.refill:
            (useful,) = learner.total(sum(map(differs, rewards_QS)))
            missing -= int(useful)
    return rollouts


def readings(learner: Learner, rollouts: Rollouts, settings: GrpoSettings) -> tuple[dict[str, float], float, float]:
    """What the canaries read of the answers of all processes; their tokens and their number. Unjudged: no reward."""
    flat = [answer for group in rollouts.answers for answer in group]
    rare = int(RARE * learner.policy.config.vocab_size)
    rewards = rollouts.rewards_QS
    tokens, count, reward, judged, repetitive, rare_tokens = learner.total(
        sum(len(answer.tokens) for answer in flat),
        rewards.size,
        float(np.nansum(rewards)),
        int(np.isfinite(rewards).sum()),
        sum(repeats(answer.tokens, settings.repetition) for answer in flat),
        sum(int((np.asarray(answer.tokens) >= rare).sum()) for answer in flat if answer.tokens),
    )
    found = {"reward": reward / judged} if judged else {}
    found |= {"length": tokens / max(1, count), "rare_tokens": rare_tokens / max(1, tokens)}
    return found | ({"repetitive": repetitive / max(1, count)} if settings.repetition else {}), tokens, count


# -- from rows to updates ---------------------------------------------------------------------------------------------


def learn(
    learner: Learner, rows: Sequence[Row], settings: GrpoSettings, companions: Companions, factor: float
) -> dict[str, float]:
    """`updates` steps on the rows; the metrics of the first, in which the trainer is as the sampler was.

    Of several, `last_clipped` and `last_kl` are of the last: how far the policy went from what was sampled.
    """

    def veto(found: Mapping[str, float]) -> bool:
        return companions.canaries.look(found, ("entropy", "grad_norm"))

    objective = objective_of(settings)
    metrics: dict[str, float] = {}
    for update in range(settings.updates):
        found = agreement(learner.update(rows, objective, factor, settings.temperature, veto))
        metrics = metrics or found
        if found.get("nonfinite_steps"):
            companions.faulty = list(rows)
        if not found["rows"] or found["skipped_steps"]:
            metrics |= {name: found[name] for name in ("skipped_steps", "nonfinite_steps") if name in found}
            break
        if companions.average:
            companions.average.follow(learner.policy)
        if update:
            last = {"last_clipped": "clipped", "last_kl": "sampler_kl"}
            metrics |= {name: found[own] for name, own in last.items() if own in found} | {"updates": update + 1.0}
    return metrics


def objective_of(settings: GrpoSettings) -> Objective:
    """The loss of a micro-batch as `settings` have it."""

    def objective(batch: MicroBatch, logprob_R: Tensor, entropy_R: Tensor, totals: Totals):
        lengths_B = batch.completion_lengths

        def tokens(values: Sequence[Sequence[float] | None]) -> Tensor | None:
            if any(value is None for value in values):
                return None
            flat = [x for value in values for x in value or ()]
            return torch.tensor(flat, dtype=torch.float32, device=lengths_B.device)

        advantage_B = torch.tensor([row.advantage for row in batch.rows], dtype=torch.float32, device=lengths_B.device)
        sampled_R = tokens([row.sampled or () for row in batch.rows])
        assert sampled_R is not None
        cap, traces = settings.sampling.max_tokens, [row.trace or len(row.completion) for row in batch.rows]
        weight_R = token_weights(
            lengths_B,
            settings.aggregation,
            total_tokens=totals.tokens,
            total_rows=totals.rows,
            cap=cap,
            traces_B=torch.tensor(traces, device=lengths_B.device),
        )
        inputs = LossInputs(
            logprob_R,
            entropy_R,
            sampled_R,
            advantage_B.repeat_interleave(lengths_B),
            weight_R,
            lengths_B,
            tokens([row.old for row in batch.rows]),
            tokens([row.reference for row in batch.rows]),
        )
        loss, metrics = grpo_loss(inputs, settings.loss)
        if settings.aggregation == "constant":  # its weights do not add up to 1; what is logged is a mean over tokens
            scale = totals.rows * cap / totals.tokens
            metrics = {name: value * (1.0 if name == "sampler_gap" else scale) for name, value in metrics.items()}
        return loss, metrics | moments(logprob_R, sampled_R)

    return objective
