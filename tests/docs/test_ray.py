"""docs/ray.md: its settings are those of a recipe, and its commands those that there are."""

from __future__ import annotations

import re
import shlex
import tomllib
from pathlib import Path

import pytest
import typer.main

from whetstone.cli import app
from whetstone.ray_settings import RaySettings
from whetstone.recipes import parse_recipe
from whetstone.settings import GrpoStage

PAGE = (Path(__file__).parents[2] / "docs" / "ray.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"```toml\n(.*?)```", PAGE, re.DOTALL)
COMMANDS = re.findall(r"whetstone (?:train|eval|export) .*", re.sub(r"\s*\\\n\s*|\n {4}(?=--)", " ", PAGE))
RECIPE = """
name = "tiny"
tasks = ["sequences/sorting"]
{head}
{stages}
"""
STAGE = '[[stages]]\nname = "grpo"\nkind = "grpo"\nsteps = 10\n'


def test_the_first_block_makes_a_recipe_one_for_ray() -> None:
    head, table = BLOCKS[0].split("\n\n")
    recipe = parse_recipe(RECIPE.format(head=head, stages=f"{STAGE}\n{table}"))
    assert recipe.engine == "ray" and recipe.ray == RaySettings(samplers=4, judges=8)


def test_a_stage_that_runs_ahead_has_the_correction_that_the_page_names() -> None:
    stage = parse_recipe(RECIPE.format(head="", stages=BLOCKS[1])).stages[0]
    said = parse_recipe(RECIPE.format(head="", stages=f"{STAGE}max_staleness = 1\n{BLOCKS[2]}")).stages[0]
    assert isinstance(stage, GrpoStage) and isinstance(said, GrpoStage)
    assert stage.max_staleness == 1
    assert (stage.old, stage.correction) == (said.old, said.correction)
    assert tomllib.loads(BLOCKS[2])["old"] == stage.old


def test_there_are_as_many_commands_as_a_reader_sees() -> None:
    assert len(COMMANDS) >= 6 and sum("ray.learners" in command for command in COMMANDS) == 3


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_is_one(command: str) -> None:
    name, *words = shlex.split(command.split("`")[0])[1:]
    known = {option for parameter in typer.main.get_command(app).commands[name].params for option in parameter.opts}  # type: ignore[attr-defined]
    assert {word for word in words if word.startswith("-")} <= known
    settings = [words[i + 1] for i, word in enumerate(words) if word == "--set"]
    recipe = parse_recipe(RECIPE.format(head="", stages=STAGE), settings)
    assert name != "train" or "--resume" in words or recipe.engine == "ray"


def test_every_setting_named_in_the_page_is_one() -> None:
    named = set(re.findall(r"`((?:sampler|judge|learner)s?_\w+|patience)`", PAGE)) | {"samplers", "judges", "learners"}
    counted = {"lost_samplers", "lost_judges", "hung_judges"}
    assert named - counted <= RaySettings.model_fields.keys()
    assert len(named) >= 8
