"""The shared pairs and those of every kind of answer, both ways round."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from whetstone.envs.math import judge, verify

DATA = Path(__file__).parents[2] / "data"


def pairs(name: str) -> list[Any]:
    rows = [json.loads(line) for line in (DATA / name).read_text(encoding="utf-8").splitlines()]
    return [pytest.param(row, id=f"{row['gold']} ~ {row['answer']}") for row in rows]


@pytest.mark.parametrize("pair", pairs("math_pairs.jsonl") + pairs("math_kinds.jsonl"))
def test_pair(pair: dict[str, Any]) -> None:
    gold, answer = pair["gold"], pair["answer"]
    there, back = verify(gold, answer), verify(answer, gold) if _is_gold(answer) else None
    assert there.correct == pair["equal"], there
    assert back is None or back.correct == pair["equal"], back
    assert not pair["equal"] or back is not None


def _is_gold(text: str) -> bool:
    return text not in ("nan", "0/0")  # what has no value is an answer, but no gold


@pytest.mark.parametrize("pair", pairs("math_pairs.jsonl"))
def test_pair_in_a_response(pair: dict[str, Any]) -> None:
    answer = pair["answer"]
    for response in (
        f"So it is <answer>{answer}</answer>.",
        f"Thus $\\boxed{{{answer}}}$, as wanted.",
        f"#### {answer}",
    ):
        assert judge(pair["gold"], response).correct == pair["equal"]
