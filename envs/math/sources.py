"""Where public sets of final-answer problems live, and what their columns mean.

A `Source` names a set on the Hugging Face hub and reads its rows; files with the same columns are read alike. The
columns are those of the sets' own cards, at the names given in `path`. Reading a set by name needs the package
`datasets` and the network; reading files needs neither.
"""

from __future__ import annotations

import csv
import difflib
import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

Row = Mapping[str, Any]
Reader = Callable[[Row], str]

DAPO_BEFORE = (
    "Solve the following math problem step by step. The last line of your response should be of the form "
    "Answer: $Answer (without quotes) where $Answer is the answer to the problem.\n\n"
)
DAPO_AFTER = '\n\nRemember to put your answer on its own line after "Answer:".'


def column(name: str) -> Reader:
    """The text of a column; a dot steps into a nested one.

    >>> column("reward_model.ground_truth")({"reward_model": {"ground_truth": 34}})
    '34'
    """

    def read(row: Row) -> str:
        value: Any = row
        for part in name.split("."):
            if not isinstance(value, Mapping) or part not in value:
                raise ValueError(f"expected a column {name!r}, found {', '.join(map(repr, row)) or 'none'}")
            value = value[part]
        if value is None or not str(value).strip():
            raise ValueError(f"the column {name!r} is empty")
        return str(value).strip()

    return read


def after_hashes(name: str) -> Reader:
    """What follows the last `####` of a worked solution, as GSM8K writes its answers."""

    def read(row: Row) -> str:
        solution, hashes, answer = column(name)(row).rpartition("####")
        if not hashes:
            raise ValueError(f"expected '#### answer' at the end of {name!r}, found {solution[-40:]!r}")
        return answer.strip()

    return read


def dapo_question(row: Row) -> str:
    """The problem within DAPO's message, without the answer format it prescribes (ours is another)."""
    messages = row.get("prompt")
    if isinstance(messages, str):  # the processed releases hold the bare problem
        return column("prompt")(row)
    if not messages:
        raise ValueError("expected a column 'prompt' with one message, found none")
    return column("content")(messages[0]).removeprefix(DAPO_BEFORE).removesuffix(DAPO_AFTER).strip()


def olympiad_question(row: Row) -> str:
    """Context and question; the unit of the answer, which the set keeps apart, is asked for."""
    parts = [column(name)(row) for name in ("context", "question") if name == "question" or row.get(name)]
    if unit := row.get("unit"):
        parts.append(f"Give the answer in {unit}.")
    return "\n\n".join(parts)


def olympiad_answer(row: Row) -> str:
    """The one entry of `final_answer`; several stand in it, separated by commas, where `is_multiple_answer`."""
    answers = row.get("final_answer")
    if isinstance(answers, str):  # as some mirrors store the list
        answers = [answers]
    if not answers or len(answers) != 1:
        raise ValueError(f"expected one entry in 'final_answer', found {answers!r}")
    return str(answers[0]).strip()


def olympiad_policy(row: Row) -> dict[str, Any]:
    """The allowed absolute error, where the set states one; a list of answers is in no order."""
    error = row.get("error")
    tolerance = {"tolerance": _error(error)} if error not in (None, "", "0") else {}
    return tolerance | ({"order": "free"} if row.get("is_multiple_answer") else {})


def _error(text: Any) -> float:
    """The largest of `1e-1` or `0.02,0.1`: one bound a part, of which a gold holds one."""
    try:
        return max(float(part) for part in str(text).split(","))
    except ValueError as error:
        raise ValueError(f"expected a number in 'error', found {text!r}") from error


def no_policy(row: Row) -> dict[str, Any]:
    """The defaults of `parse_gold`."""
    return {}


@dataclass(frozen=True)
class Source:
    """A set of problems with final answers: how to read its rows, and where it is published.

    `question`, `answer` and `policy` (options of `parse_gold`) take one row and raise `ValueError` with the reason
    when it lacks what they need. `identity` names the column that identifies a row. `path` and `config` are those of
    `datasets.load_dataset`; `splits` are what it offers, the usual one first.
    """

    question: Reader
    answer: Reader
    identity: str | None = None
    path: str = ""
    config: str | None = None
    splits: tuple[str, ...] = ("train",)
    policy: Callable[[Row], dict[str, Any]] = field(default=no_policy)

    def rows(self, split: str | None = None) -> Iterable[Row]:
        """The published rows of a split. Raises `ValueError` for an unknown split, `ImportError` without `datasets`."""
        split = split or self.splits[0]
        if split not in self.splits:
            raise ValueError(f"{self.path} has the splits {', '.join(self.splits)}, not {split!r}")
        return hub_rows(self.path, split, self.config)


