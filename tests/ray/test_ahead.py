"""Asking ahead, with samplers and judges that are played: the bound on age, and every group counted once."""

from __future__ import annotations

import sys
import threading
from collections import Counter
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from whetstone.policy.teaching import GrpoSettings
from whetstone.questions import Asked
from whetstone.ray_ahead import Ahead
from whetstone.rollout.types import Completion, Request, Sampling
from whetstone.rows import Key, Row


@dataclass(frozen=True)
class Sum:
    """A problem."""

    number: int

    @property
    def prompt(self) -> str:
        return f"What is {self.number} + 1?"


def asked(number: int) -> Asked:
    return Asked(Key("sums", 0, number), Sum(number))  # type: ignore[arg-type]


class Numbered:
    """The only source of a blend."""

    def restore(self, key: Key) -> Asked:
        return asked(key.seed)


@dataclass
class Part:
    source: Numbered = field(default_factory=Numbered)


class Blend:
    """Proposes 0, 1, 2, … and keeps what it observes."""

    def __init__(self) -> None:
        self.rng = np.random.default_rng(0)
        self.parts = [Part()]
        self.proposed: dict[Key, Asked] = {}
        self.judge_all: Any = None
        self.heard: list[int] = []
        self.next = 0
        self.again: set[Key] = set()
        self.unsettled: set[int] = set()  # numbers that are asked because their answers differed

    def propose(self, count: int) -> list[Asked]:
        found = [asked(self.next + i) for i in range(count)]
        self.next += count
        self.again = {question.key for question in found if question.key.seed in self.unsettled}
        return found

    def observe(self, questions: Sequence[Asked], answers: Sequence[Sequence[Completion]]) -> np.ndarray:
        rows = self.judge_all(questions, answers)
        self.heard += [question.key.seed for question in questions]
        assert [row[0].seed for row in rows] == [question.key.seed for question in questions]
        assert {question.key for question in questions} <= self.proposed.keys()
        return np.array([[row.score for row in group] for group in rows])


class Samplers:
    """Answers when it is told to; `slow` are numbers that are never answered by themselves."""

    def __init__(self) -> None:
        self.version, self.since = 0, {}
        self.requests: dict[Any, Request] = {}
        self.dropped: list[Any] = []
        self.slow: set[int] = set()
        self.seen: list[tuple[Any, int]] = []

    def submit(self, requests: dict[Any, Request]) -> None:
        self.requests |= requests
        self.since |= dict.fromkeys(requests, self.version)
        self.seen += [(name, request.seed) for name, request in requests.items()]

    def finished(self, timeout: float) -> list[tuple[Any, list[Completion]]]:
        ready = [name for name in self.requests if name not in self.slow]
        found = []
        for name in ready:
            version = self.since.pop(name)
            one = Completion("1", (5, 6), (-1.0, -1.0), "stop", (3,), versions=(version, version))
            found.append((name, [one] * self.requests.pop(name).n))
        return found

    def drop(self, names: list[Any]) -> None:
        self.dropped += names
        for name in names:
            self.requests.pop(name, None)
            self.since.pop(name, None)


class Judges:
    """Judges at once."""

    def __init__(self) -> None:
        self.rows: list[tuple[Any, list[Row]]] = []

    def submit(self, name: Any, question: Asked, answers: Sequence[Completion]) -> None:
        row = Row(*question.key, question.prompt, "1", "graded", 1.0, True, "", 2, "stop")
        self.rows.append((name, [row] * len(answers)))

    def finished(self, timeout: float) -> list[tuple[Any, list[Row]]]:
        found, self.rows = self.rows, []
        return found


def settings(prompts: int = 4, updates: int = 1) -> GrpoSettings:
    return GrpoSettings(prompts, 2, Sampling(max_tokens=4), updates=updates)


@pytest.fixture
def made():
    """Makes `Ahead`s whose threads end with the test."""
    open_: list[Ahead] = []

    def make(max_staleness: int = 1, **more: Any) -> tuple[Ahead, Blend, Samplers]:
        blend, samplers = Blend(), Samplers()
        ahead = Ahead(blend, samplers, Judges(), more.pop("settings", settings()), max_staleness, **more)  # type: ignore[arg-type]
        open_.append(ahead)
        return ahead, blend, samplers

    yield make
    for ahead in open_:
        ahead.close()


