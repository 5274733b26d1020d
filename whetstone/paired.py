"""Two evaluations compared problem by problem: equal keys are equal problems, so the pairs are real.

What makes problems easy or hard cancels in a difference of pairs, which is why its interval is narrower than the two
accuracies suggest.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from rich.box import SIMPLE_HEAD
from rich.table import Table

from whetstone.rows import Key, Row
from whetstone.statistics import Bootstrap, Estimate, sign_test, wilson
from whetstone.summary import Summary, Tally, summarise, tallies


@dataclass(frozen=True)
class Difference:
    """After minus before, over the pairs of a task or of all: the mean over levels, with its interval.

    `ups` and `downs` count the problems that more, and fewer, of the completions answered; `p` is the sign test's.
    """

    task: str
    pairs: int
    change: Estimate
    ups: int
    downs: int
    p: float

    @property
    def moved(self) -> bool:
        """Whether the interval leaves out 0."""
        return self.change.low > 0 or self.change.high < 0


@dataclass(frozen=True)
class Paired:
    """The differences by task and in all, of the problems that both have judged.

    `summaries` are of those problems alone. `alone` counts problems that only one has judged, `altered` those whose
    prompt is not the same in both (a task has changed in between); both are left out.
    """

    tasks: list[Difference]
    total: Difference
    summaries: tuple[Summary, Summary]
    alone: int
    altered: int

    @classmethod
    def of(cls, before: Iterable[Row], after: Iterable[Row]) -> Paired:
        """Raises `ValueError` when the two have no problem in common."""
        old, new = list(before), list(after)
        a, b = ({Key(t.task, t.level, t.seed): t for t in tallies(rows)} for rows in (old, new))
        prompts = {row.key: row.prompt for row in old}
        altered = {row.key for row in new if prompts.get(row.key, row.prompt) != row.prompt}
        common = sorted((set(a) & set(b)) - altered)
        if not common:
            raise ValueError("the two evaluations have no problem in common: ask the same suite, levels and seed")
        summaries = [summarise(row for row in rows if row.key in set(common)) for rows in (old, new)]
        by_task: dict[str, list[Key]] = defaultdict(list)
        for key in common:
            by_task[key.task].append(key)
        return cls(
            [_difference(task, keys, a, b) for task, keys in by_task.items()],
            _difference("all tasks", common, a, b),
            (summaries[0], summaries[1]),
            len(set(a) ^ set(b)),
            len(altered & set(a) & set(b)),
        )

    def table(self) -> Table:
        """The tasks that moved, and the total."""
        caption = "of the same problems; p: two-sided sign test over problems; brackets: 95 % intervals"
        table = Table(title="tasks that moved", caption=caption, box=SIMPLE_HEAD, padding=(0, 1, 0, 0))
        for i, name in enumerate(HEADER):
            table.add_column(name, justify="right" if i else "left", no_wrap=i > 0)
        for line in self.moved:
            table.add_row(*_cells(line))
        table.add_section()
        table.add_row(*_cells(self.total), style="bold")
        return table

    def markdown(self) -> str:
        """Every task and the total in Markdown, ending with a newline."""
        lines = ["| " + " | ".join(HEADER) + " |", "|---" + "|---:" * (len(HEADER) - 1) + "|"]
        lines += ["| " + " | ".join(_cells(line)) + " |" for line in self.tasks]
        lines.append("| " + " | ".join(f"**{cell}**" for cell in _cells(self.total)) + " |")
        return "\n".join(lines) + "\n"

    @property
    def moved(self) -> list[Difference]:
        """The tasks whose interval leaves out 0, the largest change first."""
        return sorted((line for line in self.tasks if line.moved), key=lambda line: -abs(line.change.value))

    def sentences(self) -> list[str]:
        """What the table does not say."""
        up = sum(line.change.value > 0 for line in self.tasks)
        down = sum(line.change.value < 0 for line in self.tasks)
        lines = [f"{up} tasks up, {down} down of {len(self.tasks)}: sign test over tasks p = {sign_test(up, down):.2g}"]
        expected = 0.05 * len(self.tasks)
        lines.append(f"{len(self.moved)} tasks moved; about {expected:.1f} would by chance if nothing had changed")
        if self.alone:
            lines.append(f"{self.alone} problems that only one of the two has judged are left out")
        if self.altered:
            lines.append(f"{self.altered} problems were not worded alike (a task has changed) and are left out")
        return lines


HEADER = ("task", "pairs", "change", "up", "down", "p")


def _difference(task: str, keys: Sequence[Key], a: Mapping[Key, Tally], b: Mapping[Key, Tally]) -> Difference:
    changes = [b[key].correct / b[key].trials - a[key].correct / a[key].trials for key in keys]
    cells = [(key.task, key.level) for key in keys]
    change = Bootstrap(changes, [key.seed for key in keys], cells).mean()
    ups, downs = sum(x > 0 for x in changes), sum(x < 0 for x in changes)
    if len(set(changes)) == 1:  # resampling equal values shows no doubt; few problems leave some all the same
        reach = wilson(0, len(keys))[1]
        change = Estimate(changes[0], max(-1.0, changes[0] - reach), min(1.0, changes[0] + reach))
    return Difference(task, len(keys), change, ups, downs, sign_test(ups, downs))


def _cells(line: Difference) -> list[str]:
    change = line.change
    shown = f"{change.value:+.3f} ({change.low:+.3f} to {change.high:+.3f})"
    return [line.task, str(line.pairs), shown, str(line.ups), str(line.downs), f"{line.p:.2g}"]
