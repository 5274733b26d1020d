"""Problems to ask again: those whose answers differed, while that is likely to happen once more.

At the policy's edge some problems of a level are always solved and some never, and groups of their answers teach
nothing. Which ones do not is only known once they have been asked: a problem that was solved r times in n has a rate of
about Beta(r + 1/2, n - r + 1/2), and the chance that the next group differs follows from it (as prioritized level
replay, arXiv 2010.03934, picks levels by what they taught). A problem is asked again a few times at most, soon, and
never once its answers agree.
"""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from whetstone.curriculum.bayes import alike_chance


@dataclass(frozen=True, slots=True)
class UnsettledSettings:
    """How often, and for how long."""

    group: int = 8  # answers of a group
    times: int = 3  # a problem is asked again
    least: float = 0.7  # chance to differ below which a new problem is as good: one right of 8 has 0.65
    staleness: int = 8  # steps after which it is forgotten


@dataclass(slots=True)
class Seen:
    """How a problem fared: `right` of `count` answers in all, `again` times asked again, last in step `step`."""

    right: int
    count: int
    again: int
    step: int


class Unsettled:
    """Recent problems by name (anything that JSON can hold, as a tuple), with the chance that their answers differ."""

    def __init__(self, settings: UnsettledSettings | None = None) -> None:
        self.settings = settings or UnsettledSettings()
        self.step = 0
        self._seen: dict[Hashable, Seen] = {}

    def __len__(self) -> int:
        return len(self._seen)

    def advance(self) -> None:
        """A step is over: forget what is too old."""
        self.step += 1
        oldest = self.step - self.settings.staleness
        self._seen = {name: seen for name, seen in self._seen.items() if seen.step >= oldest}

    def tell(self, name: Hashable, right: int, count: int) -> None:
        """A group of `count` answers to the problem, `right` of them right."""
        before = self._seen.pop(name, None)
        again = before.again + 1 if before else 0
        if 0 < right < count and again < self.settings.times:
            old = (before.right, before.count) if before else (0, 0)
            self._seen[name] = Seen(old[0] + right, old[1] + count, again, self.step)

    def chances(self) -> np.ndarray:
        """The chance that a group of answers to each problem differs, in the order of `names`."""
        right = np.array([seen.right for seen in self._seen.values()]) + 0.5
        count = np.array([seen.count for seen in self._seen.values()]) + 1.0
        return 1 - alike_chance(self.settings.group, right / count, 1 / (count + 1))

    @property
    def names(self) -> Sequence[Hashable]:
        """The problems, the one told of longest ago first."""
        return list(self._seen)

    def best(self, count: int) -> list[Any]:
        """Up to `count` problems, those whose answers are likeliest to differ, of equals the newest."""
        names, chances = self.names[::-1], self.chances()[::-1]
        order = np.argsort(-chances, kind="stable")[:count]
        return [names[i] for i in order if chances[i] >= self.settings.least]

    def state_dict(self) -> dict[str, Any]:
        return {"step": self.step, "seen": [[list(name), asdict(seen)] for name, seen in self._seen.items()]}  # type: ignore[call-overload]

    def load_state_dict(self, state: dict[str, Any]) -> None:
        self.step = state["step"]
        self._seen = {tuple(name): Seen(**seen) for name, seen in state["seen"]}
