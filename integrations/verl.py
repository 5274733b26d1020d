"""veRL: rows with its columns, and its reward function.

    whetstone export --suite train --levels 0-10 -n 10000 --format verl --out train.parquet

    data.train_files=train.parquet
    reward.custom_reward_function.path=$(python -c "import whetstone.integrations.verl as v; print(v.__file__)")
    reward.custom_reward_function.name=compute_score

A judge that raises stops the run: veRL cannot leave a sample out, and a bug must not look like a wrong answer.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from whetstone.envs.catalog import from_json


def row(record: Mapping[str, Any], index: int) -> dict[str, Any]:
    """A row of `whetstone.export` with veRL's columns."""
    return {
        "data_source": f"whetstone/{record['task']}",
        "prompt": record["prompt"],
        "ability": record["task"].partition("/")[0],
        "reward_model": {"style": "rule", "ground_truth": record["problem"]},
        "extra_info": {"index": index, **{name: record[name] for name in ("task", "level", "seed", "split")}},
    }


def compute_score(
    data_source: str, solution_str: str, ground_truth: str, extra_info: Mapping[str, Any] | None = None, **_: Any
) -> dict[str, float]:
    """`score`, which is trained on, in [0, 1], and `acc`, which veRL reports: 1 for an exactly right answer."""
    del data_source, extra_info
    verdict = from_json(ground_truth).grade(solution_str)
    return {"score": verdict.score, "acc": float(verdict.correct)}
