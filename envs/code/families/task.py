"""What the families share: a question about one problem of the catalogue, and which problems a key may draw."""

from __future__ import annotations

import hashlib
from abc import abstractmethod
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, NamedTuple, Self, TypeVar

from whetstone.envs.code import catalog
from whetstone.envs.code.blueprint import Blueprint
from whetstone.envs.code.default import default_judge
from whetstone.envs.code.problem import Problem
from whetstone.envs.code.sandbox.types import Program
from whetstone.envs.code.stored import assemble
from whetstone.envs.code.submission import ProgramAnswer, tagged
from whetstone.envs.core import EVAL_SHARE, SPLITS, Split, Task, Verdict, unreadable
from whetstone.envs.stream import stream

if TYPE_CHECKING:
    from numpy.random import Generator as Rng

A = TypeVar("A")
TRIES = 96  # problems that are tried for a question
FEWEST = 6  # problems that are drawn from
PATIENCE = 8  # of them before problems of the next level are tried, too


class Size(NamedTuple):
    """How hard a question is, and from which half of the catalogue its problem comes."""

    level: int
    split: Split = "train"

    @classmethod
    def at(cls, level: int) -> Self:
        return cls(level)


@dataclass(frozen=True)
class CodeTask(Task[A]):
    """A question about one problem of the catalogue.

    `check` raises `JudgeError` when nothing can be said about the answer: no verdict, and never a reward of 0.
    """

    problem: str
    """Its id in the catalogue."""

    Size = Size

    @classmethod
    @abstractmethod
    def about(cls, problem: str, rng: Rng, level: int) -> Self | None:
        """A random question of this level about a problem; None where the problem does not suit."""

    @classmethod
    def id(cls) -> str:
        return f"code/{cls.__module__.rpartition('.')[2]}"

    @classmethod
    def draw(cls, level: int, seed: int, split: Split = "train") -> Self:
        """The question with this key, about a problem of this split. Raises `ValueError` as `Task.draw` does."""
        if split not in SPLITS:
            raise ValueError(f"split must be one of {', '.join(SPLITS)}, not {split!r}")
        if level < 0 or seed < 0:
            raise ValueError(f"level and seed must be integers >= 0, not level={level!r}, seed={seed!r}")
        return cls.sample(stream(cls.id(), split, level, seed), Size(level, split))

    @classmethod
    def sample(cls, rng: Rng, size: Size) -> Self:
        """A question about a problem of at most this level; a harder problem only where none of these suits.

        Of two problems the one of the higher level is taken, so that the mean grows with the level.
        """
        for tried in range(TRIES):
            problems = pool(size.level + tried // PATIENCE, size.split)
            pair = [problems[int(i)] for i in rng.integers(len(problems), size=2)] if problems else []
            if pair and (found := cls.about(max(pair, key=level_of), rng, size.level)):
                return found
        raise LookupError(f"the catalogue's {size.split} split has no problem for {cls.id()} at level {size.level}")

    @property
    def split(self) -> Split:
        return split_of(self.problem)

    @property
    def shown(self) -> Problem:
        """The problem; of its hidden tests, those that are short."""
        return known(self.problem)

    @property
    def blueprint(self) -> type[Blueprint]:
        """What the problem was made from."""
        return catalog.blueprint(self.problem)

    def submitted(self, completion: str) -> A:
        """The answer in a completion: what the last `<answer>…</answer>` holds, exactly as it stands there.

        Raises `ValueError` (and nothing else) when there is none.
        """
        found = tagged(completion)
        if found is None:
            raise ValueError("expected an answer between <answer> and </answer>, found none")
        return self.answer.parse(found)

    def grade(self, completion: str) -> Verdict:
        """Judge the answer in a completion."""
        try:
            answer = self.submitted(completion)
        except ValueError as error:
            return unreadable(str(error))
        return self.check(answer)


@dataclass(frozen=True)
class ProgramTask(CodeTask[Program]):
    """A task whose answer is a program, in a fenced code block or between the tags."""

    answer = ProgramAnswer()

    def solve(self) -> Program:
        return Program("python", self.blueprint.reference)

    @property
    def target(self) -> str:
        return self.answer.show(self.solution)

    def submitted(self, completion: str) -> Program:
        """The last program in a completion, with or without tags."""
        return self.answer.parse(completion)

    def check(self, answer: Program) -> Verdict:
        return default_judge().judge(catalog.problem(self.problem), answer).as_verdict()


@cache
def known(problem: str) -> Problem:
    """A problem with those of its tests that are short; `catalog.problem` makes the long ones, which takes time."""
    stored = catalog.stored(problem)
    tests = [test for test, key in stored.tests if key is None]
    return assemble(problem, catalog.blueprint(problem), stored.samples, tests)


def split_of(problem: str) -> Split:
    """The split that a problem belongs to, by the digest of its id."""
    return "eval" if hashlib.blake2b(problem.encode(), digest_size=1).digest()[0] < EVAL_SHARE else "train"


def level_of(problem: str) -> int:
    """The level that its author gave a problem."""
    return catalog.blueprint(problem).level


@cache
def pool(level: int, split: Split) -> tuple[str, ...]:
    """The certified problems of a split that are of at most this level, or the easiest ones where they are too few."""
    certified = [problem for problem in catalog.problem_ids() if catalog.stored_file(problem).exists()]
    ours = sorted((problem for problem in certified if split_of(problem) == split), key=level_of)
    reach = max([level, *map(level_of, ours[:FEWEST])])
    return tuple(problem for problem in ours if level_of(problem) <= reach)
