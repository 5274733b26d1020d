"""A benchmark's question: a prompt, a judge, and the row of the published set that it was made from."""

from __future__ import annotations

import json
from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from whetstone.envs.core import Verdict

THOUGHT = "</think>"


@dataclass(frozen=True)
class Question(ABC):
    """One question. `number` is the place of its row in the set, the first being 0."""

    benchmark: str
    number: int
    row: Mapping[str, Any]

    @property
    @abstractmethod
    def prompt(self) -> str:
        """What a policy is asked."""

    @property
    def target(self) -> str:
        """A completion that scores 1; raises `LookupError` where the set holds none."""
        raise LookupError(f"{self.benchmark} holds no right answers that could be written down")

    @abstractmethod
    def grade(self, completion: str) -> Verdict:
        """The verdict on a completion; what stands before `</think>` is not looked at."""

    def to_json(self) -> str:
        """The question as one JSON object, from which `sets.from_json` makes it again."""
        record = {"benchmark": self.benchmark, "number": self.number, "row": dict(self.row)}
        return json.dumps(record, ensure_ascii=False, separators=(",", ":"), default=str)


def said(completion: str) -> str:
    """A completion without the reasoning before it."""
    return completion.rpartition(THOUGHT)[2].strip()
