"""The reward function for TRL's trainers, on rows with a `gold` column. Needs nothing of TRL.

from datasets import Dataset
from trl import GRPOTrainer
from whetstone.envs.math.problems import MathProblems
from whetstone.envs.math.trl import reward, rows

data = Dataset.from_list(rows(MathProblems.load("math-500")))
GRPOTrainer(model, reward_funcs=reward, train_dataset=data).train()
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Sequence
from typing import Any

from whetstone.envs.math.gold import Gold, parse_gold
from whetstone.envs.math.problems import MathProblem
from whetstone.envs.math.verify import judge_many

POLICIES = ("kind", "tolerance", "percent", "units", "order")  # the options of `parse_gold`, each of them a column


def rows(problems: Iterable[MathProblem]) -> list[dict[str, Any]]:
    """A row for each problem: prompt (conversational), id, gold and the gold's policies, None where it has none.

    >>> rows([MathProblem("7", "1/2 + 1/4?", "0.75", {"tolerance": 0.1})])[0]["tolerance"]
    0.1
    """
    return [
        {
            "prompt": [{"role": "user", "content": problem.prompt}],
            "id": problem.id,
            "gold": problem.answer,
            **{name: problem.policy.get(name) for name in POLICIES},
        }
        for problem in problems
    ]


def reward(
    completions: Sequence[Any],
    gold: Sequence[str],
    *,
    log_metric: Callable[[str, float], None] | None = None,
    log_extra: Callable[[str, list[Any]], None] | None = None,
    **columns: Any,
) -> list[float]:
    """1 for a completion whose final answer is its row's gold, else 0; all completions are judged together.

    Columns named as the options of `parse_gold` are policies of the gold. TRL's `log_metric` is told the shares of
    answers that are unreadable and unverified (both are rewarded with 0), its `log_extra` the verdict on each
    completion. Raises `ValueError` for a gold that is none.
    """
    policies = [{name: columns[name][at] for name in POLICIES if name in columns} for at in range(len(gold))]
    golds = [_gold(text, policy) for text, policy in zip(gold, policies, strict=True)]
    judgements = judge_many(golds, [_text(completion) for completion in completions])
    if log_metric is not None:
        for kind in ("unreadable", "unverified"):
            log_metric(f"math/{kind}", sum(each.kind == kind for each in judgements) / max(len(judgements), 1))
    if log_extra is not None:
        log_extra("verdict", [each.kind for each in judgements])
    return [float(each.correct) for each in judgements]


async def async_reward(completions: Sequence[Any], gold: Sequence[str], **columns: Any) -> list[float]:
    """The same beside others: TRL awaits the reward functions that are coroutines together."""
    return await asyncio.to_thread(reward, completions, gold, **columns)


def _gold(text: str, policy: dict[str, Any]) -> Gold:
    return parse_gold(text, **{name: value for name, value in policy.items() if value is not None})


def _text(completion: Any) -> str:
    """Of a completion, or of the last message of a conversation."""
    return completion if isinstance(completion, str) else completion[-1]["content"]