def step(ahead: Ahead, count: int = 4) -> list[int]:
    """What `grpo_step` does with a curriculum and a sampler."""
    questions = ahead.propose(count)
    answers = ahead.generate([Request(question.prompt) for question in questions])
    rewards = ahead.observe(questions, answers)
    assert rewards.shape == (count, 2)
    return [question.key.seed for question in questions]


def test_groups_are_asked_a_step_ahead_and_taken_in_turn(made) -> None:
    ahead, blend, samplers = made(max_staleness=1)
    for turn in range(5):
        assert step(ahead) == list(range(4 * turn, 4 * turn + 4))
        assert blend.next == 4 * (turn + 2) and len(ahead.groups) == 4
        samplers.version += 1
    assert ahead.counts == Counter(asked=24, taken=20, dropped=0)
    assert ahead.metrics() == {"dropped_groups": 0.0, "staleness": pytest.approx(np.mean([0, 1, 1, 1, 1]))}
    assert len(dict(samplers.seen)) == 24 and len(set(dict(samplers.seen).values())) == 24  # seeds of their own


@pytest.mark.parametrize(("max_staleness", "updates", "depth"), [(1, 1, 8), (3, 1, 16), (3, 2, 8), (1, 2, 4)])
def test_how_far_ahead_follows_from_the_bound(made, max_staleness: int, updates: int, depth: int) -> None:
    ahead, _, _ = made(max_staleness, settings=settings(updates=updates))
    assert ahead.depth == depth


def test_a_straggler_is_overtaken_and_dropped_when_it_is_too_old(made) -> None:
    ahead, blend, samplers = made(max_staleness=2)  # 12 on their way
    samplers.slow = {1}
    assert step(ahead) == [0, 2, 3, 4]
    for expected in ([5, 6, 7, 8], [9, 10, 11, 12]):
        samplers.version += 1
        assert step(ahead) == expected
    assert ahead.counts["dropped"] == 0 and samplers.dropped == []
    samplers.version += 1  # now 1 would be three updates old
    assert step(ahead) == [13, 14, 15, 16]
    assert ahead.counts["dropped"] == 1 and samplers.dropped == [1]
    assert ahead.metrics()["dropped_groups"] == 1.0 and ahead.metrics()["dropped_groups"] == 0.0
    assert 1 not in blend.heard
    assert ahead.counts["asked"] == ahead.counts["taken"] + ahead.counts["dropped"] + len(ahead.groups)


def test_what_was_sampled_too_long_ago_is_dropped_though_it_is_there(made) -> None:
    ahead, blend, samplers = made(max_staleness=1)
    step(ahead)
    samplers.version += 5  # as many updates in one step
    found = step(ahead)
    assert found == [8, 9, 10, 11] and ahead.counts["dropped"] == 4
    assert not {4, 5, 6, 7} & set(blend.heard)


def test_questions_on_their_way_are_kept_and_asked_again_with_equal_seeds(made) -> None:
    first, _, samplers = made(max_staleness=1)
    step(first)
    samplers.version += 1
    state = first.state_dict()
    second, blend, theirs = made(max_staleness=1)
    blend.next = 8  # as its own state has it
    second.load_state_dict(state)
    assert theirs.seen == samplers.seen[4:8]
    assert step(second) == [4, 5, 6, 7] and second.counts["dropped"] == 0
    assert second.state_dict()["asked"] == 12


def test_what_is_asked_once_more_is_known_when_it_is_taken_also_after_a_resumption(made) -> None:
    first, blend, samplers = made(max_staleness=1)
    blend.unsettled = {1, 5, 8}
    step(first)
    assert {key.seed for key in blend.again} == {1}  # though 5 was chosen since
    samplers.version += 1
    second, theirs, _ = made(max_staleness=1)
    theirs.next = 8
    second.load_state_dict(first.state_dict())
    assert step(second) == [4, 5, 6, 7] and {key.seed for key in theirs.again} == {5}
    old = {"asked": 1, "groups": [(0, 0, ("sums", 0, 3), "", 7, 0)]}  # of a checkpoint that does not say
    third, others, _ = made(max_staleness=1)
    third.load_state_dict(old)
    assert step(third)[0] == 3 and not others.again


