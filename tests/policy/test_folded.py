"""The folded step is the layers' own function: same tokens, routes and log-probabilities."""

from collections.abc import Sequence

import numpy as np
import pytest
import torch

from whetstone.policy import folded
from whetstone.policy.context import Packed
from whetstone.rollout.engine import Engine
from whetstone.rollout.types import Completion, Request, Sampling


class Numbers:
    def encode(self, text: str) -> list[int]:
        raise AssertionError

    def decode(self, tokens: Sequence[int]) -> str:
        return ""


SHAPES = {
    "as it is": {},
    "all of a head rotates": {"rotary": 1.0},
    "one head of keys": {"kv_heads": 1},
    "as many heads of keys as of queries": {"kv_heads": 4},
    "a short window": {"layer_types": ["hybrid_sliding", "hybrid"], "sliding_window": 5},
    "longer convolutions": {"cca_time0": 3, "cca_time1": 2},
    "an untied head": {"tie_word_embeddings": False},
}


def written(policy, count: int) -> list[Completion]:
    requests = [Request(tuple(range(3, 9 + i % 7)), Sampling(max_tokens=12), 2, i) for i in range(count)]
    return [completion for group in Engine(policy, Numbers(), stop=-1).generate(requests) for completion in group]


@pytest.mark.parametrize("shape", SHAPES.values(), ids=SHAPES)
def test_the_same_completions(shape, make_policy, monkeypatch):
    policy = make_policy(3, **shape)
    made = []
    fold = folded.Folded
    monkeypatch.setattr(folded, "Folded", lambda backbone: made.append(1) or fold(backbone))
    ours = written(policy, 6)
    assert made == [1]
    monkeypatch.setattr(folded, "LARGEST", 0)
    plain = written(policy, 6)
    assert made == [1]
    skip = policy.config.num_experts
    assert any(skip in completion.experts for completion in plain if completion.experts is not None)
    for mine, other in zip(ours, plain, strict=True):
        assert mine.tokens == other.tokens
        assert mine.experts is not None
        assert other.experts is not None
        assert mine.logprobs is not None
        assert other.logprobs is not None
        assert np.array_equal(mine.experts, other.experts)
        assert np.allclose(mine.logprobs, other.logprobs, atol=2e-5)


def test_everybody_skips(make_policy, monkeypatch):
    policy = make_policy(3)
    for router in policy.routers:
        router.balancing_biases[-1] = 10.0
    results = [written(policy, 3)]
    monkeypatch.setattr(folded, "LARGEST", 0)
    results.append(written(policy, 3))
    for parts in zip(*results, strict=True):
        assert len({part.tokens for part in parts}) == 1
        for part in parts:
            assert part.experts is not None
            assert (part.experts == policy.config.num_experts).all()


@pytest.mark.parametrize(
    "changes",
    [{"top_k": 2}, {"attention_bias": True}, {"expert_size": 18}],
    ids=["two experts a token", "projections with a bias", "rows that grouped_mm refuses"],
)
def test_other_policies_are_not_folded(changes, make_policy, monkeypatch):
    monkeypatch.setattr(folded, "Folded", None)
    assert all(len(completion.tokens) == 12 for completion in written(make_policy(3, **changes), 2))


def test_not_with_gradients_nor_in_training_order(make_policy, monkeypatch):
    policy = make_policy(3)
    monkeypatch.setattr(folded, "Folded", None)
    with torch.no_grad():
        policy(torch.arange(3, 9), Packed([6]))
    policy(torch.arange(3, 9), Packed([6]))[0].sum().backward()


def test_new_weights_are_folded_anew(make_policy):
    policy, other = make_policy(3), make_policy(4)
    engine = Engine(policy, Numbers(), stop=-1)
    request = [Request((3, 4, 5), Sampling(max_tokens=8), 1, 0)]
    first = engine.generate(request)
    policy.load_state_dict(other.state_dict())
    assert engine.generate(request)[0][0].logprobs == Engine(other, Numbers(), stop=-1).generate(request)[0][0].logprobs
    assert engine.generate(request)[0][0].logprobs != first[0][0].logprobs
