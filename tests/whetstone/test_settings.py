"""Recipes: what they mean, what they say about mistakes, and that writing and reading are inverse."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from whetstone.envs.suites import parse_levels, show_levels
from whetstone.recipes import RecipeError, load_recipe, parse_recipe, shipped, to_toml
from whetstone.settings import GrpoStage, Recipe, SftStage

TEXT = """
name = "small"
tasks = ["sequences/sorting"]

[[stages]]
kind = "sft"
name = "warm"
steps = 5
levels = "0-3"

[[stages]]
kind = "grpo"
name = "grpo"
steps = 7

[stages.frontier]
start_level = 2
"""
QUICKSTART = Path(__file__).parents[2] / "recipes" / "quickstart.toml"


def test_a_recipe_is_typed_data_with_defaults():
    recipe = parse_recipe(TEXT)
    warm, grpo = recipe.stages
    assert isinstance(warm, SftStage)
    assert warm.levels == range(4)
    assert isinstance(grpo, GrpoStage)
    assert (grpo.steps, grpo.frontier.start_level, grpo.frontier.max_level) == (7, 2, 10)
    assert recipe.eval.levels == range(11)


def test_every_field_has_a_sentence():
    def check(model):
        for name, field in model.model_fields.items():
            assert field.description, f"{model.__name__}.{name}"

    for model in (Recipe, SftStage, GrpoStage, *(f.annotation for f in Recipe.model_fields.values())):
        if hasattr(model, "model_fields"):
            check(model)


def test_overrides_address_stages_by_name_and_parse_values():
    recipe = parse_recipe(
        TEXT, ["grpo.steps=10", "grpo.frontier.floor=0.3", "eval.levels=2-4", "warm.levels=1", "seed=3"]
    )
    warm, grpo = recipe.stages
    assert isinstance(warm, SftStage)
    assert isinstance(grpo, GrpoStage)
    assert (grpo.steps, grpo.frontier.floor, grpo.frontier.start_level) == (10, 0.3, 2)
    assert (recipe.eval.levels, warm.levels, recipe.seed) == (range(2, 5), range(1, 2), 3)


@pytest.mark.parametrize(
    ("override", "sentence"),
    [
        ("grpo.stepss=3", "recipe: unknown key 'grpo.stepss'; did you mean 'steps'?"),
        ("grpo.frontier.flor=1", "recipe: unknown key 'grpo.frontier.flor'; did you mean 'floor'?"),
        ("grop.steps=3", "--set grop.steps=3: no key or stage 'grop'; did you mean 'grpo'?"),
        ("seed='a'", "recipe: seed: expected a valid integer, got 'a'"),
        ("seed=-1", "recipe: seed: expected a value greater than or equal to 0, got -1"),
        ("tasks=3", "recipe: tasks: expected a list, got 3"),
        ("tasks=[]", "recipe: tasks: expected at least one, got []"),
        ("tasks=['sequences/sortin']", "there is no task 'sequences/sortin'; did you mean 'sequences/sorting'?"),
        ("tasks=['sequences/sorting', 'sequences/sorting']", "task 'sequences/sorting' is listed twice"),
        ("grpo.kind=ppo", "recipe: grpo.kind: expected 'sft' or 'grpo', got 'ppo'"),
        ("grpo.name=warm", "two stages are called 'warm'"),
        ("grpo.name=eval", "a stage cannot be called 'eval'"),
        ("grpo.advantage=best", "recipe: grpo.advantage: expected 'grpo', 'dr_grpo', 'maxrl' or 'batch', got 'best'"),
        ("grpo.frontier.start_level=11", "recipe: grpo.frontier: start_level must be at most max_level, but 11 > 10"),
        ("model.heads=3", "recipe: model: kv_heads must divide heads, but 3 is no multiple of 2"),
        ("eval.levels=4-2", "expected levels in ascending order, not '4-2'; did you mean 2-4?"),
        ("eval.levels=-1", 'expected levels such as "0-10" or "3" (integers >= 0), not -1'),
        ("name.first=3", "--set name.first=3: 'name' is not a table"),
        ("grpo=3", "names a whole stage"),
        ("steps", "expected an override such as \"grpo.steps=10\", not 'steps'"),
        ("stages=[3]", "recipe: stages.0: expected a table of keys and values, got 3"),
    ],
)
def test_a_mistake_gets_a_sentence(override: str, sentence: str):
    with pytest.raises(RecipeError) as caught:
        parse_recipe(TEXT, [override])
    assert sentence in str(caught.value)


def test_a_missing_key_says_what_it_is_for():
    with pytest.raises(RecipeError, match=r"'grpo\.steps' is missing; Optimizer steps\."):
        parse_recipe(TEXT.replace("steps = 7", ""))


def test_a_syntax_error_gives_file_and_line(tmp_path: Path):
    file = tmp_path / "r.toml"
    file.write_text("name = 'a'\nseed = \n")
    with pytest.raises(RecipeError, match=r"r\.toml is not TOML: .*line 2"):
        load_recipe(file)
    with pytest.raises(RecipeError, match=r"there is no recipe .*absent"):
        load_recipe(tmp_path / "absent")


def test_a_recipe_that_comes_along_goes_by_its_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    assert shipped() == ["cascade", "quickstart", "zaya1"]
    monkeypatch.chdir(tmp_path)
    (tmp_path / "zaya1").mkdir()  # a folder is no recipe, and hides none
    for name in shipped():
        assert load_recipe(Path(name)) == load_recipe(QUICKSTART.with_stem(name))
    assert load_recipe(Path("quickstart"), ["seed=3"]).seed == 3
    (tmp_path / "quickstart").write_text(TEXT)
    assert load_recipe(Path("quickstart")).name == "small"
    for absent in ("quickstar", "recipes/quickstart", "quickstart.tml", "../quickstart"):
        with pytest.raises(RecipeError, match="expected a TOML file, or one of cascade, quickstart, zaya1"):
            load_recipe(Path(absent))


@given(seed=st.integers(0, 2**40), lr=st.floats(1e-12, 1e6), low=st.integers(0, 50), more=st.integers(0, 50))
def test_written_out_and_read_back_is_the_same_recipe(seed: int, lr: float, low: int, more: int):
    overrides = [f"seed={seed}", f"grpo.lr={lr!r}", f"eval.levels={low}-{low + more}"]
    recipe = parse_recipe(TEXT, overrides)
    assert parse_recipe(to_toml(recipe)) == recipe


@given(low=st.integers(0, 1000), more=st.integers(0, 1000))
def test_levels_are_shown_as_they_are_read(low: int, more: int):
    levels = range(low, low + more + 1)
    assert parse_levels(show_levels(levels)) == levels


def test_the_quickstart_is_a_recipe():
    recipe = load_recipe(QUICKSTART)
    families = {task.partition("/")[0] for task in recipe.tasks}
    assert len(recipe.tasks) >= 12
    assert len(families) >= 6
    assert "stage 2, grpo: GRPO" in "\n".join(recipe.describe())
