"""Falsify: find a valid input on which a wrong program fails.

The reference runs first: where it does not end in time the answer is inconclusive, and earns nothing. The program must
then fail twice, so that luck does not pay. Being slow counts only with a margin that no busy machine can give: more
than `SLOW` times the limit, where the reference takes at most half of it.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Self

from whetstone.envs.code.default import default_judge
from whetstone.envs.code.families.task import CodeTask
from whetstone.envs.code.families.weights import PLAIN, Suspect, weights, wrong_programs
from whetstone.envs.code.judge import JudgeError
from whetstone.envs.code.page import fenced, page
from whetstone.envs.code.runs import STRICT, checked, run
from whetstone.envs.code.sandbox.types import Execution, Program
from whetstone.envs.code.submission import TextAnswer
from whetstone.envs.core import Verdict, graded, invalid

if TYPE_CHECKING:
    from numpy.random import Generator as Rng

SLOW = 3  # times the limit that a program must take to count as too slow
SUBTLER = 3  # levels for each further program that is drawn, the subtlest of which is asked about
FEWEST = 3  # wrong programs that a problem must have to be asked about


@dataclass(frozen=True)
class Falsify(CodeTask[str]):
    """`program` is the name of a wrong idea of the blueprint, or of a mutant of its reference.

    >>> Falsify("arrays/maximum_subarray", "all pairs of days").grade("<answer>5</answer>").kind
    'invalid'
    """

    program: str

    answer = TextAnswer("input")

    @classmethod
    def about(cls, problem: str, rng: Rng, level: int) -> Self | None:
        """Of some wrong programs, more of them at higher levels, the one that the fewest inputs tell from the right.

        One that fails on a sample comes last: samples are not shown here, but a policy may have seen them elsewhere.
        """
        plain = max(0.2, PLAIN - 0.02 * level)
        known = [suspect for suspect in weights(problem).suspects if suspect.share <= plain]
        if len(known) < FEWEST:
            return None
        drawn = [known[int(i)] for i in rng.integers(len(known), size=1 + min(level, 15) // SUBTLER)]
        return cls(problem, min(drawn, key=lambda suspect: (suspect.sampled, suspect.share)).name)

    @property
    def suspect(self) -> Suspect:
        """What is known of the program; raises `LookupError` where it is none of the problem's."""
        for suspect in weights(self.problem).suspects:
            if suspect.name == self.program:
                return suspect
        raise LookupError(f"{self.problem} has no wrong program {self.program!r} that a short input tells")

    @property
    def text(self) -> Program:
        return Program("python", wrong_programs(self.problem)[self.suspect.name])

    def statement(self) -> str:
        return (
            "This problem was to be solved:\n\n"
            f"{page(self.shown, samples=False)}\n\n"
            f"This Python program is wrong:\n\n{fenced(self.text.source.strip(), 'python')}\n\n"
            "Find a valid input on which it fails: its output is wrong, or it crashes, or it takes more than "
            f"{SLOW} times the time limit. {STRICT}\n"
        )

    def solve(self) -> str:
        return self.suspect.witness

    def check(self, answer: str) -> Verdict:
        try:
            checked(self.problem, answer)
        except ValueError as error:
            return invalid(f"the input breaks the rules: {error}")
        limits = self.shown.limits
        trusted = run(Program("python", self.blueprint.reference), answer, limits)
        if trusted.outcome in ("cpu", "wall"):
            return invalid("inconclusive: the reference takes too long on this input")
        if trusted.outcome != "ok":
            raise JudgeError(f"the reference of {self.problem} fails on a valid input: {trusted.outcome}")
        for _ in range(2):
            found = run(self.text, answer, replace(limits, cpu=SLOW * limits.cpu))
            verdict = self.compared(answer, trusted, found)
            if not verdict.correct:
                return verdict
        return graded(1.0)

    def compared(self, answer: str, trusted: Execution, found: Execution) -> Verdict:
        """Whether one run of the program failed where the reference did not."""
        limit = self.shown.limits.cpu
        match found.outcome:
            case "wall":
                return invalid("inconclusive: the program waits and does not end")
            case "cpu" if trusted.cpu > limit / 2:
                return invalid("inconclusive: the reference takes long on this input, too")
            case "ok":
                right = trusted.stdout.decode("utf-8", "replace")
                same = default_judge().compare(self.shown.comparison, answer, found.stdout, right) is None
                return graded(0.0, "the program is right on this input") if same else graded(1.0)
            case _:
                return graded(1.0)
