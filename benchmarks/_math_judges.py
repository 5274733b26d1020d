"""Verdicts and speed of three judges of final answers, in one process: ours, Math-Verify, TRL's `accuracy_reward`.

Verdicts: the pairs of `tests/data/math_pairs.jsonl` one by one, and how often each judge agrees with the labels there,
in two sets of pairs of our own and in Math-Verify's released rows. Speed: pairs judged per second, golds read
beforehand, no pair judged twice; the judges take turns, and the median turn is reported.
"""

from __future__ import annotations

import argparse
import importlib.metadata
import importlib.util
import json
import logging
import platform
import time
from collections.abc import Callable, Iterator, Sequence
from itertools import count, islice
from pathlib import Path
from statistics import mean, median, quantiles
from typing import Any, NamedTuple

from math_verify import parse
from math_verify import verify as theirs_verify
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from whetstone.envs.math import parse_gold, verify
from whetstone.envs.math.pool import warm

ROOT = Path(__file__).parents[1]
DATA = ROOT / "tests" / "data"
TURNS = 5
Row = dict[str, Any]  # of Math-Verify's rows
GOLDS, BATCH = 64, 8  # golds read at a time; pairs between looks at the clock: one may take half a second


class Pair(NamedTuple):
    """A gold, an answer (both without math delimiters) and whether they are equal."""

    gold: str
    answer: str
    equal: bool


# -- the judges: a gold is read once, an answer is judged by what that gave ------------------------------------------


class Judge(NamedTuple):
    """`read` makes of a gold what `judge` takes beside an answer; `judge` says whether it is right."""

    read: Callable[[str], Any]
    judge: Callable[[Any, str], bool]


def dollars(text: str) -> str:
    """As Math-Verify wants a formula, unless the text brings delimiters or a box of its own."""
    return text if "$" in text or "\\boxed" in text else f"${text}$"


def trl_judge() -> Judge | None:
    """TRL's reward on a completion that boxes the answer; None without TRL."""
    if importlib.util.find_spec("trl") is None:
        return None
    from trl.rewards.accuracy_rewards import accuracy_reward

    def judge(gold: str, answer: str) -> bool:
        boxed = answer if "\\boxed" in answer else f"\\boxed{{{answer}}}"
        return accuracy_reward([[{"role": "assistant", "content": f"So it is ${boxed}$."}]], [gold]) == [1.0]

    return Judge(dollars, judge)


OURS = Judge(parse_gold, lambda gold, answer: verify(gold, answer).correct)
THEIRS = Judge(lambda gold: parse(dollars(gold)), lambda gold, answer: theirs_verify(gold, parse(dollars(answer))))


# -- verdicts --------------------------------------------------------------------------------------------------------


def pairs_of(name: str) -> list[Pair]:
    """The pairs of a file under `tests/data`."""
    rows = [json.loads(line) for line in (DATA / name).read_text(encoding="utf-8").splitlines()]
    return [Pair(row["gold"], row["answer"] if "answer" in row else row["pred"], row["equal"]) for row in rows]


def released_rows() -> tuple[list[Row], dict[str, Callable[[Row], bool]]]:
    """Math-Verify's rows, and how each judge takes them: ours as our tests do, theirs with its defaults."""
    file = ROOT / "tests" / "envs" / "math" / "test_math_verify_rows.py"
    spec = importlib.util.spec_from_file_location("math_verify_rows", file)
    assert spec and spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module.ROWS, {
        "ours": module.correct,
        "Math-Verify": lambda row: theirs_verify(parse(row["gold"]), parse(row["pred"])),
    }


def verdicts(judge: Judge, pairs: Sequence[Pair]) -> list[bool]:
    return [_accepted(judge, pair) for pair in pairs]


def _accepted(judge: Judge, pair: Pair) -> bool:
    """Whether a judge takes the answer for right; it does not where it refuses the gold."""
    try:
        return bool(judge.judge(judge.read(pair.gold), pair.answer))
    except ValueError:
        return False


def agreement(said: Sequence[bool], labels: Sequence[bool]) -> dict[str, int]:
    """Of the pairs, those judged as labelled; the unequal ones accepted; the equal ones refused."""
    both = list(zip(said, labels, strict=True))
    return {
        "right": sum(one == label for one, label in both),
        "of": len(both),
        "accepted wrongly": sum(one and not label for one, label in both),
        "refused wrongly": sum(label and not one for one, label in both),
    }


# -- pairs for timing: endless, all different, half of them equal ------------------------------------------------------


def integers() -> Iterator[Pair]:
    for i in count():
        yield Pair(str(1000 + 7 * i), str(1000 + 7 * i + i % 2), i % 2 == 0)


