"""The commands about tasks: list, show, play, check, new, export."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path
from typing import Annotated, Literal

import typer
from rich.console import Console

from whetstone.envs import catalog
from whetstone.envs.core import Split

tasks = typer.Typer()

TaskId = Annotated[str, typer.Argument(metavar="TASK", help="A task's id, such as sequences/sorting.")]
Level = Annotated[int, typer.Option(min=0, help="Difficulty: 0 is trivial, 10 is hard for a frontier model.")]
Seed = Annotated[int, typer.Option(min=0, help="Which of the level's problems; the same seed gives the same problem.")]
Engine = Literal["local", "ray"]
SplitOption = Annotated[Split, typer.Option(help="Problems to train on, or those kept apart for measuring.")]


@tasks.command("list")
def list_tasks(
    family: Annotated[str | None, typer.Option(help="Only this family, such as graphs.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print a JSON array.")] = False,
) -> None:
    """List the tasks.

    Examples: `whetstone list`, `whetstone list --family graphs`, `whetstone list --json`
    """
    found = catalog.ids(family)
    if not found:
        families = sorted({task.partition("/")[0] for task in catalog.ids()})
        raise ValueError(f"there is no family {family!r}; there are {', '.join(families)}")
    titles, broken = {}, []
    for task in found:
        try:
            titles[task] = catalog.title(task)
        except catalog.BrokenTask as error:
            broken.append(str(error))
    if as_json:
        print(json.dumps([{"id": task, "title": title} for task, title in titles.items()], indent=1))
    else:
        width = max(map(len, found))
        for task, title in titles.items():
            print(f"{task:{width}}  {title}")
        print(f"\n{len(titles)} tasks. Look at one with: whetstone show {found[0]}")
    if broken:
        raise catalog.BrokenTask("\n".join(broken))


@tasks.command()
def show(
    task: TaskId,
    level: Level = 0,
    seed: Seed = 0,
    split: SplitOption = "train",
    answer: Annotated[bool, typer.Option("--answer", help="Also show a completion that scores 1.")] = False,
) -> None:
    """Print a problem as a policy sees it.

    Examples: `whetstone show sequences/sorting --level 3`, `whetstone show sequences/sorting --seed 7 --answer`
    """
    problem = catalog.load(task).draw(level, seed, split)
    print(problem.prompt)
    if answer:
        print(f"\n{problem.target}")


@tasks.command()
def play(task: TaskId, level: Level = 0, seed: Seed = 0) -> None:
    """Solve problems yourself; a right answer raises the level. Ctrl-D ends.

    Examples: `whetstone play sequences/sorting`, `whetstone play sequences/sorting --level 5`
    """
    kind = catalog.load(task)
    console = Console(highlight=False)
    while True:
        problem = kind.draw(level, seed)
        console.print(f"\nLevel {level}, problem {seed}", style="bold")
        print(problem.prompt)
        reply = _ask(console, several_lines="\n" in problem.answer.show(problem.solution))
        if reply is None:
            return
        verdict = problem.grade(reply if "<answer>" in reply else f"<answer>{reply}</answer>")
        style = "green" if verdict.correct else "red"
        console.print(f"{verdict.kind}, score {verdict.score:.3g}: {verdict.reason}", style=style, markup=False)
        if not verdict.correct:
            print(f"A right answer:\n{problem.answer.show(problem.solution)}")
        level, seed = level + verdict.correct, seed + 1


def _ask(console: Console, several_lines: bool) -> str | None:
    """What the person types: a line, or lines up to an empty one. None when the input has ended."""
    console.print("Your answer (an empty line ends it):" if several_lines else "Your answer:", style="dim")
    lines = []
    for line in sys.stdin:
        if several_lines and line.strip():
            lines.append(line)
        else:
            return "".join(lines) if several_lines else line
    return "".join(lines) or None


@tasks.command()
def check(
    task: Annotated[str | None, typer.Argument(metavar="[TASK]", help="A task's id.")] = None,
    all_tasks: Annotated[bool, typer.Option("--all", help="Every task.")] = False,
    quick: Annotated[bool, typer.Option("--quick", help="Fewer problems; no guesses, truths or times.")] = False,
    truths: Annotated[Path | None, typer.Option(help="Folder of truths; tests/truth unless given.")] = None,
    jobs: Annotated[int, typer.Option(min=1, help="Processes.")] = os.cpu_count() or 1,
    out: Annotated[Path | None, typer.Option(help="Also put the certificates into this JSON file.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object a line.")] = False,
) -> None:
    """Certify tasks: references right, problems reproducible, nothing earned by guessing, true, fast enough.

    Examples: `whetstone check sequences/sorting`, `whetstone check --all --quick`, `whetstone check --all --json`
    """
    from whetstone.catalogue import write_certificates
    from whetstone.certify import OWN_TRUTHS, Certificate, certify

    if (task is None) != all_tasks:
        raise ValueError("expected a task's id, or --all; `whetstone list` shows the ids")
    if quick and out is not None:
        raise ValueError("a certificate has what --quick leaves out; give --out or --quick, not both")
    if truths is None:
        truths = next((folder for folder in (Path("tests/truth"), OWN_TRUTHS) if folder.is_dir()), None)
    elif not truths.is_dir():
        raise ValueError(f"there is no folder {truths}; it should hold truths (see docs/adding-a-task.md)")
    wanted = catalog.ids() if task is None else [task]
    width = max(map(len, wanted))
    if not as_json:
        print(f"{'':8}{'task':{width}}{''.join(f'{name:>10}' for name in Certificate.COLUMNS)}")
    done = []
    for certificate in certify(wanted, truths, quick, jobs):
        done.append(certificate.to_dict())
        if as_json:
            print(json.dumps(done[-1]), flush=True)
            continue
        cells = "".join(f"{cell:>10}" for cell in certificate.row())
        print(f"{'ok' if certificate.passed else 'FAILED':8}{certificate.task:{width}}{cells}", flush=True)
        for finding in certificate.findings:
            print(f"        {finding}")
    if out is not None:
        write_certificates(done, out, keep=not all_tasks)
    failed = sum(not certificate["passed"] for certificate in done)
    if not as_json and len(done) > 1:
        print(f"\n{len(done) - failed} of {len(done)} tasks pass")
    if failed:
        raise typer.Exit(1)


@tasks.command()
def new(
    task: TaskId,
    into: Annotated[Path | None, typer.Option(help="Folder of families; envs/tasks unless given.")] = None,
) -> None:
    """Write a task file that already passes `check`, ready to be changed.

    Examples: `whetstone new graphs/shortest_cycle`, `whetstone new arithmetic/pair_sum --into my_tasks`
    """
    from whetstone.certify import OWN_TRUTHS
    from whetstone.scaffold import OWN_TASKS, write_task

    own = into is None
    if own and not OWN_TRUTHS.is_dir():
        raise ValueError("this is no checkout of Whetstone; say where your package's tasks are with --into")
    for file in write_task(task, into or OWN_TASKS, OWN_TRUTHS if own else None):
        print(f"wrote {file}")
    print(f"Look at it with: whetstone show {task} --level 3 --answer\nCertify it with: whetstone check {task}")
    if not own:
        print('Make it known in pyproject.toml: [project.entry-points."whetstone.tasks"], see docs/adding-a-task.md')


@tasks.command()
def export(
    out: Annotated[Path, typer.Option(help="The file to write: Parquet, or JSON lines if it ends in .jsonl.")],
    suite: Annotated[str, typer.Option(help="A suite, a family, or a TOML file.")] = "all",
    levels: Annotated[str | None, typer.Option(help="Levels, such as 0-10; the suite's unless given.")] = None,
    number: Annotated[int, typer.Option("-n", "--number", min=1, help="Problems in all.")] = 10_000,
    split: SplitOption = "train",
    trainer: Annotated[str, typer.Option("--format", help="Whose columns: trl, verl, slime or openrlhf.")] = "trl",
    engine: Annotated[Engine, typer.Option(help="Draw and solve here, or by workers of a Ray cluster.")] = "local",
    workers: Annotated[int, typer.Option(min=1, help="Workers of the cluster, a CPU each.")] = 4,
) -> None:
    """Write problems as a Hugging Face dataset: prompt (conversational), task, level, seed, split, problem, solution.

    Any trainer reads it; TRL's take `whetstone.envs.trl.reward` as the reward function. The other formats have the
    columns of their trainers, whose reward functions are in `whetstone.integrations.verl` and so on.

    Examples: `whetstone export --suite all --levels 0-10 -n 10000 --out data.parquet`,
    `whetstone export --suite train --format slime --out train.jsonl`
    """
    from whetstone.envs.suites import load_suite, parse_levels, show_levels
    from whetstone.export import export as write

    chosen = load_suite(suite)
    wanted = chosen.levels if levels is None else parse_levels(levels)
    if engine == "ray":
        from whetstone.ray_export import RayDraws
        from whetstone.ray_settings import RaySettings

        with RayDraws(RaySettings(judges=workers), -(-number // (len(chosen.tasks) * len(wanted)))) as draw:
            written = write(chosen.tasks, wanted, number, split, out, trainer, draw)
    else:
        written = write(chosen.tasks, wanted, number, split, out, trainer)
    print(f"{out}: {written:,} problems of {len(chosen.tasks)} tasks, levels {show_levels(wanted)}, {split} split")
    if written < number:
        print(f"There are no more: {number:,} were asked for, and no prompt is written twice")
