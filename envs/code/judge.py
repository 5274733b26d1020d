"""Verdicts on programs, made of what was seen from outside: bytes on standard output, status, time and memory.

Nothing that a program says of itself counts. The reference's output is in no process that runs a submission.
"""

from __future__ import annotations

import json
import os
import signal
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from typing import Final, Literal, TypeVar

from whetstone.envs.code.compare import compare, readable
from whetstone.envs.code.harness import around
from whetstone.envs.code.harness.author import LEFT
from whetstone.envs.code.harness.call import canonical
from whetstone.envs.code.problem import Comparison, Problem, Test
from whetstone.envs.code.sandbox import MIB, Execution, Limits, Program, Sandbox, SandboxError, Tier
from whetstone.envs.code.sandbox.types import Outcome
from whetstone.envs.core import Verdict, graded, invalid

Letters = Literal["AC", "WA", "TLE", "MLE", "OLE", "RE", "CE", "JE"]
T = TypeVar("T")

MEANING: Final[Mapping[Letters, str]] = {
    "AC": "accepted",
    "WA": "wrong answer",
    "TLE": "time limit exceeded",
    "MLE": "memory limit exceeded",
    "OLE": "output limit exceeded",
    "RE": "runtime error",
    "CE": "compile error",
    "JE": "judge error",
}
LETTERS: Final[Mapping[Outcome, Letters]] = {
    "exit": "RE",
    "signal": "RE",
    "cpu": "TLE",
    "wall": "TLE",
    "memory": "MLE",
    "output": "OLE",
    "compile": "CE",
    "failed": "JE",
}
CHECKER: Final = Limits(cpu=10.0, wall=60.0, memory=1024 * MIB, output=MIB)
BUSY: Final = 1.5  # runnable processes per processor
LARGE: Final = 64 * MIB  # of resident memory: pages that the host gives this machine only now cost many times as much
THREADS: Final = 16  # programs in flight: of these, the sandbox runs as many at a time as it has workers


class JudgeError(RuntimeError):
    """The judge failed, or the problem is wrong: nothing is known of the submission, neither right nor wrong."""


@dataclass(frozen=True, slots=True)
class Judgement:
    """A verdict on a program."""

    verdict: Letters
    """JE (judge error) says nothing about the program: it is no reward, and does not count as wrong."""
    test: int | None = None
    """Index of the first test that failed."""
    reason: str = ""
    """For a person. It may quote what the program wrote, so it is no feedback for a policy: see `feedback`."""
    cpu: float = 0.0
    """Seconds of CPU time of the slowest test."""
    memory: int = 0
    """Bytes of peak resident memory."""
    tier: Tier = "D"
    """The confinement that was in force."""
    sample: bool = False
    """Whether the failing test is one that the problem shows."""

    @property
    def feedback(self) -> str:
        """What a policy may be told: which test failed and how, and more only of a test that it can see."""
        where = "" if self.test is None else f" on test {self.test + 1}"
        return f"{self.verdict}{where} ({self.reason if self.sample and self.reason else MEANING[self.verdict]})"

    def as_verdict(self) -> Verdict:
        """Graded 1 or 0, invalid where it did not compile; raises `JudgeError` for a judge error."""
        if self.verdict == "JE":
            raise JudgeError(self.reason)
        return invalid(self.feedback) if self.verdict == "CE" else graded(float(self.verdict == "AC"), self.feedback)


