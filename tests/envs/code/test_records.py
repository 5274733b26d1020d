"""Public record formats, read from small files with the same columns."""

from __future__ import annotations

import base64
import json
import os
import pickle
import zlib
from pathlib import Path
from typing import Any

import pyarrow
import pytest
from pyarrow import parquet

from whetstone.envs.code.columns import adapted, tolerance, unpacked
from whetstone.envs.code.default import default_judge
from whetstone.envs.code.formats import FORMATS, Record
from whetstone.envs.code.problem import Call, Comparison, Problem, Test
from whetstone.envs.code.records import Records, Rejected
from whetstone.envs.code.sandbox import Program

SUM = "input()\nprint(sum(map(int, input().split())))\n"


def code_contests(**changes: Any) -> dict[str, Any]:
    row = {
        "name": "1_A. Sum",
        "description": "Add n numbers.",
        "public_tests": {"input": ["2\n1 2\n"], "output": ["3\n"]},
        "private_tests": {"input": ["1\n5\n"], "output": ["5\n"]},
        "generated_tests": {"input": ["3\n1 1 1\n", "1\n5\n"], "output": ["3\n", "5\n"]},
        "source": 2,
        "difficulty": 7,
        "solutions": {"language": [3, 1, 2, 4], "solution": [SUM, "print 1", "int main() {}", "class A {}"]},
        "incorrect_solutions": {"language": [3], "solution": ["print(3)"]},
        "cf_rating": 1400,
        "cf_tags": ["math"],
        "time_limit": {"seconds": 1, "nanos": 500000000},
        "memory_limit_bytes": 256000000,
        "input_file": "",
        "output_file": "",
    }
    return row | changes


def taco(**changes: Any) -> dict[str, Any]:
    row = {
        "question": "Add n numbers.",
        "solutions": json.dumps([SUM, "print 1"]),
        "starter_code": "",
        "input_output": json.dumps({"inputs": ["2\n1 2\n", "1\n5\n"], "outputs": ["3\n", "5\n"]}),
        "difficulty": "MEDIUM",
        "name": "Sum",
        "tags": "['Mathematics', 'Implementation']",
        "time_limit": "2.5 seconds",
        "memory_limit": "128.0 megabytes",
    }
    return row | changes


def apps(**changes: Any) -> dict[str, Any]:
    row = {
        "problem_id": 7,
        "question": "Reverse a list.",
        "solutions": json.dumps(["class Solution:\n    def turn(self, a):\n        return a[::-1]\n"]),
        "input_output": json.dumps({"fn_name": "turn", "inputs": [[[1, 2]], [[]]], "outputs": [[[2, 1]], [[]]]}),
        "difficulty": "interview",
        "url": "",
        "starter_code": "class Solution:\n    def turn(self, a):\n        ",
    }
    return row | changes


def packed(value: Any) -> str:
    return base64.b64encode(zlib.compress(pickle.dumps(value))).decode()


def live(kind: str = "stdin", **changes: Any) -> dict[str, Any]:
    row = {
        "question_title": "Sum",
        "question_content": "Add n numbers.",
        "platform": "atcoder",
        "question_id": "abc1_a",
        "contest_id": "abc1",
        "contest_date": "2025-01-01T00:00:00",
        "starter_code": "",
        "difficulty": "easy",
        "public_test_cases": json.dumps([{"input": "2\n1 2", "output": "3", "testtype": kind}]),
        "private_test_cases": packed(json.dumps([{"input": "1\n5", "output": "5", "testtype": kind}])),
        "metadata": "{}",
    }
    return row | changes


def codeforces(**changes: Any) -> dict[str, Any]:
    row = {
        "id": "1/A",
        "title": "Halves",
        "time_limit": 2.0,
        "memory_limit": 256.0,
        "description": "Write n as a sum of two numbers.",
        "input_format": "The number n.",
        "output_format": "Two numbers.",
        "interaction_format": None,
        "note": "Mind the zero.",
        "examples": [{"input": "4", "output": "1 3"}],
        "official_tests": [{"input": "4", "output": "1 3"}, {"input": "9", "output": "4 5"}],
        "official_tests_complete": True,
        "input_mode": "stdio",
        "generated_checker": None,
        "rating": 800,
        "tags": ["constructive"],
    }
    return row | changes


ROWS = {"code_contests": code_contests, "taco": taco, "apps": apps, "live_code_bench": live, "codeforces": codeforces}


def one(format: str, row: dict[str, Any]) -> Record:
    return Records.of_rows([row], format)[0]


def why(format: str, row: dict[str, Any]) -> str:
    with pytest.raises(ValueError, match="row 1: ") as raised:
        Records.of_rows([row], format)
    return str(raised.value)


