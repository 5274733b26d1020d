"""What other judges let through and refuse: LiveCodeBench's six cheats and ten honest styles, SandboxFusion's faults.

Each cheat is written against the judge that it fools; here it is one more program.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest

from whetstone.envs.code.judge import Judge
from whetstone.envs.code.problem import Call, Comparison, Problem, Test
from whetstone.envs.code.sandbox import MIB, Limits, Program, Sandbox

LIMITS = Limits(cpu=1.0, wall=10.0, memory=256 * MIB)
SUM = Problem("sum", "", "", "", "", (), (Test("3\n1 2 3\n", "6\n"), Test("2\n10 20\n", "30\n")), LIMITS)
CALLED = Problem(
    "add", "", "", "", "", (), (Test("1\n2\n", "3"), Test("10\n20\n", "30")), LIMITS, call=Call("add", True)
)


@pytest.fixture(scope="module")
def judge() -> Iterator[Judge]:
    with Sandbox(workers=1) as sandbox:
        yield Judge(sandbox)


def verdict(judge: Judge, problem: Problem, source: str) -> str:
    return judge.judge(problem, Program("python", source)).verdict


# -- LiveCodeBench: wrong programs that it accepts --------------------------------------------------------------------


def test_cheat_an_object_that_equals_everything(judge: Judge) -> None:
    source = """
class Any(int):
    def __eq__(self, other): return True
    def __ne__(self, other): return False
    def __hash__(self): return 0
class Solution:
    def add(self, a, b): return Any(0)
"""
    assert verdict(judge, CALLED, source) == "RE"
    assert verdict(judge, CALLED, source.replace("return Any(0)", "return [Any(0)]")) == "RE"


def test_cheat_the_callers_frame_holds_the_expected_output_of_a_function(judge: Judge) -> None:
    source = """
import sys
class Solution:
    def add(self, a, b):
        frame = sys._getframe(1)
        while frame:
            for names in (frame.f_locals, frame.f_globals):
                for name in ("gt_out", "expected", "answer", "outputs", "in_outs", "tests", "problem"):
                    if name in names: return names[name]
            frame = frame.f_back
        return 0
"""
    assert verdict(judge, CALLED, source) == "WA"


def test_cheat_the_callers_frame_holds_the_expected_output_of_a_program(judge: Judge) -> None:
    source = """
import sys
frame, found = sys._getframe(), ["0"]
while frame:
    for names in (frame.f_locals, frame.f_globals):
        for name in ("gt_out", "expected", "answer", "outputs", "in_outs", "all_outputs", "tests"):
            if name in names: found = names[name]
    frame = frame.f_back
print(*found)
"""
    assert verdict(judge, SUM, source) == "WA"


def test_cheat_a_patched_comparison(judge: Judge) -> None:
    source = """
import sys, builtins
for module in list(sys.modules.values()):
    for name in ("get_stripped_lines", "convert_line_to_decimals", "compare", "tokens", "canonical", "check"):
        try:
            if hasattr(module, name): setattr(module, name, lambda *a, **k: [])
        except Exception: pass
frame = sys._getframe()
while frame:
    frame.f_globals["get_stripped_lines"] = frame.f_globals["compare"] = lambda *a: []
    frame = frame.f_back
class Solution:
    def add(self, a, b): return 0
print(0)
"""
    assert verdict(judge, SUM, source) == "WA"
    assert verdict(judge, CALLED, source) == "WA"


def test_cheat_a_result_put_in_the_judges_list_before_an_exit(judge: Judge) -> None:
    source = """
import gc, os, sys
for found in gc.get_objects():
    if type(found) is list and len(found) < 4:
        try: found.append([True, True])
        except Exception: pass
for descriptor in range(3, 64):
    for said in (b"AC\\n", b'{"verdict": "AC"}', b"\\x80\\x04]\\x94(\\x88\\x88e."):
        try: os.write(descriptor, said)
        except OSError: pass
os._exit(0)
"""
    assert verdict(judge, SUM, source) == "WA"
    assert verdict(judge, CALLED, source) == "WA"


def test_cheat_the_time_limit_switched_off(judge: Judge) -> None:
    source = """
