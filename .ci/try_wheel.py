"""What a base install must do on its own: run by `.ci/wheel` with the interpreter of a fresh environment."""

from __future__ import annotations

import importlib.metadata
import importlib.util
import json
import os
import subprocess
import sys
import tempfile
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

NEEDS = {"train quickstart --dry-run": "train", "eval hf:some/model": "train", "serve runs/none": "serve"}
NEEDS |= {"serve-env quick": "openenv", "export --suite reasoning_gym --out data.parquet": "reasoning-gym"}
HEAVY = ("torch", "transformers", "accelerate", "triton", "datasets", "ray", "vllm")


class Silent(BaseHTTPRequestHandler):
    """An OpenAI-compatible server whose model says the same to everything."""

    protocol_version = "HTTP/1.1"

    def log_message(self, format: str, *given: Any) -> None:
        """Not a word of each request."""

    def do_GET(self) -> None:
        """GET /v1/models."""
        self.answer("application/json", json.dumps({"data": [{"id": "stand-in"}]}))

    def do_POST(self) -> None:
        """POST /v1/chat/completions, streamed."""
        self.rfile.read(int(self.headers["Content-Length"]))
        choice = {"index": 0, "delta": {"role": "assistant", "content": "<answer>1</answer>"}, "finish_reason": "stop"}
        usage = {"prompt_tokens": 9, "completion_tokens": 3, "total_tokens": 12}
        events = [{"choices": [choice]}, {"choices": [], "usage": usage}]
        lines = [f"data: {json.dumps(event)}\n\n" for event in events]
        self.answer("text/event-stream", "".join([*lines, "data: [DONE]\n\n"]))

    def answer(self, kind: str, text: str) -> None:
        """200 with this body."""
        self.send_response(200)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(text.encode())))
        self.end_headers()
        self.wfile.write(text.encode())


def whetstone(*arguments: str) -> str:
    """The output of the command, which must succeed."""
    command = [str(Path(sys.executable).parent / "whetstone"), *arguments]
    run = subprocess.run(command, capture_output=True, text=True, env=os.environ | {"COLUMNS": "120"})
    if run.returncode:
        raise SystemExit(f"{' '.join(command)} failed with {run.returncode}:\n{run.stdout}{run.stderr}")
    return run.stdout


def recipes() -> None:
    """The recipes come along and go by their names."""
    from whetstone.recipes import load_recipe, shipped

    assert {"cascade", "quickstart", "zaya1"} <= set(shipped())
    assert [load_recipe(Path(name)).name for name in shipped()] == shipped()


def refusals() -> None:
    """A command that needs more says which extra has it."""
    for words, extra in NEEDS.items():
        command = [str(Path(sys.executable).parent / "whetstone"), *words.split()]
        refused = subprocess.run(command, capture_output=True, text=True)
        assert refused.returncode == 1 and f"pip install 'whetstone[{extra}]'" in refused.stderr, refused.stderr


def main() -> None:
    """Every promise of the base install, one after the other."""
    present = [name for name in HEAVY if importlib.util.find_spec(name)]
    assert not present, f"the base install pulled {present}"
    spec = importlib.util.find_spec("whetstone")
    assert spec is not None and spec.origin is not None and "site-packages" in spec.origin, spec
    assert (Path(spec.origin).parent / "py.typed").is_file()
    for folder in ("envs", "curriculum", "rollout", "policy", "kernels", "integrations"):
        assert (Path(spec.origin).parent / folder).is_dir(), folder
        assert importlib.util.find_spec(folder) is None, f"a package of the general name {folder} was installed"
    version = importlib.metadata.version("whetstone")
    assert whetstone("--version").split() == ["whetstone", version]
    assert "sequences/sorting" in whetstone("list")
    assert "ascending" in whetstone("show", "sequences/sorting")
    assert "1.000" in whetstone("eval", "oracle", "--suite", "quick", "--problems", "1")
    server = ThreadingHTTPServer(("127.0.0.1", 0), Silent)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    address = f"http://127.0.0.1:{server.server_port}/v1"
    assert "all tasks" in whetstone("eval", address, "--suite", "quick", "--problems", "1")
    recipes()
    refusals()
    with tempfile.TemporaryDirectory() as folder:
        whetstone("export", "--suite", "quick", "-n", "20", "--out", f"{folder}/data.parquet")
    print(f"whetstone {version}: list, show, eval, export, recipes work without {', '.join(HEAVY)}")


if __name__ == "__main__":
    main()
