"""Problem sets with final answers: from files, or from the Hugging Face hub by name.

    problems = MathProblems.load("math-500")                      # a set that `sources.SOURCES` knows
    problems = MathProblems.load("me/sums", split="train")        # any set with question and answer columns
    problems = MathProblems.read("aime.parquet", source="aime-2025")
    problems[0].prompt, problems[0].judge("... <answer>204</answer>")

Golds are parsed when a set is read. A row whose gold cannot be parsed is an error that names the row, or is left out
and listed in `rejected` where that is asked for.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Self, overload

from whetstone.envs.math import sources
from whetstone.envs.math.answer import Latex
from whetstone.envs.math.gold import Gold, Judgement, parse_gold
from whetstone.envs.math.sources import Row, Source
from whetstone.envs.math.verify import judge

SHOWN = 5  # rejected rows that an error spells out; all are counted
INSTRUCTION = Latex().instruction


@dataclass(frozen=True)
class MathProblem:
    """A question and its gold answer, typed when the problem is made.

    `answer` is the gold as its set writes it, `policy` the options of `parse_gold` that go with it. Raises
    `ValueError` when the gold cannot be parsed.

    >>> MathProblem("1", "What is 1/2 + 1/4?", r"\\frac{3}{4}").judge("<answer>0.75</answer>").kind
    'correct'
    """

    id: str
    question: str
    answer: str
    policy: Mapping[str, Any] = field(default_factory=dict)
    gold: Gold = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "gold", parse_gold(self.answer, **self.policy))

    @property
    def prompt(self) -> str:
        """What a policy is asked: the question and the form of the answer."""
        return f"{self.question}\n{INSTRUCTION}"

    def judge(self, completion: str) -> Judgement:
        """The verdict on the final answer of a completion."""
        return judge(self.gold, completion)

    def to_json(self) -> str:
        """The problem as one JSON object."""
        fields = {"id": self.id, "question": self.question, "answer": self.answer, "policy": dict(self.policy)}
        return json.dumps(fields, ensure_ascii=False, separators=(",", ":"))

    @classmethod
    def from_json(cls, text: str) -> Self:
        """The problem that `to_json` wrote; raises `ValueError` when `text` holds something else."""
        expected = {"id", "question", "answer", "policy"}
        try:
            data = json.loads(text)
        except json.JSONDecodeError as error:
            raise ValueError(f"expected a JSON object with {sorted(expected)}, got {text[:80]!r}") from error
        if not isinstance(data, dict) or set(data) != expected:
            raise ValueError(f"expected a JSON object with {sorted(expected)}, got {text[:80]!r}")
        return cls(**data)


@dataclass(frozen=True, slots=True)
class Rejected:
    """A row that holds no problem: its number, the first being 1, and why."""

    row: int
    reason: str


@dataclass(frozen=True)
class MathProblems(Sequence[MathProblem]):
    """Problems in the order of their set; `rejected` are the rows that were left out."""

    name: str
    problems: tuple[MathProblem, ...]
    rejected: tuple[Rejected, ...] = ()

    @classmethod
    def load(
        cls,
        name: str,
        split: str | None = None,
        *,
        config: str | None = None,
        question: str = "question",
        answer: str = "answer",
        drop: bool = False,
    ) -> Self:
        """A published set: one of `sources.SOURCES`, or any other as `owner/name`.

        `config`, `question` and `answer` (columns) are for the latter. Without `drop`, rows whose gold cannot be
        parsed raise `ValueError`; so do unknown names and splits. `ImportError` without the package `datasets`.
        """
        if "/" in name:
            rows = sources.hub_rows(name, split or "train", config)
            return cls.of_rows(rows, _plain(question, answer), name=name, drop=drop)
        source = sources.source(name)
        return cls.of_rows(source.rows(split), source, name=name, drop=drop)

    @classmethod
    def read(
        cls,
        file: str | Path,
        source: str | None = None,
        *,
        question: str = "question",
        answer: str = "answer",
        drop: bool = False,
    ) -> Self:
        """A .jsonl, .parquet or .csv file: with the columns of a known `source`, or with those named.

        Raises `ValueError` for a file that cannot be read and, without `drop`, for rows whose gold cannot be parsed.
        """
        columns = sources.source(source) if source else _plain(question, answer)
        path = Path(file)
        return cls.of_rows(sources.file_rows(path), columns, name=path.name, drop=drop)

    @classmethod
    def of_rows(cls, rows: Iterable[Row], source: Source, *, name: str, drop: bool = False) -> Self:
        """The problems in rows; raises `ValueError` naming rows that hold none, unless `drop` leaves them out."""
        problems: list[MathProblem] = []
        rejected: list[Rejected] = []
        for number, row in enumerate(rows, start=1):
            try:
                problems.append(_problem(row, source, str(number)))
            except ValueError as error:
                rejected.append(Rejected(number, str(error)))
        if rejected and not drop:
            lines = "".join(f"\n  row {each.row}: {each.reason}" for each in rejected[:SHOWN])
            more = f"\n  and {len(rejected) - SHOWN} more" if len(rejected) > SHOWN else ""
            raise ValueError(f"{name}: {len(rejected)} rows hold no problem (drop=True leaves them out):{lines}{more}")
        if not problems:
            raise ValueError(f"{name}: there are no problems in {len(rejected)} rows")
        return cls(name, tuple(problems), tuple(rejected))

    @overload
    def __getitem__(self, index: int) -> MathProblem: ...
    @overload
    def __getitem__(self, index: slice) -> tuple[MathProblem, ...]: ...
    def __getitem__(self, index: int | slice) -> MathProblem | tuple[MathProblem, ...]:
        return self.problems[index]

    def __len__(self) -> int:
        return len(self.problems)


def _plain(question: str, answer: str) -> Source:
    return Source(sources.column(question), sources.column(answer))


def _problem(row: Row, source: Source, number: str) -> MathProblem:
    identity = sources.column(source.identity)(row) if source.identity else number
    return MathProblem(identity, source.question(row), source.answer(row), source.policy(row))
