"""The command about the sandbox."""

from __future__ import annotations

from typing import Annotated

import typer

sandboxes = typer.Typer()


@sandboxes.command()
def sandbox(
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Show how programs can be confined here: each tier, what it needs, and why it is not to be had if it is not.

    The tier in force is the strongest that is to be had; status 1 if there is none but D.

    Examples: `whetstone sandbox`, `whetstone sandbox --json`
    """
    import json

    from rich.console import Console
    from rich.table import Table

    from whetstone.envs.code.sandbox.tiers import CONFINED, IN_FORCE, NAMES, NEEDS, probe

    missing = probe()
    in_force = next((tier for tier in CONFINED if not missing[tier]), None)
    if as_json:
        tiers = [
            {
                "tier": tier,
                "name": NAMES[tier],
                "available": not reason,
                "missing": reason,
                "needs": NEEDS[tier],
                "in_force": IN_FORCE[tier],
            }
            for tier, reason in missing.items()
        ]
        print(json.dumps({"tier": in_force, "tiers": tiers}))
    else:
        table = Table("tier", "here", "what holds", "needs")
        for tier, reason in missing.items():
            here = f"[red]no:[/red] {reason}" if reason else "if asked for" if tier == "D" else "[green]yes[/green]"
            chosen = "[bold](in force)[/bold]" if tier == in_force else ""
            table.add_row(f"{tier} {NAMES[tier]} {chosen}".strip(), here, IN_FORCE[tier], NEEDS[tier])
        Console().print(table)
        if in_force is None:
            print("No program is run here unless allow_unsandboxed=True is passed.")
    if in_force is None:
        raise typer.Exit(1)
