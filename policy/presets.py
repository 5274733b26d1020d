"""The published losses by name: each is a choice of advantage, aggregation, trust region and level of the ratio.

In the equations r = pi(o_t) / pi_old(o_t) is a token's ratio, A a completion's advantage, R its reward, G the
completions of a group, |o| a completion's tokens, L the longest completion allowed; all of them are to be maximised.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, Literal

from whetstone.policy.advantage import Advantage

Aggregation = Literal["token", "sequence", "constant"]
Rule = Literal["clip", "mask", "truncate"]
Level = Literal["token", "sequence"]
Old = Literal["sampler", "trainer"]
Correcting = Literal["none", "truncate", "mask"]
Estimator = Literal["k1", "k2", "k3"]
Name = Literal["grpo", "dr_grpo", "dapo", "gspo", "cispo", "maxrl", "dppo", "zaya1"]


@dataclass(frozen=True, slots=True)
class Preset:
    """What distinguishes the losses; the fields are those of `LossSettings` and `GrpoSettings`, and of a recipe."""

    advantage: Advantage = "grpo"
    aggregation: Aggregation = "token"
    rule: Rule = "clip"
    ratio: Level = "token"
    clip_low: float = 0.2
    clip_high: float = 0.28

    def settings(self) -> Mapping[str, Any]:
        """The choices by name."""
        return asdict(self)


def grpo() -> Preset:
    """GRPO (DeepSeekMath, arXiv 2402.03300, eq. 3), without its KL term: set `kl` for it.

    1/G sum_i 1/|o_i| sum_t min(r A_i, clip(r, 0.8, 1.2) A_i), A_i = (R_i - mean(R)) / std(R).
    """
    return Preset(aggregation="sequence", clip_high=0.2)


def dr_grpo() -> Preset:
    """Dr. GRPO (arXiv 2503.20783): neither the completion's length nor the group's deviation divides.

    1/G sum_i 1/L sum_t min(r A_i, clip(r, 0.8, 1.2) A_i), A_i = R_i - mean(R). L only scales the gradient.
    """
    return Preset("dr_grpo", "constant", clip_high=0.2)


def dapo() -> Preset:
    """DAPO (arXiv 2503.14476, eq. 8): a mean over tokens, and a wider range upwards.

    1 / sum_i |o_i| sum_i sum_t min(r A_i, clip(r, 0.8, 1.28) A_i), A_i as GRPO's. Its dynamic sampling and its length
    penalty are settings of their own (`refill`, `soft_overlong`).
    """
    return Preset()


def gspo() -> Preset:
    """GSPO (arXiv 2507.18071): one ratio a completion, the geometric mean of its tokens' ratios.

    1/G sum_i min(s A_i, clip(s, 1 - 3e-4, 1 + 4e-4) A_i), s = (pi(o_i) / pi_old(o_i))^(1/|o_i|), A_i as GRPO's.
    """
    return Preset(aggregation="sequence", ratio="sequence", clip_low=3e-4, clip_high=4e-4)


def cispo() -> Preset:
    """CISPO (MiniMax-M1, arXiv 2506.13585): the ratio is cut but never its token's gradient.

    1 / sum_i |o_i| sum_i sum_t sg(min(r, 5)) A_i log pi(o_t), A_i as GRPO's, sg a constant for the gradient. The paper
    names no cap; 5 is what TRL advises.
    """
    return Preset(rule="truncate", clip_low=1.0, clip_high=4.0)


def maxrl() -> Preset:
    """MaxRL advantages, as the ZAYA1 report has them (arXiv 2605.05365), in the loss of Dr. GRPO.

    1/G sum_i 1/L sum_t min(r A_i, clip(r, 0.8, 1.28) A_i), A_i = (R_i - mean(R)) / mean(R), for rewards >= 0.
    """
    return Preset("maxrl", "constant")


def dppo() -> Preset:
    """DPPO with the binary total variation (arXiv 2602.04879) at delta 0.1, in the loss of Dr. GRPO.

    1/G sum_i 1/L sum_t m r A_i, A_i = R_i - mean(R); m = 0 where |pi(o_t) - pi_old(o_t)| > delta and A_i pushes the
    probability further away, else 1. delta is `clip_high`.
    """
    return Preset("dr_grpo", "constant", rule="mask", clip_low=0.0, clip_high=0.1)


def zaya1() -> Preset:
    """The ZAYA1 report's loss (arXiv 2605.05365): DPPO's mask at delta 0.1, Dr. GRPO's sum, MaxRL's advantage.

    1/G sum_i 1/L sum_t m r A_i, A_i = (R_i - mean(R)) / mean(R), m as DPPO's.
    """
    return Preset("maxrl", "constant", rule="mask", clip_low=0.0, clip_high=0.1)


def agree(rule: Rule, ratio: Level, old: Old, correction: Correcting) -> None:
    """Raise `ValueError` for choices that do not go together."""
    if ratio == "sequence" and rule != "clip":
        raise ValueError(f"the ratio of a whole sequence is clipped (GSPO); the rule {rule!r} is for tokens")
    if correction != "none" and old == "sampler":
        raise ValueError(
            "a correction weighs the trainer's old policy against the sampler's, but the ratio is already taken "
            'against the sampler; set old = "trainer", or leave the correction out'
        )


PRESETS: Mapping[str, Preset] = {
    "grpo": grpo(),
    "dr_grpo": dr_grpo(),
    "dapo": dapo(),
    "gspo": gspo(),
    "cispo": cispo(),
    "maxrl": maxrl(),
    "dppo": dppo(),
    "zaya1": zaya1(),
}
