"""How often the policy solves each listed problem before a stage begins, and which of them stay.

What is solved almost always teaches nothing (ZAYA1 keeps rows with a pass rate of at most 0.75, arXiv 2605.05365). The
rates are stored in the run, so that a stage that is resumed goes on with the same problems.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from typing import Any

from whetstone.blend import Blend
from whetstone.evaluate import Unit, request_seed
from whetstone.listed import Listed
from whetstone.questions import judge_all
from whetstone.rollout.types import Request, Sampler, Sampling
from whetstone.rows import Key
from whetstone.rundir import RunDir

Rates = dict[Key, float]
Share = Callable[[Sequence[Any]], Sequence[Any]]
AT_ONCE = 64  # problems that are sampled together


def pass_rates(
    listed: Listed, sampler: Sampler, sampling: Sampling, tries: int, fits: Callable[[str], bool], share: Share = list
) -> Rates:
    """The share of `tries` in which each problem was solved; problems that do not fit, or fail to be judged, have none.

    `share` says which of the problems this process measures.
    """
    rates: Rates = {}
    mine = share([listed.restore(item.key) for item in listed.items])
    asked = [question for question in mine if fits(question.prompt)]
    for start in range(0, len(asked), AT_ONCE):
        some = asked[start : start + AT_ONCE]
        requests = [Request(question.prompt, sampling, tries, request_seed(Unit(question.key))) for question in some]
        for question, group in zip(some, judge_all(some, sampler.generate(requests)), strict=True):
            judged = [row.correct for row in group if row.score is not None]
            if judged:
                rates[question.key] = sum(judged) / len(judged)
    return rates


def refilter(
    blend: Blend,
    sampler: Sampler,
    sampling: Sampling,
    file: str,
    run: RunDir | None,
    share: Share = list,
    gather: Callable[[list[Any]], list[Any]] = list,
) -> list[str]:
    """Leave the problems that the policy solves too often out of the blend's lists; a sentence for each list.

    With several processes each measures its `share`, and `gather` brings the rates together.
    """
    said = []
    for part in blend.parts:
        listed = part.source
        if not isinstance(listed, Listed) or listed.filter is None or listed.filter.pass_at_most >= 1:
            continue
        most, tries = listed.filter.pass_at_most, listed.filter.tries
        name = f"priors/{file}-{part.name}.json"
        (rates,) = gather([_stored(run, name)])[:1]  # what the first process has, which keeps the run
        if rates is None:
            found = pass_rates(listed, sampler, sampling, tries, blend.fits, share)
            rates = dict(gather(list(found.items())))
            if run:
                run.write_text(name, json.dumps([[*key, rate] for key, rate in sorted(rates.items())]) + "\n")
        before = len(listed.items)
        listed.keep({key for key, rate in rates.items() if rate <= most})
        said.append(
            f"{part.name}: {len(listed.items)} of {before} problems stay, solved at most {most:.0%} of {tries} times"
        )
    return said


def _stored(run: RunDir | None, name: str) -> Rates | None:
    if run is None or not (run.path / name).exists():
        return None
    rows = json.loads((run.path / name).read_text(encoding="utf-8"))
    return {Key(task, level, seed): rate for task, level, seed, rate in rows}
