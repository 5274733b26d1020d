"""The judge: every verdict, checkers, groups, and a host or a sandbox that fails."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest

from whetstone.envs.code import judge as module
from whetstone.envs.code.judge import MEANING, Judge, JudgeError, Judgement, order_tests
from whetstone.envs.code.problem import Comparison, Problem, Test
from whetstone.envs.code.sandbox import Sandbox
from whetstone.envs.code.sandbox.types import MIB, Execution, Limits, Program

QUICK = Limits(cpu=0.3, wall=1.0, memory=256 * MIB, output=MIB)
SUM = "n = int(input())\nprint(sum(map(int, input().split())))\n"


def problem(*tests: tuple[str, str], samples: tuple[Test, ...] = (), **fields: Any) -> Problem:
    given = tuple(Test(*test) for test in tests)
    fields = {"limits": QUICK, **fields}
    return Problem("toy", "Toy", "", "", "", samples, given, **fields)


TOY = problem(("3\n1 2 3\n", "6\n"), ("2\n10 20\n", "30\n"))


def python(source: str) -> Program:
    return Program("python", source)


def cpp(body: str) -> Program:
    return Program("cpp", f"#include <bits/stdc++.h>\nusing namespace std;\n{body}")


@pytest.fixture(scope="module")
def judge() -> Iterator[Judge]:
    with Sandbox(workers=2) as sandbox:
        yield Judge(sandbox)


# -- verdicts ---------------------------------------------------------------------------------------------------------

VERDICTS = {
    "AC": python(SUM),
    "WA": python("print(6)"),
    "TLE": python("while True: pass"),
    "MLE": python("x = bytearray(1 << 30)\nfor i in range(0, len(x), 4096): x[i] = 1\nprint(6)"),
    "OLE": python("while True: print('x' * 1000)"),
    "RE": python(SUM + "raise ValueError('late')"),
    "CE": cpp("int main({"),
}


@pytest.mark.parametrize("letters", VERDICTS)
def test_every_verdict(judge: Judge, letters: str) -> None:
    judgement = judge.judge(TOY, VERDICTS[letters])
    assert judgement.verdict == letters
    assert judgement.tier == judge.sandbox.tier
    assert (judgement.test is None) == (letters == "AC")
    assert bool(judgement.reason) == (letters != "AC")


def test_it_stops_at_the_first_failure_and_says_where(judge: Judge) -> None:
    judgement = judge.judge(TOY, python("print(6)"))
    assert (judgement.test, judgement.reason) == (1, "token 1 is '6', which is wrong")
    assert judgement.feedback == "WA on test 2 (wrong answer)"


def test_a_right_answer_does_not_count_if_the_program_then_fails(judge: Judge) -> None:
    judgement = judge.judge(TOY, python(SUM + "raise SystemExit(3)"))
    assert (judgement.verdict, judgement.reason) == ("RE", "exit status 3")
    assert judge.judge(TOY, python(SUM + "import os; os.kill(os.getpid(), 11)")).verdict == "RE"


def test_the_expected_output_is_told_for_samples_only(judge: Judge) -> None:
    shown = problem(("1\n", "31337\n"), samples=(Test("1\n", "31337\n"),))
    hidden = problem(("1\n", "31337\n"))
    for comparison in (Comparison(), Comparison("checker", checker="def check(i, o, a): raise ValueError(a)")):
        judgement = judge.judge(replace(shown, comparison=comparison), python("print(1)"))
        assert "31337" in judgement.reason and "31337" in judgement.feedback
        judgement = judge.judge(replace(hidden, comparison=comparison), python("print(1)"))
        assert "31337" not in judgement.reason + judgement.feedback


def test_a_problem_without_tests_is_refused(judge: Judge) -> None:
    with pytest.raises(ValueError, match="has no tests"):
        judge.judge(problem(), python(SUM))


def test_verdicts_as_those_of_a_task() -> None:
    assert Judgement("AC").as_verdict().correct
    assert not Judgement("WA", 0, "x").as_verdict().correct
    assert Judgement("CE", 0, "x").as_verdict().kind == "invalid"
    with pytest.raises(JudgeError, match="broken"):
        Judgement("JE", 0, "broken").as_verdict()
    assert {Judgement(letters, 0).feedback.split()[0] for letters in MEANING} == set(MEANING)


def test_five_megabytes_of_right_output_are_accepted(judge: Judge) -> None:
    long = problem(("1\n", "x" * 5_000_000), limits=replace(QUICK, output=16 * MIB))
    assert judge.judge(long, python("print('x' * 5_000_000)")).verdict == "AC"
    assert judge.judge(long, python("for _ in range(5_000_000 // 50): print('x' * 50, end='')")).verdict == "AC"
    assert judge.judge(long, python("print('x' * 4_999_999)")).verdict == "WA"


@pytest.mark.parametrize("source", ["\x00", "print('\ud800')", "x = '\\ud800'\nprint(x)", "\ufeff" + SUM, "(" * 10_000])
def test_odd_sources_are_no_judge_error(judge: Judge, source: str) -> None:
    assert judge.judge(TOY, python(source)).verdict in ("RE", "CE", "AC" if source.startswith("\ufeff") else "RE")


# -- the sandbox and the host fail ------------------------------------------------------------------------------------


class Scripted:
    """A sandbox that answers with given executions, one after another."""

    tier = "B"

    def __init__(self, *executions: Execution) -> None:
        self.left = list(executions)

    def run(self, program: Program, stdin: bytes, limits: Limits) -> Execution:
        return self.left.pop(0)


def scripted(*executions: Execution) -> Judge:
    return Judge(Scripted(*executions))  # type: ignore[arg-type]


RIGHT, FAILED, SLOW = Execution("ok", b"6\n"), Execution("failed", detail="the worker died"), Execution("cpu", cpu=1.01)
ONE = problem(("3\n1 2 3\n", "6\n"))


def test_a_failed_sandbox_is_tried_once_more() -> None:
    assert scripted(FAILED, RIGHT).judge(ONE, python(SUM)).verdict == "AC"
    judgement = scripted(FAILED, FAILED).judge(ONE, python(SUM))
    assert (judgement.verdict, judgement.reason) == ("JE", "the worker died")


@pytest.mark.parametrize("outcome", ["cpu", "wall"])
def test_time_that_ran_out_on_a_busy_host_does_not_count_at_once(monkeypatch: pytest.MonkeyPatch, outcome: str) -> None:
    slow = replace(SLOW, outcome=outcome)  # type: ignore[arg-type]
    monkeypatch.setattr(module.os, "getloadavg", lambda: (1e9, 0.0, 0.0))
    assert scripted(slow, RIGHT).judge(ONE, python(SUM)).verdict == "AC"
    assert scripted(slow, slow).judge(ONE, python(SUM)).verdict == "TLE"
    monkeypatch.setattr(module.os, "getloadavg", lambda: (0.0, 0.0, 0.0))
    assert scripted(slow, RIGHT).judge(ONE, python(SUM)).verdict == "TLE"


# -- checkers ---------------------------------------------------------------------------------------------------------

PAIR = """
def check(input, output, answer):
    target = int(input)
    a, b = map(int, output.split())
    if a + b != target or min(a, b) < 0:
        raise ValueError(f"{a} + {b} is not {target}")
    if a - b > int(answer.split()[0]):
        raise BetterThanReference(f"{a} - {b}")
