"""Questions with constraints on the form of the reply, as IFEval and IFBench ask them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from whetstone.envs.benchmarks.question import Question, said
from whetstone.envs.chat import ifbench, ifeval
from whetstone.envs.chat.ifeval import Check
from whetstone.envs.core import CORRECT, Verdict, graded, unreadable

CONSTRAINTS = {**ifeval.CONSTRAINTS, **ifbench.CONSTRAINTS}


@dataclass(frozen=True)
class Following(Question):
    """A prompt and its constraints, all of which a right reply meets; the score is the share of those that it meets.

    Raises `ValueError` for a row with a constraint that no check is known for.
    """

    checks: tuple[tuple[str, Check, Mapping[str, Any]], ...] = field(init=False, compare=False)

    def __post_init__(self) -> None:
        ids, kwargs = self.row.get("instruction_id_list"), self.row.get("kwargs")
        if not isinstance(self.row.get("prompt"), str) or not self.row["prompt"].strip():
            raise ValueError("expected a text in the column 'prompt'")
        if not isinstance(ids, list) or not isinstance(kwargs, list) or len(ids) != len(kwargs) or not ids:
            raise ValueError("expected lists of one length in the columns 'instruction_id_list' and 'kwargs'")
        if unknown := [each for each in ids if each not in CONSTRAINTS]:
            raise ValueError(f"there is no check for {', '.join(unknown)}")
        given = [{name: _whole(value) for name, value in (each or {}).items() if value is not None} for each in kwargs]
        checks = [(name, CONSTRAINTS[name], values) for name, values in zip(ids, given, strict=True)]
        for name, check, values in checks:
            try:
                check("", **values)
            except TypeError as error:
                raise ValueError(f"{name}: {error}") from error
        object.__setattr__(self, "checks", tuple(checks))

    @property
    def prompt(self) -> str:
        return self.row["prompt"]

    def grade(self, completion: str) -> Verdict:
        reply = said(completion)
        if not reply:
            return unreadable("expected a reply, found none")
        broken = [name for name, check, values in self.checks if not check(reply, **values)]
        if not broken:
            return CORRECT
        return graded(1 - len(broken) / len(self.checks), f"breaks {', '.join(broken)}")


def _whole(value: Any) -> Any:
    """A count as an integer: columns with gaps store it with a point."""
    return int(value) if isinstance(value, float) and value.is_integer() else value
