"""Lists of rows: which belong to which split, what is wrong in them, and how often the policy solves them."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from whetstone.blend import Blend, Part
from whetstone.curriculum.cascade import task
from whetstone.data_settings import ChatData, MathData, TaskData
from whetstone.listed import Listed, Request, of_rows, of_tasks
from whetstone.prior import pass_rates, refilter
from whetstone.questions import judge_all
from whetstone.rollout.strategies import MarkovianRSA
from whetstone.rollout.types import Completion, Sampling
from whetstone.rollout.types import Request as Asking
from whetstone.rundir import RunDir

SORTING = "sequences/sorting"


def write(file: Path, rows: Sequence[dict[str, Any]]) -> str:
    file.write_text("".join(json.dumps(row) + "\n" for row in rows))
    return str(file)


def test_every_row_is_in_one_split_and_a_quarter_is_held_out(tmp_path: Path):
    rows = [{"q": f"What is {n} + 1?", "a": str(n + 1)} for n in range(200)]
    source = MathData(path=write(tmp_path / "m.jsonl", rows), question="q", answer="a")
    train, held = ({item.key for item in of_rows(source, split)} for split in ("train", "eval"))
    assert not train & held
    assert {key.seed for key in train | held} == set(range(200))
    assert 30 <= len(held) <= 70
    item = of_rows(source, "train")[0]
    number = item.key.seed + 1
    assert item.draw().grade(f"<answer>{number}</answer>").correct
    assert not item.draw().grade("<answer>-7</answer>").correct


def test_requests_are_judged_by_their_constraints_or_by_nobody(tmp_path: Path):
    rows: list[dict[str, Any]] = [{"prompt": f"Tell me about {n}."} for n in range(30)]
    following = {"instruction_id_list": ["punctuation:no_comma"], "kwargs": [{}]}
    rows += [row | following for row in rows]
    source = ChatData(path=write(tmp_path / "c.jsonl", rows))
    problems = [item.draw() for item in of_rows(source, "train")]
    free = [problem for problem in problems if isinstance(problem, Request)]
    bound = [problem for problem in problems if not isinstance(problem, Request)]
    assert len(free) == len(bound) > 10
    assert free[0].grade("well, yes").correct
    assert free[0].grade("<think>yes</think> ").kind == "unreadable"
    assert bound[0].grade("well yes").correct
    assert not bound[0].grade("well, yes").correct


def test_bad_rows_are_named(tmp_path: Path):
    path = write(tmp_path / "m.jsonl", [{"question": "1 + 1?", "answer": "2"}, {"question": "2 + 2?"}])
    with pytest.raises(ValueError, match=r"m\.jsonl:\n  row 2: "):
        of_rows(MathData(path=path), "train")
    with pytest.raises(ValueError, match=r"row 1: expected a text in the column 'prompt'"):
        of_rows(ChatData(path=path), "train")


# -- prior pass rates -------------------------------------------------------------------------------------------------


class Knows:
    """Solves problems of sorting with an even seed, and of level 1 every other time; counts what it is asked."""

    def __init__(self, problems: dict[str, tuple[int, int]]) -> None:
        self.problems, self.asked = problems, 0

    def generate(self, requests: Sequence[Asking]) -> list[list[Completion]]:
        self.asked += len(requests)
        found = []
        for request in requests:
            level, seed = self.problems[str(request.prompt)]
            target = task(SORTING).draw(level, seed).target
            right = [seed % 2 == 0 and (level == 0 or i % 2 == 0) for i in range(request.n)]
            found.append([Completion(target if each else "?", (1,), (0.0,), "stop") for each in right])
        return found


def listed(most: float) -> tuple[Listed, Knows]:
    source = TaskData(include=(SORTING,), rows=12, levels=range(2), pass_at_most=most, tries=4)
    made = Listed("sorting", of_tasks([SORTING], [0, 1], 12, 0), 0, source)
    return made, Knows({item.draw().prompt: (item.key.level, item.key.seed) for item in made.items})


def lone(source: Listed) -> Blend:
    tokenizer: Any = None  # there are no aggregations
    rng = np.random.default_rng(0)
    return Blend([Part("sorting", source)], rng, "exact", lambda prompt: True, MarkovianRSA(tokenizer))


def test_rates_by_hand():
    source, sampler = listed(0.75)
    rates = pass_rates(source, sampler, Sampling(), 4, lambda prompt: True)
    assert rates == {i.key: (i.key.seed % 2 == 0) * (1.0, 0.5)[i.key.level] for i in source.items}
    assert pass_rates(source, sampler, Sampling(), 4, lambda prompt: False) == {}
    half = pass_rates(source, sampler, Sampling(), 4, lambda prompt: True, share=lambda items: items[::2])
    assert set(half) == {i.key for i in source.items[::2]}


def test_problems_that_are_solved_too_often_go_once_and_for_all(tmp_path: Path):
    run = RunDir(tmp_path)
    kept = []
    for _ in range(2):
        source, sampler = listed(0.75)
        blend = lone(source)
        (said,) = refilter(blend, sampler, Sampling(), "warmup", run)
        kept.append(({item.key for item in source.items}, sampler.asked, said))
    (first, asked, said), (second, again, _) = kept
    assert all(key.seed % 2 or key.level for key in first)
    assert said == f"sorting: {len(first)} of 12 problems stay, solved at most 75% of 4 times"
    assert 0 < len(first) < 12
    assert second == first
    assert (asked, again) == (12, 0)  # the second time the rates are read
    source, sampler = listed(1.0)
    assert refilter(lone(source), sampler, Sampling(), "warmup", None) == []
    assert sampler.asked == 0


def test_groups_that_wait_for_a_sandbox_keep_their_order():
    items = of_tasks(["code/predict_output", SORTING], [0], 12, 0)
    questions = Listed("mixed", items, 0).propose(12)
    answers = [
        [Completion(q.problem.target if i % 2 else "?", (1,), (0.0,), "stop") for i in range(3)] for q in questions
    ]
    found = judge_all(questions, answers)
    assert [[row.key for row in group] for group in found] == [[q.key] * 3 for q in questions]
    assert all([row.correct for row in group] == [False, True, False] for group in found)