def _arena(name: str) -> Source:
    """A competition as MathArena publishes it."""
    return Source(column("problem"), column("answer"), "problem_idx", f"MathArena/{name}")


SOURCES: dict[str, Source] = {
    "gsm8k": Source(
        column("question"), after_hashes("answer"), path="openai/gsm8k", config="main", splits=("train", "test")
    ),
    "math-500": Source(
        column("problem"), column("answer"), "unique_id", path="HuggingFaceH4/MATH-500", splits=("test",)
    ),
    "aime-2024": Source(column("problem"), column("answer"), "id", path="HuggingFaceH4/aime_2024"),
    "aime-2025": _arena("aime_2025"),
    "aime-2026": _arena("aime_2026"),
    "hmmt-feb-2025": _arena("hmmt_feb_2025"),
    "hmmt-nov-2025": _arena("hmmt_nov_2025"),
    "hmmt-feb-2026": _arena("hmmt_feb_2026"),
    "apex-2025": _arena("apex_2025"),
    "apex-shortlist": _arena("apex-shortlist"),
    "dapo-math": Source(
        dapo_question, column("reward_model.ground_truth"), "extra_info.index", path="BytedTsinghua-SIA/DAPO-Math-17k"
    ),
    "big-math": Source(column("problem"), column("answer"), path="SynthLabsAI/Big-Math-RL-Verified"),
    "olympiad-bench": Source(
        olympiad_question,
        olympiad_answer,
        "id",
        path="Hothan/OlympiadBench",
        config="OE_TO_maths_en_COMP",
        policy=olympiad_policy,
    ),
    # Published as a CSV file (google-deepmind/superhuman, imobench/answerbench_v2.csv); the hub has copies of it.
    "imo-answerbench": Source(column("Problem"), column("Short Answer"), "Problem ID", path="Hwilner/imo-answerbench"),
}


def source(name: str) -> Source:
    """The source of this name; raises `ValueError` with near names."""
    if name not in SOURCES:
        near = difflib.get_close_matches(name, SOURCES, n=3, cutoff=0.4)
        hint = f"; did you mean {' or '.join(near)}?" if near else ""
        raise ValueError(f"there is no problem set {name!r}{hint} (known: {', '.join(SOURCES)})")
    return SOURCES[name]


def hub_rows(path: str, split: str, config: str | None = None, **more: Any) -> Iterable[Row]:
    """The rows of any set on the Hugging Face hub; raises `ImportError` without the package `datasets`."""
    try:
        from datasets import load_dataset
    except ImportError as error:
        wanted = "reading a set by name needs the package datasets: pip install datasets"
        raise ModuleNotFoundError(wanted, name="datasets") from error
    return load_dataset(path, config, split=split, **more)  # type: ignore[return-value]


def hub_files(path: str, files: Sequence[str]) -> Iterable[Row]:
    """The rows of JSON Lines files of a set on the hub; raises `ImportError` without the package `datasets`."""
    return hub_rows("json", "train", data_files=[f"hf://datasets/{path}/{file}" for file in files])


def file_rows(file: Path) -> Iterator[Row]:
    """The rows of a .jsonl, .parquet or .csv file, one at a time. Raises `ValueError` naming the file and the fault."""
    readers = {".jsonl": _jsonl, ".parquet": _parquet, ".csv": _csv}
    if file.suffix not in readers:
        raise ValueError(f"{file}: expected a file that ends in {', '.join(readers)}")
    try:
        yield from readers[file.suffix](file)
    except UnicodeDecodeError as error:
        raise ValueError(f"{file}: expected UTF-8, {error}") from error
    except OSError as error:
        raise ValueError(f"{file}: cannot be read, {error.strerror or error}") from error


def _jsonl(file: Path) -> Iterator[Row]:
    with file.open(encoding="utf-8") as lines:
        for number, line in enumerate(lines, start=1):
            if not line.strip():
                continue
            try:
                row = json.loads(line)
            except json.JSONDecodeError as error:
                raise ValueError(f"{file}, line {number}: expected one JSON object a line, {error}") from error
            if not isinstance(row, dict):
                raise ValueError(f"{file}, line {number}: expected a JSON object, found {line.strip()[:40]!r}")
            yield row


def _parquet(file: Path) -> Iterator[Row]:
    import pyarrow
    from pyarrow import parquet

    try:
        with parquet.ParquetFile(file) as table:
            for batch in table.iter_batches():
                yield from batch.to_pylist()
    except pyarrow.ArrowInvalid as error:
        raise ValueError(f"{file}: expected a Parquet file, {error}") from error


def _csv(file: Path) -> Iterator[Row]:
    with file.open(encoding="utf-8-sig", newline="") as lines:
        try:
            yield from csv.DictReader(lines)
        except csv.Error as error:
            raise ValueError(f"{file}: expected a CSV file, {error}") from error
