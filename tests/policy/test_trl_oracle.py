"""Our losses against TRL's `GRPOTrainer._compute_loss`, on the same log-probabilities, advantages and settings."""

from collections import defaultdict
from collections.abc import Callable
from types import MethodType, SimpleNamespace
from typing import Any

import pytest
import torch

from whetstone.policy.loss import Correction, LossInputs, LossSettings, grpo_loss, token_weights
from whetstone.policy.presets import PRESETS, Aggregation

grpo_trainer = pytest.importorskip("trl.trainer.grpo_trainer")

LENGTHS = [5, 1, 3, 4]
LONGEST, CAP = 6, 8
Loss = Callable[[dict[str, torch.Tensor]], torch.Tensor]


@pytest.fixture
def batch() -> dict[str, torch.Tensor]:
    """Padded (B, T) tensors; ratios from 0.4 to 2.5, so that both clips act."""
    generator = torch.Generator().manual_seed(3)
    old = -3 * torch.rand(4, LONGEST, generator=generator)
    return {
        "old": old,
        "new": old + (torch.rand(4, LONGEST, generator=generator) - 0.5) * 1.8,
        "entropy": torch.rand(4, LONGEST, generator=generator),
        "advantages": torch.tensor([1.3, -0.7, 0.4, -1.0]),
        "mask": (torch.arange(LONGEST) < torch.tensor(LENGTHS)[:, None]).long(),
    }


def trl(batch: dict[str, torch.Tensor], loss_type: str, **changes: Any) -> torch.Tensor:
    """TRL's own method, on a stand-in that holds only what the method reads; the policy's pass is given."""
    gather = SimpleNamespace(
        num_processes=1,
        sync_gradients=True,
        gather=lambda x: x,
        gather_for_metrics=lambda x: x,
        reduce=lambda x, reduction: x,
    )
    attributes = {
        "_get_per_token_logps_and_entropies": lambda *_, **__: (batch["new"], batch["entropy"], None),
        "model": SimpleNamespace(training=True),
        "accelerator": gather,
        "args": SimpleNamespace(delta=None, steps_per_generation=1, use_bias_correction_kl=False),
        "loss_type": loss_type,
        "importance_sampling_level": "token",
        "epsilon_low": 0.2,
        "epsilon_high": 0.28,
        "beta": 0.0,
        "top_entropy_quantile": 1.0,
        "off_policy_mask_threshold": None,
        "use_vllm": False,
        "vllm_importance_sampling_correction": True,
        "aux_loss_enabled": False,
        "use_adaptive_entropy": False,
        "entropy_coef": 0.0,
        "_entropy_bonus_enabled": bool(changes.get("entropy_coef")),
        "current_gradient_accumulation_steps": 1,
        "max_completion_length": CAP,
        "_metrics": {"train": defaultdict(list)},
    }
    stand_in = SimpleNamespace(**attributes | changes)
    ids = torch.zeros(4, LONGEST, dtype=torch.long)
    given = {
        "prompt_ids": ids[:, :1],
        "prompt_mask": torch.ones_like(ids[:, :1]),
        "completion_ids": ids,
        "completion_mask": batch["mask"],
        "advantages": batch["advantages"],
        "old_per_token_logps": batch["old"],
        "num_items_in_batch": batch["mask"].sum(),
    }
    given |= {name: batch[name] for name in ("ref_per_token_logps", "importance_sampling_ratio") if name in batch}
    return MethodType(grpo_trainer.GRPOTrainer._compute_loss, stand_in)(stand_in.model, given)


def ours(batch: dict[str, torch.Tensor], aggregation: Aggregation, settings: LossSettings) -> torch.Tensor:
    """The same batch without its padding."""
    kept = batch["mask"].bool()
    lengths = torch.tensor(LENGTHS)
    inputs = LossInputs(
        batch["new"][kept],
        batch["entropy"][kept],
        batch.get("sampled", batch["old"])[kept],
        batch["advantages"].repeat_interleave(lengths),
        token_weights(lengths, aggregation, total_tokens=sum(LENGTHS), total_rows=4, cap=CAP),
        lengths,
        batch["old"][kept],
        batch["ref_per_token_logps"][kept] if "ref_per_token_logps" in batch else None,
    )
    return grpo_loss(inputs, settings)[0]


