"""What a step of GRPO can do beside the plain one: refill, reuse, penalties, KL, canaries, and batches to replay."""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor

from whetstone.policy.canaries import (
    Canaries,
    EntropyCollapse,
    GradientSpike,
    LengthExplosion,
    Repetition,
    RewardHacking,
)
from whetstone.policy.companions import Companions
from whetstone.policy.faults import BATCH, load_batch, replay_batch, save_batch
from whetstone.policy.learner import Learner
from whetstone.policy.loss import Correction, LossSettings
from whetstone.policy.model import ZayaPolicy
from whetstone.policy.optimizer import Optimizers, adamw
from whetstone.policy.presets import PRESETS
from whetstone.policy.reference import Reference, logprobs
from whetstone.policy.shaping import LengthReward, LengthSettings
from whetstone.policy.teaching import GrpoSettings, Rollouts, informative, repeats, shaped, teaching
from whetstone.policy.tokenizer import TextTokenizer
from whetstone.policy.trainer import grpo_step
from whetstone.policy.weights import CheckpointError
from whetstone.rollout.engine import Engine
from whetstone.rollout.types import Completion, Finish, Sampling

SETTINGS = GrpoSettings(prompts=2, samples=4, sampling=Sampling(max_tokens=4))


class Numbers:
    """`3 4 5` is the tokens 3, 4, 5."""

    def encode(self, text: str) -> list[int]:
        return [int(word) for word in text.split()]

    def decode(self, tokens: Sequence[int]) -> str:
        return " ".join(map(str, tokens))


@dataclass
class Asked:
    """A question."""

    prompt: str


@dataclass
class Judge:
    """Asks prompts that count up; the reward is a function of question and answer."""

    reward: Callable[[Asked, int, Completion], float]
    asked: list[Asked] = field(default_factory=list)
    counts: list[int] = field(default_factory=list)

    def propose(self, count: int) -> list[Asked]:
        self.counts.append(count)
        self.asked += [Asked(f"{3 + (len(self.asked) + i) % 30} 4") for i in range(count)]
        return self.asked[-count:]

    def observe(self, questions: Sequence[Asked], answers: Sequence[Sequence[Completion]]) -> np.ndarray:
        return np.array(
            [[self.reward(q, i, a) for i, a in enumerate(group)] for q, group in zip(questions, answers, strict=True)]
        )


def half(asked: Asked, sample: int, answer: Completion) -> float:
    """Every other sample is right."""
    return float(sample % 2 == 0)


def answer(*tokens: int, finish: Finish = "stop", version: int = 0) -> Completion:
    return Completion("", tokens, (-1.0,) * len(tokens), finish, (1,), versions=(version,) * len(tokens))


def learner_of(policy: ZayaPolicy, lr: float = 0.1) -> Learner:
    return Learner(policy, Optimizers([torch.optim.SGD(policy.parameters(), lr=lr)]))


def weights(policy: ZayaPolicy) -> dict[str, Tensor]:
    return {name: x.detach().clone() for name, x in policy.state_dict().items()}


def step(
    policy: ZayaPolicy, settings: GrpoSettings = SETTINGS, judge: Judge | None = None, **more: Any
) -> dict[str, float]:
    judge = judge or Judge(half)
    engine = Engine(policy, Numbers(), stop=2)
    return grpo_step(learner_of(policy), engine, judge, settings, 1.0, 0, Companions(**more))


# -- asking -----------------------------------------------------------------------------------------------------------


def test_refill_asks_for_as_many_as_are_missing(make_policy):
    def third(asked: Asked, sample: int, answer: Completion) -> float:
        return float(sample == 0) if int(asked.prompt.split()[0]) % 3 == 0 else 0.0  # 3, 6, 9, ... teach

    judge = Judge(third)
    found = step(make_policy(0), replace(SETTINGS, prompts=3, refill=5), judge)
    # 3 4 5: one. 6 7: two. 8: none. 9: the third.
    assert judge.counts == [3, 2, 1, 1]
    assert (found["rounds"], found["asked"]) == (4, 7)
    assert found["rows"] == 3 * 4
    bounded = Judge(third)
    found = step(make_policy(0), replace(SETTINGS, prompts=3, refill=1), bounded)
    assert bounded.counts == [3, 2]
    assert found["rows"] == 2 * 4


def test_without_refill_there_is_one_round(make_policy):
    judge = Judge(lambda *_: 0.0)
    assert step(make_policy(0), SETTINGS, judge)["rows"] == 0
    assert judge.counts == [2]


