"""Presets, several experts a token, and configurations that would silently be another model."""

from pathlib import Path

import pytest
import torch
from transformers import ZayaConfig

from whetstone.policy.config import PRESETS, TopKZayaConfig, preset, read_config, zaya_config
from whetstone.policy.model import ZayaPolicy


def parameters(config: ZayaConfig) -> int:
    with torch.device("meta"):
        return sum(parameter.numel() for parameter in ZayaPolicy(config).parameters())


@pytest.mark.parametrize(
    ("name", "size"), [("tiny", 882_310), ("small", 4_768_264), ("100m", 102_429_080), ("zaya1-8b", 8_840_488_784)]
)
def test_presets_have_the_stated_sizes(name: str, size: int):
    assert parameters(preset(name)) == size


def test_the_largest_preset_is_zaya1():
    ours, theirs = preset("zaya1-8b").to_dict(), ZayaConfig().to_dict()
    assert {key for key in ours | theirs if ours.get(key) != theirs.get(key)} == {"architectures"}


def test_zaya1_computes_with_three_quarters_of_a_billion_parameters():
    with torch.device("meta"):
        named = {name: p.numel() for name, p in ZayaPolicy(preset("zaya1-8b")).named_parameters()}
    experts = sum(size for name, size in named.items() if ".experts." in name)
    total = sum(named.values())
    assert total - named["model.embed_tokens.weight"] - experts * 15 // 16 == 753_608_528


def test_changes_to_a_preset():
    assert preset("tiny", vocab_size=300, layers=1).num_hidden_layers == 1
    with pytest.raises(ValueError, match=r"tinny.*tiny, small, 100m, zaya1-8b"):
        preset("tinny")
    assert list(PRESETS) == ["tiny", "small", "100m", "zaya1-8b"]


def test_several_experts_a_token_are_written_and_read(tmp_path: Path):
    preset("tiny", top_k=3).save_pretrained(tmp_path)
    found = read_config(str(tmp_path))
    assert isinstance(found, TopKZayaConfig)
    assert found.num_experts_per_tok == 3
    preset("tiny").save_pretrained(tmp_path)
    assert type(read_config(str(tmp_path))) is ZayaConfig
    with pytest.raises(Exception, match=r"1\.\.9; got 12"):
        preset("tiny", top_k=12)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"hidden_act": "gelu"}, "hidden_act is 'gelu'.*'silu'"),
        ({"attention_dropout": 0.1}, "attention_dropout is 0.1"),
        (
            {
                "rope_parameters": {
                    "hybrid": {"rope_type": "linear", "factor": 2.0, "rope_theta": 1e4},
                    "hybrid_sliding": {"rope_type": "default", "rope_theta": 1e4},
                }
            },
            "rope_type 'linear'",
        ),
    ],
)
def test_what_would_be_another_model_is_refused(changes: dict, message: str):
    config = ZayaConfig.from_dict(zaya_config(vocab_size=40).to_dict() | changes)
    with pytest.raises(ValueError, match=message):
        ZayaPolicy(config)
