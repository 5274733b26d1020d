"""Functions that the judge calls, and dialogues that an interactor leads."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest

from whetstone.envs.code.harness.call import canonical
from whetstone.envs.code.judge import Judge, called
from whetstone.envs.code.problem import Call, Comparison, Problem, Test
from whetstone.envs.code.sandbox import MIB, Limits, Program, Sandbox

QUICK = Limits(cpu=0.3, wall=1.0, memory=256 * MIB, output=MIB)


def problem(*tests: tuple[str, str], **fields: Any) -> Problem:
    return Problem("toy", "Toy", "", "", "", (), tuple(Test(*test) for test in tests), QUICK, **fields)


def python(source: str) -> Program:
    return Program("python", source)


def cpp(body: str) -> Program:
    return Program("cpp", f"#include <bits/stdc++.h>\nusing namespace std;\n{body}")


@pytest.fixture(scope="module")
def judge() -> Iterator[Judge]:
    with Sandbox(workers=2) as sandbox:
        yield Judge(sandbox)


# -- functions --------------------------------------------------------------------------------------------------------

EVERYWHERE = """
import os
def f(a, b):
    for descriptor in range(64):
        try: os.write(descriptor, b"[ 4 , 5 ]")
        except OSError: pass
"""


def function(*tests: tuple[str, str], name: str = "f", method: bool = False, **fields: Any) -> Problem:
    return problem(*tests, call=Call(name, method), **fields)


ADD = function(("[1, 2]\n3\n", "[4, 5]"), ("[]\n0\n", "[]"))


@pytest.mark.parametrize(
    "source",
    [
        "def f(a, b): return [x + b for x in a]",
        "def f(a, b): return tuple(x + b for x in a)",
        "def f(a, b):\n    print('[9]')\n    return [x + b for x in a]",
        "import sys\ndef f(a, b):\n    sys.stdout.write('x')\n    sys.stdout.close()\n    return [x + b for x in a]",
        "import json\njson.dumps = json.loads = None\ndef f(a, b): return [x + b for x in a]",
        "def f(a: List[int], b: int) -> List[int]: return list(map(partial(operator.add, b), a))",
        "if __name__ == '__main__': raise SystemExit(1)\nf = lambda a, b: [x + b for x in a]",
        "def f(a, b): return [pow(x + b, 1, 100) for x in a]",
    ],
)
def test_a_right_function_is_accepted(judge: Judge, source: str) -> None:
    assert judge.judge(ADD, python(source)).verdict == "AC"


@pytest.mark.parametrize(
    ("source", "verdict"),
    [
        ("def f(a, b): return [4, 5]", "WA"),
        ("def f(a, b): return None", "WA"),
        ("def f(a, b): return [float(x + b) for x in a] or [0]", "WA"),
        ("def f(a, b): return '[4, 5]'", "WA"),
        ("def f(a, b): print('[ 4 , 5 ]')", "WA"),
        (EVERYWHERE, "WA"),
        ("def f(a, b): __import__('os')._exit(0)", "WA"),
        ("def f(a, b): raise SystemExit(0)", "WA"),
        ("import sys\nsys.exit(0)", "WA"),
        ("def f(a, b): return {x + b for x in a}", "RE"),
        ("def f(a, b): return (x for x in a)", "RE"),
        ("class L(list):\n    __eq__ = lambda s, o: True\ndef f(a, b): return L()", "RE"),
        ("class I(int):\n    __repr__ = __str__ = lambda s: '[ 4 , 5 ]'\ndef f(a, b): return I(3)", "RE"),
        ("class S(str):\n    __eq__ = lambda s, o: True\n    __hash__ = None\ndef f(a, b): return S()", "RE"),
        ("def f(a, b): l = []; l.append(l); return l", "RE"),
        ("def f(a): return a", "RE"),
        ("def g(a, b): return [4, 5]", "RE"),
        ("f = 3", "RE"),
        ("def f(a, b", "RE"),
        ("def f(a, b): 1 / 0", "RE"),
        ("def f(a, b): sys._getframe(1).f_locals['result'] = 1; return [4, 5]", "WA"),
        ("import __main__\n__main__.canonical = lambda *a: '[ ]'\ndef f(a, b): return [0]", "WA"),
        ("def f(a, b):\n    while True: pass", "TLE"),
    ],
)  # fmt: skip
def test_a_wrong_function_gains_nothing(judge: Judge, source: str, verdict: str) -> None:
    assert judge.judge(ADD, python(source)).verdict == verdict


def test_a_method_of_solution_is_called(judge: Judge) -> None:
    twice = function(("2\n", "4"), name="twice", method=True)
    source = "class Solution:\n    def twice(self, n: int) -> int:\n        return 2 * n\n"
    assert judge.judge(twice, python(source)).verdict == "AC"
    assert judge.judge(twice, python("def twice(n): return 2 * n")).verdict == "RE"


def test_values_of_every_type_are_compared_exactly(judge: Judge) -> None:
    value = {"b": [None, True, False, -3, 10**40], "a b": {"": 'x "y"\n\t\u2003é\ud83d\ude00', "1": [[], {}, ""]}}
    echo = function((json.dumps(value), json.dumps(value)))
    assert judge.judge(echo, python("def f(x): return x")).verdict == "AC"
    for change in (
        "x['b'][1] = 1",
        "x['b'][2] = 0",
        "x['b'][3] = -3.0",
        "x['b'][4] += 1",
        "x['c'] = 0",
        "x['b'][0] = 0",
    ):
        assert judge.judge(echo, python(f"def f(x):\n    {change}\n    return x")).verdict == "WA"
    assert judge.judge(function(("", '{"1": 2}')), python("def f(): return {1: 2}")).verdict == "AC"


def test_floats_in_results_follow_the_comparison(judge: Judge) -> None:
    third = ("", "[0.3333333333, 1, 2.0]")
    near = Comparison("floats", absolute=1e-6)
    source = python("def f(): return (1 / 3, 1, 2)")
    assert judge.judge(function(third, comparison=near), source).verdict == "AC"
    assert judge.judge(function(third), source).verdict == "WA"
    for result in ("(1 / 3, 1.0, 2)", "(1 / 3, 1, float('nan'))", "(1 / 3, 1, '2.0')", "(1 / 3, True, 2)"):
        program = python(f"def f(): return {result}")
        assert judge.judge(function(third, comparison=near), program).verdict == "WA"


def test_a_function_in_another_language_does_not_compile(judge: Judge) -> None:
    judgement = judge.judge(ADD, cpp("int main(){}"))
    assert (judgement.verdict, judgement.reason) == ("CE", "this problem asks for a Python function f")


def test_the_text_of_a_value_is_json_without_blanks_in_a_token() -> None:
    value = {"a b": [1, (2.5, "x y")], 3: None}
    text = canonical(value)
    assert text == '{ "3" : null , "a\\u0020b" : [ 1 , [ 2.5 , "x\\u0020y" ] ] }'
    assert json.loads(text) == {"a b": [1, [2.5, "x y"]], "3": None}
    assert called(" 1") == "1"
    with pytest.raises(ValueError, match="expected a test's output as one JSON value"):
        called("[1")
    with pytest.raises(TypeError, match="the result holds a set"):
        canonical([{1}])


# -- dialogues --------------------------------------------------------------------------------------------------------

GUESS = Program(
    "python",
    """
