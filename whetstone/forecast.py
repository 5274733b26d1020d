"""What a recipe would take, for `--dry-run`: how much data, how many tokens, how long, how much memory.

Small policies are timed for a moment on this machine, by the time of its processor. For large ones the time is that
of the arithmetic alone, 2 operations for each active weight and token sampled and 6 for each one learnt, in hours of a
GPU at `SUSTAINED`. Tokens are counted by the characters of a few prompts; answers at their longest.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import fmean
from typing import Any

import torch

from whetstone.curriculum.cascade import task as load
from whetstone.data_settings import ExampleData, TaskData
from whetstone.data_settings import Source as SourceSettings
from whetstone.listed import FILES, of_rows, rows_at
from whetstone.policy.batch import Row
from whetstone.policy.checkpoint import empty_policy, read_config
from whetstone.policy.config import zaya_config
from whetstone.policy.model import ZayaPolicy, initialise
from whetstone.policy.optimizer import adamw
from whetstone.policy.trainer import Learner, sft_step
from whetstone.rollout.engine import Engine
from whetstone.rollout.types import Request, Sampling
from whetstone.settings import GrpoStage, Recipe, SftStage

CHARACTERS = 4  # of a token, about
QUESTION = 250  # tokens of a question that cannot be looked at yet; an example is taken to be as long as may be
LOOKED_AT = 40  # prompts or examples of a source whose length is taken
SMALL = 30_000_000  # weights of a policy that is timed
SUSTAINED = 3e14  # operations a second: two fifths of what an H100 or MI300X has in bf16, near enough
FP32 = 4  # bytes
SPECIAL = {"pad": 0, "bos": 1, "eos": 2}


@dataclass(frozen=True)
class Speed:
    """Tokens a second, learnt and sampled; `where` says on what."""

    learnt: float
    sampled: float
    where: str


@dataclass(frozen=True)
class Shape:
    """A policy's size: weights, those a token passes through, and elements of the cache a token."""

    weights: int
    active: int
    cache: int


def forecast(recipe: Recipe) -> Iterator[str]:
    """A few lines a stage, and their sum."""
    policy = _policy(recipe)
    shape = _shape(policy)
    speed = _timed(policy, recipe.threads) if shape.weights <= SMALL else _reckoned(shape)
    yield f"{shape.weights:,} weights, {shape.active:,} of them active; time {speed.where}"
    total = 0.0
    for stage in recipe.stages:
        longest = stage.context or policy.config.max_position_embeddings
        sources = recipe.sources(stage)
        found = [_data(source, stage, recipe, longest) for source in sources]
        weights = [source.weight for source in sources]
        prompt = sum(w * length for w, (_, length) in zip(weights, found, strict=True)) / sum(weights)
        learnt, sampled = _tokens(stage, prompt)
        seconds = learnt / speed.learnt + sampled / speed.sampled
        total += seconds
        yield f"{stage.name}: {', '.join(text for text, _ in found)}"
        tokens = f"{_short(sampled)} tokens sampled and " if sampled else ""
        yield f"  at most {stage.steps} steps, {tokens}{_short(learnt)} learnt, {_clock(seconds)}"
        yield f"  {_memory(stage, shape, prompt)}"
    yield f"all stages: at most {_clock(total)}"


# -- data and tokens --------------------------------------------------------------------------------------------------


def _data(source: SourceSettings, stage: SftStage | GrpoStage, recipe: Recipe, longest: int) -> tuple[str, float]:
    """How much there is of a source, in words, and the mean tokens of its prompts, or of whole rows to imitate."""
    if isinstance(source, TaskData):
        tasks = recipe.trained(source)
        problems = [load(task).draw(source.levels[0], 0) for task in _spread(tasks)]
        texts = [f"{p.prompt}{p.target}" if isinstance(stage, SftStage) else p.prompt for p in problems]
        what = f"{source.rows:,} problems of {len(tasks)} tasks" if source.rows else f"{len(tasks)} tasks without end"
        return f"{source.label}: {what}", min(longest, _length(texts))
    unknown = float(longest if isinstance(source, ExampleData) else QUESTION)
    if Path(source.path).suffix not in FILES:
        return f"{source.label}: {source.path} from the hub, read when the stage begins", unknown
    if not Path(source.path).exists():
        return f"{source.label}: {source.path}, which is not there yet", unknown
    if isinstance(source, ExampleData):
        rows = [str(row) for row in rows_at(source.path, source.split)]
        return f"{source.label}: {len(rows):,} examples", min(longest, _length(_spread(rows)))
    items = of_rows(source, "train")
    return f"{source.label}: {len(items):,} problems", min(longest, _length([i.draw().prompt for i in _spread(items)]))


