"""From a stage's settings to what it trains on, and to the problems that it is measured by."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np

from whetstone.blend import Blend, Part, Preference
from whetstone.curriculum.cascade import task as load
from whetstone.curriculum.difficulty import LearnabilitySettings
from whetstone.curriculum.mixture import Mixture
from whetstone.curriculum.rules import controllers
from whetstone.curriculum.traces import Pool, PoolSettings
from whetstone.curriculum.unsettled import Unsettled, UnsettledSettings
from whetstone.data_settings import Attempts, ChatData, ExampleData, JudgeSettings, MathData, TaskData
from whetstone.data_settings import Source as SourceSettings
from whetstone.exam import Item, keys
from whetstone.lessons import Lessons, Worked, examples
from whetstone.listed import Listed, of_rows, of_tasks, rows_at
from whetstone.policy.tokenizer import TextTokenizer
from whetstone.questions import Demonstrations, Questions
from whetstone.rollout.strategies import MarkovianRSA
from whetstone.settings import GrpoStage, Recipe, SftStage

Gather = Callable[[list[Any]], list[Any]]


def strategy(attempts: Attempts, tokenizer: TextTokenizer) -> MarkovianRSA:
    """What cuts the tails of attempts and writes aggregation prompts: the same as at test time."""
    plain = TextTokenizer(tokenizer.hf)  # an attempt is text, not a chat
    return MarkovianRSA(plain, n=attempts.kept, c=attempts.shown, tail=attempts.tail)


# -- supervised -------------------------------------------------------------------------------------------------------


def lessons(stage: SftStage, recipe: Recipe, tokenizer: TextTokenizer, positions: int) -> Lessons:
    """What a supervised stage imitates; `positions` is as far as the policy's positions reach."""
    rng = np.random.default_rng(recipe.seed)
    context = stage.context or positions
    sources = {}
    for source in recipe.sources(stage):
        if isinstance(source, TaskData):
            demonstrations = Demonstrations(recipe.trained(source), source.levels, recipe.seed, source.bare)
            demonstrations.rng = rng  # one generator for all sources, whose state is all there is to keep
            writes = strategy(stage.attempts, tokenizer)
            sources[source.label] = Worked(demonstrations, tokenizer, writes, context, source.aggregate)
        elif isinstance(source, ExampleData):
            rows = rows_at(source.path, source.split)
            sources[source.label] = examples(rows, tokenizer, context, recipe.seed)
    return Lessons(sources, [source.weight for source in recipe.sources(stage)], rng)


# -- by reinforcement -------------------------------------------------------------------------------------------------


def blend(stage: GrpoStage, recipe: Recipe, tokenizer: TextTokenizer, positions: int, gather: Gather = list) -> Blend:
    """The curriculum of a stage of reinforcement learning."""
    rng = np.random.default_rng(recipe.seed)
    context = stage.context or positions

    def fits(prompt: str) -> bool:
        return len(tokenizer.encode(prompt)) + stage.max_tokens <= context

    parts = [_part(source, stage, recipe, rng) for source in recipe.sources(stage)]
    return Blend(parts, rng, stage.reward, fits, strategy(stage.attempts, tokenizer), gather)


def _part(source: SourceSettings, stage: GrpoStage, recipe: Recipe, rng: np.random.Generator) -> Part:
    pool = None
    if source.aggregate:
        remembered = stage.attempts
        pool = Pool(PoolSettings(remembered.problems, remembered.kept, remembered.staleness))
    assert not isinstance(source, ExampleData)  # the stage's settings refuse it
    return Part(
        source.label,
        _source(source, stage, recipe, rng),
        source.weight,
        source.aggregate,
        pool,
        _judge(source.judge),
        source.again,
        Unsettled(UnsettledSettings(stage.samples, source.again_times)) if source.again else None,
    )


def _source(
    source: TaskData | MathData | ChatData, stage: GrpoStage, recipe: Recipe, rng: np.random.Generator
) -> Questions | Listed:
    if not isinstance(source, TaskData):
        return Listed(source.label, of_rows(source, "train"), recipe.seed, source)
    tasks = recipe.trained(source)
    if source.rows:
        return Listed(source.label, of_tasks(tasks, source.levels, source.rows, recipe.seed), recipe.seed, source)
    frontier = stage.frontier
    levels = LearnabilitySettings(
        start=frontier.start_level,
        top=frontier.max_level,
        promote_at=frontier.promote_at,
        promote_groups=frontier.promote_groups,
        memory=frontier.memory,
        weight=frontier.weight,
        floor=frontier.floor,
    )
    rules = controllers(frontier.rule, tasks, learnability=levels, samples=stage.samples, seed=recipe.seed)
    mixture = Mixture(rules, recipe.seed, source.floor)
    mixture.rng = rng  # one generator for all sources, whose state is all there is to keep
    return Questions(mixture, stage.reward)


def _judge(judge: JudgeSettings) -> Preference | None:
    if judge.kind == "none":
        return None
    from whetstone.preference import Pairwise, RewardModel

    return RewardModel(judge.name) if judge.kind == "model" else Pairwise.at(judge.name, judge.against)


# -- measuring --------------------------------------------------------------------------------------------------------


def heldout(stage: SftStage | GrpoStage, recipe: Recipe, problems: int) -> list[Item]:
    """Problems of the eval split that show what a stage teaches: `problems` of each task and level, or of a set.

    Levels are those of the source where it names some, else those that the recipe measures.
    """
    found: list[Item] = []
    for source in (source for source in recipe.sources(stage) if source.measured):
        if isinstance(source, TaskData):
            fixed = isinstance(stage, SftStage) or bool(source.rows)
            levels = source.levels if fixed else recipe.eval.levels
            tasks = recipe.trained(source)
            if isinstance(stage, SftStage):
                tasks = tuple(
                    task.id() for task in Demonstrations(tasks, source.levels, recipe.seed, source.bare).tasks
                )
            found += [
                Item(key, partial(load(key.task).draw, key.level, key.seed, "eval"))
                for key in keys(tasks, levels, problems, recipe.seed)
            ]
        elif not isinstance(source, ExampleData):
            found += of_rows(source, "eval")[:problems]
    return found
