"""What would be uploaded to the hub loads again from its folder, and its card says what the run says."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import pytest
import torch
import yaml
from typer.testing import CliRunner

from whetstone.cli import app
from whetstone.envs import from_json
from whetstone.export import export
from whetstone.files import RunError
from whetstone.hub import from_pretrained, write_adapter, write_dataset, write_model
from whetstone.policy.checkpoint import load_policy, save_policy, save_state
from whetstone.policy.lora import LoraSettings, attach, save_adapter
from whetstone.policy.model import ZayaPolicy
from whetstone.recipes import parse_recipe
from whetstone.rundir import RunDir
from whetstone.statistics import Estimate
from whetstone.summary import Summary, TaskSummary
from whetstone.train import fresh_policy, train_tokenizer

RECIPE = """
name = "tiny"
tasks = ["sequences/sorting"]
stages = [{kind = "sft", name = "warm", steps = 3}, {kind = "grpo", name = "rl", steps = 4}]
[model]
hidden_size = 16
layers = 2
head_dim = 8
vocab_size = 300
"""


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A run of two stages, of which the second was measured."""
    recipe, folder = parse_recipe(RECIPE), tmp_path_factory.mktemp("runs") / "tiny"
    tokenizer = train_tokenizer(recipe)
    with RunDir.create(folder, recipe) as opened:
        for stage, step in (("warm", 3), ("rl", 7)):
            with opened.checkpoint(stage, step) as draft:
                save_policy(fresh_policy(recipe, tokenizer), tokenizer, draft)
                save_state({"step": step}, draft)
    half = Estimate(0.5, 0.4, 0.6)
    summary = Summary(half, [TaskSummary("sequences/sorting", half, None)], [], {}, 20, 20)
    measured = folder / "evals" / "rl"
    measured.mkdir(parents=True)
    (measured / "summary.json").write_text(summary.to_json())
    return folder


def front(card: str) -> dict[str, Any]:
    return yaml.safe_load(card.split("---\n")[1])


def test_a_policy_loads_from_the_folder(run: Path, tmp_path: Path) -> None:
    folder = write_model(run, tmp_path / "hub")
    assert {file.name for file in folder.iterdir()} >= {"README.md", "config.json", "tokenizer.json"}
    assert not {file.name for file in folder.iterdir()} & {"state.pt", "SHA256SUMS"}
    ours, _ = load_policy(run / "checkpoints" / "rl-000007")
    theirs, tokenizer = load_policy(folder)
    assert all(torch.equal(a, b) for a, b in zip(ours.parameters(), theirs.parameters(), strict=True))
    assert tokenizer.decode(tokenizer.encode("3 1 2")) == "3 1 2\n"


def test_transformers_loads_it_too(run: Path, tmp_path: Path) -> None:
    from transformers import AutoModelForCausalLM

    model = AutoModelForCausalLM.from_pretrained(write_model(run, tmp_path / "hub"))
    assert type(model).__name__ == "ZayaForCausalLM"


def test_the_card_says_what_the_run_says(run: Path, tmp_path: Path) -> None:
    card = (write_model(run, tmp_path / "hub") / "README.md").read_text()
    assert front(card)["library_name"] == "transformers" and "whetstone" in front(card)["tags"]
    assert "# tiny\n" in card and "stage `rl`, step 7" in card and "2 layers and width 16" in card
    assert "| warm | sft | 3 |" in card and "| rl | grpo | 4 |" in card
    assert "| sequences/sorting | 0.500 (0.400 to 0.600) | not measured |" in card
    warm = (write_model(run, tmp_path / "warm", "warm") / "README.md").read_text()
    assert "stage `warm`, step 3" in warm and "no evaluation of this stage" in warm


def test_a_data_set_loads_from_the_folder(tmp_path: Path) -> None:
    datasets = pytest.importorskip("datasets")
    export(["sequences/sorting", "puzzles/sudoku"], range(1, 3), 12, "eval", tmp_path / "data.parquet")
    folder = write_dataset(tmp_path / "data.parquet", tmp_path / "hub")
    data = datasets.load_dataset(str(folder), split="eval", cache_dir=str(tmp_path / "cache"))
    assert data.num_rows == 12
    assert all(from_json(row["problem"]).grade(row["solution"]).correct for row in data)
    card = (folder / "README.md").read_text()
    assert front(card)["configs"][0]["data_files"] == [{"split": "eval", "path": "data/eval.parquet"}]
    assert "# 12 verifiable problems" in card and "levels 1 to 2" in card and "- puzzles/sudoku\n" in card


