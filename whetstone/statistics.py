"""Numbers with error bars: proportions, pass@k, macro averages and the frontier level. Deterministic."""

from __future__ import annotations

import math
from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

Z95 = 1.96  # standard normal quantile of a two-sided 95 % interval
CHI95 = 3.841  # chi-squared quantile (one degree of freedom) of the same


@dataclass(frozen=True, slots=True)
class Estimate:
    """A value with the bounds of its 95 % interval, in the unit of the value."""

    value: float
    low: float
    high: float


def wilson(successes: float, trials: float, z: float = Z95) -> tuple[float, float]:
    """The interval of a proportion (Wilson 1927), honest at 0, at 1 and for few trials; (0, 1) without trials.

    `trials` need not be whole: `effective_trials` says how many independent ones clustered samples are worth. Raises
    `ValueError` unless 0 <= successes <= trials.
    """
    if not 0 <= successes <= trials:
        raise ValueError(f"expected 0 <= successes <= trials, got {successes} of {trials}")
    if trials == 0:
        return 0.0, 1.0
    p, z2 = successes / trials, z * z
    centre = (p + z2 / (2 * trials)) / (1 + z2 / trials)
    half = z / (1 + z2 / trials) * math.sqrt(p * (1 - p) / trials + z2 / (4 * trials * trials))
    low = 0.0 if successes == 0 else centre - half  # exact ends: the two terms cancel only up to rounding
    high = 1.0 if successes == trials else centre + half
    return low, high


def pass_at_k(trials: int, successes: int, k: int) -> float:
    """The probability that at least one of `k` samples is right, from `successes` among `trials` >= k samples.

    Unbiased: 1 - C(trials - successes, k) / C(trials, k) (Chen et al. 2021, equation 1). Raises `ValueError` for k
    outside 1..trials.
    """
    _check_k(trials, successes, k)
    return 1.0 - math.comb(trials - successes, k) / math.comb(trials, k)


def pass_all_k(trials: int, successes: int, k: int) -> float:
    """The probability that all of `k` samples are right (pass^k), from `successes` among `trials` >= k samples.

    Unbiased: C(successes, k) / C(trials, k) (Yao et al. 2024, tau-bench). Raises `ValueError` for k outside 1..trials.
    """
    _check_k(trials, successes, k)
    return math.comb(successes, k) / math.comb(trials, k)


def _check_k(trials: int, successes: int, k: int) -> None:
    if not 0 <= successes <= trials:
        raise ValueError(f"expected 0 <= successes <= trials, got {successes} of {trials}")
    if not 1 <= k <= trials:
        raise ValueError(f"k must lie in 1..{trials} (the number of samples), not {k}")


def effective_trials(successes: Sequence[int], trials: Sequence[int]) -> float:
    """How many independent trials the samples of several problems are worth: between the problems and the samples.

    One entry a problem. The ratio of p (1 - p) to the variance of the mean that the differences between problems show
    (Korn and Graubard 1998). With nothing to see (all right, all wrong, one problem) it is the number of problems.
    """
    right, total = np.asarray(successes, dtype=float), np.asarray(trials, dtype=float)
    problems, samples = len(total), float(total.sum())
    if problems == 0 or samples == 0:
        return 0.0
    p = float(right.sum()) / samples
    if problems == 1 or p in (0.0, 1.0):
        return float(problems)
    variance = problems / (problems - 1) * float(((right - p * total) ** 2).sum()) / samples**2
    return samples if variance == 0 else min(samples, max(float(problems), p * (1 - p) / variance))


def sign_test(ups: int, downs: int) -> float:
    """The two-sided p-value of `ups` against `downs` when either is as likely (ties are left out); 1 without any."""
    n, rarer = ups + downs, min(ups, downs)
    return min(1.0, 2 * sum(math.comb(n, i) for i in range(rarer + 1)) / 2**n)


