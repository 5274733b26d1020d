"""A recipe: everything that decides a run, as typed data with a sentence and a unit under each field."""

from __future__ import annotations

import difflib
from typing import Annotated, Literal, Self

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    InstanceOf,
    PlainSerializer,
    field_validator,
    model_validator,
)

from whetstone.curriculum.rules import Rule
from whetstone.envs import catalog
from whetstone.envs.suites import parse_levels, show_levels

Levels = Annotated[InstanceOf[range], BeforeValidator(parse_levels), PlainSerializer(show_levels)]
Positive = Annotated[int, Field(ge=1)]
Count = Annotated[int, Field(ge=0)]
Rate = Annotated[float, Field(gt=0)]
Share = Annotated[float, Field(ge=0, le=1)]
Name = Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9_.-]*$", max_length=60)]


class Settings(BaseModel):
    """What all settings share: unknown keys are errors, nothing changes after reading, types are not guessed."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True, use_attribute_docstrings=True)


class ModelSettings(Settings):
    """The shape of a freshly initialised MoE++ policy."""

    hidden_size: Positive = 96
    """Width of the residual stream."""
    layers: Positive = 3
    """Blocks of attention and experts."""
    heads: Positive = 4
    """Query heads of an attention layer."""
    kv_heads: Positive = 2
    """Key and value heads of an attention layer; divides `heads`."""
    head_dim: Positive = 32
    """Width of one attention head; even, because rotary embeddings turn pairs."""
    experts: Positive = 8
    """Experts of a layer."""
    expert_size: Positive = 96
    """Width inside one expert."""
    router_size: Positive = 32
    """Width inside the router's network."""
    vocab_size: Annotated[int, Field(ge=258)] = 512
    """Tokens of the tokenizer that is trained on the tasks' text; 256 bytes and the special tokens are the least."""
    rotary: Annotated[float, Field(gt=0, le=1)] = 0.5
    """Share of each head that rotary positions turn; where places matter more than content, all of it learns faster."""
    max_positions: Positive = 1024
    """Longest sequence, in tokens of prompt and completion together."""

    @model_validator(mode="after")
    def _heads_fit(self) -> Self:
        if self.heads % self.kv_heads:
            raise ValueError(f"kv_heads must divide heads, but {self.heads} is no multiple of {self.kv_heads}")
        if self.head_dim % 2:
            raise ValueError(f"head_dim must be even, not {self.head_dim}")
        return self


class StageSettings(Settings):
    """What every stage has."""

    name: Name
    """Names the stage in metrics, checkpoints and dotted overrides; unique in a recipe."""
    steps: Positive
    """Optimizer steps."""
    warmup: Count = 10
    """Steps over which the learning rate rises from zero."""
    grad_clip: Rate = 1.0
    """Largest norm of the gradient; a longer one is scaled down to it."""
    balance_lr: Annotated[float, Field(ge=0)] = 0.01
    """Learning rate of the routing biases that keep the experts equally busy."""
    decay: Share = 0.4
    """Last share of the steps, over which the learning rate falls linearly to zero."""
    checkpoint_every: Positive = 100
    """Steps between checkpoints; the end of a stage always writes one."""


class SftStage(StageSettings):
    """Supervised warm start on the solutions that the tasks themselves write."""

    kind: Literal["sft"] = "sft"
    """Supervised fine-tuning."""
    batch: Positive = 64
    """Rows (problems with their solutions) of a step."""
    levels: Levels = range(3)
    """Levels that the problems are drawn from, equally often."""
    muon_lr: Rate = 0.02
    """Learning rate of Muon, which updates the hidden matrices."""
    adamw_lr: Rate = 3e-3
    """Learning rate of AdamW, which updates the embeddings, norms, biases and the router."""


class Frontier(Settings):
    """How the difficulty of each task follows the policy."""

    rule: Rule = "learnability"
    """How levels are chosen: learnability, or window (RLVE), staircase (ZAYA1), bayes, which heed max_level alone."""
    start_level: Count = 3
    """Frontier of every task at the start: problems come from level 0 up to the frontier."""
    max_level: Count = 10
    """Level at which the frontier stops."""
    promote_at: Share = 0.8
    """Mean accuracy at the frontier that raises it by one level."""
    promote_groups: Positive = 3
    """Groups over which that mean is taken."""
    memory: Share = 0.2
    """Weight of the newest group in a level's running pass rate p; levels are drawn by p (1 - p)."""
    weight: Share = 0.02
    """Added to the sampling weight p (1 - p) of every level, so that none is forgotten."""
    floor: Share = 0.1
    """Least sampling weight of the frontier and the level below it, so that a hard level is always tried again."""

    @model_validator(mode="after")
    def _ascending(self) -> Self:
        if self.start_level > self.max_level:
            raise ValueError(f"start_level must be at most max_level, but {self.start_level} > {self.max_level}")
        return self


