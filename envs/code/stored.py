"""A certified problem on disk: one JSON file beside the blueprint, the same bytes whoever builds it.

Short inputs and all outputs are kept as they are (long outputs packed). A long input is kept as the key of its
generator and a digest, and made again when the problem is loaded.
"""

from __future__ import annotations

import base64
import dataclasses
import hashlib
import json
import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from whetstone.envs.code.blueprint import Blueprint
from whetstone.envs.code.certificate import Certificate
from whetstone.envs.code.inputs import Key
from whetstone.envs.code.problem import Problem, Test

SHORT = 3_000  # characters of an input or an output that is kept as it is


class StaleProblem(ValueError):
    """A problem has no tests yet, or was changed after they were made."""


def digest(text: str) -> str:
    """64 bits of a text's SHA-256, in hexadecimal."""
    return hashlib.sha256(text.encode()).hexdigest()[:16]


@dataclass(frozen=True, slots=True)
class Stored:
    """The tests of a problem with the keys of those that have one, and what certifies them."""

    digest: str
    """Of the source file that the tests were made from."""
    certificate: Certificate
    samples: tuple[Test, ...]
    tests: tuple[tuple[Test, Key | None], ...]
    """In a file that was read, a test with a key has the input's digest as its input."""

    def problem(self, id: str, blueprint: type[Blueprint]) -> Problem:
        """The problem with its tests. Raises `StaleProblem` when an input does not come out as it was."""
        return assemble(id, blueprint, self.samples, [_made(test, key, blueprint) for test, key in self.tests])

    def write(self, file: Path) -> None:
        """Replace the file, whole or not at all."""
        rows = ",\n".join(_dumps(_row(test, key)) for test, key in self.tests)
        samples = _dumps([dataclasses.asdict(test) for test in self.samples])
        certificate = _dumps(dataclasses.asdict(self.certificate))
        head = f'"digest":"{self.digest}",\n"certificate":{certificate},\n"samples":{samples},\n'
        part = file.with_suffix(".part")
        part.write_text(f'{{{head}"tests":[\n{rows}\n]}}\n', encoding="utf-8")
        part.replace(file)

    @classmethod
    def read(cls, file: Path, source: Path) -> Stored:
        """What `write` wrote for this source. Raises `StaleProblem` for none, or another source's."""
        remedy = f"run `whetstone problems build {source.parent.name}/{source.stem}`"
        if not file.exists():
            raise StaleProblem(f"{source.parent.name}/{source.stem} has no tests yet: {remedy}")
        try:
            data = json.loads(file.read_text(encoding="utf-8"))
            certificate = Certificate(**data["certificate"])
            tests = tuple(_test(row) for row in data["tests"])
            samples = tuple(Test(**row) for row in data["samples"])
            stored = cls(data["digest"], certificate, samples, tests)
        except (json.JSONDecodeError, KeyError, TypeError, ValueError) as error:
            raise StaleProblem(f"{file.name} does not hold a problem's tests ({error}): {remedy}") from error
        if stored.digest != digest(source.read_text(encoding="utf-8")):
            raise StaleProblem(f"{source.parent.name}/{source.stem} was changed after its tests were made: {remedy}")
        return stored


def assemble(id: str, blueprint: type[Blueprint], samples: Sequence[Test], tests: Sequence[Test]) -> Problem:
    """A blueprint and its tests as one problem."""
    return Problem(
        id=id,
        title=blueprint.title,
        statement=blueprint.statement,
        input_format=blueprint.input_format,
        output_format=blueprint.output_format,
        samples=tuple(samples),
        tests=tuple(tests),
        limits=blueprint.limits,
        comparison=blueprint.comparison,
        level=blueprint.level,
        topics=blueprint.topics,
        source="whetstone",
    )


def _made(test: Test, key: Key | None, blueprint: type[Blueprint]) -> Test:
    if key is None:
        return test
    text = key.make(blueprint)
    if digest(text) != test.input:
        raise StaleProblem(
            f"{blueprint.title}: the input of {key} is not the one that was certified; another version of numpy may "
            "draw other numbers: run `whetstone problems build`"
        )
    return dataclasses.replace(test, input=text)


def _row(test: Test, key: Key | None) -> dict[str, Any]:
    row: dict[str, Any] = {"kind": test.kind}
    if key is None or len(test.input) <= SHORT:
        row["input"] = test.input
    else:
        row |= {"key": dataclasses.astuple(key), "digest": digest(test.input)}
    if len(test.output) <= SHORT:
        return row | {"output": test.output}
    return row | {"packed": base64.b85encode(zlib.compress(test.output.encode(), 9)).decode()}


def _test(row: dict[str, Any]) -> tuple[Test, Key | None]:
    packed = row.get("packed")
    output = row["output"] if packed is None else zlib.decompress(base64.b85decode(packed)).decode()
    if "key" in row:
        return Test(row["digest"], output, row["kind"]), Key(*row["key"])
    return Test(row["input"], output, row["kind"]), None


def _dumps(value: Any) -> str:
    return json.dumps(value, separators=(",", ":"))
