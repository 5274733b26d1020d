"""What the columns of public sets of programming problems mean.

A `Format` names a set on the Hugging Face hub and reads one of its rows; files with the same columns are read alike.
The columns are those of the sets' own cards. A row that cannot be judged as its authors meant raises `ValueError` with
the reason: several answers are right and there is no checker, the tests are not complete, the problem is interactive.
"""

from __future__ import annotations

import difflib
import json
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from whetstone.envs.code.columns import (
    PROGRAMS,
    SIZES,
    UNITS,
    Pair,
    Row,
    adapted,
    amount_of,
    cases_of,
    is_python,
    json_of,
    limits_of,
    lines_of,
    list_of,
    pairs_of,
    programs_of,
    rated,
    text_of,
    tolerance,
    unpacked,
    with_starter,
)
from whetstone.envs.code.problem import Call, Comparison, Problem, Test
from whetstone.envs.code.sandbox.types import MIB, Limits, Program

LIVE_CODE_BENCH = Limits(cpu=6.0, wall=60.0, memory=1024 * MIB)  # its own harness gives each test six seconds
TAG = {"EASY": 2, "MEDIUM": 4, "MEDIUM_HARD": 6, "HARD": 8, "VERY_HARD": 10}
TAG |= {"introductory": 3, "interview": 5, "competition": 8, "easy": 3, "medium": 5, "hard": 8}
SEVERAL = re.compile(
    r"(?<!not )(print|output|find|return|give) any\b(?! (other|kind|amount))|"
    r"any (of them|one of them|valid|correct|possible)|"
    r"(multiple|several|many|more than one) (possible |valid |correct |optimal )?(answers|solutions|ways to|options)",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Record:
    """Somebody else's problem, with the programs that came with it."""

    problem: Problem
    right: tuple[Program, ...] = ()
    wrong: tuple[Program, ...] = ()


@dataclass(frozen=True, slots=True)
class Format:
    """How the rows of a set are read (a row and its number), and where the set is published."""

    read: Callable[[Row, int], Record]
    path: str
    config: str | None = None
    splits: tuple[str, ...] = ("train", "test")


# -- the sets ---------------------------------------------------------------------------------------------------------


def code_contests(row: Row, number: int) -> Record:
    """DeepMind's CodeContests: public, private and generated tests; programs that were accepted, and refused."""
    if row.get("input_file") or row.get("output_file"):
        raise ValueError("it reads or writes a file instead of the standard streams")
    samples = pairs_of(row, "public_tests")
    hidden = [*pairs_of(row, "private_tests"), *pairs_of(row, "generated_tests")]
    spent = row.get("time_limit") or {}
    cpu = float(spent.get("seconds") or 0) + float(spent.get("nanos") or 0) * 1e-9
    problem = _problem(
        f"code_contests/{text_of(row, 'name')}",
        row,
        statement=text_of(row, "description"),
        samples=samples,
        hidden=hidden,
        limits=limits_of(cpu, int(row.get("memory_limit_bytes") or 0)),
        level=rated(row.get("cf_rating")),
        topics=row.get("cf_tags"),
        source="deepmind/code_contests",
    )
    return Record(problem, programs_of(row, "solutions"), programs_of(row, "incorrect_solutions"))


def taco(row: Row, number: int) -> Record:
    """TACO: tests in one JSON object, limits in words (`2.0 seconds`, `256.0 megabytes`)."""
    return _apps_like(
        row, f"taco/{number}", "BAAI/TACO", amount_of(row, "time_limit", UNITS), amount_of(row, "memory_limit", SIZES)
    )


def apps(row: Row, number: int) -> Record:
    """APPS: tests in one JSON object, no limits."""
    return _apps_like(row, f"apps/{row.get('problem_id', row.get('id', number))}", "codeparrot/apps", 0.0, 0.0)


def live_code_bench(row: Row, number: int) -> Record:
    """LiveCodeBench (code_generation_lite): private tests packed by base64, zlib and pickle, or plain JSON."""
    shown = cases_of(text_of(row, "public_test_cases"))
    hidden = cases_of(unpacked(text_of(row, "private_test_cases")))
    kinds = {kind for _, kind in [*shown, *hidden]}
    call = None
    if kinds == {"functional"}:
        name = json_of(row, "metadata").get("func_name")
        if not isinstance(name, str):
            raise ValueError("expected the function's name as 'func_name' in 'metadata'")
        call = Call(name, method="class Solution" in str(row.get("starter_code")))
    elif kinds != {"stdin"}:
        raise ValueError(f"expected tests of one type, stdin or functional, found {', '.join(sorted(map(str, kinds)))}")
    problem = _problem(
        f"live_code_bench/{text_of(row, 'question_id')}",
        row,
        title=text_of(row, "question_title"),
        statement=with_starter(text_of(row, "question_content"), row),
        samples=[pair for pair, _ in shown],
        hidden=[pair for pair, _ in hidden],
        limits=LIVE_CODE_BENCH,
        call=call,
        level=TAG.get(str(row.get("difficulty")), 5),
        topics=[row["platform"]] if row.get("platform") else (),
        source="livecodebench/code_generation_lite",
    )
    return Record(problem)


def codeforces(row: Row, number: int) -> Record:
    """open-r1/codeforces: official tests, complete or not; a checker program where several answers are right."""
    if row.get("interaction_format"):
        raise ValueError("it is interactive, and the record holds no interactor")
    if row.get("input_mode") not in (None, "stdio"):
        raise ValueError(f"expected input_mode 'stdio', found {row['input_mode']!r}")
    if row.get("official_tests_complete") is False:
        raise ValueError("its official tests are not complete: the long ones are missing")
    note = f"\n\nNote. {row['note']}" if row.get("note") else ""
    checker = row.get("generated_checker")
    problem = _problem(
        f"codeforces/{text_of(row, 'id').replace('/', '-')}",
        row,
        title=text_of(row, "title"),
        statement=text_of(row, "description") + note,
        input_format=str(row.get("input_format") or ""),
        output_format=str(row.get("output_format") or ""),
        samples=pairs_of(row, "examples"),
        hidden=pairs_of(row, "official_tests"),
        limits=limits_of(float(row.get("time_limit") or 0), int(float(row.get("memory_limit") or 0) * MIB)),
        checker=adapted(str(checker)) if checker else "",
        level=rated(row.get("rating")),
        topics=row.get("tags"),
        source="open-r1/codeforces",
    )
    return Record(problem)


FORMATS: dict[str, Format] = {
    "code_contests": Format(code_contests, "deepmind/code_contests", splits=("train", "valid", "test")),
    "taco": Format(taco, "BAAI/TACO"),
    "apps": Format(apps, "codeparrot/apps"),
    "live_code_bench": Format(live_code_bench, "livecodebench/code_generation_lite", splits=("test",)),
    "codeforces": Format(codeforces, "open-r1/codeforces"),
}


def format_of(name: str) -> Format:
    """The format of this name; raises `ValueError` with near names."""
    if name not in FORMATS:
        near = difflib.get_close_matches(name, FORMATS, n=3, cutoff=0.4)
        hint = f"; did you mean {' or '.join(near)}?" if near else ""
        raise ValueError(f"there is no record format {name!r}{hint} (known: {', '.join(FORMATS)})")
    return FORMATS[name]


# -- the problem of a row ---------------------------------------------------------------------------------------------


def _apps_like(row: Row, id: str, source: str, cpu: float, memory: float) -> Record:
    """APPS and TACO: `input_output` with `inputs`, `outputs` and, for a function, `fn_name`."""
    tests = json_of(row, "input_output")
    inputs, outputs = tests.get("inputs"), tests.get("outputs")
    if not isinstance(inputs, list) or not isinstance(outputs, list) or len(inputs) != len(outputs):
        raise ValueError("expected as many 'inputs' as 'outputs' in 'input_output'")
    name, call = tests.get("fn_name"), None
    if name:
        call = Call(str(name), method="class Solution" in str(row.get("starter_code")))
        # A result may stand alone or in a list of one: all of a row's do the same.
        boxed = all(isinstance(output, list) and len(output) == 1 for output in outputs)
        inputs = ["".join(json.dumps(value) + "\n" for value in arguments) for arguments in inputs]
        outputs = [json.dumps(output[0] if boxed else output) for output in outputs]
    hidden = [(lines_of(given), lines_of(output)) for given, output in zip(inputs, outputs, strict=True)]
    problem = _problem(
        id,
        row,
        title=str(row.get("name") or ""),
        statement=with_starter(text_of(row, "question"), row) if call else text_of(row, "question"),
        samples=[],
        hidden=hidden,
        limits=limits_of(cpu, int(memory)),
        call=call,
        level=TAG.get(str(row.get("difficulty")), 5),
        topics=list_of(row.get("tags")),
        source=source,
    )
    texts = [text for text in list_of(row.get("solutions")) if isinstance(text, str)]
    return Record(problem, tuple(Program("python", text) for text in texts if is_python(text))[:PROGRAMS])


def _problem(
    id: str,
    row: Row,
    *,
    statement: str,
    samples: Iterable[Pair],
    hidden: Iterable[Pair],
    limits: Limits,
    title: str = "",
    input_format: str = "",
    output_format: str = "",
    call: Call | None = None,
    checker: str = "",
    level: int = 5,
    topics: Any = (),
    source: str = "",
) -> Problem:
    """The problem of a row: the samples first among its tests, each input once."""
    shown = tuple(Test(given, output, "sample") for given, output in samples)
    known: dict[str, Test] = {test.input: test for test in shown}
    count = len(known)
    for given, output in hidden:
        if known.setdefault(given, Test(given, output, "given")).output.split() != output.split() and not checker:
            raise ValueError(f"two tests have the input {given[:60]!r} and different outputs")
    if len(known) == count:
        raise ValueError("it has no hidden tests")
    if call is not None:
        _check_calls(known.values())
    text = f"{statement}\n{input_format}\n{output_format}"
    if "<image>" in text:
        raise ValueError("its statement has lost a picture or a formula: it says <image>")
    if not checker and call is None and SEVERAL.search(text):
        raise ValueError(f"it takes any of several answers ({_around(SEVERAL, text)!r}), and there is no checker")
    return Problem(
        id=id,
        title=title or id,
        statement=statement,
        input_format=input_format,
        output_format=output_format,
        samples=shown,
        tests=tuple(known.values()),
        limits=limits,
        comparison=Comparison("checker", checker=checker) if checker else tolerance(text, known.values()),
        call=call,
        level=level,
        topics=tuple(str(topic) for topic in list_of(topics)),
        source=source,
    )


def _check_calls(tests: Iterable[Test]) -> None:
    for test in tests:
        try:
            for line in [*test.input.splitlines(), test.output]:
                json.loads(line)
        except json.JSONDecodeError as error:
            raise ValueError(f"expected JSON arguments, one a line, and a JSON result: {error}") from error


def _around(pattern: re.Pattern[str], text: str) -> str:
    found = pattern.search(text)
    return " ".join(text[max(0, found.start() - 20) : found.end() + 20].split()) if found else ""