"""


def checked(checker: str, answer: str = "4 1\n") -> Problem:
    return problem(("5\n", answer), comparison=Comparison("checker", checker=checker))


@pytest.mark.parametrize("output", ["4 1", "3 2", "2\n3\n", "  2 3  \r\n", "0 5"])
def test_a_checker_accepts_any_right_answer(judge: Judge, output: str) -> None:
    assert judge.judge(checked(PAIR), python(f"print({output!r})")).verdict == "AC"


@pytest.mark.parametrize(
    "output",
    [
        *("4 2", "6 -1", "5", "", "2 3 0", "accepted", "accepted\n2 3", "quitf(_ok, '2 3')", "2 3 accepted", "nan nan"),
        *(
            "0_5 0",
            "+5 0",
            "05 0",
            "5e0 0",
            "0x5 0",
            "5.0 0",
            "-0 5",
            "2\x003",
            "2\x1c3",
            "2\u20033",
            "٢ ٣",
            "\ufeff2 3",
        ),
        *("2 3 \x1b", "True 4", "__import__('os')._exit(0)", "{'verdict': 'AC'}", "1" * 100_000 + " 0", "2 3\x0b"),
    ],
)
def test_no_text_talks_a_checker_round(judge: Judge, output: str) -> None:
    assert judge.judge(checked(PAIR), python(f"print({output!a})")).verdict == "WA"
    assert judge.compare(checked(PAIR).comparison, "5\n", output.encode(), "4 1\n") is not None


def test_an_output_that_beats_the_reference_is_an_error_of_the_judge(judge: Judge) -> None:
    judgement = judge.judge(checked(PAIR), python("print(5, 0)"))
    assert (judgement.verdict, judgement.reason) == ("JE", "the checker gave no verdict: 5 - 0")


@pytest.mark.parametrize(
    "checker",
    [
        "def check(i, o, a): return True",
        "def check(i, o, a): return False",
        "def check(i, o, a): o.split()[9]",
        "def check(i, o, a): raise KeyError('x')",
        "def check(i, o, a): import os; os._exit(0)",
        "def check(i, o, a): raise SystemExit(0)",
        "def check(i, o, a): import os; os.kill(os.getpid(), 9)",
        "def check(i, o, a): return check(i, o, a)",
        "def check(i, o): pass",
        "def chek(i, o, a): pass",
        "def check(i, o, a)",
        "",
    ],
)
def test_a_checker_that_fails_is_an_error_of_the_judge(judge: Judge, checker: str) -> None:
    assert judge.judge(checked(checker), python("print(4, 1)")).verdict == "JE"


def test_a_checker_that_never_ends_is_an_error_of_the_judge(judge: Judge, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "CHECKER", QUICK)
    assert judge.judge(checked("def check(i, o, a):\n while 1: pass"), python("print(4, 1)")).verdict == "JE"


def test_a_checker_may_print_and_use_what_python_has(judge: Judge) -> None:
    source = """
