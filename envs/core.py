"""The contract of a task: a problem instance is a frozen dataclass whose fields *are* the problem.

An author writes `Size.at`, `sample`, `statement`, `solve`, `check` and one doctest. Seeding, the prompt, answer
extraction, JSON, the Gymnasium face, ids, documentation and tests are derived from those.
"""

from __future__ import annotations

import dataclasses
import hashlib
import json
from abc import ABC, abstractmethod
from dataclasses import dataclass
from functools import cache, cached_property
from typing import TYPE_CHECKING, Any, ClassVar, Generic, Literal, NamedTuple, Protocol, Self, TypeVar

if TYPE_CHECKING:
    from numpy.random import Generator as Rng
else:
    Rng = Any  # NumPy takes longer to import than everything else here: who only lists tasks does not wait for it

Split = Literal["train", "eval"]
Kind = Literal["unreadable", "invalid", "graded"]
A = TypeVar("A")

SPLITS: tuple[Split, ...] = ("train", "eval")
EVAL_SHARE = 64  # of 256: a problem whose digest starts with a byte below this belongs to the eval split
ATTEMPTS = 64  # draws before a problem space is taken to be too small to divide between the splits
OPEN, CLOSE = "<answer>", "</answer>"


@dataclass(frozen=True, slots=True)
class Verdict:
    """How an answer was judged.

    `unreadable`: no answer of the asked form was found. `invalid`: readable, but breaks a rule of the problem.
    `graded`: valid, with a score in [0, 1]. Only a score of exactly 1 is `correct`.
    """

    kind: Kind
    score: float
    reason: str

    @property
    def correct(self) -> bool:
        return self.score == 1.0


CORRECT = Verdict("graded", 1.0, "correct")


def graded(score: float, reason: str = "") -> Verdict:
    """A valid answer with its score; raises `AssertionError` outside [0, 1], which is always a bug in the task."""
    if score == 1.0 and not reason:
        return CORRECT
    if not 0.0 <= score <= 1.0:
        raise AssertionError(f"a score must lie in [0, 1], this task computed {score!r}")
    return Verdict("graded", float(score), reason or f"scored {score:.3f}")


def invalid(reason: str) -> Verdict:
    """A readable answer that breaks a rule of the problem; `reason` names the rule."""
    return Verdict("invalid", 0.0, reason)


def unreadable(reason: str) -> Verdict:
    """No answer of the asked form; `reason` says what was expected."""
    return Verdict("unreadable", 0.0, reason)


class Answer(Protocol[A]):
    """Instruction, parser and printer of an answer format in one object, so that they cannot drift apart."""

    @property
    def instruction(self) -> str: ...

    def parse(self, text: str) -> A:
        """The answer in `text`; raises `ValueError` (and nothing else) when there is none."""
        ...

    def show(self, answer: A) -> str:
        """The canonical text of `answer`: `parse(show(x)) == x`."""
        ...


@cache
def _fields(kind: type) -> tuple[str, ...]:
    return tuple(field.name for field in dataclasses.fields(kind))


@cache
def _shown(kind: type) -> tuple[str, ...]:
    """The fields that make a problem what it is: not a planted solution, which is no part of the comparison."""
    return tuple(field.name for field in dataclasses.fields(kind) if field.compare)


