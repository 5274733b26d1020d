# ruff: noqa: SIM905 (lists of LaTeX are easier to read as text)
"""Answers written to stop a judge: each gets a verdict in time, costs no memory, and leaves the next one right."""

from __future__ import annotations

import os
import resource
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from whetstone.envs.math import Gold, judge, parse_gold, verify
from whetstone.envs.math.pool import RESIDENT, pool, warm

HOSTILE: dict[str, str] = {
    "fact3": "((9!)!)!",
    "fact2": "(9!)!",
    "bigfact": "10^9!",
    "fact99": "99999999999!",
    "dfact": "((9!)!!)!!",
    "tower": "9^{9^{9^9}}",
    "tower2": "2^{2^{40}}",
    "tower3": "10^{10^{10^{10}}}",
    "tower4": "2^{2^{2^{2^{2^{2}}}}}",
    "neg": "2^{-2^{2^{40}}}",
    "towerp": "2**2**40",
    "tfn": r"\sin(10^{10^{10}})",
    "expexp": "e^{e^{e^{e^{10}}}}",
    "dec50k": "0." + "1" * 50000,
    "int50k": "7" * 50000,
    "dec1900": "0." + "1" * 1900,
    "int1900": "7" * 1900,
    "intpow": "7" * 900 + "^{" + "7" * 900 + "}",
    "brack2000": "(" * 2000 + "1" + ")" * 2000,
    "brack500": "(" * 500 + "1" + ")" * 500,
    "brack900": "[" * 900 + "1" + "]" * 900,
    "curly": "{" * 900 + "1" + "}" * 900,
    "set": r"\{" * 400 + "1" + r"\}" * 400,
    "frac": r"\frac{1}{" * 200 + "2" + "}" * 200,
    "frac50": r"1+\frac{1}{" * 50 + "x" + "}" * 50,
    "fracnob": r"\frac" * 500 + "12",
    "sqrt": r"\sqrt{" * 50 + "2" + "}" * 50,
    "sqrtn": r"\sqrt" * 600 + "2",
    "sinn": r"\sin" * 400 + "x",
    "minus": "-" * 1500 + "1",
    "fact_many": "3" + "!" * 1000,
    "abs": "|" * 1000,
    "unclosed": "(" * 1000,
    "close": ")" * 1000,
    "uncl": r"\frac{" * 300,
    "sum": r"\sum_{k=1}^{10^9} k^k",
    "sum2": r"\sum_{k=1}^{1000000000} \frac{1}{k!}",
    "sum3": r"\sum_{k=1}^{\infty} \frac{1}{k^{k}}",
    "sum4": r"\sum_{i=1}^{100}\sum_{j=1}^{100}\sum_{k=1}^{100} \sin(ijk)",
    "prod": r"\prod_{k=1}^{1000000} k",
    "prod2": r"\prod_{k=1}^{1000000000}(1+\frac{1}{k^2})",
    "int": r"\int_0^1 \int_0^1 \int_0^1 e^{xyz\sin(x+y)} dx dy dz",
    "int2": r"\int e^{x^x} \sin(\ln(\tan x)) dx",
    "int3": r"\int_0^{\infty} \frac{\sin^{17} x}{x^{13}} dx",
    "lim": r"\lim_{x\to 0} \frac{\sin(\tan x)-\tan(\sin x)}{x^7}",
    "lim2": r"\lim_{n\to\infty}(n!)^{1/n}/n",
    "der": r"\frac{d}{dx} x^{x^{x^{x^{x}}}}",
    "poly": "(a+b+c+d+f+g+h)^{200}",
    "poly2": "(x+1)^{10000}",
    "poly3": "(x+y+z+w)^{50}(x-y)^{50}",
    "polymul": "(x+1)" * 150,
    "nestpow": "((((x+1)^{9})^{9})^{9})^{9}",
    "terms": "+".join(f"x^{{{k}}}" for k in range(200)),
    "nan": "NaN",
    "nan2": r"\text{nan}",
    "inf": "inf",
    "infinf": r"\infty-\infty",
    "zero": "0/0",
    "zz": r"\frac{1}{0}",
    "ln0": r"\ln 0",
    "zeropow": "0^{-1}",
    "surrogate": "\ud800",
    "surr2": "5\udfff",
    "nul": "5\x00",
    "bell": "\x07" * 10,
    "mb": "1" * 1_000_000,
    "mbtext": "lorem ipsum " * 90000,
    "mbbox": r"\boxed{" * 150000,
    "mbbrace": "{" * 1000000,
    "boxes": r"\boxed{1}" * 100000,
    "tags": "<answer>" * 100000,
    "unicode": "\U0001d7d8" * 500,
    "rtl": "\u202e5",
    "combining": "5" + "\u0301" * 1000,
    "zwj": "7\u200b" * 100,
    "setbig": r"\{" + ",".join(map(str, range(700))) + r"\}",
    "list": ",".join(["1"] * 900),
    "pm": r"\pm1" * 300,
    "pms": ",".join([r"\pm1"] * 200),
    "comma": "," * 1900,
    "eq": "=" * 1900,
    "eqs": "=".join(["1"] * 900),
    "cup": r"\cup".join(["(0,1)"] * 100),
    "matrix": r"\begin{pmatrix}" + r"\\".join(["1&2"] * 200) + r"\end{pmatrix}",
    "matnest": r"\begin{pmatrix}" * 50,
    "det": r"\begin{vmatrix}"
    + r"\\".join("&".join(f"x_{{{i}{j}}}" for j in range(9)) for i in range(9))
    + r"\end{vmatrix}",
    "matpow": r"\begin{pmatrix}1&1\\1&0\end{pmatrix}^{1000000000}",
    "import": "__import__('os').system('sleep 5')",
    "lambda": "(lambda: 1)()",
    "binom": r"\binom{10^9}{5\cdot10^8}",
    "gcd": r"\gcd(10^{1000}, 10^{999}+1)",
    "mod": "2^{10^{12}} \\pmod{7}",
    "root": r"\sqrt[10^{9}]{2}",
    "rootbig": r"\sqrt{" + "7" * 900 + "}",
    "primes": r"\sqrt{" + str(10**30 + 57) + "}",
    "log": r"\log_{1.0000000001} 10^{1000}",
    "trig": r"\tan(\frac{\pi}{2})",
    "gamma": r"\Gamma(10^{10})",
    "floor": r"\lfloor 10^{1000}\pi \rfloor",
    "words": "one hundred " * 150,
    "mill": "million " * 200,
    "rep": "0." + "12" * 400 + "...",
    "rep2": "0.(" + "9" * 1500 + ")",
    "space": " " * 1900 + "7",
    "newlines": "\n" * 1900 + "7",
    "backslash": "\\" * 1500,
    "dollar": "$" * 1501,
    "tex": r"\text{" * 300,
    "textw": r"\text{a}" * 250,
    "and": " and ".join(["1"] * 300),
    "under": "x_" * 700,
    "sub": "x" + "_{1" * 80 + "}" * 80,
    "hat": "^" * 1000,
    "prime": "x" + "'" * 1500,
    "units": "7" + r"\text{ m}" * 200,
    "unitw": "5 " + "meters per " * 150,
    "percent": "5" + "%" * 1500,
    "deg": "5" + "°" * 1500,
    "colon": "1" + ":1" * 800,
    "e": "1e9999",
    "e2": "1e99999999",
    "emany": "1e5" * 400,
    "bits": "2^{39999}",
    "bits2": "3^{50000}",
    "zeta": r"\zeta(0.5)",
    "mixed": "1 " * 900,
    "groups": "1 000" * 300,
    "arc": r"\arcsin(10^{400})",
    "x10": "x10^" * 300,
    "pmod": r"3\pmod{" * 100,
    "modw": "mod " * 450,
    "setb": r"\{x\mid " * 80,
    "in": r"x\in " * 300,
    "le": "x<" * 700,
    "leq": r"1\le x\le " * 100,
}