def test_the_command_uploads_what_it_wrote(run: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    calls: list[Any] = []

    class Api:
        def create_repo(self, name: str, **options: Any) -> str:
            calls.append((name, options))
            return f"https://hub/{name}"

        def upload_folder(self, *, folder_path: Path, repo_id: str, repo_type: str) -> None:
            calls.append((sorted(file.name for file in folder_path.iterdir()), repo_id, repo_type))

    monkeypatch.setattr("huggingface_hub.HfApi", Api)
    kept = tmp_path / "kept"
    done = CliRunner().invoke(app, ["push", str(run), "me/tiny", "--private", "--folder", str(kept)])
    assert done.exit_code == 0, done.output
    assert "Uploaded to https://hub/me/tiny" in done.output
    created, uploaded = calls
    assert created == ("me/tiny", {"repo_type": "model", "private": True, "exist_ok": True})
    assert uploaded == (sorted(file.name for file in kept.iterdir()), "me/tiny", "model")


# -- adapters ---------------------------------------------------------------------------------------------------------


@torch.no_grad()
def logits(policy: ZayaPolicy) -> torch.Tensor:
    tokens = torch.arange(3, 20)
    return policy.logits(policy(tokens, policy.packed([len(tokens)]))[0])


@pytest.fixture
def hub(run: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A hub in a folder, which has the run's policy as me/tiny: what is uploaded can be downloaded."""

    class Api:
        def create_repo(self, name: str, **_: Any) -> str:
            return f"https://hub/{name}"

        def upload_folder(self, *, folder_path: Path, repo_id: str, **_: Any) -> None:
            shutil.copytree(folder_path, tmp_path / "hub" / repo_id)

    def snapshot_download(name: str, allow_patterns: list[str]) -> str:
        assert "*.safetensors" in allow_patterns
        return str(tmp_path / "hub" / name)

    monkeypatch.setattr("huggingface_hub.HfApi", Api)
    monkeypatch.setattr("huggingface_hub.snapshot_download", snapshot_download)
    write_model(run, tmp_path / "hub" / "me" / "tiny")
    return tmp_path / "hub"


def adapter(folder: Path, base: str | None) -> ZayaPolicy:
    """A policy with an adapter that does something, which is saved into the folder."""
    policy, _ = from_pretrained("me/tiny")
    model = attach(policy, LoraSettings(rank=2, alpha=4.0))
    with torch.no_grad():
        for name, parameter in policy.named_parameters():
            if "lora_B" in name:
                parameter.normal_(generator=torch.Generator().manual_seed(1))
    save_adapter(model, folder, base)
    return policy


def test_an_adapter_goes_to_the_hub_and_comes_back(hub: Path, tmp_path: Path) -> None:
    trained = adapter(tmp_path / "lora", "me/tiny")
    (tmp_path / "lora" / "optimizer.pt").touch()
    done = CliRunner().invoke(app, ["push", str(tmp_path / "lora"), "me/tiny-lora"])
    assert done.exit_code == 0, done.output
    uploaded = {file.name for file in (hub / "me" / "tiny-lora").iterdir()}
    assert uploaded == {"README.md", "adapter_config.json", "adapter_model.safetensors"}
    card = (hub / "me" / "tiny-lora" / "README.md").read_text()
    assert front(card)["base_model"] == "me/tiny" and front(card)["library_name"] == "peft"
    assert "rank 2" in card
    policy, tokenizer = from_pretrained("me/tiny-lora")
    torch.testing.assert_close(logits(policy), logits(trained), atol=0, rtol=0)
    assert float((logits(policy) - logits(from_pretrained("me/tiny")[0])).abs().max()) > 0.01
    assert tokenizer.decode(tokenizer.encode("3 1 2")) == "3 1 2\n"


@pytest.mark.usefixtures("hub")
def test_adapters_that_cannot_be_used_are_refused(tmp_path: Path) -> None:
    adapter(tmp_path / "nameless", None)
    with pytest.raises(RunError, match="does not name its base"):
        from_pretrained(tmp_path / "nameless")
    adapter(tmp_path / "local", str(tmp_path))
    for which in ("nameless", "local"):
        with pytest.raises(RunError, match="as OWNER/NAME"):
            write_adapter(tmp_path / which, tmp_path / "out")
    (tmp_path / "local" / "adapter_model.safetensors").unlink()
    with pytest.raises(RunError, match=r"holds no adapter_model\.safetensors"):
        write_adapter(tmp_path / "local", tmp_path / "out")
    (tmp_path / "local" / "adapter_config.json").write_text("{}")
    with pytest.raises(RunError, match="no adapter of LoRA that can be read"):
        from_pretrained(tmp_path / "local")
    assert not (tmp_path / "out").exists()


def test_mistakes_are_said(run: Path, tmp_path: Path) -> None:
    with pytest.raises(RunError, match="no checkpoint of stage cold"):
        write_model(run, tmp_path / "hub", "cold")
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "mine").touch()
    with pytest.raises(RunError, match="not empty"):
        write_model(run, tmp_path / "full")
    for arguments, words in (
        (["push", str(run)], "OWNER/NAME to upload to"),
        (["push", str(run), "tiny"], "got 'tiny'"),
        (["push", str(tmp_path / "none.parquet"), "me/none"], "expected a Parquet file"),
    ):
        refused = CliRunner().invoke(app, arguments)
        assert refused.exit_code in (1, 2) and words in " ".join(refused.output.split())