def _spread(items: Sequence[Any]) -> Sequence[Any]:
    return items[:: max(1, len(items) // LOOKED_AT)]


def _length(texts: Sequence[str]) -> float:
    return fmean(map(len, texts)) / CHARACTERS


def _tokens(stage: SftStage | GrpoStage, prompt: float) -> tuple[float, float]:
    """(learnt, sampled) tokens of a whole stage; a group's prompt is run once."""
    if isinstance(stage, SftStage):
        return stage.steps * stage.batch * prompt, 0.0
    groups = stage.steps * stage.prompts
    sampled = groups * stage.samples * stage.max_tokens
    return groups * prompt + sampled, float(sampled)


# -- time and memory --------------------------------------------------------------------------------------------------


def _policy(recipe: Recipe) -> ZayaPolicy:
    """The policy's shape without its weights."""
    if recipe.start and (Path(recipe.start) / "config.json").is_file():
        return empty_policy(read_config(Path(recipe.start)))
    return empty_policy(zaya_config(**recipe.model.model_dump(), **SPECIAL))


def _shape(policy: ZayaPolicy) -> Shape:
    config = policy.config
    weights = sum(parameter.numel() for parameter in policy.parameters())
    experts = sum(p.numel() for name, p in policy.named_parameters() if ".experts." in name)
    cache = 2 * config.num_hidden_layers * config.num_key_value_heads * config.head_dim
    return Shape(weights, weights - experts + experts // config.num_experts, cache)


def _reckoned(shape: Shape) -> Speed:
    hours = f"in hours of one GPU that does {SUSTAINED:.0e} operations a second"
    return Speed(SUSTAINED / (6 * shape.active), SUSTAINED / (2 * shape.active), hours)


def _timed(empty: ZayaPolicy, threads: int) -> Speed:
    """A fresh policy of this shape learns and samples for a moment."""
    torch.set_num_threads(threads)
    policy = initialise(ZayaPolicy(empty.config), 0)
    learner = Learner(policy, adamw(policy, 0.0))
    tokens = torch.randint(3, empty.config.vocab_size, (16, 128), generator=torch.Generator().manual_seed(0)).tolist()
    rows = [Row(text[:64], text[64:]) for text in tokens]
    engine = Engine(policy, _Ids(), stop=empty.config.vocab_size, rows=256)
    requests = [Request(tuple(text[:32]), Sampling(max_tokens=32), n=8) for text in tokens]
    learn, sample = (lambda: sft_step(learner, rows, 0.0)), (lambda: engine.generate(requests))
    return Speed(
        16 * 127 / _seconds(learn), 16 * 8 * 32 / _seconds(sample), "as measured on this machine, if nothing else runs"
    )


class _Ids:
    """Decodes to nothing: text is no part of what is timed."""

    def encode(self, text: str) -> list[int]:
        return [0 for _ in text]

    def decode(self, tokens: Sequence[int]) -> str:
        return ""


def _seconds(work: Any) -> float:
    work()
    start = time.process_time()
    work()
    return (time.process_time() - start) / torch.get_num_threads()


def _memory(stage: SftStage | GrpoStage, shape: Shape, prompt: float) -> str:
    """Weights, gradients and two moments in fp32; the cache of one group after another as far as they run at once."""
    state = 4 * FP32 * shape.weights
    text = f"{_bytes(state)} for weights, gradients and moments"
    if isinstance(stage, GrpoStage):
        rows = stage.prompts * stage.samples
        cache = FP32 * shape.cache * (stage.prompts * prompt + rows * stage.max_tokens)
        text += f", {_bytes(cache)} for the sampler's cache of {rows} rollouts at once"
    return text


def _bytes(count: float) -> str:
    return f"{count / 2**30:.1f} GiB" if count >= 2**29 else f"{count / 2**20:.0f} MiB"


def _short(count: float) -> str:
    for size, unit in ((1e12, "T"), (1e9, "B"), (1e6, "M"), (1e3, "k")):
        if count >= size:
            return f"{count / size:.3g}{unit}"
    return f"{count:.0f}"


def _clock(seconds: float) -> str:
    if seconds >= 7200:
        return f"{seconds / 3600:,.1f} h"
    return f"{seconds / 60:.1f} min" if seconds >= 90 else f"{seconds:.0f} s"
