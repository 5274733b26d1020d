"""The commands about programming problems: problems, problems show, problems check, problems build."""

from __future__ import annotations

import dataclasses
import json
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:
    from whetstone.envs.code.certificate import Certificate, Certified, Refusal
    from whetstone.envs.code.sandbox import Sandbox

problems = typer.Typer(
    invoke_without_command=True, help="Programming problems: list them, look at one, certify, build their tests."
)

ProblemId = Annotated[str, typer.Argument(metavar="PROBLEM", help="A problem's id, such as arrays/maximum_subarray.")]
MaybeId = Annotated[str | None, typer.Argument(metavar="[PROBLEM]", help="A problem's id.")]
All = Annotated[bool, typer.Option("--all", help="Every problem.")]
Json = Annotated[bool, typer.Option("--json", help="Print one JSON object a line.")]
ABREAST = 2  # problems that are certified at a time: one makes inputs while the other's programs run


@problems.callback()
def list_problems(
    context: typer.Context,
    topic: Annotated[str | None, typer.Option(help="Only this topic, such as graphs.")] = None,
    as_json: Json = False,
) -> None:
    """List the programming problems, with the tests of each and the share of mutants that they reject.

    Examples: `whetstone problems`, `whetstone problems --topic graphs`
    """
    if context.invoked_subcommand is not None:
        return
    from whetstone.envs.code import catalog
    from whetstone.envs.code.stored import StaleProblem

    found = catalog.problem_ids(topic)
    if not found:
        known = sorted({problem.partition("/")[0] for problem in catalog.problem_ids()})
        raise ValueError(f"there is no topic {topic!r}; there are {', '.join(known)}")
    width = max(map(len, found))
    for problem in found:
        blueprint = catalog.blueprint(problem)
        row: dict[str, Any] = {"id": problem, "title": blueprint.title, "level": blueprint.level}
        row["topics"] = list(blueprint.topics)
        try:
            certificate = catalog.stored(problem).certificate
            row |= {"tests": certificate.tests, "mutation_score": certificate.score}
            figures = f"{certificate.tests:2} tests {certificate.score:4.0%}"
        except StaleProblem:
            figures = "not built".ljust(13)
        if as_json:
            print(json.dumps(row))
        else:
            topics = ", ".join(blueprint.topics)
            print(f"{problem:{width}}  level {blueprint.level:2}  {figures}  {blueprint.title} ({topics})")
    if not as_json:
        print(f"\n{len(found)} problems. Look at one with: whetstone problems show {found[0]}")


@problems.command()
def show(problem: ProblemId) -> None:
    """Print a problem as a policy sees it, its limits and its certificate.

    Example: `whetstone problems show arrays/maximum_subarray`
    """
    from whetstone.envs.code import catalog

    shown, certificate = catalog.problem(problem), catalog.stored(problem).certificate
    print(f"{shown.title}\n\n{shown.statement}\n\nInput. {shown.input_format}\n\nOutput. {shown.output_format}")
    for number, sample in enumerate(shown.samples, start=1):
        print(f"\nSample input {number}:\n{sample.input}Sample output {number}:\n{sample.output}", end="")
    limits = f"{shown.limits.cpu:g} s of CPU time, {shown.limits.memory >> 20} MiB"
    print(f"\nLevel {shown.level}, {', '.join(shown.topics)}; {limits}.")
    print(f"{certificate.tests} tests, which reject {certificate.score:.1%} of {certificate.mutants} mutants.")


@problems.command()
def check(problem: MaybeId = None, all_problems: All = False, as_json: Json = False) -> None:
    """Certify problems by the tests that are shipped; exit status 1 if one fails.

    Examples: `whetstone problems check arrays/maximum_subarray`, `whetstone problems check --all --json`
    """
    from whetstone.envs.code import catalog
    from whetstone.envs.code.certificate import Refusal
    from whetstone.envs.code.stored import StaleProblem
    from whetstone.envs.code.synthesis import certify

    def one(problem: str, sandbox: Sandbox) -> Certified | Refusal:
        try:
            return certify(catalog.blueprint(problem), catalog.problem(problem).tests, sandbox)
        except StaleProblem as error:
            return Refusal(problem, str(error))

    _report(_wanted(problem, all_problems), one, as_json)


