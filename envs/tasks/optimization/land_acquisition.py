"""Land acquisition: buy plots in groups priced by their largest sides."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple, Self

import numpy as np

from whetstone.envs.answers import WRITE, Rows
from whetstone.envs.core import Rng, Task, Verdict, graded, invalid
from whetstone.envs.scoring import at_least
from whetstone.envs.tasks.optimization._batches import bounding_groups
from whetstone.envs.tasks.optimization.lib import frozen, numbered


@dataclass(frozen=True)
class LandAcquisition(Task[list[list[int]]]):
    """
    >>> LandAcquisition(((1, 10), (10, 1), (2, 9))).grade("<answer>1 3\\n2</answer>").score
    1.0
    """

    plots: tuple[tuple[int, int], ...]  # (width, length)

    answer = Rows(instruction=WRITE.format("lines, each the plots of one group"))

    class Size(NamedTuple):
        plots: int

        @classmethod
        def at(cls, level: int) -> Self:
            return cls(plots=4 + level)

    @classmethod
    def sample(cls, rng: Rng, size: Size) -> Self:
        shape, waste = rng.random((2, size.plots))  # plots of similar area and different shapes
        bound = 10 * size.plots
        return cls(frozen(np.ceil((bound**shape, bound ** (1 - shape) * (1 - waste / 3))).astype(int).T))

    def statement(self) -> str:
        plots = numbered("plot {}: {} x {}", self.plots)
        return (
            f"Plots of land, width x length (a plot cannot be turned):\n{plots}\nDivide all of them into groups. A "
            "group costs the largest width in it times the largest length in it. Make the total cost as small as "
            "possible. Write each group, as the numbers of its plots, on a line of its own."
        )

    def solve(self) -> list[list[int]]:
        return bounding_groups(self.plots)

    def check(self, answer: list[list[int]]) -> Verdict:
        if sorted(i for group in answer for i in group) != list(range(1, len(self.plots) + 1)):
            return invalid(f"expected each plot from 1 to {len(self.plots)} in exactly one group")
        both = ([[self.plots[i - 1] for i in group] for group in groups] for groups in (answer, self.solution))
        costs = (sum(max(w for w, _ in group) * max(h for _, h in group) for group in groups) for groups in both)
        return graded(at_least(*costs, power=2))
