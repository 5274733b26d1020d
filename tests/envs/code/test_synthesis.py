"""From blueprints to certified problems, and the reasons for which there is none."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from itertools import product
from pathlib import Path
from typing import Any

import pytest

from whetstone.envs.code import synthesis
from whetstone.envs.code.batch import run_batch
from whetstone.envs.code.blueprint import Blueprint
from whetstone.envs.code.certificate import Certified, Refusal
from whetstone.envs.code.default import default_sandbox
from whetstone.envs.code.formats import Record
from whetstone.envs.code.inputs import Key, make
from whetstone.envs.code.problem import Comparison, Test
from whetstone.envs.code.reader import Reader
from whetstone.envs.code.sandbox import Limits, Program
from whetstone.envs.code.selection import LEAST, MOST, Candidate, choose
from whetstone.envs.code.stored import StaleProblem, Stored, assemble, digest


def shown(values: Any) -> str:
    return f"{len(values)}\n{' '.join(map(str, values))}\n"


class Largest(Blueprint):
    """The largest of n numbers."""

    title = "Largest"
    statement = "Find the largest of n numbers."
    input_format = "n (1 <= n <= 9000), then n integers from -99 to 99."
    output_format = "The largest."
    samples = ("3\n5 7 6\n",)
    limits = Limits(cpu=0.5)
    topics = ("toys",)
    level = 0
    reference = """
input()
best = None
for x in map(int, input().split()):
    if best is None or x > best:
        best = x
