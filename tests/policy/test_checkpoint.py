"""Checkpoints: what was saved comes back, Transformers reads it, and what does not fit is named and not loaded."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file
from transformers import AutoModelForCausalLM

from whetstone.policy import weights
from whetstone.policy.checkpoint import load_policy, load_state, save_policy, save_state
from whetstone.policy.model import ZayaPolicy
from whetstone.policy.tokenizer import TextTokenizer
from whetstone.policy.weights import INDEX, WEIGHTS, CheckpointError


@pytest.fixture(scope="module")
def tokenizer() -> TextTokenizer:
    return TextTokenizer.train(["Sort: 3 1 2"], 270)


@pytest.fixture
def policy(make_policy, tokenizer: TextTokenizer) -> ZayaPolicy:
    policy = make_policy(3, vocab_size=len(tokenizer))
    for router in policy.routers:
        router.balancing_biases[-1] = -1.0  # as training leaves it; Transformers 5.19 puts it back there when it loads
    return policy


@pytest.fixture
def folder(policy: ZayaPolicy, tokenizer: TextTokenizer, tmp_path: Path) -> Path:
    save_policy(policy, tokenizer, tmp_path / "saved")
    return tmp_path / "saved"


@pytest.mark.parametrize("tied", [True, False])
def test_what_was_saved_comes_back(tied: bool, make_policy, tokenizer: TextTokenizer, tmp_path: Path):
    policy = make_policy(3, vocab_size=len(tokenizer), tie_word_embeddings=tied)
    save_policy(policy, tokenizer, tmp_path)
    loaded, text = load_policy(tmp_path)
    assert loaded.state_dict().keys() == policy.state_dict().keys()
    assert all(torch.equal(x, policy.state_dict()[name]) for name, x in loaded.state_dict().items())
    assert (loaded.lm_head.weight is loaded.model.embed_tokens.weight) == tied
    assert text.encode("Sort: 3 1 2") == tokenizer.encode("Sort: 3 1 2")
    assert (text.pad, text.bos, text.eos) == (tokenizer.pad, tokenizer.bos, tokenizer.eos)


def test_transformers_opens_it_and_computes_the_same(policy: ZayaPolicy, folder: Path):
    theirs = AutoModelForCausalLM.from_pretrained(str(folder)).eval()
    tokens = torch.randint(3, 250, (17,), generator=torch.Generator().manual_seed(0))
    with torch.no_grad():
        hidden, _ = policy(tokens, policy.packed([17]))
        torch.testing.assert_close(policy.logits(hidden), theirs(tokens[None]).logits[0], atol=1e-5, rtol=0)


@pytest.mark.parametrize("shard", [1, 4000, 20_000])
def test_it_is_written_in_shards_that_both_read(
    shard: int, policy: ZayaPolicy, tokenizer: TextTokenizer, tmp_path: Path
):
    save_policy(policy, tokenizer, tmp_path, shard)
    files = sorted(tmp_path.glob("*.safetensors"))
    assert len(files) > 1
    assert all(len(load_file(file)) == 1 or file.stat().st_size <= shard + 8000 for file in files)  # and the header
    loaded, _ = load_policy(tmp_path)
    assert all(torch.equal(x, policy.state_dict()[name]) for name, x in loaded.state_dict().items())
    theirs = AutoModelForCausalLM.from_pretrained(str(tmp_path)).state_dict()
    assert all(torch.equal(x, theirs[name]) for name, x in loaded.state_dict().items())


def test_writing_again_leaves_no_file_of_before(policy: ZayaPolicy, tokenizer: TextTokenizer, tmp_path: Path):
    for shard in (20_000, 1 << 30, 20_000):
        save_policy(policy, tokenizer, tmp_path, shard)
        load_policy(tmp_path)
        assert (tmp_path / WEIGHTS).exists() != (tmp_path / INDEX).exists()


@pytest.mark.parametrize("stored", [torch.float32, torch.bfloat16])
@pytest.mark.parametrize("wanted", [None, torch.float32, torch.bfloat16])
def test_parameters_come_in_the_dtype_that_is_asked_for_and_biases_in_fp32(
    stored: torch.dtype, wanted: torch.dtype | None, policy: ZayaPolicy, tokenizer: TextTokenizer, tmp_path: Path
):
    biases = [router.balancing_biases.clone() for router in policy.routers]
    policy.load_state_dict({name: x.to(stored) for name, x in policy.named_parameters()}, strict=False, assign=True)
    policy.lm_head.weight = policy.model.embed_tokens.weight
    save_policy(policy, tokenizer, tmp_path)
    loaded, _ = load_policy(tmp_path, wanted)
    for name, parameter in loaded.named_parameters():
        assert parameter.dtype == (wanted or stored)
        torch.testing.assert_close(parameter, policy.state_dict()[name].to(wanted or stored), atol=0, rtol=0)
    assert all(torch.equal(bias, router.balancing_biases) for bias, router in zip(biases, loaded.routers, strict=True))
    assert loaded.lm_head.weight is loaded.model.embed_tokens.weight
    assert all(parameter.requires_grad and not parameter.is_meta for parameter in loaded.parameters())


def test_large_tensors_are_read_in_pieces(policy: ZayaPolicy, folder: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(weights, "CHUNK", 64)  # bytes: every matrix takes many
    loaded, _ = load_policy(folder)
    assert all(torch.equal(x, policy.state_dict()[name]) for name, x in loaded.state_dict().items())


def test_what_is_loaded_does_not_hang_on_the_file(policy: ZayaPolicy, folder: Path):
    loaded, _ = load_policy(folder)
    (folder / WEIGHTS).write_bytes(bytes((folder / WEIGHTS).stat().st_size))
    assert all(torch.equal(x, policy.state_dict()[name]) for name, x in loaded.state_dict().items())


def test_it_learns_after_loading(folder: Path):
    loaded, _ = load_policy(folder)
    loaded.logits(loaded(torch.arange(3, 9), loaded.packed([6]))[0]).square().sum().backward()
    assert all(parameter.grad is not None for parameter in loaded.parameters())


def test_state_comes_back_and_only_plain_data_is_unpickled(tmp_path: Path):
    state = {"steps": 3, "rng": {"state": 1 << 127}, "buffer": torch.arange(3.0), "rates": [0.5, None]}
    save_state(state, tmp_path)
    found = load_state(tmp_path)
    assert found["buffer"].tolist() == [0.0, 1.0, 2.0]
    assert {name: found[name] for name in ("steps", "rng", "rates")} == {n: state[n] for n in ("steps", "rng", "rates")}
    save_state({"path": tmp_path}, tmp_path)
    with pytest.raises(CheckpointError, match=r"state\.pt is missing or damaged"):
        load_state(tmp_path)
    (tmp_path / "state.pt").unlink()
    with pytest.raises(CheckpointError, match=r"state\.pt is missing or damaged"):
        load_state(tmp_path)
