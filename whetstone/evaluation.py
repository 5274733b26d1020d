"""One evaluation from start to end: a policy, an exam, and a folder that it can be resumed from."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from rich.console import Console

from whetstone.eval_progress import EvalProgress
from whetstone.evaldir import Asked, EvalDir
from whetstone.evaluate import Attempts, Judging, Unit, ask
from whetstone.exam import Item, drawn, listed
from whetstone.files import RunError
from whetstone.policies import Policy, Runs
from whetstone.rollout.strategies import Cost, StrategySpec, parse_strategy
from whetstone.rollout.types import Sampling
from whetstone.rows import Problem, Row
from whetstone.rundir import Existing
from whetstone.summary import Summary

MILLION = 1e6


@dataclass(frozen=True)
class Price:
    """US dollars for a million tokens that are read, and written."""

    read: float
    written: float

    @classmethod
    def parse(cls, text: str) -> Price:
        """A price from `IN,OUT`; raises `ValueError` for anything else."""
        try:
            read, written = map(float, text.split(","))
        except ValueError:
            raise ValueError(
                f"expected a price such as 0.5,1.5 (dollars a million tokens in, out), not {text!r}"
            ) from None
        if read < 0 or written < 0:
            raise ValueError(f"a price cannot be negative: {text!r}")
        return cls(read, written)

    def of(self, prompt: str, read: int, written: int) -> float:
        """What answers cost, in dollars; a prompt that nobody counted has a token for every four characters."""
        return ((read or len(Runs().encode(prompt))) * self.read + written * self.written) / MILLION


class LimitReached(RunError):
    """The evaluation stopped because it had cost what it may."""


def items_of(asked: Asked) -> list[Item]:
    """The exam; raises `UnknownTask`, `BrokenTask`, or `ValueError` for a benchmark that cannot be read."""
    found = listed(asked.benchmarks, asked.problems, asked.seed)
    if asked.tasks:
        split = "train" if asked.split == "train" else "eval"
        found = drawn(asked.tasks, asked.levels, asked.problems or 20, asked.seed, split) + found
    return found


def attempts_of(asked: Asked, policy: Policy) -> Attempts:
    """How each problem is tried."""
    spec = parse_strategy(asked.strategy)
    if _plain(spec):
        return Attempts.independent(asked.samples, asked.sampling)
    return Attempts(spec.build(policy.tokenizer, asked.sampling), asked.samples)


def unit_size(strategy: str, samples: int) -> int:
    """Rows of one attempt."""
    spec = parse_strategy(strategy)
    if _plain(spec):
        return samples
    return spec.build(Runs(), Sampling()).size


def rows_in_all(asked: Asked, items: int) -> int:
    """Rows that the evaluation will have."""
    spec = parse_strategy(asked.strategy)
    return items * asked.size * (1 if _plain(spec) else asked.samples)


def _plain(spec: StrategySpec) -> bool:
    """Whether all samples of a problem are one request, so that its prompt is read once."""
    return spec.name == "single" and not spec.numbers


def run_evaluation(
    folder: Path,
    asked: Asked,
    items: Sequence[Item],
    make_policy: Callable[[], Policy],
    console: Console,
    title: str,
    exist: Existing = "refuse",
    price: Price | None = None,
    limit: float | None = None,
    make_judging: Callable[[], Judging | None] = lambda: None,
) -> Summary:
    """Ask what is not answered yet, with progress, into `folder`; the summary of all of it.

    `make_policy` is called once, when the folder is ready. With a `price`, no new problem is begun when `limit`
    dollars have been spent: `LimitReached`. `make_judging` says where answers are judged, if not here. Raises
    `RunError` when the folder is taken or the disk is full.
    """
    with EvalDir.create(folder, asked, exist) as evaluation:
        before = evaluation.rows()
        done = evaluation.done(asked)
        kept = [row for row in before if Unit(row.key, row.sample // asked.size) in done]
        total = rows_in_all(asked, len(items))
        spent = sum(price.of(row.prompt, row.read, row.spent) for row in before) if price else 0.0

        def stop() -> bool:
            return limit is not None and spent >= limit

        def charge(prompt: str, cost: Cost) -> None:
            nonlocal spent
            spent += price.of(prompt, cost.read, cost.written) if price else 0.0

        def keep(unit: Unit, problem: Problem | None, rows: Sequence[Row]) -> None:
            evaluation.add(problem, rows)
            progress.add(rows)

        with EvalProgress(console, title, total, kept) as progress:
            if len(kept) < total:
                policy = make_policy()
                evaluation.record_device(policy.device)
                refusal = partial(policy.refusal, new=asked.sampling.max_tokens)
                how = {"refusal": refusal, "judging": make_judging(), "charge": charge}
                ask(policy.sampler, items, attempts_of(asked, policy), keep, done, stop, **how)
        summary = evaluation.finish()
    if stop() and progress.done < total:
        raise LimitReached(
            f"stopped at {progress.done} of {total} rollouts, which cost {spent:.2f} dollars of {limit:.2f}; "
            f"results so far are in {folder}, go on with --resume and a higher --limit-cost"
        )
    return summary
