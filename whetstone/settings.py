"""A recipe: everything that decides a run, as typed data with a sentence and a unit under each field."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import Annotated, Any, Literal, Self

from pydantic import Field, field_validator, model_validator

from whetstone.curriculum.cascade import chosen, known
from whetstone.curriculum.rules import Rule
from whetstone.data_settings import LEARNT, Attempts, ExampleData, Source, TaskData, Until, summary
from whetstone.envs.suites import show_levels
from whetstone.grpo_settings import CanarySettings, CorrectionSettings, KlSettings, LengthSettings
from whetstone.learner_settings import LearnerSettings
from whetstone.policy.presets import PRESETS, Advantage, Aggregation, Level, Old, agree
from whetstone.policy.presets import Name as Loss
from whetstone.policy.presets import Rule as Beyond
from whetstone.ray_settings import RaySettings
from whetstone.typed import Count, Levels, Name, Positive, Rate, Settings, Share


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
    context: Count = 0
    """Longest sequence in tokens, prompt and completion together; 0 is as far as the policy's positions reach."""
    data: Annotated[tuple[Source, ...], Field(strict=False)] = ()
    """Where prompts or examples come from; the recipe's tasks unless given."""
    attempts: Attempts = Attempts()
    """What the sources' aggregation prompts show."""
    until: Until = Until()
    """When the stage is over before its last step."""

    @model_validator(mode="after")
    def _data_fits(self) -> Self:
        kind = getattr(self, "kind", "")
        labels = [source.label for source in self.data]
        for i, source in enumerate(self.data):
            if source.kind not in LEARNT[kind]:
                raise ValueError(f"{kind} learns from {' and '.join(LEARNT[kind])}, not from {source.kind}")
            if source.label in labels[:i]:
                raise ValueError(f"two sources are called {source.label!r}; give each its own name")
        if self.until.measure == "loss" and kind == "grpo":
            raise ValueError("until.measure: the loss of reinforcement learning says nothing; watch accuracy or reward")
        if self.until.measure not in ("", "loss") and kind == "sft":
            raise ValueError(f"until.measure: supervised training has no {self.until.measure}; watch the loss")
        return self


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
    chunk: Count = 0
    """New tokens after which a rollout goes on from a fresh prompt with its own end (Delethink); 0 never does."""
    carry: Count = 0
    """Tokens of that end."""
    optimizer: Literal["adamw", "muon"] = "adamw"
    """AdamW for everything, or Muon for matrices, its steps as large as AdamW's, and AdamW for the rest."""
    lr: Rate = 3e-4
    """Learning rate of the optimizer."""
    momentum: Annotated[float, Field(ge=0, lt=1)] = 0.0
    """Momentum of Muon; the ZAYA1 report's has none, and then keeps no state."""
    temperature: Rate = 1.0
    """Sampling temperature of the rollouts; the loss is taken under the same."""
    reward: Literal["exact", "score"] = "exact"
    """What is rewarded: 1 for an exactly right answer and else 0, or the task's score in [0, 1]."""
    loss: Loss = "dapo"
    """The published loss that decides the next six, as far as they are not set themselves (docs/grpo.md)."""
    advantage: Advantage = "grpo"
    """What a reward less its group's mean is divided by: the deviation of the group, 1, the mean, or the batch's."""
    aggregation: Aggregation = "token"
    """What a token's loss is divided by: the batch's tokens, or its rows times its own length or max_tokens."""
    rule: Beyond = "clip"
    """Beyond the trust region: the gain is clipped, the token is masked (DPPO), or its ratio is cut off (CISPO)."""
    ratio: Level = "token"
    """Whether the probability ratio is a token's, or one for the whole completion (GSPO)."""
    clip_low: Share = 0.2
    """How far below 1 the probability ratio may fall before its gradient is cut."""
    clip_high: Annotated[float, Field(ge=0)] = 0.28
    """How far above 1 the ratio may rise before its gradient is cut; for `mask`, how far a probability may move."""
    old: Old = "sampler"
    """Whose probabilities the ratio is taken against: the sampler's, or the trainer's before a batch's first update."""
    correction: CorrectionSettings = CorrectionSettings()
    """What is done about the difference between sampler and trainer."""
    replay: bool = True
    """Whether the trainer routes tokens to the experts that the sampler chose."""
    entropy: Annotated[float, Field(ge=0)] = 0.01
    """Weight of the entropy bonus, in reward per nat."""
    kl: KlSettings = KlSettings()
    """What keeps the policy close to a reference."""
    average: Annotated[float, Field(ge=0, lt=1)] = 0.0
    """Decay a step of a moving average of the weights, kept in each checkpoint's folder `average`; 0 keeps none."""
    refill: Count = 0
    """Most further rounds of asking in a step, each for as many problems as had groups without any difference."""
    updates: Positive = 1
    """Optimizer steps on each batch of rollouts."""
    staleness: Count = 8
    """Weight updates after which a token is too old to learn from."""
    max_staleness: Count = 0
    """Weight updates for which the samplers of the engine "ray" may run ahead; older groups are dropped and counted."""
    truncated: Literal["keep", "mask"] = "keep"
    """Whether rollouts that ran out of tokens stay in the loss."""
    soft_overlong: Count = 0
    """Last tokens of a rollout over which a penalty grows from 0 to 1 (DAPO); 0 is none."""
    length: LengthSettings = LengthSettings()
    """What rewards short correct rollouts."""
    canaries: CanarySettings = CanarySettings()
    """Signs that the run goes wrong, and what is done then."""
    frontier: Frontier = Frontier()
    """How the difficulty of each task follows the policy."""

    @model_validator(mode="before")
    @classmethod
    def _as_published(cls, data: Any) -> Any:
        if isinstance(data, dict) and data.get("max_staleness") and not {"old", "correction"} & data.keys():
            data = {"old": "trainer", "correction": {"kind": "truncate"}, **data}
        if isinstance(data, dict) and isinstance(name := data.get("loss"), str) and name in PRESETS:
            return {**PRESETS[name].settings(), **data}
        return data

    @model_validator(mode="after")
    def _together(self) -> Self:
        agree(self.rule, self.ratio, self.old, self.correction.kind)
        for sentence in self._refusals():
            raise ValueError(sentence)
        return self

    def _refusals(self) -> Iterator[str]:
        lowered = self.soft_overlong or (self.kl.weight and self.kl.term == "reward")
        judged = any(source.judge.kind != "none" for source in self.data if not isinstance(source, ExampleData))
        if self.updates > self.staleness + 1:
            yield f"{self.updates} updates on a batch need a staleness of {self.updates - 1}, not {self.staleness}"
        if self.updates + self.max_staleness > self.staleness + 1:
            yield f"max_staleness = {self.max_staleness} needs a staleness of {self.updates + self.max_staleness - 1}"
        if self.chunk and self.max_staleness:
            yield "rollouts in chunks are not sampled ahead; leave out max_staleness, or chunk"
        if self.momentum and self.optimizer == "adamw":
            yield "momentum is Muon's; set optimizer = 'muon', or leave it out"
        if self.advantage == "maxrl" and lowered:
            yield "maxrl divides by the mean reward, which must not fall below 0; leave out soft_overlong and KL in it"
        if self.kl.weight and self.kl.to == "average" and not self.average:
            yield "the reference is the moving average, but there is none; set average, such as 0.99"
        if self.soft_overlong > self.max_tokens:
            yield f"soft_overlong is a part of max_tokens ({self.max_tokens}), so {self.soft_overlong} is too much"
        if bool(self.chunk) != bool(self.carry) or (self.chunk and not self.carry < self.chunk < self.max_tokens):
            yield f"expected carry < chunk < max_tokens ({self.max_tokens}), got {self.carry} and {self.chunk}"
        if self.canaries.hacking_action != "off" and self.reward == "exact" and not judged:
            yield "canaries.hacking watches exact accuracy, which is what is trained on; set reward = 'score' for it"


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
    start: str = ""
    """Checkpoint, or run with one, whose policy the first stage starts from; a fresh policy unless given."""
    tasks: Annotated[tuple[str, ...], Field(min_length=1, strict=False)]
    """Tasks to measure on, and to train on where a stage names no data: ids, patterns of ids, families and suites."""
    heldout: Annotated[tuple[str, ...], Field(strict=False)] = ()
    """Tasks that no stage ever trains on, named in the same ways."""
    engine: Literal["local", "ray"] = "local"
    """Where rollouts are sampled and judged: in the learner's own process, or by the workers of a Ray cluster."""
    ray: RaySettings = RaySettings()
    """The workers of the engine "ray"."""
    learner: LearnerSettings = LearnerSettings()
    """How what learns is spread over several processes."""
    chat: bool = False
    """Whether prompts and examples are written with the tokenizer's chat template."""
    model: ModelSettings = ModelSettings()
    """The policy's shape."""
    stages: Annotated[tuple[Stage, ...], Field(min_length=1, strict=False)]
    """What is done, in order."""
    eval: EvalSettings = EvalSettings()
    """How the policy is measured."""
    report_to: Annotated[tuple[Literal["tensorboard", "wandb", "trackio"], ...], Field(strict=False)] = ()
    """Where the metrics go while the run goes on, besides metrics.jsonl: tensorboard, wandb, trackio."""

    @field_validator("tasks", "heldout")
    @classmethod
    def _tasks_exist(cls, tasks: tuple[str, ...]) -> tuple[str, ...]:
        every = known()
        for i, task in enumerate(tasks):
            if task in tasks[:i]:
                raise ValueError(f"task {task!r} is listed twice")
        return tasks if all(task in every for task in tasks) else chosen(tasks)

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

    @model_validator(mode="after")
    def _something_is_left(self) -> Self:
        for stage in self.stages:
            for source in self.sources(stage):
                if isinstance(source, TaskData):
                    self.trained(source)
        return self

    def sources(self, stage: SftStage | GrpoStage) -> tuple[Source, ...]:
        """A stage's data: what it names, or the recipe's tasks."""
        levels = stage.levels if isinstance(stage, SftStage) else range(3)
        return stage.data or (TaskData(include=self.tasks, levels=levels),)

    def trained(self, source: TaskData) -> tuple[str, ...]:
        """The tasks of a source that are not held out. Raises `ValueError` where none is left."""
        left = tuple(task for task in chosen(source.include) if task not in self.heldout)
        if not left:
            raise ValueError(f"all tasks of the source {source.label!r} are held out, so nothing is left to train on")
        return left

    def describe(self) -> list[str]:
        """What the recipe would do, one line a thing: for `--dry-run`."""
        model, measure = self.model, self.eval
        lines = [
            f"{self.name}: seed {self.seed}, {self.threads} thread{'s' * (self.threads > 1)}",
            f"tasks ({len(self.tasks)}): {_listed(self.tasks)}",
            f"model: {model.layers} layers x {model.hidden_size} wide, {model.heads} heads ({model.kv_heads} for keys) "
            f"x {model.head_dim}, {model.experts} experts x {model.expert_size}, {model.vocab_size} tokens",
        ]
        if self.start:
            lines.append(f"starts from {self.start}, whose shape and tokenizer take the place of the above")
        for i, stage in enumerate(self.stages, 1):
            lines.append(f"stage {i}, {stage.name}: {_summary(stage)}")
            weights = sum(source.weight for source in stage.data)
            lines += [f"  {source.weight / weights:4.0%} {summary(source)}" for source in stage.data]
            if stage.until.measure:
                lines.append(f"  until {stage.until.measure}: {_exit(stage.until)}")
        if self.heldout:
            lines.append(f"never trained on ({len(self.heldout)}): {_listed(self.heldout)}")
        cells = len(self.tasks) * len(measure.levels)
        lines.append(
            f"eval: levels {show_levels(measure.levels)} x {measure.problems} problems x {measure.samples} samples"
            f" = {cells * measure.problems * measure.samples} completions at temperature {measure.temperature:g}"
        )
        return lines


