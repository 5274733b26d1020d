"""A programming problem as plain data: what is shown, what is tested, and how an output is judged."""

from __future__ import annotations

import dataclasses
import json
from dataclasses import dataclass
from typing import Any, Literal

from whetstone.envs.code.sandbox.types import Limits, Program


@dataclass(frozen=True, slots=True)
class Test:
    """One input and the reference's output to it."""

    input: str
    output: str
    kind: str = ""
    """Where it comes from: sample, edge, small, random, worst, `hack: <idea>`, class, given."""

    __test__ = False  # not for pytest


@dataclass(frozen=True, slots=True)
class Comparison:
    """How an output is compared with the reference's: token by token, bytes for bytes, unless told otherwise."""

    kind: Literal["tokens", "floats", "checker"] = "tokens"
    absolute: float = 0.0
    """floats: largest absolute difference of a token that is a float in the reference's output; integers are exact."""
    relative: float = 0.0
    """floats: largest difference relative to the reference's number."""
    checker: str = ""
    """checker: Python source that defines `check(input, output, answer) -> None`, all three of them text, and raises
    `ValueError` with a reason when the output is wrong. `answer` is the reference's output. It runs confined."""


@dataclass(frozen=True, slots=True)
class Call:
    """Function-call style: the program defines `name` (in `class Solution` if `method`), tests hold JSON arguments.

    A test's input is one JSON value a line, one line an argument; its output is one JSON value.
    """

    name: str
    method: bool = False


@dataclass(frozen=True, slots=True)
class Problem:
    """A problem with its tests."""

    id: str
    title: str
    statement: str
    """The story and the task, without the formats."""
    input_format: str
    output_format: str
    samples: tuple[Test, ...]
    """Shown to the policy."""
    tests: tuple[Test, ...]
    """Hidden, in the order in which they are run: what kills most comes first."""
    limits: Limits = dataclasses.field(default_factory=Limits)
    comparison: Comparison = Comparison()
    call: Call | None = None
    interactor: Program | None = None
    """Interactive problems: a program whose standard input is the submission's output and the other way round. It
    finds the test's input in file descriptor 3, and ends with status 0 if the submission did well, 1 if not."""
    level: int = 0
    topics: tuple[str, ...] = ()
    source: str = ""

    def to_json(self) -> str:
        return json.dumps(dataclasses.asdict(self), separators=(",", ":"))

    @classmethod
    def from_json(cls, text: str) -> Problem:
        """The problem that `to_json` wrote; raises `ValueError` when `text` holds something else."""
        try:
            data: dict[str, Any] = json.loads(text)
            data["samples"] = tuple(Test(**test) for test in data["samples"])
            data["tests"] = tuple(Test(**test) for test in data["tests"])
            data["limits"] = Limits(**data["limits"])
            data["comparison"] = Comparison(**data["comparison"])
            data["call"] = data["call"] and Call(**data["call"])
            data["interactor"] = data["interactor"] and Program(**data["interactor"])
            data["topics"] = tuple(data["topics"])
            return cls(**data)
        except (json.JSONDecodeError, KeyError, TypeError) as error:
            raise ValueError(f"expected the JSON of a programming problem, got {text[:80]!r}: {error}") from error