def test_code_contests() -> None:
    record = one("code_contests", code_contests())
    problem = record.problem
    assert [test.input for test in problem.samples] == ["2\n1 2\n"]
    assert [(test.input, test.kind) for test in problem.tests] == [
        ("2\n1 2\n", "sample"),
        ("1\n5\n", "given"),
        ("3\n1 1 1\n", "given"),
    ]
    assert (problem.limits.cpu, problem.limits.memory) == (1.5, 256_000_000)
    assert (problem.level, problem.topics, problem.comparison.kind) == (3, ("math",), "tokens")
    assert [program.language for program in record.right] == ["python", "cpp"]  # neither Python 2 nor Java
    assert record.wrong == (Program("python", "print(3)"),)


def test_taco() -> None:
    record = one("taco", taco())
    assert (record.problem.limits.cpu, record.problem.limits.memory) == (2.5, 128 << 20)
    assert record.problem.topics == ("Mathematics", "Implementation")
    assert (record.problem.title, record.problem.level, len(record.right)) == ("Sum", 4, 1)


def test_apps_in_call_style_is_judged() -> None:
    record = one("apps", apps())
    assert record.problem.call == Call("turn", method=True)
    assert record.problem.tests == (Test("[1, 2]\n", "[2, 1]", "given"), Test("[]\n", "[]", "given"))
    assert default_judge().judge(record.problem, record.right[0]).verdict == "AC"
    bare = apps(input_output=json.dumps({"fn_name": "f", "inputs": [[1], [2]], "outputs": [2, [3]]}), starter_code="")
    problem = one("apps", bare).problem
    assert (problem.call, [test.output for test in problem.tests]) == (Call("f"), ["2", "[3]"])


def test_apps_gives_lines_as_lists_too() -> None:
    lines = apps(input_output=json.dumps({"inputs": [["2", "1 2"]], "outputs": [["3"]]}), starter_code="")
    assert one("apps", lines).problem.tests == (Test("2\n1 2\n", "3\n", "given"),)


def test_live_code_bench_stdin_and_functional() -> None:
    problem = one("live_code_bench", live()).problem
    assert [(test.input, test.kind) for test in problem.tests] == [("2\n1 2", "sample"), ("1\n5", "given")]
    assert problem.limits.cpu == 6.0
    assert default_judge().judge(problem, Program("python", SUM)).verdict == "AC"
    called = live(
        "functional",
        public_test_cases=json.dumps([{"input": '"ab"\n2', "output": '"abab"', "testtype": "functional"}]),
        private_test_cases=json.dumps([{"input": '"x"\n3', "output": '"xxx"', "testtype": "functional"}]),
        metadata=json.dumps({"func_name": "times"}),
        starter_code="class Solution:\n    def times(self, s: str, n: int) -> str:\n        ",
    )
    problem = one("live_code_bench", called).problem
    assert problem.call == Call("times", method=True)
    assert "def times" in problem.statement
    program = Program("python", "class Solution:\n    def times(self, s, n):\n        return s * n\n")
    assert default_judge().judge(problem, program).verdict == "AC"


class Calls:
    """Unpickled as usual, it makes a folder."""

    def __init__(self, folder: str) -> None:
        self.folder = folder

    def __reduce__(self) -> Any:
        return os.mkdir, (self.folder,)


@pytest.mark.parametrize("protocol", range(pickle.HIGHEST_PROTOCOL + 1))
def test_packed_tests_never_call_anything(tmp_path: Path, protocol: int) -> None:
    data = pickle.dumps(Calls(str(tmp_path / "made")), protocol)
    text = base64.b64encode(zlib.compress(data)).decode()
    with pytest.raises(ValueError, match="mkdir"):
        unpacked(text)
    assert not (tmp_path / "made").exists()
    assert unpacked(base64.b64encode(zlib.compress(pickle.dumps("[]", protocol))).decode()) == "[]"


@pytest.mark.parametrize(
    "text",
    ["!", "aGVsbG8=", packed([1]), packed(1)]
    + [
        base64.b64encode(zlib.compress(data)).decode()
        for data in (b"", b"\x80", b"cos\nsystem\n(S'true'\ntR.", b"(lp0\n.")
    ],
)
def test_packed_tests_of_another_form_are_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"pickled|base64|system"):
        unpacked(text)


CHECKER = """
import sys
n = int(open(sys.argv[1]).read())
found = open(sys.argv[3]).read().split()
print(1 if len(found) == 2 and sum(map(int, found)) == n else 0)
"""


def test_codeforces_keeps_its_checker() -> None:
    problem = one("codeforces", codeforces(generated_checker=CHECKER, output_format="Print any of them.")).problem
    assert (problem.limits.cpu, problem.limits.memory, problem.level) == (2.0, 256 << 20, 1)
    assert problem.input_format == "The number n."
    assert len(problem.tests) == 2
    halves = Program("python", "n = int(input())\nprint(n // 2, n - n // 2)\n")
    assert default_judge().judge(problem, halves).verdict == "AC"
    assert default_judge().judge(problem, Program("python", "print(1, 2)")).verdict == "WA"
    broken = one("codeforces", codeforces(generated_checker="print('maybe')")).problem
    assert default_judge().judge(broken, halves).verdict == "JE"


