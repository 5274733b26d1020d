"""Muon against PyTorch's, stacks against single matrices, and the schedule by hand."""

import copy
import io
import math

import pytest
import torch
from torch import Tensor, nn
from transformers import get_cosine_schedule_with_warmup

from whetstone.policy.optimizer import (
    Muon,
    Optimizers,
    adamw,
    cosine,
    muon_and_adamw,
    orthogonalised,
    schedule,
    split,
)

SHAPES = [(6, 6), (4, 10), (12, 5)]


def gradients(shape: tuple[int, ...], steps: int) -> list[Tensor]:
    generator = torch.Generator().manual_seed(len(shape) + shape[-1])
    return [torch.randn(shape, generator=generator) for _ in range(steps)]


def run(optimizer: torch.optim.Optimizer, parameter: nn.Parameter, steps: list[Tensor]) -> Tensor:
    for gradient in steps:
        parameter.grad = gradient.clone()
        optimizer.step()
    return parameter.detach()


@pytest.mark.parametrize("match_rms", [False, True])
@pytest.mark.parametrize("momentum", [0.0, 0.95])
@pytest.mark.parametrize("shape", SHAPES)
def test_equals_torch_on_a_matrix(shape, momentum, match_rms, monkeypatch: pytest.MonkeyPatch):
    # PyTorch's iterates in bf16 everywhere, ours only on a GPU. Which name it calls bf16 by depends on its version.
    monkeypatch.setattr(Tensor, "bfloat16", Tensor.float)
    monkeypatch.setattr(torch, "bfloat16", torch.float32)
    ours, theirs = nn.Parameter(torch.ones(shape)), nn.Parameter(torch.ones(shape))
    run(Muon([ours], lr=0.1, momentum=momentum, weight_decay=0.3, match_rms=match_rms), ours, gradients(shape, 4))
    rule = "match_rms_adamw" if match_rms else "original"
    peer = torch.optim.Muon([theirs], lr=0.1, momentum=momentum, weight_decay=0.3, adjust_lr_fn=rule)
    run(peer, theirs, gradients(shape, 4))
    torch.testing.assert_close(ours, theirs, atol=1e-5, rtol=1e-5)


@pytest.mark.parametrize("shape", SHAPES)
def test_a_stack_is_its_matrices(shape: tuple[int, int]):
    steps = gradients((3, *shape), 3)
    stacked = nn.Parameter(torch.ones(3, *shape))
    run(Muon([stacked]), stacked, steps)
    for i in range(3):
        single = nn.Parameter(torch.ones(shape))
        run(Muon([single]), single, [gradient[i] for gradient in steps])
        torch.testing.assert_close(stacked[i], single)


def test_singular_values_end_near_one_whatever_the_scale():
    matrix = gradients((8, 8), 1)[0]
    assert torch.linalg.svdvals(matrix).max() / torch.linalg.svdvals(matrix).min() > 5
    values = torch.linalg.svdvals(orthogonalised(matrix))
    assert 0.3 < float(values.min()) <= float(values.max()) < 1.3
    torch.testing.assert_close(orthogonalised(1000 * matrix), orthogonalised(matrix), atol=1e-4, rtol=1e-4)
    assert torch.equal(orthogonalised(torch.zeros(3, 4)), torch.zeros(3, 4))


def test_without_momentum_nothing_is_kept():
    parameter = nn.Parameter(torch.ones(4, 4))
    optimizer = Muon([parameter], momentum=0.0)
    run(optimizer, parameter, gradients((4, 4), 2))
    assert not optimizer.state


def test_every_parameter_has_one_optimizer(make_policy):
    policy = make_policy(tie_word_embeddings=False)
    matrices, rest = split(policy)
    assert len(matrices) + len(rest) == len(list(policy.parameters()))
    names = {id(parameter): name for name, parameter in policy.named_parameters()}
    muon = {names[id(parameter)] for parameter in matrices}
    assert {name for name in muon if "layers.1" in name} == {
        f"model.layers.1.{name}"
        for name in (
            *(f"self_attn.qkv_proj.{part}.weight" for part in ("q_proj", "k_proj", "v_proj_current", "v_proj_delayed")),
            "self_attn.o_proj.weight",
            "mlp.gate.down_proj.weight",
            *(f"mlp.gate.router_mlp.{part}.weight" for part in ("fc1", "fc2", "out_proj")),
            "mlp.experts.gate_up_proj",
            "mlp.experts.down_proj",
        )
    }
    assert all(name.startswith("model.layers.") for name in muon)


def test_the_factor_scales_every_peak_and_gradients_are_cleared(make_policy):
    policy = make_policy()
    optimizers = muon_and_adamw(policy, muon_lr=0.02, adamw_lr=0.004)
    policy.logits(policy(torch.arange(3, 9), policy.packed([6]))[0]).square().sum().backward()
    optimizers.step(0.5)
    assert [group["lr"] for o in optimizers.optimizers for group in o.param_groups] == [0.01, 0.002]
    assert all(parameter.grad is None for parameter in policy.parameters())


