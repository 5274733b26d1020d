"""A small cascade as a whole: filtered lists, aggregations, early exits; stopped anywhere, it ends the same.

Each stage run alone from the checkpoint before it does what it does in the cascade.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import torch
from rich.console import Console
from typer.testing import CliRunner, Result

from whetstone.cli import app
from whetstone.data_settings import TaskData
from whetstone.forecast import forecast
from whetstone.policy.checkpoint import load_policy
from whetstone.recipes import RecipeError, alone, load_recipe, parse_recipe, to_toml
from whetstone.rundir import RunDir
from whetstone.settings import GrpoStage, Recipe
from whetstone.stage_data import heldout
from whetstone.train import train

TEXT = """
name = "small"
tasks = ["sequences/sorting", "strings/minimal_cyclic_shift"]
[model]
hidden_size = 32
layers = 1
head_dim = 8
experts = 4
expert_size = 32
router_size = 16
vocab_size = 300
max_positions = 1024
[[stages]]
name = "sft"
kind = "sft"
steps = 30
batch = 24
warmup = 2
checkpoint_every = 10
attempts = {shown = 2, tail = 8}
until = {measure = "loss", plateau = 1, gain = 10.0, window = 12}
[[stages.data]]
kind = "tasks"
include = ["sequences/sorting", "strings/minimal_cyclic_shift"]
levels = "0"
aggregate = 0.2
weight = 3.0
[[stages.data]]
kind = "examples"
path = "EXAMPLES"
[[stages]]
name = "warmup"
kind = "grpo"
steps = 4
prompts = 6
samples = 4
max_tokens = 24
lr = 1e-3
reward = "score"
checkpoint_every = 3
attempts = {shown = 2, tail = 8}
[[stages.data]]
kind = "tasks"
include = ["sequences/sorting"]
rows = 12
levels = "0"
aggregate = 0.5
pass_at_most = 0.75
tries = 2
[[stages.data]]
kind = "math"
path = "MATH"
weight = 0.5
[[stages]]
name = "last"
kind = "grpo"
steps = 3
prompts = 4
samples = 4
max_tokens = 16
lr = 1e-3
reward = "score"
frontier = {start_level = 0, max_level = 1}
[[stages.data]]
kind = "tasks"
include = ["chat/instructions", "strings/minimal_cyclic_shift"]
[eval]
levels = "0"
"""
TIMES = ("time", "tokens_per_second", "seconds_sampling", "seconds_judging", "seconds_learning")


class Killed(BaseException):
    """The process dies here."""


@pytest.fixture(scope="module")
def recipe(tmp_path_factory: pytest.TempPathFactory) -> Recipe:
    folder = tmp_path_factory.mktemp("data")
    examples = [{"prompt": "1", "completion": "1 1 1 1 1</think>2"}, {"prompt": "2", "completion": "1"}]
    sums = [{"question": f"What is {a} + {b}?", "answer": str(a + b)} for a in range(6) for b in range(4)]
    for name, rows in (("examples", examples), ("math", sums)):
        (folder / f"{name}.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    text = TEXT.replace("EXAMPLES", str(folder / "examples.jsonl")).replace("MATH", str(folder / "math.jsonl"))
    return parse_recipe(text)


def begin(folder: Path, recipe: Recipe) -> None:
    with RunDir.create(folder, recipe) as run:
        train(run.recipe(), run, Console(quiet=True))


def resume(folder: Path) -> None:
    with RunDir.resume(folder) as run:
        train(run.recipe(), run, Console(quiet=True))


def logged(folder: Path, *stages: str) -> list[dict[str, Any]]:
    """What the run logged, without its times."""
    records = RunDir.open(folder).metrics()
    return [{k: v for k, v in r.items() if k not in TIMES} for r in records if not stages or r["stage"] in stages]


def weights(folder: Path, stage: str | None = None) -> dict[str, torch.Tensor]:
    latest = RunDir.open(folder).latest(stage)
    assert latest is not None
    return load_policy(latest.path)[0].state_dict()


@pytest.fixture(scope="module")
def undisturbed(recipe: Recipe, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("runs") / "undisturbed"
    begin(folder, recipe)
    return folder


def test_the_cascade_goes_through_its_stages_and_leaves_one_early(undisturbed: Path):
    records = logged(undisturbed)
    assert [r["step"] for r in records] == list(range(1, len(records) + 1))
    steps = {name: sum(r["stage"] == name for r in records) for name in ("sft", "warmup", "last")}
    assert steps == {"sft": 13, "warmup": 4, "last": 3}  # no gain of 10 one step after the first mean of twelve
    names = [checkpoint.path.name for checkpoint in RunDir.open(undisturbed).checkpoints()]
    assert names == ["sft-000010", "sft-000013", "warmup-000016", "warmup-000017", "last-000020"]
    warmup = [r for r in records if r["stage"] == "warmup"]
    assert set(warmup[0]["sources"]) == {"tasks", "math"}
    assert warmup[0]["aggregated"] == 0
    assert sum(r["aggregated"] for r in warmup) > 0
    assert set(records[-1]["frontier"]) == {"chat/instructions", "strings/minimal_cyclic_shift"}
    rates = json.loads((undisturbed / "priors" / "warmup-tasks.json").read_text())
    assert len(rates) == 12
    assert not (undisturbed / "priors" / "warmup-math.json").exists()


def test_killed_again_and_again_it_ends_where_the_undisturbed_run_ends(
    undisturbed: Path, recipe: Recipe, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    log, write, deaths = RunDir.log, RunDir.write_text, [5, 13, 14, 17, 19]
    measured = []

    def log_and_die(self: RunDir, record: dict[str, Any]) -> None:
        log(self, record)
        if deaths and record["step"] == deaths[0]:
            deaths.pop(0)
            raise Killed

    def write_text(self: RunDir, name: str, text: str) -> None:
        if name.startswith("priors"):
            measured.append(name)
        write(self, name, text)

    monkeypatch.setattr(RunDir, "log", log_and_die)
    monkeypatch.setattr(RunDir, "write_text", write_text)
    with pytest.raises(Killed):
        begin(tmp_path / "run", recipe)
    while deaths:
        with pytest.raises(Killed):
            resume(tmp_path / "run")
    resume(tmp_path / "run")
    assert logged(tmp_path / "run") == logged(undisturbed)
    assert all(torch.equal(x, weights(undisturbed)[name]) for name, x in weights(tmp_path / "run").items())
    assert measured == ["priors/warmup-tasks.json"]  # once, though the stage began three times


def test_a_stage_alone_from_the_checkpoint_before_is_that_stage(undisturbed: Path, recipe: Recipe, tmp_path: Path):
    before = RunDir.open(undisturbed).latest("sft")
    assert before is not None
    begin(tmp_path / "warmup", alone(recipe, "warmup", str(before.path)))
    found, expected = logged(tmp_path / "warmup"), logged(undisturbed, "warmup")
    assert [r["step"] for r in found] == [1, 2, 3, 4]
    assert [r | {"step": 0} for r in found] == [r | {"step": 0} for r in expected]
    assert all(torch.equal(x, weights(undisturbed, "warmup")[name]) for name, x in weights(tmp_path / "warmup").items())
    resume(tmp_path / "warmup")  # it knows by itself where it came from
    begin(tmp_path / "last", alone(recipe, "last", str(tmp_path / "warmup")))  # a run stands for its last checkpoint
    assert all(torch.equal(x, weights(undisturbed)[name]) for name, x in weights(tmp_path / "last").items())


def test_what_is_held_out_is_never_asked(recipe: Recipe, tmp_path: Path):
    text = {"tasks": ("sequences/sorting", "strings/minimal_cyclic_shift"), "heldout": ("sequences",)}
    bare = tuple(stage.model_copy(update={"data": (), "steps": 2}) for stage in recipe.stages if stage.name != "warmup")
    held = Recipe.model_validate(recipe.model_dump() | text | {"stages": [s.model_dump() for s in bare]})
    assert "sequences/sorting" in held.heldout
    begin(tmp_path / "run", held)
    rollouts = RunDir.open(tmp_path / "run").rollouts("last")
    assert rollouts is not None
    assert set(rollouts["task"].to_pylist()) == {"strings/minimal_cyclic_shift"}
    with pytest.raises(RecipeError, match="all tasks of the source 'tasks' are held out"):
        parse_recipe(TEXT, ["heldout=['strings', 'sequences']"])


def test_measures_are_of_the_eval_split(recipe: Recipe):
    sft, warmup, last = recipe.stages
    assert {item.key.task for item in heldout(sft, recipe, 2)} == set(recipe.tasks)
    found = heldout(warmup, recipe, 2)
    assert {item.key.task for item in found} == {"sequences/sorting", "data/math"}
    assert 1 <= sum(item.key.task == "data/math" for item in found) <= 2
    assert all(item.draw().split == "eval" for item in heldout(last, recipe, 3))  # type: ignore[union-attr]


def test_a_rehearsal_is_no_part_of_a_measure_and_bare_answers_are(recipe: Recipe):
    sft, warmup, _ = recipe.stages
    words = TaskData(include=("chat/words", "sequences/sorting"), levels=range(1), bare=True)
    rehearsal = warmup.data[0].model_copy(update={"measured": False})
    bare = sft.model_copy(update={"data": (words, sft.data[0].model_copy(update={"measured": False}))})
    assert {item.key.task for item in heldout(bare, recipe, 1)} == {"chat/words", "sequences/sorting"}
    rest = warmup.model_copy(update={"data": (rehearsal, warmup.data[1])})
    assert {item.key.task for item in heldout(rest, recipe, 2)} == {"data/math"}


# -- the recipes that come with it -------------------------------------------------------------------------------------

RECIPES = Path(__file__).parents[2] / "recipes"


def test_the_published_recipe_has_the_published_numbers():
    recipe = load_recipe(RECIPES / "zaya1.toml")
    reinforced = {stage.name: stage for stage in recipe.stages if isinstance(stage, GrpoStage)}
    steps = {name: stage.steps for name, stage in reinforced.items()}
    assert steps["warmup_64k"] + steps["warmup"] == 232
    assert [steps[name] for name in ("rlve", "code_1", "code_2", "behaviour")] == [400, 384, 464, 384]
    for stage in reinforced.values():
        assert (stage.prompts, stage.samples, stage.advantage == "maxrl") == (128, 16, stage.name != "behaviour")
        assert (stage.aggregation, stage.rule, stage.clip_high, stage.kl.weight) == ("constant", "mask", 0.1, 0)
        assert (stage.optimizer, stage.momentum, stage.replay) == ("muon", 0, True)
        assert 2e-6 <= stage.lr <= 1e-5
        assert stage.attempts.shown * stage.attempts.tail + 4096 == 20480
        assert all(s.pass_at_most == 0.75 for s in stage.data if getattr(s, "rows", 0) or s.kind == "math")  # type: ignore[union-attr]
    assert reinforced["behaviour"].lr == min(stage.lr for stage in reinforced.values())
    assert [reinforced[n].max_tokens for n in ("warmup_64k", "warmup", "behaviour")] == [65536, 81920, 81920]
    for name, code, more, math, aggregated in (
        ("code_1", 20.3, 33.4, 33.8, 12.5),
        ("code_2", 31.4, 26.8, 22.5, 19.4),
    ):
        *others, last = reinforced[name].data
        assert [source.weight for source in others] == [code, more]
        assert last.weight * last.aggregate == pytest.approx(aggregated, abs=0.05)
        assert last.weight * (1 - last.aggregate) == pytest.approx(math, abs=0.05)
    rows = {source.name: getattr(source, "rows", 0) for source in reinforced["warmup"].data}
    assert rows["gym"] == round(0.544 * 84604)
    assert rows["puzzles"] == round(0.144 * 84604)


def test_the_published_policy_has_the_published_size():
    first = next(forecast(load_recipe(RECIPES / "zaya1.toml")))
    assert first.startswith("8,840,488,784 weights, 1,290,741,584 of them active")


def test_the_small_recipe_goes_through_all_stages():
    recipe = load_recipe(RECIPES / "cascade.toml")
    assert [stage.name for stage in recipe.stages] == ["sft", "warmup", "rlve", "code_1", "code_2", "behaviour"]
    held = set(recipe.heldout)
    for stage in recipe.stages:
        assert stage.name == "rlve" or heldout(stage, recipe, 1)  # to load all tasks takes seconds
        for source in stage.data:
            assert isinstance(source, TaskData)
            assert not held & set(recipe.trained(source))


# -- the command line -------------------------------------------------------------------------------------------------


def whetstone(*arguments: str | Path) -> Result:
    return CliRunner().invoke(app, [str(argument) for argument in arguments], prog_name="whetstone")


@pytest.fixture
def file(recipe: Recipe, tmp_path: Path) -> Path:
    (tmp_path / "small.toml").write_text(to_toml(recipe))
    return tmp_path / "small.toml"


def test_a_dry_run_says_what_would_be_done(file: Path, tmp_path: Path):
    result = whetstone("train", file, "--dry-run", "--out", tmp_path / "run")
    assert result.exit_code == 0, result.stderr
    for line in (
        "   75% tasks: new problems of 2 tasks, aggregations 20%",
        "  until loss: no gain of 10 in 1 steps, as a mean over 12 steps",
        "sft: tasks: 2 tasks without end, examples: 2 examples",
        "warmup: tasks: 12 problems of 1 tasks, math: ",
        "  at most 3 steps, 768 tokens sampled and ",
        "all stages: at most ",
    ):
        assert line in result.stdout
    assert not (tmp_path / "run").exists()


def test_a_stage_alone_by_the_command_line(file: Path, undisturbed: Path, tmp_path: Path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    result = whetstone("train", file, "--only", "last", "--from", undisturbed, "--set", "last.steps=1")
    assert result.exit_code == 0, result.stderr
    assert [r["stage"] for r in logged(tmp_path / "runs" / "small-last")] == ["last"]


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["--only", "warm"], "--only: the recipe has no stage 'warm'; did you mean 'warmup'?"),
        (["--from", "nowhere"], "start: there is no checkpoint in nowhere"),
        (["--set", "warmup.data.math.path=no.jsonl"], "no.jsonl: cannot be read"),
        (["--set", "warmup.data.maths.path=no.jsonl"], "'maths' is not a table, so nothing can be set inside it"),
        (["--set", "warmup.data=3"], "warmup.data: expected a list, got 3"),
        (["--set", "last.context=20"], "the prompts of tasks do not fit: raise the stage's context"),
    ],
)
def test_mistakes_are_sentences(arguments: list[str], sentence: str, file: Path, undisturbed: Path, tmp_path: Path):
    given = arguments if "--from" in arguments else [*arguments, "--from", undisturbed]
    only = [] if "--only" in arguments else ["--only", "last" if "last" in arguments[-1] else "warmup"]
    result = whetstone("train", file, *given, *only, "--out", tmp_path / "run")
    assert result.exit_code != 0
    assert sentence in result.stderr
    assert "Traceback" not in result.stderr


def test_settings_that_do_not_go_together_are_sentences():
    for override, sentence in (
        ("last.until.measure=loss", "expected a measure together with a target or a plateau"),
        ("last.until={measure='loss', target=1.0}", "the loss of reinforcement learning says nothing"),
        ("sft.until={measure='reward', target=1.0}", "supervised training has no reward; watch the loss"),
        ("sft.data.examples.kind='chat'", "sft learns from tasks and examples, not from chat"),
        ("warmup.data.math.name='tasks'", "two sources are called 'tasks'"),
        ("warmup.attempts.shown=17", "shown must be at most kept, but 17 > 16"),
        ("warmup.data.math.judge.kind='model'", "expected kind and name together"),
        ("warmup.data.tasks.include=['trian']", "there is no task 'trian'; did you mean 'train'?"),
    ):
        with pytest.raises(RecipeError) as caught:
            parse_recipe(TEXT, [override])
        assert sentence in str(caught.value)


def test_data_is_overridden_by_name():
    stage = parse_recipe(TEXT, ["warmup.data.tasks.rows=5", "warmup.data.math.weight=2.5"]).stages[1]
    assert isinstance(stage, GrpoStage)
    assert [source.weight for source in stage.data] == [1.0, 2.5]
    assert stage.data[0].rows == 5  # type: ignore[union-attr]
