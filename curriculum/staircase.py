"""ZAYA1's rule (arXiv 2605.05365): one level a task, up after a good group at that level, down after an empty one.

The first level is found by Thompson sampling: particles (mu, s) of the curve p(level) = sigmoid((mu - level) / s) are
weighted by the binomial likelihood of the groups seen, and resampled when few of them carry the weight.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

WIDEST = 4.0  # of the particles' slopes


@dataclass(frozen=True, slots=True)
class StaircaseSettings:
    """When the level moves, and how the first one is found."""

    up: float = 0.7  # a group above this accuracy, at the current level, raises it
    top: int = 1_000_000  # the level never passes this one
    probes: int = 8  # groups asked for the first level; 0 starts at level 0
    reach: int = 20  # highest mu of the particles at the start
    particles: int = 256
    epsilon: float = 0.25  # a probe aims at a pass rate of 0.5, this much to either side


class Staircase:
    """The level controller of one task."""

    def __init__(self, settings: StaircaseSettings, rng: np.random.Generator) -> None:
        self.settings = settings
        self.level, self.probes = 0, 0
        self.rng = rng
        self.mu = rng.uniform(-2, min(settings.reach, settings.top), settings.particles)
        self.s = np.exp(rng.uniform(np.log(0.25), np.log(WIDEST), settings.particles))
        self.log_weight = np.zeros(settings.particles)
        self.visits = 0

    @property
    def signal(self) -> float:
        """The task asked least comes first."""
        return 1.0 / (1 + self.visits)

    @property
    def probing(self) -> bool:
        """Whether the first level is still looked for."""
        return self.probes < self.settings.probes

    def propose(self, rng: np.random.Generator) -> int:
        """The level to ask at."""
        if not self.probing:
            return self.level
        weights = np.exp(self.log_weight - self.log_weight.max())
        one = rng.choice(len(weights), p=weights / weights.sum())
        aim = 0.5 + rng.uniform(-self.settings.epsilon, self.settings.epsilon)
        level = self.mu[one] - self.s[one] * np.log(aim / (1 - aim))
        return int(np.clip(round(level), 0, self.settings.top))

    def observe(self, level: int, accuracy: float, samples: int = 1) -> None:
        """Learn from a group of `samples` answers at `level`, of which the share `accuracy` was exactly right."""
        self.visits += 1
        if self.probing:
            self._probed(level, accuracy, samples)
        elif accuracy > self.settings.up and level == self.level:
            self.level = min(self.level + 1, self.settings.top)
        elif accuracy == 0:
            self.level = max(0, self.level - 1)

    def _probed(self, level: int, accuracy: float, samples: int) -> None:
        z = (self.mu - level) / self.s
        right, wrong = accuracy * samples, (1 - accuracy) * samples
        self.log_weight -= right * np.logaddexp(0, -z) + wrong * np.logaddexp(0, z)
        weights = np.exp(self.log_weight - self.log_weight.max())
        weights /= weights.sum()
        if 1 / (weights**2).sum() < len(weights) / 2:
            kept = self.rng.choice(len(weights), size=len(weights), p=weights)
            self.mu = self.mu[kept] + self.rng.normal(0, 0.25, len(kept))
            self.s = self.s[kept] * np.exp(self.rng.normal(0, 0.1, len(kept)))
            self.log_weight = np.zeros(len(kept))
            weights = np.full(len(kept), 1 / len(kept))
        self.probes += 1
        if not self.probing:
            self.level = int(np.clip(round(float(weights @ self.mu)), 0, self.settings.top))

    def metrics(self) -> dict[str, float]:
        """The current level."""
        return {"frontier": self.level}

    def state_dict(self) -> dict:
        particles = {name: getattr(self, name).tolist() for name in ("mu", "s", "log_weight")}
        counters = {"level": self.level, "probes": self.probes, "visits": self.visits}
        return {**particles, **counters, "rng": self.rng.bit_generator.state}

    def load_state_dict(self, state: dict) -> None:
        self.level, self.probes, self.visits = state["level"], state["probes"], state["visits"]
        self.mu, self.s, self.log_weight = (np.array(state[name]) for name in ("mu", "s", "log_weight"))
        self.rng.bit_generator.state = state["rng"]
