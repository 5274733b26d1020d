"""The command about checkpoints: convert."""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path
from typing import Annotated

import typer

checkpoints = typer.Typer()
DTYPES = ("float32", "bfloat16", "float16")


@checkpoints.command()
def convert(
    legacy: Annotated[Path, typer.Argument(metavar="LEGACY", help="A folder with Zyphra's config.json and weights.")],
    out: Annotated[Path, typer.Argument(metavar="OUT", help="The folder to make.")],
    dtype: Annotated[str | None, typer.Option(help="float32, bfloat16 or float16; as stored unless given.")] = None,
    shard: Annotated[float, typer.Option(min=0.001, help="Largest file, in GiB.")] = 4.0,
) -> None:
    """Convert a checkpoint with Zyphra's own names (80 alternating layers) to Transformers' format.

    Example: `whetstone convert ZAYA1-8B-legacy zaya1-8b --dtype bfloat16`
    """
    if dtype not in (None, *DTYPES):
        raise ValueError(f"--dtype: expected one of {', '.join(DTYPES)}, got {dtype!r}")
    if out.exists():
        raise ValueError(f"{out} exists already; choose another folder")
    import torch

    from whetstone.files import disk_errors
    from whetstone.policy.convert import convert as convert_checkpoint

    wanted = getattr(torch, dtype) if dtype else None
    with disk_errors(out):
        out.parent.mkdir(parents=True, exist_ok=True)
        draft = Path(tempfile.mkdtemp(prefix=f".{out.name}.", dir=out.parent))
        try:  # the folder appears whole or not at all
            config = convert_checkpoint(legacy, draft, wanted, int(shard * 2**30))
            draft.chmod(0o755)  # mkdtemp makes it private
            draft.rename(out)
        finally:
            shutil.rmtree(draft, ignore_errors=True)
    print(f"Converted: {config.num_hidden_layers} layers, {config.dtype}. Its folder: {out}")
