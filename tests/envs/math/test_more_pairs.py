"""Pairs labelled by mathematics and by the policies of `docs/math.md`, both ways round, and what ours gets wrong."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from whetstone.envs.math import verify

FILE = Path(__file__).parents[2] / "data" / "math_more_pairs.jsonl"
PAIRS = [json.loads(line) for line in FILE.read_text(encoding="utf-8").splitlines()]
WRONG = {  # golds that are refused at load or found unequal, and why
    "C(5,2)": "C(5,2) may be a point; a binomial coefficient is written \\binom{5}{2}",
    r"\overline{3+4i}": "a bar over an expression is not read as the conjugate",
    r"x\ne1,2": "a list behind \\ne is not read as several exceptions",
    r"\begin{pmatrix}1&2\\3&4\end{pmatrix}^{-1}": "matrices are not inverted",
    r"\sum_{k=0}^n\binom{n}{k}": "sympy gives this sum by cases",
}


def test_there_are_many_of_both_labels() -> None:
    equal = sum(pair["equal"] for pair in PAIRS)
    assert equal > 300 and len(PAIRS) - equal > 200
    assert WRONG.keys() <= {pair["gold"] for pair in PAIRS}


@pytest.mark.parametrize("pair", PAIRS, ids=[f"{pair['gold']} ~ {pair['answer']}" for pair in PAIRS])
def test_the_verdict_is_the_label_either_way_round(pair: dict[str, Any]) -> None:
    for gold, answer in ((pair["gold"], pair["answer"]), (pair["answer"], pair["gold"])):
        assert _right(gold, answer) == (pair["equal"] and pair["gold"] not in WRONG), (gold, answer)


def _right(gold: str, answer: str) -> bool:
    """Whether the answer is right; it is not where the gold is refused, as `nan` is."""
    try:
        return verify(gold, answer).correct
    except ValueError:
        return False
