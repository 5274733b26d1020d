"""Knights and knaves: find out from their claims who tells the truth."""

from __future__ import annotations

import math
from dataclasses import dataclass
from string import ascii_uppercase
from typing import NamedTuple, Self

from whetstone.envs.answers import Text
from whetstone.envs.core import Rng, Task, Verdict, graded
from whetstone.envs.scoring import in_place
from whetstone.envs.tasks.puzzles._claims import Claim, clear_claims, told, worlds


@dataclass(frozen=True)
class KnightsAndKnaves(Task[str]):
    """
    >>> claims = (("not", ("knight", 1)), ("iff", ("knight", 0), ("knight", 1)))
    >>> KnightsAndKnaves(claims).grade("<answer>KN</answer>").score
    1.0
    """

    claims: tuple[Claim, ...]  # of each person

    answer = Text("KN")

    class Size(NamedTuple):
        people: int
        depth: int  # of a claim

        @classmethod
        def at(cls, level: int) -> Self:
            return cls(people=min(26, 3 + math.isqrt(2 * level)), depth=1 + (level >= 4))

    @classmethod
    def sample(cls, rng: Rng, size: Size) -> Self:
        return cls(clear_claims(rng, size.people, size.depth))

    def statement(self) -> str:
        said = "\n".join(f"{name}: {told(claim)}" for name, claim in zip(ascii_uppercase, self.claims, strict=False))
        return (
            "Everybody here is either a knight, whose claims are all true, or a knave, whose claims are all false. Or "
            "is not exclusive; if X then Y is false only where X is true and Y false; X if and only if Y is true where "
            f"both are true or both false.\n{said}\nThere is just one solution. Write a letter for each of them in "
            "order, K for a knight and N for a knave, without anything between the letters."
        )

    def solve(self) -> str:
        world = worlds(self.claims).bit_length() - 1
        return "".join("NK"[world >> i & 1] for i in range(len(self.claims)))

    def check(self, answer: str) -> Verdict:
        return graded(in_place(answer, self.solution) ** 4)
