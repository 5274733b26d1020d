"""The learner: equal steps however a batch is cut, replayed or spread over processes, and no step on a bad gradient."""

from __future__ import annotations

import json
import math
import os
import socket
import subprocess
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest
import torch
from torch import Tensor

from whetstone.policy.batch import MicroBatch, Row, Scorer
from whetstone.policy.loss import LossSettings
from whetstone.policy.model import ZayaPolicy
from whetstone.policy.optimizer import Optimizers, adamw
from whetstone.policy.router import Balancer
from whetstone.policy.teaching import informative
from whetstone.policy.trainer import GrpoSettings, Learner, grpo_step, objective_of, sft_step
from whetstone.rollout.engine import Engine
from whetstone.rollout.types import Completion, Request, Sampling

SETTINGS = GrpoSettings(prompts=2, samples=3, sampling=Sampling(max_tokens=4), loss=LossSettings(entropy=0.01))


def sgd(policy: ZayaPolicy, lr: float = 0.1) -> Optimizers:
    """Steps in proportion to the gradient, so that equal steps mean equal gradients."""
    return Optimizers([torch.optim.SGD(policy.parameters(), lr=lr)])


def random_rows(count: int, seed: int = 0) -> list[Row]:
    rng = np.random.default_rng(seed)
    return [
        Row(
            rng.integers(3, 40, size=rng.integers(1, 6)).tolist(),
            (completion := rng.integers(3, 40, size=rng.integers(1, 7)).tolist()),
            float(rng.normal()),
            (-3.6 + 0.3 * rng.normal(size=len(completion))).tolist(),
        )
        for _ in range(count)
    ]


def weights(policy: ZayaPolicy) -> dict[str, Tensor]:
    return {name: x.detach().clone() for name, x in policy.state_dict().items()}


def assert_equal_weights(a: dict[str, Tensor], b: dict[str, Tensor], within: float = 1e-5) -> None:
    for name, x in a.items():
        torch.testing.assert_close(x, b[name], atol=within, rtol=0, msg=lambda m, name=name: f"{name}: {m}")


def answer(*tokens: int) -> Completion:
    return Completion(" ".join(map(str, tokens)), tokens, (-1.0,) * len(tokens), "stop", (1,))


@dataclass
class Asked:
    """A question."""

    prompt: str


class Judge:
    """Asks the same questions each time and judges by a function."""

    def __init__(self, prompts: Sequence[str], reward: Callable[[Completion], float]) -> None:
        self.asked, self.reward = [Asked(prompt) for prompt in prompts], reward

    def propose(self, count: int) -> list[Asked]:
        return self.asked[:count]

    def observe(self, questions: Sequence[Asked], answers: Sequence[Sequence[Completion]]) -> np.ndarray:
        assert questions == self.asked
        return np.array([[self.reward(answer) for answer in group] for group in answers])


class Numbers:
    """`3 4 5` is the tokens 3, 4, 5."""

    def encode(self, text: str) -> list[int]:
        return [int(word) for word in text.split()]

    def decode(self, tokens: Sequence[int]) -> str:
        return " ".join(map(str, tokens))


# -- which rows teach -------------------------------------------------------------------------------------------------


def test_informative_rows_by_hand():
    answers = [[answer(5), answer(6), answer(7)], [answer(8)] * 3, [answer(9), answer(10), answer(11)]]
    #                   mean 1/2, std 1/2     all alike        one unjudged: mean 1/2, std 1/2
    rewards = np.array([[1.0, 0.0, 0.5], [1.0, 1.0, 1.0], [math.nan, 1.0, 0.0]])
    rows = informative(answers, rewards, SETTINGS)
    assert [list(row.completion) for row in rows] == [[5], [6], [10], [11]]  # a reward at the mean teaches nothing
    first, last = 0.5 / (math.sqrt(1 / 6) + 1e-4), 0.5 / (0.5 + 1e-4)
    assert [row.advantage for row in rows] == pytest.approx([first, -first, last, -last])
    assert rows[0].sampled == (-1.0,)
    assert informative(answers, np.full((3, 3), math.nan), SETTINGS) == []


# -- steps ------------------------------------------------------------------------------------------------------------


