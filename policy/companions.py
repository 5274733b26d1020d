"""What goes along with a policy through reinforcement learning and has a state of its own."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from accelerate.utils import gather_object

from whetstone.policy.batch import Row
from whetstone.policy.canaries import Canaries
from whetstone.policy.model import ZayaPolicy
from whetstone.policy.reference import Reference
from whetstone.policy.shaping import LengthReward, solve_rate


@dataclass
class Companions:
    """All are optional. `reference` stays as the policy was, `average` follows it; a KL is taken to the first there is.

    `lengths` rewards brevity, by the `source` of a question; `held_out` is the accuracy of the present step by a
    verifier that is not trained on. `faulty` holds the rows of the present step if their gradient was not finite.
    """

    reference: Reference | None = None
    average: Reference | None = None
    lengths: LengthReward | None = None
    canaries: Canaries = field(default_factory=Canaries)
    source: Callable[[Any], str] = lambda _: "all"
    held_out: Callable[[], float] | None = None
    faulty: list[Row] = field(default_factory=list)

    def begin(self) -> None:
        """Forget what the last step set off."""
        self.canaries.alarms, self.faulty = [], []

    @property
    def anchor(self) -> ZayaPolicy:
        """The policy to stay close to. Raises `ValueError` where there is none."""
        beside = self.reference or self.average
        if beside is None:
            raise ValueError("a KL term needs a reference policy; give one as `reference` or `average`")
        return beside.policy

    def length_bonus(
        self, questions: Sequence[Any], rewards_QS: np.ndarray, lengths_QS: np.ndarray
    ) -> np.ndarray | None:
        """The length reward of every completion, (questions, samples), None where there is none."""
        if self.lengths is None:
            return None
        sources_Q = [self.source(question) for question in questions]
        own = [(source, solve_rate(rewards)) for source, rewards in zip(sources_Q, rewards_QS, strict=True)]
        found = gather_object(own)  # of all processes, so that all remember the same best rates
        rates = {source: float(np.mean([p for s, p in found if s == source])) for source, _ in found}
        return self.lengths(rewards_QS, lengths_QS, sources_Q, rates)

    def state_dict(self) -> dict[str, Any]:
        parts = {"reference": self.reference, "average": self.average, "lengths": self.lengths}
        found = {name: part.state_dict() for name, part in parts.items() if part is not None}
        return found | {"canaries": self.canaries.state_dict()}

    def load_state_dict(self, state: dict[str, Any]) -> None:
        parts = {"reference": self.reference, "average": self.average, "lengths": self.lengths}
        for name, part in parts.items():
            if part is not None:
                part.load_state_dict(state[name])
        self.canaries.load_state_dict(state["canaries"])