SLOW = {"sum4", "int", "int2", "int3", "lim", "lim2", "der", "det"}  # which reach a limit of the workers
GROWTH = 64 << 20  # bytes that this process may be larger by after all of them


@pytest.fixture(scope="module", autouse=True)
def workers() -> Iterator[None]:
    warm()
    before = _resident()
    yield
    assert _resident() - before < GROWTH
    assert all(_resident(worker.pid) < RESIDENT << 10 for worker in pool().idle)


def _resident(pid: int | None = None) -> int:
    pages = Path(f"/proc/{pid or os.getpid()}/statm").read_text().split()[1]
    return int(pages) * resource.getpagesize()


def names() -> list:
    return [pytest.param(name, marks=pytest.mark.slow if name in SLOW else ()) for name in HOSTILE]


def test_there_are_enough() -> None:
    assert len(HOSTILE) >= 60


@pytest.mark.parametrize("name", names())
def test_hostile_answer(name: str) -> None:
    answer = HOSTILE[name]
    for gold in ("5", r"x+\sqrt{2}") if name not in SLOW else ("5",):
        verdict = verify(gold, answer)
        assert verdict.kind in ("wrong", "unreadable", "unverified"), verdict
        assert verdict.reason
    assert judge("5", f"\\boxed{{{answer}}}").kind in ("wrong", "unreadable", "unverified")
    assert verify(r"\ln 4", r"2\ln 2").kind == "correct"
    assert verify(r"\ln 4", r"2\ln 3").kind == "wrong"


