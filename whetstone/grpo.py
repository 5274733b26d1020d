"""A stage of reinforcement learning at work: its curriculum, sampler, trainer and what goes along, by its settings."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from accelerate.utils import gather_object

from whetstone.blend import Blend
from whetstone.grpo_settings import CanarySettings
from whetstone.policy.canaries import (
    Canaries,
    Canary,
    EntropyCollapse,
    GradientSpike,
    LengthExplosion,
    RareTokens,
    Repetition,
    RewardHacking,
)
from whetstone.policy.chunks import Chunked
from whetstone.policy.companions import Companions
from whetstone.policy.loss import Correction, LossSettings
from whetstone.policy.model import ZayaPolicy
from whetstone.policy.optimizer import adamw, muon_and_adamw, schedule
from whetstone.policy.reference import Reference
from whetstone.policy.shaping import LengthReward
from whetstone.policy.shaping import LengthSettings as LengthRule
from whetstone.policy.tokenizer import TextTokenizer
from whetstone.policy.trainer import Curriculum, GrpoSettings, Learner, grpo_step
from whetstone.questions import outcome
from whetstone.rollout.engine import Engine
from whetstone.rollout.types import Sampling
from whetstone.settings import GrpoStage, Recipe
from whetstone.stage_data import blend

ROWS = 512  # sequences that the sampler runs at once


class Grpo:
    """Learn from rewards at a difficulty that follows the policy; balancing biases stay as they are.

    Frozen biases and replayed routes keep the sampler's and the trainer's experts the same.
    """

    def __init__(self, settings: GrpoStage, recipe: Recipe, policy: ZayaPolicy, tokenizer: TextTokenizer) -> None:
        self.settings = settings
        self.questions = blend(settings, recipe, tokenizer, policy.config.max_position_embeddings, gather_object)
        self.companions = companions(settings, policy, self.questions)
        optimizers = (
            muon_and_adamw(policy, settings.lr, settings.lr, settings.momentum, match_rms=True)
            if settings.optimizer == "muon"
            else adamw(policy, settings.lr)
        )
        self.learner = Learner(policy, optimizers, grad_clip=settings.grad_clip, **recipe.learner.model_dump())
        self.grpo = step_settings(settings)
        self.remote = None
        self.curriculum: Curriculum = self.questions
        if recipe.engine == "ray":
            from whetstone.ray_stage import RayStage

            self.remote = RayStage(settings, recipe.ray, policy, tokenizer, self.questions, self.grpo, ROWS)
            self.engine, self.sampler, self.curriculum = (
                self.remote.engine,
                self.remote.sampler,
                self.remote.curriculum,
            )
        else:
            self.engine = self.sampler = Engine(policy, tokenizer, stop=tokenizer.eos, rows=ROWS)
        if settings.chunk:
            self.sampler = Chunked(self.engine, tokenizer, settings.chunk, settings.carry)

    def step(self, step: int) -> dict[str, Any]:
        factor = schedule(step, self.settings.steps, self.settings.warmup, self.settings.decay)
        seed = int(self.questions.rng.integers(1 << 62))
        metrics = grpo_step(self.learner, self.sampler, self.curriculum, self.grpo, factor, seed, self.companions)
        self.engine.version += int(metrics.get("updates", 1))
        alarms = [str(alarm) for alarm in self.companions.canaries.alarms]
        metrics |= self.remote.metrics() if self.remote else {}
        return metrics | self.questions.metrics() | ({"alarms": alarms} if alarms else {})

    def close(self) -> None:
        """Let go of what runs elsewhere."""
        if self.remote:
            self.remote.close()

    def state_dict(self) -> dict[str, Any]:
        return {
            "learner": self.learner.state_dict(),
            "mixture": self.questions.state_dict(),
            "version": self.engine.version,
            "companions": self.companions.state_dict(),
            "remote": self.remote.state_dict() if self.remote else {},
        }

    def load_state_dict(self, state: dict[str, Any]) -> None:
        self.learner.load_state_dict(state["learner"])
        self.questions.load_state_dict(state["mixture"])
        self.engine.version = state["version"]
        if "companions" in state:  # older checkpoints were written without
            self.companions.load_state_dict(state["companions"])
        if self.remote:
            self.remote.load_state_dict(state.get("remote", {}))


def step_settings(stage: GrpoStage) -> GrpoSettings:
    """One step of the stage, as the trainer has it."""
    correction, kl = stage.correction, stage.kl
    return GrpoSettings(
        prompts=stage.prompts,
        samples=stage.samples,
        sampling=Sampling(max_tokens=stage.max_tokens, temperature=stage.temperature),
        advantage=stage.advantage,
        aggregation=stage.aggregation,
        loss=LossSettings(
            stage.clip_low,
            stage.clip_high,
            stage.entropy,
            rule=stage.rule,
            ratio=stage.ratio,
            old=stage.old,
            correction=Correction(correction.kind, correction.level, correction.low, correction.high),
            kl=kl.weight if kl.term == "loss" else 0.0,
            estimator=kl.estimator,
        ),
        replay=stage.replay,
        refill=stage.refill,
        updates=stage.updates,
        staleness=stage.staleness,
        mask_truncated=stage.truncated == "mask",
        soft_overlong=stage.soft_overlong,
        kl_reward=kl.weight if kl.term == "reward" else 0.0,
        repetition=stage.canaries.repetition,
    )


def companions(stage: GrpoStage, policy: ZayaPolicy, questions: Blend) -> Companions:
    """What goes along with the policy through the stage."""
    length = stage.length
    rule = LengthRule(length.longest, length.slack, length.tolerance, length.start, length.ramp)
    watched = stage.canaries.hacking_action != "off"
    return Companions(
        reference=Reference(policy) if stage.kl.weight and stage.kl.to == "start" else None,
        average=Reference(policy, stage.average) if stage.average else None,
        lengths=LengthReward(rule) if length.longest else None,
        canaries=Canaries(canaries(stage.canaries)),
        source=lambda asked: asked.key.task,
        held_out=(lambda: outcome(questions.rows)["accuracy"]) if watched else None,
    )


def canaries(settings: CanarySettings) -> Iterator[Canary]:
    """The canaries with their thresholds and actions."""
    yield Repetition(settings.repetition_share, settings.repetition_action)
    yield RareTokens(settings.rare_tokens, settings.rare_tokens_action)
    yield LengthExplosion(settings.length, settings.length_action, settings.window)
    yield EntropyCollapse(settings.entropy, settings.entropy_action)
    yield GradientSpike(settings.gradient, settings.gradient_action, settings.window)
    yield RewardHacking(settings.hacking, settings.hacking_action, settings.window)
