"""What trusted programs print, and the inputs that questions are made of.

A run that the sandbox could not do raises `JudgeError`: it says nothing about anybody's answer.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache
from itertools import islice
from typing import TYPE_CHECKING

from whetstone.envs.code import catalog
from whetstone.envs.code.batch import run_batch
from whetstone.envs.code.default import default_sandbox
from whetstone.envs.code.judge import JudgeError
from whetstone.envs.code.sandbox.types import Execution, Limits, Program

if TYPE_CHECKING:
    from numpy.random import Generator as Rng

SMALL = 300  # small inputs of a problem that questions are made of
TICKS = 100_000  # steps that a program may take on a short input: more than one that does not hang needs
STRANGE = re.compile(r"[^\n -~]")
STRICT = (
    "It is read strictly: one space between neighbours on a line and none at its ends, plain decimal integers without "
    "a plus sign or leading zeros, and nothing before or after."
)
LARGEST = 10  # of `blueprint.SIZES`


def run(program: Program, text: str, limits: Limits) -> Execution:
    """One execution; raises `JudgeError` when it could not be done, not at the second try either."""
    execution = default_sandbox().run(program, text.encode(), limits)
    if execution.outcome == "failed":
        execution = default_sandbox().run(program, text.encode(), limits)
    if execution.outcome in ("failed", "compile"):
        raise JudgeError(f"a {program.language} program of the catalogue did not run: {execution.detail}")
    return execution


@lru_cache(4096)
def output(program: Program, text: str, limits: Limits) -> str | None:
    """What a deterministic program prints, or None if it does not end well within the limits.

    Kept by program and input: a group of equal answers costs one run.
    """
    execution = run(program, text, limits)
    return execution.stdout.decode("utf-8", "replace") if execution.outcome == "ok" else None


def outputs(source: str, inputs: Sequence[str]) -> list[str | None]:
    """What a trusted Python program prints on each of some inputs, all in one process; None where it fails."""
    (done,) = run_batch(default_sandbox(), [source], inputs, budgets=[TICKS] * len(inputs), outputs=True)
    return [printed if code == "." else None for code, printed in zip(done.codes, done.outputs, strict=True)]


def checked(problem: str, text: str) -> str:
    """`text`, if it is a valid input; raises `ValueError` naming the place where it breaks the rules.

    Nothing but ASCII lines reaches the validator, and nothing that it refuses reaches a program.
    """
    strange = STRANGE.search(text)
    if strange:
        line = text.count("\n", 0, strange.start()) + 1
        raise ValueError(f"line {line}: expected printable ASCII characters, found {strange[0]!a}")
    catalog.blueprint(problem).validate(text)
    return text


@lru_cache(256)
def small_inputs(problem: str) -> tuple[str, ...]:
    """The first edge cases and small inputs of a problem."""
    return tuple(islice(catalog.blueprint(problem).small(), SMALL))


def short_input(rng: Rng, problem: str, size: int, longest: int) -> str:
    """An input of at most `longest` characters: random of this size, or smaller, or one of the small ones."""
    blueprint = catalog.blueprint(problem)
    for smaller in range(min(size, LARGEST), 0, -1):
        text = blueprint.random(rng, smaller)
        if len(text) <= longest:
            return text
    return min((small_inputs(problem)[int(i)] for i in rng.integers(len(small_inputs(problem)), size=8)), key=len)
