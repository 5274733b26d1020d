"""Routing: the skip class, several experts a token, replay, the state handed from layer to layer, and balancing."""

import copy
import math
from pathlib import Path

import pytest
import torch

from whetstone.policy.router import Balancer, Router, load_entropy, route_counts


def states(count: int, seed: int = 0) -> torch.Tensor:
    return torch.randn(count, 24, generator=torch.Generator().manual_seed(seed))


@pytest.fixture
def router(make_policy) -> Router:
    return make_policy(1).routers[0]


def test_a_skipped_token_weighs_nothing_and_the_layer_adds_nothing(make_policy):
    layer = make_policy(1).model.layers[0].mlp
    layer.gate.balancing_biases.copy_(torch.tensor([0.0, 0.0, 0.0, 0.0, 2.0]))
    choice, weight, _ = layer.gate(states(6), None, None)
    assert choice.tolist() == [[4]] * 6
    assert weight.tolist() == [[0.0]] * 6
    assert torch.equal(layer.experts(states(6), choice, weight), torch.zeros(6, 24))


def test_at_the_start_skip_never_wins(router: Router):
    router.balancing_biases.copy_(torch.tensor([0.0, 0.0, 0.0, 0.0, -1.0]))
    assert 4 not in router(states(500), None, None)[0].unique().tolist()


def probabilities(router: Router, count: int) -> torch.Tensor:
    """Of every class, (count, 5): what each weighs when it is forced."""
    rows = [router(states(count), None, torch.full((count, 1), expert))[1] for expert in range(4)]
    experts = torch.cat(rows, dim=1).detach()
    return torch.cat((experts, 1 - experts.sum(1, keepdim=True)), dim=1)


def test_biases_steer_the_choice_and_never_the_weight(router: Router):
    router.balancing_biases.zero_()
    choice, weight, _ = router(states(50), None, None)
    assert torch.equal(choice[:, 0], probabilities(router, 50).argmax(-1))
    router.balancing_biases[2] = 5.0
    choice, weight, _ = router(states(50), None, None)
    assert choice.tolist() == [[2]] * 50
    torch.testing.assert_close(weight[:, 0], probabilities(router, 50)[:, 2])


@pytest.mark.parametrize("top_k", [2, 3, 5])
def test_several_classes_are_the_best_with_their_own_probabilities(top_k: int, make_policy):
    router = make_policy(1, top_k=top_k).routers[0]
    one = make_policy(1).routers[0]
    one.load_state_dict(router.state_dict())
    expected = probabilities(one, 60)
    choice, weight, _ = router(states(60), None, None)
    for row, weights, p in zip(choice.tolist(), weight.tolist(), expected, strict=True):
        best = sorted(range(5), key=lambda c: -float(p[c] + router.balancing_biases[c]))[:top_k]
        assert row == best
        assert weights == pytest.approx([0.0 if c == 4 else float(p[c]) for c in best], abs=1e-6)
    assert (choice == 4).any()


def test_routes_and_counts_of_several_experts(make_policy):
    policy = make_policy(4, layers=3, top_k=2)
    tokens = torch.arange(3, 33)
    hidden, routes = policy(tokens, policy.packed([20, 10]))
    assert routes.shape == (30, 6)
    counts = route_counts(routes, layers=3, classes=5)
    for layer in range(3):
        pair = routes[:, 2 * layer : 2 * layer + 2]
        assert (pair[:, 0] != pair[:, 1]).all()
        assert counts[layer].tolist() == pair.flatten().bincount(minlength=5).tolist()
    assert torch.equal(policy(tokens, policy.packed([20, 10]), routes)[0], hidden)