class Judge:
    """Judges programs in a sandbox. Safe to use from several threads."""

    def __init__(self, sandbox: Sandbox) -> None:
        self.sandbox = sandbox

    def judge(self, problem: Problem, program: Program) -> Judgement:
        """Run the tests in their order up to the first that fails. Raises `ValueError` for a problem without tests."""
        if not problem.tests:
            raise ValueError(f"{problem.id or 'the problem'} has no tests")
        passed = Judgement("AC")
        for index in range(len(problem.tests)):
            judgement = self.judge_test(problem, program, index)
            cpu, memory = max(passed.cpu, judgement.cpu), max(passed.memory, judgement.memory)
            judgement = replace(judgement, cpu=cpu, memory=memory)
            if judgement.verdict != "AC":
                return judgement
            passed = judgement
        return replace(passed, test=None, sample=False)

    def judge_many(self, problem: Problem, programs: Sequence[Program]) -> list[Judgement]:
        """The judgement of each program, in order. Equal ones are judged once; all workers are used."""
        return self._spread(lambda program: self.judge(problem, program), programs)

    def judge_each(self, problem: Problem, programs: Sequence[Program]) -> list[list[Judgement]]:
        """The judgement of each program on every test, failed or not: programs x tests."""
        tests = range(len(problem.tests))
        return self._spread(lambda program: [self.judge_test(problem, program, test) for test in tests], programs)

    def judge_test(self, problem: Problem, program: Program, index: int) -> Judgement:
        """Run one test."""
        test = problem.tests[index]
        if problem.interactor is not None:
            execution, letters, reason = self._interact(problem, program, problem.interactor, test)
        else:
            execution, letters, reason = self._run(problem, program, test)
        sample = test.kind == "sample" or test in problem.samples
        if letters == "WA" and sample and test.output:
            reason = f"{reason}; expected {test.output[:200]!a}"
        elif letters == "WA" and problem.comparison.kind == "checker":
            reason = "the checker refuses it"  # what a checker says may name the best value: the reference's output
        return Judgement(letters, index, reason, execution.cpu, execution.memory, self.sandbox.tier, sample)

    def compare(self, comparison: Comparison, input: str, output: bytes, answer: str) -> str | None:
        """None if `output` is right, else why not. Raises `JudgeError` if the problem's checker cannot tell."""
        if comparison.kind != "checker":
            return compare(comparison, input, output, answer)
        try:
            texts = [text.encode() for text in (input, readable(output), answer)]
        except ValueError as error:
            return str(error)
        sizes = b" ".join(b"%d" % len(text) for text in texts)
        program = around(comparison.checker, "author.py", "check")
        data = b"\n".join([sizes, b"".join(texts)])
        execution, *_ = self._settled(lambda: (self.sandbox.run(program, data, CHECKER),))
        word, _, reason = execution.stdout.decode("ascii", "replace").partition("\n")
        if execution.outcome != "ok" or word not in ("accepted", "wrong"):
            raise JudgeError(f"the checker gave no verdict: {reason or why(execution)}")
        return None if word == "accepted" else reason or "the checker refuses it"

    def _run(self, problem: Problem, program: Program, test: Test) -> tuple[Execution, Letters, str]:
        answer = test.output
        if problem.call is not None:
            if program.language != "python":
                refused = Execution("compile")
                return refused, "CE", f"this problem asks for a Python function {problem.call.name}"
            answer = called(test.output)
            program = around(program.source, "call.py", "main", problem.call.name, problem.call.method)
        data = test.input.encode("utf-8", "surrogatepass")
        execution, *_ = self._settled(lambda: (self.sandbox.run(program, data, problem.limits),))
        if execution.outcome != "ok":
            return execution, LETTERS[execution.outcome], why(execution)
        try:
            reason = self.compare(problem.comparison, test.input, execution.stdout, answer)
        except JudgeError as error:
            return execution, "JE", str(error)
        if reason is None:
            return execution, "AC", ""
        return execution, "WA", reason

    def _interact(
        self, problem: Problem, program: Program, interactor: Program, test: Test
    ) -> tuple[Execution, Letters, str]:
        if interactor.language == "python":
            interactor = around(interactor.source, "author.py", "interact")
        secret = test.input.encode("utf-8", "surrogatepass")
        execution, other = self._settled(lambda: self.sandbox.interact(program, interactor, secret, problem.limits))
        letters: Letters = LETTERS.get(execution.outcome, "AC")
        if other.outcome in ("failed", "compile"):
            return execution, "JE", f"the interactor failed: {why(other)}"
        if letters not in ("AC", "RE"):
            return execution, letters, why(execution)
        if (other.outcome, other.status) == ("exit", 1):
            return execution, "WA", "the interactor refuses the dialogue"
        left = (other.outcome, other.status) == ("exit", LEFT) or other.signal == signal.SIGPIPE
        if not left and other.outcome != "ok":
            return execution, "JE", f"the interactor failed: {why(other)}"
        if letters == "AC" and left:
            return execution, "WA", "the program left before the dialogue's end"
        return execution, letters, "" if letters == "AC" else why(execution)

    def _settled(self, run: Callable[[], tuple[Execution, ...]]) -> tuple[Execution, ...]:
        """What executions did, at the second try if the first failed by the sandbox or ran out of time by the host."""
        for last in (False, True):
            try:
                executions = run()
            except SandboxError as error:
                executions = (Execution("failed", detail=str(error)),) * 2
            if last or not any(map(again, executions)):
                break
        return executions

    def _spread(self, work: Callable[[Program], T], programs: Sequence[Program]) -> list[T]:
        names = [identity(program) for program in programs]
        different = dict(zip(names, programs, strict=True))
        with ThreadPoolExecutor(max(1, min(THREADS, len(different)))) as pool:
            done = dict(zip(different, pool.map(work, different.values()), strict=True))
        return [done[name] for name in names]