# -- which rows -------------------------------------------------------------------------------------------------------


def test_truncated_answers_leave_the_loss_but_not_the_mean():
    answers = [[answer(5), answer(6, finish="length"), answer(7), answer(8, finish="length")]]
    rewards = np.array([[1.0, 0.0, 0.0, 0.0]])
    rows = informative(answers, rewards, replace(SETTINGS, advantage="dr_grpo", mask_truncated=True))
    assert [(list(row.completion), row.advantage) for row in rows] == [([5], 0.75), ([7], -0.25)]


def test_old_tokens_are_left_out():
    answers = [[answer(5, version=9), answer(6, version=7), answer(7, version=5), answer(8, version=9)]]
    rewards = np.array([[1.0, 0.0, 1.0, 0.0]])

    def kept(staleness: int, updates: int = 1) -> list[int]:
        settings = replace(SETTINGS, staleness=staleness, updates=updates)
        return [row.completion[0] for row in informative(answers, rewards, settings)]

    assert kept(4) == [5, 6, 7, 8]
    assert kept(3) == kept(2) == [5, 6, 8]
    assert kept(1) == kept(0) == [5, 8]
    assert kept(4, updates=3) == [5, 6, 8]  # two updates on, the third answer would be 6 updates old
    with pytest.raises(ValueError, match="4 updates on one batch make its tokens 3 weight updates old"):
        replace(SETTINGS, staleness=2, updates=4)


def rollouts_of(answers: list[list[Completion]], rewards: list[list[float]]) -> Rollouts:
    return Rollouts([Asked("3")] * len(answers), answers, np.array(rewards))


def test_penalties_for_length_and_repetition(make_policy):
    learner = learner_of(make_policy(0))
    loop = answer(*[7] * 400)
    settings = replace(SETTINGS, sampling=Sampling(max_tokens=10), soft_overlong=4, repetition=0.05)
    rollouts = rollouts_of([[answer(*range(3, 11)), loop, answer(5), loop]], [[1.0, 1.0, 0.5, math.nan]])
    lengths = np.array([[8, 400, 1, 400]])
    found = shaped(learner, rollouts, lengths, settings, Companions())
    assert found[0, :3].tolist() == [0.5, -1.0, 0.5]  # 2 of 4 tokens over; 0 for the loop, less 1; untouched
    assert math.isnan(found[0, 3])
    assert repeats(loop.tokens, 0.05) and not repeats(range(3, 400), 0.05)


def test_the_length_reward_reaches_the_advantage(make_policy):
    answers = [[answer(5), answer(*[6] * 9), answer(7), answer(8)]]
    rollouts = rollouts_of(answers, [[1.0, 1.0, 0.0, 0.0]])
    lengths = LengthReward(LengthSettings(longest=17, start=1.0))
    settings = replace(SETTINGS, advantage="maxrl")
    rows = teaching(learner_of(make_policy(0)), rollouts, settings, Companions(lengths=lengths))
    # p 1/2, lam 1/2 and 1/2 - 8/16 = 0: (1/2 + 1/4) / (1/2), then 1, -1, -1
    assert [row.advantage for row in rows] == pytest.approx([1.5, 1, -1, -1])


# -- KL ---------------------------------------------------------------------------------------------------------------


def test_kl_in_the_reward_by_hand(make_policy):
    policy, other = make_policy(0), make_policy(1)
    answers = [[answer(5, 6), answer(7)]]
    rollouts = rollouts_of(answers, [[1.0, 0.0]])
    settings = GrpoSettings(1, 2, Sampling(4), loss=LossSettings(estimator="k1"), kl_reward=0.1)
    found = shaped(learner_of(policy), rollouts, np.array([[2, 1]]), settings, Companions(reference=Reference(other)))
    rows = informative(answers, rollouts.rewards_QS, settings)
    first, second = (sum(-1.0 - x for x in part) for part in logprobs(other, rows))
    assert found[0].tolist() == pytest.approx([1.0 - 0.1 * first, -0.1 * second], abs=1e-5)


def test_kl_in_the_loss_is_zero_at_the_reference_and_pulls_back_to_it(make_policy):
    policy = make_policy(2)
    reference = Reference(policy)
    settings = replace(SETTINGS, loss=LossSettings(kl=1.0))
    assert step(policy, settings, reference=reference)["reference_kl"] == pytest.approx(0, abs=1e-6)
    away = step(policy, settings, reference=Reference(make_policy(3)))["reference_kl"]
    assert away > 0.01
    with pytest.raises(ValueError, match="a KL term needs a reference policy"):
        step(policy, settings)


