"""From logits to tokens, with the log-probability under the very distribution that was sampled.

Randomness is a key: the draw of one token is a pure function of (seed, sample, position), so a completion does not
depend on what else is in the batch, on when it was admitted, or on whether it was interrupted.

Legend: A rows, B numbers of a row, V vocabulary, W candidates.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
import torch
from torch import Tensor

from whetstone.rollout.types import Sampling

MASK = (1 << 64) - 1
GOLDEN, MIX_1, MIX_2 = 0x9E3779B97F4A7C15, 0xBF58476D1CE4E5B9, 0x94D049BB133111EB  # splitmix64 (Steele et al. 2014)
BELOW_ONE = 1 - 2.0**-23  # times any float32, it is a smaller float32
AHEAD = 16  # random numbers a row that are made at once
CANDIDATES = 1024  # top-p looks among so many tokens first: sorting a large vocabulary costs more than the model


def key(seed: int, sample: int) -> int:
    """A 63-bit key for the `sample`-th completion of a request with this seed."""
    z = (seed * GOLDEN + sample * 0xD1B54A32D192ED03 + 0x632BE59BD9B4E019) & MASK
    z = ((z ^ (z >> 30)) * MIX_1) & MASK
    z = ((z ^ (z >> 27)) * MIX_2) & MASK
    return (z ^ (z >> 31)) >> 1


def uniform(key_A: np.ndarray, counter_BA: np.ndarray) -> np.ndarray:
    """Numbers in [0, 1) by splitmix64 of (key, counter), both uint64, each row with its own key; float64."""
    z = key_A + (counter_BA + np.uint64(1)) * np.uint64(GOLDEN)
    z = (z ^ (z >> np.uint64(30))) * np.uint64(MIX_1)
    z = (z ^ (z >> np.uint64(27))) * np.uint64(MIX_2)
    return ((z ^ (z >> np.uint64(31))) >> np.uint64(11)) * 2.0**-53


class Draw:
    """The settings of the rows that are sampled together, made once for as long as the rows stay the same.

    `keys` and `counts` give each row's key and the number of tokens it has already drawn.
    """

    def __init__(
        self, settings: Sequence[Sampling], keys: Sequence[int], counts: Sequence[int], device: torch.device
    ) -> None:
        def column(values: list, dtype: torch.dtype = torch.float32) -> Tensor:
            return torch.tensor(values, dtype=dtype, device=device)[:, None]

        self.device = device
        self._key_A = np.array(keys, dtype=np.uint64)
        self._count_A = np.array(counts, dtype=np.uint64)
        self._ahead: list[Tensor] = []  # random numbers to come, the next one last
        greedy = [s.temperature == 0 for s in settings]
        self.greedy = all(greedy)
        self.greedy_A = column(greedy, torch.bool).squeeze(1) if any(greedy) else None
        warm = [s.temperature or 1.0 for s in settings]
        self.temperature_A1 = None if all(t == 1 for t in warm) else column(warm)
        self.alternatives = max(s.alternatives for s in settings)
        self.top_k_A1 = self.top_p_A1 = self.min_p_A1 = None
        if any(s.top_k or s.top_p < 1 for s in settings):
            self.top_k_A1 = column([s.top_k or 1 << 40 for s in settings], torch.long)
            self.top_p_A1 = column([s.top_p if s.top_p < 1 else math.inf for s in settings])
            self.widest = max(CANDIDATES, *(s.top_k for s in settings))
        if any(s.min_p for s in settings):
            self.min_p_A1 = column([math.log(s.min_p) if s.min_p else -math.inf for s in settings])

    def numbers(self) -> Tensor:
        """The next random number of each row, (A, 1), below 1."""
        if not self._ahead:
            numbers_BA = self.numbers_after(self._count_A + np.arange(AHEAD, dtype=np.uint64)[:, None])
            self._ahead = list(numbers_BA.flip(0).unsqueeze(-1).unbind())
            self._count_A += np.uint64(AHEAD)
        return self._ahead.pop()

    def numbers_after(self, count_BA: np.ndarray) -> Tensor:
        """The random numbers of the rows when they have drawn so many, below 1; of the shape of the counts."""
        numbers_BA = np.minimum(uniform(self._key_A, count_BA), BELOW_ONE).astype(np.float32)
        return torch.from_numpy(numbers_BA).to(self.device)

    def shaped(self, logits_AV: Tensor) -> Tensor:
        """The logits of the distribution to sample: temperature first, then top-k, top-p and min-p."""
        logits_AV = logits_AV.float()
        if self.temperature_A1 is not None:
            logits_AV = logits_AV / self.temperature_A1
        if self.top_k_A1 is not None and self.top_p_A1 is not None:
            logits_AV = cut(logits_AV, self.top_k_A1, self.top_p_A1, self.widest)
        if self.min_p_A1 is not None:
            logits_AV = logits_AV.masked_fill(logits_AV < logits_AV.amax(-1, keepdim=True) + self.min_p_A1, -torch.inf)
        return logits_AV


def sample(logits_AV: Tensor, draw: Draw) -> tuple[Tensor, Tensor, tuple[Tensor, Tensor] | None]:
    """Tokens (A,), their log-probabilities (A,), and the most likely tokens with theirs, (A, W) each, where wanted.

    Temperature 0 takes the most likely token and reports its log-probability at temperature 1. A row whose logits are
    not finite gets a log-probability that is not a number.
    """
    logits_AV = draw.shaped(logits_AV)
    probs_AV = logits_AV.softmax(-1)
    number_A1 = draw.numbers()
    if draw.greedy:
        token_A1 = logits_AV.argmax(-1, keepdim=True)
    else:
        cumulative_AV = probs_AV.cumsum(-1)
        # Times the actual total, so that rounding cannot point past the last token; `right` skips empty masses.
        token_A1 = torch.searchsorted(cumulative_AV, number_A1 * cumulative_AV[:, -1:], right=True)
        token_A1 = token_A1.clamp_max_(logits_AV.shape[1] - 1)
        if draw.greedy_A is not None:
            token_A1 = torch.where(draw.greedy_A[:, None], logits_AV.argmax(-1, keepdim=True), token_A1)
    logprob_A = probs_AV.gather(1, token_A1).squeeze(1).log()
    best = None
    if draw.alternatives:
        best_AW, which_AW = probs_AV.topk(min(draw.alternatives, probs_AV.shape[1]))
        best = which_AW, best_AW.log()
    return token_A1.squeeze(1), logprob_A, best


def cut(logits_AV: Tensor, top_k_A1: Tensor, top_p_A1: Tensor, widest: int = CANDIDATES) -> Tensor:
    """Keep the `top_k` most likely tokens and, of those, the smallest set of mass >= `top_p` (infinity: all of them).

    Only the `widest` most likely are sorted, unless some row needs more of them.
    """
    vocabulary = logits_AV.shape[1]
    width = min(widest, vocabulary)
    sorted_AW, order_AW = logits_AV.topk(width)
    rank_W = torch.arange(width, device=logits_AV.device)
    few_A1 = top_k_A1 < vocabulary
    within_AW = sorted_AW.masked_fill(rank_W >= top_k_A1, -torch.inf)
    total_A1 = torch.where(few_A1, within_AW.logsumexp(-1, keepdim=True), logits_AV.logsumexp(-1, keepdim=True))
    probs_AW = (within_AW - total_A1).exp()
    mass_AW = probs_AW.cumsum(-1)
    narrow_A1 = top_p_A1 < torch.inf
    if width < vocabulary and bool((narrow_A1 & ~few_A1 & (mass_AW[:, -1:] < top_p_A1)).any()):
        return cut(logits_AV, top_k_A1, top_p_A1, vocabulary)
    within_AW = within_AW.masked_fill((mass_AW - probs_AW >= top_p_A1) & (rank_W > 0), -torch.inf)
    kept_AV = torch.full_like(logits_AV, -torch.inf).scatter_(1, order_AW, within_AW)
    return torch.where(narrow_A1 | few_A1, kept_AV, logits_AV)
