"""What Gymnasium asks of each of its own environments (its tests/envs/test_envs.py), asked of every task.

API and passive checker without a warning, equal rollouts of fifty steps, pickling, rendering; and for one task each,
vectors in all autoreset modes and `RecordEpisodeStatistics`.
"""

from __future__ import annotations

import pickle
import warnings
from typing import Any

import gymnasium
import pytest
from gymnasium.utils.env_checker import data_equivalence
from gymnasium.vector import AutoresetMode
from gymnasium.wrappers import PassiveEnvChecker, RecordEpisodeStatistics
from gymnasium.wrappers.vector import RecordEpisodeStatistics as RecordVectorStatistics

import whetstone.envs.gym as face
from whetstone.envs import ids, load

STEPS, SEED = 50, 0
SORTING = "whetstone/sequences.sorting-v0"


def name(task: str) -> str:
    return f"whetstone/{task.replace('/', '.')}-v0"


def rollout(env: gymnasium.Env[str, str], steps: int) -> list[Any]:
    """What every reset and step gave; the answers are drawn from the action space."""
    env.action_space.seed(SEED)
    seen: list[Any] = [env.reset(seed=SEED)]
    for _ in range(steps):
        seen.append(env.step(env.action_space.sample()))
        _, _, terminated, truncated, _ = seen[-1]
        if terminated or truncated:
            seen.append(env.reset())
    return seen


@pytest.mark.parametrize("task", ids())
def test_two_rollouts_of_fifty_steps_are_equal_and_the_passive_checker_is_silent(task: str) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        first = PassiveEnvChecker(face.TaskEnv(task))
        second = gymnasium.make(name(task))
        assert data_equivalence(rollout(first, STEPS), rollout(second, STEPS))
    first.close()
    second.close()


@pytest.mark.parametrize("task", ids())
def test_a_pickled_environment_goes_on_as_the_original(task: str) -> None:
    env = gymnasium.make(name(task), level=1, render_mode="ansi")
    fresh: Any = pickle.loads(pickle.dumps(env))
    assert data_equivalence(rollout(env, 1), rollout(fresh, 1))
    assert env.render() == fresh.render()
    env.reset(seed=3)
    midway: Any = pickle.loads(pickle.dumps(env))
    answer = env.unwrapped.problem.target  # type: ignore[attr-defined]
    assert env.step(answer)[1:] == midway.step(answer)[1:] and env.step is not midway.step
    assert data_equivalence(env.reset(), midway.reset())


@pytest.mark.parametrize("kind", ["sync", "async"])
@pytest.mark.parametrize("mode", list(AutoresetMode))
def test_vectors_in_every_autoreset_mode(kind: str, mode: AutoresetMode) -> None:
    vector: Any = gymnasium.make_vec(
        SORTING, num_envs=3, vectorization_mode=kind, vector_kwargs={"autoreset_mode": mode}, level=2
    )
    asked = [load("sequences/sorting").draw(2, 20 + i) for i in range(3)]
    prompts, _ = vector.reset(seed=20)
    assert prompts == tuple(problem.prompt for problem in asked)
    given, rewards, ended, _, info = vector.step([problem.target for problem in asked])
    assert rewards.tolist() == [1.0] * 3 and ended.all()
    match mode:
        case AutoresetMode.NEXT_STEP:
            assert given == prompts
            given, rewards, ended, *_ = vector.step([""] * 3)  # this step is the reset
            assert not ended.any() and not rewards.any()
        case AutoresetMode.SAME_STEP:
            assert tuple(info["final_obs"]) == prompts and info["final_info"]["correct"].all()
        case AutoresetMode.DISABLED:
            assert given == prompts
            given, _ = vector.reset(options={"reset_mask": ended})
    assert len({*given, *prompts}) == 6
    vector.close()


def test_episode_statistics_count_each_problem_as_an_episode() -> None:
    env: Any = RecordEpisodeStatistics(gymnasium.make(SORTING, level=2))
    for seed in range(4):
        env.reset(seed=seed)
        right = load("sequences/sorting").draw(2, seed).target
        *_, info = env.step(right if seed % 2 else "")
        assert (info["episode"]["r"], info["episode"]["l"]) == (seed % 2, 1)
    assert list(env.return_queue) == [0.0, 1.0, 0.0, 1.0] and list(env.length_queue) == [1] * 4


def test_episode_statistics_of_a_vector() -> None:
    vector: Any = RecordVectorStatistics(gymnasium.make_vec(SORTING, num_envs=2, vectorization_mode="sync", level=2))
    vector.reset(seed=5)
    *_, info = vector.step([load("sequences/sorting").draw(2, 5).target, ""])
    assert info["episode"]["r"].tolist() == [1.0, 0.0] and info["episode"]["l"].tolist() == [1, 1]
    vector.close()
