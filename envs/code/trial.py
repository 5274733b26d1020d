"""Running a blueprint's programs: on light inputs in batches, on the others one by one, as a policy's would run."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import NoReturn, TypeVar

from whetstone.envs.code.batch import CORES, Run, run_batch
from whetstone.envs.code.blueprint import Blueprint
from whetstone.envs.code.certificate import Refusal, Refused
from whetstone.envs.code.inputs import LARGE
from whetstone.envs.code.judge import Judge, JudgeError, why
from whetstone.envs.code.problem import Problem, Test
from whetstone.envs.code.sandbox import Program, Sandbox
from whetstone.envs.code.selection import KILLS
from whetstone.envs.code.stored import assemble

HEAVY = 100_000  # ticks of the reference: an input that takes more is not for batches
SLOWER, PATIENCE = 10, 100_000  # ticks of a program in a batch: times the reference's, but at least so many
T = TypeVar("T")
U = TypeVar("U")


def problem_id(blueprint: type[Blueprint]) -> str:
    """`topic/name`: the folder and the file in which it is written."""
    return "/".join(blueprint.__module__.split(".")[-2:])


@dataclass(frozen=True, slots=True)
class Light:
    """A test for batches, on which the reference takes few ticks."""

    test: Test
    ticks: int

    @property
    def budget(self) -> int:
        return max(PATIENCE, SLOWER * self.ticks)


class Trial:
    """The programs of a blueprint in a sandbox. What the blueprint is to blame for raises `Refused`."""

    def __init__(self, blueprint: type[Blueprint], sandbox: Sandbox) -> None:
        self.blueprint, self.sandbox = blueprint, sandbox
        self.id = problem_id(blueprint)
        self.judge = Judge(sandbox)
        self.reference = Program("python", blueprint.reference)

    def refuse(self, reason: str, program: str = "", input: str = "") -> NoReturn:
        """End the certification."""
        raise Refused(Refusal(self.id, reason, program, input))

    def problem(self, tests: Sequence[Test], samples: Sequence[Test] = ()) -> Problem:
        """The problem with these tests."""
        return assemble(self.id, self.blueprint, samples, tests)

    def validate(self, texts: Iterable[str]) -> None:
        """Every input is valid."""
        for text in dict.fromkeys(texts):
            if (reason := self.invalid(text)) is not None:
                self.refuse(f"the validator refuses an input of the generators: {reason}", "validate", text)

    def invalid(self, text: str) -> str | None:
        """Why the author's validator refuses an input, or None."""
        try:
            self.blueprint.validate(text)
        except ValueError as error:
            return str(error)
        return None

    def ran(self, program: Program, text: str, sandbox: Sandbox | None = None) -> tuple[str, float]:
        """Output and CPU seconds of the reference or another program that must end well, alone on one input."""
        execution = (sandbox or self.sandbox).run(program, text.encode(), self.blueprint.limits)
        if execution.outcome == "failed":
            raise JudgeError(f"the sandbox failed: {execution.detail}")
        if execution.outcome != "ok":
            self.refuse(f"the reference fails: {why(execution)}", "reference", text)
        return execution.stdout.decode("utf-8", "replace"), execution.cpu

    def light(self, texts: Sequence[str]) -> list[Light]:
        """Those inputs that are for batches, each once, with the reference's outputs."""
        small = [text for text in dict.fromkeys(texts) if len(text) <= LARGE]
        budgets = [HEAVY] * len(small)
        (run,) = run_batch(
            self.sandbox, [self.blueprint.reference], small, budgets=budgets, outputs=True, hangs=len(small) + 1
        )
        found = []
        for text, code, output, ticks in zip(small, run.codes, run.outputs, run.ticks, strict=True):
            if code == ".":
                found.append(Light(Test(text, output), ticks))
            elif code != "T":
                self.refuse(f"the reference fails ({code})", "reference", text)
        return found

    def batch(self, sources: Sequence[str], light: Sequence[Light], enough: int = sys.maxsize) -> list[Run]:
        """Python programs on light tests; after `enough` failures of one, its rest is not run.

        Refuses the problem if its checker fails on an output.
        """
        runs = run_batch(
            self.sandbox,
            sources,
            [one.test.input for one in light],
            [one.test.output for one in light],
            comparison=self.blueprint.comparison,
            budgets=[one.budget for one in light],
            enough=enough,
        )
        for run in runs:
            if "C" in run.codes:
                self.refuse("the checker fails on an output", "checker", light[run.codes.index("C")].test.input)
        return runs

    def killers(self, program: Program, problem: Problem, already: int = 0) -> list[int]:
        """The first tests that reject a program, run one by one, until there are `KILLS` with those known already."""
        found: list[int] = []
        for index in range(len(problem.tests)):
            if already + len(found) >= KILLS:
                break
            judgement = self.judge.judge_test(problem, program, index)
            if judgement.verdict == "JE":
                raise JudgeError(judgement.reason)
            if judgement.verdict != "AC":
                found.append(index)
        return found

    def spread(self, work: Callable[[T], U], items: Sequence[T]) -> list[U]:
        """`work` on every item, on all cores."""
        with ThreadPoolExecutor(CORES) as pool:
            return list(pool.map(work, items))
