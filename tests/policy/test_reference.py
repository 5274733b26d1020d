"""A second policy: frozen, or a moving average."""

import pytest
import torch
from torch import Tensor

from whetstone.policy.batch import MicroBatch, Row, Scorer
from whetstone.policy.reference import Reference, logprobs


def weights(policy) -> dict[str, Tensor]:
    return {name: x.detach().clone() for name, x in policy.state_dict().items()}


def test_an_average_by_hand(make_policy):
    policy = make_policy(0)
    average, frozen = Reference(policy, 0.75), Reference(policy)
    start = weights(policy)
    with torch.no_grad():
        for parameter in policy.parameters():
            parameter += 1.0
        policy.routers[0].balancing_biases += 5.0
    for _ in range(2):
        average.follow(policy)
    name = "model.norm.weight"
    assert torch.allclose(average.policy.state_dict()[name], start[name] + 1 - 0.75**2, atol=1e-6)
    assert torch.equal(average.policy.routers[0].balancing_biases, policy.routers[0].balancing_biases)
    assert all(torch.equal(x, start[name]) for name, x in frozen.policy.state_dict().items())
    assert not any(parameter.requires_grad for parameter in average.policy.parameters())


def test_an_average_of_a_small_dtype_is_fp32(make_policy):
    assert next(Reference(make_policy(0).bfloat16(), 0.9).policy.parameters()).dtype == torch.float32
    assert next(Reference(make_policy(0).bfloat16()).policy.parameters()).dtype == torch.bfloat16


@pytest.mark.parametrize("decay", [0.0, 1.1])
def test_a_decay_outside_its_range_is_refused(decay: float, make_policy):
    with pytest.raises(ValueError, match=r"decay must lie in \(0, 1\]"):
        Reference(make_policy(0), decay)


def test_a_state_goes_on(make_policy):
    first, second = Reference(make_policy(0), 0.9), Reference(make_policy(1), 0.9)
    first.follow(make_policy(2))
    second.load_state_dict(first.state_dict())
    assert all(torch.equal(x, second.state_dict()[name]) for name, x in first.state_dict().items())


def test_logprobs_are_the_scorers_in_the_rows_order(make_policy):
    policy = make_policy(3)
    rows = [Row([3, 4], [5, 6, 7]), Row([9], [8]), Row([3, 4], [10, 11]), Row([12, 13, 14], [15])]
    expected = [Scorer(policy)(MicroBatch.of([row]))[0].tolist() for row in rows]
    for micro_tokens in (4096, 5):
        found = logprobs(policy, rows, micro_tokens=micro_tokens)
        assert [len(part) for part in found] == [3, 1, 2, 1]
        for ours, theirs in zip(found, expected, strict=True):
            assert ours == pytest.approx(theirs, abs=1e-5)
