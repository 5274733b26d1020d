"""What `benchmarks/train.py` makes of its measurements, by hand."""

from __future__ import annotations

import argparse
import importlib.util
import sys
from collections.abc import Iterator
from itertools import count, islice
from pathlib import Path
from types import ModuleType, SimpleNamespace

import pytest

pytest.importorskip("trl")
FILE = Path(__file__).parents[2] / "benchmarks" / "train.py"


@pytest.fixture
def benchmark(monkeypatch: pytest.MonkeyPatch) -> Iterator[ModuleType]:
    spec = importlib.util.spec_from_file_location("benchmark_of_training", FILE)
    assert spec and spec.loader
    module = importlib.util.module_from_spec(spec)
    monkeypatch.setitem(sys.modules, spec.name, module)
    spec.loader.exec_module(module)
    yield module
    sys.modules.pop("_imitated")


def test_what_no_part_accounts_for_is_overhead(benchmark: ModuleType, monkeypatch: pytest.MonkeyPatch) -> None:
    ticks = count()
    monkeypatch.setattr(benchmark.Clock, "now", staticmethod(lambda: [float(next(ticks)), 0.5 * next(ticks)]))
    clock, owner = benchmark.Clock(), SimpleNamespace(generate=lambda: "text")
    clock.time(owner, "generate", "sampling")
    for _ in range(2):
        clock.begin()
        assert owner.generate() == "text"
        clock.end()
    assert clock.steps[1] == {  # four readings, two seconds apart on the wall and one of the CPU
        "sampling": [2.0, 1.0],
        "judging": [0.0, 0.0],
        "log-probabilities": [0.0, 0.0],
        "update": [0.0, 0.0],
        "overhead": [4.0, 2.0],
    }
    assert clock.means(skipped=1) == clock.steps[1]


def test_the_tables_by_hand(benchmark: ModuleType) -> None:
    def side(seconds: float, *rewards: float) -> dict:
        parts = {part: [seconds, seconds / 2] for part in benchmark.PARTS}
        return {"seconds": parts, "rewards": list(rewards), "accuracy": rewards[-1]}

    results = [
        {"seed": 0, "ours": side(0.1, 0.2, 0.4, 0.6), "trl": side(0.4, 0.1, 0.4, 0.5)},
        {"seed": 1, "ours": side(0.1, 0.4, 0.4, 0.8), "trl": side(0.3, 0.3, 0.4, 0.9)},
    ]
    table = benchmark.markdown(results, argparse.Namespace(prompts=5, samples=2, steps=3))
    assert "| judging | 50 | 175 |" in table
    assert "| **rollouts a second** | 20.0 | 5.8 (3.00 to 4.00 times) |" in table  # 10 / 0.5; 10 / 2 and 10 / 1.5
    assert "| 1 to 1 | 0.300 ± 0.100 | 0.200 ± 0.100 | +0.100 ± 0.000 |" in table
    assert "| held out, after | 0.700 ± 0.100 | 0.700 ± 0.200 | +0.000 ± 0.100 |" in table


def test_both_trainers_are_asked_the_same(benchmark: ModuleType) -> None:
    recipe = SimpleNamespace(tasks=("sequences/sorting", "strings/minimal_cyclic_shift"))
    ours = benchmark.OneByOne(benchmark.Questions(benchmark.mixture(recipe, 3), "exact"))
    theirs = benchmark.Problems(benchmark.mixture(recipe, 3))
    records = theirs._records()
    keys = [question.key._asdict() for _ in range(3) for question in ours.propose(4)]
    assert keys == [{name: record[name] for name in ("task", "level", "seed")} for record in islice(records, len(keys))]