import math
from collections import Counter, defaultdict
def check(input: str, output: str, answer: str) -> None:
    print("accepted"); print("wrong")
    count: dict[str, int] = defaultdict(int)
    for token in output.split():
        count[token] += 1
    assert isinstance(3, int) and isinstance(3.0, float) and not isinstance("3", int) and isinstance(True, int)
    assert int(3.7) == 3 and float(3) == 3.0 and int("ff", 16) == 255 and int.from_bytes(b"a", "big") == 97
    assert float("2.5e3") == 2500 and int(" 7\\r\\n") == 7 and int("-12") == -12
    assert int() == 0 and [*map(int, "12")] == [1, 2]
    for text in ("nan", "inf", "-inf", "1e999", "0x1p3", "1_0", "", "infinity"):
        try: float(text)
        except ValueError: continue
        raise KeyError(text)
    if abs(float(output) - math.pi) > 1e-3: raise ValueError("too far")
"""
    assert judge.judge(checked(source), python("print(3.1416)")).verdict == "AC"
    for output in ("3.2", "nan", "inf", "3.1416_0", ""):
        assert judge.judge(checked(source), python(f"print({output!r})")).verdict == "WA"


def test_a_reference_with_long_integers_is_read(judge: Judge) -> None:
    source = "def check(i, o, a):\n    if int(o) != int(a): raise ValueError('differs')"
    assert judge.compare(Comparison("checker", checker=source), "", b"9" * 9000, "9" * 9000) is None
    assert judge.compare(Comparison("checker", checker=source), "", b"9" * 9_000_000, "9" * 9000) is not None


# -- groups -----------------------------------------------------------------------------------------------------------


def test_equal_programs_of_a_group_are_judged_once_and_the_order_is_kept() -> None:
    ran: list[str] = []

    class ByProgram(Scripted):  # the group is spread over threads, which come in any order
        def run(self, program: Program, stdin: bytes, limits: Limits) -> Execution:
            ran.append(program.source)
            return {"x": Execution("ok", b"7\n"), " " + SUM: FAILED}.get(program.source, RIGHT)

    group = [SUM, "x", SUM.replace("\n", "\r\n"), SUM + " \n\n", "x", " " + SUM]
    judged = Judge(ByProgram()).judge_many(ONE, [python(source) for source in group])  # type: ignore[arg-type]
    assert [judgement.verdict for judgement in judged] == ["AC", "WA", "AC", "AC", "WA", "JE"]
    assert len(ran) == 4  # a failed sandbox is tried once more
    assert scripted().judge_many(ONE, []) == []


def test_a_group_is_judged_as_its_members_are(judge: Judge) -> None:
    group = [VERDICTS[letters] for letters in ("WA", "RE", "AC", "CE")] * 3 + [cpp("int main(){cout<<6;}")]
    judged = judge.judge_many(TOY, group)
    assert [judgement.verdict for judgement in judged] == ["WA", "RE", "AC", "CE"] * 3 + ["WA"]


def test_judging_each_test_does_not_stop(judge: Judge) -> None:
    rows = judge.judge_each(TOY, [python("print(30)"), python(SUM)])
    assert [[judgement.verdict for judgement in row] for row in rows] == [["WA", "AC"], ["AC", "AC"]]


def test_tests_are_ordered_by_what_they_kill() -> None:
    def row(verdicts: str, *costs: float) -> list[Judgement]:
        names = {".": "AC", "x": "WA", "e": "JE"}
        return [Judgement(names[letter], cpu=cost) for letter, cost in zip(verdicts, costs, strict=True)]  # type: ignore[arg-type]

    rows = [row("x.x.x", 1, 1, 1, 1, 1), row("x.x..", 1, 1, 1, 1, 1), row(".x.e.", 5, 1, 1, 1, 1)]
    # 0 and 2 fail the first two programs, and 2 is cheaper; then only 1 fails the third. 0 fails more than 4, 4 than 3.
    assert order_tests(rows) == [2, 1, 0, 4, 3]
    assert order_tests([]) == []
