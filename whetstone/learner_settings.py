"""How what learns is spread over the processes that learn."""

from __future__ import annotations

from typing import Literal, Self

from pydantic import model_validator

from whetstone.typed import Positive, Settings


class LearnerSettings(Settings):
    """How weights, gradients and moments lie on the processes of a run that has several (`torchrun`, Ray)."""

    parallel: Literal["ddp", "fsdp"] = "ddp"
    """Whole on each process ("ddp"), or a part of them on each ("fsdp"), beside a whole copy for sampling."""
    expert_parallel: Positive = 1
    """Processes that share the experts of a layer; divides the processes and the experts, and needs "fsdp"."""

    @model_validator(mode="after")
    def _experts_are_spread(self) -> Self:
        if self.expert_parallel > 1 and self.parallel == "ddp":
            raise ValueError("expert_parallel spreads weights, which ddp keeps whole; set parallel = 'fsdp' with it")
        return self
