"""One judged completion as a row: what was asked, what was answered, and what it is worth.

What is no fault of the policy (a task that raised, a completion that was lost) is counted apart and is in no average.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, fields
from typing import Any, Literal, NamedTuple, Protocol

import pyarrow as pa

from whetstone.envs.core import Verdict
from whetstone.rollout.types import Completion

RowKind = Literal["graded", "invalid", "unreadable", "truncated", "overlong", "crashed", "lost"]
JUDGED: tuple[RowKind, ...] = ("graded", "invalid", "unreadable", "truncated", "overlong")


class Problem(Protocol):
    """Anything that can be asked and judged: a task's instance, or a benchmark's question."""

    @property
    def prompt(self) -> str: ...

    @property
    def target(self) -> str:
        """A completion that scores 1; raises `LookupError` where none is known."""
        ...

    def grade(self, completion: str) -> Verdict: ...

    def to_json(self) -> str: ...


class Key(NamedTuple):
    """What names a problem, within a split."""

    task: str
    level: int
    seed: int


@dataclass(frozen=True, slots=True)
class Row:
    """One judged completion.

    `kind` is the verdict's, or `truncated` (out of tokens before a readable answer), `overlong` (the problem does not
    fit into the policy's context), `crashed` (the task raised: a bug of the task) or `lost` (the sampler gave up). The
    last two have no score. `tokens` counts the completion's new
    tokens, `spent` those that were written for it in all (a strategy writes more than its final candidates) and `read`
    those of the prompts. `sample` counts the completions of a problem from 0.
    """

    task: str
    level: int
    seed: int
    prompt: str
    completion: str
    kind: RowKind
    score: float | None
    correct: bool
    reason: str
    tokens: int
    finish: str
    sample: int = 0
    spent: int = 0
    read: int = 0
    seconds: float = 0.0

    @property
    def key(self) -> Key:
        """The problem that was asked."""
        return Key(self.task, self.level, self.seed)


SCHEMA = pa.schema(
    [
        ("task", pa.string()),
        ("level", pa.int32()),
        ("seed", pa.int64()),
        ("prompt", pa.string()),
        ("completion", pa.string()),
        ("kind", pa.string()),
        ("score", pa.float64()),
        ("correct", pa.bool_()),
        ("reason", pa.string()),
        ("tokens", pa.int32()),
        ("finish", pa.string()),
        ("sample", pa.int32()),
        ("spent", pa.int64()),
        ("read", pa.int64()),
        ("seconds", pa.float64()),
    ]
)


def judge(key: Key, problem: Problem, completion: Completion, **more: Any) -> Row:
    """Grades one completion of a problem; `more` are the row's remaining fields."""
    if completion.finish in ("error", "cancelled"):
        why = completion.error or completion.finish
        return _row(key, problem.prompt, completion, "lost", None, f"the sampler gave up: {why}", more)
    try:
        verdict = problem.grade(completion.text)
    except Exception as error:  # an evaluation supervises the tasks: one author's bug must not end it
        return crashed(key, problem.prompt, completion, error, **more)
    if verdict.kind == "unreadable" and completion.finish == "length":
        reason = f"out of tokens after {tokens_of(completion)}: {verdict.reason}"
        return _row(key, problem.prompt, completion, "truncated", 0.0, reason, more)
    return _row(key, problem.prompt, completion, verdict.kind, verdict.score, verdict.reason, more)


def crashed(key: Key, prompt: str, completion: Completion, error: Exception, **more: Any) -> Row:
    """The row of a task that raised."""
    reason = f"the task raised {type(error).__name__}: {error}"
    return _row(key, prompt, completion, "crashed", None, reason, more)


def overlong(key: Key, prompt: str, reason: str, **more: Any) -> Row:
    """The row of a problem that the policy's context has no room for: it was never asked, and counts as wrong."""
    return _row(key, prompt, Completion("", (), (), "error", error=reason), "overlong", 0.0, reason, more)


def tokens_of(completion: Completion) -> int:
    """New tokens; a sampler that knows no token ids still gives the log-probability of each."""
    return max(len(completion.tokens), len(completion.logprobs))


def _row(
    key: Key, prompt: str, done: Completion, kind: RowKind, score: float | None, reason: str, more: Mapping[str, Any]
) -> Row:
    correct = kind == "graded" and score == 1.0
    tokens = tokens_of(done)
    defaults = {"spent": tokens, "seconds": done.seconds}
    return Row(*key, prompt, done.text, kind, score, correct, reason, tokens, done.finish, **{**defaults, **more})


def as_record(row: Row) -> dict[str, Any]:
    """The row as plain values."""
    return asdict(row)


def from_records(records: Iterable[Mapping[str, Any]]) -> list[Row]:
    """Rows from plain values; of rows with the same problem and sample the last counts, in the place of the first."""
    names = [field.name for field in fields(Row)]
    found: dict[tuple[str, int, int, int], Row] = {}
    for record in records:
        row = Row(**{name: record[name] for name in names if record.get(name) is not None or name == "score"})
        found[row.task, row.level, row.seed, row.sample] = row
    return list(found.values())
