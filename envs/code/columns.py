"""What stands in the columns of public sets of programming problems, as text, JSON, Python lists or packed.

Every reader raises `ValueError` with the name of the column and what was expected there.
"""

from __future__ import annotations

import ast
import base64
import binascii
import io
import json
import pickle
import re
import zlib
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from whetstone.envs.code.problem import Comparison, Test
from whetstone.envs.code.sandbox.types import Limits, Program

Row = Mapping[str, Any]
Pair = tuple[str, str]

PROGRAMS = 24  # right programs, and wrong ones, that are kept of a row
LARGEST = 1 << 30  # bytes of packed tests when unpacked
LANGUAGES = {2: "cpp", 3: "python"}  # of CodeContests; 1 is Python 2, 4 Java
UNITS = {"s": 1.0, "sec": 1.0, "second": 1.0, "ms": 1e-3, "millisecond": 1e-3, "minute": 60.0}
SIZES = {"byte": 1, "b": 1, "kilobyte": 1 << 10, "kb": 1 << 10, "megabyte": 1 << 20, "mb": 1 << 20, "gigabyte": 1 << 30}
NEAR = re.compile(r"(absolute|relative|error|differ|precision|accura)", re.IGNORECASE)
POWER = re.compile(
    r"(?:1\s*(?:e|[·*x\u00d7]\s*10\s*\^?)|10)\s*\^?\s*\{?\s*[-\u2212\u2013]\s*(\d{1,2})\s*\}?|0\.(0{0,11}1)\b",
    re.IGNORECASE,
)
FLOAT = re.compile(r"-?\d+\.\d+(?:[eE][-+]?\d+)?")


class _TextOnly(pickle.Unpickler):
    """Reads a pickled text. A pickle may name any function to be called: none is looked up here."""

    def find_class(self, module_name: str, global_name: str) -> Any:
        raise pickle.UnpicklingError(f"it asks for {module_name}.{global_name}")

    def persistent_load(self, pid: Any) -> Any:
        raise pickle.UnpicklingError("it asks for an object from outside")


def unpacked(text: str) -> str:
    """The JSON text within LiveCodeBench's packed tests; raises `ValueError` for anything else, which is not run."""
    if text.lstrip().startswith("["):
        return text
    try:
        inflate = zlib.decompressobj()
        data = inflate.decompress(base64.b64decode(text, validate=True), LARGEST)
        if inflate.unconsumed_tail:
            raise ValueError(f"the packed tests are larger than {LARGEST} bytes")
        value = _TextOnly(io.BytesIO(data)).load()
    except (binascii.Error, zlib.error) as error:
        raise ValueError(f"expected base64 and zlib in 'private_test_cases': {error}") from error
    except (
        pickle.UnpicklingError,
        EOFError,
        IndexError,
        KeyError,
        AttributeError,
        MemoryError,
        OverflowError,
    ) as error:
        raise ValueError(f"expected a pickled text in 'private_test_cases': {error}") from error
    if isinstance(value, bytes):
        value = value.decode("utf-8", "replace")
    if not isinstance(value, str):
        raise ValueError(f"expected a pickled text in 'private_test_cases', found {type(value).__name__}")
    return value


def tolerance(text: str, tests: Iterable[Test]) -> Comparison:
    """Floats, where an output holds one and the statement says how far off it may be; else tokens.

    >>> tolerance("an absolute or relative error of at most 10^{-6}", [Test("1", "0.5")]).absolute
    1e-06

    Raises `ValueError` where the statement speaks of an error, and no number is found.
    """
    if not any(FLOAT.fullmatch(token) for test in tests for token in test.output.split()):
        return Comparison()
    stated = [sentence for sentence in re.split(r"(?<=[.!?])\s|\n", text) if NEAR.search(sentence)]
    for sentence in stated:
        if found := POWER.search(sentence):
            allowed = 10.0 ** -(int(found[1]) if found[1] else len(found[2]))
            relative = allowed if re.search("relative", sentence, re.IGNORECASE) else 0.0
            return Comparison("floats", absolute=allowed, relative=relative)
    if any(re.search(r"(absolute|relative)\s+(or\s+\w+\s+)?error", sentence, re.IGNORECASE) for sentence in stated):
        raise ValueError(f"it allows for an error, but not in a form that can be read: {stated[0][:80]!r}")
    return Comparison()


def adapted(program: str) -> str:
    """A checker for `Comparison` from a program that is called `checker.py INPUT ANSWER OUTPUT` and prints 1 or 0."""
    return ADAPTER.replace("PROGRAM", repr(program))


