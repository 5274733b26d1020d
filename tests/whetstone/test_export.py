"""An exported file is a dataset: conversational, without a prompt twice, and enough to judge answers from."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from whetstone.envs import from_json, load
from whetstone.envs.trl import reward
from whetstone.export import export, problems
from whetstone.files import RunError

TASKS = ["sequences/sorting", "graphs/minimum_spanning_tree", "puzzles/sudoku"]


def test_every_row_can_be_judged_from_its_problem(tmp_path: Path) -> None:
    out = tmp_path / "data.parquet"
    assert export(TASKS, range(3), 90, "eval", out) == 90
    rows = pq.read_table(out).to_pylist()
    assert len({row["prompt"][0]["content"] for row in rows}) == 90
    assert {(row["task"], row["level"]) for row in rows} == {(task, level) for task in TASKS for level in range(3)}
    for row in rows:
        problem = from_json(row["problem"])
        assert [{"role": "user", "content": problem.prompt}] == row["prompt"]
        assert row["split"] == problem.split == "eval"
        assert type(problem).draw(row["level"], row["seed"], "eval") == problem
    assert reward([row["solution"] for row in rows], problem=[row["problem"] for row in rows]) == [1.0] * 90


def test_few_problems_are_spread_over_tasks_and_levels() -> None:
    found = list(problems(TASKS, range(11), 2 * 11, "train"))
    levels = Counter(level for level, _, _ in found)
    assert len(levels) == 11 and max(levels.values()) <= 3
    tasks = Counter(problem.id() for _, _, problem in found)
    assert len(tasks) == 3 and max(tasks.values()) - min(tasks.values()) <= 1


def test_no_prompt_is_written_for_two_levels() -> None:
    task = "number_theory/lcm"  # small numbers, which several levels have
    found = [problem.prompt for _, _, problem in problems([task], range(3), 60, "train")]
    alone = [load(task).draw(level, seed).prompt for level in range(3) for seed in range(40)]
    assert len(set(alone)) < len(alone) and len(set(found)) == len(found) == 60


def test_datasets_reads_it(tmp_path: Path) -> None:
    datasets = pytest.importorskip("datasets")
    out = tmp_path / "data.parquet"
    export(TASKS[:1], range(2), 10, "train", out)
    data = datasets.load_dataset("parquet", data_files=str(out), split="train", cache_dir=str(tmp_path))
    assert data.num_rows == 10
    assert data[0]["prompt"][0]["role"] == "user"


def test_a_small_problem_space_ends_by_itself(tmp_path: Path) -> None:
    written = export(["puzzles/sudoku"], [0], 100_000, "train", tmp_path / "data.parquet")
    assert 0 < written < 100_000


def test_a_folder_that_is_missing_is_said(tmp_path: Path) -> None:
    with pytest.raises(RunError, match="is no folder; make it"):
        export(TASKS, range(1), 1, "train", tmp_path / "no" / "data.parquet")
    assert list(tmp_path.iterdir()) == []
