"""A small catalogue of toy problems, whose programs misbehave in the ways that tests need."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from itertools import product
from pathlib import Path
from typing import Any

import pytest

from whetstone.envs.code import catalog, debug
from whetstone.envs.code.blueprint import Blueprint
from whetstone.envs.code.default import default_sandbox
from whetstone.envs.code.families import task
from whetstone.envs.code.problem import Comparison, Problem, Test
from whetstone.envs.code.reader import Reader
from whetstone.envs.code.sandbox import Limits, Program
from whetstone.envs.code.stored import Stored, assemble

BURN = "import time; start = time.process_time()\n    while time.process_time() - start < {}: pass"


def numbers(values: Any) -> str:
    return f"{len(values)}\n{' '.join(map(str, values))}\n"


class Numbers(Blueprint):
    """Problems about n numbers."""

    title = "Total"
    statement = "Add n numbers."
    input_format = "The first line holds n (1 <= n <= 50), the second n integers from -99 to 99."
    output_format = "One integer: their sum."
    samples = ("3\n1 2 3\n",)
    limits = Limits(cpu=0.1, wall=5.0)
    topics = ("toys",)
    level = 0
    reference = (
        "n = int(input())\na = list(map(int, input().split()))\n"
        f"if n > 48:\n    {BURN.format('(0.06 if n == 49 else 9)')}\nprint(sum(a) if a != [0] else 0)\n"
    )
    brute = "input()\nprint(eval('+'.join(f'({x})' for x in input().split())))\n"
    right = {"fold": Program("python", "input()\nt = 0\nfor x in input().split():\n    t += int(x)\nprint(t)\n")}  # noqa: RUF012
    wrong = {  # noqa: RUF012 - the last three fail on nine numbers, which a short input shows
        "no minus one": "n = int(input())\nprint(sum(int(x) for x in input().split() if x != '-1'))\n",
        "no nineties": "n = int(input())\nprint(sum(int(x) for x in input().split() if int(x) < 90))\n",
        "crashes": "n = int(input())\nassert n != 9, 'nine'\nprint(sum(map(int, input().split())))\n",
        "hangs": "n = int(input())\nwhile n in (8, 49): pass\nprint(sum(map(int, input().split())) + (n == 9))\n",
        "a bit slow": f"n = int(input())\nif n == 8:\n    {BURN.format(0.2)}\n"
        "print(sum(map(int, input().split())) + (n == 9))\n",
    }

    @classmethod
    def validate(cls, text: str) -> None:
        reader = Reader(text)
        n = reader.integer(1, 50, "n")
        reader.line()
        reader.integers(n, -99, 99, "a")
        reader.line()
        reader.end()

    @classmethod
    def small(cls) -> Iterator[str]:
        for n in (1, 2, 3):
            yield from (numbers(values) for values in product((0, 1, -1), repeat=n))

    @classmethod
    def random(cls, rng: Any, size: int) -> str:
        return numbers(rng.integers(-99, 100, int(rng.integers(1, 2 + 2 * size))).tolist())

    @classmethod
    def worst(cls, rng: Any) -> Iterator[str]:
        yield numbers([99] * 48)

    @classmethod
    def hack(cls, rng: Any, idea: str) -> str:
        return numbers(rng.integers(1, 99, 9).tolist())


class Mean(Numbers):
    title = "Mean"
    statement = "Find the mean of n numbers."
    output_format = "Their mean."
    level = 2
    comparison = Comparison("floats", absolute=0.001)
    reference = "n = int(input())\nprint(f'{sum(map(int, input().split())) / n:.6f}')\n"
    right = {}  # noqa: RUF012
    wrong = {"rounds": "n = int(input())\nprint(f'{sum(map(int, input().split())) // n:.6f}')\n"}  # noqa: RUF012


class Parity(Numbers):
    title = "Parity"
    statement = "Is the sum of n numbers even?"
    output_format = "yes or no."
    level = 1
    reference = "input()\nprint('no' if sum(map(int, input().split())) % 2 else 'yes')\n"
    right = {}  # noqa: RUF012
    wrong = {"always": "print('yes' if input() != '3' else 'no' if len(input()) % 2 == 0 else 'yes')\n"}  # noqa: RUF012


class Split(Numbers):
    title = "Split"
    statement = "Find two integers from 0 to 1000000 whose sum is the sum of the absolute values of n numbers."
    output_format = "Two integers."
    level = 3
    comparison = Comparison(
        "checker",
        checker=(
            "def check(input, output, answer):\n    words = output.split()\n"
            "    if len(words) != 2 or not all(w.isdigit() for w in words):\n        raise ValueError('two integers')\n"
            "    if sum(map(int, words)) != sum(abs(int(x)) for x in input.split()[1:]):\n"
            "        raise ValueError('wrong sum')\n"
        ),
    )
    reference = "input()\nprint(sum(abs(int(x)) for x in input().split()), 0)\n"
    right = {}  # noqa: RUF012
    wrong = {"no minus one": "input()\nprint(sum(abs(int(x)) for x in input().split() if x != '-1'), 0)\n"}  # noqa: RUF012


TOYS: dict[str, type[Blueprint]] = {"toy/total": Numbers, "toy/mean": Mean, "toy/parity": Parity, "toy/split": Split}
INPUTS = ("4\n5 -6 7 8\n", "2\n-1 -1\n", "9\n9 8 7 6 5 4 3 2 1\n", "7\n1 1 1 1 1 1 5\n", "1\n-99\n")


@cache
def stored(problem: str) -> Stored:
    """The toy's tests, answered by its reference."""

    def test(text: str, kind: str) -> Test:
        done = default_sandbox().run(Program("python", TOYS[problem].reference), text.encode())
        assert done.outcome == "ok", done
        return Test(text, done.stdout.decode(), kind)

    samples = tuple(test(text, "sample") for text in TOYS[problem].samples)
    none: Any = None  # a certificate, which no environment reads
    return Stored("", none, samples, tuple((test(text, "small"), None) for text in INPUTS))


def toy(problem: str) -> Problem:
    tests = [test for test, _ in stored(problem).tests]
    return assemble(problem, TOYS[problem], stored(problem).samples, tests)


@pytest.fixture
def toys(monkeypatch: pytest.MonkeyPatch) -> Iterator[dict[str, type[Blueprint]]]:
    """The catalogue holds the toys alone; total, parity and split are for training, mean for evaluation."""
    monkeypatch.setattr(catalog, "problem_ids", lambda: list(TOYS))
    monkeypatch.setattr(catalog, "blueprint", TOYS.__getitem__)
    monkeypatch.setattr(catalog, "stored_file", lambda problem: Path(__file__))
    monkeypatch.setattr(catalog, "stored", stored)
    monkeypatch.setattr(catalog, "problem", toy)
    monkeypatch.setattr(task, "split_of", lambda problem: "eval" if problem == "toy/mean" else "train")
    task.pool.cache_clear()
    debug.with_samples.cache_clear()
    yield TOYS
    task.pool.cache_clear()
