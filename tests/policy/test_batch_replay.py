"""Router replay: what separates sampler and trainer, by hand and with a sampler in bf16."""

import math

import pytest
import torch

from whetstone.policy.batch import Row, Scorer
from whetstone.policy.model import ZayaPolicy
from whetstone.policy.replay import _compare, mismatch
from whetstone.rollout.engine import Engine
from whetstone.rollout.types import Request, Sampling


class Numbers:
    """Text is numbers between blanks."""

    def encode(self, text: str) -> list[int]:
        return [int(word) for word in text.split()]

    def decode(self, tokens) -> str:
        return " ".join(map(str, tokens))


def sampled_rows(policy: ZayaPolicy) -> list[Row]:
    requests = [Request((3 + i, 4, 5), Sampling(max_tokens=20), 4, seed=i) for i in range(8)]
    answers = [answer for group in Engine(policy, Numbers(), stop=2).generate(requests) for answer in group]
    return [Row(a.prompt_tokens, a.tokens, 1.0, a.logprobs, a.experts) for a in answers]


def test_the_numbers_by_hand():
    sampled = torch.tensor([0.5, 0.25], dtype=torch.float64).log()
    scored = torch.tensor([0.25, 0.5], dtype=torch.float64).log()
    found = _compare(scored, sampled, 0.125)
    assert found.kl == pytest.approx(((0.5 - 1 + math.log(2)) + (2 - 1 - math.log(2))) / 2)
    assert found.gap == pytest.approx(math.log(2))
    assert found.correlation == pytest.approx(-1.0)
    assert found.rerouted == 0.125


def test_a_sampler_that_is_the_trainer_differs_by_rounding_alone(make_policy):
    policy = make_policy(6)
    for replayed in (True, False):
        found = mismatch(Scorer(policy), sampled_rows(policy), replayed=replayed)
        assert found.kl < 1e-10
        assert found.gap < 1e-5
        assert found.correlation > 1 - 1e-6
        assert found.rerouted == 0


@pytest.mark.parametrize("top_k", [1, 2])
def test_replay_takes_away_what_other_experts_do(top_k: int, make_policy):
    policy, sampler = make_policy(6, layers=4, top_k=top_k), make_policy(6, layers=4, top_k=top_k)
    for router in sampler.routers:  # as if rounding had moved a good share of the near-ties
        router.balancing_biases += 0.2 * torch.randn(5, generator=torch.Generator().manual_seed(0))
    rows = sampled_rows(sampler)
    afresh = mismatch(Scorer(policy), rows, replayed=False)
    replayed = mismatch(Scorer(policy), rows, replayed=True)
    assert afresh.rerouted > 0.01
    assert afresh.kl > 1e-4
    assert replayed.rerouted == 0
    assert replayed.kl < 1e-10


def test_rows_without_routes_are_refused(make_policy):
    with pytest.raises(ValueError, match="experts"):
        mismatch(Scorer(make_policy(1)), [Row((3,), (4,), sampled=[-1.0])], replayed=True)
    with pytest.raises(ValueError, match="every row"):
        mismatch(Scorer(make_policy(1)), [], replayed=True)
