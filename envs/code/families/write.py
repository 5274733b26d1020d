"""Write the program: a statement with samples, judged on hidden tests."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Self

from whetstone.envs.code.families.task import ProgramTask
from whetstone.envs.code.page import page

if TYPE_CHECKING:
    from numpy.random import Generator as Rng


@dataclass(frozen=True)
class Write(ProgramTask):
    """
    >>> Write("arrays/maximum_subarray").grade("I cannot.").kind
    'unreadable'
    """

    @classmethod
    def about(cls, problem: str, rng: Rng, level: int) -> Self:
        return cls(problem)

    def statement(self) -> str:
        return f"Write a program that solves this problem.\n\n{page(self.shown)}\n"
