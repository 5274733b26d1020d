"""The examples of docs/grpo.md print what the page says, and its tables are those of the code."""

from __future__ import annotations

import doctest
from pathlib import Path

from whetstone.grpo_settings import CanarySettings
from whetstone.policy.presets import PRESETS
from whetstone.settings import GrpoStage

PAGE = Path(__file__).parents[2] / "docs" / "grpo.md"


def test_the_examples_hold() -> None:
    failed, tried = doctest.testfile(str(PAGE), module_relative=False)
    assert failed == 0 and tried > 20


def test_every_preset_and_every_setting_is_on_the_page() -> None:
    page = PAGE.read_text()
    for name in PRESETS:
        assert f"| `{name}`" in page
    nested = [name.removesuffix("_action") for name in CanarySettings.model_fields if name.endswith("_action")]
    plain = {"kind", "prompts", "samples", "max_tokens", "lr", "temperature", "reward", "frontier"}
    common = {"name", "steps", "warmup", "grad_clip", "balance_lr", "decay", "checkpoint_every"}
    common |= {"context", "data", "until"}
    for name in {*GrpoStage.model_fields, *nested} - plain - common:
        assert f"`{name}`" in page or f"`{name} =" in page or f"`{name}." in page, name
