"""Strategies by name, as a command line or a request has them: `markovian-rsa:n=8,c=2,rounds=3,tail=512`."""

from __future__ import annotations

import difflib
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from whetstone.rollout.strategies.markovian_rsa import MarkovianRSA, Template, Tokenizer, delethink, rsa
from whetstone.rollout.strategies.parallel import BestOfN, Majority, Single
from whetstone.rollout.strategies.planned import Planned
from whetstone.rollout.types import Sampling

NAMES: dict[str, tuple[str, ...]] = {  # and the numbers that each takes
    "single": ("n",),
    "majority": ("n",),
    "best-of-n": ("n",),
    "rsa": ("n", "c", "rounds"),
    "delethink": ("n", "rounds", "tail"),
    "markovian-rsa": ("n", "c", "rounds", "tail"),
}


@dataclass(frozen=True, slots=True)
class StrategySpec:
    """A strategy by name, with the numbers that differ from its defaults."""

    name: str
    numbers: Mapping[str, int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if self.name not in NAMES:
            near = difflib.get_close_matches(self.name, NAMES, n=1, cutoff=0.5)
            hint = f"did you mean {near[0]!r}?" if near else f"expected one of {', '.join(NAMES)}"
            raise ValueError(f"there is no strategy {self.name!r}; {hint}")
        for key, value in self.numbers.items():
            if key not in NAMES[self.name]:
                raise ValueError(f"{self.name} has no {key!r}; it takes {', '.join(NAMES[self.name])}")
            if isinstance(value, bool) or not isinstance(value, int):
                raise ValueError(f"{self.name}: {key} must be a whole number, not {value!r}")

    def build(self, tokenizer: Tokenizer, sampling: Sampling, template: Template | None = None) -> Planned:
        """The strategy; raises `ValueError` for numbers that do not go together."""
        plain = {"single": Single, "majority": Majority, "best-of-n": BestOfN}
        if self.name in plain:
            return plain[self.name](sampling, **self.numbers)
        numbers: dict[str, Any] = dict(self.numbers)
        if self.name == "rsa":
            return rsa(tokenizer, sampling, **numbers, template=template)
        if self.name == "delethink":
            return delethink(tokenizer, sampling, **numbers, template=template)
        return MarkovianRSA(tokenizer, sampling, **numbers, template=template or Template())


def parse_strategy(given: str | Mapping[str, Any]) -> StrategySpec:
    """A strategy from `name`, from `name:key=number,…`, or from a mapping with `name` and numbers.

    >>> parse_strategy("markovian-rsa:n=8,c=2").numbers
    {'n': 8, 'c': 2}
    """
    if isinstance(given, str):
        name, _, rest = given.partition(":")
        return StrategySpec(name, dict(_number(name, pair) for pair in rest.split(",") if rest))
    numbers = dict(given)
    name = numbers.pop("name", None)
    if not isinstance(name, str):
        raise ValueError(f"a strategy needs a name, one of {', '.join(NAMES)}")
    return StrategySpec(name, numbers)


def _number(name: str, pair: str) -> tuple[str, int]:
    key, _, value = pair.partition("=")
    try:
        return key.strip(), int(value)
    except ValueError:
        raise ValueError(f"{name}: expected key=number, such as n=8, got {pair!r}") from None
