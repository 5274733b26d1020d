"""What the two prediction tasks share: a program, a short input of it, and an output that is hard to guess."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from types import MappingProxyType
from typing import TYPE_CHECKING, Self

from whetstone.envs.code import catalog
from whetstone.envs.code.compare import compare
from whetstone.envs.code.families.task import CodeTask
from whetstone.envs.code.families.weights import key, weights
from whetstone.envs.code.problem import Comparison
from whetstone.envs.code.runs import output, outputs, short_input
from whetstone.envs.code.sandbox.types import Program

if TYPE_CHECKING:
    from numpy.random import Generator as Rng

WRONG = 4  # level from which on wrong programs are asked about, too: who knows the problem must still read the program
TRIED = 12  # inputs that are tried for a question


@dataclass(frozen=True)
class Prediction(CodeTask[str]):
    """A run of a program: `reference`, `right: <idea>` or `wrong: <idea>` of a problem, always in Python."""

    program: str
    input: str
    output: str

    @classmethod
    def about(cls, problem: str, rng: Rng, level: int) -> Self | None:
        """Nothing where outputs are long, or a few of them (yes and no, say) are right so often that guessing pays."""
        names = [name for name in programs(problem) if level >= WRONG or not name.startswith("wrong")]
        name = names[int(rng.integers(len(names)))]
        program, easy = programs(problem)[name], cls.easy(problem)
        longest = 60 + 40 * min(level, 20)
        tried = [short_input(rng, problem, 1 + min(level, 9) // 3, longest) for _ in range(TRIED)]
        for given, printed in zip(tried, outputs(program.source, tried), strict=True):
            if printed and printed.isascii() and len(printed) <= longest and key(printed) not in easy | {""}:
                again = output(program, given, catalog.blueprint(problem).limits)  # as it will be judged
                return cls(problem, name, given, printed) if again == printed else None
        return None

    @classmethod
    def easy(cls, problem: str) -> frozenset[str]:
        """Outputs that are not asked about."""
        return weights(problem).common

    @property
    def text(self) -> Program:
        return programs(self.problem)[self.program]

    @property
    def exactness(self) -> Comparison:
        """Token by token; where the problem has floats, within its tolerance."""
        comparison = self.blueprint.comparison
        return comparison if comparison.kind == "floats" else Comparison()

    def differs(self, printed: str) -> str | None:
        """None if `printed` is the output, else why not."""
        return compare(self.exactness, self.input, printed.encode(), self.output)


@cache
def programs(problem: str) -> Mapping[str, Program]:
    """The Python programs of a problem, by name."""
    blueprint = catalog.blueprint(problem)
    named = {"reference": Program("python", blueprint.reference)}
    named |= {f"right: {idea}": program for idea, program in blueprint.right.items() if program.language == "python"}
    named |= {f"wrong: {idea}": Program("python", source) for idea, source in blueprint.wrong.items()}
    return MappingProxyType(named)
