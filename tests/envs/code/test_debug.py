"""Programming in several turns (`whetstone/code.debug-v0`)."""

from __future__ import annotations

from typing import Any

import gymnasium
import pytest
from gymnasium.utils.env_checker import check_env
from gymnasium.vector import AsyncVectorEnv, SyncVectorEnv

import whetstone.envs.code.gym as face
from whetstone.envs.catalog import load
from whetstone.envs.code import debug
from whetstone.envs.code.sandbox import Program

DEBUG = "whetstone/code.debug-v0"
SEED = 0  # of a problem of the catalogue, or of the toys


def block(source: str, tag: str = "python") -> str:
    return f"```{tag}\n{source}\n```"


def env_about(problem: str, monkeypatch: pytest.MonkeyPatch, **given: Any) -> face.DebugEnv:
    """An environment whose first problem is this one."""
    env = face.DebugEnv(**given)
    found = next(seed for seed in range(50) if env.reset(seed=seed)[1]["problem"].count(problem))
    env.reset(seed=found)
    return env


def test_passes_the_checker_of_gymnasium(toys: Any) -> None:
    check_env(gymnasium.make(DEBUG, turns=2).unwrapped)
    check_env(gymnasium.make(DEBUG, turns=3, level=5).unwrapped)


def test_an_episode(toys: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    env = env_about("toy/total", monkeypatch, turns=3, discount=0.5, render_mode="ansi")
    assert "You have 3 attempts" in env.said[0] and "Add n numbers." in env.said[0]

    said, reward, terminated, truncated, info = env.step(block("print(7)"))
    assert (reward, terminated, truncated, info["verdict"], info["turn"]) == (0.0, False, False, "WA", 1)
    assert "wrong answer on test 1, which is sample 1" in said and "Attempts left: 2" in said
    assert "Its input:\n```\n3\n1 2 3\n```" in said and "A right output:\n```\n6\n```" in said
    assert "Your output:\n```\n7\n```" in said

    hidden, reward, *_, info = env.step(block("n = int(input())\nprint(6)"))
    assert "wrong answer on test 2" in hidden and info["verdict"] == "WA" and not info["correct"]
    assert "```" not in hidden and "14" not in hidden, "neither input nor output of a hidden test is told"

    said, reward, terminated, truncated, info = env.step(block(toys["toy/total"].reference))
    assert (reward, terminated, truncated, info["verdict"], info["correct"]) == (0.25, True, False, "AC", True)
    assert said == "Attempt 3: accepted" and str(env.render()).endswith(f"{toys['toy/total'].reference}\n```\n\n{said}")
    with pytest.raises(gymnasium.error.ResetNeeded):
        env.step("")


def test_the_last_turn_truncates(toys: Any) -> None:
    env = face.DebugEnv(turns=2)
    with pytest.raises(gymnasium.error.ResetNeeded):
        env.step("")
    env.reset(seed=SEED)
    said, reward, terminated, truncated, info = env.step("I give up.")
    assert "no program was found" in said and "Attempts left: 1" in said
    assert (reward, terminated, truncated, info["kind"], info["verdict"]) == (0.0, False, False, "unreadable", "")
    said, reward, terminated, truncated, info = env.step("I give up.")
    assert (reward, terminated, truncated, info["turn"]) == (0.0, False, True, 2) and "Try again" not in said
    env.reset(seed=SEED, options={"turns": 1})
    assert env.step("")[3]


MESSAGES = {
    "RE": (
        block("n = int(input())\nassert n == 3, 'few' * 500\nprint(6)"),
        "runtime error on test 2: exit status 1: Asser",
    ),
    "TLE": (block("n = int(input())\nwhile n != 3: pass\nprint(6)"), "time limit exceeded on test 2"),
    "CE": (block("int main() { return x; }", "cpp"), "compile error: "),
}


@pytest.mark.parametrize("verdict", MESSAGES)
def test_what_is_told(toys: Any, monkeypatch: pytest.MonkeyPatch, verdict: str) -> None:
    completion, expected = MESSAGES[verdict]
    env = env_about("toy/total", monkeypatch)
    said, *_, info = env.step(completion)
    assert info["verdict"] == verdict and expected in said
    assert len(said) < 1500 and ("fewfew" in said) == (verdict == "RE")


def test_long_outputs_are_cut(toys: Any) -> None:
    _, told = debug.attempt("toy/total", Program("python", "print('ab' * 100_000)"))
    assert len(told) < 1000 and "abab ..." in told


def test_mistakes_are_named() -> None:
    for turns in (0, -1, 1.5, "2"):
        with pytest.raises(ValueError, match="turns must be an integer >= 1"):
            face.DebugEnv(turns=turns)  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="turns must be"):
        face.DebugEnv().reset(seed=0, options={"turns": 0})
    with pytest.raises(ValueError, match=r"discount must lie in \[0, 1\]"):
        face.DebugEnv(discount=1.5)


def test_seeds_and_options(toys: Any) -> None:
    def prompts(seed: int) -> list[str]:
        env = face.DebugEnv(level=1)
        return [env.reset(seed=seed)[0], *(env.reset()[0] for _ in range(5))]

    assert prompts(1) == prompts(1) and len(set(prompts(1))) > 1
    env = face.DebugEnv(level=0)
    prompt, info = env.reset(seed=5, options={"level": 3})
    assert prompt.startswith(load("code/write").draw(3, 5).prompt)
    assert {
        "task": "code/debug",
        "level": 3,
        "split": "train",
        "seed": 5,
        "turn": 0,
        "verdict": "",
    }.items() <= info.items()


@pytest.mark.parametrize("kind", ["sync", "async"])
def test_vector_environments(kind: str) -> None:
    """On the catalogue: the processes of `AsyncVectorEnv` start their own sandboxes."""
    questions = [load("code/write").draw(0, seed) for seed in (11, 12)]
    env = gymnasium.make_vec(DEBUG, num_envs=2, vectorization_mode=kind, turns=2)
    assert isinstance(env, {"sync": SyncVectorEnv, "async": AsyncVectorEnv}[kind])
    prompts, _ = env.reset(seed=11)
    assert all(prompt.startswith(question.prompt) for prompt, question in zip(prompts, questions, strict=True))
    said, rewards, terminated, truncated, info = env.step((questions[0].target, block("print('no')")))
    assert rewards.tolist() == [1.0, 0.0] and terminated.tolist() == [True, False] and not truncated.any()
    assert list(info["verdict"]) == ["AC", "WA"] and "wrong answer on test 1" in said[1]
    env.close()
