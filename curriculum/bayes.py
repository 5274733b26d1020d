"""Where is the policy's own edge? A Bayesian logistic curve for each task, with one prior that all tasks share.

The pass rate of a task falls with the level as p(level) = sigmoid((mu - level) / s). What is known of (mu, s) is a
distribution on a grid: the shared prior, times the likelihood of the groups seen, each worth less with every later one,
because the policy moves. A level is drawn by Thompson sampling: a curve from that distribution, and a pass rate to aim
at, anywhere in the band where the answers of a group differ. A task's claim on the next question is the chance that
such a group would differ, so that tasks which cannot be learned, or are mastered to the top, fade to the mixture's
floor without ever being dropped.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

MU = np.concatenate([np.arange(-4.0, 20.0, 0.5), np.geomspace(20.0, 1000.0, 40)])
S = np.array([0.25, 0.5, 1.0, 2.0, 4.0])
SHAPE = (len(MU), len(S))


@dataclass(frozen=True, slots=True)
class BayesSettings:
    """What is believed at first, how fast it is forgotten, and what is aimed at."""

    top: int = 1_000_000  # no level above this one is asked
    memory: float = 0.92  # what a group's likelihood is worth after each later group of its task
    shared: float = 0.5  # weight of the other tasks' curves in the prior, the rest is flat
    band: float = 0.1  # pass rates from 0.5 - band to 0.5 + band are aimed at, evenly
    lapse: float = 0.02  # share of answers that say nothing of the curve
    group: int = 8  # answers of a group, by which the chance that they differ is reckoned


def flat() -> np.ndarray:
    """The prior where nothing is known: mu nearer to the easy levels, all slopes alike; (MU, S), sums to 1."""
    width = np.gradient(MU)
    weights = width / (6.0 + np.maximum(MU, 0.0)) ** 3
    return np.repeat((weights / weights.sum())[:, None] / len(S), len(S), axis=1)


class Prior:
    """What the curves of all tasks have in common: the mean of what each shows by itself, mixed with the flat prior."""

    def __init__(self, settings: BayesSettings) -> None:
        self.settings = settings
        self.flat = flat()
        self.shown: dict[int, np.ndarray] = {}

    def tell(self, owner: int, log_likelihood: np.ndarray) -> None:
        """The newest evidence of one task; what the others told it is not told on."""
        self.shown[owner] = normalised(log_likelihood + np.log(self.flat))

    def of(self, owner: int) -> np.ndarray:
        """The prior of one task, made of the others."""
        others = [each for other, each in self.shown.items() if other != owner]
        if not others:
            return self.flat
        return self.settings.shared * np.mean(others, axis=0) + (1 - self.settings.shared) * self.flat


def normalised(log: np.ndarray) -> np.ndarray:
    """Weights in proportion to exp(log); their sum is 1."""
    weights = np.exp(log - log.max())
    return weights / weights.sum()


class Bayes:
    """The level controller of one task; `owner` is its number among those that share the prior."""

    def __init__(self, settings: BayesSettings, prior: Prior, owner: int) -> None:
        self.settings, self.prior, self.owner = settings, prior, owner
        self.log_likelihood = np.zeros(SHAPE)

    @property
    def posterior(self) -> np.ndarray:
        """The distribution of (mu, s), (MU, S); sums to 1."""
        return normalised(self.log_likelihood + np.log(self.prior.of(self.owner)))

    @property
    def signal(self) -> float:
        """The chance that the answers of a group differ, at the best level there is for this task."""
        posterior = self.posterior
        (middle,) = self._quantiles(0.5)
        levels = np.unique(np.clip(np.round(middle + np.arange(-3, 4)), 0, self.settings.top))
        p = np.stack([self._pass_rate(level) for level in levels])
        differ = 1 - p**self.settings.group - (1 - p) ** self.settings.group
        return float((differ * posterior).sum(axis=(1, 2)).max())

    def propose(self, rng: np.random.Generator) -> int:
        """The level to ask at."""
        cell = rng.choice(len(MU) * len(S), p=self.posterior.ravel())
        mu, s = MU[cell // len(S)], S[cell % len(S)]
        aim = 0.5 + rng.uniform(-self.settings.band, self.settings.band)
        return int(np.clip(np.floor(mu - s * np.log(aim / (1 - aim)) + rng.random()), 0, self.settings.top))

    def observe(self, level: int, accuracy: float, samples: int = 1) -> None:
        """Learn from a group of `samples` answers at `level`, of which the share `accuracy` was exactly right."""
        p = self._pass_rate(level)
        found = samples * (accuracy * np.log(p) + (1 - accuracy) * np.log1p(-p))
        self.log_likelihood = self.settings.memory * self.log_likelihood + found
        self.prior.tell(self.owner, self.log_likelihood)

    def _pass_rate(self, level: float) -> np.ndarray:
        curve = 1 / (1 + np.exp(np.clip((level - MU[:, None]) / S, -50, 50)))
        return self.settings.lapse / 2 + (1 - self.settings.lapse) * curve

    def metrics(self) -> dict[str, float]:
        """The level at which half of the answers are right: the median, and half the width of the middle two thirds."""
        low, middle, high = self._quantiles(1 / 6, 0.5, 5 / 6)
        return {"frontier": min(max(middle, 0.0), self.settings.top), "uncertainty": (high - low) / 2}

    def _quantiles(self, *shares: float) -> list[float]:
        return np.interp(shares, self.posterior.sum(axis=1).cumsum(), MU).tolist()

    def state_dict(self) -> dict:
        return {"log_likelihood": self.log_likelihood.tolist()}

    def load_state_dict(self, state: dict) -> None:
        self.log_likelihood = np.array(state["log_likelihood"])
        self.prior.tell(self.owner, self.log_likelihood)
