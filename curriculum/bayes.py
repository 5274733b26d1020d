"""Where is the policy's own edge? A Bayesian logistic curve for each task, with one prior that all tasks share.

The pass rate of a task falls with the level as p(level) = sigmoid((mu - level) / s). Some problems of a level are
easier than others, so that the answers to one are more alike than p says: the right ones among n answers are
beta-binomial, with the correlation rho between two answers to the same problem. What is known of (mu, s, rho) is a
distribution on a grid: the shared prior, times the likelihood of the groups seen, each worth less with every later one,
because the policy moves. A level is drawn by Thompson sampling: a curve from that distribution, and a pass rate to aim
at, anywhere in the band where the answers of a group differ. A task's claim on the next question is the chance that
such a group would differ, so that tasks which cannot be learned, are mastered to the top, or whose problems are always
solved or never, fade to the mixture's floor without ever being dropped.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

MU = np.concatenate([np.arange(-4.0, 20.0, 0.5), np.geomspace(20.0, 1000.0, 40)])
S = np.array([0.25, 0.5, 1.0, 2.0, 4.0])
RHO = np.array([1e-3, 0.15, 0.35, 0.6])
SHAPE = (len(MU), len(S), len(RHO))


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
    """The prior where nothing is known: mu nearer to the easy levels, all else alike; SHAPE, sums to 1."""
    weights = np.gradient(MU) / (6.0 + np.maximum(MU, 0.0)) ** 3
    return np.broadcast_to((weights / weights.sum())[:, None, None] / (len(S) * len(RHO)), SHAPE)


class Prior:
    """What the curves of all tasks have in common: the mean of what each shows by itself, mixed with the flat prior."""

    def __init__(self, settings: BayesSettings) -> None:
        self.settings = settings
        self.flat = flat()
        self.shown: dict[int, np.ndarray] = {}
        self._sum: np.ndarray | None = None

    def tell(self, owner: int, log_likelihood: np.ndarray) -> None:
        """The newest evidence of one task; what the others told it is not told on."""
        self.shown[owner] = normalised(log_likelihood + np.log(self.flat))
        self._sum = None

    def of(self, owner: int) -> np.ndarray:
        """The prior of one task, made of the others."""
        count = len(self.shown) - (owner in self.shown)
        if not count:
            return self.flat
        total = self._sum
        if total is None:  # in one order, whoever told first: a resumed run sums alike
            total = self._sum = np.sum([self.shown[each] for each in sorted(self.shown)], axis=0)
        others = (total - self.shown.get(owner, 0.0)) / count
        return self.settings.shared * np.maximum(others, 0.0) + (1 - self.settings.shared) * self.flat


def normalised(log: np.ndarray) -> np.ndarray:
    """Weights in proportion to exp(log); their sum is 1."""
    weights = np.exp(log - log.max())
    return weights / weights.sum()


def log_likelihood(right: int, count: int, p: np.ndarray, rho: np.ndarray) -> np.ndarray:
    """The log-probability of `right` given ones among `count` answers, in a given order, by the beta-binomial.

    Its parameters are a = p (1 - rho) / rho and b = (1 - p) (1 - rho) / rho: B(a + right, b + count - right) / B(a, b).
    """
    strength = (1 - rho) / rho
    terms = [np.log(p * strength + i) for i in range(right)]
    terms += [np.log((1 - p) * strength + i) for i in range(count - right)]
    terms += [-np.log(strength + i) for i in range(count)]
    return np.sum(np.broadcast_arrays(*terms), axis=0)


def alike_chance(count: int, p: np.ndarray, rho: np.ndarray) -> np.ndarray:
    """The probability that `count` answers are all right or all wrong, by the beta-binomial."""
    strength = (1 - rho) / rho
    right, wrong = (
        np.prod([(share * strength + i) / (strength + i) for i in range(count)], axis=0) for share in (p, 1 - p)
    )
    return right + wrong


def quantiles(posterior: np.ndarray, *shares: float) -> list[float]:
    """Quantiles of mu."""
    return np.interp(shares, posterior.sum(axis=(1, 2)).cumsum(), MU).tolist()


class Bayes:
    """The level controller of one task; `owner` is its number among those that share the prior."""

    def __init__(self, settings: BayesSettings, prior: Prior, owner: int) -> None:
        self.settings, self.prior, self.owner = settings, prior, owner
        self.log_likelihood = np.zeros(SHAPE)

    @property
    def posterior(self) -> np.ndarray:
        """The distribution of (mu, s, rho), SHAPE; sums to 1."""
        return normalised(self.log_likelihood + np.log(self.prior.of(self.owner)))

    @property
    def signal(self) -> float:
        """The chance that the answers of a group differ, at the best level there is for this task."""
        posterior = self.posterior
        (middle,) = quantiles(posterior, 0.5)
        levels = np.unique(np.clip(np.round(middle + np.arange(-3, 4)), 0, self.settings.top))
        p = np.stack([self._pass_rate(level) for level in levels])
        alike = alike_chance(self.settings.group, p, RHO)
        return float(((1 - alike) * posterior).sum(axis=(1, 2, 3)).max())

    def propose(self, rng: np.random.Generator) -> int:
        """The level to ask at."""
        cell = np.unravel_index(rng.choice(self.log_likelihood.size, p=self.posterior.ravel()), SHAPE)
        mu, s = MU[cell[0]], S[cell[1]]
        aim = 0.5 + rng.uniform(-self.settings.band, self.settings.band)
        return int(np.clip(np.floor(mu - s * np.log(aim / (1 - aim)) + rng.random()), 0, self.settings.top))

    def observe(self, level: int, accuracy: float, samples: int = 1) -> None:
        """Learn from a group of `samples` answers at `level`, of which the share `accuracy` was exactly right."""
        found = log_likelihood(round(accuracy * samples), samples, self._pass_rate(level), RHO)
        self.log_likelihood = self.settings.memory * self.log_likelihood + found
        self.prior.tell(self.owner, self.log_likelihood)

    def _pass_rate(self, level: float) -> np.ndarray:
        """p(level) of every curve, (MU, S, 1)."""
        curve = 1 / (1 + np.exp(np.clip((level - MU[:, None, None]) / S[:, None], -50, 50)))
        return self.settings.lapse / 2 + (1 - self.settings.lapse) * curve

    def metrics(self) -> dict[str, float]:
        """The level at which half of the answers are right: the median, and half the width of the middle two thirds.

        `alike` is the correlation of two answers to one problem, as far as it is known.
        """
        posterior = self.posterior
        low, middle, high = quantiles(posterior, 1 / 6, 0.5, 5 / 6)
        alike = float((posterior.sum(axis=(0, 1)) * RHO).sum())
        frontier = min(max(middle, 0.0), self.settings.top)
        return {"frontier": frontier, "uncertainty": (high - low) / 2, "alike": alike}

    def state_dict(self) -> dict:
        return {"log_likelihood": self.log_likelihood.tolist()}

    def load_state_dict(self, state: dict) -> None:
        self.log_likelihood = np.array(state["log_likelihood"])
        self.prior.tell(self.owner, self.log_likelihood)
