"""slime: rows with its keys, and its reward function.

    whetstone export --suite train --levels 0-10 -n 10000 --format slime --out train.jsonl

    --prompt-data train.jsonl --input-key prompt --label-key label --metadata-key metadata --apply-chat-template
    --custom-rm-path whetstone.integrations.slime.reward

A judge that raises stops the run: a bug must not look like a wrong answer.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Any

from whetstone.envs.catalog import from_json


def row(record: Mapping[str, Any], index: int) -> dict[str, Any]:
    """A row of `whetstone.export` with slime's keys."""
    named = {name: record[name] for name in ("task", "level", "seed", "split")}
    return {"prompt": record["prompt"], "label": record["problem"], "metadata": {"index": index, **named}}


async def reward(args: Any, sample: Any, **_: Any) -> float | list[float]:
    """The score in [0, 1] of a sample, or, as with `--group-rm`, of each of a list."""
    del args
    if isinstance(sample, list):
        return list(await asyncio.gather(*map(_score, sample)))
    return await _score(sample)


async def _score(sample: Any) -> float:
    problem = from_json(sample.label)
    return (await asyncio.to_thread(problem.grade, sample.response)).score  # code is judged by running it
