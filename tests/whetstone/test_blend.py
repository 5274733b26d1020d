"""A stage's curriculum: shares, aggregations, judges of preference, and a state that is all there is to keep."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import numpy as np
import pytest

from whetstone.blend import Blend, Judged, Part
from whetstone.curriculum.difficulty import Learnability, LearnabilitySettings
from whetstone.curriculum.mixture import Mixture
from whetstone.curriculum.traces import Pool, PoolSettings
from whetstone.curriculum.unsettled import Unsettled, UnsettledSettings
from whetstone.exam import Item
from whetstone.listed import Listed, of_tasks
from whetstone.questions import Asked, Questions
from whetstone.rollout.strategies import MarkovianRSA
from whetstone.rollout.types import Completion

SORTING, SHIFT = "sequences/sorting", "strings/minimal_cyclic_shift"


class Letters:
    """A token is a character."""

    def encode(self, text: str) -> list[int]:
        return [*map(ord, text)]

    def decode(self, tokens: Sequence[int]) -> str:
        return "".join(map(chr, tokens))


def anything(prompt: str) -> bool:
    return True


def mixed(rng: np.random.Generator, *tasks: str) -> Questions:
    mixture = Mixture({task: Learnability(LearnabilitySettings(start=1)) for task in tasks}, 0)
    mixture.rng = rng
    return Questions(mixture, "exact")


def two_sources(
    share: float = 0.5, seed: int = 0, fits: Callable[[str], bool] = anything, gather: Callable = list
) -> Blend:
    rng = np.random.default_rng(seed)
    listed = Listed("shifts", of_tasks([SHIFT], [0, 1], 8, 0), 0)
    parts = [
        Part("sorting", mixed(rng, SORTING), 3.0, share, Pool(PoolSettings(staleness=100))),
        Part("shifts", listed, 1.0),
    ]
    return Blend(parts, rng, "exact", fits, MarkovianRSA(Letters(), n=4, c=2, tail=12), gather)


def answers(questions: Sequence[Asked], right: int = 2, count: int = 4) -> list[list[Completion]]:
    """The first `right` of `count` answers to each question are right."""
    texts = [
        [f"I think. {q.problem.target}" if i < right else "no <answer>?</answer>" for i in range(count)]
        for q in questions
    ]
    return [[Completion(text, (1,), (0.0,), "stop") for text in group] for group in texts]


def run(blend: Blend, steps: int) -> list[list[tuple]]:
    """What is asked in some steps, each answered."""
    asked = []
    for _ in range(steps):
        questions = blend.propose(8)
        blend.observe(questions, answers(questions))
        blend.metrics()
        asked.append([(q.key, q.prompt) for q in questions])
    return asked


def test_every_source_has_its_share():
    blend = two_sources(share=0.0)
    assert Counter(q.source for q in blend.propose(8)) == {0: 6, 1: 2}
    assert Counter(q.source for q in blend.propose(4)) == {0: 3, 1: 1}
    assert all(q.key.task == (SORTING, SHIFT)[q.source] for q in blend.propose(16))


def test_rewards_and_metrics_by_hand():
    blend = two_sources(share=0.0)
    questions = blend.propose(4)
    rewards = blend.observe(questions, answers(questions, right=1))
    assert rewards.tolist() == [[1.0, 0.0, 0.0, 0.0]] * 4
    metrics = blend.metrics()
    assert metrics["accuracy"] == 0.25
    assert metrics["sources"] == {"sorting": 0.25, "shifts": 0.25}
    assert metrics["frontier"] == {SORTING: 1}
    assert len(blend.rows) == 16
    more = blend.propose(2)
    blend.observe(more, answers(more))
    blend.observe(more, answers(more))  # a second round of the same step
    assert len(blend.rows) == 16


def test_aggregations_show_what_was_answered_and_leave_difficulty_alone():
    blend = two_sources(share=1.0)
    first = blend.propose(8)
    assert not any(q.shown for q in first)  # nothing has been answered yet
    blend.observe(first, answers(first))
    assert blend.metrics()["aggregated"] == 0
    second = blend.propose(8)
    shown = [q for q in second if q.shown]
    assert len(shown) == 6  # all of the first source's
    known = {q.key: q.problem.prompt for q in first}
    for question in shown:
        assert known[question.key] in question.prompt
        assert question.prompt.count("I think.") + question.prompt.count("no") >= 2
    before = blend.parts[0].source.state_dict()["controllers"]
    rewards = blend.observe(second, answers(second))
    assert rewards.tolist() == [[1.0, 1.0, 0.0, 0.0]] * 8
    assert blend.parts[0].source.state_dict()["controllers"] == before
    assert blend.metrics()["aggregated"] == 6
    assert blend.metrics()["aggregated_accuracy"] == 0.5
    assert {row.prompt for row in blend.rows} == {q.prompt for q in second}


def test_attempts_age_by_steps_however_often_a_step_asks():
    blend = two_sources(share=0.5)
    pool = blend.parts[0].pool
    assert pool is not None
    for _ in range(3):  # the first round of a step and two refills
        questions = blend.propose(8)
        blend.observe(questions, answers(questions))
    assert pool.metrics()["age"] == 0
    blend.metrics()
    blend.metrics()  # says the same, and the step is not over twice
    assert pool.metrics()["age"] == 1
    questions = blend.propose(2)
    blend.observe(questions, answers(questions))
    assert 0 < pool.metrics()["age"] < 1


def asking_again(seed: int = 0) -> Blend:
    rng = np.random.default_rng(seed)
    part = Part("sorting", mixed(rng, SORTING), again=0.5, unsettled=Unsettled(UnsettledSettings(group=4)))
    return Blend([part], rng, "exact", anything, MarkovianRSA(Letters()))


def test_problems_whose_answers_differed_are_asked_again_and_leave_difficulty_alone():
    blend = asking_again()
    first = blend.propose(8)
    blend.observe(first, answers(first, right=2))
    assert blend.metrics()["asked_again"] == 0
    before = blend.parts[0].source.state_dict()["controllers"]
    second = blend.propose(8)
    known = {question.key for question in first}
    again = [question for question in second if question.key in known]
    assert 0 < len(again) < 8
    assert all(question.prompt == next(q.prompt for q in first if q.key == question.key) for question in again)
    blend.observe(again, answers(again, right=4))
    assert blend.parts[0].source.state_dict()["controllers"] == before
    assert blend.metrics()["asked_again"] == len(again)
    third = {question.key for question in blend.propose(8)}
    assert not third & {question.key for question in again}  # their answers agree now
    assert third & known


def test_what_is_asked_again_is_in_the_state():
    whole = run(asking_again(), 8)
    first, second = asking_again(), asking_again(seed=9)
    assert run(first, 4) == whole[:4]
    second.load_state_dict(first.state_dict())
    assert run(second, 4) == whole[4:]
    keys = [key for step in whole for key, _ in step]
    assert len(set(keys)) < len(keys)


def test_all_is_in_the_state():
    whole = run(two_sources(), 8)
    first = two_sources()
    assert run(first, 4) == whole[:4]
    second = two_sources(seed=9)
    second.load_state_dict(first.state_dict())
    assert run(second, 4) == whole[4:]
    assert any(prompt != "" and "ttempt" in prompt for step in whole[4:] for _, prompt in step)


def test_one_source_asks_as_its_mixture_alone_would():
    alone = mixed(np.random.default_rng(5), SORTING, SHIFT)
    rng = np.random.default_rng(5)
    blend = Blend([Part("tasks", mixed(rng, SORTING, SHIFT))], rng, "exact", anything, MarkovianRSA(Letters()))
    for _ in range(3):
        assert [q.key for q in blend.propose(6)] == [q.key for q in alone.propose(6)]
    state = alone.state_dict()  # as runs kept it before there were sources
    blend.propose(4)
    blend.load_state_dict(state)
    assert [q.key for q in blend.propose(6)] == [q.key for q in alone.propose(6)]


def test_processes_that_gather_stay_alike():
    """Two processes (threads here) answer halves of the same questions; both hear of everything."""
    ours: list[list[Judged]] = [[], []]
    together = Barrier(2, timeout=30)

    def work(rank: int) -> list[list[str]]:
        def gather(mine: list[Judged]) -> list[Judged]:
            ours[rank] = mine
            together.wait()
            everything = ours[0] + ours[1]
            together.wait()
            return everything

        blend, asked = two_sources(gather=gather), []
        for _ in range(6):
            questions = blend.propose(8)
            blend.observe(questions[rank::2], answers(questions[rank::2], right=1 + rank))
            assert len(blend.rows) == 8 * 4
            blend.metrics()
            asked.append([question.prompt for question in questions])
        return asked

    with ThreadPoolExecutor(2) as pool:
        first, second = pool.map(work, range(2))
    assert first == second
    assert any("ttempt" in prompt for prompt in first[-1])


def test_prompts_that_do_not_fit_are_drawn_anew_and_at_last_an_error():
    def even(prompt: str) -> bool:
        return sum(map(ord, prompt)) % 2 == 0

    assert all(even(question.prompt) for question in two_sources(share=0.0, fits=even).propose(8))
    with pytest.raises(ValueError, match=r"the prompts of sorting do not fit: raise the stage's context"):
        two_sources(fits=lambda prompt: False).propose(8)


# -- judges of preference ---------------------------------------------------------------------------------------------


class Longest:
    """Likes long replies; fails at prompts that it is told to fail at."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, list[str]]] = []

    def scores(self, prompts: Sequence[str], replies: Sequence[Sequence[str]]) -> list[list[float]]:
        self.asked += [(prompt, list(texts)) for prompt, texts in zip(prompts, replies, strict=True)]
        return [[float("nan") if "BAD" in text else len(text) / 100 for text in texts] for texts in replies]