def frontier(levels: Sequence[float], successes: Sequence[float], trials: Sequence[float]) -> Estimate:
    """The level at which accuracy crosses one half, with its profile-likelihood interval.

    Accuracy at level x is modelled as sigmoid(s * (m - x)), s > 0, so that it never rises with the level. The midpoint
    m has a flat prior on [lowest level - 1, highest level + 1]: all wrong gives the lower end, all right the upper one.
    The log of the slope s has a standard normal prior, which keeps a clean jump from 1 to 0 from running off to a step.
    Both are searched on a grid, finer in m (0.02 levels) than any interval. Raises `ValueError` without trials.
    """
    x, right, total = (np.asarray(column, dtype=float) for column in (levels, successes, trials))
    if not len(x) == len(right) == len(total):
        raise ValueError(f"expected three columns of one length, got {len(x)}, {len(right)} and {len(total)}")
    if total.sum() == 0 or (right < 0).any() or (right > total).any():
        raise ValueError("expected 0 <= successes <= trials at every level, and at least one trial")
    midpoints = np.linspace(x.min() - 1, x.max() + 1, int(50 * (x.max() - x.min() + 2)) + 1)
    log_slopes = np.linspace(-2.5, 2.5, 41)
    margin = np.exp(log_slopes)[:, None, None] * (midpoints[None, :, None] - x)  # slope, midpoint, level
    posterior = -(np.logaddexp(0, -margin) @ right) - np.logaddexp(0, margin) @ (total - right)
    profile = (posterior - log_slopes[:, None] ** 2 / 2).max(axis=0)
    plausible = midpoints[profile >= profile.max() - CHI95 / 2]
    best = midpoints[np.isclose(profile, profile.max(), rtol=0, atol=1e-9)].mean()  # the middle of a flat top
    return Estimate(round(float(best), 2), round(float(plausible[0]), 2), round(float(plausible[-1]), 2))


class Bootstrap:
    """Resampled means of clustered values, in groups; any weighted mean of the groups has an interval from them.

    A cluster is what was drawn independently (a problem, not each of its samples); a group is fixed by design (a task
    at a level) and is resampled within itself, n - 1 of its n clusters with replacement, which makes the variance
    unbiased (Rao and Wu 1988). Groups of one cluster hold no variance of their own; they are resampled together, which
    errs towards a wide interval. `values` are one number or one row of numbers (columns) each. Raises `ValueError`
    without values.
    """

    def __init__(
        self,
        values: Sequence[float] | Sequence[Sequence[float]] | np.ndarray,
        clusters: Sequence[Hashable],
        groups: Sequence[Hashable],
        seed: int = 0,
        resamples: int = 2000,
    ) -> None:
        if len(values) == 0:
            raise ValueError("expected at least one value, got none")
        values_NV = np.asarray(values, dtype=float).reshape(len(values), -1)
        gathered: dict[Hashable, dict[Hashable, list[np.ndarray]]] = {}
        for value_V, cluster, group in zip(values_NV, clusters, groups, strict=True):
            gathered.setdefault(group, {}).setdefault(cluster, []).append(value_V)
        self.seed, self.resamples = seed, resamples
        self.means: dict[Hashable, np.ndarray] = {}  # by group: V columns
        self.draws: dict[Hashable, np.ndarray] = {}  # by group of several clusters: resamples x V
        rng = np.random.default_rng(seed)
        for group, held in gathered.items():
            means_CV = np.array([np.mean(samples, axis=0) for samples in held.values()])
            self.means[group], n = means_CV.mean(axis=0), len(means_CV)
            if n > 1:
                drawn_RC = rng.multinomial(n - 1, np.full(n, 1 / n), size=resamples)
                self.draws[group] = drawn_RC @ means_CV / (n - 1)

    def mean(self, weights: Mapping[Any, float] | None = None, column: int = 0) -> Estimate:
        """The weighted mean of the groups (all alike unless told) with the 2.5 and 97.5 percentiles.

        The weights add up to 1.
        """
        weights = dict.fromkeys(self.means, 1 / len(self.means)) if weights is None else weights
        value, draws_R = 0.0, np.zeros(self.resamples)
        lone: list[tuple[float, float]] = []
        for group, weight in weights.items():
            value += weight * self.means[group][column]
            if group in self.draws:
                draws_R += weight * self.draws[group][:, column]
            else:
                lone.append((weight, self.means[group][column]))
        if lone:
            weight, means = sum(w for w, _ in lone), np.array([mean for _, mean in lone])
            n, rng = len(lone), np.random.default_rng(self.seed + 1)
            drawn_R = means[rng.integers(n, size=(self.resamples, max(1, n - 1)))].mean(axis=1)
            draws_R += sum(w * mean for w, mean in lone) + weight * (drawn_R - means.mean())
        low, high = np.quantile(draws_R, (0.025, 0.975))
        return Estimate(float(value), float(low), float(high))


def cluster_bootstrap(
    values: Sequence[float],
    clusters: Sequence[Hashable],
    groups: Sequence[Hashable] | None = None,
    seed: int = 0,
    resamples: int = 2000,
) -> Estimate:
    """The mean over groups of the mean over clusters of the mean of `values`, with its `Bootstrap` interval."""
    return Bootstrap(values, clusters, [0] * len(values) if groups is None else groups, seed, resamples).mean()
