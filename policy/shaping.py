"""What is added to a verifier's reward: penalties for length, and the ZAYA1 report's reward for brevity.

Legend: Q questions, S samples of each.
"""

from __future__ import annotations

import zlib
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

CHUNK = 1024  # tokens of a completion that are compressed together


def soft_overlong(lengths: np.ndarray, limit: int, margin: int) -> np.ndarray:
    """DAPO's soft overlong punishment (arXiv 2503.14476, eq. 13), of lengths in tokens; 0 to -1.

    0 up to `limit` - `margin` tokens, then falling linearly to -1 at `limit`, and -1 beyond.
    """
    return np.clip((limit - margin - lengths) / margin, -1.0, 0.0)


def compression(tokens: Sequence[int], chunk: int = CHUNK) -> float:
    """The least ratio of compressed to plain bytes of any chunk of `chunk` tokens; 1 for no token.

    As the ZAYA1 report (arXiv 2605.05365) watches for repetition: zlib without header (wbits -10), level 1, flushed at
    the end of every chunk, over four bytes a token id.
    """
    compressor = zlib.compressobj(level=1, wbits=-10)
    least = 1.0
    for start in range(0, len(tokens), chunk):
        plain = np.asarray(tokens[start : start + chunk], dtype="<u4").tobytes()
        packed = compressor.compress(plain) + compressor.flush(zlib.Z_SYNC_FLUSH)
        least = min(least, len(packed) / len(plain))
    return least


@dataclass(frozen=True, slots=True)
class LengthSettings:
    """The report's names are in brackets; it gives none of the numbers."""

    longest: int  # tokens at which the reward has fallen as far as it falls (l_max)
    slack: int = 0  # tokens beyond the shortest correct completion that cost nothing (T_l)
    tolerance: float = 0.1  # how far a group may be below its source's best solve rate (T_acc)
    start: float = 0.1  # the weight c at the first step
    ramp: int = 100  # steps over which the weight rises to 1


@dataclass
class LengthReward:
    """The ZAYA1 report's length reward (arXiv 2605.05365): correct and short is better, where accuracy does not suffer.

    dr = c p m lam for each completion, to be added to the advantage's numerator alone (`advantages(bonus_R=)`), with
    p the group's solve rate; c the ramp; lam = 0.5 - clamp((l - l_min) / (l_max - l_min), 0, 1), and 0.5 up to l_min +
    T_l, with l_min the shortest correct completion of the group; m = 1 for a correct completion of a group with
    p > p* - T_acc and p > 1 / S, else 0. p* is the highest that the mean solve rate of the group's source has been in
    any step so far, this one included. A completion is correct when its reward is that of an exact answer, 1.
    """

    settings: LengthSettings
    best: dict[str, float] = field(default_factory=dict)
    steps: int = 0

    def __call__(
        self, rewards_QS: np.ndarray, lengths_QS: np.ndarray, sources_Q: Sequence[str], rates: dict[str, float]
    ) -> np.ndarray:
        """dr of every completion, (Q, S), and one step on; `rates` are the sources' mean solve rates in this step."""
        settings = self.settings
        weight = min(1.0, settings.start + (1 - settings.start) * self.steps / max(1, settings.ramp))
        self.steps += 1
        for source, rate in rates.items():
            self.best[source] = max(rate, self.best.get(source, 0.0))
        bonus_QS = np.zeros(rewards_QS.shape)
        for q, (rewards, lengths) in enumerate(zip(rewards_QS, lengths_QS, strict=True)):
            correct, p = solved(rewards), solve_rate(rewards)
            if p <= max(self.best[sources_Q[q]] - settings.tolerance, 1 / len(rewards)):
                continue
            shortest = lengths[correct].min()
            fall = np.clip((lengths - shortest) / max(1, settings.longest - shortest), 0, 1)
            lam = np.where(lengths <= shortest + settings.slack, 0.5, 0.5 - fall)
            bonus_QS[q] = np.where(correct, weight * p * lam, 0.0)
        return bonus_QS

    def state_dict(self) -> dict[str, Any]:
        return {"best": dict(self.best), "steps": self.steps}

    def load_state_dict(self, state: dict[str, Any]) -> None:
        self.best, self.steps = dict(state["best"]), state["steps"]


def solved(rewards: np.ndarray) -> np.ndarray:
    """Which completions are correct: those with the reward of an exact answer. NaN is not."""
    return np.nan_to_num(rewards, nan=0.0) >= 1.0


def solve_rate(rewards: np.ndarray) -> float:
    """The share of a group's judged completions that are correct; 0 where none was judged."""
    judged = np.isfinite(rewards).sum()
    return float(solved(rewards).sum() / judged) if judged else 0.0
