"""The command about batches that were kept because their gradient was not finite: replay."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

replaying = typer.Typer()


@replaying.command()
def replay(
    folder: Annotated[Path, typer.Argument(metavar="FOLDER", help="A folder under RUN/faults.")],
    most: Annotated[int, typer.Option("--most", min=1, help="Rows to show.")] = 10,
) -> None:
    """Run a batch that was skipped through the weights it met, row by row, and show the rows at fault.

    Example: `whetstone replay runs/quickstart/faults/grpo-000123`
    """
    from whetstone.policy.faults import replay_batch

    found = replay_batch(folder)
    bad = [row for row in found if not row.finite]
    print(f"{len(bad)} of {len(found)} rows have a loss or a gradient that is not finite")
    for row in (bad or sorted(found, key=lambda row: -row.grad_norm))[:most]:
        print(f"row {row.row}: loss {row.loss:.4g}, gradient {row.grad_norm:.4g}, {row.tokens} tokens: {row.text!r}")
