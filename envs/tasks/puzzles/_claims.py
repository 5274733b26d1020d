"""What knights and knaves say."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from string import ascii_uppercase
from typing import Any

from whetstone.envs.core import Rng

Claim = tuple[Any, ...]  # ("knight", i), ("not", claim) or a connective with two claims
CONNECTIVES = {"and": "{} and {}", "or": "{} or {}", "implies": "if {} then {}", "iff": "{} if and only if {}"}


def random_claim(numbers: Iterator[int], people: int, depth: int) -> Claim:
    """A claim about who is a knight, of connectives nested at most so deep."""
    kind = next(numbers) % 6
    if kind < 4 and depth > 1:
        return (list(CONNECTIVES)[kind], *(random_claim(numbers, people, depth - 1) for _ in range(2)))
    first = next(numbers) % people
    second = (first + 1 + next(numbers) % (people - 1)) % people
    one, two = (("not", ("knight", i)) if next(numbers) % 3 == 0 else ("knight", i) for i in (first, second))
    return (list(CONNECTIVES)[kind], one, two) if kind < 4 else one


def told(claim: Claim) -> str:
    """A claim in words."""
    match claim:
        case ("knight", i):
            return f"{ascii_uppercase[i]} is a knight"
        case ("not", ("knight", i)):
            return f"{ascii_uppercase[i]} is a knave"
        case ("not", other):
            return f"it is false that {told(other)}"
        case (connective, a, b):
            return f"({CONNECTIVES[connective].format(told(a), told(b))})"
    raise AssertionError(claim)


def holds(claim: Claim, knights: Sequence[int], every: int) -> int:
    """Where a claim holds: a bit for each world, as `knights` has for each person and `every` for all worlds."""
    match claim:
        case ("knight", i):
            return knights[i]
        case ("not", other):
            return every ^ holds(other, knights, every)
        case ("and", a, b):
            return holds(a, knights, every) & holds(b, knights, every)
        case ("or", a, b):
            return holds(a, knights, every) | holds(b, knights, every)
        case ("implies", a, b):
            return (every ^ holds(a, knights, every)) | holds(b, knights, every)
        case ("iff", a, b):
            return every ^ holds(a, knights, every) ^ holds(b, knights, every)
    raise AssertionError(claim)


def worlds(claims: Sequence[Claim]) -> int:
    """The worlds in which just the knights' claims hold: bit w for the world w, whose bit i makes person i a knight."""
    every = (1 << (1 << len(claims))) - 1
    knights = [every ^ every // ((1 << (1 << i)) + 1) for i in range(len(claims))]
    possible = every
    for i, claim in enumerate(claims):
        possible &= every ^ knights[i] ^ holds(claim, knights, every)
    return possible


def clear_claims(rng: Rng, people: int, depth: int) -> tuple[Claim, ...]:
    """A random claim of each person, with one way for them to be knights and knaves."""
    numbers = iter(rng.integers(2**30, size=65 * people).tolist())
    knights = [next(numbers) % 2 for _ in range(people)]

    def fitting(claim: Claim, i: int) -> Claim:
        return claim if holds(claim, knights, 1) == knights[i] else ("not", claim)

    claims = [fitting(random_claim(numbers, people, depth), i) for i in range(people)]
    ways = worlds(claims).bit_count()
    for i in [*range(people)] * 3:  # other claims, where they leave fewer ways
        if ways == 1:
            return tuple(claims)
        other = [*claims[:i], fitting(random_claim(numbers, people, depth), i), *claims[i + 1 :]]
        if (fewer := worlds(other).bit_count()) < ways:
            claims, ways = other, fewer
    for i in range(people):  # such claims alone leave one way
        if ways > 1:
            claim = ("knight", i - 1) if i else ("iff", ("knight", 1), ("knight", 2))
            claims[i] = fitting(claim, i)
            ways = worlds(claims).bit_count()
    return tuple(claims)
