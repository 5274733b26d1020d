"""A run's own checkpoint: model, optimizers, curriculum, random states; whole after a kill at any instant."""

from __future__ import annotations

import os
import random
import signal
import time
from pathlib import Path

import numpy as np
import pytest
import torch

from whetstone.curriculum.difficulty import Learnability, LearnabilitySettings
from whetstone.curriculum.mixture import Mixture
from whetstone.policy.batch import Row
from whetstone.policy.checkpoint import load_policy, load_state, save_policy, save_state
from whetstone.policy.model import ZayaPolicy
from whetstone.policy.optimizer import muon_and_adamw
from whetstone.policy.router import Balancer
from whetstone.policy.tokenizer import TextTokenizer
from whetstone.policy.trainer import Learner, sft_step
from whetstone.policy.weights import WEIGHTS
from whetstone.recipes import parse_recipe
from whetstone.rundir import CorruptCheckpoint, RunDir

RECIPE = 'name = "killed"\ntasks = ["sequences/sorting"]\nstages = [{kind = "sft", name = "sft", steps = 1}]'
TASKS = ["sequences/sorting", "strings/minimal_cyclic_shift"]
KILLS = 8


@pytest.fixture(scope="module")
def tokenizer() -> TextTokenizer:
    return TextTokenizer.train(["Sort: 3 1 2"], 270)


class Training:
    """A policy that learns, and a curriculum that draws."""

    def __init__(self, policy: ZayaPolicy) -> None:
        self.policy, self.done = policy, 0
        settings = LearnabilitySettings(start=1, memory=0.5, promote_groups=1)
        self.mixture = Mixture({task: Learnability(settings) for task in TASKS}, seed=0)
        self.learner = Learner(policy, muon_and_adamw(policy, 0.02, 1e-3), balancer=Balancer(policy.routers, 0.01))

    def step(self) -> None:
        rng = self.mixture.rng
        rows = [Row(rng.integers(3, 40, 4).tolist(), rng.integers(3, 40, 5).tolist()) for _ in range(3)]
        for task, level in self.mixture.propose(2):
            self.mixture.observe(task, level, float(rng.random()))
        sft_step(self.learner, rows, 1.0)
        self.done += 1

    def save(self, run: RunDir, tokenizer: TextTokenizer) -> None:
        state = {"done": self.done, "learner": self.learner.state_dict(), "mixture": self.mixture.state_dict()}
        with run.checkpoint("sft", self.done) as folder:
            save_policy(self.policy, tokenizer, folder, shard=20_000)
            save_state(state, folder)

    @classmethod
    def load(cls, folder: Path) -> Training:
        training, state = cls(load_policy(folder)[0]), load_state(folder)
        training.learner.load_state_dict(state["learner"])
        training.mixture.load_state_dict(state["mixture"])
        training.done = state["done"]
        return training


def test_all_of_it_comes_back(make_policy, tokenizer: TextTokenizer, tmp_path: Path):
    straight = Training(make_policy(1, vocab_size=len(tokenizer)))
    halted = Training(make_policy(1, vocab_size=len(tokenizer)))
    for training in (straight, halted):
        training.step()
        training.step()
    with RunDir.create(tmp_path / "run", parse_recipe(RECIPE)) as run:
        halted.save(run, tokenizer)
        latest = run.latest()
    assert latest is not None
    resumed = Training.load(latest.path)
    for training in (straight, resumed):
        training.step()
        training.step()
    assert resumed.done == 4
    assert all(torch.equal(x, resumed.policy.state_dict()[name]) for name, x in straight.policy.state_dict().items())
    assert resumed.mixture.state_dict() == straight.mixture.state_dict()


def test_killed_at_any_instant_the_last_one_is_whole(make_policy, tokenizer: TextTokenizer, tmp_path: Path):
    run, chance = RunDir.create(tmp_path, parse_recipe(RECIPE)), random.Random(0)
    run.close()
    training = Training(make_policy(1, vocab_size=len(tokenizer)))
    training.step()
    reached = [0]
    for _ in range(KILLS):
        saved, says = os.pipe()
        child = os.fork()
        if child == 0:  # saves without end, until it is killed
            try:
                training.done = reached[-1]
                while True:
                    training.done += 1
                    with torch.no_grad():
                        training.policy.model.norm.weight.fill_(training.done)
                    training.save(run, tokenizer)
                    os.write(says, b".")
            finally:
                os._exit(1)
        os.close(says)
        assert os.read(saved, 1) == b"."
        time.sleep(chance.uniform(0.0, 0.1))
        os.kill(child, signal.SIGKILL)
        assert os.waitpid(child, 0)[1] == signal.SIGKILL
        os.close(saved)
        latest = RunDir.open(tmp_path).latest()  # reads and compares every byte
        assert latest is not None
        policy, _ = load_policy(latest.path)
        assert load_state(latest.path)["done"] == latest.step
        assert policy.model.norm.weight.unique().tolist() == [latest.step]
        reached.append(latest.step)
    assert reached == sorted(set(reached))  # every child got further


@pytest.mark.parametrize("file", [WEIGHTS, "state.pt", "config.json", "tokenizer.json"])
def test_every_file_is_held_to_its_checksum(file: str, make_policy, tokenizer: TextTokenizer, tmp_path: Path):
    with RunDir.create(tmp_path / "run", parse_recipe(RECIPE)) as run:
        with run.checkpoint("sft", 1) as folder:
            save_policy(make_policy(1, vocab_size=len(tokenizer)), tokenizer, folder)
            save_state({"rng": np.random.default_rng(0).bit_generator.state}, folder)
        latest = run.latest()
        assert latest is not None
        data = bytearray((latest.path / file).read_bytes())
        data[len(data) // 2] ^= 1
        (latest.path / file).write_bytes(data)
        with pytest.raises(CorruptCheckpoint, match=file):
            run.latest()
