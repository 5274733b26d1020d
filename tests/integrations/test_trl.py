"""TRL's trainer on our tasks: it learns, has our sampler's log-probabilities, and tells the curriculum."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import torch

pytest.importorskip("trl")

from whetstone.curriculum.difficulty import Learnability, LearnabilitySettings
from whetstone.curriculum.mixture import Mixture
from whetstone.envs import from_json, load
from whetstone.integrations.trl import Problems, Trainer, arguments, as_chat, build
from whetstone.policy.checkpoint import load_policy, save_policy
from whetstone.policy.config import zaya_config
from whetstone.policy.model import ZayaPolicy, initialise
from whetstone.policy.tokenizer import TextTokenizer

TASKS = ["sequences/sorting", "strings/minimal_cyclic_shift"]
SETTINGS = LearnabilitySettings(start=1, memory=0.5, promote_groups=1)


@pytest.fixture(scope="module")
def checkpoint(tmp_path_factory: pytest.TempPathFactory) -> Path:
    problems = [load(task).draw(level, seed) for task in TASKS for level in range(3) for seed in range(20)]
    tokenizer = TextTokenizer.train((f"{p.prompt}\n{p.target}" for p in problems), 300)
    config = zaya_config(
        vocab_size=len(tokenizer),
        hidden_size=32,
        layers=2,
        head_dim=8,
        experts=4,
        expert_size=16,
        router_size=12,
        pad=tokenizer.pad,
        bos=tokenizer.bos,
        eos=tokenizer.eos,
    )
    folder = tmp_path_factory.mktemp("policy")
    save_policy(initialise(ZayaPolicy(config), seed=0), tokenizer, folder)
    return folder


@pytest.fixture
def mixture() -> Mixture[Learnability]:
    return Mixture({task: Learnability(SETTINGS) for task in TASKS}, seed=0)


@pytest.fixture
def trainer(
    checkpoint: Path, mixture: Mixture[Learnability], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Trainer:
    """Two questions of four answers a step; an answer is worth the share of even tokens in it."""
    monkeypatch.setenv("TRL_EXPERIMENTAL_SILENCE", "1")
    settings = arguments(tmp_path, steps=2, prompts=2, samples=4, max_tokens=6, lr=1e-2)
    settings.disable_tqdm = True
    built = build(checkpoint, mixture, settings)
    ours: Any = built.reward_funcs[0]

    def reward(completion_ids: list[list[int]], **columns: Any) -> list[float]:
        assert ours(**columns) == [0.0] * 8  # an untrained policy
        return [sum(token % 2 == 0 for token in ids) / len(ids) for ids in completion_ids]

    built.reward_funcs = [reward]
    return built


def test_two_steps_move_the_policy_and_the_curriculum(
    trainer: Trainer, mixture: Mixture[Learnability], checkpoint: Path, tmp_path: Path
):
    trainer.train()
    trainer.save_model()
    before, _ = load_policy(checkpoint)
    after, _ = load_policy(tmp_path)
    moved = [name for name, x in before.state_dict().items() if not torch.equal(x, after.state_dict()[name])]
    assert "model.layers.1.mlp.experts.down_proj" in moved
    assert not [name for name in moved if "balancing_biases" in name]
    rates = [rate for controller in mixture.controllers.values() for rate in controller.pass_rate]
    assert min(rates) < 0.5  # where all answers were wrong


def test_the_samplers_log_probabilities_are_those_of_trl(trainer: Trainer):
    batch = next(iter(trainer.get_train_dataloader()))
    assert len(batch) == 8
    assert len({row["seed"] for row in batch}) == 2
    with torch.no_grad():
        for parameter in trainer.model.parameters():  # not the weights that the sampler began with
            parameter.add_(0.05 * torch.randn(parameter.shape, generator=torch.Generator().manual_seed(1)))
    out = trainer._generate_and_score_completions(batch)
    assert (out["advantages"] != 0).sum() >= len(out["advantages"]) - 1  # the others were dropped
    ids = torch.cat([out["prompt_ids"], out["completion_ids"]], 1)
    mask = torch.cat([out["prompt_mask"], out["completion_mask"]], 1)
    with torch.no_grad():
        trls, _, _ = trainer._get_per_token_logps_and_entropies(
            trainer.model, ids, mask, out["completion_ids"].shape[1], 8
        )
    inside = out["completion_mask"].bool()
    torch.testing.assert_close(out["old_per_token_logps"][inside], trls[inside], atol=1e-5, rtol=0)


def test_the_dataset_asks_what_the_mixture_proposes():
    mixture = Mixture({TASKS[0]: Learnability(SETTINGS)}, seed=0)
    for row, _ in zip(Problems(mixture, as_chat).dataset(), range(5), strict=False):
        problem = load(TASKS[0]).draw(row["level"], row["seed"])
        assert from_json(row["problem"]) == problem
        assert row["prompt"] == [{"role": "user", "content": problem.prompt}]
        assert row["level"] <= 1


def test_rewards_come_from_the_problem_and_reach_the_mixture(
    mixture: Mixture[Learnability], monkeypatch: pytest.MonkeyPatch
):
    sorting, shift = (load(task).draw(1, 5) for task in TASKS)
    columns = {
        "problem": [sorting.to_json()] * 2 + [shift.to_json()],
        "task": [TASKS[0]] * 2 + [TASKS[1]],
        "level": [1] * 3,
        "seed": [5] * 3,
    }
    completions = [sorting.target, "<answer>no</answer>", [{"role": "assistant", "content": shift.target}]]
    assert Problems(mixture).reward(completions, prompts=["?"] * 3, **columns) == [1.0, 0.0, 1.0]
    assert mixture.controllers[TASKS[0]].pass_rate[1] == 0.5  # halfway from 0.5 to the group's 0.5
    assert mixture.controllers[TASKS[1]].frontier == 2  # all right at the frontier

    def crash(*_: object) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr(type(shift), "check", crash)
    assert Problems(mixture).reward(completions, **columns) == [1.0, 0.0, None]
    assert mixture.controllers[TASKS[1]].frontier == 2
    half = Problems(mixture, reward="score").reward(["<answer>no</answer>"], [sorting.to_json()], TASKS[:1], [1], [5])
    assert half == [0.0]
