"""From rewards to advantages. Pure functions of rewards and group ids.

Legend: R rows (completions); the rows of a group answer the same prompt.
"""

from __future__ import annotations

from typing import Literal

import numpy as np

Advantage = Literal["grpo", "dr_grpo", "maxrl", "batch"]
FLAT = 1e-6  # a group whose rewards spread less than this carries no signal (float noise must not be amplified)
EPSILON = 1e-4  # added to standard deviations


def advantages(
    rewards_R: np.ndarray,
    groups_R: np.ndarray,
    kind: Advantage = "grpo",
    *,
    bonus_R: np.ndarray | None = None,
    spread: float | None = None,
) -> np.ndarray:
    """The advantage of each row against its own group; rows of a group without variance get exactly 0.

    - `grpo`: (r - mean) / (std + 1e-4), Shao et al. 2024 (arXiv 2402.03300), population std.
    - `dr_grpo`: r - mean, Liu et al. 2025 (arXiv 2503.20783).
    - `maxrl`: (r - mean) / mean, as the ZAYA1 report trains (arXiv 2605.05365); needs rewards >= 0.
    - `batch`: (r - mean) / (std of the batch + 1e-4), the mean still the group's (TRL's `scale_rewards="batch"`).

    `bonus_R` is added to the numerators alone, so that no mean hears of it (the ZAYA1 report's length reward).
    `spread` is the batch's std where these rows are not all of it. Raises `ValueError` for `maxrl` and a reward below
    0, by whose mean nothing can be divided.
    """
    if kind == "maxrl" and len(rewards_R) and np.min(rewards_R) < 0:
        raise ValueError(
            f"maxrl divides by a group's mean reward and needs rewards >= 0, not {np.min(rewards_R):g}; "
            f"choose the advantage grpo or dr_grpo, or leave out what lowers rewards"
        )
    out_R = np.zeros(len(rewards_R))
    if spread is None:
        spread = float(np.std(rewards_R)) if len(rewards_R) else 0.0
    for group in np.unique(groups_R):
        rows = groups_R == group
        rewards = rewards_R[rows].astype(float)
        centred, own = rewards - rewards.mean(), rewards.std()
        if own < FLAT:
            continue
        scale = {"grpo": own + EPSILON, "dr_grpo": 1.0, "maxrl": rewards.mean(), "batch": spread + EPSILON}[kind]
        out_R[rows] = (centred if bonus_R is None else centred + bonus_R[rows]) / scale
    return out_R


def differs(rewards: np.ndarray) -> bool:
    """Whether a group's rewards differ, so that it teaches something; NaN is no reward."""
    judged = rewards[np.isfinite(rewards)].astype(float)
    return len(judged) > 1 and bool(judged.std() >= FLAT)
