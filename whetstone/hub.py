"""Policies, adapters and data sets for the Hugging Face hub: a folder with its card, uploaded or used as it is.

    folder = write_model(Path("runs/quickstart"), Path("quickstart-hub"))   # weights, tokenizer, README.md
    push(folder, "owner/name", "model")
    policy, tokenizer = from_pretrained("owner/name")                       # or any folder

A card says how the policy was trained and measured, from the run alone.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import pyarrow.parquet as pq

from whetstone.files import RunError, disk_errors
from whetstone.recipes import Recipe
from whetstone.rundir import RunDir
from whetstone.statistics import Estimate
from whetstone.summary import Summary, read_summary

if TYPE_CHECKING:
    from whetstone.policy.model import ZayaPolicy
    from whetstone.policy.tokenizer import TextTokenizer

STATE = ("state.pt", "SHA256SUMS")  # what only a resumed run needs
ADAPTER = "adapter_config.json"  # what tells an adapter from a whole model
WEIGHTS = "adapter_model.safetensors"


def write_model(run: Path, folder: Path, stage: str | None = None) -> Path:
    """Put the last checkpoint of a run (of a stage) into a new folder, as Transformers reads it, with its card.

    Raises `RunError` where there is no checkpoint, or where the folder holds something already.
    """
    opened = RunDir.open(run)
    checkpoint = opened.latest(stage)
    if checkpoint is None:
        of_stage = f" of stage {stage}" if stage else ""
        raise RunError(f"{run} has no checkpoint{of_stage}; continue with `whetstone train --resume {run}`")
    _fresh(folder)
    with disk_errors(folder):
        for file in checkpoint.path.iterdir():
            if file.name not in STATE:
                shutil.copyfile(file, folder / file.name)
        card = model_card(opened.recipe(), checkpoint.stage, checkpoint.step, _summary(run, checkpoint.stage))
        (folder / "README.md").write_text(card, encoding="utf-8")
    return folder


def write_dataset(data: Path, folder: Path) -> Path:
    """Put a file that `whetstone export` wrote into a new folder, as `datasets.load_dataset` reads it, with its card.

    Raises `RunError` for a file of another kind, or where the folder holds something already.
    """
    if data.suffix != ".parquet" or not data.is_file():
        raise RunError(f"{data}: expected a Parquet file, such as `whetstone export --out data.parquet` writes")
    table = pq.read_table(data)
    if not {"task", "level", "split", "problem"} <= set(table.column_names):
        raise RunError(f"{data} has the columns {', '.join(table.column_names)}; expected those of `whetstone export`")
    _fresh(folder)
    (split,) = set(table["split"].to_pylist())
    levels = table["level"].to_pylist()
    with disk_errors(folder):
        (folder / "data").mkdir()
        shutil.copyfile(data, folder / "data" / f"{split}.parquet")
        card = dataset_card(split, table.num_rows, sorted(set(table["task"].to_pylist())), min(levels), max(levels))
        (folder / "README.md").write_text(card, encoding="utf-8")
    return folder


def write_adapter(adapter: Path, folder: Path) -> Path:
    """Put an adapter that `policy.lora.save_adapter`, PEFT or TRL wrote into a new folder, with its card.

    What else is of use to a reader (tokenizer, chat template) comes along; states of a trainer do not. Raises
    `RunError` where there is no adapter, where it does not name its base, or where the folder holds something already.
    """
    base, rank = _adapted(adapter)
    if not (adapter / WEIGHTS).is_file():
        raise RunError(f"{adapter} holds no {WEIGHTS}; expected a folder that `save_adapter`, PEFT or TRL wrote")
    if not base or Path(base).exists():
        raise RunError(
            f"{adapter}: an adapter on the hub names the model it belongs to as OWNER/NAME, this one says {base!r};"
            f" set base_model_name_or_path in its {ADAPTER}"
        )
    _fresh(folder)
    with disk_errors(folder):
        for file in adapter.iterdir():
            if file.suffix in (".json", ".jinja") or file.name == WEIGHTS:
                shutil.copyfile(file, folder / file.name)
        (folder / "README.md").write_text(adapter_card(adapter.name, base, rank), encoding="utf-8")
    return folder


def downloaded(name: str) -> Path:
    """The folder of a model or an adapter on the Hugging Face hub, fetched where it is not here yet."""
    from huggingface_hub import snapshot_download

    return Path(snapshot_download(name, allow_patterns=["*.json", "*.safetensors", "*.jinja"]))


def from_pretrained(name: str | Path) -> tuple[ZayaPolicy, TextTokenizer]:
    """A policy in a folder, or `owner/name` on the hub; of an adapter, the policy that it names with the adapter on it.

    An adapter is not trained further and not merged; `policy.lora` does both. Raises `RunError` for an adapter that
    does not name its base, and `CheckpointError` for what is no policy of ours: then nothing has been loaded.
    """
    from whetstone.policy.checkpoint import load_policy

    folder = Path(name) if Path(name).is_dir() else downloaded(str(name))
    if not (folder / ADAPTER).is_file():
        return load_policy(folder)
    from whetstone.policy.lora import load_adapter

    base, _ = _adapted(folder)
    if not base:
        raise RunError(f"{folder} does not name its base; load that, then give it to `policy.lora.load_adapter`")
    policy, tokenizer = from_pretrained(base)
    load_adapter(policy, folder)
    return policy, tokenizer


def _adapted(folder: Path) -> tuple[str, int]:
    """The base that an adapter names ("" where it names none) and its rank. Raises `RunError` for what is no LoRA."""
    try:
        config: dict[str, Any] = json.loads((folder / ADAPTER).read_text(encoding="utf-8"))
        return config.get("base_model_name_or_path") or "", int(config["r"])
    except (OSError, ValueError, LookupError) as error:
        raise RunError(f"{folder} holds no adapter of LoRA that can be read: {ADAPTER}: {error}") from error


def push(folder: Path, name: str, kind: Literal["model", "dataset"], private: bool = False) -> str:
    """Upload a folder as the repository `owner/name`, made if need be; returns its address.

    The token is Hugging Face's own (`hf auth login`, or `HF_TOKEN`).
    """
    from huggingface_hub import HfApi

    api = HfApi()
    address = api.create_repo(name, repo_type=kind, private=private, exist_ok=True)
    api.upload_folder(folder_path=folder, repo_id=name, repo_type=kind)
    return str(address)


def model_card(recipe: Recipe, stage: str, step: int, measured: Summary | None) -> str:
    """The README.md of a policy, from its recipe and the evaluation of its stage."""
    front = ["license: apache-2.0", "library_name: transformers", "pipeline_tag: text-generation"]
    tags = ["whetstone", "reasoning", "reinforcement-learning"]
    model = recipe.model
    lines = [
        *_front(front, tags),
        f"# {recipe.name}",
        "",
        f"A mixture-of-experts policy of {model.layers} layers and width {model.hidden_size} in the architecture of"
        f" ZAYA1, trained with Whetstone on {len(recipe.tasks)} tasks. These are the weights after stage `{stage}`,"
        f" step {step:,}.",
        "",
        "```",
        "whetstone eval FOLDER          # or serve FOLDER, where FOLDER is what was downloaded",
        "```",
        "",
        "## Training",
        "",
        "| stage | kind | steps |",
        "|---|---|---:|",
        *(f"| {each.name} | {each.kind} | {each.steps:,} |" for each in recipe.stages),
        "",
        *_measured(measured),
        "## Recipe",
        "",
        "```",
        *recipe.describe(),
        "```",
    ]
    return "\n".join(lines) + "\n"


def adapter_card(name: str, base: str, rank: int) -> str:
    """The README.md of an adapter of this rank on the model `base`."""
    front = [f"base_model: {base}", "library_name: peft", "pipeline_tag: text-generation"]
    lines = [
        *_front(front, ["whetstone", "lora", "reasoning", "reinforcement-learning"]),
        f"# {name}",
        "",
        f"Low-rank updates (LoRA, rank {rank}) of `{base}`, trained on tasks of Whetstone.",
        "",
        "```",
        "whetstone eval hf:OWNER/NAME --suite heldout      # this repository, or its folder",
        "```",
        "",
        "With Transformers and PEFT, `AutoModelForCausalLM.from_pretrained` loads it onto its base. Where the base has"
        " ZAYA1's architecture, `whetstone.hub.from_pretrained` makes both a policy of Whetstone's.",
    ]
    return "\n".join(lines) + "\n"


def dataset_card(split: str, rows: int, tasks: list[str], lowest: int, highest: int) -> str:
    """The README.md of a data set."""
    front = ["license: apache-2.0", "configs:", "- config_name: default", "  data_files:"]
    front += [f"  - split: {split}", f"    path: data/{split}.parquet"]
    lines = [
        *_front(front, ["whetstone", "reasoning", "verifiable"]),
        f"# {rows:,} verifiable problems",
        "",
        f"Of {len(tasks)} tasks at levels {lowest} to {highest}, from the {split} split of Whetstone. Each row has what"
        " is asked (`prompt`), where it comes from (`task`, `level`, `seed`, `split`) and the problem as JSON"
        " (`problem`), from which alone an answer is judged: `whetstone.envs.from_json(problem).grade(completion)`.",
        "",
        *(f"- {task}" for task in tasks),
    ]
    return "\n".join(lines) + "\n"


def _front(fields: Iterable[str], tags: Iterable[str]) -> list[str]:
    return ["---", *fields, "tags:", *(f"- {tag}" for tag in tags), "---", ""]


def _measured(summary: Summary | None) -> list[str]:
    if summary is None:
        return ["The run has no evaluation of this stage.", ""]
    rows = [f"| {line.task} | {_shown(line.accuracy, 3)} | {_shown(line.frontier, 1)} |" for line in summary.tasks]
    asked = (
        f"Exact accuracy over all levels asked, on {summary.problems:,} problems of the eval split, and the level at"
    )
    return [
        "## Measured",
        "",
        f"{asked} which it is one half; in brackets 95 % intervals.",
        "",
        "| task | accuracy | frontier |",
        "|---|---:|---:|",
        *rows,
        f"| all tasks | {_shown(summary.overall, 3)} | |",
        "",
    ]


def _shown(estimate: Estimate | None, digits: int) -> str:
    if estimate is None:
        return "not measured"
    return f"{estimate.value:.{digits}f} ({estimate.low:.{digits}f} to {estimate.high:.{digits}f})"


def _summary(run: Path, stage: str) -> Summary | None:
    folder = run / "evals" / stage
    return read_summary(folder) if (folder / "summary.json").is_file() else None


def _fresh(folder: Path) -> None:
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise RunError(f"{folder} is not empty; choose another folder")
    with disk_errors(folder):
        folder.mkdir(parents=True, exist_ok=True)
