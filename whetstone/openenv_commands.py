"""The command that serves problems to other people's trainers: serve-env."""

from __future__ import annotations

from typing import Annotated

import typer

openenvs = typer.Typer()


@openenvs.command("serve-env")
def serve_env(
    suite: Annotated[str, typer.Argument(metavar="SUITE", help="A suite, a family, or a TOML file.")],
    levels: Annotated[str | None, typer.Option(help='Such as "0-5"; the suite\'s own by default.')] = None,
    split: Annotated[str, typer.Option(help="train or eval, for clients that name none.")] = "train",
    host: Annotated[str, typer.Option(help="The address to listen at; 0.0.0.0 for all.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=0, max=65535, help="The port to listen at; 0 for any.")] = 8000,
    sessions: Annotated[int, typer.Option(min=1, help="Episodes that may be under way at a time.")] = 256,
) -> None:
    """Serve a suite's problems by OpenEnv's protocol, an episode a WebSocket session.

    Example: `whetstone serve-env train --levels 0-5 --port 8000`, then `openenv validate --url http://127.0.0.1:8000`
    """
    from dataclasses import replace

    from whetstone.envs.core import SPLITS
    from whetstone.envs.suites import load_suite, parse_levels

    if split not in SPLITS:
        raise ValueError(f"--split: expected {' or '.join(SPLITS)}, got {split!r}")
    chosen = load_suite(suite)
    if levels is not None:
        chosen = replace(chosen, levels=parse_levels(levels))
    from whetstone.integrations.openenv import application

    app = application(chosen, split, sessions)
    import uvicorn  # after the adapter, so that where both are missing the error names the extra that brings both

    print(f"Serving {len(chosen.tasks)} tasks of {chosen.name} at http://{host}:{port} (Ctrl-C stops)", flush=True)
    uvicorn.run(app, host=host, port=port, log_level="warning")
