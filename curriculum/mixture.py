"""Which task next, and at which level: a mixture over tasks whose weights follow what each still has to teach."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Generic, Protocol, TypeVar

import numpy as np


class Controller(Protocol):
    """Chooses the levels of one task, and learns from how groups of answers fared."""

    @property
    def signal(self) -> float:
        """How much a group of this task is expected to teach, in any unit that all controllers of a mixture share."""
        ...

    def propose(self, rng: np.random.Generator) -> int:
        """The level to ask at."""
        ...

    def observe(self, level: int, accuracy: float, samples: int = 1) -> None:
        """Learn from a group of `samples` answers at `level`, of which the share `accuracy` was exactly right."""
        ...

    def metrics(self) -> dict[str, float]:
        """At least `frontier`, the level that the policy is believed to have reached."""
        ...

    def state_dict(self) -> dict[str, Any]: ...

    def load_state_dict(self, state: dict[str, Any]) -> None: ...


C = TypeVar("C", bound=Controller)


class Mixture(Generic[C]):
    """Draws (task, level) pairs; a task's weight follows its signal, and is never under `floor` of an equal share.

    `weights` multiply the signals, to ask some tasks more than others. All randomness comes from one generator whose
    state is part of `state_dict`, so a resumed run asks the same.
    """

    def __init__(
        self,
        controllers: Mapping[str, C],
        seed: int,
        floor: float = 0.25,
        weights: Mapping[str, float] | None = None,
    ) -> None:
        if not controllers:
            raise ValueError("a mixture needs at least one task")
        if not 0 <= floor <= 1:
            raise ValueError(f"floor must lie in [0, 1], not {floor}")
        self.controllers = dict(controllers)
        self.floor = floor
        self.factors = np.array([(weights or {}).get(task, 1.0) for task in self.controllers])
        if unknown := sorted(set(weights or {}) - set(self.controllers)):
            raise ValueError(f"weights for tasks that are not in the mixture: {', '.join(unknown)}")
        if (self.factors <= 0).any():
            raise ValueError("a task's weight must be above 0; to leave a task out, do not list it")
        self.rng = np.random.default_rng(seed)

    def weights(self) -> np.ndarray:
        """The chance of each task: in proportion to weight x signal, and at least `floor` of its share by weight."""
        raw = self.factors * np.array([controller.signal for controller in self.controllers.values()])
        even = self.factors / self.factors.sum()
        return (1 - self.floor) * (raw / raw.sum() if raw.sum() > 0 else even) + self.floor * even

    def propose(self, count: int) -> list[tuple[str, int]]:
        """`count` pairs of task and level."""
        tasks = list(self.controllers)
        drawn = self.rng.choice(len(tasks), size=count, p=self.weights())
        return [(tasks[i], self.controllers[tasks[i]].propose(self.rng)) for i in drawn]

    def observe(self, task: str, level: int, accuracy: float, samples: int = 1) -> None:
        """Tell the task's controller how a group fared."""
        self.controllers[task].observe(level, accuracy, samples)

    def metrics(self) -> dict[str, dict[str, float]]:
        """What each task's controller reports."""
        return {task: controller.metrics() for task, controller in self.controllers.items()}

    def state_dict(self) -> dict:
        return {
            "controllers": {task: controller.state_dict() for task, controller in self.controllers.items()},
            "rng": self.rng.bit_generator.state,
        }

    def load_state_dict(self, state: dict) -> None:
        for task, saved in state["controllers"].items():
            self.controllers[task].load_state_dict(saved)
        self.rng.bit_generator.state = state["rng"]