def test_an_adapted_checker_says_no_by_value_error() -> None:
    checker: dict[str, Any] = {}
    exec(adapted(CHECKER), checker)
    checker["check"]("5", "2 3", "1 4")
    with pytest.raises(ValueError, match="says 0"):
        checker["check"]("5", "2 2", "1 4")


@pytest.mark.parametrize(
    ("text", "absolute", "relative"),
    [
        ("Your answer may have an absolute or relative error of at most 10^{-6}.", 1e-6, 1e-6),
        ("if its absolute or relative error does not exceed 10^-9", 1e-9, 1e-9),
        ("Answers within 1e-4 absolute error are accepted.", 1e-4, 0.0),
        ("with an error of at most 0.001", 1e-3, 0.0),
        ("the relative or absolute error must be at most 10\u22126", 1e-6, 1e-6),
    ],
)
def test_a_stated_tolerance_is_read(text: str, absolute: float, relative: float) -> None:
    found = tolerance(f"There are 5 numbers. {text} Good luck.", [Test("1", "0.5\n")])
    assert (found.kind, found.absolute, found.relative) == (
        "floats",
        pytest.approx(absolute, rel=1e-12),
        pytest.approx(relative, rel=1e-12),
    )


def test_integers_and_unstated_floats_stay_exact() -> None:
    assert tolerance("an error of at most 10^-6 is accepted", [Test("1", "5\n")]) == Comparison()
    assert tolerance("Print the mean with two digits.", [Test("1", "0.50\n")]) == Comparison()
    with pytest.raises(ValueError, match="in a form"):
        tolerance("A small absolute error is fine.", [Test("1", "0.5")])


REJECTED = [
    ("code_contests", code_contests(input_file="sum.in"), "file"),
    (
        "code_contests",
        code_contests(private_tests={"input": [], "output": []}, generated_tests=None),
        "no hidden tests",
    ),
    ("code_contests", code_contests(generated_tests={"input": ["1\n5\n"], "output": ["6\n"]}), "different outputs"),
    ("code_contests", code_contests(description="If there are several answers, print any of them."), "no checker"),
    ("code_contests", code_contests(description=" "), "description"),
    ("code_contests", code_contests(description="Find <image> modulo 7."), "lost a picture"),
    ("code_contests", code_contests(public_tests=3), "TypeError"),
    ("taco", taco(time_limit="soon"), "time_limit"),
    ("taco", taco(input_output="{"), "input_output"),
    ("taco", taco(input_output=json.dumps({"inputs": ["1"], "outputs": []})), "as many"),
    ("apps", apps(input_output=""), "input_output"),
    ("live_code_bench", live("interactive"), "interactive"),
    ("live_code_bench", live("functional"), "func_name"),
    ("live_code_bench", live(private_test_cases=packed({"input": 1})), "pickled text"),
    ("codeforces", codeforces(interaction_format="Ask questions."), "interactive"),
    ("codeforces", codeforces(official_tests_complete=False), "not complete"),
    ("codeforces", codeforces(input_mode="file"), "file"),
    ("codeforces", codeforces(description="Output any valid pair."), "no checker"),
    ("codeforces", codeforces(official_tests=None), "no hidden tests"),
]


@pytest.mark.parametrize(("format", "row", "reason"), REJECTED)
def test_a_row_that_cannot_be_used_is_rejected_with_the_reason(format: str, row: dict[str, Any], reason: str) -> None:
    assert reason in why(format, row)


def test_rejected_rows_are_listed_by_number() -> None:
    records = Records.of_rows([taco(), taco(time_limit="soon"), taco(question="")], "taco")
    assert len(records) == 1
    assert [each.row for each in records.rejected] == [2, 3]
    assert isinstance(records.rejected[0], Rejected)
    assert len(Records.of_rows([taco(), taco(name="Other")], "taco", limit=1)) == 1


@pytest.mark.parametrize("format", FORMATS)
def test_files_of_both_kinds_hold_the_same_records(tmp_path: Path, format: str) -> None:
    row = ROWS[format]()
    (tmp_path / "rows.jsonl").write_text(json.dumps(row) + "\n")
    parquet.write_table(pyarrow.Table.from_pylist([row]), tmp_path / "rows.parquet")
    lines = Records.read(tmp_path / "rows.jsonl", format)
    assert lines == Records.read(tmp_path / "rows.parquet", format)
    problem = lines[0].problem
    assert Problem.from_json(problem.to_json()) == problem


def test_unknown_names_are_answered_with_near_ones() -> None:
    with pytest.raises(ValueError, match="did you mean code_contests"):
        Records.load("code_contest")
    with pytest.raises(ValueError, match="has the splits train, test, not 'valid'"):
        Records.load("taco", split="valid")
