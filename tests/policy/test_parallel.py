"""Spread over processes (gloo, on this machine): steps, checkpoints and precision are those of one process.

The processes are forked from one that has imported everything, which costs far less than starting each.
"""

from __future__ import annotations

import copy
import multiprocessing
import os
import socket
import subprocess
import sys
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pytest
import torch
from torch import Tensor

from whetstone.policy.batch import MicroBatch, Row, Scorer
from whetstone.policy.config import zaya_config
from whetstone.policy.learner import Learner
from whetstone.policy.loss import LossSettings
from whetstone.policy.model import ZayaPolicy, initialise
from whetstone.policy.optimizer import adamw, muon_and_adamw, orthogonalised
from whetstone.policy.parallel import per_matrix
from whetstone.policy.router import Balancer
from whetstone.policy.trainer import GrpoSettings, objective_of, sft_step
from whetstone.rollout.types import Sampling

STEPS = 4
SIZES = {"vocab_size": 41, "hidden_size": 24, "layers": 2, "heads": 4, "kv_heads": 2, "head_dim": 8}  # 41: no even cut
GRPO = GrpoSettings(prompts=2, samples=3, sampling=Sampling(max_tokens=4), loss=LossSettings(entropy=0.01))


class Case(NamedTuple):
    """How a run is spread, and what updates its weights."""

    processes: int
    experts: int = 1
    optimizer: str = "adamw"
    recompute: bool = False

    @property
    def name(self) -> str:
        return f"{self.processes}-{self.experts}-{self.optimizer}-{self.recompute}"


CASES = [
    Case(2, experts=2, optimizer="muon", recompute=True),
    Case(2),
    Case(2, experts=2),
    Case(2, optimizer="muon"),
    Case(4, experts=2, optimizer="muon"),
]


def make(dtype: torch.dtype = torch.float32) -> ZayaPolicy:
    """A small policy of which no parameter is at its neutral start, and whose router chooses every class."""
    config = zaya_config(**SIZES, experts=4, expert_size=16, router_size=12, max_positions=128, pad=0, bos=1, eos=2)
    policy, generator = initialise(ZayaPolicy(config), 0), torch.Generator().manual_seed(1)
    with torch.no_grad():
        for parameter in policy.parameters():
            if parameter.dim() == 1:
                parameter += 0.2 * torch.randn(parameter.shape, generator=generator)
        for router in policy.routers:
            router.router_mlp.out_proj.weight *= 10
            router.balancing_biases.normal_(0.0, 0.05, generator=generator)
    return policy.to(dtype)


def rows_of(step: int) -> list[Row]:
    rng = np.random.default_rng(step)
    return [
        Row(
            rng.integers(3, 40, size=rng.integers(1, 6)).tolist(),
            (completion := rng.integers(3, 40, size=rng.integers(1, 7)).tolist()),
            float(rng.normal()),
            (-3.6 + 0.3 * rng.normal(size=len(completion))).tolist(),
        )
        for _ in range(7)
    ]


def learner_of(policy: ZayaPolicy, case: Case) -> Learner:
    policy.recompute_activations(case.recompute)
    optimizers = muon_and_adamw(policy, 0.02, 3e-3) if case.optimizer == "muon" else adamw(policy, 3e-3)
    return Learner(
        policy,
        optimizers,
        micro_tokens=14,
        balancer=Balancer(policy.routers, 0.01),
        parallel="fsdp",
        expert_parallel=case.experts,
    )


def take(learner: Learner, first: int, last: int) -> list[dict[str, float]]:
    """Steps of GRPO and of SFT in turn, on this process's share of the rows."""
    found = []
    for step in range(first, last):
        rows = list(learner.share(rows_of(step)))
        found.append(learner.update(rows, objective_of(GRPO), 1.0) if step % 2 else sft_step(learner, rows, 1.0))
    return found


