"""Evaluation: fixed problems, a sampler's completions, verdicts, and a folder that survives a crash.

A problem is named by (task, split, level, seed), so two evaluations with the same arguments ask the same problems.
Accuracy is exact correctness.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable, Iterator, Sequence
from collections.abc import Set as AbstractSet
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from threading import Lock, Semaphore
from types import TracebackType
from typing import NamedTuple, Protocol, Self

from whetstone.envs import Task
from whetstone.envs.core import Split
from whetstone.exam import Item, drawn
from whetstone.rollout.strategies import Cost, Plan, Planned, Single, Solved
from whetstone.rollout.strategies.driver import WIDE, Completing, drive_all
from whetstone.rollout.types import Completion, Sampler, Sampling
from whetstone.rows import Key, Problem, Row, crashed, judge, overlong

WAITING = 2048  # units that may wait for a judge


class Unit(NamedTuple):
    """What is asked, judged and stored as a whole: one attempt at a problem, which may give several completions."""

    key: Key
    attempt: int = 0


OnRows = Callable[[Unit, Problem | None, Sequence[Row]], None]
"""Called with the rows of every unit, and its problem where it could be drawn."""


@dataclass(frozen=True)
class Attempts:
    """How each problem is tried: a strategy, `count` times over with seeds of its own."""

    strategy: Planned
    count: int = 1

    @classmethod
    def independent(cls, samples: int, sampling: Sampling | None = None) -> Attempts:
        """`samples` completions of each problem, asked for together. Raises `ValueError` below 1."""
        return cls(Single(sampling or Sampling(), samples))

    @property
    def rows(self) -> int:
        """Rows of a problem."""
        return self.strategy.size * self.count


def draw_problems(
    tasks: Sequence[str], levels: Sequence[int], problems: int, seed: int = 0, split: Split = "eval"
) -> Iterator[Task]:
    """The problems that `evaluate` asks, given the same arguments; the oracle wants them."""
    for item in drawn(tasks, levels, problems, seed, split):
        yield item.draw()  # type: ignore[misc]


def evaluate(
    sampler: Sampler | Completing,
    tasks: Sequence[str],
    levels: Sequence[int],
    problems: int,
    samples: int = 1,
    sampling: Sampling | None = None,
    seed: int = 0,
    split: Split = "eval",
) -> list[Row]:
    """Asks `problems` problems of every task at every level, `samples` times each; a row for every completion.

    Raises `UnknownTask` or `BrokenTask` before anything is sampled.
    """
    items = drawn(tasks, levels, problems, seed, split)
    found: dict[Key, Sequence[Row]] = {}
    attempts = Attempts.independent(samples, sampling)
    ask(sampler, items, attempts, lambda unit, problem, rows: found.__setitem__(unit.key, rows))
    return [row for item in items for row in found[item.key]]


def ask(
    sampler: Sampler | Completing,
    items: Sequence[Item],
    attempts: Attempts,
    on_rows: OnRows,
    done: AbstractSet[Unit] = frozenset(),
    stop: Callable[[], bool] = lambda: False,
    wide: int = WIDE,
    refusal: Callable[[str], str] = lambda prompt: "",
    judging: Judging | None = None,
    charge: Callable[[str, Cost], None] = lambda prompt, cost: None,
) -> None:
    """Ask every item that is not `done`, until there are none left or `stop` says so; units under way are finished.

    `refusal` says why a prompt cannot be asked, "" if it can: such a problem is counted, and not sent. `judging` is
    where answers are judged, threads of this process unless given. `charge` hears what a prompt's answers cost as soon
    as they are there, which may be long before they are judged.
    """
    size = attempts.strategy.size
    problems: dict[Unit, Problem] = {}

    def jobs() -> Iterator[tuple[Unit, Callable[[], Plan]]]:
        units = (Unit(item.key, attempt) for item in items for attempt in range(attempts.count))
        draws = (item.draw for item in items for _ in range(attempts.count))
        for unit, draw in zip(units, draws, strict=True):
            if unit in done:
                continue
            if stop():
                return
            try:
                problem = draw()
                prompt = problem.prompt
            except Exception as error:  # an evaluation supervises the tasks: one author's bug must not end it
                tell(unit, None, lambda unit=unit, error=error: _not_drawn(unit, size, error))
                continue
            if reason := refusal(prompt):
                tell(unit, problem, lambda unit=unit, said=(prompt, reason): _not_asked(unit, size, *said))
                continue
            problems[unit] = problem
            yield unit, lambda prompt=prompt, unit=unit: attempts.strategy.plan(prompt, request_seed(unit))

    with judging or Judges() as judges:

        def tell(unit: Unit, problem: Problem | None, work: Callable[[], list[Row]]) -> None:
            def crash(error: Exception) -> list[Row]:
                return _not_drawn(unit, size, error)

            judges.submit(work, lambda rows: on_rows(unit, problem, rows), crash)

        def judge_later(unit: Unit, solved: Solved) -> None:
            problem = problems.pop(unit)
            charge(problem.prompt, solved.cost)
            tell(unit, problem, lambda: rows_of(unit, problem, solved))

        drive_all(sampler, jobs(), judge_later, wide, attempts.strategy.width)


class Judging(Protocol):
    """Judges while the sampler goes on; a context manager that ends when all is judged."""

    def submit(
        self, work: Callable[[], list[Row]], then: Callable[[list[Row]], None], crash: Callable[[Exception], list[Row]]
    ) -> None:
        """Do the work, then hand over its result, one at a time; that of `crash` if it cannot be done."""
        ...

    def __enter__(self) -> Judging: ...

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None: ...


class Judges:
    """Threads that judge while the sampler goes on: a judge may wait for a sandbox, a sampler should not.

    Results are handed over one at a time. What raises in a thread is raised at the next `submit`, or at the end.
    """

    def __init__(self, threads: int | None = None) -> None:
        count = threads or min(8, os.cpu_count() or 1)
        self.pool = ThreadPoolExecutor(count, "judge")
        self.room, self.lock = Semaphore(WAITING), Lock()
        self.failures: list[BaseException] = []

    def submit(
        self, work: Callable[[], list[Row]], then: Callable[[list[Row]], None], crash: Callable[[Exception], list[Row]]
    ) -> None:
        """Do the work in a thread, then hand over its result; waits while too much is waiting."""
        del crash  # a thread comes back
        self._raise()
        self.room.acquire()
        self.pool.submit(self._do, work, then)

    def _do(self, work: Callable[[], list[Row]], then: Callable[[list[Row]], None]) -> None:
        try:
            rows = work()
            with self.lock:
                then(rows)
        except BaseException as error:  # carried to the thread that submits
            self.failures.append(error)
        finally:
            self.room.release()

    def _raise(self) -> None:
        if self.failures:
            raise self.failures[0]

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None):
        self.pool.shutdown(wait=True)
        if error is None:
            self._raise()


def rows_of(unit: Unit, problem: Problem, solved: Solved) -> list[Row]:
    """The judged final candidates; what the strategy wrote and read is divided among them."""
    final, cost = solved.outcome.final, solved.cost
    first = unit.attempt * len(final)
    written, read = _shares(cost.written, len(final)), _shares(cost.read, len(final))
    return [
        judge(unit.key, problem, completion, sample=first + i, spent=written[i], read=read[i])
        for i, completion in enumerate(final)
    ]


def _shares(total: int, parts: int) -> list[int]:
    """Whole numbers as equal as can be that add up to `total`."""
    return [total * (i + 1) // parts - total * i // parts for i in range(parts)]


def _not_drawn(unit: Unit, size: int, error: Exception) -> list[Row]:
    nothing = Completion("", (), (), "error")
    return [crashed(unit.key, "", nothing, error, sample=unit.attempt * size + i) for i in range(size)]


def _not_asked(unit: Unit, size: int, prompt: str, reason: str) -> list[Row]:
    return [overlong(unit.key, prompt, reason, sample=unit.attempt * size + i) for i in range(size)]


def request_seed(unit: Unit) -> int:
    """The sampling seed of a unit, below 2^31: problems share no noise, and the same one always has its own."""
    words = tuple(unit.key) if not unit.attempt else (*unit.key, unit.attempt)
    return int.from_bytes(hashlib.blake2b(repr(words).encode(), digest_size=4).digest(), "little") >> 1
