"""Evaluations over HTTP: a server that drops, refuses, breaks and stalls gives the numbers of one that does not."""

import importlib.util
import io
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
from rich.console import Console

from whetstone.envs.core import CORRECT, Verdict, graded
from whetstone.evaldir import Asked, EvalDir
from whetstone.evaluation import run_evaluation
from whetstone.exam import Item
from whetstone.policies import Policy, Runs, open_policy, parse_policy
from whetstone.rollout import openai
from whetstone.rollout.types import Request, Sampling
from whetstone.rows import Key
from whetstone.summary import Summary

_spec = importlib.util.spec_from_file_location("endpoint_server", Path(__file__).with_name("endpoint_server.py"))
assert _spec and _spec.loader
endpoint_server = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(endpoint_server)
Server = endpoint_server.Server

HOSTILE = {"drop": 0.05, "busy": 0.05, "broken": 0.04, "stall": 0.005}


@dataclass(frozen=True)
class Say:
    """A problem whose prompt says the answer."""

    number: int

    @property
    def prompt(self) -> str:
        return f"Please say {self.number} now."

    @property
    def target(self) -> str:
        return f"<answer>{self.number}</answer>"

    def grade(self, completion: str) -> Verdict:
        return CORRECT if completion == self.target else graded(0.0)

    def to_json(self) -> str:
        return f'{{"say": {self.number}}}'


def exam(problems: int) -> list[Item]:
    return [Item(Key("say/it", i % 4, i), lambda i=i: Say(i)) for i in range(problems)]


def measure(folder: Path, url: str, items: Sequence[Item], samples: int, stall: float = 60.0) -> Summary:
    asked = Asked(url, (), ("say/it",), (), (), None, samples, "single", Sampling(temperature=1.0), 0, "eval", samples)
    asked = replace(asked, policy="the server")
    endpoint = openai.Endpoint(url, "tiny", concurrency=64, stall=stall, attempts=12)
    return run_evaluation(folder, asked, items, lambda: Policy(endpoint, Runs()), Console(file=io.StringIO()), "t")


def hostile_and_clean(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, problems: int, samples: int) -> None:
    monkeypatch.setattr(openai, "PAUSE", 0.01)
    items, rollouts = exam(problems), problems * samples
    with Server() as server:
        clean = measure(tmp_path / "clean", server.url, items, samples)
        assert server.calls == {"answer": rollouts}
    with Server(**HOSTILE) as server:
        hostile = measure(tmp_path / "hostile", server.url, items, samples, stall=2.0)
        assert all(server.calls[fate] for fate in ("drop", "busy", "broken", "answer"))
        assert len(server.answered) == rollouts
    assert hostile == clean and clean.rows == rollouts and not clean.failures.get("lost")
    rows = EvalDir.open(tmp_path / "hostile").rows()
    assert len({(row.key, row.sample) for row in rows}) == len(rows) == rollouts
    assert clean.overall is not None and 0.4 < clean.overall.value < 0.6 and clean.tokens == 7 * samples


def test_a_hostile_server_gives_the_numbers_of_a_clean_one(tmp_path, monkeypatch):
    hostile_and_clean(tmp_path, monkeypatch, problems=60, samples=2)


@pytest.mark.soak
def test_two_thousand_rollouts_over_a_hostile_server(tmp_path, monkeypatch):
    hostile_and_clean(tmp_path, monkeypatch, problems=500, samples=4)


def test_an_address_is_a_policy_and_its_server_names_the_model():
    with Server() as server:
        (spec,) = parse_policy(server.url)
        policy = open_policy(spec, [])
        assert isinstance(policy.sampler, openai.Endpoint) and policy.sampler.model == "tiny"
        ((completion,),) = policy.sampler.generate([Request("say 5 now", Sampling(), 1, 3)])
        assert completion.text == endpoint_server.reply("say 5 now", 3)


def test_nobody_at_the_address_is_one_sentence(tmp_path, monkeypatch):
    monkeypatch.setattr(openai, "PAUSE", 0.001)
    with pytest.raises(openai.EndpointError, match="cannot be reached"):
        measure(tmp_path / "e", "http://127.0.0.1:9/v1", exam(3), 1)
