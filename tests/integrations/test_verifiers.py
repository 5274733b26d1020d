"""`whetstone-verifiers` by the commands of verifiers; run by `.ci/peers`, in an environment of its own."""

# pyright: reportMissingImports=false, reportMissingModuleSource=false
# verifiers is installed in an environment of its own, see .ci/peers.

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, ClassVar

import pytest

from whetstone.envs import load
from whetstone.envs.suites import load_suite

pytestmark = pytest.mark.verifiers
BIN = Path(sys.executable).parent
TOOLS = os.environ | {"PATH": f"{BIN}{os.pathsep}{os.environ['PATH']}", "KEY": "none"}


class Oracle(BaseHTTPRequestHandler):
    """An OpenAI-compatible server that knows the solution of the problems at level 1."""

    protocol_version = "HTTP/1.1"
    solutions: ClassVar[dict[str, str]]

    def log_message(self, format: str, *given: Any) -> None: ...

    def do_POST(self) -> None:
        asked = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        content = asked["messages"][-1]["content"]
        prompt = content if isinstance(content, str) else content[0]["text"]
        delta = {"role": "assistant", "content": self.solutions[prompt]}
        head = {"id": "1", "object": "chat.completion.chunk", "created": 1, "model": asked["model"]}
        usage = {"prompt_tokens": 3, "completion_tokens": 2, "total_tokens": 5}
        events = [
            head | {"choices": [{"index": 0, "delta": delta, "finish_reason": "stop"}]},
            head | {"choices": [], "usage": usage},
        ]
        body = "".join([*(f"data: {json.dumps(event)}\n\n" for event in events), "data: [DONE]\n\n"]).encode()
        self.send_response(200)
        self.send_header("Content-Type", "text/event-stream")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


@pytest.fixture
def oracle() -> Iterator[str]:
    asked = [load(task).draw(1, seed, "eval") for task in load_suite("quick").tasks for seed in range(9)]
    Oracle.solutions = {problem.prompt: problem.target for problem in asked}
    server = ThreadingHTTPServer(("127.0.0.1", 0), Oracle)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}/v1"
    server.shutdown()
    thread.join()
    server.server_close()


def run(folder: Path, command: str, *arguments: str) -> str:
    """Its output; the command must succeed."""
    done = subprocess.run(
        [str(BIN / command), "whetstone-verifiers", *arguments, "--output-dir", str(folder)],
        capture_output=True,
        text=True,
        env=TOOLS,
        cwd=folder,
        timeout=240,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_its_validator_finds_every_problem_sound(tmp_path: Path) -> None:
    run(tmp_path, "vf-validate", "--taskset.suite", "quick", "-n", "24", "--runtime.type", "subprocess", "--no-rich")
    (file,) = tmp_path.glob("*/summary.json")
    summary = json.loads(file.read_text())
    assert summary["valid_rate"] == 1.0 and summary["outcomes"]["valid"] == 24
    assert summary["checks"]["gold"]["valid"] == summary["checks"]["noop"]["valid"] == 24


def test_its_evaluator_asks_an_openai_server_and_takes_our_scores(tmp_path: Path, oracle: str) -> None:
    taskset = ["--env.taskset.suite", "quick", "--env.taskset.levels", "1", "-n", "4", "-r", "1", "-c", "2"]
    agent = ["--env.agent.runtime.type", "subprocess", "-m", "oracle", "--sampling.max-tokens", "64"]
    client = ["--client.base-url", oracle, "--client.api-key-var", "KEY"]
    run(tmp_path, "vf-eval", *taskset, *agent, *client, "--no-push", "--no-rich")
    (file,) = tmp_path.glob("*/traces.jsonl")
    traces = [trace for line in file.read_text().splitlines() for trace in json.loads(line)["traces"]]
    assert len(traces) == 4
    for trace in traces:
        assert trace["errors"] == [] and trace["rewards"]["graded"]["score"] == 1.0
        assert trace["metrics"] == {"correct": 1.0, "readable": 1.0}


def test_the_taskset_is_the_suite() -> None:
    import verifiers.v1 as vf
    from whetstone_verifiers import WhetstoneTaskset
    from whetstone_verifiers.taskset import WhetstoneConfig

    tasks: Any = list(
        WhetstoneTaskset(WhetstoneConfig(id="whetstone-verifiers", suite="quick", levels="2-3", problems=30))
    )
    suite = load_suite("quick")
    assert len(tasks) == len({task.key for task in tasks}) == 30
    assert {task.data.name for task in tasks} == set(suite.tasks)
    for task in tasks:
        name, level, seed = task.key.rsplit(":", 2)
        problem = load(name).draw(int(level), int(seed), "eval")
        assert task.data.prompt == problem.prompt
        assert problem.target not in task.data.model_dump_json()
    assert vf.load_taskset(WhetstoneConfig(id="whetstone-verifiers")).bounded
