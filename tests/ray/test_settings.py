"""The engine and its workers in a recipe."""

from __future__ import annotations

import pytest

from whetstone.ray_settings import RaySettings
from whetstone.recipes import RecipeError, parse_recipe, to_toml
from whetstone.settings import GrpoStage

TEXT = """
name = "tiny"
tasks = ["sequences/sorting"]
[[stages]]
name = "grpo"
kind = "grpo"
steps = 6
"""


def stage_of(*overrides: str) -> GrpoStage:
    stage = parse_recipe(TEXT, overrides).stages[0]
    assert isinstance(stage, GrpoStage)
    return stage


def test_a_recipe_changes_engines_by_one_word() -> None:
    local, by_ray = parse_recipe(TEXT), parse_recipe(TEXT, ["engine=ray", "ray.samplers=4", "ray.judges=8"])
    assert (local.engine, by_ray.engine) == ("local", "ray")
    assert by_ray.ray == RaySettings(samplers=4, judges=8)
    assert by_ray.stages == local.stages
    assert parse_recipe(to_toml(by_ray)) == by_ray


def test_asking_ahead_brings_truncated_importance_sampling() -> None:
    assert (stage_of().old, stage_of().correction.kind) == ("sampler", "none")
    ahead = stage_of("grpo.max_staleness=2")
    assert (ahead.old, ahead.correction.kind, ahead.correction.level) == ("trainer", "truncate", "token")


@pytest.mark.parametrize(
    ("overrides", "kept"),
    [
        (["grpo.old=sampler"], ("sampler", "none")),
        (["grpo.old=trainer", "grpo.correction.kind=mask"], ("trainer", "mask")),
    ],
)
def test_what_a_recipe_says_of_the_correction_stays(overrides: list[str], kept: tuple[str, str]) -> None:
    stage = stage_of("grpo.max_staleness=2", *overrides)
    assert (stage.old, stage.correction.kind) == kept


@pytest.mark.parametrize(
    ("overrides", "sentence"),
    [
        (["engine=slurm"], "engine: expected 'local' or 'ray', got 'slurm'"),
        (["ray.samplers=0"], "ray.samplers: expected a value greater than or equal to 1, got 0"),
        (["ray.actors=2"], "unknown key 'ray.actors'"),
        (["grpo.max_staleness=9"], "max_staleness = 9 needs a staleness of 9"),
        (["grpo.max_staleness=1", "grpo.chunk=8", "grpo.carry=4"], "rollouts in chunks are not sampled ahead"),
    ],
)
def test_a_wrong_setting_gets_a_sentence(overrides: list[str], sentence: str) -> None:
    with pytest.raises(RecipeError) as caught:
        parse_recipe(TEXT, overrides)
    assert sentence in str(caught.value)
