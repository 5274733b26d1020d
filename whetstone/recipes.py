"""Recipes as TOML: read with dotted overrides, explained where they are wrong, written out in full.

The recipes of the folder recipes/ come with every install and go by their names: `quickstart` is
recipes/quickstart.toml, wherever there is no file of that name. A stage is addressed by its name: in a recipe with a
stage called `grpo`, `grpo.steps=10` sets the steps of that stage.
"""

from __future__ import annotations

import difflib
import json
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ValidationError

from whetstone.data_settings import ChatData, ExampleData, MathData, TaskData
from whetstone.envs.suites import show_levels
from whetstone.settings import GrpoStage, Recipe, SftStage

KINDS: Mapping[str | int, tuple[type[BaseModel], ...]] = {
    "stages": (SftStage, GrpoStage),
    "data": (TaskData, MathData, ChatData, ExampleData),
}
"""Lists whose items are of one of several kinds."""
SHIPPED = Path(__file__).parent / "shipped"  # recipes/: a link to it in a checkout, a copy in a wheel


class RecipeError(ValueError):
    """A recipe cannot be read: the sentence names the file, the key and what was expected."""


def load_recipe(path: Path, overrides: Sequence[str] = ()) -> Recipe:
    """The recipe in a TOML file, or one that comes along by its name, with `overrides` applied in order.

    An override is a string such as `"grpo.steps=10"`. Raises `RecipeError` (also where the file is missing), with a
    sentence that names the file and the key.
    """
    try:
        text = _file(path).read_text(encoding="utf-8")
    except FileNotFoundError:
        there = ", ".join(shipped())
        raise RecipeError(f"there is no recipe {path}; expected a TOML file, or one of {there}") from None
    except (IsADirectoryError, UnicodeDecodeError) as error:
        raise RecipeError(f"{path} is no recipe: expected a TOML file in UTF-8 ({error})") from error
    return parse_recipe(text, overrides, source=str(path))


def shipped() -> list[str]:
    """The names of the recipes that come along."""
    return sorted(file.stem for file in SHIPPED.glob("*.toml"))


def _file(path: Path) -> Path:
    """Where a recipe is: a file of the user's own comes before one that comes along."""
    known = not path.is_file() and str(path) in shipped()
    return SHIPPED / f"{path}.toml" if known else path


def parse_recipe(text: str, overrides: Sequence[str] = (), source: str = "recipe") -> Recipe:
    """The recipe in `text`; `source` is what errors call it. Raises `RecipeError`."""
    try:
        data = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise RecipeError(f"{source} is not TOML: {error}") from error
    for override in overrides:
        _apply(data, override)
    try:
        return Recipe.model_validate(data)
    except ValidationError as error:
        problems = error.errors()
        if len(problems) > 1:  # a list whose items were all refused is not also too short
            problems = [problem for problem in problems if problem["type"] != "too_short"]
        found = [_sentence(data, problem) for problem in problems]
        raise RecipeError("\n".join(f"{source}: {sentence}" for sentence in found)) from None


def alone(recipe: Recipe, stage: str | None = None, start: str | None = None) -> Recipe:
    """The recipe with one of its stages only, under a name of its own, from another checkpoint; or `RecipeError`."""
    changes: dict[str, Any] = {"start": start} if start else {}
    if stage:
        names = [each.name for each in recipe.stages]
        if stage not in names:
            raise RecipeError(f"--only: the recipe has no stage {stage!r}{_near(stage, names, _stages(names))}")
        kept = tuple(each for each in recipe.stages if each.name == stage)
        changes |= {"stages": kept, "name": f"{recipe.name}-{stage}"}
    return recipe.model_copy(update=changes)


def _stages(names: Sequence[str]) -> str:
    return f"there are {', '.join(names)}"


def _apply(data: dict[str, Any], override: str) -> None:
    path, equals, value = override.partition("=")
    keys = [key.strip() for key in path.split(".")]
    if not equals or not all(keys):
        raise RecipeError(f'expected an override such as "grpo.steps=10", not {override!r}')
    table = data
    stages = {s["name"]: s for s in data.get("stages", ()) if isinstance(s, dict) and isinstance(s.get("name"), str)}
    if keys[0] in stages:
        table, keys = stages[keys[0]], keys[1:]
    elif keys[0] not in Recipe.model_fields:
        names = [*Recipe.model_fields, *stages]
        raise RecipeError(f"--set {override}: no key or stage {keys[0]!r}{_near(keys[0], names, _all(names))}")
    for key in keys[:-1]:
        table = _named(table, key) if isinstance(table, list) else table.setdefault(key, {})
        if isinstance(table, list) and key in KINDS:
            continue
        if not isinstance(table, dict):
            raise RecipeError(f"--set {override}: {key!r} is not a table, so nothing can be set inside it")
    if not keys:
        raise RecipeError(f"--set {override}: names a whole stage; set one of its keys, such as {path}.steps=10")
    if not isinstance(table, dict):
        raise RecipeError(
            f"--set {override}: names a whole list; set a key of one of its sources, such as data.NAME.rows=10"
        )
    table[keys[-1]] = _value(value.strip())