def test_replaying_the_recorded_routes_reproduces_the_output(make_policy):
    policy = make_policy(4, layers=3)
    tokens = torch.arange(3, 33)
    hidden, routes = policy(tokens, policy.packed([20, 10]))
    assert routes.shape == (30, 3)
    assert {4} < set(routes.flatten().tolist())  # some skip, some do not
    replayed, again = policy(tokens, policy.packed([20, 10]), routes)
    assert torch.equal(replayed, hidden)
    assert torch.equal(again, routes)
    for router in policy.routers:
        router.balancing_biases.copy_(torch.tensor([3.0, 0.0, 0.0, 0.0, 0.0]))
    assert torch.equal(policy(tokens, policy.packed([20, 10]), routes)[0], hidden)  # biases no longer decide
    assert not torch.equal(policy(tokens, policy.packed([20, 10]))[0], hidden)


def test_the_state_is_carried_from_the_second_layer_on(make_policy):
    first, second = make_policy(1).routers
    assert first.router_states_scale is None
    before = torch.randn(7, 12)
    _, _, alone = second(states(7), torch.zeros(7, 12), None)
    _, _, carried = second(states(7), before, None)
    torch.testing.assert_close(carried - alone, before * second.router_states_scale)


def test_the_router_learns_through_the_chosen_probability_alone(router: Router):
    _, weight, _ = router(states(1), None, torch.tensor([[2]]))
    weight.sum().backward()
    gradient = router.router_mlp.out_proj.weight.grad
    assert gradient is not None
    assert gradient.abs().sum() > 0
    assert router.balancing_biases.grad is None


def counts_of(router: Router) -> torch.Tensor:
    choice, _, _ = router(states(400), None, None)
    return route_counts(choice, layers=1, classes=5)


def test_balancing_evens_out_a_skewed_router(router: Router):
    router.balancing_biases.copy_(torch.tensor([0.9, 0.0, 0.0, 0.0, -1.0]))
    balancer = Balancer([router], lr=0.02)
    before = float(load_entropy(counts_of(router)))
    for _ in range(120):
        balancer.step(counts_of(router))
    assert before < 0.6
    assert float(load_entropy(counts_of(router))) > 0.97
    assert float(router.balancing_biases[-1]) == -1.0
    assert float(router.balancing_biases[:-1].mean()) == pytest.approx(0.0, abs=1e-6)


def test_the_first_balancing_step_by_hand(router: Router):
    router.balancing_biases.copy_(torch.tensor([0.0, 0.0, 0.0, 0.0, -1.0]))
    # Shares 3/8, 3/8, 2/8, 0 (skip does not count) against 1/4; Adam's first step is lr * sign, and 0 where even.
    Balancer([router], lr=0.1).step(torch.tensor([[3, 3, 2, 0, 90]]))
    # (-0.1, -0.1, 0, +0.1) minus its mean -0.025
    expected = torch.tensor([-0.075, -0.075, 0.025, 0.125, -1.0])
    torch.testing.assert_close(router.balancing_biases, expected, atol=1e-6, rtol=0)


def test_a_resumed_balancer_goes_on_exactly(tmp_path: Path, router: Router):
    router.balancing_biases.copy_(torch.tensor([0.4, 0.1, 0.0, 0.0, -1.0]))
    balancer = Balancer([router], lr=0.02)
    for _ in range(5):
        balancer.step(counts_of(router))
    torch.save(balancer.state_dict(), tmp_path / "balancer.pt")
    twin = copy.deepcopy(router)
    resumed = Balancer([twin], lr=0.02)
    resumed.load_state_dict(torch.load(tmp_path / "balancer.pt"))
    for _ in range(5):
        balancer.step(counts_of(router))
        resumed.step(counts_of(twin))
        assert torch.equal(twin.balancing_biases, router.balancing_biases)


def test_load_entropy_by_hand():
    counts = torch.tensor([[5, 5, 5, 5, 9], [8, 0, 0, 0, 0], [4, 4, 0, 0, 3], [0, 0, 0, 0, 7]])
    assert load_entropy(counts).tolist() == pytest.approx([1.0, 0.0, math.log(2) / math.log(4), 0.0])
