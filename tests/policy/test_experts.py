"""Experts against a loop over tokens and choices, forward and backward."""

import pytest
import torch
import torch.nn.functional as F
from torch import Tensor

from whetstone.policy.config import zaya_config
from whetstone.policy.experts import Experts


def loop(experts: Experts, x: Tensor, choice: Tensor, weight: Tensor) -> Tensor:
    """The definition, one token and one choice at a time."""
    rows = []
    for token, chosen, scales in zip(x, choice.tolist(), weight, strict=True):
        row = torch.zeros_like(token)
        for expert, scale in zip(chosen, scales, strict=True):
            if expert < len(experts.gate_up_proj):  # otherwise the token skips
                gate, up = (experts.gate_up_proj[expert] @ token).chunk(2)
                row = row + scale * (experts.down_proj[expert] @ (F.silu(gate) * up))
        rows.append(row)
    return torch.stack(rows)


CHOICES = {
    "mixed": [[2], [0], [4], [1], [2], [3], [4], [0], [2]],
    "one expert only": [[1]] * 5,
    "all skipped": [[4], [4], [4]],
    "one token": [[3]],
    "first and last": [[0], [3], [0], [3]],
    "two each": [[2, 0], [4, 1], [3, 4], [0, 2], [1, 3]],
    "three each": [[2, 0, 1], [4, 1, 3]],
}


@pytest.mark.parametrize("choices", CHOICES.values(), ids=CHOICES)
def test_equals_the_loop(choices: list[list[int]]):
    generator = torch.Generator().manual_seed(0)
    config = zaya_config(vocab_size=8, hidden_size=6, experts=4, expert_size=5)
    experts = Experts(config).double()
    for parameter in experts.parameters():
        parameter.data.normal_(generator=generator)
    choice = torch.tensor(choices)
    inputs = torch.randn(len(choices), 6, generator=generator, dtype=torch.float64)
    scale = torch.rand(choice.shape, generator=generator, dtype=torch.float64)

    results = []
    for form in (experts, lambda *arguments: loop(experts, *arguments)):
        x, weight = inputs.clone().requires_grad_(), scale.clone().requires_grad_()
        out = form(x, choice, weight)
        loss = out.square().sum() + 0 * weight.sum()  # a graph even where all is skipped
        leaves = (x, weight, *experts.parameters())
        results.append((out, *torch.autograd.grad(loss, leaves, materialize_grads=True)))
    for found, expected in zip(*results, strict=True):
        torch.testing.assert_close(found, expected)
