"""The inputs of a problem, made by its author's generators from keys: the same key gives the same input."""

from __future__ import annotations

import zlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from itertools import islice
from typing import TYPE_CHECKING, Literal

from whetstone.envs.code.blueprint import SIZES, Blueprint

if TYPE_CHECKING:
    from numpy.random import Generator as Rng

Origin = Literal["small", "random", "worst", "hack"]
LARGE = 20_000  # characters: above, an input is large, and programs run on it one by one
REACH = 3  # largest size of random inputs that is within the brute force's reach
SMALL = 2_000  # inputs of `small()` that are looked at
WORST = 8  # inputs of `worst()` that are looked at


@dataclass(frozen=True, slots=True)
class Key:
    """What an input is made of again."""

    origin: Origin
    detail: int | str = 0
    """random: the size; hack: the idea."""
    number: int = 0
    """small, worst: the place among them; random, hack: part of the seed."""
    seed: int = 0

    @property
    def kind(self) -> str:
        """The kind of the test, as `Test.kind` words it."""
        match self.origin:
            case "small":
                return "small"
            case "hack":
                return f"hack: {self.detail}"
            case "random":
                return f"random {self.detail}"
        return "worst"

    def rng(self) -> Rng:
        import numpy as np

        return np.random.default_rng([self.seed, zlib.crc32(f"{self.origin} {self.detail}".encode()), self.number])

    def make(self, blueprint: type[Blueprint]) -> str:
        """The input. Raises `LookupError` where the author's generator holds no such one any more."""
        if self.origin == "random":
            return blueprint.random(self.rng(), int(self.detail))
        if self.origin == "hack":
            return blueprint.hack(self.rng(), str(self.detail))
        found = _smalls(blueprint) if self.origin == "small" else _worsts(blueprint, self.seed)
        if self.number >= len(found):
            raise LookupError(f"there is no input {self.number} of {self.origin}()")
        return found[self.number]


@lru_cache(4)
def _smalls(blueprint: type[Blueprint]) -> tuple[str, ...]:
    return tuple(islice(blueprint.small(), SMALL))


@lru_cache(4)
def _worsts(blueprint: type[Blueprint], seed: int) -> tuple[str, ...]:
    """One pass of the generator: its inputs share a stream, so that one alone cannot be made."""
    return tuple(islice(blueprint.worst(Key("worst", seed=seed).rng()), WORST))


@dataclass(frozen=True, slots=True)
class Made:
    """An input with its key."""

    key: Key
    text: str

    @property
    def large(self) -> bool:
        return len(self.text) > LARGE


def make(blueprint: type[Blueprint], keys: Iterable[Key], seen: set[str] | None = None) -> Iterator[Made]:
    """The inputs of keys, each different one once; `seen` holds those that do not count as different."""
    seen = set() if seen is None else seen
    for key in keys:
        text = key.make(blueprint)
        if text not in seen:
            seen.add(text)
            yield Made(key, text)


def small_keys(blueprint: type[Blueprint]) -> list[Key]:
    """Of all inputs of `small()`, in its order."""
    return [Key("small", number=number) for number in range(len(_smalls(blueprint)))]


def worst_keys(blueprint: type[Blueprint], seed: int) -> list[Key]:
    """Of all inputs of `worst()`, in its order."""
    return [Key("worst", number=number, seed=seed) for number in range(len(_worsts(blueprint, seed)))]


def random_keys(sizes: Iterable[int], count: int, seed: int) -> list[Key]:
    """`count` of each size, sizes in turn."""
    return [Key("random", size, number, seed) for number in range(count) for size in sizes]


def hack_keys(blueprint: type[Blueprint], count: int, seed: int) -> list[Key]:
    """`count` of each wrong idea, ideas in turn; two of those whose inputs are large."""
    large = {idea for idea in blueprint.wrong if len(Key("hack", idea, 0, seed).make(blueprint)) > LARGE}
    keys = [Key("hack", idea, number, seed) for number in range(count) for idea in blueprint.wrong]
    return [key for key in keys if key.number < 2 or key.detail not in large]


def agreement(blueprint: type[Blueprint], wanted: int, seed: int) -> list[Made]:
    """Different inputs within the reach of the brute force: small ones, then random ones, `wanted` or as many as are.

    Half of them at least are random, if there are so many.
    """
    smalls = list(make(blueprint, small_keys(blueprint)))
    if len(smalls) > wanted // 2:  # from end to end, evenly
        smalls = [smalls[i * len(smalls) // (wanted // 2)] for i in range(wanted // 2)]
    seen = {made.text for made in smalls}
    tries = random_keys(range(1, REACH + 1), wanted, seed)
    fresh = list(islice(make(blueprint, tries, seen), wanted - len(smalls)))
    if len(fresh) + len(smalls) < wanted:
        fresh += make(blueprint, small_keys(blueprint), seen)
    return [*smalls, *fresh][:wanted]


def candidates(blueprint: type[Blueprint], seed: int) -> list[Made]:
    """The inputs of which tests are chosen, the shortest first."""
    smalls = small_keys(blueprint)
    keys = (
        smalls if len(smalls) <= 100 else smalls[:20] + [smalls[20 + i * (len(smalls) - 20) // 80] for i in range(80)]
    )
    keys += random_keys((1, 2, 3), 20, seed) + random_keys((4, 5, 6, 7), 8, seed) + hack_keys(blueprint, 6, seed)
    keys += random_keys(range(8, SIZES.stop), 2, seed) + worst_keys(blueprint, seed)
    made = make(blueprint, keys, set(blueprint.samples))
    return sorted(made, key=lambda one: len(one.text))


def reserve(blueprint: type[Blueprint], seed: int, but: Iterable[str]) -> list[Made]:
    """Fresh inputs for audits, none of them large, none of `but`."""
    keys = random_keys((1, 2, 3), 25, seed) + random_keys((4, 5, 6), 8, seed) + hack_keys(blueprint, 4, seed)
    return [made for made in make(blueprint, keys, set(but)) if not made.large]
