"""The command that serves a policy: serve."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

if TYPE_CHECKING:
    from whetstone.rollout.server.bridge import Streaming

serving = typer.Typer()
GRACE = 5  # seconds that running answers are given when the server is stopped


@serving.command()
def serve(
    policy: Annotated[
        str, typer.Argument(metavar="RUN_OR_HF_NAME", help="A run's folder, a checkpoint, or a model's name.")
    ],
    backend: Annotated[str, typer.Option(help="engine (in this process) or vllm.")] = "engine",
    host: Annotated[str, typer.Option(help="The address to listen at; 0.0.0.0 for all.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=0, max=65535, help="The port to listen at; 0 for any.")] = 8000,
    name: Annotated[str | None, typer.Option(help="What clients call the model; the folder's name by default.")] = None,
    strategy: Annotated[
        str | None, typer.Option(help="For requests that name none: markovian-rsa, or majority:n=8, and so on.")
    ] = None,
    capacity: Annotated[
        int, typer.Option(min=1, help="Samples that may be unfinished; beyond, clients get 429.")
    ] = 1024,
    timeout: Annotated[float, typer.Option(min=1, help="Longest request, in seconds.")] = 600.0,
    temperature: Annotated[float | None, typer.Option(min=0, help="For requests that set none.")] = None,
    threads: Annotated[int, typer.Option(min=1, help="CPU threads of PyTorch.")] = 1,
) -> None:
    """Serve a policy by an OpenAI-compatible API: /v1/chat/completions, /v1/completions, /v1/models, /metrics, /health.

    Examples: `whetstone serve runs/quickstart`, `whetstone serve Zyphra/ZAYA1-8B --backend vllm --port 8010`
    """
    if backend not in ("engine", "vllm"):
        raise ValueError(f"--backend: expected engine or vllm, got {backend!r}")
    from whetstone.rollout.strategies import parse_strategy

    spec = parse_strategy(strategy) if strategy is not None else None
    import uvicorn

    from whetstone.rollout.server import Bridge, Served, application

    sampler, tokenizer, positions = open_policy(policy, backend, threads)  # type: ignore[arg-type]
    defaults = {} if temperature is None else {"temperature": temperature}
    served = Served(name or Path(policy).name, tokenizer, positions, defaults, spec, timeout)
    app = application(served, Bridge(sampler, capacity))
    print(f"Serving {served.name} at http://{host}:{port}/v1 (Ctrl-C stops)", flush=True)
    uvicorn.run(app, host=host, port=port, log_level="warning", timeout_graceful_shutdown=GRACE)


def open_policy(policy: str, backend: Literal["engine", "vllm"], threads: int) -> tuple[Streaming, Any, int]:
    """A sampler, its tokenizer, and its context in tokens."""
    path = find(policy)
    if backend == "vllm":
        return open_vllm(str(path or policy), ours=path is not None and path != Path(policy))
    from whetstone.hub import downloaded
    from whetstone.train import open_sampler

    engine = open_sampler(path or downloaded(policy), threads)
    return engine, engine.tokenizer, engine.model.config.max_position_embeddings


def find(policy: str) -> Path | None:
    """The checkpoint that a folder is or holds, the last one of a run; None for a name that is no folder."""
    folder = Path(policy)
    if not folder.is_dir():
        if policy.count("/") == 1 and not policy.startswith((".", "/", "runs/")):
            return None
        raise ValueError(
            f"there is no folder {policy}; expected a run, a checkpoint, or a name such as Zyphra/ZAYA1-8B"
        )
    if (folder / "config.json").is_file():
        return folder
    from whetstone.rundir import RunDir

    latest = RunDir.open(folder).latest()
    if latest is None:
        raise ValueError(f"{folder} has no checkpoint yet; continue with `whetstone train --resume {folder}`")
    return latest.path


def open_vllm(policy: str, ours: bool) -> tuple[Streaming, Any, int]:
    """vLLM in a child process behind the same face; `ours` says that the policy has our tokenizer."""
    from whetstone.rollout.server.bridge import Named
    from whetstone.rollout.vllm.backend import VLLM
    from whetstone.rollout.vllm.messages import Options

    tokenizer = None
    if ours:
        from whetstone.policy.tokenizer import TextTokenizer

        tokenizer = TextTokenizer.load(Path(policy))
    sampler = VLLM(policy, tokenizer, Options(stream=True))
    return Named(sampler), sampler.tokenizer, sampler.positions
