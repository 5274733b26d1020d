"""The reward function as `trl.GRPOTrainer` calls it: columns as lists of one entry a completion, and its hooks."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from datasets import Dataset

from whetstone.envs.math.problems import MathProblem
from whetstone.envs.math.trl import async_reward, reward, rows

PROBLEMS = [
    MathProblem("1", "1/2 + 1/4?", r"\frac{3}{4}"),
    MathProblem("2", "How large is pi?", "3.14", {"tolerance": 0.01}),
    MathProblem("3", "Solve x² = 2.", r"\pm\sqrt{2}"),
]


def called(completions: list[Any], problems: list[MathProblem]) -> dict[str, Any]:
    """The arguments that the trainer makes of rows and completions (`_calculate_rewards` in trl 1.16)."""
    inputs: list[Any] = list(Dataset.from_list(rows(problems)))
    columns = {name: [row[name] for row in inputs] for name in inputs[0] if name != "prompt"}
    return {
        "prompts": [row["prompt"] for row in inputs],
        "completions": completions,
        "completion_ids": [[0]] * len(inputs),
        "trainer_state": None,
        **columns,
    }


def spoken(text: str) -> list[dict[str, str]]:
    return [{"role": "assistant", "content": text}]


def test_rows_hold_the_prompt_the_gold_and_its_policies() -> None:
    row = rows(PROBLEMS)[1]
    assert row["prompt"] == [{"role": "user", "content": PROBLEMS[1].prompt}]
    assert (row["id"], row["gold"], row["tolerance"], row["order"]) == ("2", "3.14", 0.01, None)


def test_rewards_and_what_is_logged() -> None:
    completions = [spoken(text) for text in ("<answer>0.75</answer>", r"\boxed{\pi}", "I do not know")]
    metrics: dict[str, float] = {}
    extras: dict[str, list[Any]] = {}
    arguments = called(completions, PROBLEMS)
    rewards = reward(**arguments, log_metric=metrics.__setitem__, log_extra=extras.__setitem__)
    assert rewards == [1.0, 1.0, 0.0]
    assert metrics == {"math/unreadable": pytest.approx(1 / 3), "math/unverified": 0.0}
    assert extras == {"verdict": ["correct", "correct", "unreadable"]}


def test_completions_of_prompts_that_are_text() -> None:
    texts = ["#### 3/4", "the final answer is 3.2", r"\boxed{\sqrt2}, \boxed{-\sqrt{2}}"]
    assert reward(**called(texts, PROBLEMS)) == [1.0, 0.0, 1.0]


def test_an_answer_beyond_the_limits_is_counted_and_rewarded_with_0() -> None:
    metrics: dict[str, float] = {}
    assert reward(["<answer>((9!)!)!</answer>"], ["5"], log_metric=metrics.__setitem__) == [0.0]
    assert metrics["math/unverified"] == 1.0


def test_the_coroutine_gives_the_same() -> None:
    arguments = called(["#### 3/4", "#### 3", "#### 1"], PROBLEMS)

    async def together() -> list[list[float]]:
        return await asyncio.gather(*(async_reward(**arguments) for _ in range(3)))

    assert asyncio.run(together()) == [reward(**arguments)] * 3 == [[1.0, 0.0, 0.0]] * 3


def test_a_gold_that_is_none_is_said() -> None:
    with pytest.raises(ValueError, match="expected"):
        reward(["#### 1"], ["1 +"])


@pytest.mark.slow
def test_trl_awaits_the_one_and_calls_the_other() -> None:
    from trl.trainer.utils import is_async_callable

    assert is_async_callable(async_reward) and not is_async_callable(reward)
