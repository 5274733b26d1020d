"""Which benchmarks there are: where each is published, and how a row becomes a question.

The columns are those of the published sets, at the addresses given here. Reading a set by name needs the package
`datasets` and the network; reading a file needs neither.
"""

from __future__ import annotations

import difflib
import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any

from whetstone.envs.benchmarks.question import Question

Row = Mapping[str, Any]
Maker = Callable[[str, int, Row], Question | None]


@dataclass(frozen=True)
class Benchmark:
    """How rows become questions (None leaves a row out), and what `datasets.load_dataset` is asked for.

    With `files`, those of the repository are read, which needs no loading script.
    """

    make: Maker
    path: str
    split: str = "train"
    config: str | None = None
    files: tuple[str, ...] = ()

    def rows(self) -> Iterable[Row]:
        """The published rows."""
        from whetstone.envs.math.sources import hub_files, hub_rows

        return hub_files(self.path, self.files) if self.files else hub_rows(self.path, self.split, self.config)


# -- rows become questions --------------------------------------------------------------------------------------------


def _math(source: str) -> Maker:
    def make(name: str, number: int, row: Row) -> Question:
        from whetstone.envs.benchmarks.final_answer import FinalAnswer
        from whetstone.envs.math import sources

        return FinalAnswer(name, number, row, sources.source(source))

    return make


def _gpqa(name: str, number: int, row: Row) -> Question:
    from whetstone.envs.benchmarks.choice import Choice, shuffled

    question = _text(row, "Question")
    wrong = tuple(_text(row, f"Incorrect Answer {i}") for i in (1, 2, 3))
    options, right = shuffled(_text(row, "Correct Answer"), wrong, question)
    return Choice(name, number, row, question, options, right)


def _mmlu_pro(name: str, number: int, row: Row) -> Question:
    from whetstone.envs.benchmarks.choice import LETTERS, Choice

    options = row.get("options")
    if isinstance(options, str):  # as CSV keeps a list
        options = json.loads(options)
    if not isinstance(options, Sequence) or not options:
        raise ValueError(f"expected a list in the column 'options', found {options!r}")
    answer = _text(row, "answer")
    if len(answer) != 1 or answer not in LETTERS[: len(options)]:
        raise ValueError(f"expected the letter of one of {len(options)} options in 'answer', found {answer!r}")
    return Choice(name, number, row, _text(row, "question"), tuple(map(str, options)), LETTERS.index(answer))


def _bbeh(name: str, number: int, row: Row, mini: bool = False) -> Question | None:
    from whetstone.envs.benchmarks.short_text import ShortText

    if mini and str(row.get("mini")) not in ("1", "True", "true"):
        return None
    return ShortText(name, number, row, _text(row, "input"), _text(row, "target"))


def _constraints(name: str, number: int, row: Row) -> Question:
    from whetstone.envs.chat.following import Following

    return Following(name, number, row)


def _live_code(name: str, number: int, row: Row) -> Question:
    from whetstone.envs.benchmarks.program import WriteProgram
    from whetstone.envs.code.formats import format_of

    return WriteProgram(name, number, row, format_of("live_code_bench"))


def _text(row: Row, name: str) -> str:
    from whetstone.envs.math.sources import column

    return column(name)(row)


# -- the sets ---------------------------------------------------------------------------------------------------------


def _arena(name: str) -> Benchmark:
    return Benchmark(_math(name), f"MathArena/{name.replace('-', '_')}")


LIVE = Benchmark(_live_code, "livecodebench/code_generation_lite", "test")
LIVE_FILES = ("test.jsonl", "test2.jsonl", "test3.jsonl", "test4.jsonl", "test5.jsonl", "test6.jsonl")