def state_of(learner: Learner) -> dict[str, Any]:
    """Everything that a checkpoint has."""
    return copy.deepcopy({"policy": learner.policy.state_dict(), "learner": learner.state_dict()})


def gone_on(case: Case, saved: dict[str, Any], first: int) -> tuple[list[dict[str, float]], dict[str, Any]]:
    """The rest of a run whose first steps others took."""
    policy = make()
    policy.load_state_dict(saved["policy"])
    learner = learner_of(policy, case)
    learner.load_state_dict(saved["learner"])
    return take(learner, first, STEPS), state_of(learner)


def straight(case: Case) -> dict[str, Any]:
    """The whole run and the state in the middle of it."""
    learner = learner_of(make(), case)
    before = take(learner, 0, 2)
    middle = state_of(learner)
    return {"metrics": before + take(learner, 2, STEPS), "middle": middle, "end": state_of(learner)}


# -- in the processes -------------------------------------------------------------------------------------------------


def run(case: Case, folder: Path) -> None:
    """One case: the whole run, and the end of the one-process run."""
    found = straight(case)
    middle = torch.load(folder / f"one-{case.optimizer}.pt")["middle"]
    found["metrics_after"], found["end_after"] = gone_on(case, middle, 2)
    if torch.distributed.get_rank() == 0:
        torch.save(found, folder / f"{case.name}.pt")


def in_bfloat16(folder: Path) -> None:
    """What precision everything has where the policy is bf16."""
    policy = make(torch.bfloat16)
    learner = learner_of(policy, Case(2))
    seen: dict[str, Any] = {"streams": set(), "logprobs": []}
    for layer in learner.scorer.policy.model.layers:
        layer.register_forward_pre_hook(lambda _, inputs: seen["streams"].add(inputs[0].dtype))
    batch = MicroBatch.of(rows_of(0))
    for scorer in (learner.scorer, Scorer(policy)):
        with torch.no_grad():
            seen["logprobs"].append(scorer(batch)[0])
    take(learner, 0, 2)
    with torch.no_grad():  # after a step the policy is what the twin computes with
        seen["logprobs"] += [scorer(batch)[0] for scorer in (learner.scorer, Scorer(policy))]
    parameters = list(learner.scorer.parameters())
    seen["weights"] = {parameter.dtype for parameter in parameters}
    seen["moments"] = {x.dtype for s in learner.optimizers.optimizers[0].state.values() for x in s.values()}
    seen["biases"] = {router.balancing_biases.dtype for router in policy.routers}
    seen["policy"] = {parameter.dtype for parameter in policy.parameters()}
    state = state_of(learner)
    if torch.distributed.get_rank() == 0:
        torch.save(state, folder / "bf16-state.pt")
    torch.distributed.barrier()
    again = learner_of(make(torch.bfloat16), Case(2))
    again.load_state_dict(torch.load(folder / "bf16-state.pt")["learner"])
    seen["saved"] = state["learner"]["weights"], again.state_dict()["weights"]
    if torch.distributed.get_rank() == 0:
        torch.save(seen, folder / "bf16.pt")


def process(rank: int, world: int, port: int, folder: Path) -> None:
    places = {"RANK": rank, "LOCAL_RANK": rank, "WORLD_SIZE": world, "LOCAL_WORLD_SIZE": world, "MASTER_PORT": port}
    os.environ.update({name: str(value) for name, value in places.items()} | {"MASTER_ADDR": "127.0.0.1"})
    torch.set_num_threads(1)
    for case in CASES:
        if case.processes == world:
            run(case, folder)
    if world == 2:
        in_bfloat16(folder)
    torch.distributed.destroy_process_group()


def main(folder: Path) -> None:
    """Fork the processes of each world in turn."""
    fork = multiprocessing.get_context("fork")
    for world in sorted({case.processes for case in CASES}):
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]
        processes = [fork.Process(target=process, args=(rank, world, port, folder)) for rank in range(world)]
        for each in processes:
            each.start()
        for each in processes:
            each.join()
        if any(each.exitcode for each in processes):
            sys.exit(1)