import os, sys
secret = int(os.read(3, 100))
for _ in range(10):
    guess = int(input())
    if guess == secret:
        print("=", flush=True)
        sys.exit(0)
    print("<" if guess < secret else ">", flush=True)
sys.exit(1)
""",
)
BISECT = """
low, high = 0, 999
while True:
    middle = (low + high) // 2
    print(middle, flush=True)
    said = input()
    if said == "=": break
    if said == "<": low = middle + 1
    else: high = middle - 1
"""


def dialogue(interactor: Program = GUESS) -> Problem:
    return problem(("777\n", ""), ("0\n", ""), interactor=interactor)


@pytest.mark.parametrize(
    ("source", "verdict"),
    [
        (BISECT, "AC"),
        (BISECT.replace("999", "500"), "WA"),
        (BISECT.replace("print(middle", "print('+' + str(middle)"), "WA"),
        ("print('seven')", "WA"),
        ("print(777, flush=True)", "WA"),  # the first secret only
        ("", "WA"),
        ("raise KeyError", "RE"),
        (BISECT + "raise KeyError", "RE"),
        ("input()", "TLE"),  # each waits for the other
        ("import sys\nsys.stdout.write('500\\n')\nsys.stdin.readline()", "TLE"),  # not flushed
        ("import time\nprint(5, flush=True)\ntime.sleep(99)", "TLE"),
        ("while True: pass", "TLE"),
        ("while True: print('0' * 1000)", "WA"),
        ("import os\nos.close(1)\ninput()", "RE"),
        ("import os\nprint(os.read(3, 100))", "RE"),
    ],
)
def test_a_dialogue_is_judged_by_its_interactor(judge: Judge, source: str, verdict: str) -> None:
    found = judge.judge(dialogue(), python(source))
    assert found.verdict == verdict, found.reason


def test_a_dialogue_in_cpp(judge: Judge) -> None:
    body = """int main(){int l=0,h=999;string s;while(true){int m=(l+h)/2;cout<<m<<endl;cin>>s;
    if(s=="=")return 0;if(s=="<")l=m+1;else h=m-1;}}"""
    assert judge.judge(dialogue(), cpp(body)).verdict == "AC"


@pytest.mark.parametrize(
    "source", ["raise KeyError", "import os; os.kill(os.getpid(), 9)", "raise SystemExit(7)", "x ="]
)
def test_an_interactor_that_fails_is_an_error_of_the_judge(judge: Judge, source: str) -> None:
    judgement = judge.judge(dialogue(python(source)), python(BISECT))
    assert judgement.verdict == "JE" and judgement.reason.startswith("the interactor failed")


def test_an_interactor_that_does_not_compile_is_an_error_of_the_judge(judge: Judge) -> None:
    judgement = judge.judge(dialogue(cpp("int main({")), python(BISECT))
    assert judgement.verdict == "JE" and judgement.reason.startswith("the interactor failed")
    assert judge.judge(dialogue(), cpp("int main({")).verdict == "CE"
