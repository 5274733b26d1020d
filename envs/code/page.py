"""A problem as a policy reads it: statement, formats, limits, samples."""

from __future__ import annotations

from collections.abc import Iterable

from whetstone.envs.code.problem import Comparison, Problem
from whetstone.envs.code.sandbox.types import MIB, Limits


def page(problem: Problem, samples: bool = True) -> str:
    """Everything about a problem that may be shown, but the samples where they would be answers."""
    parts = [f"{problem.title}\n\n{problem.statement}", formats(problem), limits(problem.limits)]
    if problem.call is not None:
        where = "a method of `class Solution`" if problem.call.method else "a function"
        parts.append(
            f"Do not read or print anything: define {where} named `{problem.call.name}`. In the samples each line of "
            "input is one argument in JSON, and the output is the value returned, in JSON."
        )
    if problem.interactor is not None:
        parts.append("This problem is interactive: flush standard output after every line you print.")
    if samples:
        parts += examples(((test.input, test.output) for test in problem.samples), "Sample")
    return "\n\n".join(parts)


def formats(problem: Problem) -> str:
    """How input and output are written, and how an output is compared."""
    return f"Input: {problem.input_format}\n\nOutput: {problem.output_format} {comparison(problem.comparison)}"


def limits(limits: Limits) -> str:
    """One line about time and memory."""
    return f"Limits: {limits.cpu:g} s of CPU time and {limits.memory // MIB} MiB of memory on each test."


def comparison(comparison: Comparison) -> str:
    """What is done to an output before it is compared, in words."""
    match comparison.kind:
        case "checker":
            return "Every output that meets this description is accepted."
        case "floats":
            return (
                "Outputs are compared token by token: a number with a fraction may be off by "
                f"{comparison.absolute:g}, or by {comparison.relative:g} of the right one; all else must be the same."
            )
        case "tokens":
            return EXACT


EXACT = (
    "Outputs are compared token by token: the amount of white space between tokens does not matter, everything else "
    "does (6 is not 6.0, 06 or +6; case and quotes count)."
)


def examples(pairs: Iterable[tuple[str, str]], name: str) -> list[str]:
    """Inputs with their outputs, numbered from 1."""
    return [
        f"{name} input {i}:\n{fenced(given)}\n{name} output {i}:\n{fenced(output)}"
        for i, (given, output) in enumerate(pairs, start=1)
    ]


def fenced(text: str, tag: str = "") -> str:
    """`text` in a fenced block."""
    return f"```{tag}\n{text}{'' if text.endswith(chr(10)) else chr(10)}```"