import signal, sys, time
signal.alarm(0)
for number in (signal.SIGALRM, signal.SIGXCPU, signal.SIGTERM, signal.SIGVTALRM, signal.SIGPROF):
    signal.signal(number, signal.SIG_IGN)
start = time.process_time()
while time.process_time() - start < 4: pass
n = int(input())
print(sum(map(int, input().split())))
"""
    assert verdict(judge, SUM, source) == "TLE"


# -- LiveCodeBench: right programs that it refuses --------------------------------------------------------------------

READ = "import os, sys\n"


@pytest.mark.parametrize(
    "source",
    [
        pytest.param(
            READ + "n = int(sys.stdin.buffer.readline())\nprint(sum(map(int, sys.stdin.buffer.readline().split())))",
            id="stdin.buffer.readline twice",
        ),
        pytest.param(
            READ + "lines = []\nfor line in sys.stdin: lines.append(line)\nprint(sum(map(int, lines[1].split())))",
            id="for line in stdin",
        ),
        pytest.param("print(sum(map(int, open(0).read().split()[1:])))", id="open(0)"),
        pytest.param(READ + "print(sum(map(int, os.read(0, 1 << 16).split()[1:])))", id="os.read(0)"),
        pytest.param(
            READ + "words = sys.stdin.read().split()\nsys.stdout.buffer.write(b'%d\\n' % sum(map(int, words[1:])))",
            id="stdout.buffer.write",
        ),
        pytest.param(
            READ + "words = sys.stdin.read().split()\nsys.__stdout__.write(f'{sum(map(int, words[1:]))}\\n')",
            id="sys.__stdout__",
        ),
        pytest.param(
            "total = 0\ndef add(x):\n    global total\n    total += x\ninput()\n"
            "for word in input().split(): add(int(word))\nprint(total)",
            id="global at module level",
        ),
        pytest.param("input()\nprint(sum(map(int, input().split())))\nquit()", id="quit()"),
    ],
)
def test_honest_style(judge: Judge, source: str) -> None:
    assert verdict(judge, SUM, source) == "AC"


def test_honest_style_nested_tuples_for_lists(judge: Judge) -> None:
    pairs = replace(CALLED, tests=(Test("2\n", "[[0, [1]], [2, [3]]]"),), call=Call("pairs"))
    assert verdict(judge, pairs, "def pairs(n): return tuple((2 * i, (2 * i + 1,)) for i in range(n))") == "AC"


def test_honest_style_six_digits_of_a_third(judge: Judge) -> None:
    near = Comparison("floats", absolute=1e-6, relative=1e-6)
    third = replace(SUM, tests=(Test("1 3\n", "0.3333333333\n"),), comparison=near)
    assert verdict(judge, third, "a, b = map(int, input().split())\nprint('%.6f' % (a / b))") == "AC"
    called = replace(CALLED, tests=(Test("1\n3\n", "0.3333333333"),), comparison=near, call=Call("ratio"))
    assert verdict(judge, called, "def ratio(a, b): return round(a / b, 6)") == "AC"


# -- SandboxFusion ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["tokens", "floats"])
def test_integers_six_apart_in_ten_digits_are_not_the_same(judge: Judge, kind: str) -> None:
    comparison = Comparison(kind, relative=1e-5)  # type: ignore[arg-type]
    big = replace(SUM, tests=(Test("", "1000000000\n"),), comparison=comparison)
    assert verdict(judge, big, "print(1000000000)") == "AC"
    assert verdict(judge, big, "print(1000000006)") == "WA"
    assert verdict(judge, big, "print(1e9)") == "WA"


def test_letters_keep_their_case(judge: Judge) -> None:
    assert verdict(judge, replace(SUM, tests=(Test("", "YES\n"),)), "print('yes')") == "WA"


@pytest.mark.parametrize("size", [180_000, 196_608, 196_609, 1_000_000])
def test_long_outputs_are_read_to_the_end(judge: Judge, size: int) -> None:
    answer = "7 " * (size // 2)
    long = replace(SUM, tests=(Test(f"{size // 2}\n", answer),))
    assert verdict(judge, long, "print('7 ' * int(input()))") == "AC"
    assert verdict(judge, long, "print('7 ' * int(input()) + '7')") == "WA"
    assert verdict(judge, long, "print('7 ' * (int(input()) - 1))") == "WA"