def test_what_goes_wrong_in_the_thread_is_raised_by_the_step(made, monkeypatch: pytest.MonkeyPatch) -> None:
    ahead, _, samplers = made()

    def broken(timeout: float) -> list[Any]:
        raise RuntimeError("out of memory")

    monkeypatch.setattr(samplers, "finished", broken)
    with pytest.raises(RuntimeError, match="out of memory"):
        step(ahead)


def interrupted(ahead: Ahead, places: set[tuple], at: tuple | None) -> None:
    """A step that Ctrl-C ends at one of the `places` where it may, or all of them where it is not said which."""

    def trace(frame: Any, event: str, argument: Any) -> Any:
        if Path(frame.f_code.co_filename).name in ("ray_ahead.py", "threading.py"):
            place = (frame.f_code.co_name, frame.f_lineno, event)
            places.add(place)
            if place == at:
                sys.settrace(None)
                raise KeyboardInterrupt
        return trace

    before = sys.gettrace()
    sys.settrace(trace)
    try:
        step(ahead)
    finally:
        sys.settrace(before)


def test_ctrl_c_anywhere_leaves_nothing_held(made) -> None:
    places: set[tuple] = set()
    interrupted(made(max_staleness=1)[0], places, None)
    assert {"propose", "_wait", "_begin"} <= {name for name, _, _ in places}
    for place in sorted(places):
        ahead, _, _ = made(max_staleness=1)
        with suppress(KeyboardInterrupt, RuntimeError):  # Python's own wait may have let go of its lock already
            interrupted(ahead, set(), place)
        free: list[bool] = []

        def take(ahead: Ahead = ahead, free: list[bool] = free) -> None:
            free.append(ahead._lock.acquire(timeout=10))
            ahead._lock.release()

        other = threading.Thread(target=take)
        other.start()
        other.join()
        assert free == [True], place


def test_only_the_questions_proposed_are_answered(made) -> None:
    ahead, _, _ = made()
    ahead.propose(4)
    with pytest.raises(ValueError, match="expected the 4 requests of the questions proposed, got 1"):
        ahead.generate([Request("x")])


# -- several processes ------------------------------------------------------------------------------------------------


class Gather:
    """What `gather_object` does, between two threads."""

    def __init__(self) -> None:
        self.barrier = threading.Barrier(2, timeout=30)
        self.parts: dict[int, list[Any]] = {}

    def of(self, rank: int):
        def gather(items: list[Any]) -> list[Any]:
            self.parts[rank] = items
            self.barrier.wait()
            found = self.parts[0] + self.parts[1]
            self.barrier.wait()
            return found

        return gather


def test_two_processes_propose_alike_and_each_asks_its_share(made) -> None:
    gather, proposed = Gather(), {0: [], 1: []}
    both = [made(2, rank=rank, processes=2, gather=gather.of(rank)) for rank in range(2)]
    both[1][2].slow = {1, 3}  # of the second process: overtaken, then dropped

    def learn(rank: int) -> None:
        ahead, _, samplers = both[rank]
        for _ in range(5):
            questions = ahead.propose(5)
            proposed[rank].append([question.key.seed for question in questions])
            share = questions[rank::2]
            ahead.observe(share, ahead.generate([Request(q.prompt) for q in share]))
            samplers.version += 1

    other = threading.Thread(target=learn, args=(1,))
    other.start()
    learn(0)
    other.join(timeout=30)
    assert proposed[0] == proposed[1] and all(len(step) == 5 for step in proposed[0])
    flat = [number for step in proposed[0] for number in step]
    assert len(set(flat)) == len(flat) and not {1, 3} & set(flat)
    for rank in range(2):
        ahead, blend, samplers = both[rank]
        assert blend.heard == [number for step in proposed[0] for number in step[rank::2]]
        assert {name for name, _ in samplers.seen} >= set(blend.heard)
        assert ahead.counts["dropped"] == 2
    assert not {name for name, _ in both[0][2].seen} & {name for name, _ in both[1][2].seen}