class GrpoStage(StageSettings):
    """Reinforcement learning from groups of rollouts, at a difficulty that follows the policy."""

    kind: Literal["grpo"] = "grpo"
    """Group relative policy optimization (DeepSeekMath, arXiv:2402.03300) with the clipping of DAPO (2503.14476)."""
    prompts: Positive = 48
    """Problems of a step."""
    samples: Annotated[int, Field(ge=2)] = 8
    """Rollouts of a problem: the group in which they are compared."""
    max_tokens: Positive = 64
    """Longest rollout, in new tokens."""
    lr: Rate = 3e-4
    """Learning rate of AdamW."""
    temperature: Rate = 1.0
    """Sampling temperature of the rollouts; the loss is taken under the same."""
    advantage: Literal["grpo", "dr_grpo", "maxrl"] = "grpo"
    """What a reward minus its group's mean is divided by: the group's standard deviation, 1, or the group's mean."""
    reward: Literal["exact", "score"] = "exact"
    """What is rewarded: 1 for an exactly right answer and else 0, or the task's score in [0, 1]."""
    clip_low: Share = 0.2
    """How far below 1 the probability ratio may fall before its gradient is cut."""
    clip_high: Annotated[float, Field(ge=0)] = 0.28
    """How far above 1 the probability ratio may rise before its gradient is cut."""
    entropy: Annotated[float, Field(ge=0)] = 0.01
    """Weight of the entropy bonus, in reward per nat."""
    frontier: Frontier = Frontier()
    """How the difficulty of each task follows the policy."""


class EvalSettings(Settings):
    """How a policy is measured on the eval split."""

    levels: Levels = range(11)
    """Levels that are measured."""
    problems: Positive = 20
    """Problems of each task and level."""
    samples: Positive = 1
    """Completions of each problem; accuracy is their mean."""
    temperature: Annotated[float, Field(ge=0)] = 0.0
    """Sampling temperature; 0 is greedy."""
    max_tokens: Positive = 64
    """Longest completion, in new tokens."""


Stage = Annotated[SftStage | GrpoStage, Field(discriminator="kind")]


class Recipe(Settings):
    """Everything that decides a run: the same recipe on the same machine gives the same numbers."""

    name: Name
    """Names the run: its folder is `runs/<name>` unless another is asked for."""
    seed: Count = 0
    """Seed of the initial weights, the problems and the samples."""
    threads: Positive = 1
    """CPU threads of PyTorch."""
    tasks: Annotated[tuple[str, ...], Field(min_length=1, strict=False)]
    """Ids of the tasks to train and measure on (`whetstone list` shows them)."""
    model: ModelSettings = ModelSettings()
    """The policy's shape."""
    stages: Annotated[tuple[Stage, ...], Field(min_length=1, strict=False)]
    """What is done, in order."""
    eval: EvalSettings = EvalSettings()
    """How the policy is measured."""

    @field_validator("tasks")
    @classmethod
    def _tasks_exist(cls, tasks: tuple[str, ...]) -> tuple[str, ...]:
        known = [*catalog.ids(), *catalog.CODE]
        for i, task in enumerate(tasks):
            if task in tasks[:i]:
                raise ValueError(f"task {task!r} is listed twice")
            if task not in known:
                near = difflib.get_close_matches(task, known, n=1, cutoff=0.5)
                hint = f"did you mean {near[0]!r}?" if near else "`whetstone list` shows all tasks"
                raise ValueError(f"there is no task {task!r}; {hint}")
        return tasks

    @field_validator("stages")
    @classmethod
    def _names_address_stages(cls, stages: tuple[Stage, ...]) -> tuple[Stage, ...]:
        names = [stage.name for stage in stages]
        for i, name in enumerate(names):
            if name in names[:i]:
                raise ValueError(f"two stages are called {name!r}; give each its own name")
            if name in cls.model_fields or "." in name:
                raise ValueError(f"a stage cannot be called {name!r}: dotted overrides could not tell it from a key")
        return stages

    def describe(self) -> list[str]:
        """What the recipe would do, one line a thing: for `--dry-run`."""
        model, measure = self.model, self.eval
        lines = [
            f"{self.name}: seed {self.seed}, {self.threads} thread{'s' * (self.threads > 1)}",
            f"tasks ({len(self.tasks)}): {', '.join(self.tasks)}",
            f"model: {model.layers} layers x {model.hidden_size} wide, {model.heads} heads ({model.kv_heads} for keys) "
            f"x {model.head_dim}, {model.experts} experts x {model.expert_size}, {model.vocab_size} tokens",
        ]
        for i, stage in enumerate(self.stages, 1):
            lines.append(f"stage {i}, {stage.name}: {_summary(stage)}")
        cells = len(self.tasks) * len(measure.levels)
        lines.append(
            f"eval: levels {show_levels(measure.levels)} x {measure.problems} problems x {measure.samples} samples"
            f" = {cells * measure.problems * measure.samples} completions at temperature {measure.temperature:g}"
        )
        return lines


def _summary(stage: SftStage | GrpoStage) -> str:
    match stage:
        case SftStage():
            return f"SFT, {stage.steps} steps x {stage.batch} rows, levels {show_levels(stage.levels)}"
        case GrpoStage(frontier=frontier):
            return (
                f"GRPO, {stage.steps} steps x {stage.prompts} prompts x {stage.samples} samples of at most "
                f"{stage.max_tokens} tokens, levels 0-{frontier.start_level} rising to 0-{frontier.max_level}"
            )