def test_sft_lowers_the_loss(make_policy):
    policy, rows = make_policy(1), random_rows(6)
    learner = Learner(policy, adamw(policy, 1e-2), balancer=Balancer(policy.routers, 0.01))
    losses = [sft_step(learner, rows, 1.0)["loss"] for _ in range(12)]
    assert losses[-1] < 0.8 * losses[0]


def test_the_first_sft_loss_is_the_mean_negative_log_likelihood(make_policy):
    policy, rows = make_policy(1), random_rows(6)
    with torch.no_grad():
        logprob, entropy, _ = Scorer(policy)(MicroBatch.of(rows))
    found = sft_step(Learner(policy, sgd(policy), micro_tokens=12), rows, 1.0)
    assert found["loss"] == pytest.approx(-float(logprob.mean()), abs=1e-5)
    assert found["entropy"] == pytest.approx(float(entropy.mean()), abs=1e-5)
    assert (found["rows"], found["tokens"]) == (6, len(logprob))


def test_grpo_raises_the_probability_of_the_rewarded_answer(make_policy):
    policy = make_policy(2)
    sampler = Engine(policy, Numbers(), stop=2)
    even = Judge(["5 6 7", "8"], lambda answer: float(answer.tokens[0] % 2 == 0))
    settings = GrpoSettings(2, 16, Sampling(max_tokens=2))
    learner = Learner(policy, adamw(policy, 1e-2))
    found = [grpo_step(learner, sampler, even, settings, 1.0, seed=100 * step) for step in range(12)]
    assert np.mean([f["reward"] for f in found[-3:]]) > np.mean([f["reward"] for f in found[:3]]) + 0.2
    assert all(f["sampler_gap"] < 1e-5 and f["clipped"] == 0 for f in found if "loss" in f)  # on-policy
    assert 0 < found[0]["informative"] <= 1
    assert found[0]["length"] <= 2


def test_a_step_without_rewards_changes_nothing(make_policy):
    policy = make_policy(2)
    before = weights(policy)
    unjudged = Judge(["5", "6"], lambda answer: math.nan)
    learner = Learner(policy, adamw(policy, 1e-2))
    found = grpo_step(learner, Engine(policy, Numbers(), stop=2), unjudged, SETTINGS, 1.0, seed=0)
    assert found["rows"] == found["informative"] == 0
    assert "reward" not in found
    assert_equal_weights(before, weights(policy), within=0)


# -- equivalences -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("aggregation", ["token", "sequence", "constant"])
def test_accumulated_micro_batches_are_one_batch(aggregation, make_policy):
    settings = GrpoSettings(2, 4, Sampling(max_tokens=8), aggregation=aggregation, loss=LossSettings(entropy=0.01))
    results = []
    for micro_tokens in (1000, 14, 1):
        policy = make_policy(4)
        learner = Learner(policy, sgd(policy), micro_tokens=micro_tokens, balancer=Balancer(policy.routers, 0.01))
        found = learner.update(random_rows(8), objective_of(settings), 1.0)
        results.append((found, weights(policy)))
    for found, after in results[1:]:
        assert found == pytest.approx(results[0][0], abs=1e-5)
        assert_equal_weights(results[0][1], after)
    assert results[0][0]["sampler_gap"] > 0.1


def test_replayed_routes_change_nothing_on_policy(make_policy):
    policy = make_policy(5)
    answers = Engine(policy, Numbers(), stop=2).generate(
        [Request(prompt, Sampling(max_tokens=6), 4, seed) for seed, prompt in enumerate(["3 4 5", "9 9"])]
    )
    rewards = np.array([[1.0, 0.0, 0.0, 1.0], [0.0, 1.0, 0.0, 0.0]])
    results = []
    for replay in (True, False):
        settings = GrpoSettings(2, 4, Sampling(max_tokens=6), replay=replay)
        rows = informative(answers, rewards, settings)
        assert all((row.experts is not None) == replay for row in rows)
        learnt = make_policy(5)
        found = Learner(learnt, sgd(learnt)).update(rows, objective_of(settings), 1.0)
        results.append((found, weights(learnt)))
    assert results[0][0] == pytest.approx(results[1][0], abs=1e-6)
    assert_equal_weights(results[0][1], results[1][1], within=1e-6)