def again(execution: Execution) -> bool:
    """Whether an execution must be repeated before it counts: the sandbox failed, or time ran out on a busy host.

    A new virtual machine gets its memory from its host page by page, and the CPU time of that is the first program's.
    """
    if execution.outcome in ("cpu", "wall"):
        return execution.memory > LARGE or os.getloadavg()[0] > BUSY * len(os.sched_getaffinity(0))
    return execution.outcome == "failed"


def identity(program: Program) -> tuple[str, str]:
    """Equal for programs that differ in line ends or in white space behind the last line only."""
    return program.language, program.source.replace("\r\n", "\n").rstrip()


def called(output: str) -> str:
    """The result that a test of a function-call problem expects, written as `harness/call.py` writes it."""
    try:
        return canonical(json.loads(output))
    except (ValueError, TypeError, RecursionError) as error:
        raise ValueError(f"expected a test's output as one JSON value, got {output[:80]!r}: {error}") from error


def why(execution: Execution) -> str:
    """How an execution ended, for a person: a sentence and the last line of standard error."""
    last = execution.stderr.decode("utf-8", "backslashreplace").strip().rpartition("\n")[2][:200]
    ended = execution.detail or f"ended with {execution.outcome}"
    if execution.outcome == "exit":
        ended = f"exit status {execution.status}"
    elif execution.outcome == "signal":
        ended = f"ended by signal {execution.signal}"
    elif execution.outcome == "compile":
        last = execution.stderr.decode("utf-8", "backslashreplace").strip()[:1000]
    return f"{ended}: {last}" if last else ended


def order_tests(judged: Iterable[Sequence[Judgement]]) -> list[int]:
    """The order of tests that ends wrong programs soonest, from wrong programs' judgements on every test.

    Each place goes to the test that fails most of the programs that no earlier test fails, then to the one that fails
    most programs at all, then to the cheapest in CPU time.
    """
    rows = list(judged)
    tests = range(len(rows[0]) if rows else 0)
    kills = [{i for i, row in enumerate(rows) if row[test].verdict not in ("AC", "JE")} for test in tests]
    cost = [sum(row[test].cpu for row in rows) for test in tests]
    order: list[int] = []
    alive = set(range(len(rows)))
    while len(order) < len(tests):
        rest = (test for test in tests if test not in order)
        best = min(rest, key=lambda test: (-len(kills[test] & alive), -len(kills[test]), cost[test], test))
        order.append(best)
        alive -= kills[best]
    return order