def test_a_resumed_optimizer_goes_on_exactly():
    def fresh(parameter: nn.Parameter) -> Optimizers:
        return Optimizers([Muon([parameter], lr=0.1)])

    steps = gradients((4, 5), 6)
    whole, halted = nn.Parameter(torch.ones(4, 5)), nn.Parameter(torch.ones(4, 5))
    for parameter, part in ((whole, steps), (halted, steps[:3])):
        optimizers = fresh(parameter)
        for gradient in part:
            parameter.grad = gradient.clone()
            optimizers.step(1.0)
    state = copy.deepcopy(optimizers.state_dict())
    resumed = fresh(halted)
    resumed.load_state_dict(state)
    for gradient in steps[3:]:
        halted.grad = gradient.clone()
        resumed.step(1.0)
    assert torch.equal(whole, halted)


def test_schedule_by_hand():
    assert [schedule(step, 8, 4, 0.0) for step in range(6)] == [0.25, 0.5, 0.75, 1.0, 1.0, 1.0]
    # decay over the last half: (8 - step) / 5
    assert [schedule(step, 8, 1, 0.5) for step in range(8)] == [1.0, 1.0, 1.0, 1.0, 0.8, 0.6, 0.4, 0.2]
    assert schedule(0, 1, 0, 1.0) == 0.5


@pytest.mark.parametrize(("steps", "warmup"), [(20, 5), (7, 0), (1, 0), (3, 3)])
def test_cosine_is_transformers_without_the_idle_steps_at_both_ends(steps: int, warmup: int):
    theirs = get_cosine_schedule_with_warmup(torch.optim.SGD([nn.Parameter(torch.ones(1))]), warmup, steps + 1)
    for step in range(steps):
        assert cosine(step, steps, warmup) == pytest.approx(theirs.lr_lambdas[0](step + 1), abs=1e-12)
        assert cosine(step, steps, warmup) > 0


def test_cosine_by_hand():
    # after one step of warm-up, five steps: angles 0, 36, 72, 108, 144 degrees
    expected = [(1 + math.cos(math.radians(angle))) / 2 for angle in (0, 36, 72, 108, 144)]
    assert [cosine(step, 5, 1) for step in range(5)] == pytest.approx(expected)
    assert cosine(2, 5, 1, floor=0.1) == pytest.approx(0.1 + 0.9 * expected[2])


def test_a_matched_step_has_the_root_mean_square_of_adamws():
    for shape in [(48, 48), (16, 96), (4, 96, 24)]:
        parameter = nn.Parameter(torch.zeros(shape))
        moved = run(Muon([parameter], lr=1.0, momentum=0.0, match_rms=True), parameter, gradients(shape, 1))
        # 0.2 is AdamW's (arXiv 2502.16982); five iterations leave singular values within a quarter of 1 on average
        assert float(moved.square().mean().sqrt()) == pytest.approx(0.2, rel=0.25)


def test_what_is_frozen_is_left_out(make_policy):
    policy = make_policy()
    for name, parameter in policy.named_parameters():
        parameter.requires_grad_("norm" in name)
    assert split(policy)[0] == []
    (only,) = muon_and_adamw(policy, 0.02, 0.004).optimizers
    (same,) = adamw(policy, 0.004).optimizers
    count = sum(parameter.requires_grad for parameter in policy.parameters())
    assert [len(o.param_groups[0]["params"]) for o in (only, same)] == [count, count]


@pytest.mark.parametrize("momentum", [0.0, 0.95])
def test_the_state_of_both_optimizers_survives_a_file(momentum: float, make_policy):
    def step(policy: nn.Module, optimizers: Optimizers, seed: int) -> None:
        generator = torch.Generator().manual_seed(seed)
        for parameter in policy.parameters():
            parameter.grad = torch.randn(parameter.shape, generator=generator)
        optimizers.step(0.5)

    whole, halted = make_policy(), make_policy()
    settings = {"muon_lr": 0.02, "adamw_lr": 0.004, "momentum": momentum, "weight_decay": 0.1, "match_rms": True}
    first, second = muon_and_adamw(whole, **settings), muon_and_adamw(halted, **settings)
    for seed in range(2):
        step(whole, first, seed)
        step(halted, second, seed)
    file = io.BytesIO()
    torch.save(second.state_dict(), file)
    file.seek(0)
    resumed = muon_and_adamw(halted, **settings)
    resumed.load_state_dict(torch.load(file, weights_only=True))
    step(whole, first, 2)
    step(halted, resumed, 2)
    assert all(torch.equal(a, b) for a, b in zip(whole.parameters(), halted.parameters(), strict=True))
