"""What proves a problem, in numbers, and why one was refused."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from whetstone.envs.code.inputs import Key
    from whetstone.envs.code.problem import Problem, Test

TPR = 0.99
"""Least share of right programs that the tests accept."""
TNR = 0.95
"""Least share of wrong programs that the tests reject."""


@dataclass(frozen=True, slots=True)
class Certificate:
    """What was seen when a problem was certified."""

    tests: int
    """Hidden tests that are kept."""
    agreed: int
    """Different small inputs on which the reference and the brute force agree."""
    mutants: int
    """Automatic mutants of the reference, those left out that no input can tell from it."""
    killed: int
    """Of those, rejected by two tests or more."""
    equivalent: int
    """Mutants that no input can tell from the reference, each with a reason in the blueprint."""
    right: int
    """Right programs, the reference and the brute force not among them."""
    accepted: int
    """Of those, accepted on every test and on every input of the audit."""
    wrong: int
    """Programs that follow a wrong idea."""
    rejected: int
    """Of those, rejected by two tests or more."""
    audit_inputs: int
    """Fresh inputs that the tests were not chosen from."""
    audit_wrong: int
    """Programs that were not looked at when the tests were chosen, and that are wrong: mutants of the right and of the
    wrong programs that fail on an input of the audit or on a test."""
    audit_rejected: int
    """Of those, rejected by the tests."""

    @property
    def score(self) -> float:
        """The mutation score: the share of mutants that two tests or more reject."""
        return _share(self.killed, self.mutants)

    @property
    def tpr(self) -> float:
        """True positive rate: the share of right programs that are accepted."""
        return _share(self.accepted, self.right)

    @property
    def tnr(self) -> float:
        """True negative rate over the wrong programs."""
        return _share(self.rejected, self.wrong)

    @property
    def audit_tnr(self) -> float:
        """True negative rate over wrong programs that the choice of tests did not know."""
        return _share(self.audit_rejected, self.audit_wrong)


@dataclass(frozen=True, slots=True)
class Certified:
    """A problem that holds, with the keys from which its tests can be made again."""

    problem: Problem
    certificate: Certificate
    tests: tuple[tuple[Test, Key | None], ...] = ()
    cpu: float = 0.0
    """Seconds of CPU time of the reference on the slowest test."""


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why a problem does not hold."""

    problem: str
    reason: str
    program: str = ""
    """The name of the program at fault: reference, brute, an idea, a mutant's name."""
    input: str = ""
    """An input that shows it."""

    def __str__(self) -> str:
        named = f" [{self.program}]" if self.program else ""
        shown = f" on the input {self.input[:300]!r}{'...' if len(self.input) > 300 else ''}" if self.input else ""
        return f"{self.problem}{named}: {self.reason}{shown}"


class Refused(Exception):
    """Ends a certification; carries the refusal."""

    def __init__(self, refusal: Refusal) -> None:
        super().__init__(str(refusal))
        self.refusal = refusal


def _share(part: int, whole: int) -> float:
    return part / whole if whole else 1.0
