"""The command about the Hugging Face hub: push."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Annotated, Literal

import typer

hub = typer.Typer()


@hub.command()
def push(
    what: Annotated[
        Path,
        typer.Argument(metavar="WHAT", help="A run's folder, an adapter's (LoRA), or a file that `export` wrote."),
    ],
    name: Annotated[str | None, typer.Argument(metavar="[OWNER/NAME]", help="The repository on the hub.")] = None,
    folder: Annotated[Path | None, typer.Option(help="Keep what is uploaded in this new folder.")] = None,
    stage: Annotated[str | None, typer.Option(help="Of a run: the last checkpoint of this stage.")] = None,
    private: Annotated[bool, typer.Option("--private", help="Make the repository private.")] = False,
) -> None:
    """Write a policy, an adapter or a data set with its card, and upload it to the Hugging Face hub if a name is given.

    Examples: `whetstone push runs/quickstart owner/quickstart`, `whetstone push runs/qwen owner/qwen-lora`,
    `whetstone push data.parquet owner/problems`, `whetstone push runs/quickstart --folder quickstart-hub`
    """
    if name is None and folder is None:
        raise ValueError("expected OWNER/NAME to upload to, or --folder to write to")
    if name is not None and name.count("/") != 1:
        raise ValueError(f"expected OWNER/NAME, got {name!r}")
    from whetstone import hub as to_hub

    with tempfile.TemporaryDirectory() as draft:
        target = folder or Path(draft) / "upload"
        kind: Literal["model", "dataset"] = "model"
        if (what / to_hub.ADAPTER).is_file():
            to_hub.write_adapter(what, target)
        elif what.is_dir():
            to_hub.write_model(what, target, stage)
        else:
            kind = "dataset"
            to_hub.write_dataset(what, target)
        if folder is not None:
            print(f"Written to {folder}")
        if name is not None:
            print(f"Uploaded to {to_hub.push(target, name, kind, private)}")
