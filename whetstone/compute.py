"""Accuracy against tokens spent: what a strategy buys with test-time compute, and what a shorter budget would cost.

Averages are those of the summary: over tasks and levels alike, and over the problems of each.
"""

from __future__ import annotations

import random
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from statistics import fmean

from whetstone.rollout.strategies.parallel import answer_of
from whetstone.rows import JUDGED, Key, Row

BUDGETS = 40  # points of a budget curve
DRAWS = 32  # subsets of the samples of a problem that a vote is averaged over


@dataclass(frozen=True, slots=True)
class Point:
    """Tokens for a problem, and the accuracy that they buy."""

    tokens: float
    accuracy: float


def budget_curve(rows: Iterable[Row]) -> list[Point]:
    """The accuracy that would be left if completions had ended at fewer tokens: only what was shorter counts as right.

    Empty where no tokens were counted.
    """
    judged = [row for row in rows if row.kind in JUDGED]
    longest = max((row.tokens for row in judged), default=0)
    if not longest:
        return []
    weights = _weights(judged)
    right = sorted((row.tokens, weight) for row, weight in zip(judged, weights, strict=True) if row.correct)
    shortest = max(1, min(row.tokens for row in judged))
    ratio = (longest / shortest) ** (1 / (BUDGETS - 1))
    budgets = sorted({round(shortest * ratio**i) for i in range(BUDGETS)} | {longest})
    return [Point(budget, sum(weight for tokens, weight in right if tokens <= budget)) for budget in budgets]


def voting_curve(rows: Iterable[Row]) -> list[Point]:
    """Majority votes of 1, 2, 4, … of a problem's independent samples; empty where there are fewer than two.

    A vote is averaged over random subsets (with a fixed seed); of equally frequent answers the one given first wins.
    """
    problems = _problems(rows)
    fewest = min(map(len, problems.values()), default=0)
    if fewest < 2:
        return []
    answers = {key: [(answer_of(row.completion), row.correct) for row in held] for key, held in problems.items()}
    tokens = _mean_by_cell({key: fmean(row.tokens for row in held) for key, held in problems.items()})
    sizes = [k for k in (1 << i for i in range(20)) if k <= fewest]
    return [
        Point(k * tokens, _mean_by_cell({key: _vote(held, k, key.seed) for key, held in answers.items()}))
        for k in sizes
    ]


def _vote(held: Sequence[tuple[str | None, bool]], k: int, seed: int) -> float:
    """How often the winner of k of the samples is right."""
    if k == 1:
        return fmean(correct for _, correct in held)
    rng, right = random.Random(seed), 0
    draws = 1 if k == len(held) else DRAWS
    for _ in range(draws):
        drawn = list(held) if k == len(held) else rng.sample(held, k)
        counts = Counter(answer for answer, _ in drawn if answer is not None)
        winner = max(counts, key=lambda answer: counts[answer]) if counts else None
        right += next(correct for answer, correct in drawn if answer == winner)
    return right / draws


def _problems(rows: Iterable[Row]) -> dict[Key, list[Row]]:
    found: dict[Key, list[Row]] = defaultdict(list)
    for row in rows:
        if row.kind in JUDGED:
            found[row.key].append(row)
    return found


def _mean_by_cell(values: dict[Key, float]) -> float:
    """The mean over tasks and levels of the mean over problems."""
    cells: dict[tuple[str, int], list[float]] = defaultdict(list)
    for key, value in values.items():
        cells[key.task, key.level].append(value)
    return fmean(fmean(held) for held in cells.values())


def _weights(rows: Sequence[Row]) -> list[float]:
    """Each row's share in the mean over cells, of the mean over problems, of the mean over samples."""
    samples = Counter(row.key for row in rows)
    problems = Counter((key.task, key.level) for key in samples)
    return [1 / len(problems) / problems[row.task, row.level] / samples[row.key] for row in rows]