# -- updates ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("loss", [LossSettings(), LossSettings(old="trainer", correction=Correction("truncate"))])
def test_several_updates_on_a_batch(loss: LossSettings, make_policy):
    settings = replace(SETTINGS, updates=3, loss=loss)
    found = step(make_policy(4), settings)
    assert found["updates"] == 3
    assert found["sampler_gap"] < 1e-5 and found["clipped"] == 0  # of the first, which is on-policy
    assert found["last_kl"] > 1e-6 and found["last_clipped"] >= 0
    assert found["sampler_max_ratio"] == pytest.approx(1, abs=1e-4)
    assert found["sampler_correlation"] > 0.9999


def test_the_first_of_several_updates_is_that_of_one(make_policy):
    one, three = make_policy(4), make_policy(4)
    a, b = step(one), step(three, replace(SETTINGS, updates=3))
    assert a["loss"] == pytest.approx(b["loss"], abs=1e-7)
    assert not torch.equal(one.model.norm.weight, three.model.norm.weight)


def test_an_average_follows_every_update(make_policy):
    policy = make_policy(5)
    average = Reference(policy, 0.5)
    before = policy.model.norm.weight.detach().clone()
    step(policy, average=average)
    after = policy.model.norm.weight.detach()
    assert torch.allclose(average.policy.model.norm.weight, (before + after) / 2, atol=1e-6)
    assert not torch.equal(before, after)


@pytest.mark.parametrize("name", PRESETS)
def test_every_preset_takes_a_step(name, make_policy):
    preset = PRESETS[name]
    loss = LossSettings(preset.clip_low, preset.clip_high, rule=preset.rule, ratio=preset.ratio)
    policy = make_policy(6)
    before = weights(policy)
    found = step(policy, replace(SETTINGS, advantage=preset.advantage, aggregation=preset.aggregation, loss=loss))
    assert found["skipped_steps"] == 0 and found["sampler_gap"] < 1e-5
    assert 1 < found["entropy"] < math.log(40)  # a mean over tokens, whatever the aggregation
    assert any(not torch.equal(x, before[name]) for name, x in policy.state_dict().items())


# -- canaries ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("action", "moves"), [("warn", True), ("skip", False), ("stop", False)])
@pytest.mark.parametrize("early", [True, False])
def test_what_an_alarm_does(early: bool, action, moves: bool, make_policy):
    """`early`: before the batch is learnt from; else what the backward pass tells, before the optimizer steps."""
    canary = LengthExplosion(1e-6, action, window=1, mean=1.0, seen=1) if early else EntropyCollapse(100.0, action)
    canaries, policy = Canaries([canary]), make_policy(7)
    before = weights(policy)
    found = step(policy, canaries=canaries)
    assert [alarm.action for alarm in canaries.alarms] == [action]
    assert any(not torch.equal(x, before[name]) for name, x in policy.state_dict().items()) is moves
    assert (canaries.stop is not None) is (action == "stop")
    assert found.get("skipped_batches", 0) == float(early and not moves)
    if not early:
        assert found["skipped_steps"] == float(not moves)
        assert found["nonfinite_steps"] == 0


def test_a_gradient_spike_is_left_out(make_policy):
    policy = make_policy(8)
    canaries = Canaries([GradientSpike(2.0, "skip", window=1, mean=1e-9, seen=1)])
    assert step(policy, canaries=canaries)["skipped_steps"] == 1
    assert "grad_norm is" in str(canaries.alarms[0])


def test_quiet_canaries_change_nothing(make_policy):
    plain, watched = make_policy(9), make_policy(9)
    canaries = Canaries([EntropyCollapse(1e-3), GradientSpike(10.0), LengthExplosion(3.0), Repetition(0.1)])
    a, b = step(plain), step(watched, canaries=canaries, held_out=lambda: 0.5)
    times = ("seconds_sampling", "seconds_judging", "seconds_learning", "tokens_per_second")
    assert {k: v for k, v in a.items() if k not in times} == {k: v for k, v in b.items() if k not in times}
    assert not canaries.alarms
    assert all(torch.equal(x, watched.state_dict()[name]) for name, x in plain.state_dict().items())


