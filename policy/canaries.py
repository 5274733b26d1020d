"""Canaries: signs that a run goes wrong, each with a threshold, an action and a reason that a person can read.

A canary reads numbers of a step by name, as metrics have them; one that misses a number stays silent. It looks either
before the batch is learnt from or, at what only the backward pass tells, before the optimizer steps. What is usual is
learnt on the way and part of the state. Every process sees the same numbers, so all decide alike.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections import deque
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from itertools import islice
from typing import Any, ClassVar, Literal

Action = Literal["off", "warn", "skip", "stop"]
Readings = Mapping[str, float]


@dataclass(frozen=True, slots=True)
class Alarm:
    """What a canary has to say: which it was, what is to be done, and why."""

    canary: str
    action: Action
    reason: str

    def __str__(self) -> str:
        return f"{self.canary}: {self.reason} ({self.action})"


@dataclass
class Canary(ABC):
    """One sign. `reads` names what it needs; `look` gives a reason, or None while all is well."""

    threshold: float
    action: Action = "warn"
    reads: ClassVar[tuple[str, ...]]
    name: ClassVar[str]

    @abstractmethod
    def look(self, readings: Readings) -> str | None: ...

    def state_dict(self) -> dict[str, Any]:
        return {}

    def load_state_dict(self, state: dict[str, Any]) -> None:
        del state


@dataclass
class Repetition(Canary):
    """Completions that go round in circles: the share whose `shaping.compression` is below the bound is too large."""

    name = "repetition"
    reads = ("repetitive",)

    def look(self, readings: Readings) -> str | None:
        share = readings["repetitive"]
        return (
            f"{share:.1%} of the completions repeat themselves, over {self.threshold:.1%}"
            if _above(share, self)
            else None
        )


@dataclass
class RareTokens(Canary):
    """Too many tokens from the top tenth of the ids, where a byte-pair vocabulary has its rarest."""

    name = "rare_tokens"
    reads = ("rare_tokens",)

    def look(self, readings: Readings) -> str | None:
        share = readings["rare_tokens"]
        return f"{share:.1%} of the tokens are rare, over {self.threshold:.1%}" if _above(share, self) else None


@dataclass
class EntropyCollapse(Canary):
    """The mean entropy of a token, in nats, is below the threshold: the policy no longer tries anything."""

    name = "entropy"
    reads = ("entropy",)

    def look(self, readings: Readings) -> str | None:
        entropy = readings["entropy"]
        below = entropy < self.threshold
        return f"entropy is {entropy:.3g} nats a token, under {self.threshold:g}" if below else None


@dataclass
class Surge(Canary):
    """A number beyond `threshold` times its running mean, once that has been taken over `window` steps.

    A surge enters the mean as the threshold itself, so that one does not hide the next and a new level becomes usual.
    """

    window: int = 20
    mean: float = 0.0
    seen: int = 0

    def look(self, readings: Readings) -> str | None:
        value, limit = readings[self.reads[0]], self.threshold * self.mean
        fires = self.seen >= self.window and 0 < limit < value
        self.seen += 1
        self.mean += ((limit if fires else value) - self.mean) / min(self.seen, self.window)
        if not fires:
            return None
        return f"{self.reads[0]} is {value:.4g}, over {self.threshold:g} times its usual {limit / self.threshold:.4g}"

    def state_dict(self) -> dict[str, Any]:
        return {"mean": self.mean, "seen": self.seen}

    def load_state_dict(self, state: dict[str, Any]) -> None:
        self.mean, self.seen = state["mean"], state["seen"]


@dataclass
class LengthExplosion(Surge):
    """Completions are much longer, in tokens, than they were."""

    name = "length"
    reads = ("length",)


@dataclass
class GradientSpike(Surge):
    """The gradient's norm, before clipping, is far beyond what it was."""

    name = "gradient"
    reads = ("grad_norm",)


@dataclass
class RewardHacking(Canary):
    """What is trained on rises while a verifier that is not falls: the policy has found a hole in the first.

    Both are averaged over the last `window` steps and over the `window` before; it fires when the trained reward rose
    and the held-out accuracy fell by more than the threshold.
    """

    window: int = 20
    recent: deque[tuple[float, float]] = field(default_factory=deque)
    name = "hacking"
    reads = ("reward", "held_out")

    def look(self, readings: Readings) -> str | None:
        self.recent.append((readings["reward"], readings["held_out"]))
        if len(self.recent) > 2 * self.window:
            self.recent.popleft()
        if len(self.recent) < 2 * self.window:
            return None
        before, after = islice(self.recent, self.window), islice(self.recent, self.window, None)
        (old, old_held), (new, new_held) = (map(_mean, zip(*part, strict=True)) for part in (before, after))
        if min(new - old, old_held - new_held) <= self.threshold:
            return None
        return (
            f"over {self.window} steps the trained reward rose from {old:.3f} to {new:.3f} "
            f"while the held-out verifier fell from {old_held:.3f} to {new_held:.3f}"
        )

    def state_dict(self) -> dict[str, Any]:
        return {"recent": [list(pair) for pair in self.recent]}

    def load_state_dict(self, state: dict[str, Any]) -> None:
        self.recent = deque((reward, held_out) for reward, held_out in state["recent"])


def _above(share: float, canary: Canary) -> bool:
    return share > canary.threshold


def _mean(values: Iterable[float]) -> float:
    found = list(values)
    return sum(found) / len(found)


class Canaries:
    """Those of a run; `alarms` holds what the present step set off."""

    def __init__(self, canaries: Iterable[Canary] = ()) -> None:
        self.canaries = {canary.name: canary for canary in canaries if canary.action != "off"}
        self.alarms: list[Alarm] = []

    def look(self, readings: Readings, names: Iterable[str]) -> bool:
        """Ask those that read one of `names`; whether the batch is to be left out (all who skip or stop say so)."""
        wanted, found = set(names), []
        for canary in self.canaries.values():
            if wanted.intersection(canary.reads) and all(name in readings for name in canary.reads):
                reason = canary.look(readings)
                found += [Alarm(canary.name, canary.action, reason)] if reason else []
        self.alarms += found
        return any(alarm.action in ("skip", "stop") for alarm in found)

    @property
    def stop(self) -> str | None:
        """Why the run is to end, if it is."""
        return next((str(alarm) for alarm in self.alarms if alarm.action == "stop"), None)

    def state_dict(self) -> dict[str, Any]:
        return {name: canary.state_dict() for name, canary in self.canaries.items()}

    def load_state_dict(self, state: dict[str, Any]) -> None:
        for name, canary in self.canaries.items():
            canary.load_state_dict(state[name])