def _named(items: list[Any], name: str) -> Any:
    """The item of a list that has this name, or this kind where it has no name."""
    return next((i for i in items if isinstance(i, dict) and name == (i.get("name") or i.get("kind"))), None)


def _value(text: str) -> Any:
    """A TOML value; words that are none, such as `std` or `0-10`, are strings."""
    try:
        return tomllib.loads(f"value = {text}")["value"]
    except tomllib.TOMLDecodeError:
        return text


def _sentence(data: Mapping[str, Any], problem: Any) -> str:
    """One pydantic error as `path: what was expected and what came`."""
    path, model = _locate(data, problem["loc"])
    key, names = path.rpartition(".")[2], list(model.model_fields)
    match problem["type"]:
        case "extra_forbidden":
            return f"unknown key {path!r}{_near(key, names, _all(names))}"
        case "missing":
            return f"{path!r} is missing; {model.model_fields[key].description or 'it is required'}"
        case "union_tag_not_found" | "union_tag_invalid":
            kinds = " or ".join(repr(m.model_fields["kind"].default) for m in KINDS[_list_of(problem["loc"])])
            return f"{path}.kind: expected {kinds}, got {problem['input'].get('kind', 'nothing')!r}"
        case "value_error":
            return f"{path}: {problem['ctx']['error']}".removeprefix(": ")
        case "tuple_type":
            expected = "a list"
        case "model_type" | "model_attributes_type":
            expected = "a table of keys and values"
        case "too_short":
            expected = "at least one"
        case _:
            expected = problem["msg"].removeprefix("Input should be ").replace("greater", "a value greater")
            expected = expected.replace("less than", "a value less than")
    return f"{path}: expected {expected}, got {problem['input']!r}"


def _locate(data: Mapping[str, Any], location: tuple[int | str, ...]) -> tuple[str, type[BaseModel]]:
    """The dotted path of a pydantic location, and the settings class whose key its last part is."""
    model: type[BaseModel] = Recipe
    path: list[str] = []
    value: Any = data
    rest = list(location)
    while rest:
        part = rest.pop(0)
        value = value[part] if isinstance(value, dict) and part in value else None
        path.append(str(part))
        if part in KINDS and rest:
            item = rest.pop(0)
            value = value[int(item)] if isinstance(value, list) else None
            named = value.get("name") if isinstance(value, dict) and part == "stages" else None
            path = [named] if isinstance(named, str) else [*path, str(item)]
            if rest:
                kind = rest.pop(0)
                model = next(m for m in KINDS[part] if m.model_fields["kind"].default == kind)
        elif rest:
            inner = model.model_fields[part].annotation if part in model.model_fields else None
            if isinstance(inner, type) and issubclass(inner, BaseModel):
                model = inner
    return ".".join(path), model


def _list_of(location: tuple[int | str, ...]) -> int | str:
    """The list that the item at a location is in."""
    return next(part for part in reversed(location) if part in KINDS)


def _near(word: str, names: Sequence[str], otherwise: str) -> str:
    near = difflib.get_close_matches(word, names, n=1, cutoff=0.5)
    return f"; did you mean {near[0]!r}?" if near else f"; {otherwise}"


def _all(names: Sequence[str]) -> str:
    return f"the keys are {', '.join(names)}"


def to_toml(recipe: Recipe) -> str:
    """The whole recipe as TOML, each key under the sentence that explains it; `parse_recipe` reads it back."""
    return "\n".join(_toml_lines(recipe)) + "\n"


def _toml_lines(settings: BaseModel, prefix: str = "") -> Iterator[str]:
    """Plain keys first, then the tables: TOML has no way back out of a table."""
    tables = []
    fields = type(settings).model_fields
    for name in sorted(fields, key="kind".__ne__):  # a stage's kind decides its other keys
        value = getattr(settings, name)
        if isinstance(value, BaseModel) or (isinstance(value, tuple) and any(isinstance(v, BaseModel) for v in value)):
            tables.append((f"{prefix}{name}", value))
            continue
        yield f"# {fields[name].description}"
        yield f"{name} = {_toml(value)}"
    for path, value in tables:
        for table in value if isinstance(value, tuple) else (value,):
            yield ""
            yield f"[[{path}]]" if isinstance(value, tuple) else f"[{path}]"
            yield from _toml_lines(table, f"{path}.")


def _toml(value: Any) -> str:
    match value:
        case range():
            return json.dumps(show_levels(value))
        case tuple():
            return f"[{', '.join(map(_toml, value))}]"
        case float():
            return repr(value)
        case _:
            return json.dumps(value, ensure_ascii=False)  # written alike in TOML and JSON