BENCHMARKS: dict[str, Benchmark] = {
    "aime-2024": Benchmark(_math("aime-2024"), "HuggingFaceH4/aime_2024"),
    "aime-2025": _arena("aime-2025"),
    "aime-2026": _arena("aime-2026"),
    "hmmt-feb-2025": _arena("hmmt-feb-2025"),
    "hmmt-nov-2025": _arena("hmmt-nov-2025"),
    "hmmt-feb-2026": _arena("hmmt-feb-2026"),
    "math-500": Benchmark(_math("math-500"), "HuggingFaceH4/MATH-500", "test"),
    "gsm8k": Benchmark(_math("gsm8k"), "openai/gsm8k", "test", "main"),
    "olympiad-bench": Benchmark(_math("olympiad-bench"), "Hothan/OlympiadBench", config="OE_TO_maths_en_COMP"),
    "imo-answerbench": Benchmark(_math("imo-answerbench"), "Hwilner/imo-answerbench"),
    "apex-shortlist": Benchmark(_math("apex-shortlist"), "MathArena/apex-shortlist"),
    # A release holds all files up to its own; `-new` is what the release added.
    "livecodebench-v5": replace(LIVE, files=LIVE_FILES[:5]),
    "livecodebench-v5-new": replace(LIVE, files=LIVE_FILES[4:5]),
    "livecodebench-v6": replace(LIVE, files=LIVE_FILES),
    "livecodebench-v6-new": replace(LIVE, files=LIVE_FILES[5:]),
    "ifeval": Benchmark(_constraints, "google/IFEval"),
    "ifbench": Benchmark(_constraints, "allenai/IFBench_test"),
    "gpqa-diamond": Benchmark(_gpqa, "Idavidrein/gpqa", config="gpqa_diamond"),
    "mmlu-pro": Benchmark(_mmlu_pro, "TIGER-Lab/MMLU-Pro", "test"),
    "bbeh": Benchmark(_bbeh, "BBEH/bbeh"),
    "bbeh-mini": Benchmark(partial(_bbeh, mini=True), "BBEH/bbeh"),
}
NAMES = tuple(BENCHMARKS)
GROUPS: dict[str, tuple[str, ...]] = {
    "aime": ("aime-2024", "aime-2025", "aime-2026"),
    "hmmt": ("hmmt-feb-2025", "hmmt-nov-2025", "hmmt-feb-2026"),
    "following": ("ifeval", "ifbench"),
}


def fetch(name: str) -> list[Question]:
    """A published set. Raises `ValueError` for an unknown name, `ImportError` without the package `datasets`."""
    return _questions(name, benchmark(name).rows(), name)


def read(name: str, file: Path) -> list[Question]:
    """A .jsonl, .parquet or .csv file with the columns of the set; raises `ValueError` naming what is wrong in it."""
    from whetstone.envs.math.sources import file_rows

    return _questions(name, file_rows(file), str(file))


def from_json(text: str) -> Question:
    """The question that `Question.to_json` wrote; raises `ValueError` when `text` holds something else."""
    try:
        data = json.loads(text)
        name, number, row = data["benchmark"], data["number"], data["row"]
    except (json.JSONDecodeError, KeyError, TypeError) as error:
        raise ValueError(f"expected a benchmark's question as JSON, got {text[:80]!r}") from error
    question = benchmark(name).make(name, number, row)
    if question is None:
        raise ValueError(f"row {number} is no question of {name}")
    return question


def benchmark(name: str) -> Benchmark:
    """The benchmark of this name; raises `ValueError` with near names."""
    if name not in BENCHMARKS:
        near = difflib.get_close_matches(name, BENCHMARKS, n=3, cutoff=0.4)
        hint = f"; did you mean {' or '.join(near)}?" if near else ""
        raise ValueError(f"there is no benchmark {name!r}{hint} (known: {', '.join(NAMES)})")
    return BENCHMARKS[name]


def chosen(count: int, wanted: int | None, seed: int) -> list[int]:
    """`wanted` of `count` places in ascending order, drawn by `seed`; all of them unless told."""
    if wanted is None or wanted >= count:
        return list(range(count))
    from whetstone.envs.stream import stream

    rng = stream("benchmarks", "eval", 0, seed)
    return sorted(rng.choice(count, size=wanted, replace=False).tolist())


def _questions(name: str, rows: Iterable[Row], where: str) -> list[Question]:
    make, found = benchmark(name).make, []
    faults: list[str] = []
    for number, row in enumerate(rows):
        try:
            question = make(name, number, dict(row))
        except ValueError as error:
            faults.append(f"row {number + 1}: {error}")
            continue
        if question is not None:
            found.append(question)
    if not found:
        raise ValueError(
            f"{where}: no question of {name} in {len(faults)} rows" + "".join(f"\n  {f}" for f in faults[:5])
        )
    return found