class Task(ABC, Generic[A]):
    """One problem. Subclasses are frozen dataclasses with fields of int, float, str, bool and tuples of those."""

    answer: ClassVar[Answer[Any]]
    Size: ClassVar[type[NamedTuple]]
    guessable: ClassVar[str] = ""  # why answering without reading earns more than a fifth, where it must

    # -- what an author writes ------------------------------------------------------------------------------------

    @classmethod
    @abstractmethod
    def sample(cls, rng: Rng, size: Any) -> Self:
        """A random problem of this size."""

    @abstractmethod
    def statement(self) -> str:
        """The problem in words, complete without outside knowledge (the answer format is added by `prompt`)."""

    @abstractmethod
    def solve(self) -> A:
        """A best answer."""

    @abstractmethod
    def check(self, answer: A) -> Verdict:
        """Judge a readable answer from the problem's definition, not by comparing it with `solve`."""

    def worked(self) -> str | None:
        """A short chain of steps after which the answer can be written down; "" when it needs none.

        None offers no demonstration at all: such a task stays out of supervised warm starts.
        """
        return None

    # -- what follows from it -------------------------------------------------------------------------------------

    @classmethod
    def id(cls) -> str:
        """`family/name`: the folder and the file in which the task is written."""
        return "/".join(cls.__module__.split(".")[-2:])

    @classmethod
    def draw(cls, level: int, seed: int, split: Split = "train") -> Self:
        """The problem with this key: the same in every process, and never in the other split.

        The splits divide the problems themselves (by digest), not just the seeds; only a problem space with fewer
        than a handful of members is shared. Raises `ValueError` for a level or seed below 0 or an unknown split.
        """
        if split not in SPLITS:
            raise ValueError(f"split must be one of {', '.join(SPLITS)}, not {split!r}")
        if level < 0 or seed < 0:
            raise ValueError(f"level and seed must be integers >= 0, not level={level!r}, seed={seed!r}")
        from whetstone.envs.stream import stream  # imports NumPy, for which who only lists tasks does not wait

        rng, size = stream(cls.id(), split, level, seed), cls.Size.at(level)  # type: ignore[attr-defined]
        problem = cls.sample(rng, size)
        for _ in range(ATTEMPTS):
            if problem.split == split:
                break
            problem = cls.sample(rng, size)
        return problem

    @property
    def split(self) -> Split:
        """The split that this problem belongs to, by the digest of its content."""
        values = [getattr(self, name) for name in _shown(type(self))]
        digest = hashlib.blake2b(repr(values).encode(), digest_size=1).digest()
        return "eval" if digest[0] < EVAL_SHARE else "train"

    @cached_property
    def solution(self) -> A:
        return self.solve()

    @property
    def prompt(self) -> str:
        """What a policy is asked: the statement and the form of the answer."""
        return f"{self.statement()}\n{self.answer.instruction}"

    @property
    def target(self) -> str:
        """A completion that scores 1: the worked steps, where the task offers them, and the answer."""
        steps = self.worked()
        tagged = f"<answer>{self.answer.show(self.solution)}</answer>"
        return f"{steps}\n{tagged}" if steps else tagged

    def grade(self, completion: str) -> Verdict:
        """Judge the last `<answer>…</answer>` of a completion.

        Only the parser's `ValueError` means "unreadable"; every other exception is a bug in the task and propagates.
        """
        start = completion.rfind(OPEN, 0, max(0, completion.rfind(CLOSE)))
        if start < 0:
            return unreadable("expected an answer between <answer> and </answer>, found none")
        start += len(OPEN)
        try:
            answer = self.answer.parse(completion[start : completion.find(CLOSE, start)].strip())
        except ValueError as error:
            return unreadable(str(error))
        return self.check(answer)

    def to_json(self) -> str:
        """The problem as one JSON object: its task and its fields."""
        fields = {name: getattr(self, name) for name in _fields(type(self))}
        return json.dumps({"task": self.id(), **fields}, separators=(",", ":"))

    @classmethod
    def from_json(cls, text: str) -> Self:
        """The problem that `to_json` wrote; raises `ValueError` when `text` holds something else."""
        try:
            data = json.loads(text)
            task = data.pop("task")
        except (json.JSONDecodeError, AttributeError, KeyError, TypeError) as error:
            raise ValueError(f"expected a JSON object with a 'task' field, got {text[:80]!r}") from error
        names = _fields(cls)
        if task != cls.id() or set(data) != set(names):
            raise ValueError(f"expected {cls.id()} with fields {sorted(names)}, got {task} with {sorted(data)}")
        return cls(**{name: _frozen(value) for name, value in data.items()})


def _frozen(value: Any) -> Any:
    return tuple(map(_frozen, value)) if isinstance(value, list) else value
