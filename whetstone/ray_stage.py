"""A stage of reinforcement learning on a Ray cluster: its samplers and judges, in step with the learner or ahead of it.

Each process that learns has its own share of the samplers and judges.
"""

from __future__ import annotations

from functools import partial
from typing import Any

from accelerate import PartialState
from accelerate.utils import gather_object

from whetstone.blend import Blend
from whetstone.policy.model import ZayaPolicy
from whetstone.policy.teaching import GrpoSettings
from whetstone.policy.tokenizer import TextTokenizer
from whetstone.policy.trainer import Curriculum
from whetstone.ray_ahead import Ahead
from whetstone.ray_cluster import connect
from whetstone.ray_judges import RayJudges, workers
from whetstone.ray_samplers import RaySamplers, engine_of
from whetstone.ray_settings import RaySettings
from whetstone.rollout.types import Sampler
from whetstone.settings import GrpoStage


class RayStage:
    """What a stage asks for rollouts: `engine` has the weights, `sampler` and `curriculum` are for `grpo_step`."""

    def __init__(
        self,
        stage: GrpoStage,
        settings: RaySettings,
        policy: ZayaPolicy,
        tokenizer: TextTokenizer,
        blend: Blend,
        step: GrpoSettings,
        rows: int,
    ) -> None:
        connect()
        process = PartialState()
        rank, processes = process.process_index, process.num_processes
        make = partial(engine_of, policy.config, tokenizer, rows)
        self.engine = RaySamplers(
            make,
            settings,
            count=_share(settings.samplers, rank, processes),
            policy=policy,
            lag=stage.max_staleness,
            width=max(1, rows // stage.samples),
        )
        self.judges = RayJudges(workers(settings, _share(settings.judges, rank, processes)))
        self.ahead = None
        if stage.max_staleness:
            gather = gather_object if processes > 1 else list
            where = {"rank": rank, "processes": processes, "gather": gather}
            self.ahead = Ahead(blend, self.engine, self.judges, step, stage.max_staleness, **where)
        else:
            blend.judge_all = self.judges
        self.sampler: Sampler = self.ahead or self.engine
        self.curriculum: Curriculum = self.ahead or blend
        self._said = dict.fromkeys(self._counts(), 0)

    def _counts(self) -> dict[str, int]:
        samplers, judges = self.engine.fleet, self.judges.fleet
        return {
            "lost_samplers": samplers.lost,
            "lost_judges": judges.lost,
            "hung_judges": judges.hung,
            "requeued": samplers.again + judges.again,
        }

    def metrics(self) -> dict[str, float]:
        """What was lost and done again since the last call, and what was dropped."""
        counts = self._counts()
        found = {name: float(value - self._said[name]) for name, value in counts.items()}
        self._said = counts
        return found | (self.ahead.metrics() if self.ahead else {})

    def state_dict(self) -> dict[str, Any]:
        return self.ahead.state_dict() if self.ahead else {}

    def load_state_dict(self, state: dict[str, Any]) -> None:
        if self.ahead and state:
            self.ahead.load_state_dict(state)

    def close(self) -> None:
        """Let the workers go."""
        if self.ahead:
            self.ahead.close()
        self.engine.close()
        self.judges.fleet.close()


def _share(count: int, rank: int, processes: int) -> int:
    """A process's part of so many workers, at least one."""
    return max(1, len(range(rank, count, processes)))
