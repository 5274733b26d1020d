"""The commands about measuring: eval, reverify, compare, report, view."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer
from rich.console import Console

from whetstone.envs.core import Split

if TYPE_CHECKING:
    from whetstone.evaldir import Asked
    from whetstone.policies import PolicySpec
    from whetstone.ray_settings import RaySettings
    from whetstone.settings import Recipe

measuring = typer.Typer()
MAX_TOKENS = 4096  # of a policy that no recipe says more about
PROBLEMS = 20  # of a task and level
Engine = Literal["local", "ray"]

Folder = Annotated[Path, typer.Argument(metavar="RUN", help="A run's folder, or an evaluation's.")]


@measuring.command("eval")
def evaluate(
    context: typer.Context,
    policy: Annotated[str, typer.Argument(metavar="POLICY", help="A run, a checkpoint, hf:NAME, vllm:NAME, …")],
    suite: Annotated[
        str | None, typer.Option(help="Suites, families, tasks, TOML files, benchmarks (NAME or NAME=FILE), by comma.")
    ] = None,
    levels: Annotated[str | None, typer.Option(help="Levels, such as 0-10 or 0,5,10.")] = None,
    problems: Annotated[
        int | None, typer.Option(min=1, help="Problems of each task and level; of a benchmark, all unless given.")
    ] = None,
    samples: Annotated[int | None, typer.Option(min=1, help="Attempts at each problem.")] = None,
    strategy: Annotated[
        str, typer.Option(help="single, majority, best-of-n, rsa, delethink or markovian-rsa, such as majority:n=8.")
    ] = "single",
    temperature: Annotated[float | None, typer.Option(min=0, help="Sampling temperature; 0 is greedy.")] = None,
    top_p: Annotated[float, typer.Option(min=0, max=1, help="Share of the probability that is sampled from.")] = 1.0,
    max_tokens: Annotated[int | None, typer.Option(min=1, help="Longest completion, in tokens.")] = None,
    seed: Annotated[int, typer.Option(min=0, help="Which problems; the same seed asks the same.")] = 0,
    split: Annotated[Split, typer.Option(help="Problems to train on, or those kept apart.")] = "eval",
    out: Annotated[Path | None, typer.Option(help="The folder to write.")] = None,
    resume: Annotated[bool, typer.Option("--resume", help="Go on with an evaluation that was stopped.")] = False,
    overwrite: Annotated[bool, typer.Option("--overwrite", help="Replace an evaluation that is there.")] = False,
    limit_cost: Annotated[float | None, typer.Option(min=0, help="Stop at so many dollars; needs --price.")] = None,
    price: Annotated[str | None, typer.Option(metavar="IN,OUT", help="Dollars a million tokens read, written.")] = None,
    engine: Annotated[Engine, typer.Option(help="Sample and judge here, or by workers of a Ray cluster.")] = "local",
    samplers: Annotated[int | None, typer.Option(min=1, help="Samplers of the cluster; else the run's.")] = None,
    judges: Annotated[int | None, typer.Option(min=1, help="Judges of the cluster; else the run's.")] = None,
    gpus: Annotated[float | None, typer.Option(min=0, help="GPUs of each sampler; else the run's.")] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Say what would be asked, and stop.")] = False,
) -> None:
    """Measure any policy on any suite, into a folder that a crash cannot spoil.

    A policy is a run (the last checkpoint of each stage; what is not given is its recipe's), a checkpoint, `hf:NAME`,
    `vllm:NAME`, `openai:MODEL`, an address such as `http://localhost:8000/v1`, or `oracle`, `null`, `random`.

    Examples: `whetstone eval runs/quickstart`, `whetstone eval oracle --suite all --levels 0,5,10 --problems 3`,
    `whetstone eval http://localhost:8000/v1 --suite heldout,aime-2025 --samples 8 --temperature 0.7`
    """
    from whetstone.evaluation import Price, items_of, run_evaluation
    from whetstone.policies import open_policy, parse_policy
    from whetstone.summary_table import overview

    if resume and overwrite:
        raise ValueError("--resume goes on and --overwrite begins anew: give one of them")
    if limit_cost is not None and price is None:
        raise ValueError("--limit-cost needs --price IN,OUT: dollars for a million tokens read, and written")
    given = _Given(suite, levels, problems, samples, strategy, temperature, top_p, max_tokens, seed, split)
    specs = parse_policy(policy)
    recipe = _recipe(policy, specs)
    folders, console, budget = [], Console(), Price.parse(price) if price else None
    for spec in specs:
        asked = given.asked(spec, recipe)
        folder = out if out is not None and len(specs) == 1 else _folder(out or _home(policy, spec), spec, given)
        items = items_of(asked)
        if dry_run:
            print("\n".join(_plan(asked, len(items), folder, budget)))
            continue
        context.obj.run, context.obj.again = folder, f"whetstone eval {policy} … --resume"
        exist = "resume" if resume else "overwrite" if overwrite else "refuse"
        threads, title = recipe.threads if recipe else 1, f"evaluating {spec.label}"
        if engine == "ray":
            from whetstone.ray_evaluation import evaluate_by_ray

            spread = _spread(recipe, samplers, judges, gpus)
            evaluate_by_ray(folder, asked, items, spec, threads, spread, console, title, exist, budget, limit_cost)
        else:
            make = partial(open_policy, spec, items, threads, strategy.startswith("best-of-n"))
            run_evaluation(folder, asked, items, make, console, title, exist, budget, limit_cost)
        folders.append(folder)
    if folders:
        console.print(overview(folders))
        print(f"Measured. Read it with: whetstone report {policy if recipe else ' '.join(map(str, folders))}")


class _Given:
    """The options as they were given; None is for the recipe, or the defaults, to say."""

    def __init__(
        self,
        suite: str | None,
        levels: str | None,
        problems: int | None,
        samples: int | None,
        strategy: str,
        temperature: float | None,
        top_p: float,
        max_tokens: int | None,
        seed: int,
        split: Split,
    ) -> None:
        from whetstone.exam import parse_level_list

        self.suite = tuple(name.strip() for name in suite.split(",")) if suite else None
        self.levels = None if levels is None else parse_level_list(levels)
        self.problems, self.samples, self.strategy, self.temperature = problems, samples, strategy, temperature
        self.top_p, self.max_tokens, self.seed, self.split = top_p, max_tokens, seed, split

    def asked(self, spec: PolicySpec, recipe: Recipe | None) -> Asked:
        """What is asked of this policy; raises `ValueError` for what does not go together."""
        from whetstone.evaldir import Asked
        from whetstone.evaluation import unit_size
        from whetstone.exam import Scope, scope
        from whetstone.rollout.types import Sampling

        own = recipe.eval if recipe else None
        if self.suite is None and recipe is not None:
            found = Scope(recipe.tasks, self.levels or tuple(recipe.eval.levels), ())
        else:
            found = scope(self.suite or ("quick",), self.levels)
        samples = self.samples or (own.samples if own else 1)
        temperature = self.temperature if self.temperature is not None else own.temperature if own else 0.0
        greedy = temperature == 0 and spec.kind != "baseline"
        if greedy and (samples > 1 or self.strategy != "single"):
            raise ValueError("at temperature 0 all samples of a problem are the same: give --temperature")
        problems = self.problems or (own.problems if own and not found.benchmarks else None)
        return Asked(
            policy=spec.text,
            suite=self.suite or ((recipe.name,) if recipe else ("quick",)),
            tasks=found.tasks,
            levels=found.levels if found.tasks else (),
            benchmarks=found.benchmarks,
            problems=problems if problems is not None or found.benchmarks else PROBLEMS,
            samples=samples,
            strategy=self.strategy,
            sampling=Sampling(
                max_tokens=self.max_tokens or (own.max_tokens if own else MAX_TOKENS),
                temperature=temperature,
                top_p=self.top_p,
            ),
            seed=self.seed,
            split=self.split,
            size=unit_size(self.strategy, samples),
        )


def _spread(recipe: Recipe | None, samplers: int | None, judges: int | None, gpus: float | None) -> RaySettings:
    """The workers of the cluster: the run's, or the defaults, with what was given."""
    from whetstone.ray_settings import RaySettings

    given = {"samplers": samplers, "judges": judges, "sampler_gpus": gpus}
    own = recipe.ray if recipe else RaySettings()
    return own.model_copy(update={name: value for name, value in given.items() if value is not None})


def _recipe(policy: str, specs: list[PolicySpec]) -> Recipe | None:
    from whetstone.rundir import RunDir

    return RunDir.open(Path(policy)).recipe() if specs[0].kind == "run" else None


def _home(policy: str, spec: PolicySpec) -> Path:
    """Where evaluations of this policy are kept."""
    return Path(policy) / "evals" if spec.kind == "run" else Path("runs") / "evals"


def _folder(home: Path, spec: PolicySpec, given: _Given) -> Path:
    """The evaluation's folder: a stage of a run by its own name, anything else by what was asked as well."""
    from whetstone.policies import slug

    parts = [spec.label]
    if given.suite is not None or spec.kind != "run":
        parts.append("+".join(slug(name.partition("=")[0].removesuffix(".toml")) for name in given.suite or ("quick",)))
    if given.strategy != "single":
        parts.append(slug(given.strategy))
    return home / "-".join(parts)[:100]


def _plan(asked: Asked, items: int, folder: Path, price: object) -> list[str]:
    """What would be done, for `--dry-run`."""
    from whetstone.evaluation import Price, rows_in_all

    rows, most = rows_in_all(asked, items), asked.sampling.max_tokens
    what = [f"{len(asked.tasks)} tasks at levels {', '.join(map(str, asked.levels))}"] if asked.tasks else []
    what += [f"benchmarks {', '.join(asked.benchmarks)}"] if asked.benchmarks else []
    lines = [
        f"policy: {asked.policy}",
        f"suite: {'; '.join(what)}",
        f"{items} problems, {asked.samples} samples each by {asked.strategy}: {rows} rollouts",
        f"sampling: temperature {asked.sampling.temperature:g}, at most {most} tokens",
        f"results: {folder}",
    ]
    if isinstance(price, Price) and asked.strategy == "single":
        lines.append(f"written tokens cost at most {rows * most * price.written / 1e6:.2f} dollars")
    return lines


@measuring.command()
def reverify(
    run: Folder,
    write: Annotated[bool, typer.Option("--write", help="Keep the new verdicts and the new summary.")] = False,
) -> None:
    """Judge stored rollouts again with today's verifiers, and print what changed.

    Example: `whetstone reverify runs/evals/oracle-quick`
    """
    from whetstone.reverify import reverify as judge_again

    changed = [judge_again(folder, Console(), write) for folder in _evaluations(run)]
    raise typer.Exit(1 if any(changed) and not write else 0)


@measuring.command()
def compare(
    before: Annotated[Path, typer.Argument(metavar="A", help="An evaluation's folder, or a run's with one.")],
    after: Annotated[Path, typer.Argument(metavar="B", help="Another one.")],
    markdown: Annotated[bool, typer.Option("--markdown", help="Print the tables in Markdown.")] = False,
) -> None:
    """Compare two evaluations, problem by problem: differences with intervals, tasks that moved, a sign test.

    Example: `whetstone compare runs/quickstart/evals/sft runs/quickstart/evals/grpo`
    """
    from whetstone.compare import compare_markdown, compare_table
    from whetstone.evaldir import EvalDir
    from whetstone.paired import Paired

    first, second = _one(before), _one(after)
    paired = Paired.of(EvalDir.open(first).rows(), EvalDir.open(second).rows())
    console, title = Console(), f"{first.name} (before) and {second.name} (after)"
    if markdown:
        print(compare_markdown(*paired.summaries))
        print(paired.markdown())
        return
    console.print(compare_table(*paired.summaries, title))
    console.print(paired.table())
    console.print("\n".join(paired.sentences()), highlight=False)


@measuring.command()
def report(
    runs: Annotated[list[Path], typer.Argument(metavar="RUN...", help="Folders of runs or of evaluations.")],
    out: Annotated[Path | None, typer.Option(help="The HTML file to write; RUN/report.html unless given.")] = None,
) -> None:
    """Write a report: one HTML file with accuracies, curves and every rollout to read, that needs no network.

    Examples: `whetstone report runs/quickstart`, `whetstone report runs/evals/* --out all.html`
    """
    from whetstone.report import write_report

    print(f"Report: {write_report(runs, out)}")


@measuring.command()
def view(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="A folder with runs, at any depth.")] = Path("runs"),
    host: Annotated[str, typer.Option(help="The address to listen at.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=0, max=65535, help="The port.")] = 8910,
) -> None:
    """Serve the reports of all runs in a folder, updating while they go on.

    Example: `whetstone view runs`
    """
    from whetstone.view import serve

    if not folder.is_dir():
        raise ValueError(f"{folder} is no folder; give one that holds runs")
    serve(folder, host, port)


def _evaluations(path: Path) -> list[Path]:
    """The evaluation in a folder, or all those of a run; raises `RunError` where there are none."""
    from whetstone.evaldir import ASKED
    from whetstone.files import RunError

    if (path / ASKED).is_file():
        return [path]
    found = sorted(file.parent for file in path.glob(f"evals/*/{ASKED}"))
    if not found:
        raise RunError(f"there is no evaluation in {path}; `whetstone eval` makes one")
    return found


def _one(path: Path) -> Path:
    from whetstone.files import RunError

    found = _evaluations(path)
    if len(found) > 1:
        raise RunError(f"{path} holds {', '.join(each.name for each in found)}; name one of them")
    return found[0]
