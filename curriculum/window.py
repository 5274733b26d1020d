"""RLVE's rule (arXiv 2511.07317): levels drawn evenly from a window of four, which rises when its top is mastered."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True, slots=True)
class WindowSettings:
    """How wide the window is and when it moves."""

    width: int = 4  # levels in the window
    promote_at: float = 0.9  # accuracy at the top that moves it up
    promote_samples: int = 128  # answers at the top over which that is taken
    top: int = 1_000_000  # the window never passes this level


class Window:
    """The level controller of one task. The window grows from level 0, and never moves down."""

    def __init__(self, settings: WindowSettings) -> None:
        self.settings = settings
        self.frontier = 0
        self.correct, self.samples = 0.0, 0

    @property
    def signal(self) -> float:
        """The rule knows no task that teaches more than another."""
        return 1.0

    def propose(self, rng: np.random.Generator) -> int:
        """The level to ask at."""
        return int(rng.integers(max(0, self.frontier - self.settings.width + 1), self.frontier + 1))

    def observe(self, level: int, accuracy: float, samples: int = 1) -> None:
        """Learn from a group of `samples` answers at `level`, of which the share `accuracy` was exactly right."""
        if level != self.frontier:
            return
        self.correct, self.samples = self.correct + accuracy * samples, self.samples + samples
        if self.samples >= self.settings.promote_samples:
            if self.correct >= self.settings.promote_at * self.samples and self.frontier < self.settings.top:
                self.frontier += 1
            self.correct, self.samples = 0.0, 0

    def metrics(self) -> dict[str, float]:
        """The top of the window."""
        return {"frontier": self.frontier}

    def state_dict(self) -> dict:
        return {"frontier": self.frontier, "correct": self.correct, "samples": self.samples}

    def load_state_dict(self, state: dict) -> None:
        self.frontier, self.correct, self.samples = state["frontier"], state["correct"], state["samples"]