def test_reward_hacking_reads_the_held_out_verifier(make_policy):
    accuracy = iter([0.9, 0.1])
    rewards = iter([0.25, 0.5])
    canaries = Canaries([RewardHacking(0.05, "stop", window=1)])
    companions = Companions(canaries=canaries, held_out=lambda: next(accuracy))
    policy = make_policy(10)
    learner, engine = learner_of(policy), Engine(policy, Numbers(), stop=2)
    for _ in range(2):
        share = next(rewards)
        judge = Judge(lambda asked, sample, answer, share=share: float(sample < 4 * share))
        grpo_step(learner, engine, judge, SETTINGS, 1.0, 0, companions)
    assert canaries.stop is not None and "rose from 0.250 to 0.500" in canaries.stop


# -- batches without a finite gradient --------------------------------------------------------------------------------


def test_a_batch_at_fault_is_kept_and_replayed(make_policy, tmp_path: Path):
    tokenizer = TextTokenizer.train(["some text to learn from"], 300)
    policy = make_policy(11, vocab_size=len(tokenizer))
    companions = Companions()
    learner, engine = learner_of(policy), Engine(policy, tokenizer, stop=tokenizer.eos)
    infinite = Judge(lambda asked, sample, answer: [math.nan, 0.0, 1.0, 1e39][sample])  # more than fp32 holds
    settings = replace(SETTINGS, advantage="dr_grpo", loss=LossSettings(entropy=0.01, kl=0.1))
    companions.reference = Reference(policy)
    before = weights(policy)
    found = grpo_step(learner, engine, infinite, settings, 1.0, 0, companions)
    assert found["skipped_steps"] == found["nonfinite_steps"] == 1
    assert all(torch.equal(x, before[name]) for name, x in policy.state_dict().items())
    save_batch(tmp_path, companions.faulty, settings, policy, tokenizer)
    rows, read = load_batch(tmp_path)
    assert read == settings
    assert [replace(row, experts=None) for row in rows] == [
        replace(
            row, prompt=list(row.prompt), completion=list(row.completion), sampled=list(row.sampled or ()), experts=None
        )
        for row in companions.faulty
    ]
    assert all(
        a.experts is not None and (a.experts == b.experts).all() for a, b in zip(rows, companions.faulty, strict=True)
    )
    replayed = replay_batch(tmp_path)
    assert [row.finite for row in replayed] == [
        math.isfinite(row.advantage) and abs(row.advantage) < 3e38 for row in rows
    ]
    assert not all(row.finite for row in replayed)
    # The next step is as good as ever, and forgets the batch.
    found = grpo_step(learner, engine, Judge(half), SETTINGS, 1.0, 0, companions)
    assert found["skipped_steps"] == 0 and not companions.faulty


def test_a_damaged_batch_is_a_sentence(tmp_path: Path):
    (tmp_path / BATCH).write_bytes(b"no batch")
    with pytest.raises(CheckpointError, match=r"batch\.pt is missing or damaged"):
        replay_batch(tmp_path)


def test_the_companions_state_goes_on(make_policy):
    def companions(seed: int) -> Companions:
        policy = make_policy(seed)
        lengths = LengthReward(LengthSettings(longest=10))
        return Companions(Reference(policy), Reference(policy, 0.9), lengths, Canaries([LengthExplosion(3.0)]))

    first, second = companions(0), companions(1)
    step(make_policy(2), average=first.average, lengths=first.lengths, canaries=first.canaries)
    second.load_state_dict(first.state_dict())
    assert first.lengths is not None and second.lengths is not None
    assert second.lengths.state_dict() == first.lengths.state_dict()
    assert second.canaries.state_dict() == first.canaries.state_dict()
    for ours, theirs in ((second.reference, first.reference), (second.average, first.average)):
        assert ours is not None and theirs is not None
        assert all(torch.equal(x, theirs.state_dict()[name]) for name, x in ours.state_dict().items())


def test_it_learns_with_everything_at_once(make_policy):
    policy = make_policy(2)
    even = Judge(lambda asked, sample, answer: float(answer.tokens[0] % 2 == 0))
    loss = LossSettings(entropy=0.01, old="trainer", correction=Correction("mask", high=3.0), kl=0.01)
    settings = GrpoSettings(2, 16, Sampling(max_tokens=2), loss=loss, refill=1, updates=2, soft_overlong=1)
    companions = Companions(Reference(policy), Reference(policy, 0.9), canaries=Canaries([GradientSpike(50.0, "skip")]))
    learner, engine = Learner(policy, adamw(policy, 1e-2)), Engine(policy, Numbers(), stop=2)
    found = []
    for i in range(8):
        found.append(grpo_step(learner, engine, even, settings, 1.0, 100 * i, companions))
        engine.version += 2
    assert np.mean([f["reward"] for f in found[-3:]]) > np.mean([f["reward"] for f in found[:3]]) + 0.2
