"""OpenRLHF: rows with its keys, and its reward function.

    whetstone export --suite train --levels 0-10 -n 10000 --format openrlhf --out train.jsonl

    --data.prompt_dataset train.jsonl --data.input_key prompt --data.label_key label --data.apply_chat_template
    --reward.remote_url $(python -c "import whetstone.integrations.openrlhf as o; print(o.__file__)")

A judge that raises gives no reward, for a bug must not look like a wrong answer: OpenRLHF logs what was raised, and the
sample's reward is None.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from whetstone.envs.catalog import from_json

if TYPE_CHECKING:
    from torch import Tensor


def row(record: Mapping[str, Any], index: int) -> dict[str, Any]:
    """A row of `whetstone.export` with OpenRLHF's keys."""
    named = {name: record[name] for name in ("task", "level", "seed", "split")}
    return {"prompt": record["prompt"], "label": record["problem"], "index": index, **named}


def reward_func(
    queries: Sequence[str], prompts: Sequence[str], labels: Sequence[str], **_: Any
) -> dict[str, Tensor | dict[str, Tensor]]:
    """`rewards` for the advantage and `scores` for dynamic filtering, both the score in [0, 1]; fp32, one a query.

    A query is a prompt with its response; `extra_logs` has `accuracy`, 1 for an exactly right answer.
    """
    import torch  # which `whetstone export` does without

    verdicts = [
        from_json(label).grade(query.rpartition(prompt)[2])
        for query, prompt, label in zip(queries, prompts, labels, strict=True)
    ]
    scores = torch.tensor([verdict.score for verdict in verdicts])
    accuracy = torch.tensor([float(verdict.correct) for verdict in verdicts])
    return {"rewards": scores, "scores": scores, "extra_logs": {"accuracy": accuracy}}