def assert_equal(batch: dict[str, torch.Tensor], *losses: Loss) -> None:
    """Value and gradient of two losses of the same batch."""
    results = []
    for loss in losses:
        new = batch["new"].clone().requires_grad_()
        value = loss(batch | {"new": new})
        results.append((value.detach(), *torch.autograd.grad(value, new)))
    assert results[0][0].abs() > 1e-3
    assert results[0][1].abs().max() > 0.01
    torch.testing.assert_close(*results, atol=1e-6, rtol=1e-6)


# What TRL calls each preset's loss; its CISPO takes the cap itself, ours how far it is above 1.
SEQUENCE = {"importance_sampling_level": "sequence"}
CASES: dict[str, list[tuple[str, dict[str, Any]]]] = {
    "dapo": [("dapo", {}), ("bnpo", {})],
    "grpo": [("grpo", {"epsilon_high": 0.2})],
    "dr_grpo": [("dr_grpo", {"epsilon_high": 0.2})],
    "cispo": [("cispo", {"epsilon_high": 5.0})],
    "gspo": [("grpo", SEQUENCE | {"epsilon_low": 3e-4, "epsilon_high": 4e-4})],
}
PAIRS = [(name, loss_type, changes) for name, cases in CASES.items() for loss_type, changes in cases]


def settings_of(name: str, **more: Any) -> LossSettings:
    preset = PRESETS[name]
    return LossSettings(preset.clip_low, preset.clip_high, rule=preset.rule, ratio=preset.ratio, **more)


@pytest.mark.parametrize(("name", "loss_type", "changes"), PAIRS)
def test_value_and_gradient_equal_trl(name, loss_type, changes, batch):
    assert_equal(
        batch, lambda b: trl(b, loss_type, **changes), lambda b: ours(b, PRESETS[name].aggregation, settings_of(name))
    )


@pytest.mark.parametrize("cap", [1.2, 1.28])
def test_cispo_equals_trl_where_its_cap_cuts(cap, batch):
    settings = LossSettings(1.0, cap - 1, rule="truncate")
    assert_equal(batch, lambda b: trl(b, "cispo", epsilon_high=cap), lambda b: ours(b, "token", settings))


def test_gspo_equals_trl_in_a_range_that_cuts_some(batch):
    changes = SEQUENCE | {"epsilon_low": 0.1, "epsilon_high": 0.1}
    settings = LossSettings(0.1, 0.1, ratio="sequence")
    assert_equal(batch, lambda b: trl(b, "grpo", **changes), lambda b: ours(b, "sequence", settings))


@pytest.mark.parametrize(("name", "loss_type"), [("dapo", "dapo"), ("grpo", "grpo"), ("dr_grpo", "dr_grpo")])
def test_the_kl_term_equals_trl(name, loss_type, batch):
    batch["ref_per_token_logps"] = batch["old"].flip(0)
    changes: dict[str, Any] = {"beta": 0.3, **CASES[name][0][1]}
    settings = settings_of(name, kl=0.3)
    assert_equal(batch, lambda b: trl(b, loss_type, **changes), lambda b: ours(b, PRESETS[name].aggregation, settings))


@pytest.mark.parametrize("kind", ["truncate", "mask"])
@pytest.mark.parametrize("level", ["token", "sequence"])
def test_the_corrections_equal_trl(level, kind, batch):
    # TRL computes the weights where it generates; these are its lines for `{level}_{kind}`, bounds 0.55 and 1.5.
    batch["sampled"] = batch["old"] + 0.6 * torch.sin(torch.arange(4 * LONGEST).view(4, LONGEST))
    difference = (batch["old"] - batch["sampled"]) * batch["mask"]
    ratio = (difference.sum(-1, keepdim=True) if level == "sequence" else difference).exp()
    bounded = ratio.clamp(0.55, 1.5)
    batch["importance_sampling_ratio"] = bounded if kind == "truncate" else ratio * (ratio == bounded)
    assert (ratio != bounded).any()
    settings = LossSettings(old="trainer", correction=Correction(kind, level, 0.55, 1.5))
    assert_equal(batch, lambda b: trl(b, "dapo", use_vllm=True), lambda b: ours(b, "token", settings))


def test_the_entropy_bonus_equals_trl(batch):
    # TRL averages entropy over tokens whatever the loss does; ours weighs it as the loss, so they meet at `token`.
    settings = LossSettings(0.2, 0.28, 0.05)
    torch.testing.assert_close(
        trl(batch, "dapo", entropy_coef=0.05), ours(batch, "token", settings), atol=1e-6, rtol=1e-6
    )