def fractions() -> Iterator[Pair]:
    for i in count(2):
        yield Pair(f"\\frac{{{i}}}{{{2 * i + 1}}}", f"{3 * i}/{6 * i + 3 + i % 2}", i % 2 == 0)


def surds() -> Iterator[Pair]:
    for i in count(2):
        yield Pair(f"\\sqrt{{{3 * i * i}}}", f"{i + i % 2}\\sqrt{{3}}", i % 2 == 0)


def polynomials() -> Iterator[Pair]:
    for i in count(2):
        yield Pair(f"(x+{i})(x-{i + 1})", f"x^2-x-{i * (i + 1) + i % 2}", i % 2 == 0)


def rational_functions() -> Iterator[Pair]:
    for i in count(2):
        yield Pair(f"\\frac{{x^2-{i * i}}}{{x-{i}}}", f"x+{i + i % 2}", i % 2 == 0)


def trigonometric() -> Iterator[Pair]:
    for i in count(2):
        yield Pair(f"\\sin {2 * i}x", f"{2 + i % 2}\\sin {i}x\\cos {i}x", i % 2 == 0)


def tuples() -> Iterator[Pair]:
    for i in count(2):
        other = f"\\left(\\frac{{2}}{{{2 * i}}}, \\sqrt{{{i + i % 2}}}\\right)"
        yield Pair(f"(\\frac{{1}}{{{i}}}, \\sqrt{{{i}}})", other, i % 2 == 0)


WORKLOADS: dict[str, Callable[[], Iterator[Pair]]] = {
    "integers": integers,
    "fractions": fractions,
    "surds": surds,
    "polynomials": polynomials,
    "rational functions": rational_functions,
    "trigonometric": trigonometric,
    "tuples": tuples,
}


class Turn(NamedTuple):
    """Answers judged in a second, golds read in a second, and the share of pairs judged rightly."""

    judged: float
    read: float
    right: float


def turn(judge: Judge, source: Iterator[Pair], seconds: float) -> Turn:
    """Golds are read first, then judged in batches until `seconds` have gone into judging."""
    read, done, right, reading, judging = 0, 0, 0, 0.0, 0.0
    while judging < seconds:
        pairs = list(islice(source, GOLDS))
        start = time.perf_counter()
        golds = [judge.read(pair.gold) for pair in pairs]
        reading += time.perf_counter() - start
        read += len(pairs)
        for at in range(0, GOLDS, BATCH):
            batch = list(zip(golds, pairs, strict=True))[at : at + BATCH]
            start = time.perf_counter()
            said = [judge.judge(gold, pair.answer) for gold, pair in batch]
            judging += time.perf_counter() - start
            done += len(batch)
            right += sum(bool(one) == pair.equal for one, (_, pair) in zip(said, batch, strict=True))
            if judging >= seconds:
                break
    return Turn(done / judging, read / reading, right / done)


def speeds(contestants: dict[str, Judge], seconds: float) -> dict[str, dict[str, dict[str, float]]]:
    """For each workload and judge: median, slowest and fastest turn in pairs a second, and the share judged right."""
    found: dict[str, dict[str, dict[str, float]]] = {}
    for name, workload in WORKLOADS.items():
        sources = {who: workload() for who in contestants}
        turns: dict[str, list[Turn]] = {who: [] for who in contestants}
        for who, judge in contestants.items():  # imports, workers and caches of the judges themselves
            turn(judge, sources[who], 1e-9)
        for _ in range(TURNS):
            for who, judge in contestants.items():
                turns[who].append(turn(judge, sources[who], seconds / TURNS))
        found[name] = {}
        for who, taken in turns.items():
            judged, read, right = zip(*taken, strict=True)
            row = {"median": median(judged), "slowest": min(judged), "fastest": max(judged)}
            found[name][who] = row | {"golds_read": median(read), "right": min(right)}
    return found


def judge_rows(rows: Sequence[Row], judges: dict[str, Callable[[Row], bool]]) -> dict[str, dict[str, Any]]:
    """For each judge: agreement with the rows' labels, and milliseconds a row. The judges take turns row by row."""
    said: dict[str, list[bool]] = {who: [] for who in judges}
    taken: dict[str, list[float]] = {who: [] for who in judges}
    for row in rows:
        for who, judge in judges.items():
            start = time.perf_counter()
            said[who].append(bool(judge(row)))
            taken[who].append(1000 * (time.perf_counter() - start))
    found = {}
    for who, times in taken.items():
        ms = {"mean": mean(times), "p50": median(times), "p95": quantiles(times, n=20)[-1], "max": max(times)}
        found[who] = {"agreement": agreement(said[who], [row["equal"] for row in rows]), "ms": ms}
    return found