def _listed(tasks: tuple[str, ...]) -> str:
    """All of a few tasks, the families of many."""
    if len(tasks) <= 20:
        return ", ".join(tasks)
    families = Counter(task.partition("/")[0] for task in tasks)
    return ", ".join(f"{family} {count}" for family, count in families.items())


def _exit(until: Until) -> str:
    rules = [f"{until.target:g} is reached"] if until.target else []
    rules += [f"no gain of {until.gain:g} in {until.plateau} steps"] if until.plateau else []
    return f"{' or '.join(rules)}, as a mean over {until.window} steps"


def _summary(stage: SftStage | GrpoStage) -> str:
    match stage:
        case SftStage():
            levels = "" if stage.data else f", levels {show_levels(stage.levels)}"
            return f"SFT, {stage.steps} steps x {stage.batch} rows{levels}"
        case GrpoStage(frontier=frontier):
            follows = not stage.data or any(isinstance(source, TaskData) and not source.rows for source in stage.data)
            rising = f"0-{frontier.start_level} rising to " if frontier.rule == "learnability" else ""
            levels = f", new problems at levels {rising}0-{frontier.max_level}, by {frontier.rule}" if follows else ""
            return (
                f"GRPO, {stage.steps} steps x {stage.prompts} prompts x {stage.samples} samples of at most "
                f"{stage.max_tokens} tokens{levels}"
            )
