"""Our tasks as reasoning-gym's data sets, driven by its own factory, curricula and experiments."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
import reasoning_gym
from reasoning_gym.coaching import CurriculumExperiment
from reasoning_gym.coaching.curriculum_config import CurriculumAttributeConfig, CurriculumExperimentConfig
from reasoning_gym.factory import CURRICULA, DATASETS, create_curriculum

from whetstone.envs import ids, load
from whetstone.integrations.reasoning_gym import INDICES, register

TASKS = ["sequences/sorting", "graphs/minimum_spanning_tree"]
SORTING, TREE = (f"whetstone:{task}" for task in TASKS)


@pytest.fixture(autouse=True)
def registered() -> Iterator[None]:
    """The two tasks, for one test."""
    tables: list[dict[str, Any]] = [DATASETS, CURRICULA]
    before = [(table, dict(table)) for table in tables]
    register(TASKS)
    yield
    for table, content in before:
        table.clear()
        table.update(content)


def test_entries_are_our_problems() -> None:
    data = reasoning_gym.create_dataset(SORTING, level=4, seed=7, size=5)
    assert len(data) == len(list(data)) == 5
    problem = load(TASKS[0]).draw(4, 7 * INDICES + 3)
    entry = data[3]
    assert entry["question"] == problem.prompt
    assert entry["metadata"]["difficulty"] == {"level": 4}
    assert (entry["metadata"]["source_dataset"], entry["metadata"]["source_index"]) == (SORTING, 3)
    assert [e["question"] for e in data] == [e["question"] for e in data]
    assert data.category == "sequences"  # pyright: ignore[reportAttributeAccessIssue]
    with pytest.raises(IndexError, match="5 entries"):
        data[5]


def test_data_sets_of_neighbouring_seeds_share_nothing() -> None:
    def questions(seed: int) -> set[str]:
        return {entry["question"] for entry in reasoning_gym.create_dataset(SORTING, level=9, seed=seed, size=50)}

    assert len(questions(1)) == 50 and not questions(1) & questions(2)


def test_answers_are_judged_by_the_task_with_or_without_tags() -> None:
    for name in (SORTING, TREE):
        data = reasoning_gym.create_dataset(name, level=2, seed=1, size=3)
        for entry in data:
            assert data.score_answer(entry["answer"], entry) == 1.0
            assert data.score_answer(f"so <answer>{entry['answer']}</answer>", entry) == 1.0
            assert data.score_answer(None, entry) == data.score_answer("?", entry) == 0.0
    score: Any = reasoning_gym.get_score_answer_fn(SORTING)
    entry = reasoning_gym.create_dataset(SORTING, level=8, seed=1, size=1)[0]
    first, second, *rest = entry["answer"].split()
    assert 0 < score(" ".join([first, first, *rest]), entry) < 1 or first == second


def test_wrong_settings_are_refused() -> None:
    for wrong in ({"level": -1}, {"split": "test"}, {"size": 0}):
        with pytest.raises(AssertionError, match=next(iter(wrong))):
            reasoning_gym.create_dataset(SORTING, **wrong)


def test_their_curriculum_climbs_our_levels() -> None:
    curriculum = create_curriculum(TREE)
    assert curriculum.generate_configuration({"seed": 1}).level == 0
    for _ in range(40):
        curriculum.increment_global_level()
    assert curriculum.generate_configuration({"seed": 1}).level == 30


def test_their_experiment_mixes_both_and_changes_our_difficulty() -> None:
    levels = {name: CurriculumAttributeConfig({"*": 2}) for name in (SORTING, TREE, "gcd")}
    experiment = CurriculumExperiment("both", CurriculumExperimentConfig(levels), size=30, seed=1)
    entries = [experiment.get_dataset_entry(i) for i in range(30)]
    assert {entry["metadata"]["source_dataset"] for entry in entries} == {SORTING, TREE, "gcd"}
    for entry in entries:
        score: Any = experiment.score_answer_with_id(entry["answer"], entry["metadata"]["entry_id"])
        assert score == 1.0
    experiment.update_difficulty(SORTING, "increment")
    assert experiment.composite.datasets[SORTING].config.level == 3


def test_every_task_can_be_registered_and_again() -> None:
    names = register()
    assert names == [f"whetstone:{task}" for task in ids()] == register()
    assert set(names) <= set(DATASETS) and set(names) <= set(CURRICULA)
    entry = reasoning_gym.create_dataset("whetstone:puzzles/sudoku", seed=0, size=1)[0]
    assert entry["metadata"]["difficulty"] == {"level": 0}