# -- report ----------------------------------------------------------------------------------------------------------


def table(title: str, columns: Sequence[str], rows: Sequence[Sequence[str]]) -> Table:
    made = Table(title=title)
    for number, column in enumerate(columns):
        made.add_column(column, justify="left" if number == 0 else "right", overflow="fold")
    for row in rows:
        made.add_row(*map(escape, row))
    return made


def compare_verdicts(
    console: Console, contestants: dict[str, Judge], of_rows: dict[str, dict[str, Any]]
) -> dict[str, Any]:
    """Prints the pairs one by one and the agreement of every judge with every set of labels."""
    pairs = pairs_of("math_pairs.jsonl")
    others = {name: pairs_of(f"math_{name}_pairs.jsonl") for name in ("own", "more")}
    said = {who: verdicts(judge, pairs) for who, judge in contestants.items()}
    mark = {True: "yes", False: "no"}
    lines = []
    for number, pair in enumerate(pairs):
        cells = [mark[s[number]] + ("" if s[number] == pair.equal else "  x") for s in said.values()]
        lines.append([pair.gold, pair.answer, mark[pair.equal], *cells])
    console.print(table("Is the answer right? (x: wrongly judged)", ["gold", "answer", "equal", *said], lines))

    sets = {
        f"{len(pairs)} pairs": {who: agreement(said[who], [pair.equal for pair in pairs]) for who in said},
        **{
            f"{name} pairs": {
                who: agreement(verdicts(judge, listed), [pair.equal for pair in listed])
                for who, judge in contestants.items()
            }
            for name, listed in others.items()
        },
        "Math-Verify's rows": {who: found["agreement"] for who, found in of_rows.items()},
    }
    lines = [
        [name, who, f"{found['right']}/{found['of']}", str(found["accepted wrongly"]), str(found["refused wrongly"])]
        for name, by in sets.items()
        for who, found in by.items()
    ]
    console.print(table("Agreement with the labels", ["set", "judge", "right", "accepted", "refused"], lines))
    listed = [{**pair._asdict(), **{who: s[n] for who, s in said.items()}} for n, pair in enumerate(pairs)]
    return {"pairs": listed, "agreement": sets}


def compare_speeds(console: Console, contestants: dict[str, Judge], seconds: float) -> dict[str, Any]:
    """Prints answers judged and golds read a second, for each workload."""
    found = speeds(contestants, seconds)
    lines = []
    for name, by in found.items():
        shares = {who: "" if row["right"] == 1 else f" ({row['right']:.0%} right)" for who, row in by.items()}
        cells = [f"{row['median']:,.0f}{shares[who]}" for who, row in by.items()]
        ratio = by["ours"]["median"] / by["Math-Verify"]["median"]
        lines.append([name, *cells, f"{ratio:,.1f}x", *(f"{row['golds_read']:,.0f}" for row in by.values())])
    columns = ["", *contestants, "ours / theirs", *(f"golds: {who}" for who in contestants)]
    console.print(table("A second, one caller: answers judged, golds read", columns, lines))
    return found


def main() -> None:
    """Judge, time, print, write."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--seconds", type=float, default=2.0, help="time for each workload and judge")
    parser.add_argument("--out", type=Path, default=ROOT / "benchmarks" / "results" / "math.json")
    options = parser.parse_args()

    logging.disable(logging.ERROR)  # Math-Verify logs a traceback for each answer that it cannot compare in time
    console = Console(width=140)
    two = {"ours": OURS, "Math-Verify": THEIRS}
    contestants = two | ({"TRL": trl} if (trl := trl_judge()) else {})
    warm()  # our workers start, as Math-Verify's imports have been done
    of_rows = judge_rows(*released_rows())
    result = {
        "machine": platform.processor() or platform.machine(),
        "python": platform.python_version(),
        "versions": {name: importlib.metadata.version(name) for name in ("math-verify", "sympy", "trl") if found(name)},
        "verdicts": compare_verdicts(console, contestants, of_rows),
        "speed": compare_speeds(console, two, options.seconds),
        "rows_ms": {who: row["ms"] for who, row in of_rows.items()},
    }
    lines = [[who, *(f"{value:.2f}" for value in row.values())] for who, row in result["rows_ms"].items()]
    console.print(table("Milliseconds a row of Math-Verify's", ["", "mean", "p50", "p95", "max"], lines))
    options.out.parent.mkdir(parents=True, exist_ok=True)
    options.out.write_text(json.dumps(result, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    print(f"wrote {options.out}")


def found(package: str) -> bool:
    return importlib.util.find_spec(package.replace("-", "_")) is not None
