"""What a stage of reinforcement learning may have beside its loss: corrections, penalties and canaries."""

from __future__ import annotations

from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from whetstone.policy.canaries import Action
from whetstone.typed import Count, Positive, Rate, Settings, Share

Weight = Annotated[float, Field(ge=0)]


class CorrectionSettings(Settings):
    """What is done about a trainer whose probabilities are not quite the sampler's; needs `old` = "trainer"."""

    kind: Literal["none", "truncate", "mask"] = "none"
    """Nothing, importance weights cut at `high`, or tokens taken out whose weight is not within `low` and `high`."""
    level: Literal["token", "sequence"] = "token"
    """Whether a weight is a token's, or the product over a completion."""
    low: Share = 0.0
    """Least importance weight."""
    high: Annotated[float, Field(ge=1)] = 2.0
    """Largest importance weight."""


class KlSettings(Settings):
    """What keeps the policy close to a reference."""

    weight: Weight = 0.0
    """Weight of the KL divergence, in reward per nat; 0 is none, and then there is no reference policy."""
    term: Literal["loss", "reward"] = "loss"
    """Whether it is added to the loss of each token, or its sum over a completion taken from the reward."""
    estimator: Literal["k1", "k2", "k3"] = "k3"
    """With d the log-ratio to the reference: d, d^2 / 2, or exp(-d) - 1 + d (Schulman 2020)."""
    to: Literal["start", "average"] = "start"
    """The reference: the policy as the stage began, or the moving average of it."""

    @model_validator(mode="after")
    def _pulls(self) -> Self:
        if self.weight and self.term == "loss" and self.estimator == "k1":
            raise ValueError("k1 in the loss has a gradient of zero on average; use k2 or k3, or term = 'reward'")
        return self


class LengthSettings(Settings):
    """The ZAYA1 report's reward for short correct completions (arXiv 2605.05365), which gives none of these numbers."""

    longest: Count = 0
    """Tokens at which the reward has fallen as far as it falls (l_max); 0 rewards no length."""
    slack: Count = 0
    """Tokens beyond a group's shortest correct completion that cost nothing (T_l)."""
    tolerance: Share = 0.1
    """How far a group's solve rate may be below the best of its source (T_acc); below that, length does not count."""
    start: Share = 0.1
    """Weight of the reward at the first step (c)."""
    ramp: Positive = 100
    """Steps over which the weight rises to 1."""


class CanarySettings(Settings):
    """Signs that a run goes wrong; an action is off, warn (say so), skip (leave the batch out) or stop (save, end)."""

    repetition: Share = 0.05
    """Completions with a chunk of 1,024 tokens that zlib brings below this share of its bytes earn 0; 0: no look."""
    repetition_share: Share = 0.1
    """Share of such completions in a step beyond which the action is taken."""
    repetition_action: Action = "warn"
    """What is done then."""
    rare_tokens: Share = 0.5
    """Share of the tokens from the top tenth of the ids beyond which the action is taken."""
    rare_tokens_action: Action = "warn"
    """What is done then."""
    length: Rate = 3.0
    """How many times its usual value the mean length may have."""
    length_action: Action = "warn"
    """What is done beyond."""
    entropy: Weight = 0.001
    """Least mean entropy of a token, in nats."""
    entropy_action: Action = "warn"
    """What is done below."""
    gradient: Rate = 10.0
    """How many times its usual value the gradient's norm may have."""
    gradient_action: Action = "warn"
    """What is done beyond."""
    hacking: Share = 0.05
    """How much the trained reward may rise while exact accuracy, which is not trained on, falls as much."""
    hacking_action: Action = "off"
    """What is done beyond; needs a reward that is not exact accuracy itself."""
    window: Positive = 20
    """Steps over which the usual length, norm, reward and accuracy are taken."""
