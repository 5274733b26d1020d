"""Asking ahead: groups are sampled and judged while the learner updates, at most so many weight updates before.

A step takes the groups that are ready, the first asked first. What was sampled with weights more than `max_staleness`
updates old is dropped, counted, and asked for anew; for the rest the loss corrects (`grpo.correction`).
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from threading import Condition, Event, RLock, Thread
from typing import Any, Protocol

import numpy as np

from whetstone.blend import Blend
from whetstone.policy.teaching import GrpoSettings
from whetstone.questions import Asked, Groups
from whetstone.ray_worker import Name
from whetstone.rollout.types import Completion, Request
from whetstone.rows import Key, Row

SEEDS = 1 << 62
PAUSE = 0.02  # seconds between looks at the samplers and at the judges


class Samplers(Protocol):
    """Completes prompts while others are asked (`ray_samplers.RaySamplers`)."""

    since: dict[Name, int]

    @property
    def version(self) -> int: ...

    def submit(self, requests: dict[Name, Request]) -> None: ...

    def finished(self, timeout: float) -> list[tuple[Any, list[Completion]]]: ...

    def drop(self, names: list[Name]) -> None: ...


class Judges(Protocol):
    """Judges groups while others are judged (`ray_judges.RayJudges`)."""

    def submit(self, name: Name, question: Asked, answers: Sequence[Completion]) -> None: ...

    def finished(self, timeout: float) -> list[tuple[Any, list[Row]]]: ...


@dataclass(eq=False)
class Group:
    """A question on its way: asked, then answered, then judged."""

    question: Asked
    seed: int
    owner: int  # the process that asks it
    again: bool = False  # chosen because its answers differed, which says nothing of its level
    answers: list[Completion] | None = None
    rows: list[Row] | None = None

    @property
    def oldest(self) -> int | None:
        """The version of the weights that sampled its first token; None where no token says."""
        return min((v for answer in self.answers or () for v in answer.versions), default=None)


class Ahead:
    """A `policy.trainer.Curriculum` and its `Sampler` in one: what they are asked for was begun before.

    `depth` groups are on their way at any time. With several processes each asks and takes its share of the groups;
    `gather` brings together what each has, in one order, and all propose the same questions. A thread hands finished
    groups to the judges while the learner is busy.
    """

    def __init__(
        self,
        blend: Blend,
        samplers: Samplers,
        judges: Judges,
        settings: GrpoSettings,
        max_staleness: int,
        *,
        rank: int = 0,
        processes: int = 1,
        gather: Callable[[list[Any]], list[Any]] = list,
    ) -> None:
        self.blend, self.samplers, self.judges = blend, samplers, judges
        self.settings, self.max_staleness = settings, max_staleness
        self.rank, self.processes, self.gather = rank, processes, gather
        self.depth = settings.prompts * (1 + max_staleness // settings.updates)
        self.groups: dict[int, Group] = {}  # on their way, of all processes, in the order in which they were asked
        self.taken: list[Group] = []  # by this process, for the step
        self.counts: Counter[str] = Counter()
        self._asked, self._said = 0, 0
        self._lags: list[int] = []
        self._stop = Event()
        self._lock = RLock()  # entered itself: Ctrl-C amid `Condition.__enter__` would leave it held
        self._changed = Condition(self._lock)
        self._thread: Thread | None = None
        self._error: BaseException | None = None
        blend.judge_all = self._judged

    # -- the curriculum ---------------------------------------------------------------------------------------------

    def propose(self, count: int) -> list[Asked]:
        """`count` questions whose groups are there, waiting for them; of another process, what it takes."""
        with self._lock:
            dropped = self.gather(self._outdated())
            for number in dropped:
                del self.groups[number]
        self.counts["dropped"] += len(dropped)
        self._ask(self.depth - len(self.groups))
        share = len(range(self.rank, count, self.processes))
        own = self._wait(share)
        chosen = self.gather([(self.rank, own)])
        by_rank = dict(chosen)
        numbers = [by_rank[place % self.processes][place // self.processes] for place in range(count)]
        with self._lock:
            groups = [self.groups.pop(number) for number in numbers]
        self.taken = groups[self.rank :: self.processes]
        self.counts["taken"] += len(groups)
        self._lags += [self.samplers.version - old for group in self.taken if (old := group.oldest) is not None]
        self.blend.proposed = {g.question.key: g.question for g in groups if not g.question.shown}
        self.blend.again = {g.question.key for g in groups if g.again}
        return [group.question for group in groups]

    def observe(self, questions: Sequence[Asked], answers: Sequence[Sequence[Completion]]) -> np.ndarray:
        """The reward of each answer, (questions, samples)."""
        return self.blend.observe(questions, answers)

    def _judged(self, questions: Sequence[Asked], answers: Sequence[Sequence[Completion]]) -> Groups:
        del questions, answers  # those of the groups that were taken
        return [group.rows or [] for group in self.taken]

    def generate(self, requests: Sequence[Request]) -> list[list[Completion]]:
        """The completions of the groups that were proposed, this process's share of them."""
        if len(requests) != len(self.taken):
            raise ValueError(f"expected the {len(self.taken)} requests of the questions proposed, got {len(requests)}")
        return [group.answers or [] for group in self.taken]

    # -- groups on their way ------------------------------------------------------------------------------------------

    def _outdated(self) -> list[int]:
        """Numbers of this process's groups that are too old, or will be when they are there; they are given up."""
        least = self.samplers.version - self.max_staleness
        found = []
        for number, group in self.groups.items():
            if group.owner != self.rank:
                continue
            old = self.samplers.since.get(number) if group.answers is None else group.oldest
            if old is not None and old < least:
                found.append(number)
        self.samplers.drop([number for number in found if self.groups[number].answers is None])
        return found

    def _ask(self, count: int) -> None:
        """Begin groups, each process the same number of them."""
        if count <= 0:
            return
        owners = Counter({rank: 0 for rank in range(self.processes)})
        owners.update(group.owner for group in self.groups.values())
        seed = int(self.blend.rng.integers(SEEDS))
        for i, question in enumerate(self.blend.propose(count)):
            owner = min(owners, key=lambda rank: (owners[rank], rank))
            owners[owner] += 1
            again = not question.shown and question.key in self.blend.again
            self._begin(Group(question, seed + i, owner, again))

    def _begin(self, group: Group) -> None:
        number, self._asked = self._asked, self._asked + 1
        with self._lock:
            self.groups[number] = group
        self.counts["asked"] += 1
        if group.owner == self.rank:
            request = Request(group.question.prompt, self.settings.sampling, self.settings.samples, group.seed)
            self.samplers.submit({number: request})

    def _wait(self, count: int) -> list[int]:
        """The numbers of the first `count` of this process's groups that are there."""
        if self._thread is None:
            thread = Thread(target=self._pump, name="groups", daemon=True)
            thread.start()
            self._thread = thread  # once it can be joined, whatever interrupts this
        with self._lock:
            while True:
                if self._error is not None:
                    raise self._error
                mine = [(n, g) for n, g in self.groups.items() if g.owner == self.rank]
                ready = [n for n, group in mine if group.rows is not None]
                if len(ready) >= count:
                    return ready[:count]
                self._changed.wait(timeout=1.0)

    def _pump(self) -> None:
        """The thread: from samplers to judges, and from judges to whoever waits."""
        try:
            while not self._stop.is_set():
                moved = self._move()
                if not moved:
                    time.sleep(PAUSE)
        except BaseException as error:  # carried to the thread that waits
            with self._lock:
                self._error = error
                self._changed.notify_all()

    def _move(self) -> bool:
        with self._lock:  # so that a group has an age at any time: when it was sent, or what its tokens say
            answered, judged = self.samplers.finished(0.0), self.judges.finished(0.0)
            for number, answers in answered:
                group = self.groups.get(number)
                if group is not None:
                    group.answers = answers
                    self.judges.submit(number, group.question, answers)
            for number, rows in judged:
                group = self.groups.get(number)
                if group is not None:
                    group.rows = rows
            self._changed.notify_all()
        return bool(answered or judged)

    def close(self) -> None:
        """End the thread."""
        self._stop.set()
        if self._thread is not None:
            self._thread.join()

    # -- what is logged and kept --------------------------------------------------------------------------------------

    def metrics(self) -> dict[str, float]:
        """Groups dropped and how old those were that were taken, in weight updates, since the last call."""
        found = {"dropped_groups": float(self.counts["dropped"] - self._said)}
        self._said = self.counts["dropped"]
        if self._lags:
            found["staleness"] = float(np.mean(self._lags))
        self._lags = []
        return found

    def state_dict(self) -> dict[str, Any]:
        """The questions on their way; what was sampled for them is sampled again from equal seeds."""
        return {
            "asked": self._asked,
            "groups": [
                (number, g.question.source, tuple(g.question.key), g.question.shown, g.seed, g.owner, g.again)
                for number, g in self.groups.items()
            ],
        }

    def load_state_dict(self, state: dict[str, Any]) -> None:
        """Ask again what was on its way."""
        for number, source, key, shown, seed, owner, *again in state["groups"]:  # older checkpoints have no `again`
            question = replace(self.blend.parts[source].source.restore(Key(*key)), source=source, shown=shown)
            self._asked = number
            self._begin(Group(question, seed, owner % self.processes, any(again)))
        self._asked = state["asked"]
