"""Rows and reward of the code tasks for TRL (`whetstone.envs.code.trl`)."""

from __future__ import annotations

import asyncio
import logging
from typing import Any

import pytest

from whetstone.envs.catalog import CODE, from_json, load
from whetstone.envs.code import judge, trl
from whetstone.envs.code.families.falsify import Falsify
from whetstone.envs.code.families.task import ProgramTask
from whetstone.envs.code.families.write import Write
from whetstone.envs.code.trl import reward, rows

GOOD, BAD = "```python\nn = int(input())\nprint(sum(map(int, input().split())))\n```", "```python\nprint(6)\n```"


def test_rows(toys: Any) -> None:
    found = rows([0, 3], 12, seed=5)
    assert (
        len(found) == 12 and {row["task"] for row in found} == set(CODE) and {row["level"] for row in found} == {0, 3}
    )
    for row in found:
        question = load(row["task"]).draw(row["level"], row["seed"], row["split"])
        assert row["seed"] >= 5 and row["prompt"] == [{"role": "user", "content": question.prompt}]
        assert row["problem"] == question.to_json() and row["solution"] == question.target
        assert from_json(row["problem"]) == question
    assert rows([0, 3], 12, seed=5) == found
    scores = reward([row["solution"] for row in found], problem=[row["problem"] for row in found])
    assert scores == [1.0] * 12


def test_rows_end_when_there_is_nothing_new(toys: Any) -> None:
    assert len(rows([9], 99, tasks=["code/write"])) == 3, "of three toys for training"
    assert [row["split"] for row in rows([9], 99, split="eval", tasks=["code/write"])] == ["eval"]
    assert rows([], 5) == [] and rows([0], 0) == []


def test_rewards_of_texts_and_conversations(toys: Any) -> None:
    write, falsify = Write("toy/total").to_json(), Falsify("toy/total", "no minus one").to_json()
    spoken = [{"role": "user", "content": "?"}, {"role": "assistant", "content": GOOD}]
    completions = [GOOD, BAD, "?", spoken, "<answer>1\n-1</answer>", "<answer>1\n4</answer>", "<answer>x</answer>"]
    problems = [write] * 4 + [falsify] * 3
    expected = [1.0, 0.0, 0.0, 1.0, 1.0, 0.0, 0.0]
    assert reward(completions, problem=problems, task=["ignored"] * 7) == expected
    assert reward([], problem=[]) == []


def test_equal_submissions_are_judged_once(toys: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    judged = []
    check = ProgramTask.check
    monkeypatch.setattr(ProgramTask, "check", lambda self, program: judged.append(program) or check(self, program))
    group = [f"Thought {i}.\n{GOOD if i % 4 else BAD}" for i in range(16)]
    assert reward(group, problem=[Write("toy/total").to_json()] * 16) == [float(i % 4 > 0) for i in range(16)]
    assert len(judged) == 2


def test_a_judge_that_fails_gives_no_reward(
    toys: Any, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def fail(*_: object) -> None:
        raise judge.JudgeError("no worker")

    monkeypatch.setattr(ProgramTask, "check", fail)
    with caplog.at_level(logging.ERROR, trl.__name__):
        assert reward([GOOD, "?"], problem=[Write("toy/total").to_json()] * 2) == [None, 0.0]
    assert "no worker" in caplog.text and "toy/total" in caplog.text


def test_a_bug_is_not_hidden(toys: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ProgramTask, "check", lambda *_: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        reward([GOOD], problem=[Write("toy/total").to_json()])
    with pytest.raises(ValueError, match="expected"):
        reward(["x"], problem=["{}"])


def test_several_calls_at_a_time_from_an_event_loop(toys: Any) -> None:
    data = [Write("toy/total").to_json()] * 2

    async def both() -> list[list[float | None]]:
        calls = (asyncio.to_thread(reward, group, problem=data) for group in ([GOOD, BAD], [BAD, GOOD], [BAD, BAD]))
        return await asyncio.gather(*calls)

    assert asyncio.run(both()) == [[1.0, 0.0], [0.0, 1.0], [0.0, 0.0]]
