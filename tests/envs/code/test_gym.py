"""The Gymnasium face of the code tasks (`whetstone.envs.code.gym`)."""

from __future__ import annotations

import subprocess
import sys
from typing import Any

import gymnasium
import pytest
from gymnasium.utils.env_checker import check_env

import whetstone.envs.code.gym as face
from whetstone.envs.catalog import CODE, from_json, load
from whetstone.envs.code import runs
from whetstone.envs.code.judge import JudgeError
from whetstone.envs.code.sandbox import Execution

WRITE = "whetstone/code.write-v0"


@pytest.mark.parametrize("task", CODE)
def test_passes_the_checker_of_gymnasium(task: str, toys: Any) -> None:
    check_env(gymnasium.make(f"whetstone/{task.replace('/', '.')}-v0").unwrapped)


def test_one_episode(toys: Any) -> None:
    env = gymnasium.make("whetstone/code.falsify-v0", level=4, render_mode="ansi")
    question = load("code/falsify").draw(4, 7)
    prompt, info = env.reset(seed=7)
    assert prompt == question.prompt == env.render()
    key = {"task": "code/falsify", "level": 4, "split": "train", "seed": 7, "problem": question.to_json()}
    assert info == key and from_json(info["problem"]) == question
    again, reward, terminated, truncated, info = env.step(question.target)
    assert (again, reward, terminated, truncated) == (prompt, 1.0, True, False)
    assert info == key | {"kind": "graded", "correct": True, "reason": "correct"}
    with pytest.raises(gymnasium.error.ResetNeeded):
        env.step(question.target)
    env.reset(seed=7, options={"level": 0})
    _, reward, _, _, info = env.step("I do not know")
    assert reward == 0.0 and info["kind"] == "unreadable" and info["level"] == 0


def test_a_judge_error_is_raised(toys: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    env = gymnasium.make(WRITE)
    env.reset(seed=0)
    monkeypatch.setattr(runs.default_sandbox(), "run", lambda *_, **__: Execution("failed", detail="no worker"))
    with pytest.raises(JudgeError, match="no worker"):
        env.step("```python\nprint(1)\n```")


def test_mistakes_are_named() -> None:
    with pytest.raises(ValueError, match="render_mode must be None or 'ansi', not 'human'"):
        face.CodeEnv("code/write", render_mode="human")
    with pytest.raises(ValueError, match="split must be one of train, eval"):
        face.CodeEnv("code/write", split="test").reset(seed=0)  # type: ignore[arg-type]


def test_registering_starts_nothing_and_can_be_repeated() -> None:
    before = dict(gymnasium.registry)
    face.register()
    assert gymnasium.registry == before
    code = (
        "import gymnasium, whetstone.envs.code.gym, whetstone.envs.code.default as default\n"
        "env = gymnasium.make('whetstone/code.write-v0')\n"
        "print(sorted(name for name in gymnasium.registry if '/code.' in name))\n"
        "print(default._here.sandbox)"
    )
    run = subprocess.run([sys.executable, "-W", "error", "-c", code], capture_output=True, text=True, check=True)
    names = [f"whetstone/{task.replace('/', '.')}-v0" for task in sorted([*CODE, "code/debug"])]
    assert run.stdout.splitlines() == [str(names), "None"]