def test_a_gradient_that_is_not_finite_is_skipped(make_policy):
    policy = make_policy(6)
    learner = Learner(policy, adamw(policy, 1e-2), balancer=Balancer(policy.routers, 0.01))
    before = weights(policy)
    rows = random_rows(4)
    bad = Row(rows[0].prompt, rows[0].completion, math.nan, rows[0].sampled)
    found = learner.update([*rows, bad], objective_of(SETTINGS), 1.0)
    assert found["skipped_steps"] == 1
    assert all(map(math.isfinite, found.values()))
    assert_equal_weights(before, weights(policy), within=0)
    assert all(parameter.grad is None for parameter in policy.parameters())
    assert learner.update(rows, objective_of(SETTINGS), 1.0)["skipped_steps"] == 0
    assert not torch.equal(before["model.norm.weight"], policy.state_dict()["model.norm.weight"])


def test_the_learners_state_continues_a_run(make_policy):
    def learner(policy: ZayaPolicy) -> Learner:
        return Learner(policy, adamw(policy, 1e-2), balancer=Balancer(policy.routers, 0.01))

    straight = learner(make_policy(7))
    for seed in (0, 1):
        sft_step(straight, random_rows(4, seed), 1.0)
    first, second = learner(make_policy(7)), learner(make_policy(8))
    sft_step(first, random_rows(4, 0), 1.0)
    second.policy.load_state_dict(first.policy.state_dict())
    second.load_state_dict(first.state_dict())
    sft_step(second, random_rows(4, 1), 1.0)
    assert_equal_weights(weights(straight.policy), weights(second.policy), within=0)


# -- several processes ------------------------------------------------------------------------------------------------

SHARES = {"uneven": [[0, 1, 2, 3, 4], [5, 6]], "one idle": [[0, 1, 2, 3, 4, 5, 6], []]}


def step_of(policy: ZayaPolicy, rows: list[Row]) -> tuple[dict[str, float], ZayaPolicy]:
    learner = Learner(policy, sgd(policy), micro_tokens=14, balancer=Balancer(policy.routers, 0.01))
    return learner.update(rows, objective_of(SETTINGS), 1.0), policy


@pytest.mark.slow
def test_two_processes_take_the_step_of_one(make_policy, tmp_path: Path):
    torch.save(make_policy(9), tmp_path / "policy.pt")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    common = {"MASTER_ADDR": "127.0.0.1", "MASTER_PORT": str(port), "WORLD_SIZE": "2", "LOCAL_WORLD_SIZE": "2"}
    workers = [
        subprocess.Popen(
            [sys.executable, __file__, str(tmp_path)],
            env={**os.environ, **common, "RANK": str(rank), "LOCAL_RANK": str(rank), "OMP_NUM_THREADS": "1"},
            stderr=subprocess.PIPE,
            text=True,
        )
        for rank in range(2)
    ]
    try:
        for worker in workers:
            _, errors = worker.communicate(timeout=240)
            assert worker.returncode == 0, errors
    finally:
        for worker in workers:
            worker.kill()
    expected, policy = step_of(make_policy(9), random_rows(7))
    for case in SHARES:
        for rank in range(2):
            found = json.loads((tmp_path / f"{case}-{rank}.json").read_text())
            assert found == pytest.approx(expected, abs=1e-5), (case, rank)
            assert_equal_weights(weights(policy), torch.load(tmp_path / f"{case}-{rank}.pt"))


def _worker(folder: Path) -> None:
    rank, rows = int(os.environ["RANK"]), random_rows(7)
    for case, shares in SHARES.items():
        policy = torch.load(folder / "policy.pt", weights_only=False)
        found, policy = step_of(policy, [rows[i] for i in shares[rank]])
        (folder / f"{case}-{rank}.json").write_text(json.dumps(found))
        torch.save(policy.state_dict(), folder / f"{case}-{rank}.pt")
    torch.distributed.destroy_process_group()


if __name__ == "__main__":
    _worker(Path(sys.argv[1]))
