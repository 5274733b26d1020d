"""Strategies over the engine: rounds of different problems overlap, and nothing else changes."""

import re
from collections.abc import Sequence

import pytest

from whetstone.rollout.engine import Engine
from whetstone.rollout.strategies import MarkovianRSA, Single, Template, drive
from whetstone.rollout.types import Completion, Request, Sampling


def test_on_the_engine(make_policy):
    strategy = MarkovianRSA(Read(), Sampling(max_tokens=6), 4, 2, 2, 3, Template("{question} {attempts}"))
    engine = Engine(make_policy(), Read(), stop=2)
    first, second = (strategy.run(engine, ["3 4", "5"], 9) for _ in range(2))
    assert [len(group) for group in first] == [4, 4]
    assert [c.tokens for group in first for c in group] == [c.tokens for group in second for c in group]
    for completion in first[0]:
        assert len(completion.prompt_tokens) <= 2 + 2 * (1 + 3)  # question, and for each attempt its number and tail


class Read:
    """Reads the numbers of a prompt, whatever stands between them."""

    def encode(self, text: str) -> list[int]:
        return [int(number) for number in re.findall(r"\d+", text)]

    def decode(self, tokens: Sequence[int]) -> str:
        return " ".join(str(token) for token in tokens if token != 2)


def test_rounds_of_different_problems_overlap_in_the_engine(make_policy):
    added: list[tuple[int, int]] = []  # (problem, requests that were unfinished when its round was added)

    class Watched(Engine):
        def add(self, request, listener=None):
            added.append((request.prompt.count("1 1 1"), len(open_requests)))
            handle = super().add(request, listener)
            open_requests.append(handle)
            return handle

        def step(self):
            over = super().step()
            open_requests[:] = [handle for handle in open_requests if not handle.done]
            return over

    open_requests: list = []
    budgets = (3, 30)  # the first problem's candidates are short
    strategies = [
        MarkovianRSA(Read(), Sampling(max_tokens=budget), 3, 2, 2, 2, Template("{question} {attempts}", "{tail}"))
        for budget in budgets
    ]
    plans = [strategy.plan(prompt, 7) for strategy, prompt in zip(strategies, ("5 6", "1 1 1"), strict=True)]
    together = drive(Together(Engine(make_policy(), Read(), stop=39)), plans)
    plans = [strategy.plan(prompt, 7) for strategy, prompt in zip(strategies, ("5 6", "1 1 1"), strict=True)]
    overlapping = drive(Watched(make_policy(), Read(), stop=39), plans)
    tokens = [[c.tokens for c in s.outcome.final] for s in together]
    assert [[c.tokens for c in s.outcome.final] for s in overlapping] == tokens  # what is sampled does not change
    assert [s.cost for s in overlapping] == [s.cost for s in together]
    order = [problem for problem, _ in added]
    assert order == [0, 1] + [0] * 6 + [1] * 6  # two further rounds of the first before the second's first one is done
    assert added[2][1] == 1  # while the other problem's request was still being written


class Together:
    """An engine that only generates."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine

    def generate(self, requests: Sequence[Request]) -> list[list[Completion]]:
        return self.engine.generate(requests)


def test_an_interrupted_drive_leaves_nothing_behind(make_policy):
    class Interrupted(Engine):
        def step(self):
            if self.metrics()["steps"] > 3:
                raise KeyboardInterrupt
            return super().step()

    engine = Interrupted(make_policy(), Read(), stop=39)
    with pytest.raises(KeyboardInterrupt):
        drive(engine, [Single(Sampling(max_tokens=50), 3).plan("5 6", 0)])
    Engine.step(engine)
    assert not engine.unfinished