def test_a_judge_sees_only_what_code_accepts_and_all_else_earns_nothing():
    judge, rng = Longest(), np.random.default_rng(0)
    part = Part("judged", mixed(rng, SORTING), judge=judge)
    blend = Blend([part], rng, "score", anything, MarkovianRSA(Letters()))
    (question,) = blend.propose(1)
    target = question.problem.target
    texts = [target, f"well {target}", f"BAD {target}", "a very long reply that breaks the instruction" * 9]
    rewards = blend.observe([question], [[Completion(text, (1,), (0.0,), "stop") for text in texts]])[0]
    assert judge.asked == [(question.prompt, texts[:3])]
    assert rewards[[0, 1, 3]].tolist() == [len(texts[0]) / 100, len(texts[1]) / 100, 0.0]
    assert np.isnan(rewards[2])
    assert [row.correct for row in blend.rows] == [True, True, True, False]
    assert [row.score for row in blend.rows][:3] == [len(texts[0]) / 100, len(texts[1]) / 100, None]
    assert blend.rows[2].reason == "the judge of preference failed"


# -- lists ------------------------------------------------------------------------------------------------------------


def test_a_list_is_gone_through_in_another_order_each_time():
    listed = Listed("list", of_tasks([SHIFT], [0, 1], 6, 0), 3)
    rounds = [[q.key for q in listed.propose(6)] for _ in range(3)]
    assert all(sorted(each) == sorted(rounds[0]) for each in rounds)
    assert len({tuple(each) for each in rounds}) == 3
    again = Listed("list", of_tasks([SHIFT], [0, 1], 6, 0), 3)
    again.load_state_dict({"drawn": 6})
    assert [q.key for q in again.propose(6)] == rounds[1]
    assert again.restore(rounds[0][2]).key == rounds[0][2]
    assert Counter(key.level for key in rounds[0]) == {0: 3, 1: 3}


def test_an_empty_list_is_an_error():
    with pytest.raises(ValueError, match="nobody: there is no problem to train on"):
        Listed("nobody", [], 0)
    with pytest.raises(ValueError, match="solves every problem too often"):
        Listed("all", of_tasks([SHIFT], [0], 2, 0), 0).keep(set())


def test_problems_of_tasks_are_those_of_the_train_split():
    items: list[Item] = of_tasks([SORTING, SHIFT], [1, 2], 10, 0)
    assert len({item.key for item in items}) == 10
    assert all(item.draw().split == "train" for item in items)  # type: ignore[attr-defined]