@problems.command()
def build(problem: MaybeId = None, all_problems: All = False, as_json: Json = False) -> None:
    """Choose the tests of problems, certify them, and store them beside the blueprints.

    Examples: `whetstone problems build arrays/maximum_subarray`, `whetstone problems build --all`
    """
    from whetstone.envs.code import catalog, synthesis
    from whetstone.envs.code.certificate import Certified
    from whetstone.envs.code.stored import Stored, digest

    def one(problem: str, sandbox: Sandbox) -> Certified | Refusal:
        source = catalog.source_file(problem)
        outcome = synthesis.build(catalog.blueprint(problem), sandbox)
        if isinstance(outcome, Certified):
            made = digest(source.read_text(encoding="utf-8"))
            stored = Stored(made, outcome.certificate, outcome.problem.samples, outcome.tests)
            stored.write(catalog.stored_file(problem))
        return outcome

    _report(_wanted(problem, all_problems), one, as_json)


def _wanted(problem: str | None, all_problems: bool) -> list[str]:
    from whetstone.envs.code import catalog

    if (problem is None) != all_problems:
        raise ValueError("expected a problem's id, or --all; `whetstone problems` shows the ids")
    return catalog.problem_ids() if problem is None else [problem]


def _report(wanted: Sequence[str], work: Callable[[str, Sandbox], Certified | Refusal], as_json: bool) -> None:
    """Do `work` on each problem and print its certificate; leaves with status 1 if a problem was refused."""
    from whetstone.envs.code.certificate import Refusal

    width, refused, start = max(map(len, wanted)), 0, time.monotonic()
    if not as_json:
        print(f"{'problem':{width}}{''.join(f'{name:>10}' for name in COLUMNS)}")
    for problem, outcome in _done(wanted, work):
        if isinstance(outcome, Refusal):
            refused += 1
            print(json.dumps({"passed": False, **dataclasses.asdict(outcome)}) if as_json else f"REFUSED {outcome}")
        elif as_json:
            print(json.dumps({"passed": True, "problem": problem, **dataclasses.asdict(outcome.certificate)}))
        else:
            row = _row(outcome.certificate, outcome.cpu)
            print(f"{problem:{width}}{''.join(f'{text:>10}' for text in row)}", flush=True)
    if not as_json:
        print(f"\n{len(wanted) - refused} of {len(wanted)} problems hold, {time.monotonic() - start:.0f} s.")
    if refused:
        raise typer.Exit(1)


def _done(
    wanted: Sequence[str], work: Callable[[str, Sandbox], Certified | Refusal]
) -> Iterator[tuple[str, Certified | Refusal]]:
    from whetstone.envs.code.sandbox import Sandbox

    with Sandbox() as sandbox, ThreadPoolExecutor(ABREAST) as pool:
        yield from zip(wanted, pool.map(lambda problem: work(problem, sandbox), wanted), strict=True)


COLUMNS = ("tests", "agreed", "mutants", "score", "right", "TPR", "wrong", "TNR", "audit", "TNR", "ref. CPU")


def _row(certificate: Certificate, cpu: float) -> list[str]:
    c = certificate
    figures = [
        str(c.tests),
        str(c.agreed),
        f"{c.mutants}+{c.equivalent}",
        f"{c.score:.1%}",
        str(c.right),
        f"{c.tpr:.1%}",
    ]
    return [*figures, str(c.wrong), f"{c.tnr:.1%}", str(c.audit_wrong), f"{c.audit_tnr:.1%}", f"{cpu:.3f} s"]
