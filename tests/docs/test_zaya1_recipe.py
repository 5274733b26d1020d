"""What docs/zaya1-recipe.md says of recipes/zaya1.toml is what the recipe has, and files that it names are there."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path
from typing import Any

import pytest

from whetstone.recipes import load_recipe
from whetstone.settings import Recipe

ROOT = Path(__file__).parents[2]
ROWS = re.findall(
    r"^\| ([^|]+) \| ([^|]+) \| ([^|]+) \| (`[^|]+`) \|$", (ROOT / "docs/zaya1-recipe.md").read_text(), re.M
)


@pytest.fixture(scope="module")
def recipe() -> Recipe:
    return load_recipe(ROOT / "recipes" / "zaya1.toml")


def code(cell: str) -> list[str]:
    return re.findall(r"`([^`]+)`", cell)


def at(value: Any, path: list[str]) -> Any:
    """The setting at a dotted path; stages and sources of data go by their names."""
    if not path:
        return value
    if isinstance(value, tuple):
        (found,) = (each for each in value if getattr(each, "label", "") == path[0])
        return at(found, path[1:])
    return at(getattr(value, path[0]), path[1:])


def test_values_are_the_recipes(recipe: Recipe) -> None:
    stages, compared = {stage.name: stage for stage in recipe.stages}, 0
    for setting, _, here, where in ROWS:
        keys = [key.split(".") for key in code(where) if "/" not in key]
        if not keys:
            continue
        said = [tomllib.loads(f"value = {text}")["value"] for text in code(here)]
        found = [at(stages[key[0]], key[1:]) if key[0] in stages else at(recipe, key) for key in keys]
        assert said == found, setting
        compared += len(keys)
    assert compared > 70


def test_files_are_there() -> None:
    named = {name for *_, where in ROWS for name in code(where) if "/" in name}
    assert len(named) >= 10 and all((ROOT / name).is_file() for name in named)


def test_every_published_number_of_steps_is_in_the_table(recipe: Recipe) -> None:
    listed = {key for *_, where in ROWS for key in code(where)}
    assert {f"{stage.name}.steps" for stage in recipe.stages} <= listed
    weights = {f"{stage.name}.data.{source.label}.weight" for stage in recipe.stages for source in stage.data}
    assert weights - listed == {
        *(f"warmup_64k.data.{name}.weight" for name in ("gym", "competition", "puzzles")),  # as in the second half
        "rlve.data.all.weight",  # the only one
    }
