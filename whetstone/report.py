"""One self-contained HTML page about runs: what they can do, how they learned, and every rollout to read.

Nothing is required: a run without evaluations, rollouts or metrics gives a page without that part.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import jinja2
from markupsafe import Markup

from whetstone.compare import compare
from whetstone.compute import budget_curve, voting_curve
from whetstone.files import write_atomically
from whetstone.found import Evaluated, Found, NotARun, find
from whetstone.stored_rollouts import VERDICTS, Packed, packed
from whetstone.summary import Summary, mean_frontier

__all__ = ["NotARun", "Page", "compose", "write_report"]

TEMPLATES = Path(__file__).parent / "templates"
SHOWN_FIRST = ("loss", "reward", "accuracy", "entropy", "kl", "length", "tokens_per_second", "mean_frontier")
POINTS = 1200  # of a curve; more cannot be told apart on a screen
MANY = 40  # tasks, from which on families stand for them


def write_report(runs: Path | Sequence[Path], out: Path | None = None) -> Path:
    """Writes the report of runs to `out` (`report.html` in the first one's folder unless told) and returns where.

    Raises `NotARun` for a directory that is none. What cannot be read is left out, and the page says so.
    """
    folders = [runs] if isinstance(runs, Path) else list(runs)
    page = compose(folders)
    out = out or folders[0] / "report.html"
    text = page.html()
    write_atomically(out, lambda file: file.write_text(text, encoding="utf-8"))
    return out


@dataclass(frozen=True)
class Page:
    """A page that is ready to be written: what the template shows, and the rollouts packed."""

    name: str
    found: Found
    data: dict[str, Any]
    rollouts: Packed

    def html(self, live: str = "", version: str = "") -> str:
        """The page with everything in it; with `live`, the address from which it fetches rollouts, and news."""
        environment = jinja2.Environment(
            loader=jinja2.FileSystemLoader(TEMPLATES),
            autoescape=True,
            undefined=jinja2.StrictUndefined,
            trim_blocks=True,
        )
        inline = {} if live else {"index": _text(self.rollouts.index), "chunks": map(_text, self.rollouts.chunks)}
        return environment.get_template("report.html").render(
            name=self.name,
            style=_template("report.css"),
            script=Markup("").join(map(_template, ("charts.js", "reader.js", "report.js"))),
            data=Markup(as_script(self.data)),
            headlines=[headline(evaluated) for evaluated in self.found.evaluations],
            results=results(self.found.evaluations),
            compute=bool(self.data["compute"]),
            sources=self.found.sources,
            verdicts=VERDICTS,
            stages=list(self.found.curves),
            settings=self.found.settings,
            environment=self.found.environment,
            notes=self.found.notes,
            rows=self.rollouts.rows,
            live=live,
            version=version,
            **{"index": "", "chunks": ()} | inline,
        )


def compose(runs: Sequence[Path], name: str | None = None) -> Page:
    """Reads the runs and works out what the page shows."""
    found = find(runs)
    data = {
        "curves": [{"stage": stage, "charts": charts(series)} for stage, series in found.curves.items()],
        "compute": compute_charts(found.evaluations),
    }
    return Page(name or " + ".join(run.resolve().name for run in runs), found, data, packed(found.sources))


def _template(name: str) -> Markup:
    return Markup((TEMPLATES / name).read_text(encoding="utf-8"))


def _text(data: bytes) -> str:
    return base64.b64encode(data).decode()


def as_script(data: Any) -> str:
    """JSON that may stand inside a `<script>` element, whatever text is in it."""
    return json.dumps(data, ensure_ascii=False, allow_nan=False, separators=(",", ":")).replace("<", "\\u003c")


# -- curves -----------------------------------------------------------------------------------------------------------


def charts(series: dict[str, dict[int, float]]) -> list[dict[str, Any]]:
    """Charts of one stage: single curves, the best known first; a nested metric is one chart with a curve a task."""
    names = sorted(series, key=lambda name: (SHOWN_FIRST.index(name) if name in SHOWN_FIRST else 99, name))
    drawn: dict[str, dict[str, Any]] = {}
    for name in names:
        title, _, curve = name.partition(".")
        chart = drawn.setdefault(title, {"title": title.replace("_", " "), "first": title in SHOWN_FIRST, "curves": []})
        points = sorted(series[name].items())
        chart["curves"].append({"name": curve, "points": thinned(points, POINTS)})
    return list(drawn.values())


def thinned(things: Sequence[Any], most: int) -> list[Any]:
    """At most `most` of `things`, evenly spaced, the first and the last among them."""
    if len(things) <= most:
        return list(things)
    return [things[round(i * (len(things) - 1) / (most - 1))] for i in range(most)]


def compute_charts(evaluations: Sequence[Evaluated]) -> list[dict[str, Any]]:
    """Test-time compute: what each evaluation spent and reached, votes among its samples, and shorter budgets."""
    spent, budgets = [], []
    for color, evaluated in enumerate(evaluations):
        summary, label = evaluated.summary, evaluated.label
        if summary.overall is None or not summary.tokens:
            continue
        plain = evaluated.asked is None or evaluated.asked.strategy == "single"
        if plain and (votes := voting_curve(evaluated.rows)):
            spent.append(
                {
                    "name": f"{label}, majority of its samples",
                    "color": color,
                    "points": [[p.tokens, p.accuracy] for p in votes],
                }
            )
            reached = [[votes[i].tokens, e.value] for i, e in enumerate(summary.pass_at.values()) if i < len(votes)]
            spent.append(
                {"name": f"{label}, any of its samples (pass@k)", "color": color, "points": reached, "faint": True}
            )
        else:
            overall = summary.overall
            spent.append(
                {"name": label, "color": color, "points": [[summary.tokens, overall.value, overall.low, overall.high]]}
            )
        if plain and (curve := budget_curve(evaluated.rows)):
            budgets.append({"name": label, "color": color, "points": [[p.tokens, p.accuracy] for p in curve]})
    found = []
    if spent:
        found.append({"title": "Accuracy against tokens spent on a problem", "x": "tokens a problem", "curves": spent})
    if budgets:
        title = "Accuracy if completions had to be shorter"
        found.append({"title": title, "x": "tokens a completion", "curves": budgets})
    return found


# -- tables -----------------------------------------------------------------------------------------------------------


def headline(evaluated: Evaluated) -> dict[str, Any]:
    """The line of an evaluation in the first table."""
    summary, asked = evaluated.summary, evaluated.asked
    return {
        "label": evaluated.label,
        "over": evaluated.over,
        "policy": asked.policy if asked else "",
        "strategy": f"{asked.strategy}, {asked.samples} sample{'s' * (asked.samples > 1)}" if asked else "",
        "overall": summary.overall,
        "by_family": summary.by_family if len(summary.families) > 1 else None,
        "frontier": mean_frontier(summary.tasks),
        "pass_at": list(summary.pass_at.items())[-1:],
        "pass_all": list(summary.pass_all.items())[-1:],
        "tokens": summary.tokens,
        "problems": summary.problems,
        "rows": summary.rows,
    }


def results(evaluations: Sequence[Evaluated]) -> dict[str, Any] | None:
    """The first and the last evaluation side by side; one evaluation stands as "after", with nothing before."""
    if not evaluations:
        return None
    last, first = evaluations[-1], evaluations[0] if len(evaluations) > 1 else None
    before = first.summary if first else None
    *tasks, total = compare(before or Summary(None, [], [], {}, 0), last.summary)
    families = dict.fromkeys(line.task.partition("/")[0] for line in tasks)
    both = [line for line in tasks if line.frontier.difference is not None]
    levels = sorted({cell.level for evaluated in evaluations for cell in evaluated.summary.cells})
    low, high = min(levels) - 1, max(levels) + 1
    return {
        "before": first.label if first else None,
        "after": last.label,
        "tasks": tasks,
        "total": total,
        "many": len(tasks) > MANY,
        "groups": {name: [line for line in tasks if line.task.partition("/")[0] == name] for name in families},
        "raised": sum((line.frontier.difference or 0) > 0 for line in both),
        "both": len(both),
        "levels": levels,
        "maps": heat_maps(first, last),
        "at": lambda level: f"{100 * (level - low) / (high - low):.2f}%",
        "ticks": [level for level in range(low, high + 1) if (level - low) % max(1, (high - low) // 12) == 0],
    }


Cells = dict[tuple[str, int], dict[str, Any]]
"""(task or family, level) -> `value` in [-1, 1] and `tip`, what it says when pointed at."""


def heat_maps(first: Evaluated | None, last: Evaluated) -> list[dict[str, Any]]:
    """Task x level: accuracy of each evaluation, and their difference; families have lines of their own."""
    maps = [{"title": last.label, "signed": False, "cells": (new := accuracies(last.summary))}]
    if first is None:
        return maps
    old = accuracies(first.summary)
    moved: Cells = {
        key: {
            "value": new[key]["value"] - old[key]["value"],
            "tip": f"{old[key]['value']:.2f} before, {new[key]['value']:.2f} after",
        }
        for key in new
        if key in old
    }
    before = {"title": first.label, "signed": False, "cells": old}
    return [before, *maps, {"title": "difference", "signed": True, "cells": moved}]


def accuracies(summary: Summary) -> Cells:
    """The cells of one evaluation that have trials, and their means by family."""
    found: Cells = {}
    groups: dict[tuple[str, int], list[float]] = {}
    for cell in summary.cells:
        if cell.accuracy:
            low, high = cell.accuracy.low, cell.accuracy.high
            tip = f"{cell.correct} of {cell.trials} right ({low:.2f} to {high:.2f})"
            found[cell.task, cell.level] = {"value": cell.accuracy.value, "tip": tip}
            groups.setdefault((cell.task.partition("/")[0], cell.level), []).append(cell.accuracy.value)
    for key, values in groups.items():
        mean = sum(values) / len(values)
        found[key] = {"value": mean, "tip": f"mean of {len(values)} tasks: {mean:.2f}"}
    return found
