"""Reconstruct the program from examples: its statement is withheld, the tests are other ones than are shown."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Self

from whetstone.envs.code import catalog
from whetstone.envs.code.families.task import ProgramTask, known
from whetstone.envs.code.page import comparison, examples, limits
from whetstone.envs.code.runs import outputs, short_input, small_inputs

if TYPE_CHECKING:
    from numpy.random import Generator as Rng

LONGEST = 240  # characters of an example's input, and of its output
TRIED = 40  # inputs from which the examples are taken
BARE = 6  # level from which on the output's description is withheld, too
FEWEST = 3  # examples of a question


@dataclass(frozen=True)
class Reconstruct(ProgramTask):
    """
    >>> Reconstruct("arrays/maximum_subarray", (("2\\n-1 5\\n", "5\\n"),), True).grade("I cannot.").kind
    'unreadable'
    """

    examples: tuple[tuple[str, str], ...]
    """Inputs and the reference's outputs, none of them among the tests."""
    described: bool
    """Whether the output's format is described."""

    @classmethod
    def about(cls, problem: str, rng: Rng, level: int) -> Self | None:
        """Nothing where many outputs are right, as an example would show one of them."""
        shown = known(problem)
        if shown.comparison.kind == "checker":
            return None
        hidden, small = {test.input for test in shown.tests}, small_inputs(problem)
        some = [small[int(i)] for i in rng.integers(len(small), size=TRIED // 2)]
        drawn = [short_input(rng, problem, 1 + i % 3, LONGEST) for i in range(TRIED // 2)]
        mixed = dict.fromkeys(text for pair in zip(drawn, some, strict=True) for text in pair)
        tried = [text for text in mixed if text not in hidden and len(text) <= LONGEST]
        printed = outputs(catalog.blueprint(problem).reference, tried)
        pairs = [(text, out) for text, out in zip(tried, printed, strict=True) if out and len(out) <= LONGEST]
        if len(pairs) < FEWEST:
            return None
        return cls(problem, tuple(varied(pairs, max(FEWEST, 10 - level // 2))), level < BARE)

    def statement(self) -> str:
        shown = self.shown
        described = f" {shown.output_format}" if self.described else ""
        output = f"Output:{described} {comparison(shown.comparison)}"
        return (
            "A program reads one input and prints one output. Its statement is lost: find out from the examples what "
            "it computes, and write a program that prints the same on every input of this form.\n\n"
            f"Input: {shown.input_format}\n\n{output}\n\n{limits(shown.limits)}\n\n"
            + "\n\n".join(examples(self.examples, "Example"))
            + "\n"
        )


def varied(pairs: list[tuple[str, str]], count: int) -> list[tuple[str, str]]:
    """`count` of the pairs in their order, those first whose output has come least often before."""
    seen: Counter[str] = Counter()
    rank = []
    for place, (_, printed) in enumerate(pairs):
        rank.append((seen[printed], place))
        seen[printed] += 1
    return [pairs[place] for place in sorted(place for _, place in sorted(rank)[:count])]
