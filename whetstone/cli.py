"""The command line. What a command needs is imported inside it, so that listing tasks never waits for PyTorch."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from typer.core import TyperGroup

import whetstone
from whetstone.checkpoint_commands import checkpoints
from whetstone.code_commands import codes
from whetstone.eval_commands import measuring
from whetstone.failures import Session, reported
from whetstone.hub_commands import hub
from whetstone.judge_commands import judges
from whetstone.openenv_commands import openenvs
from whetstone.problem_commands import problems
from whetstone.replay_command import replaying
from whetstone.sandbox_commands import sandboxes
from whetstone.serve_commands import serving
from whetstone.task_commands import tasks


class _Reported(TyperGroup):
    """The commands, with every error they raise turned into a sentence."""

    def invoke(self, ctx: Any) -> Any:
        ctx.obj = Session(debug=ctx.params["debug"])
        with reported(ctx.obj):
            return super().invoke(ctx)


app = typer.Typer(
    cls=_Reported,
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode="markdown",
    context_settings={"help_option_names": ["-h", "--help"]},
)
kernels = typer.Typer(no_args_is_help=True, help="Look after the fast operators.")
app.add_typer(tasks)
app.add_typer(judges)
app.add_typer(codes)
app.add_typer(measuring)
app.add_typer(problems, name="problems")
app.add_typer(sandboxes)
app.add_typer(serving)
app.add_typer(openenvs)
app.add_typer(checkpoints)
app.add_typer(hub)
app.add_typer(replaying)
app.add_typer(kernels, name="kernels")


def _version(wanted: bool) -> None:
    if wanted:
        print(f"whetstone {whetstone.__version__}")
        raise typer.Exit


@app.callback()
def _root(
    debug: Annotated[bool, typer.Option("--debug", help="Show the traceback of an error.")] = False,
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Show the version and stop.")
    ] = False,
) -> None:
    """A gym that sharpens reasoning policies: look at tasks, train on them, measure.

    Begin with `whetstone list`, `whetstone play sequences/sorting` and `whetstone train quickstart`.
    """


# -- runs -------------------------------------------------------------------------------------------------------------


@app.command()
def train(
    context: typer.Context,
    recipe: Annotated[
        Path | None, typer.Argument(metavar="RECIPE", help="A TOML file, or quickstart, cascade, …")
    ] = None,
    override: Annotated[
        list[str] | None, typer.Option("--set", metavar="KEY=VALUE", help="Change a setting, such as grpo.steps=10.")
    ] = None,
    out: Annotated[Path | None, typer.Option(help="The run's folder; runs/NAME unless given.")] = None,
    resume: Annotated[Path | None, typer.Option(help="Continue the run in this folder.")] = None,
    only: Annotated[str | None, typer.Option(metavar="STAGE", help="Do this stage alone.")] = None,
    start: Annotated[
        str | None, typer.Option("--from", metavar="CHECKPOINT", help="Start from this checkpoint or run.")
    ] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Say what would be done, and stop.")] = False,
    overwrite: Annotated[bool, typer.Option("--overwrite", help="Replace a run that is there.")] = False,
) -> None:
    """Train a policy by a recipe, or go on with a run that was stopped.

    Examples: `whetstone train quickstart` (recipes/quickstart.toml), `whetstone train mine.toml --dry-run`,
    `whetstone train quickstart --set seed=1 --set grpo.steps=10 --out runs/short`,
    `whetstone train cascade --only warmup --from runs/cascade/checkpoints/sft-000400`,
    `whetstone train --resume runs/quickstart`
    """
    from whetstone.recipes import alone, load_recipe
    from whetstone.rundir import RunDir

    if resume is not None:
        if recipe or override or out or overwrite or only or start:
            raise ValueError(
                "--resume goes on as the run was started: no RECIPE, --set, --out, --overwrite, "
                "--only or --from with it"
            )
        settings, folder = RunDir.open(resume).recipe(), resume
    elif recipe is not None:
        settings = alone(load_recipe(recipe, override or ()), only, start)
        folder = out or Path("runs") / settings.name
    else:
        raise ValueError("expected a recipe, such as quickstart or a TOML file, or --resume with a run's folder")
    if dry_run:
        from whetstone.forecast import forecast

        print("\n".join([*settings.describe(), "", *forecast(settings), "", f"results: {folder}"]))
        return

    from whetstone.trackers import reporting
    from whetstone.train import train as train_policy

    exist = "overwrite" if overwrite else "refuse"
    if int(os.environ.get("RANK", "0")):  # one of several processes: the first keeps the run directory
        train_policy(settings, None, Console(quiet=True))
        return
    opened = RunDir.resume(folder, _device()) if resume else RunDir.create(folder, settings, exist, _device())
    console = Console()
    if settings.engine == "ray" and settings.ray.placed:
        from whetstone.ray_learners import learn

        opened.close()  # the first learner opens it again, wherever it runs
        context.obj.run = folder
        learn(folder, settings.ray, console)
        print(f"Trained. Measure it with: whetstone eval {folder}")
        return
    with opened, reporting(settings, opened, console):
        context.obj.run = folder
        train_policy(settings, opened, console)
    print(f"Trained. Measure it with: whetstone eval {folder}")


def _device() -> str:
    import torch

    return torch.cuda.get_device_name() if torch.cuda.is_available() else "cpu"


# -- kernels ----------------------------------------------------------------------------------------------------------


@kernels.command("check")
def check_kernels(
    targets: Annotated[list[str], typer.Argument(metavar="TARGETS...", help="GPU architectures: sm_90, gfx942, ...")],
) -> None:
    """Compile every kernel for GPUs that need not be here.

    Example: `whetstone kernels check sm_90 gfx942`
    """
    from whetstone.kernels.check import main as compile_for

    raise typer.Exit(compile_for(targets))


def main() -> None:
    """The console entry point."""
    app(prog_name="whetstone")