print(best)
"""
    brute = "input()\nprint(sorted(map(int, input().split()))[-1])\n"
    right = {"built in": Program("python", "input()\nprint(max(map(int, input().split())))\n")}  # noqa: RUF012
    wrong = {  # noqa: RUF012
        "from zero": "input()\nprint(max(0, *map(int, input().split())))\n",
        "the last": "print(open(0).read().split()[-1])\n",
        "as text": "input()\nprint(max(input().split()))\n",
        "all pairs": "input()\na = input().split()\nprint(max(max(int(x), int(y)) for x in a for y in a))\n",
    }
    equivalent = {"line 5: best is None or x > best -> best is None or x >= best": "an equal number is the same"}  # noqa: RUF012

    @classmethod
    def validate(cls, text: str) -> None:
        reader = Reader(text)
        n = reader.integer(1, 9000, "n")
        reader.line()
        reader.integers(n, -99, 99, "a")
        reader.line()
        reader.end()

    @classmethod
    def small(cls) -> Iterator[str]:
        for n in (1, 2, 3, 4):
            yield from (shown(values) for values in product(range(-2, 3), repeat=n))

    @classmethod
    def random(cls, rng: Any, size: int) -> str:
        return shown(rng.integers(-99, 100, int(rng.integers(1, 3 * size + 1))).tolist())

    @classmethod
    def worst(cls, rng: Any) -> Iterator[str]:
        for _ in range(2):
            yield shown(rng.integers(-99, 100, 9000).tolist())

    @classmethod
    def hack(cls, rng: Any, idea: str) -> str:
        return shown(rng.integers(-99, 0 if idea == "from zero" else 99, 8).tolist())


TESTS = [
    Test(text, f"{max(map(int, text.split()[1:]))}\n", "small")
    for text in ("1\n-7\n", "2\n-3 -9\n", "4\n8 10 9 -20\n", "3\n-1 3 20\n", "2\n9 10\n", "2\n-11 -9\n")
] + [Test(shown([9, -8] * 4500), "9\n", "worst"), Test(shown([-8, 9, 3] * 3000), "9\n", "worst")]


def certified(blueprint: type[Blueprint], tests: list[Test] = TESTS) -> Certified | Refusal:
    return synthesis.certify(blueprint, tests, default_sandbox())


def changed(**attributes: Any) -> type[Blueprint]:
    return type("Changed", (Largest,), attributes)


@pytest.fixture(scope="module")
def built() -> Certified:
    outcome = synthesis.build(Largest, default_sandbox())
    assert isinstance(outcome, Certified), outcome
    return outcome


@pytest.mark.slow
def test_a_good_problem_is_certified(built: Certified) -> None:
    certificate = built.certificate
    assert (certificate.tpr, certificate.tnr, certificate.score) == (1.0, 1.0, 1.0)
    assert certificate.agreed >= 500
    assert certificate.equivalent == 1
    assert certificate.audit_wrong > 10
    assert certificate.audit_tnr >= 0.95
    assert LEAST <= certificate.tests == len(built.problem.tests) <= MOST
    assert not {test.input for test in built.problem.tests} & set(Largest.samples)
    assert {"worst", "hack: from zero", "small"} <= {test.kind for test in built.problem.tests}


@pytest.mark.slow
def test_the_choice_is_the_same_each_time_and_another_with_another_seed(built: Certified) -> None:
    again = synthesis.build(Largest, default_sandbox())
    assert isinstance(again, Certified)
    assert again.problem == built.problem
    other = synthesis.build(Largest, default_sandbox(), seed=7)
    assert isinstance(other, Certified)
    assert other.problem.tests != built.problem.tests


@pytest.mark.slow
def test_it_is_stored_in_few_bytes_and_comes_back_equal(built: Certified, tmp_path: Path) -> None:
    source = tmp_path / "largest.py"
    source.write_text("as written")
    stored = Stored(digest("as written"), built.certificate, built.problem.samples, built.tests)
    stored.write(tmp_path / "largest.json")
    first = (tmp_path / "largest.json").read_bytes()
    read = Stored.read(tmp_path / "largest.json", source)
    assert read.problem(built.problem.id, Largest) == built.problem
    assert read.certificate == built.certificate
    stored.write(tmp_path / "largest.json")
    assert (tmp_path / "largest.json").read_bytes() == first
    assert len(first) < 8000 < sum(len(test.input) for test in built.problem.tests)


@pytest.mark.slow
def test_a_changed_source_or_generator_makes_it_stale(built: Certified, tmp_path: Path) -> None:
    source = tmp_path / "largest.py"
    source.write_text("as written")
    stored = Stored(digest("as written"), built.certificate, built.problem.samples, built.tests)
    with pytest.raises(StaleProblem, match="no tests yet"):
        Stored.read(tmp_path / "largest.json", source)
    stored.write(tmp_path / "largest.json")
    other = changed(worst=classmethod(lambda cls, rng: iter([shown([1] * 9000), shown([2] * 9000)])))
    with pytest.raises(StaleProblem, match="not the one that was certified"):
        Stored.read(tmp_path / "largest.json", source).problem("toy/largest", other)
    source.write_text("otherwise")
    with pytest.raises(StaleProblem, match="was changed"):
        Stored.read(tmp_path / "largest.json", source)
    (tmp_path / "largest.json").write_text("[]")
    with pytest.raises(StaleProblem, match="does not hold"):
        Stored.read(tmp_path / "largest.json", source)


REFUSED: dict[str, tuple[type[Blueprint], str, str]] = {
    "a wrong brute force": (changed(brute="print(1)"), "brute", "the brute force answers '1"),
    "a lax validator": (changed(validate=classmethod(lambda cls, text: None)), "validate", "not strict"),
    "an input that is not valid": (
        changed(small=classmethod(lambda cls: (shown([100 + i]) for i in range(600)))),
        "validate",
        "refuses an input",
    ),
    "too few small inputs": (
        changed(
            small=classmethod(lambda cls: iter(["1\n1\n"])), random=classmethod(lambda cls, rng, size: shown([size]))
        ),
        "brute",
        "expected 500 different small inputs",
    ),
    "a reference that fails": (changed(reference="1 / 0", equivalent={}), "reference", "fails"),
    "a wrong right program": (changed(right={"so": Program("python", "print(3)")}), "so", "WA"),
    "a wrong program that is right": (
        changed(wrong={**Largest.wrong, "all pairs": Largest.brute}),
        "all pairs",
        "rejected by 0",
    ),
    "a mutant that lives": (changed(equivalent={}), "reference", "best is None or x >= best"),
    "an equivalent mutant that is none": (
        changed(equivalent={**Largest.equivalent, "line 7: print(best) -> dropped": "so"}),
        "line 7: print(best) -> dropped",
        "but it fails",
    ),
    "an equivalent mutant that does not exist": (changed(equivalent={"line 99: so": "so"}), "", "no such mutant"),
    "too few wrong programs": (changed(wrong={}), "", "4 wrong ones"),
    "no program": (changed(brute="def"), "brute", "no Python program"),
    "no samples": (changed(samples=()), "", "samples"),
    "a checker that fails": (
        changed(comparison=Comparison("checker", checker="def check(input, output, answer):\n    int('x' + 1)\n")),
        "checker",
        "fails",
    ),
}


@pytest.mark.parametrize("case", REFUSED)
def test_a_fault_is_refused_with_its_place(case: str) -> None:
    blueprint, program, reason = REFUSED[case]
    refusal = certified(blueprint)
    assert isinstance(refusal, Refusal), refusal
    assert refusal.program == program
    assert reason in refusal.reason


def test_a_reference_whose_output_depends_on_the_hash_seed_is_refused() -> None:
    # The brute force has the same fault: only a process with another seed shows it.
    same = "input()\nprint(max(map(int, input().split())))\nprint(*set('abcdefgh'), sep='')\n"
    done = default_sandbox().run(Program("python", same), b"1\n1\n")
    refusal = certified(
        changed(reference=same, brute=same, equivalent={}), [Test("1\n1\n", done.stdout.decode(), "small")]
    )
    assert isinstance(refusal, Refusal)
    assert "not deterministic" in refusal.reason


@pytest.mark.slow
def test_a_slow_reference_is_refused() -> None:
    burn = "import time\nstart = time.process_time()\nwhile time.process_time() - start < 0.2: pass\n"
    slow = "s = open(0).read().split()\n" + f"if len(s) > 9000:\n    exec({burn!r})\n" + "print(max(map(int, s[1:])))\n"
    refusal = certified(changed(reference=slow, equivalent={}))
    assert isinstance(refusal, Refusal)
    assert "at most 0.10 s are allowed" in refusal.reason


def test_tests_that_reject_too_little_are_refused() -> None:
    refusal = certified(Largest, TESTS[:1])
    assert isinstance(refusal, Refusal)
    assert "not rejected by two tests" in refusal.reason


def test_a_test_with_another_answer_is_refused() -> None:
    refusal = certified(Largest, [dataclasses.replace(TESTS[0], output="8\n")])
    assert isinstance(refusal, Refusal)
    assert "not the one of the test" in refusal.reason


# -- parts ------------------------------------------------------------------------------------------------------------


def test_a_batch_tells_how_programs_end() -> None:
    sources = [
        "print(input())",
        "print(7)",
        "1 / 0",
        "while True: pass",
        "print(open(0).read())",
        "import sys; sys.exit(3)",
    ]
    runs = run_batch(default_sandbox(), sources, ["1\n", "7\n"], ["1\n", "7\n"], budgets=[1000, 1000])
    assert [run.codes for run in runs] == ["..", "W.", "RR", "TT", "..", "RR"]


def test_a_batch_goes_on_after_a_program_that_ends_the_process() -> None:
    runs = run_batch(default_sandbox(), ["import os; os._exit(0)", "print(1)"] * 3, ["\n"], ["1\n"])
    assert [run.codes for run in runs] == ["T", "."] * 3


def test_programs_of_a_batch_do_not_see_each_other() -> None:
    counts = "import sys\nsys.setrecursionlimit(50)\ntry:\n    x += 1\nexcept NameError:\n    x = 1\nprint(x)\n"
    deep = "def f(n):\n    return n and 1 + f(n - 1)\nprint(f(200))\n"
    runs = run_batch(default_sandbox(), [counts, deep] * 4, ["", ""], outputs=True)
    assert {run.outputs for run in runs} == {("1\n", "1\n"), ("200\n", "200\n")}


def test_a_batch_compares_floats_as_the_problem_says() -> None:
    floats = Comparison("floats", absolute=1e-3)
    runs = run_batch(default_sandbox(), ["print(0.5001)", "print(0.6)"], [""], ["0.5\n"], comparison=floats)
    assert [run.codes for run in runs] == [".", "W"]


def test_after_enough_failures_the_rest_is_not_run() -> None:
    (run,) = run_batch(default_sandbox(), ["print(0)"], ["1", "2", "3"], ["0", "1", "1"], enough=1)
    assert run.codes == ".W-"


def test_the_same_key_makes_the_same_input() -> None:
    keys = [Key("random", 5, 3, 1), Key("hack", "the last", 2, 1), Key("worst", 0, 1, 1), Key("small", 0, 40)]
    first = [key.make(Largest) for key in keys]
    assert first == [key.make(Largest) for key in keys]
    assert first != [dataclasses.replace(key, seed=2, number=key.number ^ 1).make(Largest) for key in keys]
    assert [made.text for made in make(Largest, [*keys, *keys])] == first
    with pytest.raises(LookupError):
        Key("worst", number=7).make(Largest)


def test_few_tests_that_reject_every_program_twice_are_chosen() -> None:
    kills = [{1}, {2}, {1, 2, 3}, {3}, {1, 2}, {3, 4}, {4}, set(), set()]
    tests = [Candidate("small", "1", 5 + i, frozenset(kill)) for i, kill in enumerate(kills)]
    chosen = choose([*tests, Candidate("worst", "2", 999, frozenset(), True)])
    assert chosen[0] == 2  # rejects most
    assert chosen[-1] == 9  # the worst case comes last
    assert all(sum(program in kills[i] for i in chosen if i < 9) >= 2 for program in (1, 2, 3, 4))


# -- other people's problems ------------------------------------------------------------------------------------------


def record(**changes: Any) -> Record:
    problem = assemble("x/largest", Largest, [], TESTS)
    whole = Record(
        problem, (Program("python", Largest.reference),), tuple(Program("python", s) for s in Largest.wrong.values())
    )
    return dataclasses.replace(whole, **changes)


@pytest.mark.slow
def test_a_record_is_certified_by_its_own_programs() -> None:
    outcome = synthesis.certify_record(record(), default_sandbox())
    assert isinstance(outcome, Certified), outcome
    assert (outcome.certificate.tpr, outcome.certificate.tnr) == (1.0, 1.0)
    assert outcome.certificate.mutants > 5
    assert outcome.certificate.score > 0.8


@pytest.mark.slow
def test_a_record_is_refused_with_the_program_at_fault() -> None:
    refusals = [
        synthesis.certify_record(each, default_sandbox())
        for each in (
            record(right=()),
            record(right=(*record().right, Program("python", "print(1)"))),
            record(wrong=(Program("python", Largest.brute),)),
            record(problem=dataclasses.replace(record().problem, tests=tuple(TESTS[:1]))),
        )
    ]
    assert all(isinstance(each, Refusal) for each in refusals)
    reasons = [str(each) for each in refusals]
    for reason, expected in zip(reasons, ("no right program", "right 2", "wrong 1", "wrong 2"), strict=True):
        assert expected in reason
