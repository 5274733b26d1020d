"""How hard a problem to ask next, by the variance of success at each level.

`Learnability` asks where the outcome is most uncertain: over all levels up to a moving frontier, with probability
proportional to p (1 - p), the variance of success, plus a floor that keeps the levels at the frontier visited.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True, slots=True)
class LearnabilitySettings:
    """How levels are drawn and when the frontier moves."""

    start: int = 3  # first frontier
    top: int = 1_000_000  # the frontier never passes this level
    promote_at: float = 0.8  # mean accuracy at the frontier that opens the next level
    promote_groups: int = 3  # over at least this many groups at the frontier
    memory: float = 0.2  # weight of the newest group in the running pass rate
    weight: float = 0.02  # every level up to the frontier keeps this weight
    floor: float = 0.1  # the frontier and the level below it keep this one


class Learnability:
    """The level controller of one task.

    An estimate of the pass rate is kept for each level; a new level starts at 0.7 of the one below it. Without the
    floor a level whose estimate falls to zero would never be asked again, and the frontier would freeze.
    """

    def __init__(self, settings: LearnabilitySettings) -> None:
        self.settings = settings
        self.frontier = min(settings.start, settings.top)
        self.pass_rate = [0.5] * (self.frontier + 1)
        self._recent: deque[float] = deque(maxlen=settings.promote_groups)

    @property
    def weights(self) -> np.ndarray:
        """The unnormalised chance of each level 0..frontier: how much is to be learnt there."""
        p = np.array(self.pass_rate)
        weights = p * (1 - p) + self.settings.weight
        weights[max(0, self.frontier - 1) :] = np.maximum(weights[max(0, self.frontier - 1) :], self.settings.floor)
        return weights

    @property
    def signal(self) -> float:
        """How much is to be learnt at all levels together."""
        return float(self.weights.sum())

    def propose(self, rng: np.random.Generator) -> int:
        """The level to ask at."""
        weights = self.weights
        return int(rng.choice(len(weights), p=weights / weights.sum()))

    def observe(self, level: int, accuracy: float, samples: int = 1) -> None:
        """Learn from one group of answers at `level`, of which the share `accuracy` was exactly right."""
        del samples
        if level > self.frontier:
            return
        memory = self.settings.memory
        self.pass_rate[level] += memory * (accuracy - self.pass_rate[level])
        if level != self.frontier:
            return
        self._recent.append(accuracy)
        full = len(self._recent) == self.settings.promote_groups
        if full and np.mean(self._recent) >= self.settings.promote_at and self.frontier < self.settings.top:
            self.frontier += 1
            self.pass_rate.append(0.7 * self.pass_rate[-1])
            self._recent.clear()

    def metrics(self) -> dict[str, float]:
        """The frontier and the pass rate there."""
        return {"frontier": self.frontier, "pass_rate": self.pass_rate[self.frontier]}

    def state_dict(self) -> dict:
        return {"frontier": self.frontier, "pass_rate": list(self.pass_rate), "recent": list(self._recent)}

    def load_state_dict(self, state: dict) -> None:
        self.frontier, self.pass_rate = state["frontier"], list(state["pass_rate"])
        self._recent = deque(state["recent"], maxlen=self.settings.promote_groups)
