"""The command line: what it prints, and that every bad input gets a sentence and a status, never a traceback."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from types import ModuleType

import pytest
from typer.testing import CliRunner, Result

from whetstone.baselines import null
from whetstone.cli import app
from whetstone.envs import catalog
from whetstone.policies import Policy, PolicySpec, Runs
from whetstone.recipes import parse_recipe
from whetstone.rundir import RunDir
from whetstone.summary import read_summary

TEXT = 'name = "small"\ntasks = ["sequences/sorting"]\nstages = [{kind = "sft", name = "sft", steps = 9}]'


def whetstone(*arguments: str | Path, stdin: str = "") -> Result:
    return CliRunner().invoke(app, [str(argument) for argument in arguments], input=stdin, prog_name="whetstone")


@pytest.fixture
def recipe(tmp_path: Path) -> Path:
    file = tmp_path / "small.toml"
    file.write_text(TEXT)
    return file


@pytest.fixture
def run(tmp_path: Path) -> Path:
    RunDir.create(tmp_path / "run", parse_recipe(TEXT)).close()
    return tmp_path / "run"


@pytest.fixture
def trainer(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    """A `whetstone.train` without PyTorch; a test gives it a `train`."""
    module = ModuleType("whetstone.train")
    monkeypatch.setitem(sys.modules, "whetstone.train", module)
    monkeypatch.setattr("whetstone.cli._device", lambda: "cpu")
    return module


@pytest.mark.parametrize(
    "command",
    ["list", "show", "play", "check", "train", "eval", "reverify", "compare", "report", "view", "kernels check"],
)
def test_help_teaches_with_an_example(command: str):
    result = whetstone(*command.split(), "--help")
    assert result.exit_code == 0
    assert "Example" in result.stdout
    assert f"whetstone {command}" in " ".join(result.stdout.split())


def test_list_names_every_task_and_one_family():
    tasks = json.loads(whetstone("list", "--json").stdout)
    assert [task["id"] for task in tasks] == catalog.ids()
    assert "sequences/sorting" in whetstone("list", "--family", "sequences").stdout
    result = whetstone("list", "--family", "sequence")
    assert (result.exit_code, result.stdout) == (2, "")
    assert "there is no family 'sequence'; there are" in result.stderr


def test_show_prints_the_prompt_and_a_completion_that_scores_1():
    problem = catalog.load("sequences/sorting").draw(2, 5)
    result = whetstone("show", "sequences/sorting", "--level", "2", "--seed", "5", "--answer")
    assert result.stdout == f"{problem.prompt}\n\n{problem.target}\n"


def test_play_gives_the_reason_and_raises_the_level():
    first = catalog.load("sequences/sorting").draw(0, 0)
    result = whetstone("play", "sequences/sorting", stdin=first.answer.show(first.solution) + "\nseven\n")
    assert result.exit_code == 0
    assert "graded, score 1: correct" in result.stdout
    assert "Level 1, problem 1" in result.stdout
    assert "expected an integer, found 'seven'" in result.stdout


def test_check_certifies_a_task():
    result = whetstone("check", "sequences/sorting", "--json")
    certificate = json.loads(result.stdout)
    assert (result.exit_code, certificate["passed"], certificate["findings"]) == (0, True, [])


@pytest.mark.parametrize(
    ("arguments", "status", "sentence"),
    [
        (["show", "sequences/sort"], 2, "there is no task 'sequences/sort'; did you mean sequences/sorting"),
        (["show", "sequences/sorting", "--level", "-1"], 2, "Invalid value for '--level'"),
        (["show", "sequences/sorting", "--level", "high"], 2, "Invalid value for '--level'"),
        (["check"], 2, "expected a task's id, or --all"),
        (["check", "no/such"], 2, "there is no task 'no/such'"),
        (["train"], 2, "expected a recipe, such as quickstart or a TOML file, or --resume"),
        (["train", "absent.toml"], 2, "there is no recipe absent.toml"),
        (["train", "RECIPE", "--set", "sft.stepps=1"], 2, "unknown key 'sft.stepps'; did you mean 'steps'?"),
        (["train", "RECIPE", "--set", "steps"], 2, 'expected an override such as "grpo.steps=10"'),
        (["train", "RECIPE", "--resume", "RUN"], 2, "--resume goes on as the run was started"),
        (["train", "--resume", "absent"], 1, "there is no run in absent"),
        (["train", "RECIPE", "--out", "RUN"], 1, "already holds a run; continue it with `whetstone train --resume"),
        (["eval", "absent"], 1, "there is no run in absent"),
        (["eval", "RUN"], 1, "has no checkpoint yet"),
        (["eval", "RUN", "--levels", "9-1"], 2, "expected levels in ascending order"),
        (["report", "absent"], 1, "absent is no run: expected a folder"),
    ],
)
@pytest.mark.usefixtures("trainer")
def test_bad_input_gets_a_sentence(recipe: Path, run: Path, arguments: list[str], status: int, sentence: str):
    sys.modules["whetstone.train"].train = None  # type: ignore[attr-defined]
    places = {"RECIPE": recipe, "RUN": run}
    result = whetstone(*(places.get(argument, argument) for argument in arguments))
    assert result.exit_code == status
    assert sentence in " ".join(result.stderr.split())
    assert "Traceback" not in result.stderr


def test_a_task_that_raises_on_import_is_named_and_the_others_are_listed(monkeypatch: pytest.MonkeyPatch):
    whole = catalog.title

    def title(task: str) -> str:
        if task == "sequences/sorting":
            raise catalog.BrokenTask(f"task {task} cannot be imported: ZeroDivisionError")
        return whole(task)

    monkeypatch.setattr(catalog, "title", title)
    result = whetstone("list")
    assert result.exit_code == 1
    assert "task sequences/sorting cannot be imported" in result.stderr
    assert len(catalog.ids()) - 1 == sum(line.startswith(tuple(catalog.ids())) for line in result.stdout.splitlines())


def test_dry_run_says_what_would_be_done_and_does_nothing(recipe: Path, tmp_path: Path):
    result = whetstone("train", recipe, "--set", "sft.steps=4", "--out", tmp_path / "new", "--dry-run")
    assert "stage 1, sft: SFT, 4 steps x 64 rows" in result.stdout
    assert not (tmp_path / "new").exists()


def test_train_runs_in_a_folder_and_goes_on_there(recipe: Path, tmp_path: Path, trainer: ModuleType):
    seen = []
    trainer.train = lambda recipe, run, console: seen.append((recipe.seed, run.path))  # type: ignore[attr-defined]
    folder = tmp_path / "new"
    assert whetstone("train", recipe, "--set", "seed=3", "--out", folder).exit_code == 0
    assert whetstone("train", "--resume", folder).exit_code == 0
    assert whetstone("train", recipe, "--out", folder, "--overwrite").exit_code == 0
    assert seen == [(3, folder), (3, folder), (0, folder)]


def test_ctrl_c_says_where_the_results_are_and_frees_the_run(recipe: Path, tmp_path: Path, trainer: ModuleType):
    def train(*_: object) -> None:
        raise KeyboardInterrupt

    trainer.train = train  # type: ignore[attr-defined]
    folder = tmp_path / "new"
    result = whetstone("train", recipe, "--out", folder)
    assert result.exit_code == 130
    assert (
        f"interrupted\nwhetstone: results so far are in {folder}; continue with `whetstone train --resume"
        in result.stderr
    )
    RunDir.resume(folder).close()


def test_a_damaged_checkpoint_is_named_before_anything_is_measured(run: Path):
    with RunDir.resume(run) as opened, opened.checkpoint("sft", 1) as folder:
        (folder / "model.bin").write_bytes(b"weights")
    (run / "checkpoints" / "sft-000001" / "model.bin").write_bytes(b"no weights")
    result = whetstone("eval", run)
    assert result.exit_code == 1
    assert "model.bin does not match its checksum; remove the folder" in result.stderr


def test_eval_measures_the_last_checkpoint_of_each_stage(run: Path, monkeypatch: pytest.MonkeyPatch):
    with RunDir.resume(run) as opened:
        for stage, step in [("sft", 1), ("sft", 2), ("grpo", 3)]:
            with opened.checkpoint(stage, step) as folder:
                (folder / "model.bin").write_bytes(b"weights")
    seen = []

    def open_policy(spec: PolicySpec, *_: object) -> Policy:
        assert spec.path is not None
        seen.append((spec.label, spec.path.name))
        return Policy(null(), Runs())

    monkeypatch.setattr("whetstone.policies.open_policy", open_policy)
    result = whetstone("eval", run, "--levels", "0-2", "--problems", "2")
    assert result.exit_code == 0, result.stderr
    assert "before (sft) and after (grpo)" in " ".join(result.stdout.split())
    assert seen == [("sft", "sft-000002"), ("grpo", "grpo-000003")]
    for label in ("sft", "grpo"):
        summary = read_summary(run / "evals" / label)
        assert (summary.rows, [cell.level for cell in summary.cells]) == (6, [0, 1, 2])
    assert whetstone("report", run).exit_code == 0


def test_debug_shows_the_traceback_and_bugs_always_do(recipe: Path, tmp_path: Path, trainer: ModuleType):
    assert isinstance(whetstone("--debug", "show", "no/such").exception, catalog.UnknownTask)

    def train(*_: object) -> None:
        raise AssertionError("a bug")

    trainer.train = train  # type: ignore[attr-defined]
    assert isinstance(whetstone("train", recipe, "--out", tmp_path / "new").exception, AssertionError)