# -- what they found --------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the processes wrote what they found, beside the same runs in one process."""
    folder = tmp_path_factory.mktemp("parallel")
    for optimizer in ("adamw", "muon"):
        torch.save(straight(Case(1, optimizer=optimizer)), folder / f"one-{optimizer}.pt")
    environment = {**os.environ, "OMP_NUM_THREADS": "1"}
    command = [sys.executable, __file__, str(folder)]
    done = subprocess.run(command, env=environment, stderr=subprocess.PIPE, text=True)
    assert done.returncode == 0, done.stderr
    return folder


def assert_close(found: Any, expected: Any, within: float = 1e-5) -> None:
    """Equal trees of numbers and tensors."""
    match expected:
        case dict():
            assert found.keys() == expected.keys()
            for name, value in expected.items():
                assert_close(found[name], value, within)
        case list() | tuple():
            assert len(found) == len(expected)
            for one, other in zip(found, expected, strict=True):
                assert_close(one, other, within)
        case Tensor():
            torch.testing.assert_close(found, expected, atol=within, rtol=within)
        case float():
            assert found == pytest.approx(expected, abs=within, rel=within)
        case _:
            assert found == expected


@pytest.mark.soak
@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_several_processes_are_one(case: Case, folder: Path):
    found, one = torch.load(folder / f"{case.name}.pt"), torch.load(folder / f"one-{case.optimizer}.pt")
    assert [len(found["metrics"]), found["metrics"][0]["skipped_steps"]] == [STEPS, 0.0]
    assert_close(found["metrics"], one["metrics"])
    assert_close(found["end"]["policy"], one["end"]["policy"])


@pytest.mark.soak
@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_checkpoints_of_one_load_in_the_other(case: Case, folder: Path):
    found, one = torch.load(folder / f"{case.name}.pt"), torch.load(folder / f"one-{case.optimizer}.pt")
    assert_close(without_flags(found["middle"]["learner"]), without_flags(one["middle"]["learner"]))
    assert_close([found["metrics_after"], found["end_after"]["policy"]], [one["metrics"][2:], one["end"]["policy"]])
    metrics, end = gone_on(Case(1, optimizer=case.optimizer), found["middle"], 2)
    assert_close([metrics, end["policy"]], [one["metrics"][2:], one["end"]["policy"]])


def without_flags(learner: dict[str, Any]) -> dict[str, Any]:
    """A learner's state but for how its optimizers run (`foreach`)."""
    numbers = [optimizer["state"] for optimizer in learner["optimizers"]]
    return {"states": numbers, "balancer": learner["balancer"]["biases"]}


@pytest.mark.soak
def test_what_is_fp32_stays_so_in_a_bf16_policy(folder: Path):
    seen = torch.load(folder / "bf16.pt", weights_only=False)
    assert seen["streams"] == {torch.float32}  # the residual stream that goes from layer to layer
    assert seen["weights"] == seen["moments"] == seen["biases"] == {torch.float32}
    assert seen["policy"] == {torch.bfloat16}
    assert {x.dtype for x in seen["logprobs"]} == {torch.float32}
    twin, policy, twin_after, policy_after = seen["logprobs"]
    assert_close(twin, policy, within=1e-6)
    assert_close(twin_after, policy_after, within=1e-6)
    assert (twin - twin_after).abs().max() > 1e-3
    assert_close(*seen["saved"], within=0.0)
    assert {x.dtype for x in seen["saved"][0].values()} == {torch.float32}


# -- in one process ---------------------------------------------------------------------------------------------------


def test_a_tensor_that_is_whole_is_worked_on_as_it_is():
    x = torch.randn(3, 5, 4, generator=torch.Generator().manual_seed(0))
    assert torch.equal(per_matrix(orthogonalised, x), orthogonalised(x))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