ADAPTER = """
def check(input, output, answer):
    import builtins, io, sys
    files = {"input.txt": input, "answer.txt": answer, "output.txt": output}

    def opened(file, mode="r", *args, **kwargs):
        text = files[str(file)]
        return io.BytesIO(text.encode()) if "b" in mode else io.StringIO(text)

    said, real, arguments = io.StringIO(), sys.stdout, sys.argv
    sys.stdout, sys.argv = said, ["checker.py", *files]
    try:
        exec(PROGRAM, {"__name__": "__main__", "__builtins__": {**vars(builtins), "open": opened}})
    except SystemExit:
        pass
    finally:
        sys.stdout, sys.argv = real, arguments
    verdict = said.getvalue().split()[-1:]
    if verdict == ["0"]:
        raise ValueError("the checker says 0")
    if verdict not in (["1"], ["1.0"]):
        raise AssertionError("the checker gave no verdict")
"""


def rated(rating: Any) -> int:
    """The level of a Codeforces rating: 800 is 1, 3500 is 10; 5 where there is none."""
    return max(0, min(10, round(1 + (float(rating) - 800) / 300))) if rating else 5


def text_of(row: Row, name: str) -> str:
    """A text that is not blank."""
    value = row.get(name)
    if value is None or not str(value).strip():
        raise ValueError(f"expected text in the column {name!r}, found {value!r}")
    return str(value)


def json_of(row: Row, name: str) -> dict[str, Any]:
    """A JSON object, or the text of one."""
    value = row.get(name)
    try:
        value = json.loads(value) if isinstance(value, str) else value
    except (json.JSONDecodeError, RecursionError) as error:
        raise ValueError(f"expected JSON in the column {name!r}: {error}") from error
    if not isinstance(value, dict):
        raise ValueError(f"expected a JSON object in the column {name!r}, found {str(value)[:40]!r}")
    return value


def list_of(value: Any) -> list[Any]:
    """A list, or one that is written as JSON or as Python, as some columns are."""
    if isinstance(value, str):
        try:
            value = ast.literal_eval(value) if value.startswith("['") else json.loads(value or "[]")
        except (ValueError, SyntaxError, RecursionError):
            return []
    return list(value) if isinstance(value, list | tuple) or hasattr(value, "tolist") else []


def pairs_of(row: Row, name: str) -> Iterator[Pair]:
    """Tests as a list of objects, or as an object of two lists."""
    value = row.get(name) or []
    if isinstance(value, Mapping):
        value = [{"input": a, "output": b} for a, b in zip(value["input"], value["output"], strict=True)]
    for test in value:
        yield str(test["input"]), str(test["output"])


def cases_of(text: str) -> list[tuple[Pair, str]]:
    """LiveCodeBench's tests with their types."""
    try:
        cases = json.loads(text)
        return [((str(case["input"]), str(case["output"])), str(case["testtype"])) for case in cases]
    except (json.JSONDecodeError, TypeError, KeyError, RecursionError) as error:
        raise ValueError(f"expected a JSON array of tests with input, output and testtype: {error}") from error


def programs_of(row: Row, name: str) -> tuple[Program, ...]:
    """CodeContests' programs in languages that are judged here."""
    value = row.get(name) or {"language": [], "solution": []}
    if not isinstance(value, Mapping):
        value = {key: [each[key] for each in value] for key in ("language", "solution")}
    programs = []
    for language, source in zip(value["language"], value["solution"], strict=True):
        known = LANGUAGES.get(int(language))
        if known == "cpp" or (known == "python" and is_python(source)):
            programs.append(Program(known, source))  # type: ignore[arg-type]
    return tuple(programs[:PROGRAMS])


def is_python(source: str) -> bool:
    """Whether it is Python 3: many rows mix in programs for Python 2."""
    try:
        ast.parse(source)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return False
    return True


def lines_of(value: Any) -> str:
    """A text, or a list of its lines."""
    return "\n".join(map(str, value)) + "\n" if isinstance(value, list) else str(value)


def amount_of(row: Row, name: str, units: Mapping[str, float]) -> float:
    """An amount such as `2.0 seconds`; 0 where there is none."""
    text = str(row.get(name) or "").strip()
    if not text or text == "None":
        return 0.0
    found = re.fullmatch(r"([\d.]+)\s*([a-zA-Z]+?)s?", text) or re.fullmatch(r"([\d.]+)\s*(ms|s)", text)
    if found is None or found[2].lower() not in units:
        raise ValueError(f"expected an amount with its unit in the column {name!r}, found {text!r}")
    return float(found[1]) * units[found[2].lower()]


def limits_of(cpu: float, memory: int) -> Limits:
    """Limits as given, in seconds and bytes; what is not given (0) is the default."""
    default = Limits()
    cpu = cpu or default.cpu
    return Limits(cpu=cpu, wall=max(default.wall, 10 * cpu), memory=memory or default.memory)


def with_starter(statement: str, row: Row) -> str:
    """The statement and the lines with which the program begins."""
    code = str(row.get("starter_code") or "").strip()
    return f"{statement}\n\nThe program begins as follows.\n{code}" if code else statement
