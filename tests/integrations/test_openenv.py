"""`whetstone serve-env` by OpenEnv's own client and validator; run by `.ci/peers`, in an environment of OpenEnv's."""

# pyright: reportMissingImports=false, reportMissingModuleSource=false
# openenv is installed in an environment of its own, see .ci/peers.

from __future__ import annotations

import asyncio
import contextlib
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from whetstone.envs import load
from whetstone.envs.suites import load_suite

pytestmark = pytest.mark.openenv
SESSIONS = 64


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    import uvicorn

    from whetstone.integrations.openenv import application

    app = application(load_suite("quick"), "eval", SESSIONS)
    server = uvicorn.Server(uvicorn.Config(app, port=0, log_level="error"))
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    while not server.started:
        time.sleep(0.01)
    yield f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}"
    server.should_exit = True
    thread.join()


def client(address: str) -> Any:
    from openenv import GenericEnvClient

    return GenericEnvClient(base_url=address)


def problem(observation: dict[str, Any], state: dict[str, Any]) -> Any:
    return load(observation["task"]).draw(state["level"], state["seed"], state["split"])


def test_its_validator_passes(address: str) -> None:
    command = [str(Path(sys.executable).parent / "openenv"), "validate", "--url", address]
    run = subprocess.run(command, capture_output=True, text=True)
    assert run.returncode == 0, run.stdout + run.stderr
    assert run.stdout.count("PASS") == 7 and "FAIL" not in run.stdout


def test_its_client_plays_an_episode(address: str) -> None:
    with client(address).sync() as env:
        asked = env.reset(seed=5)
        state = env.state()
        drawn = problem(asked.observation, state)
        assert asked.observation["prompt"] == drawn.prompt and not asked.done and asked.reward is None
        judged = env.step({"text": drawn.target})
        assert (judged.reward, judged.done) == (1.0, True)
        assert judged.observation["correct"] and judged.observation["kind"] == "graded"
        assert env.state()["step_count"] == 1
        env.reset(seed=6)
        judged = env.step({"text": "no answer"})
        assert judged.reward == 0.0 and judged.observation["kind"] == "unreadable"


def test_a_group_of_sessions_is_asked_one_problem(address: str) -> None:
    async def play(sample: int) -> tuple[str, float]:
        async with client(address) as env:
            asked = await env.reset(seed=41, task="sequences/sorting", level=2)
            drawn = problem(asked.observation, await env.state())
            judged = await env.step({"text": drawn.target if sample % 2 else "<answer>0</answer>"})
            return asked.observation["prompt"], judged.reward

    async def group() -> list[tuple[str, float]]:
        return await asyncio.gather(*map(play, range(SESSIONS)))

    played = asyncio.run(group())
    assert {prompt for prompt, _ in played} == {load("sequences/sorting").draw(2, 41, "eval").prompt}
    assert [reward == 1.0 for _, reward in played] == [bool(sample % 2) for sample in range(SESSIONS)]


def test_mistakes_are_said_and_the_session_goes_on(address: str) -> None:
    with client(address).sync() as env:
        for wrong, words in (
            ({"seed": -1}, ">= 0"),
            ({"colour": "red"}, "colour"),
            ({"task": "sequences/sortin"}, "did you mean"),
            ({"split": "test"}, "split must be one of"),
        ):
            with pytest.raises(RuntimeError, match=words):
                env.reset(**wrong)
        env.reset(seed=0)
        env.step({"text": ""})
        with pytest.raises(RuntimeError, match="one answer"):
            env.step({"text": ""})
        with contextlib.suppress(RuntimeError):
            env.step({"words": ""})
        assert env.reset(seed=0).observation["prompt"]


def test_an_order_without_end_over_tasks_and_levels() -> None:
    from whetstone.integrations.openenv import SuiteEnvironment

    suite = load_suite("quick")
    env = SuiteEnvironment(suite)
    cells = len(suite.tasks) * len(suite.levels)
    places = [(spec["task"], spec["level"], spec["seed"]) for spec in env.get_task_range("train", 0, 2 * cells)]
    assert len(set(places)) == 2 * cells
    assert [task for task, _, _ in places[: len(suite.tasks)]] == list(suite.tasks)
    assert {seed for _, _, seed in places[:cells]} == {0} and {seed for _, _, seed in places[cells:]} == {1}
    assert env.reset(index=3, split="eval").prompt == env.reset(seed=3, split="eval").prompt
    assert env.reset().prompt != env.reset().prompt
