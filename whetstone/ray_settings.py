"""How a run is spread over a Ray cluster: how many of each kind of worker, and what each may use."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from whetstone.typed import Positive, Rate, Settings

Part = Annotated[float, Field(ge=0)]


class RaySettings(Settings):
    """The workers of a run whose `engine` is "ray". The cluster is the one that RAY_ADDRESS names, or this machine."""

    samplers: Positive = 1
    """Actors that write rollouts, each with a copy of the policy."""
    judges: Positive = 1
    """Actors that judge rollouts, a group at a time each."""
    learners: Positive = 1
    """Processes that learn; several, and such as have GPUs, are placed by Ray Train, a single one on CPUs is here."""
    sampler_cpus: Part = 1.0
    """CPUs that each sampler reserves; also its threads, of which there is at least one."""
    sampler_gpus: Part = 0.0
    """GPUs of each sampler, such as 1; 0 samples on CPUs."""
    judge_cpus: Part = 1.0
    """CPUs that each judge reserves."""
    learner_cpus: Part = 1.0
    """CPUs that each learner reserves where Ray Train places it."""
    learner_gpus: Part = 0.0
    """GPUs of each learner, such as 1; 0 learns on CPUs."""
    judge_seconds: Rate = 300.0
    """Seconds after which a judge that has not come back is killed, and its group judged by another."""
    patience: Rate = 600.0
    """Seconds that may pass until the first of the samplers, and of the judges, is up."""

    @property
    def placed(self) -> bool:
        """Whether Ray Train places the learners."""
        return self.learners > 1 or self.learner_gpus > 0
