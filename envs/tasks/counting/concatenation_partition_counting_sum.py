"""Sum of a recurrence over all ways to cut a number into numbers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple, Self

from whetstone.envs.answers import Integer
from whetstone.envs.core import Rng, Task, Verdict, graded
from whetstone.envs.scoring import exact
from whetstone.envs.tasks.counting._digits import recurrence_matrix, sum_over_cuts
from whetstone.envs.tasks.counting.lib import modulo, modulus


@dataclass(frozen=True)
class ConcatenationPartitionCountingSum(Task[int]):
    """
    >>> ConcatenationPartitionCountingSum("11", depth=2, modulus=100).grade("<answer>46</answer>").score  # 144 + 2
    1.0
    """

    digits: str
    depth: int
    modulus: int

    answer = Integer()

    class Size(NamedTuple):
        length: int
        digit: int  # the largest
        depth: int  # at most

        @classmethod
        def at(cls, level: int) -> Self:
            return cls(length=2 + level // 2, digit=min(9, 2 + level), depth=2 + level // 5)

    @classmethod
    def sample(cls, rng: Rng, size: Size) -> Self:
        digits = rng.integers(size.digit, size=size.length, endpoint=True).tolist()
        return cls("".join(map(str, digits)), int(rng.integers(2, size.depth, endpoint=True)), modulus(rng))

    def statement(self) -> str:
        return (
            f"Let F[0] = 1, and for n > 0 let F[n] be the sum of the last {self.depth} numbers before it in F (of all, "
            f"if there are fewer). Cut the string {self.digits} into one or more consecutive non-empty pieces, read "
            "them as decimal numbers (leading zeros are allowed), add them up to s and take F[s]. What is the sum of "
            f"these F[s] over all ways to cut the string, not cutting it at all included? {modulo(self.modulus)}"
        )

    def solve(self) -> int:
        # F[n] is the corner of the n-th power of a matrix, and powers of sums are products, which can be summed.
        return int(sum_over_cuts(self.digits, recurrence_matrix(self.depth), self.modulus)[0, 0])

    def check(self, answer: int) -> Verdict:
        return graded(exact(answer, self.solution))