PIECES = [
    *r"""
1 2 12 0 x y n e i \pi + - * / ^ _ ( ) [ ] \{ \} { } , ; = < > \le \ne \in \cup \setminus \pm \frac \sqrt \sin \log
\text{ \text{or} and or mod \pmod | ! ° % : ' . ... $ \dots \infty \R km \begin{pmatrix} \end{pmatrix} & \\ \mid \approx
\binom \max \lfloor \rfloor seven A (B) \boxed{ \left \right {,} 0.\overline{3} \, \choose
""".split(),
    *("\ud800", "\x00", "\u0301", " "),
]
GOLDS = [
    parse_gold(text)
    for text in r"""
5 x+1 (0,1) \{1,2\} x=5 0<x<1 \begin{pmatrix}1&2\\3&4\end{pmatrix} 3\pmod{7} A \text{no} 1:2 5\text{km} 30^\circ
(1,2)\cup(3,4) |x|<2 \begin{pmatrix}1\\2\end{pmatrix}+\begin{pmatrix}0\\1\end{pmatrix}
""".split()
]
ANSWERS = st.lists(st.sampled_from(PIECES), max_size=20).map("".join) | st.text(max_size=40)


@settings(deadline=None)
@given(st.sampled_from(GOLDS), ANSWERS)
def test_any_text_gets_a_verdict(gold: Gold, answer: str) -> None:
    assert verify(gold, answer).kind in ("correct", "wrong", "unreadable", "unverified")


@settings(deadline=None)
@given(ANSWERS, ANSWERS)
def test_swapping_gold_and_answer_changes_nothing(one: str, other: str) -> None:
    try:
        golds = parse_gold(one), parse_gold(other)
    except ValueError:
        return
    there, back = verify(golds[0], other), verify(golds[1], one)
    assert there.kind == back.kind


@settings(deadline=None)
@given(ANSWERS)
def test_a_gold_is_its_own_answer(text: str) -> None:
    try:
        gold = parse_gold(text)
    except ValueError:
        return
    assert verify(gold, text).kind == "correct"
