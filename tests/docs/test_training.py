"""docs/training-a-real-model.md, done to the letter with a tiny model: exported, trained twice, sampled again."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from transformers import Qwen2Config, Qwen2ForCausalLM
from typer.testing import CliRunner

from whetstone.cli import app
from whetstone.envs import load
from whetstone.huggingface import HuggingFace
from whetstone.policy.checkpoint import empty_policy
from whetstone.policy.config import zaya_config
from whetstone.policy.tokenizer import TextTokenizer
from whetstone.recipes import parse_recipe
from whetstone.rollout.types import Request, Sampling

PAGE = (Path(__file__).parents[2] / "docs" / "training-a-real-model.md").read_text()
TEMPLATE = "{% for message in messages %}{{ message['content'] }}\n{% endfor %}"
SMALLER = {
    "max_steps": 1,
    "num_generations": 2,
    "per_device_train_batch_size": 2,
    "gradient_accumulation_steps": 1,
    "max_completion_length": 4,
    "use_cpu": True,
    "bf16": False,
    "disable_tqdm": True,
}


def blocks(language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```$", PAGE, re.DOTALL | re.MULTILINE)


@pytest.fixture
def model(tmp_path: Path, qwen: Callable[[TextTokenizer, int], Qwen2Config]) -> Path:
    """A model of Qwen's kind with a chat template, in a folder."""
    prompts = [load("sequences/sorting").draw(level, 0).prompt for level in range(3)]
    tokenizer = TextTokenizer.train(prompts, 400)
    tokenizer.hf.chat_template = TEMPLATE
    tokenizer.hf.padding_side = "left"
    tokenizer.hf.save_pretrained(tmp_path / "model")
    Qwen2ForCausalLM(qwen(tokenizer, 4096)).save_pretrained(tmp_path / "model")
    return tmp_path / "model"


@pytest.mark.slow
def test_the_page_trains_and_what_it_saves_is_sampled(
    model: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("TRL_EXPERIMENTAL_SILENCE", "1")
    monkeypatch.setenv("HF_DATASETS_CACHE", str(tmp_path / "cache"))
    (exported,) = (line for line in PAGE.splitlines() if line.startswith("whetstone export"))
    done = CliRunner().invoke(app, exported.replace("-n 8000", "-n 40").split()[1:])
    assert done.exit_code == 0, done.output
    fixed, following = blocks("python")
    model_named = fixed.replace('"Qwen/Qwen3-0.6B"', repr(str(model)))
    code = model_named.replace("trainer = ", f"settings |= {SMALLER!r}\ntrainer = ")
    world: dict[str, object] = {}
    exec(code, world)
    assert {"rewards/reward/mean", "rewards/exact_reward/mean"} <= set(world["trainer"].state.log_history[0])  # type: ignore[attr-defined]
    (answer,) = HuggingFace("runs/qwen", device="cpu").generate([Request("Sort: 3 1 2", Sampling(4))])[0]
    assert 1 <= len(answer.tokens) <= 4
    exec(following, world)
    assert "rewards/reward/mean" in world["trainer"].state.log_history[0]  # type: ignore[attr-defined]


def test_the_recipe_is_one_of_as_many_parameters_as_it_says() -> None:
    recipe = parse_recipe(blocks("toml")[0])
    (millions,) = re.findall(r"for\s+(\d+)\s+M\s+parameters", PAGE)
    policy = empty_policy(zaya_config(**recipe.model.model_dump()))
    assert round(sum(parameter.numel() for parameter in policy.parameters()) / 1e6) == int(millions)
